"""Where a chart starts anew, what its limits rest on, and which points are left out, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.spc.methods.series import Mask, Series
from qieval.core import columns, periods
from qieval.core.errors import CannotEvaluate, ParameterError, listed, nearest

Dates = Sequence[date | str] | Mapping[date | str, str]
When = Sequence[date | str] | Mapping[date | str, str | Dates]
"""Dates, or dates with reasons; of charts with groups also a group's name with its own."""

End = int | date | str | None
Baseline = End | Sequence[End] | Mapping[str, End | Sequence[End]]
"""Where a baseline ends; a list has one end a phase; with groups also a group's name with its own.
"""

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


@dataclass(frozen=True)
class Dated:
    """A rephase or an exclusion: when, why ("" if nobody said), and of which units.

    Attributes
    ----------
    moment : Timestamp
    why : str
    group : str
        Name of the group that it is of; "" for all.
    units : (units,) bool
    """

    moment: pd.Timestamp
    why: str
    group: str
    units: Mask


@dataclass(frozen=True)
class Phases:
    """The phases of a chart.

    Attributes
    ----------
    number : (units, points) int
        Phase of each cell, from 0.
    starts : list of Dated
        Where phases after the first start.
    excluded : (units, points) bool
        Points left out of limits and rules.
    exclusions : list of Dated
        Each exclusion, and why.
    limits_from : (units, points) bool
        Points that centre and limits rest on.
    frozen : str
        The baselines in sentences; "" if there is none.
    """

    number: NDArray[np.int64]
    starts: list[Dated]
    excluded: Mask
    exclusions: list[Dated]
    limits_from: Mask
    frozen: str

    @property
    def count(self) -> int:
        """How many phases there are at most."""
        return int(self.number.max(initial=0)) + 1

    def of(self, which: int) -> Mask:
        """The cells of a phase."""
        return np.asarray(self.number == which)

    @property
    def latest(self) -> Mask:
        """The cells of each unit's last phase."""
        return np.asarray(self.number == self.number.max(axis=1, keepdims=True))

    def begins(self, which: int) -> list[tuple[Dated, Mask]]:
        """Each start of that phase, and the units whose phase starts there."""
        begun = []
        for start in self.starts:
            earlier = [other.units for other in self.starts if other.moment <= start.moment]
            begun.append((start, start.units & (np.sum(earlier, axis=0) == which)))
        return begun

    def reasons(self, which: int) -> NDArray[np.object_]:
        """Why a phase starts, for each unit."""
        words = np.full(len(self.number), "", dtype=object)
        for start, units in self.begins(which):
            words[units] = start.why
        return words


def make_phases(series: Series, baseline: Any, rephase: Any, exclude: Any) -> Phases:
    """The phases, checked against the data.

    Raises
    ------
    ParameterError
        If a date is none or lies outside the data, a group is unknown, or a baseline is longer than
        its phase.
    CannotEvaluate
        If nothing is left to compute a centre line from.
    """
    starts = _dated(series, rephase, "rephase")
    number = np.zeros(series.y.shape, dtype=np.int64)
    for start in starts:
        _refuse_outside(series, start)
        number += (series.times >= start.moment.to_datetime64()) & start.units[:, None]
    exclusions = _dated(series, exclude, "exclude")
    excluded = np.zeros(series.y.shape, dtype=bool)
    for one in exclusions:
        here = series.present & series.at(one.moment) & one.units[:, None]
        if not here.any():
            raise ParameterError(
                f"There is no point to exclude on this date{_of_group(one.group)}.",
                found=series.label(one.moment),
                remedy="Check `exclude` against the table.",
            )
        excluded |= here
    counted = series.present & ~excluded
    _refuse_empty(counted, number, starts)
    if counted.sum(axis=1).max() < 2:
        raise CannotEvaluate("After the exclusions fewer than two points are left.")
    held, words = _baselines(series, baseline, counted, number)
    return Phases(number, starts, excluded, exclusions, counted & held, words)


def by_group(series: Series, given: Any, name: str) -> list[tuple[str, Mask, Any]]:
    """A parameter of all units, or of each group by name: (group, its units, what was given).

    Raises
    ------
    ParameterError
        If a group is unknown.
    """
    everyone = [("", np.ones(len(series.y), dtype=bool), given)]
    if not isinstance(given, Mapping) or series.units.empty:
        return everyone
    names = series.names
    unknown = [str(key) for key in given if str(key) not in set(names)]
    if len(unknown) == len(given) and all(_is_date(key) for key in given):
        return everyone
    if unknown:
        guess = nearest(unknown[0], names)
        raise ParameterError(
            f"`{name}` names a group that the data do not have.",
            found=listed(unknown),
            remedy=f"Did you mean `{guess}`?" if guess else "Write groups as the charts call them.",
        )
    of = np.array(names, dtype=object)
    return [(str(key), np.asarray(of == str(key)), value) for key, value in given.items()]


def moments(series: Series, given: Mapping[Any, Any], name: str) -> list[tuple[pd.Timestamp, Any]]:
    """Dates with what belongs to each, as first days of their periods, in order."""
    pairs = [(_moment(series, when, name), what) for when, what in given.items()]
    return sorted(pairs, key=lambda pair: pair[0])


def _is_date(given: Any) -> bool:
    try:
        columns.moment(given, "date")
    except ParameterError:
        return False
    return True


