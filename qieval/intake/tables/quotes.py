"""Quotes: what teams and people who use the service said, by theme, and who has checked it."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, column, optional
from qieval.intake.tables.rules import no_copies, possible_years

QUOTES = Kind(
    name="quotes",
    row="a short quote, by theme; or a theme without one",
    columns={
        "theme": column("text", "theme, as the people who coded it called it", r"themes?"),
        "quote": column(
            "text",
            "what was said, in a sentence or two; blank: none for this theme",
            r"quot(e|ation)s?",
            blank=True,
        ),
        "who": optional("text", "in which role: nurse, service user …; no names", r"who|role"),
        "finding": optional(
            "text",
            "the finding beside it: `project/evaluation` as in the programme",
            r"(quantitative )?finding|evaluation",
        ),
        "agreement": optional(
            "text",
            "how the two fit, as people judged it: concordant, discordant or silent",
            r"agreement|fit",
        ),
        "checked_by": optional("text", "who has checked that the quote may be shown", "checked by"),
        "checked_on": optional("date", "when", r"(date )?checked( on)?"),
        "project": optional("text", "project"),
    },
    rules=(possible_years("checked_on"), no_copies("theme")),
)
