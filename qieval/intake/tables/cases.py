"""Cases: one row a case, whether an event happened and how likely it was, or why it happened."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, RowRule, column, optional
from qieval.intake.tables.rules import possible_years
from qieval.intake.tables.usual_headings import DATE

CASES = Kind(
    name="cases",
    row="a case: somebody cared for, or something that happened",
    columns={
        "date": column("date", "when it was", rf"(case|incident|procedure|admission){DATE}|date"),
        "event": optional(
            "number", "1 where the event happened, else 0", r"event|outcome|status|died|readmitted"
        ),
        "risk": optional(
            "number",
            "chance of the event that was expected of the case, 0 to 1",
            r"(expected|predicted) (risk|chance|probability)|risk|probability",
        ),
        "reason": optional(
            "text", "why, where or how it happened; blank: not recorded", r"reason|cause|category"
        ),
        "person": optional("text", "whom it is about; any code, never shown", identifies=True),
        "ward": optional("text", "ward"),
        "team": optional("text", "team"),
        "project": optional("text", "project"),
    },
    either=(("event",), ("reason",)),
    told_by=("risk", "reason"),
    rules=(
        possible_years("date"),
        RowRule(
            "event",
            "is neither 0 nor 1",
            # Blank cells break no rule here: what has no outcome is for the analysis to refuse.
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
