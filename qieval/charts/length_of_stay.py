"""Length of stay: the share of people still in hospital after each number of nights."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.length_of_stay import LengthOfStayResult
from qieval.charts.drawing import chart, notes
from qieval.charts.still import FEW, MOST, Still, draw_still
from qieval.charts.style import Canvas
from qieval.core.words import number


@chart.register
def _(result: LengthOfStayResult, ax: Axes, canvas: Canvas) -> None:
    curves = []
    for group in result.groups:
        half, most = (
            float(result.estimates.loc[result.term_of(name, group), "estimate"])
            for name in ("median", "p90")
        )
        dots = (
            (half, f"Half had left within {number(half, 0)} nights"),
            (most, f"Nine in ten within {number(most, 0)}"),
        )
        curves.append(Still.of(result.points, group, "nights", dots))
    draw_still(ax, canvas, curves)
    canvas.words_below("Nights since admission")
    canvas.unit("Share still in hospital")


@notes.register
def _(result: LengthOfStayResult) -> list[str]:
    found = ["Dots: half, and nine in ten, had left."]
    if len(result.groups) <= 2:
        found.append("Band: 95% interval.")
    elif len(result.groups) > MOST + 1:
        found.append("Thick line: all together; thin lines: each group, in the table below.")
    found.append(
        f"People still in count for as long as they were seen (Kaplan-Meier). Drawn as long as "
        f"{FEW} people were still followed."
    )
    return found
