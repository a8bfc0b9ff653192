"""Stays and leave as ibis expressions, whatever they come as, checked before anything is counted.

A table may be a DataFrame, an ibis table or the path of a Parquet file. The last two are never
read into memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from qieval.core.columns import all_there
from qieval.core.errors import DataError, ParameterError
from qieval.core.late import BaseBackend, ibis, ir
from qieval.core.words import many
from qieval.core.workspace import relative, resolve
from qieval.flow.groups import NOT_RECORDED as NOT_RECORDED
from qieval.intake.backends import FILE_ROW, connect, key_of
from qieval.intake.tables import RowRule, in_database
from qieval.intake.tables.faults import error_from, row_numbers
from qieval.intake.tables.in_database import broken_rules, faults_in


@dataclass(frozen=True)
class Intervals:
    """Stays (or leave) in the database: ``person, start, end, file_row, g0, g1, …``, dates only."""

    # The rows. ``person`` is a key that only tells one person from another; ``file_row``, the
    # number that a message names, is there for DataFrames. Columns that were kept follow, as text,
    # under their own names.
    table: ir.Table
    what: str  # "stay" or "leave", for messages
    # Rows; rows without an end; rows that start and end on one day; rows with a blank group.
    count: int
    open: int
    same_day: int
    blank_groups: int
    # Earliest start, latest date of all.
    first: pd.Timestamp
    last: pd.Timestamp


@contextmanager
def opened(
    data: pd.DataFrame | ir.Table | str | Path, backend: str | BaseBackend | None
) -> Iterator[BaseBackend]:
    """The database in which a table is counted; closed again if it was opened for this only."""
    if backend is None and isinstance(data, ir.Table):
        yield data.get_backend()
        return
    database = connect(backend)
    try:
        yield database
    finally:
        if backend is None:
            database.disconnect()


def refuse_other_codes(
    spells: pd.DataFrame | ir.Table | str | Path, leave: pd.DataFrame | ir.Table | str | Path | None
) -> None:
    """Refuse leave in which nobody could be found: only one of the two tables has pseudonyms.

    Raises DataError if one was read into memory, where people get pseudonyms, and the other stays
    elsewhere.
    """
    keys = {
        isinstance(table, pd.DataFrame) and table.attrs.get("pseudonyms") is not None
        for table in (spells, leave)
        if table is not None
    }
    if len(keys) > 1:
        raise DataError(
            "The people in the table of leave cannot be found among those of the stays.",
            found="pseudonyms in one of the two tables only",
            remedy="Keep both in memory or both in one database: `leave` may name a Parquet file "
            "or a table of the database.",
            where="leave",
        )


def intervals(
    data: pd.DataFrame | ir.Table | str | Path,
    database: BaseBackend,
    *,
    what: str,
    by: Sequence[str] = (),
    keep: Sequence[str] = (),
    extract_date: pd.Timestamp | None = None,
) -> Intervals:
    """Stays or leave, checked.

    Raises DataError if a column is missing, dates are no dates, or a row cannot be (with its
    number); ParameterError if a row has no end and there is no extract date.

    Parameters
    ----------
    data : DataFrame, ibis table or path
        Columns ``person, start, end`` and those of `by`.
    what : str
        "stay" or "leave", for messages.
    by : sequence of str
        Columns that name the groups; they become ``g0, g1, …``.
    keep : sequence of str
        Further columns, taken along as text; blank where the table lacks them.
    extract_date : Timestamp, optional
        Date up to which the data reach.
    """
    table = expression(data, database, what, ("person", "start", "end", *by), optional=keep)
    for name in ("start", "end"):
        if not (table[name].type().is_date() or table[name].type().is_timestamp()):
            raise DataError(
                f"`{name}` does not hold dates.",
                remedy=f"Read the file with `qi.read(…, 'spells')`, or make `{name}` dates first.",
                where=what,
            )
    plain = table.select(
        person=table["person"],
        start=table["start"].cast("date"),
        end=table["end"].cast("date"),
        **{name: table[name] for name in [FILE_ROW] if name in table.columns},
        **{f"g{place}": group_text(table[name]) for place, name in enumerate(by)},
        blank_group=any_of([blank(table[name]) for name in by]),
        **{name: table[name].cast("string") for name in keep},
    )
    totals = {
        "open": blank(plain["end"]).sum(),
        "same_day": (plain["end"] == plain["start"]).fill_null(False).sum(),
        "blank_groups": plain["blank_group"].sum(),
        "first_start": plain["start"].min(),
        "last_start": plain["start"].max(),
        "last_end": plain["end"].max(),
    }
    known = checked(database, plain, _rules(extract_date), totals, what)
    if known["open"] and extract_date is None:
        rows = rows_where(database, plain, blank(plain["end"]))
        raise ParameterError(
            f"`extract_date` is needed: {many(int(known['open']), 'row')} of {what} without "
            "an end.",
            found=row_numbers(rows, most=5) if rows else None,
            remedy="Say up to which date the data reach, for instance `extract_date: 2024-03-31`. "
            "It is never taken to be today.",
            where="extract_date",
        )
    ends = [known["last_end"], known["first_start"], known["last_start"]]
    if known["open"] and extract_date is not None:
        ends.append(extract_date)
    return Intervals(
        table=plain.mutate(person=key_of(plain["person"], database)),
        what=what,
        count=int(known["rows"]),
        open=int(known["open"]),
        same_day=int(known["same_day"]),
        blank_groups=int(known["blank_groups"]),
        first=pd.Timestamp(known["first_start"]),
        last=max(pd.Timestamp(day) for day in ends if not pd.isna(day)),
    )


def expression(
    data: pd.DataFrame | ir.Table | str | Path,
    database: BaseBackend,
    what: str,
    names: Sequence[str],
    *,
    optional: Sequence[str] = (),
    dates: Sequence[str] = ("start", "end"),
) -> ir.Table:
    """Only the columns that are needed; optional ones blank if not there.

    A DataFrame brings its row numbers along. To number the rows of a file or of a database takes
    a pass in one thread, so that is left to `rows_where`.
    """
    if isinstance(data, pd.DataFrame):
        all_there(names, data.columns, where=what)
        names = list(dict.fromkeys([*names, *optional]))
        needed = data.reindex(columns=names)
        # A table of `qi.read` knows the rows of its file; others are counted from 1.
        rows = data.index if data.index.name == "row" else range(1, len(data) + 1)
        plain = {name: _column(needed[name], name in dates) for name in names}
        return ibis.memtable(
            pd.DataFrame(plain).reset_index(drop=True).assign(**{FILE_ROW: list(rows)})
        )
    if isinstance(data, str | Path):
        path = resolve(data)
        if not path.is_file() or path.suffix.lower() not in (".parquet", ".pq"):
            raise DataError(
                "A table by its path must be a Parquet file that is there.",
                remedy="Read other files with `qi.read` first.",
                where=relative(path),
            )
        data = database.read_parquet(path)
    elif isinstance(data, ir.Table) and data.get_backend() is not database:
        raise DataError(
            "The tables are in two databases.",
            remedy="Name tables of one database, or Parquet files for both.",
            where=what,
        )
    all_there(names, data.columns, where=what)
    lacking = {name: ibis.null("string") for name in optional if name not in data.columns}
    wanted = dict.fromkeys([*names, *(name for name in optional if name in data.columns)])
    return data.select(*wanted, *({FILE_ROW} & set(data.columns)), **lacking)


def _column(values: pd.Series, date: bool) -> pd.Series:
    """A column that the database understands; dates that pandas holds as objects become dates."""
    plain = values.reset_index(drop=True)
    if not date:
        return plain.astype("str") if plain.isna().all() else plain
    if plain.isna().all():
        return pd.Series(pd.NaT, index=plain.index, dtype="datetime64[us]")
    if isinstance(plain.dtype, pd.DatetimeTZDtype):
        return plain.dt.tz_localize(None)  # the date as it was written down
    if pd.api.types.infer_dtype(plain, skipna=True) in ("date", "datetime"):
        return plain.astype("datetime64[us]")
    return plain


def blank(column: ir.Column) -> ir.BooleanColumn:
    """Where a cell is blank."""
    return column.isnull()  # noqa: PD003 (a column of ibis, not of pandas)


def group_text(column: ir.Column) -> ir.Column:
    """A column that names a group; where text is blank, it says so."""
    return column.fill_null(NOT_RECORDED) if column.type().is_string() else column


def any_of(conditions: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    """Where any of the conditions holds."""
    together: ir.BooleanValue = ibis.literal(False)
    for condition in conditions:
        together = together | condition
    return together


def _rules(extract_date: pd.Timestamp | None) -> list[RowRule]:
    rules = [
        RowRule("person", "is blank", lambda table: blank(table["person"])),
        RowRule("start", "is blank", lambda table: blank(table["start"])),
        RowRule("end", "the end is before the start", lambda table: table["end"] < table["start"]),
    ]
    if extract_date is not None:
        day = ibis.date(extract_date.date())
        rules += [
            RowRule("start", "the start is after the extract date", lambda t: t["start"] > day),
            RowRule("end", "the end is after the extract date", lambda t: t["end"] > day),
        ]
    return rules


def checked(
    database: BaseBackend,
    table: ir.Table,
    rules: Sequence[RowRule],
    totals: Mapping[str, ir.Value],
    what: str,
) -> pd.Series:
    """The totals of a table, in one pass; a table without rows or with invalid rows is refused."""
    broken, known = broken_rules(database, table, rules, totals)
    if not known["rows"]:
        raise DataError(f"There are no rows of {what}.", where=what)
    if broken:
        faults = faults_in(database, numbered(database, table), broken)
        lines = "Correct the file."
        if not any(fault.rows for fault in faults):
            lines = "Correct the table in the database, or leave these rows out with `where`."
        raise error_from(faults, headings={}, where=what, strict=False, remedy=lines)
    return known


def numbered(database: BaseBackend, table: ir.Table) -> ir.Table:
    """The table with a number for each row, as in a DataFrame or a file; a server has no order."""
    if FILE_ROW in table.columns or database.name != "duckdb":
        return table
    return table.mutate(**{FILE_ROW: ibis.row_number() + 1})


def rows_where(database: BaseBackend, table: ir.Table, condition: ir.Value) -> tuple[int, ...]:
    """Numbers of the rows, the first ones of many; none where rows have no numbers."""
    return in_database.rows_where(database, numbered(database, table), condition)
