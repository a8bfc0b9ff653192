"""The one look of every figure: print, screen and phone.

NHS identity colours, chosen so that every mark has at least 3:1 against white and no meaning hangs
on colour alone. The title says the finding; the subtitle what is measured and for whom; the caption
what the marks are, the source and what to mind.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from qieval.core.errors import ParameterError, listed

BLUE, LIGHT_BLUE, DARK_BLUE = "#005EB8", "#41B6E6", "#003087"
ORANGE, GREY, PURPLE = "#ED8B00", "#768692", "#330072"
INK, FAINT, PALE = "#212B32", "#D8DDE0", "#F0F4F5"

SIZES = {"page": (8.0, 4.9), "phone": (4.1, 5.0)}
"""Width and height in inches. Text is the same size in both, so that a phone need not shrink it."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "ytick.left": False,
    "figure.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "qieval",
}

_TITLE, _SUBTITLE, _CAPTION = 12.5, 9.5, 8.0
_LINE = 1.32
_MARGINS = {False: (0.62, 1.25), True: (0.52, 0.95)}
"""Inches left and right of a page's and of a phone's Axes, with direct labels at the right."""


@dataclass
class Canvas:
    """An Axes and how much room there is around it.

    Attributes
    ----------
    ax : Axes
    narrow : bool
        Whether it is for a phone.
    margins : (float, float)
        Inches left and right of the Axes; a chart with labels elsewhere changes them.
    """

    ax: Axes
    narrow: bool
    margins: tuple[float, float]

    @classmethod
    def of(cls, ax: Axes) -> Canvas:
        """The canvas of an Axes that the caller brought."""
        figure = ax.get_figure(root=True)
        width = figure.get_figwidth() if figure else 8
        narrow = width * ax.get_position().width < 4.5
        return cls(ax, narrow, _MARGINS[narrow])

    @property
    def figure(self) -> Figure:
        """The figure of the Axes."""
        figure = self.ax.get_figure(root=True)
        assert figure is not None
        return figure

    def dress(self, title: str, subtitle: str, caption: str) -> None:
        """Put title, subtitle and caption around the Axes, wrapped to the figure's width."""
        figure = self.figure
        width, height = figure.get_size_inches()
        margin = 0.12
        top = _wrapped(title, _TITLE, width - 2 * margin, bold=True)
        under = _wrapped(subtitle, _SUBTITLE, width - 2 * margin)
        foot = _wrapped(caption, _CAPTION, width - 2 * margin)
        sizes = [(top, _TITLE), (under, _SUBTITLE), (foot, _CAPTION)]
        tall = [len(lines) * size * _LINE / 72 for lines, size in sizes]
        height += max(0.0, sum(tall) - 1.05)  # long words lengthen the figure, not shrink the chart
        figure.set_size_inches(width, height)

        def place(lines: list[str], inches_from_top: float, size: float, **words: Any) -> None:
            figure.text(
                margin / width,
                1 - inches_from_top / height,
                "\n".join(lines),
                fontsize=size,
                va="top",
                linespacing=_LINE - 0.1,
                **words,
            )

        place(top, margin, _TITLE, fontweight="bold", color=DARK_BLUE)
        place(under, margin + tall[0] + 0.04, _SUBTITLE)
        place(foot, height - margin - tall[2], _CAPTION, color="#4C6272")
        above = margin + tall[0] + tall[1] + 0.42
        below = margin + tall[2] + 0.5
        left, right = self.margins
        figure.subplots_adjust(
            left=left / width,
            right=1 - right / width,
            top=1 - above / height,
            bottom=below / height,
        )

    def unit(self, text: str) -> None:
        """The unit of the vertical axis, upright, above it."""
        self.ax.set_ylabel("")
        self.ax.annotate(
            text[:1].upper() + text[1:],
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(-34 if self.narrow else -40, 12),
            textcoords="offset points",
            fontsize=8.5,
            color="#4C6272",
            ha="left",
            va="bottom",
        )

    def labels_at_right(self, labels: list[tuple[float, str, str]]) -> None:
        """Direct labels at the right: (height in data units, text, colour), never overlapping."""
        low, high = self.ax.get_ylim()
        figure = self.ax.get_figure(root=True)
        tall = figure.get_figheight() * self.ax.get_position().height if figure else 3
        apart = 0.30 / max(tall, 1)
        places = [((value - low) / (high - low), text, colour) for value, text, colour in labels]
        places.sort(key=lambda place: place[0])
        last = -1.0
        for place, text, colour in places:
            lines = text.count("\n") + 1
            at = min(max(place, last + apart * (1 + 0.5 * (lines - 1))), 1.0)
            self.ax.annotate(
                text,
                xy=(1, at),
                xycoords="axes fraction",
                xytext=(6, 0),
                textcoords="offset points",
                color=colour,
                fontsize=8.5,
                fontweight="bold",
                va="center",
                linespacing=1.1,
                annotation_clip=False,
            )
            last = at + apart * 0.5 * (lines - 1)


def new_canvas(size: str = "page") -> Canvas:
    """A new figure of a named size, in our style."""
    if size not in SIZES:
        raise ParameterError("Unknown figure size.", found=repr(size), remedy=listed(SIZES))
    figure, ax = plt.subplots(figsize=SIZES[size])
    plt.close(figure)  # shown by the page, once, with its alt text; not by the notebook as well
    return Canvas(ax, size == "phone", _MARGINS[size == "phone"])


def _wrapped(text: str, size: float, inches: float, *, bold: bool = False) -> list[str]:
    """Lines that fit; DejaVu Sans letters are about 0.53 of their size wide, bold ones 0.61."""
    if not text:
        return []
    letters = int(inches * 72 / (size * (0.62 if bold else 0.545)))
    return textwrap.wrap(text, letters)


def date_axis(ax: Axes, times: pd.Series, narrow: bool) -> None:
    """Months or years on the horizontal axis, few enough to read, none turned."""
    first, last = pd.Timestamp(times.iloc[0]), pd.Timestamp(times.iloc[-1])
    months = (last.year - first.year) * 12 + last.month - first.month
    most = 5 if narrow else 9
    if months <= 1:
        return
    if months > 30:
        years = np.arange(first.year + (first.month > 1), last.year + 1)
        years = years[:: max(1, int(np.ceil(len(years) / most)))]
        ticks = [pd.Timestamp(year, 1, 1) for year in map(int, years)]
        names = [str(tick.year) for tick in ticks]
    else:
        step = next(s for s in (1, 2, 3, 4, 6, 12) if months / s <= most)
        start = first if first.day == 1 else first + pd.offsets.MonthBegin()
        ticks = list(pd.date_range(start, last, freq=f"{step}MS"))
        names = [
            f"{tick:%b}\n{tick:%Y}" if i == 0 or tick.year != ticks[i - 1].year else f"{tick:%b}"
            for i, tick in enumerate(ticks)
        ]
    ax.set_xticks(ticks, names)
    room = (last - first) * 0.02
    ax.set_xlim(first - room, last + room)


def value_axis(ax: Axes, values: np.ndarray) -> str:
    """Limits that hold every value, from zero where that leaves the pattern visible.

    Returns
    -------
    str
        A sentence for the caption if the scale does not start at zero, else "".
    """
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    room = 0.08 * (high - low or abs(high) or 1)
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    if low >= 0 and high - low >= 0.25 * high:
        ax.set_ylim(0, high + room)
        return ""
    ax.set_ylim(low - room, high + room)
    return "" if low < 0 else "The vertical scale does not start at zero."
