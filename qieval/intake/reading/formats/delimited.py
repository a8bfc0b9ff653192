"""CSV and TSV files to a grid of cells: encoding, separator, quotes."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from pathlib import Path

from qieval.core.config import settings_here
from qieval.core.errors import DataError
from qieval.intake.reading.layout.grid import Grid
from qieval.intake.reading.raw import tidy_cell
from qieval.intake.tables.faults import row_numbers

_SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
_WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SAYS_SEPARATOR = re.compile(r'"?sep=(?P<mark>[,;|\t])"?[ \t]*\r?\n?', re.IGNORECASE)
_LOOKED_AT = 100
_LONGEST_CELL = 10_000_000


def read_delimited(file: Path, *, where: str) -> Grid:
    """The cells of a CSV or TSV file.

    Raises DataError if it is no text file, or its quotes do not match.
    """
    notes: list[str] = []
    content = file.read_bytes()
    _refuse_too_many(content, where)
    text, encoding = _decode(content, notes, where)
    separator = _separator(text, file, notes)
    # The quotes of a cell may hold line breaks; such a cell is one row, as in a spreadsheet.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = [[tidy_cell(cell) for cell in row] for row in reader]
    except csv.Error as error:
        raise DataError(
            f"The quotes do not match near line {reader.line_num:,}.",
            found=str(error),
            remedy='Write a quote inside a quoted cell twice ("").',
            where=where,
        ) from error
    if _SAYS_SEPARATOR.fullmatch(text.split("\n", 1)[0] + "\n"):
        rows[0] = []
    return Grid(
        rows,
        where,
        delimited=True,
        semicolons=separator == ";",
        unended=not text.endswith(("\n", "\r")),
        encoding=encoding,
        notes=tuple(notes),
    )


def _refuse_too_many(content: bytes, where: str) -> None:
    """Refuse a file with more cells than may be held at once, before its text is unpacked."""
    separators = max(content.count(mark.encode()) for mark in _SEPARATORS)
    cells, most = separators + content.count(b"\n"), settings_here()[0].sheet_cells
    if cells > most:
        raise DataError(
            "The file has too many cells to be read at once.",
            found=f"about {cells:,}; at most {most:,} are read",
            remedy="Save it as Parquet, which is read in pieces; or, if this computer has the "
            "memory, set `sheet_cells` in qieval.toml.",
            where=where,
        )


def _decode(content: bytes, notes: list[str], where: str) -> tuple[str, str]:
    """The text, and its encoding in words."""
    if content.startswith(_WORKBOOK_MARKS):
        raise DataError(
            "This is a workbook, not a text file, whatever its name says.",
            remedy="Give it its own ending (`.xlsx` or `.xls`).",
            where=where,
        )
    for encoding, name, note in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if encoding == "cp1252" and (lines := _lines_of_both(content)):
            raise DataError(
                "The file is written in two encodings: some lines are UTF-8, others are not.",
                found=f"both occur; UTF-8 letters in {row_numbers(lines, most=5)}",
                remedy="Save the parts one way, best as `CSV UTF-8`, and put them together again.",
                where=where,
            )
        if note:
            notes.append(note)
        return text.removeprefix("\ufeff"), name
    raise DataError(
        "This is not a text file that can be read.",
        remedy="Save it as `CSV UTF-8` in Excel.",
        where=where,
    )


_UTF_8_LETTER = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xc2[\xa0-\xbf]|\xe2\x80[\x90-\xa6]")


def _lines_of_both(content: bytes) -> list[int]:
    """The lines with letters in UTF-8, in a file that is not UTF-8 as a whole."""
    lines = content.splitlines()
    return [number for number, line in enumerate(lines, 1) if _UTF_8_LETTER.search(line)]


def _encodings(content: bytes) -> list[tuple[str, str, str]]:
    """Encodings to try: Python's name, the name in words, what to note."""
    wide = "Encoding: UTF-16 (what Excel calls Unicode text)."
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return [("utf-16", "UTF-16", wide)]
    # Without a mark at its start, UTF-16 shows by the blank half of each letter.
    start = content[:2000]
    for encoding, blank in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if len(start) > 3 and 10 * blank.count(0) > 9 * len(blank):
            return [(encoding, "UTF-16", wide)]
    windows = "Encoding: not UTF-8; read as Windows-1252 (Excel's own on Windows)."
    mark = " with a mark at its start" if content.startswith(b"\xef\xbb\xbf") else ""
    return [("utf-8-sig", f"UTF-8{mark}", ""), ("cp1252", "Windows-1252", windows)]


def _separator(text: str, file: Path, notes: list[str]) -> str:
    """The separator that the ending promises, or the one that parts most rows alike."""
    promised = "\t" if file.suffix.lower() in (".tsv", ".tab") else ","
    if said := _SAYS_SEPARATOR.match(text):
        separator = said["mark"]
    else:
        scores = {mark: _score(text, mark) for mark in _SEPARATORS}
        best = max(scores.values())
        separator = promised if scores[promised] == best else max(scores, key=lambda m: scores[m])
    if separator != promised:
        notes.append(
            f"Cells are separated by {_SEPARATORS[separator]}, not {_SEPARATORS[promised]}."
        )
    return separator


def _score(text: str, mark: str) -> tuple[float, int]:
    """The share of rows that have the same number of cells (several), and that number."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        lengths = [len(row) for row in itertools.islice(reader, _LOOKED_AT) if any(row)]
    except csv.Error:
        return 0.0, 0
    counts = Counter(length for length in lengths if length > 1)
    if not counts:
        return 0.0, 0
    cells, rows = counts.most_common(1)[0]
    return round(rows / len(lengths), 2), cells
