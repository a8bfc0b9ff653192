"""The dots of an audit: a row a standard, a dot with its interval a wave, all together below.

Each dot has its value beside it, and those of the first row the name of their wave, so that no key
is needed. The vertical axis counts inches from the top. Standards stand in the order that the audit
gives them: sorted they would read as a league table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from qieval.analysis.audit import AuditResult
from qieval.analysis.audit.methods.answers import COMPOSITE
from qieval.charts.drawing import chart, notes
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    FAINT,
    GREY,
    INK,
    LIGHT_BLUE,
    QUIET,
    Canvas,
)
from qieval.charts.text_width import LABEL, LABEL_LINE, fold, width_of
from qieval.core.words import in_a_row

_WAVE = 0.185
"""Inches from one wave of a standard to the next."""
_GAP = 0.15
"""Inches between standards."""
_NAMES = 2.6
"""Inches that names may take beside the Axes; longer ones are folded."""
_AROUND = 2.21
"""Inches of a figure that are not Axes (``Canvas.tall``)."""
_LINE = LABEL_LINE / 72


_Dot = tuple[str, int, str, str]
"""Marker, size, face and edge."""


@dataclass(frozen=True)
class _Block:
    """A standard and where it stands: its name, its points, inches from the top."""

    standard: str
    lines: list[str]
    points: list[dict[str, Any]]
    top: float
    first_dot: float

    @property
    def composite(self) -> bool:
        """Whether it is all of them together."""
        return self.standard == COMPOSITE

    @property
    def height(self) -> float:
        """Inches from its top to its end."""
        dots = self.first_dot - self.top + _WAVE * (len(self.points) - 0.5)
        return max(dots, _LINE * len(self.lines)) + _GAP


@chart.register
def _(result: AuditResult, ax: Axes, canvas: Canvas) -> None:
    names = _NAMES if not canvas.narrow else canvas.figure.get_figwidth() - 3 * EDGE
    blocks = list(_blocks(result, canvas.narrow, names))
    if canvas.narrow:
        canvas.margins = (2 * EDGE, 2 * EDGE)
    else:
        widest = max(width_of("\n".join(one.lines), LABEL, bold=one.composite) for one in blocks)
        canvas.margins = (widest + 2 * EDGE + 0.06, 0.3)
    tall = blocks[-1].top + blocks[-1].height
    canvas.set_height(tall + _AROUND)
    canvas.head = 0.2  # no unit stands above
    _set_axes(ax, tall)
    dots: dict[_Dot, list[tuple[float, float]]] = {}
    for block in blocks:
        _write_name(ax, canvas, block)
        for place, point in enumerate(block.points):
            _draw(result, ax, canvas, block, place, point, dots)
    for (marker, size, face, edge), places in dots.items():
        values, heights = zip(*places, strict=True)
        ax.scatter(values, heights, s=size, marker=marker, facecolor=face, edgecolor=edge,
                   linewidth=1.3, zorder=4)  # fmt: skip
    if blocks[-1].composite:
        rule = blocks[-1].top - 0.45 * _GAP
        ax.axhline(rule, color=GREY, linewidth=0.8, zorder=1)
    whom = "which" if result.of_services else "whom"
    canvas.words_below(f"% of {result.params['called']} to {whom} it applies")


def _blocks(result: AuditResult, narrow: bool, inches: float) -> Iterator[_Block]:
    top = 0.04
    standards = result.params["standards"]
    for standard in [*standards, COMPOSITE] if result.several else standards:
        points = [result.point(wave, standard) for wave in result.waves]
        if all(np.isnan(point["high"]) for point in points):
            continue  # neither known nor bounded
        composite = standard == COMPOSITE
        name = result.all_of_them if composite else standard
        lines = fold(name, LABEL, inches, bold=composite)
        top += 0.5 * _GAP if composite else 0.0
        first = top + (_LINE * len(lines) + 0.1 if narrow else 0.1)
        block = _Block(standard, lines, points, top, first)
        yield block
        top += block.height


def _set_axes(ax: Axes, tall: float) -> None:
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(tall, 0)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    ax.set_yticks([])
    ax.grid(False)
    ax.grid(axis="x", color=FAINT, linewidth=0.8)


def _write_name(ax: Axes, canvas: Canvas, block: _Block) -> None:
    """The standard beside its dots; on a phone above them."""
    style: dict[str, Any] = {
        "fontsize": LABEL,
        "fontweight": "bold" if block.composite else "normal",
        "color": DARK_BLUE if block.composite else INK,
        "zorder": 5,
    }
    text = "\n".join(block.lines)
    if canvas.narrow:
        style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        ax.text(-0.015, block.top, text, ha="left", va="top", **style)
        return
    middle = block.first_dot + _WAVE * (len(block.points) - 1) / 2
    place = -(0.06 + EDGE) / canvas.wide
    style["transform"] = ax.get_yaxis_transform()  # across: the Axes; down: inches
    ax.text(place, middle, text, ha="right", va="center", **style)


def _draw(
    result: AuditResult,
    ax: Axes,
    canvas: Canvas,
    block: _Block,
    place: int,
    point: dict[str, Any],
    dots: dict[_Dot, list[tuple[float, float]]],
) -> None:
    """A dot's interval, its value and, in the first row, its wave; the dots come all at once."""
    low, high, value = point["low"], point["high"], point["share"]
    if np.isnan(high):
        return
    at = block.first_dot + place * _WAVE
    face, edge = _colours(place, len(block.points))
    if point["what"] == "bounds":
        ax.plot([low, high], [at, at], color=edge, linewidth=6, alpha=0.35, solid_capstyle="butt")
        text = f"{result.percent(low)} to {result.percent(high)}"
    else:
        ax.plot([low, high], [at, at], color=edge, linewidth=1.4, solid_capstyle="butt", zorder=3)
        marker, size = ("D", 52) if block.composite else ("o", 34)
        dots.setdefault((marker, size, face, edge), []).append((value, at))
        text = result.percent(value)
    first = block.standard == result.params["standards"][0] or len(result.drawn) <= 3
    if first:
        text = f"{text}  {point['wave']}"
    _write_value(ax, canvas, text, (low, high, at), bold=block.composite or first)


