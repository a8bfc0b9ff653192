"""Figures of a series added up: over columns, and over units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from qieval.core import columns
from qieval.core.errors import DataError, ParameterError, listed
from qieval.core.periods import noun
from qieval.core.words import many
from qieval.intake.tables.series import unit_columns


def with_sums(
    table: pd.DataFrame, sums: Mapping[str, Sequence[str]]
) -> tuple[pd.DataFrame, list[str]]:
    """The table with a new figure for every sum of columns; one blank part makes the sum blank.

    Raises DataError if a column is missing or does not hold numbers; ParameterError if a new figure
    has the name of a column, or adds nothing up.
    """
    notes = []
    for name, parts in sums.items():
        if isinstance(parts, str) or not parts or len(set(parts)) < len(parts):
            raise ParameterError(
                f"`sums` names the columns that make up `{name}`, each once, in a list.",
                found=repr(parts),
                remedy=f"Write `sums: {{{name}: [first column, second column]}}`.",
                where="sums",
            )
        if name in table:
            raise ParameterError(
                f"`{name}` is a column of the table already.",
                remedy="Give the sum a name of its own.",
                where="sums",
            )
        columns.require(table, parts)
        figures = pd.DataFrame({part: columns.numbers(table[part], part) for part in parts})
        table = table.assign(**{name: figures.sum(axis=1, skipna=False).to_numpy()})
        notes.append(f"`{name}` is the sum of {listed(parts)}.")
    return table, notes


def over_units(
    table: pd.DataFrame, by: Sequence[str], every: str
) -> tuple[pd.DataFrame, list[str]]:
    """One row a period (and group of `by`): the figures of all units added up.

    A figure that one unit lacks makes the sum of that period blank: a smaller sum would look like
    a fall. Units without a row in a period add nothing; how many units there were is said.

    Raises DataError if there are no units, or nothing to add up.
    """
    units = [name for name in unit_columns(table) if name not in by]
    if not units:
        raise DataError(
            "There is nothing to add up: no column says whose figures a row holds.",
            remedy="Name that column when reading: `columns: {unit: …}`; or leave out `total`.",
        )
    keys = ["period", *by]
    figures = [
        name
        for name in table.select_dtypes("number").columns
        if name not in (*keys, "days_in_period")
    ]
    if not figures:
        raise DataError("There are no figures to add up.", found=f"columns {listed(table.columns)}")
    groups = table.groupby(keys, sort=True, dropna=False)
    added = groups[figures].sum()
    lacking = groups[figures].count().lt(groups.size(), axis=0)
    out = added.mask(lacking).reset_index()

    notes = [f"Figures of all units ({listed(units)}) added up, one row a {noun(every)}."]
    counts = table.drop_duplicates([*keys, *units]).groupby(keys, dropna=False).size()
    low, high = int(counts.min()), int(counts.max())
    if low < high:
        notes.append(
            f"Not every unit has a row in every {noun(every)}: between {low:,} and {high:,} units. "
            "Those without a row add nothing."
        )
    if blank := int(lacking.any(axis=1).sum()):
        notes.append(
            f"In {many(blank, noun(every))} a unit lacks a figure: that sum is blank, not smaller."
        )
    return out, notes
