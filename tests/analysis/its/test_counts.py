"""Count models against statsmodels, and what the analysis makes of counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize, stats

import qieval as qi
from qieval.analysis.its.methods import Model, Settings, fit_counts
from qieval.analysis.its.methods.families import counts_events
from qieval.core.errors import CannotEvaluate, DataError

pytestmark = pytest.mark.numeric

TERMS = np.eye(4)


def infer(fit, confidence=0.95):
    return fit.infer(fit.beta, TERMS, confidence)


def counted(seed: int = 1, spread: float = 0.0) -> Model:
    """Counts with an offset; `spread` is the NB2 alpha."""
    rng = np.random.default_rng(seed)
    times = np.arange(36.0)
    post = (times >= 18) * 1.0
    x = np.column_stack([np.ones(36), times, post, post * (times - 18)])
    days = rng.integers(28, 32, 36).astype(float)
    mean = days * np.exp(x @ [-0.5, 0.005, -0.3, 0.0])
    if spread:
        mean = mean * rng.gamma(1 / spread, spread, 36)
    return Model(times, x, rng.poisson(mean) / days, days)


def poisson_of(model):
    counts = model.y * model.denominator
    offset = np.log(model.denominator)
    return sm.GLM(counts, model.x, family=sm.families.Poisson(), offset=offset)


def test_poisson_is_that_of_statsmodels():
    model = counted()
    other = poisson_of(model).fit()
    fit = fit_counts(model, Settings(), "poisson")
    assert fit.beta == pytest.approx(other.params)
    assert fit.vcov == pytest.approx(other.cov_params())
    found = infer(fit)
    low, high = other.conf_int().T
    assert found.ci_low == pytest.approx(low)
    assert found.ci_high == pytest.approx(high)
    assert found.p_value == pytest.approx(other.pvalues)
    assert fit.method == "Poisson regression"


def test_quasi_poisson_is_that_of_statsmodels_with_t():
    """Pearson scale; t with the residual degrees of freedom, as R's quasipoisson prints."""
    model = counted(spread=0.2)
    other = poisson_of(model).fit(scale="X2")
    fit = fit_counts(model, Settings(), "quasipoisson")
    assert fit.sigma2 == pytest.approx(other.scale)
    assert fit.vcov == pytest.approx(other.cov_params(), rel=1e-4)
    found = infer(fit)
    reach = stats.t.ppf(0.975, 32) * np.asarray(other.bse)
    low, high = fit.beta - reach, fit.beta + reach
    assert found.ci_low == pytest.approx(low)
    assert found.ci_high == pytest.approx(high)
    assert "Pearson" in fit.method


def nb2_likelihood(parameters, model):
    """Log likelihood of NB2 by scipy's distribution: size 1/alpha, mean exp(x beta) days."""
    mean = model.denominator * np.exp(model.x @ parameters[:4])
    size = 1 / parameters[4]
    return stats.nbinom.logpmf(
        np.round(model.y * model.denominator), size, size / (size + mean)
    ).sum()


def test_negative_binomial_is_the_maximum_of_its_likelihood():
    """No step in any direction is uphill; covariance from a numerical second derivative."""
    model = counted(seed=3, spread=0.3)
    fit = fit_counts(model, Settings(), "negative_binomial")
    best = np.append(fit.beta, fit.sigma2)
    se = np.sqrt(np.append(np.diag(fit.vcov), (fit.sigma2 / 3) ** 2))
    steps = np.diag(1e-3 * se)
    top = nb2_likelihood(best, model)
    hessian = np.empty((5, 5))
    for i, a in enumerate(steps):
        assert nb2_likelihood(best + a, model) < top
        assert nb2_likelihood(best - a, model) < top
        for j, b in enumerate(steps):
            corners = [nb2_likelihood(best + s * a + t * b, model) * s * t
                       for s in (1, -1) for t in (1, -1)]  # fmt: skip
            hessian[i, j] = sum(corners) / (4 * a[i] * b[j])
    assert fit.sigma2 > 0.02
    assert fit.vcov == pytest.approx(np.linalg.inv(-hessian)[:4, :4], rel=0.01, abs=1e-6)
    assert infer(fit).df == pytest.approx([32] * 4)
    assert "NB2" in fit.method


