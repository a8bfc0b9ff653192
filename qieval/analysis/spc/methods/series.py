"""From the caller's table to matrices (units × points in time), or a refusal that says why not.

One series is a matrix of one row. Every sum after this file works on whole matrices, so that ten
thousand units take hardly longer than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.core import columns, periods
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.words import in_a_row, some_of

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

COUNTS = ("p", "pp", "u", "up", "c", "g")
OF_DENOMINATOR = ("p", "pp", "u", "up", "ip")
SUBGROUPS = ("xbar", "s", "mr")
EVENTS = ("g", "t")
"""Charts of rare events: one point an event, not one a period."""


@dataclass(frozen=True)
class Series:
    """Values by unit and time; what is missing stands as NaN.

    Attributes
    ----------
    units : DataFrame
        The group columns, one row a unit; no columns where there are no groups.
    every : str
        Kind of period; "event" where each point is an event.
    times : (units, points) datetime64
        First day of the period, or day of the event.
    total, denominator : (units, points)
        The value as given and what it is divided by (ones where there is nothing).
    y : (units, points)
        What is plotted: the value a unit of the denominator; of subgroups the mean, or for an s
        chart the standard deviation; for an mr chart the moving range is taken later.
    spread, size : (units, points)
        Of subgroups: standard deviation, and number of values; NaN and 1 where there are none.
    shown : (units, points) bool
        Cells between the first and the last of their unit.
    """

    units: pd.DataFrame
    every: str
    times: NDArray[np.datetime64]
    total: Array
    denominator: Array
    y: Array
    spread: Array
    size: Array
    shown: Mask

    @property
    def present(self) -> Mask:
        """Cells with a value."""
        return np.isfinite(self.y)

    @cached_property
    def names(self) -> list[str]:
        """The units by name; of two group columns both, "North, Ward 2"."""
        columns = [self.units[name].astype(str) for name in self.units]
        return [", ".join(cells) for cells in zip(*columns, strict=True)] if columns else [""]

    def at(self, moment: pd.Timestamp) -> Mask:
        """The cells of one period; of events, those of one day."""
        if self.every == "event":
            return np.asarray(self.times.astype("datetime64[D]") == np.datetime64(moment, "D"))
        return np.asarray(self.times == moment.to_datetime64())

    def label(self, time: Any) -> str:
        """A point in time in words."""
        return periods.label(pd.Timestamp(time), self.every)

    def noun(self, count: float = 1) -> str:
        """The word for a point in time: "month", "events"."""
        return periods.noun(self.every, count)

    def some_units(self, which: Any) -> str:
        """Those units by name, the first six of them; "" where there is one only."""
        if self.units.empty:
            return ""
        return some_of([self.names[unit] for unit in np.flatnonzero(which)])

    def some(self, cells: Mask, most: int = 6) -> str:
        """Those points in time in words, each once, the first six of them."""
        times = np.unique(self.times[cells])
        names = [self.label(time) for time in times[:most]]
        more = f" and {len(times) - most} more" if len(times) > most else ""
        return ", ".join(names) + more


@dataclass(frozen=True)
class _Table:
    """The caller's columns, checked one by one but not yet against one another."""

    dates: pd.DatetimeIndex
    value: Array | None
    denominator: Array | None
    unit: NDArray[np.intp]
    units: pd.DataFrame

    def rows(self, where: Mask, most: int = 6) -> str:
        """Those rows by number (1 is the first) and date."""
        at = np.flatnonzero(where)
        names = [f"row {row + 1} ({periods.label(self.dates[row], 'day')})" for row in at[:most]]
        more = f" and {len(at) - most} more" if len(at) > most else ""
        return ", ".join(names) + more


def make_series(
    data: pd.DataFrame,
    *,
    kind: str,
    value: str | None,
    denominator: str | None,
    time: str,
    by: Sequence[str] = (),
    per: float = 1,
) -> Series:
    """The series in `data`, checked; rates are for `per` units of the denominator.

    Raises
    ------
    DataError
        Columns that are not there or hold no numbers; dates that cannot be read or are not evenly
        spaced; periods given twice; negative counts; numerators above or without denominators; one
        value a period on a chart of subgroups.
    CannotEvaluate
        If no unit has two points.
    """
    table = _read(data, value, denominator, time, by)
    if value is not None and table.value is not None:
        _check_values(table, table.value, kind, value)
        if denominator is not None and table.denominator is not None:
            _check_denominators(table, table.value, table.denominator, kind, value, denominator)
    series = _events(table, kind) if kind in EVENTS else _calendar(table, kind, time, per)
    if kind in ("xbar", "s") and series.size.max() < 2:
        raise DataError(
            f"There is one value a {series.noun()}, and an {kind} chart is of several.",
            remedy="Give a row a value, several with the same date, or use `kind: i`.",
        )
    points = int(series.present.sum(axis=1).max(initial=0))
    if not points:
        raise CannotEvaluate(
            "There is nothing to plot.",
            found="no value, or no denominator above zero, in any row",
            remedy="Check the columns, and `where:` if rows were chosen by it.",
        )
    if points < 2:
        raise CannotEvaluate(
            "One point is not a chart.",
            remedy="Wait for more points: from about 12 on, a chart begins to say something.",
        )
    return series


