"""Many charts of one kind in a grid: one panel a unit, read row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from qieval.charts.event_marks import write_key
from qieval.charts.spc_marks import (
    SCALE_CUT,
    draw_lines,
    draw_points,
    figures_of,
    key_of,
    put_icon,
    time_axis,
)
from qieval.charts.spc_picture import Across, Picture
from qieval.charts.style import DARK_BLUE, EDGE, INK, QUIET, Canvas, Numbers, value_axis
from qieval.charts.text_width import fold, shorten

MOST = 30
"""Panels that a figure holds; the caption says so where there are more units."""
_HIGH = {False: 1.25, True: 1.3}
_TITLE = 0.24
"""Inches from one panel's Axes to the next, for the title of the lower one."""
_NAME = 8.5
"""Size of a panel's title; it takes a second line where it must."""
_LINE = 0.15
"""Inches of that second line, and of each line of figures below it."""
_FIGURES = 7.5
_ICON = 17.0
"""Points across the icons of a panel."""


def draw_grid(
    pictures: Sequence[tuple[str, Picture]],
    ax: Axes,
    canvas: Canvas,
    *,
    shared: bool = True,
    columns: int = 3,
    places: Sequence[int] | None = None,
) -> None:
    """A panel for each unit, on one scale or each on its own.

    Parameters
    ----------
    pictures : sequence of (str, Picture)
        Name and chart of each unit.
    ax : Axes
        Holds the grid; it is emptied.
    shared : bool
        One vertical scale for all panels, so that heights can be compared.
    columns : int
        Panels side by side at most; on a phone always one.
    places : sequence of int, optional
        Where each panel stands in a grid of that many columns, counted row by row; on a page only.
    """
    pictures = pictures[:MOST]
    if places is None or canvas.narrow:
        wanted = 2 if len(pictures) <= 4 else 3
        columns = 1 if canvas.narrow else min(len(pictures), wanted, columns)
        places = range(len(pictures))
    rows = 1 + max(places) // columns
    ax.set_axis_off()
    everything = np.concatenate([picture.scale_values for _, picture in pictures])
    value_axis(ax, everything, cut=SCALE_CUT)
    canvas.room_for_ticks(size=8)
    canvas.margins = (canvas.margins[0], 0.2)
    gap = 0.2 if shared else canvas.margins[0] - EDGE + 0.08
    wide = canvas.wide
    broad = (wide - gap * (columns - 1)) / columns
    icons = max(len(picture.icons) for _, picture in pictures)
    room = broad - icons * (_ICON + 3) / 72
    titles = [_two_lines(name, room) for name, _ in pictures]
    figures = [fold(figures_of(picture), _FIGURES, room) for _, picture in pictures]
    below = max(map(len, figures))
    more = _LINE * (max(map(len, titles)) - 1) + 0.04 + 0.135 * below
    canvas.set_height(2.4 + rows * (_HIGH[canvas.narrow] + more))
    tall = canvas.tall
    for place, title, lines, (_, picture) in zip(places, titles, figures, pictures, strict=True):
        row, column = divmod(place, columns)
        high = tall / rows - _TITLE - more
        low = tall - (row + 1) * tall / rows
        box = (column * (broad + gap) / wide, low / tall, broad / wide, high / tall)
        panel = ax.inset_axes(box)
        _draw_panel(panel, picture)
        value_axis(panel, everything if shared else picture.scale_values, cut=SCALE_CUT)
        panel.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        panel.yaxis.set_major_formatter(Numbers())
        panel.tick_params(labelsize=8)
        panel.tick_params(axis="y", labelleft=column == 0 or not shared)
        panel.tick_params(axis="x", labelbottom=place + columns not in places)
        panel.set_title(
            "\n".join(title), fontsize=_NAME, loc="left", color=DARK_BLUE, fontweight="bold",
            pad=7 + 9.7 * below,
        )  # fmt: skip
        panel.annotate(
            "\n".join(lines), (0, 1), (0, 3 + 9.7 * below), xycoords="axes fraction",
            textcoords="offset points", fontsize=_FIGURES, color=QUIET, va="top",
        )  # fmt: skip
        for order, icon in enumerate(reversed(picture.icons)):
            put_icon(panel, icon, _ICON, (-order * (_ICON + 3), 4))
    units = {picture.unit for _, picture in pictures}
    remarks = [
        *(units if len(units) == 1 else []),
        *([] if shared else ["each panel has its own scale"]),
    ]
    canvas.unit("; ".join(remarks), 8)
    every = [style for _, picture in pictures for style in key_of(picture)]
    write_key(ax, canvas, list(dict(every).items()))


def _two_lines(name: str, inches: float) -> list[str]:
    """A panel's title on one line or two, shortened if that is not enough."""
    first, *rest = fold(name, _NAME, inches, bold=True) or [""]
    return [first, *([shorten(" ".join(rest), _NAME, inches, bold=True)] if rest else [])]


def _draw_panel(panel: Axes, picture: Picture) -> None:
    across = Across.of(picture)
    time_axis(panel, picture, across, narrow=True)
    if across.in_order:  # a panel has room for its first and last event
        ticks, names = panel.get_xticks(), [t.get_text() for t in panel.get_xticklabels()]
        panel.set_xticks(ticks[[0, -1]], [names[0], names[-1]])
    for mark in picture.events:  # their words stand in the caption
        panel.axvline(across.place(mark["date"]), color=INK, linewidth=0.7, linestyle=(0, (1, 2)))
    draw_lines(panel, picture, across)
    draw_points(panel, picture, across, 0.72)
    for mark in picture.rephases:
        panel.axvline(across.edge_at(mark["date"]), color=INK, linewidth=0.9, zorder=2)
