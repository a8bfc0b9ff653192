"""Are these counts of events? What is counted decides, never how many there are.

A measure declares it (:mod:`qieval.core.counts`). Of a column of which nothing is known, whole
numbers are taken for events unless its name tells an amount, and a check asks for the declaration.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from qieval.analysis.its.methods.series import Array
from qieval.core.counts import Counts
from qieval.core.errors import DataError

AMOUNTS = re.compile(
    r"(^|[^a-z])(bed|beds|bed_?days?|days?|nights?|hours?|minutes?|mins|weeks?|months?|years?|age"
    r"|los|length|stays?_length|waits?|waiting|time|times|score|scores|rating|points|occupancy"
    r"|occupied|cost|costs|spend|pounds|gbp|percent|percentage|pct|share|rate|rates|ratio|index"
    r"|mean|median|average|level|temperature)([^a-z]|$)"
)
"""Words in a column's name that tell an amount, a share or a figure already worked out."""


NO_COUNTS_WORDS = "The values are declared as counts of events, and some cannot be counts."


def counts_events(values: Array, name: str, counts: Counts | None = None) -> bool:
    """Whether values are counts of events: as declared; else whole, and not named as an amount."""
    if counts is not None:
        return counts == "events"
    whole = not no_counts(values).any()
    return whole and not AMOUNTS.search(name.lower().replace(" ", "_").replace("_", " "))


def refuse_no_counts(values: Array, name: str, counts: Counts | None) -> None:
    """Refuse values that were declared to be counts of events and cannot be.

    Raises
    ------
    DataError
        With the number of values.
    """
    if counts == "events" and (wrong := no_counts(values)).any():
        raise DataError(
            NO_COUNTS_WORDS,
            found=f"{int(wrong.sum())} values of `{name}` below zero or not whole",
            remedy="Declare `counts: amount`, or give the number of events and, as `denominator`, "
            "what they are divided by.",
        )


def no_counts(values: Array) -> NDArray[np.bool_]:
    """Which values are below zero or not whole."""
    return np.asarray(np.isfinite(values) & ((values < 0) | (values != np.round(values))))
