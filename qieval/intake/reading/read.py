"""`qi.read`: locate, read raw, choose columns and rows, convert, check, and say what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from qieval.core.errors import DataError, ParameterError
from qieval.core.periods import Frequency
from qieval.core.words import many
from qieval.intake.backends import is_address
from qieval.intake.opendata import PREFIX
from qieval.intake.reading.columns import as_mapping, chosen_columns, filter_rows
from qieval.intake.reading.database.remote import fetched, read_there, stays_there
from qieval.intake.reading.files import locate, read_raw
from qieval.intake.reading.layout.spread import Spread, spread_asked, spread_found
from qieval.intake.reading.meaning.interpret import interpreted, notes_over_time
from qieval.intake.reading.meaning.repeats import question_about_repeats
from qieval.intake.reading.passport import DROPPED_COLUMNS, Loaded, Passport, facts_of, periods_of
from qieval.intake.reading.privacy import at_the_door, conceal, without_identifiers
from qieval.intake.reading.questions import OpenQuestions, open_questions
from qieval.intake.reading.request import (
    Merged,
    Quarters,
    Request,
    RowsAre,
    Totals,
    Years,
    Zeros,
    request_of,
)
from qieval.intake.reading.values.convert import Conversion, convert
from qieval.intake.reading.values.dates import day_zero_of
from qieval.intake.reading.values.far import ask_about_far_dates
from qieval.intake.reading.values.period_kinds import settle
from qieval.intake.reading.values.suppression import SUPPRESSED
from qieval.intake.tables import Kind, kind_named
from qieval.intake.tables.faults import Fault, error_from, faults_of, row_numbers


@without_identifiers
def read(
    source: str | Path,
    kind: str,
    *,
    sheet: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    where: Mapping[str, Any] | None = None,
    dayfirst: bool = True,
    header: int | Sequence[int] | None = None,
    table: int | str | None = None,
    period: Frequency | None = None,
    quarters: Quarters | None = None,
    decimal_comma: bool | None = None,
    suppressed: Sequence[str] | Mapping[str, str | None] = SUPPRESSED,
    zeros: Zeros | Sequence[str] | None = None,
    successors: Mapping[str, str] | str | None = None,
    period_of_file: str | int | None = None,
    years: Years | None = None,
    rows_are: RowsAre | None = None,
    totals: Totals = "check",
    merged: Merged | None = None,
    fill_down: Sequence[str] = (),
    standards_in: Sequence[str] | Mapping[str, str] | None = None,
    teams_in: Sequence[str] | Mapping[str, str] | None = None,
    strict: bool = True,
) -> Loaded:
    """A table from a file, checked, with a passport that says what was done.

    Parameters
    ----------
    source : str or path
        A CSV, TSV, Excel, OpenDocument or Parquet file, relative to the workspace; or
        ``open-data:<name>``. Or several Parquet files (``data/spells/*.parquet``), or a table of a
        database by its address (docs/backends.md).
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
    header : int or sequence of int, optional
        Row number of the headings, or of the upper and lower ones; 0 for none at all, then columns
        are called ``column 1``, … Default: they are looked for.
    table : int or str, optional
        Which table of a sheet that holds several: its number, its title, or a heading only it has.
    period : str, optional
        Kind of period of a series: day, week, month, quarter, year, financial_year. Default: as
        spelt, or read from the spacing of the dates.
    quarters : str, optional
        How quarters with a plain year (2017Q4) are meant: calendar or financial. Quarters of
        2017/18 are financial.
    decimal_comma : bool, optional
        Whether 1,5 is one and a half, and 1.234 more than a thousand. Default: no, but asked
        where a column looks so.
    suppressed : sequence or mapping, optional
        Marks that stand where a small number was withheld (missing, never 0). Or mark → what it
        stands for (``{"*": "1 to 7"}``), where the mark does not say so itself.
    zeros : str or sequence, optional
        What nothing but zeros from a unit in a period means: counted, or not_returned (missing);
        or names of figures whose zero alone says that nothing was returned.
    successors : mapping or str, optional
        Code → the code that took over, or a CSV file with the columns code and successor: the
        figures of merged organisations are added up.
    period_of_file : str or int, optional
        The period of every row (2024-03, Q1 2019/20), where no column holds one; the year, where
        months have none; the round of an audit.
    years : str, optional
        How months under a plain year are counted: calendar, or financial (January is next year's).
    rows_are : str, optional
        Where periods are headings: whether each row is one of several measures or units (wards).
    totals : str, optional
        What becomes of rows that add up others: check (left out if they agree with their parts),
        leave_out (left out unchecked) or keep.
    merged : str, optional
        A number in merged cells: fill (the same in each) or first (one figure for all of them).
    fill_down : sequence of str, optional
        Headings of columns whose blank cells mean the same as the cell above.
    standards_in : sequence or mapping, optional
        Audits with a row a record: headings of the columns that each hold the answers to one
        standard (or heading → name of the standard). Each answer becomes a row.
    teams_in : sequence or mapping, optional
        Audits with a row a standard: headings of the columns that each hold the answers of one team
        or service (or heading → its name).
    strict : bool, optional
        Whether a row with a fault, or anything left open, stops the reading. False: such rows are
        left out and counted, and what is proposed is taken and told.

    Returns
    -------
    Loaded
        ``table`` (its index holds the row numbers of the file; an ibis table where it stays in a
        database) and ``passport``.

    Raises
    ------
    DataError
        If the file, a column or a row cannot be used; with row numbers, never with the value of an
        identifier.
    ParameterError
        If a parameter does not suit the file.
    """
    asked = {**locals(), "columns": as_mapping(columns)}
    what = kind_named(kind)
    spread = spread_asked(what, standards_in, teams_in)
    request = request_of(spread.kind(what) if spread else what, asked)
    try:
        loaded = _read(source, what, request, spread, sheet, header)
    except DataError as error:
        if not request.questions or isinstance(error, OpenQuestions):
            raise
        raise open_questions(request.questions, error.where or "", error) from error
    if strict and request.questions:
        raise open_questions(request.questions, loaded.passport.place)
    return loaded


def _read(
    source: str | Path,
    what: Kind,
    request: Request,
    spread: Spread | None,
    sheet: str | int | None,
    header: int | Sequence[int] | None,
) -> Loaded:
    """The table with every proposal taken; the questions stay on the list of the request."""
    kind = what.name
    if stays_there(source, kind):
        _not_of_a_workbook(sheet, header)
        return read_there(source, request)
    file, shown, origin = fetched(str(source)) if is_address(source) else locate(source)
    request = replace(request, where=shown, file=file.stem)
    raw, digest = read_raw(file, sheet=sheet, request=request)
    request = replace(
        request, where=raw.place(shown), day_zero=day_zero_of(file), semicolons=raw.semicolons
    )
    proposed: list[str] = []
    if spread is None:
        spread, proposed = spread_found(raw, request)
        request = replace(request, kind=spread.kind(what)) if spread else request
    chosen = chosen_columns(raw, request, besides=bool(proposed))
    names, mapped = chosen.names, chosen.mapped
    request.kind.refuse_without(names, request.where)
    answers = list(spread.headings) if spread else []
    if spread:
        spread.refuse_unfit(raw, names, request.where)
    beside = {name: heading for name, heading in names.items() if heading not in answers}
    guard = at_the_door(raw.cells.drop(columns=answers), beside, mapped, request)
    names = guard.names | {heading: heading for heading in answers}
    cells, left_out = filter_rows(raw.cells, request, names, guard.secret)

    conversion = convert(cells, names, request, mapped=mapped, secret=guard.secret)
    public = origin.simulated or str(source).startswith(PREFIX)
    conversion = replace(conversion, table=conceal(conversion.table, guard, public=public))
    all_rows = guard.concealed(raw.cells, conversion.table)
    conversion, merged_away = interpreted(conversion, all_rows, names, request)
    checked = _check(conversion, names, request)
    rows, dropped, decisions, every = checked
    decisions += ask_about_far_dates(rows, request)
    decisions += notes_over_time(rows, names, every)
    kept = len(rows)
    if spread:
        decisions.append(spread.note(rows))
        rows = spread.done(rows)
    rows.attrs = {**conversion.table.attrs, "kind": what.name}
    if every is not None:
        rows.attrs["period"] = every
    by_where = [(reason, count, "") for reason, count in left_out]
    passport = Passport(
        source=shown,
        kind=what.name,
        row=what.row,
        digest=digest,
        rows_read=raw.rows_read,
        rows_kept=kept,
        dropped=pd.DataFrame(
            [*raw.left_out, *by_where, *merged_away, *dropped], columns=DROPPED_COLUMNS
        ),
        decisions=(
            *raw.notes,
            *proposed,
            *chosen.notes,
            *guard.notes,
            *conversion.notes,
            *decisions,
        ),
        identifiers=guard.table(what, raw.cells),
        origin=origin,
        facts=facts_of(rows, what),
        suppressed=conversion.suppressed,
        blank=conversion.blank,
        sheet=raw.sheet,
        encoding=raw.encoding,
        totals=raw.totals,
        unread=raw.unread,
        questions=tuple(request.questions),
        **periods_of(rows, every),
    )
    return Loaded(rows, passport)


def _not_of_a_workbook(sheet: str | int | None, header: object) -> None:
    for name, given in (("sheet", sheet), ("header", header)):
        if given is not None:
            raise ParameterError(
                "A table in a database has no sheets and no row of headings.",
                remedy=f"Leave out `{name}`.",
                where=name,
            )


def _check(
    conversion: Conversion, names: dict[str, str], request: Request
) -> tuple[pd.DataFrame, list[tuple[str, int, str]], list[str], str | None]:
    """The table that keeps every rule, what was left out, what was decided, the kind of period."""
    kind, strict, where = request.kind, request.strict, request.where
    table, faults = conversion.table, conversion.faults
    dropped: list[tuple[str, int, str]] = []
    decisions: list[str] = []
    if not strict:
        table, dropped, decisions = _lenient(table, faults, names, where)
    every: str | None = None
    for name in [name for name in kind.columns if kind.holds(name) == "period"]:
        try:
            first_days, every, notes = settle(table[name], conversion.spelt, request, names[name])
        except DataError as error:
            if strict and faults:  # the cells that are no periods at all come first
                raise error_from(faults, headings=names, where=where, strict=strict) from error
            raise
        table = table.assign(**{name: first_days})
        decisions += notes
    if not faults and (question := question_about_repeats(table, names, request)):
        raise open_questions([*request.questions, question], where)
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
