"""A driver diagram: from the aim to primary drivers, secondary drivers, and what hangs on them.

On a page a tree from left to right; on a phone a nested list. Both axes count inches, from the left
and from the top; every text is folded to its box, and boxes are as high as their texts, so that
nothing lies on anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from qieval.analysis.theory_of_change import TheoryResult
from qieval.analysis.theory_of_change.tables import PARTS
from qieval.charts.drawing import chart, notes
from qieval.charts.style import BLUE, DARK_BLUE, EDGE, GREY, INK, PALE, QUIET, Canvas
from qieval.charts.text_width import LABEL, fold
from qieval.core.result import rows_of

_LINE = 0.15
"""Inches from one line of text to the next."""
_PAD, _GAP, _BETWEEN = 0.08, 0.1, 0.3
"""Inches inside a box, between boxes one below the other, and between columns."""
_WIDTHS = (0.2, 0.22, 0.22, 0.36)
"""Shares of the columns: aim, primary drivers, secondary drivers, what hangs on them."""
_HEADS = ("Aim", "Primary drivers", "Secondary drivers", "Ideas, measures, cycles")
_INDENT = 0.16
"""Inches by which each level of the nested list stands in."""
_AROUND = 2.21
"""Inches of a figure that are not Axes (``Canvas.tall``)."""

_BOXES: tuple[dict[str, Any], ...] = (
    {"facecolor": DARK_BLUE, "edgecolor": DARK_BLUE},
    {"facecolor": "white", "edgecolor": BLUE, "linewidth": 1.8},
    {"facecolor": "white", "edgecolor": GREY, "linewidth": 1.0},
    {"facecolor": PALE, "edgecolor": PALE},
)
"""How boxes look, level by level."""
_WORDS = ("white", INK, INK, INK)


@dataclass(frozen=True)
class _Node:
    """A box of the diagram: its level (0: the aim), its texts, and the boxes that hang on it."""

    level: int
    texts: Sequence[str]
    below: list[_Node] = field(default_factory=list)

    def lines(self, inches: float) -> list[tuple[str, bool]]:
        """The lines of its texts, folded; the first text of a driver or aim is bold."""
        folded: list[tuple[str, bool]] = []
        for place, text in enumerate(self.texts):
            bold = place == 0 and self.level < 2
            folded += [(line, bold) for line in fold(text, LABEL, inches, bold=bold)]
        return folded


@chart.register
def _(result: TheoryResult, ax: Axes, canvas: Canvas) -> None:
    root = _tree(result)
    canvas.margins = (EDGE, EDGE)
    canvas.head, canvas.foot = 0.1, 0.12
    ax.set_xlim(0, canvas.wide)
    ax.set_axis_off()
    end = _as_list(ax, canvas, root) if canvas.narrow else _as_tree(ax, canvas, root)
    ax.set_ylim(end, 0)
    canvas.set_height(end + _AROUND)


@notes.register
def _(result: TheoryResult) -> list[str]:
    sentences = ["What hangs on a secondary driver: change ideas, measures (with their type)"]
    sentences[0] += " and the PDSA cycles that tested it."
    if result.params["cycles"]:
        sentences.append("In brackets: what was decided after the cycle.")
    return sentences


def _tree(result: TheoryResult) -> _Node:
    """The diagram as nested boxes."""
    aim = [
        (row.text or f"{PARTS[row.part]}: not said")
        if row.part == "what"
        else f"{PARTS[row.part]}: {row.text or 'not said'}"
        for row in rows_of(result.aim)
    ]
    drivers = []
    for driver, own in result.points.groupby("driver", sort=False):
        texts = [str(driver), *([own["because"].iloc[0]] if own["because"].iloc[0] else [])]
        named = own[own["secondary"] != ""].groupby("secondary", sort=False)
        below = [_Node(2, [str(name)], _leaves(rows)) for name, rows in named]
        drivers.append(_Node(1, texts, below))
    return _Node(0, aim, drivers)


def _leaves(rows: pd.DataFrame) -> list[_Node]:
    """What hangs on a secondary driver, in one box."""
    texts = [f"Idea: {idea}" for idea in rows["idea"] if idea]
    first = rows.iloc[0]
    texts += [f"Measure: {first['measures']}"] if first["measures"] else []
    texts += [f"Cycles: {first['cycles']}"] if first["cycles"] else []
    return [_Node(3, texts)] if texts else []


# ---- a page: a tree from left to right ---------------------------------------------------------


def _as_tree(ax: Axes, canvas: Canvas, root: _Node) -> float:
    """Draw the tree; inches from the top to its end."""
    room = canvas.wide - _BETWEEN * (len(_WIDTHS) - 1)
    wide = [share * room for share in _WIDTHS]
    left = [sum(wide[:level]) + _BETWEEN * level for level in range(len(wide))]
    for at, head in zip(left, _HEADS, strict=True):
        ax.text(at, 0.02, head, fontsize=LABEL, color=QUIET, va="top", clip_on=False)
    top = 0.26
    _grow(ax, root, top, wide, left)
    return top + _tall(root, wide) + 0.02


def _own_height(node: _Node, wide: Sequence[float]) -> float:
    return 2 * _PAD + _LINE * len(node.lines(wide[node.level] - 2 * _PAD))


def _tall(node: _Node, wide: Sequence[float]) -> float:
    """Inches that a box and everything that hangs on it take."""
    below = sum(_tall(child, wide) for child in node.below) + _GAP * (len(node.below) - 1)
    return max(_own_height(node, wide), below)


def _grow(ax: Axes, node: _Node, top: float, wide: Sequence[float], left: Sequence[float]) -> float:
    """Draw a box in the middle of its share of the height, then what hangs on it; its middle."""
    height = _tall(node, wide)
    middle = top + height / 2
    own = _own_height(node, wide)
    _box(ax, node, left[node.level], middle - own / 2, wide[node.level], own)
    end = left[node.level] + wide[node.level]
    below = sum(_tall(child, wide) for child in node.below) + _GAP * (len(node.below) - 1)
    at = top + (height - below) / 2
    for child in node.below:
        there = _grow(ax, child, at, wide, left)
        bend = end + _BETWEEN / 2
        ax.plot([end, bend, bend, left[child.level]], [middle, middle, there, there], color=GREY,
                linewidth=1.2, solid_joinstyle="round", zorder=1)  # fmt: skip
        at += _tall(child, wide) + _GAP
    return middle


def _box(ax: Axes, node: _Node, x: float, top: float, wide: float, high: float) -> None:
    ax.add_patch(Rectangle((x, top), wide, high, zorder=2, **_BOXES[node.level]))
    for place, (line, bold) in enumerate(node.lines(wide - 2 * _PAD)):
        _write(ax, line, x + _PAD, top + _PAD + _LINE * (place + 0.5), bold, _WORDS[node.level])


def _write(ax: Axes, line: str, x: float, y: float, bold: bool, colour: str) -> None:
    ax.text(x, y, line, fontsize=LABEL, fontweight="bold" if bold else "normal", color=colour,
            va="center", zorder=3, clip_on=False)  # fmt: skip


# ---- a phone: a nested list --------------------------------------------------------------------


def _as_list(ax: Axes, canvas: Canvas, root: _Node) -> float:
    """Draw the nested list; inches from the top to its end."""
    down = 0.02
    for level, node in _in_order(root):
        x = _INDENT * max(0, level - 1) + (_INDENT if level > 1 else 0)
        wide = canvas.wide - x
        high = 2 * _PAD + _LINE * len(node.lines(wide - 2 * _PAD))
        _box(ax, node, x, down, wide, high)
        if level > 1:  # where it hangs from
            ax.plot([x - _INDENT / 2, x - _INDENT / 2, x], [down - 0.06, down + high / 2,
                    down + high / 2], color=GREY, linewidth=1.2, zorder=1)  # fmt: skip
        down += high + (0.06 if node.below else _GAP)
    return down


def _in_order(node: _Node) -> list[tuple[int, _Node]]:
    nodes = [(node.level, node)]
    for child in node.below:
        nodes += _in_order(child)
    return nodes
