"""A column of periods: what each cell spells, which reading is meant, the kind of period."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pandas as pd

from qieval.core.errors import listed
from qieval.core.periods import calendar_of, label, noun
from qieval.core.words import many
from qieval.intake.identifiers import plain
from qieval.intake.reading.raw import Cell
from qieval.intake.reading.request import Quarters, Request
from qieval.intake.reading.values.cells import Column, Converted
from qieval.intake.reading.values.dates import (
    MONTH_WORD,
    NOT_A_DATE,
    as_column,
    full_year,
    month_number,
    read_days,
    written_with_numbers,
)
from qieval.intake.reading.values.period_kinds import Worded, one_kind, period_at, worded
from qieval.intake.reading.values.period_spellings import (
    EXAMPLES,
    Reading,
    SpeltPeriod,
    meant,
    period_of,
    spelt,
    without_mark,
)
from qieval.intake.tables.faults import row_numbers

NOT_A_PERIOD = "is not a period"
_ENOUGH_TO_TELL = 3
FINANCIAL_YEAR = re.compile(r"\b(fin|financial|fiscal) (year|yr)s?\b|\bfy\b")
ENDS_IN_MARCH = re.compile(r"\byears? (end|ends|ended|ending|to)( \d+(st)?)? (mar|march)\b")

_NUMBERING = re.compile(r"^\s*\(?(Q(uestion)?\s*)?(\d{1,2}[a-z]?|[a-z])[.):]+\s+", re.IGNORECASE)
"""What numbers an answer: `1. `, `b) `, `Q3: `."""
_PART_OF_PERIOD = re.compile(rf"(?<![a-z]){MONTH_WORD}(?![a-z])|\bto\b", re.IGNORECASE)


def periods(column: Column, request: Request) -> tuple[Converted, set[str]]:
    """A column of periods as days in them, and the kinds of period that the spellings say.

    Full dates say no kind; `period_kinds.settle` reads it from their spacing.

    `request`: strict reading stops where a spelling can be read in two ways.

    Raises DataError if full dates have two orders, or the other order than `dayfirst` says; if a
    spelling can be read in two ways and nothing says which.
    """
    cells, notes = _without_marks(column)
    words = {code: said for code, cell in cells.items() if (said := worded(cell)) is not None}
    cells |= {code: said.rest for code, said in words.items()}
    spelt_periods = {
        code: read for code, cell in cells.items() if (read := spelt(cell)) is not None
    }
    spelt_periods |= _two_digit_years(cells, spelt_periods)
    around, more = _without_words(
        column, cells, [code for code in cells if code not in spelt_periods]
    )
    spelt_periods |= around
    notes += more
    spelt_periods = _of_financial_years(column.heading, spelt_periods)
    readings, more = _meant(column, spelt_periods, request)
    notes += more
    kinds_read = {reading.every for reading in readings.values()}
    unit = noun(min(kinds_read)) if len(kinds_read) == 1 else "period"
    reasons = {
        code: f"there is no such {unit} in the calendar"
        for code, read in spelt_periods.items()
        if not read.readings
    }
    full_dates = [code for code in cells if code not in spelt_periods]
    bare = replace(column, different=[cells[code] for code in range(len(column.different))])
    days = read_days(bare, full_dates, request)
    for code, says in days.reasons.items():
        reasons[code] = NOT_A_PERIOD if says.startswith(NOT_A_DATE) else says
    notes += _order_that_fits(bare, days.found, request)
    notes += _years_taken_for_days(bare, days.found, request)
    notes += _worded_days(column, words, readings, days.found, reasons)
    kinds, minority = one_kind(column, readings, days.found, request.period)
    reasons |= minority
    hint = f"Periods may be written as {EXAMPLES}, or as dates." if reasons else ""
    first_days = {code: reading.first_day for code, reading in readings.items()} | days.found
    values = as_column(column, {c: day for c, day in first_days.items() if c not in reasons})
    notes += [*_spellings_noted(column, spelt_periods), *days.notes]
    return Converted(values, column.faults(reasons, hint=hint), notes), kinds


def _of_financial_years(
    heading: str, spelt_periods: dict[int, SpeltPeriod]
) -> dict[int, SpeltPeriod]:
    """Plain years under a heading that says that they are financial years, as such.

    `Year ending March` says which is meant; under `Financial year`, one may end or begin in 2018.
    """
    words = plain(heading)
    ends = bool(ENDS_IN_MARCH.search(words))
    if not ends and not FINANCIAL_YEAR.search(words):
        return spelt_periods
    doubt = "" if ends else "plain years that end or begin a financial year; taken to end it"
    years = {
        code: said for code, said in spelt_periods.items() if said.sure and said.every == "year"
    }
    return spelt_periods | {
        code: replace(said, readings=(_year_to_march(said.first_day.year, doubt),))
        for code, said in years.items()
    }


def _year_to_march(year: int, doubt: str) -> Reading:
    return Reading(dt.date(year - 1, 4, 1), "financial_year", doubt=doubt)


def _worded_days(
    column: Column,
    words: dict[int, Worded],
    readings: dict[int, Reading],
    days: dict[int, dt.date],
    reasons: dict[int, str],
) -> list[str]:
    """Put the period in place of each date with words before it ("week ending …")."""
    for code, said in words.items():
        reading = readings.get(code)
        day = days.pop(code, None) or (reading.first_day if reading else None)
        if day is None:
            continue
        if reading is not None and (reading.every != "month" or said.length == "week"):
            at: Reading | str = NOT_A_PERIOD if said.length != reading.every else reading
        else:
            at = period_at(day, said)
        if isinstance(at, str):
            reasons[code] = at
            readings.pop(code, None)
        else:
            readings[code] = at
    if not words:
        return []
    lengths = listed(sorted({said.length for said in words.values()})).replace("`", "")
    return [
        f"`{column.heading}`: {many(column.count(list(words)), 'cell')} with words such as "
        f'"week ending" or "month to" before the date, read as the {lengths} meant '
        "(weeks from Monday to Sunday)."
    ]


def _order_that_fits(column: Column, found: dict[int, dt.date], request: Request) -> list[str]:
    """Stop, or tell, where only the other order of day and month makes periods of the dates.

    01/01/2015, 02/01/2015, 03/01/2015 are first days of months if read month first; day first
    they are days of January only.
    """
    days = [found[code] for code in written_with_numbers(column, list(found)) if code in found]
    if len(set(days)) < _ENOUGH_TO_TELL or request.period == "day":
        return []
    if len({day.month for day in days}) > 1 or any(day.day > 12 for day in days):
        return []
    if days[0].month != 1 or len({day.day for day in days}) < _ENOUGH_TO_TELL:
        return []
    order, other = ("day", "month") if request.dayfirst else ("month", "day")
    problem = (
        f"Dates in `{column.heading}` are read {order} first, and then all lie in the first days "
        f"of January; read {other} first they are first days of months."
    )
    note = request.ask(
        problem,
        found=f"{len(set(days))} different dates",
        remedy=f"Set `dayfirst: {str(not request.dayfirst).lower()}`, or `period: day` if these "
        "are days.",
        proposal=f"They were read {order} first.",
        settles={"dayfirst": not request.dayfirst},
    )
    return [note]


_NUMBERED = re.compile(r"(?P<month>0?[1-9]|1[0-2])[/-](?P<year>\d{2})")
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{2}})[- ]{MONTH_WORD}", re.IGNORECASE)


def _two_digit_years(
    cells: dict[int, Cell], spelt_periods: Mapping[int, SpeltPeriod]
) -> dict[int, SpeltPeriod]:
    """01/19 and 19-Jan as months, to be confirmed, where no cell is written in another way."""
    for pattern, example in ((_NUMBERED, "01/19"), (_YEAR_FIRST, "19-Jan")):
        matches = {code: pattern.fullmatch(str(cell)) for code, cell in cells.items()}
        if spelt_periods or len(matches) < 2 or None in matches.values():
            continue
        doubt = f"months such as {example}, with a year of two digits"
        found: dict[int, SpeltPeriod] = {}
        for code, match in matches.items():
            said = match.groupdict() if match else {}
            number = int(said["month"]) if "month" in said else month_number(said["word"])
            first = dt.date(full_year(said["year"]), number, 1)
            found[code] = SpeltPeriod((Reading(first, "month", doubt=doubt),), str(cells[code]))
        return found
    return {}


def _years_taken_for_days(column: Column, found: dict[int, dt.date], request: Request) -> list[str]:
    """Stop, or tell, where Excel has taken `Dec-18`, `Jan-19` for 18 December and 19 January.

    Then all dates are of one year, and from December to January the day goes up by one.
    """
    codes = [int(code) for code in column.codes if code != -1]
    if len(found) < _ENOUGH_TO_TELL or any(code not in found for code in codes):
        return []
    days = [found[code] for code in codes]
    steps = [(one.month, two.month, two.day - one.day) for one, two in pairwise(days)]
    onward = all(up == (second < first) for first, second, up in steps)
    if len({day.year for day in days}) > 1 or not onward or not any(up for *_, up in steps):
        return []
    note = request.ask(
        f"Excel seems to have taken months with a year for days in `{column.heading}`: all dates "
        "are of one year, and after December the day goes up by one.",
        found=f"{many(len(days), 'date')}, such as `{days[0]:%b-%d}` as {days[0].day} "
        f"{days[0]:%B %Y}",
        remedy="Type the months in the file as text, such as Dec 2018.",
        proposal="The dates were taken as they stand.",
    )
    return [note]


def _without_marks(column: Column) -> tuple[dict[int, Cell], list[str]]:
    """The different cells without publishers' marks behind the period."""
    cells: dict[int, Cell] = dict(enumerate(column.different))
    marked = {
        code: bare
        for code, cell in cells.items()
        if isinstance(cell, str) and (bare := without_mark(cell)) != cell
    }
    if not marked:
        return cells, []
    note = (
        f"`{column.heading}`: marks behind the period were passed over in "
        f"{many(column.count(list(marked)), 'cell')}, such as `{column.different[min(marked)]}`."
    )
    return cells | marked, [note] if column.may_show else []


