"""The one decision behind headline and verdict: which intervals may claim a change, and which not.

Two intervals may claim: that of the primary quantity at 95 %, and if it is unclear that of the
change at once at 99 %. With nothing changed they claim in about 5 % of series together, where
taking whichever of three 95 % intervals is clear claims in 8 to 18 % (docs/methods). The effect at
the end is described and never claims.
"""

from __future__ import annotations

from typing import Any, Literal

AT_ONCE_CONFIDENCE = 0.99
"""Confidence at which the change at once may claim, where the primary quantity is unclear."""

Finding = Literal[
    "average",
    "average_reversed",
    "average_after_opposite_start",
    "at_once",
    "at_once_reversed",
    "no_important_change",
    "unclear",
    "described",
]
"""What is found; "described" is never decided here: nothing was tested."""


def decide(
    average: Any, level_99: Any, end: Any, smallest: float | None = None, *, asked: Any = None
) -> Finding:
    """The finding from three intervals, each an Estimate or its (low, high).

    Parameters
    ----------
    average : Estimate or (low, high)
        Average difference over the periods after the change, at 95 %.
    level_99 : Estimate or (low, high)
        Change at once, at 99 %.
    end : Estimate or (low, high)
        Difference in the last of those periods, at 95 %.
    smallest : float, optional
        Smallest difference that matters, whatever its direction.
    asked : Estimate or (low, high), optional
        What the smallest difference is about, if not the average.
    """
    overall, start, last = (_side(interval) for interval in (average, level_99, end))
    if overall:
        if last == -overall:
            return "average_reversed"
        return "average_after_opposite_start" if start == -overall else "average"
    if start:
        return "at_once_reversed" if last == -start else "at_once"
    low, high = _ends(average if asked is None else asked)
    if smallest is not None and -abs(smallest) < low and high < abs(smallest):
        return "no_important_change"
    return "unclear"


def _ends(interval: Any) -> tuple[float, float]:
    if hasattr(interval, "low"):
        return float(interval.low), float(interval.high)
    low, high = interval
    return float(low), float(high)


def _side(interval: Any) -> int:
    """-1 or 1 if an interval lies wholly below or above zero, else 0."""
    low, high = _ends(interval)
    return int(low > 0) - int(high < 0)
