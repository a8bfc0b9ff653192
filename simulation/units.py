"""Physical health checks on thirty invented wards, a year at a time: ``checks.csv``, for a funnel.

Each ward has a true share of patients with all six checks. Most scatter a little around the share
of all wards, as wards do; two were given a share that is truly far off.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

from qieval.core.config import SEED

YEARS = {date(2017, 4, 1): 0.50, date(2018, 4, 1): 0.60}
"""Share with all six checks on an ordinary ward, by first day of the financial year."""

SPREAD = 0.05
"""Standard deviation between ordinary wards on the arcsine scale (tau² is its square)."""

FAR_OFF = {"Sorrel ward": 0.85, "Thistle ward": 0.30}
"""The true share of the two wards that are far off, in both years."""

_OF_PROJECTS = ("Alder", "Aspen", "Hazel", "Juniper", "Linden", "Maple", "Rowan", "Willow")
_OTHERS = (
    *("Ash", "Beech", "Birch", "Bramble", "Cedar", "Cherry", "Clover", "Elder", "Elm", "Fern"),
    *("Foxglove", "Heather", "Holly", "Ivy", "Larch", "Lime", "Oak", "Pine", "Primrose"),
    *("Sorrel", "Thistle", "Yew"),
)
UNITS = tuple(sorted(f"{name} ward" for name in _OF_PROJECTS + _OTHERS))


@dataclass(frozen=True)
class Checked:
    """One ward in one year."""

    year: date
    ward: str
    patients: int
    all_checks: int


def true_share(ward: str, year: date, seed: int = SEED) -> float:
    """The share that a ward would have if it saw patients without end."""
    if ward in FAR_OFF:
        return FAR_OFF[ward]
    off = SPREAD * NormalDist().inv_cdf(random.Random(f"{seed}/{ward}/share").random())
    return math.sin(math.asin(math.sqrt(YEARS[year])) + off) ** 2


def checked(seed: int = SEED) -> list[Checked]:
    """Patients seen and patients with all six checks, a row for each year and ward."""
    rows = []
    for year in YEARS:
        for ward in UNITS:
            rng = random.Random(f"{seed}/{ward}/checks/{year.year}")
            usual = random.Random(f"{seed}/{ward}/size").random()
            patients = round(14 * 18**usual * (0.95 + 0.1 * rng.random()))
            if ward in FAR_OFF:
                patients += 90  # large enough to be told from chance
            share = true_share(ward, year, seed)
            done = sum(rng.random() < share for _ in range(patients))
            rows.append(Checked(year, ward, patients, done))
    return rows


HEAD = ("period", "ward", "patients", "all_checks")


def rows() -> list[tuple[object, ...]]:
    """Rows of ``checks.csv``."""
    return [(row.year, row.ward, row.patients, row.all_checks) for row in checked()]
