"""The decision table of METHODS-2, section B: every row, both directions."""

from __future__ import annotations

import pytest

from qieval.analysis.its.methods.decision import decide
from qieval.core.estimates import Estimate

DOWN, UP, NEITHER = (-3.0, -1.0), (1.0, 3.0), (-1.0, 1.0)


@pytest.mark.parametrize(
    ("average", "level", "end", "finding"),
    [
        (DOWN, DOWN, DOWN, "average"),
        (DOWN, NEITHER, NEITHER, "average"),
        (DOWN, DOWN, NEITHER, "average"),
        (DOWN, NEITHER, DOWN, "average"),
        (DOWN, DOWN, UP, "average_reversed"),
        (DOWN, UP, UP, "average_reversed"),
        (DOWN, UP, DOWN, "average_after_opposite_start"),
        (DOWN, UP, NEITHER, "average_after_opposite_start"),
        (NEITHER, DOWN, DOWN, "at_once"),
        (NEITHER, DOWN, NEITHER, "at_once"),
        (NEITHER, DOWN, UP, "at_once_reversed"),
        (NEITHER, NEITHER, DOWN, "unclear"),
        (NEITHER, NEITHER, NEITHER, "unclear"),
    ],
)
def test_every_row_of_the_table_in_both_directions(average, level, end, finding):
    def mirror(interval):
        return -interval[1], -interval[0]

    assert decide(average, level, end) == finding
    assert decide(mirror(average), mirror(level), mirror(end)) == finding
    named = [Estimate(0, *interval, "beds", 1) for interval in (average, level, end)]
    assert decide(*named) == finding


@pytest.mark.parametrize(
    ("smallest", "level", "finding"),
    [
        (1.5, NEITHER, "no_important_change"),
        (1.0, NEITHER, "unclear"),
        (0.5, NEITHER, "unclear"),
        (1.5, DOWN, "at_once"),
        (None, NEITHER, "unclear"),
    ],
)
def test_a_difference_is_ruled_out_only_inside_the_declared_one(smallest, level, finding):
    assert decide(NEITHER, level, NEITHER, smallest) == finding
