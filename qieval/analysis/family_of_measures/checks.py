"""What a reader must know before believing several charts together: one row a check."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qieval.analysis.spc import ControlChartResult
from qieval.core.checks import Check
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, number


def together(charts: Mapping[str, ControlChartResult]) -> Check:
    """The chance that at least one chart shows a signal although nothing changed."""
    chances = [chart.setup.false_alarm for chart in charts.values() for _ in chart.last.index]
    known = np.array([chance for chance in chances if chance is not None], dtype=float)
    if not len(known):
        return Check(
            "false_alarms_together",
            "False alarms together",
            "info",
            "Not known for so few points.",
        )
    at_least_one = 100 * (1 - np.prod(1 - known))
    return Check(
        "false_alarms_together",
        "False alarms together",
        "info",
        f"If nothing had changed, at least one of {len(known)} such charts would still show a "
        f"signal in about {number(at_least_one, 0)}% of cases, if they are independent.",
    )


def of_charts(charts: Mapping[str, ControlChartResult]) -> list[Check]:
    """Every chart's checks; what all charts say stands once, without a name."""
    measures: dict[Check, list[str]] = {}
    for name, chart in charts.items():
        for row in rows_of(chart.checks):
            measures.setdefault(Check(row.id, row.check, row.status, row.detail), []).append(name)
    return [
        check
        if len(names) == len(charts)
        else check._replace(check=f"{in_a_row(names)}: {check.check}")
        for check, names in measures.items()
    ]
