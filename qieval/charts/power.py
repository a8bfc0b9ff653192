"""Power curves: the chance of finding a change against its size, one line a waiting time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from qieval.analysis.its import PowerResult
from qieval.charts.drawing import chart, notes
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    GREY,
    INK,
    PURPLE,
    Canvas,
)
from qieval.core import periods

_COLOURS = [GREY, BLUE, DARK_BLUE, PURPLE, INK]


@chart.register
def _(result: PowerResult, ax: Axes, canvas: Canvas) -> None:
    wanted_power, wanted = result.params["power"], result.params["wanted"]
    waits = result.after
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.axhline(wanted_power, color=INK, linewidth=1, zorder=1)
    ax.set_xlim(0, max(float(result.points["change"].max()), 1.05 * (wanted or 0)))
    # Each label stands on its own curve, at a height of its own, so that none meets another.
    for number, level in enumerate(np.linspace(0.14, 0.7, len(waits))):
        _curve(result, ax, number, float(level))
    if wanted:
        _hoped_for(ax, wanted)
    canvas.margins = (canvas.margins[0], 0.3)
    canvas.room_for_ticks()
    canvas.numbers_below()
    canvas.words_below(f"Size of the change at once, {result.unit}")
    canvas.unit("Chance of finding it", 16 if wanted else 10)


def _curve(result: PowerResult, ax: Axes, number: int, level: float) -> None:
    """One waiting time: its curve, a dot where the wanted chance is reached, its label."""
    after = result.after[number]
    rows = result.points[result.points["after"] == after]
    colour = _COLOURS[number % len(_COLOURS)]
    style = "-" if number < len(_COLOURS) else (0, (1, 1))
    ax.plot(rows["change"], rows["power"], color=colour, linestyle=style, linewidth=2.2, zorder=3)
    smallest = result.estimates.loc[f"smallest_change_after_{after}", "estimate"]
    ax.plot(smallest, result.params["power"], "o", color=colour, markersize=5, zorder=4)
    place = float(np.interp(level, rows["power"], rows["change"]))
    words = f" {periods.noun(result.every, 2)}" if number == 0 else ""
    ax.annotate(
        f"{after}{words}",
        xy=(place, level),
        ha="center",
        va="center",
        fontsize=8.5,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": colour, "pad": 1.6},
        zorder=5,
    )


def _hoped_for(ax: Axes, wanted: float) -> None:
    ax.axvline(wanted, color=INK, linewidth=1.4, linestyle=(0, (4, 2)), zorder=2)
    high = ax.get_xlim()[1]
    ax.annotate(
        "Hoped for",
        xy=(wanted, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="right" if wanted > 0.8 * high else "left" if wanted < 0.2 * high else "center",
        va="bottom",
        fontsize=8.5,
        fontweight="bold",
        annotation_clip=False,
    )


@notes.register
def _(result: PowerResult) -> list[str]:
    words = periods.noun(result.every, 2)
    return [
        f"One curve for each number of {words} after the change. Dots: where the chance reaches "
        f"{100 * result.params['power']:.0f}%."
    ]
