"""How periods are spelt: 201607, Jul 2016, Jul-16, Q1 2019/20, 2017Q4, 2018/19, 2024-W07 and more.

Each way to write a period is one :class:`Spelling`. What can be read in two ways has two
:class:`Reading`s (``2017Q4``: a calendar quarter, or one of the financial year 2017/18), and the
column or a parameter says which is meant; nothing is guessed here.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from qieval.core.periods import Frequency, days_in, start_of
from qieval.intake.reading.raw import Cell, as_text
from qieval.intake.reading.request import Quarters
from qieval.intake.reading.values.dates import MONTH_WORD, full_year, month_number, pieces_of


@dataclass(frozen=True)
class Reading:
    """One way to read what stands there."""

    first_day: dt.date  # first day of the period
    every: str  # the kind of period
    # For a quarter or numbered month with a plain year: which year this reading takes it for.
    year: Quarters | None = None
    # What must be confirmed although there is no other reading; blank: nothing.
    doubt: str = ""


def next_year(first: int, second: str) -> bool:
    """Whether the second part of 2018/19 or 2018/2019 is the year after the first."""
    return int(second) == (first + 1 if len(second) == 4 else (first + 1) % 100)


def _refuse_other(first: int, second: str) -> None:
    """Refuse (with a ValueError) what is no two years in a row: 2018/20."""
    if not next_year(first, second):
        raise ValueError("not two years in a row")


def month(match: re.Match[str]) -> tuple[Reading, ...]:
    """2016-07 is a month."""
    return (Reading(dt.date(full_year(match["y"]), int(match["m"]), 1), "month"),)


def worded_month(match: re.Match[str]) -> tuple[Reading, ...]:
    """July 2016; January 2019/20 is January 2020."""
    year, month = full_year(match["y"]), month_number(match["word"])
    if second := match.groupdict().get("z"):  # January 2019/20 is January 2020
        _refuse_other(year, second)
        year += month < 4
    return (Reading(dt.date(year, month, 1), "month"),)


def month_or_years(match: re.Match[str]) -> tuple[Reading, ...]:
    """2016-07 is a month and 2018-19 a financial year; 2011-12 may be either."""
    year, second = int(match["y"]), match["m"]
    readings = []
    if 1 <= int(second) <= 12:
        readings.append(Reading(dt.date(year, int(second), 1), "month"))
    if len(second) == 2 and next_year(year, second):
        readings.append(Reading(dt.date(year, 4, 1), "financial_year"))
    if not readings:
        raise ValueError("neither a month nor the next year")
    slash = "/" in match.group()  # 2011/12 is how financial years are mostly written
    return tuple(reversed(readings) if slash else readings)


def financial_year(match: re.Match[str]) -> tuple[Reading, ...]:
    """2018/19 and 2018/2019 are a financial year; 2018/20 is none."""
    year = full_year(match["y"])
    _refuse_other(year, match["z"])
    return (Reading(dt.date(year, 4, 1), "financial_year"),)


def short_years(match: re.Match[str]) -> tuple[Reading, ...]:
    """16/17 is a financial year; 09/10 may be September 2010 as well; 05/17 is neither here."""
    first, second = int(match["y"]), match["z"]
    if not next_year(full_year(match["y"]), second):
        return ()
    years = Reading(dt.date(full_year(match["y"]), 4, 1), "financial_year")
    if not 1 <= first <= 12:
        return (years,)
    return years, Reading(dt.date(full_year(second), first, 1), "month")


def range_of_days(match: re.Match[str]) -> tuple[Reading, ...]:
    """1 April 2016 to 31 March 2017 is a financial year; none if they are no whole period.

    Days may come first or months: both are never the edges of a whole period.
    """
    last, first = pieces_of(match["last"]), pieces_of(match["first"])
    if last is not None and match["first"].isdigit():  # 1 to 30 April 2018
        first = replace(last, first=int(match["first"]))
    elif first is None and last is not None:  # 1 April to 30 June 2018
        first = pieces_of(f"{match['first']} {last.year}")
    if first is None or last is None:
        return ()
    for turned in (False, True):
        days = []
        for one in (first, last):
            pair = (one.first, one.second) if turned and one.ordered else (one.second, one.first)
            try:
                days.append(dt.date(full_year(one.year), *pair))
            except ValueError:
                break
        if len(days) == 2 and (whole := whole_period(days[0], days[1])):
            return whole
    return ()


def plain_year(match: re.Match[str]) -> tuple[Reading, ...]:
    """2019 is a calendar year."""
    return (Reading(dt.date(int(match["y"]), 1, 1), "year"),)


def quarter(match: re.Match[str]) -> tuple[Reading, ...]:
    """Q1 2019/20 is a quarter of a financial year; Q1 2019 may be one of either year."""
    number, year = int(match["q"]), full_year(match["y"])
    calendar_start = dt.date(year, 3 * number - 2, 1)
    # Quarter 1 of a financial year is April to June, quarter 4 January to March of the next year.
    financial_start = dt.date(year + number // 4, (3 * number) % 12 + 1, 1)
    second = match.groupdict().get("z")
    if second is None:
        return (
            Reading(calendar_start, "quarter", "calendar"),
            Reading(financial_start, "quarter", "financial"),
        )
    _refuse_other(year, second)
    return (Reading(financial_start, "quarter"),)


def range_of_months(match: re.Match[str]) -> tuple[Reading, ...]:
    """April to June 2019 is a quarter, April 2019 to March 2020 a financial year."""
    first, last = month_number(match["word"]), month_number(match["word2"])
    year = full_year(match["y"])
    if match["z"]:
        _refuse_other(year, match["z"])
        year += last < 4
    began = full_year(match["x"]) if match["x"] else year - (first > last)
    start, end = dt.date(began, first, 1), last_day(year, last)
    if whole := whole_period(start, end):
        return whole
    count = 12 * (end.year - start.year) + end.month - start.month + 1
    if count < 2:
        return ()
    doubt = f"spans of {count} months, which are no quarters or years"
    return (Reading(end.replace(day=1), "month", doubt=doubt),)


def numbered_month(match: re.Match[str]) -> tuple[Reading, ...]:
    """M1 2023/24 is April 2023; M1 2023 may be January or April."""
    number, year = int(match["m"]), full_year(match["y"])
    calendar_month = dt.date(year, number, 1)
    financial_month = dt.date(year + (number > 9), (number + 2) % 12 + 1, 1)
    second = match.groupdict().get("z")
    if second is None:
        return (
            Reading(financial_month, "month", "financial"),
            Reading(calendar_month, "month", "calendar"),
        )
    _refuse_other(year, second)
    return (Reading(financial_month, "month"),)


def half_year(match: re.Match[str]) -> tuple[Reading, ...]:
    """H1 2022/23 is April to September; H1 2022 may be January to June as well."""
    number, year = int(match["h"]), full_year(match["y"])
    calendar_half = Reading(dt.date(year, 6 * number - 5, 1), "half_year", "calendar")
    first = dt.date(year, 4, 1) if number == 1 else dt.date(year, 10, 1)
    second = match.groupdict().get("z")
    if second is None:
        return (Reading(first, FINANCIAL_HALF, "financial"), calendar_half)
    _refuse_other(year, second)
    return (Reading(first, FINANCIAL_HALF),)


def quarter_with_months(match: re.Match[str]) -> tuple[Reading, ...]:
    """Q1 (Apr-Jun) 2019: its months say which year is meant.

    Q4 (Jan-Mar 2019) is January to March 2019. Of Q4 (Jan-Mar) 2019 nobody can say whether the year
    is that of the months or of the financial year in which they lie.
    """
    of_year = {reading.first_day.month: reading for reading in quarter(match)}
    fits = of_year.get(month_number(match["word"]))
    if fits is None or (month_number(match["word2"]) - fits.first_day.month) != 2:
        raise ValueError("its months are not those of the quarter")
    of_months = fits.first_day.replace(year=full_year(match["y"]))
    if of_months == fits.first_day or match.groupdict().get("z"):
        return (Reading(fits.first_day, "quarter"),)
    if match.groupdict().get("within"):
        return (Reading(of_months, "quarter"),)
    return Reading(of_months, "quarter", "calendar"), replace(fits, year="financial")


def numbered_week(match: re.Match[str]) -> tuple[Reading, ...]:
    """Week 1 2021: by ISO 8601 unless somebody counts otherwise, so it must be confirmed."""
    (week,) = iso_week(match)
    return (Reading(week.first_day, "week", doubt="weeks with a number, which some count anew"),)


def year_that_ends(match: re.Match[str]) -> tuple[Reading, ...]:
    """FY20 mostly is the year that ends in March 2020, but may be the one that begins then."""
    year = full_year(match["y"])
    doubt = f"FY{year % 100:02d}: it may end or begin in {year}; it was taken to end then"
    q = match.groupdict().get("q")
    if q is None:
        return (Reading(dt.date(year - 1, 4, 1), "financial_year", doubt=doubt),)
    first = dt.date(year - 1 + int(q) // 4, (3 * int(q)) % 12 + 1, 1)
    return (Reading(first, "quarter", doubt=doubt),)


def iso_week(match: re.Match[str]) -> tuple[Reading, ...]:
    """2024-W07: weeks by ISO 8601, from Monday on."""
    return (Reading(dt.date.fromisocalendar(int(match["y"]), int(match["w"]), 1), "week"),)


def last_day(year: int, month: int) -> dt.date:
    """The last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def whole_period(first: dt.date, last: dt.date) -> tuple[Reading, ...]:
    """The week, month, quarter or year that goes from one day to another; none if it is none."""
    every: Frequency
    for every in ("week", "month", "quarter", "year", "financial_year"):
        start = pd.DatetimeIndex([first])
        ends = first + dt.timedelta(days=int(days_in(start, every)[0]) - 1)
        if start_of(start, every)[0].date() == first and ends == last:
            return (Reading(first, every),)
    return ()


