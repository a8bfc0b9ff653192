"""The funnel of units: size across, figure upwards, limits that draw together as size grows.

Marks differ by shape and filling, not by colour alone, and none means good or bad: a unit outside
the limits is a reason to look closer. Outside ones are named beside their marks where that hides
nothing; the table under the figure names all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from qieval.analysis.funnel import FunnelResult
from qieval.analysis.funnel.tables import SMALL as FEW_PEOPLE
from qieval.analysis.funnel.tables import level_name
from qieval.charts.drawing import chart, notes
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    FAINT,
    GREY,
    INK,
    QUIET,
    Canvas,
    Numbers,
    cut_scale,
    value_axis,
)
from qieval.charts.text_width import LABEL, LABEL_LINE, shorten_apart, width_of

_STYLES = ["-", (0, (5, 2)), (0, (1, 1.5))]
"""Limits from the outermost inwards."""
_NAME_INCHES = {False: 1.5, True: 1.0}
_MARK = 0.055
"""Half the width of a mark, in inches."""
_GAPS = (0.03, 0.14, 0.28, 0.45)
"""Inches between a mark and its name, near ones first."""
_FEW_OUTSIDE = 15
"""With more units outside than this only near places are taken: many lines would be a thicket."""


@chart.register
def _(result: FunnelResult, ax: Axes, canvas: Canvas) -> None:
    _set_scales(result, ax, canvas)
    _draw_limits(result, ax)
    _draw_units(result, ax)
    canvas.room_for_ticks()
    _label_lines(result, ax, canvas)
    of = result.params["of"]
    size = f"Expected {of}" if result.params["kind"] == "ratio" else f"Size: {of}"
    canvas.words_below(size)
    better = {"higher": " (higher is better)", "lower": " (lower is better)"}
    canvas.unit(result.unit + better.get(result.params["direction"], ""))
    _name_outside(result, ax, canvas)


def _set_scales(result: FunnelResult, ax: Axes, canvas: Canvas) -> None:
    sizes = result.points["denominator"]
    ax.set_xlim(0, 1.05 * float(sizes.max()))
    ax.xaxis.set_major_locator(MaxNLocator(4 if canvas.narrow else 7, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(Numbers())
    name = level_name(result.levels[-1])
    band = result.points[[f"lower_{name}", f"upper_{name}"]].to_numpy(dtype=float)
    largest = band[int(sizes.to_numpy(dtype=float).argmax())]
    units = result.points["value"].to_numpy(dtype=float)
    values = np.concatenate([units, [result.target], largest])
    value_axis(ax, result.factor * values, result.factor * band)
    _room_for_names(result, ax, canvas)


def _room_for_names(result: FunnelResult, ax: Axes, canvas: Canvas) -> None:
    """A scale that goes on so far that the names of the outermost units find room."""
    low, high = ax.get_ylim()
    if result.params["kind"] == "proportion":
        low, high = max(low, -2.0), min(high, 102.0)
    height = result.factor * result.outside(result.levels[-1])["value"]
    room = 2.2 * LABEL_LINE / 72 / canvas.tall * (high - low)
    if len(height):
        high = max(high, float(height.max()) + room)
        low = min(low, float(height.min()) - room) if low > 0 else low
    ax.set_ylim(low, high)


def _draw_limits(result: FunnelResult, ax: Axes) -> None:
    sizes = result.curve["denominator"]
    for level, style in zip(reversed(result.levels), _STYLES, strict=False):
        for end in ("lower", "upper"):
            height = result.factor * result.curve[f"{end}_{level_name(level)}"]
            ax.plot(sizes, height, color=QUIET, linewidth=1.2, linestyle=style, zorder=2)
    ax.axhline(result.factor * result.target, color=INK, linewidth=1.2, zorder=2)


@dataclass(frozen=True)
class _MarkStyle:
    """How units of one sort are drawn."""

    marker: str
    face: str
    edge: str
    area: float


_INSIDE = _MarkStyle("o", "white", BLUE, 26)
_BETWEEN = _MarkStyle("o", BLUE, BLUE, 26)
_ABOVE, _BELOW = (
    _MarkStyle("^", DARK_BLUE, DARK_BLUE, 44),
    _MarkStyle("v", DARK_BLUE, DARK_BLUE, 44),
)


def _sorts(result: FunnelResult) -> Iterator[tuple[pd.DataFrame, _MarkStyle]]:
    """Units by where they lie; small ones grey, in the same shapes."""
    outer = f"{100 * result.levels[-1]:g}%"
    flag = result.points["flag"]
    between = (flag != "inside") & ~flag.str.endswith(f" {outer}")
    sorts = [
        (flag == "inside", _INSIDE),
        (between, _BETWEEN),
        (flag == f"above {outer}", _ABOVE),
        (flag == f"below {outer}", _BELOW),
    ]
    for which, style in sorts:
        small = result.points["small"]
        yield result.points[which & ~small], style
        face = FAINT if style.face == "white" else GREY
        yield result.points[which & small], _MarkStyle(style.marker, face, GREY, style.area)


def _draw_units(result: FunnelResult, ax: Axes) -> None:
    for rows, style in _sorts(result):
        if rows.empty:
            continue
        ax.scatter(
            rows["denominator"],
            result.factor * rows["value"],
            s=style.area,
            marker=style.marker,
            facecolor=style.face,
            edgecolor=style.edge,
            linewidth=1.1,
            zorder=4,
        )
    own = result.points[result.points["unit"].astype(str) == result.params["own"]]
    ax.scatter(
        own["denominator"], result.factor * own["value"], s=150, facecolor="none", edgecolor=INK,
        linewidth=1.6, zorder=5,
    )  # fmt: skip


def _label_lines(result: FunnelResult, ax: Axes, canvas: Canvas) -> None:
    """Direct labels where the lines end."""
    last = result.curve.iloc[-1]
    low, high = ax.get_ylim()
    labels = []
    for level in result.levels:
        for end in ("lower", "upper"):
            height = result.factor * float(last[f"{end}_{level_name(level)}"])
            if low <= height <= high:  # a limit beyond the scale is not seen
                labels.append((height, f"{100 * level:g}%", QUIET))
    middle = "Expected" if result.params["kind"] == "ratio" else "All"
    labels.append((result.factor * result.target, f"{middle} {result.shown(result.target)}", INK))
    canvas.labels_at_right(labels)


# ---- names beside marks ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Box:
    """A rectangle in inches from the lower left corner of the Axes."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: _Box) -> bool:
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.top <= other.bottom or other.top <= self.bottom)

    def holds(self, across: np.ndarray, up: np.ndarray) -> int:
        """How many of these places lie in it."""
        inside = (across > self.left) & (across < self.right)
        return int((inside & (up > self.bottom) & (up < self.top)).sum())


