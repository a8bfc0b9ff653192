"""Responses: answers to a survey, one row a respondent. Answers are text, as they were given."""

from __future__ import annotations

import pandas as pd

from qieval.intake.tables.kind import Kind, column
from qieval.intake.tables.rules import no_repeats, present
from qieval.intake.tables.usual_headings import CODE


def _once(table: pd.DataFrame) -> list[str]:
    return present(table, ("wave", "ward", "team", "respondent")) if "respondent" in table else []


RESPONSES = Kind(
    name="responses",
    row="a respondent (in one wave)",
    columns={
        "respondent": column(
            "text",
            "who answered; any code, never shown",
            required=False,
            blank=True,
            identifies=True,
            often_called=rf"(respondent|response|participant){CODE}",
        ),
        "wave": column("text", "round of the survey", required=False, blank=True),
        "ward": column("text", "ward", required=False, blank=True),
        "team": column("text", "team", required=False, blank=True),
    },
    told_by=("respondent",),
    rules=no_repeats(
        "respondent",
        _once,
        what="the same respondent (and wave)",
        differs="answers",
        hint="If the survey was done more than once, name the column that tells the rounds apart "
        "in `columns` (`columns: {wave: …}`).",
    ),
)
