"""Patient flow: the result, its verdict and its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.patient_flow.tables import (
    DECLARED,
    OVER_THE_WHOLE_TIME,
    POINTS,
    SHOWN,
    Year,
    year_of,
)
from qieval.core import periods
from qieval.core.aim import judge_aim, read_aim
from qieval.core.periods import per_year
from qieval.core.result import Result
from qieval.core.tables import Declaration, Table, titled
from qieval.core.verdict import DESCRIBED, AimVerdict, Verdict
from qieval.core.words import decimals, in_a_row, number, sentence
from qieval.flow.occupancy import bed_changes

NAMES = {
    "occupied_beds": "Occupied beds on an average day",
    "occupancy": "Occupancy",
    "admissions": "Admissions",
    "discharges": "Discharges (deaths included)",
    "bed_days_per_1000_admissions": "Bed days per 1,000 admissions",
    "admissions_per_bed": "Admissions per available bed",
    "bed_days_per_100000": "Bed days per 100,000 people",
}


PLACES = {"occupied_beds": 1, "occupancy": 0, "admissions": 1, "discharges": 1}
"""Decimals of figures; the rates have as many as their size asks."""
RATES = ("bed_days_per_1000_admissions", "admissions_per_bed", "bed_days_per_100000")


@dataclass(frozen=True, eq=False, repr=False)
class PatientFlowResult(Result):
    """Result of :func:`qieval.patient_flow`.

    Attributes
    ----------
    points : DataFrame
        One row a period: ``period, bed_days, admissions, discharges, available_bed_days, beds,
        days_in_period, occupied_beds, occupancy``.
    estimates : DataFrame
        Each figure over the whole time; no intervals, because everybody was counted.
    every : str
        The kind of period.
    """

    every: str

    kind: ClassVar[str] = "patient_flow"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "This page describes; whether something changed is for a run chart or control chart to "
        "say, and whether a project changed it for an interrupted time series.",
        "Occupancy falls when beds are added and rises when they are closed, without any change in "
        "care.",
        "Occupancy at midnight hides beds that are used twice in a day, and people on leave whose "
        "beds are kept or given away.",
    )

    def has(self, name: str) -> bool:
        """Whether a figure is known at all."""
        return bool(self.points[name].notna().any())

    @property
    def bed_changes(self) -> list[tuple[pd.Timestamp, float, float]]:
        """Where the number of beds changed: first day of the period, from, to."""
        return bed_changes(self.points)

    @property
    def years(self) -> tuple[Year, Year] | None:
        """The first and the last year; None if there are not two."""
        year = round(per_year(self.every))
        if len(self.points) < 2 * year:
            return None
        return year_of(self.points.iloc[:year]), year_of(self.points.iloc[-year:])

    @property
    def verdict(self) -> Verdict:
        """Described: nothing is tested."""
        return Verdict(DESCRIBED.kind, DESCRIBED.certainty, aim=self._aim())

    def _aim(self) -> AimVerdict:
        """Judged by the last year against the first: occupied beds; in percent, the occupancy."""
        aim = read_aim(self.params["aim"])
        share = aim.amount.how in ("share", "points")
        name, what = ("occupancy", "the occupancy") if share else ("occupied_beds", "occupied beds")
        years = self.years
        known = name in self.estimates.index
        whole_time = self.term(name).value if known else np.nan
        return judge_aim(
            aim,
            before=getattr(years[0], name) / (100 if share else 1) if years else np.nan,
            seen=(getattr(years[1], name) if years else whole_time) / (100 if share else 1),
            on=periods.end_of(self.points["period"].max(), self.every),
            unit="" if share else "beds on an average day",
            direction="lower",
            share=share,
            what_before=f"{what} in the first year",
            what_seen=f"{what} in the last year" if years else f"{what} over the whole time",
        )

    # ---- words ---------------------------------------------------------------------------------

    @cached_property
    def _values(self) -> dict[str, str]:
        """Figures over the whole time as their table shows them."""
        table = self.table("estimates")
        return dict(zip(table.rows["term"], table.shown[1].cells, strict=True))

    def headline(self) -> str:
        """The finding in one sentence."""
        text = f"On an average day {self._values['occupied_beds']} beds were occupied"
        if "occupancy" not in self._values:
            return sentence(text)
        return sentence(f"{text}: {self._values['occupancy']}% of the beds that were available")

    def details(self) -> str:
        """Admissions and discharges, the first and last year, changes in size, the aim."""
        parts = [
            *self._moved(),
            *self._of_years(),
            *self._size(),
            *self._rates(),
            self.verdict.aim.words,
        ]
        return " ".join(part for part in parts if part)

    def _moved(self) -> list[str]:
        parts = [
            f"{self._values[name]} {name}"
            for name in ("admissions", "discharges")
            if name in self._values
        ]
        if not parts:
            return []
        return [f"In an average {periods.noun(self.every)} there were {in_a_row(parts)}."]

    def _of_years(self) -> list[str]:
        if self.years is None or not all(np.isfinite(y.occupied_beds) for y in self.years):
            return []
        first, last = (self._of_a_year(year) for year in self.years)
        return [
            f"On an average day of the first year {first}, of the last {last}; that alone does not "
            "say that anything but chance is at work."
        ]

    @staticmethod
    def _of_a_year(year: Year) -> str:
        share = f" ({number(year.occupancy, 0)}%)" if np.isfinite(year.occupancy) else ""
        return f"{number(year.occupied_beds, 1)} beds were occupied{share}"

    def size_words(self) -> list[str]:
        """Each change in the number of beds: "from 24 to 18 in January 2018"."""
        changes = []
        for period, *beds in self.bed_changes:
            before, after = (number(count, 1).removesuffix(".0") for count in beds)
            changes.append(f"from {before} to {after} in {periods.label(period, self.every)}")
        return changes

    def _size(self) -> list[str]:
        changes = self.size_words()
        if not changes:
            return []
        more = f", and {len(changes) - 4} times more" if len(changes) > 4 else ""
        return [
            f"The number of beds changed {in_a_row(changes[:4])}{more}. That is an event, not an "
            "improvement: compare occupied beds before and after it only with that in mind."
        ]

    def _rates(self) -> list[str]:
        rates = [
            f"{self._values[name]} {self.term(name).unit}" for name in RATES if name in self._values
        ]
        return [sentence(f"As rates: {in_a_row(rates)}")] if rates else []

    def alt_text(self) -> str:
        """What the figure shows: the finding, then its panels."""
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        first, last = (self.points["period"].iloc[place] for place in (0, -1))
        low, high = self.points["occupied_beds"].agg(["min", "max"])
        panels = [
            f"occupied beds on an average day, from {number(low, 1)} to {number(high, 1)}"
            + (", with the beds available as a stepped line" if self.has("beds") else "")
        ]
        if self.has("occupancy"):
            low, high = self.points["occupancy"].agg(["min", "max"])
            panels.append(f"occupancy, from {number(low, 0)} to {number(high, 0)}%")
        if self.has("admissions"):
            panels.append("admissions and discharges")
        return (
            f"{self.headline()} Charts by {periods.noun(self.every)}{where}, "
            f"{periods.label(first, self.every)} to {periods.label(last, self.every)}, one above "
            f"the other: {in_a_row(panels)}."
        )

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """Each figure over the whole time, and the rows behind the figure."""
        caption = (
            "Over the whole time: sums divided by sums. No intervals: everybody was counted, "
            "nobody sampled."
        )
        rows = self.estimates.reset_index()
        own = rows["estimate"].map(decimals)
        rows = rows.assign(
            what=rows["term"].map(NAMES),
            places=rows["term"].map(PLACES).fillna(own).astype(int),
        )
        heads = titled(OVER_THE_WHOLE_TIME, n=periods.noun(self.every, 2).capitalize())
        by_name = {column.name: column for column in POINTS}
        shown = [by_name[name] for name in SHOWN if self.has(name)]
        period = titled(POINTS[:1], period=periods.noun(self.every).capitalize())
        points = Table(
            "points", "The points of the figure", (*period, *shown), self.points, every=self.every
        )
        return Table("estimates", caption, heads, rows), points
