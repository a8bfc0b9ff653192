"""Units: figures of wards, teams or areas side by side, such as people and checks of one year."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, column
from qieval.intake.tables.series import UNIT_NAMES

UNITS = Kind(
    name="units",
    row="a unit (ward, team or area)",
    columns={"unit": column("text", "ward, team, area or other unit")},
    text_names=frozenset(UNIT_NAMES),
    others="undecided",
    mapped_are_numbers=True,
    adds_up=True,
)
"""A unit may have several rows (periods, one figure each): `qi.units` makes one of them."""
