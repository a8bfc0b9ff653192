"""What a reader must know before believing a result about access: one row a check."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.analysis.crisis_access.found import Found
from qieval.core.checks import Status
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, many, number
from qieval.flow.days import in_words

A_YEAR = 365
"""Days; a shorter time before or since a change is not the same seasons."""

Row = tuple[str, Status, str]


def checks_of(result: Found) -> list[Row]:
    """All checks: those of access first, then those of the waits."""
    return [
        *_before_and_since(result),
        *_events(result),
        *_uneven(result),
        *_distance(result),
        *((row.check, row.status, row.detail) for row in rows_of(result.access.checks)),
    ]


def _before_and_since(result: Found) -> list[Row]:
    if not result.access.before_and_since:
        return []
    first, last = (pd.Timestamp(result.facts[end]) for end in ("first", "last"))
    change = pd.Timestamp(result.params["intervention"])
    before, since = (change - first).days, (last - change).days + 1
    rows: list[Row] = [
        (
            "Before and since",
            "warn",
            f"{many(before, 'day')} before the change against {since:,} since. This is no "
            "interrupted time series: a trend that was there anyway would look the same. The "
            "control chart shows whether the months moved when the change came.",
        )
    ]
    if min(before, since) < A_YEAR:
        rows.append(
            ("Seasons", "warn", "Less than a year on one side: the seasons are not the same.")
        )
    return rows


def _events(result: Found) -> list[Row]:
    first, last = result.facts["first"], result.facts["last"]
    inside = [
        event for event in result.params["events"] if first <= str(event["date"])[:10] <= last
    ]
    if not inside:
        return []
    said = [f"{event['event']} ({in_words(event['date'])})" for event in inside]
    return [
        (
            "Other things that happened",
            "warn",
            f"{in_a_row(said)}: in the time looked at; part of a difference may be theirs.",
        )
    ]


def _uneven(result: Found) -> list[Row]:
    index, chance = result.facts["uneven"], result.facts["uneven_p"]
    if index is None or not np.isfinite(index):
        return []
    name = "Requests come one by one"
    if chance < 0.05 and index > 1:
        return [
            (
                name,
                "warn",
                f"Days differ {number(index, 2)} times as much as chance alone (weekdays, busy "
                "spells, the same person again): intervals of requests a day are a little too "
                "narrow.",
            )
        ]
    return [(name, "pass", "Days differ no more than chance would explain.")]


def _distance(result: Found) -> list[Row]:
    if result.distances.empty:
        return []
    # Before and since add up to everybody; without a change the first row is everybody.
    rows = result.distances if result.access.before_and_since else result.distances.iloc[:1]
    missing = int((rows["elsewhere"] - rows["known"]).sum())
    if not missing:
        return [("Distances", "pass", "Known for everybody sent elsewhere.")]
    return [
        (
            "Distances",
            "warn",
            f"Not known for {missing:,} of those sent elsewhere: the kilometres are too few.",
        )
    ]
