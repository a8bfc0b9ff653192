"""Every row of the decision table, what its two intervals may claim, and that signs reverse it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.analysis.its.decision import OFTEN_MISSED, decide, side_of

LOWER, HIGHER, UNCLEAR, NEAR_ZERO = (-9.0, -2.0), (2.0, 9.0), (-4.0, 5.0), (-0.9, 0.8)

TABLE = [
    (LOWER, LOWER, LOWER, None, "average", -1),
    (LOWER, UNCLEAR, UNCLEAR, None, "average", -1),
    (LOWER, LOWER, UNCLEAR, None, "average", -1),
    (LOWER, UNCLEAR, LOWER, None, "average", -1),
    (LOWER, LOWER, HIGHER, None, "average_reversed", -1),
    (LOWER, UNCLEAR, HIGHER, None, "average_reversed", -1),
    (LOWER, HIGHER, HIGHER, None, "average_reversed", -1),
    (LOWER, HIGHER, LOWER, None, "average_after_opposite_start", -1),
    (LOWER, HIGHER, UNCLEAR, None, "average_after_opposite_start", -1),
    (UNCLEAR, LOWER, LOWER, None, "at_once", -1),
    (UNCLEAR, LOWER, UNCLEAR, None, "at_once", -1),
    (UNCLEAR, LOWER, HIGHER, None, "at_once_reversed", -1),
    (UNCLEAR, UNCLEAR, UNCLEAR, None, "unclear", 0),
    (UNCLEAR, UNCLEAR, LOWER, None, "unclear", 0),  # a clear end alone claims nothing
    (NEAR_ZERO, UNCLEAR, UNCLEAR, 1.0, "no_important_change", 0),
    (NEAR_ZERO, UNCLEAR, HIGHER, 1.0, "no_important_change", 0),
    (NEAR_ZERO, UNCLEAR, UNCLEAR, None, "unclear", 0),
    (UNCLEAR, UNCLEAR, UNCLEAR, 1.0, "unclear", 0),
    (NEAR_ZERO, LOWER, UNCLEAR, 1.0, "at_once", -1),
    ((0.1, 0.9), UNCLEAR, UNCLEAR, 1.0, "average", 1),
]


def mirrored(interval):
    return -interval[1], -interval[0]


@pytest.mark.parametrize(("average", "level", "end", "smallest", "kind", "side"), TABLE)
def test_every_row_of_the_table_and_its_mirror_image(average, level, end, smallest, kind, side):
    found = decide(average, level, end, smallest)
    assert (found.kind, found.side) == (kind, side)
    other = decide(mirrored(average), mirrored(level), mirrored(end), smallest)
    assert (other.kind, other.side) == (kind, -side)


INTERVALS = st.tuples(st.floats(-10, 10), st.floats(-10, 10)).map(lambda pair: tuple(sorted(pair)))


@given(INTERVALS, INTERVALS, INTERVALS, st.none() | st.floats(0.1, 5))
def test_only_the_average_and_the_level_may_claim(average, level, end, smallest):
    found = decide(average, level, end, smallest)
    assert found.side == (side_of(average) or side_of(level))
    assert (found.side == 0) == (found.kind in ("no_important_change", "unclear"))


def test_an_interval_that_touches_zero_is_not_clear():
    assert side_of((0.0, 1.0)) == side_of((-1.0, 0.0)) == side_of((-1.0, 1.0)) == 0


def test_what_is_missed_is_what_a_test_of_that_width_finds_four_times_in_five():
    """Half the width is 1.96 standard errors; 80 % power needs 1.96 + 0.84 of them."""
    assert pytest.approx((1.959964 + 0.841621) / 1.959964, abs=0.001) == OFTEN_MISSED
    assert decide((-3.0, 5.0), UNCLEAR, UNCLEAR).missed == pytest.approx(4 * OFTEN_MISSED)
    drawn = np.random.default_rng(1).normal(OFTEN_MISSED * 1.959964, 1, 200_000)
    assert (np.abs(drawn) > 1.959964).mean() == pytest.approx(0.8, abs=0.005)
