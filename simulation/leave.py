"""Leave of people who are in hospital, mostly at weekends: ``leave.csv``."""

from __future__ import annotations

import random
from datetime import date

from simulation.drawing import DAY, generator
from simulation.programme import EXTRACT_DATE
from simulation.spells import Spell, spells

HEAD = ("person", "start", "end", "ward")
SATURDAY = 5  # counted from Monday, 0
AT_LEAST = 7 * DAY  # nobody goes home in the first week
LONGER = 0.1  # share of leaves that last a whole week
TWICE = 0.03  # share of leaves that a second, overlapping entry repeats


def rows() -> list[tuple[object, ...]]:
    """Rows of ``leave.csv``: nights away from the evening of `start` until `end` comes."""
    found = [
        (spell.person, start, end if end <= EXTRACT_DATE else "", spell.ward.ward)
        for spell in spells()
        if spell.ward.leave
        for start, end in leaves(spell)
    ]
    return sorted(found, key=lambda row: (row[1], row[0], str(row[2])))


def leaves(spell: Spell) -> list[tuple[date, date]]:
    """Leaves of one stay, each within it; an end after the extract date is not known yet."""
    if not spell.ward.leave:
        return []
    rng = generator("leave", spell.person, spell.stay.start)
    before, since = spell.ward.leave
    last = spell.stay.end or EXTRACT_DATE + 3 * DAY
    found: list[tuple[date, date]] = []
    day = max(spell.stay.start + AT_LEAST, spell.ward.first_month)
    day += (SATURDAY - day.weekday()) % 7 * DAY
    while day <= EXTRACT_DATE:
        share = before if day < spell.ward.intervention else since
        length = _nights(rng)
        if rng.random() < share and day + length * DAY < last:
            found.append((day, day + length * DAY))
            if rng.random() < TWICE:
                found.append((day - DAY, day + DAY))
        day += 7 * DAY
    return found


def _nights(rng: random.Random) -> int:
    return 7 if rng.random() < LONGER else 1 + int(rng.random() * 2)
