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


def estimates(charts: Mapping[str, ControlChartResult]) -> pd.DataFrame:
    """The centre line of every measure's latest phase."""
    rows = []
    for name, chart in charts.items():
        (last,) = rows_of(chart.last)
        method = f"{chart.params['kind']}; {chart.setup.rules}"
        rows.append(estimate_row(name, last.centre, unit=chart.setup.unit, n=last.n, method=method))
    return estimates_table(rows)


def judged(charts: Mapping[str, ControlChartResult], roles: Mapping[str, str]) -> pd.DataFrame:
    """What the latest point of every measure is, and whether its target is met."""
    rows = []
    for name, chart in charts.items():
        (last,) = rows_of(chart.last)
        rows.append(
            {
                "measure": name,
                "role": roles[name],
                "variation": last.variation,
                "reason": last.variation_reason,
                "assurance": _ASSURANCE[last.assurance],
                "lines": ", ".join(filter(None, [_earlier(last), _lines(chart)])),
            }
        )
    return pd.DataFrame(rows)


def _earlier(last: Any) -> str:
    """Special causes that the latest point does not show."""
    count = int(last.special_causes)
    if last.variation != "common_cause" or not count:
        return ""
    return f"but {count} of {last.n} points before it show{'s' * (count == 1)} a special cause"


def _lines(chart: ControlChartResult) -> str:
    """How the centre line moved. Each phase is judged by its own lines, so no signal shows it."""
    centres = chart.points.dropna(subset=["centre"]).groupby("phase")["centre"].last()
    if len(centres) < 2:
        return ""
    places = decimals(float(centres.abs().max()))
    lines = [number(float(centre), places) for centre in centres]
    return f"around a centre line that went from {' to '.join(lines)} {chart.setup.unit}"


JUDGED = (
    Column("measure", "Measure", "label"),
    Column("role", "Role", "label"),
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
OF_POINTS = (Column("measure", "Measure", "label"), Column("role", "Role", "label"))
DECLARED = (ESTIMATES, Declaration("judged", JUDGED))
