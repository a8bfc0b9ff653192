"""From occasions to counts by stage and level; what each column is."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.tables import ESTIMATES, Column, Declaration

NOT_RECORDED = "not recorded"

POINTS = (
    Column("stage", "Stage", "label"),
    Column("level", "Level", "label"),
    Column("occasions", "Occasions", "number"),
    Column("people", "People", "count"),
)
OCCASIONS = (
    Column("stage", "Stage", "label"),
    Column("level", "Level", "label"),
    Column("date", "When", "period"),
    Column("who", "Who", "text"),
    Column("people", "People", "count"),
    Column("paid", "Paid", "text"),
)
COUNTS = (
    Column("term", "What", "label"),
    Column("estimate", "Number", "number"),
    Column("n", "Of", "number"),
    Column("unit", "Unit", "text"),
)
DECLARED = (
    Declaration("points", POINTS),
    Declaration("occasions", OCCASIONS),
    ESTIMATES,
)


def points_table(occasions: pd.DataFrame, names: Mapping[str, dict[str, str]]) -> pd.DataFrame:
    """Occasions and people by stage and level, "not recorded" being the last level."""
    columns = [*names["level"].values(), NOT_RECORDED]
    asked = pd.MultiIndex.from_product([names["stage"].values(), columns], names=["stage", "level"])
    grouped = occasions.groupby(["stage", "level"])["people"]
    table = pd.DataFrame(
        {
            "occasions": grouped.size().reindex(asked, fill_value=0),
            # The people of a cell are known only if those of every occasion are.
            "people": grouped.agg(lambda people: people.sum(skipna=False)).reindex(asked),
        }
    )
    return table.reset_index()


def counts_table(occasions: pd.DataFrame, names: Mapping[str, dict[str, str]]) -> pd.DataFrame:
    """Stages and occasions recorded, and the stages in which each level was reached."""
    known = occasions[occasions["level"] != NOT_RECORDED]
    total, recorded = len(names["stage"]), known["stage"].nunique()
    counts: dict[str, tuple[int, str]] = {
        "stages": (recorded, "stages"),
        "stages_not_recorded": (total - recorded, "stages"),
        "occasions": (len(occasions), "occasions"),
    }
    for level in names["level"].values():
        reached = known.loc[known["level"] == level, "stage"].nunique()
        counts[f"level: {level}"] = (reached, "stages")
    return estimates_table(
        estimate_row(term, count, unit=unit, n=total, method="counted")
        for term, (count, unit) in counts.items()
    )
