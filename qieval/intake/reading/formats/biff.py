"""Old Excel workbooks (`.xls`): errors, hidden lines and formats, which calamine does not know.

xlrd knows them. calamine reads the cells all the same: it is faster, and alike for all workbooks.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

import xlrd
from xlrd.compdoc import CompDoc, CompDocError

from qieval.intake.reading.formats.number_formats import as_code, as_percent
from qieval.intake.reading.layout.grid import SheetFacts

_BROKEN = (
    xlrd.XLRDError,
    CompDocError,
    struct.error,
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    UnicodeError,
    ValueError,
)
"""What xlrd raises on files that are damaged or not as it expects."""


def facts_of(content: bytes) -> dict[str, SheetFacts]:
    """Name of each sheet → what is known of it; none if the records are not as expected."""
    with open(os.devnull, "w", encoding="utf-8") as silent:
        try:
            book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=silent)
            return {sheet.name: _facts(book, sheet) for sheet in book.sheets()}
        except _BROKEN:
            return {}  # calamine has the last word on whether the file can be read at all


def is_sound(content: bytes) -> bool:
    """Whether the sectors of the container can be followed to their ends.

    calamine follows a damaged chain without end, until no memory is left.
    """
    if not content.startswith(xlrd.compdoc.SIGNATURE):
        return True  # no such container: calamine will say so
    with open(os.devnull, "w", encoding="utf-8") as silent:
        try:
            container = CompDoc(content, logfile=silent)
            for name in ("Workbook", "Book"):
                container.locate_named_stream(name)
        except _BROKEN:
            return False
    return True


def _facts(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> SheetFacts:
    lines = {number for number, line in sheet.rowinfo_map.items() if line.hidden}
    columns = {number for number, column in sheet.colinfo_map.items() if column.hidden}
    return SheetFacts(
        {(row + 1, column + 1): text for row, column, text in _shown_otherwise(book, sheet)},
        tuple(sorted(number + 1 for number in lines)),
        tuple(sorted(number + 1 for number in columns)),
    )


def _shown_otherwise(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> Iterator[tuple[int, int, str]]:
    """Row, column and text of the cells that show an error, a code with zeros or percent."""
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
            if kind == xlrd.XL_CELL_ERROR:
                yield row, column, xlrd.error_text_from_code.get(value, "#ERROR")
            elif kind == xlrd.XL_CELL_NUMBER:
                style = book.xf_list[sheet.cell_xf_index(row, column)]
                shape = book.format_map[style.format_key].format_str
                if text := as_code(value, shape) or as_percent(value, shape):
                    yield row, column, text
