"""What a cell looks like, to find headings, periods and totals. Nothing is converted by it."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from qieval.intake.reading.raw import Cell, as_text
from qieval.intake.reading.values.amounts import TOO_LONG, Amount, amount
from qieval.intake.reading.values.dates import MONTH_WORD, full_year, month_number, pieces_of
from qieval.intake.reading.values.period_spellings import next_year, spelt, without_mark

CellType = Literal["blank", "text", "number", "date"]

_FOR_A_NUMBER = re.compile(
    r"[<≤>]\s*=?\s*\d+|(fewer|less) than \d+|\*+|[-–—]+|\.{1,3}|:|c|s|x|z|n/?a|null|nil"
    r"|#\w+[/0!?]*",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ,].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([T ,].*)?"
    rf"|\d{{1,2}}(st|nd|rd|th)?[-/ .]*{MONTH_WORD}[-/ .,]*(\d{{4}}|\d{{2}})([T ,].*)?",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"\(?\s*(n|no\.?|number|numbers|count|counts|%|per ?cent(age)?|proportion|rate|ratio|mean"
    r"|median|£|£k|£m|£000s?|days?|nights?|hours?|minutes?|weeks?|months?|years?|beds?|people|patients"
    r"|persons|staff|wte|fte|date|text|per 1,?000( .{1,20})?|per 100,?000( .{1,20})?"
    r"|d{1,2}[/-]m{1,3}[/-]y{2,4})\s*\)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(FY\s*)?(?P<first>(19|20)\d{2})(\s*[-/–]\s*(?P<second>\d{4}|\d{2}))?", re.I)
_MONTH_NUMBER = re.compile(r"(M(onth)?\s*)?(?P<number>0?[1-9]|1[0-2])", re.IGNORECASE)
_MONTH_NAME = re.compile(MONTH_WORD, re.IGNORECASE)
_QUARTER = re.compile(r"(?:Q|Qtr|Quarter)\s*(?P<number>[1-4])", re.IGNORECASE)
_QUARTER_MONTHS = re.compile(
    rf"{MONTH_WORD}\s*(?:to|[-/\u2010-\u2013])\s*{MONTH_WORD.replace('?P<word>', '?P<last>')}",
    re.IGNORECASE,
)


_LONGEST_STEP = 5
"""From one bare year to the next, where they stand as headings."""

# A column holds the same few cells again and again.
_remembered = functools.lru_cache(maxsize=50_000)


def cell_type(cell: Cell) -> CellType:
    """Whether a cell is blank, or looks like text, a number (or its stand-in) or a date."""
    if cell is None:
        return "blank"
    if isinstance(cell, dt.date):
        return "date"
    return _type_of_text(cell) if isinstance(cell, str) else "number"


@_remembered
def _type_of_text(text: str) -> CellType:
    if len(text) > 60:
        return "text"
    number = amount(text)
    is_number = not number.words if isinstance(number, Amount) else number == TOO_LONG
    if is_number or _FOR_A_NUMBER.fullmatch(text):
        return "number"
    return "date" if is_period(text) else "text"


def common_type(cells: Iterable[Cell]) -> CellType:
    """What most cells that hold something look like; "blank" if none does."""
    counts = Counter(cell_type(cell) for cell in cells if cell is not None)
    return counts.most_common(1)[0][0] if counts else "blank"


@_remembered
def is_period(cell: Cell) -> bool:
    """Whether it is a date, or a period that is more than a bare calendar year."""
    if isinstance(cell, dt.date):
        return True
    if cell is None:
        return False
    cell = _bare(cell)
    period = spelt(cell)
    if period is not None and period.readings:
        return period.every != "year"
    return isinstance(cell, str) and bool(_DATE.fullmatch(cell))


def _bare(cell: Cell) -> Cell:
    """A cell without a publisher's mark behind it."""
    return without_mark(cell) if isinstance(cell, str) else cell


@_remembered
def year_of(cell: Cell) -> tuple[int, bool] | None:
    """First calendar year of a bare year, and whether it goes over two (2019/20); or None."""
    if isinstance(cell, dt.date) or cell is None:
        return None
    match = _YEAR.fullmatch(as_text(_bare(cell)) or "")
    if not match:
        return None
    first, second = int(match["first"]), match["second"]
    if second is None:
        return first, False
    if len(second) == 2 and "/" not in match.group() and 1 <= int(second) <= 12:
        return None  # 2010-11 is November 2010 as well
    return (first, True) if next_year(first, second) else None


