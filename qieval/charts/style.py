"""The one look of every figure: print, screen and phone.

NHS identity colours, chosen so that no meaning hangs on colour alone. Lines and marks that stand by
themselves take those with at least 3:1 against white; light blue and orange are for filled areas
and for marks with a dark edge. The title says the finding; the subtitle what is measured and for
whom; the caption what the marks are, the source and what to mind.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from qieval.charts.label_places import apart
from qieval.charts.panel import Panel
from qieval.charts.text_width import FONTS, LABEL, LABEL_LINE, fold, width_of
from qieval.core.errors import ParameterError, listed

BLUE, LIGHT_BLUE, DARK_BLUE = "#005EB8", "#41B6E6", "#003087"
ORANGE, GREY, PURPLE = "#ED8B00", "#768692", "#330072"
INK, FAINT, PALE = "#212B32", "#D8DDE0", "#F0F4F5"

SIZES = {"page": (7.2, 4.6), "phone": (3.5, 4.6)}
"""Width and height in inches. Text is the same size in both, so that a phone need not shrink it."""

STYLE: dict[str, Any] = {
    "font.family": FONTS,
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.titley": 1.0,  # with no axis above: where it would be found to stand, in much time
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
    "svg.fonttype": "none",
    "svg.hashsalt": "qieval",
}

_TITLE, _SUBTITLE, _CAPTION = 12.5, 9.5, 8.0
_OWN_TITLE = 10.5
"""Where the page says the finding, the figure says what is measured, and smaller."""
_LINE = 1.25
_TEXT_ROOM, _HEAD, _FOOT = 1.05, 0.42, 0.5
"""Inches of a figure for its words, and next to the Axes; more of either lengthens the figure."""
EDGE = 0.12
"""Inches between words and the figure's edge."""
QUIET = "#4C6272"
"""For words that stand back; dark enough to be read."""
_MARGINS = {False: (0.62, 1.25), True: (0.52, 0.95)}
"""Inches left and right of a page's and of a phone's Axes, with direct labels at the right."""


