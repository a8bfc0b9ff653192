"""Waits: the share of people still waiting after each time; and the target by period."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.waits import WaitsResult
from qieval.charts.drawing import chart, notes, view
from qieval.charts.event_marks import mark_lines
from qieval.charts.shares import Shares, draw_shares
from qieval.charts.still import FEW, MOST, Still, draw_still
from qieval.charts.style import Canvas
from qieval.core.result import Result
from qieval.flow.days import as_day


@chart.register
def _(result: WaitsResult, ax: Axes, canvas: Canvas) -> None:
    curves = []
    for group in result.groups:
        half, most = (
            float(result.estimates.loc[result.term_of(name, group), "estimate"])
            for name in ("median", "p90")
        )
        dots = (
            (half, f"Half were seen within {result.time(half)} {result.clock}"),
            (most, f"Nine in ten within {result.time(most)}"),
        )
        curves.append(Still.of(result.points, group, "wait", dots))
    draw_still(ax, canvas, curves)
    target = result.facts["target"]
    lines = [(target, f"Target: {result.target}")] if target <= ax.get_xlim()[1] else []
    canvas.words_below(f"{result.clock.capitalize()} since {result.called}")
    canvas.unit("Share still waiting", max(10, mark_lines(ax, canvas, lines) + 6))


@notes.register
def _(result: WaitsResult) -> list[str]:
    found = ["Dots: half, and nine in ten, had been seen."]
    if len(result.groups) <= 2:
        found.append("Band: 95% interval.")
    elif len(result.groups) > MOST + 1:
        found.append("Thick line: all together; thin lines: each group, in the table below.")
    found.append(
        "People still waiting, refused or withdrawn count for as long as they waited "
        f"(Kaplan-Meier). Drawn as long as {FEW} were still followed."
    )
    return found


@view(WaitsResult, "periods")
def _periods(result: Result, ax: Axes, canvas: Canvas) -> None:
    assert isinstance(result, WaitsResult)
    change = as_day(result.params["intervention"], "intervention")
    groups = result.groups if result.before_and_since else result.groups[:1]
    shown = result.periods[result.periods["group"].isin(groups)]
    rows = shown[(shown["too_early"] == 0) & (shown["known"] > 0)]
    fates = result.fates.set_index("group")
    levels = [(group, 100 * float(fates.loc[group, "share"])) for group in groups]
    shares = Shares.of(rows, levels, change, result.params["every"])
    draw_shares(ax, canvas, shares, f"Share of {result.called}s seen within {result.target}")
