"""Beds: how many were open and staffed, one row a period (and a ward or other unit)."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, column
from qieval.intake.tables.rules import not_negative
from qieval.intake.tables.series import ONCE_A_PERIOD, UNIT_NAMES

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
