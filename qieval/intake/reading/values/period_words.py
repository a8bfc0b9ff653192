"""Words that say what a date stands for: "w/c 6 May 2024", "month ending 31/01/2018"."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from qieval.core.periods import Frequency
from qieval.intake.reading.raw import Cell
from qieval.intake.reading.values.period_readings import Reading

Edge = Literal["first", "last"]
Length = Literal["week", "month", "quarter", "year"]

_LENGTHS: dict[str, Length] = {
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "3": "quarter",
    "three": "quarter",
    "year": "year",
    "12": "year",
    "twelve": "year",
}
_WORDS = re.compile(
    r"(?:(?P<short>w/?c|w/?b|w/?e)|(?:the\s+)?"
    r"(?P<length>week|month|quarter|year|(?:3|three|12|twelve)\s+months)\s+(?P<edge>commencing|beginning|starting|from|of|ending|ended|end|to))\b\.?\s*:?\s*",
    re.IGNORECASE,
)
_HEADING_FIRST = re.compile(r"\bw/?[cb]\b|commenc|begin|start", re.IGNORECASE)
_HEADING_LAST = re.compile(r"\bw/?e\b|\bend(s|ing|ed)?\b", re.IGNORECASE)
_LAST_MONTHS: dict[int, Frequency] = {3: "financial_year", 12: "year"}


@dataclass(frozen=True)
class Worded:
    """What the words before a date say: which period, and whether the date is its first or last."""

    length: Length
    edge: Edge
    rest: str


def worded(cell: Cell) -> Worded | None:
    """The words before a date, and the rest of the cell; None if it does not begin with such."""
    if not isinstance(cell, str) or (match := _WORDS.match(cell)) is None:
        return None
    rest = cell[match.end() :].strip()
    if match["short"]:
        return Worded("week", "last" if match["short"].lower().endswith("e") else "first", rest)
    length = _LENGTHS[match["length"].split()[0].lower()]
    last = match["edge"].lower() in ("ending", "ended", "end", "to")
    return Worded(length, "last" if last else "first", rest)


def period_at(day: dt.date, words: Worded) -> Reading | str:
    """The period whose first or last day is given; or (as text) why there is none such.

    Weeks go from Monday to Sunday here; another week is taken as the one that has most of its days.
    """
    if words.length == "week":
        return Reading(week_of(day, words.edge), "week")
    if words.length == "month":
        return Reading(day.replace(day=1), "month")
    back = {"quarter": 2, "year": 11}[words.length]
    month = day.month - 1 - (back if words.edge == "last" else 0)
    first = dt.date(day.year + month // 12, month % 12 + 1, 1)
    if words.length == "quarter":
        fits = first.month % 3 == 1
        return Reading(first, "quarter") if fits else "is three months, but no quarter of a year"
    every = _LAST_MONTHS.get((first.month - 2) % 12 + 1)
    return Reading(first, every) if every else "is a year that ends in neither March nor December"


def week_of(day: dt.date, edge: Edge) -> dt.date:
    """Monday of the week that has most days of the seven from, or to, a day."""
    middle = day + dt.timedelta(days=3 if edge == "first" else -3)
    return middle - dt.timedelta(days=middle.weekday())


def edge_in(heading: str) -> Edge | None:
    """Whether a heading says that its dates are first or last days."""
    if _HEADING_FIRST.search(heading):
        return "first"
    return "last" if _HEADING_LAST.search(heading) else None
