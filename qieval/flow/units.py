"""`qi.units`: from a table of any kind to one row a unit, ready for a comparison of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from qieval.core.columns import all_there, different
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed
from qieval.core.signatures import public
from qieval.core.words import many, number
from qieval.flow.prepared import Prepared

NoDenominator = Literal["refuse", "leave_out"]

_MOST_LISTED = 6


@dataclass(frozen=True, eq=False, repr=False)
class Units(Prepared):
    """One row a unit, in the order of the table.

    Attributes
    ----------
    table : DataFrame
        The unit, the numerator and the denominator, under the names that were asked for.
    notes : tuple of str
        What was decided, one plain sentence each.
    """

    def headline(self) -> str:
        """How many units there are, and what they have together."""
        _, numerator, denominator = self.table.columns
        sums = [number(float(self.table[name].sum()), 0) for name in (numerator, denominator)]
        return (
            f"{len(self.table):,} units; together {sums[0]} `{numerator}` over {sums[1]} "
            f"`{denominator}`"
        )


@public
def units(
    table: pd.DataFrame,
    *,
    unit: str,
    numerator: str,
    denominator: str,
    names_in: str | None = None,
    figures_in: str | None = None,
    add_up: bool = False,
    no_denominator: NoDenominator = "refuse",
) -> Units:
    """One row a unit, with its numerator and denominator.

    Parameters
    ----------
    table : DataFrame
        A table of `qi.read`. It is not changed.
    unit : str
        Column that names the unit
    numerator : str
        Column with the number of events
    denominator : str
        Column with what they are divided by; for a ratio the number expected
    names_in : str, optional
        Where each figure has a row of its own: column that says which figure a row holds, such as
        numerator and denominator. They are then names in that column
    figures_in : str, optional
        With names_in: column with the figures
    add_up : bool
        Whether several rows of a unit, such as periods, are added up
    no_denominator : str
        Units with a denominator of 0, or without figures: refuse, or leave_out if that means that
        nothing was sent in

    Returns
    -------
    Units
        ``table`` and ``notes``.

    Raises
    ------
    DataError
        If a column or a figure is missing, or a unit comes twice and is not to be added up.
    ParameterError
        If only one of names_in and figures_in is given.
    CannotEvaluate
        If no unit is left.
    """
    if (names_in is None) != (figures_in is None):
        raise ParameterError(
            "`names_in` and `figures_in` are given together, or neither.",
            remedy="Leave both out if the numerator and the denominator have columns of their own.",
        )
    if no_denominator not in ("refuse", "leave_out"):
        raise ParameterError(
            "`no_denominator` must be `refuse` or `leave_out`.", found=repr(no_denominator)
        )
    figures = [numerator, denominator]
    all_there(
        [unit, *([names_in, figures_in] if names_in and figures_in else figures)],
        table.columns,
        otherwise="If each figure has a row of its own, say with `names_in` and `figures_in` "
        "where its name and the figure stand.",
    )
    if table[unit].isna().any():
        raise DataError(f"`{unit}` is blank in {int(table[unit].isna().sum()):,} rows.")
    notes: list[str] = []
    if names_in is not None and figures_in is not None:
        wide, said = _side_by_side(table, unit, figures, names_in, figures_in, add_up)
        notes.append(said)
    else:
        wide = table[[unit, *figures]]
    _refuse_text(wide, figures)
    wide, more = _one_row_each(wide, unit, figures, add_up)
    wide, left_out = _with_figures(wide, unit, figures, no_denominator)
    return Units(wide.reset_index(drop=True), (*notes, *more, *left_out))


def _refuse_text(table: pd.DataFrame, figures: list[str]) -> None:
    for name in figures:
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise DataError(
                f"`{name}` does not hold numbers.",
                remedy="Name the column in `columns`, and reading says which cells are text.",
            )


def _side_by_side(
    table: pd.DataFrame,
    unit: str,
    figures: list[str],
    names_in: str,
    figures_in: str,
    add_up: bool,
) -> tuple[pd.DataFrame, str]:
    """Figures in rows of their own, as columns; every row of a unit and figure is kept."""
    known = table[names_in].dropna().astype(str).unique().tolist()
    for name in figures:
        if name not in known:
            raise DataError(
                f"No row of `{names_in}` is `{name}`.",
                found=different(table[names_in].dropna()),
                remedy="Look how it is spelt in the file.",
            )
    columns: dict[str, pd.Series] = {}
    for name in figures:
        rows = table[table[names_in].astype(str) == name]
        turn = rows.groupby(unit, sort=False, observed=True).cumcount()
        row = pd.MultiIndex.from_arrays([rows[unit], turn])
        columns[name] = pd.Series(rows[figures_in].to_numpy(), index=row)
    counts = pd.DataFrame({name: one.groupby(level=0).size() for name, one in columns.items()})
    uneven = counts[figures[0]] != counts[figures[1]]
    if add_up and uneven.any():
        raise DataError(
            "A unit has more rows of one figure than of the other: sums would not go together.",
            found=f"{int(uneven.sum()):,} of {many(len(uneven), 'unit')}",
        )
    wide = pd.DataFrame(columns).reset_index(level=1, drop=True).rename_axis(unit).reset_index()
    place = {name: at for at, name in enumerate(table[unit].unique())}
    wide = wide.sort_values(unit, key=lambda names: names.map(place), kind="stable")
    said = f"{listed(figures)} stood in rows of their own (`{names_in}`)."
    return wide, said


def _one_row_each(
    table: pd.DataFrame, unit: str, figures: list[str], add_up: bool
) -> tuple[pd.DataFrame, list[str]]:
    twice = table[unit][table[unit].duplicated()].unique()
    if not len(twice):
        return table, []
    if not add_up:
        raise DataError(
            f"`{unit}` names a unit more than once.",
            found=different(table[unit], table[unit].duplicated(keep=False).to_numpy()),
            remedy="Keep one period (and one part) with `where`; or, if the rows are parts that "
            "count different people or events, add them up with `add_up: true`.",
        )
    # A sum with a missing part is not known: it is no 0.
    summed = table.groupby(unit, sort=False, observed=True)[figures].sum(min_count=1)
    part_missing = table[figures].isna().groupby(table[unit], sort=False, observed=True).any()
    summed = summed.mask(part_missing)
    note = f"{len(table):,} rows added up to {len(summed):,} units."
    return summed.reset_index(), [note]


def _with_figures(
    table: pd.DataFrame, unit: str, figures: list[str], no_denominator: NoDenominator
) -> tuple[pd.DataFrame, list[str]]:
    empty = table[figures].isna().any(axis=1) | (table[figures[1]] == 0)
    if not empty.any():
        return table, []
    which = listed(table.loc[empty, unit], most=_MOST_LISTED)
    if no_denominator == "refuse":
        raise DataError(
            f"`{figures[1]}` is 0, or a figure is missing.",
            found=f"in {which}",
            remedy="If that means that nothing was sent in, leave these units out with "
            "`no_denominator: leave_out`; they are then counted and named.",
        )
    if empty.all():
        raise CannotEvaluate(
            "No unit has figures.",
            found=f"{len(table):,} without",
            remedy="Check the period in `where`.",
        )
    note = f"Left out, without figures or with a denominator of 0 (not sent in, not 0%): {which}."
    return table[~empty], [note]
