"""Logs of plan-do-study-act cycles, scored by two reviewers: ``pdsa.csv``.

The cycles are written down in :mod:`simulation.cycles`. Each reviewer sees what the log shows,
and now and then scores a step off it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from simulation.cycles import CYCLES, Cycle
from simulation.drawing import generator

FEATURES = ("iterative", "prediction_score", "small_scale", "data_over_time", "documentation")
HEAD = (
    *("project", "cycle", "follows", "started", "ended", "change", "prediction", "size", "whole"),
    *("data_points", "learning", "decision", "measure", "reviewer", *FEATURES),
)
MARK = "(simulated)"
AGREES = {"A": 0.92, "B": 0.80}
"""Chance that a reviewer gives the score that the log deserves."""

ONE_REVIEWER = 0.15  # share of cycles that only the first reviewer scored
CANNOT_TELL = "cannot tell"


def deserved(cycle: Cycle) -> dict[str, str]:
    """What each feature deserves: 0 not there, 1 in part, 2 there; from what the log says."""
    project = [other for other in CYCLES if other.project == cycle.project]
    linked = bool(cycle.follows) or any(other.follows == cycle.cycle for other in project)
    filled = sum(
        map(bool, (cycle.change, cycle.prediction, cycle.learning, cycle.decision, cycle.measure))
    )
    if cycle.size is None or cycle.whole is None:
        small = CANNOT_TELL
    else:
        small = "2" if cycle.size * 4 <= cycle.whole else "1" if cycle.size < cycle.whole else "0"
    points = cycle.data_points
    return {
        "iterative": ("2" if cycle.follows else "1") if linked else "0",
        "prediction_score": "0" if not cycle.prediction else "2" if cycle.measure else "1",
        "small_scale": small,
        "data_over_time": CANNOT_TELL
        if points is None
        else "2"
        if points >= 3
        else "1"
        if points
        else "0",
        "documentation": "2" if filled >= 4 else "1" if filled >= 2 else "0",
    }


def scores(cycle: Cycle, reviewer: str) -> list[str]:
    """One reviewer's scores: as deserved, or one step off."""
    rng = generator("pdsa", cycle.project, cycle.cycle, reviewer)
    found = []
    for score in deserved(cycle).values():
        agrees, up = rng.random() < AGREES[reviewer], rng.random() < 0.5
        if agrees or score == CANNOT_TELL:
            found.append(score)
        else:
            found.append("1" if score in "02" else "2" if up else "0")
    return found


def rows() -> Iterator[tuple[object, ...]]:
    """Rows of ``pdsa.csv``, one a cycle and reviewer."""
    for cycle in CYCLES:
        alone = generator("pdsa", cycle.project, cycle.cycle).random() < ONE_REVIEWER
        ended = cycle.started + timedelta(days=7 * cycle.weeks) if cycle.weeks else ""
        for reviewer in "A" if alone else "AB":
            yield (
                cycle.project,
                cycle.cycle,
                cycle.follows,
                cycle.started,
                ended,
                _marked(cycle.change),
                _marked(cycle.prediction),
                *("" if n is None else n for n in (cycle.size, cycle.whole, cycle.data_points)),
                _marked(cycle.learning),
                cycle.decision,
                cycle.measure,
                reviewer,
                *scores(cycle, reviewer),
            )


def _marked(text: str) -> str:
    return f"{text} {MARK}" if text else ""


def truth() -> dict[str, dict[str, Any]]:
    """By project: how many cycles, how many of them linked, predicted, small and measured."""
    found: dict[str, dict[str, Any]] = {}
    for project in dict.fromkeys(cycle.project for cycle in CYCLES):
        own = [cycle for cycle in CYCLES if cycle.project == project]
        found[project] = {
            "cycles": len(own),
            "linked": sum(bool(cycle.follows) for cycle in own),
            "with_prediction": sum(bool(cycle.prediction) for cycle in own),
            "smaller_than_whole": sum(
                cycle.size is not None and cycle.whole is not None and cycle.size < cycle.whole
                for cycle in own
            ),
            "three_or_more_data_points": sum((cycle.data_points or 0) >= 3 for cycle in own),
        }
    return found
