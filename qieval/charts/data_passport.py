"""The grid of a data passport: one line a unit, one cell a period, marked by what is there.

Cells differ by filling and by mark, not by colour alone, and none of them means good or bad.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from qieval.analysis.data_passport import DataPassportResult
from qieval.analysis.data_passport.tables import CELLS_MISSING, COMPLETE, NONE, SOME, STATUSES
from qieval.charts.drawing import chart, notes
from qieval.charts.style import BLUE, EDGE, GREY, INK, LIGHT_BLUE, Canvas
from qieval.charts.text_width import LABEL, shorten, width_of
from qieval.core.words import sentence

_CELL_STYLES = {
    COMPLETE: (BLUE, BLUE, 1.0),
    CELLS_MISSING: (LIGHT_BLUE, BLUE, 1.0),
    SOME: (BLUE, BLUE, 0.5),
    NONE: ("white", GREY, 0.0),
}
"""Status → filling, edge, how high the cell is filled."""

_WORDS = {
    COMPLETE: "dark: with rows",
    CELLS_MISSING: "light with a dot: with rows, but numbers are missing",
    SOME: "half filled: with a part of the rows",
    NONE: "empty: without rows",
}
_LINE, _AROUND = 0.26, 2.25
"""Inches from one line to the next, and of a figure for everything but lines."""


@chart.register
def _(result: DataPassportResult, ax: Axes, canvas: Canvas) -> None:
    units = list(result.points["unit"].drop_duplicates())
    whens = list(result.points["when"].drop_duplicates())
    names = [shorten(str(unit), LABEL, 1.1 if canvas.narrow else 1.9) for unit in units]
    canvas.set_height(_AROUND + _LINE * len(units))
    ax.set_yticks(range(len(units)), names)
    ax.set_xlim(-0.5, len(whens) - 0.5)
    ax.set_ylim(len(units) - 0.5, -0.5)
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(labelsize=LABEL, length=0)
    canvas.margins = (max(width_of(name, LABEL) for name in names) + 5 / 72 + EDGE, 0.25)
    _draw_cells(result, ax, canvas, units, whens)
    _name_columns(ax, whens, canvas)


def _draw_cells(
    result: DataPassportResult, ax: Axes, canvas: Canvas, units: list[str], whens: list[str]
) -> None:
    wide = canvas.wide / len(whens)
    gap = min(0.14, 0.02 / wide)
    row, column = ({name: i for i, name in enumerate(names)} for names in (units, whens))
    for unit, when, status in result.points[["unit", "when", "status"]].to_numpy():
        face, edge, height = _CELL_STYLES[status]
        x, y = column[when], row[unit]
        left, bottom, across, tall = x - 0.5 + gap, y + 0.36, 1 - 2 * gap, 0.72
        around = face if height == 1 else "white"
        ax.add_patch(
            Rectangle(
                (left, bottom), across, -tall, facecolor=around, edgecolor=edge, linewidth=0.6
            )
        )
        if 0 < height < 1:
            ax.add_patch(Rectangle((left, bottom), across, -height * tall, color=face, linewidth=0))
        if status == CELLS_MISSING:
            ax.plot(x, y, marker="o", color=INK, markersize=min(4.0, 72 * wide * 0.5))


def _name_columns(ax: Axes, whens: list[str], canvas: Canvas) -> None:
    """Where the columns are dates, months or years; else their own names: as many as have room."""
    most = 5 if canvas.narrow else 10
    days = pd.to_datetime(pd.Series(whens), format="%Y-%m-%d", errors="coerce")
    if days.isna().any():
        at = list(range(0, len(whens), -(-len(whens) // most)))
        ax.set_xticks(at, [shorten(whens[i], LABEL, canvas.wide / most) for i in at])
        return
    firsts = [0, *(i for i in range(1, len(days)) if days[i].year != days[i - 1].year)]
    if len(firsts) > 2:
        # The first year may have begun before the table: then its name would stand too near.
        at = [i for i in firsts if i or days[0].month == 1][:: -(-len(firsts) // most)]
        ax.set_xticks(at, [f"{days[i].year}" for i in at])
        return
    at = list(range(0, len(days), -(-len(days) // most)))
    years = [k == 0 or days[i].year != days[at[k - 1]].year for k, i in enumerate(at)]
    ax.set_xticks(
        at,
        [
            f"{days[i]:%b}" + (f"\n{days[i].year}" if year else "")
            for i, year in zip(at, years, strict=True)
        ],
    )


@notes.register
def _(result: DataPassportResult) -> list[str]:
    there = [status for status in STATUSES if (result.points["status"] == status).any()]
    meanings = "; ".join(_WORDS[status] for status in there)
    return [f"A cell is one of the {result.params['across']}. {sentence(meanings)}"]
