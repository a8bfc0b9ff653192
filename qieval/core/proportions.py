"""Shares and differences of two shares, each with its interval. All are shares (0 to 1).

Statistical packages are loaded where they are used: reading a file needs none of them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from qieval.core.config import CONFIDENCE

_FAR = 8.0
"""Standard errors beyond which a p value is not told apart from 1e-15."""


class Ends(NamedTuple):
    """An estimate and both ends of its interval."""

    value: float
    low: float
    high: float


def wilson(met: float, applicable: float, confidence: float) -> Ends:
    """Share and Wilson interval (Wilson 1927; method 3 of Newcombe 1998, Stat Med 17:857)."""
    if applicable == 0:
        return Ends(np.nan, np.nan, np.nan)
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(met, applicable, alpha=1 - confidence, method="wilson")
    low = 0.0 if met == 0 else float(low)  # computers leave a hair
    return Ends(met / applicable, low, 1.0 if met == applicable else float(high))


def difference(before: tuple[float, float], after: tuple[float, float], confidence: float) -> Ends:
    """After minus before, independent: method 10 of Newcombe 1998, Stat Med 17:873."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        *after, *before, method="newcomb", compare="diff", alpha=1 - confidence
    )
    return Ends(after[0] / after[1] - before[0] / before[1], float(low), float(high))


def difference_p(before: tuple[float, float], after: tuple[float, float]) -> float:
    """The p value of :func:`difference`: at which level its interval just reaches no change.

    So a test by this p value and the interval never disagree.
    """
    change = after[0] / after[1] - before[0] / before[1]
    if change == 0:
        return 1.0

    def nearest_end(z: float) -> float:
        ends = difference(before, after, math.erf(z / math.sqrt(2)))
        return ends.low if change > 0 else -ends.high

    if nearest_end(_FAR) > 0:
        return two_sided(_FAR)
    from scipy.optimize import brentq

    return two_sided(brentq(nearest_end, 1e-9, _FAR))


def two_sided(z: float) -> float:
    """The p value of an estimate so many standard errors from no change, two-sided."""
    return math.erfc(z / math.sqrt(2))


def with_wilson(rows: pd.DataFrame, met: str, applicable: str) -> pd.DataFrame:
    """The rows with ``share, low, high``: the share of `met` in `applicable`, by :func:`wilson`."""
    counts = zip(rows[met], rows[applicable], strict=True)
    ends = [wilson(float(a), float(b), CONFIDENCE) for a, b in counts]
    share, low, high = np.array(ends, dtype=float).reshape(-1, 3).T
    return rows.assign(share=share, low=low, high=high)