@dataclass(frozen=True)
class SpeltPeriod:
    """A period found in a text."""

    # Every way to read it; more than one where somebody must say which.
    readings: tuple[Reading, ...]
    text: str  # the words that were read
    # What stands around them.
    before: str = ""
    after: str = ""

    @property
    def sure(self) -> bool:
        """Whether there is only one way to read it."""
        return len(self.readings) == 1

    @property
    def first_day(self) -> dt.date:
        """First day by the first reading: the proposal where there are several."""
        return self.readings[0].first_day

    @property
    def every(self) -> str:
        """Kind of period by the first reading."""
        return self.readings[0].every


class Spelling(NamedTuple):
    """One way to write a period."""

    example: str  # what it looks like
    pattern: re.Pattern[str]  # the whole cell
    # Match → readings; a ValueError means: no such period; none: not this spelling after all.
    read: Callable[[re.Match[str]], tuple[Reading, ...]]


# --- the spellings -----------------------------------------------------------------------------

FINANCIAL_HALF = "half_year from April"
_YEAR = r"(?P<y>(?:1[89]|2[0-2])\d{2})"
_TWO_DIGITS = r"(?P<y>\d{2})"
_DASH = r"[-\u2010-\u2013]"
_YEARS = rf"(?:FY\s*)?{_YEAR}(?:\s*(?:/|{_DASH})\s*(?P<z>\d{{4}}|\d{{2}}))?"
_SHORT_YEARS = rf"(?:FY\s*)?{_TWO_DIGITS}(?:/|{_DASH})(?P<z>\d{{2}})"
_M = r"(?:M|Mth|Mnth|Month|Period|P)\s*(?P<m>0?[1-9]|1[0-2])"
_H = r"(?:H|Half|HY)\s*(?P<h>[12])"
_QUARTER = r"(?:Q|Qtr\.?|Quarter)\s*(?P<q>[1-4])"
_GAP = rf"(?:[ _,./:]|{_DASH})*(?:of\s+)?"
_MONTH_2 = MONTH_WORD.replace("?P<word>", "?P<word2>")
_TO = rf"\s*(?:to|/|{_DASH})\s*"
_WORD = MONTH_WORD.replace("(?P<word>", "(?:")
_WORDED_DAY = rf"\d{{1,2}}(?:st|nd|rd|th)?[-/ .]*{_WORD}"
_NUMBERED_DAY = r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})"
_DAYS = (
    rf"(?:from\s+)?(?P<first>{_WORDED_DAY}(?:[-/ .,]*(?:\d{{4}}|\d{{2}}))?|{_NUMBERED_DAY}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2})"
    rf"\s*(?:to|until|{_DASH})\s*"
    rf"(?P<last>{_WORDED_DAY}[-/ .,]*(?:\d{{4}}|\d{{2}})|{_NUMBERED_DAY}|\d{{4}}-\d{{2}}-\d{{2}})"
)


