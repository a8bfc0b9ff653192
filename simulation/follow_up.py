"""People seen within 72 hours of their discharge, by deprivation fifth: ``follow_up.csv``.

Discharges of the wards that one home treatment team follows up. Those of the most deprived fifth
are seen least often; since the link nurse came they have caught up with the others.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from qieval.core.config import SEED
from simulation.drawing import days_in, events, generator, months, one_of

HEAD = ("date", "project", "fifth", "event")
PROJECT = "maple-home-treatment"
FIRST, LAST, CHANGE = date(2016, 3, 1), date(2019, 2, 1), date(2017, 9, 1)

FIFTHS = {"1": 0.32, "2": 0.23, "3": 0.18, "4": 0.14, "5": 0.13}
"""Share of discharges by deprivation fifth; 1 is the most deprived."""

SEEN = {
    "before": {"1": 0.46, "2": 0.63, "3": 0.68, "4": 0.72, "5": 0.74},
    "since": {"1": 0.76, "2": 0.72, "3": 0.76, "4": 0.79, "5": 0.80},
}
"""Share seen within 72 hours, before the link nurse came and since."""

DISCHARGES = 80.0  # a month
NOT_RECORDED = 0.03  # share of discharges without a fifth


def rows(seed: int = SEED) -> list[tuple[object, ...]]:
    """Rows of ``follow_up.csv``: a discharge, in order of time."""
    rng = generator("follow-up", PROJECT, seed=seed)
    found: list[tuple[object, ...]] = []
    for month in months(FIRST, LAST):
        side = "since" if month >= CHANGE else "before"
        number = events(rng, DISCHARGES)
        for day in sorted(1 + int(rng.random() * days_in(month)) for _ in range(number)):
            fifth = one_of(rng, FIFTHS)
            seen = int(rng.random() < SEEN[side][fifth])
            told = "" if rng.random() < NOT_RECORDED else fifth
            found.append((month.replace(day=day), PROJECT, told, seen))
    return found


def change_of_gap(fifth: str, reference: str = "5") -> float:
    """By how much the true gap of a fifth to another changed, as a share."""
    then, first = (SEEN[side][fifth] - SEEN[side][reference] for side in ("since", "before"))
    return then - first


def truth() -> dict[str, dict[str, Any]]:
    """What is built in."""
    return {
        PROJECT: {
            "share_seen_within_72_hours": {side: dict(shares) for side, shares in SEEN.items()},
            "change_of_the_gap_to_fifth_5": {
                fifth: round(change_of_gap(fifth), 2) for fifth in FIFTHS if fifth != "5"
            },
            "fifth_not_recorded": NOT_RECORDED,
        }
    }