# ---- columns -----------------------------------------------------------------------------------


def _read(
    data: pd.DataFrame,
    value: str | None,
    denominator: str | None,
    time: str,
    by: Sequence[str],
) -> _Table:
    columns.require(data, [time, *filter(None, [value, denominator]), *by])
    unit, units = _units(data, by)
    return _Table(
        pd.DatetimeIndex(columns.dates(data[time], time)).as_unit("us"),
        columns.numbers(data[value], value) if value else None,
        columns.numbers(data[denominator], denominator) if denominator else None,
        unit,
        units,
    )


def _units(data: pd.DataFrame, by: Sequence[str]) -> tuple[NDArray[np.intp], pd.DataFrame]:
    """The number of each row's unit, and the units in order."""
    if not by:
        return np.zeros(len(data), dtype=np.intp), pd.DataFrame(index=[0])
    for name in by:
        if data[name].isna().any():
            raise DataError(
                f"Column `{name}` has rows without a group.",
                found=columns.rows(data[name].isna().to_numpy()),
                remedy="Fill them in, or leave these rows out with `where:`.",
            )
    coded = [pd.factorize(data[name], sort=True) for name in by]
    key = coded[0][0]
    for codes, names in coded[1:]:
        key = key * len(names) + codes
    _, first, unit = np.unique(key, return_index=True, return_inverse=True)
    return unit, data[list(by)].iloc[first].reset_index(drop=True)


def _check_values(table: _Table, x: Array, kind: str, value: str) -> None:
    """Refuse what cannot be: each with the rows."""
    if kind in COUNTS and (x < 0).any():
        raise DataError(
            f"`{value}` counts something, and a count cannot be negative.",
            found=table.rows(x < 0),
            remedy="Correct these rows.",
        )
    if kind == "t" and (x <= 0).any():
        raise DataError(
            f"`{value}` must be above zero on a t chart: it is the time between two events.",
            found=f"zero or less in {table.rows(x <= 0)}",
            remedy="Use `kind: g`, which takes several events on one day, or give times in hours.",
        )


def _check_denominators(
    table: _Table, x: Array, n: Array, kind: str, value: str, denominator: str
) -> None:
    for wrong, problem, remedy in [
        (n < 0, f"`{denominator}` cannot be negative.", "Correct these rows."),
        (
            np.isnan(n) & np.isfinite(x),
            f"`{denominator}` is missing where there is a `{value}`.",
            "Fill it in, or leave both blank if nothing was returned.",
        ),
        (
            (n == 0) & (x != 0) & np.isfinite(x),
            f"`{denominator}` is zero where `{value}` is not.",
            "One of the two is wrong. If nothing was returned, leave both blank.",
        ),
        (
            (x > n) & np.isin(kind, ["p", "pp"]),
            f"`{value}` is larger than `{denominator}`, so it is no share of it.",
            "Correct these rows; if one case can count several times, use `kind: u`.",
        ),
    ]:
        if wrong.any():
            raise DataError(problem, found=table.rows(wrong), remedy=remedy)


# ---- matrices ----------------------------------------------------------------------------------


def _refuse_several_calendars(table: _Table) -> None:
    """Dates that are uneven together may each be even: then groups follow different calendars."""
    try:
        every = [
            periods.infer_frequency(table.dates[table.unit == unit].unique())
            for unit in np.unique(table.unit)
        ]
    except DataError:
        return
    calendars = dict.fromkeys(map(periods.noun, every))
    if len(calendars) > 1:
        raise DataError(
            "The groups follow different calendars, and their charts share one.",
            found=in_a_row([f"one row a {noun}" for noun in calendars]),
            remedy="Add the shorter periods up to the longer ones, or draw these groups apart.",
        )


def _calendar(table: _Table, kind: str, time: str, per: float) -> Series:
    """One column a calendar period, the same for every unit."""
    if table.dates.nunique() < 2:
        raise CannotEvaluate(
            "One point is not a chart.",
            found=f"all rows are of {periods.label(table.dates[0], 'day')}",
            remedy="Wait for more points: from about 12 on, a chart begins to say something.",
        )
    try:
        every = periods.infer_frequency(table.dates.unique())
    except DataError:
        _refuse_several_calendars(table)
        raise
    number = periods.number_of(table.dates, every)
    column = number - number.min()
    calendar = periods.span(table.dates.min(), table.dates.max(), every)
    shape = (len(table.units), len(calendar))
    cell = table.unit * shape[1] + column
    rows = np.bincount(cell, minlength=shape[0] * shape[1])
    assert table.value is not None
    if rows.max() > 1 and kind not in SUBGROUPS:
        twice = rows[cell] > 1
        raise DataError(
            f"There is more than one row for the same {periods.noun(every)}.",
            found=table.rows(twice),
            remedy="Keep the rows of one ward, team or area with `where:`, give the column that "
            "tells them apart as `by:`, or add them up first.",
        )
    times = np.broadcast_to(calendar.to_numpy(dtype="datetime64[us]"), shape)
    total, spread, size = _subgroups(cell, table.value, rows, shape)
    below = np.ones(shape)
    if table.denominator is not None:
        below = _fill(cell, table.denominator, shape) / per
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(below > 0, total / below, np.nan)
    return Series(
        table.units,
        every,
        times,
        total,
        below,
        spread if kind == "s" else y,
        spread,
        size,
        _between(rows.reshape(shape) > 0),
    )


