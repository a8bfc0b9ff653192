"""Curves of what is not over yet: the share still in, or still waiting, after each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from qieval.analysis.length_of_stay import LengthOfStayResult
from qieval.analysis.waits import WaitsResult
from qieval.charts.style import BLUE, DARK_BLUE, EDGE, GREY, LIGHT_BLUE, PURPLE, Canvas
from qieval.charts.text_width import LABEL, fold, shorten, width_of

MOST = 4
"""Groups that are told apart by name; of more, all together stand out and the others stand back."""

FEW = 10
"""A curve is drawn as long as so many are still seen."""

_FINEST = 0.01
"""Steps within the same per cent are drawn as one: thousands of them show no more."""

DotWords = Callable[[float, float], tuple[str, str]]
"""Words for the times at which half, and nine in ten, are over."""

_LINE_STYLES = [
    (BLUE, "-"),
    (PURPLE, (0, (5, 2))),
    (DARK_BLUE, (0, (1.5, 1.5))),
    (GREY, (0, (7, 2, 1.5, 2))),
    (PURPLE, (0, (1, 1))),
]


@dataclass(frozen=True)
class SurvivalCurve:
    """One curve.

    Attributes
    ----------
    name : str
        Whose it is.
    times, share, low, high : ndarray
        Steps: the share from that time on, and its interval.
    at_risk : ndarray
        How many were still seen until then.
    dots : tuple of (time, str)
        Places on it to mark, each with words (or none).
    """

    name: str
    times: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray
    dots: tuple[tuple[float, str], ...] = ()

    @classmethod
    def of(
        cls, points: pd.DataFrame, name: str, time: str, dots: Sequence[tuple[float, str]] = ()
    ) -> SurvivalCurve:
        """The curve of a group, out of a result's points."""
        rows = points[points["group"] == name]
        names = (time, "share", "low", "high", "at_risk")
        times, share, low, high, seen = (rows[each].to_numpy(dtype=float) for each in names)
        kept = tuple((at, words) for at, words in dots if np.isfinite(at))
        return cls(name, times, share, low, high, seen, kept)

    @property
    def end(self) -> float:
        """Where it is drawn to: as long as enough are seen, and anybody is left."""
        enough = (self.at_risk >= FEW) & (self.share >= 0.01)
        return float(self.times[enough].max() if enough.any() else self.times.max())

    def at(self, time: float) -> float:
        """The share after a time, in percent."""
        reached = np.flatnonzero(self.times <= time)
        return 100 * float(self.share[reached[-1]]) if len(reached) else 100.0

    def reaches(self, percent: float) -> float:
        """The time at which no more than that are left."""
        below = np.flatnonzero(100 * self.share <= percent)
        return float(self.times[below[0]] if len(below) else self.times[-1])


def curves_of(
    result: LengthOfStayResult | WaitsResult, time: str, words: DotWords
) -> list[SurvivalCurve]:
    """The curve of each group, with dots where half and nine in ten are over."""
    curves = []
    for group in result.groups:
        terms = (result.term_of(name, group) for name in ("median", "p90"))
        half, most = (float(result.estimates.loc[term, "estimate"]) for term in terms)
        dots = tuple(zip((half, most), words(half, most), strict=True))
        curves.append(SurvivalCurve.of(result.points, group, time, dots))
    return curves


def notes_of(groups: Sequence[str]) -> list[str]:
    """What the band is, or what thick and thin lines are."""
    if len(groups) <= 2:
        return ["Band: 95% interval."]
    if len(groups) > MOST + 1:
        return ["Thick line: all together; thin lines: each group, in the table below."]
    return []


