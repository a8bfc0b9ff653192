"""What a reader must know before believing a survey: one row a check."""

from __future__ import annotations

import numpy as np

from qieval.analysis.survey.methods.change import ENOUGH_CLUSTERS, FEWEST, Changed
from qieval.analysis.survey.methods.groups import EVERYBODY, Grouping
from qieval.analysis.survey.tables import Responses
from qieval.analysis.survey.words import SurveyResult, quoted
from qieval.core.checks import About, Check
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, many, number, percent

LOW_RESPONSE = 0.5
"""Share of those invited who answered; below it most did not."""

OTHER_RESPONSE = 0.1
"""By how much the response may differ between waves before it is remarked on."""

MANY_BESIDE = 0.1
"""Share of those who answered that did not know or left it blank."""

_NAMED = 5
"""Groups with fewer people are not named, even where it is said that they are too small."""


def checks_of(
    result: SurveyResult,
    responses: Responses | None = None,
    grouping: Grouping | None = None,
    change: Changed | None = None,
) -> list[Check]:
    """All checks of a survey; without its responses those that its tables alone tell."""
    return [
        _response(result),
        _enough(result),
        *_proportional(result),
        *_alike(result, change),
        *_several_items(result),
        *(_same_people(result, responses, change) if responses else []),
        _beside(result),
        *(_small_groups(result, responses, grouping) if responses else []),
        _scale(result),
        *(_empty(responses) if responses else []),
    ]


def _response(result: SurveyResult) -> Check:
    about = About("response_rate", "Response rate")
    rates = result.response[result.response["group"] == EVERYBODY]["rate"].dropna()
    if rates.empty:
        text = "Not known: the number invited was not given (`invited`)."
        return about.warns(text)
    each = in_a_row([percent(rate) for rate in rates])
    if rates.min() < LOW_RESPONSE:
        text = f"{each}: most of those invited did not answer in at least one wave."
        return about.warns(text)
    if len(rates) > 1 and np.ptp(rates) > OTHER_RESPONSE:
        return about.warns(f"{each}: others may have answered than before.")
    return about.passes(f"{each} of those invited.")


def _enough(result: SurveyResult) -> Check:
    about = About("enough_answers", "Enough answers")
    if result.pair is None:
        text = "One wave: answers are described; there is no change to test."
        return about.informs(text)
    few = result.changes[~result.changes["tested"].astype(bool)]
    if few.empty:
        fewest = max(FEWEST, result.params["smallest"])
        return about.passes(f"At least {fewest} in each wave for every item.")
    why = in_a_row([*dict.fromkeys(few["why_not"])])
    text = f"Described, not tested: {quoted(few['item'].tolist())} ({why})."
    return about.warns(text)


def _proportional(result: SurveyResult) -> list[Check]:
    checked = result.changes[result.changes["check_p"].notna()]
    if checked.empty:
        return []
    about = About("proportional_odds", "The same odds at every step of the scale")
    doubtful = checked.loc[checked["judged_by"] == "share", "item"].tolist()
    if not doubtful:
        text = (
            "Separate odds at each step fit no better for any item (likelihood ratio; smallest "
            f"p = {checked['check_p'].min():.2f}). With few answers only a gross departure would "
            "be seen."
        )
        return [about.passes(text)]
    text = (
        f"Not for {quoted(doubtful)}: the change differs between steps, so the share of positive "
        "answers is judged. It and the chance that the later is better need no such model."
    )
    return [about.warns(text)]


def _alike(result: SurveyResult, change: Changed | None) -> list[Check]:
    chance = change.average["differ_p"] if change and change.average else np.nan
    if not np.isfinite(chance):
        return []
    about = About("items_alike", "The items changed alike")
    if chance < 1 - result.params["confidence"]:
        text = f"No (p = {chance:.3f}): the average hides differences."
        return [about.warns(text)]
    return [about.passes(f"As far as these data tell (p = {chance:.2f}).")]


def _several_items(result: SurveyResult) -> list[Check]:
    if len(result.tested) < 2:
        return []
    text = (
        f"{many(len(result.tested), 'item')} tested: an item is called better or worse only if "
        "that holds when all of them are allowed for (Benjamini-Hochberg). Intervals are for one "
        "item each."
    )
    return [Check("several_items", "Several items at once", "info", text)]


