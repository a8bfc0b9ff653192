"""Events: other things that happened, each with a date and a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from qieval.core import columns
from qieval.core.errors import ParameterError


def tidy_events(events: pd.DataFrame | Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Events as records with a Timestamp ``date`` and a text ``event``; what else they say is kept.

    Raises
    ------
    ParameterError
        If one has no date (text must be year-month-day) or no words.
    """
    if events is None:
        return []
    records = events.to_dict("records") if isinstance(events, pd.DataFrame) else list(events)
    tidy = []
    for place, record in enumerate(records, start=1):
        if not isinstance(record, Mapping) or not {"date", "event"} <= set(record):
            raise ParameterError(
                f"Event number {place} needs a `date` and an `event`.",
                found=repr(record),
                remedy="Write: {date: 2020-03-01, event: Ward moved to a new building}.",
            )
        when = columns.moment(record["date"], f"date of event number {place}")
        more = {str(name): value for name, value in record.items()}
        tidy.append({**more, "date": when, "event": str(record["event"])})
    return tidy
