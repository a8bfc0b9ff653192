"""What a reader must know before believing a length of stay: one row a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qieval.core.checks import Status
from qieval.core.words import in_a_row, number
from qieval.flow.days import as_day, in_words

if TYPE_CHECKING:
    from qieval.analysis.length_of_stay.result import LengthOfStayResult

FEW = 20
"""Under this many stays a median swings widely."""

FEW_LEFT = 10
"""Under this many people still seen, the end of a curve rests on single stays."""

MANY_OPEN = 0.3
"""With a larger share still in, the curve says more about the past than about them."""

Row = tuple[str, Status, str]


def checks_of(result: LengthOfStayResult) -> list[Row]:
    """All checks of lengths of stay."""
    return [
        _enough(result),
        _still_in(result),
        _under_way(result),
        _end_of_the_curve(result),
        _endings(result),
        *_without_curve(result),
        *_rules(result),
    ]


def _enough(result: LengthOfStayResult) -> Row:
    few = result.stays.loc[result.stays["stays"] < FEW, "group"]
    if few.empty:
        return "Enough stays", "pass", f"{int(result.whole['stays']):,} stays."
    names = in_a_row([str(name) for name in few[:6]])
    more = f" and {len(few) - 6} more" if len(few) > 6 else ""
    return (
        "Enough stays",
        "warn",
        f"Fewer than {FEW}: {names}{more}. A few stays more would move these figures widely.",
    )


def _still_in(result: LengthOfStayResult) -> Row:
    still, stays = int(result.whole["still_in"]), int(result.whole["stays"])
    name = "People still in"
    if not still:
        return name, "pass", "Nobody was still in: every length is known."
    share = f"{still:,} of {stays:,} stays ({number(100 * still / stays, 0)}%) had not ended"
    if still / stays > MANY_OPEN:
        return (
            name,
            "warn",
            f"{share}. They count for as long as they were seen, but how long so many will stay is "
            "not known.",
        )
    return (
        name,
        "info",
        f"{share}. They count for as long as they were seen. No mean is given: it would need the "
        "ends of these stays.",
    )


def _under_way(result: LengthOfStayResult) -> Row:
    name = "Stays under way when the data began"
    since = as_day(result.params["count_from"], "count_from")
    if since is not None:
        left_out = result.facts["left_out"]
        return (
            name,
            "pass",
            f"Only stays that began from {in_words(since)} on are counted ({left_out:,} earlier "
            "ones left out).",
        )
    return (
        name,
        "warn",
        "If the table begins with the people who were in on a first day, long stays weigh too "
        "much: short ones of the same time had already ended. `count_from`, set to the first day "
        "of data collection, leaves them out.",
    )


def _end_of_the_curve(result: LengthOfStayResult) -> Row:
    name = "Enough people for nine in ten"
    few = [group for group, count in result.facts["at_risk_p90"].items() if count < FEW_LEFT]
    if not few:
        return name, "pass", f"At least {FEW_LEFT} people were still seen where it was read."
    names = in_a_row(few[:6]) + (f" and {len(few) - 6} more" if len(few) > 6 else "")
    return (
        name,
        "warn",
        f"It rests on fewer than {FEW_LEFT} people, or is not reached: {names}.",
    )


def _endings(result: LengthOfStayResult) -> Row:
    name = "How stays ended"
    if not result.facts["endings_told"]:
        return (
            name,
            "info",
            "The table does not say (no column `discharged_to`, or blank throughout). Stays that "
            "ended in death are then not told from discharges.",
        )
    died = int(result.whole["died"])
    words = in_a_row([f"`{word}`" for word in result.params["died"]], "or")
    return name, "info", f"{died:,} stays ended in death ({words}); they count as ended."


def _without_curve(result: LengthOfStayResult) -> list[Row]:
    groups = result.facts["without_curve"]
    if not groups:
        return []
    return [
        (
            "Groups without a curve",
            "warn",
            f"Nobody has left yet: {in_a_row(groups)}. They are in the figures of all together.",
        )
    ]


def _rules(result: LengthOfStayResult) -> list[Row]:
    return [("How stays were counted", "info", " ".join(result.facts["notes"]))]
