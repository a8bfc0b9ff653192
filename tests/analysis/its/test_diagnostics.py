"""What a sceptic would ask: the spread, single points, placebo dates, what is left over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import acorr_breusch_godfrey, acorr_ljungbox
from statsmodels.tsa.stattools import acf

import qieval as qi
from qieval.analysis.its.methods import diagnostics
from tests.analysis.its.simulated import ar1_errors, monthly, start


def its(data, at=24, **more):
    more.setdefault("overlapping", False)  # smooth waves look like rolling totals (test_overlap)
    return qi.interrupted_time_series(data, value="bed_days", intervention=start(at), **more)


def columns(n=48, at=24):
    t = np.arange(float(n))
    return np.column_stack([np.ones(n), t, t >= at, np.maximum(t - at, 0)])


# ---- the specification spread ------------------------------------------------------------------

METHODS = {
    "REML": "reml",
    "REML, autocorrelation integrated out": "integrated",
    "Maximum likelihood": "ml",
    "Ordinary least squares": "ols",
    "Newey-West": "newey_west",
    "Prais-Winsten": "prais_winsten",
}


def same(row, estimates):
    single = estimates.loc[row.term]
    for column in ("estimate", "ci_low", "ci_high"):
        assert getattr(row, column) == pytest.approx(single[column], rel=1e-9), (row.model, column)


def test_the_methods_of_the_spread_are_single_calls_of_those_methods():
    data = monthly(seed=2)
    spread = its(data, season=None, lags=2).spread
    rows = spread[spread["model"] == spread["model"].iloc[0]]
    assert set(rows["method"]) == set(METHODS)
    for row in rows.itertuples():
        same(row, its(data, season=None, method=METHODS[row.method], lags=2).estimates)


def test_the_models_of_the_spread_are_single_calls_of_those_models():
    """Every combination of slope, season and wash-out under the headline's method."""
    data = monthly(seed=2)
    spread = its(data, season=None).spread
    rows = spread[spread["method"] == "REML, autocorrelation integrated out"]
    seen = set()
    for row in rows.itertuples():
        level, season, wash = row.model.split(", ")
        more = {
            "slope": level == "level and slope change",
            "season": {"no season": None, "1 harmonic pair": 1}[season],
            "transition": int(wash.rsplit(" ", 1)[1]),
        }
        seen.add(tuple(more.values()))
        result = its(data, **more)
        same(row, result.estimates)
    assert len(seen) == 8


def test_count_families_of_the_spread_are_single_calls_of_those_families():
    rng = np.random.default_rng(3)
    data = monthly().assign(bed_days=rng.negative_binomial(4, 0.5, 48))
    spread = its(data, season=None, family="events").spread
    rows = spread[(spread["model"] == spread["model"].iloc[0]) & (spread["left_out"] == "")]
    lines = rows["method"] == "REML, autocorrelation integrated out"
    gaussian = its(data, season=None, horizon=[1, 24]).estimates
    assert gaussian.loc["effect_at_1", "ci_low"] == pytest.approx(rows[lines]["ci_low"].iloc[0])
    rows = rows[~lines]
    names = {
        "Counts of events with autocorrelation": "events",
        "Poisson": "poisson",
        "Quasi-Poisson": "quasipoisson",
        "Negative binomial": "negative_binomial",
    }
    assert set(rows["method"]) == set(names)
    for row in rows.itertuples():
        same(row, its(data, season=None, family=names[row.method]).estimates)


def test_the_headline_of_the_spread_is_the_estimate():
    result = its(monthly(seed=2))
    rows = result.spread[result.spread["headline"]]
    assert list(rows["term"]) == ["level_change", "average_effect"]
    for row in rows.itertuples():
        same(row, result.estimates)


def test_a_specification_that_the_data_cannot_carry_says_why():
    data = monthly(n=12, at=6)
    spread = its(data, at=6).spread
    refused = spread[spread["left_out"] != ""]
    assert refused["estimate"].isna().all()
    assert spread.loc[spread["left_out"] == "", "estimate"].notna().all()


# ---- single points -----------------------------------------------------------------------------


