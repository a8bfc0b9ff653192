"""Strata: each before a change (open squares) and since (dots), with their intervals."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from qieval.analysis.strata import StrataResult
from qieval.analysis.strata.tables import SIDES
from qieval.charts.drawing import chart, notes
from qieval.charts.style import BLUE, EDGE, GREY, INK, QUIET, Canvas
from qieval.charts.text_width import LABEL, fold, width_of

_ROW, _APART = 0.46, 0.17
"""Inches of a stratum, and how far its two marks lie from its middle (of 1)."""
_AROUND = 2.6
_MARKS = {SIDES[0]: ("s", "white", QUIET), SIDES[1]: ("o", BLUE, BLUE)}


@chart.register
def _(result: StrataResult, ax: Axes, canvas: Canvas) -> None:
    factor = 100 if result.of_people else 1
    points = result.points.dropna(subset="level")
    strata = [name for name in result.strata if name in set(points["stratum"])]
    widest_name = 1.15 if canvas.narrow else 2.4
    names = ["\n".join(fold(name, LABEL, widest_name)[:2]) for name in strata]

    widest = max(width_of(line, LABEL) for name in names for line in name.split("\n"))
    canvas.margins = (widest + 0.1 + EDGE, 0.3)
    canvas.set_height(_AROUND + _ROW * len(names))
    ax.grid(False)
    ax.grid(True, axis="x")
    ax.set_ylim(len(names) - 0.45, -0.55)
    ax.set_yticks(range(len(names)), names, fontsize=LABEL)
    ax.tick_params(axis="y", length=0)
    for side, away in zip(SIDES, (-_APART, _APART), strict=True):
        own = points[points["side"] == side].set_index("stratum").reindex(strata)
        level, low, high = (factor * own[name].to_numpy(float) for name in ("level", "low", "high"))
        places = np.arange(len(own)) + away
        shape, inside, edge = _MARKS[side]
        ax.hlines(places, low, high, color=GREY, linewidth=1.6, zorder=2)
        ax.scatter(level, places, marker=shape, s=34, facecolor=inside, edgecolor=edge,
                   linewidth=1.3, zorder=4, label=side.capitalize())  # fmt: skip
    _scale(ax, canvas, result, factor)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=LABEL,
              borderaxespad=0.1, handletextpad=0.1, labelcolor=INK)  # fmt: skip


def _scale(ax: Axes, canvas: Canvas, result: StrataResult, factor: int) -> None:
    """A horizontal axis with all intervals in it; shares from 0 to at most 100."""
    ends = factor * result.points[["level", "low", "high"]].to_numpy(dtype=float)
    known = ends[np.isfinite(ends)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    room = 0.05 * (high - low or 1.0)
    if result.of_people:
        ax.set_xlim(0, min(100.0, high + room) if len(known) else 100.0)
    else:
        ax.set_xlim(min(0.0, low) if low < 0.4 * high else low - room, high + room)
    canvas.numbers_below()
    outcome = result.params["outcome"]
    canvas.words_below(f"{outcome}, %" if result.of_people else f"{outcome}, {result.unit}")


@notes.register
def _(result: StrataResult) -> list[str]:
    noun = "share" if result.of_people else "mean"
    return [
        f"Open square: {noun} before {result.params['change']}; dot: since. Lines: the 95% "
        "interval of each by itself; gaps and their change stand in the table. Strata stand in "
        "their own order; this is no ranking."
    ]
