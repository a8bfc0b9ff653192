"""A project's family of measures: outcome, process and balancing measures, a control chart each.

One measure never tells whether a change was an improvement: the outcome may move for other reasons,
the process may not have changed at all, and something else may have become worse (Provost and
Murray, The Health Care Data Guide, ch. 2; Model for Improvement).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

import pandas as pd

from qieval.analysis.family_of_measures import checks, tables
from qieval.analysis.family_of_measures.words import FamilyResult, Measure, Role
from qieval.analysis.spc import ControlChartResult, control_chart, suggest_chart
from qieval.analysis.spc.methods import options
from qieval.analysis.spc.methods.phases import When
from qieval.analysis.spc.methods.rules import LimitRules
from qieval.core.aim import read_aim
from qieval.core.checks import Check, checks_table
from qieval.core.columns import different, require
from qieval.core.errors import (
    DataError,
    ParameterError,
    QievalError,
    listed,
    require_one_of,
)
from qieval.core.recorded import recorded
from qieval.core.signatures import public


@public
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
    aim: Mapping[str, Any] | str | None = None,
    by: str | Sequence[str] = (),
    setting: str = "",
) -> FamilyResult:
    """Control charts of a project's outcome, process and balancing measures, read together.

    Parameters
    ----------
    data : DataFrame
        One row a period, a column for every figure.
    measures : list of mappings
        The measures: each with name, role, direction and value (or numerator and denominator), and
        if need be chart, per, target, lower_bound, upper_bound and unit
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
    aim : mapping or str, optional
        What is to be reached, by how much and by when; of the measure that it names, else of the
        only outcome measure
    by : str or list of str
        One or two columns with groups, such as wards: every measure has a chart for each
    setting : str
        For whom or where, in plain words

    Returns
    -------
    FamilyResult
        The chart of every measure (and group), and what they say together.

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
    asked = recorded(family_of_measures, locals())
    _check(measures)
    groups = options.groups(by)
    if taken := [column.name for column in tables.OF_POINTS if column.name in groups]:
        raise ParameterError(
            "A group column has the name of a column of the result.",
            found=listed(taken),
            remedy="Call it something else, for example with `columns:`.",
            where="by",
        )
    aimed = _aimed(measures, aim)
    charts: dict[str, ControlChartResult] = {}
    chosen: list[Check] = []
    for measure in measures:
        name = measure["name"]
        try:
            table = _rows(data, measure.get("where", {}))
            kind, why = _kind(table, measure, time, groups)
            if why:
                chosen.append(Check("chart_chosen", f"{name}: which chart", "info", why))
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
                lower_bound=measure.get("lower_bound"),
                upper_bound=measure.get("upper_bound"),
                aim=aim if name == aimed else None,
                direction=measure["direction"],
                by=groups,
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
    settled = ("baseline", "rephase", "exclude", "events")
    first = next(iter(charts.values()))
    return FamilyResult(
        params={
            **asked,
            **{name: first.params[name] for name in settled},
            "outcome": "Family of measures",
            "by": groups,
        },
        points=tables.points(charts, roles),
        estimates=tables.estimates(charts),
        checks=checks_table([checks.together(charts), *chosen, *checks.of_charts(charts)]),
        judged=tables.judged(charts, roles),
        charts=charts,
        aimed=aimed,
    )


def _aimed(measures: Sequence[Measure], aim: Mapping[str, Any] | str | None) -> str:
    """The measure that the aim is about; "" if there is no aim or it cannot be told."""
    wanted = read_aim(aim)
    if not wanted:
        return ""
    named = [m["name"] for m in measures if m["name"].casefold() == wanted.measure.casefold()]
    outcomes = [measure["name"] for measure in measures if measure["role"] == "outcome"]
    meant = named or outcomes
    return meant[0] if len(meant) == 1 else ""


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
            raise DataError(
                f"No row has in `{name}` what `where` asks for.",
                found=different(data[name].dropna()),
                remedy="Look how it is spelt in the file.",
            )
        data = data[meant]
    return data


def _kind(data: pd.DataFrame, measure: Measure, time: str, groups: list[str]) -> tuple[str, str]:
    """The kind of chart, and why where nobody said; of groups, by the one with most values."""
    if "chart" in measure:
        return measure["chart"], ""
    columns = {key: measure[key] for key in ("value", "numerator", "denominator") if key in measure}
    require(data, [*columns.values(), *groups])
    if groups:
        known = data.dropna(subset=list(columns.values()))
        data = max((part for _, part in known.groupby(groups)), key=len, default=data)
    suggestion = suggest_chart(data, time=time, **columns)
    return suggestion.kind, str(suggestion)
