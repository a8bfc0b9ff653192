"""Pareto chart: a bar a reason, the longest first, and a line that adds them up, on one scale."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from qieval.analysis.pareto import ParetoResult
from qieval.charts.drawing import chart, notes
from qieval.charts.event_marks import mark_lines
from qieval.charts.style import BLUE, DARK_BLUE, EDGE, FAINT, GREY, INK, Canvas
from qieval.charts.text_width import LABEL, fold, width_of
from qieval.core.words import percent

_WIDEST = {False: 2.2, True: 1.15}
"""Inches that names of reasons may take on a page and on a phone; longer ones are folded."""
_LINE = 0.145
"""Inches from one line of a name to the next."""


@chart.register
def _(result: ParetoResult, ax: Axes, canvas: Canvas) -> None:
    points = result.points
    names = [fold(name, LABEL, _WIDEST[canvas.narrow]) for name in points["reason"]]
    widest = max(width_of("\n".join(lines), LABEL) for lines in names)
    canvas.margins = (widest + 0.1 + EDGE, 0.5)
    row = max(0.3, 0.1 + _LINE * max(len(lines) for lines in names))
    canvas.set_height(2.4 + row * len(points))
    ax.grid(False)
    ax.grid(True, axis="x")
    ax.set_ylim(len(points) - 0.4, -0.6)
    places = np.arange(len(points))
    ax.set_yticks(places, ["\n".join(lines) for lines in names], fontsize=LABEL)
    ax.tick_params(axis="y", length=0)
    share, so_far = (100 * points[name].to_numpy(dtype=float) for name in ("share", "so_far"))
    few = points["few"].to_numpy(dtype=bool) & result.differ
    colours = np.where(few, BLUE, GREY)
    ax.barh(places, share, 0.62, color=colours, edgecolor=colours, zorder=2)
    ax.plot(so_far, places, color=DARK_BLUE, linewidth=1.3, marker="o", markersize=4.5, zorder=4,
            clip_on=False)  # fmt: skip
    for place, end in zip(places, so_far, strict=True):  # a column of their own, clear of the line
        ax.annotate(percent(end / 100), (100, place), xytext=(8, 0), textcoords="offset points",
                    fontsize=LABEL, color=INK, va="center", annotation_clip=False)  # fmt: skip
    ax.set_xlim(0, 100)
    ax.spines["left"].set(visible=True, color=FAINT)
    canvas.numbers_below()
    canvas.words_below(f"% of {result.params['called']} with a reason")
    line = (100 * result.params["share"], percent(result.params["share"]))
    canvas.head = max(canvas.head, (mark_lines(ax, canvas, [line]) + 12) / 72)


@notes.register
def _(result: ParetoResult) -> list[str]:
    sentences = [
        "Bars: the share of each reason. Dots, and figures at the right: its share "
        "together with those above it."
    ]
    if result.differ:
        share = percent(result.params["share"])
        sentences.append(f"Blue: the few reasons that together make up {share}.")
    if result.points["rest"].any():
        sentences.append("What is no reason of its own stands last, whatever its size.")
    return sentences
