"""Dates far from all others: a year typed wrongly makes a stay of a century."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.intake.reading.request import Request
from qieval.intake.tables.faults import row_numbers

_FAR_YEARS = 10
_FEWEST, _FEW = 3, 0.05


def ask_about_far_dates(table: pd.DataFrame, request: Request) -> list[str]:
    """Ask about dates that lie ten years or more from all others, and are few; what to note."""
    notes = []
    for name in table.select_dtypes("datetime"):
        rows = far_rows(table[name])
        if len(rows):
            heading = request.columns.get(str(name), str(name))
            rows_in_words = row_numbers([int(row) for row in rows], most=5)
            note = request.ask(
                f"Dates in `{heading}` lie {_FAR_YEARS} years or more from all others: their year "
                "may be a slip.",
                found=rows_in_words,
                remedy="Correct the year in the file; if it is right, `strict: false` keeps it.",
                proposal="They were kept as they stand.",
            )
            notes.append(f"{note} ({rows_in_words})")
    return notes


def far_rows(dates: pd.Series) -> pd.Index:
    """The rows of the few dates on the far side of a gap in a column of dates."""
    known = dates.dropna()
    days = np.sort(known.to_numpy(dtype="datetime64[D]"))
    if len(days) < _FEWEST:
        return known.index[:0]
    gaps = np.diff(days).astype(int) / 365.25
    most = max(1, int(_FEW * len(days)))
    far = np.zeros(len(days), dtype=bool)
    for place in np.flatnonzero(gaps >= _FAR_YEARS):
        before, after = place + 1, len(days) - place - 1
        if min(before, after) <= most and before != after:
            far[: place + 1] |= before < after
            far[place + 1 :] |= after < before
    return known.index[np.isin(known.to_numpy(dtype="datetime64[D]"), days[far])]
