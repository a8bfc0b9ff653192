"""Did the new level hold? What a chart says of it, by the rule that it uses for steps.

The change is the restart of the lines at which the level clearly moved (the one nearest the
project's own event, else the latest); without one, a step by the rule for steps near that event.
The level did not hold if such a step, or a restart, brings it back towards the old one later.
Beside it stand the means of the first half-year and of a year on and more, each less the old mean,
with intervals from the moving ranges (t with .6 degrees of freedom a range, the efficiency of their
mean; Hoel 1946, Ann Math Statist 17:475), and the share by Fieller's interval.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from qieval.analysis.spc.methods.phases import Phases
from qieval.analysis.spc.methods.series import Mask, Series
from qieval.analysis.spc.methods.steps import CLEAR, LEAST, between_phases, point_spread
from qieval.analysis.spc.tables import NEAR, PROJECT
from qieval.core import periods
from qieval.core.config import CONFIDENCE
from qieval.core.result import rows_of
from qieval.core.sustained import fieller, lasting_frame, lasting_row, no_lasting, stretches

DF_A_RANGE = 0.6
"""Degrees of freedom that a moving range of two points brings to their mean."""

WITHOUT_A_LEVEL = ("mr", "s", "g", "t")
"""Kinds of charts that plot no level of the measure: its spread, or the time between events."""


class _Change(NamedTuple):
    """When a level changed, to which side, and which points tell the old one."""

    start: np.datetime64
    side: int
    old: Mask


def lasting(
    series: Series, phases: Phases, kind: str, shifts: pd.DataFrame, marks: pd.DataFrame, unit: str
) -> pd.DataFrame:
    """The first and the later difference from the old level of a single chart.

    Parameters
    ----------
    series, phases
        What is plotted.
    kind : str
        Kind of chart.
    shifts : DataFrame
        Steps within phases (:func:`.steps.proposals`).
    marks : DataFrame
        Events and restarts by date.
    unit : str
        Unit of the value.

    Returns
    -------
    DataFrame
        As :data:`qieval.core.sustained.LASTING` declares it; blank where no change is told.
    """
    parts = stretches(series.every)
    if len(series.y) != 1 or parts is None or kind in WITHOUT_A_LEVEL:
        return no_lasting()
    own = marks.loc[marks["kind"] == PROJECT, "date"]
    counted = (series.present & ~phases.excluded)[0]
    steps = _restarts(series, phases, kind)
    change = _changed(series, phases, counted, steps, shifts, own)
    if change is None:
        return no_lasting()
    times = series.times[0]
    numbers = periods.number_of(pd.DatetimeIndex(times), series.every)
    since = numbers - numbers[np.argmax(times >= change.start)]
    span = parts.later(int(since.max()) + 1)
    after = counted & (since >= 0)
    first, later = after & (since < parts.first), after & (since >= (span or [np.inf])[0])
    if not (first.any() and change.old.any()):
        return no_lasting()
    rows = _rows(series, change, first, later if later.sum() >= parts.least else None, unit)
    back = _back(change, steps, shifts)
    if back is not None:
        start, points, size = back
        none = {"ci_low": np.nan, "ci_high": np.nan}
        rows.append(
            {"term": "back", "start": start, "end": start, "estimate": size, **none}
            | {"unit": unit, "n": points}
        )
    return lasting_frame(rows)


def _restarts(series: Series, phases: Phases, kind: str) -> list[tuple[np.datetime64, int, int]]:
    """Restarts at which the level clearly moved: when, to which side, and which phase begins."""
    found = []
    for which in range(1, phases.count):
        step = float(between_phases(series, phases, kind, which)[0])
        if abs(step) > CLEAR:
            start = series.times[0][np.argmax(phases.of(which)[0])]
            found.append((start, int(np.sign(step)), which))
    return found


def _changed(
    series: Series,
    phases: Phases,
    counted: Mask,
    restarts: list[tuple[np.datetime64, int, int]],
    shifts: pd.DataFrame,
    own: pd.Series,
) -> _Change | None:
    """The change that the chart shows."""
    times = series.times[0]
    days = periods.number_of(pd.DatetimeIndex(own), series.every) if len(own) else np.array([])
    if restarts:
        away = [_away(series, start, days) for start, _, _ in restarts]
        near = [at for at, distance in enumerate(away) if distance <= NEAR]
        start, side, which = restarts[min(near, key=lambda at: away[at]) if near else -1]
        return _Change(start, side, counted & phases.of(which - 1)[0])
    for row in rows_of(shifts):
        start = np.datetime64(row.start)
        if _away(series, start, days) <= NEAR:
            earlier = shifts["start"][shifts["start"] < row.start]
            begin = phases.of(int(phases.number[0][np.argmax(times == start)]))[0]
            old = counted & begin & (times < start)
            old &= times >= np.datetime64(earlier.max()) if len(earlier) else True
            return _Change(start, 1 if row.way == "higher" else -1, old)
    return None


def _away(series: Series, start: np.datetime64, days: np.ndarray) -> float:
    """Periods from a day to the nearest of others; infinite without any."""
    number = periods.number_of(pd.DatetimeIndex([start]), series.every)[0]
    return float(np.abs(days - number).min()) if len(days) else np.inf


def _back(
    change: _Change, restarts: list[tuple[np.datetime64, int, int]], shifts: pd.DataFrame
) -> tuple[np.datetime64, int, float] | None:
    """The latest step back towards the old level: when, points since, and its size."""
    way = "lower" if change.side > 0 else "higher"
    steps = shifts[(shifts["start"] > change.start) & (shifts["way"] == way)]
    found = [
        (np.datetime64(row.start), int(row.points), float(row.after - row.before))
        for row in rows_of(steps)
    ]
    found += [
        (start, LEAST, np.nan)
        for start, side, _ in restarts
        if start > change.start and side == -change.side
    ]
    return max(found, key=lambda one: one[0]) if found else None


def _rows(
    series: Series, change: _Change, first: Mask, later: Mask | None, unit: str
) -> list[dict[str, Any]]:
    """Both differences from the old level, and the share."""
    times, y, weight = series.times[0], series.y, series.denominator
    stretch = {"first_effect": first} | ({} if later is None else {"later_effect": later})
    used = np.any([change.old, *stretch.values()], axis=0)[None]
    spread = float(point_spread(y, weight, used)[0, 0])
    df = DF_A_RANGE * max(1, int(used.sum()) - 1 - len(stretch))
    reach = float(special.stdtrit(df, 0.5 + CONFIDENCE / 2))
    level, size = _mean(y[0], weight[0], change.old)
    means = [_mean(y[0], weight[0], place) for place in stretch.values()]
    cov = spread**2 * (1 / size + np.diag([1 / own for _, own in means]))
    effects = [mean - level for mean, _ in means]
    rows = []
    for (term, place), value, variance in zip(stretch.items(), effects, np.diag(cov), strict=True):
        half = reach * np.sqrt(variance)
        rows.append(lasting_row(term, times[place], (value, value - half, value + half), unit))
    share = fieller(effects[0], effects[-1], cov, reach) if later is not None else None
    if later is not None and share is not None:
        rows.append(lasting_row("share_kept", times[later], share, "share of the first effect"))
    return rows


def _mean(y: np.ndarray, weight: np.ndarray, cells: Mask) -> tuple[float, float]:
    """Weighed mean of the cells, and their weight."""
    return float(np.average(y[cells], weights=weight[cells])), float(weight[cells].sum())