def _write_value(
    ax: Axes, canvas: Canvas, text: str, where: tuple[float, float, float], *, bold: bool
) -> None:
    """Words to the right of an interval, or to its left where there is no room."""
    low, high, at = where
    room = (1.02 - high) / 1.04 * canvas.wide
    right = width_of(text, LABEL, bold=bold) + 0.16 < room
    ax.annotate(
        text,
        (high if right else low, at),
        xytext=(8 if right else -8, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        fontsize=LABEL,
        fontweight="bold" if bold else "normal",
        color=INK,
        zorder=5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.85},
    )


def _colours(place: int, waves: int) -> tuple[str, str]:
    """Face and edge: the latest wave filled, the first open, those between pale."""
    if place == waves - 1:
        return BLUE, BLUE
    return ("white", QUIET) if place == 0 else (LIGHT_BLUE, DARK_BLUE)


@notes.register
def _(result: AuditResult) -> list[str]:
    level = f"{100 * result.params['confidence']:g}%"
    waves = result.waves
    sentences = [f"Circle: share with its {level} interval."]
    if len(waves) > 1:
        marks = [f"open {waves[0]}", *(f"pale {wave}" for wave in waves[1:-1])]
        sentences[0] = (
            f"Circle: share with its {level} interval; {in_a_row([*marks, f'filled {waves[-1]}'])}."
        )
    if result.composite_known:
        if result.several:
            sentences.append(f"Diamond: {result.all_of_them.lower()} together.")
    else:
        sentences.append(
            f"Bar: {result.all_of_them.lower()} together lies between its ends; single counts tell "
            "no more."
        )
    change = result.main_change()
    if change is not None and change["group"] == "both":
        sentences.append("Marks: everybody in a wave; the finding is of those audited both times.")
    return sentences
