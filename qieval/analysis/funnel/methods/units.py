"""From a table to units with numbers that a funnel can use; everything else is refused by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qieval.analysis.funnel.methods.scales import Array, FunnelKind
from qieval.core.columns import EXTREME_REMEDY, EXTREME_WORDS, different, extreme
from qieval.core.errors import CannotEvaluate, DataError, listed, nearest


@dataclass(frozen=True)
class Units:
    """Units in the order of the table.

    Attributes
    ----------
    names : list of str
    numerator, denominator : ndarray
    """

    names: list[str]
    numerator: Array
    denominator: Array


def make_units(
    table: pd.DataFrame, unit: str, numerator: str, denominator: str, kind: FunnelKind
) -> Units:
    """The units of a table, checked.

    Raises
    ------
    DataError
        If a column is missing or holds text, a unit comes twice, or a number cannot be.
    CannotEvaluate
        If there is nothing to compare: one unit, no denominator, no events, or nothing but events.
    """
    for name in (unit, numerator, denominator):
        if name not in table:
            guess = nearest(name, [str(column) for column in table])
            raise DataError(
                f"The table has no column `{name}`." + (f" Nearest: `{guess}`." if guess else ""),
                found=f"columns {listed(table.columns)}",
            )
    names = _names(table[unit], unit)
    top, bottom = (_numbers(table[name], name, names) for name in (numerator, denominator))
    _refuse_wrong(names, top, bottom, (numerator, denominator), kind)
    _refuse_empty(names, top, bottom, (numerator, denominator), kind)
    return Units(names, top, bottom)


def _names(column: pd.Series, unit: str) -> list[str]:
    if column.isna().any():
        raise DataError(
            f"`{unit}` is blank in {int(column.isna().sum()):,} of {len(column):,} rows.",
            remedy="Say for every row whose figures it holds, or leave the row out.",
        )
    names = column.astype(str)
    if names.duplicated().any():
        raise DataError(
            f"`{unit}` names a unit more than once: a funnel has one point for each.",
            found=different(names, names.duplicated(keep=False).to_numpy()),
            remedy="Keep one period with `where`, or add the rows up with "
            "`qi.units(…, add_up=True)`.",
        )
    return names.tolist()


def _numbers(column: pd.Series, name: str, names: list[str]) -> Array:
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if not numeric:
        raise DataError(
            f"`{name}` does not hold numbers.",
            remedy="Correct the cells that are text, or read the file with `qi.read`, which says "
            "which they are.",
        )
    values = column.to_numpy(dtype=float, na_value=np.nan)
    _refuse(
        ~np.isfinite(values),
        names,
        f"`{name}` is blank or no number.",
        "A missing number is not 0: find it, or leave the unit out.",
    )
    _refuse(extreme(values), names, f"`{name}` {EXTREME_WORDS}.", EXTREME_REMEDY)
    return values


def _refuse_wrong(
    names: list[str], top: Array, bottom: Array, columns: tuple[str, str], kind: FunnelKind
) -> None:
    numerator, denominator = columns
    correct = "Correct these rows."
    _refuse(top < 0, names, f"`{numerator}` is below 0.", correct)
    _refuse(bottom < 0, names, f"`{denominator}` is below 0.", correct)
    _refuse(top % 1 != 0, names, f"`{numerator}` is no whole number: it counts events.", correct)
    if kind == "proportion":
        _refuse(bottom % 1 != 0, names, f"`{denominator}` is no whole number.", correct)
        _refuse(
            top > bottom,
            names,
            f"`{numerator}` is larger than `{denominator}`: no proportion can be above 100%.",
            "Correct these rows; if one person may have several events, this is a `rate`.",
        )


def _refuse(wrong: np.ndarray, names: list[str], problem: str, remedy: str) -> None:
    if wrong.any():
        which = [name for name, bad in zip(names, wrong, strict=True) if bad]
        raise DataError(problem, found=f"in {listed(which, most=6)}", remedy=remedy)


def _refuse_empty(
    names: list[str], top: Array, bottom: Array, columns: tuple[str, str], kind: FunnelKind
) -> None:
    numerator, denominator = columns
    if len(names) < 2:
        raise CannotEvaluate(
            "A funnel compares units with one another.",
            found=f"{len(names)} unit" if names else "no unit",
            remedy="Give at least two units, better ten or more. For one unit over time, use a "
            "control chart.",
        )
    if (bottom == 0).any():
        which = [name for name, size in zip(names, bottom, strict=True) if size == 0]
        raise CannotEvaluate(
            f"`{denominator}` is 0: there is nothing to divide by.",
            found=f"in {listed(which, most=6)}",
            remedy="If 0 means that nothing was sent in, leave these units out "
            "(`no_denominator: leave_out`); they are then counted and named.",
        )
    if top.sum() == 0:
        raise CannotEvaluate(
            f"`{numerator}` is 0 in every unit: without a single event nothing can be compared.",
            remedy="Take a longer period, or check that the right column is meant.",
        )
    if kind == "proportion" and (top == bottom).all():
        raise CannotEvaluate(
            f"`{numerator}` equals `{denominator}` in every unit: all are at 100%.",
            remedy="Check that the right columns are meant; there is no difference to show.",
        )
