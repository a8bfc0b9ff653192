"""Hospital spells: one row a stay of one person. A blank end means: still in."""

from __future__ import annotations

import pandas as pd

from qieval.intake.tables.kind import Kind, RowRule, column, first_row_of

FIRST_YEAR, LAST_YEAR = 1900, 2299
"""Years outside are no dates of stays: 1899 is Excel's zero, 9999 some systems' "still in"."""


def _same_stay(table: pd.DataFrame) -> list[str]:
    return [name for name in ("person", "start", "end", "ward") if name in table]


def _repeated(table: pd.DataFrame) -> pd.Series:
    known = table["person"].notna() & table["start"].notna()
    return table.duplicated(_same_stay(table), keep="first") & known


def _repeated_row(table: pd.DataFrame) -> pd.Series:
    return first_row_of(table, _same_stay(table))


def _outside_years(name: str) -> RowRule:
    says = f"the year of the {name} is outside {FIRST_YEAR} to {LAST_YEAR}"
    return RowRule(
        column=name,
        says=says + ("; for somebody still in, leave it blank" if name == "end" else ""),
        broken=lambda table: (
            table[name].notna() & ~table[name].dt.year.between(FIRST_YEAR, LAST_YEAR)
        ),
    )


SPELLS = Kind(
    name="spells",
    row="a stay of one person in hospital",
    columns={
        "person": column("text", "who stayed; any code, never shown", identifies=True),
        "start": column("date", "date of admission"),
        "end": column("date", "date of discharge; blank: still in", blank=True),
        "ward": column("text", "ward or team", required=False, blank=True),
    },
    rules=(
        _outside_years("start"),
        _outside_years("end"),
        RowRule(
            column="end",
            says="the end is before the start",
            broken=lambda table: table["end"] < table["start"],
        ),
        RowRule(
            column="person",
            says="repeats {other} (same person, start, end and ward)",
            broken=_repeated,
            earlier=_repeated_row,
        ),
    ),
)
