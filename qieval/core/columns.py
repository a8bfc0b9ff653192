"""Columns that an analysis is given: there, dates, numbers; else an error that names the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.core.errors import DataError, ParameterError, did_you_mean, listed

SMALLEST, LARGEST = 1e-50, 1e50
"""Sizes between which a number other than zero must lie: squares of its square can be held."""

EXTREME_WORDS = "holds numbers that are too large or too small to be reckoned with"
EXTREME_REMEDY = (
    f"Give them in another unit, between {SMALLEST:g} and {LARGEST:g}; write 0 where 0 is meant."
)

_MOST_NAMED = 6
_OFFSET = re.compile(r"(?<=:\d\d)(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)$")


def require(data: pd.DataFrame, wanted: Sequence[str]) -> None:
    """Refuse a table without rows, or without one of the `wanted` columns.

    Raises
    ------
    DataError
        With the columns found and the nearest name.
    """
    all_there(wanted, data.columns)
    if data.empty:
        raise DataError("The table has no rows.")


def all_there(
    wanted: Iterable[str],
    present: Iterable[object],
    *,
    where: str | None = None,
    otherwise: str = "Name one of these columns.",
) -> None:
    """Refuse columns of which one of the `wanted` is not present; `otherwise`: what else to do.

    Raises
    ------
    DataError
        With the columns found and the nearest name.
    """
    known = list(map(str, present))
    for name in wanted:
        if name not in known:
            raise DataError(
                f"There is no column `{name}` in the table.",
                found=f"columns {listed(known)}",
                remedy=did_you_mean(name, known, otherwise),
                where=where,
            )


def rows(where: NDArray[np.bool_]) -> str:
    """Row numbers, the first row being 1: "rows 3, 7 and 4 more"."""
    at = np.flatnonzero(where) + 1
    more = f" and {len(at) - _MOST_NAMED} more" if len(at) > _MOST_NAMED else ""
    return f"rows {', '.join(str(row) for row in at[:_MOST_NAMED])}{more}"


def different(cells: pd.Series, where: NDArray[np.bool_] | None = None) -> str:
    """How many different texts stand in which rows, for a message: it must not repeat a cell."""
    wanted = np.ones(len(cells), dtype=bool) if where is None else where
    texts = cells.to_numpy()[wanted]
    count = len(pd.unique(pd.Series(texts, dtype=object)))
    what = "one text" if count == 1 else f"{count:,} different texts"
    return f"{what} in {rows(wanted)}"


def written_alike(names: Iterable[str], column: str) -> None:
    """Refuse names that differ in capitals or spaces alone: one would be taken for several.

    Raises
    ------
    DataError
        If there are any.
    """
    written = list(names)
    apart = len({" ".join(name.split()).casefold() for name in written})
    if apart < len(written):
        raise DataError(
            f"Some names in `{column}` differ in capitals or spaces alone, and would be taken for "
            "several.",
            found=f"{len(written):,} ways of writing {apart:,} names",
            remedy="Write each name in one way.",
        )


def dates(column: pd.Series, name: str) -> pd.Series:
    """A column of dates; text is read as year-month-day.

    Raises
    ------
    DataError
        If it holds something else, or a blank, or dates of several time zones.

    Notes
    -----
    Dates with a time zone keep their local day and hour: midnight of a summer's day in London is
    the day before by the clock of Greenwich.
    """
    _refuse_mixed_zones(column, name)
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.start_time
    if not pd.api.types.is_datetime64_any_dtype(column):
        try:
            if pd.api.types.is_numeric_dtype(column):
                raise TypeError("numbers are no dates")  # pandas would take them for nanoseconds
            column = pd.to_datetime(column, format="ISO8601")
        except (ValueError, TypeError) as error:
            raise DataError(
                f"Column `{name}` does not hold dates.",
                found=f"{column.dtype} in {len(column):,} rows",
                remedy="Read the file with `qi.read`, or convert the column with `pd.to_datetime`.",
            ) from error
    if column.isna().any():
        blank = rows(column.isna().to_numpy())
        raise DataError(f"Column `{name}` has rows without a date.", found=blank)
    return column.dt.tz_localize(None)


def _refuse_mixed_zones(column: pd.Series, name: str) -> None:
    if pd.api.types.is_numeric_dtype(column) or isinstance(column.dtype, pd.PeriodDtype):
        return
    if pd.api.types.is_datetime64_any_dtype(column):
        return  # one zone, or none, for the whole column
    zones = sorted({_zone_of(cell) for cell in column.dropna().unique()})
    if len(zones) > 1:
        raise DataError(
            f"Column `{name}` holds dates of several time zones.",
            found=listed(zones),
            remedy="Give local dates without a time zone.",
        )


def _zone_of(cell: Any) -> str:
    """The time zone of one date, by name or as it is written."""
    zone = getattr(cell, "tzinfo", None)
    if isinstance(cell, str) and (written := _OFFSET.search(cell.strip())):
        zone = "UTC" if written[2] in ("Z", "+00:00", "+0000", "+00") else f"UTC{written[2]}"
    return str(zone) if zone is not None else "no time zone"


def numbers(column: pd.Series, name: str) -> NDArray[np.float64]:
    """A column of numbers; blanks are NaN.

    Raises
    ------
    DataError
        If it holds something else, or an infinite value.
    """
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        wrong = column.notna() & pd.to_numeric(column, errors="coerce").isna()
        wrong = wrong if wrong.any() else column.notna()  # numbers, but written as text
        raise DataError(
            f"Column `{name}` does not hold numbers.",
            found=different(column, wrong.to_numpy()) if wrong.any() else "blanks in every row",
            remedy="Read the file with `qi.read`: it converts numbers and says what it could not.",
        )
    found = column.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(found).any():
        raise DataError(
            f"Column `{name}` holds infinite values.",
            found=rows(np.isinf(found)),
            remedy="Look for a division by zero in the workbook; leave the cell blank if unknown.",
        )
    if extreme(found).any():
        raise DataError(
            f"Column `{name}` {EXTREME_WORDS}.",
            found=rows(extreme(found)),
            remedy=EXTREME_REMEDY,
        )
    return found


def extreme(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which finite numbers are too large, or too near to zero without being it."""
    size = np.abs(values)
    return np.isfinite(size) & (size != 0) & ((size < SMALLEST) | (size > LARGEST))


def is_number(given: object, *, whole: bool = False) -> bool:
    """Whether a parameter is a finite number; truth values are none."""
    kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
    return isinstance(given, kinds) and not isinstance(given, bool) and bool(np.isfinite(given))


def moment(given: date | str | Any, name: str) -> pd.Timestamp:
    """One day that a parameter gives.

    Raises
    ------
    ParameterError
        If it is not a date; text must be year-month-day.
    """
    try:
        if isinstance(given, bool | int | float):
            raise TypeError("a number is no date")  # pandas would take it for nanoseconds
        text = isinstance(given, str)
        found = pd.to_datetime(given, format="ISO8601") if text else pd.Timestamp(given)
    except (ValueError, TypeError) as error:
        raise ParameterError(
            f"`{name}` holds something that is not a date.",
            found=repr(given),
            remedy="Write it as year-month-day: 2020-03-01.",
        ) from error
    if pd.isna(found):
        raise ParameterError(f"`{name}` needs a date.", found=repr(given))
    return found.tz_localize(None)  # the local day, as of the dates of a column
