"""What a family of measures showed, in tables and in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Required

import pandas as pd
from typing_extensions import TypedDict

from qieval.analysis.spc import ControlChartResult
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, number, sentence

Role = Literal["outcome", "process", "balancing"]
Direction = Literal["higher", "lower", "neutral"]
ROLES: dict[str, str] = {
    "outcome": "Outcome measures: is it better for patients?",
    "process": "Process measures: is the change being made?",
    "balancing": "Balancing measures: has anything else become worse?",
}


class Measure(TypedDict, total=False):
    """One measure of the family: its name, role, columns, and how it is drawn.

    ``chart`` is a kind of :func:`qieval.control_chart`; left out, the data decide, and the checks
    say why. A share or rate has a ``numerator`` and a ``denominator``, anything else a ``value``.
    """

    # An unknown key is refused when the parameter file is checked, not passed over.
    __pydantic_config__ = {"extra": "forbid"}  # type: ignore[misc]  # noqa: RUF012

    name: Required[str]
    role: Required[Role]
    direction: Required[Direction]
    value: str
    numerator: str
    denominator: str
    chart: str
    per: float
    target: float
    unit: str
    where: Mapping[str, str]


@dataclass(frozen=True, eq=False, repr=False)
class FamilyResult(Result):
    """Result of :func:`family_of_measures`.

    Attributes
    ----------
    points : DataFrame
        The points of every chart (see ``ControlChartResult``), with ``measure`` and ``role``.
    estimates : DataFrame
        One row a measure (its name is the ``term``): ``estimate`` is the centre line of the latest
        phase, ``n`` its points.
    checks : DataFrame
        Those of every chart; ``check`` begins with the measure where only some say it.
    judged : DataFrame
        One row a measure: ``measure, role, variation`` (improvement, concern, neutral,
        common_cause, or "" where it cannot be judged), ``reason``, ``assurance`` and ``lines``
        (in words: special causes before the latest point, how the centre line moved).
    charts : dict
        Measure → its ``ControlChartResult``.
    """

    judged: pd.DataFrame
    charts: dict[str, ControlChartResult]

    kind: ClassVar[str] = "family_of_measures"
    limits: ClassVar[tuple[str, ...]] = (
        "A signal says that something changed, not what or why; no signal does not show that "
        "nothing changed.",
        "The more measures are watched, the more likely it is that one of them shows a signal by "
        "chance. Read the measures together.",
    )

    def _named(self, variation: str, role: str | None = None) -> list[str]:
        wanted = self.judged["variation"] == variation
        if role is not None:
            wanted &= self.judged["role"] == role
        return self.judged.loc[wanted, "measure"].tolist()

    def headline(self) -> str:
        """How many measures improved, are of concern, or only vary."""
        count = len(self.judged)
        named = {words: self._named(variation) for variation, words in _COUNTED.items()}
        said = [
            f"{len(names)} {words if len(names) > 1 else words.replace('show', 'shows')}"
            for words, names in named.items()
            if names
        ]
        if named[_COUNTED["common_cause"]] and len(said) == 1:
            none = f"none of {count} measures shows" if count > 1 else "the measure does not show"
            return sentence(f"{none} a special cause at its latest point")
        return sentence(f"of {count} measures, {in_a_row(said)}")

    def details(self) -> str:
        """What each role's measures say together, and what must not be read into them."""
        parts = [self._role(role) for role in ROLES if (self.judged["role"] == role).any()]
        missing = [role for role in ROLES if not (self.judged["role"] == role).any()]
        if missing:
            lacking = in_a_row(missing, "or")
            parts.append(f"There is no {lacking} measure, so that side is not known.")
        parts.append(self._together())
        return " ".join(filter(None, parts))

    def _role(self, role: str) -> str:
        rows = self.judged[self.judged["role"] == role]
        said = [
            f"{row.measure}: {', '.join(filter(None, [_WORDS[row.variation], row.lines]))}"
            for row in rows_of(rows)
        ]
        return f"{role.capitalize()}: {'; '.join(said)}."

    def _together(self) -> str:
        """What outcome and process say together: the reading that the field teaches."""
        moved = {role: self._named("improvement", role) for role in ROLES}
        if self._named("concern", "balancing"):
            return "Something else became worse at the same time: weigh it against the gains."
        if moved["outcome"] and not moved["process"] and (self.judged["role"] == "process").any():
            return (
                "The outcome improved without a signal in the process, so the improvement may have "
                "another cause."
            )
        if moved["process"] and not moved["outcome"]:
            return (
                "The process improved but the outcome shows no improvement: it may need more time, "
                "or the change may not be the one that helps."
            )
        return ""

    def alt_text(self) -> str:
        """What the figure shows: the finding, then a sentence a chart."""
        said = [
            f"{row.measure} ({row.role}): {_WORDS[row.variation]}" for row in rows_of(self.judged)
        ]
        return (
            f"{self.headline()} {len(said)} small control charts, one a measure, each with its own "
            f"scale. {'. '.join(said)}."
        )

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """One row a measure: role, centre line, variation and target."""
        rows = list(rows_of(self.judged))
        table = pd.DataFrame(
            {
                "Measure": [row.measure for row in rows],
                "Role": [row.role for row in rows],
                "Centre line": [
                    f"{number(value)} {unit}"
                    for value, unit in zip(
                        self.estimates["estimate"], self.estimates["unit"], strict=True
                    )
                ],
                "Points": self.estimates["n"].tolist(),
                "Latest point": [
                    sentence(f"{_WORDS[row.variation]}; {row.reason}") for row in rows
                ],
                "Target": [row.assurance or "none" for row in rows],
            }
        )
        return table, "Every measure: the latest phase of its chart"

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        parts = []
        for name, chart in self.charts.items():
            found = chart.points_in_words()
            found.columns = [*found.columns[:1], "Value", *found.columns[2:]]
            found = found.rename(columns={found.columns[2]: "Centre line"})
            parts.append(found.assign(Measure=name))
        table = pd.concat(parts, ignore_index=True)
        return table[["Measure", *table.columns.drop("Measure")]]


_WORDS = {
    "improvement": "an improvement",
    "concern": "a special cause of concern",
    "neutral": "a special cause, neither better nor worse",
    "common_cause": "only the variation to be expected",
    "": "cannot be judged",
}
_COUNTED = {
    "improvement": "show an improvement",
    "concern": "show a special cause of concern",
    "neutral": "show a special cause, neither better nor worse",
    "common_cause": "show only the variation to be expected",
    "": "cannot be judged",
}
