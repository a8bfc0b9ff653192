"""Bank holidays of the nations of the United Kingdom, by rule, with the days proclaimed apart.

Source: Banking and Financial Dealings Act 1971 and the dates published on gov.uk/bank-holidays.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import pandas as pd

NATIONS = ("England", "Scotland", "Northern Ireland")
"""England stands for England and Wales, whose bank holidays are the same."""

_YEARS = range(1995, 2060)

_MOVED = {
    date(1995, 5, 1): date(1995, 5, 8),  # 50 years after the war in Europe
    date(2002, 5, 27): date(2002, 6, 4),  # jubilee
    date(2012, 5, 28): date(2012, 6, 4),  # jubilee
    date(2020, 5, 4): date(2020, 5, 8),  # 75 years after the war in Europe
    date(2022, 5, 30): date(2022, 6, 2),  # jubilee
}
_PROCLAIMED = (
    date(1999, 12, 31),
    date(2002, 6, 3),
    date(2011, 4, 29),
    date(2012, 6, 5),
    date(2022, 6, 3),
    date(2022, 9, 19),
    date(2023, 5, 8),
)
_MONDAY = 0


@cache
def bank_holidays(nation: str) -> frozenset[date]:
    """Every bank holiday of a nation from 1995 to 2059, substitute days included."""
    days = {day for year in _YEARS for day in _of_year(year, nation)}
    return frozenset({_MOVED.get(day, day) for day in days} | set(_PROCLAIMED))


def _of_year(year: int, nation: str) -> set[date]:
    easter = (pd.Timestamp(year, 1, 1) + pd.offsets.Easter()).date()
    first = date(year, 1, 1)
    fixed = [first, date(year, 12, 25), date(year, 12, 26)]
    days = {
        easter - timedelta(days=2),
        _first_monday(year, 5),
        _last_monday(year, 5),
    }
    if nation == "Scotland":
        fixed += [date(year, 1, 2), *([date(year, 11, 30)] if year >= 2007 else [])]
        days.add(_first_monday(year, 8))
    else:
        days |= {easter + timedelta(days=1), _last_monday(year, 8)}
    if nation == "Northern Ireland":
        fixed += [date(year, 3, 17), date(year, 7, 12)]
    for day in sorted(fixed):
        while day.weekday() > 4 or day in days:  # the next working day stands for it
            day += timedelta(days=1)
        days.add(day)
    return days


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_MONDAY - first.weekday()) % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, 31)  # May and August
    return last - timedelta(days=(last.weekday() - _MONDAY) % 7)
