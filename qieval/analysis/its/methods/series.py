"""From the caller's table to one clean series on a calendar, or a refusal that says why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.core import columns, periods
from qieval.core.errors import CannotEvaluate, DataError, ParameterError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """One value a calendar period, in calendar order; missing periods stand as NaN.

    Attributes
    ----------
    starts : (n,) DatetimeIndex
        First day of every period from the first to the last.
    every : str
        Kind of period.
    number : (n,)
        Calendar numbers, rising by one.
    total : (n,)
        The value as given.
    denominator : (n,)
        What it is divided by; ones where there is none.
    covariates : DataFrame
        Further columns of the model, one row a period.
    name : str
        Name of the value's column.
    """

    starts: pd.DatetimeIndex
    every: str
    number: Array
    total: Array
    denominator: Array
    covariates: pd.DataFrame
    name: str = ""

    @cached_property
    def y(self) -> Array:
        """The value a unit of the denominator."""
        return self.total / self.denominator

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Which periods have a value (and all covariates)."""
        known = np.isfinite(self.covariates.to_numpy(dtype=float)).all(axis=1)
        return np.isfinite(self.y) & known

    def until(self, stop: int) -> Series:
        """The series without its periods from place `stop` on."""
        return replace(
            self,
            starts=self.starts[:stop],
            number=self.number[:stop],
            total=self.total[:stop],
            denominator=self.denominator[:stop],
            covariates=self.covariates.iloc[:stop],
        )

    def name_of(self, rows: NDArray[np.bool_]) -> str:
        """Those periods in words, the first six of them."""
        names = [periods.label(start, self.every) for start in self.starts[rows]]
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        return ", ".join(names[:6]) + more


def make_series(
    data: pd.DataFrame,
    *,
    value: str,
    time: str,
    denominator: str | None,
    covariates: Sequence[str],
    per: float = 1,
) -> Series:
    """The series in `data`, checked; rates are for `per` units of the denominator.

    Raises
    ------
    DataError
        Columns that are not there or hold no numbers; dates that cannot be read or are not evenly
        spaced; periods given twice; infinite values; denominators of zero or less.
    """
    wanted = [time, value, *([denominator] if denominator else []), *covariates]
    columns.require(data, wanted)
    dates = columns.dates(data[time], time)
    numbers = {name: columns.numbers(data[name], name) for name in wanted[1:]}
    every = periods.infer_frequency(dates)
    starts = periods.start_of(dates, every)
    _refuse_duplicates(starts, every)
    with_value = starts[np.isfinite(numbers[value])]
    if not len(with_value):
        raise DataError(f"Column `{value}` has no values.", found="blanks in every row")
    # Blank rows before the first value and after the last are no part of the series.
    calendar = periods.span(with_value.min(), with_value.max(), every)
    frame = pd.DataFrame(numbers, index=starts).reindex(calendar)
    series = Series(
        calendar,
        every,
        periods.number_of(calendar, every).astype(float),
        frame[value].to_numpy(),
        frame[denominator].to_numpy() / per if denominator else np.ones(len(calendar)),
        frame[list(covariates)],
        value,
    )
    if denominator:
        unusable = (series.denominator <= 0) & np.isfinite(series.total)
        if unusable.any():
            raise DataError(
                f"`{denominator}` must be above zero wherever there is a value.",
                found=f"zero or less in {series.name_of(unusable)}",
                remedy="If nothing was returned for these periods, leave them blank.",
            )
    return series


def _refuse_duplicates(starts: pd.DatetimeIndex, every: str) -> None:
    twice = starts[starts.duplicated()]
    if len(twice):
        names = ", ".join(periods.label(start, every) for start in twice.unique()[:6])
        raise DataError(
            f"There is more than one row for the same {periods.noun(every)}.",
            found=names,
            remedy="Keep the rows of one ward, team or area with `where:`, or add them up first.",
        )


# ---- before and after --------------------------------------------------------------------------


