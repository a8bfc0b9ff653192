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
from qieval.charts.lettering import BESIDE, LABEL, LABEL_LINE, line_labels, width_of
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    GREY,
    INK,
    PALE,
    PURPLE,
    QUIET,
    Canvas,
    cut_scale,
    date_axis,
    value_axis,
)
from qieval.core import periods


@chart.register
def _(result: ITSResult, ax: Axes, canvas: Canvas) -> None:
    points, tested = result.points, result.facts["tested"]
    value_axis(ax, _values(result), _band(result))
    date_axis(ax, points["time"], canvas.narrow)
    canvas.room_for_ticks()
    _draw_wash_out(ax, points)
    labels = _draw_model(ax, result) if tested else _draw_medians(ax, result)
    canvas.labels_at_right(labels)
    _draw_points(ax, points)
    above = _mark_interventions(ax, canvas, result)
    _mark_events(ax, canvas, result)
    canvas.unit(result.facts["unit"], above)


def _values(result: ITSResult) -> np.ndarray:
    """Every point and every line, which the scale must hold."""
    points = result.points
    if not result.facts["tested"]:
        return points["value"].to_numpy()
    expected = points["counterfactual"][points["period_after"] > 0]
    return np.concatenate([points["value"], points["fitted"], expected])


def _band(result: ITSResult) -> np.ndarray | None:
    if not result.facts["tested"]:
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
    starts = points["time"].isin(pd.to_datetime(result.facts["first_after"]))
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
    medians = result.facts["medians"]
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


def _mark_interventions(ax: Axes, canvas: Canvas, result: ITSResult) -> float:
    """A line at each intervention with its name above it; points above the Axes that they take."""
    marks = _interventions(result)
    low, high = ax.get_xlim()
    places = [canvas.wide * (date2num(day) - low) / (high - low) for day, _ in marks]
    start, end = -0.3, canvas.wide + 0.3
    if canvas.own:
        start, end = EDGE - canvas.margins[0], canvas.wide + canvas.margins[1] - EDGE
    labels = line_labels(places, [text for _, text in marks], start, end)
    for (day, _), label in zip(marks, labels, strict=True):
        ax.axvline(day, color=INK, linewidth=1.4, zorder=2)
        base = 2 + LABEL_LINE * label.up
        look: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "annotation_clip": False}
        look |= {"textcoords": "offset points"}
        if label.up:
            up = {"arrowstyle": "-", "color": INK, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", xy=(day, 1), xytext=(0, base + LABEL_LINE), arrowprops=up, **look)
        ax.annotate(
            "\n".join(label.lines),
            xy=(day, 1),
            xytext=((-72 if label.left else 72) * BESIDE, base),
            ha="right" if label.left else "left",
            va="bottom",
            fontsize=LABEL,
            fontweight="bold",
            linespacing=1.1,
            zorder=6,
            **look,
        )
    return 4 + LABEL_LINE * max(label.top for label in labels)


def _interventions(result: ITSResult) -> list[tuple[pd.Timestamp, str]]:
    """Each line's date and words, in their order; the end of a temporary one has its line too."""
    every, given = result.facts["every"], [pd.Timestamp(day) for day in result.facts["given"]]
    what = result.params["change"].removeprefix("the ")
    names = [f"{what[:1].upper()}{what[1:]}"]
    if len(given) > 1:
        names = [str(number) for number in range(1, len(given) + 1)]
    found = [
        (day, f"{name}{':' if len(given) > 1 else ','} {periods.label(day, every)}")
        for day, name in zip(given, names, strict=True)
    ]
    if result.params["intervention_end"] is not None:
        end = pd.DatetimeIndex([pd.Timestamp(result.params["intervention_end"])])
        day = periods.start_of(end, every)[0]
        found.append((day, f"Ended, {periods.label(day, every)}"))
    return sorted(found, key=lambda mark: mark[0])


# ---- other events ------------------------------------------------------------------------------


def _mark_events(ax: Axes, canvas: Canvas, result: ITSResult) -> None:
    """A numbered mark under the time axis for each other event; the caption names them."""
    low, high = ax.get_xlim()
    lanes: list[float] = []  # where the last mark of each lane ends, in inches
    for number, event in enumerate(_events(result), start=1):
        at = canvas.wide * (date2num(event["date"]) - low) / (high - low)
        half = 0.5 * width_of(str(number), 8, bold=True) + 5 / 72
        lane = next((n for n, ends in enumerate(lanes) if at - half > ends), len(lanes))
        shape = "circle,pad=0.25" if number < 10 else "round,pad=0.25"
        lanes[lane:] = [at + half, *lanes[lane + 1 :]]
        ax.annotate(
            str(number),
            xy=(event["date"], 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, -5 - _MARK * (lane + 0.5)),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=8,
            color="white",
            fontweight="bold",
            bbox={"boxstyle": shape, "facecolor": QUIET, "edgecolor": "none"},
            annotation_clip=False,
            zorder=6,
        )
    if lanes:
        ax.tick_params(axis="x", pad=5 + _MARK * len(lanes))
        canvas.foot += _MARK * len(lanes) / 72


_MARK = 15.0
"""Points from one lane of event marks to the next."""


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
    if cut_scale(_values(result)):
        found.append("The vertical scale does not start at zero.")
    return found
