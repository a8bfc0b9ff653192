"""Audit: whether standards were met, a record at a time or already counted."""

from __future__ import annotations

import pandas as pd

from qieval.intake.tables.kind import Kind, column, optional
from qieval.intake.tables.rules import no_repeats, not_more_than, not_negative, whole_number
from qieval.intake.tables.usual_headings import CODE

_SAID = ("result", "met", "applicable")


def _once(table: pd.DataFrame) -> list[str]:
    """What comes once: everything that is no result. Rows without record or count may be alike."""
    if "record" not in table and "met" not in table:
        return []
    return [
        name
        for name in table.columns
        if name not in _SAID and not pd.api.types.is_numeric_dtype(table[name])
    ]


AUDIT = Kind(
    name="audit",
    row="a record and a standard; or, counted, a wave and a standard (and a team)",
    columns={
        "wave": column("text", "round of the audit: a year, a month, before, after"),
        "standard": column(
            "text",
            "the standard that was checked",
            r"(audit )?(standard|criterion|indicator)( (number|no|name))?",
        ),
        "result": optional(
            "text",
            "met, not met, not applicable …: your own codes",
            r"(result|met|compliant|compliance|standard met)",
        ),
        "met": optional(
            "number",
            "how many met it",
            r"(n|number|no|total)? ?(met|compliant|meeting (the )?standard)",
        ),
        "applicable": optional(
            "number",
            "to how many the standard applied",
            r"(n|number|no|total)? ?(applicable|eligible)|denominator",
        ),
        "record": optional(
            "text",
            "which record; any code, never shown",
            rf"(record|case|case ?note|patient|notes){CODE}",
            identifies=True,
        ),
        "team": optional("text", "team"),
        "type": optional("text", "type of standard", r"(standard )?type"),
        "locality": optional("text", "area", r"locality|area"),
    },
    either=(("result",), ("met", "applicable")),
    rules=(
        not_negative("met"),
        not_negative("applicable"),
        whole_number("met"),
        whole_number("applicable"),
        not_more_than("met", "applicable", "more met the standard than it applied to"),
        *no_repeats(
            "standard",
            _once,
            what="the same wave, standard and record (or team)",
            differs="cells",
            hint="If the rows belong to different teams or places, call that column `team` in "
            "`columns`; if some are totals or parts of others, choose with `where`.",
        ),
    ),
)
