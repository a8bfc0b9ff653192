"""Calendars: hours, days, working days, weeks, months, quarters, years, and the words for them.

A period is written as its first day (``datetime64``). Distances are calendar distances: a missing
month leaves a gap of two between its neighbours. NHS financial years run from April to March, so
financial quarters start on the same days as calendar quarters and differ in their labels only.

A calendar is written as its kind, with where its periods begin if that is not the usual place:
"month", "week from Wednesday", "fortnight from 2024-01-03", "year from September", "working_day in
Scotland", "21_days from 2024-01-03". :func:`infer_frequency` is the one place that decides which
calendar dates follow.
"""

from __future__ import annotations

import re
from calendar import day_name, month_name
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from qieval.core.bank_holidays import NATIONS, bank_holidays
from qieval.core.errors import DataError, ParameterError, listed

Frequency = Literal["day", "week", "month", "quarter", "year", "financial_year"]
"""Kinds of period that a parameter can ask for; dates may follow others."""

FREQUENCIES: tuple[str, ...] = get_args(Frequency)

_KINDS: dict[str, tuple[str, int, int]] = {
    "hour": ("h", 1, 0),
    "day": ("D", 1, 0),
    "event": ("D", 1, 0),  # a point an event, dated by its day
    "working_day": ("B", 1, 0),
    "week": ("D", 7, 4),  # 5 January 1970 was a Monday
    "fortnight": ("D", 14, 4),
    "four_weeks": ("D", 28, 4),
    "month": ("M", 1, 0),
    "two_months": ("M", 2, 0),
    "quarter": ("M", 3, 0),
    "four_months": ("M", 4, 0),
    "half_year": ("M", 6, 0),
    "year": ("M", 12, 0),
    "financial_year": ("M", 12, 3),
}
"""Kind → numpy's unit (B: working days), units a period, the unit since 1970 where one begins."""

_MONTHS = {1: "month", 2: "two_months", 3: "quarter", 4: "four_months", 6: "half_year", 12: "year"}
_NOUNS = {
    "four_weeks": "four-week period",
    "two_months": "two-month period",
    "four_months": "four-month period",
    "half_year": "half-year",
}
_ROLLING: dict[str, tuple[int, ...]] = {
    "hour": (24,),
    "day": (7, 28),
    "working_day": (5, 20),
    "week": (4, 13, 52),
    "fortnight": (26,),
    "four_weeks": (13,),
    "month": (3, 12),
    "two_months": (6,),
    "quarter": (4,),
}
_UNITS_A_YEAR = {"h": 365.25 * 24, "D": 365.25, "B": 365.25 * 5 / 7, "M": 12.0}
_EPOCH = np.datetime64("1970-01-01", "D")


class Calendar(NamedTuple):
    """A calendar taken apart: its kind, numpy's unit, units a period, first unit, days closed."""

    kind: str
    unit: str
    step: int
    first: int
    working: Any = None


@lru_cache(maxsize=256)
def calendar_of(every: str) -> Calendar:
    """The calendar that its name stands for.

    Raises
    ------
    ParameterError
        If there is no such calendar.
    """
    kind, _, anchor = every.partition(" ")
    anchor = anchor.removeprefix("from ").removeprefix("in ")
    many = re.fullmatch(r"(\d+)_(hours|days)", kind)
    if many:
        unit, step, first = "h" if many[2] == "hours" else "D", int(many[1]), 0
    elif kind in _KINDS:
        unit, step, first = _KINDS[kind]
    else:
        raise _unknown(every)
    if unit == "B":
        return Calendar(kind, unit, step, first, _working_days(anchor))
    if anchor in month_name[1:]:
        first = list(month_name).index(anchor) - 1
    elif anchor in list(day_name):
        first = 4 + list(day_name).index(anchor)
    elif anchor:
        first = int(_naive(anchor).astype(f"datetime64[{unit}]").astype(np.int64)[0])
    return Calendar(kind, unit, step, first % step)


def require_frequency(every: str) -> None:
    """Refuse a kind of period that no parameter can ask for.

    Raises
    ------
    ParameterError
        With those known.
    """
    if every not in FREQUENCIES:
        raise _unknown(every)


def _unknown(every: str) -> ParameterError:
    return ParameterError(
        "Unknown kind of period.", found=repr(every), remedy=f"Use one of {listed(FREQUENCIES)}."
    )


def _working_days(anchor: str) -> Any:
    """Numpy's calendar of a nation; of its bank holidays those named after "with" were worked."""
    nation, _, worked = anchor.partition(" with ")
    closed = bank_holidays(nation) - set(pd.to_datetime(worked.split()).date) if nation else ()
    return np.busdaycalendar(holidays=sorted(closed))


def _naive(dates: Any) -> np.ndarray:
    return np.atleast_1d(np.asarray(dates, dtype="datetime64[us]"))


def _starts(number: np.ndarray, calendar: Calendar) -> pd.DatetimeIndex:
    """First days (or hours) of numbered periods."""
    if calendar.unit == "B":
        begin = np.busday_offset(_EPOCH, number, roll="forward", busdaycal=calendar.working)
    else:
        begin = (number * calendar.step + calendar.first).astype(f"datetime64[{calendar.unit}]")
    return pd.DatetimeIndex(begin.astype("datetime64[us]"))


