"""Which of the estimates may claim a change: one rule, for the headline and the verdict.

Only two intervals may claim: that of the primary quantity (the average effect, unless another was
declared before looking) at 95 %; and, where it is unclear, that of the level change at 99 %. The
end, the slope and everything else are described and never claim. With nothing changed, a claim is
then made about as often as by one test (docs/methods).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "average",
    "average_reversed",
    "average_after_opposite_start",
    "at_once",
    "at_once_reversed",
    "no_important_change",
    "unclear",
]

LEVEL_CONFIDENCE = 0.99
"""Confidence of the level's interval, where the primary quantity is unclear."""

OFTEN_MISSED = 1.43
"""Half the width of an interval times this: the size of effect that is missed 1 time in 5.

The sum of the normal quantiles for 80 % and 97.5 %, over that for 97.5 %.
"""

Interval = tuple[float, float]


@dataclass(frozen=True)
class Decision:
    """What may be claimed.

    Attributes
    ----------
    kind : str
        The row of the table.
    side : int
        Sign of the claimed change: -1 lower, 1 higher, 0 where none is claimed.
    missed : float
        An effect of this size would more often than 1 time in 5 not have been found.
    """

    kind: Kind
    side: int
    missed: float


def side_of(interval: Interval) -> int:
    """-1 if the whole interval lies below zero, 1 if above, else 0."""
    low, high = interval
    return int(low > 0) - int(high < 0)


def decide(
    average: Interval, level: Interval, end: Interval, smallest: float | None = None
) -> Decision:
    """The row of the decision table that a result falls in.

    Parameters
    ----------
    average : (low, high)
        95 % interval of the primary quantity.
    level : (low, high)
        99 % interval of the change at once.
    end : (low, high)
        95 % interval of the effect in the last period counted.
    smallest : float, optional
        The smallest change that matters, if one was declared: a size, above zero.
    """
    claimed, at_once, last = side_of(average), side_of(level), side_of(end)
    missed = OFTEN_MISSED * (average[1] - average[0]) / 2
    if claimed:
        if last == -claimed:
            return Decision("average_reversed", claimed, missed)
        if at_once == -claimed:
            return Decision("average_after_opposite_start", claimed, missed)
        return Decision("average", claimed, missed)
    if at_once:
        kind: Kind = "at_once_reversed" if last == -at_once else "at_once"
        return Decision(kind, at_once, missed)
    if smallest is not None and -smallest < average[0] and average[1] < smallest:
        return Decision("no_important_change", 0, missed)
    return Decision("unclear", 0, missed)
