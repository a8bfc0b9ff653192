"""Published figures, an independent program, textbook matrices, coverage and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize_scalar
from statsmodels.stats.meta_analysis import combine_effects

from qieval.analysis.synthesis.methods.random_effects import (
    average,
    common_effect,
    heterogeneity,
    tau2_of,
)
from tests.analysis.synthesis.published import bcg, clasp

pytestmark = pytest.mark.numeric


def arrays(table):
    return table["estimate"].to_numpy(), table["se"].to_numpy() ** 2


# ---- published figures -------------------------------------------------------------------------


def test_the_bcg_trials_by_reml_are_as_in_metafor():
    """README of wviechtb/metafor: rma(yi, vi, test="knha"); z test: vignettes that print it."""
    y, v = arrays(bcg())
    assert y[:3] == pytest.approx([-0.8893, -1.5854, -1.3481], abs=5e-5)
    assert v[:3] == pytest.approx([0.3256, 0.1946, 0.4154], abs=5e-5)
    knapp = average(y, v, "reml", "hartung_knapp", 0.95)
    assert knapp.tau2 == pytest.approx(0.3132, abs=5e-5)
    assert np.sqrt(knapp.tau2) == pytest.approx(0.5597, abs=5e-5)
    assert [knapp.mean, knapp.se] == pytest.approx([-0.7145, 0.1808], abs=5e-5)
    assert [knapp.ci_low, knapp.ci_high] == pytest.approx([-1.1084, -0.3206], abs=6e-5)
    assert knapp.mean / knapp.se == pytest.approx(-3.9522, abs=5e-5)
    assert knapp.p_value == pytest.approx(0.0019, abs=5e-5)
    assert knapp.df == 12
    wald = average(y, v, "reml", "wald", 0.95)
    assert [wald.mean, wald.se] == pytest.approx([-0.7145, 0.1798], abs=5e-5)
    assert [wald.ci_low, wald.ci_high] == pytest.approx([-1.0669, -0.3622], abs=5e-5)


def test_the_differences_between_the_bcg_trials_are_as_in_metafor():
    """README (Q, I² by REML) and test_misc_confint.r (Q-profile, I² by DerSimonian-Laird)."""
    y, v = arrays(bcg())
    found = heterogeneity(y, v, 0.95)
    assert found.q == pytest.approx(152.2330, abs=5e-5)
    assert found.q_p_value < 0.0001
    assert found.i2(tau2_of(y, v, "reml")) == pytest.approx(0.9222, abs=5e-5)
    assert found.i2(tau2_of(y, v, "dl")) == pytest.approx(0.921173, abs=5e-7)
    assert [found.tau2_low, found.tau2_high] == pytest.approx([0.1197, 1.1115], abs=5e-5)
    assert found.i2(found.tau2_low) == pytest.approx(0.819177, abs=5e-5)
    assert found.i2(found.tau2_high) == pytest.approx(0.976781, abs=5e-7)


def test_the_bcg_trials_by_other_methods_are_as_in_metafor():
    """test_misc_metan_vs_rma.uni_with_dat.bcg.r, where Stata's metan agrees."""
    y, v = arrays(bcg())
    dl = average(y, v, "dl", "wald", 0.95)
    assert dl.tau2 == pytest.approx(0.3088, abs=5e-5)
    assert [dl.mean, dl.ci_low, dl.ci_high] == pytest.approx([-0.7141, -1.0644, -0.3638], abs=5e-5)
    assert dl.mean / dl.se == pytest.approx(-3.9952, abs=5e-5)
    common = common_effect(y, v, 0.95)
    assert [common.mean, common.ci_low, common.ci_high] == pytest.approx(
        [-0.4303, -0.5097, -0.3509], abs=5e-5
    )


def test_prediction_is_that_of_the_formula_and_of_metafor_with_its_degrees_of_freedom():
    """metafor's README prints exp(0.14 to 1.76) with t(k - 1); ours is the same with t(k - 2)."""
    y, v = arrays(bcg())
    found = average(y, v, "reml", "hartung_knapp", 0.95)
    theirs = found.mean + stats.t.ppf([0.025, 0.975], 12) * found.prediction_se
    assert np.exp(theirs) == pytest.approx([0.14, 1.76], abs=0.005)
    spread = np.sqrt(found.tau2 + found.se**2)
    assert found.prediction == pytest.approx(
        tuple(found.mean + stats.t.ppf([0.025, 0.975], 11) * spread)
    )


@pytest.mark.parametrize(
    ("method", "tau", "mean", "se"),
    [
        ("pm", 0.3681, -0.3811, 0.2060),
        ("dl", 0.2323, -0.3240, 0.1540),
        ("reml", 0.1843, -0.2980, 0.1343),
    ],
)
def test_the_aspirin_trials_are_as_dersimonian_and_kacker_print_them(method, tau, mean, se):
    """Tables 3 and 4 of DerSimonian and Kacker 2007, to metafor's four decimals."""
    found = average(*arrays(clasp()), method, "wald", 0.95)
    assert [np.sqrt(found.tau2), found.mean, found.se] == pytest.approx([tau, mean, se], abs=6e-5)


