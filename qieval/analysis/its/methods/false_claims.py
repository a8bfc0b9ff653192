"""How often the headline claims a change where nothing changed, by length and memory of a series.

The shares come from ``false_claims.csv``, which holds figures of docs/methods: errors of an AR(1),
the change in the middle, the default method. Counts of events: the mean over numbers of events.
"""

from __future__ import annotations

import functools
from importlib import resources

import numpy as np
import pandas as pd


@functools.lru_cache
def table() -> pd.DataFrame:
    """Claims in 100: ``family, points, rho, claims``."""
    with resources.files(__package__).joinpath("false_claims.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, comment="#")


def chance(events: bool, points: int, rho: float) -> float:
    """The share of headlines that claim a change, between the lengths and memories of the table.

    Beyond its ends it is that of the end.
    """
    rows = table()[table()["family"] == ("events" if events else "gaussian")]
    lengths, by_length = [], []
    for length, part in rows.groupby("points"):
        lengths.append(float(length))  # type: ignore[arg-type]
        by_length.append(float(np.interp(rho, part["rho"], part["claims"])))
    return float(np.interp(points, lengths, by_length)) / 100
