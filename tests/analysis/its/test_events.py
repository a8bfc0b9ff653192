"""Counts of events with memory: the penalised fit, exact ratios, effects on the log scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import qieval as qi
from qieval.analysis.its.methods import Model, Settings, fit_events
from qieval.analysis.its.methods.events import TOP_RHO, fit_few, penalised
from qieval.analysis.its.methods.integrated import nodes
from qieval.core.errors import CannotEvaluate

pytestmark = pytest.mark.numeric

AFTER = 18


def design(n: int = 36, at: int = AFTER) -> np.ndarray:
    t = np.arange(float(n))
    post = (t >= at) * 1.0
    return np.column_stack([np.ones(n), t, post, post * (t - at)])


def table(counts, start="2020-01-01", **more) -> pd.DataFrame:
    months = pd.date_range(start, periods=len(counts), freq="MS")
    return pd.DataFrame({"period": months, "falls": counts, "days": months.days_in_month} | more)


def its(counts, at=AFTER, **more):
    data = table(counts)
    day = f"{data['period'][at]:%Y-%m-%d}"
    return qi.interrupted_time_series(data, value="falls", intervention=day, **more)


# ---- the penalised fit -------------------------------------------------------------------------


def test_jeffreys_penalty_of_two_groups_adds_half_an_event_to_each():
    """Firth 1993: for a saturated model of a rate, (events + 1/2) / exposure."""
    rng = np.random.default_rng(2)
    days = rng.integers(28, 32, 24).astype(float)
    counts = np.concatenate([np.zeros(12), rng.poisson(2, 12)]).astype(float)
    x = np.column_stack([np.ones(24), np.arange(24) >= 12]).astype(float)
    beta = penalised(counts, x, np.log(days))
    before, after = 0.5 / days[:12].sum(), (counts[12:].sum() + 0.5) / days[12:].sum()
    assert beta == pytest.approx([np.log(before), np.log(after / before)])


def test_the_penalised_fit_is_the_maximum_of_the_penalised_likelihood():
    rng = np.random.default_rng(4)
    x, days = design(), rng.integers(28, 32, 36).astype(float)
    counts = rng.poisson(days / 20).astype(float)

    def value(beta):
        mean = np.exp(x @ beta + np.log(days))
        information = x.T @ (mean[:, None] * x)
        return stats.poisson.logpmf(counts, mean).sum() + np.linalg.slogdet(information)[1] / 2

    beta = penalised(counts, x, np.log(days))
    top = value(beta)
    for step in np.diag([0.02, 0.001, 0.03, 0.002]):
        assert value(beta + step) < top
        assert value(beta - step) < top


def test_large_counts_without_memory_are_those_of_poisson_regression():
    """The autocorrelation integrated out widens a little; the estimate is that of the fit."""
    rng = np.random.default_rng(6)
    x = design(60, 30)
    counts = rng.poisson(np.exp(x @ [5.0, 0.002, -0.2, 0.0])).astype(float)
    model = Model(np.arange(60.0), x, counts, np.ones(60))
    fit = fit_events(model, Settings())
    mean = np.exp(x @ penalised(counts, x, np.zeros(60)))
    se = np.sqrt(np.linalg.inv(x.T @ (mean[:, None] * x))[2, 2])
    found = fit.infer(fit.beta, np.eye(4), 0.95)
    assert found.ci_low[2] < -0.2 < found.ci_high[2]
    assert 0.9 < found.se[2] / se < 1.6


def test_the_autocorrelation_and_the_walk_end_at_nine_tenths():
    known = nodes(36, 2, TOP_RHO)
    assert known.rho.max() == TOP_RHO
    walk = known.rho == TOP_RHO
    assert known.prior[walk].sum() == pytest.approx((4.5 + 1) / 36)
    assert known.prior.sum() == pytest.approx(1)


def test_the_intervals_of_the_log_ratio_hold_the_truth_about_as_often_as_they_say():
    """200 series, mean 8, log rate AR(1) .3 with SD .35, a fall to 0.6: METHODS-2 has 93-98 %."""
    rng = np.random.default_rng(12)
    x, n = design(), 36
    hits = 0
    for _ in range(200):
        e = rng.normal(size=n)
        for t in range(1, n):
            e[t] = 0.3 * e[t - 1] + np.sqrt(1 - 0.09) * e[t]
        counts = rng.poisson(8 * np.exp(0.35 * e - 0.06) * np.where(x[:, 2] > 0, 0.6, 1.0))
        fit = fit_events(Model(np.arange(36.0), x, counts.astype(float), np.ones(n)), Settings())
        after, without = x[AFTER:], x[AFTER:] * [1, 1, 0, 0]
        a, b = fit.mean(after), fit.mean(without)
        gradient = a @ after / a.sum() - b @ without / b.sum()
        found = fit.infer(np.array([np.log(a.sum() / b.sum())]), gradient[None], 0.95)
        hits += found.ci_low[0] <= np.log(0.6) <= found.ci_high[0]
    assert 0.90 <= hits / 200 <= 0.995


def test_rates_without_limit_are_refused_in_words():
    """Divided by thousandths and by hundred thousands in turn: once a traceback further on."""
    people = 10.0 ** np.tile([-3, 5, 0, 2, -2, 4], 6)
    counts = np.array([10, 12, 9, 11] * 9)
    model = Model(np.arange(36.0), design(), counts / people, people)
    with pytest.raises(CannotEvaluate, match="rise or fall without limit"):
        fit_events(model, Settings())
    with pytest.raises(CannotEvaluate, match="could not be fitted"):
        qi.interrupted_time_series(
            table(counts, people=people),
            value="falls",
            denominator="people",
            intervention="2021-07-01",
            counts="events",
        )


# ---- effects -----------------------------------------------------------------------------------


def test_average_total_and_share_are_functions_of_one_log_ratio():
    rng = np.random.default_rng(3)
    counts = rng.poisson(np.where(np.arange(36) >= AFTER, 5, 9))
    result = its(counts, denominator="days", season=None)
    e, points = result.estimates, result.points
    after = points["period_after"] > 0
    days = points["denominator"][after]
    theta = np.log(
        (points["fitted"][after] * days).sum() / (points["counterfactual"][after] * days).sum()
    )
    seen = counts[AFTER:].sum()
    assert e.loc["relative_effect", "estimate"] == pytest.approx(np.expm1(theta))
    total = e.loc["cumulative_effect"]
    assert total["estimate"] == pytest.approx(seen * (1 - np.exp(-theta)))
    assert e.loc["average_effect", "estimate"] == pytest.approx(total["estimate"] / days.sum())
    for limit in ("ci_low", "ci_high"):
        share = e.loc["relative_effect", limit]
        assert total[limit] == pytest.approx(seen * share / (1 + share))
    assert e.loc["average_effect", "p_value"] == e.loc["relative_effect", "p_value"]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("before", "after"), [(2, 0.4), (8, 1), (0.5, 3), (30, 30)])
def test_no_share_passes_minus_100_percent_and_it_is_clear_with_the_average(before, after, seed):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(np.where(np.arange(36) >= AFTER, after, before))
    e = its(counts).estimates
    assert (e["ci_low"] < e["ci_high"]).all()
    if "relative_effect" not in e.index:
        return  # nothing at all was expected
    share, average = e.loc["relative_effect"], e.loc["average_effect"]
    assert share["ci_low"] >= -1
    for one in (share, average):
        assert one["ci_low"] <= one["estimate"] <= one["ci_high"]
    assert (share["ci_low"] > 0, share["ci_high"] < 0) == (
        average["ci_low"] > 0,
        average["ci_high"] < 0,
    )


# ---- too few events for a trend ----------------------------------------------------------------


def test_no_event_after_is_an_exact_ratio():
    """54 events before, none after in an equal time: ratio 0 to p/(1-p), p = 1 - .025^(1/54)."""
    counts = [3, 2, 4, 3, 5, 1, 3, 2, 4, 3, 2, 5, 3, 4, 2, 3, 1, 4] + [0] * 18
    e = its(counts).estimates
    share = 1 - 0.025 ** (1 / 54)
    assert e.loc["relative_effect", ["estimate", "ci_low", "ci_high"]].tolist() == pytest.approx(
        [-1, -1, share / (1 - share) - 1]
    )
    assert e.loc["average_effect", "estimate"] == pytest.approx(-3)
    assert e.loc["average_effect", "ci_high"] == pytest.approx(3 * (share / (1 - share) - 1))
    assert e.loc["cumulative_effect", "estimate"] == pytest.approx(-54)
    assert e.loc["average_effect", "p_value"] == pytest.approx(2 * 0.5**54, rel=1e-6, abs=1e-15)


def test_the_headline_says_that_there_are_too_few_events_for_a_trend():
    """METHODS-2, D.5: in the headline whatever was found, and the certainty follows."""
    clear = its([3, 2, 4, 3, 5, 1, 3, 2, 4, 3, 2, 5, 3, 4, 2, 3, 1, 4] + [0] * 18)
    unclear = its(([0] * 8 + [1]) * 4)
    assert (clear.finding, unclear.finding) == ("average", "unclear")
    for result in (clear, unclear):
        assert result.span.few_events
        assert "too few events to allow for a trend" in result.headline()
        assert result.verdict.certainty == "with reservations"


def test_no_event_before_is_an_exact_ratio_too():
    counts = [0] * 18 + [3, 2, 4, 3, 5, 1, 3, 2, 4, 3, 2, 5, 3, 4, 2, 3, 1, 4]
    result = its(counts)
    e = result.estimates
    assert result.span.few_events
    assert result.checks.set_index("id").loc["few_events", "status"] == "warn"
    assert "relative_effect" not in e.index  # a share of nothing
    assert e.loc["average_effect", "estimate"] == pytest.approx(3)
    low, high = e.loc["average_effect", ["ci_low", "ci_high"]]
    assert 0 < low < 3 <= high
    assert np.isfinite(result.points[["counterfactual_low", "counterfactual_high"]]).all(axis=None)


def test_the_exact_ratio_is_the_binomial_test_with_unequal_exposure():
    counts = np.zeros(30)
    counts[[2, 5, 8, 9, 12, 13, 14, 18, 20, 25, 26]] = 1
    x = np.column_stack([np.ones(30), np.arange(30) >= 20]).astype(float)
    days = np.where(np.arange(30) % 2, 31.0, 30.0)
    fit = fit_few(Model(np.arange(30.0), x, counts / days, days), Settings())
    found = fit.infer(np.array([0.0]), np.array([[0.0, 1.0]]), 0.95)
    exposure = np.array([days[:20].sum(), days[20:].sum()])
    test = stats.binomtest(3, 11, exposure[1] / exposure.sum())
    interval = test.proportion_ci(0.95, "exact")
    for share, limit in [(interval.low, found.ci_low), (interval.high, found.ci_high)]:
        ratio = share / (1 - share) * exposure[0] / exposure[1]
        assert np.exp(limit[0]) == pytest.approx(ratio, rel=1e-9)


def test_events_in_bunches_count_for_less():
    """The Pearson dispersion of the fuller side divides the counts."""
    even, bunched = np.zeros(36), np.zeros(36)
    even[:18] = 2
    bunched[[3, 9, 15]] = 12
    rows = [its(counts).estimates.loc["relative_effect"] for counts in (even, bunched)]
    assert rows[0]["estimate"] == rows[1]["estimate"] == -1
    assert rows[1]["ci_high"] > rows[0]["ci_high"]


def test_without_a_single_event_there_is_nothing_to_evaluate():
    with pytest.raises(CannotEvaluate):
        its([0] * 36)


def test_few_events_and_two_interventions_are_refused():
    counts = [3, 2, 4] * 4 + [0] * 12 + [2, 3] * 6
    data = table(counts)
    days = [f"{data['period'][at]:%Y-%m-%d}" for at in (12, 24)]
    with pytest.raises(CannotEvaluate, match="too few events"):
        qi.interrupted_time_series(data, value="falls", intervention=days)
