"""The chart of an interrupted time series.

After Turner et al 2021, BMC Med Res Methodol 21:174 (how ITS graphs should be drawn): every point
shown, as points; the interruption and the wash-out marked and labelled; fitted lines solid; the
counterfactual in another style with its band.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from qieval.analysis.its import ITSResult
from qieval.charts.drawing import chart, notes
from qieval.charts.event_marks import mark_events, mark_lines
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    GREY,
    PALE,
    PURPLE,
    Canvas,
    cut_scale,
    date_axis,
    value_axis,
)
from qieval.core import periods


@chart.register
def _(result: ITSResult, ax: Axes, canvas: Canvas) -> None:
    points, tested = result.points, result.span.tested
    value_axis(ax, _values(result), _band(result))
    date_axis(ax, points["time"], canvas.narrow)
    canvas.room_for_ticks()
    _draw_wash_out(ax, points)
    labels = _draw_model(ax, result) if tested else _draw_medians(ax, result)
    canvas.labels_at_right(labels)
    _draw_points(ax, points)
    lines = [(float(date2num(day)), words) for day, words in _interventions(result)]
    above = mark_lines(ax, canvas, lines)
    mark_events(ax, canvas, [(float(date2num(e["date"])), e) for e in _events(result)])
    canvas.unit(result.span.unit, above)


def _values(result: ITSResult) -> np.ndarray:
    """Every point and every line, which the scale must hold."""
    points = result.points
    if not result.span.tested:
        return points["value"].to_numpy()
    expected = points["counterfactual"][points["period_after"] > 0]
    return np.concatenate([points["value"], points["fitted"], expected])


def _band(result: ITSResult) -> np.ndarray | None:
    if not result.span.tested:
        return None
    after = result.points[result.points["period_after"] > 0]
    return np.concatenate([after["counterfactual_low"], after["counterfactual_high"]])


def _draw_points(ax: Axes, points: pd.DataFrame) -> None:
    """Every point; hollow ones are left out of the model."""
    used = points["used"]
    left_out = ~used & points["value"].notna()
    kept, hollow = points[used], points[left_out]
    ax.scatter(kept["time"], kept["value"], s=20, color=DARK_BLUE, zorder=4)
    look: dict[str, Any] = {"facecolor": "white", "edgecolor": DARK_BLUE, "linewidth": 1.1}
    ax.scatter(hollow["time"], hollow["value"], s=22, zorder=4, **look)


def _draw_model(ax: Axes, result: ITSResult) -> list[tuple[float, str, str]]:
    """The fitted lines, broken at each change, and what was expected; their labels."""
    points = result.points
    starts = points["time"].isin(result.span.first_after)
    broken = (points["phase"] != points["phase"].shift()) | starts
    for _, part in points.groupby(broken.cumsum()):
        ax.plot(part["time"], part["fitted"], color=BLUE, linewidth=2.2, zorder=3)
    expected = points[points["period_after"] > 0]
    ax.fill_between(
        expected["time"],
        expected["counterfactual_low"],
        expected["counterfactual_high"],
        color=PURPLE,
        alpha=0.10,
        linewidth=0,
        zorder=1,
    )
    ax.plot(
        expected["time"],
        expected["counterfactual"],
        color=PURPLE,
        linewidth=1.8,
        linestyle=(0, (5, 2.5)),
        zorder=3,
    )
    return [
        (points["fitted"].iloc[-1], "Model", BLUE),
        (expected["counterfactual"].iloc[-1], "Expected\nwithout\nthe change", PURPLE),
    ]


def _draw_medians(ax: Axes, result: ITSResult) -> list[tuple[float, str, str]]:
    medians = result.medians
    for phase, median in zip(("before", "after"), medians, strict=True):
        part = result.points[result.points["phase"] == phase]
        ax.plot(part["time"].iloc[[0, -1]], [median, median], color=BLUE, linewidth=2, zorder=3)
    return [(medians[1], "Middle\nvalue", BLUE)]


def _draw_wash_out(ax: Axes, points: pd.DataFrame) -> None:
    rows = points.index[points["phase"] == "transition"]
    for part in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
        if len(part):
            until = points["time"].iloc[min(part[-1] + 1, len(points) - 1)]
            look: dict[str, Any] = {"facecolor": PALE, "edgecolor": GREY, "hatch": "////"}
            ax.axvspan(points["time"][part[0]], until, lw=0, **look)


# ---- interventions -----------------------------------------------------------------------------


def _interventions(result: ITSResult) -> list[tuple[pd.Timestamp, str]]:
    """Each line's date and words, in their order; the end of a temporary one has its line too."""
    every, given = result.span.every, result.span.given
    what = result.params["change"].removeprefix("the ")
    names = [f"{what[:1].upper()}{what[1:]}"]
    if len(given) > 1:
        names = [str(number) for number in range(1, len(given) + 1)]
    found = [
        (day, f"{name}{':' if len(given) > 1 else ','} {periods.label(day, every)}")
        for day, name in zip(given, names, strict=True)
    ]
    found += [(day, f"Ended, {periods.label(day, every)}") for day in result.span.ended]
    return sorted(found, key=lambda mark: mark[0])


# ---- other events ------------------------------------------------------------------------------


def _events(result: ITSResult) -> list[dict[str, Any]]:
    times = result.points["time"]
    events = [{**e, "date": pd.Timestamp(e["date"])} for e in result.params["events"]]
    return sorted(
        (e for e in events if times.iloc[0] <= e["date"] <= times.iloc[-1]),
        key=lambda event: event["date"],
    )


@notes.register
def _(result: ITSResult) -> list[str]:
    every, points = result.span.every, result.points
    found = [f"Each point is one {periods.noun(every)}."]
    if result.span.tested:
        level = f"{100 * result.params['confidence']:g}%"
        found.append(
            f"Shaded: {level} band of what was expected. "
            f"Model: {result.estimates['method'].iloc[0]}."
        )
    if (points["phase"] == "transition").any():
        found.append("Hatched and hollow: bringing-in period, left out of the model.")
    missing = int(points["value"].isna().sum())
    if missing:
        found.append(f"{missing} {periods.noun(every, missing)} missing.")
    for number, event in enumerate(_events(result), start=1):
        name = periods.label(event["date"], every)
        found.append(f"({number}) {event['event']}, {name}.")
    if cut_scale(_values(result)):
        found.append("The vertical scale does not start at zero.")
    return found
