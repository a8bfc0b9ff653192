"""Monthly sums of the wards that send no stays: ``returns.csv``."""

from __future__ import annotations

from simulation.simulate import bed_days, beds
from simulation.wards import WARDS

HEAD = ("period", "ward", "bed_days", "beds")


def rows() -> list[tuple[object, ...]]:
    """Rows of ``returns.csv``; months never sent have none."""
    return [
        (month, ward.ward, total, beds(ward, month))
        for ward in WARDS
        if ward.form == "returns"
        for month, total in bed_days(ward).items()
        if month not in ward.missing
    ]
