"""Further views of an interrupted time series: the specification spread and the diagnostics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from qieval.analysis.its import ITSResult
from qieval.charts.drawing import view
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    GREY,
    INK,
    PURPLE,
    Canvas,
    Numbers,
    date_axis,
)
from qieval.charts.text_width import fold, shorten
from qieval.core.result import Result, rows_of


@view(ITSResult, "spread")
def _spread(result: Result, ax: Axes, canvas: Canvas) -> None:
    """One row a defensible choice: the change at once with its interval."""
    assert isinstance(result, ITSResult)
    rows = result.spread_at_once()
    canvas.set_height(2.0 + 0.40 * len(rows))
    canvas.margins, canvas.head = (0.25, 0.3), 0.15
    reported = rows.loc[rows["headline"], "method"].iloc[0]
    for at, row in zip(range(len(rows) - 1, -1, -1), rows_of(rows), strict=True):
        colour = PURPLE if row.headline else BLUE
        ax.plot([row.ci_low, row.ci_high], [at, at], color=colour, linewidth=2.4, zorder=2)
        ax.plot(row.estimate, at, "D" if row.headline else "o", color=colour, ms=6.5, zorder=3)
        ax.annotate(
            shorten(_name(row, reported, canvas.narrow), 8, canvas.wide, bold=row.headline),
            xy=(0, at + 0.36),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            color=PURPLE if row.headline else INK,
            fontweight="bold" if row.headline else "normal",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            zorder=1.5,
        )
    ax.axvline(0, color=INK, linewidth=1.2, zorder=1)
    ax.set_yticks([])
    ax.set_ylim(-0.5, len(rows) - 0.3)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    reach = np.array([rows["ci_low"].min(), rows["ci_high"].max(), 0.0])
    room = 0.05 * np.ptp(reach)
    ax.set_xlim(reach.min() - room, reach.max() + room)
    canvas.numbers_below()
    canvas.words_below(f"Change at once, {result.span.unit}")


def _name(row: Any, reported: str, narrow: bool) -> str:
    """What is different in this choice: the method, or the model under the headline's method."""
    if row.headline:
        return "As reported" if narrow else f"As reported: {row.method}, {row.model}"
    text = row.model if row.method == reported else row.method
    text = str(text).replace("level and slope change", "level and slope")
    return text[:1].upper() + text[1:]


@view(ITSResult, "diagnostics")
def _diagnostics(result: Result, ax: Axes, canvas: Canvas) -> None:
    """What is left over in time, its autocorrelations, placebo dates and single points."""
    assert isinstance(result, ITSResult)
    canvas.set_height(9.6 if canvas.narrow else 6.4)
    canvas.margins, canvas.head, canvas.foot = (0.62, 0.2), 0.15, 0.25
    ax.set_axis_off()
    down, across = (4, 1) if canvas.narrow else (2, 2)
    # Room above a panel for its title, below it for its dates; between panels for tick labels.
    high, wide = 1 / down, (1 - 0.11 * (across - 1)) / across
    title, dates = (0.15 if canvas.narrow else 0.10) * high, 0.24 * high
    draw = [_residuals, _autocorrelations, _placebo, _single_points]
    for number, panel in enumerate(draw):
        row, column = divmod(number, across)
        low = 1 - (row + 1) * high
        box = (column * (wide + 0.11), low + dates, wide, high - title - dates)
        inset = ax.inset_axes(box)
        panel(result, inset, canvas.wide * wide)
        if column == 0:
            canvas.room_for_ticks(inset, 7.5)


def _panel(ax: Axes, title: str, inches: float) -> None:
    lines = fold(title, 8.5, inches, bold=True)
    ax.set_title("\n".join(lines), fontsize=8.5, loc="left", color=DARK_BLUE, fontweight="bold")
    ax.tick_params(labelsize=7.5)
    ax.axhline(0, color=INK, linewidth=0.9)
    ax.grid(visible=True, axis="y")
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(Numbers())


def _residuals(result: ITSResult, ax: Axes, inches: float) -> None:
    _panel(ax, "Left over, in standard deviations", inches)
    ax.scatter(result.residuals["time"], result.residuals["residual"], s=12, color=DARK_BLUE)
    date_axis(ax, result.residuals["time"], narrow=True)


def _autocorrelations(result: ITSResult, ax: Axes, inches: float) -> None:
    rows = result.autocorrelations()
    _panel(ax, "Its likeness to earlier periods, by lag", inches)
    band = rows["band"].iloc[0]
    ax.fill_between([0.5, len(rows) + 0.5], -band, band, color=GREY, alpha=0.2)
    ax.vlines(rows["lag"], 0, rows["autocorrelation"], color=BLUE, linewidth=2.5)
    ax.set_xticks(rows["lag"][:: 1 if len(rows) < 8 else 2])
    ax.set_ylim(-1, 1)
    ax.set_yticks([-1, 0, 1])


def _placebo(result: ITSResult, ax: Axes, inches: float) -> None:
    rows = result.placebo
    if rows.empty:
        _panel(ax, "At other dates", inches)
        ax.set_yticks([])
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        ax.text(0, 0.85, "Too few periods beforehand to try.", transform=ax.transAxes, fontsize=8)
        return
    _panel(ax, "At other dates (dashed: the real one)", inches)
    ax.vlines(rows["time"], rows["ci_low"], rows["ci_high"], color=BLUE, linewidth=1.6)
    ax.scatter(rows["time"], rows["level_change"], s=14, color=BLUE, zorder=3)
    real = result.estimates.loc["level_change", "estimate"]
    ax.axhline(real, color=PURPLE, linestyle=(0, (4, 2)), linewidth=1.4)
    date_axis(ax, _whole_span(rows["time"]), narrow=True)


def _single_points(result: ITSResult, ax: Axes, inches: float) -> None:
    _panel(ax, "Shift without each point, in standard errors", inches)
    ax.vlines(result.influence["time"], 0, result.influence["shift_in_se"], color=BLUE, linewidth=2)
    date_axis(ax, result.influence["time"], narrow=True)


def _whole_span(times: pd.Series) -> pd.Series:
    """First and last; a single date gets room on both sides."""
    first, last = times.iloc[0], times.iloc[-1]
    if first == last:
        first, last = first - pd.Timedelta(days=45), last + pd.Timedelta(days=45)
    return pd.Series([first, last])
