"""Responses: answers to a survey, one row a respondent. Answers are text, as they were given."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, optional
from qieval.intake.tables.rules import no_repeats
from qieval.intake.tables.usual_headings import CODE

RESPONSES = Kind(
    name="responses",
    row="a respondent (in one wave)",
    columns={
        "respondent": optional(
            "text",
            "who answered; any code, never shown",
            rf"(respondent|response|participant){CODE}",
            identifies=True,
        ),
        "wave": optional("text", "round of the survey"),
        "ward": optional("text", "ward"),
        "team": optional("text", "team"),
    },
    told_by=("respondent",),
    rules=no_repeats(
        "respondent",
        ("wave", "ward", "team", "respondent"),
        what="the same respondent (and wave)",
        differs="answers",
        hint="If the survey was done more than once, call the column that tells the rounds apart "
        "`wave` in `columns`.",
    ),
)
