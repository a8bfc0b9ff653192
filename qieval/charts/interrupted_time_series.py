"""The chart of an interrupted time series.

After Turner et al 2021, BMC Med Res Methodol 21:174 (how ITS graphs should be drawn): every point
shown, as points; the interruption and the wash-out marked and labelled; fitted lines solid; the
counterfactual in another style with its band.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from qieval.analysis.its import ITSResult
from qieval.charts.drawing import chart, notes
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    GREY,
    INK,
    PALE,
    PURPLE,
    Canvas,
    date_axis,
    value_axis,
)
from qieval.core import periods


@chart.register
def _(result: ITSResult, ax: Axes, canvas: Canvas) -> None:
    points = result.points
    shown = [points["value"]]
    if result.facts["tested"]:
        shown += [points["fitted"], points["counterfactual"][points["period_after"] > 0]]
    value_axis(ax, np.concatenate([column.to_numpy() for column in shown]))
    date_axis(ax, points["time"], canvas.narrow)
    _draw_wash_out(ax, points)
    if result.facts["tested"]:
        _draw_model(ax, canvas, points)
    else:
        _draw_medians(ax, canvas, points, result.facts["medians"])
    used = points["used"]
    ax.scatter(points["time"][used], points["value"][used], s=20, color=DARK_BLUE, zorder=4)
    left_out = ~used & points["value"].notna()
    ax.scatter(
        points["time"][left_out],
        points["value"][left_out],
        s=22,
        facecolor="white",
        edgecolor=DARK_BLUE,
        linewidth=1.1,
        zorder=4,
    )
    _mark_interventions(ax, canvas, result)
    _mark_events(ax, result)
    canvas.unit(result.facts["unit"])


def _draw_model(ax: Axes, canvas: Canvas, points: pd.DataFrame) -> None:
    after = points["period_after"] > 0
    for _, part in points.groupby(_segment(points)):
        ax.plot(part["time"], part["fitted"], color=BLUE, linewidth=2.2, zorder=3)
    expected = points[after]
    ax.fill_between(
        expected["time"],
        expected["counterfactual_low"],
        expected["counterfactual_high"],
        color=PURPLE,
        alpha=0.10,
        linewidth=0,
        zorder=1,
    )
    dashes = (0, (5, 2.5))
    ax.plot(
        expected["time"],
        expected["counterfactual"],
        color=PURPLE,
        linewidth=1.8,
        linestyle=dashes,
        zorder=3,
    )
    canvas.labels_at_right(
        [
            (points["fitted"].iloc[-1], "Model", BLUE),
            (expected["counterfactual"].iloc[-1], "Expected\nwithout\nthe change", PURPLE),
        ]
    )


def _segment(points: pd.DataFrame) -> pd.Series:
    """A number for each unbroken stretch of the fitted line."""
    return (points["phase"] != points["phase"].shift()).cumsum()


def _draw_medians(ax: Axes, canvas: Canvas, points: pd.DataFrame, medians: list[float]) -> None:
    for phase, median in zip(("before", "after"), medians, strict=True):
        part = points[points["phase"] == phase]
        ax.plot(part["time"].iloc[[0, -1]], [median, median], color=BLUE, linewidth=2, zorder=3)
    canvas.labels_at_right([(medians[1], "Middle\nvalue", BLUE)])


def _draw_wash_out(ax: Axes, points: pd.DataFrame) -> None:
    rows = points.index[points["phase"] == "transition"]
    if len(rows):
        after = points["time"].iloc[min(rows[-1] + 1, len(points) - 1)]
        ax.axvspan(
            points["time"][rows[0]], after, facecolor=PALE, edgecolor=GREY, hatch="////", lw=0
        )


def _mark_interventions(ax: Axes, canvas: Canvas, result: ITSResult) -> None:
    """A line at each intervention, its name beside it, on the side with more room."""
    first, last = result.points["time"].iloc[[0, -1]]
    words = result.params["change"].removeprefix("the ")
    for number, given in enumerate(result.facts["given"], start=1):
        at = pd.Timestamp(given)
        ax.axvline(at, color=INK, linewidth=1.4, zorder=2)
        left = (at - first) / (last - first) > 0.5
        name = periods.label(at, result.facts["every"])
        text = f"{words[:1].upper()}{words[1:]}, {name}"
        if len(result.facts["given"]) > 1:
            text = f"{number}: {name}"
        ax.annotate(
            _folded(text, 22 if canvas.narrow else 44),
            xy=(at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-5 if left else 5, 2),
            textcoords="offset points",
            ha="right" if left else "left",
            va="bottom" if not canvas.narrow else "top",
            fontsize=8.5,
            fontweight="bold",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
            zorder=6,
        )


def _folded(text: str, letters: int) -> str:
    words, lines = text.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) + 1 > letters:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def _mark_events(ax: Axes, result: ITSResult) -> None:
    """A numbered mark on the time axis for each other event; the caption names them."""
    for number, event in enumerate(_events(result), start=1):
        ax.annotate(
            str(number),
            xy=(event["date"], 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=8,
            color="white",
            fontweight="bold",
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": GREY, "edgecolor": "white"},
            zorder=6,
        )


def _events(result: ITSResult) -> list[dict[str, object]]:
    times = result.points["time"]
    events = [{**e, "date": pd.Timestamp(e["date"])} for e in result.params["events"]]
    return sorted(
        (e for e in events if times.iloc[0] <= e["date"] <= times.iloc[-1]),
        key=lambda event: event["date"],
    )


@notes.register
def _(result: ITSResult) -> list[str]:
    every, points = result.facts["every"], result.points
    found = [f"Each point is one {periods.noun(every)}."]
    if result.facts["tested"]:
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
    values = points["value"].dropna()
    if values.min() >= 0 and np.ptp(values) < 0.25 * values.max():
        found.append("The vertical scale does not start at zero.")
    return found
