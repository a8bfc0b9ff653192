"""What no model can be fitted to: series that do not vary, or leave nothing to judge chance by.

Each rule takes series as columns (n × N), so that the single fit and the panel refuse the same.
Limits are shares of the values' own differences, and of what a number can hold: neither the unit
nor the origin of a measure matters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qieval.analysis.its.methods.design import Design
from qieval.analysis.its.methods.series import Array
from qieval.core import overlap, periods

ROUNDING = 16 * float(np.finfo(float).eps)
"""Differences under this share of the values are rounding of their last digits."""

EXACT = 1e-9
"""Residuals under this share of a series' own differences are no variation."""

FLAT_WORDS = "Every value is the same."
EXACT_WORDS = "The points lie exactly on straight lines, so chance variation cannot be judged."
EXACT_REMEDY = (
    "Real counts vary. Check whether the column holds a target, a plan or values that were filled "
    "in."
)
RUNNING_WORDS = "The values look like a running total."
OVERLAPPING_WORDS = (
    "The values overlap: each covers several periods (a rolling or running total), so a change is "
    "smeared over them and neighbouring points are not separate evidence."
)


def is_flat(y: Array) -> NDArray[np.bool_]:
    """Whether every value of a series is the same (N,)."""
    return np.asarray(np.ptp(y, axis=0) <= ROUNDING * np.abs(y).max(axis=0), dtype=bool)


def is_exact(x: Array, y: Array) -> NDArray[np.bool_]:
    """Whether the points of a series lie exactly on the lines of a design (N,)."""
    basis, _ = np.linalg.qr(x)
    residual = y - basis @ (basis.T @ y)
    limit = np.maximum(EXACT * np.ptp(y, axis=0), ROUNDING * np.abs(y).max(axis=0))
    return np.asarray(np.abs(residual).max(axis=0) <= limit, dtype=bool)


class Rolling(NamedTuple):
    """Likeliest lengths of rolling totals, and how much likelier than single values they are."""

    length: NDArray[np.int64]
    ratio: Array


def rolling_words(length: int, periods: str) -> str:
    """What is said of a rolling total beyond doubt."""
    return f"The values look like rolling totals of {length} {periods}"


def rolling_totals(y: Array, design: Design, every: str) -> Rolling:
    """Whether series (n, N) look like rolling totals, whatever change and season are theirs."""
    used, lengths = design.used, periods.rolling_lengths(every)
    if not lengths:
        return Rolling(np.zeros(y.shape[1], dtype=np.int64), np.full(y.shape[1], -np.inf))
    at = np.flatnonzero(used).astype(float)
    ratios = overlap.rolling_ratios(y[used], design.x[used], at, lengths)
    best = ratios.argmax(axis=0)
    return Rolling(np.array(lengths)[best], ratios[best, np.arange(y.shape[1])])
