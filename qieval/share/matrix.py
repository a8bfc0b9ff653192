"""Projects by outcome, process and balancing measures: the states that their own verdicts say.

Nothing is judged here. A cell holds the states of the evaluations that look at such a measure; a
project is counted by those of its outcome measures, and where they differ it is counted as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qieval.analysis.family_of_measures import FamilyResult
from qieval.analysis.programme.tables import FINDINGS
from qieval.batch.records import Record
from qieval.catalogue import row_of
from qieval.core.result import Result
from qieval.core.verdict import STATES

MeasureType = Literal["outcome", "process", "balancing"]
MEASURE_TYPES: tuple[MeasureType, ...] = ("outcome", "process", "balancing")

DIFFER = "evaluations differ"
NOT_TESTED = "no outcome tested"
COUNTED = {
    "improved": "improved",
    "worse": "worse",
    "changed": "changed",
    "changed, not alone": "changed, not alone",
    "no clear change": "unclear",
    DIFFER: DIFFER,
    NOT_TESTED: NOT_TESTED,
    "not evaluated": "not evaluated",
}
"""How a project can be counted, in the order in which counts stand, and the word for it."""

_ALWAYS = ("improved", "worse", "no clear change", "not evaluated")
"""Counts that are told even if they are none."""

_UNTESTED = ("described", "cannot tell")


@dataclass(frozen=True)
class Mark:
    """What one evaluation says of one kind of measure.

    Attributes
    ----------
    state : str
        State of a verdict, or the status of an evaluation without one.
    title : str
        The evaluation in plain words.
    href : str
        Its page.
    """

    state: str
    title: str
    href: str


@dataclass(frozen=True)
class Row:
    """A project in the matrix.

    Attributes
    ----------
    name, network, href : str
        The project, and its page; "" if nothing was set up to evaluate it.
    cells : dict
        Type of measure → what its evaluations say, one mark a state.
    """

    name: str
    network: str
    href: str = ""
    cells: dict[MeasureType, tuple[Mark, ...]] = field(default_factory=dict)

    @property
    def counted(self) -> str:
        """How the project is counted (:data:`COUNTED`)."""
        states = [mark.state for mark in self.cells.get("outcome", ())]
        tested = {state for state in states if state in STATES and state not in _UNTESTED}
        if len(tested) > 1:
            return DIFFER
        if tested:
            return tested.pop()
        seen = [mark.state for marks in self.cells.values() for mark in marks]
        return NOT_TESTED if any(state in STATES for state in seen) else "not evaluated"


def marks_of(
    record: Record, result: Result | None, measure_type: str, href: str
) -> dict[MeasureType, list[Mark]]:
    """What an evaluation says, by type of measure; empty if it tells nothing of what changed.

    Parameters
    ----------
    record : Record
        What is known of the run.
    result : Result or None
        Its result, as it may be shown.
    measure_type : str
        What kind of measure it looks at; "" counts as an outcome.
    href : str
        Address of its page.
    """
    row = row_of(record.evaluation.rpartition("/")[2].partition(".")[0])
    if row is None or row.column not in FINDINGS:
        return {}
    if isinstance(result, FamilyResult):
        own = result.states
        return {
            kind: [Mark(state, record.title, href) for state in own[kind]]
            for kind in MEASURE_TYPES
            if kind in own
        }
    known: MeasureType = next((kind for kind in MEASURE_TYPES if kind == measure_type), "outcome")
    state = result.verdict.state if result else record.status
    return {known: [Mark(state, record.title, href)]}


def row_for(
    name: str, network: str, href: str, marks: Iterable[dict[MeasureType, list[Mark]]]
) -> Row:
    """A project's row: in each cell one mark a state, that of the first evaluation that says it.

    What only describes is left out of a cell in which something was tested.
    """
    cells: dict[MeasureType, dict[str, Mark]] = {}
    for one in marks:
        for kind, listed in one.items():
            for mark in listed:
                cells.setdefault(kind, {}).setdefault(mark.state, mark)
    for seen in cells.values():
        if set(seen) - {"described"}:
            seen.pop("described", None)
    return Row(name, network, href, {kind: tuple(seen.values()) for kind, seen in cells.items()})


def counts(rows: Sequence[Row]) -> dict[str, int]:
    """How many projects are counted how; those that do not occur are left out, but for a few."""
    seen = [row.counted for row in rows]
    return {state: seen.count(state) for state in COUNTED if state in seen or state in _ALWAYS}
