"""A project's family of measures: outcome, process and balancing measures, a control chart each.

One measure never tells whether a change was an improvement: the outcome may move for other reasons,
the process may not have changed at all, and something else may have become worse (Provost and
Murray, The Health Care Data Guide, ch. 2; Model for Improvement).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

import numpy as np
import pandas as pd

from qieval.analysis.family_of_measures.result import FamilyResult, Measure, Role
from qieval.analysis.spc import ControlChartResult, control_chart, suggest_chart
from qieval.analysis.spc.phases import When
from qieval.analysis.spc.rules import LimitRules
from qieval.core.checks import Status, checks_table
from qieval.core.columns import require
from qieval.core.errors import (
    DataError,
    ParameterError,
    QievalError,
    listed,
    nearest,
    require_one_of,
)
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.result import rows_of
from qieval.core.words import decimals, in_a_row, number

__all__ = ["FamilyResult", "Measure", "family_of_measures"]

_ASSURANCE = {"pass": "met", "fail": "not met", "hit_or_miss": "met at times", "": ""}


def family_of_measures(
    data: pd.DataFrame,
    *,
    measures: Sequence[Measure],
    time: str = "period",
    rules: LimitRules = "making_data_count",
    baseline: int | date | str | None = None,
    rephase: When = (),
    exclude: When = (),
    events: pd.DataFrame | list[dict[str, Any]] | None = None,
    setting: str = "",
) -> FamilyResult:
    """Control charts of a project's outcome, process and balancing measures, read together.

    Parameters
    ----------
    data : DataFrame
        One row a period, a column for every figure.
    measures : list of mappings
        The measures: each with name, role, direction and value (or numerator and denominator), and
        if need be chart, per, target and unit
    time : str
        Column with the dates of the periods or events
    rules : str
        Rules by which a special cause is told; making_data_count is that of 2024
    baseline : int or date, optional
        Points, or last date, that the first phase's lines rest on; nothing means all of them
    rephase : list of dates, or dates with reasons
        Where lines start anew, best with the reason
    exclude : list of dates, or dates with reasons
        Points left out of lines and rules, best with the reason
    events : DataFrame or list of mappings, optional
        Things that happened, each with a date and an event in words
    setting : str
        For whom or where, in plain words

    Returns
    -------
    FamilyResult
        The chart of every measure, and what they say together.

    Raises
    ------
    DataError, CannotEvaluate
        As :func:`qieval.control_chart`, with the name of the measure.
    ParameterError
        If a measure lacks what it needs, has an unknown role, or two have one name.

    References
    ----------
    Provost and Murray, The Health Care Data Guide, ch. 2. Langley et al., The Improvement Guide.
    """
    _check(measures)
    charts: dict[str, ControlChartResult] = {}
    chosen: list[tuple[str, Status, str]] = []
    for measure in measures:
        name = measure["name"]
        try:
            table = _rows(data, measure.get("where", {}))
            kind, why = _kind(table, measure, time)
            if why:
                chosen.append((f"{name}: which chart", "info", why))
            charts[name] = control_chart(
                table,
                kind=kind,  # type: ignore[arg-type]
                value=measure.get("value"),
                numerator=measure.get("numerator"),
                denominator=measure.get("denominator"),
                time=time,
                rules=rules,
                baseline=baseline,
                rephase=rephase,
                exclude=exclude,
                target=measure.get("target"),
                direction=measure["direction"],
                events=events,
                per=measure.get("per", 1),
                outcome=name,
                unit=measure.get("unit"),
                setting=setting,
            )
        except QievalError as error:
            # The same error, with the measure that it belongs to.
            raise type(error)(
                error.problem, found=error.found, remedy=error.remedy, where=f"measure `{name}`"
            ) from error
    roles = {measure["name"]: measure["role"] for measure in measures}
    return FamilyResult(
        params={
            "measures": [dict(measure) for measure in measures],
            "time": time,
            "rules": rules,
            **{name: _first(charts).params[name] for name in ("baseline", "rephase", "exclude")},
            "events": _first(charts).params["events"],
            "setting": setting,
            "outcome": "Family of measures",
        },
        points=pd.concat(
            [chart.points.assign(measure=name, role=roles[name]) for name, chart in charts.items()],
            ignore_index=True,
        ),
        estimates=_estimates(charts),
        checks=checks_table([_together(charts), *chosen, *_checks(charts)]),
        judged=_judged(charts, roles),
        charts=charts,
    )


def _check(measures: Sequence[Measure]) -> None:
    if not measures:
        raise ParameterError(
            "There are no measures.",
            remedy="List them: `measures: [{name: …, role: outcome, direction: lower, value: …}]`.",
            where="measures",
        )
    known = set(Measure.__annotations__)
    for place, measure in enumerate(measures, start=1):
        where = f"measures, number {place}"
        lacking = [key for key in ("name", "role", "direction") if not measure.get(key)]
        if lacking:
            raise ParameterError(f"The measure lacks {listed(lacking)}.", where=where)
        for key in measure:
            require_one_of(where, key, tuple(sorted(known)))
        require_one_of("role", measure["role"], get_args(Role))
        if bool(measure.get("value")) == bool(measure.get("numerator")):
            raise ParameterError(
                f"The measure `{measure['name']}` needs a `value`, or a `numerator`.",
                found="both" if measure.get("value") else "neither",
                remedy="A share or rate has a numerator and a denominator; anything else a value.",
                where=where,
            )
    names = [measure["name"] for measure in measures]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ParameterError(
            "Two measures have the same name.", found=listed(twice), where="measures"
        )


def _rows(data: pd.DataFrame, where: Mapping[str, str]) -> pd.DataFrame:
    """The rows of one measure."""
    require(data, list(where))
    for name, value in where.items():
        meant = data[name].astype(str) == str(value)
        if not meant.any():
            present = data[name].dropna().astype(str).unique()
            guess = nearest(str(value), present)
            raise DataError(
                f"No row has `{value}` in `{name}`.",
                found=listed(present, 12),
                remedy=f"Did you mean `{guess}`?" if guess else None,
            )
        data = data[meant]
    return data


def _kind(data: pd.DataFrame, measure: Measure, time: str) -> tuple[str, str]:
    """The kind of chart, and why where nobody said."""
    if "chart" in measure:
        return measure["chart"], ""
    columns = {key: measure[key] for key in ("value", "numerator", "denominator") if key in measure}
    require(data, list(columns.values()))
    found = suggest_chart(data, time=time, **columns)
    return found.kind, str(found)


def _first(charts: Mapping[str, ControlChartResult]) -> ControlChartResult:
    return next(iter(charts.values()))


def _estimates(charts: Mapping[str, ControlChartResult]) -> pd.DataFrame:
    rows = []
    for chart in charts.values():
        (last,) = rows_of(chart.last)
        rows.append(
            {
                "estimate": float(last.centre),
                "unit": chart.facts["unit"],
                "n": int(last.n),
                "method": f"{chart.params['kind']}; {chart.facts['rules']}",
            }
        )
    table = pd.DataFrame(rows, index=pd.Index(list(charts), name="term"))
    return table.reindex(columns=ESTIMATE_COLUMNS)


def _judged(charts: Mapping[str, ControlChartResult], roles: Mapping[str, Role]) -> pd.DataFrame:
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
    said = [number(float(centre), places) for centre in centres]
    return f"around a centre line that went from {' to '.join(said)} {chart.facts['unit']}"


def _together(charts: Mapping[str, ControlChartResult]) -> tuple[str, Status, str]:
    """The chance that at least one chart shows a signal although nothing changed."""
    chances = [chart.facts["false_alarm"] for chart in charts.values()]
    known = np.array([chance for chance in chances if chance is not None], dtype=float)
    if not len(known):
        return "False alarms together", "info", "Not known for so few points."
    at_least_one = 100 * (1 - np.prod(1 - known))
    return (
        "False alarms together",
        "info",
        f"If nothing had changed, at least one of {len(known)} such charts would still show a "
        f"signal in about {number(at_least_one, 0)}% of cases, if the measures are independent.",
    )


def _checks(charts: Mapping[str, ControlChartResult]) -> list[tuple[str, Status, str]]:
    """Every chart's checks; what all charts say stands once, without a name."""
    said: dict[tuple[str, Status, str], list[str]] = {}
    for name, chart in charts.items():
        for row in rows_of(chart.checks):
            said.setdefault((row.check, row.status, row.detail), []).append(name)
    return [
        (check if len(names) == len(charts) else f"{in_a_row(names)}: {check}", status, detail)
        for (check, status, detail), names in said.items()
    ]
