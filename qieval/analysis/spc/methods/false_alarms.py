"""How often a chart of this length and these rules shows a signal when nothing has changed.

The chances come from ``false_alarms.csv``, made by ``benchmarks/spc_false_alarms.py``: independent
normal values, centre line and limits from the values themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib import resources

import numpy as np

from qieval.core.words import number

SHORTEST, LONGEST = 10, 100


@functools.lru_cache
def table() -> dict[tuple[str, str], np.ndarray]:
    """Chance by (chart, rules) for 10, 11 … 100 points."""
    text = resources.files(__package__).joinpath("false_alarms.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str], list[float]] = {}
    for line in text.splitlines():
        if line.startswith("#") or line.startswith("chart,"):
            continue
        chart, rules, _, chance = line.split(",")
        found.setdefault((chart, rules), []).append(float(chance))
    return {key: np.array(chances) for key, chances in found.items()}


def chance(chart: str, rules: str, points: Sequence[int]) -> float | None:
    """Chance of one false signal or more on a chart whose phases have so many points.

    None if a phase is shorter than the table or no phase is in it; a phase longer than the table
    counts with its last entry, which is then too low.
    """
    if min(points, default=0) < SHORTEST:
        return None
    by_length = table()[chart, rules]
    none = 1.0
    for count in points:
        none *= 1 - by_length[min(count, LONGEST) - SHORTEST]
    return float(1 - none)


def in_words(chance: float | None, points: Sequence[int], rules: str, charts: int = 1) -> str:
    """The chance in a sentence for a caption, and what it means for many charts at once."""
    if chance is None:
        return (
            f"How often the {rules} see a signal where there is none is not known for fewer than "
            f"{SHORTEST} points."
        )
    least = "more than " if max(points) > LONGEST else ""
    parts = f" in {len(points)} phases" if len(points) > 1 else ""
    said = (
        f"Even if nothing had changed, {least}{_odds(chance)} charts of {sum(points)} points"
        f"{parts} would show a signal by the {rules}."
    )
    if charts > 1:
        many = f"about {number(charts * chance, 0)}" if charts * chance >= 0.5 else "fewer than 1"
        said += f" Of {charts} charts that is {many}."
    return said


def _odds(chance: float) -> str:
    share = 100 * chance
    return f"{share:.0f} in 100" if share >= 1.95 else f"{1000 * chance:.0f} in 1,000"
