"""Patient flow: occupied beds, occupancy, admissions and discharges, one above the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from qieval.analysis.patient_flow import PatientFlowResult
from qieval.charts.drawing import chart, notes
from qieval.charts.style import (
    BLUE,
    DARK_BLUE,
    EDGE,
    GREY,
    INK,
    PURPLE,
    Canvas,
    Numbers,
    date_axis,
)
from qieval.charts.text_width import LABEL
from qieval.core import periods

_HIGH = 1.35
"""Inches of a panel."""
_TITLE = 0.36
"""Inches above each panel for its name."""

Panel = Callable[[PatientFlowResult, Axes], None]


@chart.register
def _(result: PatientFlowResult, ax: Axes, canvas: Canvas) -> None:
    every = result.every
    panels: list[tuple[str, Panel]] = [("Occupied beds on an average day", _occupied)]
    if result.has("occupancy"):
        panels.append(("Occupancy, % of available bed days", _occupancy))
    if result.has("admissions"):
        panels.append((f"Admissions and discharges a {periods.noun(every)}", _moved))
    ax.set_axis_off()
    canvas.margins = (max(canvas.margins[0], 0.55), 0.3)
    canvas.set_height(2.35 + len(panels) * (_HIGH + _TITLE))
    tall = canvas.tall
    high = tall / len(panels) - _TITLE
    for place, (name, draw) in enumerate(panels):
        low = tall - (place + 1) * (high + _TITLE)
        panel = ax.inset_axes((0, low / tall, 1, high / tall))
        draw(result, panel)
        date_axis(panel, result.points["period"], canvas.narrow)
        panel.tick_params(axis="x", labelbottom=place == len(panels) - 1)
        panel.yaxis.set_major_formatter(Numbers())
        panel.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        _title(panel, canvas, name)
        for period, *_ in result.bed_changes:
            panel.axvline(period, color=INK, linewidth=1.1, zorder=1)
    canvas.head = 0.1


def _title(panel: Axes, canvas: Canvas, name: str) -> None:
    panel.annotate(
        name,
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(-72 * (canvas.margins[0] - EDGE), 7),
        textcoords="offset points",
        fontsize=LABEL,
        fontweight="bold",
        color=DARK_BLUE,
        va="bottom",
    )


def _points(panel: Axes, result: PatientFlowResult, name: str, colour: str, marker: str) -> None:
    if not result.points[name].notna().any():  # a release may withhold all of them
        words = {"x": 0.5, "y": 0.5, "s": "All of these figures are withheld."}
        panel.text(**words, transform=panel.transAxes, ha="center", fontsize=LABEL, color=GREY)
    panel.plot(
        result.points["period"],
        result.points[name],
        color=colour,
        marker=marker,
        markersize=3.6,
        linewidth=0.7,
        zorder=3,
    )


def _top(points: pd.DataFrame, *names: str, least: float) -> float:
    """The largest number of some columns, of which a release may have left none."""
    known = points[list(names)].to_numpy(dtype=float)
    return max([least, *known[np.isfinite(known)].tolist()])


def _occupied(result: PatientFlowResult, panel: Axes) -> None:
    points = result.points
    _points(panel, result, "occupied_beds", BLUE, "o")
    shown = ["occupied_beds"]
    if result.has("beds"):
        panel.step(
            points["period"], points["beds"], where="post", color=INK, linewidth=1.5, zorder=2
        )
        shown.append("beds")
    top = _top(points, *shown, least=1.0)
    panel.set_ylim(0, 1.22 * top)
    if result.has("beds"):
        known = points["beds"].dropna()
        panel.annotate(
            "Beds available",
            xy=(points.loc[known.index[0], "period"], float(known.iloc[0])),
            xytext=(2, 3),
            textcoords="offset points",
            fontsize=LABEL,
            fontweight="bold",
            color=INK,
            va="bottom",
            zorder=5,
        )


def _occupancy(result: PatientFlowResult, panel: Axes) -> None:
    _points(panel, result, "occupancy", BLUE, "o")
    top = _top(result.points, "occupancy", least=100.0)
    target = result.params["target_occupancy"]
    if target is not None:
        panel.axhline(target, color=PURPLE, linewidth=1.2, linestyle=(0, (5, 2)), zorder=2)
    panel.set_ylim(0, 1.08 * top)


def _moved(result: PatientFlowResult, panel: Axes) -> None:
    _points(panel, result, "admissions", BLUE, "o")
    shown = ["admissions"]
    if result.has("discharges"):
        _points(panel, result, "discharges", GREY, "^")
        shown.append("discharges")
    panel.set_ylim(0, 1.1 * _top(result.points, *shown, least=1.0))


@notes.register
def _(result: PatientFlowResult) -> list[str]:
    every = periods.noun(result.every)
    sentences = [f"Each point is one {every}."]
    if result.has("admissions"):
        sentences.append("Blue circles: admissions; grey triangles: discharges, deaths among them.")
    if result.has("occupancy") and result.params["target_occupancy"] is not None:
        sentences.append(f"Broken line: the target of {result.params['target_occupancy']:g}%.")
    if result.bed_changes:
        sentences.append("Upright line: the number of beds changed.")
    return sentences
