"""Involvement: a grid of stages by level; filled squares, and diamonds where nothing is known."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from qieval.analysis.involvement import InvolvementResult
from qieval.analysis.involvement.tables import NOT_RECORDED
from qieval.charts.drawing import chart, notes
from qieval.charts.style import BLUE, DARK_BLUE, EDGE, FAINT, INK, QUIET, Canvas
from qieval.charts.text_width import LABEL, fold, width_of
from qieval.core.result import rows_of

_ROW, _LINE = 0.42, 0.145
"""Inches of a stage, and from one line of text to the next."""
_SMALL = 8.0
_SIDE = 15.0
"""Points across a square."""
_MARKS: dict[str, dict[str, Any]] = {
    "some": {"marker": "s", "s": _SIDE**2, "facecolor": BLUE, "edgecolor": BLUE, "zorder": 4},
    "none": {"marker": "o", "s": 4, "facecolor": FAINT, "edgecolor": FAINT},
    "not recorded": {
        "marker": "D",
        "s": 46,
        "facecolor": "white",
        "edgecolor": INK,
        "linewidth": 1.1,
        "zorder": 4,
    },
}
_NAMES = 2.2
"""Inches that the names of stages may take on a page; on a phone each stands above its row."""
_AROUND = 2.21
"""Inches of a figure that are not Axes (``Canvas.tall``)."""


@chart.register
def _(result: InvolvementResult, ax: Axes, canvas: Canvas) -> None:
    columns = [*result.levels, NOT_RECORDED]
    widest = max(width_of(stage, LABEL) for stage in result.stages)
    beside = 0.0 if canvas.narrow else min(_NAMES, widest + 0.02) + 0.1
    canvas.margins = (beside + EDGE, EDGE)
    step = canvas.wide / len(columns)
    heads = [_folded(name, step - 0.02) for name in columns]
    head = 0.1 + _LINE * max(len(lines) for lines in heads)
    room = canvas.wide if canvas.narrow else beside - 0.1
    stages = [fold(stage, LABEL, room, bold=canvas.narrow) for stage in result.stages]
    tall = [_height(len(lines), canvas.narrow) for lines in stages]
    end = head + sum(tall)
    canvas.head, canvas.foot = 0.1, 0.1
    canvas.set_height(end + _AROUND)
    ax.set_xlim(0, len(columns))
    ax.set_ylim(end, 0)
    ax.set_axis_off()
    for at, lines in enumerate(heads):
        ax.text(at + 0.5, head - 0.06, "\n".join(lines), fontsize=_SMALL, color=QUIET,
                ha="center", va="bottom")  # fmt: skip
    down = head
    places: dict[str, list[tuple[float, float]]] = {kind: [] for kind in _MARKS}
    for stage, lines, height in zip(result.stages, stages, tall, strict=True):
        ax.axhline(down, color=FAINT, linewidth=0.8, zorder=0)
        words = "\n".join(lines)
        style: dict[str, Any] = {"fontsize": LABEL, "clip_on": False}
        if canvas.narrow:
            ax.text(0, down + 0.05, words, va="top", fontweight="bold", color=DARK_BLUE, **style)
            middle = down + height - 0.19
        else:
            middle = down + height / 2
            ax.text(-beside / step, middle, words, va="center", **style)
        own = result.points[result.points["stage"] == stage].set_index("level")
        _draw_stage(ax, own.reindex(columns), middle, step, places)
        down += height
    for kind, style in _MARKS.items():
        if places[kind]:
            across, heights = zip(*places[kind], strict=True)
            ax.scatter(across, heights, **style)


def _height(lines: int, narrow: bool) -> float:
    """Inches of a stage: its name beside its marks, or above them."""
    return 0.39 + _LINE * lines if narrow else max(_ROW, 0.14 + _LINE * lines)


def _folded(name: str, inches: float) -> list[str]:
    """A head in lines; hyphens may end a line, as no head is wide enough for "co-designed"."""
    if width_of(name, _SMALL) <= inches:
        return [name]
    spaced = name.replace("-", "- ")
    return [line.replace("- ", "-") for line in fold(spaced, _SMALL, inches)]


def _draw_stage(
    ax: Axes,
    cells: pd.DataFrame,
    middle: float,
    step: float,
    places: dict[str, list[tuple[float, float]]],
) -> None:
    """The cells of a stage; one without any row has a diamond under "not recorded".

    Its marks are drawn with those of the others, all of a kind at once.
    """
    nothing = not cells["occasions"].sum()
    for at, row in enumerate(rows_of(cells)):
        unknown = at == len(cells) - 1
        if unknown and (nothing or row.occasions):
            places["not recorded"].append((at + 0.5, middle))
        elif row.occasions:
            wide = 0.5 - 0.5 * (_SIDE / 72) / step
            places["some"].append((at + 0.5, middle))
            ax.text(at + 0.5, middle, f"{row.occasions:g}", fontsize=_SMALL, color="white",
                    fontweight="bold", ha="center", va="center_baseline", zorder=5)  # fmt: skip
            if pd.notna(row.people) and row.people and wide * step > 0.2:
                ax.text(at + 1 - wide + 0.05 / step, middle, f"{row.people:g}", fontsize=_SMALL,
                        color=QUIET, va="center_baseline", zorder=5)  # fmt: skip
        else:
            places["none"].append((at + 0.5, middle))


@notes.register
def _(result: InvolvementResult) -> list[str]:
    return [
        "Filled square: the number of occasions in it; beside it in grey how many people took "
        "part, added up over them, where that is recorded.",
        "Diamond: not recorded, which is not the same as none.",
        "The levels stand in their order; a fuller one is not always the better one.",
    ]