@pytest.mark.filterwarnings("ignore")
def test_negative_binomial_is_that_of_statsmodels_where_it_converges():
    converged = 0
    for seed in range(8):
        model = counted(seed=seed, spread=0.3)
        fit = fit_counts(model, Settings(), "negative_binomial")
        counts, offset = model.y * model.denominator, np.log(model.denominator)
        other = sm.NegativeBinomial(counts, model.x, loglike_method="nb2", offset=offset).fit(
            start_params=[-0.5, 0.005, -0.3, 0.0, 0.3], method="bfgs", maxiter=500, disp=0
        )
        if not np.abs(other.model.score(other.params)).max() < 1e-3:
            continue
        converged += 1
        assert fit.sigma2 == pytest.approx(other.params[4], rel=1e-3)
        assert fit.beta == pytest.approx(other.params[:4], abs=1e-4)
        assert np.sqrt(np.diag(fit.vcov)) == pytest.approx(other.bse[:4], rel=5e-3)
    assert converged >= 3


def excess(model):
    """Derivative of the likelihood by alpha at 0 (Dean and Lawless 1989, J Am Stat Assoc 84:467).

    At or below 0 no NB2 fits better than the Poisson; in standard deviations under Poisson.
    """
    mean = np.asarray(poisson_of(model).fit().mu)
    counts = model.y * model.denominator
    return ((counts - mean) ** 2 - mean).sum() / np.sqrt(2 * (mean**2).sum())


def test_counts_that_vary_less_than_chance_have_no_negative_binomial():
    model = counted()
    steady = Model(model.times, model.x, np.round(30 + np.arange(36) % 2) / 30.0, np.full(36, 30.0))
    assert excess(steady) < -1
    with pytest.raises(CannotEvaluate, match="quasipoisson"):
        fit_counts(steady, Settings(), "negative_binomial")


@pytest.mark.parametrize("family", ["poisson", "quasipoisson", "negative_binomial"])
@pytest.mark.parametrize("side", [slice(0, 18), slice(18, 36)], ids=["before", "after"])
def test_a_side_without_events_has_no_likelihood_to_maximise(family, side):
    model = counted()
    y = model.y.copy()
    y[side] = 0
    with pytest.raises(CannotEvaluate, match="next to nothing to count"):
        fit_counts(Model(model.times, model.x, y, model.denominator), Settings(), family)


def test_counts_below_zero_are_refused():
    model = counted()
    below = Model(model.times, model.x, model.y - 5, model.denominator)
    with pytest.raises(DataError, match="zero or more"):
        fit_counts(below, Settings(), "poisson")


@pytest.mark.slow
def test_effects_of_counts_on_the_scale_of_the_data_by_a_parametric_bootstrap():
    """se of the cumulative effect (delta method) against 400 series drawn from the fit."""
    model = counted(seed=7)
    fit = fit_counts(model, Settings(), "poisson")
    after = model.x[:, 2] > 0
    without = model.x.copy()
    without[:, 2:] = 0

    def total(beta):
        effect = np.exp(model.x @ beta) - np.exp(without @ beta)
        return float((model.denominator * effect)[after].sum())

    days = model.denominator[after]
    fitted, expected = np.exp(model.x @ fit.beta), np.exp(without @ fit.beta)
    gradient = days @ (fitted[:, None] * model.x - expected[:, None] * without)[after]
    found = fit.infer(np.array([total(fit.beta)]), gradient[None], 0.95)
    mean = model.denominator * fit.mean(model.x)
    rng = np.random.default_rng(5)
    drawn = []
    for _ in range(400):
        counts = rng.poisson(mean)
        again = sm.GLM(
            counts, model.x, family=sm.families.Poisson(), offset=np.log(model.denominator)
        )
        drawn.append(total(np.asarray(again.fit().params)))
    assert found.se[0] == pytest.approx(np.std(drawn), rel=0.15)
    inside = (found.ci_low[0] < np.array(drawn)) & (np.array(drawn) < found.ci_high[0])
    assert 0.9 < inside.mean() < 0.99


# ---- what the analysis makes of counts ---------------------------------------------------------


def falls(mean: float, seed: int = 0, **more):
    """Forty months of Poisson counts, with days of the month, nothing happening."""
    rng = np.random.default_rng(seed)
    months = pd.date_range("2018-01-01", periods=40, freq="MS")
    counts = rng.poisson(mean, 40)
    return pd.DataFrame({"period": months, "falls": counts, "days": months.days_in_month} | more)


