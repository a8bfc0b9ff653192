"""Completeness: which returns were expected, which came, which came late.

A missing return is never a zero. The words are for learning: no team is ranked, and teams stand in
the order in which they are given. Reads from top to bottom: :mod:`.tables`, :mod:`.words` (the
result) and :mod:`.checks` are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
from typing_extensions import TypedDict

from qieval.analysis.completeness.checks import checks_of
from qieval.analysis.completeness.tables import (
    completeness_estimates,
    log_of,
    matched,
    teams_table,
)
from qieval.analysis.completeness.words import CompletenessResult
from qieval.core.aim import read_aim
from qieval.core.columns import dates, different, moment, require
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.periods import FREQUENCIES, Frequency, infer_frequency, span, start_of
from qieval.core.recorded import recorded
from qieval.core.signatures import public

# An unknown key is refused when the parameter file is checked, not passed over.
Span = TypedDict("Span", {"from": date | str, "to": date | str}, total=False)
Span.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]
Expected = TypedDict(
    "Expected",
    {
        "teams": list[str] | dict[str, Span],
        "from": date | str,
        "to": date | str,
        "every": Frequency,
    },
    total=False,
)
Expected.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]


@public
def completeness(
    returns: pd.DataFrame,
    *,
    expected: Expected,
    team: str = "team",
    time: str = "period",
    due: str | None = None,
    received: str | None = None,
    measure: str | None = None,
    gives_back: str = "",
    aim: Mapping[str, Any] | str | None = None,
    setting: str = "",
) -> CompletenessResult:
    """The grid of expected returns, team by period, against what came.

    Parameters
    ----------
    returns : DataFrame
        One row a return: team and period; with `received`, a blank there means that nothing came.
    expected : mapping
        Which returns there should be: teams (a list, or each with the dates that it took part
        from and to), from and to (first and last period), every (kind of period)
    team : str
        Column with the teams
    time : str
        Column with the periods
    due : str, optional
        Column with the dates on which returns were due; without it none is called late
    received : str, optional
        Column with the dates on which they came; without it every row is a return that came
    measure : str, optional
        Column with which figures a return holds, where a team sends several; each is expected
    gives_back : str
        What the teams get back for the effort of sending figures, in plain words
    aim : mapping or str, optional
        What is to be reached, by how much and by when
    setting : str
        For whom or where, in plain words

    Returns
    -------
    CompletenessResult
        One point a team and expected period, one estimate a team.

    Raises
    ------
    CannotEvaluate
        If no return was expected.
    DataError
        If columns are missing, a team has two returns for a period, or the log names a team that
        was not expected.
    ParameterError
        If the expected grid cannot be read.

    References
    ----------
    Perla, Provost, Murray 2013, BMJ Qual Saf 22(Suppl 2): sampling and data collection in
    improvement; a missing measure is a finding about the programme, not about patients.
    """
    given = recorded(completeness, locals())
    read_aim(aim)  # refused here if it is damaged, not on the page
    require(returns, [team, time, *filter(None, [due, received, measure])])
    every = _every(returns, expected, time)
    log = log_of(returns, team, time, due, received, measure, every)
    grid = _grid(log, expected, every)
    points = matched(grid, log)
    unknown = (~log["team"].isin(grid["team"])).to_numpy()
    if unknown.any():
        raise DataError(
            "Returns came from teams that were not expected.",
            found=different(log["team"], unknown),
            remedy="Spell the teams as in `expected: {teams: …}`, add them there, or choose rows "
            "with `where`.",
        )
    teams = teams_table(points)
    result = CompletenessResult(
        params={**given, "outcome": "Returns received"},
        points=points,
        estimates=completeness_estimates(teams, points),
        teams=teams,
        every=every,
    )
    outside = log.merge(grid, how="left", on=["team", "measure", "period"], indicator=True)
    extra = int((outside["_merge"] == "left_only").sum())
    return result.with_checks(checks_of(result, extra))


def _every(returns: pd.DataFrame, expected: Expected, time: str) -> str:
    """The kind of period: as told, as read, or from the spacing of the dates."""
    named = expected.get("every") or returns.attrs.get("period")
    if named in FREQUENCIES:
        return named
    return infer_frequency(dates(returns[time], time))


def _grid(log: pd.DataFrame, expected: Expected, every: str) -> pd.DataFrame:
    """Every expected return, ``team, measure, period``; teams in the order given."""
    teams = expected.get("teams") or list(dict.fromkeys(log["team"]))
    rows = []
    for name in teams:
        own: Mapping[str, Any] = teams[name] if isinstance(teams, Mapping) else {}
        first = own.get("from", expected.get("from"))
        last = own.get("to", expected.get("to"))
        since = log["period"].min() if first is None else moment(first, f"from of {name}")
        until = log["period"].max() if last is None else moment(last, f"to of {name}")
        if until < since:
            raise ParameterError(
                f"For `{name}` the last expected period lies before the first.",
                found=f"{since:%Y-%m-%d} to {until:%Y-%m-%d}",
                where="expected",
            )
        first_days = start_of(pd.DatetimeIndex([since, until]), every)
        periods = span(first_days[0], first_days[1], every)
        measures = log.loc[log["team"] == str(name), "measure"].unique()
        for measure in measures if len(measures) else [""]:
            rows.append(pd.DataFrame({"team": str(name), "measure": measure, "period": periods}))
    if not rows:
        raise CannotEvaluate(
            "No return was expected, so completeness has no meaning.",
            remedy="Say which: `expected: {teams: [...], from: 2017-01-01, to: 2019-12-31}`.",
        )
    return pd.concat(rows, ignore_index=True)
