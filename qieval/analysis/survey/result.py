"""What a survey found: the tables, and the finding in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.survey import parts, words
from qieval.analysis.survey.found import Found
from qieval.analysis.survey.parts import PART_NAMES
from qieval.core.parts import Part


@dataclass(frozen=True, eq=False, repr=False)
class SurveyResult(Found):
    """Result of :func:`qieval.survey`: the tables of :class:`.found.Found`, and their words."""

    kind: ClassVar[str] = "survey"
    limits: ClassVar[tuple[str, ...]] = (
        "Only those who answered are in it. Those who did not may think otherwise.",
        "Two waves tell that answers changed between them, not what changed them; the people asked "
        "may be others.",
        "Satisfaction says how people see their care. It depends on what they expected, too.",
    )

    def headline(self) -> str:
        """The finding in one sentence."""
        return words.headline(self)

    def details(self) -> str:
        """Who answered, how large the changes are, and what was answered beside the scale."""
        return " ".join(words.details(self))

    def alt_text(self) -> str:
        """What the figure shows: the finding, then each bar."""
        return words.alt_text(self)

    def view_words(self, view: str) -> tuple[str, str]:
        """Title of the view by groups, and what it shows."""
        return words.of_groups(self)

    def part(self, name: str) -> Part:
        """A part of the answer, for the page: its title, its words and its table.

        Names: response, groups, steps.
        """
        return parts.part(self, name)

    @property
    def part_names(self) -> list[str]:
        """The parts that these data have something to say about."""
        return [name for name in PART_NAMES if parts.has(self, name)]

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """Positive answers and their change, an item a row, and the table's caption."""
        return parts.estimates_in_words(self)

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        return parts.points_in_words(self)
