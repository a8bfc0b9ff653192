"""From centre lines and limits to flags on points, phase by phase, for all units at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qieval.analysis.spc.methods import patterns, runs
from qieval.analysis.spc.methods.patterns import Signs
from qieval.analysis.spc.methods.phases import Phases
from qieval.analysis.spc.methods.rules import Points, RuleSet, zones
from qieval.analysis.spc.methods.runs import Runs
from qieval.analysis.spc.methods.series import Array, Mask

Way = NDArray[np.int8]


@dataclass(frozen=True)
class Signals:
    """What the rules found.

    Attributes
    ----------
    flags : dict of str to (units, points) bool
        Points of each rule's patterns.
    side : (units, points)
        1 above the centre line, -1 below, 0 on it or not counted.
    trend_way : (units, points)
        1 in a rising trend, -1 in a falling one.
    runs : list of Runs
        Runs of each phase, on run charts and by the Anhøj rules; else none.
    """

    flags: dict[str, Mask]
    side: Signs
    trend_way: Way
    runs: list[Runs]

    @property
    def special(self) -> Mask:
        """Points that any rule flags."""
        return np.asarray(np.logical_or.reduce(list(self.flags.values())))

    @property
    def sided(self) -> Mask:
        """Points flagged by a pattern that lies on a side of the centre line."""
        names = ("outside_limits", "shift", "two_of_three", "four_of_five")
        flags = [self.flags[name] for name in names if name in self.flags]
        none = np.zeros(self.side.shape, dtype=bool)
        return np.asarray(np.logical_or.reduce([none, *flags]))

    def way(self, direction: str) -> Way:
        """Which way each flagged point points: its side; in nothing but a trend, the trend's way.

        Where side and trend disagree, the better way counts (NHS England's own tool shows an
        improvement then: https://github.com/nhs-r-community/NHSRplotthedots/issues/194). Patterns
        without a way of their own (alternating, close to the centre) have 0.
        """
        side = np.where(self.sided, self.side, 0).astype(np.int8)
        if direction == "neutral":
            return np.where(side != 0, side, self.trend_way)
        good = 1 if direction == "higher" else -1
        better = (side == good) | (self.trend_way == good)
        return np.where(better, good, np.where(side != 0, side, self.trend_way)).astype(np.int8)


def side_of(y: Array, centre: Array, counted: Mask, slack: Array) -> Signs:
    """The side of the centre line on which each counted point lies."""
    return np.where(counted, patterns.sign_of(np.where(counted, y - centre, 0.0), slack), 0).astype(
        np.int8
    )


def find(
    y: Array,
    centre: Array,
    lower: list[Array],
    upper: list[Array],
    phases: Phases,
    rules: RuleSet,
) -> Signals:
    """The special causes of control charts; of run charts where there are no limits."""
    counted = np.isfinite(y) & np.isfinite(centre) & ~phases.excluded
    slack = patterns.tolerance(y)
    side = side_of(y, centre, counted, slack)
    zone = zones(np.where(counted, y, np.nan), side, lower, upper, slack)
    flags = {name: np.zeros(y.shape, dtype=bool) for name in rules.words}
    way = np.zeros(y.shape, dtype=np.int8)
    by_phase = []
    for which in range(phases.count):
        here = counted & phases.of(which)
        packed = patterns.packing(here)
        known = packed.known
        points = Points(
            np.where(known, packed.pack(y), 0.0),
            known,
            slack,
            np.where(known, packed.pack(side), 0).astype(np.int8),
            np.where(known, packed.pack(zone), -1).astype(np.int8),
        )
        for name, rule in rules.rules.items():
            flags[name] |= packed.unpack(rule(points))
        if "trend" in rules.rules:
            way += _trend_way(points, packed, flags["trend"])
        if rules.name == "anhoej" or not upper:
            by_phase.append(runs.find_runs(side, here))
        if rules.name == "anhoej":
            flags["shift"] |= _longest(by_phase[-1], here)
    return Signals(flags, side, way, by_phase)


def _trend_way(points: Points, packed: patterns.Packing, flagged: Mask) -> Way:
    """Whether each flagged point's last step goes up or down; of the first, its next one."""
    steps = patterns.sign_of(np.diff(points.y, axis=1), points.slack)
    rising = np.zeros(points.y.shape, dtype=bool)
    falling = np.zeros(points.y.shape, dtype=bool)
    rising[:, 1:], falling[:, 1:] = steps > 0, steps < 0
    inside = packed.pack(flagged) & points.known
    first = inside.copy()
    first[:, 1:] &= ~inside[:, :-1]
    ahead = np.zeros(points.y.shape, dtype=np.int8)
    ahead[:, :-1] = steps
    rising = np.where(first, ahead > 0, rising) & inside
    falling = np.where(first, ahead < 0, falling) & inside
    return packed.unpack(rising).astype(np.int8) - packed.unpack(falling).astype(np.int8)


def _longest(found: Runs, here: Mask) -> Mask:
    """The points of every run that is longer than chance allows."""
    return np.asarray((found.length > found.longest_max[:, None]) & here)
