"""Are these counts of events? What is counted decides, never how many there are.

Events (falls, restraints, incidents, admissions) vary by chance at least as much as a Poisson
count does. Amounts (bed days, waits, scores, costs) may be whole numbers too, and are not events:
they are known by the name of their column. Who declares the family need not rely on the name.
"""

from __future__ import annotations

import re

import numpy as np

from qieval.analysis.its.methods.series import Array

AMOUNTS = re.compile(
    r"(^|[^a-z])(bed|beds|bed_?days?|days?|nights?|hours?|minutes?|mins|weeks?|months?|years?|age"
    r"|los|length|stays?_length|waits?|waiting|time|times|score|scores|rating|points|occupancy"
    r"|occupied|cost|costs|spend|pounds|gbp|percent|percentage|pct|share|rate|rates|ratio|index"
    r"|mean|median|average|level|temperature)([^a-z]|$)"
)
"""Words in a column's name that tell an amount, a share or a figure already worked out."""


def counts_events(values: Array, name: str) -> bool:
    """Whether values are counts of events: whole, never negative, and not named as an amount."""
    known = values[np.isfinite(values)]
    whole = bool((known >= 0).all() and (known == np.round(known)).all())
    return whole and not AMOUNTS.search(name.lower().replace(" ", "_").replace("_", " "))
