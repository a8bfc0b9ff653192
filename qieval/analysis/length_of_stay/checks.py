"""What a reader must know before believing a length of stay: one row a check."""

from __future__ import annotations

from qieval.analysis.length_of_stay.words import LengthOfStayResult
from qieval.core.checks import About, Check
from qieval.core.curves import FEW_LEFT, delayed_entry, no_curve
from qieval.core.grouped import enough
from qieval.core.words import in_a_row, percent, some_of
from qieval.flow.days import as_day, in_words

FEW = 20
"""Under this many stays a median swings widely."""

MANY_OPEN = 0.3
"""With a larger share still in, the curve says more about the past than about them."""


def checks_of(result: LengthOfStayResult) -> list[Check]:
    """All checks of lengths of stay."""
    sizes = dict(zip(result.stays["group"], result.stays["stays"], strict=True))
    why = "A few stays more would move these figures widely."
    return [
        enough("Enough stays", sizes, FEW, why),
        _still_in(result),
        _under_way(result),
        _end_of_the_curve(result),
        _endings(result),
        *no_curve(result, "Nobody has left yet"),
        Check("counting", "How stays were counted", "info", " ".join(result.notes)),
    ]


def _still_in(result: LengthOfStayResult) -> Check:
    still_in, stays = (int(result.everybody[name]) for name in ("still_in", "stays"))
    about = About("still_in", "People still in")
    if not still_in:
        return about.passes("Nobody was still in: every length is known.")
    text = (
        f"{still_in:,} of {stays:,} stays ({percent(still_in / stays)}) had not ended. They count "
        "for as long as they were seen"
    )
    if still_in / stays > MANY_OPEN:
        return about.warns(f"{text}, but how long so many will stay is not known.")
    return about.informs(f"{text}. No mean is given: it would need the ends of these stays.")


def _under_way(result: LengthOfStayResult) -> Check:
    about = About("under_way", "Stays under way when the data began")
    since = as_day(result.params["count_from"], "count_from")
    if since is not None:
        return about.passes(
            f"Only stays that began from {in_words(since)} on are counted ({result.left_out:,} "
            "earlier ones left out)."
        )
    if result.params["observed_from"] is not None:
        return Check(*about, *delayed_entry(result, "stays"))
    return about.warns(
        "If the table begins with the people who were in on a first day, long stays weigh too "
        "much: short ones of the same time had already ended. `observed_from`, set to the first "
        "day of data collection, counts them from then on; `count_from` leaves them out."
    )


def _end_of_the_curve(result: LengthOfStayResult) -> Check:
    about = About("end_of_curve", "Enough people for nine in ten")
    few = [group for group, count in result.at_risk_at("p90").items() if count < FEW_LEFT]
    if not few:
        return about.passes(f"At least {FEW_LEFT} people were still seen where it was read.")
    text = f"It rests on fewer than {FEW_LEFT} people, or is not reached: {some_of(few)}."
    return about.warns(text)


def _endings(result: LengthOfStayResult) -> Check:
    about = About("endings", "How stays ended")
    if not result.endings_told:
        return about.informs(
            "The table does not say (no column `discharged_to`, or blank throughout). Stays that "
            "ended in death are then not told from discharges."
        )
    died = int(result.everybody["died"])
    words = in_a_row([f"`{word}`" for word in result.params["died"]], "or")
    return about.informs(f"{died:,} stays ended in death ({words}); they count as ended.")
