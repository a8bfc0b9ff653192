"""Returns: which team sent its figures for which period, and when. Blank: not received."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, column, optional
from qieval.intake.tables.rules import no_repeats, not_before, possible_years

RETURNS = Kind(
    name="returns",
    row="a team and a period (and a measure)",
    columns={
        "team": column("text", "team that sends the figures"),
        "period": column("period", "month or other period that the figures are of"),
        "due": optional("date", "when they were due", r"due( date)?|deadline|date due"),
        "received": optional(
            "date",
            "when they came; blank: not received",
            r"(received|submitted)( (date|on))?|date (received|submitted)",
        ),
        "measure": optional("text", "which figures, if there are several"),
    },
    told_by=("received", "due"),
    rules=(
        possible_years("due", "due date"),
        possible_years("received", "date", blank="for a return not received, leave it blank"),
        not_before("due", "period", "was due before its period began"),
        not_before("received", "period", "was received before its period began"),
        *no_repeats(
            "team",
            ("team", "period", "measure"),
            what="the same team and period (and measure)",
            differs="dates",
            hint="If each row is about other figures, call that column `measure` in `columns`.",
        ),
    ),
)
