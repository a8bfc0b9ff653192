"""The kind of period of a column, and what words before a date ("w/c 6 May 2024") say of it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from qieval.core.errors import DataError, listed
from qieval.core.periods import Frequency, calendar_of, infer_frequency, noun, start_of
from qieval.intake.reading.raw import Cell
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.cells import Column
from qieval.intake.reading.values.period_spellings import Reading

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


def one_kind(
    column: Column,
    readings: dict[int, Reading],
    full_dates: dict[int, dt.date],
    period: Frequency | None,
) -> tuple[set[str], dict[int, str]]:
    """The kind of period of the column, and why cells of another kind cannot be used."""
    counts: Counter[str] = Counter()
    for code, reading in readings.items():
        counts[reading.every] += column.count([code])
    usual = counts.most_common(1)[0][0] if counts else None
    dated = _kind_of_dates(full_dates) if counts and len(full_dates) > 1 else None
    # Full dates say no kind, but a year among the first days of months is no month.
    if dated and column.count(list(full_dates)) > sum(counts.values()):
        usual = dated
    kept = period if period in counts else usual
    others = {code: said.every for code, said in readings.items() if said.every != kept}
    if not others or (len(counts) == 1 and usual in counts):
        return set(counts), {}
    reasons = {
        code: f"is a {noun(every)} among {noun(kept, 2)}" for code, every in others.items() if kept
    }
    return {kept} & set(counts) if kept else set(), reasons


def _kind_of_dates(days: dict[int, dt.date]) -> str | None:
    try:
        return infer_frequency(pd.DatetimeIndex(list(days.values())))
    except DataError:
        return None  # they say nothing about it; :func:`settle` asks


def settle(
    days: pd.Series, kinds: set[str], request: Request, heading: str
) -> tuple[pd.Series, str, list[str]]:
    """First days of the periods, the kind of period that they are, and what to note.

    `days`: a day in each period; may have missing values.

    Raises DataError if the kind of period cannot be told, or the spellings are of another kind.
    """
    known = days.dropna()
    if kinds:
        every = _spelt_kind(kinds, request, heading)
    else:
        every = request.period or _spaced_kind(known, heading, request.where)
    first_days = pd.Series(start_of(known, every), index=known.index, dtype="datetime64[us]")
    edge = edge_in(heading)
    if edge is not None and calendar_of(every).kind == "week":
        every = "week"
        mondays = [week_of(day.date(), edge) for day in known]
        first_days = pd.Series(mondays, index=known.index, dtype="datetime64[us]")
    notes = []
    if moved := int((first_days != known).sum()):
        notes.append(
            f"`{heading}`: {moved:,} dates stand for the {noun(every)} in which they lie "
            f"and were set to its first day."
        )
    return first_days.reindex(days.index), every, notes


def _spelt_kind(kinds: set[str], request: Request, heading: str) -> str:
    every, period = min(kinds), request.period
    if len(kinds) == 1 and period in (None, every):
        return every
    raise DataError(
        f"`{heading}` does not hold {noun(period or every, 2)} only.",
        found=f"periods spelt as {listed(sorted(noun(kind, 2) for kind in kinds))}",
        remedy=f"Set `period: {every}`." if len(kinds) == 1 else "Keep one kind of period a file.",
        where=request.where,
    )


def _spaced_kind(days: pd.Series, heading: str, where: str) -> str:
    try:
        return infer_frequency(days)
    except DataError as error:
        raise DataError(
            f"The kind of period cannot be told from the dates in `{heading}`: {error.problem}",
            found=error.found,
            remedy="Say it, for instance `period: month`.",
            where=where,
        ) from error
