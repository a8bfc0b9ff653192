"""Answers to a survey: stacked bars placed around the middle of the scale.

Negative answers lie left of an upright line and positive ones right of it, a middle level half on
either side. Each bar has its percentages in it and, in grey, how many answered and what stands
beside the scale. The vertical axis counts inches from the top. Items and groups stand in the order
given: sorted by their figures they would read as a league table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from qieval.analysis.survey import SurveyResult
from qieval.analysis.survey.methods.groups import EVERYBODY
from qieval.charts.drawing import chart, notes, view
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    FAINT,
    GREY,
    INK,
    ORANGE,
    QUIET,
    Canvas,
    ink_on,
)
from qieval.charts.text_width import LABEL, LABEL_LINE, fold, shorten, width_of
from qieval.core.result import Result
from qieval.core.tables import MARK
from qieval.core.words import in_a_row, number

_BAR = 0.21
"""Inches that a bar is high."""
_STEP = 0.265
"""Inches from one bar to the next; on a phone its words stand in a line of their own above it."""
_GAP = 0.15
"""Inches between items."""
_SMALL = 8.0
"""Size of the percentages in the bars and of the grey words."""
_LINE = LABEL_LINE / 72
_AROUND = 2.21
"""Inches of a figure that are not Axes (``Canvas.tall``)."""
_NAMES = 2.2
"""Inches that names may take beside the bars."""
_WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class _Scale:
    """How many levels lie left and right of the line, and the colour of each level."""

    negative: int
    positive: int
    colours: list[tuple[float, ...]]

    @classmethod
    def of(cls, result: SurveyResult) -> _Scale:
        """Orange to the left, blue to the right, darker towards the ends; between them grey."""
        negative, positive = len(result.params["negative"]), len(result.params["positive"])
        between = len(result.params["order"]) - negative - positive
        below = [_shade(ORANGE, share) for share in _shares(negative)]
        above = [_shade(BLUE, share) for share in reversed(_shares(positive))]
        return cls(negative, positive, [*below, *[to_rgb(FAINT)] * between, *above])

    def ends(self, percents: Sequence[float]) -> tuple[float, float]:
        """Where a bar begins and ends, in percent from the line."""
        half = sum(percents[self.negative : len(percents) - self.positive]) / 2
        start = -sum(percents[: self.negative]) - half
        return start, start + sum(percents)


@dataclass(frozen=True)
class _Bar:
    """One bar: its name, percent at each level (none: too few answered), and its grey words."""

    name: str
    percents: list[float]
    beside: str

    @property
    def has_percents(self) -> bool:
        return bool(np.isfinite(self.percents).all())


@dataclass(frozen=True)
class _Block:
    """An item and its bars."""

    title: str
    bars: list[_Bar]


@chart.register
def _(result: SurveyResult, ax: Axes, canvas: Canvas) -> None:
    blocks = [
        _Block(item, [_bar(result, item, wave, EVERYBODY, canvas.narrow) for wave in result.waves])
        for item in result.items
    ]
    _draw(result, ax, canvas, blocks)


@view(SurveyResult, "groups")
def _groups(result: Result, ax: Axes, canvas: Canvas) -> None:
    assert isinstance(result, SurveyResult)
    blocks = [
        _Block(
            item,
            [_bar(result, item, result.latest, group, canvas.narrow) for group in result.groups],
        )
        for item in result.items
    ]
    _draw(result, ax, canvas, blocks)


@notes.register
def _(result: SurveyResult) -> list[str]:
    return [
        f"Percent of answers on the scale: negative ({in_a_row(result.params['negative'])}) left "
        f"of the line, positive ({in_a_row(result.params['positive'])}) right of it.",
        "Don't know and blanks are in no percentage.",
    ]


def _bar(result: SurveyResult, item: str, wave: str, group: str, narrow: bool) -> _Bar:
    base = result.base(item, wave, group)
    name = group if group != EVERYBODY else wave if len(result.waves) > 1 else ""
    if not base["shown"]:
        few = f"fewer than {result.params['smallest']} answers: not shown"
        return _Bar(name, [np.nan], few)
    called = {"n": "answers", "dont_know": "don't know", "blank": "blank"}
    counts = [
        f"{MARK if np.isnan(base[count]) else number(base[count], 0)} {words}"
        for count, words in called.items()
        if base[count] or count == "n"
    ]
    return _Bar(name, result.percents(item, wave, group), ", ".join(counts))


# ---- drawing -----------------------------------------------------------------------------------


def _draw(result: SurveyResult, ax: Axes, canvas: Canvas, blocks: Sequence[_Block]) -> None:
    scale = _Scale.of(result)
    bars = [bar for block in blocks for bar in block.bars]
    named = any(bar.name for bar in bars) and not canvas.narrow
    _margins(canvas, blocks, bars, named)
    ends = [scale.ends(bar.percents) for bar in bars if bar.has_percents]
    ax.set_xlim(
        min([-5.0, *(start for start, _ in ends)]) - 0.5,
        max([5.0, *(end for _, end in ends)]) + 0.5,
    )
    key = _key(canvas, result.params["order"])
    top, places = _places(blocks, key[-1][1] + 1.9 * _LINE, canvas.narrow, named)
    canvas.head, canvas.foot = 0.12, 0.15
    canvas.set_height(top + _AROUND)
    ax.set_ylim(top, 0)
    ax.set_axis_off()
    for (across, down, name), colour in zip(key, scale.colours, strict=True):
        _write_key(ax, canvas, across, down, name, colour)
    # Behind the bars: a line through a percentage could not be read.
    ax.plot([0, 0], [places[0][1] - 0.05, top], color=INK, linewidth=1, zorder=1)
    for title, at, bar in places:
        if title:
            _write_title(ax, canvas, title, at, named)
        if bar is not None:
            _write_beside(ax, canvas, bar, at, named)
            _draw_bar(ax, canvas, bar, at, scale)


def _margins(canvas: Canvas, blocks: Sequence[_Block], bars: list[_Bar], named: bool) -> None:
    """Room for names at the left and grey words at the right; on a phone words stand above."""
    if canvas.narrow:
        canvas.margins = (EDGE, EDGE)
        return
    names = [bar.name for bar in bars] if named else [block.title for block in blocks]
    widest = min(_NAMES, max(width_of(name, LABEL) for name in names))
    beside = max(width_of(bar.beside, _SMALL) for bar in bars)
    canvas.margins = (widest + 0.1 + EDGE, min(2.6, beside + 0.1 + EDGE))


def _key(canvas: Canvas, order: Sequence[str]) -> list[tuple[float, float, str]]:
    """Levels in a row above the bars, folded: inches across and down, and the words."""
    across, down, entries = 0.0, 0.1, []
    room = canvas.margins[0] + canvas.wide + canvas.margins[1] - 2 * EDGE
    for name in order:
        text = shorten(name, _SMALL, room - 0.25)
        wide = 0.2 + width_of(text, _SMALL)
        if across and across + wide > room:
            across, down = 0.0, down + 1.35 * _LINE
        entries.append((across, down, text))
        across += wide + 0.16
    return entries


def _places(
    blocks: Sequence[_Block], top: float, narrow: bool, named: bool
) -> tuple[float, list[tuple[str, float, _Bar | None]]]:
    """Where titles and the middles of bars stand, in inches from the top; and the end."""
    places: list[tuple[str, float, _Bar | None]] = []
    for block in blocks:
        if narrow or named:
            places.append((block.title, top, None))
            top += 1.25 * _LINE
        for at, bar in enumerate(block.bars):
            top += 1.15 * _LINE if narrow else 0.0
            title = block.title if not (narrow or named) and at == 0 else ""
            places.append((title, top + _BAR / 2, bar))
            top += _BAR + 0.06 if narrow else _STEP
        top += _GAP
    return top - _GAP, places


def _write_key(
    ax: Axes, canvas: Canvas, across: float, down: float, name: str, colour: tuple[float, ...]
) -> None:
    start = -(canvas.margins[0] - EDGE) + across
    place: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    ax.add_patch(
        Rectangle((start / canvas.wide, down - 0.06), 0.14 / canvas.wide, 0.12, facecolor=colour,
                  edgecolor=GREY, linewidth=0.5, **place)
    )  # fmt: skip
    ax.text((start + 0.19) / canvas.wide, down, name, fontsize=_SMALL, va="center", **place)


def _write_title(ax: Axes, canvas: Canvas, title: str, at: float, named: bool) -> None:
    """The item above its bars; beside its only bar where there is one without a name."""
    place: dict[str, Any] = {
        "transform": ax.get_yaxis_transform(),
        "clip_on": False,
        "fontsize": LABEL,
    }
    if canvas.narrow or named:
        start = -(canvas.margins[0] - EDGE) / canvas.wide
        room = canvas.figure.get_figwidth() - 2 * EDGE
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # no line through it
        ax.text(start, at, shorten(title, LABEL, room, bold=True), va="top", color=DARK_BLUE,
                fontweight="bold", bbox=box, zorder=2, **place)  # fmt: skip
        return
    lines = fold(title, LABEL, canvas.margins[0] - EDGE - 0.06)[:2]
    ax.text(-0.08 / canvas.wide, at, "\n".join(lines), ha="right", va="center", **place)


def _write_beside(ax: Axes, canvas: Canvas, bar: _Bar, at: float, named: bool) -> None:
    """The bar's name and, in grey, how many answered and what stands beside the scale."""
    place: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    if canvas.narrow:
        words = ", ".join(filter(None, [bar.name, bar.beside]))
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        ax.text(0, at - _BAR / 2 - 0.02, words, fontsize=_SMALL, color=QUIET, va="bottom",
                bbox=box, zorder=2, **place)  # fmt: skip
        return
    if named:
        name = shorten(bar.name, LABEL, canvas.margins[0] - EDGE - 0.06)
        left = -(canvas.margins[0] - EDGE) / canvas.wide
        ax.text(left, at, name, fontsize=LABEL, va="center", **place)
    start = 1 + 0.08 / canvas.wide if bar.has_percents else 0.0
    ax.text(start, at, bar.beside, fontsize=_SMALL, color=QUIET, va="center", **place)


