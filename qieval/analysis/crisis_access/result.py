"""What was found about access in a crisis: the tables, and the finding in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.crisis_access import parts, words
from qieval.analysis.crisis_access.found import Found
from qieval.analysis.crisis_access.parts import PART_NAMES
from qieval.core.parts import Part


@dataclass(frozen=True, eq=False, repr=False)
class CrisisAccessResult(Found):
    """Result of :func:`qieval.crisis_access`: the tables of :class:`.found.Found`, in words."""

    kind: ClassVar[str] = "crisis_access"
    limits: ClassVar[tuple[str, ...]] = (
        "A comparison of before and since a change is no interrupted time series: a trend that was "
        "there anyway, the season, or something else at the same time would look the same.",
        "A short wait is not good by itself: a request may be refused quickly, or a bed far away. "
        "Read what became of requests beside how long they took.",
        "Requests that were never written down are not in it.",
    )

    def headline(self) -> str:
        """The finding in one sentence."""
        return words.headline(self)

    def details(self) -> str:
        """What became of requests, how long it took, how far it was, and how many there were."""
        return " ".join(words.details(self))

    def alt_text(self) -> str:
        """What the figure shows: the finding, then each dot."""
        return words.alt_text(self)

    def view_words(self, view: str) -> tuple[str, str]:
        """Title of the view of waits or of demand, and what it shows."""
        return words.of_view(self, view)

    def part(self, name: str) -> Part:
        """A part of the answer: its title, its words, its view and its table.

        Names: waits, distance, demand.
        """
        return parts.part(self, name)

    @property
    def part_names(self) -> list[str]:
        """The parts that these data have something to say about."""
        return [name for name in PART_NAMES if parts.has(self, name)]

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """What became of requests, how long it took and how many came; and the caption."""
        return parts.estimates_in_words(self)

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        return parts.points_in_words(self)