def its(data, **more):
    asked = {"value": "falls", "intervention": "2019-09-01"}
    return qi.interrupted_time_series(data, **asked | more)


def check_of(result, name):
    return result.checks.set_index("id").loc[name]


@pytest.mark.parametrize("mean", [4, 9, 12, 60])
@pytest.mark.parametrize("denominator", [None, "days"])
def test_events_are_fitted_as_events_however_many_there_are(mean, denominator):
    assert its(falls(mean), denominator=denominator).span.family == "events"


def test_values_that_are_no_counts_are_not_fitted_as_counts():
    data = falls(4)
    halves = data.assign(falls=data["falls"] + 0.5)
    below = data.assign(falls=data["falls"] - 8)
    assert its(halves).span.family == "gaussian"
    assert its(below).span.family == "gaussian"


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("falls", True), ("restraints", True), ("self_harm_incidents", True), ("admissions", True),
        ("Falls with harm", True), ("seclusions", True), ("y", True),
        ("bed_days", False), ("Occupied bed days", False), ("waiting_days", False),
        ("minutes", False), ("score", False), ("length of stay", False), ("cost", False),
        ("Days in seclusion", False), ("percent_seen", False),
    ],
)  # fmt: skip
def test_amounts_are_known_by_their_name(name, events):
    values = np.array([3.0, 0.0, 12.0, np.nan])
    assert counts_events(values, name) == events
    assert not counts_events(values + 0.5, name)


@pytest.mark.parametrize("mean", [1, 60])
def test_what_is_declared_decides_whatever_the_name(mean):
    data = falls(mean).rename(columns={"falls": "bed_days"})
    plain = falls(mean)
    assert its(data, value="bed_days", counts="events").span.family == "events"
    assert its(plain, counts="amount").span.family == "gaussian"
    assert "counts: amount" in check_of(its(plain), "distribution")["detail"]
    assert "counts: amount" not in check_of(its(plain, counts="events"), "distribution")["detail"]
    both = pd.concat([plain.assign(ward=ward) for ward in "ab"])
    for declared, method in [("events", "events"), ("amount", "integrated")]:
        asked = {"unit": "ward", "value": "falls", "intervention": plain["period"].iloc[18]}
        table = qi.interrupted_time_series_panel(both, counts=declared, **asked)
        assert set(table["method"]) == {method}


def test_events_less_a_control_are_no_counts():
    data = falls(12, control=falls(12, seed=5)["falls"])
    assert its(data, counts="events", control="control").span.family == "gaussian"


def test_figures_counted_from_spells_need_no_declaration():
    days = pd.date_range("2018-01-01", periods=700, freq="D")
    stays = pd.DataFrame({"person": np.arange(700), "start": days})
    stays["end"] = days + pd.to_timedelta(5 + np.arange(700) % 7, unit="D")
    table = qi.measure(stays, "spells", figures="admissions", count_to="2019-11-30").table
    for value, family in [("admissions", "events"), ("bed_days", "gaussian")]:
        found = its(table, value=value, intervention="2018-12-01")
        assert found.span.family == family


def test_events_that_cannot_be_counts_are_refused():
    data = falls(4)
    halves = data.assign(falls=data["falls"] + 0.5)
    with pytest.raises(DataError, match="cannot be counts") as error:
        its(halves, counts="events")
    assert "`falls`" in str(error.value.found)
    both = pd.concat([data.assign(ward="a"), halves.assign(ward="b")])
    table = qi.interrupted_time_series_panel(
        both, unit="ward", value="falls", intervention=data["period"].iloc[18], counts="events"
    )
    assert table.loc["b"].index.tolist() == ["not_evaluated"]
    assert "average_effect" in table.loc["a"].index


def test_a_method_asked_for_by_name_is_that_of_lines_unless_a_family_is_named_too():
    assert its(falls(20), method="reml").span.family == "gaussian"
    assert its(falls(20), method="reml", family="events").span.family == "events"


def test_the_choice_of_family_is_said():
    assert check_of(its(falls(4)), "distribution")["status"] == "info"
    told = check_of(its(falls(4), family="gaussian"), "distribution")
    assert told["status"] == "warn"
    assert "`family: events`" in told["detail"]


