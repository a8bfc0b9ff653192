"""Length of stay: the share of people still in hospital after each number of nights."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.length_of_stay import LengthOfStayResult
from qieval.charts.drawing import chart, notes
from qieval.charts.style import Canvas
from qieval.charts.survival_curve import FEW, curves_of, draw_curves, notes_of


@chart.register
def _(result: LengthOfStayResult, ax: Axes, canvas: Canvas) -> None:
    def words(half: float, most: float) -> tuple[str, str]:
        return (
            f"Half had left within {result.time(half)} nights",
            f"Nine in ten within {result.time(most)}",
        )

    draw_curves(ax, canvas, curves_of(result, "nights", words))
    canvas.words_below("Nights since admission")
    canvas.unit("Share still in hospital")


@notes.register
def _(result: LengthOfStayResult) -> list[str]:
    sentences = ["Dots: half, and nine in ten, had left."]
    sentences += notes_of(result.groups)
    sentences.append(
        f"People still in count for as long as they were seen (Kaplan-Meier). Drawn as long as "
        f"{FEW} people were still followed."
    )
    return sentences