def _without_words(
    column: Column, cells: dict[int, Cell], rest: list[int]
) -> tuple[dict[int, SpeltPeriod], list[str]]:
    """Periods with the same words around them in every cell: ``SMI-Q1-2019-2020``."""
    periods_within: dict[int, SpeltPeriod] = {}
    for code in rest:
        cell = cells[code]
        if isinstance(cell, str) and (said := period_of(cell, anywhere=True)) is not None:
            periods_within[code] = said
    around = {
        (_NUMBERING.sub("", said.before, count=1), said.after) for said in periods_within.values()
    }
    if len(around) != 1 or len(rest) < len(cells):
        return {}, []  # words around one of them, such as YTD, tell it from the others
    before, after = around.pop()
    # A month, a quarter or a figure beside a period belongs to it: "May-" of "May-Jul 2023".
    if not (before or after) or _PART_OF_PERIOD.search(f"{before} | {after}"):
        return {}, []
    words = " and ".join(f"`{text.strip()}`" for text in (before, after) if text.strip())
    note = f"`{column.heading}`: the same words stand around every period and were passed over"
    return periods_within, [f"{note}: {words}." if words else f"{note}."]


def _meant(
    column: Column, spelt_periods: dict[int, SpeltPeriod], request: Request
) -> tuple[dict[int, Reading], list[str]]:
    """The one reading of each cell that is meant, by the parameters or the rest of the column."""
    readings = {
        code: meant(said.readings, _year_said(said.readings, request))
        for code, said in spelt_periods.items()
    }
    readings = {code: said for code, said in readings.items() if said}
    sure = {said[0].every for said in readings.values() if len(said) == 1}
    wanted = {request.period} if request.period else sure
    for code, said in readings.items():
        kinds = {reading.every for reading in said}
        if len(kinds) > 1 and len(kinds & wanted) == 1:
            readings[code] = tuple(reading for reading in said if reading.every in wanted)
    notes = _doubted(column, spelt_periods, {c: said[0] for c, said in readings.items()}, request)
    open_codes = [code for code, said in readings.items() if len(said) > 1]
    if len(open_codes) > 1:  # 2009-10 and 2010-11 are 13 months apart, or two years in a row
        for code in open_codes:
            years = [reading for reading in readings[code] if reading.every == "financial_year"]
            others = [reading for reading in readings[code] if reading not in years]
            readings[code] = (*years, *others)
    chosen = {code: said[0] for code, said in readings.items()}
    if not open_codes:
        return chosen, notes
    problem, lines, proposal = _ambiguity(readings[open_codes[0]])
    first = readings[open_codes[0]][0]
    example = spelt_periods[open_codes[0]].text
    note = request.ask(
        problem,
        found=f"`{example}` in `{column.heading}` "
        f"({row_numbers(column.where(open_codes), most=5)})",
        remedy="Say which: " + " or ".join(lines) + ".",
        proposal=f"`{column.heading}`: {proposal} (`{example}`), which nobody confirmed.",
        settles={_parameter(first): first.year} if first.year else {"period": first.every},
    )
    return chosen, [*notes, note]


