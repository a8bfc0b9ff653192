"""What Excel does to dates: numbers for days, two first days, days and months swapped."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from qieval.core.errors import DataError
from qieval.core.words import many
from qieval.intake.reading.raw import Cell, as_text
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.cells import Column
from qieval.intake.tables.faults import row_numbers

_ZERO = {1900: dt.datetime(1899, 12, 30), 1904: dt.datetime(1904, 1, 1)}
"""Day 0 of Excel's numbers for days (from March 1900 on), and of the old Macintosh Excel's."""
_FIRST_SERIAL, _LAST_SERIAL = dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1)
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_FROM_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*[\"'](?:1|true)[\"']")
_ENOUGH_TO_TELL = 6


def day_zero_of(file: Path) -> int:
    """1904 for a workbook that counts its days from then (old Macintosh Excel), otherwise 1900."""
    if file.suffix.lower() not in (".xlsx", ".xlsm"):
        return 1900
    with zipfile.ZipFile(file) as parts:
        workbook = parts.read("xl/workbook.xml") if "xl/workbook.xml" in parts.namelist() else b""
    return 1904 if _FROM_1904.search(workbook) else 1900


def serial_day(cell: Cell, day_zero: int = 1900) -> dt.datetime | None:
    """The moment that Excel's number for a day says (43831 is 1 January 2020), or None.

    Only days from 1950 to 2099 are taken: other numbers are more likely to be something else.
    """
    text = as_text(cell) if isinstance(cell, int | float) else cell
    if not isinstance(text, str) or not _SERIAL.fullmatch(text):
        return None
    moment = _ZERO[day_zero] + dt.timedelta(seconds=round(float(text) * 86_400))
    return moment if _FIRST_SERIAL <= moment < _LAST_SERIAL else None


def serials_noted(column: Column, serials: Mapping[int, dt.datetime], day_zero: int) -> list[str]:
    """A note on cells with Excel's number for a day."""
    if not serials:
        return []
    example = "43831" if day_zero == 1900 else "42369"
    return [
        f"`{column.heading}`: {many(column.count(list(serials)), 'cell')} with Excel's number for "
        f"a day, counted from {day_zero} ({example} is 1 January 2020; "
        f"{row_numbers(column.where(list(serials)), most=5)})."
    ]


def check_swapped(
    column: Column, codes: Sequence[int], texts: Mapping[int, int], request: Request
) -> list[str]:
    """Stop, or tell, where Excel has turned 03/04 into 4 March and left 13/04 as text.

    American Excel takes day-first dates for month-first ones where it can. What it cannot stays
    text: then every text has a day over 12 and every real date one up to 12.

    `codes`: the different cells that are dates. `texts`: those of them that are text like
    13/04/2024 → their first number.

    Raises DataError in strict reading.
    """
    real = [code for code in codes if isinstance(column.different[code], dt.date)]
    if len(texts) + len(real) < _ENOUGH_TO_TELL or not texts or not real:
        return []
    if min(texts.values()) <= 12 or any(column.different[code].day > 12 for code in real):
        return []
    problem = (
        f"Excel seems to have swapped days and months in `{column.heading}`: every real date has "
        "a day up to 12, and every date that stayed text has a day over 12."
    )
    if request.strict:
        raise DataError(
            problem,
            found=f"real dates in {row_numbers(column.where(real), most=5)}; "
            f"text in {row_numbers(column.where(list(texts)), most=5)}",
            remedy="Export the data again with dates as 2024-02-29. If the dates are right as they "
            "stand, set `strict: false`.",
            where=request.where,
        )
    return [f"{problem} They were taken as they stand."]
