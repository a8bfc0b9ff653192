"""A run chart or control chart as it is drawn, whichever analysis it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.dates import date2num
from numpy.typing import NDArray

from qieval.analysis.spc import ControlChartResult, RunChartResult
from qieval.charts.icons import Icon, assurance, variation
from qieval.core import periods
from qieval.core.verdict import kind_of_change

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Picture:
    """A chart as it is drawn, whichever analysis it comes from.

    Attributes
    ----------
    points : DataFrame
        ``time, value, centre, target, phase, baseline, excluded, point_type`` and, where there are
        limits, ``lower, upper, lower_2s, upper_2s``; one row a period, a missing one without a
        value.
    every : str
        Kind of period; "event" where each point is an event.
    unit : str
        Of the vertical axis.
    centre : str
        Name of the centre line: "Median".
    marks : sequence of mapping
        Events and new phases in order of time: ``date``, ``event``, ``kind``; that of a new phase
        is "rephase".
    icons : tuple of Icon
        What the latest phase shows: variation, and assurance where there is a target.
    """

    points: pd.DataFrame
    every: str
    unit: str
    centre: str
    marks: Sequence[Mapping[str, Any]] = ()
    icons: tuple[Icon, ...] = ()

    @property
    def limits(self) -> bool:
        """Whether there are limits."""
        return "upper" in self.points

    @property
    def scale_values(self) -> Array:
        """Everything that the vertical scale must hold."""
        names = ["value", "centre", "target", *(["lower", "upper"] if self.limits else [])]
        return np.concatenate([self.points[name].to_numpy(dtype=float) for name in names])

    @property
    def after_baseline(self) -> NDArray[np.bool_]:
        """Points after the last one of their phase that the lines rest on."""
        rests = self.points["baseline"].astype(bool)
        last = rests[::-1].groupby(self.points["phase"]).cummax()[::-1]
        return np.asarray(~last)

    @property
    def frozen(self) -> NDArray[np.bool_]:
        """Points after a baseline that their phase's lines do not rest on."""
        counted = self.points["value"].notna() & ~self.points["excluded"].astype(bool)
        left_out = counted & ~self.points["baseline"].astype(bool)
        of_phase = left_out.groupby(self.points["phase"]).transform("any").to_numpy()
        return np.asarray(self.after_baseline & of_phase)

    def label(self, moment: Any) -> str:
        """A point in time in words."""
        return periods.label(pd.Timestamp(moment), self.every)

    @property
    def rephases(self) -> list[Mapping[str, Any]]:
        """Where the lines start anew."""
        return [mark for mark in self.marks if mark["kind"] == "rephase"]

    @property
    def events(self) -> list[Mapping[str, Any]]:
        """Events within the time of the chart."""
        times = self.points["time"]
        last = periods.end_of(times.iloc[-1], self.every)
        return [
            mark
            for mark in self.marks
            if mark["kind"] != "rephase" and times.iloc[0] <= pd.Timestamp(mark["date"]) <= last
        ]


@dataclass(frozen=True)
class Across:
    """Where points stand on the horizontal axis, and the edges of the step around each."""

    middle: Array
    left: Array
    right: Array
    days: Array
    in_order: bool

    @classmethod
    def of(cls, picture: Picture) -> Across:
        """By date; events one after another, since several may fall on one day."""
        days = np.asarray(date2num(picture.points["time"]), dtype=float)
        in_order = picture.every == "event"
        at = np.arange(1.0, len(days) + 1) if in_order else days
        between = (at[1:] + at[:-1]) / 2
        half = np.diff(at)[[0, -1]] / 2 if len(at) > 1 else np.array([0.5, 0.5])
        left = np.r_[at[0] - half[0], between]
        right = np.r_[between, at[-1] + half[1]]
        return cls(at, left, right, days, in_order)

    def place(self, moment: Any) -> float:
        """Where a date stands."""
        day = float(date2num(pd.Timestamp(moment)))
        return float(np.interp(day, self.days, self.middle)) if self.in_order else day

    def edge_at(self, moment: Any) -> float:
        """The edge before the first point on or after a date: where a new phase begins."""
        first = int(np.searchsorted(self.days, float(date2num(pd.Timestamp(moment)))))
        return float(self.left[min(first, len(self.left) - 1)])


def pictures_of(
    result: RunChartResult | ControlChartResult, centre: str
) -> list[tuple[str, Picture]]:
    """Name and picture of each unit; one without a name where there are no groups."""
    marks: list[Any] = result.marks.to_dict("records")
    return [
        (
            name,
            Picture(
                part.reset_index(drop=True),
                result.setup.every,
                result.setup.unit,
                centre,
                [mark for mark in marks if mark["group"] in ("", name)],
                _icons(result, row),
            ),
        )
        for name, row, part in result.parts
    ]


def _icons(result: RunChartResult | ControlChartResult, row: Any) -> tuple[Icon, ...]:
    """Variation of the latest phase, and assurance where there is a target to judge."""
    high = bool(row.way > 0) if row.way else None
    if isinstance(result, RunChartResult):
        kind = kind_of_change(int(row.way), result.params["direction"]) if row.way else "changed"
        signal = {"improved": "improvement", "worse": "concern"}.get(kind, "neutral")
        return (variation(signal if row.signal else "common_cause" if row.n_useful else "", high),)
    icons = (variation(row.variation, high),)
    return (*icons, assurance(row.assurance)) if row.assurance else icons