def _same_people(result: SurveyResult, responses: Responses, change: Changed | None) -> list[Check]:
    if change is None or result.changes.empty:
        return []
    called, checks = result.params["groups_called"], []
    if responses.same_people:
        text = (
            "Some answered more than once. Odds ratios allow for it; the change of positive "
            "answers and the chance that the later is better do not, so they are less sure of "
            "themselves than they could be."
        )
        name = "The same people in several waves"
        checks.append(Check("same_people", name, "info", text))
    about = About("alike_within_groups", f"People within {called} are alike")
    if result.params["by"] and change.clustered == "groups":
        text = "The odds ratios hold them apart, and their intervals allow for it."
        checks.append(about.passes(text))
    elif result.params["by"] and result.groups:
        text = (
            f"The odds ratios hold the {called} apart. With fewer than {ENOUGH_CLUSTERS} of them "
            "their intervals cannot allow for a change that differs between them."
        )
        checks.append(about.informs(text))
    return checks


def _beside(result: SurveyResult) -> Check:
    about = About("beside_the_scale", "Don't know and blank")
    rows = result.bases[(result.bases["group"] == EVERYBODY) & result.bases["shown"].astype(bool)]
    answers = rows["n"] + rows["dont_know"] + rows["blank"]
    share = (rows["dont_know"] + rows["blank"]) / answers
    high = rows[share > MANY_BESIDE]
    if not share.max():
        where = "for any item" if result.bases["shown"].all() else "where answers are shown"
        return about.passes(f"None, {where}.")
    if high.empty:
        text = f"At most {percent(share.max())} of those who answered, for any item."
        return about.passes(text)
    each = [
        f"“{row.item}”{f' in {row.wave}' if len(result.waves) > 1 else ''} "
        f"({percent(float(share.loc[at]))})"
        for at, row in zip(high.index, rows_of(high), strict=True)
    ]
    text = f"More than one in ten for {in_a_row(each)}: they are in no percentage."
    return about.warns(text)


def _small_groups(
    result: SurveyResult, responses: Responses, grouping: Grouping | None
) -> list[Check]:
    if grouping is None:
        return []
    called, smallest = result.params["groups_called"], result.params["smallest"]
    about = About("small_groups", f"Small {called}")
    if not result.groups:
        text = f"No {called} are shown apart: too few answers, or only one group."
        return [about.warns(text)]
    # A name that one or two people gave may tell who they are: it is counted, never written down.
    sizes = responses.answers.drop_duplicates("person").groupby("group").size()
    named = [group for group in grouping.small if sizes[group] >= _NAMED]
    others = len(grouping.small) - len(named)
    if not named and not others:
        text = f"Each has at least {smallest} answers to every item."
        return [about.passes(text)]
    merged = result.params["small"] == "merge"
    where = f"in “Other {called}”" if merged else "not shown"
    names = [*named, *([f"{others} {'more groups' if named else called}"] if others else [])]
    text = f"{in_a_row(names)}: {where}, because fewer than {smallest} answered an item."
    if grouping.joined:
        text += (
            f" {in_a_row(grouping.joined)} too: else the small numbers could be had by subtracting."
        )
    return [about.informs(text)]


def _scale(result: SurveyResult) -> Check:
    text = (
        f"From worst to best, as given: {', '.join(result.params['order'])}. Positive: "
        f"{in_a_row(result.params['positive'])}; negative: {in_a_row(result.params['negative'])}."
    )
    return Check("scale", "The scale", "info", text)


def _empty(responses: Responses) -> list[Check]:
    total = sum(responses.empty.values())
    if not total:
        return []
    text = f"{number(total, 0)} came back with every item blank: not counted as answered."
    nobody = [wave for wave in responses.empty if wave not in responses.waves]
    if nobody:
        text += f" In {in_a_row(nobody)} nobody answered, so nothing is compared with it."
    return [Check("left_blank", "Left blank altogether", "warn" if nobody else "info", text)]
