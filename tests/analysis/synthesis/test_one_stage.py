"""The one-stage mixed model: known truth, textbook standard errors, trouble said, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

import qieval as qi
from qieval.analysis.synthesis import one_stage, pool
from qieval.core.estimates import ESTIMATE_COLUMNS

pytestmark = pytest.mark.numeric


def panel(units=8, n=36, level=-4.0, spread=2.0, sd=1.0, seed=1) -> pd.DataFrame:
    """Wards of different size with a level change that differs from ward to ward."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    wards = []
    for unit in range(units):
        change = level + spread * rng.normal()
        beds = 50 + 10 * rng.normal() + 0.1 * t + change * (t >= n // 2) + sd * rng.normal(size=n)
        period = pd.date_range("2018-01-01", periods=n, freq="MS")
        wards.append(pd.DataFrame({"ward": f"Ward {unit}", "period": period, "beds": beds}))
    return pd.concat(wards, ignore_index=True)


def fit(table, **more):
    asked = {"unit": "ward", "value": "beds", "intervention": "2019-07-01", **more}
    return one_stage(table, **asked)


def status(result, name="convergence"):
    return result.checks.set_index("id").loc[name, "status"]


def test_recovers_the_average_change_and_its_spread():
    result = fit(panel(units=60, seed=3))
    e = result.estimates
    assert list(e.columns) == ESTIMATE_COLUMNS
    assert e.loc["level_change", "ci_low"] <= -4 <= e.loc["level_change", "ci_high"]
    assert e.loc["level_change_sd", "estimate"] == pytest.approx(2, rel=0.3)
    assert e.loc["trend", "estimate"] == pytest.approx(0.1, abs=0.02)
    assert e.loc["slope_change", "estimate"] == pytest.approx(0, abs=0.03)
    assert result.units == 60
    assert status(result) == "pass"
    assert "no autocorrelation" in result.checks["detail"].iloc[-1]


def test_standard_errors_are_those_of_statsmodels_where_those_exist():
    table = panel()
    t = np.tile(np.arange(36) - 18, 8)
    x = pd.DataFrame(
        {"one": 1.0, "t": t / 35, "post": (t >= 0) * 1.0, "ramp": np.maximum(t, 0) / 35}
    )
    scale = table["beds"].std()
    y = (table["beds"] - table["beds"].mean()) / scale
    other = MixedLM(y, x, groups=table["ward"], exog_re=x[["one", "post"]]).fit()
    found = fit(table).estimates
    assert found.loc["level_change", "estimate"] == pytest.approx(other.fe_params["post"] * scale)
    assert found.loc["level_change", "se"] == pytest.approx(other.bse_fe["post"] * scale, rel=1e-3)
    assert found.loc["level_change", "df"] == 7


def test_agrees_with_the_two_stage_average_and_says_so():
    table = panel(units=10, seed=5)
    t = np.arange(36) - 18
    x = np.column_stack([np.ones(36), t, t >= 0, np.maximum(t, 0)])
    rows = {}
    for ward, part in table.groupby("ward"):
        beta, rss, *_ = np.linalg.lstsq(x, part["beds"], rcond=None)
        rows[ward] = (beta[2], np.sqrt(rss[0] / 32 * np.linalg.inv(x.T @ x)[2, 2]))
    estimates = pd.DataFrame(rows, index=["estimate", "se"]).T
    pooled = pool(estimates, team="ward")
    one = fit(table)
    assert one.estimates.loc["level_change", "estimate"] == pytest.approx(
        pooled.estimates.loc["pooled", "estimate"], abs=0.6
    )
    assert one.estimates["p_value"].isna().all()  # a sensitivity row claims nothing
    words, caption = one.beside(pooled)
    assert words["Wards"].tolist() == [10, 10]
    assert caption.startswith("The two roads agree")
    far = pool(estimates.assign(estimate=estimates["estimate"] + 20), team="ward")
    assert one.beside(far)[1].startswith("The two roads disagree")


def test_each_unit_may_have_its_own_date():
    table = panel(units=6, spread=0.5, seed=2)
    dates = {f"Ward {unit}": "2019-07-01" for unit in range(6)}
    same = fit(table, intervention=dates).estimates
    pd.testing.assert_frame_equal(same, fit(table).estimates)
    shifted = table.copy()
    late = shifted["ward"] == "Ward 0"
    shifted.loc[late, "period"] += pd.DateOffset(months=5)
    found = fit(shifted, intervention={**dates, "Ward 0": "2019-12-01"}).estimates
    assert found.loc["level_change", "estimate"] == pytest.approx(
        same.loc["level_change", "estimate"]
    )


def test_a_denominator_divides():
    table = panel()
    table["days"] = table["period"].dt.days_in_month
    rates = table.assign(beds=table["beds"] * table["days"])
    found = fit(rates, denominator="days").estimates
    assert found.loc["level_change", "estimate"] == pytest.approx(
        fit(table).estimates.loc["level_change", "estimate"], rel=1e-4
    )


def test_a_fit_at_the_edge_is_said_and_keeps_its_interval():
    result = fit(panel(spread=0, seed=1))
    assert status(result) == "warn"
    assert "next to nothing" in result.checks["detail"].iloc[0]
    row = result.estimates.loc["level_change"]
    assert row["ci_low"] < -4 < row["ci_high"]


def test_units_with_too_few_points_are_left_out_and_named():
    table = panel()
    short = table[(table["ward"] != "Ward 2") | (table["period"] < "2019-09-01")]
    result = fit(short)
    assert result.units == 7
    assert "`Ward 2`" in result.checks.set_index("id").loc["all_units", "detail"]


@pytest.mark.parametrize(
    ("table", "more", "error", "says"),
    [
        (panel(units=2), {}, qi.CannotEvaluate, "at least 3 units"),
        (panel(), {"intervention": "2030-01-01"}, qi.CannotEvaluate, "0 of 8 units"),
        (panel(), {"intervention": "01/07/2019"}, qi.ParameterError, "not a date"),
        (panel(), {"intervention": {"Ward 0": "2019-07-01"}}, qi.DataError, "`Ward 1`"),
        (panel(), {"value": "bed"}, qi.DataError, "Did you mean `beds`?"),
        (panel(), {"confidence": 1.0}, qi.ParameterError, "Use 0.95"),
        (panel().assign(beds=3.0), {}, qi.CannotEvaluate, "Every value is the same"),
        (panel(sd=0.0), {}, qi.CannotEvaluate, "exactly on straight lines"),
        (panel().assign(beds=np.inf), {}, qi.DataError, "infinite values"),
        (panel().assign(days=0), {"denominator": "days"}, qi.DataError, "above zero"),
        (pd.concat([panel(), panel().head(1)]), {}, qi.DataError, "units `Ward 0`"),
        (panel().assign(ward=None), {}, qi.DataError, "does not name a unit"),
        (panel().assign(period="soon"), {}, qi.DataError, "does not hold dates"),
    ],
)
def test_bad_input_is_refused_with_a_reason(table, more, error, says):
    with pytest.raises(error) as caught:
        fit(table, **more)
    assert says in str(caught.value)
