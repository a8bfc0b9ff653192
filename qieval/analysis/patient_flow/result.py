"""What was found about the flow of patients through a ward, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.core import periods
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, number, sentence

NAMES = {
    "occupied_beds": "Occupied beds on an average day",
    "occupancy": "Occupancy",
    "admissions": "Admissions",
    "discharges": "Discharges (deaths included)",
    "bed_days_per_1000_admissions": "Bed days per 1,000 admissions",
    "admissions_per_bed": "Admissions per available bed",
    "bed_days_per_100000": "Bed days per 100,000 people",
}


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
    facts : dict
        What the words and the figure need beside the tables.
    """

    facts: dict[str, Any]

    kind: ClassVar[str] = "patient_flow"
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

    def headline(self) -> str:
        """The finding in one sentence."""
        occupied = self.term("occupied_beds").value
        text = f"On an average day {number(occupied, 1)} beds were occupied"
        if "occupancy" not in self.estimates.index:
            return sentence(text)
        return sentence(
            f"{text}: {number(self.term('occupancy').value, 0)}% of the beds that were available"
        )

    def details(self) -> str:
        """Admissions and discharges, the first and last year, changes in size."""
        return " ".join([*self._moved(), *self._years(), *self._size(), *self._rates()])

    def _moved(self) -> list[str]:
        said = [
            f"{number(self.term(name).value, 1)} {name}"
            for name in ("admissions", "discharges")
            if name in self.estimates.index
        ]
        every: Any = self.facts["every"]
        if not said:
            return []
        return [f"In an average {periods.noun(every)} there were {in_a_row(said)}."]

    def _years(self) -> list[str]:
        if not self.facts["years"]:
            return []
        first, last = (self._of_a_year(year) for year in self.facts["years"])
        if not first or not last:
            return []
        return [
            f"On an average day of the first year {first}, of the last {last}; that alone does not "
            "say that anything but chance is at work."
        ]

    @staticmethod
    def _of_a_year(year: dict[str, Any]) -> str:
        if year["occupied_beds"] is None:
            return ""
        share = f" ({number(year['occupancy'], 0)}%)" if year["occupancy"] is not None else ""
        return f"{number(year['occupied_beds'], 1)} beds were occupied{share}"

    def size_words(self) -> list[str]:
        """Each change in the number of beds: "from 24 to 18 in January 2018"."""
        every: Any = self.facts["every"]
        said = []
        for change in self.facts["bed_changes"]:
            before, after = (number(change[end], 1).removesuffix(".0") for end in ("from", "to"))
            when = periods.label(pd.Timestamp(change["period"]), every)
            said.append(f"from {before} to {after} in {when}")
        return said

    def _size(self) -> list[str]:
        said = self.size_words()
        if not said:
            return []
        shown = in_a_row(said[:4]) + (f", and {len(said) - 4} times more" if len(said) > 4 else "")
        return [
            f"The number of beds changed {shown}. That is an event, not an improvement: compare "
            "occupied beds before and after it only with that in mind."
        ]

    def _rates(self) -> list[str]:
        said = [
            f"{number(self.term(name).value)} {self.term(name).unit}"
            for name in (
                "bed_days_per_1000_admissions",
                "admissions_per_bed",
                "bed_days_per_100000",
            )
            if name in self.estimates.index
        ]
        return [sentence(f"As rates: {in_a_row(said)}")] if said else []

    def alt_text(self) -> str:
        """What the figure shows: the finding, then its panels."""
        every: Any = self.facts["every"]
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        first, last = (self.points["period"].iloc[place] for place in (0, -1))
        low, high = self.points["occupied_beds"].min(), self.points["occupied_beds"].max()
        panels = [
            f"occupied beds on an average day, from {number(low, 1)} to {number(high, 1)}"
            + (", with the beds available as a stepped line" if self.has("beds") else "")
        ]
        if self.has("occupancy"):
            ends = self.points["occupancy"].min(), self.points["occupancy"].max()
            panels.append(f"occupancy, from {number(ends[0], 0)} to {number(ends[1], 0)}%")
        if self.has("admissions"):
            panels.append("admissions and discharges")
        return (
            f"{self.headline()} Charts by {periods.noun(every)}{where}, "
            f"{periods.label(first, every)} to {periods.label(last, every)}, one above the other: "
            f"{in_a_row(panels)}."
        )

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """Each figure over the whole time, and the table's caption."""
        every: Any = self.facts["every"]
        rows = [
            (NAMES[term], number(row.estimate), row.unit, f"{int(row.n):,}")
            for term, row in zip(self.estimates.index, rows_of(self.estimates), strict=True)
        ]
        caption = (
            "Over the whole time: sums divided by sums. No intervals: everybody was counted, "
            "nobody sampled."
        )
        heads = ["What", "Value", "Unit", periods.noun(every, 2).capitalize()]
        return pd.DataFrame(rows, columns=heads), caption

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain column heads."""
        every: Any = self.facts["every"]
        heads = {
            "bed_days": ("Bed days", 0),
            "occupied_beds": ("Occupied beds a day", 1),
            "beds": ("Beds", 1),
            "occupancy": ("Occupancy, %", 0),
            "admissions": ("Admissions", 0),
            "discharges": ("Discharges", 0),
        }
        table = {
            periods.noun(every).capitalize(): [
                periods.label(period, every) for period in self.points["period"]
            ]
        }
        for name, (head, places) in heads.items():
            if self.has(name):
                table[head] = [
                    number(value, places) if np.isfinite(value) else "not known"
                    for value in self.points[name]
                ]
        return pd.DataFrame(table)
