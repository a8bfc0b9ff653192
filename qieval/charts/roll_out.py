"""Roll-out: one small chart a unit on one calendar; all moved to their start; power before it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.ticker import MaxNLocator

from qieval.analysis.roll_out import RollOutPowerResult, RollOutResult
from qieval.charts.drawing import chart, notes, view
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    FAINT,
    GREY,
    INK,
    LIGHT_BLUE,
    PURPLE,
    QUIET,
    Canvas,
    Numbers,
    date_axis,
    value_axis,
)
from qieval.charts.text_width import shorten
from qieval.core import periods
from qieval.core.result import Result, rows_of
from qieval.core.words import number

MOST = 24
"""Panels that a figure holds."""

_PANEL, _GAP, _NAME = 0.62, 0.3, 8.5
"""Inches that a panel is high, from one to the next, and the size of its name."""


@chart.register
def _(result: RollOutResult, ax: Axes, canvas: Canvas) -> None:
    panels = _shown(result)
    across = 1 if canvas.narrow or len(panels) <= 6 else 2
    down = -(-len(panels) // across)
    ax.set_axis_off()
    everything = result.points[["value", "predicted"]].to_numpy(dtype=float)
    shared = one_scale(result)
    value_axis(ax, everything.ravel())
    canvas.room_for_ticks(size=8)
    canvas.margins = (canvas.margins[0], 0.2)
    canvas.set_height(2.4 + down * (_PANEL + _GAP))
    aside = 0.25 if shared else canvas.margins[0] - EDGE + 0.1
    wide, tall = canvas.wide, canvas.tall
    broad = (wide - aside * (across - 1)) / across
    for at, (name, rows) in enumerate(panels):
        column, row = divmod(at, down)
        bottom = 1 - (row + 1) / down
        box = (column * (broad + aside) / wide, bottom, broad / wide, 1 / down - _GAP / tall)
        panel = ax.inset_axes(box)
        _draw_unit(panel, rows)
        date_axis(panel, result.points["time"].drop_duplicates(), canvas.narrow or across > 1)
        own = rows[["value", "predicted"]].to_numpy(dtype=float)
        value_axis(panel, everything.ravel() if shared else own.ravel())
        panel.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        panel.yaxis.set_major_formatter(Numbers())
        last = row == down - 1 or at == len(panels) - 1
        panel.tick_params(labelsize=8, labelbottom=last)
        panel.tick_params(axis="y", labelleft=column == 0 or not shared)
        panel.set_title(
            shorten(name, _NAME, broad, bold=True), fontsize=_NAME, loc="left", pad=3,
            color=DARK_BLUE, fontweight="bold",
        )  # fmt: skip
    canvas.unit(result.span.unit, 2)


def _shown(result: RollOutResult) -> list[tuple[str, pd.DataFrame]]:
    """The units of the panels, by start; of many, evenly spread ones from first to last."""
    groups = [(str(name), rows) for name, rows in result.points.groupby("unit", sort=False)]
    if len(groups) <= MOST:
        return groups
    return [groups[at] for at in np.linspace(0, len(groups) - 1, MOST).round().astype(int)]


def one_scale(result: RollOutResult) -> bool:
    """Whether all panels can have one scale without most of them being squeezed flat."""
    by_unit = result.points.groupby("unit", sort=False)["value"]
    ranges = (by_unit.max() - by_unit.min()).to_numpy(dtype=float)
    whole = float(result.points["value"].max() - result.points["value"].min())
    known = ranges[np.isfinite(ranges)]
    return bool(len(known)) and whole <= 3 * float(np.median(known))


def _draw_unit(panel: Axes, rows: pd.DataFrame) -> None:
    """Points of one unit: hollow before its start, filled after; what was expected, dashed."""
    times, after = date2num(rows["time"]), (rows["phase"] == "after").to_numpy()
    value = rows["value"].to_numpy(dtype=float)
    panel.plot(times, value, color=FAINT, linewidth=0.9, zorder=2)
    for part, face in ((~after, "white"), (after, BLUE)):
        # Squares: many straight marks are one path, and a figure has hundreds of them.
        panel.scatter(times[part], value[part], s=7, marker="s", facecolor=face, edgecolor=BLUE,
                      linewidth=0.8, zorder=3, clip_on=False)  # fmt: skip
    if not after.any():
        return
    first = int(np.argmax(after))
    # Halfway between the last period before and the first one after.
    edge = times[first] if first == 0 else (times[first - 1] + times[first]) / 2
    panel.axvline(edge, color=INK, linewidth=1.1, zorder=2)
    panel.plot(times, rows["predicted"].to_numpy(dtype=float), color=PURPLE, linewidth=1.5,
               linestyle=(0, (3, 1.5)), zorder=4)  # fmt: skip


@notes.register
def _(result: RollOutResult) -> list[str]:
    span, what = result.span, result.called
    noun = periods.noun(span.every)
    sentences = [
        f"One panel for each of the {what}, in the order in which they began. Upright line: its "
        f"start. Hollow points: before; filled: after. Dashed: what was expected without the "
        f"change, from the {what} that had not started in the same {noun}; it ends where there "
        "are none left."
    ]
    if not one_scale(result):
        sentences.append("Each panel has its own scale.")
    if len(result.by_unit) > MOST:
        sentences.append(f"{MOST} of the {len(result.by_unit)} are shown, from first to last.")
    return sentences


@chart.register
def _power(result: RollOutPowerResult, ax: Axes, canvas: Canvas) -> None:
    """The chance of finding an effect against its size."""
    points, power = result.points, result.params["power"]
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, float(points["effect"].max()))
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.axhline(power, color=INK, linewidth=1, zorder=1)
    ax.plot(points["effect"], points["power"], color=BLUE, linewidth=2.2, zorder=3)
    if np.isfinite(result.smallest):
        ax.plot(result.smallest, power, "o", color=DARK_BLUE, markersize=7, zorder=4)
    if wanted := result.params["wanted"]:
        ax.axvline(wanted, color=PURPLE, linewidth=1.4, linestyle=(0, (4, 2)), zorder=2)
        ax.annotate("Hoped for", (wanted, 1), (0, 2), xycoords=("data", "axes fraction"),
                    textcoords="offset points", ha="center", va="bottom", fontsize=8.5,
                    color=PURPLE, fontweight="bold", annotation_clip=False)  # fmt: skip
    canvas.margins = (canvas.margins[0], 0.3)
    canvas.room_for_ticks()
    canvas.numbers_below()
    canvas.words_below(f"Size of the effect, {result.unit}")
    canvas.unit("Chance of finding it", 18 if wanted else 10)


@notes.register
def _power_notes(result: RollOutPowerResult) -> list[str]:
    return [f"Dot: where the chance reaches {100 * result.params['power']:.0f}%."]


# ---- moved to their start -----------------------------------------------------------------------


@view(RollOutResult, "since_the_start")
def _since(result: Result, ax: Axes, canvas: Canvas) -> None:
    """Each unit's seen less expected by time since its start, and the averages over stretches."""
    assert isinstance(result, RollOutResult)
    points = result.points[result.points["difference"].notna()]
    parts = list(_parts(result))
    for _, rows in points.groupby("unit", sort=False):
        ax.plot(rows["since"] + 0.5, rows["difference"], color=GREY, linewidth=0.7, alpha=0.55,
                zorder=2)  # fmt: skip
    ends = [end for part in parts for end in part[3:5] if np.isfinite(end)]
    value_axis(ax, np.concatenate([points["difference"], ends, [0.0]]))
    low, high = ax.get_ylim()
    for first, last, value, bottom, top, _ in parts:
        bottom, top = np.clip([bottom, top], low, high)
        if np.isfinite([bottom, top]).all():
            ax.fill_between([first, last], bottom, top, color=LIGHT_BLUE, alpha=0.35, zorder=3,
                            linewidth=0)  # fmt: skip
        ax.plot([first, last], [value, value], color=BLUE, linewidth=2.6, zorder=4)
    ax.axhline(0, color=INK, linewidth=1.2, zorder=3)
    end = max(last for _, last, *_ in parts)
    ax.set_xlim(0, end)
    ax.set_ylim(low, high)
    canvas.margins = (canvas.margins[0], 0.25)
    canvas.room_for_ticks()
    edges = sorted({place for first, last, *_ in parts for place in (first, last)})
    ax.set_xticks(edges, [number(edge, 0) for edge in edges])
    canvas.foot += 0.2
    for first, last, *_, units in parts:
        ax.annotate(number(units, 0), ((first + last) / 2, 1), xytext=(0, 4),
                    xycoords=("data", "axes fraction"), textcoords="offset points", ha="center",
                    fontsize=8.5, color=QUIET, annotation_clip=False)  # fmt: skip
    every = periods.noun(result.span.every, 2).capitalize()
    canvas.words_below(f"{every} since the start")
    canvas.unit(
        f"Seen less expected, {result.span.unit}; at the top, {result.called} behind each bar", 18
    )


def _parts(result: RollOutResult) -> Iterator[tuple[float, float, float, float, float, int]]:
    """From, to, difference, both ends and number of units of each stretch of the profile."""
    reach = float(result.points.loc[result.points["difference"].notna(), "since"].max()) + 1
    for row in rows_of(result.profile):
        last = row.up_to + 1 if np.isfinite(row.up_to) else reach
        yield row.since, min(last, reach), row.estimate, row.ci_low, row.ci_high, row.units
