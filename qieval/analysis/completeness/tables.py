"""The grid of expected returns against what came, and what follows for each team."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from qieval.core.columns import dates
from qieval.core.errors import DataError
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.periods import label, noun, start_of
from qieval.core.result import rows_of
from qieval.core.tables import ESTIMATES, Column, Declaration

OVERALL = "all returns"

POINTS = (
    Column("team", "Team", "label"),
    Column("measure", "Measure", "label"),
    Column("period", "Period", "period"),
    Column("due", "Due", "period"),
    Column("received", "Received", "period"),
    Column("lane", "Team", "label"),
    Column("days_late", "Days late", "estimate", "0"),
    Column("status", "Return", "label"),
)
TEAMS = (
    Column("team", "Team", "label"),
    Column("expected", "Expected", "number"),
    Column("came", "Came", "number"),
    Column("late", "Of those, late", "number"),
    Column("longest_gap", "Longest gap", "estimate", "0"),
    Column("stopped", "Nothing for the last period", "label"),
)
SHARE = Column("share", "Share that came", "share", "0%", of="came/expected")
DECLARED = (
    Declaration("points", POINTS, by=("lane", "period")),
    ESTIMATES,
    Declaration("teams", TEAMS, by=("team",)),
)


def log_of(
    returns: pd.DataFrame,
    team: str,
    time: str,
    due: str | None,
    received: str | None,
    measure: str | None,
    every: str,
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
            f"A team has two returns for one {noun(every)}.",
            found=f"{int(twice.sum())} such rows, the first: {row.team}, "
            f"{label(row.period, every)}",
            remedy="If they hold different figures, name that column with `measure`; else choose "
            "rows with `where`, or take the repeated rows out of the file.",
        )
    log["came"] = True if received is None else log["received"].notna()
    return log


def matched(grid: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
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


def teams_table(points: pd.DataFrame) -> pd.DataFrame:
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


def completeness_estimates(teams: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Percent of expected returns that came. All of them are counted, so there is no interval."""
    came = int((points["status"] != "missing").sum())
    counts = [(OVERALL, came, len(points))]
    counts += [(row.team, row.came, row.expected) for row in rows_of(teams)]
    return estimates_table(
        estimate_row(
            term,
            100 * came / expected,
            unit="% of expected returns",
            n=expected,
            method="count of all expected returns",
        )
        for term, came, expected in counts
    )
