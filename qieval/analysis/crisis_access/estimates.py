"""The table of estimates: fates and their change, times to a bed, requests a day, and the waits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.crisis_access.demand import a_day, ratio
from qieval.analysis.crisis_access.fates import changes_of, times_to_a_bed
from qieval.analysis.waits import WaitsResult
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.proportions import Ends
from qieval.core.result import rows_of
from qieval.flow.groups import ALL


def estimates_of(
    access: WaitsResult,
    requests: pd.DataFrame,
    points: pd.DataFrame,
    window: tuple[pd.Timestamp, pd.Timestamp],
    confidence: float,
) -> pd.DataFrame:
    """One row a term; terms of a group have ``: <group>`` after them, as in the waits.

    ``here, elsewhere, refused, withdrawn`` and their ``change: …``; ``time_here`` and
    ``time_elsewhere``: medians of those who got a bed there; ``requests_a_day`` and
    ``requests_ratio``; then all terms of the waits.
    """
    rows = [
        _row(
            access.term_of(point.fate, point.group),
            Ends(point.percent, point.low, point.high),
            unit="% of requests",
            n=int(point.of),
            method="Wilson",
        )
        for point in rows_of(points)
    ]
    if access.before_and_since:
        changes = changes_of(points, access.groups, confidence)
        total = int(points.drop_duplicates("group")["of"].sum())
        rows += [
            _row(f"change: {fate}", ends, unit="percentage points", n=total, method="Newcombe")
            for fate, ends in changes.items()
        ]
    for (group, fate), ends in times_to_a_bed(requests, access.groups).items():
        own = requests if group == ALL else requests[requests["group"] == group]
        rows.append(
            _row(
                access.term_of(f"time_{fate}", group),
                ends,
                unit=access.clock,
                n=int(((own["fate"] == fate) & own["took"].notna()).sum()),
                method="median of those who got one",
            )
        )
    rows += _demand(access, requests, window, confidence)
    table = pd.DataFrame(rows).set_index("term")[ESTIMATE_COLUMNS]
    return pd.concat([table, access.estimates])


def days_of(access: WaitsResult, window: tuple[pd.Timestamp, pd.Timestamp], group: str) -> int:
    """Days of the window that a group covers: before the change, since it, or all."""
    first, last = window
    if not access.before_and_since:
        return (last - first).days + 1
    change = pd.Timestamp(access.params["intervention"])
    return (change - first).days if group == access.groups[0] else (last - change).days + 1


def _demand(
    access: WaitsResult,
    requests: pd.DataFrame,
    window: tuple[pd.Timestamp, pd.Timestamp],
    confidence: float,
) -> list[dict[str, Any]]:
    rows, counted = [], []
    for group in access.groups:
        count = len(requests) if group == ALL else int((requests["group"] == group).sum())
        days = days_of(access, window, group)
        counted.append((count, days))
        rows.append(
            _row(
                access.term_of("requests_a_day", group),
                a_day(count, days, confidence),
                unit="requests a day",
                n=count,
                method="exact Poisson",
            )
        )
    if access.before_and_since:
        found = ratio(counted[0], counted[1], confidence)
        if found is not None:
            total = counted[0][0] + counted[1][0]
            rows.append(_row("requests_ratio", found, unit="ratio", n=total, method="score"))
    return rows


def _row(term: str, ends: Ends, *, unit: str, n: int, method: str) -> dict[str, Any]:
    return {
        "term": term,
        "estimate": float(ends.value),
        "se": np.nan,
        "ci_low": float(ends.low),
        "ci_high": float(ends.high),
        "p_value": np.nan,
        "df": np.nan,
        "unit": unit,
        "n": n,
        "method": method,
    }
