"""From summed ranges to every group × every period.

The days of a range that lie before a date b are ``max(0, b - first) - max(0, b - past)``. Summed
over many ranges that is ``b × (how many begin before b) - (sum of their first days)``, less the
same for their ends. So a period's days follow from two running sums at its two ends: exact whole
numbers, however long the stays.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def days_by_period(
    summed: pd.DataFrame, codes: np.ndarray, groups: int, starts: pd.DatetimeIndex
) -> np.ndarray:
    """Counted days of each group in each period (groups × periods, int64).

    `summed`: ``first_unit, past_unit, ranges, first_days, past_days`` (see ``nights.summed``).
    `starts`: first days of the periods, and of the one after the last.
    """
    ends = _day_number(starts)
    many = np.zeros((groups, len(ends)), dtype=np.int64)
    days = np.zeros_like(many)
    for side, sign in (("first", 1), ("past", -1)):
        # The first of `ends` that lies after the unit; behind the last, nothing counts.
        place = np.searchsorted(ends, _day_number(summed[f"{side}_unit"]), side="right")
        inside = place < len(ends)
        at = (codes[inside], place[inside])
        np.add.at(many, at, sign * summed["ranges"].to_numpy(dtype=np.int64)[inside])
        np.add.at(days, at, sign * summed[f"{side}_days"].to_numpy(dtype=np.int64)[inside])
    before = ends * many.cumsum(axis=1) - days.cumsum(axis=1)
    return np.diff(before, axis=1)


def _day_number(days: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """Days since 1970 (int64)."""
    return np.asarray(days, dtype="datetime64[D]").astype(np.int64)
