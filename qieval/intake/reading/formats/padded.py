"""Numbers that a workbook shows with leading zeros (number format ``000``): they are codes.

calamine hands over the number 7; the person who made the sheet sees, and means, 007.
How number formats are kept: ECMA-376 part 1, 18.8.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
_ATTRIBUTE = {
    name: re.compile(rb"\b%s=[\"']([^\"']*)[\"']" % name.encode())
    for name in ("numFmtId", "formatCode", "r", "s", "t")
}
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
_ZEROS = re.compile(rb"0{2,10}")
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>/]*)>\s*(?:<(?:\w+:)?f\b[^>]*?(?:/>|>.*?</(?:\w+:)?f>))?\s*"
    rb"<(?:\w+:)?v>(\d+)(?:\.0+)?</",
    re.DOTALL,
)


def padded_codes(file: Path, sheet: bytes) -> dict[str, str]:
    """Cell ("B7") → its digits as they show, for whole numbers with a format of zeros only.

    Parameters
    ----------
    file : Path
        The workbook (``.xlsx`` or ``.xlsm``).
    sheet : bytes
        The XML of the sheet.
    """
    with zipfile.ZipFile(file) as parts:
        known = "xl/styles.xml" in parts.namelist()
        styles = parts.read("xl/styles.xml") if known else b""
    widths = {
        said["numFmtId"]: len(said["formatCode"])
        for match in _FORMAT.finditer(styles)
        if _ZEROS.fullmatch((said := _attributes(match[0])).get("formatCode", b""))
    }
    block = _STYLES.search(styles)
    if not widths or block is None:
        return {}
    by_style = {
        str(number).encode(): widths[said["numFmtId"]]
        for number, match in enumerate(_STYLE.finditer(block[0]))
        if (said := _attributes(match[0])).get("numFmtId") in widths
    }
    found = {}
    for match in _CELL.finditer(sheet):
        said = _attributes(match[1])
        if said.get("s") in by_style and said.get("t", b"n") == b"n" and "r" in said:
            found[said["r"].decode()] = match[2].decode().zfill(by_style[said["s"]])
    return found


def _attributes(tag: bytes) -> dict[str, bytes]:
    return {
        name: found[1] for name, pattern in _ATTRIBUTE.items() if (found := pattern.search(tag))
    }
