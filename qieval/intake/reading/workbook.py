"""Excel and OpenDocument workbooks to raw cells: which sheet, and what it holds."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from qieval.core.errors import DataError, ParameterError, listed, nearest
from qieval.intake.reading.raw import Cell, RawTable, raw_table


def read_workbook(file: Path, *, sheet: str | int | None, header: int, where: str) -> RawTable:
    """Raw cells of one sheet.

    Parameters
    ----------
    file : Path
        The workbook.
    sheet : str, int or None
        Name of the sheet, or its place (1 is the first). None: the only one that holds data.
    header : int
        Row number of the headings.
    where : str
        The file, as shown.

    Raises
    ------
    DataError
        If it cannot be opened, holds no data, or several sheets do and none was named.
    ParameterError
        If the sheet that was named is not there.
    """
    try:
        with load_workbook(file) as book:
            name, notes = _choose(book, sheet, where)
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            errors = _error_cells(file, name)
    except PasswordError as error:
        raise DataError(
            "The workbook has a password.",
            remedy="Save a copy without a password in a safe place.",
            where=where,
        ) from error
    except (CalamineError, zipfile.BadZipFile) as error:
        raise DataError(
            "The workbook cannot be opened: it is damaged, or no workbook.",
            remedy="Open it in Excel and save it again as `.xlsx`.",
            where=where,
        ) from error
    for (row, column), says in errors.items():
        rows[row - 1][column - 1] = says
    return raw_table(rows, header=header, where=f"{where}, sheet `{name}`", sheet=name, notes=notes)


def _choose(book: CalamineWorkbook, sheet: str | int | None, where: str) -> tuple[str, list[str]]:
    """The sheet to read, and what has to be said about the others."""
    sheets = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    names = [meta.name for meta in sheets]
    if sheet is not None:
        return _named(sheet, names, where), []
    hidden = [meta.name for meta in sheets if meta.visible != SheetVisibleEnum.Visible]
    visible = [name for name in names if name not in hidden]
    filled = [name for name in visible if _has_data(book, name)]
    if not filled:
        raise DataError(
            "No sheet holds data.",
            found=f"sheets: {listed(names)}" + (f"; hidden: {listed(hidden)}" if hidden else ""),
            where=where,
        )
    if len(filled) > 1:
        raise DataError(
            "Several sheets hold data.",
            found=listed(filled),
            remedy=f"Say which one to read: `sheet: {filled[0]}`.",
            where=where,
        )
    notes = [f"Sheet `{filled[0]}` was read: the only one with data."] if len(names) > 1 else []
    if hidden:
        notes.append(f"Hidden sheets were not read: {listed(hidden)}.")
    return filled[0], notes


def _named(sheet: str | int, names: list[str], where: str) -> str:
    # A sheet may be called 2019, which YAML reads as a number: names come before places.
    if str(sheet) in names:
        return str(sheet)
    if isinstance(sheet, int) and 1 <= sheet <= len(names):
        return names[sheet - 1]
    guess = nearest(str(sheet), names)
    raise ParameterError(
        f"The workbook has no sheet `{sheet}`.",
        found=f"sheets: {listed(names)}",
        remedy=f"Did you mean `sheet: {guess}`?" if guess else None,
        where=where,
    )


def _has_data(book: CalamineWorkbook, name: str) -> bool:
    rows: list[list[Any]] = book.get_sheet_by_name(name).to_python()
    return any(cell != "" for row in rows for cell in row)


def _error_cells(file: Path, sheet: str) -> dict[tuple[int, int], Cell]:
    """Cells with an Excel error (``#DIV/0!``), which calamine hands over as blanks."""
    if not zipfile.is_zipfile(file):
        return {}  # .xls: its errors cannot be told from blanks
    with zipfile.ZipFile(file) as parts:
        inside = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        if not any(b't="e"' in parts.read(name) for name in inside):
            return {}
    import openpyxl  # slow to import, and hardly ever needed

    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        return {
            (cell.row, cell.column): str(cell.value)
            for row in book[sheet].iter_rows()
            for cell in row
            if cell.data_type == "e"
        }
    finally:
        book.close()
