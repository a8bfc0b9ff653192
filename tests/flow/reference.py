"""Bed days the slow way: every night of every stay, one by one."""

from __future__ import annotations

from collections import Counter

import pandas as pd

ONE_DAY = pd.Timedelta(days=1)


def counted(start: pd.Timestamp, end: pd.Timestamp, rule: str, extract: pd.Timestamp) -> list:
    """The days that a stay or leave counts, in order."""
    if rule == "mhsds":
        last = extract if pd.isna(end) else end - ONE_DAY
        return list(pd.date_range(start, last))
    last = extract if pd.isna(end) else end
    return list(pd.date_range(start + ONE_DAY, last))


def night_by_night(
    spells: pd.DataFrame,
    leave: pd.DataFrame,
    rule: str,
    extract: pd.Timestamp,
    frequency: str,
) -> tuple[Counter, Counter]:
    """(ward, first day of the period) → bed days, and → leave days."""
    away = {
        (stay.person, day)
        for stay in leave.itertuples()
        for day in counted(stay.start, stay.end, rule, extract)
    }
    far = spells["end"].fillna(extract + ONE_DAY)
    in_order = spells.assign(far=far).sort_values(["start", "far"], ascending=[True, False])
    taken: set = set()
    bed_days: Counter = Counter()
    leave_days: Counter = Counter()
    for stay in in_order.itertuples():
        for day in counted(stay.start, stay.end, rule, extract):
            if (stay.person, day) in taken:
                continue
            taken.add((stay.person, day))
            cell = stay.ward, day.to_period(frequency).start_time
            bed_days[cell] += 1
            leave_days[cell] += (stay.person, day) in away
    return bed_days, leave_days
