"""What a table holds at a glance, for its passport."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qieval.core.periods import Frequency, label, span
from qieval.intake.tables import Kind
from qieval.intake.tables.series import unit_columns

_MOST_GAPS = 20
_MOST_PERIODS = 6


def facts_of(table: pd.DataFrame, kind: Kind) -> dict[str, str]:
    """Label → text."""
    if kind.name != "spells" or table.empty:
        return {}
    last = table["end"].max()
    return {
        "People": f"{table['person'].nunique():,}",
        "First admission": _day(table["start"].min()),
        "Last discharge": _day(last) if pd.notna(last) else "none: everybody is still in",
        "Still in": f"{int(table['end'].isna().sum()):,}",
    }


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%B %Y}"


def periods_of(table: pd.DataFrame, every: Frequency | None) -> dict[str, Any]:
    """The passport's fields about periods: how many, which are missing, gaps of single units."""
    if every is None or table.empty:
        return {}
    present = pd.DatetimeIndex(table["period"].unique())
    expected = span(present.min(), present.max(), every)
    missing = expected.difference(present)
    return {
        "every": every,
        "periods_expected": len(expected),
        "periods_present": len(expected) - len(missing),
        "periods_missing": tuple(missing),
        "first_period": expected[0],
        "last_period": expected[-1],
        "gaps": _gaps(table, present, every),
    }


def _gaps(table: pd.DataFrame, present: pd.DatetimeIndex, every: Frequency) -> tuple[str, ...]:
    """Periods that others have and one unit lacks."""
    units = unit_columns(table)
    if not units:
        return ()
    lines = []
    for unit, days in table.groupby(units, sort=True)["period"]:
        lacking = present.difference(pd.DatetimeIndex(days)).sort_values()
        if len(lacking):
            name = ", ".join(str(part) for part in np.atleast_1d(np.asarray(unit, dtype=object)))
            periods = ", ".join(label(day, every) for day in lacking[:_MOST_PERIODS])
            more = f" and {len(lacking) - _MOST_PERIODS:,} more" * (len(lacking) > _MOST_PERIODS)
            lines.append(f"{name}: {periods}{more}")
    left_out = len(lines) - _MOST_GAPS
    return (*lines[:_MOST_GAPS], *([f"and {left_out:,} more units"] if left_out > 0 else []))
