"""What was found about readmissions, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.core import periods
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, lower_or_higher, number, sentence
from qieval.flow.groups import ALL

OTHER_RULES = {
    "transfers_not_joined": "Counting admissions on the day of discharge, which may be transfers",
}


@dataclass(frozen=True, eq=False, repr=False)
class ReadmissionsResult(Result):
    """Result of :func:`qieval.readmissions`.

    Attributes
    ----------
    points : DataFrame
        By group and period of discharge: ``group, period, discharges, readmitted, share, low,
        high``. A p or p' chart takes readmitted over discharges.
    estimates : DataFrame
        ``readmitted`` (for groups ``readmitted: <group>``), ``difference`` before and since a
        change, ``within_28_days`` or ``within_30_days``, ``transfers_not_joined``.
    facts : dict
        What the words and the figure need beside the tables.
    """

    facts: dict[str, Any]

    kind: ClassVar[str] = "readmissions"
    limits: ClassVar[tuple[str, ...]] = (
        "Only admissions in this table can be seen: somebody admitted elsewhere counts as not "
        "readmitted.",
        "A readmission may be good care or bad, planned or not; the table does not say which.",
        "The same person may be counted more than once, and intervals take discharges as "
        "independent.",
        "A difference between groups, or before and after a change, does not say why. Groups care "
        "for different people and are not ranked.",
    )

    @property
    def groups(self) -> list[str]:
        """Names of the groups, everybody first."""
        return list(self.facts["groups"])

    @property
    def before_and_since(self) -> bool:
        """Whether discharges before and since a change stand side by side."""
        return "difference" in self.estimates.index

    @property
    def last_day(self) -> int:
        """The last day that counts; the day of discharge is day 0."""
        return int(self.params["window"]) - 1

    def term_of(self, group: str) -> str:
        """The estimate of a group."""
        return "readmitted" if group == ALL else f"readmitted: {group}"

    def share(self, term: str) -> str:
        """A share with its interval: "12.4% (95% interval 10.1 to 15.2%)"."""
        found = self.term(term)
        if not np.isfinite(found.value):
            return "not known (no discharge could be followed)"
        return (
            f"{_percent(found.value)}% (95% interval {_percent(found.low)} to "
            f"{_percent(found.high)}%)"
        )

    # ---- the finding ---------------------------------------------------------------------------

    def headline(self) -> str:
        """The finding in one sentence."""
        window = f"within {self.params['window']} days"
        if self.before_and_since:
            before, since = self.groups
            return sentence(
                f"Readmitted {window}: {before[:1].lower()}{before[1:]} "
                f"{self.share(self.term_of(before))}, since then {self.share(self.term_of(since))}"
            )
        group = self.groups[0]
        where = f" ({group})" if group != ALL else ""
        return sentence(
            f"Of those discharged{where}, {self.share(self.term_of(group))} were readmitted "
            f"{window}"
        )

    def details(self) -> str:
        """How many, what the difference is, what other rules give."""
        return " ".join([self._counted(), *self._difference(), *self._other_rules()])

    def _counted(self) -> str:
        names = [self.term_of(group) for group in self.groups]
        terms = names[:1] if self.groups[0] == ALL else names
        rows = self.estimates.loc[terms]
        discharges = int(rows["n"].sum())
        back = round(float((rows["estimate"].fillna(0) * rows["n"]).sum()))
        days = f"day 0 (the day of discharge) to day {self.last_day}"
        return (
            f"{back:,} of {discharges:,} discharges were followed by an admission of the same "
            f"person from {days}. Each discharge counts at most one readmission."
        )

    def _difference(self) -> list[str]:
        if not self.before_and_since:
            return []
        found = self.term("difference")
        if not np.isfinite(found.low):
            return []
        words = lower_or_higher(
            100 * found.value, 100 * found.low, 100 * found.high, "percentage points"
        )
        return [
            f"Compared with before, the share since then is {words}. That does not say what "
            "brought it about."
        ]

    def _other_rules(self) -> list[str]:
        said = []
        for term in self.estimates.index:
            if term.startswith("within_"):
                said.append(f"within {term.split('_')[1]} days it is {self.share(term)}")
            elif term in OTHER_RULES:
                words = OTHER_RULES[term]
                said.append(f"{words[:1].lower()}{words[1:]}, it is {self.share(term)}")
        return [sentence(f"By other rules: {in_a_row(said)}")] if said else []

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the marks."""
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        if self.params["by"]:
            marks = (
                f"one point and its 95% interval for each of {len(self.groups) - 1} groups, and a "
                "line for all of them together"
            )
        else:
            every: Any = self.params["every"]
            shown = self.points
            low, high = _percent(shown["share"].min()), _percent(shown["share"].max())
            marks = (
                f"one point for each of {len(shown):,} {periods.noun(every, 2)} of discharge, from "
                f"{low} to {high}%, and a level line"
                + (" before the change and one since." if self.before_and_since else ".")
            )
        return f"{self.headline()} Chart of the share readmitted{where}: {marks}"

    # ---- tables in words -----------------------------------------------------------------------

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """A row a group and a rule, and the table's caption."""
        rows = []
        for term, row in zip(self.estimates.index, rows_of(self.estimates), strict=True):
            places = 1
            ends = (
                f"{number(100 * row.ci_low, places)} to {number(100 * row.ci_high, places)}"
                if np.isfinite(row.ci_low)
                else "not known"
            )
            what = self._named(term)
            rows.append((what, number(100 * row.estimate, places), ends, f"{int(row.n):,}"))
        heads = ["What", "Readmitted, %", "95% interval", "Discharges"]
        return pd.DataFrame(rows, columns=heads), (
            f"Share of live discharges with an admission from day 0 to day {self.last_day}. "
            "Intervals: Wilson; of a difference: Newcombe, in percentage points."
        )

    def _named(self, term: str) -> str:
        if term == "readmitted":
            return ALL
        if term == "difference":
            return "Since less before (percentage points)"
        if term.startswith("within_"):
            return f"By another rule: within {term.split('_')[1]} days"
        return OTHER_RULES.get(term, term.removeprefix("readmitted: "))

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain column heads."""
        every: Any = self.params["every"]
        rows = [
            (
                periods.label(point.period, every),
                point.group,
                f"{point.readmitted:,}",
                f"{point.discharges:,}",
                f"{_percent(point.share)}%",
                f"{_percent(point.low)} to {_percent(point.high)}%",
            )
            for point in rows_of(self.points)
        ]
        heads = [
            periods.noun(every).capitalize() + " of discharge",
            "Who",
            "Readmitted",
            "Discharges",
            "Share",
            "95% interval",
        ]
        return pd.DataFrame(rows, columns=heads)


def _percent(share: float) -> str:
    return number(100 * float(share), 1)
