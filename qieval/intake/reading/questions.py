"""The questions that a file leaves open: asked all at once, each with the line that settles it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from qieval.core.errors import DataError, QievalError
from qieval.core.words import many

_BY_WEIGHT = (
    *("sheet", "table", "header", "rows_are", "period_of_file", "years", "columns", "fill_down"),
    *("period", "quarters", "dayfirst", "where", "totals", "merged", "decimal_comma", "percent"),
    *("zeros", "suppressed"),
)
"""Parameters by how much hangs on them: which table it is comes before what a mark in it means."""


@dataclass(frozen=True)
class Question:
    """Something about a file that only its owner can say."""

    problem: str  # what is open, one sentence
    found: str  # the evidence: cells by their address, headings, sums
    remedy: str  # what may be said, with each line
    proposal: str  # what is taken where reading is not strict; blank: nothing is
    # The parameters that take the proposal; empty where only a change of the file can settle it.
    settles: Mapping[str, Any] = field(default_factory=dict)

    def masked(self, mask: Callable[[str], str]) -> Question:
        """The same question without identifiers in its words."""
        return replace(
            self, problem=mask(self.problem), found=mask(self.found), remedy=mask(self.remedy)
        )

    @property
    def weight(self) -> int:
        """Its place in a list: the lower, the more hangs on it."""
        places = [_BY_WEIGHT.index(name) for name in self.settles if name in _BY_WEIGHT]
        return min(places, default=len(_BY_WEIGHT))


class OpenQuestions(DataError):
    """Reading was strict, and something about the file is open.

    ``questions`` holds each question, by weight; ``settles`` the parameters that take every
    proposal at once.
    """

    questions: tuple[Question, ...] = ()

    @property
    def settles(self) -> dict[str, Any]:
        """The parameters that take every proposal."""
        return together(self.questions)


def open_questions(
    questions: Iterable[Question], where: str, error: QievalError | None = None
) -> OpenQuestions:
    """One error for all that is open, and for what stopped the reading after that.

    `error`: what stopped it once every proposal was taken; None: nothing did.
    """
    asked = sorted({one.problem: one for one in questions}.values(), key=lambda one: one.weight)
    if len(asked) == 1 and error is None:
        only = asked[0]
        problem, found = only.problem, only.found
        remedy = only.remedy
        if only.proposal:
            remedy += f" (Or set `strict: false`: {only.proposal})"
    else:
        problem = f"{many(len(asked), 'question')} open about this file."
        found = "".join(_in_words(number, one) for number, one in enumerate(asked, start=1))
        remedy = _answers(asked, last=error is None and all(one.proposal for one in asked))
        if error is not None:
            found += f"\nWith every proposal taken, something is left: {error.problem}"
            found += f"\n   Found: {error.found}" if error.found else ""
            remedy += f" And for what is left: {error.remedy}" if error.remedy else ""
    raised = OpenQuestions(problem, found=found, remedy=remedy, where=where)
    raised.questions = tuple(asked)
    return raised


def _in_words(number: int, one: Question) -> str:
    return f"\n{number}. {one.problem}\n   Found: {one.found}\n   {one.remedy}"


def _answers(asked: Sequence[Question], *, last: bool) -> str:
    """The lines that take every proposal; `last`: whether nothing else stands in the way."""
    lines = [parameter_line(name, value) for name, value in together(asked).items()]
    words = [f"Write the lines that are right. As proposed: {', '.join(lines)}."] if lines else []
    if last:
        words.append("(Or set `strict: false`, which takes every proposal and says so.)")
    return " ".join(words) or "Settle each of them in the file."


def together(questions: Iterable[Question]) -> dict[str, Any]:
    """The parameters that take every proposal; lists and mappings of several are put together."""
    settled: dict[str, Any] = {}
    for one in sorted(questions, key=lambda one: one.weight):
        for name, value in one.settles.items():
            if name not in settled or isinstance(value, Mapping | list):
                settled[name] = joined(settled.get(name), value)
    return settled


def joined(before: Any, value: Any) -> Any:
    """A value beside what was said before: lists and mappings are put together, others replaced."""
    if isinstance(before, dict) and isinstance(value, Mapping):
        return {**before, **value}
    if isinstance(before, list) and isinstance(value, list):
        return list(dict.fromkeys([*before, *value]))
    return dict(value) if isinstance(value, Mapping) else value


def parameter_line(name: str, value: Any) -> str:
    """A line of a parameter file, as it may be copied."""
    flow = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    )
    return f"`{name}: {flow.removesuffix(chr(10)).removesuffix(chr(10) + '...').strip()}`"