# ---- independent programs ----------------------------------------------------------------------


def generalised_q(tau2, y, v):
    w = 1 / (v + tau2)
    return w @ (y - w @ y / w.sum()) ** 2


@pytest.mark.parametrize("seed", range(5))
def test_paule_and_mandel_solve_their_equation(seed):
    """Generalised Q at tau² is k - 1, or less than that already at 0."""
    y, v = teams(9, 1.2, seed)
    tau2 = tau2_of(y, v, "pm")
    q = generalised_q(tau2, y, v)
    assert q == pytest.approx(8, rel=1e-9) if tau2 > 0 else q <= 8


@pytest.mark.parametrize(("ours", "theirs"), [("dl", "dl"), ("pm", "iterated")])
def test_agrees_with_statsmodels(ours, theirs):
    """Where it converges: its iteration gives up with tau² = 0 when the last bit of a number
    carries a step past the solution, which depends on the processor."""
    converged = 0
    for seed in range(6):
        y, v = teams(9, 1.2, seed)
        other = combine_effects(y, v, method_re=theirs, use_t=True, atol=1e-8)
        if theirs == "iterated" and abs(generalised_q(other.tau2, y, v) - 8) > 1e-6:
            continue
        converged += 1
        found = average(y, v, ours, "wald", 0.95)
        assert found.tau2 == pytest.approx(other.tau2, rel=1e-6)
        assert [found.mean, found.se] == pytest.approx([other.mean_effect_re, other.sd_eff_w_re])
        assert found.weights == pytest.approx(other.weights_re / other.weights_re.sum())
        assert heterogeneity(y, v, 0.95).q == pytest.approx(other.q)
        knapp = average(y, v, ours, "hartung_knapp", 0.95)
        low, high = other.conf_int(use_t=True)[3]
        if not knapp.floored:  # statsmodels has no floor
            assert [knapp.ci_low, knapp.ci_high] == pytest.approx([low, high], rel=1e-6)
    assert converged >= 3


@pytest.mark.parametrize("seed", range(6))
def test_reml_is_the_maximum_of_the_likelihood_with_whole_matrices(seed):
    y, v = teams(7, [0.0, 0.4, 2.0][seed % 3], seed)
    ones = np.ones((7, 1))

    def minus_likelihood(tau2):
        inverse = np.linalg.inv(np.diag(v + tau2))
        information = ones.T @ inverse @ ones
        beta = np.linalg.solve(information, ones.T @ inverse @ y)
        rest = y - ones @ beta
        return 0.5 * (
            np.linalg.slogdet(np.diag(v + tau2))[1]
            + np.linalg.slogdet(information)[1]
            + rest @ inverse @ rest
        )

    best = minimize_scalar(
        minus_likelihood, bounds=(0, 50), method="bounded", options={"xatol": 1e-10}
    )
    found = tau2_of(y, v, "reml")
    assert minus_likelihood(found) <= best.fun + 1e-10
    assert found == pytest.approx(best.x, abs=1e-4)


@pytest.mark.parametrize(
    ("y", "v", "where"),
    [
        ([0, 0.05, 0.1, 10], [1e-3, 1e-3, 1e-3, 4], "high"),
        ([0, 0.02, 6, 6.5], [1e-4, 1e-4, 0.5, 0.5], "high"),
        ([0, 0.001, 5, 6, -5, 4], [1e-6, 1e-6, 9, 9, 9, 9], "zero"),
    ],
)
def test_reml_finds_the_higher_of_two_peaks(y, v, where):
    """Precise teams that agree, far from others: a start from one side would stop at the lower."""
    y, v = np.array(y, dtype=float), np.array(v, dtype=float)
    grid = np.concatenate([[0], np.geomspace(1e-8, 1e3, 4000)])
    w = 1 / (v + grid[:, None])
    mean = (w @ y) / w.sum(1)
    values = np.log(w).sum(1) - np.log(w.sum(1)) - (w * (y - mean[:, None]) ** 2).sum(1)
    rises = np.diff(values) > 0
    peaks = int((rises[:-1] & ~rises[1:]).sum()) + int(not rises[0])
    assert peaks == 2
    found = tau2_of(y, v, "reml")
    assert found == pytest.approx(grid[np.argmax(values)], rel=0.01, abs=1e-9)
    assert (found > 1) == (where == "high")


# ---- recovery ----------------------------------------------------------------------------------


def teams(k, tau, seed, truth=1.0):
    rng = np.random.default_rng(seed)
    se = rng.uniform(0.5, 1.5, k)
    return truth + tau * rng.normal(size=k) + se * rng.normal(size=k), se**2


