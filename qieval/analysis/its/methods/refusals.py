"""What no model can be fitted to: series that do not vary, or leave nothing to judge chance by.

Each rule takes series as columns (n × N), so that the single fit and the panel refuse the same.
Limits are shares of the values' own differences, and of what a number can hold: neither the unit
nor the origin of a measure matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qieval.analysis.its.methods.series import Array

ROUNDING = 16 * float(np.finfo(float).eps)
"""Differences under this share of the values are rounding of their last digits."""

EXACT = 1e-9
"""Residuals under this share of a series' own differences are no variation."""

FEWEST_PAIRS = 8
"""Pairs of steps from which on a rolling total is looked for."""

RUNNING_FROM = 8
"""Points from which on a running total is looked for."""

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


def is_running_total(y: Array) -> NDArray[np.bool_]:
    """Whether a series looks like a running total (N,).

    Each value is higher than the one before, and the first is about as large as one step.
    """
    if len(y) < RUNNING_FROM:
        return np.zeros(y.shape[1], dtype=bool)
    steps = np.diff(y, axis=0)
    mean = steps.mean(axis=0)
    alike = (0.2 * mean <= y[0]) & (y[0] <= 5 * mean) & (steps.std(axis=0) < mean)
    return np.asarray((steps > 0).all(axis=0) & alike, dtype=bool)


class Rolling(NamedTuple):
    """Series that look like rolling totals: of how many periods (0: none), and how clearly (N,)."""

    length: NDArray[np.int64]
    opposed: Array
    certain: NDArray[np.bool_]


def rolling_words(length: int, periods: str) -> str:
    """What is said of a rolling total beyond doubt."""
    return f"The values look like rolling totals of {length} {periods}"


def rolling_totals(left_over: Array, lengths: Sequence[int]) -> Rolling:
    """Which series look like rolling totals; `left_over`: change and season taken out, gaps NaN.

    The step from one rolling total of k periods to the next is a new value less the one k periods
    before: steps are then alike from one to the next, and opposed at a distance of k. Steps of
    single values are opposed to their neighbours instead.
    """
    steps = np.diff(left_over, axis=0)
    count = steps.shape[1]
    found = Rolling(
        np.zeros(count, dtype=np.int64), np.zeros(count), np.zeros(count, dtype=np.bool_)
    )
    for length in lengths:
        if len(steps) <= length:
            continue
        opposed, pairs = _likeness(steps, length)
        seen = (found.length == 0) & (pairs >= FEWEST_PAIRS) & (opposed <= -0.35)
        seen &= _likeness(steps, 1)[0] >= -0.15
        found.length[seen], found.opposed[seen] = length, opposed[seen]
        found.certain[seen] = (opposed * np.sqrt(pairs) < -3.3)[seen]
    return found


def _likeness(steps: Array, lag: int) -> tuple[Array, NDArray[np.int64]]:
    """Correlation of steps that lie `lag` apart (0 of steps that are none), and of how many pairs.

    Gaps are left out.
    """
    together, squares = steps[lag:] * steps[:-lag], steps**2
    pairs = np.isfinite(together).sum(axis=0)
    mean = np.nansum(together, axis=0) / np.maximum(pairs, 1)
    spread = np.nansum(squares, axis=0) / np.maximum(np.isfinite(squares).sum(axis=0), 1)
    return np.divide(mean, spread, out=np.zeros_like(mean), where=spread > 0), pairs