@pytest.mark.parametrize("gaps", [[], [5, 6, 30]])
def test_influence_is_a_refit_without_the_point_at_the_same_autocorrelation(gaps):
    data = monthly(seed=3, rho=0.5).drop(index=gaps)
    result = its(data, season=None, method="reml")
    times = np.array([i for i in range(48) if i not in gaps], dtype=float)
    x, y, rho = columns()[times.astype(int)], data["bed_days"].to_numpy(), result.rho

    def level(kept):
        k = np.linalg.inv(rho ** np.abs(times[kept][:, None] - times[kept][None, :]))
        a = x[kept].T @ k @ x[kept]
        return np.linalg.solve(a, x[kept].T @ k @ y[kept])[2]

    whole = level(np.arange(len(y)))
    assert result.estimates.loc["level_change", "estimate"] == pytest.approx(whole)
    se = result.estimates.loc["level_change", "se"]
    assert len(result.influence) == len(y)
    for place, row in enumerate(result.influence.itertuples()):
        without = level(np.delete(np.arange(len(y)), place))
        assert row.level_change_without == pytest.approx(without, rel=1e-7)
        assert row.shift_in_se == pytest.approx((without - whole) / se, rel=1e-6, abs=1e-9)


def test_influence_of_counts_is_near_a_refit():
    """One step from the fit, not the whole way: within a tenth of a standard error."""
    counts = np.random.default_rng(4).poisson(60 * np.exp(-0.3 * (np.arange(48) >= 24)))
    data = monthly().assign(bed_days=counts)
    result = its(data, season=None, family="quasipoisson")
    x, se = columns(), result.estimates.loc["level_change", "se"]
    for place in (0, 12, 23, 24, 25, 47):
        kept = np.delete(np.arange(48), place)
        other = sm.GLM(counts[kept], x[kept], family=sm.families.Poisson()).fit()
        found = result.influence["level_change_without"].iloc[place]
        assert found == pytest.approx(other.params[2], abs=0.1 * se)


def test_a_single_point_that_decides_is_named():
    data = monthly(sd=0.5, seed=6)
    data.loc[24, "bed_days"] += 15
    result = its(data, season=None)
    check = result.checks.set_index("id").loc["single_points"]
    assert check["status"] == "warn"
    assert "January 2020" in check["detail"]
    largest = result.influence["shift_in_se"].abs().idxmax()
    assert result.influence["time"].iloc[largest] == pd.Timestamp("2020-01-01")


# ---- placebo dates -----------------------------------------------------------------------------


def test_placebo_rows_are_single_calls_on_the_time_before():
    data = monthly(n=70, at=44, seed=9)
    result = its(data, at=44, season=None)
    placebo = result.placebo
    assert 2 <= len(placebo) <= 12
    assert placebo["time"].min() >= pd.Timestamp(start(8))
    assert placebo["time"].max() <= pd.Timestamp(start(36))
    for row in placebo.itertuples():
        single = qi.interrupted_time_series(
            data.iloc[:44], value="bed_days", intervention=row.time, season=None
        )
        level = single.estimates.loc["level_change"]
        assert row.level_change == pytest.approx(level["estimate"], rel=1e-9)
        assert row.ci_low == pytest.approx(level["ci_low"], rel=1e-9)
        assert row.ci_high == pytest.approx(level["ci_high"], rel=1e-9)
        assert row.clear == (row.ci_low > 0 or row.ci_high < 0)


def test_placebo_dates_stay_out_of_the_wash_out_and_the_lag():
    result = its(monthly(n=60, at=30), at=30, lag=2, transition=3, season=None)
    assert result.placebo["time"].max() <= pd.Timestamp(start(30 - 8))


def test_a_short_time_before_has_no_placebo_dates():
    assert its(monthly(n=30, at=15), at=15).placebo.empty


def test_placebo_dates_are_rarely_clear_when_nothing_happened():
    """One fifth of them in forty series: neighbouring dates share their data."""
    clear = []
    for seed in range(40):
        data = monthly(n=60, at=40, level=0, slope=0, seed=seed)
        clear += list(its(data, at=40, season=None).placebo["clear"])
    assert np.mean(clear) < 0.2


# ---- what is left over -------------------------------------------------------------------------