def draw_curves(ax: Axes, canvas: Canvas, curves: Sequence[SurvivalCurve]) -> None:
    """The curves, with their names beside them; the caller labels the axes."""
    many = len(curves) > MOST + 1
    end = max(curve.end for curve in (curves[:1] if many else curves))
    ax.set_xlim(0, 1.02 * max(end, 1.0))
    ax.set_ylim(0, 103)
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0f}%")
    canvas.margins = (canvas.margins[0], 0.3)
    if many:
        for curve in curves[1:]:
            _draw(ax, curve, GREY, "-", 0.9)
        curves = curves[:1]
    for curve, (colour, style) in zip(curves, _LINE_STYLES, strict=False):
        if len(curves) <= 2:
            _band(ax, curve, LIGHT_BLUE if colour == BLUE else colour)
        _draw(ax, curve, colour, style, 2.2)
        _dots(ax, canvas, curve, colour, named=len(curves) == 1)
    if len(curves) > 1:
        _names(ax, canvas, curves)
    canvas.room_for_ticks()
    canvas.numbers_below()


def _drawn(curve: SurvivalCurve, high: float) -> np.ndarray:
    """Which steps are drawn: those on the scale and to be seen, as long as enough are followed."""
    inside = curve.times <= min(curve.end, high)
    level = np.round(curve.share / _FINEST)
    seen = np.diff(level, prepend=np.inf) != 0
    last = np.flatnonzero(inside)[-1:]
    seen[last] = True
    return inside & seen


def _draw(ax: Axes, curve: SurvivalCurve, colour: str, style: Any, width: float) -> None:
    seen = _drawn(curve, ax.get_xlim()[1])
    times = np.concatenate([[0.0], curve.times[seen]])
    share = np.concatenate([[100.0], 100 * curve.share[seen]])
    ax.step(
        times,
        share,
        where="post",
        color=colour,
        linestyle=style,
        linewidth=width,
        zorder=3 if width > 1 else 2,
    )


def _band(ax: Axes, curve: SurvivalCurve, colour: str) -> None:
    seen = _drawn(curve, ax.get_xlim()[1]) & np.isfinite(curve.low)
    ax.fill_between(
        curve.times[seen],
        100 * curve.low[seen],
        100 * curve.high[seen],
        step="post",
        color=colour,
        alpha=0.22,
        linewidth=0,
        zorder=1,
    )


def _dots(ax: Axes, canvas: Canvas, curve: SurvivalCurve, colour: str, *, named: bool) -> None:
    high = ax.get_xlim()[1]
    for time, words in curve.dots:
        if time > high:
            continue
        ax.plot(time, curve.at(time), "o", color=colour, markersize=5.5, zorder=5)
        if named and words:
            room = canvas.wide * (1 - time / high)
            text = "\n".join(fold(words, LABEL, max(room, 0.9), bold=True))
            beyond = width_of(text, LABEL, bold=True) + 9 / 72 - room + 0.05
            left, right = canvas.margins
            canvas.margins = (left, max(right, beyond + EDGE))  # words of a late dot
            ax.annotate(
                text,
                xy=(time, curve.at(time)),
                xytext=(9, 9),
                textcoords="offset points",
                color=colour,
                fontsize=LABEL,
                fontweight="bold",
                ha="left",
                va="bottom",
                zorder=6,
            )


def _names(ax: Axes, canvas: Canvas, curves: Sequence[SurvivalCurve]) -> None:
    """Names to the right of all curves, each at a height of its own, with a line to its curve."""
    high = ax.get_xlim()[1]
    for number, (curve, (colour, _)) in enumerate(zip(curves, _LINE_STYLES, strict=False)):
        level = 88 - 17 * number
        own = min(curve.reaches(level), high)
        furthest = max(min(each.reaches(level - 8), high) for each in curves)
        room = canvas.wide * (1 - furthest / high) - 0.25
        ax.annotate(
            shorten(curve.name, LABEL, max(room, 0.6), bold=True),
            xy=(own, level),
            xytext=(furthest + 0.03 * high, level),
            color=colour,
            fontsize=LABEL,
            fontweight="bold",
            ha="left",
            va="center",
            zorder=6,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.8,
                "shrinkA": 2,
                "shrinkB": 0,
            },
        )
