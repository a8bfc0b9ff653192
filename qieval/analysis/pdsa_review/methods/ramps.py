"""Ramps: chains of cycles, each building on the one before."""

from __future__ import annotations

import pandas as pd

from qieval.analysis.pdsa_review.methods.rubric import YES
from qieval.core.result import rows_of


def ramp_numbers(cycles: pd.DataFrame) -> pd.Series:
    """The ramp of each cycle, 1 being the one that began first.

    Where two cycles build on the same one, the earlier goes on with its ramp and the other begins a
    new one.

    Parameters
    ----------
    cycles : DataFrame
        In the order in which they began; ``key`` and ``follows_key``.
    """
    before: dict[str, str | None] = {
        key: follows if isinstance(follows, str) else None
        for key, follows in zip(cycles["key"], cycles["follows_key"], strict=True)
    }
    ramp: dict[str, str] = {}  # cycle → first cycle of its ramp
    continued: set[str] = set()
    # A cycle may stand before the one that it follows, where dates are missing.
    for key in sorted(cycles["key"], key=lambda key: _steps_back(key, before)):
        follows = before[key]
        if follows is not None and follows not in continued:
            continued.add(follows)
            ramp[key] = ramp[follows]
        else:
            ramp[key] = key
    numbers = {
        first: number for number, first in enumerate(dict.fromkeys(map(ramp.get, cycles["key"])), 1)
    }
    return cycles["key"].map(lambda key: numbers[ramp[key]])


def _steps_back(key: str, before: dict[str, str | None]) -> int:
    steps, at = 0, before[key]
    while at is not None:
        steps, at = steps + 1, before[at]
    return steps


def ramps_table(points: pd.DataFrame) -> pd.DataFrame:
    """One row a ramp: its cycles in order, when, how its scale went, what was decided last."""
    rows = []
    for number in sorted(points["ramp"].unique()):
        own = points[points["ramp"] == number]
        first, last = own.iloc[0], own.iloc[-1]
        rows.append(
            {
                "ramp": int(number),
                "project": first["project"],
                "cycles": " → ".join(own["cycle"]),
                "n": len(own),
                "started": own["started"].min(),
                "ended": own["ended"].max(),
                "scale": _scale(own),
                "decision": last["decision"],
            }
        )
    return pd.DataFrame(rows)


def _scale(own: pd.DataFrame) -> str:
    """How the scale went from cycle to cycle (Taylor 2014: did sequential cycles grow?)."""
    if (own["small"] == "not recorded").any():
        return "not recorded for every cycle"
    sizes = [size_in_words(row) for row in rows_of(own)]
    if len(own) == 1:
        return sizes[0]
    share = (own["size"] / own["whole"]).tolist()
    if share[-1] > share[0]:
        return f"grew from {sizes[0]} to {sizes[-1]}"
    if (own["small"] == YES).any():
        return f"from {sizes[0]} to {sizes[-1]}"
    return f"{sizes[0]} throughout" if len(set(sizes)) == 1 else "everyone in every cycle"


def size_in_words(row: object) -> str:
    """How large a test was: "8 of 20"."""
    size, whole = row.size, row.whole  # type: ignore[attr-defined]
    if pd.isna(size):
        return "size not recorded"
    return f"{size:g}" if pd.isna(whole) else f"{size:g} of {whole:g}"
