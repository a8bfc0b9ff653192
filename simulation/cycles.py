"""The plan-do-study-act cycles of the example, as their teams wrote them down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from simulation.written import records


@dataclass(frozen=True)
class Cycle:
    """One cycle; blank or None: not recorded. Without weeks it has no last day.

    `size` is the number of people in the test, `whole` how many there are in all; for a project
    about wards or shifts, of these.
    """

    project: str
    cycle: str
    follows: str
    started: date
    weeks: int
    size: int | None
    whole: int | None
    data_points: int | None
    decision: str
    measure: str
    change: str
    prediction: str
    learning: str


def _number(text: str) -> int | None:
    return int(text) if text else None


def _cycle(record: dict[str, str]) -> Cycle:
    size, whole, points = (_number(record[name]) for name in ("size", "whole", "data_points"))
    return Cycle(
        project=record["project"],
        cycle=record["cycle"],
        follows=record["follows"],
        started=date.fromisoformat(record["started"]),
        weeks=int(record["weeks"]),
        size=size,
        whole=whole,
        data_points=points,
        decision=record["decision"],
        measure=record["measure"],
        change=record["change"],
        prediction=record["prediction"],
        learning=record["learning"],
    )


CYCLES: tuple[Cycle, ...] = tuple(map(_cycle, records("cycles")))
