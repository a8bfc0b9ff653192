"""Staffing beside the results: vacancy, turnover and whatever else the table holds, by team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from qieval.core.columns import dates, different, numbers, require
from qieval.core.errors import DataError, ParameterError, listed, nearest
from qieval.core.evaluated import Evaluated
from qieval.core.result import is_dates
from qieval.core.tables import Column, names_of

STAFFING = (
    Column("project", "Project", "label"),
    Column("team", "Team", "label"),
    Column("period", "Period", "period"),
    Column("measure", "Figure", "label"),
    Column("value", "Value", "estimate"),
)
STAFFING_CHANGE = (
    Column("project", "Project", "label"),
    Column("team", "Team", "label"),
    Column("measure", "Figure", "label"),
    Column("change", "Change began", "period"),
    Column("before", "Year before the change", "estimate", "1"),
    Column("since", "Since", "estimate", "1"),
    Column("highest", "Highest", "estimate", "1"),
    Column("when", "Month of the highest", "period"),
)
_NAMES = ("project", "team")


def tidy_staffing(
    table: pd.DataFrame | None, words: Mapping[str, str] | None, results: Sequence[Evaluated]
) -> pd.DataFrame:
    """Of the projects meant, a row a team, period and figure: see ``STAFFING``.

    Raises
    ------
    DataError
        If the table has no periods, no figures, or nothing of these projects.
    ParameterError
        If a figure is named that it does not have.
    """
    if table is None:
        return pd.DataFrame(columns=names_of(STAFFING))
    require(table, ["period"])
    figures = [
        str(name)
        for name in table.columns
        if pd.api.types.is_numeric_dtype(table[name]) and not is_dates(table[name])
    ]
    for name in words or {}:
        if name not in figures:
            guess = nearest(name, figures)
            raise ParameterError(
                f"The staffing table has no figures `{name}`.",
                found=listed(figures),
                remedy=f"Did you mean `{guess}`?" if guess else None,
                where="staffing_words",
            )
    if not figures:
        raise DataError("The staffing table holds no figures.", found=listed(table.columns))
    named = dict(words) if words else {name: name.replace("_", " ") for name in figures}
    own = table.assign(period=dates(table["period"], "period"))
    for name in _NAMES:
        own[name] = own[name].astype("str") if name in own else ""
    own = _of_projects(own, results)
    long = [
        own[[*_NAMES, "period"]].assign(measure=called, value=numbers(own[name], name))
        for name, called in named.items()
    ]
    rows = pd.concat(long, ignore_index=True).dropna(subset="value")
    return rows.sort_values(["project", "team", "period"], kind="stable").reset_index(drop=True)


def _of_projects(table: pd.DataFrame, results: Sequence[Evaluated]) -> pd.DataFrame:
    """The rows of the projects that the results are of; without a column for it, all of them."""
    if (table["project"] == "").all():
        return table
    wanted = {item.project for item in results}
    own = table[table["project"].isin(wanted)]
    if own.empty:
        raise DataError(
            "The staffing table has no row of these projects.",
            found=different(table["project"]),
            remedy="Leave `staffing` out if nothing is known of their staffing.",
        )
    return own


def before_and_since(staffing: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Means of the year before a project's first change and of the time since.

    ``project, team, measure, change, before, since, highest, when`` (the highest month).
    """
    first = windows.dropna(subset="change").groupby("project")["change"].min()
    rows = []
    for (project, team, measure), own in staffing.groupby(
        ["project", "team", "measure"], sort=False
    ):
        change = first.get(project, pd.NaT)
        year = own["period"] >= change - pd.DateOffset(years=1)
        highest = own.iloc[int(own["value"].to_numpy().argmax())]
        rows.append(
            {
                "project": project,
                "team": team,
                "measure": measure,
                "change": change,
                "before": own.loc[year & (own["period"] < change), "value"].mean(),
                "since": own.loc[own["period"] >= change, "value"].mean(),
                "highest": float(highest["value"]),
                "when": highest["period"],
            }
        )
    table = pd.DataFrame(rows, columns=names_of(STAFFING_CHANGE))
    return table.astype({"change": "datetime64[us]", "when": "datetime64[us]"})
