"""What a spelled period says: from the pieces of a text to first days, one for each reading."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

import pandas as pd

from qieval.core.periods import Frequency, days_in, start_of
from qieval.intake.reading.request import Quarters
from qieval.intake.reading.values.dates import full_year, month_number


@dataclass(frozen=True)
class Reading:
    """One way to read what stands there."""

    first_day: dt.date  # first day of the period
    every: Frequency  # the kind of period
    # For a quarter with a plain year: which year this reading takes it for.
    year: Quarters | None = None


def _next_year(first: int, second: str) -> bool:
    """Whether the second part of 2018/19 or 2018/2019 is the year after the first."""
    return int(second) == (first + 1 if len(second) == 4 else (first + 1) % 100)


def month(match: re.Match[str]) -> tuple[Reading, ...]:
    """2016-07 is a month."""
    return (Reading(dt.date(full_year(match["y"]), int(match["m"]), 1), "month"),)


def worded_month(match: re.Match[str]) -> tuple[Reading, ...]:
    """July 2016; January 2019/20 is January 2020."""
    year, month = full_year(match["y"]), month_number(match["word"])
    if second := match.groupdict().get("z"):  # January 2019/20 is January 2020
        if not _next_year(year, second):
            raise ValueError("not two years in a row")
        year += month < 4
    return (Reading(dt.date(year, month, 1), "month"),)


def month_or_years(match: re.Match[str]) -> tuple[Reading, ...]:
    """2016-07 is a month and 2018-19 a financial year; 2011-12 may be either."""
    year, second = int(match["y"]), match["m"]
    readings = []
    if 1 <= int(second) <= 12:
        readings.append(Reading(dt.date(year, int(second), 1), "month"))
    if len(second) == 2 and _next_year(year, second):
        readings.append(Reading(dt.date(year, 4, 1), "financial_year"))
    if not readings:
        raise ValueError("neither a month nor the next year")
    slash = "/" in match.group()  # 2011/12 is how financial years are mostly written
    return tuple(reversed(readings) if slash else readings)


def financial_year(match: re.Match[str]) -> tuple[Reading, ...]:
    """2018/19 and 2018/2019 are a financial year; 2018/20 is none."""
    year = full_year(match["y"])
    if not _next_year(year, match["z"]):
        raise ValueError("not two years in a row")
    return (Reading(dt.date(year, 4, 1), "financial_year"),)


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
    if not _next_year(year, second):
        raise ValueError("not two years in a row")
    return (Reading(financial_start, "quarter"),)


def range_of_months(match: re.Match[str]) -> tuple[Reading, ...]:
    """April to June 2019 is a quarter, April 2019 to March 2020 a financial year."""
    first, last = month_number(match["word"]), month_number(match["word2"])
    year = full_year(match["y"])
    if match["z"]:
        if not _next_year(year, match["z"]):
            raise ValueError("not two years in a row")
        year += last < 4
    began = full_year(match["x"]) if match["x"] else year - (first > last)
    return whole_period(dt.date(began, first, 1), last_day(year, last))


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