def _spelling(
    example: str, pattern: str, read: Callable[[re.Match[str]], tuple[Reading, ...]]
) -> Spelling:
    return Spelling(example, re.compile(pattern, re.IGNORECASE), read)


SPELLINGS: tuple[Spelling, ...] = (
    _spelling("201607", rf"{_YEAR}(?P<m>\d{{2}})", month_or_years),
    _spelling("2016-07", rf"{_YEAR}\s*(?:[/_ ]|{_DASH})\s*(?P<m>\d{{1,2}})", month_or_years),
    _spelling("2016.07", rf"{_YEAR}\.(?P<m>\d{{2}})", month),
    _spelling("2016M07", rf"{_YEAR}[- ]?M(?P<m>\d{{1,2}})", month),
    _spelling("07/2016", rf"(?P<m>\d{{1,2}})(?:[/._ ]|{_DASH}){_YEAR}", month),
    _spelling("Jul 2016", rf"{MONTH_WORD}(?:[-/ _,'(]|{_DASH})*{_YEAR}\)?", worded_month),
    _spelling("Jul-16", rf"{MONTH_WORD}(?:[-/ _']|{_DASH})+{_TWO_DIGITS}", worded_month),
    _spelling("Jul 2016/17", rf"{MONTH_WORD}{_GAP}{_YEARS}", worded_month),
    _spelling("2016/17 Jul", rf"{_YEARS}{_GAP}{MONTH_WORD}", worded_month),
    _spelling("2016 Jul", rf"{_YEAR}(?:[-/ _]|{_DASH})*{MONTH_WORD}", worded_month),
    _spelling("Q1 2019/20", rf"{_QUARTER}{_GAP}{_YEARS}", quarter),
    _spelling("Q1 19/20", rf"{_QUARTER}{_GAP}{_SHORT_YEARS}", quarter),
    _spelling("Q1 '19", rf"{_QUARTER}(?:[ '/]|{_DASH})+{_TWO_DIGITS}", quarter),
    _spelling("2017Q4", rf"{_YEARS}{_GAP}{_QUARTER}", quarter),
    _spelling("19/20 Q1", rf"{_SHORT_YEARS}{_GAP}{_QUARTER}", quarter),
    _spelling(
        "Apr to Jun 2019",
        rf"{MONTH_WORD}(?:[-/ ']*(?P<x>\d{{4}}|\d{{2}}))?{_TO}"
        rf"{_MONTH_2}[-/ ']*(?P<y>\d{{4}}|\d{{2}})(?:/(?P<z>\d{{2}}))?",
        range_of_months,
    ),
    _spelling("M1 2023/24", rf"{_M}{_GAP}{_YEARS}", numbered_month),
    _spelling("2023/24 M1", rf"{_YEARS}{_GAP}{_M}", numbered_month),
    _spelling("M1 23/24", rf"{_M}{_GAP}{_SHORT_YEARS}", numbered_month),
    _spelling(
        "2023/24-01",
        rf"{_YEAR}[/_](?P<z>\d{{4}}|\d{{2}})\s*[-_ ]\s*(?P<m>0[1-9]|1[0-2])",
        numbered_month,
    ),
    _spelling("H1 2022/23", rf"{_H}{_GAP}{_YEARS}", half_year),
    _spelling("2022/23 H1", rf"{_YEARS}{_GAP}{_H}", half_year),
    _spelling(
        "Q4 (Jan-Mar 2019)",
        rf"{_QUARTER}\s*[:,-]?\s*(?P<within>[(\[])?\s*{MONTH_WORD}{_TO}{_MONTH_2}[-/ ']*"
        r"(?P<y>\d{4}|\d{2})(?:\s*[)\]])?",
        quarter_with_months,
    ),
    _spelling(
        "Q1 (Apr-Jun) 2019",
        rf"{_QUARTER}\s*[:,]?\s*\(?\s*{MONTH_WORD}{_TO}{_MONTH_2}\s*\)?{_GAP}{_YEARS}",
        quarter_with_months,
    ),
    _spelling(
        "2019 Q1 (Apr-Jun)",
        rf"{_YEARS}{_GAP}{_QUARTER}\s*[:,]?\s*\(?\s*{MONTH_WORD}{_TO}{_MONTH_2}\s*\)?",
        quarter_with_months,
    ),
    _spelling("Week 1 2021", rf"(?:Week|Wk)\.?\s*(?P<w>\d{{1,2}}){_GAP}{_YEAR}", numbered_week),
    _spelling("2021 Week 1", rf"{_YEAR}{_GAP}(?:Week|Wk)\.?\s*(?P<w>\d{{1,2}})", numbered_week),
    _spelling("Q1 FY20", rf"{_QUARTER}{_GAP}FY\s*'?(?:20)?{_TWO_DIGITS}", year_that_ends),
    _spelling("FY20", rf"FY\s*'?{_TWO_DIGITS}", year_that_ends),
    _spelling("2024-W07", rf"{_YEAR}[- ]?W(?P<w>\d{{2}})(?:-?1)?", iso_week),
    _spelling("W07 2024", rf"W(?P<w>\d{{2}})[- /]?{_YEAR}", iso_week),
    _spelling("2018/19", rf"(?:FY\s*)?{_YEAR}\s*(?:/|{_DASH})\s*(?P<z>\d{{4}})", financial_year),
    _spelling("FY2018/19", rf"FY\s*{_YEAR}\s*(?:/|{_DASH})\s*(?P<z>\d{{2}})", financial_year),
    _spelling(
        "2018/19 FY", rf"{_YEAR}\s*(?:/|{_DASH})\s*(?P<z>\d{{4}}|\d{{2}})\s*FY", financial_year
    ),
    _spelling("FY18/19", rf"FY\s*{_TWO_DIGITS}(?:/|{_DASH})(?P<z>\d{{2}})", financial_year),
    _spelling("18/19", rf"{_TWO_DIGITS}/(?P<z>\d{{2}})", short_years),
    _spelling("01/04/2016 - 31/03/2017", _DAYS, range_of_days),
    _spelling("2019", _YEAR, plain_year),
)