class Described(Figure):
    """A figure that shows itself in a notebook together with its description.

    Attributes
    ----------
    words : callable
        Gives what it shows, for people who cannot see it.
    """

    words: Callable[[], str] = staticmethod(lambda: "")

    @property
    def alt(self) -> str:
        """What it shows, for people who cannot see it."""
        return self.words()

    def as_png(self, dots: int) -> tuple[str, dict[str, Any]]:
        """The picture in base64, so many dots an inch; its width on the page and description."""
        picture = io.BytesIO()
        with plt.rc_context(STYLE):
            self.savefig(picture, format="png", dpi=dots, metadata={"Software": None})
        about = {"width": round(self.get_figwidth() * 96), "alt": self.alt}
        return base64.b64encode(picture.getvalue()).decode("ascii"), about

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        image, about = self.as_png(dots=144)
        # JupyterLab shows a picture without its description, but not an element of HTML.
        html = (
            f'<img src="data:image/png;base64,{image}" width="{about["width"]}" '
            f'alt="{escape(self.alt, quote=True)}">'
        )
        bundle = {"text/html": html, "image/png": image, "text/plain": self.alt}
        return bundle, {"image/png": about}


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

    def describe(self, words: Callable[[], str]) -> None:
        """Say what a figure of ours shows, for people who cannot see it, once it is asked for."""
        if isinstance(self.figure, Described):
            self.figure.words = words

    @property
    def wide(self) -> float:
        """Inches across the Axes, as they will be once the figure is dressed."""
        width = self.figure.get_figwidth()
        return width - sum(self.margins) if self.own else width * self.ax.get_position().width

    @property
    def tall(self) -> float:
        """Inches that the Axes is high, as it will be once the figure is dressed."""
        height = self.figure.get_figheight()
        if not self.own:
            return height * self.ax.get_position().height
        return height - _TEXT_ROOM - 2 * EDGE - _HEAD - _FOOT

    def set_height(self, inches: float) -> None:
        """Height of the figure before it is dressed; a figure that is not ours keeps its own."""
        if self.own:
            self.figure.set_figheight(inches)

    def dress(self, title: str, subtitle: str = "", caption: str = "") -> None:
        """Put title, subtitle and caption around the Axes, wrapped to the figure's width."""
        figure = self.figure
        width, height = figure.get_size_inches()
        large = _TITLE if subtitle or caption else _OWN_TITLE
        top = fold(title, large, width - 2 * EDGE, bold=True)
        under = fold(subtitle, _SUBTITLE, width - 2 * EDGE)
        foot = fold(caption, _CAPTION, width - 2 * EDGE)
        sizes = [(top, large), (under, _SUBTITLE), (foot, _CAPTION)]
        tall = [len(lines) * size * _LINE / 72 for lines, size in sizes]
        # Words lengthen or shorten the figure; the chart keeps its height.
        height += sum(tall) - _TEXT_ROOM + (self.head - _HEAD) + (self.foot - _FOOT)
        figure.set_size_inches(width, height)

        def place(lines: list[str], inches_from_top: float, size: float, **words: Any) -> None:
            if lines:
                at = EDGE / width, 1 - inches_from_top / height
                figure.text(*at, "\n".join(lines), fontsize=size, va="top", **words)

        place(top, EDGE, large, fontweight="bold", color=DARK_BLUE)
        place(under, EDGE + tall[0] + 0.04, _SUBTITLE)
        place(foot, height - EDGE - tall[2], _CAPTION, color=QUIET)
        above = EDGE + tall[0] + tall[1] + self.head
        below = EDGE + tall[2] + self.foot
        left, right = self.margins
        figure.subplots_adjust(
            left=left / width,
            right=1 - right / width,
            top=1 - above / height,
            bottom=below / height,
        )

    def room_for_ticks(self, ax: Axes | None = None, size: float = 9.5) -> None:
        """Widen the left margin where the labels of the vertical axis need more than usual."""
        axis, (low, high) = (ax or self.ax).yaxis, (ax or self.ax).get_ylim()
        ticks = [tick for tick in axis.get_major_locator()() if low <= tick <= high]
        labels = axis.get_major_formatter().format_ticks(ticks)
        widest = max((width_of(label, size) for label in labels), default=0.0)
        self.margins = (max(self.margins[0], widest + 5 / 72 + EDGE), self.margins[1])

    def numbers_below(self, most: int = 8, size: float = 9.5) -> None:
        """Numbers on the horizontal axis, as many as have room, all of them inside the figure."""
        low, high = self.ax.get_xlim()
        names, share, (left, right) = Numbers(), self.wide / (high - low), self.margins

        def inside(ticks: np.ndarray) -> list[float]:
            """Those of them whose numbers stand inside the figure."""
            kept = []
            for tick, name in zip(ticks, names.format_ticks(ticks), strict=True):
                half = width_of(name, size) / 2
                room = min((tick - low) * share + left, (high - tick) * share + right)
                if low <= tick <= high and room - half > EDGE:
                    kept.append(float(tick))
            return kept

        for count in range(most, 0, -1):
            ticks = MaxNLocator(count, steps=[1, 2, 5, 10]).tick_values(low, high)
            kept = inside(ticks)
            widest = max((width_of(name, size) for name in names.format_ticks(kept)), default=0.0)
            if widest * 1.3 < share * (ticks[1] - ticks[0]):
                break
        if len(kept) < 2:  # one number shows no scale: with wide ones, the two farthest apart
            fine = inside(MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high))
            kept = sorted({min(fine, key=abs), max(fine, key=abs)}) if fine else kept
        self.ax.set_xticks(kept)
        self.ax.xaxis.set_major_formatter(names)

    def unit(self, text: str, above: float = 10, taken: float = 0) -> None:
        """The unit of the vertical axis, upright, so many points above it.

        Of its line so many inches at the right may be `taken`.
        """
        self.ax.set_ylabel("")
        left, right = self.margins
        room = left - EDGE + self.wide + right - EDGE - taken
        lines = fold(text[:1].upper() + text[1:], LABEL, room)
        self.ax.annotate(
            "\n".join(lines),
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(-72 * (left - EDGE), above),
            textcoords="offset points",
            fontsize=LABEL,
            color=QUIET,
            ha="left",
            va="bottom",
        )
        self.head = max(self.head, (above + LABEL_LINE * len(lines) + 8) / 72)

    def words_below(self, text: str) -> None:
        """What the horizontal axis measures."""
        lines = fold(text, LABEL, self.wide)
        self.ax.set_xlabel("\n".join(lines), fontsize=LABEL)
        self.foot += LABEL_LINE * (len(lines) - 1) / 72

    def labels_at_right(self, labels: list[tuple[float, str, str]]) -> None:
        """Direct labels at the right: (height in data units, text, colour), never overlapping."""
        if not labels:  # a release may have withheld what they would name
            return
        widest = max(width_of(text, LABEL, bold=True) for _, text, _ in labels)
        self.margins = (self.margins[0], max(0.25, widest + 6 / 72 + EDGE))
        low, high = self.ax.get_ylim()
        labels = sorted(labels, key=lambda label: label[0])
        wanted = [(value - low) / (high - low) for value, _, _ in labels]
        halves = [LABEL_LINE * (text.count("\n") + 1.2) / 144 / self.tall for _, text, _ in labels]
        for at, (_, text, colour) in zip(apart(wanted, halves), labels, strict=True):
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
                annotation_clip=False,
            )


