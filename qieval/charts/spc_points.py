"""How points on run charts and control charts look: shape and colour say the same."""

from __future__ import annotations

from dataclasses import dataclass

from qieval.charts.style import BLUE, DARK_BLUE, GREY, INK, ORANGE, PURPLE


@dataclass(frozen=True)
class PointStyle:
    """How a kind of point is drawn; shape and colour say the same."""

    marker: str
    face: str
    edge: str
    size: float
    words: str


POINT_STYLES = {
    "common_cause": PointStyle("o", GREY, GREY, 17, "Usual variation"),
    "improvement": PointStyle("D", BLUE, DARK_BLUE, 27, "Signal: improvement"),
    "concern": PointStyle("v", ORANGE, INK, 46, "Signal: concern"),
    "neutral": PointStyle("s", PURPLE, PURPLE, 30, "Signal"),
    "excluded": PointStyle("o", "white", INK, 22, "Left out of centre, limits and rules"),
}