def test_spread_of_counts_is_pearson_over_its_degrees_of_freedom():
    data = falls(30)
    data.loc[::3, "falls"] *= 2
    result = its(data, family="poisson", season=None)
    t = np.arange(40.0)
    x = np.column_stack([np.ones(40), t, t >= 20, np.maximum(t - 20, 0)])
    other = sm.GLM(data["falls"], x, family=sm.families.Poisson()).fit()
    told = check_of(result, "dispersion")
    assert told["status"] == "fail"
    assert f"{other.pearson_chi2 / 36:.1f} times" in told["detail"]
    quasi = its(data, family="quasipoisson", season=None)
    assert check_of(quasi, "dispersion")["status"] == "pass"
    assert check_of(its(falls(30), family="poisson"), "dispersion")["status"] == "pass"


@pytest.mark.parametrize("seed", [0, 4, 5, 7, 9])
def test_counts_without_extra_spread_lose_one_row_of_the_spread_not_the_result(seed):
    """The negative binomial has no place there; it once took the whole analysis with it."""
    data = falls(1, seed)
    t = np.arange(40.0)
    x = np.column_stack([np.ones(40), t, t >= 20, np.maximum(t - 20, 0)])
    beyond = excess(Model(t, x, data["falls"].to_numpy(dtype=float), np.ones(40)))
    assert abs(beyond) > 0.1  # no case at the boundary itself
    spread = its(data, season=None).spread
    row = spread[spread["method"] == "Negative binomial"]
    assert ((row["left_out"] != "") == (beyond < 0)).all()
    assert (spread.loc[spread["headline"], "left_out"] == "").all()


def test_effects_of_counts_are_on_the_scale_of_the_data():
    result = its(falls(30), denominator="days", family="poisson", season=None)
    e, points = result.estimates, result.points
    after = points[points["period_after"] > 0]
    effect = (after["fitted"] - after["counterfactual"]) * after["denominator"]
    assert e.loc["cumulative_effect", "estimate"] == pytest.approx(effect.sum())
    assert e.loc["average_effect", "estimate"] == pytest.approx(
        effect.sum() / after["denominator"].sum()
    )
    first = after.iloc[0]
    assert first["fitted"] / first["counterfactual"] == pytest.approx(
        np.exp(e.loc["level_change", "estimate"])
    )
    assert e.loc["relative_effect", "estimate"] == pytest.approx(
        effect.sum() / (after["counterfactual"] * after["denominator"]).sum()
    )


def test_the_delta_method_is_the_numerical_derivative():
    """se of the relative effect from a numerical gradient and the full covariance."""
    result = its(falls(30), family="quasipoisson", season=None)
    t = np.arange(40.0)
    x = np.column_stack([np.ones(40), t, t >= 20, np.maximum(t - 20, 0)])
    without = x * [1, 1, 0, 0]
    terms = ["intercept", "trend", "level_change", "slope_change"]
    beta = result.estimates.loc[terms, "estimate"].to_numpy()

    def relative(b):
        expected = np.exp(without @ b)[20:].sum()
        return np.exp(x @ b)[20:].sum() / expected - 1

    gradient = optimize.approx_fprime(beta, relative, 1e-7)
    vcov = result.vcov.to_numpy()
    assert result.estimates.loc["relative_effect", "estimate"] == pytest.approx(relative(beta))
    assert result.estimates.loc["relative_effect", "se"] == pytest.approx(
        np.sqrt(gradient @ vcov @ gradient), rel=1e-4
    )


def of_falls(y, **more):
    period = pd.date_range("2018-01-01", periods=len(y), freq="MS")
    data = pd.DataFrame({"period": period, "falls": y})
    return qi.interrupted_time_series(data, value="falls", intervention=period[18], **more)


def test_one_month_typed_a_thousandfold_leaves_an_interval_that_can_be_read():
    y = np.random.default_rng(8).poisson(3, 36)
    y[20] = 100_000
    result = of_falls(y)
    assert result.finding == "unclear"
    assert "× 10^" in result.details()
    assert result.alt_text().startswith(result.headline())


def test_the_middle_value_after_is_that_while_a_temporary_change_lasted():
    result = of_falls([0] * 18 + [3] * 6 + [0] * 12, intervention_end="2020-01-01")
    assert result.finding == "described"
    assert result.medians == (0, 3)