def _of_group(group: str) -> str:
    return f" in {group}" if group else ""


def _dated(series: Series, given: Any, name: str) -> list[Dated]:
    """The dates given, each as the first day of its period, with its reason, in order."""
    dated = []
    for group, units, dates in by_group(series, given, name):
        if dates is None:
            continue
        listing = [dates] if isinstance(dates, str | date) else dates
        reasons = listing if isinstance(listing, Mapping) else dict.fromkeys(listing, "")
        for moment, why in moments(series, reasons, name):
            if why is not None and not isinstance(why, str):
                raise ParameterError(
                    f"`{name}` takes a reason in words beside a date.", found=repr(why)
                )
            dated.append(Dated(moment, why or "", group, units))
    return sorted(dated, key=lambda one: one.moment)


def _moment(series: Series, when: Any, name: str) -> pd.Timestamp:
    moment = columns.moment(when, name)
    if series.every == "event":
        return moment
    return pd.Timestamp(periods.start_of(pd.DatetimeIndex([moment]), series.every)[0])


def _refuse_outside(series: Series, start: Dated) -> None:
    shown = series.times[series.shown & start.units[:, None]]
    if not shown.min() < start.moment.to_datetime64() <= shown.max():
        raise ParameterError(
            f"A rephase lies outside the data{_of_group(start.group)}.",
            found=f"{series.label(start.moment)}; data from {series.label(shown.min())} to "
            f"{series.label(shown.max())}",
            remedy="Check `rephase`, or whether the file holds later data. It cannot be the "
            "first point: a phase would be empty.",
        )


def _refuse_empty(counted: Mask, number: NDArray[np.int64], starts: list[Dated]) -> None:
    """Refuse a phase without points: of a group that has its own dates, in that group."""
    own = [("", np.ones(len(counted), dtype=bool))]
    own += [(start.group, start.units) for start in starts if start.group]
    for group, units in own:
        phases = number[units].max(initial=0) + 1
        for which in range(phases):
            if not (counted & (number == which))[units].any():
                raise ParameterError(
                    f"A phase has no points{_of_group(group)}.",
                    found=f"phase {which + 1} of {phases}",
                    remedy="Leave out one of the `rephase` dates, or an exclusion.",
                )


# ---- baselines ---------------------------------------------------------------------------------


def _baselines(
    series: Series, given: Any, counted: Mask, number: NDArray[np.int64]
) -> tuple[Mask, str]:
    """The points that lines rest on, and the baselines in sentences."""
    held, sentences = np.ones(series.y.shape, dtype=bool), []
    for group, units, value in by_group(series, given, "baseline"):
        several = isinstance(value, Sequence) and not isinstance(value, str)
        for which, end in enumerate(value if several else [value]):
            phase = (number == which) & units[:, None]
            if end is None:
                continue
            if not phase.any():
                raise ParameterError(
                    f"`baseline` has more entries than there are phases{_of_group(group)}.",
                    found=f"{len(value)} entries",
                    remedy="Give one a phase, in order; null where all of its points count.",
                )
            later = counted & units[:, None] & (number > which)
            inside, words = _inside(series, end, counted & phase, later, _ordinal(which))
            held &= ~phase | inside
            of = f"the {_ordinal(which)} phase{_of_group(group)}"
            sentences.append(f"Lines of {of} rest on {words}.")
    return held, " ".join(sentences)


def _ordinal(which: int) -> str:
    return _ORDINALS[which] if which < len(_ORDINALS) else f"{which + 1}th"


def _inside(series: Series, end: Any, phase: Mask, later: Mask, ordinal: str) -> tuple[Mask, str]:
    """The cells up to the end of a baseline, and the baseline in words."""
    has = phase.any(axis=1)
    if isinstance(end, int | np.integer) and not isinstance(end, bool):
        inside, words = np.cumsum(phase, axis=1) <= end, f"the first {end} points"
        short = has & (phase.sum(axis=1) < end)
        if end < 2 or short.any():
            fewest = int(phase.sum(axis=1)[has].min())
            raise ParameterError(
                f"`baseline` must be a number of points that the {ordinal} phase has.",
                found=f"{end}; the {ordinal} phase{_short(series, short)} has {fewest} points",
                remedy=_REMEDY,
            )
        return np.asarray(inside), words
    moment = _moment(series, end, "baseline")
    inside = series.times <= moment.to_datetime64()
    short = has & ((phase & inside).sum(axis=1) < 2)
    if short.any() or not (series.shown & ~inside).any():
        raise ParameterError(
            "`baseline` must end inside the data, after two points or more"
            f"{_short(series, short)}.",
            found=series.label(moment),
            remedy=_REMEDY,
        )
    if not (phase & ~inside).any() and (later & inside).any():
        raise ParameterError(
            "The baseline goes on after a rephase.",
            found=series.label(moment),
            remedy="End the baseline before the first `rephase` date.",
        )
    return np.asarray(inside), f"the points up to {series.label(moment)}"


_REMEDY = (
    "Give a smaller number (12 or more are wise), or the last date of the baseline; with groups, "
    "one a group: `baseline: {name of the group: 12}`."
)


def _short(series: Series, short: Mask) -> str:
    """Those units by name, where there are several."""
    return "" if series.units.empty or not short.any() else f" of {series.some_units(short)}"
