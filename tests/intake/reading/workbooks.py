"""Awkward workbooks for tests, written with openpyxl."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

Rows = Sequence[Sequence[Any]]


def put(sheet: Worksheet, rows: Rows, at: str = "A1", merged: Sequence[str] = ()) -> None:
    """Write rows from a cell on, and merge ranges."""
    corner = sheet[at]
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            if cell is not None:
                sheet.cell(corner.row + down, corner.column + across, cell)
    for area in merged:
        sheet.merge_cells(area)


def workbook(folder: Path, rows: Rows, *, at: str = "A1", merged: Sequence[str] = ()) -> Path:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    put(book.active, rows, at, merged)
    book.save(folder / "book.xlsx")
    return folder / "book.xlsx"


def sheets(folder: Path, **rows: Rows) -> Path:
    """A workbook with a sheet for each name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in rows.items():
        put(book.create_sheet(name), cells)
    book.save(folder / "book.xlsx")
    return folder / "book.xlsx"


_ODS_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3">'
    "<office:body><office:spreadsheet>"
)


def ods_cell(cell: Any) -> str:
    """A cell as OpenDocument writes it; text that begins with < is taken as it stands."""
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str) and cell.startswith("<table:"):
        return cell
    if isinstance(cell, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{cell}">'
            f"<text:p>{cell}</text:p></table:table-cell>"
        )
    return (
        f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p>'
        "</table:table-cell>"
    )


def ods(folder: Path, rows: Rows, *, columns: str = "", hidden: Sequence[int] = ()) -> Path:
    """An OpenDocument workbook with one sheet, written by hand."""
    lines = []
    for number, row in enumerate(rows, start=1):
        how = ' table:visibility="collapse"' if number in hidden else ""
        lines.append(f"<table:table-row{how}>{''.join(map(ods_cell, row))}</table:table-row>")
    body = f'<table:table table:name="Sheet1">{columns}{"".join(lines)}</table:table>'
    content = f"{_ODS_HEAD}{body}</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(folder / "book.ods", "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", content)
        parts.writestr("META-INF/manifest.xml", "<manifest/>")
    return folder / "book.ods"


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


XLS_FORMATS = {0: "General", 10: "0.00%", 14: "m/d/yy", 164: "00000", 165: '0.0" % of beds"'}
"""Number of a format → what it says; a cell (format, number) is shown by it."""


def _xls_cell(row: int, column: int, cell: Any) -> bytes:
    style, cell = cell if isinstance(cell, tuple) else (0, cell)
    place = struct.pack("<HHH", row, column, [*XLS_FORMATS].index(style))
    if isinstance(cell, bool):
        return _record(0x205, place + bytes([cell, 0]))
    if isinstance(cell, int | float):
        return _record(0x203, place + struct.pack("<d", cell))
    if "^" in cell:  # what follows is written in the second font, which is raised
        text = cell.replace("^", "").encode("latin-1")
        runs = struct.pack("<HHH", 1, cell.index("^"), 1)
        return _record(0xD6, place + struct.pack("<HB", len(text), 0) + text + runs)
    if cell in XLS_ERRORS:
        return _record(0x205, place + bytes([XLS_ERRORS[cell], 1]))
    return _record(0x204, place + struct.pack("<HB", len(cell), 0) + cell.encode("latin-1"))


XLS_ERRORS = {"#DIV/0!": 0x07, "#NUM!": 0x24, "#N/A": 0x2A, "#REF!": 0x17, "#NAME?": 0x1D}


def xls(folder: Path, rows: Rows, *, hidden: Sequence[int] = ()) -> Path:
    """An old Excel workbook with one sheet, written by hand: [MS-XLS] in [MS-CFB]."""
    cells = b"".join(
        _xls_cell(down, across, cell)
        for down, row in enumerate(rows)
        for across, cell in enumerate(row)
        if cell is not None
    )
    lines = b"".join(
        _record(0x208, struct.pack("<HHHHHHI", row - 1, 0, 9, 255, 0, 0, 0x20)) for row in hidden
    )
    version = struct.pack("<HHHII", 0x600, 0x10, 0x0DBB, 0x07CC, 6)
    sheet = _record(0x809, version) + lines + cells + _record(0x0A, b"")
    name = b"Sheet1"
    fonts = b"".join(
        _record(0x31, struct.pack("<HHHHHBBBxBB", 200, 0, 8, 400, raised, 0, 0, 0, 1, 0) + b"A")
        for raised in (0, 1)
    )
    formats = (
        fonts
        + b"".join(
            _record(0x41E, struct.pack("<HHB", number, len(text), 0) + text.encode("latin-1"))
            for number, text in XLS_FORMATS.items()
            if number >= 164
        )
        + b"".join(_record(0xE0, struct.pack("<HH16x", 0, number)) for number in XLS_FORMATS)
    )
    start = len(_record(0x809, version)) + len(formats) + 4 + 8 + len(name) + 4
    bound = struct.pack("<IBBBB", start, 0, 0, len(name), 0) + name
    workbook = _record(0x809, struct.pack("<HHHII", 0x600, 0x05, 0x0DBB, 0x07CC, 6))
    stream = workbook + formats + _record(0x85, bound) + _record(0x0A, b"") + sheet
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    (folder / "book.xls").write_bytes(_container(stream))
    return folder / "book.xls"


def _container(stream: bytes) -> bytes:
    """The stream `Workbook` in a compound file: header, table, directory, stream."""
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    sectors = len(stream) // 512
    links = [table, end, *range(3, 2 + sectors), end]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    head += b"".join(struct.pack("<I", free) for _ in range(108))

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        fields = struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
        return text.ljust(64, b"\0") + fields + bytes(36) + struct.pack("<IQ", first, size)

    directory = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream))
    links_bytes = b"".join(struct.pack("<I", link) for link in links).ljust(512, b"\xff")
    return head + links_bytes + directory.ljust(512, b"\0") + stream
