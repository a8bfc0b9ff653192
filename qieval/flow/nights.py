"""Which days count: the night rules, overlapping stays, leave; and into which periods they fall.

A stay becomes one half-open range of counted days, ``[first, past)``. Ranges are never spread out
to a row a night. The days of a range that lie before a date b are
``max(0, b - first) - max(0, b - past)``. Summed over many ranges that is ``b × (how many begin
before b) - (sum of their first days)``, less the same for their ends. So a period's days follow
from two running sums at its two ends: exact whole numbers, however long the stays.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from qieval.core.errors import ParameterError, did_you_mean, listed
from qieval.core.late import ibis, ir
from qieval.core.periods import Frequency, require_frequency
from qieval.flow.groups import unit_start
from qieval.flow.sources import Intervals

Rule = Literal["mhsds", "phs"]
Unit = Literal["D", "W", "M"]

RULES: dict[str, str] = {
    "mhsds": "Rule mhsds (NHS England): the nights of a stay, from the day of admission to the day "
    "before discharge.",
    "phs": "Rule phs (Public Health Scotland): the days of a stay after the day of admission, up "
    "to and with the day of discharge.",
}


def unit_of(period: Frequency) -> Unit:
    """The unit in which the database sums up dates, so that periods can be made of it.

    Raises
    ------
    ParameterError
        If spells cannot be counted by such periods.
    """
    require_frequency(period)
    return "D" if period == "day" else "W" if period == "week" else "M"


def check_rule(rule: str) -> None:
    """Refuse an unknown rule."""
    if rule not in RULES:
        raise ParameterError(
            f"There is no rule `{rule}` for bed days.",
            found=f"known: {listed(RULES)}",
            remedy=did_you_mean(str(rule), RULES),
            where="rule",
        )


def counted_once(
    rows: Intervals, rule: Rule, extract_date: pd.Timestamp | None, groups: list[str]
) -> ir.Table:
    """Ranges of counted days in which no day of a person occurs twice.

    A day that several stays of one person cover belongs to the stay that started first (of those
    that started together, to the longest). ``from`` is where the stay's own range begins;
    ``first`` where it begins after what earlier stays have; a nested stay has ``first == past``.

    `rule`: which days of a stay count. `extract_date`: the last day that counts for rows without an
    end. `groups`: columns to keep beside the range.
    """
    table = rows.table
    shift = 0 if rule == "mhsds" else 1
    past = _days_later(table["end"], shift)
    if extract_date is not None:
        past = past.fill_null(ibis.date((extract_date + pd.Timedelta(days=1)).date()))
    ranges = table.select("person", *groups, begin=_days_later(table["start"], shift), past=past)
    earlier = ibis.window(
        group_by=ranges["person"],
        order_by=[ranges["begin"], ranges["past"].desc(), *(ranges[name] for name in groups)],
        rows=(None, -1),
    )
    taken = ranges["past"].max().over(earlier).fill_null(ranges["begin"])
    return ranges.mutate(first=ibis.least(ibis.greatest(ranges["begin"], taken), ranges["past"]))


def _days_later(day: ir.DateColumn, days: int) -> ir.DateColumn:
    return (day + ibis.interval(days=days)).cast("date") if days else day


def on_leave(stays: ir.Table, leave: ir.Table, groups: list[str]) -> ir.Table:
    """The parts of stays that were leave. Both sides hold no day of a person twice."""
    away = leave.select(who="person", away_first="first", away_past="past")
    both = stays.join(
        away,
        [
            stays["person"] == away["who"],
            stays["first"] < away["away_past"],
            away["away_first"] < stays["past"],
        ],
    )
    return both.select(
        "person",
        *groups,
        begin=ibis.greatest(both["first"], both["away_first"]),
        first=ibis.greatest(both["first"], both["away_first"]),
        past=ibis.least(both["past"], both["away_past"]),
    ).filter(lambda table: table["first"] < table["past"])


def summed(ranges: ir.Table, groups: list[str], unit: Unit) -> ir.Table:
    """Ranges summed by where they begin and end: all that counting needs, in few rows.

    Out: the groups, ``first_unit, past_unit`` (first day of the month, week or day), ``ranges``
    (how many), ``first_days, past_days`` (sums of days since 1970), ``shortened, lost`` (ranges
    and days that earlier stays took).
    """
    first, past = ranges["first"], ranges["past"]
    lost = first.delta(ranges["begin"], unit="day")
    return ranges.group_by(
        *groups,
        first_unit=unit_start(first, unit),
        past_unit=unit_start(past, unit),
    ).aggregate(
        ranges=ranges.count(),
        first_days=_day_number(first).sum().cast("int64"),
        past_days=_day_number(past).sum().cast("int64"),
        shortened=(first > ranges["begin"]).sum(),
        lost=lost.sum(),
    )


def _day_number(day: ir.DateColumn) -> ir.DecimalColumn:
    """Days since 1970. A decimal: SQL Server counts days in 32 bits, and a sum would not fit."""
    return day.delta(ibis.date("1970-01-01"), unit="day").cast("decimal(18, 0)")


def days_by_period(
    summed: pd.DataFrame, codes: np.ndarray, groups: int, starts: pd.DatetimeIndex
) -> np.ndarray:
    """Counted days of each group in each period (groups × periods, int64).

    `summed`: ``first_unit, past_unit, ranges, first_days, past_days`` (see ``nights.summed``).
    `starts`: first days of the periods, and of the one after the last.
    """
    ends = _days_since_1970(starts)
    many = np.zeros((groups, len(ends)), dtype=np.int64)
    days = np.zeros_like(many)
    for side, sign in (("first", 1), ("past", -1)):
        # The first of `ends` that lies after the unit; behind the last, nothing counts.
        place = np.searchsorted(ends, _days_since_1970(summed[f"{side}_unit"]), side="right")
        inside = place < len(ends)
        at = (codes[inside], place[inside])
        np.add.at(many, at, sign * summed["ranges"].to_numpy(dtype=np.int64)[inside])
        np.add.at(days, at, sign * summed[f"{side}_days"].to_numpy(dtype=np.int64)[inside])
    before = ends * many.cumsum(axis=1) - days.cumsum(axis=1)
    return np.diff(before, axis=1)


def _days_since_1970(days: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    return np.asarray(days, dtype="datetime64[D]").astype(np.int64)
