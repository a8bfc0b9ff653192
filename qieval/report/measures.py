"""The icon table of control charts: one row a measure and unit, with icons, figures and sparklines.

After the summary icons of NHS England's Making Data Count; drawn by us, words beside every icon.
The same table goes to CSV and Excel files (:func:`qieval.report.export`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.spc import ControlChartResult
from qieval.charts.icons import assurance, sparkline, svg_of, variation
from qieval.core import periods
from qieval.core.blocks import Measures
from qieval.core.result import rows_of
from qieval.core.tables import Column, Table
from qieval.core.words import number, sentence
from qieval.intake.origin import Origin
from qieval.report.elements import Element, Headed, Tabled
from qieval.report.views import View, content_of

Charts = Mapping[str, ControlChartResult] | ControlChartResult

COLUMNS = (
    Column("measure", "Measure", "label"),
    Column("course", "Course", "text"),
    Column("variation", "Variation", "text"),
    Column("assurance", "Assurance", "text"),
    Column("latest", "Latest", "estimate", "each"),
    Column("unit", "Unit", "text"),
    Column("when", "When", "text"),
    Column("centre", "Mean", "estimate", "each"),
    Column("lower", "Limits", "ci_low", of="centre"),
    Column("upper", "", "ci_high", of="centre"),
    Column("target", "Target", "text"),
)
VARIATION = {
    "common_cause": "Common cause",
    "improvement": "Improvement",
    "concern": "Concern",
    "neutral": "Special cause",
    "": "Not judged",
}
ASSURANCE = {
    "pass": "Consistently met",
    "fail": "Consistently missed",
    "hit_or_miss": "Met at times, by chance",
    "": "No target to judge",
}


def measures_table(results: Charts) -> View:
    """Measures side by side: latest value, mean, limits, target, variation, assurance and course.

    Parameters
    ----------
    results : mapping of str to ControlChartResult, or ControlChartResult
        Name of the measure → its chart; charts with groups have a row a group.
    """
    return View(Measures(), results)


@content_of.register
def _measures(block: Measures, result: Any, origin: Origin | None) -> tuple[Element, ...]:
    table = icon_table(getattr(result, "charts", result))
    rows = list(rows_of(table.rows))
    pictures = {
        "Variation": [svg_of(variation(row.kind, row.high)) for row in rows],
        "Assurance": [svg_of(assurance(row.sure)) if row.sure else "" for row in rows],
        "Course": [sparkline(row.values_, row.kinds, row.aimed, row.course) for row in rows],
    }
    shown = Tabled(table, "qi-measures", pictures)
    return (Headed("Measures at a glance", (shown,), "qi-at-a-glance"),)


def icon_table(charts: Charts) -> Table:
    """The icon table; beside the shown columns its rows hold what the pictures are made from."""
    if isinstance(charts, ControlChartResult):
        charts = {charts.params["outcome"]: charts}
    rows = pd.DataFrame([row for name, chart in charts.items() for row in _rows(name, chart)])
    rules = dict.fromkeys(chart.setup.rules_title for chart in charts.values())
    caption = f"Variation of the latest point, and whether the target is met. {'; '.join(rules)}."
    return Table("measures", caption, COLUMNS, rows)


def _rows(name: str, result: ControlChartResult) -> Iterator[dict[str, Any]]:
    for group, phase, points in result.parts:
        counted = points["value"].notna() & ~points["excluded"].astype(bool)
        latest = points[counted].iloc[-1] if counted.any() else points.iloc[-1]
        known = points["value"].dropna()
        high = bool(phase.way > 0) if phase.way else None
        side = {True: " (high)", False: " (low)", None: ""}[high]
        target = float(latest["target"])
        # Where nothing is special there is no more to say, and 500 rows are to be read.
        why = sentence(phase.variation_reason) if phase.variation != "common_cause" else ""
        if phase.variation == "neutral":
            why = f"{why} {sentence(result.step_at_an_event(group)[1])}".strip()
        kinds = points["point_type"].where(~points["excluded"].astype(bool), "common_cause")
        course = "Its figures are withheld."
        if len(known):
            course = (
                f"{len(known)} points, from {number(known.iloc[0])} to {number(known.iloc[-1])}; "
                f"{int(points['special_cause'].sum())} marked as special causes"
            )
        yield {
            "measure": f"{name}: {group}" if group else name,
            "name": name,
            "group": group,
            "latest": latest["value"],
            "unit": result.setup.unit,
            "when": periods.label(latest["time"], result.setup.every),
            "centre": latest["centre"],
            "lower": phase.lower,
            "upper": phase.upper,
            "target": f"{target:g}".replace("-", "−") if np.isfinite(target) else "none",
            "variation": f"{VARIATION[phase.variation]}{side}. {why}".strip(),
            "assurance": f"{ASSURANCE[phase.assurance]}.",
            "course": course,
            "kind": phase.variation,
            "high": high,
            "sure": phase.assurance,
            "values_": points["value"].tolist(),
            "kinds": kinds.tolist(),
            "aimed": target if np.isfinite(target) else None,
        }
