"""Access in a crisis: dots for what became of requests; further views of the waits and of demand.

The vertical axis of the dots counts inches from the top. Groups stand in the order of their names,
or of time: sorted by their figures they would read as a league table.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from qieval.analysis.crisis_access import CrisisAccessResult
from qieval.analysis.crisis_access.demand import WEEKDAYS
from qieval.analysis.crisis_access.fates import FATES
from qieval.analysis.crisis_access.words import fate_in_words, percent
from qieval.charts import waits  # noqa: F401  its chart draws the view of the waits
from qieval.charts.drawing import chart, notes, view
from qieval.charts.lettering import LABEL, LABEL_LINE, shorten, width_of
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    FAINT,
    INK,
    PALE,
    QUIET,
    Canvas,
    ink_on,
)
from qieval.core.result import Result
from qieval.core.words import number

_STEP = 0.25
"""Inches from one group to the next."""
_GAP = 0.16
"""Inches between fates."""
_AROUND = 2.21
"""Inches of a figure that are not Axes (``Canvas.tall``)."""
_NAMES = 2.4
"""Inches that names may take beside the dots; on a phone they stand above them."""
_LINE = LABEL_LINE / 72


@chart.register
def _(result: CrisisAccessResult, ax: Axes, canvas: Canvas) -> None:
    groups = result.groups
    if canvas.narrow:
        canvas.margins = (2 * EDGE, 2 * EDGE)
    else:
        widest = max(width_of(shorten(name, LABEL, _NAMES), LABEL) for name in groups)
        canvas.margins = (widest + 2 * EDGE + 0.06, 0.35)
    top, places = 0.05, []
    for fate in FATES:
        places.append((fate, "", top))
        top += 1.35 * _LINE
        for group in groups:
            top += _LINE if canvas.narrow and len(groups) > 1 else 0.0
            places.append((fate, group, top + _STEP / 2))
            top += _STEP
        top += _GAP
    canvas.set_height(top + _AROUND)
    canvas.head = 0.15
    ax.set_xlim(0, 1.02 * min(100.0, float(np.nanmax(result.points["high"])) + 9))
    ax.set_ylim(top - _GAP / 2, 0)
    ax.set_yticks([])
    ax.grid(False)
    ax.grid(axis="x", color=FAINT, linewidth=0.8)
    for fate, group, at in places:
        if not group:
            _title(ax, canvas, fate_in_words(result, fate), at)
        else:
            _dot(result, ax, canvas, fate, group, at)
    canvas.numbers_below()
    canvas.words_below("% of the requests that came to an end")


def _title(ax: Axes, canvas: Canvas, name: str, at: float) -> None:
    start = -(canvas.margins[0] - EDGE) / canvas.wide
    ax.text(
        start, at, name, transform=ax.get_yaxis_transform(), clip_on=False, fontsize=LABEL,
        fontweight="bold", color=DARK_BLUE, va="top",
    )  # fmt: skip


def _dot(
    result: CrisisAccessResult, ax: Axes, canvas: Canvas, fate: str, group: str, at: float
) -> None:
    """A dot with its interval and value; the first of two open, so that no colour is needed."""
    point = result.point(group, fate)
    place: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    if len(result.groups) > 1 and canvas.narrow:
        start = -(canvas.margins[0] - EDGE) / canvas.wide
        name = shorten(group, LABEL, canvas.figure.get_figwidth() - 3 * EDGE)
        ax.text(start, at - 0.1, name, fontsize=LABEL, color=QUIET, va="bottom", **place)
    elif len(result.groups) > 1:
        name = shorten(group, LABEL, _NAMES)
        ax.text(-0.08 / canvas.wide, at, name, fontsize=LABEL, ha="right", va="center", **place)
    if not np.isfinite(point["percent"]):
        return
    first = result.access.before_and_since and group == result.groups[0]
    ax.plot([point["low"], point["high"]], [at, at], color=INK if first else BLUE, linewidth=1.4)
    ax.scatter([point["percent"]], [at], s=36, facecolor="white" if first else BLUE,
               edgecolor=INK if first else BLUE, linewidth=1.3, zorder=4)  # fmt: skip
    ax.annotate(
        percent(point["percent"]), (point["high"], at), xytext=(6, 0), textcoords="offset points",
        fontsize=LABEL, fontweight="bold", color=INK, va="center",
    )  # fmt: skip


@notes.register
def _(result: CrisisAccessResult) -> list[str]:
    waiting = int(result.access.whole["waiting"])
    found = ["Dots: shares with 95% intervals (Wilson)."]
    if waiting:
        found.append(f"{waiting:,} still waiting are not in it.")
    if result.access.before_and_since:
        found.append("Open: before the change; filled: since. Trends are not allowed for.")
    return found


@view(CrisisAccessResult, "waits")
def _waits(result: Result, ax: Axes, canvas: Canvas) -> None:
    assert isinstance(result, CrisisAccessResult)
    chart(result.access, ax, canvas)


# ---- the week ----------------------------------------------------------------------------------


@view(CrisisAccessResult, "demand")
def _demand(result: Result, ax: Axes, canvas: Canvas) -> None:
    """Weekdays down, times of day across; darker: more. Every shown cell has its figure."""
    assert isinstance(result, CrisisAccessResult)
    table = result.demand
    starts = sorted(table["from_hour"].unique())
    canvas.margins = (0.62 if canvas.narrow else 1.0, EDGE)
    canvas.head, canvas.foot = 0.3, 0.2
    canvas.set_height(7 * 0.32 + _AROUND)
    ax.set_xlim(0, len(starts))
    ax.set_ylim(7, -0.02)
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="both", length=0, labelsize=LABEL)
    names = [name[:3] if canvas.narrow else name for name in WEEKDAYS]
    ax.set_yticks([day + 0.5 for day in range(7)], names)
    ends = table.drop_duplicates("from_hour").set_index("from_hour")["to_hour"]
    heads = [f"{int(start)}–{int(ends[start])}" for start in starts]
    heads = heads if len(starts) > 1 else ["Requests a day"]
    ax.xaxis.tick_top()
    ax.set_xticks([at + 0.5 for at in range(len(starts))], heads)
    highest = float(np.nanmax(table["rate"])) if table["rate"].notna().any() else 1.0
    for row in table.itertuples():
        _cell(ax, starts.index(row.from_hour), int(row.weekday), float(row.rate), highest)


def _cell(ax: Axes, across: int, down: int, rate: float, highest: float) -> None:
    known = np.isfinite(rate)
    share = rate / highest if known else 0.0
    colour = _mixed(share) if known else to_rgb(PALE)
    ax.add_patch(Rectangle((across, down), 1, 1, facecolor=colour, edgecolor="white", linewidth=2))
    text = number(rate, 1) if known else "few"
    ink = ink_on(colour) if known else QUIET
    ax.text(across + 0.5, down + 0.5, text, ha="center", va="center", fontsize=LABEL, color=ink)


def _mixed(share: float) -> tuple[float, ...]:
    """From nearly white to blue."""
    return tuple(
        share * c + (1 - share) * w for c, w in zip(to_rgb(BLUE), (0.95, 0.97, 1), strict=True)
    )
