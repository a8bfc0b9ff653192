"""Series: one row a period (and a unit), with any number of columns."""

from __future__ import annotations

import pandas as pd

from qieval.intake.tables.kind import Kind, column
from qieval.intake.tables.rules import no_repeats

UNIT_NAMES = ("unit", "ward", "team", "site", "network", "group", "measure")
"""Names of columns that say whose (or which) figures a row holds; a period comes once for each."""


def unit_columns(table: pd.DataFrame) -> list[str]:
    """The columns of a table that say whose figures a row holds."""
    return [name for name in UNIT_NAMES if name in table]


ONCE_A_PERIOD = no_repeats(
    "period",
    ("period", *UNIT_NAMES),
    what="the same period (and unit)",
    hint="If the rows belong to different wards or teams, name that column in `columns` "
    "(`columns: {unit: …}`); if some are totals or parts of others, choose with `where`.",
)

SERIES = Kind(
    name="series",
    row="a period (and a unit)",
    columns={"period": column("period", "month or other period")},
    rules=ONCE_A_PERIOD,
    text_names=frozenset(UNIT_NAMES),
    others="undecided",
    mapped_are_numbers=True,
    adds_up=True,
)
