"""Where words go so that none lies on another: labels in a column, and words at upright lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from qieval.charts.text_width import LABEL, fold, width_of

BESIDE = 0.06
"""Inches between a line and its words."""


def apart(wanted: Sequence[float], halves: Sequence[float]) -> list[float]:
    """Middles near those wanted (rising), inside 0 to 1, each clear of its neighbours."""
    placed: list[float] = []
    floor = 0.0
    for middle, half in zip(wanted, halves, strict=True):
        placed.append(max(middle, floor + half))
        floor = placed[-1] + half
    ceiling = 1.0
    for which in reversed(range(len(placed))):
        placed[which] = min(placed[which], ceiling - halves[which])
        ceiling = placed[which] - halves[which]
    return placed


# ---- words at upright lines, above the Axes ----------------------------------------------------


@dataclass(frozen=True)
class LineLabel:
    """The words at an upright line, above the Axes.

    Attributes
    ----------
    at : float
        Inches from the left of the Axes to the line.
    lines : list of str
        The words.
    left : bool
        Whether they stand to the left of the line.
    up : int
        Lines of text below them.
    """

    at: float
    lines: list[str]
    left: bool = False
    up: int = 0

    @property
    def reach(self) -> tuple[float, float]:
        """Where the words and the gap to their line begin and end, in inches."""
        wide = BESIDE + width_of("\n".join(self.lines), LABEL, bold=True)
        return (self.at - wide, self.at) if self.left else (self.at, self.at + wide)

    @property
    def top(self) -> int:
        """Lines of text below their upper end."""
        return self.up + len(self.lines)

    def meets(self, other: LineLabel) -> bool:
        """Whether the words meet the other's words, or the line that leads to them."""
        (low, high), (left, right) = self.reach, other.reach
        level = self.up < other.top and other.up < self.top
        over_words = level and low < right + BESIDE and left < high + BESIDE
        return over_words or self._crosses(other) or other._crosses(self)

    def _crosses(self, other: LineLabel) -> bool:
        low, high = self.reach
        return self.up < other.top and low - 0.03 < other.at < high + 0.03


def line_labels(
    places: Sequence[float], texts: Sequence[str], start: float, end: float
) -> list[LineLabel]:
    """Words at the side of their line with more room, as low as they can be, none on another.

    Where whole texts do not fit they are folded, ever narrower, and at last cut to their beginning.

    Parameters
    ----------
    places : list of float
        Inches to each line, rising.
    texts : list of str
        The words of each; their beginning is what stands before a colon or comma.
    start, end : float
        Inches between which words may stand.
    """
    middle = (start + end) / 2
    for widest in (3.6, 2.4, 1.6, 1.1, 0.8):
        fitting = []
        choices = [
            [
                _folded(at, text, left, min(widest, (at - start if left else end - at) - BESIDE))
                for left in (False, True)
            ]
            for at, text in zip(places, texts, strict=True)
        ]
        for labels in product(*choices):
            stacked = _stacked([label for label in labels if label])
            if len(stacked) == len(places):
                against = sum(label.left != (label.at > middle) for label in stacked)
                fitting.append((max(label.top for label in stacked), against, stacked))
        if fitting:
            return min(fitting, key=lambda each: each[:2])[2]
    if len(texts) > 1:
        names = [re.split("[:,]", text)[0] for text in texts]
        return [LineLabel(at, [name]) for at, name in zip(places, names, strict=True)]
    left = places[0] > middle
    room = (places[0] - start if left else end - places[0]) - BESIDE
    return [LineLabel(places[0], fold(texts[0], LABEL, room, bold=True), left)]


def _folded(at: float, text: str, left: bool, inches: float) -> LineLabel | None:
    """The words folded to a width; None if one of them is wider than that by itself."""
    if max(width_of(word, LABEL, bold=True) for word in text.split()) > inches:
        return None
    return LineLabel(at, fold(text, LABEL, inches, bold=True), left)


def _stacked(labels: list[LineLabel]) -> list[LineLabel]:
    """The labels, each as low as it can be, in the order of their lines; some may find no place.

    Words at the left of a line cover the lines before it, so the first of them goes lowest; words
    at the right the other way round.
    """
    at_left = sorted((label for label in labels if label.left), key=lambda label: label.at)
    at_right = sorted((label for label in labels if not label.left), key=lambda label: -label.at)
    placed: list[LineLabel] = []
    for label in [*at_left, *at_right]:
        for up in range(1 + sum(len(other.lines) for other in placed)):
            tried = replace(label, up=up)
            if not any(tried.meets(other) for other in placed):
                placed.append(tried)
                break
    return sorted(placed, key=lambda label: label.at)