def _fill(cell: NDArray[np.intp], numbers: Array, shape: tuple[int, int]) -> Array:
    filled = np.full(shape[0] * shape[1], np.nan)
    filled[cell] = numbers
    return filled.reshape(shape)


def _subgroups(
    cell: NDArray[np.intp], x: Array, rows: NDArray[np.intp], shape: tuple[int, int]
) -> tuple[Array, Array, Array]:
    """Mean, standard deviation and number of the values of each cell."""
    if rows.max() <= 1:
        return _fill(cell, x, shape), np.full(shape, np.nan), np.ones(shape)
    known = np.isfinite(x)
    cell, x = cell[known], x[known]
    count = np.bincount(cell, minlength=rows.size).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(cell, x, minlength=rows.size) / count
        # From the mean, not from sums of squares: those lose all digits of 74.001 and 74.002.
        squares = np.bincount(cell, (x - mean[cell]) ** 2, minlength=rows.size)
        spread = np.where(count > 1, np.sqrt(squares / (count - 1)), np.nan)
    return mean.reshape(shape), spread.reshape(shape), count.reshape(shape)


def _between(has: Mask) -> Mask:
    """Cells from the first to the last of each row."""
    return np.asarray(
        np.logical_or.accumulate(has, axis=1)
        & np.logical_or.accumulate(has[:, ::-1], axis=1)[:, ::-1]
    )


def _events(table: _Table, kind: str) -> Series:
    """One column an event, in the order of each unit's own events."""
    order = np.lexsort((table.dates.asi8, table.unit))
    unit, dates = table.unit[order], table.dates[order]
    first = np.r_[True, unit[1:] != unit[:-1]]
    if table.value is None:
        gap = np.diff(dates.asi8, prepend=0) / 86_400e6
        same = ~first & (gap <= 0)
        if kind == "t" and same.any():
            wrong = np.zeros(len(order), dtype=bool)
            wrong[order[same]] = True
            raise DataError(
                "Two events fall on one day, so there is no time between them.",
                found=table.rows(wrong),
                remedy="Use `kind: g`, which takes several events on one day, or give the dates "
                "with their times.",
            )
        value, unit, dates = gap[~first], unit[~first], dates[~first]
        first = np.r_[True, unit[1:] != unit[:-1]] if len(unit) else unit.astype(bool)
    else:
        value = table.value[order]
    at = np.arange(len(unit))
    start = np.maximum.accumulate(np.where(first, at, 0)) if len(unit) else at
    shape = (len(table.units), int((at - start).max(initial=0)) + 1)
    cell = unit * shape[1] + (at - start)
    times = np.full(shape[0] * shape[1], np.datetime64("NaT"), dtype="datetime64[us]")
    times[cell] = dates.to_numpy(dtype="datetime64[us]")
    total = _fill(cell, value, shape)
    times = times.reshape(shape)
    blank, ones = np.full(shape, np.nan), np.ones(shape)
    return Series(table.units, "event", times, total, ones, total, blank, ones, ~np.isnat(times))


def refuse_unusable(kind: str, value: str | None, denominator: str | None) -> None:
    """Refuse a chart that lacks what it needs.

    Raises
    ------
    ParameterError
        If the value or the denominator is missing, or a denominator has no place.
    """
    if value is None and kind not in EVENTS:
        raise ParameterError(
            f"A {kind} chart needs a column to plot.",
            remedy="Give `numerator` and `denominator`."
            if kind in OF_DENOMINATOR
            else "Give `value`.",
        )
    if kind in OF_DENOMINATOR and denominator is None:
        other = (
            "`kind: c` for plain counts" if kind in ("u", "up") else "`kind: i` for plain values"
        )
        raise ParameterError(
            f"A {kind} chart divides by something, and no `denominator` was given.",
            remedy=f"Name the column with the denominators, or use {other}.",
        )
    if denominator is not None and kind in ("c", "g", "t", "xbar", "s", "mr"):
        better = {"c": "Use `kind: u` for counts over a denominator."}
        raise ParameterError(
            f"A {kind} chart has no denominator.",
            found=f"`{denominator}`",
            remedy=better.get(kind, "Leave `denominator` out."),
        )
