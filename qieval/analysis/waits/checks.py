"""What a reader must know before believing a wait: one row a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qieval.core.checks import Status
from qieval.core.words import in_a_row, many, number

if TYPE_CHECKING:
    from qieval.analysis.waits.result import WaitsResult

FEW = 20
"""Under this many referrals a median swings widely."""

MANY_LEFT = 0.2
"""With a larger share refused or withdrawn, the curve rests on what is taken about them."""

Row = tuple[str, Status, str]


def checks_of(result: WaitsResult) -> list[Row]:
    """All checks of waits."""
    return [
        _enough(result),
        _waiting(result),
        _left(result),
        _too_early(result),
        *_undated(result),
        *_elsewhere(result),
        *_without_curve(result),
        (
            "How waits were counted",
            "info",
            " ".join(result.facts["notes"]).replace("referral", result.called),
        ),
    ]


def _enough(result: WaitsResult) -> Row:
    name = f"Enough {result.called}s"
    few = result.fates.loc[result.fates["referrals"] < FEW, "group"]
    if few.empty:
        return name, "pass", f"{int(result.whole['referrals']):,} {result.called}s."
    names = in_a_row([str(name) for name in few[:6]])
    more = f" and {len(few) - 6} more" if len(few) > 6 else ""
    return (
        name,
        "warn",
        f"Fewer than {FEW}: {names}{more}. A few {result.called}s more would move these "
        "figures widely.",
    )


def _waiting(result: WaitsResult) -> Row:
    name, waiting = "People still waiting", int(result.whole["waiting"])
    if not waiting and result.params["complete"]:
        return (
            name,
            "warn",
            "Nobody, by declaration (`complete`). If people still waiting or refused are missing "
            "from the table, waits are longer than shown here.",
        )
    if not waiting:
        return name, "pass", "Nobody was still waiting at the end of the data."
    return (
        name,
        "info",
        f"{waiting:,}; they count for as long as they have waited. Without them waits would look "
        "shorter than they are.",
    )


def _left(result: WaitsResult) -> Row:
    whole = result.whole
    left, all_of = int(whole["refused"] + whole["withdrawn"]), int(whole["referrals"])
    name = "Refused and withdrawn"
    text = (
        f"{int(whole['refused']):,} refused and {int(whole['withdrawn']):,} withdrawn, "
        f"{number(100 * left / all_of, 0)}% of {result.called}s. On the curve they count until "
        "they were closed."
    )
    if left / all_of > MANY_LEFT:
        return (
            name,
            "warn",
            f"{text} With so many, look at their numbers as much as at the waits of the others.",
        )
    return name, "info", text


def _too_early(result: WaitsResult) -> Row:
    name, early = "Too early to say", int(result.whole["too_early"])
    if not early:
        return (
            name,
            "pass",
            f"For every {result.called} {result.target} had passed by the end of the data.",
        )
    return (
        name,
        "info",
        f"{many(early, result.called)} less than {result.target} before the end of the data: not "
        "in the shares within target, even if already seen; or the last weeks would look too good.",
    )


def _undated(result: WaitsResult) -> list[Row]:
    undated = result.facts["undated"]
    if not undated:
        return []
    return [
        (
            "Closed without a date",
            "warn",
            f"{many(undated, result.called)}: how long they waited is not known, so they are "
            "counted but stand on no curve.",
        )
    ]


def _elsewhere(result: WaitsResult) -> list[Row]:
    elsewhere = int(result.whole["elsewhere"])
    if not elsewhere:
        return []
    how = (
        "the wait ends when care starts there"
        if result.params["elsewhere_ends"]
        else "they count as waiting here until then, and as not seen here"
    )
    return [("Seen elsewhere", "info", f"{many(elsewhere, result.called)}: {how}.")]


def _without_curve(result: WaitsResult) -> list[Row]:
    groups = result.facts["without_curve"]
    if not groups:
        return []
    return [
        (
            "Groups without a curve",
            "warn",
            f"Nobody was seen yet: {in_a_row(groups)}. They are in the figures of all together.",
        )
    ]
