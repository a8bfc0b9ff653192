"""Involvement: how people who use the service took part, one row an occasion or stage."""

from __future__ import annotations

from qieval.intake.tables.kind import Kind, column
from qieval.intake.tables.rules import (
    no_copies,
    not_negative,
    possible_years,
    whole_number,
)

INVOLVEMENT = Kind(
    name="involvement",
    row="an occasion (or a stage) of the work",
    columns={
        "stage": column(
            "text",
            "stage of the work, such as choosing the problem or testing",
            often_called=r"stage|phase",
        ),
        "level": column(
            "text",
            "how far people were involved: none, informed, consulted, co-designed, led; "
            "blank: not recorded",
            blank=True,
        ),
        "date": column("date", "when", required=False, blank=True),
        "who": column(
            "text",
            "in which role: service users, carers …; no names",
            required=False,
            blank=True,
            often_called=r"who|role",
        ),
        "people": column(
            "number",
            "how many",
            required=False,
            blank=True,
            often_called=r"(number of )?people",
        ),
        "paid": column(
            "text",
            "whether they were paid",
            required=False,
            blank=True,
            often_called=r"paid|payment",
        ),
        "project": column("text", "project", required=False, blank=True),
    },
    rules=(
        possible_years("date"),
        not_negative("people"),
        whole_number("people"),
        no_copies("stage"),
    ),
)