EXAMPLES = "201607, 2016-07, Jul 2016, Jul-16, 07/2016, Q1 2019/20, 2017Q4, 2018/19, 2024-W07, 2019"
"""The spellings that messages name."""


_MARK = re.compile(
    r"\s*(?:\[[^\]]{1,12}\]|\((?:p|r|f|prov\w*|revised|final|estimate[ds]?)\)"
    r"|[*\u2020\u2021]+|[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+)$",
    re.IGNORECASE,
)


def without_mark(text: str) -> str:
    """A text without what publishers set behind a period or label: (p), [note 2], *, ¹."""
    return _MARK.sub("", text) or text


def spelt(cell: Cell) -> SpeltPeriod | None:
    """The period that a whole cell spells; no readings: spelt like one, but there is none such.

    A full date is no period here.
    """
    # A number with decimals is none: 2016.1 and 2016.10 are the same number.
    whole_number = isinstance(cell, int) or (isinstance(cell, float) and cell.is_integer())
    if not (isinstance(cell, str) or whole_number):
        return None
    text = as_text(cell) or ""
    like_one = False
    for _, pattern, read in SPELLINGS:
        if match := pattern.fullmatch(text):
            try:
                readings = read(match)
            except ValueError:
                like_one = True
                continue
            if readings:
                return SpeltPeriod(readings, text)
    return SpeltPeriod((), text) if like_one else None


