"""Zeros that mean "nothing was sent in": declared, or suspected aloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qieval.core.errors import ParameterError, did_you_mean, listed
from qieval.core.words import many
from qieval.intake.reading.raw import as_text
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.amounts import Amount, amount
from qieval.intake.tables.faults import row_numbers

_NEVER_FEW = 20
"""A unit that had at least this many in every other period has none by chance about once in 500
million periods (Poisson)."""
_MOST_SHOWN = 6


@dataclass(frozen=True, eq=False)
class Silent:
    """Units and periods with nothing but zeros."""

    rows: pd.Index  # rows of theirs
    count: int  # how many units and periods
    suspected: int  # how many of them are unlike the unit's other periods
    example: str  # some of the suspected ones, in words


def silent_periods(
    cells: pd.DataFrame,
    *,
    keys: Sequence[str],
    figures: Sequence[str],
    named: Sequence[str] = (),
    decimal_comma: bool = False,
) -> Silent:
    """The units and periods in which every figure is zero (or blank).

    `cells`: raw cells of all rows, also of those that `where` leaves out: a unit may have a row for
    each figure. `keys`: headings of the units, then the period. `named`: figures that alone decide:
    headings, or names in a column of text where each figure has a row of its own.

    Raises ParameterError if one of `named` is no figure of the file.
    """
    values = pd.DataFrame(
        {name: _values(cells[name], decimal_comma) for name in figures}, index=cells.index
    )
    texts = {place: cells[key].map(as_text).fillna("") for place, key in enumerate(keys)}
    labels = pd.DataFrame(texts, dtype=object)
    groups = labels.groupby(list(labels), sort=False).ngroup()
    looked_at = _looked_at(cells, values, named)
    zero = (looked_at == 0).any(axis=1).groupby(groups).any()
    other = ((looked_at != 0) & looked_at.notna()).any(axis=1).groupby(groups).any()
    silent = zero & ~other
    if not silent.any():
        return Silent(cells.index[:0], 0, 0, "")
    largest = values.abs().max(axis=1).groupby(groups).max()
    first = labels.groupby(groups).first()
    # Small numbers fall to 0 by themselves; a unit that never had few does not.
    units = pd.Series("", index=first.index)
    if len(keys) > 1:
        units = first[list(labels)[:-1]].agg(", ".join, axis=1)
    fewest = largest[~silent].groupby(units).min()
    likely = silent & (units.map(fewest) >= _NEVER_FEW)
    named_units = [", ".join(row) for row in first[likely].to_numpy()]
    some = "; ".join(named_units[:_MOST_SHOWN])
    more = len(named_units) - _MOST_SHOWN
    return Silent(
        cells.index[groups.map(silent).to_numpy(dtype=bool)],
        int(silent.sum()),
        int(likely.sum()),
        some + (f" and {more:,} more" if more > 0 else ""),
    )


def _values(cells: pd.Series, decimal_comma: bool) -> np.ndarray:
    codes, different = pd.factorize(cells.to_numpy(dtype=object))
    amounts = [amount(cell, decimal_comma=decimal_comma) for cell in different]
    known = [float(one.value) if isinstance(one, Amount) else np.nan for one in amounts]
    # A mark of a suppressed number is a figure that is not known to be zero.
    marks = [
        np.inf if np.isnan(value) and cell is not None else value
        for value, cell in zip(known, different, strict=True)
    ]
    return np.array([*marks, np.nan])[codes]


def _looked_at(cells: pd.DataFrame, values: pd.DataFrame, named: Sequence[str]) -> pd.DataFrame:
    """The figures that decide; the others are blank."""
    if not named:
        return values
    mask = pd.DataFrame(False, index=cells.index, columns=values.columns)
    for name in named:
        if name in values:
            mask[name] = True
            continue
        rows_of = [
            rows
            for column in cells
            if column not in values and (rows := cells[column].map(as_text) == name).any()
        ]
        if not rows_of:
            raise ParameterError(
                f"There is no figure `{name}`, which `zeros` names.",
                found=f"columns of figures {listed(values)}",
                remedy=did_you_mean(str(name), [str(column) for column in values]),
                where="zeros",
            )
        mask.loc[rows_of[0], :] = True
    return values.where(mask)


def settle_zeros(
    table: pd.DataFrame,
    cells: pd.DataFrame,
    request: Request,
    *,
    keys: Sequence[str],
    figures: Mapping[str, str],
) -> tuple[pd.DataFrame, list[str]]:
    """The table with zeros that mean "not returned" as missing, and what to note.

    `keys`: headings of the units, then the period.
    """
    zeros = request.zeros
    if zeros == "counted" or not keys or not figures:
        return table, []
    named = [] if zeros is None or isinstance(zeros, str) else [*zeros]
    silent = silent_periods(
        cells,
        keys=keys,
        figures=list(figures.values()),
        named=[figures.get(name, name) for name in named],
        decimal_comma=bool(request.decimal_comma),
    )
    rows = table.index.intersection(silent.rows)
    if not len(rows) or (zeros is None and not silent.suspected):
        return table, []
    if zeros is None:
        found = f"{many(silent.suspected, 'unit-period')}: {silent.example}"
        note = request.ask(
            "Zeros may mean that nothing was sent in: every figure is 0 where the same unit "
            "never had few.",
            found=found,
            remedy="Say what they mean: `zeros: not_returned` or `zeros: counted`.",
            proposal="Zeros were counted as zeros.",
            settles={"zeros": "counted"},
        )
        return table, [f"{note} {found}."]
    changed = table.copy()
    for name in figures:
        values = changed[name].astype("float64")
        values[rows[values.loc[rows] == 0]] = np.nan
        changed[name] = values
    return changed, [
        f"{many(silent.count, 'unit-period')} with nothing but zeros did not return figures "
        f"(`zeros`): taken as missing in {many(len(rows), 'row')} "
        f"({row_numbers(rows, most=5)})."
    ]