@dataclass(frozen=True)
class Phases:
    """Where the interventions lie on the calendar of a series.

    Attributes
    ----------
    given : list of Timestamp
        First day of the period in which each intervention falls.
    first_after : list of int
        Index of the first period of each effect: after the lag and the wash-out.
    ended : list of (int or None)
        Index of the first period after a temporary intervention; None if it went on.
    washed_out : (n,) bool
        Periods left out of the fit (wash-out).
    transition, lag : int
        As asked.
    """

    given: list[pd.Timestamp]
    first_after: list[int]
    ended: list[int | None]
    washed_out: NDArray[np.bool_]
    transition: int
    lag: int

    def parts(self) -> list[slice]:
        """The periods before the first intervention, and those in which each one is the newest."""
        before = slice(0, self.first_after[0])
        return [before, *(self.after(which) for which in range(len(self.given)))]

    def after(self, which: int = 0) -> slice:
        """The periods in which intervention `which` is in force and the newest."""
        later = self.first_after[which + 1] if which + 1 < len(self.first_after) else None
        ended = self.ended[which]
        stops = [stop for stop in (later, ended) if stop is not None]
        return slice(self.first_after[which], min(stops) if stops else None)


def moments(intervention: Any) -> list[pd.Timestamp]:
    """The days of one intervention or several, in order.

    Raises
    ------
    ParameterError
        If one is not a date, or there is none.
    """
    given = intervention if isinstance(intervention, list | tuple) else [intervention]
    if not given:
        raise ParameterError("`intervention` needs a date.", found=repr(intervention))
    return sorted(columns.moment(one, "intervention") for one in given)


def make_phases(
    series: Series,
    interventions: Sequence[pd.Timestamp],
    transition: int,
    lag: int,
    ends: Sequence[pd.Timestamp | None] = (),
) -> tuple[Phases, list[str]]:
    """The phases, and remarks on dates that are not a period's first day.

    Raises
    ------
    ParameterError
        If an intervention or its end lies outside the data, or it ends before it starts.
    CannotEvaluate
        If a phase has fewer than three points (EPOC's minimum).
    """
    every = series.every
    given, starts, stops, remarks = [], [], [], []
    washed_out = np.zeros(len(series.starts), dtype=bool)
    for moment, end in zip_longest(interventions, ends):
        start = periods.start_of(pd.DatetimeIndex([moment]), every)[0]
        if start != moment:
            remarks.append(
                f"The intervention date {periods.label(moment, 'day')} is not the first day of a "
                f"{periods.noun(every)}; it falls in {periods.label(start, every)}, which counts "
                "as after it."
            )
        at = _place(series, start, "intervention")
        given.append(start)
        starts.append(at + lag + transition)
        washed_out[at + lag : at + lag + transition] = True
        stops.append(_place(series, end, "intervention_end") if end is not None else None)
        if end is not None and stops[-1] is not None and stops[-1] <= starts[-1]:
            raise ParameterError(
                "`intervention_end` must lie after the intervention, its lag and its wash-out.",
                found=periods.label(end, every),
            )
    phases = Phases(given, starts, stops, washed_out, transition, lag)
    _refuse_too_few(series, phases)
    return phases, remarks


def _place(series: Series, moment: pd.Timestamp, parameter: str) -> int:
    """Index of the period of a date, which must lie inside the data and not in its first period."""
    every, first, last = series.every, series.starts[0], series.starts[-1]
    start = periods.start_of(pd.DatetimeIndex([moment]), every)[0]
    if not first < start <= last:
        raise ParameterError(
            f"The {parameter.replace('_', ' ')} lies outside the data.",
            found=f"{periods.label(start, every)}; data from {periods.label(first, every)} to "
            f"{periods.label(last, every)}",
            remedy=f"Check `{parameter}`, or whether the file holds later data.",
        )
    return int(series.starts.searchsorted(start))


def _refuse_too_few(series: Series, phases: Phases, fewest: int = 3) -> None:
    used = series.present & ~phases.washed_out
    names = ["before the intervention", "after the intervention"]
    if len(phases.given) > 1:
        names = ["before the first intervention"] + [
            f"after the intervention of {periods.label(start, series.every)}"
            for start in phases.given
        ]
    word = periods.noun(series.every, 2)
    for name, part in zip(names, phases.parts(), strict=True):
        count = int(used[part].sum())
        if count < fewest:
            raise CannotEvaluate(
                f"There are too few {word} {name} to say anything about a change.",
                found=f"{count} with data; at least {fewest} on each side are needed "
                "(EPOC's minimum for an interrupted time series)",
                remedy=f"Wait for more {word}, or add earlier ones. "
                f"With 8 or more on each side a change can be tested, with 12 or more reliably.",
            )
