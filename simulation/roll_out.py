"""Restraints on twelve acute wards that brought in the same change at different times.

``roll_out.csv`` belongs to the project about de-escalation. Which ward started when was drawn by
lot inside each network: it has nothing to do with how many restraints the ward had.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from qieval.core.config import SEED
from simulation.drawing import days_in, events, generator, months, months_between, normal

HEAD = ("period", "network", "ward", "started", "restraints", "bed_days")
PROJECT = "acute-wards-talk-first"
FIRST, LAST = date(2016, 1, 1), date(2018, 12, 1)

STARTS: dict[str, dict[str, date | None]] = {
    "Hill network": {
        "Acorn ward": date(2017, 11, 1),
        "Barley ward": date(2017, 1, 1),
        "Clematis ward": date(2018, 6, 1),
        "Damson ward": date(2017, 6, 1),
    },
    "River network": {
        "Elderflower ward": date(2017, 7, 1),
        "Flax ward": date(2018, 1, 1),
        "Gorse ward": date(2017, 2, 1),
        "Hyssop ward": date(2018, 7, 1),
    },
    "Coast network": {
        "Iris ward": date(2018, 3, 1),
        "Jasmine ward": None,
        "Kale ward": date(2017, 3, 1),
        "Lovage ward": date(2017, 9, 1),
    },
}
"""First month of the change on each ward, by network; None: it has not started."""

MULTIPLIED_BY = (0.9, 0.8, 0.7)
"""What the rate of restraints is multiplied by in the first, second and every later month."""

RATE, SPREAD = 28.0, 0.25  # for 1,000 occupied bed days; sd of the logarithm between wards
BEDS, OCCUPIED = 18, 0.95
SHARED, OWN, RHO = 0.12, 0.2, 0.4  # sd of what a network shares in a month, and of a ward's own


def effect(start: date | None, month: date) -> float:
    """The logarithm of what the rate is multiplied by."""
    since = -1 if start is None else months_between(start, month)
    return math.log(MULTIPLIED_BY[min(since, len(MULTIPLIED_BY) - 1)]) if since >= 0 else 0.0


def rows(seed: int = SEED) -> list[tuple[object, ...]]:
    """Rows of ``roll_out.csv``: a ward and month."""
    found: list[tuple[object, ...]] = []
    for network, wards in STARTS.items():
        rng = generator(network, "restraints", seed=seed)
        shared = [SHARED * normal(rng) for _ in months(FIRST, LAST)]
        for ward, start in wards.items():
            rng = generator(ward, "restraints", seed=seed)
            usual, own = math.log(RATE) + SPREAD * normal(rng), OWN * normal(rng)
            for number, month in enumerate(months(FIRST, LAST)):
                occupied = OCCUPIED + 0.04 * (rng.random() - 0.5)
                bed_days = round(BEDS * days_in(month) * occupied)
                rate = math.exp(usual + shared[number] + own + effect(start, month))
                restraints = events(rng, rate * bed_days / 1000)
                found.append((month, network, ward, start or "", restraints, bed_days))
                own = RHO * own + OWN * math.sqrt(1 - RHO**2) * normal(rng)
    return found


def average_effect() -> float:
    """Mean logarithm of the effect over ward-months that have an untreated ward beside them."""
    effects = [
        effect(start, month)
        for wards in STARTS.values()
        for start in wards.values()
        for month in months(FIRST, LAST)
        if start and month >= start
        if any(other is None or month < other for other in wards.values())
    ]
    return sum(effects) / len(effects)


def truth() -> dict[str, dict[str, Any]]:
    """What is built in."""
    return {
        PROJECT: {
            "restraints_multiplied_by": list(MULTIPLIED_BY),
            "average_change_in_percent": round(100 * math.expm1(average_effect()), 1),
            "averaged_over": "ward-months with a ward of the same network that had not started",
            "starts": {ward: start for wards in STARTS.values() for ward, start in wards.items()},
        }
    }