def new_canvas(size: str = "page", *, shown: bool = False) -> Canvas:
    """A new figure of a named size, in our style; `shown` by matplotlib itself, or by the page."""
    if size not in SIZES:
        raise ParameterError("Unknown figure size.", found=repr(size), remedy=listed(SIZES))
    # Not pyplot's own: shown by the page, once, with its alt text, and not by the notebook as well.
    figure = (plt.figure if shown else Described)(
        figsize=SIZES[size], **({"FigureClass": Described} if shown else {})
    )
    ax = figure.add_subplot(axes_class=Panel)
    return Canvas(ax, size == "phone", _MARGINS[size == "phone"])


def ink_on(colour: tuple[float, ...]) -> str:
    """White or black for words on a coloured area, whichever has the better contrast (WCAG 2.2)."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return "white" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "black"


# ---- scales ------------------------------------------------------------------------------------


class Numbers(Formatter):
    """Tick labels with thousands commas, a true minus, and the same decimals on the whole axis."""

    def __init__(self) -> None:
        self._ticks = np.empty(0)

    def set_locs(self, locs: Any) -> None:
        """What matplotlib calls with all ticks before it asks for their labels."""
        self._ticks = np.asarray(locs, dtype=float)

    def __call__(self, value: float, pos: int | None = None) -> str:
        """The label of a tick."""
        ticks = self._ticks if len(self._ticks) else np.array([value], dtype=float)
        step = float(np.min(np.diff(ticks))) if len(ticks) > 1 else abs(value) or 1.0
        off = [float(np.abs(ticks - ticks.round(n)).max()) for n in range(7)]
        places = next((n for n in range(7) if off[n] < step / 100), None)
        text = f"{value:.3g}" if places is None else f"{value:,.{places}f}"
        return text.replace("-", "−") if text.strip("-0.") else text.lstrip("-")


def date_axis(ax: Axes, times: pd.Series, narrow: bool) -> None:
    """Days, months or years on the horizontal axis, few enough to read, none turned."""
    first, last = pd.Timestamp(times.iloc[0]), pd.Timestamp(times.iloc[-1])
    months = (last.year - first.year) * 12 + last.month - first.month
    days = (last - first).days
    most = 5 if narrow else 9
    if days <= 70:
        step = next(s for s in (1, 2, 7, 14, 28) if days / s <= most)
        ticks = list(pd.date_range(first, last, freq=f"{step}D"))
        names = [f"{tick.day} {tick:%b}" for tick in ticks]
        names[0] += f"\n{first:%Y}"
    elif months > 30:
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


def value_axis(
    ax: Axes, values: np.ndarray, band: np.ndarray | None = None, cut: float = 0.25
) -> None:
    """Limits that hold every value and the band, from zero where the values' pattern stays visible.

    A band that is far wider than the values is cut off; the scale is :func:`cut_scale`.
    """
    values = _known(values)
    values = values if len(values) else np.array([0.0, 1.0])  # a release may withhold all
    low, high = float(values.min()), float(values.max())
    from_zero = not cut_scale(values, cut)
    if band is not None:
        half = 0.5 * (high - low)
        low = min(low, max(float(np.nanmin(band)), low - half))
        high = max(high, min(float(np.nanmax(band)), high + half))
    room = 0.08 * (high - low or abs(high) or 1)
    ax.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(Numbers())
    bottom, top = low - room, high + room
    if from_zero:
        # A point at zero is drawn whole: the scale goes on beyond it by a point's width.
        beyond = 0.25 * room
        bottom = bottom if low < 0 else -beyond if low < beyond else 0.0
        top = top if high > 0 else beyond if high > -beyond else 0.0
    ax.set_ylim(bottom, top)


def cut_scale(values: np.ndarray, cut: float = 0.25) -> bool:
    """Whether the scale of these values leaves zero out: it would squeeze their pattern.

    It does where they span less than that share of the largest.
    """
    values = _known(values)
    if not len(values):
        return False
    low, high = float(values.min()), float(values.max())
    return (low > 0 or high < 0) and high - low < cut * max(abs(low), abs(high))


def _known(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]
