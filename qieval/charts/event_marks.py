"""What happened beside the data: numbered marks under the axis, their list, upright lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from qieval.charts.label_places import BESIDE, line_labels
from qieval.charts.spc_points import PointStyle
from qieval.charts.style import DARK_BLUE, EDGE, GREY, INK, PURPLE, QUIET, Canvas
from qieval.charts.text_width import LABEL, LABEL_LINE, fold, width_of

LANE = 15.0
"""Points from one lane of marks to the next."""
SMALL, SMALL_LINE = 8.0, 10.6
"""Size of the words of the key and the list, and points from one line to the next."""
CYCLES = ("pdsa", "cycle", "pdsa_cycle")
"""Kinds of events that are tests of change of the project itself."""

Event = Mapping[str, Any]


def _box_style(event: Event) -> dict[str, Any]:
    """A test of change is a blue lozenge, anything else a grey box: shape as well as colour."""
    kind = str(event.get("kind", "")).lower()
    if kind in CYCLES:
        return {"boxstyle": "round,pad=0.22,rounding_size=0.7", "facecolor": DARK_BLUE}
    colour = PURPLE if kind == "rephase" else QUIET
    return {"boxstyle": "square,pad=0.22", "facecolor": colour}


def mark_number(ax: Axes, number: int, event: Event, **place: Any) -> None:
    """A numbered mark; `place` is what ``Axes.annotate`` needs to put it."""
    ax.annotate(
        str(number),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=SMALL,
        color="white",
        fontweight="bold",
        bbox={**_box_style(event), "edgecolor": "none"},
        annotation_clip=False,
        zorder=6,
        **place,
    )


def mark_events(ax: Axes, canvas: Canvas, events: Sequence[tuple[float, Event]]) -> None:
    """A numbered mark under the axis for each event, in lanes so that none lies on another."""
    low, high = ax.get_xlim()
    lanes: list[float] = []  # where the last mark of each lane ends, in inches
    for number, (at, event) in enumerate(events, start=1):
        inches = canvas.wide * (at - low) / (high - low)
        half = 0.5 * width_of(str(number), SMALL, bold=True) + 4 / 72
        lane = next((n for n, ends in enumerate(lanes) if inches - half > ends), len(lanes))
        lanes[lane:] = [inches + half, *lanes[lane + 1 :]]
        mark_number(
            ax,
            number,
            event,
            xy=(at, 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, -6 - LANE * (lane + 0.5)),
        )
    if events:
        places = [at for at, _ in events]
        up: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "zorder": 1}
        ax.vlines(places, 0, 1, color=GREY, alpha=0.35, linewidth=0.8, linestyle="-", **up)
        ax.tick_params(axis="x", pad=8 + LANE * len(lanes))
        canvas.foot += (LANE * len(lanes) + 4) / 72


def mark_lines(ax: Axes, canvas: Canvas, lines: Sequence[tuple[float, str]]) -> float:
    """An upright line at each place, its words above; points above the Axes that they take."""
    if not lines:
        return 0.0
    low, high = ax.get_xlim()
    places = [canvas.wide * (at - low) / (high - low) for at, _ in lines]
    start, end = -0.3, canvas.wide + 0.3
    if canvas.own:
        start, end = EDGE - canvas.margins[0], canvas.wide + canvas.margins[1] - EDGE
    labels = line_labels(places, [words for _, words in lines], start, end)
    for (at, _), label in zip(lines, labels, strict=True):
        ax.axvline(at, color=INK, linewidth=1.3, zorder=2)
        base = 2 + LABEL_LINE * label.up
        style: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "annotation_clip": False}
        style |= {"textcoords": "offset points", "xy": (at, 1)}
        if label.up:
            up = {"arrowstyle": "-", "color": INK, "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", xytext=(0, base + LABEL_LINE), arrowprops=up, **style)
        ax.annotate(
            "\n".join(label.lines),
            xytext=((-72 if label.left else 72) * BESIDE, base),
            ha="right" if label.left else "left",
            va="bottom",
            fontsize=LABEL,
            fontweight="bold",
            zorder=6,
            **style,
        )
    return 4 + LABEL_LINE * max(label.top for label in labels)


# ---- under the axis ----------------------------------------------------------------------------


def write_key(ax: Axes, canvas: Canvas, styles: Sequence[tuple[PointStyle, str]]) -> None:
    """What each shape of point means, in as many rows as the width needs."""
    if not styles or not canvas.own:
        return
    left, right = canvas.margins
    width = canvas.wide + left + right - 2 * EDGE
    across, row = 0.0, 0
    for style, words in styles:
        wide = 0.17 + width_of(words, SMALL) + 0.22
        if across and across + wide - 0.22 > width:
            across, row = 0.0, row + 1
        down = -72 * canvas.foot - SMALL_LINE * (row + 0.5)
        x = -72 * (left - EDGE) + 72 * across
        _dot(ax, style, x + 4, down)
        _words(ax, words, x + 12, down)
        across += wide
    canvas.foot += (SMALL_LINE * (row + 1) + 9) / 72


def _dot(ax: Axes, style: PointStyle, right: float, up: float) -> None:
    """A mark of the key, in points from the corner of the Axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    shift = ScaledTranslation(right / 72, up / 72, figure.dpi_scale_trans)
    mark = Line2D(
        [0],
        [0],
        marker=style.marker,
        markersize=style.size**0.5,
        markerfacecolor=style.face,
        markeredgecolor=style.edge,
        color=style.edge,
        linestyle="none",
        markeredgewidth=0.9,
        transform=ax.transAxes + shift,
        clip_on=False,
    )
    ax.add_artist(mark)


def _words(ax: Axes, words: str, right: float, up: float) -> None:
    ax.annotate(
        words,
        xy=(0, 0),
        xycoords="axes fraction",
        xytext=(right, up),
        textcoords="offset points",
        fontsize=SMALL,
        color=QUIET,
        va="center_baseline" if "\n" not in words else "center",
        annotation_clip=False,
    )


def write_list(ax: Axes, canvas: Canvas, events: Sequence[tuple[Event, str]]) -> None:
    """The events by number: two columns on a page, one on a phone."""
    if not events or not canvas.own:
        return
    left, right = canvas.margins
    width = canvas.wide + left + right - 2 * EDGE
    columns = 1 if canvas.narrow or len(events) < 3 else 2
    room = width / columns
    folded = [fold(words, SMALL, room - 0.36) for _, words in events]
    breaks = _halves([len(lines) for lines in folded]) if columns == 2 else len(events)
    tallest = 0.0
    for start, stop, x in ((0, breaks, 0.0), (breaks, len(events), room)):
        down = 0.0
        for place in range(start, stop):
            event, lines = events[place][0], folded[place]
            at = -72 * canvas.foot - SMALL_LINE * down
            x_points = 72 * (x - left + EDGE)
            spot = {"xy": (0, 0), "xycoords": "axes fraction"}
            mark_number(ax, place + 1, event, xytext=(x_points + 8, at - SMALL_LINE / 2), **spot)
            middle = at - SMALL_LINE * len(lines) / 2
            _words(ax, "\n".join(lines), x_points + 22, middle)
            down += len(lines) + 0.4
        tallest = max(tallest, down)
    canvas.foot += (SMALL_LINE * tallest + 9) / 72


def _halves(tall: list[int]) -> int:
    """How many go to the first column so that both are about as long."""
    total, so_far = sum(tall), 0
    for place, lines in enumerate(tall, start=1):
        so_far += lines
        if 2 * so_far >= total:
            return place
    return len(tall)
