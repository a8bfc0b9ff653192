"""What a reader must know before believing a result about access: one row a check."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.analysis.crisis_access.words import CrisisAccessResult
from qieval.core.checks import About, Check
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, many, number
from qieval.flow.days import in_words

A_YEAR = 365
"""Days; a shorter time before or since a change is not the same seasons."""


def checks_of(result: CrisisAccessResult) -> list[Check]:
    """All checks: those of access first, then those of the waits."""
    return [
        *_before_and_since(result),
        *_events(result),
        *_clusters(result),
        *_distances(result),
        *(Check(*row) for row in rows_of(result.access.checks)),
    ]


def _before_and_since(result: CrisisAccessResult) -> list[Check]:
    if not result.before_and_since:
        return []
    first, last = pd.Timestamp(result.first), pd.Timestamp(result.last)
    change = pd.Timestamp(result.params["intervention"])
    before, since = (change - first).days, (last - change).days + 1
    text = (
        f"{many(before, 'day')} before the change against {since:,} since. This is no "
        "interrupted time series: a trend that was there anyway would look the same. The "
        "control chart shows whether the months moved when the change came."
    )
    rows = [Check("before_and_since", "Before and since", "warn", text)]
    if min(before, since) < A_YEAR:
        text = "Less than a year on one side: the seasons are not the same."
        rows.append(Check("seasons", "Seasons", "warn", text))
    return rows


def _events(result: CrisisAccessResult) -> list[Check]:
    near = [f"{event['event']} ({in_words(event['date'])})" for event in result.events_inside]
    if not near:
        return []
    text = f"{in_a_row(near)}: in the time looked at; part of a difference may be theirs."
    return [Check("other_events", "Other things that happened", "warn", text)]


def _clusters(result: CrisisAccessResult) -> list[Check]:
    if not np.isfinite(result.dispersion):
        return []
    about = About("clusters", "Requests come one by one")
    if result.dispersion_p < 0.05 and result.dispersion > 1:
        return [
            about.warns(
                f"Days differ {number(result.dispersion, 2)} times as much as chance alone "
                "(weekdays, busy spells, the same person again): intervals of requests a day are "
                "a little too narrow."
            )
        ]
    return [about.passes("Days differ no more than chance would explain.")]


def _distances(result: CrisisAccessResult) -> list[Check]:
    if result.distances.empty:
        return []
    # Before and since add up to everybody; without a change the first row is everybody.
    rows = result.distances if result.before_and_since else result.distances.iloc[:1]
    missing = int((rows["elsewhere"] - rows["known"]).sum())
    about = About("distances", "Distances")
    if not missing:
        return [about.passes("Known for everybody sent elsewhere.")]
    text = f"Not known for {missing:,} of those sent elsewhere: the kilometres are too few."
    return [about.warns(text)]
