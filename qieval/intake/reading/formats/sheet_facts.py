"""What calamine does not tell of a sheet: error values, hidden lines, formulas without results.

It is read straight from the file's own parts, because openpyxl would build every cell of every
sheet a second time. How the parts look: ECMA-376 part 1 (`.xlsx`), OpenDocument 1.3 part 3
(`.ods`), [MS-XLS] and [MS-CFB] (`.xls`).
"""

from __future__ import annotations

import functools
import posixpath
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from qieval.core.errors import DataError
from qieval.intake.reading.formats import biff, opendocument
from qieval.intake.reading.layout.grid import SheetFacts, letters

_MOST_CELLS = 50_000_000
_MOST_BYTES = 4_000_000_000
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COL = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_FAR = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{3})(\d+)"[^>]*[^/]>')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_NUMBER = {name: re.compile(rb'\b%s="(\d+)"' % name.encode()) for name in ("r", "min", "max")}
_HIDDEN = re.compile(rb'\bhidden="(1|true)"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def facts_of_sheets(file: Path, names: Sequence[str], where: str) -> Callable[[str], SheetFacts]:
    """A function that says what is known of a sheet by its name; each is looked at when asked.

    Raises DataError if the workbook is far larger inside than any team's (a file made to do harm).
    """
    if not zipfile.is_zipfile(file):
        from_stream = biff.facts_of(file.read_bytes())
        return lambda name: from_stream.get(name, SheetFacts())
    with zipfile.ZipFile(file) as parts:
        inside = {info.filename: info.file_size for info in parts.infolist()}
    if sum(inside.values()) > _MOST_BYTES:
        raise DataError(
            "The workbook is too large when unpacked.",
            found=f"{sum(inside.values()) / 1e9:,.0f} GB",
            remedy="Save the one sheet that is needed as CSV or Parquet.",
            where=where,
        )
    if "content.xml" in inside:
        known = functools.cache(lambda: opendocument.facts_of(file))
        return lambda name: known().get(name, SheetFacts())
    places = _places_of_sheets(file)
    return lambda name: _facts_of_part(file, places[name]) if name in places else SheetFacts()


def refuse_too_large(facts: SheetFacts, where: str) -> None:
    """Refuse a sheet whose cells reach so far that it could not be held in memory."""
    rows, columns = facts.last
    if rows * columns > _MOST_CELLS:
        raise DataError(
            "The cells of the sheet reach too far to be read.",
            found=f"something as far as row {rows:,} and column {letters(columns)}",
            remedy="Delete the rows and columns behind the table, or save the sheet as CSV.",
            where=where,
        )


def _places_of_sheets(file: Path) -> dict[str, str]:
    """Name of each sheet → its part of the file."""
    with zipfile.ZipFile(file) as parts:
        try:
            workbook = ElementTree.fromstring(parts.read("xl/workbook.xml"))
            relations = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
        except (KeyError, ElementTree.ParseError):
            return {}
        targets = {
            relation.get("Id"): posixpath.normpath(posixpath.join("/xl", target_name))
            for relation in relations
            if (target_name := relation.get("Target"))
        }
        known = set(parts.namelist())
    places = {}
    for sheet in workbook.iter():
        if sheet.tag.endswith("}sheet"):
            target = (targets.get(sheet.get(_RELATION)) or "").lstrip("/")
            if target in known:
                places[sheet.get("name", "")] = target
    return places


def _facts_of_part(file: Path, place: str) -> SheetFacts:
    with zipfile.ZipFile(file) as parts:
        xml = parts.read(place)
    start = xml.find(b"sheetData")
    last_row, hidden = 0, []
    for match in _ROW.finditer(xml):
        number = _NUMBER["r"].search(match[1])
        last_row = int(number[1]) if number else last_row + 1
        if _HIDDEN.search(match[1]):
            hidden.append(last_row)
    columns: list[int] = []
    for match in _COL.finditer(xml, 0, max(start, 0)):
        first, last = (_NUMBER[name].search(match[1]) for name in ("min", "max"))
        if first and last and _HIDDEN.search(match[1]):
            # Whole sheets are hidden from some column on: those hold nothing.
            columns += range(int(first[1]), min(int(last[1]), int(first[1]) + 200) + 1)
    far = max((_column(match[1]) for match in _FAR.finditer(xml)), default=702)
    errors: dict[tuple[int, int], str] = {}
    uncalculated: set[tuple[int, int]] = set()
    if b't="e"' in xml or b"<f" in xml or b":f" in xml:
        _cells_of_note(xml, errors, uncalculated)
    codes = padded_codes(file, xml)
    for name, shown in codes.items():
        if place_of := re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", name):
            errors[int(place_of[2]), _column(place_of[1].encode())] = shown
    notes = (f"{len(codes):,} cells show leading zeros and were read as codes.",) if codes else ()
    return SheetFacts(
        errors,
        tuple(hidden),
        tuple(columns),
        frozenset(uncalculated),
        notes=notes,
        last=(last_row, far if far > 702 else 1),
    )


def _cells_of_note(
    xml: bytes, errors: dict[tuple[int, int], str], uncalculated: set[tuple[int, int]]
) -> None:
    for match in _CELL.finditer(xml):
        attributes, content = match[1], match[2] or b""
        is_error = b't="e"' in attributes
        if not is_error and (b"f" not in content or b't="str"' in attributes):
            continue
        place, value = _PLACE.search(attributes), _VALUE.search(content)
        if place is None:
            continue
        cell = int(place[2]), _column(place[1])
        if is_error and value:
            errors[cell] = value[1].decode("utf-8", "replace")
        elif re.search(rb"<(\w+:)?f\b", content) and not value:
            uncalculated.add(cell)


def _column(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
_ATTRIBUTE = {
    name: re.compile(rb"\b%s=[\"']([^\"']*)[\"']" % name.encode())
    for name in ("numFmtId", "formatCode", "r", "s", "t")
}
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
_ZEROS = re.compile(rb"0{2,10}")
_CELL_WITH_NUMBER = re.compile(
    rb"<(?:\w+:)?c\b([^>/]*)>\s*(?:<(?:\w+:)?f\b[^>]*?(?:/>|>.*?</(?:\w+:)?f>))?\s*"
    rb"<(?:\w+:)?v>(\d+)(?:\.0+)?</",
    re.DOTALL,
)


def padded_codes(file: Path, sheet: bytes) -> dict[str, str]:
    """Cell ("B7") → its digits as they show, for whole numbers with a format of zeros only."""
    with zipfile.ZipFile(file) as parts:
        known = "xl/styles.xml" in parts.namelist()
        styles = parts.read("xl/styles.xml") if known else b""
    widths = {
        attributes["numFmtId"]: len(attributes["formatCode"])
        for match in _FORMAT.finditer(styles)
        if _ZEROS.fullmatch((attributes := _attributes(match[0])).get("formatCode", b""))
    }
    block = _STYLES.search(styles)
    if not widths or block is None:
        return {}
    by_style = {
        str(number).encode(): widths[attributes["numFmtId"]]
        for number, match in enumerate(_STYLE.finditer(block[0]))
        if (attributes := _attributes(match[0])).get("numFmtId") in widths
    }
    codes = {}
    for match in _CELL_WITH_NUMBER.finditer(sheet):
        attributes = _attributes(match[1])
        if (
            attributes.get("s") in by_style
            and attributes.get("t", b"n") == b"n"
            and "r" in attributes
        ):
            codes[attributes["r"].decode()] = match[2].decode().zfill(by_style[attributes["s"]])
    return codes


def _attributes(tag: bytes) -> dict[str, bytes]:
    return {
        name: found[1] for name, pattern in _ATTRIBUTE.items() if (found := pattern.search(tag))
    }
