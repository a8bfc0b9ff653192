"""Evaluations made up for tests of roll-ups: one real result, with other figures in it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

import qieval as qi
from qieval.core.evaluated import Evaluated
from qieval.core.result import Result

BEGAN = "2018-01-01"


@cache
def template() -> Result:
    """An interrupted time series of 48 months."""
    rng = np.random.default_rng(1)
    months = pd.date_range("2016-01-01", periods=48, freq="MS")
    data = pd.DataFrame({"period": months, "beds": 20 + rng.normal(0, 1, 48)})
    return qi.interrupted_time_series(data, value="beds", intervention=BEGAN, unit="beds")


def series(
    project: str,
    effect: float = -2.0,
    se: float = 0.5,
    *,
    outcome: str = "Occupied beds",
    value: str = "beds",
    unit: str = "beds",
    direction: str = "lower",
    events: list[dict[str, Any]] | None = None,
    near: bool = False,
    tested: bool = True,
    network: str = "Hill",
    **more: Any,
) -> Evaluated:
    """A project with an interrupted time series whose average effect is as given."""
    result = template()
    df = 30.0
    reach = stats.t.ppf(0.975, df) * se
    estimates = result.estimates.copy()
    figures = {"estimate": effect, "se": se, "ci_low": effect - reach, "ci_high": effect + reach}
    figures |= {"p_value": 2 * stats.t.sf(abs(effect / se), df), "df": df, "unit": unit}
    for name, figure in figures.items():
        estimates.loc["average_effect", name] = figure
    for name, figure in (("estimate", effect / 20), ("se", se / 20)):
        estimates.loc["relative_effect", name] = figure
    listed = events or ([{"date": pd.Timestamp(BEGAN), "event": "A merger"}] if near else [])
    asked = {"outcome": outcome, "value": value, "direction": direction, "events": listed}
    merger = {"event": "A merger", "when": "at the same time", "explains": True}
    beside = pd.DataFrame(
        [{"date": pd.Timestamp(BEGAN), **merger}] if near else [],
        columns=result.near.columns,  # type: ignore[attr-defined]
    )
    result = replace(
        result,
        params={**result.params, **asked},
        estimates=estimates,
        span=replace(result.span, unit=unit, tested=tested),  # type: ignore[attr-defined]
        near=beside,
    )
    return evaluated(project, result, network=network, **more)


def evaluated(project: str, result: Result | None, **more: Any) -> Evaluated:
    """An evaluation with this result."""
    notebook = more.pop("notebook", "interrupted_time_series")
    given = {
        "name": f"{project}/{notebook}",
        "project": project,
        "project_name": project.title(),
        "network": "Hill",
        "team": f"{project.title()} ward",
        "notebook": notebook,
        "label": "",
        "status": "done",
        "headline": result.headline() if result else "",
        "programme": "made",
        "title": notebook.replace("_", " ").capitalize(),
        "page": f"{project}/{notebook}.html",
        "aim": "Fewer occupied beds",
        "column": "Over time" if notebook == "interrupted_time_series" else "Other",
    }
    return Evaluated(**{**given, **more}, result=result)  # type: ignore[arg-type]


def refused(project: str, **more: Any) -> Evaluated:
    """An evaluation that was refused."""
    why = {"status": "not evaluated", "headline": "There are too few months.\nWhat to do: Wait."}
    return evaluated(project, None, **{**why, **more})
