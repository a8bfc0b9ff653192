"""Shares and their differences against the tables of Newcombe 1998."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qieval.core.proportions import difference, difference_p, wilson

# Newcombe 1998, Stat Med 17:857, table I, method 3 (Wilson's score interval).
PUBLISHED_SHARES = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("top", "of", "low", "high"), PUBLISHED_SHARES)
def test_wilson_as_published(top, of, low, high):
    found = wilson(top, of, 0.95)
    assert found.value == pytest.approx(top / of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


# Newcombe 1998, Stat Med 17:873, table II, method 10: (first, second, low, high), first - second.
PUBLISHED_DIFFERENCES = [((56, 70), (48, 80), 0.0524, 0.3339)]


@pytest.mark.parametrize(("first", "second", "low", "high"), PUBLISHED_DIFFERENCES)
def test_newcombe_as_published(first, second, low, high):
    found = difference(second, first, 0.95)
    assert found.value == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    turned = difference(first, second, 0.95)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


@settings(max_examples=60, deadline=None)
@given(
    counts=st.tuples(*[st.integers(0, 40)] * 4).filter(lambda c: min(c[0] + c[1], c[2] + c[3]) > 0),
    confidence=st.sampled_from([0.8, 0.9, 0.95, 0.99]),
)
def test_a_p_value_and_the_interval_of_a_difference_never_disagree(counts, confidence):
    met, missed, met_after, missed_after = counts
    before, after = (met, met + missed), (met_after, met_after + missed_after)
    ends, p_value = difference(before, after, confidence), difference_p(before, after)
    assert 0 <= p_value <= 1
    if abs(p_value - (1 - confidence)) > 1e-9:
        assert (p_value < 1 - confidence) == (ends.low > 0 or ends.high < 0)
    assert difference_p(after, before) == pytest.approx(p_value, abs=1e-9)


def test_nothing_of_nothing_is_not_known():
    assert np.isnan(wilson(0, 0, 0.95)).all()


def test_none_and_all_reach_the_ends():
    assert wilson(0, 7, 0.95).low == 0
    assert wilson(7, 7, 0.95).high == 1
