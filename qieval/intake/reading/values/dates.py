"""Date cells: ISO always; day/month order as the parameter says; times of day cut off, or kept.

A date in which day and month could be told apart is checked against that order. Nothing is parsed
one way here and another way there: a column has one order, or reading stops.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from qieval.core.errors import DataError
from qieval.core.words import many
from qieval.intake.reading.raw import Cell, as_text
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.cells import Column, Converted
from qieval.intake.tables.faults import row_numbers

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_WORD = (
    r"(?P<word>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_TIME = (
    r"(?:[T ,]\s*(?P<time>\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)\s*(?P<half>am|pm)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?)?"
)

_ISO = re.compile(rf"(?P<y>\d{{4}})([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}}){_TIME}", re.IGNORECASE)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_ORDERED = re.compile(
    rf"(?P<a>\d{{1,2}})([-/.])(?P<b>\d{{1,2}})\2(?P<y>\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE
)
_WORDED = re.compile(
    rf"(?P<d>\d{{1,2}})(st|nd|rd|th)?[-/ .]*{MONTH_WORD}[-/ .,]*(?P<y>\d{{4}}|\d{{2}}){_TIME}",
    re.IGNORECASE,
)
_WORD_FIRST = re.compile(
    rf"{MONTH_WORD}\s+(?P<d>\d{{1,2}})(st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_TIME}", re.IGNORECASE
)

_MIDNIGHT = re.compile(r"24:00(:00(\.0+)?)?")
_DATES = "datetime64[us]"

NOT_A_DATE = "is not a date"
NO_SUCH_DAY = "there is no such day in the calendar"
NO_SUCH_TIME = "there is no such time of day"


@dataclass(frozen=True)
class DatePieces:
    """A date in pieces. With `ordered`, which of first and second is the day is still open."""

    year: str
    first: int
    second: int
    ordered: bool = False
    time: str | None = None
    half: str | None = None


def month_number(word: str) -> int:
    """1 to 12 for the name of a month, or its first letters."""
    return _MONTHS.index(word[:3].lower()) + 1


def full_year(digits: str) -> int:
    """A year of two digits as one of four: 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 69 else 1900)


@dataclass(frozen=True)
class Days:
    """What the different cells of a column say: a day (or moment), or why not; what to note."""

    found: dict[int, dt.date]
    reasons: dict[int, str]
    notes: list[str]


def dates(column: Column, request: Request, *, times: bool = False) -> Converted:
    """A column of dates.

    `request`: strict reading stops where Excel seems to have swapped days and months. `times`:
    whether times of day are kept; otherwise they are cut off.

    Raises DataError if the column has two orders, or the other order than `dayfirst` says.
    """
    unavailable = column.not_available()
    rest = [code for code in range(len(column.different)) if code not in unavailable]
    days = read_days(column, rest, request, times=times)
    notes = days.notes
    notes += column.unavailable_noted(unavailable, "blank")
    return Converted(
        as_column(column, days.found),
        column.faults(days.reasons),
        notes,
        blank=column.blank() + column.count(unavailable),
    )


def as_column(column: Column, found: dict[int, dt.date]) -> pd.Series:
    """A day for each row; missing where none was found."""
    days = [found.get(code) for code in range(len(column.different))]
    return column.take([np.datetime64(day, "us") if day else None for day in days], None, _DATES)


def read_days(column: Column, codes: list[int], request: Request, *, times: bool = False) -> Days:
    """The day that each of some different cells says. Parameters and errors as in `dates`."""
    dayfirst = request.dayfirst
    parts = {code: pieces_of(column.different[code]) for code in codes}
    _check_order(column, parts, request)
    swapped = []
    if dayfirst:
        texts = {code: part.first for code, part in parts.items() if part and part.ordered}
        swapped = check_swapped(column, codes, texts, request)
    days: dict[int, dt.date] = {}
    reasons: dict[int, str] = {}
    serials: dict[int, dt.datetime] = {}
    for code in codes:
        cell = column.different[code]
        if parts[code] is None and (moment := serial_day(cell, request.day_zero)) is not None:
            serials[code] = moment
            days[code] = moment if times else moment.date()
            continue
        day = _date(cell, parts[code], dayfirst, times)
        if isinstance(day, str):
            reasons[code] = day
        else:
            days[code] = day
    notes = [*swapped, *_notes(column, parts, dayfirst, times)]
    return Days(days, reasons, [*notes, *serials_noted(column, serials, request.day_zero)])


def written_with_numbers(column: Column, codes: list[int]) -> list[int]:
    """Those of some different cells that are dates like 03/04/2020, whose order must be said."""
    return [code for code in codes if (p := pieces_of(column.different[code])) and p.ordered]


