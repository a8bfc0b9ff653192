"""Waits: the share of people still waiting after each time; and the target by period."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.waits import WaitsResult
from qieval.charts.drawing import chart, notes, view
from qieval.charts.event_marks import mark_lines
from qieval.charts.shares import Shares, draw_shares
from qieval.charts.style import Canvas
from qieval.charts.survival_curve import FEW, curves_of, draw_curves, notes_of
from qieval.core.result import Result
from qieval.flow.days import as_day


@chart.register
def _(result: WaitsResult, ax: Axes, canvas: Canvas) -> None:
    def words(half: float, most: float) -> tuple[str, str]:
        return (
            f"Half were seen within {result.time(half)} {result.clock}",
            f"Nine in ten within {result.time(most)}",
        )

    draw_curves(ax, canvas, curves_of(result, "wait", words))
    target = result.target_time
    lines = [(target, f"Target: {result.target}")] if target <= ax.get_xlim()[1] else []
    canvas.words_below(f"{result.clock.capitalize()} since {result.called}")
    canvas.unit("Share still waiting", max(10, mark_lines(ax, canvas, lines) + 6))


@notes.register
def _(result: WaitsResult) -> list[str]:
    sentences = ["Dots: half, and nine in ten, had been seen."]
    sentences += notes_of(result.groups)
    sentences.append(
        "People still waiting, refused or withdrawn count for as long as they waited "
        f"(Kaplan-Meier). Drawn as long as {FEW} were still followed."
    )
    return sentences


@view(WaitsResult, "periods")
def _periods(result: Result, ax: Axes, canvas: Canvas) -> None:
    assert isinstance(result, WaitsResult)
    change = as_day(result.params["intervention"], "intervention")
    groups = result.main_groups
    shown = result.periods[result.periods["group"].isin(groups)]
    # A withheld number is no reason to leave a period out.
    rows = shown[~(shown["too_early"] > 0) & ~(shown["known"] == 0)]
    terms = [result.term_of("within_target", group) for group in groups]
    levels = [
        (group, 100 * result.term(term).value) for group, term in zip(groups, terms, strict=True)
    ]
    shares = Shares.of(rows, levels, change, result.params["every"])
    draw_shares(ax, canvas, shares, f"Share of {result.called}s seen within {result.target}")
