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
from qieval.core.errors import CannotEvaluate, ParameterError

When = Sequence[date | str] | Mapping[date | str, str]


@dataclass(frozen=True)
class Phases:
    """The phases of a chart.

    Attributes
    ----------
    number : (units, points) int
        Phase of each cell, from 0.
    starts : list of (Timestamp, str)
        Where each phase after the first starts, and why ("" if nobody said).
    excluded : (units, points) bool
        Points left out of limits and rules.
    reasons : list of (Timestamp, str)
        Each exclusion, and why.
    limits_from : (units, points) bool
        Points that centre and limits rest on.
    frozen : str
        The baseline in words; "" if there is none.
    """

    number: NDArray[np.int64]
    starts: list[tuple[pd.Timestamp, str]]
    excluded: Mask
    reasons: list[tuple[pd.Timestamp, str]]
    limits_from: Mask
    frozen: str

    @property
    def count(self) -> int:
        """How many phases there are."""
        return len(self.starts) + 1

    def of(self, which: int) -> Mask:
        """The cells of a phase."""
        return np.asarray(self.number == which)


def make_phases(series: Series, baseline: Any, rephase: Any, exclude: Any) -> Phases:
    """The phases, checked against the data.

    Raises
    ------
    ParameterError
        If a date is none or lies outside the data, or a baseline is longer than its phase.
    CannotEvaluate
        If nothing is left to compute a centre line from.
    """
    starts = sorted(_moments(series, rephase, "rephase"))
    number = np.zeros(series.y.shape, dtype=np.int64)
    shown = series.times[series.shown]
    for moment, _ in starts:
        if not shown.min() < moment.to_datetime64() <= shown.max():
            raise ParameterError(
                "A rephase lies outside the data.",
                found=f"{series.label(moment)}; data from {series.label(shown.min())} to "
                f"{series.label(shown.max())}",
                remedy="Check `rephase`, or whether the file holds later data. It cannot be the "
                "first point: a phase would be empty.",
            )
        number += series.times >= moment.to_datetime64()
    excluded, reasons = _exclusions(series, _moments(series, exclude, "exclude"))
    counted = series.present & ~excluded
    for which in range(len(starts) + 1):
        if not (counted & (number == which)).any():
            raise ParameterError(
                "A phase has no points.",
                found=f"phase {which + 1} of {len(starts) + 1}",
                remedy="Leave out one of the `rephase` dates, or an exclusion.",
            )
    if counted.sum(axis=1).max() < 2:
        raise CannotEvaluate("After the exclusions fewer than two points are left.")
    held, words = _baseline(series, baseline, counted & (number == 0))
    return Phases(number, starts, excluded, reasons, counted & ((number > 0) | held), words)


def _moments(series: Series, given: Any, name: str) -> list[tuple[pd.Timestamp, str]]:
    """The dates given, each as the first day of its period, with its reason."""
    if given is None:
        return []
    if isinstance(given, str | date):
        given = [given]
    pairs = given.items() if isinstance(given, Mapping) else [(one, "") for one in given]
    return [(_moment(series, when, name), str(why or "")) for when, why in pairs]


def _moment(series: Series, when: Any, name: str) -> pd.Timestamp:
    moment = columns.moment(when, name)
    if series.every == "event":
        return moment
    return pd.Timestamp(periods.start_of(pd.DatetimeIndex([moment]), series.every)[0])


def _exclusions(
    series: Series, moments: list[tuple[pd.Timestamp, str]]
) -> tuple[Mask, list[tuple[pd.Timestamp, str]]]:
    excluded = np.zeros(series.y.shape, dtype=bool)
    for moment, _ in moments:
        here = series.present & series.at(moment)
        if not here.any():
            raise ParameterError(
                "There is no point to exclude on this date.",
                found=series.label(moment),
                remedy="Check `exclude` against the table.",
            )
        excluded |= here
    return excluded, sorted(moments)


def _baseline(series: Series, baseline: Any, first: Mask) -> tuple[Mask, str]:
    """The points of the first phase that its limits rest on, and the baseline in words."""
    if baseline is None:
        return np.ones(series.y.shape, dtype=bool), ""
    if isinstance(baseline, int | np.integer) and not isinstance(baseline, bool):
        place = np.cumsum(first, axis=1)
        if baseline < 2 or baseline > int(place[:, -1].max()):
            raise ParameterError(
                "`baseline` must be a number of points that the first phase has.",
                found=f"{baseline}; the first phase has {int(place[:, -1].max())} points",
                remedy="Give a smaller number (12 or more are wise), a date, or leave it out.",
            )
        return place <= baseline, f"the first {baseline} points"
    moment = _moment(series, baseline, "baseline")
    held = series.times <= moment.to_datetime64()
    if (first & held).sum(axis=1).max() < 2 or not (series.shown & ~held).any():
        raise ParameterError(
            "`baseline` must end inside the data, after two points or more.",
            found=series.label(moment),
            remedy="Give the last date of the baseline, or its number of points.",
        )
    if not (first & ~held).any() and (series.present & ~first & held).any():
        raise ParameterError(
            "The baseline goes on after a rephase.",
            found=series.label(moment),
            remedy="End the baseline before the first `rephase` date.",
        )
    return np.asarray(held), f"the points up to {series.label(moment)}"
