"""Agreement with NHSRplotthedots, the R package for NHS England's Making Data Count, as published.

Figures and flags are those of its repository (github.com/nhs-r-community/NHSRplotthedots): of its
tests and their snapshots (tests/testthat), and of the captions of its vignette on deviations from
the Excel tools. Its limits are not cut where values end; ours are, so `lower_bound` is given.
"""

from __future__ import annotations

import numpy as np
import pytest

from qieval.analysis.spc import control_chart
from tests.analysis.spc.published import monthly

VERSIONS = ["making_data_count_2021", "making_data_count_2024"]
TWENTY = [
    *(-0.560, -0.230, 1.56, 0.0705, 0.129, 1.72, 0.461, -1.27, -0.687, -0.446, 1.22, 0.360, 0.401),
    *(0.111, -0.556, 1.79, 0.498, -1.97, 0.701, -0.473),
]
"""_snaps/ptd_spc_standard.md, to the three figures that it prints."""
ALTERNATING = [1, 2, 1, 2, 10, *([1, 2] * 6), 1]
"""vignettes/deviations.Rmd."""


def chart(values, **asked):
    given = {"kind": "i", "value": "x", "overlapping": False, "lower_bound": -20.0, **asked}
    return control_chart(monthly([float(value) for value in values]), **given)


def flagged(values, flag, **asked):
    """The points (the first is 1) with a flag, on a chart with centre 0 and limits -3 and 3."""
    lines = {"centre": 0.0, "lower": -3.0, "upper": 3.0}
    points = chart(values, benchmark=lines, **asked).points
    return [int(place) + 1 for place in np.flatnonzero(points[flag])]


@pytest.mark.parametrize(
    ("fifteenth", "screened", "published"),
    [
        (-0.556, True, (0.1416238, -3.01138, 3.294627)),
        (10, True, (0.6694159, -2.383666, 3.722497)),
        (10, False, (0.6694159, -4.596625, 5.935457)),
    ],
)
def test_limits_with_and_without_screening(fifteenth, screened, published):
    """test-ptd_spc_standard.R and its snapshot."""
    values = [*TWENTY[:14], fifteenth, *TWENTY[15:]]
    result = chart(values, screen_moving_ranges=screened)
    assert result.points.loc[0, ["centre", "lower", "upper"]].tolist() == pytest.approx(
        published, abs=0.005
    )
    if fifteenth != 10:  # _snaps/ptd_spc.md: 20 points of common cause
        assert set(result.points["point_type"]) == {"common_cause"}


@pytest.mark.parametrize(
    ("screened", "upper", "lower"), [(True, 4.60, -0.72), (False, 6.95, -3.06)]
)
def test_limits_and_icons_of_the_vignette_on_deviations(screened, upper, lower):
    """Its captions; the fifth point is its only special cause, an improvement."""
    result = chart(ALTERNATING, screen_moving_ranges=screened, direction="higher")
    lines = result.points.loc[0, ["lower", "centre", "upper"]].tolist()
    assert lines == pytest.approx([lower, 1.94, upper], abs=0.005)
    kinds = result.points["point_type"].tolist()
    assert kinds == ["common_cause"] * 4 + ["improvement"] + ["common_cause"] * 13


@pytest.mark.parametrize(
    ("sides", "points"),
    [
        ([1] * 6, []),
        ([1] * 6 + [-1], []),
        ([1] * 8 + [-1], list(range(1, 9))),
        ([-1] * 8 + [1], list(range(1, 9))),
        ([-1, *[1] * 8, -1], list(range(2, 10))),
        ([1, *[-1] * 8, 1], list(range(2, 10))),
    ],
)
@pytest.mark.parametrize("rules", VERSIONS)
def test_seven_on_one_side_of_the_mean(sides, points, rules):
    """test-ptd_calculate_point_type.R: ptd_seven_point_one_side_mean, all seven of each flagged."""
    values = [side * (1 + 0.5 * (place % 2)) for place, side in enumerate(sides)]
    assert flagged(values, "shift", rules=rules) == points


@pytest.mark.parametrize(
    ("values", "points"),
    [
        ([1, 2, 3, 4, 5, 6], []),
        ([1, 2, 3, 3, 4, 5, 6], []),
        ([1, 2, 3, 4, 5, 6, 7], list(range(1, 8))),
        ([2, 1, 2, 3, 4, 5, 6, 7, 3], list(range(2, 9))),
        ([7, 6, 5, 4, 3, 2, 1], list(range(1, 8))),
        ([2, 7, 6, 5, 4, 3, 2, 1, 3], list(range(2, 9))),
    ],
)
@pytest.mark.parametrize("rules", VERSIONS)
def test_seven_rising_or_falling(values, points, rules):
    """test-ptd_calculate_point_type.R: ptd_seven_point_trend, all seven of each flagged."""
    assert flagged(values, "trend", rules=rules) == points


@pytest.mark.parametrize(
    ("close", "points"),
    [
        ([0, 0, 0], []),
        ([1, 0, 1], [1, 3]),
        ([0, 1, 1], [2, 3]),
        ([1, 1, 0], [1, 2]),
        ([0, 0, 1, 0, 1, 0, 0], [3, 5]),
        ([0, 0, 1, 1, 0, 0, 0], [3, 4]),
        ([1, 0, 0, 1], []),
        ([1, 0, 0, 1, 1], [4, 5]),
    ],
)
@pytest.mark.parametrize("rules", VERSIONS)
def test_two_of_three_close_to_a_limit(close, points, rules):
    """test-ptd_calculate_point_type.R: ptd_part_of_two_in_three."""
    assert flagged([2.5 if near else 0.5 for near in close], "two_of_three", rules=rules) == points


@pytest.mark.parametrize("rules", VERSIONS)
def test_two_close_to_opposite_limits_are_common_cause(rules):
    """test-ptd_spc_standard.R, on points on opposite sides of the mean (issue 143)."""
    result = chart([*([1, -1] * 7), 5.5, -5.5], rules=rules)
    assert result.points["point_type"].tolist()[-2:] == ["common_cause", "common_cause"]


@pytest.mark.parametrize(
    ("direction", "published"),
    [
        ("higher", ["fail", "pass", "hit_or_miss"]),
        ("lower", ["pass", "fail", "hit_or_miss"]),
        ("neutral", ["", "", ""]),
    ],
)
def test_assurance(direction, published):
    """test-ptd_calculate_assurance_type.R: target 4 against three sets of lines."""
    lines = [(1, 2, 3), (5, 6, 7), (1, 4, 5)]
    found = [
        chart(
            [centre - 0.5, centre + 0.5] * 6,
            benchmark={"centre": centre, "lower": low, "upper": high},
            target=4,
            direction=direction,
        )
        .estimates["assurance"]
        .iloc[0]
        for low, centre, high in lines
    ]
    assert found == published
