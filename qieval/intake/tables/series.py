"""Series: one row a period (and a unit), with any number of columns."""

from __future__ import annotations

import pandas as pd

from qieval.intake.tables.kind import Kind, RowRule, column, first_row_of

UNIT_NAMES = ("unit", "ward", "team", "site", "network", "group")
"""Names of columns that say whose figures a row holds; a period comes once for each."""


def unit_columns(table: pd.DataFrame) -> list[str]:
    """The columns of a series table that say whose figures a row holds."""
    return [name for name in UNIT_NAMES if name in table]


def _key(table: pd.DataFrame) -> list[str]:
    return ["period", *unit_columns(table)]


def _whole_row_repeated(table: pd.DataFrame) -> pd.Series:
    return table.duplicated(keep="first") & table["period"].notna()


def _period_repeated(table: pd.DataFrame) -> pd.Series:
    repeated = table.duplicated(_key(table), keep="first") & table["period"].notna()
    return repeated & ~_whole_row_repeated(table)


def _same_row(table: pd.DataFrame) -> pd.Series:
    return first_row_of(table, list(table.columns))


def _same_period(table: pd.DataFrame) -> pd.Series:
    return first_row_of(table, _key(table))


SERIES = Kind(
    name="series",
    row="a period (and a unit)",
    columns={"period": column("period", "month or other period")},
    rules=(
        RowRule(
            column="period",
            says="repeats {other}, every cell the same",
            broken=_whole_row_repeated,
            earlier=_same_row,
        ),
        RowRule(
            column="period",
            says="the same period (and unit) as {other}, with other figures",
            broken=_period_repeated,
            droppable=False,  # nobody but the owner can say which of the two is right
            earlier=_same_period,
            hint="If the rows belong to different wards or teams, name that column in `columns` "
            "(`columns: {unit: …}`); if some are totals or parts of others, choose with `where`.",
        ),
    ),
    text_names=frozenset(UNIT_NAMES),
    others="undecided",
    mapped_are_numbers=True,
)
