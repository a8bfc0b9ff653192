"""Access in a crisis: dots for what became of requests; further views of the waits and of demand.

The vertical axis of the dots counts inches from the top. Groups stand in the order of their names,
or of time: sorted by their figures they would read as a league table.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from qieval.analysis.crisis_access import CrisisAccessResult
from qieval.analysis.crisis_access.methods.demand import WEEKDAYS
from qieval.analysis.crisis_access.tables import OUTCOMES
from qieval.charts import waits  # noqa: F401  its chart draws the view of the waits
from qieval.charts.drawing import chart, notes, view
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    FAINT,
    INK,
    QUIET,
    Canvas,
    ink_on,
)
from qieval.charts.text_width import LABEL, LABEL_LINE, shorten, width_of
from qieval.core.result import Result
from qieval.core.words import number, percent

_STEP = 0.25
"""Inches from one group to the next."""
_GAP = 0.16
"""Inches between outcomes."""
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
    for outcome in OUTCOMES:
        places.append((outcome, "", top))
        top += 1.35 * _LINE
        for group in groups:
            top += _LINE if canvas.narrow and len(groups) > 1 else 0.0
            places.append((outcome, group, top + _STEP / 2))
            top += _STEP
        top += _GAP
    canvas.set_height(top + _AROUND)
    canvas.head = 0.15
    ax.set_xlim(0, 1.02 * min(100.0, 100 * float(np.nanmax(result.points["high"])) + 9))
    ax.set_ylim(top - _GAP / 2, 0)
    ax.set_yticks([])
    ax.grid(False)
    ax.grid(axis="x", color=FAINT, linewidth=0.8)
    for outcome, group, at in places:
        if not group:
            _title(ax, canvas, result.outcome_in_words(outcome), at)
        else:
            _dot(result, ax, canvas, outcome, group, at)
    canvas.numbers_below()
    canvas.words_below("% of the requests that came to an end")


def _title(ax: Axes, canvas: Canvas, name: str, at: float) -> None:
    start = -(canvas.margins[0] - EDGE) / canvas.wide
    ax.text(
        start, at, name, transform=ax.get_yaxis_transform(), clip_on=False, fontsize=LABEL,
        fontweight="bold", color=DARK_BLUE, va="top",
    )  # fmt: skip


def _dot(
    result: CrisisAccessResult, ax: Axes, canvas: Canvas, outcome: str, group: str, at: float
) -> None:
    """A dot with its interval and value; the first of two open, so that no colour is needed."""
    point = result.point(group, outcome)
    place: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    if len(result.groups) > 1 and canvas.narrow:
        start = -(canvas.margins[0] - EDGE) / canvas.wide
        name = shorten(group, LABEL, canvas.figure.get_figwidth() - 3 * EDGE)
        ax.text(start, at - 0.1, name, fontsize=LABEL, color=QUIET, va="bottom", **place)
    elif len(result.groups) > 1:
        name = shorten(group, LABEL, _NAMES)
        ax.text(-0.08 / canvas.wide, at, name, fontsize=LABEL, ha="right", va="center", **place)
    share, low, high = (100 * point[name] for name in ("share", "low", "high"))
    if not np.isfinite(share):
        return
    first = result.access.before_and_since and group == result.groups[0]
    ax.plot([low, high], [at, at], color=INK if first else BLUE, linewidth=1.4)
    ax.scatter([share], [at], s=36, facecolor="white" if first else BLUE,
               edgecolor=INK if first else BLUE, linewidth=1.3, zorder=4)  # fmt: skip
    ax.annotate(
        percent(point["share"]), (high, at), xytext=(6, 0), textcoords="offset points",
        fontsize=LABEL, fontweight="bold", color=INK, va="center",
    )  # fmt: skip


@notes.register
def _(result: CrisisAccessResult) -> list[str]:
    waiting = int(result.access.everybody["waiting"])
    sentences = ["Dots: shares with 95% intervals (Wilson)."]
    if waiting:
        sentences.append(f"{waiting:,} still waiting are not in it.")
    if result.access.before_and_since:
        sentences.append("Open: before the change; filled: since. Trends are not allowed for.")
    return sentences


@view(CrisisAccessResult, "waits")
def _waits(result: Result, ax: Axes, canvas: Canvas) -> None:
    assert isinstance(result, CrisisAccessResult)
    chart(result.access, ax, canvas)


# ---- the week ----------------------------------------------------------------------------------


@view(CrisisAccessResult, "demand")
def _demand(result: Result, ax: Axes, canvas: Canvas) -> None:
    """Weekdays down, times of day across; darker: more. Every shown cell has its figure."""
    assert isinstance(result, CrisisAccessResult)
    rates = result.demand.pivot(index="weekday", columns="from_hour", values="rate")
    ends = result.demand.groupby("from_hour")["to_hour"].first()
    heads = [f"{start:.0f}–{end:.0f}" for start, end in ends.items()]
    canvas.margins = (0.5 if canvas.narrow else 1.0, EDGE)
    canvas.head, canvas.foot = 0.3, 0.2
    canvas.set_height(7 * 0.32 + _AROUND)
    sns.heatmap(
        rates.fillna(0),
        ax=ax,
        cmap=sns.light_palette(BLUE, 12),
        vmin=0,
        cbar=False,
        linewidths=2,
        linecolor="white",
        annot=rates.map(lambda rate: number(rate, 1) if np.isfinite(rate) else "few"),
        fmt="",
        annot_kws={"fontsize": LABEL},
        xticklabels=heads if len(heads) > 1 else ["Requests a day"],
        yticklabels=[WEEKDAYS[day][: 3 if canvas.narrow else None] for day in rates.index],
    )
    for text, colour in zip(ax.texts, ax.collections[0].get_facecolor(), strict=True):
        text.set_color(ink_on(colour))  # seaborn's own ink falls short of 4.5:1 on middle blues
    ax.set(xlabel="", ylabel="")
    ax.grid(False)
    ax.xaxis.tick_top()
    ax.tick_params(length=0, labelsize=LABEL, labelrotation=0)
    if canvas.narrow:
        ax.tick_params(axis="x", labelsize=7.5)
