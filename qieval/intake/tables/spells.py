"""Hospital spells: one row a stay of one person. A blank end means: still in."""

from __future__ import annotations

import pandas as pd

from qieval.intake.tables.kind import Kind, RowRule, column, first_row_of
from qieval.intake.tables.rules import not_before, possible_years, present


def _same_stay(table: pd.DataFrame) -> list[str]:
    return present(table, ("person", "start", "end", "ward"))


def _repeated(table: pd.DataFrame) -> pd.Series:
    known = table["person"].notna() & table["start"].notna()
    return table.duplicated(_same_stay(table), keep="first") & known


SPELLS = Kind(
    name="spells",
    row="a stay of one person in hospital",
    columns={
        "person": column("text", "who stayed; any code, never shown", identifies=True),
        "start": column("date", "date of admission"),
        "end": column("date", "date of discharge; blank: still in", blank=True),
        "ward": column("text", "ward or team", required=False, blank=True),
        "discharged_to": column(
            "text",
            "how the stay ended, such as home, transfer or died; your own codes",
            required=False,
            blank=True,
        ),
    },
    rules=(
        possible_years("start"),
        possible_years("end", blank="for somebody still in, leave it blank"),
        not_before("end", "start", "the end is before the start"),
        RowRule(
            column="person",
            says="repeats {other} (same person, start, end and ward)",
            broken=_repeated,
            earlier=lambda table: first_row_of(table, _same_stay(table)),
            alike=_same_stay,
        ),
    ),
)
