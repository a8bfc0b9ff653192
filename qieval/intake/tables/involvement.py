"""Involvement: how people who use the service took part, one row an occasion or stage."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, column, optional
from qieval.intake.tables.rules import no_copies, not_negative, possible_years, whole_number

INVOLVEMENT = Kind(
    name="involvement",
    row="an occasion (or a stage) of the work",
    columns={
        "stage": column(
            "text", "stage of the work, such as choosing the problem or testing", r"stage|phase"
        ),
        "level": column(
            "text",
            "how far people were involved: none, informed, consulted, co-designed, led; "
            "blank: not recorded",
            blank=True,
        ),
        "date": optional("date", "when"),
        "who": optional("text", "in which role: service users, carers …; no names", r"who|role"),
        "people": optional("number", "how many", r"(number of )?people"),
        "paid": optional("text", "whether they were paid", r"paid|payment"),
        "project": optional("text", "project"),
    },
    rules=(
        possible_years("date"),
        not_negative("people"),
        whole_number("people"),
        no_copies("stage"),
    ),
)
