"""Readmissions: the share of discharges by period, or by group, with intervals."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.readmissions import ReadmissionsResult
from qieval.charts.drawing import chart, notes
from qieval.charts.shares import Shares, draw_groups, draw_shares
from qieval.charts.style import Canvas
from qieval.core import periods
from qieval.flow.days import as_day


@chart.register
def _(result: ReadmissionsResult, ax: Axes, canvas: Canvas) -> None:
    terms = {group: result.term(result.term_of("readmitted", group)) for group in result.groups}
    if result.params["by"]:
        everybody, *groups = result.groups
        rows = [(g, terms[g].value, terms[g].low, terms[g].high) for g in groups if terms[g].n]
        what = f"Readmitted within {result.params['window']} days, %"
        draw_groups(ax, canvas, rows, terms[everybody].value, what)
        return
    change = as_day(result.params["intervention"], "intervention")
    levels = [(group, 100 * terms[group].value) for group in result.groups]
    shares = Shares.of(result.points, levels, change, result.params["every"])
    draw_shares(ax, canvas, shares, "Share of discharges")


@notes.register
def _(result: ReadmissionsResult) -> list[str]:
    if result.params["by"]:
        return [
            "Dots and lines: share and 95% interval (Wilson) of each group, in the order of the "
            "alphabet; this is no ranking. Upright line: all together."
        ]
    every = periods.noun(result.params["every"])
    return [
        f"Each point: the discharges of one {every}, with their 95% interval (Wilson). Level line: "
        f"all of them. Only {every}s whose discharges were all followed for "
        f"{result.last_day} days (the day of discharge is day 0)."
    ]