def _parameter(reading: Reading) -> str:
    """The parameter that says which year a reading with a plain year is of."""
    return "quarters" if reading.every == "quarter" else "years"


def _year_said(readings: tuple[Reading, ...], request: Request) -> Quarters | None:
    if not readings:
        return None
    return request.quarters if _parameter(readings[0]) == "quarters" else request.years


def _doubted(
    column: Column,
    spelt_periods: dict[int, SpeltPeriod],
    chosen: dict[int, Reading],
    request: Request,
) -> list[str]:
    """The questions about spellings with one reading that must be confirmed all the same."""
    doubts: dict[str, list[int]] = {}
    for code, reading in chosen.items():
        if reading.doubt:
            what = "FY with two digits" if reading.doubt.startswith("FY") else reading.doubt
            doubts.setdefault(what, []).append(code)
    notes = []
    for what, codes in doubts.items():
        first = chosen[codes[0]]
        every = calendar_of(first.every).kind
        proposal = f"`{spelt_periods[codes[0]].text}` was read as "
        proposal += f"{label(pd.Timestamp(first.first_day), first.every)}"
        proposal += ", the last month of its span." if what.startswith("spans") else "."
        if request.period == every:
            notes.append(f"`{column.heading}` holds {what}: {proposal}")
            continue
        note = request.ask(
            f"`{column.heading}` holds {what}.",
            found=f"`{spelt_periods[codes[0]].text}` and the like in "
            f"{row_numbers(column.where(codes), most=5)}",
            remedy=f"If each is meant as its proposal says, write `period: {every}`; otherwise "
            "write the periods so that they can be read in one way.",
            proposal=proposal,
            settles={"period": every},
        )
        notes.append(note)
    return notes