def _draw_bar(ax: Axes, canvas: Canvas, bar: _Bar, at: float, scale: _Scale) -> None:
    """The levels side by side, each with its percentage where there is room."""
    if not bar.has_percents:
        return
    low, high = ax.get_xlim()
    start, _ = scale.ends(bar.percents)
    for percent, colour in zip(bar.percents, scale.colours, strict=True):
        ax.add_patch(Rectangle((start, at - _BAR / 2), percent, _BAR, facecolor=colour,
                               edgecolor="white", linewidth=0.8, zorder=3))  # fmt: skip
        text = f"{number(percent, 0)}%"
        if width_of(text, _SMALL) + 0.06 < percent / (high - low) * canvas.wide:
            ink = ink_on(colour)
            ax.text(start + percent / 2, at, text, fontsize=_SMALL, color=ink, ha="center",
                    va="center", zorder=5)  # fmt: skip
        start += percent


def _shares(count: int) -> list[float]:
    """How much of the full colour each level has, from the end of the scale inwards."""
    return [1.0] if count == 1 else [float(x) for x in np.linspace(1.0, 0.4, count)]


def _shade(colour: str, share: float) -> tuple[float, ...]:
    return tuple(share * c + (1 - share) * w for c, w in zip(to_rgb(colour), _WHITE, strict=True))
