"""Known answers: intervals and tests as published, and what statsmodels' own GEE gives."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.genmod.cov_struct import Exchangeable, Independence

from qieval.analysis.audit.methods.clusters import gee, mixed
from qieval.analysis.audit.methods.intervals import (
    Pairs,
    mcnemar_p,
    paired_difference,
    score,
    tango,
)
from qieval.core.proportions import difference, wilson

# Newcombe 1998, Stat Med 17:857, table I, method 3 (Wilson).
WILSON = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]

# Newcombe 1998, Stat Med 17:873, table II, method 10: first minus second.
TWO = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0),
    (10, 10, 0, 10, 0.6075, 1.0),
]


@pytest.mark.parametrize(("met", "n", "low", "high"), WILSON)
def test_wilson(met, n, low, high):
    found = wilson(met, n, 0.95)
    assert found.value == met / n
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("a", "n", "b", "m", "low", "high"), TWO)
def test_newcombe_independent(a, n, b, m, low, high):
    found = difference((b, m), (a, n), 0.95)
    assert found.value == pytest.approx(a / n - b / m)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


# Fagerland, Lydersen and Laake 2014, Stat Med 33:2850, table V (airway hyper-responsiveness, Bentur
# 2009), and Statistical Analysis of Contingency Tables (2017), chapter 8 (response to therapy, Cavo
# 2012; Tango and both of McNemar's tests as their R package contingencytables gives them).
AIRWAY, THERAPY = Pairs(1, 1, 7, 12), Pairs(59, 6, 16, 80)


@pytest.mark.parametrize(
    ("pairs", "low", "high", "places"),
    [(AIRWAY, 0.026, 0.517, 3), (THERAPY, 0.0054, 0.1240, 4)],
)
def test_tango_as_in_fagerland(pairs, low, high, places):
    found = tango(pairs, 0.95)
    assert (round(found.low, places), round(found.high, places)) == (low, high)


def test_the_exact_test_of_few_that_changed_widens_the_interval():
    # 6 and 16: McNemar P = 0.052479 exactly, 0.033006 asymptotically.
    assert mcnemar_p(THERAPY) == pytest.approx(0.052479, abs=5e-7)
    found = paired_difference(THERAPY, 0.95)
    assert found.low < 0
    assert found.high == pytest.approx(0.1240, abs=5e-5)
    # By hand: 5 of 5 one way; Clopper and Pearson: (1 - 0.95)/2 = p^5, so p = 0.4782 and more.
    found = paired_difference(Pairs(10, 0, 5, 25), 0.95)
    assert found.low == pytest.approx((2 * 0.025**0.2 - 1) * 5 / 40)


@settings(max_examples=200, deadline=None)
@given(
    lost=st.integers(0, 40),
    gained=st.integers(0, 40),
    others=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    confidence=st.sampled_from([0.8, 0.9, 0.95, 0.99]),
)
def test_interval_and_mcnemar_always_agree(lost, gained, others, confidence):
    pairs = Pairs(others[0], lost, gained, others[1])
    assume(pairs.n)
    found = paired_difference(pairs, confidence)
    assert -1 <= found.low <= found.value <= found.high <= 1
    clear = found.low > 0 or found.high < 0
    assert clear == (mcnemar_p(pairs) < 1 - confidence)
    turned = paired_difference(Pairs(others[1], gained, lost, others[0]), confidence)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-9)


def test_mcnemar_of_the_approval_ratings():
    # Agresti, Categorical Data Analysis (2002), section 10.1: 794, 150, 86, 570; z² = 17.36.
    pairs = Pairs(both=794, lost=150, gained=86, neither=570)
    assert mcnemar_p(pairs) == pytest.approx(3.1e-5, rel=0.01)
    assert pytest.approx(17.36, abs=0.005) == (86 - 150) ** 2 / (86 + 150)
    # The book's Wald interval is 0.021 to 0.059 lower; Tango's is close with so many.
    found = paired_difference(pairs, 0.95)
    assert (found.low, found.high) == pytest.approx((-0.0587, -0.0212), abs=3e-4)


def test_mcnemar_is_exact_with_few_who_changed():
    # 12 of 14 one way: two-sided binomial 2 · (1 + 14 + 91) / 2^14.
    assert mcnemar_p(Pairs(36, 12, 2, 0)) == pytest.approx(2 * 106 / 2**14)
    assert mcnemar_p(Pairs(0, 8, 16, 0)) != pytest.approx(mcnemar_p(Pairs(0, 8, 17, 0)), rel=0.1)
    assert mcnemar_p(Pairs(3, 0, 0, 4)) == 1.0


def test_score_is_the_ratio_of_sums_with_the_interval_of_a_cluster_sample():
    # By hand: met 5, 6, 7 of 10 each: 18/30; pulls -1, 0, 1 over 30; t with 2 df is 4.302653.
    ends, df = score(np.array([5.0, 6.0, 7.0]), np.array([10.0, 10.0, 10.0]), 0.95)
    se = np.sqrt(3 / 2 * 2) / 30
    assert ends.value == pytest.approx(0.6)
    assert ends.low == pytest.approx(0.6 - 4.302653 * se)
    assert ends.high == pytest.approx(0.6 + 4.302653 * se)
    assert df == 2


# ---- teams as clusters -------------------------------------------------------------------------


def cells(seed: int, teams: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(8, 50, (teams, 2)).astype(float)
    level = rng.normal(0, 0.7, (teams, 1)) + rng.normal(0, 0.3, (teams, 2))
    share = 1 / (1 + np.exp(-(level + np.array([-0.3, 0.5]))))
    return rng.binomial(n.astype(int), share).astype(float), n


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("working", ["independence", "exchangeable"])
def test_gee_from_counts_is_statsmodels_gee_from_records(seed, working):
    met, n = cells(seed, teams=9)
    n[0, 1] = met[0, 1] = 0  # a team of one wave only
    rows = np.array(
        [
            (team, wave, answer)
            for team in range(len(n))
            for wave in (0, 1)
            for answer, count in ((1, met[team, wave]), (0, n[team, wave] - met[team, wave]))
            for _ in range(int(count))
        ]
    )
    structure = Independence() if working == "independence" else Exchangeable()
    theirs = sm.GEE(
        rows[:, 2],
        sm.add_constant(rows[:, 1]),
        groups=rows[:, 0],
        family=sm.families.Binomial(),
        cov_struct=structure,
    ).fit(cov_type="bias_reduced", ctol=1e-10, maxiter=200)
    ours = gee(met, n, working)
    assert ours.beta == pytest.approx(np.asarray(theirs.params), abs=1e-6)
    assert ours.covariance == pytest.approx(np.asarray(theirs.cov_params()), abs=1e-6)
    if working == "exchangeable":
        assert ours.correlation == pytest.approx(structure.dep_params, abs=1e-6)
        assert abs(ours.correlation) > 0.005


def test_with_independence_the_change_is_the_one_that_is_seen():
    met, n = cells(5, teams=7)
    seen = met.sum(axis=0) / n.sum(axis=0)
    assert gee(met, n, "independence").change(0.95).ends.value == pytest.approx(seen[1] - seen[0])


@pytest.mark.parametrize("working", ["independence", "exchangeable"])
def test_where_a_model_cannot_be_had_it_says_why(working):
    met, n = cells(1, teams=6)
    assert "3 teams" in gee(met[:3], n[:3], working)
    assert gee(np.column_stack([0 * met[:, 0], met[:, 1]]), n, working) == (
        "in one wave none or all met it"
    )
    n[1:, 1] = met[1:, 1] = 0
    met[0, 1] = n[0, 1] - 1
    assert "with 1 team in a wave" in gee(met, n, working)


def test_the_mixed_model_agrees_in_sign_and_size_with_the_truth():
    rng = np.random.default_rng(4)
    n = np.full((30, 2), 60.0)
    level = rng.normal(0, 0.8, (30, 1)) + np.array([-0.5, 0.3])
    met = rng.binomial(60, 1 / (1 + np.exp(-level))).astype(float)
    assert mixed(met, n) == pytest.approx(0.8, abs=0.2)
    assert mixed(met, n) == mixed(met, n)
    assert "more than 5,000" in mixed(500 * met, 500 * n)


@pytest.mark.parametrize("teams", [4, 8, 20])
def test_the_interval_that_allows_for_teams_holds_and_the_naive_one_does_not(teams):
    rng = np.random.default_rng(11)
    spread = rng.normal(0, np.hypot(0.8, 0.6), 400_000)
    truth = np.array([(1 / (1 + np.exp(-(start + spread)))).mean() for start in (-0.3, 0.4)])
    held = {"ours": 0, "naive": 0}
    runs = 400
    for _ in range(runs):
        n = rng.integers(15, 50, (teams, 2)).astype(float)
        level = rng.normal(0, 0.8, (teams, 1)) + rng.normal(0, 0.6, (teams, 2))
        met = rng.binomial(n.astype(int), 1 / (1 + np.exp(-(level + np.array([-0.3, 0.4])))))
        fit = gee(met.astype(float), n, "independence")
        if isinstance(fit, str):
            runs -= 1
            continue
        before, after = zip(met.sum(axis=0), n.sum(axis=0), strict=True)
        for name, ends in (
            ("ours", fit.change(0.95).ends),
            ("naive", difference(before, after, 0.95)),
        ):
            held[name] += ends.low <= truth[1] - truth[0] <= ends.high
    assert held["ours"] / runs >= 0.93
    assert held["naive"] / runs <= 0.80
