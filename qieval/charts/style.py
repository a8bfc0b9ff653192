"""The one look of every figure: print, screen and phone.

NHS identity colours, chosen so that no meaning hangs on colour alone. Lines and marks that stand by
themselves take those with at least 3:1 against white; light blue and orange are for filled areas
and for marks with a dark edge. The title says the finding; the subtitle what is measured and for whom; the caption
what the marks are, the source and what to mind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.ticker import Formatter, MaxNLocator

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
    "text.parse_math": False,  # "$" in a team's own words is money
    "svg.fonttype": "path",
    "svg.hashsalt": "qieval",
}

_TITLE, _SUBTITLE, _CAPTION, LABEL = 12.5, 9.5, 8.0, 8.5
_LINE = 1.32
_TEXT_ROOM, _HEAD, _FOOT = 1.05, 0.42, 0.5
"""Inches of a figure for its words, and next to the Axes; more of either lengthens the figure."""
EDGE = 0.12
"""Inches between words and the figure's edge."""
LABEL_LINE = 10.5
"""Points from one line of a label to the next."""
_QUIET = "#4C6272"
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
    own : bool
        Whether the figure is ours to shape; False where the caller brought the Axes.
    head, foot : float
        Inches above and below the Axes for what belongs to it; a chart that needs more says so.
    """

    ax: Axes
    narrow: bool
    margins: tuple[float, float]
    own: bool = True
    head: float = _HEAD
    foot: float = _FOOT

    @classmethod
    def of(cls, ax: Axes) -> Canvas:
        """The canvas of an Axes that the caller brought."""
        figure = ax.get_figure(root=True)
        width = figure.get_figwidth() if figure else 8
        narrow = width * ax.get_position().width < 4.5
        return cls(ax, narrow, _MARGINS[narrow], own=False)

    @property
    def figure(self) -> Figure:
        """The figure of the Axes."""
        figure = self.ax.get_figure(root=True)
        assert figure is not None
        return figure

    @property
    def wide(self) -> float:
        """Inches across the Axes, as they will be once the figure is dressed."""
        width = self.figure.get_figwidth()
        return width - sum(self.margins) if self.own else width * self.ax.get_position().width

    @property
    def tall(self) -> float:
        """Inches that the Axes is high, or a little less than it will be."""
        height = self.figure.get_figheight()
        if not self.own:
            return height * self.ax.get_position().height
        return height - _TEXT_ROOM - 2 * EDGE - _HEAD - _FOOT

    def set_height(self, inches: float) -> None:
        """Height of the figure before it is dressed; a figure that is not ours keeps its own."""
        if self.own:
            self.figure.set_figheight(inches)

    def dress(self, title: str, subtitle: str, caption: str) -> None:
        """Put title, subtitle and caption around the Axes, wrapped to the figure's width."""
        figure = self.figure
        width, height = figure.get_size_inches()
        top = fold(title, _TITLE, width - 2 * EDGE, bold=True)
        under = fold(subtitle, _SUBTITLE, width - 2 * EDGE)
        foot = fold(caption, _CAPTION, width - 2 * EDGE)
        sizes = [(top, _TITLE), (under, _SUBTITLE), (foot, _CAPTION)]
        tall = [len(lines) * size * _LINE / 72 for lines, size in sizes]
        # Long words lengthen the figure; they do not shrink the chart.
        height += max(0.0, sum(tall) - _TEXT_ROOM) + (self.head - _HEAD) + (self.foot - _FOOT)
        figure.set_size_inches(width, height)

        def place(lines: list[str], inches_from_top: float, size: float, **words: Any) -> None:
            figure.text(
                EDGE / width,
                1 - inches_from_top / height,
                "\n".join(lines),
                fontsize=size,
                va="top",
                linespacing=_LINE - 0.1,
                **words,
            )

        place(top, EDGE, _TITLE, fontweight="bold", color=DARK_BLUE)
        place(under, EDGE + tall[0] + 0.04, _SUBTITLE)
        place(foot, height - EDGE - tall[2], _CAPTION, color=_QUIET)
        above = EDGE + tall[0] + tall[1] + self.head
        below = EDGE + tall[2] + self.foot
        left, right = self.margins
        figure.subplots_adjust(
            left=left / width,
            right=1 - right / width,
            top=1 - above / height,
            bottom=below / height,
        )

    def unit(self, text: str, above: float = 10) -> None:
        """The unit of the vertical axis, upright, so many points above it."""
        self.ax.set_ylabel("")
        left, right = self.margins
        lines = fold(text[:1].upper() + text[1:], LABEL, left - EDGE + self.wide + right - EDGE)
        self.ax.annotate(
            "\n".join(lines),
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(-72 * (left - EDGE), above),
            textcoords="offset points",
            fontsize=LABEL,
            color=_QUIET,
            ha="left",
            va="bottom",
        )
        self.head = max(self.head, (above + LABEL_LINE * len(lines) + 8) / 72)

    def labels_at_right(self, labels: list[tuple[float, str, str]]) -> None:
        """Direct labels at the right: (height in data units, text, colour), never overlapping."""
        widest = max(width_of(text, LABEL, bold=True) for _, text, _ in labels)
        self.margins = (self.margins[0], max(0.25, widest + 6 / 72 + EDGE))
        low, high = self.ax.get_ylim()
        labels = sorted(labels, key=lambda label: label[0])
        wanted = [(value - low) / (high - low) for value, _, _ in labels]
        halves = [LABEL_LINE * (text.count("\n") + 1.2) / 144 / self.tall for _, text, _ in labels]
        for at, (_, text, colour) in zip(_apart(wanted, halves), labels, strict=True):
            self.ax.annotate(
                text,
                xy=(1, at),
                xycoords="axes fraction",
                xytext=(6, 0),
                textcoords="offset points",
                color=colour,
                fontsize=LABEL,
                fontweight="bold",
                va="center",
                linespacing=1.1,
                annotation_clip=False,
            )


