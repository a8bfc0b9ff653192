"""The control chart: values about their mean with limits, special causes by shape and colour."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.spc import ControlChartResult
from qieval.charts.drawing import chart, notes
from qieval.charts.spc import draw_result, notes_of
from qieval.charts.style import Canvas


@chart.register
def _(result: ControlChartResult, ax: Axes, canvas: Canvas) -> None:
    centre = "Median" if result.setup.line == "median" else "Mean"
    draw_result(result, ax, canvas, centre)


@notes.register
def _(result: ControlChartResult) -> list[str]:
    line = "median" if result.setup.line == "median" else "mean"
    lines = (
        f"Solid line: the {line}; dashed: limits that chance alone seldom passes (3 sigma); "
        "dotted: at 2 sigma."
    )
    stepped = "Limits follow the denominators." if result.setup.step_limits else ""
    return notes_of(result, " ".join(filter(None, [f"{result.setup.title}.", lines, stepped])))
