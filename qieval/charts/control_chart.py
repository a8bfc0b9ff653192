"""The control chart: values about their mean with limits, special causes by shape and colour."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.spc import ControlChartResult
from qieval.analysis.spc.methods.limits import SUBGROUPED
from qieval.charts.drawing import chart, notes
from qieval.charts.spc import draw_result, notes_of
from qieval.charts.style import Canvas


@chart.register
def _(result: ControlChartResult, ax: Axes, canvas: Canvas) -> None:
    draw_result(result, ax, canvas, _line(result).capitalize())


@notes.register
def _(result: ControlChartResult) -> list[str]:
    line, kind = _line(result), result.params["kind"]
    if kind == "t" and line == "centre line":
        line = "mean of y^(1/3.6), turned back"
    sentences = [
        f"{result.setup.title}.",
        f"Solid line: the {line}; dashed: limits that chance alone seldom passes (3 sigma); "
        "dotted: at 2 sigma.",
    ]
    if result.setup.step_limits:
        sizes = "size of the subgroups" if kind in SUBGROUPED else "denominators"
        sentences.append(f"Limits follow the {sizes}.")
    if result.setup.cut:
        sentences.append(f"Limits are cut where values end: none can lie {result.setup.cut}.")
    judged = result.params["direction"] != "neutral"
    if judged and len(result.shifts) and (result.points["point_type"] == "neutral").any():
        sentences.append("Squares: signals without concern, as lines wait to be restarted.")
    return notes_of(result, " ".join(sentences))


def _line(result: ControlChartResult) -> str:
    """What the centre line is; that of a t chart is no mean of the values."""
    line = result.setup.line
    return "mean" if line == "centre line" and result.params["kind"] != "t" else line