# No piece of a word, of a longer number or of a full date.
_EDGE_BEFORE, _EDGE_AFTER = r"(?<![^\W_])(?<!\d[-/.])", r"(?![^\W_])(?![-/.]\d)"
_INSIDE = tuple(
    _spelling(example, _EDGE_BEFORE + pattern.pattern + _EDGE_AFTER, read)
    for example, pattern, read in SPELLINGS
)


def period_of(
    text: Cell, *, quarters: Quarters | None = None, anywhere: bool = False
) -> SpeltPeriod | None:
    """The period that a text names: a cell, the heading of a column, a title, a file's name.

    Parameters
    ----------
    text : str, number or date
        What stands there. A date (or Excel's first of a month) is taken as the month in which it
        lies only if it is a first or last day of one.
    quarters : "calendar", "financial" or None
        How a quarter with a plain year (2017Q4) is meant. None: both readings are handed back.
    anywhere : bool
        Whether other words may stand around it ("Beds 2023-24 Q1.xlsx"). The longest spelling
        counts; None if the text names two different periods.

    Returns
    -------
    SpeltPeriod or None
        ``first_day``, ``every``, the ``text`` that was read, and ``sure``: False where it can be
        read in two ways and somebody must say which. None: no period.
    """
    if isinstance(text, dt.date):
        day = text.date() if isinstance(text, dt.datetime) else text
        if day.day != 1 and day != last_day(day.year, day.month):
            return None
        return SpeltPeriod((Reading(day.replace(day=1), "month"),), day.isoformat())
    period = _inside(str(text)) if anywhere else spelt(text)
    if period is None or not period.readings or any(one.doubt for one in period.readings):
        return None  # what must be confirmed is for a column, where reading can ask
    return SpeltPeriod(meant(period.readings, quarters), period.text, period.before, period.after)


