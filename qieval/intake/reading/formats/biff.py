"""Old Excel workbooks (`.xls`): error values and hidden lines, which calamine does not tell.

Only a few records are looked at. The container is [MS-CFB], the records are [MS-XLS]: BoundSheet8
(2.4.28), Row (2.4.221), ColInfo (2.4.53), BoolErr (2.4.24), Formula (2.4.127).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from qieval.intake.reading.layout.grid import SheetFacts

_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOUND_SHEET, _ROW, _COL_INFO, _BOOL_ERR, _FORMULA, _END = 0x85, 0x208, 0x7D, 0x205, 0x06, 0x0A
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_LAST_SECTOR = 0xFFFFFFFA
_SMALL = 4096
_ROW_IS_HIDDEN = 0x20


_BROKEN = (struct.error, IndexError, ValueError)


def facts_of(content: bytes) -> dict[str, SheetFacts]:
    """Name of each sheet → what is known of it; none if the records are not as expected."""
    try:
        stream = _workbook_stream(content)
        return {name: _facts(stream, start) for name, start in _sheets(stream)}
    except _BROKEN:
        # calamine has the last word on whether the file can be read at all.
        return {}


def is_sound(content: bytes) -> bool:
    """Whether the sectors of the container can be followed to their ends.

    calamine follows a damaged chain without end, until no memory is left.
    """
    if not content.startswith(_MARK):
        return True  # no such container: calamine will say so
    try:
        _workbook_stream(content)
    except _BROKEN:
        return False
    return True


def _workbook_stream(content: bytes) -> bytes:
    """The stream of records inside the container; blank if it holds none.

    Raises ValueError, IndexError, struct.error if a chain of sectors has no end, or leads outside
    of the file.
    """
    size, small_size = (1 << power for power in struct.unpack_from("<HH", content, 30))
    if size not in (512, 4096) or small_size != 64:
        raise ValueError("unknown sizes of sectors")
    first_directory, _, cutoff, first_small, claimed = struct.unpack_from("<IIIII", content, 48)
    table: list[int] = []
    for sector in _table_sectors(content, size):
        table += struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)

    def chained(start: int) -> bytes:
        sectors = _chain(start, table)
        return b"".join(content[(n + 1) * size : (n + 2) * size] for n in sectors)

    directory, small_table = chained(first_directory), chained(first_small)
    if claimed * size > len(content):
        raise ValueError("more sectors than the file has")
    entries = {}
    for place in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, place + 64)[0]
        name = directory[place : place + max(length - 2, 0)].decode("utf-16-le", "replace")
        entries[name] = struct.unpack_from("<II", directory, place + 116)
    small = chained(entries["Root Entry"][0]) if "Root Entry" in entries else b""
    start, length = entries.get("Workbook") or entries.get("Book") or (_LAST_SECTOR, 0)
    if length > len(content):
        raise ValueError("longer than the file")
    if length >= (cutoff or _SMALL):
        return chained(start)[:length]
    links = list(struct.unpack_from(f"<{len(small_table) // 4}I", small_table))
    pieces = (small[n * small_size : (n + 1) * small_size] for n in _chain(start, links))
    return b"".join(pieces)[:length]


def _table_sectors(content: bytes, size: int) -> list[int]:
    counts = struct.unpack_from("<II", content, 40)
    if max(counts) * size > len(content):
        raise ValueError("more sectors than the file has")
    sectors = [n for n in struct.unpack_from("<109I", content, 76) if n < _LAST_SECTOR]
    following, seen = struct.unpack_from("<I", content, 68)[0], set()
    while following < _LAST_SECTOR:
        if following in seen:
            raise ValueError("a chain without end")
        seen.add(following)
        more = struct.unpack_from(f"<{size // 4}I", content, (following + 1) * size)
        sectors += [n for n in more[:-1] if n < _LAST_SECTOR]
        following = more[-1]
    return sectors


def _chain(start: int, table: list[int]) -> list[int]:
    sectors: dict[int, None] = {}
    while start < _LAST_SECTOR:
        if start in sectors:
            raise ValueError("a chain without end")
        sectors[start] = None
        start = table[start]
    return list(sectors)


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    """Name of each sheet and where its records begin."""
    for kind, data in _records(stream, 0):
        if kind == _END:
            return
        if kind == _BOUND_SHEET and len(data) > 8:
            wide = data[7] & 1
            name = data[8 : 8 + data[6] * (2 if wide else 1)]
            yield name.decode("utf-16-le" if wide else "latin-1"), struct.unpack_from("<I", data)[0]


def _facts(stream: bytes, start: int) -> SheetFacts:
    errors: dict[tuple[int, int], str] = {}
    rows: list[int] = []
    columns: list[int] = []
    for kind, data in _records(stream, start):
        if kind == _END:
            break
        if kind == _ROW and data[12] & _ROW_IS_HIDDEN:
            rows.append(struct.unpack_from("<H", data)[0] + 1)
        elif kind == _COL_INFO and data[8] & 1:
            first, last = struct.unpack_from("<HH", data)
            columns += range(first + 1, min(last, 255) + 2)
        elif kind == _BOOL_ERR and data[7]:
            row, column = struct.unpack_from("<HH", data)
            errors[row + 1, column + 1] = _ERRORS.get(data[6], "#ERROR")
        elif kind == _FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
            row, column = struct.unpack_from("<HH", data)
            errors[row + 1, column + 1] = _ERRORS.get(data[8], "#ERROR")
    return SheetFacts(errors, tuple(rows), tuple(columns))
