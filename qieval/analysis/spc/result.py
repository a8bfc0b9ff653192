"""What a run chart or a control chart found, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.spc import false_alarms
from qieval.core import periods
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, number

NOT_UNCHANGED = (
    "No signal is not proof that nothing changed: a small or a late change can hide in this "
    "variation."
)

_PLAIN = {
    "the latest point is part of a special cause": "the latest point is part of it",
    "of the median": "of the middle line",
    "beyond 2 sigma on the same side": "close to the same limit",
    "beyond 1 sigma on the same side": "well away from the centre line on the same side",
    "within 1 sigma": "close to the centre line",
    "beyond 1 sigma, on either side": "well away from the centre line, on either side",
}
"""Words of the rules that need an explanation, and what stands for them in a title."""


def in_plain_words(why: str) -> str:
    """The reason of a signal for a title; the tables keep the exact words of the rule."""
    for exact, plain in _PLAIN.items():
        why = why.replace(exact, plain)
    return why


@dataclass(frozen=True, eq=False, repr=False)
class Chart(Result):
    """What run charts and control charts have in common.

    Attributes
    ----------
    estimates : DataFrame
        One row a phase (and group), indexed by ``term``: ``centre``, ``centre_2`` of the second
        phase. Beside the general columns (``estimate`` is the centre line): the group columns,
        ``phase`` (from 1), ``start, end, reason``, and the numbers and words of the chart.
    facts : dict
        What the words and the figure need beside the tables: ``every`` (kind of period, or
        "event"), ``unit``, ``rules`` (with version), ``rules_title``, ``signals`` (column → rule in
        words), ``points`` (counted points of each phase), ``false_alarm`` (chance of a false signal
        on this chart), ``marks`` (events and rephases with ``date, event, kind``), ``frozen`` (the
        baseline), ``shifts`` (suggested new phases); of control charts also ``step_limits``
        (whether limits differ from point to point) and ``caution`` ("" or why the limits mislead).
    """

    facts: dict[str, Any]

    @property
    def by(self) -> list[str]:
        """The group columns; none for a single chart."""
        return list(self.params["by"])

    @property
    def last(self) -> pd.DataFrame:
        """The latest phase of each group: one row for a single chart."""
        if not self.by:
            return self.estimates.tail(1)
        return self.estimates.groupby(self.by, sort=False).tail(1)

    def _period(self, time: Any) -> str:
        every: Any = "day" if self.facts["every"] == "event" else self.facts["every"]
        return periods.label(pd.Timestamp(time), every)

    def _noun(self, count: float = 1) -> str:
        return periods.noun(self.facts["every"], count)

    def false_alarm_words(self) -> str:
        """How often such a chart shows a signal although nothing changed, for the caption."""
        facts = self.facts
        return false_alarms.in_words(
            facts["false_alarm"], facts["points"], facts["rules_title"], facts["charts"]
        )

    def _repr_html_(self) -> str:
        table, _ = self.estimates_in_words()
        rows = table.to_html(index=False, border=0)
        return f"<p><strong>{escape(self.headline())}</strong></p>{rows}"

    def _where(self) -> str:
        return f" for {self.params['setting']}" if self.params["setting"] else ""

    def _seen(self) -> pd.DataFrame:
        return self.points[self.points["value"].notna()]

    def _chart_words(self, chart: str) -> str:
        seen = self._seen()
        one = "one point an event" if self.facts["every"] == "event" else f"one a {self._noun()}"
        return (
            f"{chart} of {self.params['outcome'].lower()}{self._where()}, {one}, from "
            f"{self._period(seen['time'].min())} to {self._period(seen['time'].max())} "
            f"({len(seen)} points, between {number(seen['value'].min())} and "
            f"{number(seen['value'].max())} {self.facts['unit']})."
        )

    def _phase_words(self) -> list[str]:
        """Centre lines of a single chart in words."""
        rows = list(rows_of(self.estimates))
        line = self.facts["line"]
        unit = self.facts["unit"]
        if len(rows) == 1:
            return [f"The {line} is {number(rows[0].centre)} {unit}."]
        said = [
            f"{number(row.centre)} from {self._period(row.start)}"
            + (f" ({row.reason})" if row.reason else "")
            for row in rows
        ]
        return [f"The {line} ({unit}) is {in_a_row(said)}."]

    def _hoped_for(self, way: int) -> str:
        direction = self.params["direction"]
        if direction == "neutral" or not way:
            return ""
        good = (way > 0) == (direction == "higher")
        return f"This is {'' if good else 'not '}the direction hoped for."

    def _target_words(self) -> list[str]:
        target = self.params["target"]
        return [] if target is None else [f"The target is {number(target)} {self.facts['unit']}."]

    def _group_name(self, row: Any) -> str:
        return ", ".join(str(getattr(row, name, "")) for name in self.by)

    def _group_cells(self, table: pd.DataFrame) -> dict[str, Any]:
        return {name.replace("_", " ").capitalize(): table[name].to_numpy() for name in self.by}

    def _phase_cells(self) -> dict[str, Any]:
        """Group, phase and points of the table of estimates, under plain heads."""
        table = self.estimates
        span = [
            f"{self._period(start)} to {self._period(end)}"
            for start, end in zip(table["start"], table["end"], strict=True)
        ]
        if (table["reason"] != "").any():
            span = [
                f"{text} ({why})" if why else text
                for text, why in zip(span, table["reason"], strict=True)
            ]
        return {**self._group_cells(table), "Phase": span, "Points": table["n"].to_numpy()}

    def _point_cells(self) -> dict[str, Any]:
        points = self.points
        head = "Event" if self.facts["every"] == "event" else self._noun().capitalize()
        return {
            **self._group_cells(points),
            head: [self._period(t) for t in points["time"]],
            f"{self.params['outcome']} ({self.facts['unit']})": points["value"].to_numpy(),
            self.facts["line"].capitalize(): points["centre"].to_numpy(),
        }

    def _what_points_are(self) -> list[str]:
        """Each point's signals, or why it is left out, in words."""
        names = [name for name in self.facts["signals"] if name in self.points]
        flags = self.points[names].to_numpy(dtype=bool)
        said = [
            in_a_row([self.facts["signals"][names[k]] for k in np.flatnonzero(row)])
            for row in flags
        ]
        return [
            ("left out" + (f": {why}" if why else "")) if out else text
            for out, why, text in zip(
                self.points["excluded"], self.points["reason"], said, strict=True
            )
        ]
