"""Waits: one row a referral. A blank start means: not started, still waiting or closed."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, RowRule, column, optional
from qieval.intake.tables.rules import date_of, not_before, not_negative, possible_years
from qieval.intake.tables.usual_headings import DATE

WAITS = Kind(
    name="waits",
    row="a referral",
    columns={
        "referred": column(
            "moment",
            "date, or date and time, of the referral",
            rf"(referral|referred|request|requested){DATE}( received)?"
            r"|referral received( date)?|date (of )?(referral|referred|request)( received)?",
        ),
        "started": column(
            "moment", "date, or date and time, at which care started; blank: not", blank=True
        ),
        "person": optional("text", "who was referred; any code, never shown", identifies=True),
        "outcome": optional(
            "text",
            "what became of it: here, elsewhere, refused, withdrawn; blank: still waiting, or "
            "started",
            r"(referral )?outcome",
        ),
        "closed": optional(
            "date",
            "date of refusal or withdrawal; blank: none",
            r"(closed|closure|refusal|withdrawal)( date)?"
            r"|date (closed|refused|withdrawn)",
        ),
        "team": optional("text", "team"),
        "ward": optional("text", "ward"),
        "distance_km": optional(
            "number", "distance from home", r"distance( (km|in km|kilometres))?"
        ),
    },
    rules=(
        possible_years("referred", "referral"),
        possible_years("started", "start", blank="for somebody still waiting, leave it blank"),
        possible_years("closed", "closing", blank="where nothing was closed, leave it blank"),
        not_before("started", "referred", "care started before the referral"),
        not_before("closed", "referred", "was closed before the referral"),
        RowRule(
            "started",
            "care started after the referral was closed",
            lambda table: date_of(table["started"]) > table["closed"],
            needs=("closed",),
        ),
        not_negative("distance_km"),
        RowRule(
            "person",
            "repeats {other} (same person, dates and team)",
            key=("person", "referred", "started", "closed", "team", "ward"),
            filled=("person", "referred"),
        ),
    ),
    at_a_glance=(
        ("First referral", "referred"),
        ("Last start", "started"),
        ("Not started", "started"),
    ),
)
