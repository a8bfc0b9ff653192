"""Shares by period with their intervals, and shares by group: points, upright bars, level lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from qieval.charts.event_marks import mark_lines
from qieval.charts.style import BLUE, DARK_BLUE, EDGE, GREY, INK, Canvas, date_axis
from qieval.charts.text_width import LABEL, shorten, width_of
from qieval.core.periods import Frequency, shift
from qieval.core.words import number

_MOST_BARS = {False: 70, True: 36}
"""With more periods than this the intervals of single ones are left to the table."""


@dataclass(frozen=True)
class Shares:
    """Shares by period.

    Attributes
    ----------
    times : Series
        First days of the periods.
    share, low, high : ndarray
        In percent.
    levels : tuple of (str, float, Timestamp, Timestamp)
        Level lines: name, percent, first and last day.
    change : Timestamp or None
        The day of a change.
    """

    times: pd.Series
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    levels: tuple[tuple[str, float, pd.Timestamp, pd.Timestamp], ...]
    change: pd.Timestamp | None

    @classmethod
    def of(
        cls,
        rows: pd.DataFrame,
        levels: Sequence[tuple[str, float]],
        change: pd.Timestamp | None,
        every: Frequency,
    ) -> Shares:
        """The shares of a result's rows by group and period, in order of time."""
        ends = []
        for name, level in levels:
            own = rows.loc[rows["group"] == name, "period"]
            if len(own):
                ends.append((name, level, own.min(), shift(own.max(), 1, every)))
        rows = rows.sort_values("period", kind="stable")
        names = ("share", "low", "high")
        share, low, high = (100 * rows[name].to_numpy(dtype=float) for name in names)
        times = rows["period"].reset_index(drop=True)
        return cls(times, share, low, high, tuple(ends), change)


def draw_shares(ax: Axes, canvas: Canvas, shares: Shares, unit: str) -> None:
    """Points in order of time, each with its interval, and level lines with their labels."""
    date_axis(ax, shares.times, canvas.narrow)
    if len(shares.times) <= _MOST_BARS[canvas.narrow]:
        ax.vlines(shares.times, shares.low, shares.high, color=GREY, linewidth=1, zorder=2)
        top = _highest(shares.high, shares.levels)
    else:
        top = _highest(shares.share, shares.levels)
    ax.scatter(shares.times, shares.share, s=26, color=BLUE, zorder=4)
    percent_axis(ax, top)
    labels = []
    places = 1 if max((level for _, level, *_ in shares.levels), default=0.0) < 10 else 0
    for name, level, first, last in shares.levels:
        if not np.isfinite(level):
            continue
        ax.plot([first, last], [level, level], color=INK, linewidth=1.6, zorder=3)
        short = name.split(" ")[0] if shares.change is not None else "All"
        labels.append((level, f"{short} {number(level, places)}%", INK))
    canvas.room_for_ticks()
    canvas.labels_at_right(labels)
    lines: list[tuple[float, str]] = []
    if shares.change is not None:
        number_of = float(ax.convert_xunits(shares.change))
        low, high = ax.get_xlim()
        if low <= number_of <= high:
            lines.append((number_of, "Change"))
    canvas.unit(unit, max(10.0, mark_lines(ax, canvas, lines) + 6))


def _highest(percents: np.ndarray, levels: Sequence[tuple[str, float, Any, Any]]) -> float:
    """The highest percentage that is known; a release may withhold all points and lines."""
    known = [*percents[np.isfinite(percents)], *(level for _, level, *_ in levels)]
    return max((float(one) for one in known if np.isfinite(one)), default=10.0)


def percent_axis(ax: Axes, top: float) -> None:
    """From 0 to a little more than the highest share, in percent."""
    ax.set_ylim(-1.2 if top > 30 else -0.04 * top - 0.1, min(1.06 * top + 0.5, 103))
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}%")


def draw_groups(
    ax: Axes,
    canvas: Canvas,
    rows: Sequence[tuple[str, float, float, float]],
    overall: float,
    what: str,
) -> None:
    """A dot and its interval for each group, in the order given, and a line for all together."""
    names = [shorten(name, LABEL, 1.0 if canvas.narrow else 2.0) for name, *_ in rows]
    widest = max(width_of(name, LABEL) for name in names)
    canvas.margins = (widest + 0.1 + EDGE, 0.3)
    canvas.set_height(2.6 + 0.27 * len(rows))
    ax.grid(False)
    ax.grid(True, axis="x")
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), names, fontsize=LABEL)
    ax.tick_params(axis="y", length=0)
    places = np.arange(len(rows))
    share, low, high = (100 * np.array([row[at] for row in rows]) for at in (1, 2, 3))
    ax.hlines(places, low, high, color=GREY, linewidth=1.6, zorder=2)
    ax.scatter(share, places, s=30, color=BLUE, zorder=4)
    ax.axvline(100 * overall, color=DARK_BLUE, linewidth=1.4, zorder=1)
    ax.set_xlim(0, min(1.05 * _highest(high, ()), 100))
    canvas.numbers_below()
    canvas.words_below(what)
    above = mark_lines(ax, canvas, [(100 * overall, f"All {number(100 * overall, 1)}%")])
    canvas.head = max(canvas.head, (above + 12) / 72)
