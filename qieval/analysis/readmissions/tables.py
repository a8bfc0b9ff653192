"""From counted discharges to shares with their intervals, by group and by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from qieval.core.estimates import estimates_table
from qieval.core.grouped import ALL, difference_row, share_row, term_of
from qieval.core.proportions import with_wilson
from qieval.core.tables import ESTIMATES_OF_PEOPLE, Column, Declaration, names_of

POINTS = (
    Column("period", "Period of discharge", "period"),
    Column("group", "Who", "label"),
    Column("readmitted", "Readmitted", "count", of="discharges"),
    Column("discharges", "Discharges", "denominator"),
    *Column("share", "Share", "share", "1%", of="readmitted/discharges").with_interval(
        "95% interval"
    ),
)
DECLARED = (Declaration("points", POINTS, by=("group", "period")), ESTIMATES_OF_PEOPLE)

PLACES = {"%": 1, "percentage points": 1}
"""Decimals with which shares and their difference are shown."""


def points_table(rows: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Discharges, readmissions and their share by group and period; only whole periods.

    Periods in which some discharges could not be followed for the whole window are left out: their
    shares would rest on the first days of the period alone.
    """
    kept = rows[(rows["whole"] > 0) & (rows["discharges"] > 0)]
    place = kept["group"].map({name: at for at, name in enumerate(order)})
    kept = kept.assign(place=place).sort_values(["place", "period"], ignore_index=True)
    shares = with_wilson(kept, "readmitted", "discharges")
    return shares[names_of(POINTS)]


def readmission_estimates(
    rows: pd.DataFrame, order: Sequence[str], others: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """The share of each group, the difference before and since, and the share by other rules.

    Parameters
    ----------
    rows : DataFrame
        ``group, discharges, readmitted``, and further keys.
    order : sequence of str
        The groups: all together first; or before and since a change.
    others : mapping
        Estimate by another rule → the same counts by that rule.
    """
    counts = {group: _sums(rows[rows["group"] == group]) for group in order}
    table = [
        share_row(term_of("readmitted", group), *count, unit="discharges")
        for group, count in counts.items()
    ]
    if len(order) == 2 and ALL not in order:
        table.append(difference_row(counts[order[0]], counts[order[1]]))
    for term, other in others.items():
        table.append(share_row(term, *_sums(other), unit="discharges"))
    return estimates_table(table)


def _sums(rows: pd.DataFrame) -> tuple[float, float]:
    """Readmissions and discharges."""
    return float(rows["readmitted"].sum()), float(rows["discharges"].sum())
