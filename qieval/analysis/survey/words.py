"""What a survey found, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qieval.analysis.survey.change import FEWEST
from qieval.analysis.survey.found import Found
from qieval.analysis.survey.groups import EVERYBODY
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, interval, many, number, places_of, sentence


def percent(value: float) -> str:
    """A share as it is read: "62%"."""
    return f"{number(value, 0)}%" if np.isfinite(value) else "not shown"


def quoted(names: Sequence[str]) -> str:
    """Items in a row, each in quotation marks: "“Weekdays” and “Evenings”"."""
    return in_a_row([f"“{name}”" for name in names])


def headline(result: Found) -> str:
    """The finding in one sentence."""
    if result.pair is None:
        return _one_wave(result)
    first, last = result.pair
    changes = result.changes
    if not changes["tested"].any():
        return _described(result, first, last)
    named = {
        way: changes.loc[changes["direction"] == way, "item"].tolist()
        for way in ("better", "worse", "unclear")
    }
    tested = int(changes["tested"].sum())
    said = [
        f"{way} in {last} than in {first} for {_some(len(named[way]), tested)} "
        f"({quoted(named[way])})"
        for way in ("better", "worse")
        if named[way]
    ]
    if not said:
        return sentence(
            f"no clear change in answers from {first} to {last} for any of {many(tested, 'item')}"
        )
    rest = len(named["unclear"])
    more = f"; for the other {rest if rest > 1 else 'one'} no clear change" if rest else ""
    return sentence(f"answers were {' and '.join(said)}{more}")


def _some(count: int, of: int) -> str:
    if count == of:
        return "the item" if of == 1 else f"all {of} items"
    return f"{count} of {of} items"


def _one_wave(result: Found) -> str:
    shares = {item: result.base(item, result.latest)["positive"] for item in result.items}
    known = {item: share for item, share in shares.items() if np.isfinite(share)}
    when = f" in {result.latest}" if len(result.waves) > 1 or result.params["wave"] else ""
    low, high = (min(known, key=lambda i: known[i]), max(known, key=lambda i: known[i]))
    if len(known) == 1 or known[low] == known[high]:
        return sentence(f"positive answers{when}: {percent(known[low])} of {quoted([*known])}")
    return sentence(
        f"positive answers{when} go from {percent(known[low])} for “{low}” to "
        f"{percent(known[high])} for “{high}”"
    )


def _described(result: Found, first: str, last: str) -> str:
    more = 0
    both = 0
    for item in result.items:
        before, after = (result.base(item, wave)["positive"] for wave in (first, last))
        if np.isfinite(before) and np.isfinite(after):
            both += 1
            more += after > before
    if not both:
        return sentence(f"too few answers to compare {first} with {last}")
    return sentence(
        f"{more} of {many(both, 'item')} had a larger share of positive answers in {last} than in "
        f"{first}; so few answered that this is described, not tested"
    )


# ---- details -----------------------------------------------------------------------------------


def details(result: Found) -> list[str]:
    """Who answered, how large the changes are, what stands beside the scale."""
    return [_answered(result), *_average(result), *_changes(result), *_beside(result)]


def _answered(result: Found) -> str:
    called = result.params["called"]
    rows = result.response[result.response["group"] == EVERYBODY]
    said = []
    for row in rows_of(rows):
        when = f" in {row.wave}" if len(result.waves) > 1 else ""
        if not np.isfinite(row.answered):
            said.append(f"fewer than {result.params['smallest']} answered{when}")
        elif np.isfinite(row.invited):
            said.append(
                f"{number(row.answered, 0)} of {number(row.invited, 0)} {called} answered{when} "
                f"({percent(row.rate)})"
            )
        else:
            said.append(f"{number(row.answered, 0)} {called} answered{when}")
    unknown = "" if rows["invited"].notna().any() else "; how many were invited is not known"
    return sentence(f"{in_a_row(said)}{unknown}")


def _average(result: Found) -> list[str]:
    if "odds_ratio" not in result.estimates.index:
        return []
    found = result.term("odds_ratio")
    _, last = result.pair or ("", "")
    said = (
        f"On average over {result.facts['average_items']} items the odds of a better answer in "
        f"{last} were {odds_in_words(found.value, found.low, found.high)}; 1 would be no change."
    )
    return [said]


def odds_in_words(value: float, low: float, high: float) -> str:
    """An odds ratio with its interval: "1.7 times those before (1.3 to 2.2)"."""
    places = max(1, places_of(low, high))
    return f"{number(value, places)} times those before ({interval(low, high, places)})"


def _changes(result: Found) -> list[str]:
    """The share of positive answers before and after where it clearly changed."""
    if result.pair is None:
        return []
    first, last = result.pair
    moved = result.changes[result.changes["direction"].isin(["better", "worse"])]
    said = []
    for item in moved["item"]:
        before, after = (result.base(item, wave)["positive"] for wave in (first, last))
        said.append(f"from {percent(before)} to {percent(after)} for “{item}”")
    found = (
        [sentence(f"positive answers ({_levels(result)}) went {in_a_row(said)}")] if said else []
    )
    unclear = result.changes.loc[result.changes["direction"] == "unclear", "item"].tolist()
    if unclear:
        found.append(
            f"For {quoted(unclear)} the data fit with no change, and also with changes that would "
            "matter: see the intervals."
        )
    few = result.changes.loc[~result.changes["tested"].astype(bool), "item"].tolist()
    if few and len(few) < len(result.items):
        found.append(f"Not tested: {quoted(few)} (fewer than {FEWEST} answers in a wave).")
    return found


def _levels(result: Found) -> str:
    return in_a_row(result.params["positive"], last="or")


def _beside(result: Found) -> list[str]:
    """How often people did not know or left an item blank."""
    rows = result.bases[(result.bases["group"] == EVERYBODY) & result.bases["shown"].astype(bool)]
    rows = rows[rows["wave"] == result.latest]
    unknown, blank = int(rows["dont_know"].sum()), int(rows["blank"].sum())
    when = f" in {result.latest}" if len(result.waves) > 1 else ""
    if not unknown + blank:
        return [f"Everybody who answered{when} gave an answer on the scale to every item."]
    return [
        f"Beside the scale{when}: {unknown:,} answers of don't know and {blank:,} left blank; they "
        "are in no percentage."
    ]


# ---- the figure --------------------------------------------------------------------------------


def alt_text(result: Found) -> str:
    """What the figure shows: the finding, then each bar."""
    where = f", {result.params['setting']}" if result.params["setting"] else ""
    said = [bar_in_words(result, item, wave) for item in result.items for wave in result.waves]
    return (
        f"{result.headline()} Stacked bars of answers{where}, a bar for each item"
        f"{' and wave' if len(result.waves) > 1 else ''}, from worst at the left to best at the "
        f"right, placed so that negative answers lie left of an upright line and positive ones "
        f"right of it. {' '.join(said)}"
    )


def bar_in_words(result: Found, item: str, wave: str, group: str = EVERYBODY) -> str:
    """One bar: "Weekdays, May 2019: 20% negative, 62% positive, of 110 answers."."""
    base = result.base(item, wave, group)
    names = [item, *([group] if group != EVERYBODY else [])]
    names += [wave] if len(result.waves) > 1 else []
    if not base["shown"]:
        return f"{', '.join(names)}: fewer than {result.params['smallest']} answers, not shown."
    return (
        f"{', '.join(names)}: {percent(base['positive'] - base['net'])} negative, "
        f"{percent(base['positive'])} positive, of {number(base['n'], 0)} answers."
    )


def of_groups(result: Found) -> tuple[str, str]:
    """Title of the view by groups, and what it shows."""
    called = result.params["groups_called"]
    when = f", {result.latest}" if len(result.waves) > 1 else ""
    differ = result.between[result.between["adjusted"] < 1 - result.params["confidence"]]
    title = f"{called.capitalize()} side by side{when}"
    if len(differ):
        of = many(len(result.between), "item")
        title += f": they differ by more than chance for {len(differ)} of {of}"
        said = (
            f"{called.capitalize()} answered differently by more than chance would explain: "
            f"{quoted(differ['item'].tolist())} (Kruskal-Wallis test, allowing for "
            f"{many(len(result.between), 'item')})."
        )
    elif len(result.between):
        title += ": no larger differences than chance could explain"
        said = (
            f"The differences between {called} are no larger than chance could explain "
            f"(Kruskal-Wallis test, {many(len(result.between), 'item')})."
        )
    else:
        said = f"Too few answers to say whether {called} differ."
    return title, f"{said} {called.capitalize()} stand in the order of their names."