def _name_outside(result: FunnelResult, ax: Axes, canvas: Canvas) -> None:
    """The names of units outside the outermost limits, in the order of the table."""
    place = _Places(ax, canvas)
    across, up = place.of(result.points["denominator"], result.factor * result.points["value"])
    taken = [
        _Box(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in zip(across, up, strict=True)
    ]
    lines = [_line_places(result, place, name) for name in _line_names(result)]
    names = result.points["unit"].astype(str)
    own = names == result.params["own"]
    outside = own | result.points.index.isin(result.outside(result.levels[-1]).index)
    outside = [*names.index[own], *names.index[outside & ~own]]  # the own one finds its place first
    reach = _GAPS if len(outside) <= _FEW_OUTSIDE else _GAPS[:2]
    short = shorten_apart(names[outside].tolist(), LABEL, _NAME_INCHES[canvas.narrow])
    for row, text in zip(outside, short, strict=True):
        here = float(across[row]), float(up[row])
        free = [
            (sum(box.holds(*line) for line in lines) + 3 * far, box)
            for far, box in _around(here, text, reach)
            if place.inside(box) and not any(box.meets(other) for other in taken)
        ]
        if not free:
            continue
        box = min(free, key=lambda one: one[0])[1]
        taken.append(box)
        _write(ax, canvas, text, box, here, bold=bool(own[row]))


class _Places:
    """From data to inches in the Axes as it will be."""

    def __init__(self, ax: Axes, canvas: Canvas) -> None:
        self.x, self.y = ax.get_xlim(), ax.get_ylim()
        self.wide, self.tall = canvas.wide, canvas.tall

    def of(self, across: pd.Series, up: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Inches from the left and from the bottom."""
        x = (across.to_numpy(dtype=float) - self.x[0]) / (self.x[1] - self.x[0])
        y = (up.to_numpy(dtype=float) - self.y[0]) / (self.y[1] - self.y[0])
        return x * self.wide, y * self.tall

    def inside(self, box: _Box) -> bool:
        """Whether a box lies in the Axes."""
        return box.left >= 0 and box.right <= self.wide and box.bottom >= 0 and box.top <= self.tall


def _line_names(result: FunnelResult) -> list[str]:
    ends = [f"{end}_{level_name(level)}" for level in result.levels for end in ("lower", "upper")]
    return ["target", *ends]


def _line_places(result: FunnelResult, place: _Places, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Places close together along a line, for words to keep off."""
    sizes = pd.Series(np.linspace(*place.x, 300))
    if name == "target":
        return place.of(sizes, pd.Series(np.full(300, result.factor * result.target)))
    known = result.curve["denominator"].to_numpy(dtype=float)
    height = np.interp(sizes, known, result.curve[name].to_numpy(dtype=float))
    return place.of(sizes, pd.Series(result.factor * height))


def _around(
    here: tuple[float, float], text: str, reach: tuple[float, ...]
) -> Iterator[tuple[int, _Box]]:
    """Places for words around a mark, near ones first: (how far, box)."""
    wide, tall = width_of(text, LABEL), LABEL_LINE / 72
    x, y = here
    for far, gap in enumerate(reach):
        off = _MARK + gap
        for side, rise in product((1, -1, 0), (0, 1, -1)):
            if side == rise == 0:
                continue
            left = x + off if side == 1 else x - off - wide if side == -1 else x - wide / 2
            bottom = y - tall / 2 + rise * (off + (tall / 2 if side == 0 else 0))
            yield far, _Box(left, bottom, left + wide, bottom + tall)


def _write(
    ax: Axes, canvas: Canvas, text: str, box: _Box, here: tuple[float, float], bold: bool
) -> None:
    middle = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
    share = (middle[0] / canvas.wide, middle[1] / canvas.tall)
    near = np.clip(here, (box.left, box.bottom), (box.right, box.top))
    if np.hypot(*(near - np.array(here))) > 0.15:  # a thin line leads to words further off
        ax.plot(
            [here[0] / canvas.wide, near[0] / canvas.wide],
            [here[1] / canvas.tall, near[1] / canvas.tall],
            transform=ax.transAxes,
            color=GREY,
            linewidth=0.7,
            zorder=3,
        )
    ax.text(
        *share,
        text,
        transform=ax.transAxes,
        ha="center",
        va="center",
        fontsize=LABEL,
        fontweight="bold" if bold else "normal",
        zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
    )


@notes.register
def _(result: FunnelResult) -> list[str]:
    called, outer = result.params["called"], f"{100 * result.levels[-1]:g}%"
    inner = [f"{100 * level:g}%" for level in result.levels[:-1]]
    sentences = [f"Each mark is one of the {called}: open circle inside the limits, "]
    if inner:
        sentences[0] += f"filled circle outside the {inner[-1]} limits only, "
    sentences[0] += f"triangle outside the {outer} limits."
    if result.points["small"].any():
        sentences.append(f"Grey: fewer than {FEW_PEOPLE} {result.params['of']}.")
    if result.params["own"]:
        sentences.append(f"Ringed: {result.params['own']}.")
    sentences.append(f"Limits: {result.limits_words}.")
    if not result.outside(result.levels[-1]).empty:
        sentences.append("Those outside are named where there is room; this is no ranking.")
    if cut_scale(result.points["value"].to_numpy(dtype=float)):
        sentences.append("The scale does not start at 0.")
    return sentences
