"""The summary table of control charts: one row a measure, with icons, words and sparklines.

After the summary icons of NHS England's Making Data Count; drawn by us, words beside every icon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.spc import ControlChartResult
from qieval.charts.icons import assurance_icon, sparkline, variation_icon
from qieval.core import periods
from qieval.core.words import decimals, number, sentence
from qieval.report.shown import Shown, section, text_table

HEADS = ("Measure", "Latest", "Target", "Variation", "Assurance", "Course")
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
        every: Any = "day" if setup.every == "event" else setup.every
        when = periods.label(self.latest["time"], every)
        return f"{number(self.latest['value'], places)} {setup.unit}, {when}"

    def target(self) -> str:
        """The target, or that there is none."""
        target = self.result.params["target"]
        return "none" if target is None else f"{target:g}".replace("-", "−")

    def course(self) -> str:
        """The sparkline's words."""
        known = self.points["value"].dropna()
        return (
            f"{len(known)} points, from {number(known.iloc[0])} to {number(known.iloc[-1])}; "
            f"{int(self.points['special_cause'].sum())} marked as special causes"
        )


def measures_table(results: Mapping[str, ControlChartResult] | ControlChartResult) -> Shown:
    """Measures side by side: latest value, target, variation, assurance and course.

    Parameters
    ----------
    results : mapping of str to ControlChartResult, or ControlChartResult
        Name of the measure → its chart; or one chart with groups, a row each.
    """
    if isinstance(results, ControlChartResult):
        results = {results.params["outcome"]: results}
    rows = [row for name, result in results.items() for row in _rows(name, result)]
    rules = dict.fromkeys(row.result.setup.rules_title for row in rows)
    caption = f"Variation of the latest point, and whether the target is met. {'; '.join(rules)}."
    html = "".join(_html(row) for row in rows)
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADS)
    label = escape(caption, quote=True)
    table = (
        f'<div class="qi-table-box" tabindex="0" role="region" aria-label="{label}">'
        f'<table class="qi-table qi-measures"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{html}</tbody></table></div>"
    )
    plain = pd.DataFrame([_plain(row) for row in rows], columns=list(HEADS))
    return Shown(
        section("Measures at a glance", table, "qi-at-a-glance"), f"{caption}\n{text_table(plain)}"
    )


def _rows(name: str, result: ControlChartResult) -> Iterator[_Row]:
    for phase in result.last.itertuples(index=False):
        points, called = result.points, name
        for column in result.by:
            points = points[points[column] == getattr(phase, column)]
        if result.by:
            called = f"{name}: {', '.join(str(getattr(phase, column)) for column in result.by)}"
        yield _Row(called, phase, points, result)


def _html(row: _Row) -> str:
    points = row.points
    kinds = points["point_type"].where(~points["excluded"].astype(bool), "common_cause")
    icon = variation_icon(row.phase.variation, row.high)
    sure = f"{assurance_icon(row.phase.assurance)}<br>" if row.phase.assurance else ""
    line = sparkline(
        points["value"].tolist(), kinds.tolist(), row.result.params["target"], row.course()
    )
    why = escape(sentence(row.phase.variation_reason))
    sure_why = escape(sentence(row.phase.assurance_reason))
    return (
        f'<tr><th scope="row">{escape(row.name)}</th><td>{escape(row.value())}</td>'
        f"<td>{escape(row.target())}</td>"
        f"<td>{icon}<br><strong>{VARIATION[row.phase.variation]}</strong><br>{why}</td>"
        f"<td>{sure}<strong>{ASSURANCE[row.phase.assurance]}</strong><br>{sure_why}</td>"
        f"<td>{line}</td></tr>"
    )


def _plain(row: _Row) -> tuple[str, ...]:
    side = {True: " (high)", False: " (low)", None: ""}[row.high]
    return (
        row.name,
        row.value(),
        row.target(),
        VARIATION[row.phase.variation] + side,
        ASSURANCE[row.phase.assurance],
        row.course(),
    )
