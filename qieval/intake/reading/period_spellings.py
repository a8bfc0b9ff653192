"""How periods are spelt: 201607, 2016-07, Jul 2016, Jul-16, 07/2016 — and any full date.

A new spelling is one more :class:`Spelling` in ``SPELLINGS``. It must be unambiguous: what could
be read in two ways is no period until somebody says which.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from qieval.core.errors import DataError, listed
from qieval.core.periods import Frequency, infer_frequency, noun, start_of
from qieval.intake.reading.cells import Column, Converted
from qieval.intake.reading.dates import (
    MONTH_WORD,
    NOT_A_DATE,
    as_column,
    full_year,
    month_number,
    read_days,
)
from qieval.intake.reading.raw import Cell, as_text


@dataclass(frozen=True)
class Spelling:
    """One way to write a period.

    Attributes
    ----------
    example : str
        What it looks like, for messages.
    every : Frequency
        The kind of period that it spells.
    pattern : re.Pattern
        The whole cell.
    first_day : callable
        Match → first day of the period; a ValueError means: no such period.
    """

    example: str
    every: Frequency
    pattern: re.Pattern[str]
    first_day: Callable[[re.Match[str]], dt.date]


def _month(match: re.Match[str]) -> dt.date:
    return dt.date(full_year(match["y"]), int(match["m"]), 1)


def _worded_month(match: re.Match[str]) -> dt.date:
    return dt.date(full_year(match["y"]), month_number(match["word"]), 1)


def _spelling(
    example: str, every: Frequency, pattern: str, first_day: Callable[[re.Match[str]], dt.date]
) -> Spelling:
    return Spelling(example, every, re.compile(pattern, re.IGNORECASE), first_day)


SPELLINGS: tuple[Spelling, ...] = (
    _spelling("201607", "month", r"(?P<y>(19|20|21|22)\d{2})(?P<m>\d{2})", _month),
    _spelling("2016-07", "month", r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})", _month),
    _spelling("07/2016", "month", r"(?P<m>\d{1,2})[-/.](?P<y>\d{4})", _month),
    _spelling("Jul 2016", "month", rf"{MONTH_WORD}[-/ ,']*(?P<y>\d{{4}})", _worded_month),
    # With two digits only behind a dash or apostrophe: `Jul 16` may be the 16th of July.
    _spelling("Jul-16", "month", rf"{MONTH_WORD}\s*[-/']\s*(?P<y>\d{{2}})", _worded_month),
    _spelling("2016 Jul", "month", rf"(?P<y>\d{{4}})[-/ ]*{MONTH_WORD}", _worded_month),
)

NOT_A_PERIOD = "is not a period"


def periods(column: Column, *, dayfirst: bool, where: str) -> tuple[Converted, set[Frequency]]:
    """A column of periods as days in them, and the kinds of period that the spellings say.

    Full dates say no kind; :func:`settle` reads it from their spacing.

    Parameters
    ----------
    column : Column
        The raw cells.
    dayfirst : bool
        Whether 03/04/2020 is 3 April.
    where : str
        The file (and sheet), as shown.

    Raises
    ------
    DataError
        If full dates have two orders, or the other order than `dayfirst` says.
    """
    found: dict[int, dt.date] = {}
    reasons: dict[int, str] = {}
    kinds: set[Frequency] = set()
    full_dates = []
    for code, cell in enumerate(column.different):
        spelt = _spelt(cell)
        if spelt is None:
            full_dates.append(code)
        elif spelt[1] is None:
            reasons[code] = f"there is no such {noun(spelt[0].every)} in the calendar"
        else:
            found[code] = spelt[1]
            kinds.add(spelt[0].every)
    days = read_days(column, full_dates, dayfirst=dayfirst, where=where)
    for code, says in days.reasons.items():
        reasons[code] = NOT_A_PERIOD if says.startswith(NOT_A_DATE) else says
    examples = ", ".join(spelling.example for spelling in SPELLINGS)
    hint = f"Periods may be written as {examples}, or as dates." if reasons else ""
    values = as_column(column, found | days.found)
    return Converted(values, column.faults(reasons, hint=hint), days.notes), kinds


def _spelt(cell: Cell) -> tuple[Spelling, dt.date | None] | None:
    """The spelling that a cell has, and its first day (None: no such period)."""
    if not isinstance(cell, str | int | float):
        return None
    text = as_text(cell) or ""
    for spelling in SPELLINGS:
        if match := spelling.pattern.fullmatch(text):
            try:
                return spelling, spelling.first_day(match)
            except ValueError:
                return spelling, None
    return None


def settle(
    days: pd.Series, kinds: set[Frequency], period: Frequency | None, *, heading: str, where: str
) -> tuple[pd.Series, Frequency, list[str]]:
    """First days of the periods, the kind of period that they are, and what to note.

    Parameters
    ----------
    days : Series
        A day in each period; may have missing values.
    kinds : set of Frequency
        What the spellings say.
    period : Frequency or None
        What the parameters say.
    heading : str
        The column's heading in the file.
    where : str
        The file (and sheet), as shown.

    Raises
    ------
    DataError
        If the kind of period cannot be told, or the spellings are of another kind.
    """
    known = days.dropna()
    if kinds:
        every = _spelt_kind(kinds, period, heading, where)
    else:
        every = period or _spaced_kind(known, heading, where)
    first_days = pd.Series(start_of(known, every), index=known.index, dtype="datetime64[us]")
    notes = []
    if moved := int((first_days != known).sum()):
        notes.append(
            f"`{heading}`: {moved:,} dates stand for the {noun(every)} in which they lie "
            f"and were set to its first day."
        )
    return first_days.reindex(days.index), every, notes


def _spelt_kind(
    kinds: set[Frequency], period: Frequency | None, heading: str, where: str
) -> Frequency:
    every = min(kinds)
    if len(kinds) == 1 and period in (None, every):
        return every
    raise DataError(
        f"`{heading}` does not hold {noun(period or every, 2)} only.",
        found=f"periods spelt as {listed(sorted(noun(kind, 2) for kind in kinds))}",
        remedy=f"Set `period: {every}`." if len(kinds) == 1 else "Keep one kind of period a file.",
        where=where,
    )


def _spaced_kind(days: pd.Series, heading: str, where: str) -> Frequency:
    try:
        return infer_frequency(days)
    except DataError as error:
        raise DataError(
            f"The kind of period cannot be told from the dates in `{heading}`: {error.problem}",
            found=error.found,
            remedy="Say it, for instance `period: month`.",
            where=where,
        ) from error
