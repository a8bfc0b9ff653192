"""Weighted kappa against published figures; disagreements by cycle and feature."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.pdsa_review.methods.agreement import weighted_kappa
from qieval.core.checks import check_of
from tests.analysis.pdsa_review.logs import cycle, log, ramp


def scores(table):
    """Two lists of scores from a table of counts, one reviewer in rows, one in columns."""
    first, second = [], []
    for row, counts in enumerate(table):
        for column, count in enumerate(counts):
            first += [str(row)] * count
            second += [str(column)] * count
    return first, second


# SAS/STAT user's guide, PROC FREQ, "Agreement Study": two dermatologists, 88 patients. Weighted
# kappa (Cicchetti-Allison, that is linear): 0.5082, standard error 0.0655, 0.3798 to 0.6366.
DERMATOLOGISTS = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]
# Stata base reference manual, kap: two radiologists, 85 xeromammograms (Boyd et al. 1982), with
# wgt(w2), that is quadratic: kappa 0.6714.
RADIOLOGISTS = [[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]]
# SAS output for a table of three levels (statsmodels' own test): weighted kappa 0.4701, standard
# error 0.1457, 0.1845 to 0.7558.
THREE_LEVELS = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]


@pytest.mark.parametrize(
    ("table", "weights", "expected"),
    [
        (DERMATOLOGISTS, "linear", (0.5082, 0.0655, 0.3798, 0.6366)),
        (THREE_LEVELS, "linear", (0.4701, 0.1457, 0.1845, 0.7558)),
    ],
)
def test_kappa_with_its_interval_is_the_published_one(table, weights, expected):
    levels = [str(level) for level in range(len(table))]
    found = weighted_kappa(*scores(table), levels, weights, 0.95)
    assert found[:4] == pytest.approx(expected, abs=5e-5)
    assert found.n == np.sum(table)


def test_quadratic_weights_are_the_published_ones():
    levels = ["0", "1", "2", "3"]
    found = weighted_kappa(*scores(RADIOLOGISTS), levels, "quadratic", 0.95)
    assert found.value == pytest.approx(0.6714, abs=5e-5)


def test_the_review_gives_the_published_kappa():
    """The same 18 pairs as a log of cycles, through `qi.pdsa_review`."""
    rows = [
        cycle(f"{at:02d}", started=f"2018-01-{at:02d}", reviewer=who, documentation=score)
        for at, pair in enumerate(zip(*scores(THREE_LEVELS), strict=True), start=1)
        for who, score in zip("AB", pair, strict=True)
    ]
    found = qi.pdsa_review(log(*rows)).term("kappa_linear")
    assert (found.value, found.low, found.high, found.n) == pytest.approx(
        (0.4701, 0.1845, 0.7558, sum(map(sum, THREE_LEVELS))), abs=5e-5
    )


# Fleiss and Cohen 1973: quadratic kappa is the intraclass correlation; with n as divisor that is
# Lin's concordance, 2 cov / (var + var + (difference of means) squared).
PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=30)


@given(PAIRS)
def test_quadratic_kappa_is_the_concordance_of_the_scores(pairs):
    x, y = np.array(pairs).T
    below = x.var() + y.var() + (x.mean() - y.mean()) ** 2
    assume(below > 0)
    expected = 2 * np.mean((x - x.mean()) * (y - y.mean())) / below
    texts = [list(map(str, side)) for side in (x, y)]
    found = weighted_kappa(*texts, ["0", "1", "2"], "quadratic", 0.95)
    assert found.value == pytest.approx(expected, abs=1e-9)


@given(PAIRS, st.sampled_from(["linear", "quadratic"]))
def test_who_is_first_makes_no_difference(pairs, weights):
    x, y = [list(map(str, side)) for side in zip(*pairs, strict=True)]
    one = weighted_kappa(x, y, ["0", "1", "2"], weights, 0.95)
    other = weighted_kappa(y, x, ["0", "1", "2"], weights, 0.95)
    assert one == pytest.approx(other, nan_ok=True, abs=1e-9)
    assert not one.low < -1
    assert not one.high > 1


def test_what_has_no_kappa_says_so():
    same = weighted_kappa(["1"] * 12, ["1"] * 12, ["0", "1", "2"], "linear", 0.95)
    assert np.isnan(same.value)
    full = weighted_kappa(["1", "2"] * 6, ["1", "2"] * 6, ["0", "1", "2"], "linear", 0.95)
    assert full.value == 1
    assert np.isnan(full.low)  # no interval of no width


def reviewed(first, second, feature="documentation"):
    """A ramp of cycles with the scores of two reviewers."""
    base = ramp(len(first))
    return pd.concat(
        [base.assign(reviewer=who, **{feature: s}) for who, s in (("A", first), ("B", second))],
        ignore_index=True,
    )


def test_disagreements_are_listed_by_cycle_and_feature():
    result = qi.pdsa_review(reviewed(["2", "1", "cannot tell"], ["2", "0", "1"]))
    assert result.disagreements.to_dict("records") == [
        {"cycle": "2", "feature": "Written down", "first": "1", "second": "0"},
        {"cycle": "3", "feature": "Written down", "first": "cannot tell", "second": "1"},
    ]
    row = result.agreement.set_index("feature").loc["documentation"]
    assert row[["pairs", "same", "one_apart", "two_apart", "untold"]].tolist() == [2, 1, 1, 0, 1]
    section = next(one for one in result.sections() if one.name == "disagreements")
    assert "2 scores" in section.words


def test_few_pairs_give_no_kappa():
    assert np.isnan(qi.pdsa_review(reviewed(["2"] * 5, ["1"] * 5)).term("kappa_linear").value)
    nine, ten = (reviewed(["2", "1"] * n, ["1", "1"] * n) for n in (4, 5))
    assert np.isnan(qi.pdsa_review(nine).term("kappa_linear").value)
    assert not np.isnan(qi.pdsa_review(ten).term("kappa_linear").value)


def test_a_blank_score_is_nobody_s_score():
    result = qi.pdsa_review(reviewed(["2", None], [None, "1"]))
    assert result.disagreements.empty
    assert "reviewers" not in [section.name for section in result.sections()]
    assert "No cycle was scored by two" in check_of(result.checks, "agreement").detail


def test_reviewers_are_never_named():
    table = reviewed(["2", "0"] * 6, ["1", "0"] * 6).replace({"reviewer": {"A": "Mrs Secretname"}})
    result = qi.pdsa_review(table)
    said = f"{result.to_dict()} {result.summary()} {result.alt_text()}"
    assert "Secretname" not in said


def test_a_third_reviewer_needs_a_choice():
    third = reviewed(["2", "1"], ["2", "0"])
    third = pd.concat([third, third[third["reviewer"] == "B"].assign(reviewer="Carol")])
    with pytest.raises(qi.ParameterError, match="3 reviewers") as caught:
        qi.pdsa_review(third)
    assert "`reviewers: [first, second]`" in str(caught.value)
    assert "Carol" not in str(caught.value)
    assert len(qi.pdsa_review(third, reviewers=["A", "Carol"]).disagreements) == 1
    with pytest.raises(qi.ParameterError, match="two reviewers whose scores"):
        qi.pdsa_review(third, reviewers=["A", "Carl"])
