"""CUSUM: two sums and their signal lines, up and down. VLAD: observed minus expected, by period."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from qieval.analysis.risk_adjusted import CusumResult, VladResult
from qieval.analysis.risk_adjusted.tables import WAYS
from qieval.charts.drawing import chart, notes
from qieval.charts.event_marks import mark_lines, write_key
from qieval.charts.spc_points import POINT_STYLES
from qieval.charts.style import DARK_BLUE, GREY, INK, PALE, QUIET, Canvas, date_axis, value_axis
from qieval.core import periods
from qieval.core.verdict import kind_of_change
from qieval.core.words import number

_SIDES = {"higher": 1, "lower": -1}
_STYLE = {"improved": "improvement", "worse": "concern", "changed": "neutral"}


@chart.register
def _cusum(result: CusumResult, ax: Axes, canvas: Canvas) -> None:
    points = result.points
    times = date2num(points["period"])
    ends = [side * points[f"{way}_most"] for way, side in _SIDES.items()]
    lines = {way: side * result.term(f"threshold_{way}").value for way, side in _SIDES.items()}
    value_axis(ax, np.concatenate([*ends, list(lines.values())]))
    date_axis(ax, points["period"], canvas.narrow)
    used = []
    for way, side in _SIDES.items():
        most, left = (side * points[name].to_numpy(dtype=float) for name in (f"{way}_most", way))
        ax.vlines(times, left, most, color=GREY, linewidth=1, zorder=2)
        ax.plot(times, left, color=DARK_BLUE, linewidth=1.2, zorder=3)
        ax.axhline(lines[way], color=QUIET, linewidth=1.2, linestyle=(0, (4, 2)), zorder=2)
        signal = points["signal"].isin([way, "both"]).to_numpy()
        style = POINT_STYLES[_STYLE[kind_of_change(side, result.params["direction"])]]
        if signal.any():
            ax.scatter(times[signal], most[signal], marker=style.marker, s=1.6 * style.size,
                       facecolor=style.face,
                clip_on=False, edgecolor=style.edge, zorder=5)  # fmt: skip
            used.append((style, f"Signal: {WAYS[way]} than expected"))
    ax.axhline(0, color=INK, linewidth=1)
    canvas.room_for_ticks()
    canvas.labels_at_right(
        [
            (lines["higher"], "Signal line:\nmore often", QUIET),
            (lines["lower"], "Signal line:\nless often", QUIET),
        ]
    )
    _finish(result, ax, canvas, "Evidence of more events (up) and of fewer (down)")
    write_key(ax, canvas, used)


@chart.register
def _vlad(result: VladResult, ax: Axes, canvas: Canvas) -> None:
    points = result.points
    times = date2num(points["period"])
    value_axis(ax, points[["difference", "lowest", "highest"]].to_numpy(dtype=float).ravel())
    date_axis(ax, points["period"], canvas.narrow)
    ax.fill_between(times, points["lowest"], points["highest"], color=PALE, zorder=1)
    ax.axhline(0, color=INK, linewidth=1, zorder=2)
    ax.plot(times, points["difference"], color=DARK_BLUE, linewidth=1.6, zorder=3)
    last = float(points["difference"].iloc[-1])
    canvas.room_for_ticks()
    words = f"{number(abs(last), 1)} {'more' if last > 0 else 'fewer'}"
    canvas.labels_at_right([(0.0, "As expected", INK), (last, words, DARK_BLUE)])
    _finish(result, ax, canvas, "Events observed minus expected, so far")


def _finish(result: CusumResult | VladResult, ax: Axes, canvas: Canvas, unit: str) -> None:
    """The line of the change, and what the vertical axis measures."""
    lines = []
    if result.change is not None:
        place = float(date2num(result.change))
        low, high = ax.get_xlim()
        if low <= place <= high:
            lines.append((place, "Change"))
    canvas.unit(unit, max(10.0, mark_lines(ax, canvas, lines) + 6))


@notes.register
def _cusum_notes(result: CusumResult) -> list[str]:
    every = periods.noun(result.params["every"])
    ratio = f"{result.params['odds_ratio']:g}"
    return [
        f"The sums are kept case by case and shown where each {every} ends; a grey line goes to "
        f"the furthest that they went in it. They look for odds {ratio} times, and 1/{ratio} of, "
        "those expected. At a signal line a sum signals and starts anew at 0.",
    ]


@notes.register
def _vlad_notes(result: VladResult) -> list[str]:
    every = periods.noun(result.params["every"])
    return [
        f"Where each {every} ends: events observed since the beginning, less those expected of the "
        "same cases. Band: the range in which chance alone would keep it in 19 of 20 series, at "
        "one look."
    ]
