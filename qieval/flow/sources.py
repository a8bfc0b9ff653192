"""Stays and leave as ibis expressions, whatever they come as, checked before anything is counted.

A table may be a DataFrame, an ibis table or the path of a Parquet file. The last two are never
read into memory as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from qieval.core.errors import DataError, ParameterError, listed, nearest
from qieval.core.workspace import relative, resolve
from qieval.intake.tables.faults import MOST_SHOWN, Fault, error_from, many, row_numbers

Table: TypeAlias = pd.DataFrame | ir.Table | str | Path

NOT_RECORDED = "not recorded"
"""The group of stays whose ward (or other text) is blank."""


@dataclass(frozen=True)
class Intervals:
    """Stays (or leave) in the database: ``person, start, end, row, g0, g1, …``, dates only.

    Attributes
    ----------
    table : ibis table
        The rows; ``row`` is the number that a message names.
    what : str
        "stay" or "leave", for messages.
    count, open, same_day, blank_groups : int
        Rows; rows without an end; rows that start and end on one day; rows with a blank group.
    first, last : Timestamp
        Earliest start, latest date of all.
    """

    table: ir.Table
    what: str
    count: int
    open: int
    same_day: int
    blank_groups: int
    first: pd.Timestamp
    last: pd.Timestamp


def intervals(
    data: Table,
    database: BaseBackend,
    *,
    what: str,
    by: Sequence[str] = (),
    extract_date: pd.Timestamp | None = None,
) -> Intervals:
    """Stays or leave, checked.

    Parameters
    ----------
    data : DataFrame, ibis table or path
        Columns ``person, start, end`` and those of `by`.
    database : ibis backend
        Where it is computed.
    what : str
        "stay" or "leave", for messages.
    by : sequence of str
        Columns that name the groups; they become ``g0, g1, …``.
    extract_date : Timestamp, optional
        Date up to which the data reach.

    Raises
    ------
    DataError
        If a column is missing, dates are no dates, or a row cannot be (with its number).
    ParameterError
        If a row has no end and there is no extract date.
    """
    table = _expression(data, database, what, ("person", "start", "end", *by))
    for name in ("start", "end"):
        if not (table[name].type().is_date() or table[name].type().is_timestamp()):
            raise DataError(
                f"`{name}` does not hold dates.",
                remedy=f"Read the file with `qi.read(…, 'spells')`, or make `{name}` dates first.",
                where=what,
            )
    plain = table.select(
        person=table["person"].cast("string"),
        start=table["start"].cast("date"),
        end=table["end"].cast("date"),
        row=table["row"],
        **{f"g{place}": _group(table[name]) for place, name in enumerate(by)},
        blank_group=_any([_blank(table[name]) for name in by]),
    )
    wrong = _wrong(plain, extract_date)
    found = _totals(database, plain, wrong)
    if found["count"] == 0:
        raise DataError(f"There are no rows of {what}.", where=what)
    _refuse(database, plain, wrong, found, what)
    if found["open"] and extract_date is None:
        rows = _rows_where(database, plain, _blank(plain["end"]))
        raise ParameterError(
            f"`extract_date` is needed: {many(int(found['open']), 'row')} of {what} without "
            "an end.",
            found=row_numbers(rows, most=5),
            remedy="Say up to which date the data reach, for instance `extract_date: 2024-03-31`. "
            "It is never taken to be today.",
            where="extract_date",
        )
    ends = [found["last_end"], found["first_start"], found["last_start"]]
    if found["open"] and extract_date is not None:
        ends.append(extract_date)
    return Intervals(
        table=plain,
        what=what,
        count=int(found["count"]),
        open=int(found["open"]),
        same_day=int(found["same_day"]),
        blank_groups=int(found["blank_groups"]),
        first=pd.Timestamp(found["first_start"]),
        last=max(pd.Timestamp(day) for day in ends if not pd.isna(day)),
    )


def _expression(data: Table, database: BaseBackend, what: str, names: Sequence[str]) -> ir.Table:
    """Only the columns that are needed, and the row number."""
    if isinstance(data, pd.DataFrame):
        _all_there(names, [str(name) for name in data.columns], what)
        needed = data[list(dict.fromkeys(names))]
        # A table of `qi.read` knows the rows of its file; others are counted from 1.
        rows = data.index if data.index.name == "row" else range(1, len(data) + 1)
        plain = {name: _column(needed[name], name, what) for name in dict.fromkeys(names)}
        return ibis.memtable(pd.DataFrame(plain).reset_index(drop=True).assign(row=list(rows)))
    if isinstance(data, str | Path):
        path = resolve(data)
        if not path.is_file() or path.suffix.lower() not in (".parquet", ".pq"):
            raise DataError(
                "A table by its path must be a Parquet file that is there.",
                remedy="Read other files with `qi.read` first.",
                where=relative(path),
            )
        data = database.read_parquet(path)
    _all_there(names, list(data.columns), what)
    return data.select(*dict.fromkeys(names), row=ibis.row_number() + 1)


def _column(values: pd.Series, name: str, what: str) -> pd.Series:
    """A column that the database understands; dates that pandas holds as objects become dates."""
    plain = values.reset_index(drop=True)
    if name not in ("start", "end"):
        return plain.astype("str") if plain.isna().all() else plain
    if plain.isna().all():
        return pd.Series(pd.NaT, index=plain.index, dtype="datetime64[us]")
    if isinstance(plain.dtype, pd.DatetimeTZDtype):
        return plain.dt.tz_localize(None)  # the date as it was written down
    if pd.api.types.infer_dtype(plain, skipna=True) in ("date", "datetime"):
        return plain.astype("datetime64[us]")
    return plain


def _all_there(names: Sequence[str], present: list[str], what: str) -> None:
    for name in names:
        if name not in present:
            guess = nearest(name, present)
            raise DataError(
                f"The table has no column `{name}`." + (f" Nearest: `{guess}`." if guess else ""),
                found=f"columns {listed(present)}",
                where=what,
            )


def _blank(column: ir.Column) -> ir.BooleanColumn:
    return column.isnull()  # noqa: PD003 (a column of ibis, not of pandas)


def _group(column: ir.Column) -> ir.Column:
    return column.fill_null(NOT_RECORDED) if column.type().is_string() else column


def _any(conditions: list[ir.BooleanColumn]) -> ir.BooleanValue:
    together: ir.BooleanValue = ibis.literal(False)
    for condition in conditions:
        together = together | condition
    return together


def _wrong(table: ir.Table, extract_date: pd.Timestamp | None) -> dict[tuple[str, str], ir.Value]:
    """(Column, what is wrong) → condition."""
    wrong = {
        ("person", "is blank"): _blank(table["person"]),
        ("start", "is blank"): _blank(table["start"]),
        ("end", "the end is before the start"): table["end"] < table["start"],
    }
    if extract_date is not None:
        day = ibis.date(extract_date.date())
        wrong["start", "the start is after the extract date"] = table["start"] > day
        wrong["end", "the end is after the extract date"] = table["end"] > day
    return wrong


def _totals(
    database: BaseBackend, table: ir.Table, wrong: dict[tuple[str, str], ir.Value]
) -> pd.Series:
    """Everything that has to be known beforehand, in one pass."""
    query = table.aggregate(
        count=table.count(),
        open=_blank(table["end"]).sum(),
        same_day=(table["end"] == table["start"]).sum(),
        blank_groups=table["blank_group"].sum(),
        first_start=table["start"].min(),
        last_start=table["start"].max(),
        last_end=table["end"].max(),
        **{f"wrong{place}": condition.sum() for place, condition in enumerate(wrong.values())},
    )
    totals = database.to_pandas(query).iloc[0]
    return totals.fillna(
        {name: 0 for name in totals.index if "_start" not in name and name != "last_end"}
    )


def _refuse(
    database: BaseBackend,
    table: ir.Table,
    wrong: dict[tuple[str, str], ir.Value],
    found: pd.Series,
    what: str,
) -> None:
    faults = [
        Fault(_rows_where(database, table, condition), column, says)
        for place, ((column, says), condition) in enumerate(wrong.items())
        if found[f"wrong{place}"]
    ]
    if faults:
        raise error_from(faults, headings={}, where=what, strict=False)


def _rows_where(database: BaseBackend, table: ir.Table, condition: ir.Value) -> tuple[int, ...]:
    rows = table.filter(condition).select("row").order_by("row").limit(50 * MOST_SHOWN)
    return tuple(int(row) for row in database.to_pandas(rows)["row"])
