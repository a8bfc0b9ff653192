"""Changes of one definition averaged; different definitions never meet in one average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.programme.tables import has_event_near
from qieval.analysis.synthesis import PooledResult, one_stage, pool
from qieval.analysis.synthesis.methods.together import residuals_of
from qieval.core.errors import CannotEvaluate
from qieval.core.result import Result, rows_of
from qieval.core.tables import Column, names_of

SENSITIVITY_COLUMNS = (
    Column("measure", "Measure", "label"),
    Column("choice", "Which, and how", "label"),
    Column("projects", "How many", "number"),
    Column("estimate", "Average (interval)", "estimate"),
    Column("ci_low", "", "ci_low", of="estimate"),
    Column("ci_high", "", "ci_high", of="estimate"),
    Column("unit", "Unit", "text"),
)

ALONE = "without those with another event near"
APART, ONE_MODEL = "change at once, averaged", "change at once, one model (a check)"
"""Ways to put the same projects together, beside all of them as they stand."""

_TOO_FEW, _FEWEST_SERIES = 2, 3
_RELATIVE = "share of what was expected"


@dataclass(frozen=True)
class Averages:
    """What was averaged.

    Attributes
    ----------
    by_measure : dict of PooledResult
        By measure; where two definitions have one name, what sets them apart is added.
    rows : dict of list of int
        By measure: the rows of evidence that the average rests on.
    sensitivity : DataFrame
        The same averages without the changes that have another event near; and the change at once,
        by averaging and by one model for all series.
    """

    by_measure: dict[str, PooledResult]
    rows: dict[str, list[int]]
    sensitivity: pd.DataFrame


@dataclass(frozen=True)
class Series:
    """The series behind a change.

    Attributes
    ----------
    points : DataFrame
        Its points: ``time, value, phase, residual``.
    began : Timestamp or None
        The first period with the effect; None where one model for several series cannot take it:
        it has several changes or a control, or the release withholds a period. The periods that
        are left of such a series are its larger ones, so that a model of them would mislead.
    level : dict or None
        The estimate of its change at once: ``estimate, se, df, unit``; None where `began` is.
    """

    points: pd.DataFrame
    began: pd.Timestamp | None = None
    level: dict[Any, Any] | None = None


def series_of(result: Result | None) -> Series | None:
    """The series behind the change that a result tells; None if it is no model of a series."""
    if result is None or "residual" not in result.points:
        return None
    withheld = result.release is not None and "value" in result.release.withheld.get("points", {})
    alone = len(result.dates_of_change) == 1 and not result.params.get("control")
    if not alone or withheld or "level_change" not in result.estimates.index:
        return Series(result.points)
    level = result.estimates.loc[["level_change"]].to_dict("records")[0]
    return Series(result.points, result.dates_of_change[0][1], level)


def averages(
    effects: pd.DataFrame,
    *,
    series: Mapping[int, Series],
    relative: bool,
    confidence: float,
    setting: str,
) -> Averages:
    """The average of every measure that two changes or more share.

    Two changes share a measure if the outcome's name, the unit and every part of the definition
    (value, denominator, multiplier, control; standards and their rules) agree. With `relative`,
    relative changes of one outcome are averaged over its definitions as well, under a name that
    says so. `series` holds, by the number of the evaluation, those of interrupted time series: the
    residuals of projects that changed together say whether they are separate evidence.
    """
    points = {number: one.points for number, one in series.items()}
    again = partial(_pool, points=points, confidence=confidence, setting=setting)
    by_measure: dict[str, PooledResult] = {}
    rows: dict[str, list[int]] = {}
    choices: list[dict[str, Any]] = []
    names = measure_names(effects)
    for definition, own in effects.groupby("definition", sort=False):
        used = own[own["poolable"].astype(bool)]
        tested = used[used["reason"] == ""]
        if len(tested) < _TOO_FEW:
            continue
        name = names[str(definition)]
        by_measure[name] = again(used, name)
        rows[name] = tested["number"].tolist()
        alone = tested[~tested["near"].map(has_event_near)]
        if _TOO_FEW <= len(alone) < len(tested):
            without = again(alone, name)
            choices.append(_choice(name, by_measure[name], "all"))
            choices.append(_choice(name, without, ALONE))
        choices += _at_once(name, tested, series, confidence)
    if relative:
        known = effects[effects["relative_se"].gt(0) & (effects["reason"] == "")]
        for _, own in known.groupby(known["measure"].str.casefold(), sort=False):
            if len(own) >= _TOO_FEW:
                shares = own.assign(estimate=own["relative"], se=own["relative_se"], unit=_RELATIVE)
                name = f"{own['measure'].iloc[0]}, relative change"
                by_measure[name] = again(shares, name)
                rows[name] = own["number"].tolist()
    return Averages(by_measure, rows, pd.DataFrame(choices, columns=names_of(SENSITIVITY_COLUMNS)))


def _at_once(
    measure: str, own: pd.DataFrame, series: Mapping[int, Series], confidence: float
) -> list[dict[str, Any]]:
    """The change at once of the same projects on two roads: averaged, and by one model.

    Nothing where fewer than three series can be taken, or no such model can be fitted. A release
    takes nothing from the model but series with withheld periods: what it needs to know of the
    others, their sums of values, of values by time and of squares, follows from their points.
    """
    known = {
        row.called: one
        for row in rows_of(own)
        if (one := series.get(row.number))
        and one.level is not None
        and one.level["unit"] == row.unit
    }
    if len(known) < _FEWEST_SERIES:
        return []
    panel = [one.points.assign(unit=name) for name, one in known.items()]
    rows = pd.concat(panel)[["unit", "time", "value", "phase"]]
    levels = pd.DataFrame([one.level for one in known.values()], index=list(known))
    averaged = pool(levels, confidence=confidence, outcome=measure, team="project")
    apart = _choice(measure, averaged, APART)
    row = {**apart, "choice": ONE_MODEL}
    figures = ["estimate", "ci_low", "ci_high"]
    try:
        model = one_stage(
            rows[rows["phase"].isin(["before", "after"])],
            unit="unit",
            value="value",
            time="time",
            intervention={name: one.began for name, one in known.items() if one.began},
            confidence=confidence,
        )
        row |= {"projects": model.units, **model.estimates.loc["level_change", figures]}
    except CannotEvaluate as refused:
        row |= {**dict.fromkeys(figures, np.nan), "choice": f"{ONE_MODEL} ({refused.problem})"}
    return [apart, row]


def measure_names(effects: pd.DataFrame) -> dict[str, str]:
    """A name for every definition; what sets two of one name apart is added."""
    first = effects.drop_duplicates("definition")
    names = {}
    for row in rows_of(first):
        alike = first[first["measure"].str.casefold() == row.measure.casefold()]
        name = row.measure
        if len(alike) > 1:
            own_unit = (alike["unit"] == row.unit).sum() == 1
            place = int((alike["number"] <= row.number).sum())
            name += f" ({row.unit})" if own_unit else f" (definition {place})"
        names[row.definition] = name
    return names


def _pool(
    own: pd.DataFrame,
    outcome: str,
    points: Mapping[int, pd.DataFrame],
    confidence: float,
    setting: str,
) -> PooledResult:
    directions = set(own["direction"])
    table = own[["called", "estimate", "se", "df", "unit", "reason"]].copy()
    untested = table["reason"] != ""
    table.loc[untested, ["estimate", "se"]] = np.nan
    twice = table["called"].duplicated(keep=False)
    table["called"] = table["called"].where(
        ~twice, table["called"] + " (row " + own["number"].astype("str") + ")"
    )
    known = {
        name: points[number]
        for name, number in zip(table["called"], own["number"], strict=True)
        if number in points
    }
    return pool(
        table,
        study="called",
        residuals=residuals_of(known) if len(known) == len(table) else None,
        confidence=confidence,
        outcome=outcome,
        setting=setting,
        change="the project",
        team="project",
        direction=directions.pop() if len(directions) == 1 else "neutral",
    )


def _choice(measure: str, result: PooledResult, choice: str) -> dict[str, Any]:
    estimate, low, high = result.figures("pooled")
    return {
        "measure": measure,
        "choice": choice,
        "projects": int(result.k),
        "estimate": estimate,
        "ci_low": low,
        "ci_high": high,
        "unit": result.unit,
    }
