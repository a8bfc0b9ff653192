"""What a review of PDSA cycles found, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from qieval.analysis.pdsa_review import parts, words
from qieval.analysis.pdsa_review.found import Found
from qieval.analysis.pdsa_review.ramps import size_in_words
from qieval.analysis.pdsa_review.rubric import TEXTS
from qieval.core.parts import Part
from qieval.core.periods import label
from qieval.core.result import rows_of
from qieval.core.words import many, number

_TERMS = {
    "cycles": "Cycles",
    "ramps": "Ramps (chains of cycles)",
    "linked": "Cycles that build on an earlier one",
    "predicted": "Cycles with a prediction",
    "small": "Cycles smaller than the whole unit",
    "measured": "Cycles with three or more measurements in a row",
    "key_features": "Key features of the method, of four",
}


@dataclass(frozen=True, eq=False, repr=False)
class PDSAReviewResult(Found):
    """Result of :func:`qieval.pdsa_review`: the tables of :class:`.found.Found`, and words."""

    kind: ClassVar[str] = "pdsa_review"
    limits: ClassVar[tuple[str, ...]] = (
        "This reads a log. What was done and not written down does not show, and a well kept log "
        "is no proof that a change helped.",
        "Reviewers' scores are judgements. Where two differ, talking it over is worth more than "
        "the number.",
    )

    @property
    def marks(self) -> list[dict[str, Any]]:
        """The cycles as events for `qi.run_chart` and `qi.control_chart`: date, event, kind.

        A cycle whose beginning has no date has no mark. What was changed is told only if the texts
        have been checked.
        """
        rows = self.points[self.points["started"].notna()]
        return [
            {"date": row.started, "event": self._mark_words(row), "kind": "pdsa"}
            for row in rows_of(rows)
        ]

    def _mark_words(self, row: Any) -> str:
        known = "change" in self.points and row.change
        said = f": {row.change}" if known else ""
        return f"Cycle {row.name}{said} ({size_in_words(row)})"

    def headline(self) -> str:
        """How many cycles there are, and what they have."""
        return words.headline(self.points, len(self.ramps), len(self.projects))

    def details(self) -> str:
        """The key features, what would help the next cycle, and what others have published."""
        if len(self.projects) == 1:
            said = words.project_details(self.projects.iloc[0])
        else:
            said = words.several_details(self.projects)
        return f"{said} {words.PUBLISHED}"

    def alt_text(self) -> str:
        """What the figure shows: the finding, then a sentence a ramp."""
        dated = self.points["started"].dropna()
        span = f" from {label(dated.min(), 'month')} to {label(dated.max(), 'month')}"
        said = [
            f"Ramp {row.ramp}{f' ({row.project})' if len(self.projects) > 1 else ''}: "
            f"{'cycles' if row.n > 1 else 'cycle'} {row.cycles}, {row.scale}"
            f"{f', last decision {row.decision}' if row.decision else ''}"
            for row in rows_of(self.ramps)
        ]
        return (
            f"{self.headline()} Timeline of {many(len(self.points), 'cycle')}"
            f"{span if len(dated) else ''}, one lane a ramp, arrows from each cycle to the one "
            f"that builds on it. {'. '.join(said)}."
        )

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """What was counted, under plain names."""
        rows = []
        for term, name in _TERMS.items():
            found = self.term(term)
            of = "" if term in ("cycles", "ramps", "key_features") else f" of {found.n:,}"
            places = 1 if term == "key_features" and len(self.projects) > 1 else 0
            rows.append((name, f"{number(found.value, places)}{of}"))
        if self.params["reviewers"] == 2:
            rows += [
                (f"Agreement of two reviewers, kappa with {weights} weights",
                 words.kappa_in_words(self.estimates, weights))
                for weights in ("linear", "quadratic")
            ]  # fmt: skip
        caption = "What the log shows"
        if len(self.projects) > 1:
            caption += "; key features are the mean over projects"
        return pd.DataFrame(rows, columns=["What", "Found"]), caption

    def points_in_words(self) -> pd.DataFrame:
        """One row a cycle with plain heads; texts only if they have been checked."""
        points = self.points
        table = pd.DataFrame(
            {
                "Cycle": points["name"],
                "Ramp": points["ramp"],
                "Builds on": points["follows"].replace("", "none recorded"),
                "Began": _days(points["started"], "not recorded"),
                "Ended": _days(points["ended"], "not recorded"),
                "Size of the test": [size_in_words(row) for row in rows_of(points)],
                "Measurements": [
                    "not recorded" if pd.isna(count) else f"{count:g}"
                    for count in points["data_points"]
                ],
                "Decision": points["decision"].replace("", "not recorded"),
                "Measure": points["measure"].replace("", "not recorded"),
            }
        )
        for name in TEXTS:
            if name in points:
                table[name.capitalize()] = points[name].replace("", "not recorded")
        return table

    @property
    def part_names(self) -> list[str]:
        """The parts of the page that these cycles have something to say about."""
        return parts.names(self)

    def part(self, name: str) -> Part:
        """One part of the page."""
        return parts.PARTS[name](self)


def _days(dates: pd.Series, blank: str) -> list[str]:
    return [blank if pd.isna(day) else f"{day.day} {day:%B %Y}" for day in dates]
