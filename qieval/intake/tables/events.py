"""Events: other things that happened, which may explain a change: one row an event."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, column
from qieval.intake.tables.rules import no_copies, possible_years

EVENTS = Kind(
    name="events",
    row="an event",
    columns={
        "date": column("date", "when it happened, or began"),
        "event": column(
            "text",
            "what happened, in a few words",
            often_called=r"event|what happened|description",
        ),
        "kind": column(
            "text",
            "kind of event, such as organisation, staffing, policy or data system",
            required=False,
            blank=True,
            often_called=r"(event )?(kind|type|category)",
        ),
        "planned": column("text", "planned or not", required=False, blank=True),
        "level": column(
            "text", "where: team, organisation, region, nation …", required=False, blank=True
        ),
        "source": column("text", "where this is known from", required=False, blank=True),
        "note": column("text", "anything else", required=False, blank=True),
        "project": column("text", "project that it touched", required=False, blank=True),
        "team": column("text", "team that it touched", required=False, blank=True),
    },
    rules=(
        possible_years("date"),
        no_copies("event"),
    ),
    without_figures=True,
)
