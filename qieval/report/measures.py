"""The summary table of control charts: one row a measure, with icons, words and sparklines.

After the summary icons of NHS England's Making Data Count; drawn by us, words beside every icon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.spc import ControlChartResult
from qieval.charts.icons import assurance, sparkline, svg_of, variation
from qieval.core import periods
from qieval.core.blocks import Measures
from qieval.core.tables import Column, Table
from qieval.core.words import decimals, number, sentence
from qieval.intake.origin import Origin
from qieval.report.elements import Element, Headed, Tabled
from qieval.report.views import View, content_of

Charts = Mapping[str, ControlChartResult] | ControlChartResult

COLUMNS = (
    Column("measure", "Measure", "label"),
    Column("latest", "Latest", "text"),
    Column("target", "Target", "text"),
    Column("variation", "Variation", "text"),
    Column("assurance", "Assurance", "text"),
    Column("course", "Course", "text"),
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


@dataclass(frozen=True)
class _Row:
    """One measure: the latest phase, and the points of the whole chart."""

    name: str
    phase: Any
    points: pd.DataFrame
    result: ControlChartResult

    @property
    def latest(self) -> Any:
        """The last point with a value that is not left out."""
        counted = self.points["value"].notna() & ~self.points["excluded"].astype(bool)
        return self.points[counted].iloc[-1]

    @property
    def high(self) -> bool | None:
        """Whether a special cause lies above the centre line; None without one, or on the line."""
        beyond = float(self.latest["value"] - self.latest["centre"])
        if self.phase.variation in ("common_cause", "") or not np.isfinite(beyond) or beyond == 0:
            return None
        return beyond > 0

    def value(self) -> str:
        """The latest value, its unit and when."""
        setup = self.result.setup
        spread = float(np.ptp(self.points["value"].dropna()))
        places = max(0, decimals(spread) - 1) if spread else None
        when = periods.label(self.latest["time"], setup.every)
        return f"{number(self.latest['value'], places)} {setup.unit}, {when}"

    def target(self) -> str:
        """The target, or that there is none."""
        target = self.result.params["target"]
        return "none" if target is None else f"{target:g}".replace("-", "−")

    def course(self) -> str:
        """The sparkline in words."""
        known = self.points["value"].dropna()
        return (
            f"{len(known)} points, from {number(known.iloc[0])} to {number(known.iloc[-1])}; "
            f"{int(self.points['special_cause'].sum())} marked as special causes"
        )

    def words(self) -> tuple[str, ...]:
        """The cells of the row."""
        side = {True: " (high)", False: " (low)", None: ""}[self.high]
        variation = f"{VARIATION[self.phase.variation]}{side}."
        assurance = f"{ASSURANCE[self.phase.assurance]}."
        return (
            self.name,
            self.value(),
            self.target(),
            f"{variation} {sentence(self.phase.variation_reason)}".strip(),
            f"{assurance} {sentence(self.phase.assurance_reason)}".strip(),
            self.course(),
        )

    def pictures(self) -> tuple[str, str, str]:
        """Icon of the variation, icon of the assurance, sparkline."""
        points = self.points
        kinds = points["point_type"].where(~points["excluded"].astype(bool), "common_cause")
        target = self.result.params["target"]
        return (
            svg_of(variation(self.phase.variation, self.high)),
            svg_of(assurance(self.phase.assurance)) if self.phase.assurance else "",
            sparkline(points["value"].tolist(), kinds.tolist(), target, self.course()),
        )


def measures_table(results: Charts) -> View:
    """Measures side by side: latest value, target, variation, assurance and course.

    Parameters
    ----------
    results : mapping of str to ControlChartResult, or ControlChartResult
        Name of the measure → its chart; or one chart with groups, a row each.
    """
    return View(Measures(), results)


@content_of.register
def _measures(block: Measures, result: Any, origin: Origin | None) -> tuple[Element, ...]:
    charts: Charts = getattr(result, "charts", result)
    if isinstance(charts, ControlChartResult):
        charts = {charts.params["outcome"]: charts}
    rows = [row for name, chart in charts.items() for row in _rows(name, chart)]
    rules = dict.fromkeys(row.result.setup.rules_title for row in rows)
    caption = f"Variation of the latest point, and whether the target is met. {'; '.join(rules)}."
    words = pd.DataFrame([row.words() for row in rows], columns=[each.name for each in COLUMNS])
    icons = zip(*(row.pictures() for row in rows), strict=True)
    pictures = dict(zip(("Variation", "Assurance", "Course"), icons, strict=False))
    table = Tabled(Table("measures", caption, COLUMNS, words), "qi-measures", pictures)
    return (Headed("Measures at a glance", (table,), "qi-at-a-glance"),)


def _rows(name: str, result: ControlChartResult) -> Iterator[_Row]:
    for phase in result.last.itertuples(index=False):
        points, called = result.points, name
        for column in result.by:
            points = points[points[column] == getattr(phase, column)]
        if result.by:
            called = f"{name}: {', '.join(str(getattr(phase, column)) for column in result.by)}"
        yield _Row(called, phase, points, result)
