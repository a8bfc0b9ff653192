"""What no model can be fitted to: series that do not vary, or leave nothing to judge chance by.

Each rule takes series as columns (n × N), so that the single fit and the panel refuse the same.
Limits are shares of the values' own differences, and of what a number can hold: neither the unit
nor the origin of a measure matters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qieval.analysis.its.methods.series import Array

ROUNDING = 16 * float(np.finfo(float).eps)
"""Differences under this share of the values are rounding of their last digits."""

EXACT = 1e-9
"""Residuals under this share of a series' own differences are no variation."""

RUNNING_FROM = 8
"""Points from which on a running total is looked for."""

FLAT_WORDS = "Every value is the same."
EXACT_WORDS = "The points lie exactly on straight lines."
RUNNING_WORDS = "The values look like a running total."


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
