"""What an audit found, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.audit import parts, words
from qieval.analysis.audit.found import Found
from qieval.analysis.audit.parts import PART_NAMES
from qieval.core.parts import Part


@dataclass(frozen=True, eq=False, repr=False)
class AuditResult(Found):
    """Result of :func:`qieval.audit`: the tables of :class:`.found.Found`, and their words."""

    kind: ClassVar[str] = "audit"
    limits: ClassVar[tuple[str, ...]] = (
        "An audit reads records: care that was given and not written down counts as not given.",
        "Two waves tell that something changed between them, not what changed it.",
    )

    def headline(self) -> str:
        """The finding in one sentence."""
        return words.headline(self)

    def details(self) -> str:
        """Single standards and all of them, who was one short, how the change was judged."""
        return " ".join(words.details(self))

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the marks."""
        return words.alt_text(self)

    def part(self, name: str) -> Part:
        """A part of the answer, for the page: its title, its words, and its table if it has one.

        Names: change, took_part, one_short, rules, accreditation, gaps, access.
        """
        return parts.part(self, name)

    @property
    def part_names(self) -> list[str]:
        """The parts that these data have something to say about."""
        return [name for name in PART_NAMES if parts.has(self, name)]

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """The estimates under plain names, and the table's caption."""
        return parts.estimates_in_words(self)

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        return parts.points_in_words(self)

    def sensitivity_in_words(self) -> tuple[pd.DataFrame, str]:
        """Composite and score by other rules, and the table's caption."""
        found = parts.part(self, "rules")
        return found.table, found.caption
