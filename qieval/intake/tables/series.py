"""Figures of periods and units: series with any number of columns; beds; units side by side."""

from __future__ import annotations

import pandas as pd

from qieval.intake.tables.kind import Kind, column, optional
from qieval.intake.tables.rules import no_repeats, not_negative

UNIT_NAMES = ("unit", "ward", "team", "site", "network", "group", "measure")
"""Names of columns that say whose (or which) figures a row holds; a period comes once for each."""


def unit_columns(table: pd.DataFrame) -> list[str]:
    """The columns of a table that say whose figures a row holds."""
    return [name for name in UNIT_NAMES if name in table]


ONCE_A_PERIOD = no_repeats(
    "period",
    ("period", *UNIT_NAMES),
    what="the same period (and unit)",
    hint="If the rows belong to different wards or teams, call the column that says so `unit` in "
    "`columns`; if some are totals or parts of others, choose with `where`.",
)

SERIES = Kind(
    name="series",
    row="a period (and a unit)",
    columns={
        "period": column("period", "month or other period"),
        "started": optional("date", "day on which the unit began with the change, in a roll-out"),
    },
    rules=ONCE_A_PERIOD,
    text_names=frozenset(UNIT_NAMES),
    others="undecided",
    mapped_are_numbers=True,
    adds_up=True,
)


UNITS = Kind(
    name="units",
    row="a unit (ward, team or area)",
    columns={"unit": column("text", "ward, team, area or other unit")},
    text_names=frozenset(UNIT_NAMES),
    others="undecided",
    mapped_are_numbers=True,
    adds_up=True,
)
"""A unit may have several rows (periods, one figure each): `qi.units` makes one of them."""

BEDS = Kind(
    name="beds",
    row="a period (and a ward or other unit)",
    columns={
        "period": column("period", "month or other period"),
        "beds": column(
            "number",
            "beds open and staffed, on average over the period",
            r"((available|staffed|open|funded) )?beds"
            r"( (available|staffed|open|funded))?",
            blank=True,
        ),
    },
    rules=(*ONCE_A_PERIOD, not_negative("beds")),
    text_names=frozenset(UNIT_NAMES),
    others="undecided",
    mapped_are_numbers=True,
    adds_up=True,
    without_figures=True,
)