def _apart(wanted: list[float], halves: list[float]) -> list[float]:
    """Middles near those wanted (rising), inside 0 to 1, each clear of its neighbours."""
    placed: list[float] = []
    floor = 0.0
    for middle, half in zip(wanted, halves, strict=True):
        placed.append(max(middle, floor + half))
        floor = placed[-1] + half
    ceiling = 1.0
    for which in reversed(range(len(placed))):
        placed[which] = min(placed[which], ceiling - halves[which])
        ceiling = placed[which] - halves[which]
    return placed


def new_canvas(size: str = "page") -> Canvas:
    """A new figure of a named size, in our style."""
    if size not in SIZES:
        raise ParameterError("Unknown figure size.", found=repr(size), remedy=listed(SIZES))
    figure, ax = plt.subplots(figsize=SIZES[size])
    plt.close(figure)  # shown by the page, once, with its alt text; not by the notebook as well
    return Canvas(ax, size == "phone", _MARGINS[size == "phone"])


# ---- words -------------------------------------------------------------------------------------


@cache
def _font_file(bold: bool) -> str:
    family = str(STYLE["font.family"])
    return findfont(FontProperties(family=family, weight="bold" if bold else "normal"))


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Inches that the longest line of a text takes."""
    font = get_font(_font_file(bold))
    font.set_size(size, 72)
    widest = 0.0
    for line in text.split("\n"):
        font.set_text(line, 0.0, flags=LoadFlags.NO_HINTING)
        widest = max(widest, font.get_width_height()[0] / 64 / 72)
    return 1.02 * widest  # pixels round letters up


def fold(text: str, size: float, inches: float, *, bold: bool = False) -> list[str]:
    """The lines of a text that fit a width; a word that is too long by itself is broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, bold=bold) <= inches:
            lines[-1] = longer
            continue
        while width_of(word, size, bold=bold) > inches and len(word) > 1:
            fits = next(
                n
                for n in range(len(word) - 1, 0, -1)
                if n == 1 or width_of(word[:n], size, bold=bold) <= inches
            )
            lines.append(word[:fits])
            word = word[fits:]
        lines.append(word)
    return lines


def shorten(text: str, size: float, inches: float, *, bold: bool = False) -> str:
    """The text, or its beginning and an ellipsis, in one line that fits a width."""
    if width_of(text, size, bold=bold) <= inches:
        return text
    return f"{fold(text, size, inches - width_of(' …', size, bold=bold), bold=bold)[0]} …"


# ---- scales ------------------------------------------------------------------------------------


class Numbers(Formatter):
    """Tick labels with thousands commas, a true minus, and the same decimals on the whole axis."""

    def __call__(self, value: float, pos: int | None = None) -> str:
        """The label of a tick."""
        ticks = np.asarray(self.locs if len(self.locs) else [value], dtype=float)
        step = float(np.min(np.diff(ticks))) if len(ticks) > 1 else abs(value) or 1.0
        off = [float(np.abs(ticks - ticks.round(n)).max()) for n in range(7)]
        places = next((n for n in range(7) if off[n] < step / 100), None)
        text = f"{value:.3g}" if places is None else f"{value:,.{places}f}"
        return text.replace("-", "−") if text.strip("-0.") else text.lstrip("-")


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


def value_axis(ax: Axes, values: np.ndarray) -> None:
    """Limits that hold every value, from zero where that leaves the pattern visible."""
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    room = 0.08 * (high - low or abs(high) or 1)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(Numbers())
    if cut_scale(values):
        ax.set_ylim(low - room, high + room)
        return
    # A point at zero is drawn whole: the scale goes on below it by a point's width.
    bottom = min(low - room if low < 0 else -0.02 * high, 0.0)
    top = max(high + room if high > 0 else -0.02 * low, 0.0)
    ax.set_ylim(bottom, top) if top > bottom else ax.set_ylim(-1, 1)


def cut_scale(values: np.ndarray) -> bool:
    """Whether the scale of these values leaves zero out: it would squeeze their pattern."""
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    return (low > 0 or high < 0) and high - low < 0.25 * max(abs(low), abs(high))
