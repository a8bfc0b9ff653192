"""Audit: whether standards were met, a record at a time or already counted."""

from __future__ import annotations

import pandas as pd

from qieval.intake.tables.kind import Kind, column
from qieval.intake.tables.rules import (
    no_repeats,
    not_more_than,
    not_negative,
    whole_number,
)
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
            often_called=r"(audit )?(standard|criterion|indicator)( (number|no|name))?",
        ),
        "result": column(
            "text",
            "met, not met, not applicable …: your own codes",
            required=False,
            blank=True,
            often_called=r"(result|met|compliant|compliance|standard met)",
        ),
        "met": column(
            "number",
            "how many met it",
            required=False,
            blank=True,
            often_called=r"(n|number|no|total)? ?(met|compliant|meeting (the )?standard)",
        ),
        "applicable": column(
            "number",
            "to how many the standard applied",
            required=False,
            blank=True,
            often_called=r"(n|number|no|total)? ?(applicable|eligible)|denominator",
        ),
        "record": column(
            "text",
            "which record; any code, never shown",
            required=False,
            blank=True,
            identifies=True,
            often_called=rf"(record|case|case ?note|patient|notes){CODE}",
        ),
        "team": column("text", "team", required=False, blank=True),
        "type": column(
            "text",
            "type of standard",
            required=False,
            blank=True,
            often_called=r"(standard )?type",
        ),
        "locality": column(
            "text",
            "area",
            required=False,
            blank=True,
            often_called=r"locality|area",
        ),
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
            hint="If the rows belong to different teams or places, name that column in `columns` "
            "(`columns: {team: …}`); if some are totals or parts of others, choose with `where`.",
        ),
    ),
)