@pytest.mark.slow
@pytest.mark.parametrize(("k", "tau"), [(5, 1.0), (7, 0.7), (10, 2.0)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(k, tau):
    """300 programmes, 95 %: Hartung-Knapp and Q-profile between 91 % and 99.7 %; Wald does not."""
    hits = {"knapp": 0, "wald": 0, "profile": 0}
    for seed in range(300):
        y, v = teams(k, tau, seed)
        knapp = average(y, v, "reml", "hartung_knapp", 0.95)
        wald = average(y, v, "reml", "wald", 0.95)
        found = heterogeneity(y, v, 0.95)
        hits["knapp"] += knapp.ci_low <= 1 <= knapp.ci_high
        hits["wald"] += wald.ci_low <= 1 <= wald.ci_high
        hits["profile"] += found.tau2_low <= tau**2 <= found.tau2_high
    assert 273 <= hits["knapp"] <= 299, hits
    assert 273 <= hits["profile"] <= 299, hits
    assert hits["wald"] < hits["knapp"], hits


@pytest.mark.parametrize("method", ["reml", "dl", "pm"])
def test_many_teams_give_the_truth(method):
    y, v = teams(4000, 1.5, 1, truth=-3.0)
    found = average(y, v, method, "hartung_knapp", 0.95)
    assert found.mean == pytest.approx(-3, abs=0.1)
    assert found.tau2 == pytest.approx(2.25, rel=0.1)


# ---- properties --------------------------------------------------------------------------------

METHOD = st.sampled_from(["reml", "dl", "pm"])
TEAMS = st.lists(
    st.tuples(st.floats(-50, 50), st.floats(0.05, 20)), min_size=3, max_size=12, unique=True
)


def split(rows):
    y, se = np.array(rows, dtype=float).T
    return y, se**2


@given(TEAMS, METHOD, st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.randoms())
def test_order_origin_and_unit_do_not_matter(rows, method, shift, scale, order):
    y, v = split(rows)
    found = average(y, v, method, "hartung_knapp", 0.95)
    places = list(range(len(y)))
    order.shuffle(places)
    moved = average(shift + scale * y[places], scale**2 * v[places], method, "hartung_knapp", 0.95)
    width = scale * (found.ci_high - found.ci_low)
    assert moved.tau2 == pytest.approx(scale**2 * found.tau2, rel=1e-5, abs=1e-6 * width**2)
    for name in ("mean", "ci_low", "ci_high"):
        expected = shift + scale * getattr(found, name)
        assert getattr(moved, name) == pytest.approx(expected, rel=1e-6, abs=1e-6 * width)
    assert moved.weights == pytest.approx(found.weights[places], rel=1e-5)


@given(TEAMS, METHOD)
def test_hartung_knapp_is_never_narrower_than_wald(rows, method):
    y, v = split(rows)
    knapp = average(y, v, method, "hartung_knapp", 0.95)
    wald = average(y, v, method, "wald", 0.95)
    assert knapp.mean == wald.mean
    assert knapp.se >= wald.se
    assert knapp.ci_low < wald.ci_low
    assert knapp.ci_high > wald.ci_high


@given(TEAMS, METHOD)
def test_the_average_lies_among_the_teams_and_a_new_one_is_less_sure(rows, method):
    y, v = split(rows)
    found = average(y, v, method, "hartung_knapp", 0.95)
    assert found.tau2 >= 0
    assert y.min() - 1e-9 <= found.mean <= y.max() + 1e-9
    assert found.weights.sum() == pytest.approx(1)
    assert found.prediction[0] < found.ci_low < found.ci_high < found.prediction[1]


@given(st.floats(-50, 50), st.lists(st.floats(0.05, 20), min_size=2, max_size=12), METHOD)
def test_teams_that_agree_give_the_common_effect(value, errors, method):
    y, v = np.full(len(errors), value), np.array(errors) ** 2
    found, common = average(y, v, method, "wald", 0.95), common_effect(y, v, 0.95)
    assert found.tau2 == 0
    assert [found.mean, found.se] == pytest.approx([common.mean, common.se])
    knapp = average(y, v, method, "hartung_knapp", 0.95)
    assert knapp.floored
    assert knapp.se == pytest.approx(common.se)


@given(TEAMS)
def test_the_profile_interval_holds_what_q_says(rows):
    y, v = split(rows)
    found = heterogeneity(y, v, 0.95)
    assert 0 <= found.tau2_low <= found.tau2_high
    assert (found.tau2_low > 0) == (found.q > stats.chi2.ppf(0.975, len(y) - 1))
    wider = heterogeneity(y, v, 0.99)
    assert wider.tau2_low <= found.tau2_low
    assert wider.tau2_high >= found.tau2_high


def test_two_teams_have_an_average_and_no_prediction():
    found = average(np.array([1.0, 2.0]), np.array([1.0, 1.0]), "reml", "hartung_knapp", 0.95)
    assert found.prediction is None
    assert found.df == 1
    assert found.ci_high - found.ci_low == pytest.approx(2 * stats.t.ppf(0.975, 1) * np.sqrt(0.5))
