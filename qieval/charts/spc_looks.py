"""How points on run charts and control charts look: shape and colour say the same."""

from __future__ import annotations

from dataclasses import dataclass

from qieval.charts.style import BLUE, DARK_BLUE, GREY, INK, ORANGE, PURPLE


@dataclass(frozen=True)
class Look:
    """How a kind of point is drawn; shape and colour say the same."""

    marker: str
    face: str
    edge: str
    size: float
    words: str


LOOKS = {
    "common_cause": Look("o", GREY, GREY, 17, "Usual variation"),
    "improvement": Look("D", BLUE, DARK_BLUE, 27, "Signal: improvement"),
    "concern": Look("v", ORANGE, INK, 46, "Signal: concern"),
    "neutral": Look("s", PURPLE, PURPLE, 30, "Signal"),
    "excluded": Look("o", "white", INK, 22, "Left out of centre, limits and rules"),
}