def _ambiguity(said: tuple[Reading, ...]) -> tuple[str, list[str], str]:
    """What is ambiguous, the parameters that settle it with what they mean, the proposal."""
    in_words = [label(pd.Timestamp(reading.first_day), reading.every) for reading in said]
    if said[0].year is not None:
        lines = [
            f"`{_parameter(said[0])}: {reading.year}` ({words})"
            for reading, words in zip(said, in_words, strict=True)
        ]
        what = noun(calendar_of(said[0].every).kind, 2)
        problem = f"{what.capitalize()} with a plain year may be counted by calendar years or by "
        problem += "financial years."
        if said[0].every == "quarter":
            problem = "Quarters with a plain year may be calendar quarters or financial quarters."
        return problem, lines, f"{what} were read as {said[0].year} {what}"
    lines = [
        f"`period: {reading.every}` ({words})"
        for reading, words in zip(said, in_words, strict=True)
    ]
    kinds = listed([noun(reading.every) for reading in said]).replace("`", "")
    problem = f"Periods can be read in two ways: {kinds.replace(', ', ' or ')}."
    return problem, lines, f"periods were read as {noun(said[0].every, 2)}"


def _spellings_noted(column: Column, spelt_periods: dict[int, SpeltPeriod]) -> list[str]:
    shapes: dict[str, int] = {}
    for code, said in spelt_periods.items():
        if said.readings:
            # 9 for each digit, a for each word; quarters are told from months.
            shape = re.sub(r"[A-Za-z]+", lambda m: "Q" if m[0] in "Qq" else "a", said.text)
            shapes.setdefault(re.sub(r"\d", "9", shape), code)
    if len(shapes) < 2:
        return []
    examples = ", ".join(f"`{spelt_periods[code].text}`" for code in list(shapes.values())[:4])
    return [f"`{column.heading}`: periods are written in {len(shapes)} ways ({examples})."]