def pieces_of(cell: Cell) -> DatePieces | None:
    """The pieces of a date that stands there as text; None if it is no text or no date."""
    text = as_text(cell) if isinstance(cell, int | float) else cell
    if not isinstance(text, str):
        return None
    for pattern in (_ISO, _COMPACT, _ORDERED, _WORDED, _WORD_FIRST):
        if match := pattern.fullmatch(text):
            groups = match.groupdict()
            time, half = groups.get("time"), groups.get("half")
            if pattern is _ORDERED:
                return DatePieces(groups["y"], int(groups["a"]), int(groups["b"]), True, time, half)
            month = month_number(groups["word"]) if groups.get("word") else int(groups["m"])
            return DatePieces(groups["y"], int(groups["d"]), month, False, time, half)
    return None


def _check_order(column: Column, parts: dict[int, DatePieces | None], request: Request) -> None:
    dayfirst, where = request.dayfirst, request.where
    ordered = {code: part for code, part in parts.items() if part and part.ordered}
    day_first = [code for code, part in ordered.items() if part.first > 12 >= part.second]
    month_first = [code for code, part in ordered.items() if part.second > 12 >= part.first]
    if day_first and month_first:
        raise DataError(
            f"Two orders in one column: dates in `{column.heading}` are written day first here "
            "and month first there.",
            found=f"only day first fits {row_numbers(column.where(day_first))}; "
            f"only month first fits {row_numbers(column.where(month_first))}",
            remedy="Write all dates one way, best as 2024-02-29. Rows that fit both ways may be "
            "wrong too.",
            where=where,
        )
    against = month_first if dayfirst else day_first
    if against:
        order, other = ("day", "month") if dayfirst else ("month", "day")
        raise DataError(
            f"Dates in `{column.heading}` are read {order} first, but some only fit {other} first.",
            found=row_numbers(column.where(against)),
            remedy=f"If all are {other} first, set `dayfirst: {str(not dayfirst).lower()}`; "
            "otherwise correct these rows.",
            where=where,
        )


def _date(cell: Cell, parts: DatePieces | None, dayfirst: bool, times: bool) -> dt.date | str:
    """The date (with `times` the moment), or (as text) the reason why it is none."""
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None) if times else cell.date()
    if isinstance(cell, dt.date):
        return cell
    if parts is None:
        number = isinstance(cell, int | float)
        return f"{NOT_A_DATE} (format the column as dates in Excel)" if number else NOT_A_DATE
    day, month = parts.first, parts.second
    if parts.ordered and not dayfirst:
        day, month = month, day
    try:
        date = dt.date(full_year(parts.year), month, day)
    except ValueError:
        return NO_SUCH_DAY
    if parts.time is not None and _MIDNIGHT.fullmatch(parts.time):
        date += dt.timedelta(days=1)  # 24:00 is 00:00 of the next day
        return dt.datetime.combine(date, dt.time()) if times else date
    if not times or parts.time is None:
        return date
    time = _time_of_day(parts.time, parts.half)
    return NO_SUCH_TIME if time is None else dt.datetime.combine(date, time)


def _time_of_day(text: str, half: str | None) -> dt.time | None:
    """The time in "14:05", "2:05" (pm) or "14:05:30.5"; None if there is none such."""
    hours, minutes, *seconds = text.split(":")
    hour = int(hours)
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return dt.time(hour, int(minutes), int(float(seconds[0])) if seconds else 0)
    except ValueError:
        return None


def _notes(
    column: Column, parts: dict[int, DatePieces | None], dayfirst: bool, times: bool
) -> list[str]:
    name = column.heading
    dated = {code: part for code, part in parts.items() if part is not None}
    notes = []
    if any(part.ordered for part in dated.values()):
        order, example = ("day", "3 April") if dayfirst else ("month", "4 March")
        notes.append(f"`{name}`: dates read {order} first (03/04/2020 is {example} 2020).")
    if two_digits := [code for code, part in dated.items() if len(part.year) == 2]:
        notes.append(
            f"`{name}`: {many(column.count(two_digits), 'cell')} with a year of two digits "
            "(00 to 68 read as 2000 to 2068, 69 to 99 as 1969 to 1999)."
        )
    cells = [column.different[code] for code in parts]
    stamped = any(isinstance(cell, dt.datetime) and cell.time() != dt.time() for cell in cells)
    if not times and (stamped or any(part.time for part in dated.values())):
        notes.append(f"`{name}`: times of day were cut off (00:00 belongs to the new date).")
    ends = [code for code, part in dated.items() if part.time and _MIDNIGHT.fullmatch(part.time)]
    if ends:
        notes.append(
            f"`{name}`: 24:00 was read as 00:00 of the next day "
            f"({row_numbers(column.where(ends), most=5)})."
        )
    real = [code for code in parts if isinstance(column.different[code], dt.date)]
    if real and dated:
        notes.append(
            f"`{name}`: {column.count(real):,} real dates and {column.count(list(dated)):,} typed "
            f"as text ({row_numbers(column.where(list(dated)), most=5)})."
        )
    return notes


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
    note = request.ask(
        problem,
        found=f"real dates in {row_numbers(column.where(real), most=5)}; "
        f"text in {row_numbers(column.where(list(texts)), most=5)}",
        remedy="Export the data again with dates as 2024-02-29.",
        proposal="The dates were taken as they stand.",
    )
    return [note]
