"""What a reader must know before believing a share of readmissions: one row a check."""

from __future__ import annotations

from qieval.analysis.readmissions.words import ReadmissionsResult
from qieval.core.checks import About, Check
from qieval.core.grouped import enough
from qieval.core.words import in_a_row, many

FEW = 30
"""Under this many discharges a share swings widely."""


def checks_of(result: ReadmissionsResult) -> list[Check]:
    """All checks of readmissions."""
    sizes = {group: result.term(result.term_of("readmitted", group)).n for group in result.groups}
    why = "One readmission more would move the share widely."
    return [
        enough("Enough discharges", sizes, FEW, why),
        _followed(result),
        _deaths(result),
        _transfers(result),
        *_notes(result),
        Check(
            "elsewhere",
            "Admissions elsewhere",
            "warn" if not result.params["by"] else "info",
            "Only the stays in this table are known. If `where` chose one ward or hospital, "
            "somebody readmitted to another counts as not readmitted.",
        ),
    ]


def _followed(result: ReadmissionsResult) -> Check:
    count, last = result.counted.not_followed, result.last_day
    return Check(
        "followed",
        "Followed for the whole window",
        "info" if count else "pass",
        f"{many(count, 'discharge')} left out: fewer than {last} days before the extract date, so "
        "nobody knows yet. Periods with such discharges are not drawn."
        if count
        else f"Every discharge was followed for {last} days.",
    )


def _deaths(result: ReadmissionsResult) -> Check:
    about = About("deaths", "Deaths in hospital")
    if not result.counted.endings_told:
        return about.warns(
            "The table does not say how stays ended (no column `discharged_to`, or blank "
            "throughout). People who died in hospital are counted as discharged and cannot come "
            "back: the share is too low by as much."
        )
    words = in_a_row([f"`{word}`" for word in result.params["died"]], "or")
    deaths = result.counted.deaths
    if not deaths:
        return about.informs(
            f"No stay ended in death by the words {words}. If the table uses other words, set "
            "`died`."
        )
    return about.passes(f"{many(deaths, 'stay')} that ended in death ({words}) left out.")


def _transfers(result: ReadmissionsResult) -> Check:
    about = About("transfers", "Transfers")
    if not result.counted.joined:
        return about.passes("No two stays of a person abut or overlap.")
    text = " ".join(result.counted.notes[:1])
    if "transfers_not_joined" not in result.estimates.index:
        return about.informs(text)
    other = result.in_words("transfers_not_joined")
    text = f"{text} Counted as readmissions instead, the share would be {other}."
    return about.informs(text)


def _notes(result: ReadmissionsResult) -> list[Check]:
    notes = result.counted.notes[1 if result.counted.joined else 0 :]
    if not notes:
        return []
    return [Check("counting", "How discharges were counted", "info", " ".join(notes))]
