"""Rule sets, by name and version: which points are special causes.

Rules start anew at each phase and pass over points that are missing or left out. A pattern flags
all of its points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from qieval.analysis.spc.methods import patterns, runs
from qieval.analysis.spc.methods.patterns import Signs
from qieval.analysis.spc.methods.series import Array, Mask
from qieval.core.errors import ParameterError, listed, nearest, require_one_of

RunRules = Literal[
    "anhoej",
    "ihi",
    "making_data_count",
    "making_data_count_2021",
    "making_data_count_2024",
    "western_electric",
    "nelson",
]
LimitRules = Literal[
    "shewhart",
    "anhoej",
    "making_data_count",
    "making_data_count_2021",
    "making_data_count_2024",
    "western_electric",
    "nelson",
]

DEFAULT_VERSION = {"making_data_count": "making_data_count_2024"}
LENGTHS = (6, 7, 8)


@dataclass(frozen=True)
class Points:
    """Packed points with what the rules ask of them.

    Attributes
    ----------
    y : (series, points)
        Values; equal within `slack`.
    known : (series, points) bool
        Cells that hold a point.
    side : (series, points)
        1 above the centre line, -1 below, 0 on it.
    zone : (series, points)
        How many limits a point lies beyond on its side: 0 to 3; -1 where there are no limits.
    """

    y: Array
    known: Mask
    slack: Array
    side: Signs
    zone: Signs

    def beyond(self, limit: int, side: int) -> Mask:
        """Points beyond a limit on one side."""
        return np.asarray((self.zone >= limit) & (self.side == side))


Rule = Callable[[Points], Mask]


@dataclass(frozen=True)
class RuleSet:
    """A named set of rules.

    Attributes
    ----------
    name : str
        Name with its version.
    title : str
        Name in words.
    rules : dict of str to function
        Column of the points → rule.
    words : dict of str to str
        Each rule in words.
    left_out : tuple of str
        On a run chart: rules of the set that need limits, in words.
    """

    name: str
    title: str
    rules: dict[str, Rule]
    words: dict[str, str]
    left_out: tuple[str, ...] = ()


def outside_limits(points: Points) -> Mask:
    """Beyond 3 sigma."""
    return np.asarray(points.zone >= 3)


def one_side(least: int) -> Rule:
    """`least` in a row on one side of the centre line."""
    return lambda points: patterns.one_side(points.side, points.known, least)


def trend(least: int) -> Rule:
    """`least` in a row rising or falling."""
    return lambda points: patterns.trends(points.y, points.known, least, points.slack)[0]


def some_beyond(least: int, among: int, limit: int) -> Rule:
    """`least` of `among` in a row beyond a limit on the same side."""

    def rule(points: Points) -> Mask:
        high, low = (patterns.some_of(points.beyond(limit, side), least, among) for side in (1, -1))
        return high | low

    return rule


def two_of_three(*, within_3_sigma: bool) -> Rule:
    """2 of 3 beyond 2 sigma, all three on the same side (Making Data Count).

    In 2021 only points between 2 and 3 sigma counted; since 2024 those beyond 3 sigma count too.
    """

    def rule(points: Points) -> Mask:
        flagged = np.zeros(points.y.shape, dtype=bool)
        for side in (1, -1):
            near = points.beyond(2, side) & ~(within_3_sigma & (points.zone >= 3))
            here = (points.side == side) & points.known
            hits = (patterns.window_count(near, 3) >= 2) & (patterns.window_count(here, 3) == 3)
            flagged |= near & patterns.spread_back(hits, 3)
        return flagged

    return rule


def alternating(points: Points) -> Mask:
    """14 in a row up and down by turns."""
    return patterns.alternating(points.y, points.known, 14, points.slack)


def close_to_centre(points: Points) -> Mask:
    """15 in a row within 1 sigma."""
    return patterns.all_in_a_row((points.zone == 0) & points.known, 15)


def away_from_centre(points: Points) -> Mask:
    """8 in a row beyond 1 sigma, on either side."""
    return patterns.all_in_a_row(points.zone >= 1, 8)


def ihi_shift(points: Points) -> Mask:
    """6 or more in a row on one side; points on the line neither count nor break."""
    return runs.ihi_shift(runs.find_runs(points.side, points.known).length)


def ihi_trend(points: Points) -> Mask:
    """5 or more in a row rising or falling; neighbours that are equal count once."""
    return runs.ihi_trend(points.y, points.known, points.slack)


OUTSIDE = "outside the control limits"
WITHOUT_LIMITS = ("shift", "trend", "alternating")
"""Rules that ask for a line only, or for not even that."""


def rule_set(name: str, shift_length: int = 7, trend_length: int = 7) -> RuleSet:
    """The rule set of that name; a name without a version means its newest.

    Raises
    ------
    ParameterError
        If there is none, or the length of a shift or trend is not one of 6, 7 and 8.
    """
    name = DEFAULT_VERSION.get(name, name)
    for parameter, length in (("shift_length", shift_length), ("trend_length", trend_length)):
        if length not in LENGTHS or isinstance(length, bool):
            raise ParameterError(
                f"`{parameter}` must be one of {listed(LENGTHS)}.", found=repr(length)
            )
        if length != 7 and not name.startswith("making_data_count"):
            raise ParameterError(
                f"`{parameter}` belongs to the rules `making_data_count`.",
                found=f"rules `{name}`",
                remedy=f"Leave `{parameter}` out.",
            )
    sets = _sets(shift_length, trend_length, "centre line")
    if name in sets:
        return sets[name]
    if name == "ihi":
        raise ParameterError(
            "The rules `ihi` are for run charts, with a median and no limits.",
            remedy="Use `qi.run_chart`, or other rules: `making_data_count`, for example.",
        )
    guess = nearest(str(name), sets)
    raise ParameterError(
        f"`rules` must be one of {listed([*sets, *DEFAULT_VERSION])}.",
        found=repr(name),
        remedy=f"Did you mean `{guess}`?" if guess else None,
    )


def run_rule_set(name: str) -> RuleSet:
    """The rule set of that name for a run chart, which has a median and no limits.

    Sets made for charts with limits apply about the median as far as they need no limits.

    Raises
    ------
    ParameterError
        If there is none, or it has no rule that needs no limits.
    """
    if name == "shewhart":
        raise ParameterError(
            "A run chart cannot be judged by the rules `shewhart`.",
            found="one rule, points outside the limits; a run chart has a median and no limits",
            remedy="Use `qi.control_chart`, or other rules: `anhoej`, for example.",
        )
    require_one_of("rules", name, get_args(RunRules))
    if name == "anhoej":
        return RuleSet(name, "Anhøj rules", {}, {"shift": "part of an unusually long run"})
    if name == "ihi":
        return RuleSet(
            name,
            "IHI run chart rules",
            {"shift": ihi_shift, "trend": ihi_trend},
            {
                "shift": f"{runs.IHI_SHIFT} or more in a row on one side of the median",
                "trend": f"{runs.IHI_TREND} or more in a row rising or falling",
            },
        )
    whole = _sets(7, 7, "median")[DEFAULT_VERSION.get(name, name)]
    return replace(
        whole,
        title=f"{whole.title} that need no limits",
        rules={key: rule for key, rule in whole.rules.items() if key in WITHOUT_LIMITS},
        words={key: words for key, words in whole.words.items() if key in WITHOUT_LIMITS},
        left_out=tuple(words for key, words in whole.words.items() if key not in WITHOUT_LIMITS),
    )


def _sets(shift: int, trending: int, line: str) -> dict[str, RuleSet]:
    outside: dict[str, Rule] = {"outside_limits": outside_limits}
    count: dict[str, Rule] = {**outside, "shift": one_side(shift), "trend": trend(trending)}
    in_words = {
        "outside_limits": OUTSIDE,
        "shift": f"{shift} or more in a row on one side of the {line}",
        "trend": f"{trending} or more in a row rising or falling",
    }
    near = "2 of 3 in a row beyond 2 sigma on the same side"
    far = "4 of 5 in a row beyond 1 sigma on the same side"
    own = [("shift", shift), ("trend", trending)]
    length = "".join(f", {what} of {length}" for what, length in own if length != 7)
    return {
        one.name: one
        for one in [
            RuleSet("shewhart", "Shewhart's 3-sigma rule", outside, {"outside_limits": OUTSIDE}),
            RuleSet(
                "anhoej",
                "Anhøj rules with 3-sigma limits",
                outside,
                {"outside_limits": OUTSIDE, "shift": "the longest run is unusually long"},
            ),
            RuleSet(
                "making_data_count_2021",
                f"Making Data Count rules (2021{length})",
                {**count, "two_of_three": two_of_three(within_3_sigma=True)},
                {
                    **in_words,
                    "two_of_three": "2 of 3 in a row between 2 and 3 sigma, all on the same side",
                },
            ),
            RuleSet(
                "making_data_count_2024",
                f"Making Data Count rules (2024{length})",
                {**count, "two_of_three": two_of_three(within_3_sigma=False)},
                {
                    **in_words,
                    "two_of_three": "2 of 3 in a row beyond 2 sigma, all on the same side",
                },
            ),
            RuleSet(
                "western_electric",
                "Western Electric rules 1 to 4",
                {
                    **outside,
                    "two_of_three": some_beyond(2, 3, 2),
                    "four_of_five": some_beyond(4, 5, 1),
                    "shift": one_side(8),
                },
                {
                    "outside_limits": OUTSIDE,
                    "two_of_three": near,
                    "four_of_five": far,
                    "shift": f"8 or more in a row on one side of the {line}",
                },
            ),
            RuleSet(
                "nelson",
                "Nelson rules 1 to 8",
                {
                    **outside,
                    "shift": one_side(9),
                    "trend": trend(6),
                    "alternating": alternating,
                    "two_of_three": some_beyond(2, 3, 2),
                    "four_of_five": some_beyond(4, 5, 1),
                    "close_to_centre": close_to_centre,
                    "away_from_centre": away_from_centre,
                },
                {
                    "outside_limits": OUTSIDE,
                    "shift": f"9 or more in a row on one side of the {line}",
                    "trend": "6 or more in a row rising or falling",
                    "alternating": "14 or more in a row up and down by turns",
                    "two_of_three": near,
                    "four_of_five": far,
                    "close_to_centre": "15 or more in a row within 1 sigma",
                    "away_from_centre": "8 or more in a row beyond 1 sigma, on either side",
                },
            ),
        ]
    }


COLUMNS = ("outside_limits", "shift", "trend", "two_of_three")
"""Columns that the points of every control chart have, whatever the rules."""
RUN_COLUMNS = ("shift", "trend")
"""Columns that the points of every run chart have."""


def zones(y: Array, side: Signs, lower: list[Array], upper: list[Array], slack: Array) -> Signs:
    """How many of the 1-, 2- and 3-sigma limits each point lies beyond; -1 without limits."""
    if not upper:
        return np.full(y.shape, -1, dtype=np.int8)
    zone = np.zeros(y.shape, dtype=np.int8)
    for low, high in zip(lower, upper, strict=True):
        zone += ((y < low - slack) | (y > high + slack)).astype(np.int8)
    zone[~np.isfinite(upper[-1])] = -1
    return zone