@_remembered
def month_of(cell: Cell, *, numbers: bool = True) -> int | None:
    """1 to 12 for a bare month (Jan, January, or its number where `numbers`); or None."""
    if cell is None or isinstance(cell, dt.date):
        return None
    text = as_text(_bare(cell)) or ""
    if match := _MONTH_NAME.fullmatch(text):
        return month_number(match["word"])
    match = _MONTH_NUMBER.fullmatch(text) if numbers else None
    return int(match["number"]) if match else None


def quarter_of(cell: Cell) -> str | None:
    """`Q1` to `Q4` for a bare quarter, `Apr to Jun` for one by its months; or None."""
    if not isinstance(cell, str):
        return None
    text = without_mark(cell)
    if match := _QUARTER.fullmatch(text):
        return f"Q{match['number']}"
    match = _QUARTER_MONTHS.fullmatch(text)
    if match is None:
        return None
    first, last = month_number(match["word"]), month_number(match["last"])
    return f"{match['word']} to {match['last']}" if first % 3 == 1 and last == first + 2 else None


def all_units(cells: Iterable[Cell]) -> bool:
    """Whether cells are nothing but units, as they stand under headings: (n), %, days."""
    return all(_UNITS.fullmatch(as_text(cell) or "") for cell in cells)


def in_sequence(cells: Sequence[Cell]) -> bool:
    """Whether at least two cells are periods in a row, as headings of a wide table are.

    Bare years go up or down by a few, or stay; bare months and month numbers go up by one or start
    again.
    """
    if len(cells) < 2:
        return False
    if all(is_period(cell) for cell in cells):
        return True
    years = [year[0] for cell in cells if (year := year_of(cell))]
    if len(years) == len(cells):
        steps = {second - first for first, second in pairwise(years)}
        up = steps <= {*range(_LONGEST_STEP + 1)}
        return up or steps <= {-step for step in range(_LONGEST_STEP + 1)}
    months = [month for cell in cells if (month := month_of(cell))]
    if len(months) == len(cells) and (len(months) > 2 or isinstance(cells[0], str)):
        return all((b - a) % 12 in (0, 1) or b == 1 for a, b in pairwise(months))
    return all(quarter_of(cell) for cell in cells)


@_remembered
def month_start(cell: Cell) -> dt.date | None:
    """First day of the month that a date or period begins in, where that is sure; or None."""
    if isinstance(cell, dt.date):
        return dt.date(cell.year, cell.month, 1)
    period = spelt(cell)
    if period is not None and period.sure:
        return period.first_day.replace(day=1)
    date = pieces_of(cell)
    if date is None or not 1 <= date.second <= 12:
        return None
    return dt.date(full_year(date.year), date.second, 1)


@_remembered
def plain_number(cell: Cell) -> float | None:
    """The number that a cell shows, for adding up; None if it shows none."""
    number = amount(cell)
    return float(number.value) if isinstance(number, Amount) and not number.words else None


BLANK = "(blank)"
"""What a pivot table writes where a label is missing."""

LABELS = ("row labels", "column labels")
"""What it writes above labels, in small letters."""

_OF = r"(sum|count|average|max|min|product|std ?dev|var)p? of .+"
FIGURE = re.compile(_OF, re.IGNORECASE)
"""What a pivot table calls a figure: `Count of Id`."""

GRAND_TOTAL = re.compile(rf"grand total|total {_OF}", re.IGNORECASE)
"""The heading of a column that adds up the others."""


def names_the_figure(cells: Sequence[Cell]) -> bool:
    """Whether the filled cells of a row are what a pivot table writes above its headings.

    That is `Sum of Bed days` and the name of the field whose values stand below as headings.
    """
    texts = [as_text(cell) or "" for cell in cells]
    if any(text.casefold() == LABELS[1] for text in texts):
        return True
    two = len(texts) == 2 and not FIGURE.fullmatch(texts[1])
    return two and bool(FIGURE.fullmatch(texts[0]))