def meant(readings: tuple[Reading, ...], quarters: Quarters | None) -> tuple[Reading, ...]:
    """The readings that `quarters` (for months and half-years: `years`) leaves."""
    if quarters is None:
        return readings
    return tuple(reading for reading in readings if reading.year in (None, quarters)) or readings


# "Week 7 2024" is not July 2024, nor "half 1 2019" January.
_NOT_AFTER = re.compile(
    r"(?<![^\W_])(weeks?|wk|w|half|h|days?|no|number|version|v)[\W_]*[0-9]*[\W_]*$", re.IGNORECASE
)


def _inside(text: str) -> SpeltPeriod | None:
    matches: list[tuple[int, int, tuple[Reading, ...]]] = []
    for _, pattern, read in _INSIDE:
        for match in pattern.finditer(text):
            if _NOT_AFTER.search(text[: match.start()]):
                continue
            try:
                readings = read(match)
            except ValueError:
                continue
            if readings and not any(one.doubt for one in readings):
                matches.append((match.start(), match.end(), readings))
    longest = [
        one
        for one in matches
        if not any(
            other[0] <= one[0] and one[1] <= other[1] and other[:2] != one[:2] for other in matches
        )
    ]
    if len({readings for _, _, readings in longest}) != 1:
        return None
    start, end, readings = longest[0]
    return SpeltPeriod(readings, text[start:end], text[:start], text[end:])
