"""The tables of a family of measures: how they are computed, and what their columns are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qieval.analysis.spc import ControlChartResult
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.result import rows_of
from qieval.core.tables import ESTIMATES, Column, Declaration
from qieval.core.words import decimals, number

_ASSURANCE = {"pass": "met", "fail": "not met", "hit_or_miss": "met at times", "": ""}


def points(charts: Mapping[str, ControlChartResult], roles: Mapping[str, str]) -> pd.DataFrame:
    """The points of every chart, with the measure and its role."""
    return pd.concat(
        [chart.points.assign(measure=name, role=roles[name]) for name, chart in charts.items()],
        ignore_index=True,
    )


def title_of(measure: str, group: str) -> str:
    """What a chart is called: its measure, and its group."""
    return f"{measure}: {group}" if group else measure


def estimates(charts: Mapping[str, ControlChartResult]) -> pd.DataFrame:
    """The centre line of the latest phase of every measure (and group)."""
    rows = []
    for name, chart in charts.items():
        method = f"{chart.params['kind']}; {chart.setup.rules}"
        for last in rows_of(chart.last):
            term, unit = title_of(name, chart.group_name(last)), chart.setup.unit
            rows.append(estimate_row(term, last.centre, unit=unit, n=last.n, method=method))
    return estimates_table(rows)


def judged(charts: Mapping[str, ControlChartResult], roles: Mapping[str, str]) -> pd.DataFrame:
    """What the latest point of every measure (and group) is, and whether its target is met."""
    return pd.DataFrame(
        [
            {
                "measure": name,
                "role": roles[name],
                "group": chart.group_name(last),
                "variation": _variation(last, chart),
                "reason": last.variation_reason,
                "assurance": _ASSURANCE[last.assurance],
                "lines": ", ".join(filter(None, _more(last, chart))),
            }
            for name, chart in charts.items()
            for last in rows_of(chart.last)
        ]
    )


def _variation(last: Any, chart: ControlChartResult) -> str:
    """What the latest point is; one since a step for the worse at a known event says so."""
    if last.variation == "neutral":
        kind, _ = chart.step_at_an_event(chart.group_name(last))
        return "level_worse" if kind == "worse" else "neutral"
    return str(last.variation)


def _more(last: Any, chart: ControlChartResult) -> tuple[str, ...]:
    """What the latest point does not show: earlier special causes, steps, how lines moved."""
    step = ""
    if last.variation == "neutral":
        _, step = chart.step_at_an_event(chart.group_name(last))
    return _earlier(last), step, _lines(chart, last)


def _earlier(last: Any) -> str:
    """Special causes that the latest point does not show."""
    count = int(last.special_causes)
    if last.variation != "common_cause" or not count:
        return ""
    return f"but {count} of {last.n} points before it show{'s' * (count == 1)} a special cause"


def _lines(chart: ControlChartResult, last: Any) -> str:
    """How the centre line moved. Each phase is judged by its own lines, so no signal shows it."""
    if last.phase == 1:
        return ""
    phases = chart.estimates
    for name in chart.by:
        phases = phases[phases[name] == getattr(last, name)]
    centres = phases["centre"].dropna()
    if len(centres) < 2:
        return ""
    places = decimals(float(centres.abs().max()))
    lines = [number(float(centre), places) for centre in centres]
    return f"around a centre line that went from {' to '.join(lines)} {chart.setup.unit}"


JUDGED = (
    Column("measure", "Measure", "label"),
    Column("role", "Role", "label"),
    Column("group", "Group", "label"),
    Column("variation", "Latest point", "label"),
    Column("reason", "Why", "text"),
    Column("assurance", "Target", "label"),
    Column("lines", "Lines", "text"),
)
SHOWN = (
    *JUDGED[:2],
    Column("estimate", "Centre line", "estimate", "each"),
    Column("unit", "Unit", "text"),
    Column("n", "Points", "number"),
    Column("latest", "Latest point", "text"),
    Column("target", "Target", "text"),
)
COUNTS = (
    *JUDGED[:2],
    Column("charts", "Charts", "number"),
    Column("better", "Improvement", "number"),
    Column("worse", "Concern", "number"),
    Column("neutral", "Other special cause", "number"),
    Column("usual", "Usual variation", "number"),
    Column("missed", "Target out of reach", "number"),
)
OF_POINTS = (Column("measure", "Measure", "label"), Column("role", "Role", "label"))
DECLARED = (ESTIMATES, Declaration("judged", JUDGED))
