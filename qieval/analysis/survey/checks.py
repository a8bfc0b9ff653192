"""What a reader must know before believing a survey: one row a check."""

from __future__ import annotations

import numpy as np

from qieval.analysis.survey.change import ENOUGH_CLUSTERS, FEWEST
from qieval.analysis.survey.found import Found
from qieval.analysis.survey.groups import EVERYBODY
from qieval.analysis.survey.words import percent, quoted
from qieval.core.checks import Status
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, many, number

LOW_RESPONSE = 50.0
"""Percent invited who answered; below it most did not."""

OTHER_RESPONSE = 10.0
"""Percentage points by which the response may differ between waves before it is remarked on."""

MANY_BESIDE = 10.0
"""Percent of those who answered that did not know or left it blank."""

Row = tuple[str, Status, str]


def checks_of(result: Found) -> list[Row]:
    """All checks of a survey."""
    return [
        _response(result),
        _enough(result),
        *_proportional(result),
        *_alike(result),
        *_together(result),
        *_same_people(result),
        _beside(result),
        *_small_groups(result),
        _scale(result),
        *_empty(result),
    ]


def _response(result: Found) -> Row:
    name = "Response rate"
    rates = result.response[result.response["group"] == EVERYBODY]["rate"].dropna()
    if rates.empty:
        return name, "warn", "Not known: the number invited was not given (`invited`)."
    said = in_a_row([percent(rate) for rate in rates])
    if rates.min() < LOW_RESPONSE:
        return name, "warn", f"{said}: most of those invited did not answer in at least one wave."
    if len(rates) > 1 and np.ptp(rates) > OTHER_RESPONSE:
        return name, "warn", f"{said}: others may have answered than before."
    return name, "pass", f"{said} of those invited."


def _enough(result: Found) -> Row:
    name = "Enough answers"
    if result.pair is None:
        return name, "info", "One wave: answers are described; there is no change to test."
    few = result.changes[~result.changes["tested"].astype(bool)]
    if few.empty:
        return name, "pass", f"At least {FEWEST} in each wave for every item."
    why = dict.fromkeys(few["why_not"])
    return (
        name,
        "warn",
        f"Described, not tested: {quoted(few['item'].tolist())} ({in_a_row([*why])}).",
    )


def _proportional(result: Found) -> list[Row]:
    checked = result.changes[result.changes["check_p"].notna()]
    if checked.empty:
        return []
    name = "The same odds at every step of the scale"
    doubtful = checked.loc[checked["check_p"] < 1 - result.params["confidence"], "item"].tolist()
    if not doubtful:
        return [
            (
                name,
                "pass",
                "Separate odds at each step fit no better for any item (likelihood ratio; smallest "
                f"p = {checked['check_p'].min():.2f}). With few answers only a gross departure "
                "would be seen.",
            )
        ]
    return [
        (
            name,
            "warn",
            f"Not for {quoted(doubtful)}: the change differs between steps. Read the share of "
            "positive answers and the chance that the later is better; they need no such model.",
        )
    ]


def _alike(result: Found) -> list[Row]:
    chance = result.facts["differ_p"]
    if chance is None or not np.isfinite(chance):
        return []
    name = "The items changed alike"
    if chance < 1 - result.params["confidence"]:
        return [(name, "warn", f"No (p = {chance:.3f}): the average hides differences.")]
    return [(name, "pass", f"As far as these data tell (p = {chance:.2f}).")]


def _together(result: Found) -> list[Row]:
    tested = int(result.changes["tested"].sum()) if len(result.changes) else 0
    if tested < 2:
        return []
    return [
        (
            "Several items at once",
            "info",
            f"{many(tested, 'item')} tested: an item is called better or worse only if that holds "
            "when all of them are allowed for (Benjamini-Hochberg). Intervals are for one item "
            "each.",
        )
    ]


def _same_people(result: Found) -> list[Row]:
    if result.pair is None or result.changes.empty:
        return []
    called = result.params["groups_called"]
    rows: list[Row] = []
    if result.facts["same_people"]:
        rows.append(
            (
                "The same people in several waves",
                "info",
                "Some answered more than once. Odds ratios allow for it; the change of positive "
                "answers and the chance that the later is better do not, so they are less sure of "
                "themselves than they could be.",
            )
        )
    if result.params["by"] and result.facts["clustered"] == "groups":
        rows.append(
            (
                f"People within {called} are alike",
                "pass",
                "The odds ratios hold them apart, and their intervals allow for it.",
            )
        )
    elif result.params["by"] and result.groups:
        rows.append(
            (
                f"People within {called} are alike",
                "info",
                f"The odds ratios hold the {called} apart. With fewer than {ENOUGH_CLUSTERS} of "
                "them their intervals cannot allow for a change that differs between them.",
            )
        )
    return rows


def _beside(result: Found) -> Row:
    name = "Don't know and blank"
    rows = result.bases[(result.bases["group"] == EVERYBODY) & result.bases["shown"].astype(bool)]
    asked = rows["n"] + rows["dont_know"] + rows["blank"]
    share = 100 * (rows["dont_know"] + rows["blank"]) / asked
    high = rows[share > MANY_BESIDE]
    if not share.max():
        return name, "pass", "None, for any item."
    if high.empty:
        return name, "pass", f"At most {percent(share.max())} of those who answered, for any item."
    said = [
        f"“{row.item}”{f' in {row.wave}' if len(result.waves) > 1 else ''} "
        f"({percent(float(share.loc[at]))})"
        for at, row in zip(high.index, rows_of(high), strict=True)
    ]
    return name, "warn", f"More than one in ten for {in_a_row(said)}: they are in no percentage."


def _small_groups(result: Found) -> list[Row]:
    if not result.params["by"]:
        return []
    called, smallest = result.params["groups_called"], result.params["smallest"]
    small, joined = result.facts["small"], result.facts["joined"]
    name = f"Small {called}"
    if not result.groups:
        return [(name, "warn", f"No {called} are shown apart: too few answers, or only one group.")]
    others = result.facts["small_not_named"]
    if not small and not others:
        return [(name, "pass", f"Each has at least {smallest} answers to every item.")]
    merged = result.params["small"] == "merge"
    what = f"in “Other {called}”" if merged else "not shown"
    names = [*small, *([f"{others} {'more' if small else called}"] if others else [])]
    said = f"{in_a_row(names)}: {what}, because fewer than {smallest} answered an item."
    if joined:
        said += f" {in_a_row(joined)} too: else the small numbers could be had by subtracting."
    return [(name, "info", said)]


def _scale(result: Found) -> Row:
    order = result.params["order"]
    return (
        "The scale",
        "info",
        f"From worst to best, as given: {', '.join(order)}. Positive: "
        f"{in_a_row(result.params['positive'])}; negative: {in_a_row(result.params['negative'])}.",
    )


def _empty(result: Found) -> list[Row]:
    empty = {wave: count for wave, count in result.facts["empty"].items() if count}
    if not empty:
        return []
    total = number(sum(empty.values()), 0)
    return [
        (
            "Left blank altogether",
            "info",
            f"{total} came back with every item blank: not counted as answered.",
        )
    ]
