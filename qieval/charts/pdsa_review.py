"""PDSA cycles as a timeline: one lane a ramp, one step a cycle, arrows to the cycles that build on.

Shape and colour say what was decided, the size of the mark how much of the whole was in the test,
which stands in words beside it. The vertical axis counts inches from the top. Names stand in the
left margin, so that no arrow meets them however many cycles there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from qieval.analysis.pdsa_review import PDSAReviewResult
from qieval.analysis.pdsa_review.methods.ramps import size_in_words
from qieval.charts.drawing import chart, notes
from qieval.charts.event_marks import write_key
from qieval.charts.spc_points import PointStyle
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    GREY,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    Canvas,
    date_axis,
)
from qieval.charts.text_width import LABEL, shorten, width_of
from qieval.core.result import rows_of

_DECISIONS = {
    "adopt": PointStyle("s", BLUE, BLUE, 44, "Adopt"),
    "adapt": PointStyle("o", ORANGE, INK, 50, "Adapt"),
    "abandon": PointStyle("X", PURPLE, PURPLE, 52, "Abandon"),
    "": PointStyle("D", "white", INK, 38, "Decision not recorded"),
}
_STEP, _HEADING, _GAP = 0.27, 0.24, 0.1
"""Inches from cycle to cycle, for the name of a ramp, and between ramps."""
_SMALLEST, _LARGEST = 30.0, 150.0
"""Area of a mark in square points: for nobody, and for everyone."""
_MOST_STEPS = 40
"""With more cycles, those of a ramp stand in one line and their sizes only in the table."""
_NAMES = {False: 2.4, True: 1.5}
"""Inches that names may take on a page and on a phone."""
_AROUND = 2.21
"""Inches of a figure that are not Axes (``Canvas.tall``)."""


@dataclass(frozen=True)
class _Place:
    """Where a cycle stands: inches from the top, and its day; nan if not recorded."""

    down: float
    day: float


@chart.register
def _(result: PDSAReviewResult, ax: Axes, canvas: Canvas) -> None:
    names, bands, places, end = _lay_out(result)
    widest = max(width_of(name, LABEL, bold=bold) for name, _, bold in names)
    room = min(_NAMES[canvas.narrow], widest + 0.02)
    canvas.margins = (room + 0.14 + EDGE, 0.3)
    canvas.head = 0.12
    canvas.set_height(end + _AROUND)
    _time_axis(ax, canvas, result.points)
    ax.set_ylim(end, 0)
    ax.set_yticks([])
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    for top, bottom in bands[::2]:
        ax.axhspan(top, bottom, color=PALE, linewidth=0, zorder=0)
    for name, down, bold in names:
        _write_name(ax, canvas, shorten(name, LABEL, room, bold=bold), down, bold=bold)
    _draw_arrows(ax, result.points, places)
    for row in rows_of(result.points):
        _draw_cycle(ax, row, places[row.key])
    seen = set(result.points["decision"])
    styles = [(style, style.words) for decision, style in _DECISIONS.items() if decision in seen]
    write_key(ax, canvas, styles)


@notes.register
def _(result: PDSAReviewResult) -> list[str]:
    sentences = [
        "Each mark is the beginning of a cycle, the grey line its length; an arrow leads to the "
        "cycle that builds on it.",
        "The larger the mark, the more of the whole was in the test; the smallest, too, where its "
        "size is not recorded.",
    ]
    undated = int(result.points["started"].isna().sum())
    return [*sentences, *(["A cycle without a date has no mark."] if undated else [])]


def _lay_out(
    result: PDSAReviewResult,
) -> tuple[list[tuple[str, float, bool]], list[tuple[float, float]], dict[str, _Place], float]:
    """Names (text, inches from the top, bold), lanes (from, to), places by cycle, and the end."""
    points = result.points
    by_step, several = len(points) <= _MOST_STEPS, len(result.projects) > 1
    names: list[tuple[str, float, bool]] = []
    lanes: list[tuple[float, float]] = []
    places: dict[str, _Place] = {}
    down = 0.05
    for number, own in points.groupby("ramp", sort=True):
        top = down
        ramp = str(own["project"].iloc[0]) if several else f"Ramp {number}"
        if by_step:
            names.append((ramp, down + _HEADING / 2, True))
            down += _HEADING
        else:
            names.append((ramp, down + _STEP / 2, False))
        for row in rows_of(own):
            day = np.nan if pd.isna(row.started) else float(date2num(row.started))
            places[row.key] = _Place(down + _STEP / 2, day)
            if by_step:
                undated = ", no date" if pd.isna(row.started) else ""
                text = f"{row.cycle}: {size_in_words(row)}{undated}"
                names.append((text, down + _STEP / 2, False))
                down += _STEP
        down += 0.04 if by_step else _STEP
        lanes.append((top, down))
        down += _GAP if by_step else 0.0
    return names, lanes, places, down


def _time_axis(ax: Axes, canvas: Canvas, points: pd.DataFrame) -> None:
    days = pd.concat([points["started"], points["ended"]]).dropna().sort_values()
    if days.empty:
        ax.set_xticks([])
        ax.set_xlabel("No cycle has a date", fontsize=LABEL)
        return
    if days.iloc[0] == days.iloc[-1]:
        around = pd.Timedelta(days=21)
        days = pd.Series([days.iloc[0] - around, days.iloc[0] + around])
    date_axis(ax, days.reset_index(drop=True), canvas.narrow)
    _thin_out(ax, canvas)
    # Marks are wider than the room that the axis leaves.
    low, high = ax.get_xlim()
    spare = 0.12 / canvas.wide * (high - low)
    ax.set_xlim(low - spare, high + spare)


def _thin_out(ax: Axes, canvas: Canvas) -> None:
    """Every other date where they have no room; the first, which says the year, stays."""
    ticks = [float(tick) for tick in ax.get_xticks()]
    names = [label.get_text() for label in ax.get_xticklabels()]
    low, high = ax.get_xlim()
    widest = max((width_of(name, 9.5) for name in names), default=0.0)
    while len(ticks) > 2 and canvas.wide * (ticks[1] - ticks[0]) / (high - low) < 1.15 * widest:
        ticks, names = ticks[::2], names[::2]
    ax.set_xticks(ticks, names)


def _write_name(ax: Axes, canvas: Canvas, text: str, down: float, *, bold: bool) -> None:
    ax.text(
        -(canvas.margins[0] - EDGE) / canvas.wide,
        down,
        text,
        transform=ax.get_yaxis_transform(),
        fontsize=LABEL,
        fontweight="bold" if bold else "normal",
        color=DARK_BLUE if bold else INK,
        va="center",
        clip_on=False,
    )


def _draw_cycle(ax: Axes, row: Any, place: _Place) -> None:
    if np.isnan(place.day):
        return
    style = _DECISIONS[row.decision]
    if pd.notna(row.ended):
        end = float(date2num(row.ended))
        ax.hlines(place.down, place.day, end, color=GREY, linewidth=3, zorder=2)
    share = row.size / row.whole if row.size <= row.whole else np.nan
    area = _SMALLEST if np.isnan(share) else _SMALLEST + share * (_LARGEST - _SMALLEST)
    ax.scatter(
        [place.day],
        [place.down],
        s=area,
        marker=style.marker,
        facecolor=style.face,
        edgecolor=style.edge,
        linewidth=1.0,
        zorder=5,
        clip_on=False,
    )


def _draw_arrows(ax: Axes, points: pd.DataFrame, places: dict[str, _Place]) -> None:
    """From each cycle down, then along, to the one that builds on it."""
    for row in rows_of(points[points["follows"] != ""]):
        start, end = places[f"{row.project}\n{row.follows}"], places[row.key]
        if np.isnan(start.day) or np.isnan(end.day):
            continue
        bent = end.down > start.down and end.day > start.day
        ax.annotate(
            "",
            xy=(end.day, end.down),
            xytext=(start.day, start.down),
            arrowprops={
                "arrowstyle": "-|>",
                "color": INK,
                "linewidth": 1.0,
                "shrinkA": 0,
                "shrinkB": 6,
                "mutation_scale": 9,
                "connectionstyle": "angle,angleA=-90,angleB=180,rad=0" if bent else "arc3",
            },
            zorder=3,
        )
