"""The run chart: values in order of time about their median, points of a signal by shape."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.spc import RunChartResult
from qieval.charts.drawing import chart, notes
from qieval.charts.spc import draw_result, notes_of
from qieval.charts.style import Canvas


@chart.register
def _(result: RunChartResult, ax: Axes, canvas: Canvas) -> None:
    draw_result(result, ax, canvas, "Median")


@notes.register
def _(result: RunChartResult) -> list[str]:
    return notes_of(result, "Solid line: the median (half of the points above it, half below).")
