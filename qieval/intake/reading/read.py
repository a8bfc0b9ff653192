"""`qi.read`: locate, read raw, choose columns and rows, convert, check, and say what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from qieval.core.errors import DataError, ParameterError, listed, nearest
from qieval.core.periods import Frequency
from qieval.intake.reading.columns import chosen_columns, filter_rows
from qieval.intake.reading.convert import Conversion, convert
from qieval.intake.reading.facts import facts_of, periods_of
from qieval.intake.reading.files import locate, read_raw
from qieval.intake.reading.numbers import SUPPRESSED
from qieval.intake.reading.passport import DROPPED_COLUMNS, Loaded, Passport
from qieval.intake.reading.period_spellings import settle
from qieval.intake.tables import Kind, kind_named
from qieval.intake.tables.faults import Fault, error_from, faults_of, many, row_numbers


def read(
    source: str | Path,
    kind: str,
    *,
    sheet: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    where: Mapping[str, Any] | None = None,
    dayfirst: bool = True,
    header: int | None = None,
    period: Frequency | None = None,
    suppressed: Sequence[str] = SUPPRESSED,
    strict: bool = True,
) -> Loaded:
    """A table from a file, checked, with a passport that says what was done.

    Parameters
    ----------
    source : str or path
        A CSV, TSV, Excel, OpenDocument or Parquet file, relative to the workspace; or
        ``open-data:<name>``.
    kind : str
        What the table is: ``spells`` (person, start, end, …) or ``series`` (period and figures).
    sheet : str or int, optional
        Sheet of a workbook: its name, or its place. Needed when several hold data.
    columns : mapping, optional
        Our name → heading in the file, for columns that are not called as here.
    where : mapping, optional
        Heading in the file → value, or list of values, of the rows that are meant.
    dayfirst : bool, optional
        Whether 03/04/2020 is 3 April. ISO dates are always taken.
    header : int, optional
        Row number of the headings. Default: the first row.
    period : str, optional
        Kind of period of a series: day, week, month, quarter, year, financial_year. Default: as
        spelt, or read from the spacing of the dates.
    suppressed : sequence of str, optional
        Marks that stand where a small number was withheld: missing, never 0.
    strict : bool, optional
        Whether a row with a fault stops the reading. False: such rows are left out and counted.

    Returns
    -------
    Loaded
        ``table`` (its index holds the row numbers of the file) and ``passport``.

    Raises
    ------
    DataError
        If the file, a column or a row cannot be used; with row numbers, never with the value of an
        identifier.
    ParameterError
        If a parameter does not suit the file.
    """
    what = kind_named(kind)
    _check_parameters(what, period, suppressed)
    file, shown, origin = locate(source)
    raw, digest = read_raw(file, shown, sheet=sheet, header=header)
    place = f"{shown}, sheet `{raw.sheet}`" if raw.sheet else shown
    names = chosen_columns(raw, what, columns, place)
    cells, left_out = filter_rows(raw.cells, where, kind=what, names=names, where=place)

    conversion = convert(
        cells,
        what,
        names,
        mapped=set(columns or ()),
        dayfirst=dayfirst,
        suppressed=suppressed,
        where=place,
    )
    checked = _check(conversion, what, names, period=period, strict=strict, where=place)
    table, dropped, decisions, every = checked
    table.attrs["kind"] = what.name
    if every is not None:
        table.attrs["period"] = every
    by_where = [(reason, rows, "") for reason, rows in left_out]
    passport = Passport(
        source=shown,
        kind=what.name,
        row=what.row,
        digest=digest,
        rows_read=len(raw.cells),
        rows_kept=len(table),
        dropped=pd.DataFrame([*by_where, *dropped], columns=DROPPED_COLUMNS),
        decisions=(*raw.notes, *conversion.notes, *decisions),
        origin=origin,
        facts=facts_of(table, what),
        suppressed=conversion.suppressed,
        blank=conversion.blank,
        sheet=raw.sheet,
        **periods_of(table, every),
    )
    return Loaded(table, passport)


def _check_parameters(kind: Kind, period: str | None, suppressed: Sequence[str]) -> None:
    has_periods = any(kind.holds(name) == "period" for name in kind.columns)
    if period is not None and not has_periods:
        raise ParameterError(
            f"A table of {kind.name} has no periods.", remedy="Leave out `period`.", where="period"
        )
    known = get_args(Frequency)
    if period is not None and period not in known:
        guess = nearest(str(period), known)
        raise ParameterError(
            f"There is no kind of period `{period}`.",
            found=f"known: {listed(known)}",
            remedy=f"Did you mean `{guess}`?" if guess else None,
            where="period",
        )
    if isinstance(suppressed, str):
        raise ParameterError(
            "`suppressed` is a list of marks.",
            found=repr(suppressed),
            remedy=f'Write `suppressed: ["{suppressed}"]`.',
            where="suppressed",
        )


def _check(
    conversion: Conversion,
    kind: Kind,
    names: dict[str, str],
    *,
    period: Frequency | None,
    strict: bool,
    where: str,
) -> tuple[pd.DataFrame, list[tuple[str, int, str]], list[str], Frequency | None]:
    """The table that keeps every rule, what was left out, what was decided, the kind of period."""
    table, faults = conversion.table, conversion.faults
    dropped: list[tuple[str, int, str]] = []
    decisions: list[str] = []
    if not strict:
        table, dropped, decisions = _lenient(table, faults, names, where)
    every: Frequency | None = None
    for name in [name for name in kind.columns if kind.holds(name) == "period"]:
        try:
            first_days, every, notes = settle(
                table[name], conversion.spelt, period, heading=names[name], where=where
            )
        except DataError as error:
            if strict and faults:  # the cells that are no periods at all come first
                raise error_from(faults, headings=names, where=where, strict=strict) from error
            raise
        table = table.assign(**{name: first_days})
        decisions += notes
    known = {(row, fault.column) for fault in faults for row in fault.rows}
    broken = [
        replace(fault, rows=rows)
        for fault in faults_of(table, kind)
        if (rows := tuple(row for row in fault.rows if (row, fault.column) not in known))
    ]
    if strict:
        if faults or broken:
            raise error_from([*faults, *broken], headings=names, where=where, strict=strict)
        return table, dropped, decisions, every
    table, more_dropped, more_decisions = _lenient(table, broken, names, where)
    return table, [*dropped, *more_dropped], [*decisions, *more_decisions], every


def _lenient(
    table: pd.DataFrame, faults: list[Fault], names: dict[str, str], where: str
) -> tuple[pd.DataFrame, list[tuple[str, int, str]], list[str]]:
    """What ``strict=False`` does: rows left out, each counted once; cells taken as missing."""
    if stopping := [fault for fault in faults if fault.lenient == "stop"]:
        raise error_from(stopping, headings=names, where=where, strict=False)
    reasons: dict[str, list[int]] = {}
    gone: set[int] = set()
    for fault in (fault for fault in faults if fault.lenient == "drop"):
        reason = f"`{names.get(fault.column, fault.column)}`: {fault.reason or fault.says}"
        reasons.setdefault(reason, []).extend(row for row in fault.rows if row not in gone)
        gone.update(fault.rows)
    if gone and len(gone) == len(table):
        raise error_from(faults, headings=names, where=where, strict=False)
    dropped = [(reason, len(rows), row_numbers(rows)) for reason, rows in reasons.items() if rows]
    cells: dict[str, list[int]] = {}
    for fault in (fault for fault in faults if fault.lenient == "missing"):
        cells.setdefault(fault.column, []).extend(fault.rows)
    decisions = [
        f"`{names.get(column, column)}`: {many(len(rows), 'cell')} without a number, "
        f"taken as missing ({row_numbers(rows)})."
        for column, rows in cells.items()
    ]
    return table.drop(index=sorted(gone)), dropped, decisions
