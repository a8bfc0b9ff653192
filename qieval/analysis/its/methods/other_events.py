"""Other events that could explain a change, each weighed: was the change there before it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.its.methods.effects import Units
from qieval.analysis.its.methods.model import Specification, estimates_table, fit
from qieval.analysis.its.methods.series import Phases, Series
from qieval.core import periods
from qieval.core.errors import CannotEvaluate

WINDOW = 3
"""An event so many periods before a change, or after its lag and wash-out, was at the same time."""

LEAST_BEFORE = 3
"""Points after the change, and before a later event, without which nothing is weighed (EPOC)."""

HALF = 0.5
"""Of the whole average difference, what has to be there before a later event."""

COLUMNS = ("date", "event", "when", "after", "of", "estimate", "ci_low", "ci_high", "explains")


@dataclass(frozen=True)
class Averaged:
    """The average difference that the events are weighed against."""

    last: pd.Timestamp  # first day of the last period that it counts
    count: int  # points that it counts
    value: float
    side: int  # -1 or 1: the side of zero on which the change that may be claimed lies; else 0

    @classmethod
    def of(cls, estimates: pd.DataFrame, last: pd.Timestamp) -> Averaged:
        """From the estimates; where the average is unclear, the change at once may claim."""
        ends = estimates.loc[["average_effect", "level_change_99"], ["ci_low", "ci_high"]]
        sides = [_side(low, high) for low, high in ends.to_numpy(dtype=float)]
        average = estimates.loc["average_effect"].to_dict()
        return cls(last, int(average["n"]), float(average["estimate"]), sides[0] or sides[1])


def near_the_change(
    events: Sequence[Mapping[str, Any]],
    series: Series,
    phases: Phases,
    averaged: Averaged,
    specification: Specification,
    units: Units,
    confidence: float,
) -> pd.DataFrame:
    """Events within a few periods of a change, or later in the periods that are averaged.

    A later event could explain what is seen unless the change was clear before it: the same model
    is fitted to the data up to the event, and the average difference until then has to lie clearly
    on the side of the whole, and be at least half of it. An event at the same time can always
    explain it.

    Returns
    -------
    DataFrame
        ``date, event, when`` ("at the same time" or "later"), ``after`` (averaged points since the
        event) ``of`` all of them, ``estimate, ci_low, ci_high`` (average difference before a later
        event; missing if there are too few points) and ``explains``.
    """
    numbers = periods.number_of(pd.DatetimeIndex([e["date"] for e in events]), series.every)
    starts = periods.number_of(pd.DatetimeIndex(phases.given), series.every)
    end = periods.number_of(pd.DatetimeIndex([averaged.last]), series.every)[0]
    wash = int(phases.washed_out.sum()) // max(len(starts), 1)
    first = phases.first_after[0]
    counted = series.present & (np.arange(len(series.number)) >= first) & (series.number <= end)
    rows = []
    for event, number in zip(events, numbers, strict=True):
        before = (np.nan, np.nan, np.nan)
        near = range(-WINDOW, phases.lag + wash + WINDOW + 1)
        if any(number - start in near for start in starts):
            when = "at the same time"
        elif starts[0] < number <= end:
            when = "later"
            stop = int(np.searchsorted(series.number, number))
            before = _average_until(stop, series, phases, specification, units, confidence)
        else:
            continue
        after = int((counted & (series.number >= number)).sum())
        there_before = averaged.side and _side(*before[1:]) == averaged.side
        explains = not (there_before and abs(before[0]) >= HALF * abs(averaged.value))
        day, name = pd.Timestamp(event["date"]), str(event["event"])
        rows.append((day, name, when, after, averaged.count, *before, explains))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"date": "datetime64[us]", "explains": bool})


def _side(low: float, high: float) -> int:
    """-1 or 1 if an interval lies below or above zero, else 0; also where it is not known (nan)."""
    return int(low > 0) - int(high < 0)


def _average_until(
    stop: int,
    series: Series,
    phases: Phases,
    specification: Specification,
    units: Units,
    confidence: float,
) -> tuple[float, float, float]:
    """Average difference, with interval, of the model fitted to the periods before `stop`."""
    nothing = (np.nan, np.nan, np.nan)
    cut = series.until(stop)
    first = phases.first_after[0]
    if len(phases.given) > 1 or cut.present[first:].sum() < LEAST_BEFORE:
        return nothing
    ended = [end if end is not None and end < stop else None for end in phases.ended]
    own = replace(phases, ended=ended, washed_out=phases.washed_out[:stop])
    try:
        fitted = fit(cut, own, replace(specification, steps=()))
    except CannotEvaluate:
        return nothing  # nothing can be said of the time before it, so it may explain the change
    quantities = fitted.quantities(cut, own, None, units)
    average = [row for row in quantities if row.term == "average_effect"]
    row = estimates_table(average, fitted.fit, confidence).iloc[0]
    return float(row["estimate"]), float(row["ci_low"]), float(row["ci_high"])
