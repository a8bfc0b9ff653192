"""What a reader must know before believing a wait: one row a check."""

from __future__ import annotations

from qieval.analysis.waits.words import WaitsResult
from qieval.core.checks import About, Check
from qieval.core.curves import delayed_entry, no_curve
from qieval.core.grouped import enough
from qieval.core.words import many, percent

FEW = 20
"""Under this many referrals a median swings widely."""

MANY_LEFT = 0.2
"""With a larger share refused or withdrawn, the curve rests on what is taken about them."""


def checks_of(result: WaitsResult) -> list[Check]:
    """All checks of waits."""
    row = result.called
    sizes = dict(zip(result.outcomes["group"], result.outcomes["referrals"], strict=True))
    why = f"A few {row}s more would move these figures widely."
    notes = " ".join(result.notes).replace("referral", row)
    return [
        enough(f"Enough {row}s", sizes, FEW, why),
        _waiting(result),
        *_under_way(result),
        _left(result),
        _too_early(result),
        *_undated(result),
        *_elsewhere(result),
        *no_curve(result, "Nobody was seen yet"),
        Check("counting", "How waits were counted", "info", notes),
    ]


def _waiting(result: WaitsResult) -> Check:
    about, waiting = About("waiting", "People still waiting"), int(result.everybody["waiting"])
    if not waiting and result.params["complete"]:
        return about.warns(
            "Nobody, by declaration (`complete`). If people still waiting or refused are missing "
            "from the table, waits are longer than shown here."
        )
    if not waiting:
        return about.passes("Nobody was still waiting at the end of the data.")
    return about.informs(
        f"{waiting:,}; they count for as long as they have waited. Without them waits would look "
        "shorter than they are."
    )


def _under_way(result: WaitsResult) -> list[Check]:
    if result.params["observed_from"] is None:
        return []
    status, text = delayed_entry(result, "waits")
    return [Check("under_way", "People who waited when the data began", status, text)]


def _left(result: WaitsResult) -> Check:
    refused, withdrawn, referrals = (
        int(result.everybody[name]) for name in ("refused", "withdrawn", "referrals")
    )
    share = (refused + withdrawn) / referrals
    text = (
        f"{refused:,} refused and {withdrawn:,} withdrawn, {percent(share)} of {result.called}s. "
        "On the curve they count until they were closed."
    )
    if share > MANY_LEFT:
        more = "With so many, look at their numbers as much as at the waits of the others."
        return Check("left", "Refused and withdrawn", "warn", f"{text} {more}")
    return Check("left", "Refused and withdrawn", "info", text)


def _too_early(result: WaitsResult) -> Check:
    about, early = About("too_early", "Too early to say"), int(result.everybody["too_early"])
    if not early:
        text = f"For every {result.called} {result.target} had passed by the end of the data."
        return about.passes(text)
    return about.informs(
        f"{many(early, result.called)} less than {result.target} before the end of the data: not "
        "in the shares within target, even if already seen; or the last weeks would look too good."
    )


def _undated(result: WaitsResult) -> list[Check]:
    if not result.undated:
        return []
    text = (
        f"{many(result.undated, result.called)}: how long they waited is not known, so they are "
        "counted but stand on no curve."
    )
    return [Check("undated", "Closed without a date", "warn", text)]


def _elsewhere(result: WaitsResult) -> list[Check]:
    elsewhere = int(result.everybody["elsewhere"])
    if not elsewhere:
        return []
    how = (
        "the wait ends when care starts there"
        if result.params["elsewhere_ends"]
        else "they count as waiting here until then, and as not seen here"
    )
    text = f"{many(elsewhere, result.called)}: {how}."
    return [Check("elsewhere", "Seen elsewhere", "info", text)]
