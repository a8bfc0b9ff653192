"""What a reader must know before believing a share of readmissions: one row a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qieval.core.checks import Status
from qieval.core.words import in_a_row, many
from qieval.flow.groups import ALL

if TYPE_CHECKING:
    from qieval.analysis.readmissions.result import ReadmissionsResult

FEW = 30
"""Under this many discharges a share swings widely."""

Row = tuple[str, Status, str]


def checks_of(result: ReadmissionsResult) -> list[Row]:
    """All checks of readmissions."""
    return [
        _enough(result),
        _followed(result),
        _deaths(result),
        _transfers(result),
        *_notes(result),
        _where(result),
    ]


def _enough(result: ReadmissionsResult) -> Row:
    name = "Enough discharges"
    numbers = {group: result.term(result.term_of(group)).n for group in result.groups}
    few = [group for group, number in numbers.items() if number < FEW]
    if not few:
        return name, "pass", f"At least {FEW} in each group shown."
    shown = in_a_row(few[:6]) + (f" and {len(few) - 6} more" if len(few) > 6 else "")
    who = "" if few == [ALL] else f" in: {shown}"
    return name, "warn", f"Fewer than {FEW}{who}. One readmission more would move the share widely."


def _followed(result: ReadmissionsResult) -> Row:
    count, last = result.facts["not_followed"], result.last_day
    return (
        "Followed for the whole window",
        "info" if count else "pass",
        f"{many(count, 'discharge')} left out: fewer than {last} days before the extract date, so "
        "nobody knows yet. Periods with such discharges are not drawn."
        if count
        else f"Every discharge was followed for {last} days.",
    )


def _deaths(result: ReadmissionsResult) -> Row:
    name = "Deaths in hospital"
    if not result.facts["endings_told"]:
        return (
            name,
            "warn",
            "The table does not say how stays ended (no column `discharged_to`, or blank "
            "throughout). People who died in hospital are counted as discharged and cannot come "
            "back: the share is too low by as much.",
        )
    words = in_a_row([f"`{word}`" for word in result.params["died"]], "or")
    deaths = result.facts["deaths"]
    if not deaths:
        return (
            name,
            "info",
            f"No stay ended in death by the words {words}. If the table uses other words, set "
            "`died`.",
        )
    return name, "pass", f"{many(deaths, 'stay')} that ended in death ({words}) left out."


def _transfers(result: ReadmissionsResult) -> Row:
    name, joined = "Transfers", result.facts["joined"]
    if not joined:
        return name, "pass", "No two stays of a person abut or overlap."
    main = result.estimates
    both = "transfers_not_joined" in main.index
    text = " ".join(result.facts["notes"][:1])
    if not both:
        return name, "info", text
    other = result.share("transfers_not_joined")
    return name, "info", f"{text} Counted as readmissions instead, the share would be {other}."


def _notes(result: ReadmissionsResult) -> list[Row]:
    notes = result.facts["notes"][1 if result.facts["joined"] else 0 :]
    return [("How discharges were counted", "info", " ".join(notes))] if notes else []


def _where(result: ReadmissionsResult) -> Row:
    return (
        "Admissions elsewhere",
        "warn" if not result.params["by"] else "info",
        "Only the stays in this table are known. If `where` chose one ward or hospital, somebody "
        "readmitted to another counts as not readmitted.",
    )
