"""Pareto charts: known answers, a simulated truth, what must hold for any counts, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.checks import status_of
from tests.analysis import house_rules

FALLS = {"bed": 38, "toilet": 31, "bathroom": 12, "chair": 9, "garden": 4, "Other": 14}


def events(counts: dict[str, int], blank: int = 0) -> pd.DataFrame:
    reasons: list[str | None] = [name for name, count in counts.items() for _ in range(count)]
    return pd.DataFrame({"reason": reasons + [None] * blank})


def test_shares_are_added_up_from_the_most_frequent():
    result = qi.pareto(events(FALLS, blank=5), called="falls")
    points = result.points
    assert points["reason"].tolist() == ["bed", "toilet", "bathroom", "chair", "garden", "Other"]
    assert points["so_far"].tolist() == pytest.approx(
        [38 / 108, 69 / 108, 81 / 108, 90 / 108, 94 / 108, 1]
    )
    assert points["few"].tolist() == [True, True, True, True, False, False]
    assert result.verdict.words == "4 of 6 reasons behind most"
    assert result.term("not_recorded").value == 5
    house_rules.check(result)


def test_rows_that_count_are_the_same_as_rows_that_do_not():
    counted = pd.DataFrame({"reason": FALLS.keys(), "n": FALLS.values()})
    one, other = qi.pareto(events(FALLS)), qi.pareto(counted, count="n")
    pd.testing.assert_frame_equal(one.points, other.points)


def test_the_chances_are_those_of_the_named_tests():
    """scipy's own: 10, 20, 30 against equal numbers is chi-squared 10 on 2 degrees of freedom."""
    result = qi.pareto(events({"a": 30, "b": 20, "c": 10}))
    assert result.chance_of_spread == pytest.approx(np.exp(-5))
    assert result.chance_of_first == pytest.approx(0.2026, abs=5e-5)
    assert "cannot be told apart" in result.details()


def test_reasons_that_are_all_as_frequent_have_no_few():
    rng = np.random.default_rng(4)
    false = []
    for _ in range(200):
        counts = dict(zip("abcdefgh", rng.multinomial(80, [1 / 8] * 8).tolist(), strict=True))
        false.append(qi.pareto(events(counts)).differ)
    assert np.mean(false) < 0.1
    result = qi.pareto(events(dict.fromkeys("abcdefgh", 10)))
    assert "none stands out" in result.headline()
    assert status_of(result.checks, "order") == "warn"
    house_rules.check(result)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12), st.floats(0.05, 0.95))
def test_the_few_are_as_few_as_can_be(counts, share):
    table = pd.DataFrame({"reason": [f"r{n}" for n in range(len(counts))], "n": counts})
    if not sum(counts):
        with pytest.raises(qi.CannotEvaluate):
            qi.pareto(table, count="n")
        return
    points = qi.pareto(table, count="n", share=share).points
    few = points[points["few"]]
    assert points["count"].is_monotonic_decreasing
    assert few["share"].sum() >= share - 1e-6
    assert few["share"].iloc[:-1].sum() < share
    assert points["so_far"].iloc[-1] == pytest.approx(1)


def test_what_is_no_reason_stands_last_and_is_warned_of_when_large():
    result = qi.pareto(events({"Other": 60, "bed": 30, "chair": 10}, blank=20))
    assert result.points["reason"].tolist() == ["bed", "chair", "Other"]
    assert not result.points["few"].iloc[-1]
    assert status_of(result.checks, "rest") == "warn"
    assert status_of(result.checks, "not_recorded") == "warn"


@pytest.mark.parametrize("wrong", [-1, 2.5, np.nan])
def test_a_count_that_is_no_whole_number_is_refused_by_its_row(wrong):
    table = pd.DataFrame({"reason": ["a", "b"], "n": [3, wrong]})
    with pytest.raises(qi.DataError, match=r"whole numbers of 0 or more.*\n.*rows 2"):
        qi.pareto(table, count="n")


def test_no_reason_at_all_and_shares_beyond_one_are_refused():
    with pytest.raises(qi.CannotEvaluate, match="No event has a reason"):
        qi.pareto(events({}, blank=3))
    with pytest.raises(qi.ParameterError, match="between 0 and 1"):
        qi.pareto(events(FALLS), share=80)
    with pytest.raises(qi.DataError, match="no column `cause`"):
        qi.pareto(events(FALLS), reason="cause")
