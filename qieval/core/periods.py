"""Calendar periods: days, weeks, months, quarters, financial years.

A period is written as its first day (``datetime64``). Distances are calendar distances: a missing
month leaves a gap of two between its neighbours. NHS financial years run from April to March, so
financial quarters start on the same days as calendar quarters and differ in their labels only.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

import numpy as np
import pandas as pd

from qieval.core.errors import DataError, ParameterError, listed

Frequency = Literal["day", "week", "month", "quarter", "year", "financial_year"]

_PANDAS: dict[str, str] = {
    "day": "D",
    "week": "W-SUN",  # weeks run from Monday to Sunday
    "month": "M",
    "quarter": "Q-DEC",
    "year": "Y-DEC",
    "financial_year": "Y-MAR",
}
PER_YEAR: dict[str, float] = {
    "day": 365.25,
    "week": 365.25 / 7,
    "month": 12,
    "quarter": 4,
    "year": 1,
    "financial_year": 1,
}


def _periods(dates: pd.Series | pd.DatetimeIndex | date | str, every: str) -> pd.PeriodIndex:
    if every not in _PANDAS:
        raise ParameterError(
            "Unknown kind of period.", found=repr(every), remedy=f"Use one of {listed(_PANDAS)}."
        )
    index = pd.DatetimeIndex(np.atleast_1d(np.asarray(dates, dtype="datetime64[us]")))
    return index.to_period(_PANDAS[every])


def start_of(dates: pd.Series | pd.DatetimeIndex, every: Frequency) -> pd.DatetimeIndex:
    """First day of the period in which each date lies."""
    return _periods(dates, every).start_time.as_unit("us").normalize()


def number_of(dates: pd.Series | pd.DatetimeIndex, every: Frequency) -> np.ndarray:
    """Calendar number of each date's period: neighbours differ by one, gaps by more (int64)."""
    return np.asarray(_periods(dates, every).asi8, dtype=np.int64)


def span(first: pd.Timestamp, last: pd.Timestamp, every: Frequency) -> pd.DatetimeIndex:
    """First days of every period from that of `first` to that of `last`."""
    ends = _periods(pd.DatetimeIndex([first, last]), every)
    return pd.period_range(ends[0], ends[1]).start_time.as_unit("us").normalize()


def shift(start: pd.Timestamp, by: int, every: Frequency) -> pd.Timestamp:
    """First day of the period `by` periods after the one in which `start` lies."""
    moved = _periods(pd.DatetimeIndex([start]), every) + by
    return pd.Timestamp(moved.start_time[0]).as_unit("us").normalize()


def days_in(dates: pd.Series | pd.DatetimeIndex, every: Frequency) -> np.ndarray:
    """Days in the period in which each date lies (int64)."""
    periods = _periods(dates, every)
    length = (periods + 1).start_time - periods.start_time
    return np.asarray(length.days, dtype=np.int64)


def infer_frequency(dates: pd.Series | pd.DatetimeIndex) -> Frequency:
    """The kind of period that the dates are, read from their spacing; gaps are allowed.

    Raises
    ------
    DataError
        If the dates follow no calendar step, or there are fewer than two.
    """
    unique = pd.DatetimeIndex(np.asarray(dates, dtype="datetime64[us]")).unique().sort_values()
    if len(unique) < 2:
        raise DataError(
            "At least two different dates are needed to tell the kind of period.",
            found=f"{len(unique)}",
        )
    same_place = (
        len(set(unique.day)) == 1
        or bool(unique.is_month_end.all())
        or bool((unique.day >= 28).all())
    )
    months = number_of(unique, "month")
    if same_place and len(set(months)) == len(months):
        step = int(np.gcd.reduce(np.diff(months)))
        if step % 12 == 0:
            return "financial_year" if set(unique.month) == {4} else "year"
        return "quarter" if step % 3 == 0 else "month"
    gaps = np.diff(unique).astype("timedelta64[D]").astype(np.int64)
    if (gaps % 7 == 0).all():
        return "week"
    if np.median(gaps) == 1:
        return "day"
    raise DataError(
        "The dates are not evenly spaced: they follow no days, weeks, months or quarters.",
        found=f"{unique[0]:%d %B %Y}, {unique[1]:%d %B %Y}, {unique[2]:%d %B %Y} …"
        if len(unique) > 2
        else f"{unique[0]:%d %B %Y}, {unique[1]:%d %B %Y}",
        remedy="Give one row a period, dated by the period's first day.",
    )


def label(start: pd.Timestamp, every: Frequency) -> str:
    """A period in words: "March 2020", "April to June 2019", "2019/20", "2 March 2020"."""
    start = pd.Timestamp(start)
    if every == "month":
        return f"{start:%B %Y}"
    if every == "quarter":
        end = start + pd.DateOffset(months=2)
        return f"{start:%B} to {end:%B %Y}"
    if every == "year":
        return f"{start:%Y}"
    if every == "financial_year":
        first = start.year if start.month >= 4 else start.year - 1
        return f"{first}/{(first + 1) % 100:02d}"
    day = f"{start.day} {start:%B %Y}"
    return f"the week from {day}" if every == "week" else day


def noun(every: Frequency, count: float = 1) -> str:
    """The word for a period: "month", "months", "financial years"."""
    word = every.replace("_", " ")
    return word if count == 1 else f"{word}s"


FREQUENCIES: tuple[str, ...] = get_args(Frequency)
