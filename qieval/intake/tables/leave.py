"""Leave from hospital: one row a leave of one person. A blank end means: still away."""

from __future__ import annotations

from dataclasses import replace

from qieval.intake.tables.spells import SPELLS

LEAVE = replace(
    SPELLS,
    name="leave",
    row="a leave of one person from hospital",
    at_a_glance=(("First leave", "start"), ("Last return", "end"), ("Still away", "end")),
    columns={name: SPELLS.columns[name] for name in ("person", "start", "end")},
)
