"""Estimates: one row a term, with its interval; the same columns in every result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

ESTIMATE_COLUMNS = [
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "p_value",
    "df",
    "unit",
    "n",
    "method",
]


class Estimate(NamedTuple):
    """One row of the estimates as plain numbers."""

    value: float
    low: float
    high: float
    unit: str
    n: int

    @property
    def side(self) -> int:
        """-1 or 1 if the interval lies wholly below or above zero, else 0."""
        return int(self.low > 0) - int(self.high < 0)


def estimate_row(
    term: str,
    value: float,
    low: float = np.nan,
    high: float = np.nan,
    *,
    unit: str,
    n: int,
    method: str,
    se: float = np.nan,
    p_value: float = np.nan,
    df: float = np.nan,
) -> dict[str, Any]:
    """One row of an estimates table; what is not known is nan.

    Parameters
    ----------
    term : str
        Name of the estimate, unique in its table.
    value, low, high : float
        The estimate and both ends of its interval, in `unit`.
    unit : str
        Unit of the estimate.
    n : int
        How many observations it rests on.
    method : str
        How the interval was computed.
    se, p_value, df : float
        Standard error, p value and degrees of freedom.
    """
    return {
        "term": term,
        "estimate": float(value),
        "se": float(se),
        "ci_low": float(low),
        "ci_high": float(high),
        "p_value": float(p_value),
        "df": float(df),
        "unit": unit,
        "n": int(n),
        "method": method,
    }


def estimates_table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """An estimates table (index ``term``) from rows of :func:`estimate_row`."""
    table = pd.DataFrame(list(rows), columns=["term", *ESTIMATE_COLUMNS])
    return table.set_index("term")