def number_of(dates: pd.Series | pd.DatetimeIndex, every: str) -> np.ndarray:
    """Calendar number of each date's period: neighbours differ by one, gaps by more (int64).

    What happens on a day that is no working day counts to the next one.
    """
    calendar, days = calendar_of(every), _naive(dates)
    if calendar.unit == "B":
        own = np.busday_offset(
            days.astype("datetime64[D]"), 0, "forward", busdaycal=calendar.working
        )
        return np.asarray(np.busday_count(_EPOCH, own, busdaycal=calendar.working), dtype=np.int64)
    unit = days.astype(f"datetime64[{calendar.unit}]").astype(np.int64)
    return np.asarray((unit - calendar.first) // calendar.step, dtype=np.int64)


def start_of(dates: pd.Series | pd.DatetimeIndex, every: str) -> pd.DatetimeIndex:
    """First day of the period in which each date lies."""
    return _starts(number_of(dates, every), calendar_of(every))


def span(first: pd.Timestamp, last: pd.Timestamp, every: str) -> pd.DatetimeIndex:
    """First days of every period from that of `first` to that of `last`."""
    ends = number_of(pd.DatetimeIndex([first, last]), every)
    return _starts(np.arange(ends[0], ends[1] + 1), calendar_of(every))


def shift(start: pd.Timestamp, by: int, every: str) -> pd.Timestamp:
    """First day of the period `by` periods after the one in which `start` lies."""
    number = number_of(pd.DatetimeIndex([start]), every) + by
    return pd.Timestamp(_starts(number, calendar_of(every))[0])


def end_of(start: pd.Timestamp, every: str) -> pd.Timestamp:
    """The last day of the period in which `start` lies; of hours, the hour itself."""
    if calendar_of(every).unit == "h":
        return pd.Timestamp(start)
    return shift(start, 1, every) - pd.Timedelta(days=1)


def days_in(dates: pd.Series | pd.DatetimeIndex, every: str) -> np.ndarray:
    """Days in the period in which each date lies (int64; parts of days for hours)."""
    calendar, number = calendar_of(every), number_of(dates, every)
    if calendar.unit == "h":
        return np.full(len(number), calendar.step / 24)
    if calendar.unit == "B":
        return np.ones(len(number), dtype=np.int64)
    length = _starts(number + 1, calendar) - _starts(number, calendar)
    return np.asarray(length.days, dtype=np.int64)


def per_year(every: str) -> float:
    """Periods a year."""
    calendar = calendar_of(every)
    return _UNITS_A_YEAR[calendar.unit] / calendar.step


def year_position(starts: pd.DatetimeIndex, every: str) -> np.ndarray:
    """Place in the year, 0 to 1: months by number from the calendar's first, others by date."""
    calendar = calendar_of(every)
    if calendar.unit == "M":
        return np.asarray((starts.month - 1 - calendar.first) % 12, dtype=float) / 12
    return (np.asarray(starts.day_of_year, dtype=float) - 1) / 365.25


def rolling_lengths(every: str) -> tuple[int, ...]:
    """Lengths of rolling totals in use; not half a year: a season is opposed to itself there."""
    return _ROLLING.get(calendar_of(every).kind, ())


# ---- which calendar do dates follow? -----------------------------------------------------------


def infer_frequency(dates: pd.Series | pd.DatetimeIndex) -> str:
    """The calendar that the dates follow, read from their spacing; gaps are allowed.

    Hours, days, working days, weeks from any day, fortnights and other even steps of days, and one
    date in each month, two months, quarter, half-year or year, on whichever day of it.

    Raises
    ------
    DataError
        If the dates follow no calendar step, or there are fewer than two.
    """
    unique = pd.DatetimeIndex(_naive(dates)).unique().sort_values()
    if len(unique) < 2:
        raise DataError(
            "At least two different dates are needed to tell the kind of period.",
            found=f"{len(unique)}",
        )
    days = unique.normalize().unique()
    if len(days) < len(unique):
        return _hours(unique)
    months = number_of(days, "month")
    once_a_month = len(set(months)) == len(months)
    if once_a_month and _same_place(days):
        return _months(days, months)
    gaps = np.diff(days).astype("timedelta64[D]").astype(np.int64)
    step, usual = int(np.gcd.reduce(gaps)), float(np.median(gaps))
    # Three first Mondays in a row may lie 28 days apart each, four may not.
    if step not in (1, 7) and usual == step and len(days) > (3 if step == 28 or step % 7 else 2):
        name = {14: "fortnight", 28: "four_weeks"}.get(step, f"{step}_days")
        return f"{name} from {days[0]:%Y-%m-%d}"
    if once_a_month and gaps.min() >= _A_MONTH_APART and _coverage(months) >= _MOSTLY:
        return _months(days, months)
    if step % 7 == 0:
        return "week" if days[0].weekday() == 0 else f"week from {days[0]:%A}"
    if usual == 1:
        return _days(days)
    weeks = number_of(days, "week")
    if len(days) > 3 and (np.diff(weeks) > 0).all() and _coverage(weeks) >= _NEARLY_ALL:
        return "week"
    raise _uneven(days, "they follow no days, weeks, months or quarters")


_A_MONTH_APART = 20
"""Days between dates of neighbouring months, so that neighbouring days are not taken for months."""

_MOSTLY, _NEARLY_ALL = 0.6, 0.9
"""Share of periods that must have a date, where dates lie anywhere in them."""


def _coverage(numbers: np.ndarray) -> float:
    """Share of the periods from first to last that have a date."""
    steps = np.diff(numbers)
    return float(len(steps) / (steps.sum() / np.gcd.reduce(steps)))


def _same_place(days: pd.DatetimeIndex) -> bool:
    """Whether dates lie on the same day of their months, or at their ends."""
    last = bool(days.is_month_end.all()) or bool((days.day >= 28).all())
    return last or len(set(days.day)) == 1


def _months(days: pd.DatetimeIndex, months: np.ndarray) -> str:
    """Months or a step of them: early days begin a period, late ones end it."""
    gap = int(np.gcd.reduce(np.diff(months)))
    few = len(days) < 3
    step = next(k for k in (12, 6, 4, 3, 2, 1) if gap % k == 0 and not (few and k in (2, 4, 6)))
    kind, first = _MONTHS[step], int(months[0] % step)
    if days.day.max() <= 7:
        begins = first
    elif days.day.min() >= 25:
        begins = (first + 1) % step
    else:
        begins = 3 if step == 12 and first == 3 else 0
    if step == 12 and begins == 3:
        return "financial_year"
    return f"{kind} from {month_name[begins + 1]}" if begins else kind


def _days(days: pd.DatetimeIndex) -> str:
    """Days, or working days of the nation whose bank holidays have the fewest values."""
    spanned = number_of(days[[0, -1]], "day")
    weekdays = number_of(days[[0, -1]], "working_day")
    if days.day_of_week.max() > 4 or np.diff(spanned)[0] < np.diff(weekdays)[0] + 2:
        return "day"
    present = set(days.date)
    best, fewest = "", 1.0
    for nation in NATIONS:
        closed = {day for day in bank_holidays(nation) if days[0].date() <= day <= days[-1].date()}
        worked = sorted(closed & present)
        share = (1 + len(worked)) / (2 + len(closed))
        if len(worked) <= len(closed) / 2 and share < fewest:
            best, fewest = nation, share
            if worked:
                best += " with " + " ".join(f"{day:%Y-%m-%d}" for day in worked)
    return f"working_day in {best}" if best else "working_day"


def _hours(times: pd.DatetimeIndex) -> str:
    gaps = np.diff(times).astype("timedelta64[s]").astype(np.int64)
    step = int(np.gcd.reduce(gaps))
    if step % 3600 == 0 and np.median(gaps) == step:
        hours = step // 3600
        return "hour" if hours == 1 else f"{hours}_hours from {times[0]:%Y-%m-%dT%H}"
    raise _uneven(times, "several lie on one day, and they follow no hours", "%d %B %Y %H:%M")


def _uneven(dates: pd.DatetimeIndex, why: str, form: str = "%d %B %Y") -> DataError:
    some = ", ".join(date.strftime(form) for date in dates[:3])
    return DataError(
        f"The dates are not evenly spaced: {why}.",
        found=f"{some} …" if len(dates) > 2 else some,
        remedy="Give one row a period, dated by the period's first day.",
    )


# ---- words -------------------------------------------------------------------------------------


def label(start: pd.Timestamp, every: str) -> str:
    """A period in words: "March 2020", "April to June 2019", "2019/20", "2 March 2020"."""
    start = pd.Timestamp(start)
    kind, unit, step, first, _ = calendar_of(every)
    if kind == "month":
        return f"{start:%B %Y}"
    if kind == "financial_year":
        year = start.year if start.month >= 4 else start.year - 1
        return f"{year}/{(year + 1) % 100:02d}"
    if kind == "year" and not first:
        return f"{start:%Y}"
    if kind == "year":
        return f"the year from {start:%B %Y}"
    if unit == "M":
        end = start + pd.DateOffset(months=step - 1)
        year_of_start = "" if end.year == start.year else f" {start.year}"
        return f"{start:%B}{year_of_start} to {end:%B %Y}"
    day = f"{start.day} {start:%B %Y}"
    if unit == "h":
        return f"{day}, {start:%H:%M}"
    if step == 1:
        return day
    weeks = {7: "week", 14: "two weeks", 28: "four weeks"}
    return f"the {weeks.get(step, f'{step} days')} from {day}"


def noun(every: str, count: float = 1) -> str:
    """The word for a period: "month", "months", "financial years"; also "event", "events"."""
    kind = every.partition(" ")[0]
    many = re.fullmatch(r"(\d+)_(hour|day)s", kind)
    word = f"{many[1]}-{many[2]} period" if many else _NOUNS.get(kind, kind.replace("_", " "))
    return word if count == 1 else f"{word}s"
