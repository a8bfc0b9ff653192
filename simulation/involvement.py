"""How people who use the services took part: ``involvement.csv``. Mostly little."""

from __future__ import annotations

from collections import Counter
from typing import Any

from simulation.written import records

HEAD = ("date", "project", "stage", "level", "who", "people", "paid")

STAGES = (
    "choosing the problem",
    "setting the aim",
    "designing the change",
    "testing",
    "measuring",
    "making sense of results",
    "spreading",
)


def rows() -> list[tuple[object, ...]]:
    """Rows of ``involvement.csv``. Stages that have none were not recorded at all."""
    return [tuple(entry[name] for name in HEAD) for entry in records("involvement")]


def truth() -> dict[str, dict[str, Any]]:
    """By project: how many entries of each level, and the stages of which nothing is recorded."""
    found: dict[str, dict[str, Any]] = {}
    for project in sorted({str(row[1]) for row in rows()}):
        own = [row for row in rows() if row[1] == project]
        told = {str(row[2]) for row in own if row[3]}
        found[project] = {
            "levels": dict(sorted(Counter(str(row[3]) for row in own if row[3]).items())),
            "not_recorded": [stage for stage in STAGES if stage not in told],
        }
    return found
