"""From built-in truth to stays on wards.

Each ward has a latent mean number of occupied beds a month (level, trend, season, effect, noise).
It is rounded to whole bed days a month, these are laid over the month's days, and people are
admitted and discharged so that exactly that many sleep on the ward each night.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date

from qieval.core.config import SEED
from simulation import drawing
from simulation.drawing import DAY, days_in, months_between, normal
from simulation.programme import LAST_MONTH
from simulation.wards import Ward

SHORT_STAYERS, SHORT_STAY = 0.35, 9.0  # their share of admissions, and their mean nights
READMITTED = 0.3  # share of admissions of people who were on the ward before
HOME_BEFORE_READMISSION = 7 * DAY
SAME_DAY = 0.004  # chance a day that someone comes and goes without a night


@dataclass
class Stay:
    """One stay; `person` is a number within its ward, `end` None while it goes on."""

    person: int
    start: date
    planned: date
    end: date | None = None


def months_of(ward: Ward) -> list[date]:
    """First days of the months for which the ward has records."""
    return drawing.months(ward.first_month, LAST_MONTH)


def effect(ward: Ward, month: date) -> float:
    """True effect of the project in a month, in occupied beds."""
    since = months_between(ward.intervention, month)
    if since < 0:
        return 0.0
    if since < ward.transition:
        return ward.level_change * (since + 1) / (ward.transition + 1)
    return ward.level_change + ward.slope_change * (since - ward.transition)


def other_effect(ward: Ward, month: date) -> float:
    """What the ward's other change adds in a month, in occupied beds."""
    return ward.other.occupied if ward.other and month >= ward.other.month else 0.0


def beds(ward: Ward, month: date) -> int:
    """Staffed beds in a month."""
    return ward.beds + (ward.other.beds if ward.other and month >= ward.other.month else 0)


def generator(ward: Ward, part: str, seed: int = SEED) -> random.Random:
    """A generator of its own for each ward and part."""
    return drawing.generator(ward.ward, part, seed=seed)


def bed_days(ward: Ward, seed: int = SEED) -> dict[date, int]:
    """Whole bed days of each month: the latent mean times the month's days, rounded."""
    rng = generator(ward, "months", seed)
    noise = ward.sd * normal(rng)
    found = {}
    for number, month in enumerate(months_of(ward)):
        season = ward.season * math.cos(2 * math.pi * (month.month - 1) / 12)
        mean = ward.level + ward.trend * number + season + noise
        mean += effect(ward, month) + other_effect(ward, month)
        found[month] = round(mean * days_in(month))
        fresh = ward.sd * math.sqrt(1 - ward.rho**2) * normal(rng)
        noise = ward.rho * noise + fresh
    return found


def nightly(ward: Ward, seed: int = SEED) -> dict[date, int]:
    """People on the ward each night; the nights of a month add up to its bed days."""
    rng = generator(ward, "days", seed)
    found = {}
    for month, total in bed_days(ward, seed).items():
        days = days_in(month)
        base, extra = divmod(total, days)
        count = [base] * days
        first = int(rng.random() * days)
        for step in range(extra):
            count[(first + step) % days] += 1
        for _ in range(2):  # a few fuller nights, as many emptier ones
            length = 2 + int(rng.random() * 4)
            fuller = int(rng.random() * (days // 2 - length))
            emptier = days // 2 + int(rng.random() * (days // 2 - length))
            for step in range(length):
                count[fuller + step] += 1
                count[emptier + step] -= 1
        found.update({month + day * DAY: number for day, number in enumerate(count)})
    return found


def stays(ward: Ward, seed: int = SEED) -> list[Stay]:
    """Stays on the ward whose nights are exactly those of :func:`nightly`."""
    rng = generator(ward, "stays", seed)
    target = nightly(ward, seed)
    first_night = min(target)
    present: list[Stay] = []
    gone: list[Stay] = []
    for person in range(target[first_night]):  # those already in when the records begin
        start = first_night - _nights(rng, ward.stay) * DAY
        present.append(Stay(person, start, first_night + _nights(rng, ward.stay) * DAY))
    people = len(present)
    home: list[tuple[int, date]] = []  # those discharged: person, date
    for night, wanted in target.items():
        present.sort(key=lambda stay: (stay.planned, stay.person))
        while present and (present[0].planned <= night or len(present) > wanted):
            leaver = present.pop(0)
            leaver.end = night
            gone.append(leaver)
            home.append((leaver.person, night))
        while len(present) < wanted:
            known = _readmitted(rng, home, night)
            person = people if known is None else known
            people += known is None
            mean = SHORT_STAY if rng.random() < SHORT_STAYERS else ward.stay
            present.append(Stay(person, night, night + _nights(rng, mean) * DAY))
        if rng.random() < SAME_DAY:
            gone.append(Stay(people, night, night, night))
            people += 1
    return gone + present


def _nights(rng: random.Random, mean: float) -> int:
    """At least one night; the rest has the lack of memory of an exponential."""
    return 1 + int(-mean * math.log(1 - rng.random()))


def _readmitted(rng: random.Random, home: list[tuple[int, date]], night: date) -> int | None:
    """Someone who has been home for a week, taken off the list; None for a new person."""
    if rng.random() >= READMITTED or not home:
        return None
    place = int(rng.random() * len(home))
    if home[place][1] > night - HOME_BEFORE_READMISSION:
        return None
    return home.pop(place)[0]
