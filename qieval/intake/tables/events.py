"""Events: other things that happened, which may explain a change: one row an event."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, column, optional
from qieval.intake.tables.rules import no_copies, possible_years

EVENTS = Kind(
    name="events",
    row="an event",
    columns={
        "date": column("date", "when it happened, or began"),
        "event": column(
            "text", "what happened, in a few words", r"event|what happened|description"
        ),
        "kind": optional(
            "text",
            "kind of event, such as organisation, staffing, policy or data system",
            r"(event )?(kind|type|category)",
        ),
        "planned": optional("text", "planned or not"),
        "level": optional("text", "where: team, organisation, region, nation …"),
        "source": optional("text", "where this is known from"),
        "note": optional("text", "anything else"),
        "project": optional("text", "project that it touched"),
        "team": optional("text", "team that it touched"),
    },
    rules=(
        possible_years("date"),
        no_copies("event"),
    ),
    without_figures=True,
)
