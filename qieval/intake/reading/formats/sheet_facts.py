"""What calamine does not tell of a sheet: error values, hidden lines, formulas without results.

It is read straight from the file's own parts, because openpyxl would build every cell of every
sheet a second time. How the parts look: ECMA-376 part 1 (`.xlsx`), OpenDocument 1.3 part 3
(`.ods`). Old workbooks (`.xls`) are read otherwise (biff.py).
"""

from __future__ import annotations

import functools
import html
import posixpath
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from qieval.core.config import settings_here
from qieval.core.errors import DataError
from qieval.intake.reading.formats import opendocument
from qieval.intake.reading.formats.number_formats import as_code, as_percent, notes_of
from qieval.intake.reading.layout.grid import SheetFacts, letters

if TYPE_CHECKING:
    from openpyxl.cell.rich_text import CellRichText

_SPARSE = 20
"""A large sheet of which less than one cell in so many is filled reaches too far by mistake."""
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COL = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_FILLED = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br=["\']([A-Z]{1,3})(\d{1,7})["\'][^>]*(?<!/)>'
    rb"(?!\s*(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>))?\s*</(?:\w+:)?c>)"
)
"""A cell that holds something; programs write a formatted empty one in several ways."""
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?!\w)(?![^>]*\br=)")
"""A cell that does not say where it stands: behind the one before it."""
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_NUMBER = {name: re.compile(rb'\b%s="(\d+)"' % name.encode()) for name in ("r", "min", "max")}
_HIDDEN = re.compile(rb'\bhidden="(1|true)"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def facts_of_sheets(file: Path, names: Sequence[str]) -> Callable[[str], SheetFacts]:
    """A function that says what is known of a sheet by its name; each is looked at when asked."""
    with zipfile.ZipFile(file) as parts:
        is_opendocument = "content.xml" in parts.namelist()
    if is_opendocument:
        known = functools.cache(lambda: opendocument.facts_of(file))
        return lambda name: known().get(name, SheetFacts())
    places = _places_of_sheets(file)
    marks = functools.cache(lambda: superscripts(file))
    return lambda name: (
        _facts_of_part(file, name, places[name], marks) if name in places else SheetFacts()
    )


def refuse_too_large_inside(file: Path, where: str) -> int:
    """How many bytes a workbook has, unpacked, with each text as often as cells may repeat it.

    Raises DataError if they are far more than any team's (a file made to do harm).
    """
    if not zipfile.is_zipfile(file):
        return file.stat().st_size
    try:
        with zipfile.ZipFile(file) as parts:
            inside = sum(info.file_size for info in parts.infolist())
            most = settings_here()[0].sheet_megabytes
            repeated = 0 if inside > most * 1e6 else _repeated(parts)
    except (zipfile.BadZipFile, NotImplementedError):
        return file.stat().st_size  # opening it says so
    if inside > most * 1e6:
        raise DataError(
            "The workbook is too large when unpacked.",
            found=f"{inside / 1e6:,.0f} MB; at most {most:,} MB are read",
            remedy="Save the one sheet that is needed as CSV or Parquet; or, if this computer has "
            "the memory, set `sheet_megabytes` in qieval.toml.",
            where=where,
        )
    return inside + repeated


_LONG = 200
"""Bytes from which on a text is long: cells may share it, and the reader repeats it in each."""
_SHARED_TEXT = re.compile(rb"<(?:\w+:)?si\b.*?</(?:\w+:)?si>", re.DOTALL)
_PARAGRAPH = re.compile(rb"<text:p\b.*?</text:p>", re.DOTALL)
_SHARES = re.compile(rb"""\bt=["']s["']""")
_REPEATS = re.compile(rb"""-repeated=["'](\d+)["']""")


def _repeated(parts: zipfile.ZipFile) -> int:
    """At most how many bytes the longest text has when every cell that may repeat it is filled."""
    names = parts.namelist()
    if "content.xml" in names:
        content = parts.read("content.xml")
        longest = max(map(len, _PARAGRAPH.findall(content)), default=0)
        times = max(map(int, _REPEATS.findall(content)), default=0)
    elif "xl/sharedStrings.xml" in names:
        texts = _SHARED_TEXT.findall(parts.read("xl/sharedStrings.xml"))
        longest = max(map(len, texts), default=0)
        sheets = (name for name in names if name.startswith("xl/worksheets/"))
        times = longest > _LONG and sum(len(_SHARES.findall(parts.read(name))) for name in sheets)
    else:
        return 0
    return longest * times if longest > _LONG else 0


def refuse_too_far(facts: SheetFacts, cells: int, where: str) -> None:
    """Refuse a sheet whose cells reach so far that it could not be held in memory.

    `cells`: how many cells this sheet and those before it reach over.
    """
    rows, columns = facts.last
    most = settings_here()[0].sheet_cells
    almost_empty = facts.filled is not None and facts.filled * _SPARSE < rows * columns
    if cells > most or (rows * columns > most / _SPARSE and almost_empty):
        before = cells - rows * columns
        raise DataError(
            "The cells of the sheet reach too far to be read.",
            found=f"something as far as row {rows:,} and column {letters(columns)}: "
            f"{rows * columns:,} cells"
            + (f", of which {facts.filled:,} hold something" if facts.filled is not None else "")
            + (f"; the sheets before it reach over {before:,}" if before else ""),
            remedy="Delete the rows and columns behind the table, name the one `sheet` that is "
            "needed, or save it as CSV; or, if this computer has the memory, set `sheet_cells` in "
            "qieval.toml.",
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


def _facts_of_part(
    file: Path, name: str, place: str, marks: Callable[[], dict[str, Marked]]
) -> SheetFacts:
    with zipfile.ZipFile(file) as parts:
        xml = parts.read(place)
    start = xml.find(b"sheetData")
    numbered, hidden = 0, []
    for match in _ROW.finditer(xml):
        number = _NUMBER["r"].search(match[1])
        numbered = int(number[1]) if number else numbered + 1
        if _HIDDEN.search(match[1]):
            hidden.append(numbered)
    columns: list[int] = []
    for match in _COL.finditer(xml, 0, max(start, 0)):
        first, last = (_NUMBER[name].search(match[1]) for name in ("min", "max"))
        if first and last and _HIDDEN.search(match[1]):
            # Whole sheets are hidden from some column on: those hold nothing.
            columns += range(int(first[1]), min(int(last[1]), int(first[1]) + 200) + 1)
    columns_filled, last_row, filled = {b"A"}, 1, 0
    for match in _FILLED.finditer(xml):
        columns_filled.add(match[1])
        last_row, filled = max(last_row, int(match[2])), filled + 1
    last_column = max(map(_column, columns_filled))
    if _UNPLACED.search(xml):
        in_rows = [len(_UNPLACED.findall(row)) for row in re.split(_ROW, xml)[2::2]]
        last_row = max(last_row, numbered)
        last_column, filled = max(last_column, *in_rows), filled + sum(in_rows)
    errors: dict[tuple[int, int], str] = {}
    uncalculated: set[tuple[int, int]] = set()
    if b't="e"' in xml or b"<f" in xml or b":f" in xml:
        _cells_of_note(xml, errors, uncalculated)
    shown = shown_otherwise(file, xml)
    for place_name, text in {**shown.codes, **shown.percent}.items():
        if place_of := re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", place_name):
            errors[int(place_of[2]), _column(place_of[1].encode())] = text
    has_any = marks_may_be_shared(file) or b"superscript" in xml
    marked = marks().get(name, {}) if has_any else {}
    errors |= marked
    return SheetFacts(
        errors,
        tuple(hidden),
        tuple(columns),
        frozenset(uncalculated),
        notes=notes_of(shown.codes, marked),
        filled=filled,
        last=(last_row, last_column),
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
_BUILT_IN = {b"9": "0%", b"10": "0.00%"}
"""Formats with percent that no workbook spells out (ECMA-376 part 1, 18.8.30)."""
_CELL_WITH_NUMBER = re.compile(
    rb"<(?:\w+:)?c\b([^>/]*)>\s*(?:<(?:\w+:)?f\b[^>]*?(?:/>|>.*?</(?:\w+:)?f>))?\s*"
    rb"<(?:\w+:)?v>([-+.0-9eE]+)</",
    re.DOTALL,
)


@dataclass(frozen=True)
class Shown:
    """Cells that show something else than the number they hold, by their formats."""

    codes: dict[str, str]  # cell ("B7") → its digits with leading zeros
    percent: dict[str, str]  # cell → the percent that it shows: 0.886 as 88.6%


def shown_otherwise(file: Path, sheet: bytes) -> Shown:
    """The cells of a sheet whose format pads them with zeros, or shows them as percent."""
    with zipfile.ZipFile(file) as parts:
        known = "xl/styles.xml" in parts.namelist()
        styles = parts.read("xl/styles.xml") if known else b""
    formats = _BUILT_IN | {
        attributes.get("numFmtId", b""): html.unescape(
            attributes.get("formatCode", b"").decode("utf-8", "replace")
        )
        for match in _FORMAT.finditer(styles)
        if (attributes := _attributes(match[0]))
    }
    block = _STYLES.search(styles)
    of_style = {
        str(number).encode(): formats[used]
        for number, match in enumerate(_STYLE.finditer(block[0] if block else b""))
        if (used := _attributes(match[0]).get("numFmtId", b"")) in formats
    }
    shown = Shown({}, {})
    if not any("%" in shape or "00" in shape for shape in of_style.values()):
        return shown
    for match in _CELL_WITH_NUMBER.finditer(sheet):
        attributes = _attributes(match[1])
        if attributes.get("t", b"n") != b"n" or "r" not in attributes:
            continue
        shape, place = of_style.get(attributes.get("s", b""), ""), attributes["r"].decode()
        try:
            number = float(match[2])
        except ValueError:
            continue
        if code := as_code(number, shape):
            shown.codes[place] = code
        elif percent := as_percent(number, shape):
            shown.percent[place] = percent
    return shown


Marked = dict[tuple[int, int], str]
"""Row and column → the text of a cell without the superscript mark behind it."""


def marks_may_be_shared(file: Path) -> bool:
    """Whether any text that sheets share has a superscript."""
    texts = "xl/sharedStrings.xml"
    with zipfile.ZipFile(file) as parts:
        return texts in parts.namelist() and b"superscript" in parts.read(texts)


def superscripts(file: Path) -> dict[str, Marked]:
    """Name of each sheet → its cells with a superscript mark.

    openpyxl tells the runs of a text apart; calamine joins them. Few files need it, so that it is
    imported here.
    """
    import openpyxl
    from openpyxl.cell.rich_text import CellRichText

    book = openpyxl.load_workbook(file, rich_text=True)
    return {
        sheet.title: {
            (cell.row, cell.column): text
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, CellRichText) and (text := _unmarked(cell.value))
        }
        for sheet in book.worksheets
    }


def _unmarked(runs: CellRichText) -> str | None:
    """The text without a superscript at its end; None where there is none, or nothing else."""
    font = getattr(runs[-1], "font", None)  # a run without a font of its own is plain text
    if font is None or font.vertAlign != "superscript":
        return None
    return "".join(str(run) for run in runs[:-1]).strip() or None


def _attributes(tag: bytes) -> dict[str, bytes]:
    return {
        name: found[1] for name, pattern in _ATTRIBUTE.items() if (found := pattern.search(tag))
    }
