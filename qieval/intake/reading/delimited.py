"""CSV and TSV files to raw cells: encoding, separator, quotes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from qieval.core.errors import DataError
from qieval.intake.reading.raw import RawTable, raw_table

_SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons"}
_WIDE_TEXT_MARKS = (b"\xff\xfe", b"\xfe\xff")
_WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_delimited(file: Path, *, header: int, where: str) -> RawTable:
    """Raw cells of a CSV or TSV file.

    Parameters
    ----------
    file : Path
        The file.
    header : int
        Row number of the headings.
    where : str
        The file, as shown.

    Raises
    ------
    DataError
        If it is no text file, or its quotes do not match.
    """
    notes: list[str] = []
    text = _decode(file.read_bytes(), notes, where)
    separator = _separator(text, file, header, notes)
    # The quotes of a cell may hold line breaks; such a cell is one row, as in a spreadsheet.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise DataError(
            f"The quotes do not match near line {reader.line_num:,}.",
            found=str(error),
            remedy='Write a quote inside a quoted cell twice ("").',
            where=where,
        ) from error
    last = rows[-1] if rows else []
    # Programs end the last line; a shorter one that just stops was cut off on its way.
    unended = not text.endswith(("\n", "\r")) and len(rows) > header
    if unended and 0 < len(last) < len(rows[header - 1]):
        raise DataError(
            f"The file seems cut off: its last row ({len(rows):,}) stops in the middle.",
            remedy="Copy or download it again; if it is complete, end the last line.",
            where=where,
        )
    return raw_table(rows, header=header, where=where, notes=notes)


def _decode(content: bytes, notes: list[str], where: str) -> str:
    if content.startswith(_WORKBOOK_MARKS):
        raise DataError(
            "This is a workbook, not a text file, whatever its name says.",
            remedy="Give it its own ending (`.xlsx` or `.xls`).",
            where=where,
        )
    if content.startswith(_WIDE_TEXT_MARKS):
        notes.append("Encoding: UTF-16 (what Excel calls Unicode text).")
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if encoding == "cp1252":
            notes.append("Encoding: not UTF-8; read as Windows-1252 (Excel's own on Windows).")
        return text
    raise DataError(
        "This is not a text file that can be read.",
        remedy="Save it as `CSV UTF-8` in Excel.",
        where=where,
    )


def _separator(text: str, file: Path, header: int, notes: list[str]) -> str:
    """The separator that the ending promises, or the one that the row of headings really has."""
    promised = "\t" if file.suffix.lower() in (".tsv", ".tab") else ","
    lines = text.split("\n", header)
    outside_quotes = "".join(lines[header - 1].split('"')[::2]) if len(lines) >= header else ""
    counts = {mark: outside_quotes.count(mark) for mark in _SEPARATORS}
    found = max(counts, key=lambda mark: counts[mark])
    if counts[promised] or not counts[found]:
        return promised
    notes.append(f"Cells are separated by {_SEPARATORS[found]}, not {_SEPARATORS[promised]}.")
    return found
