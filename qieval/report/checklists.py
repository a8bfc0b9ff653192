"""Published checklists, filled from the data and the parameters. What nobody stated says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qieval.core.blocks import Answer, Checklist
from qieval.core.checks import check_of
from qieval.core.errors import ParameterError, listed, nearest
from qieval.core.result import Result
from qieval.core.tables import Column, Table
from qieval.core.words import in_a_row, sentence
from qieval.intake.origin import Origin
from qieval.report.elements import Element, Headed, Tabled
from qieval.report.plan import Compared, compare
from qieval.report.views import View, content_of


@dataclass(frozen=True)
class Item:
    """One item of a checklist."""

    key: str
    text: str


EPOC = (
    Item(
        "independent_of_other_changes",
        "The change was independent of other changes at the same time",
    ),
    Item("shape_specified", "The expected shape of the effect was stated beforehand"),
    Item("data_collection_unaffected", "The change did not affect how data were collected"),
    Item("allocation_unknown", "Those who measured did not know who had the change"),
    Item("incomplete_data_addressed", "Missing data were dealt with"),
    Item("no_selective_reporting", "All measures planned are reported"),
    Item("no_other_bias", "Free of other risks of bias"),
)
"""The seven risk-of-bias items for interrupted time series.

Source: EPOC (Cochrane Effective Practice and Organisation of Care) 2017, Suggested risk of bias
criteria for EPOC reviews.
"""

ANSWERS = {
    "yes": "Yes: met",
    "no": "No: not met",
    "unclear": "Unclear",
    "": "Not stated",
}


PLANNED = {
    "shape_specified": ("slope", ("slope", "lag", "transition", "intervention_end")),
    "no_selective_reporting": ("value", ("value", "denominator", "per")),
}
"""Items that a locked plan can answer: what it must name, and what must then be as planned."""


_COLUMNS = (
    Column("item", "Item", "label"),
    Column("answer", "Answer", "text"),
    Column("because", "Because", "text"),
)


def epoc_checklist(
    result: Result, *, epoc: Mapping[str, Any] | None = None, project: str | None = None
) -> View:
    """EPOC's seven risk-of-bias items for interrupted time series, filled in.

    Data and a locked plan come before statements: where they show a problem, a stated "yes" does
    not stand.

    Parameters
    ----------
    epoc : mapping, optional
        Answers by item, each with answer (yes, no or unclear) and because
    project : str, optional
        Path of the project's project.yml, where a plan stands

    Raises
    ------
    ParameterError
        If an item or an answer is unknown.
    """
    stated = _checked(epoc or {})
    planned = _seen_in_plan(compare(result, project), stated)
    answers = [Answer(item, "stated", *answer) for item, answer in stated.items()]
    answers += [Answer(item, "plan", *answer) for item, answer in planned.items()]
    return View(Checklist("epoc", tuple(answers)), result)


@content_of.register
def _checklist(block: Checklist, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    stated, planned = (
        {one.item: (one.answer, one.because) for one in block.answers if one.source == source}
        for source in ("stated", "plan")
    )
    seen = _seen_in_data(result) | planned
    rows = []
    for number, item in enumerate(EPOC, start=1):
        answer, because = stated.get(item.key, ("", "Nobody stated this in the parameters."))
        if item.key in seen:
            statement = f" Stated: {sentence(because)}" if item.key in stated else ""
            answer, because = seen[item.key]
            because = sentence(because) + statement
        rows.append((f"{number}. {item.text}", ANSWERS[answer], sentence(because)))
    caption = "EPOC's seven risk-of-bias items for an interrupted time series"
    frame = pd.DataFrame(rows, columns=[column.name for column in _COLUMNS])
    table = Tabled(Table("epoc", caption, _COLUMNS, frame), "qi-checklist")
    return (Headed("How far this design can be trusted", (table,), "qi-epoc"),)


def _checked(epoc: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    known = [item.key for item in EPOC]
    stated = {}
    for key, given in epoc.items():
        if key not in known:
            guess = nearest(key, known)
            raise ParameterError(
                f"`{key}` is not an item of the EPOC checklist.",
                found=f"items {listed(known)}",
                remedy=f"Did you mean `{guess}`?" if guess else None,
            )
        answer = given.get("answer") if isinstance(given, Mapping) else given
        if isinstance(answer, bool):  # YAML reads a bare yes or no as true or false
            answer = "yes" if answer else "no"
        if answer not in ("yes", "no", "unclear"):
            raise ParameterError(
                f"The answer to `{key}` must be yes, no or unclear.",
                found=repr(answer),
                remedy="Write: {answer: unclear, because: the reason in a sentence}.",
            )
        because = given.get("because", "") if isinstance(given, Mapping) else ""
        stated[key] = (str(answer), str(because) or "No reason was stated.")
    return stated


def _seen_in_data(result: Result) -> dict[str, tuple[str, str]]:
    """What the data and the listed events say by themselves."""
    seen = {}
    other = check_of(result.checks, "other_events")
    if other.status in ("fail", "warn"):
        answer = "no" if other.status == "fail" else "unclear"
        seen["independent_of_other_changes"] = (answer, other.detail)
    gaps = check_of(result.checks, "missing_periods")
    answer = "yes" if gaps.status == "pass" else "unclear"
    seen["incomplete_data_addressed"] = (answer, gaps.detail)
    return seen


def _seen_in_plan(
    compared: Compared, stated: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """What a locked plan says by itself; a statement that is more careful than it stands."""
    if compared.lock is None:
        return {}
    careful = ("no", "unclear", "yes")
    seen = {}
    for key, (needed, names) in PLANNED.items():
        if needed in compared.lock.choices:
            answer = _of_plan(compared, names)
            if careful.index(answer[0]) <= careful.index(stated.get(key, answer)[0]):
                seen[key] = answer
    return seen


def _of_plan(compared: Compared, names: tuple[str, ...]) -> tuple[str, str]:
    """The answer that a locked plan gives for these parameters, and why."""
    plan = f"the plan locked on {compared.locked_on}"
    departed = {departure.name: str(departure) for departure in compared.departures}
    otherwise = " ".join(departed[name] for name in names if name in departed)
    if "evaluation" in departed:
        return "unclear", f"{plan} is for another evaluation."
    if otherwise:
        return "no", f"This is not as in {plan}. {otherwise}"
    if compared.changed:
        return "unclear", f"{plan} was changed afterwards."
    if compared.when != "before":
        late = "by then, data from after the change had come"
        return "unclear", f"This is as in {plan}, but {late}."
    kept = in_a_row([words for name, words in compared.kept.items() if name in names])
    return "yes", f"This is as in {plan}, before data from after the change had come: {kept}."
