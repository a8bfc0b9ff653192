"""OpenDocument workbooks (`.ods`): merged and hidden cells, errors, percent, how far it reaches."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from qieval.intake.reading.formats.number_formats import in_percent
from qieval.intake.reading.layout.grid import Area, SheetFacts

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_ERROR = re.compile(r"#(NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)|Err:\d{3}")
_LONGEST_RUN = 1000


def facts_of(file: Path) -> dict[str, SheetFacts]:
    """Name of each sheet → what is known of it; none if its XML is damaged."""
    by_sheet: dict[str, SheetFacts] = {}
    with zipfile.ZipFile(file) as parts, parts.open("content.xml") as stream:
        try:
            for _, element in ElementTree.iterparse(stream):
                if element.tag == f"{_TABLE}table":
                    by_sheet[element.get(f"{_TABLE}name", "")] = _facts(element)
                    element.clear()
        except ElementTree.ParseError:
            return {}  # calamine has the last word on whether the file can be read at all
    return by_sheet


def _facts(table: ElementTree.Element) -> SheetFacts:
    merged: list[Area] = []
    shown: dict[tuple[int, int], str] = {}
    hidden_rows: list[int] = []
    last_row = last_column = 0
    row = 1
    for line in table.iter(f"{_TABLE}table-row"):
        times = _times(line, "number-rows-repeated")
        column = 1
        filled = False
        for cell in line:
            if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            width = _times(cell, "number-columns-repeated")
            if len(cell) or cell.get(f"{_OFFICE}value-type"):
                filled = True
                last_column = max(last_column, column + width - 1)
                text = "".join(cell.itertext()) if len(cell) else ""
                if _ERROR.fullmatch(text) and cell.get(f"{_TABLE}formula"):
                    shown[row, column] = text
                if cell.get(f"{_OFFICE}value-type") == "percentage":
                    percent = in_percent(float(cell.get(f"{_OFFICE}value", "nan")))
                    shown |= dict.fromkeys(_places(row, column, times, width), percent)
            down = _times(cell, "number-rows-spanned")
            across = _times(cell, "number-columns-spanned")
            if down * across > 1:
                merged.append(Area(row, column, row + down - 1, column + across - 1))
            column += width
        if filled:
            last_row = row + times - 1
        if line.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            hidden_rows += range(row, row + min(times, _LONGEST_RUN))
        row += times
    return SheetFacts(
        shown,
        tuple(hidden_rows),
        _hidden_columns(table),
        merged=tuple(merged),
        last=(last_row, last_column),
    )


def _hidden_columns(table: ElementTree.Element) -> tuple[int, ...]:
    hidden: list[int] = []
    column = 1
    for line in table.iter(f"{_TABLE}table-column"):
        times = _times(line, "number-columns-repeated")
        if line.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            hidden += range(column, column + min(times, _LONGEST_RUN))
        column += times
    return tuple(hidden)


def _places(row: int, column: int, times: int, width: int) -> Iterator[tuple[int, int]]:
    """The cells that one element stands for; a run longer than any table's is cut off."""
    for down in range(min(times, _LONGEST_RUN)):
        for across in range(min(width, _LONGEST_RUN)):
            yield row + down, column + across


def _times(element: ElementTree.Element, name: str) -> int:
    text = element.get(f"{_TABLE}{name}", "1")
    return int(text) if text.isdecimal() else 1
