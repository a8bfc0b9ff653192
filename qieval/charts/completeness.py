"""Completeness: a grid of teams by period. Shape says what became of a return; so does colour."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from qieval.analysis.completeness import CompletenessResult
from qieval.charts.drawing import chart, notes
from qieval.charts.style import BLUE, DARK_BLUE, GREY, INK, LIGHT_BLUE, Canvas, date_axis
from qieval.charts.text_width import shorten, width_of

_ROW = {False: 0.24, True: 0.34}
"""Inches a team; on a phone its name stands above its squares."""
_CELLS = {
    "on time": ("s", BLUE, BLUE, "Came on time"),
    "received": ("s", BLUE, BLUE, "Came"),
    "late": ("D", LIGHT_BLUE, DARK_BLUE, "Came late"),
    "missing": ("s", "white", GREY, "Did not come"),
}


@chart.register
def _(result: CompletenessResult, ax: Axes, canvas: Canvas) -> None:
    teams = result.teams["team"].tolist()
    points = result.points
    names = [name if canvas.narrow else shorten(name, 9, 2.9) for name in teams]
    if not canvas.narrow:
        widest = max(width_of(name, 9) for name in names)
        canvas.margins = (max(canvas.margins[0], widest + 0.3), 0.75)
    else:
        canvas.margins = (0.25, 0.6)
    canvas.set_height(2.6 + _ROW[canvas.narrow] * len(teams))
    places = {team: number for number, team in enumerate(teams)}
    date_axis(ax, pd.Series(points["period"].sort_values().to_numpy()), canvas.narrow)
    side = _side(canvas, points["period"].nunique())
    for status, (marker, fill, edge, _) in _CELLS.items():
        part = points[points["status"] == status]
        ax.plot(
            part["period"],
            part["lane"].map(places),
            linestyle="none",
            marker=marker,
            markersize=side if marker == "s" else side * 0.85,
            markerfacecolor=fill,
            markeredgecolor=edge,
            markeredgewidth=0.8,
            clip_on=False,
        )
    ax.set_ylim(len(teams) - 0.4, -0.8)
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    _name_rows(result, ax, names, narrow=canvas.narrow)
    present = [style for status, style in _CELLS.items() if (points["status"] == status).any()]
    handles = [
        Line2D(
            [], [], linestyle="none", marker=m, markerfacecolor=f, markeredgecolor=e, label=words
        )
        for m, f, e, words in present
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(handles),
        frameon=False,
        fontsize=8,
        handletextpad=0.2,
        columnspacing=1.2,
        borderaxespad=0,
    )


def _side(canvas: Canvas, periods: int) -> float:
    """Points across a square, so that neighbours leave a little room."""
    return min(9.0, 0.8 * 72 * canvas.wide / max(periods, 1))


def _name_rows(result: CompletenessResult, ax: Axes, names: list[str], *, narrow: bool) -> None:
    """A team's name at the left (on a phone above its row), what came of how many at the right."""
    ax.set_yticks([] if narrow else range(len(names)), [] if narrow else names, fontsize=9)
    across = ax.get_yaxis_transform()
    for place, team in enumerate(result.teams.itertuples(index=False)):
        if narrow:
            ax.text(0, place - 0.24, names[place], transform=across, fontsize=8, va="bottom")
        ax.text(
            1.02,
            place,
            f"{team.came} of {team.expected}",
            transform=across,
            fontsize=8.5,
            va="center",
            color=INK,
        )


@notes.register
def _(result: CompletenessResult) -> list[str]:
    return [
        "One mark a return that was expected. Teams stand in the order in which they are listed.",
        "A missing return is never counted as zero.",
    ]
