"""Completeness: which returns were expected, which came, which came late.

A missing return is never a zero. The words are for learning: no team is ranked, and teams stand in
the order in which they are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from typing_extensions import TypedDict

from qieval.analysis.completeness.result import CompletenessResult
from qieval.core.checks import Status, checks_table
from qieval.core.columns import dates, moment, require
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, nearest
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.periods import FREQUENCIES, Frequency, infer_frequency, label, span, start_of
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, number

__all__ = ["CompletenessResult", "Expected", "Span", "completeness"]

OVERALL = "all returns"

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
    require(returns, [team, time, *filter(None, [due, received, measure])])
    every = _every(returns, expected, time)
    log = _log(returns, team, time, due, received, measure, every)
    grid = _grid(log, expected, every)
    points = _matched(grid, log)
    unknown = sorted(set(log["team"]) - set(grid["team"]))
    if unknown:
        guess = nearest(unknown[0], set(grid["team"]))
        raise DataError(
            f"Returns came from teams that were not expected: {listed(unknown)}.",
            remedy=f"Did you mean `{guess}`? Add it to `expected: {{teams: …}}`, or choose rows "
            "with `where`."
            if guess
            else "Add them to `expected: {teams: …}`, or choose rows with `where`.",
        )
    teams = _teams(points)
    return CompletenessResult(
        params={
            "expected": _plain(expected),
            "team": team,
            "time": time,
            "due": due,
            "received": received,
            "measure": measure,
            "gives_back": gives_back,
            "outcome": "Returns received",
            "setting": setting,
        },
        points=points,
        estimates=_estimates(teams, points),
        checks=checks_table(_checks(points, teams, log, grid, every, due, gives_back)),
        teams=teams,
        every=every,
    )


def _plain(expected: Expected) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: plain(item) for name, item in value.items()}
        return str(value) if isinstance(value, date) else value

    return {name: plain(value) for name, value in expected.items()}


def _every(returns: pd.DataFrame, expected: Expected, time: str) -> Frequency:
    """The kind of period: as told, as read, or from the spacing of the dates."""
    told = expected.get("every") or returns.attrs.get("period")
    if told in FREQUENCIES:
        return told
    return infer_frequency(dates(returns[time], time))


def _log(
    returns: pd.DataFrame,
    team: str,
    time: str,
    due: str | None,
    received: str | None,
    measure: str | None,
    every: Frequency,
) -> pd.DataFrame:
    """What came, one row a return: ``team, measure, period, due, received, came``."""
    nothing = pd.Series(pd.NaT, index=returns.index, dtype="datetime64[us]")
    log = pd.DataFrame(
        {
            "team": returns[team].astype("str").to_numpy(),
            "measure": "" if measure is None else returns[measure].fillna("").astype("str"),
            "period": start_of(dates(returns[time], time), every),
            "due": nothing if due is None else pd.to_datetime(returns[due]),
            "received": nothing if received is None else pd.to_datetime(returns[received]),
        }
    ).reset_index(drop=True)
    if returns[team].isna().any():
        raise DataError(f"Some returns have no `{team}`.", remedy="Fill in whose they are.")
    twice = log.duplicated(["team", "measure", "period"])
    if twice.any():
        row = log[twice].iloc[0]
        raise DataError(
            f"A team has two returns for one {every.replace('_', ' ')}.",
            found=f"{int(twice.sum())} such rows, the first: {row.team}, "
            f"{label(row.period, every)}",
            remedy="If they hold different figures, name that column with `measure`; else choose "
            "rows with `where`, or take the repeated rows out of the file.",
        )
    log["came"] = True if received is None else log["received"].notna()
    return log


def _grid(log: pd.DataFrame, expected: Expected, every: Frequency) -> pd.DataFrame:
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


def _matched(grid: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    """The grid with what came: ``status`` is on time, late, received or missing."""
    points = grid.merge(log, how="left", on=["team", "measure", "period"])
    several = points.groupby("team")["measure"].transform("nunique") > 1
    points["lane"] = points["team"].where(~several, points["team"] + ": " + points["measure"])
    came = points["came"].fillna(False).astype(bool)
    dated = came & points["due"].notna() & points["received"].notna()
    points["days_late"] = (points["received"] - points["due"]).dt.days.where(dated)
    points["status"] = np.select(
        [~came, dated & (points["days_late"] > 0), dated],
        ["missing", "late", "on time"],
        default="received",
    )
    return points.drop(columns="came")


def _teams(points: pd.DataFrame) -> pd.DataFrame:
    """One row a team (and measure): ``expected, came, late, longest_gap`` (missing in a row)."""
    rows = []
    for name, part in points.groupby("lane", sort=False):
        missing = (part["status"] == "missing").to_numpy()
        rows.append(
            {
                "team": name,
                "expected": len(part),
                "came": int((~missing).sum()),
                "late": int((part["status"] == "late").sum()),
                "longest_gap": _longest_run(missing),
                "stopped": bool(missing[-1]) and not missing.all(),
            }
        )
    return pd.DataFrame(rows)


def _longest_run(flags: Iterable[bool]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


def _estimates(teams: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Percent of expected returns that came. All of them are counted, so there is no interval."""
    came = points["status"] != "missing"
    rows = [{"estimate": 100 * came.mean(), "n": len(points)}]
    rows += [
        {"estimate": 100 * row.came / row.expected, "n": row.expected} for row in rows_of(teams)
    ]
    table = pd.DataFrame(rows, index=pd.Index([OVERALL, *teams["team"]], name="term"))
    table = table.assign(unit="% of expected returns", method="count of all expected returns")
    return table.reindex(columns=ESTIMATE_COLUMNS)


def _checks(
    points: pd.DataFrame,
    teams: pd.DataFrame,
    log: pd.DataFrame,
    grid: pd.DataFrame,
    every: Frequency,
    due: str | None,
    gives_back: str,
) -> list[tuple[str, Status, str]]:
    rows: list[tuple[str, Status, str]] = []
    outside = log.merge(grid, how="left", on=["team", "measure", "period"], indicator=True)
    extra = int((outside["_merge"] == "left_only").sum())
    if extra:
        rows.append(
            (
                "Returns outside the grid",
                "info",
                f"{extra} returns are for periods in which none was expected: not counted.",
            )
        )
    if due is None:
        rows.append(("Late returns", "info", "No due dates are recorded, so none is called late."))
    if silent := teams.loc[teams["came"] == 0, "team"].tolist():
        said = f"Nothing came from {in_a_row(silent)}. They stay in the count."
        rows.append(("Teams without any return", "warn", said))
    late = points.loc[points["status"] == "late", "days_late"]
    if len(late):
        rows.append(
            (
                "How late",
                "info",
                f"Half of the late returns came within {number(float(late.median()), 0)} days of "
                "the day they were due.",
            )
        )
    last = points.groupby("period")["status"].agg(lambda said: (said == "missing").mean())
    if len(last) > 3 and last.iloc[-1] > 0.5 and last.iloc[:-1].mean() < 0.5:
        rows.append(
            (
                "The latest period",
                "warn",
                f"Most returns for {label(last.index[-1], every)} are missing and may still come.",
            )
        )
    rows.append(
        (
            "What teams get back",
            "info",
            gives_back or "Not recorded. Teams send figures sooner when they see what they get.",
        )
    )
    return rows