@pytest.mark.parametrize("lags", [1, 3, 6])
@pytest.mark.parametrize("spent", [0, 1])
def test_ljung_box_is_that_of_statsmodels(lags, spent):
    residual = ar1_errors(40, 0.3, np.random.default_rng(lags))[:, 0]
    if lags > spent:
        other = acorr_ljungbox(residual, lags=[lags], model_df=spent)
        assert diagnostics.ljung_box(residual, lags, spent) == pytest.approx(
            other["lb_pvalue"].iloc[0]
        )


@pytest.mark.parametrize("lags", [1, 2, 5])
def test_breusch_godfrey_is_that_of_statsmodels(lags):
    """The F form."""
    x = columns()
    y = x @ [50, 0.1, -5, -0.2] + ar1_errors(48, 0.4, np.random.default_rng(1))[:, 0]
    fit = sm.OLS(y, x).fit()
    *_, p = acorr_breusch_godfrey(fit, nlags=lags, result_object=False)
    assert diagnostics.breusch_godfrey(x, fit.resid, lags) == pytest.approx(p, rel=1e-8)


def test_autocorrelations_are_those_of_statsmodels():
    residual = ar1_errors(40, 0.5, np.random.default_rng(2))[:, 0]
    found = diagnostics.autocorrelations(residual, 6, 0.95)
    assert found["autocorrelation"].to_numpy() == pytest.approx(acf(residual, nlags=6)[1:])
    assert found["band"].iloc[0] == pytest.approx(1.959964 / np.sqrt(40), rel=1e-6)


def test_what_is_left_over_is_free_of_the_autocorrelation_that_the_model_allows_for():
    """The whitened residuals of the textbook: L⁻¹e with R = LL'."""
    data = monthly(rho=0.6, seed=5).drop(index=[7, 8])
    result = its(data, season=None)
    times = np.array([i for i in range(48) if i not in (7, 8)], dtype=float)
    e = result.points.set_index("time").loc[data["period"], "residual"].to_numpy()
    factor = np.linalg.cholesky(result.rho ** np.abs(times[:, None] - times[None, :]))
    white = np.linalg.solve(factor, e)
    assert result.residuals["residual"].to_numpy() == pytest.approx(white / white.std())


def test_a_pattern_that_the_model_misses_is_warned_of():
    data = monthly(n=72, at=36, sd=0.5)
    data["bed_days"] += 3 * np.sin(2 * np.pi * np.arange(72) / 6)
    name = "residual_pattern"
    missed = its(data, at=36, season=None).checks.set_index("id").loc[name, "status"]
    modelled = its(data, at=36, season=2).checks.set_index("id").loc[name, "status"]
    assert (missed, modelled) == ("warn", "pass")


def test_autocorrelation_that_a_method_ignores_is_warned_of():
    name = "autocorrelation"
    wandering = its(monthly(rho=0.8, n=60, at=30), at=30, season=None, method="ols")
    assert wandering.checks.set_index("id").loc[name, "status"] == "warn"
    allowed = its(monthly(rho=0.5, n=60, at=30), at=30, season=None)
    assert allowed.checks.set_index("id").loc[name, "status"] == "pass"


# ---- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({}, "integrated out"),
        ({"method": "reml"}, "REML with AR(1) errors, Satterthwaite degrees of freedom"),
        ({"method": "reml", "df": "kenward_roger"}, "Kenward-Roger"),
        ({"method": "reml", "df": "residual"}, "residual degrees of freedom"),
        ({"method": "reml", "df": "normal"}, "normal intervals"),
        ({"method": "ml"}, "maximum likelihood"),
        ({"method": "ols"}, "autocorrelation ignored"),
        ({"method": "newey_west"}, "1 lags"),
        ({"method": "newey_west", "lags": 4}, "4 lags"),
        ({"method": "prais_winsten"}, "Prais-Winsten, iterated"),
        ({"method": "arima", "order": [1, 0, 1]}, "ARIMA(1, 0, 1)"),
    ],
)
def test_a_result_names_its_method_and_settings(asked, named):
    result = its(monthly(), season=None, **asked)
    assert set(result.estimates["method"]) == {result.estimates["method"].iloc[0]}
    assert named in result.estimates["method"].iloc[0]
    for name, value in asked.items():
        assert result.params[name] == value
