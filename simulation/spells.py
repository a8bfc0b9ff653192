"""Stays on wards, as a hospital records them: ``spells.csv``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from simulation.drawing import one_of
from simulation.simulate import Stay, generator, stays
from simulation.wards import ADDED, FIRST, Ward

HEAD = ("person", "start", "end", "ward", "network", "discharged_to")

LAST_STAY = {"died": 0.02, "transfer": 0.08, "supported housing": 0.12, "home": 0.78}
"""How somebody's last stay ended. Earlier ones ended without death."""

EARLIER_STAY = {"transfer": 0.06, "supported housing": 0.04, "home": 0.90}


@dataclass(frozen=True)
class Spell:
    """One stay of somebody who has a number in the whole file."""

    person: str
    ward: Ward
    stay: Stay
    discharged_to: str


@cache
def spells() -> tuple[Spell, ...]:
    """Every stay: those of the first wards, then those of the wards that were added.

    Each of the two parts is in order of admission, and people are numbered as they first appear.
    """
    found: list[Spell] = []
    numbers: dict[tuple[str, int], int] = {}
    for wards in (FIRST, ADDED):
        for ward, stay, how in _in_order(wards):
            number = numbers.setdefault((ward.ward, stay.person), len(numbers) + 1)
            found.append(Spell(f"SIM-{number:06d}", ward, stay, how))
    return tuple(found)


def rows() -> list[tuple[object, ...]]:
    """Rows of ``spells.csv``."""
    return [
        (
            spell.person,
            spell.stay.start,
            spell.stay.end or "",
            spell.ward.ward,
            spell.ward.network,
            spell.discharged_to,
        )
        for spell in spells()
    ]


def _in_order(wards: Sequence[Ward]) -> list[tuple[Ward, Stay, str]]:
    listed = [
        (number, stay, how)
        for number, ward in enumerate(wards)
        if ward.form == "spells"
        for stay, how in _ended(ward)
    ]
    listed.sort(key=lambda row: (row[1].start, row[0], row[1].person))
    return [(wards[number], stay, how) for number, stay, how in listed]


def _ended(ward: Ward) -> list[tuple[Stay, str]]:
    """The ward's stays, each with how it ended; blank while it goes on."""
    rng = generator(ward, "discharged_to")
    listed = stays(ward)
    last = {stay.person: stay for stay in sorted(listed, key=lambda stay: stay.start)}
    return [
        (stay, one_of(rng, LAST_STAY if last[stay.person] is stay else EARLIER_STAY))
        if stay.end
        else (stay, "")
        for stay in listed
    ]
