"""Hospital spells: one row a stay of one person; and leave. A blank end: still in, or away."""

from __future__ import annotations

from dataclasses import replace

from qieval.intake.tables.kind import Kind, RowRule, column, optional
from qieval.intake.tables.rules import not_before, possible_years

SPELLS = Kind(
    name="spells",
    row="a stay of one person in hospital",
    columns={
        "person": column("text", "who stayed; any code, never shown", identifies=True),
        "start": column("date", "date of admission"),
        "end": column("date", "date of discharge; blank: still in", blank=True),
        "ward": optional("text", "ward or team"),
        "discharged_to": optional(
            "text",
            "how the stay ended, such as home, transfer or died; your own codes",
            r"discharged? (destination|to|outcome|method)|destination",
        ),
    },
    rules=(
        possible_years("start"),
        possible_years("end", blank="for somebody still in, leave it blank"),
        not_before("end", "start", "the end is before the start"),
        RowRule(
            "person",
            "repeats {other} (same person, start, end and ward)",
            key=("person", "start", "end", "ward"),
            filled=("person", "start"),
        ),
    ),
    at_a_glance=(("First admission", "start"), ("Last discharge", "end"), ("Still in", "end")),
)


LEAVE = replace(
    SPELLS,
    name="leave",
    row="a leave of one person from hospital",
    at_a_glance=(("First leave", "start"), ("Last return", "end"), ("Still away", "end")),
    columns={name: SPELLS.columns[name] for name in ("person", "start", "end")},
)
