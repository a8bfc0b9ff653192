"""Cases: whether an event happened, and how likely it was. Reasons: why events happened."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, RowRule, column, optional
from qieval.intake.tables.rules import possible_years
from qieval.intake.tables.usual_headings import DATE

_WHOSE = {
    "person": optional("text", "whom it is about; any code, never shown", identifies=True),
    "ward": optional("text", "ward"),
    "team": optional("text", "team"),
    "project": optional("text", "project"),
}
_WHEN = rf"(case|incident|procedure|admission){DATE}|date"

CASES = Kind(
    name="cases",
    row="a case: somebody cared for, and what became of them",
    columns={
        "date": column("date", "when it was", _WHEN),
        "event": column(
            "number",
            "1 where the event happened, else 0",
            r"event|outcome|status|died|readmitted",
        ),
        "risk": optional(
            "number",
            "chance of the event that was expected of the case, 0 to 1",
            r"(expected|predicted) (risk|chance|probability)|risk|probability",
        ),
        **_WHOSE,
    },
    told_by=("risk",),
    rules=(
        possible_years("date"),
        RowRule(
            "event",
            "is neither 0 nor 1",
            lambda table: (table["event"] * (table["event"] - 1)).abs() > 0,
        ),
        RowRule(
            "risk",
            "is no chance from 0 to 1",
            lambda table: (table["risk"] < 0) | (table["risk"] > 1),
            hint="Divide percentages by 100.",
        ),
    ),
)
REASONS = Kind(
    name="reasons",
    row="something that happened, or a reason with its number",
    columns={
        "reason": column(
            "text",
            "why, where or how it happened; blank: not recorded",
            r"reason|cause|category",
            blank=True,
        ),
        "date": optional("date", "when it was", _WHEN),
        "count": optional("number", "how often, where a row stands for several", r"count|number"),
        **_WHOSE,
    },
    rules=(possible_years("date"),),
)
