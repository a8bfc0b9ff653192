"""A family of measures: a small control chart each, one above or beside the other."""

from __future__ import annotations

from matplotlib.axes import Axes

from qieval.analysis.family_of_measures import FamilyResult
from qieval.analysis.family_of_measures.tables import title_of
from qieval.charts.drawing import chart, notes
from qieval.charts.small_multiples import draw_grid
from qieval.charts.spc_picture import pictures_of
from qieval.charts.style import Canvas
from qieval.core.periods import label
from qieval.core.words import in_a_row


@chart.register
def _(result: FamilyResult, ax: Axes, canvas: Canvas) -> None:
    roles = dict(zip(result.judged["measure"], result.judged["role"], strict=True))
    units = {chart.setup.unit for chart in result.charts.values()}

    def title(name: str, group: str, unit: str) -> str:
        words = f"{roles[name].capitalize()}: {title_of(name, group)}"
        return words if group and len(units) == 1 else f"{words} ({unit})"

    pictures = [
        (title(name, group, chart.setup.unit), picture)
        for name, chart in result.charts.items()
        for group, picture in pictures_of(chart, "Mean")
    ]
    columns = 2 if result.by else 1
    draw_grid([pictures[at] for at in result.drawn], ax, canvas, shared=False, columns=columns)


@notes.register
def _(result: FamilyResult) -> list[str]:
    rules = next(iter(result.charts.values())).setup.rules_title
    events = [
        f"{mark['event']} ({label(mark['date'], 'month')})" for mark in result.params["events"]
    ]
    has_target = any(chart.params["target"] is not None for chart in result.charts.values())
    shown, count = len(result.drawn), len(result.judged)
    some = f" {shown} of {count} charts are drawn, those with special causes first; the table of "
    some += "measures has them all."
    return [
        f"One chart a measure{' and group' if result.by else ''}, each with its own scale."
        + (some if shown < count else ""),
        "Solid line: the mean; dashed: limits that chance alone seldom passes (3 sigma); dotted: "
        "at 2 sigma.",
        *(["Dashes and dots: the target."] if has_target else []),
        *([f"Upright dotted lines: {in_a_row(events)}."] if events else []),
        f"Rules: {rules}.",
    ]
