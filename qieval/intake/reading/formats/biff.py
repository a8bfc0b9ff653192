"""Old Excel workbooks (`.xls`): the cells as they are shown, and what hides them.

xlrd reads them, not calamine as other workbooks: calamine follows some damaged files without end,
and ends the process on others.
"""

from __future__ import annotations

import datetime as dt
import os

import xlrd
from xlrd.xldate import XLDateError, xldate_as_datetime

from qieval.intake.reading.formats.number_formats import as_code, as_percent, notes_of
from qieval.intake.reading.layout.grid import Area, SheetFacts

Shown = dict[tuple[int, int], str]
"""Row and column, counted from 1 → the text that is read there."""

_SUPERSCRIPT = 1
"""What an escaped font says ([MS-XLS] 2.4.122, `sss`)."""


class DamagedError(Exception):
    """The file is no old workbook, or a damaged one."""


class ProtectedError(Exception):
    """The workbook has a password."""


def opened(content: bytes) -> xlrd.Book:
    """The workbook in these bytes. Raises DamagedError or ProtectedError."""
    with open(os.devnull, "w", encoding="utf-8") as silent:
        try:
            return xlrd.open_workbook(
                file_contents=content, formatting_info=True, ragged_rows=True, logfile=silent
            )
        except Exception as error:  # damage takes xlrd anywhere: it raises a dozen kinds
            protected = isinstance(error, xlrd.XLRDError) and "encrypted" in str(error)
            raise (ProtectedError if protected else DamagedError) from error


def facts_of(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> SheetFacts:
    """What is known of a sheet besides its cells."""
    lines = {number for number, line in sheet.rowinfo_map.items() if line.hidden}
    columns = {number for number, column in sheet.colinfo_map.items() if column.hidden}
    codes, marked, others = _shown_otherwise(book, sheet)
    return SheetFacts(
        codes | marked | others,
        tuple(sorted(number + 1 for number in lines)),
        tuple(sorted(number + 1 for number in columns)),
        merged=merged_in(sheet),
        last=(sheet.nrows, sheet.ncols),
        notes=notes_of(codes, marked),
    )


def merged_in(sheet: xlrd.sheet.Sheet) -> tuple[Area, ...]:
    """The merged cells of a sheet."""
    return tuple(
        Area(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells
    )


def rows_of(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> list[list[object]]:
    """The cells of a sheet: text, numbers, dates, truth values; None where blank."""
    return [
        [_value(book, cell.ctype, cell.value) for cell in sheet.row(row)]
        for row in range(sheet.nrows)
    ]


def _value(book: xlrd.Book, kind: int, value: object) -> object:
    if kind == xlrd.XL_CELL_DATE and isinstance(value, float):
        try:
            date = xldate_as_datetime(value, book.datemode)
        except (XLDateError, OverflowError, ValueError):
            return value  # a number that no calendar holds stays a number
        if abs(value) < 1:
            return date.time()
        return date.date() if date.time() == dt.time() else date
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    return None if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) else value


def _shown_otherwise(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> tuple[Shown, Shown, Shown]:
    """The codes with zeros, the texts without their superscript marks, and errors and percent."""
    codes: Shown = {}
    marked: Shown = {}
    others: Shown = {}
    for row in range(sheet.nrows):
        for column, cell in enumerate(sheet.row(row)):
            place = row + 1, column + 1
            if cell.ctype == xlrd.XL_CELL_ERROR:
                others[place] = xlrd.error_text_from_code.get(cell.value, "#ERROR")
            elif cell.ctype == xlrd.XL_CELL_NUMBER:
                shape = _format_of(book, cell.xf_index)
                if code := as_code(cell.value, shape):
                    codes[place] = code
                elif percent := as_percent(cell.value, shape):
                    others[place] = percent
            elif runs := sheet.rich_text_runlist_map.get((row, column)):
                start, font = runs[-1]
                text = cell.value[:start].strip()
                if text and _is_superscript(book, font):
                    marked[place] = text
    return codes, marked, others


def _format_of(book: xlrd.Book, style: int) -> str:
    """The number format of a style; `General` where a damaged file names a style it lacks."""
    if not 0 <= style < len(book.xf_list):
        return "General"
    shape = book.format_map.get(book.xf_list[style].format_key)
    return shape.format_str if shape else "General"


def _is_superscript(book: xlrd.Book, font: int) -> bool:
    return font < len(book.font_list) and book.font_list[font].escapement == _SUPERSCRIPT
