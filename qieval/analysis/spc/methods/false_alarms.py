"""How often a chart of this length and these rules shows a signal when nothing has changed.

The chances come from ``false_alarms.csv``, made by ``benchmarks/spc_false_alarms.py``: independent
normal values, centre line and limits from the values themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib import resources

import numpy as np
import pandas as pd

from qieval.core.words import number

SHORTEST, LONGEST = 10, 100


@functools.lru_cache
def table() -> pd.DataFrame:
    """Chances: a row a (chart, rules), a column a number of points."""
    return _chances("false_alarms.csv")


@functools.lru_cache
def claims_table() -> pd.DataFrame:
    """Chances that a control chart's verdict claims a change, as :func:`table` holds signals."""
    return _chances("false_claims.csv")


def _chances(name: str) -> pd.DataFrame:
    with resources.files(__package__).joinpath(name).open(encoding="utf-8") as file:
        return pd.read_csv(file, comment="#", index_col=["chart", "rules"]).sort_index()


def latest(rules: str, points: int) -> float | None:
    """Chance that a control chart of so many points judges its latest one a special cause.

    By the Anhøj rules: that its runs signal. None under ten points.
    """
    return _claim(("control", rules), points) if points >= SHORTEST else None


def restart(points: Sequence[int]) -> float | None:
    """Chance that the levels of the last two phases seem to differ; 0 for a single phase.

    Read at the length of the shorter one; None under ten points.
    """
    if len(points) < 2:
        return 0.0
    shorter = min(points[-2:])
    return _claim(("restart", "any"), shorter) if shorter >= SHORTEST else None


def _claim(key: tuple[str, str], points: int) -> float:
    lengths = [int(name) for name in claims_table().columns]
    return float(np.interp(points, lengths, claims_table().loc[[key]].to_numpy(dtype=float)[0]))


def name_of(rules: str, shift: int, trend: int) -> str:
    """The name of rules in the table: with the lengths of shift and trend, if others than 7."""
    return rules if shift == trend == 7 else f"{rules}_{shift}_{trend}"


def chance(chart: str, rules: str, points: Sequence[int]) -> float | None:
    """Chance of one false signal or more on a chart whose phases have so many points.

    None if a phase is shorter than the table or no phase is in it; a phase longer than the table
    counts with its last entry, which is then too low.
    """
    if min(points, default=0) < SHORTEST:
        return None
    by_length = table().loc[[(chart, rules)]].to_numpy(dtype=float)[0]
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
