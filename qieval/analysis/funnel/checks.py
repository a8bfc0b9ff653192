"""What a reader must know before looking at single units: one row a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qieval.analysis.funnel.power import WANTED
from qieval.core.checks import Status
from qieval.core.words import in_a_row, number

if TYPE_CHECKING:
    from qieval.analysis.funnel.result import FunnelResult

FEW = 10
"""Under this many units, how far they differ can hardly be estimated."""

VERY_LARGE = 10.0
"""With phi above this, most of what is seen is not chance."""

Row = tuple[str, Status, str]


def checks_of(result: FunnelResult) -> list[Row]:
    """All checks of a funnel."""
    return [
        _enough(result),
        _differences(result),
        _by_chance(result),
        _small(result),
        *_without_events(result),
        _could_be_found(result),
        _order(result),
    ]


def _enough(result: FunnelResult) -> Row:
    k, called = result.facts["k"], result.params["called"]
    name = f"Enough {called}"
    if k < FEW:
        return (
            name,
            "warn",
            f"Only {k}. With fewer than {FEW} it can hardly be said how far {called} differ, and "
            "each of them moves the line that it is compared with.",
        )
    return name, "pass", f"{k:,} {called}."


def _differences(result: FunnelResult) -> Row:
    phi = float(result.estimates["estimate"].to_numpy(dtype=float)[1])
    called, name = result.params["called"], "Differences beyond chance"
    times = f"phi {number(phi, 1)}: the variance seen, divided by what chance would bring"
    outside = result.counted(result.facts["outside_exact"])
    if not result.facts["widened"]:
        if result.params["overdispersion"] == "none" and phi > 1:
            return (
                name,
                "warn",
                f"The {called} differ more than chance would bring ({times}), but the limits were "
                f"asked to ignore it: {outside} are outside them. Some would be outside for what "
                "sets them apart for good, such as who they serve.",
            )
        return name, "pass", f"None found ({times}). The limits are exact ones."
    text = (
        f"The {called} differ more than chance would bring ({times}). The limits are widened for "
        f"it; without that, {outside} would be outside the {100 * result.levels[-1]:g}% limits."
    )
    if phi > VERY_LARGE:
        return (
            name,
            "warn",
            f"{text} So large a spread comes from who is served, how things are recorded, or how "
            "care is given; a funnel cannot tell which. Find out before looking at any single one.",
        )
    return name, "info", text


def _by_chance(result: FunnelResult) -> Row:
    k, trim = result.facts["k"], result.params["trim"]
    said = [
        f"{number(result.by_chance(level), 1)} outside the {100 * level:g}% limits (found: "
        f"{len(result.outside(level)):,})"
        for level in result.levels
    ]
    text = (
        f"If the {result.params['called']} merely scattered, with nothing special about any, of "
        f"{k:,} there would be about {in_a_row(said)}."
    )
    if result.facts["widened"] and trim:
        text += (
            f" That is more than the names of the limits say: the outermost {100 * trim:g}% at "
            "each end do not decide how wide the limits are."
        )
    return "Outside by chance", "info", text


def _small(result: FunnelResult) -> Row:
    few, least = int(result.points["small"].sum()), result.facts["small"]
    name, of = f"Small {result.params['called']}", result.params["of"]
    if not few:
        return name, "pass", f"Each has at least {least} {of}."
    return (
        name,
        "info",
        f"{result.counted(few)} with fewer than {least} {of}, shown in grey. Their figures swing "
        "widely; take several periods together before saying anything about them.",
    )


def _without_events(result: FunnelResult) -> list[Row]:
    none = result.facts["no_events"]
    if not none:
        return []
    return [
        (
            "Without any event",
            "info",
            f"{result.counted(none)}. Make sure that this is a true 0 and not a return that was "
            "never sent.",
        )
    ]


def _could_be_found(result: FunnelResult) -> Row:
    power = result.points["power"].to_numpy(dtype=float)
    enough = power >= WANTED
    name = "What could be found"
    asked = f"A true difference of {result.difference_words}"
    chance = f"a chance of at least {100 * WANTED:.0f}%"
    if enough.all():
        return name, "pass", f"{asked} would be found with {chance} in each of them."
    if not enough.any():
        best = 100 * float(np.max(power))
        return (
            name,
            "warn",
            f"{asked} would be found with {chance} in none of them (at best {best:.0f}%): lying "
            "inside the limits says little.",
        )
    return (
        name,
        "info",
        f"{asked} would be found with {chance} in {result.counted(int(enough.sum()))}. For the "
        "others lying inside the limits says little.",
    )


def _order(result: FunnelResult) -> Row:
    return (
        "No ranking",
        "info",
        f"The {result.params['called']} stand in the order of the table. Inside the limits, "
        "differences between them are not told from chance and must not be ranked.",
    )
