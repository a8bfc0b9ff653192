"""Staffed beds by ward and month: ``beds.csv``."""

from __future__ import annotations

from simulation.simulate import beds, months_of
from simulation.wards import WARDS

HEAD = ("period", "ward", "beds")


def rows() -> list[tuple[object, ...]]:
    """Rows of ``beds.csv``, for the wards with stays; the others send theirs in their returns."""
    return [
        (month, ward.ward, beds(ward, month))
        for ward in WARDS
        if ward.form == "spells"
        for month in months_of(ward)
    ]
