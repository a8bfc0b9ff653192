"""Values that share data with their neighbours: rolling and running totals, found in the values.

One detector for charts and models; how often it errs stands in docs/methods/overlapping.md, which
``benchmarks/overlapping.py`` writes. Rolling totals of k periods have a known correlation: their
likelihood (REML, about the columns of a design) is held against that of the best first-order
autoregressive series. A running total never falls, and starts from about one of its own steps.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SURE, ASKED = 3.0, 1.0
"""Log likelihood ratios from which rolling totals are taken for certain, and asked about."""

STEADY = 1.3
"""Ratio of von Neumann (1941) under which values that never fall are a running total: the points
about a line are further apart, the errors of a running total add up."""

RUNNING_FROM, LONGEST = 8, 120
"""Points from which on a running total is looked for, and points at the end that are taken."""

RESTARTS_FROM = 4
"""Points from one start of a total to date to the next: quarters of a year, or months."""

FREE = 5
"""Points that must be left beside the columns of the design."""

PULLED_IN = 2.0
"""Steps are pulled in to so many of their (robust) standard deviations."""

CORRELATIONS = (-0.4, 0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def rolling_ratios(y: Array, x: Array, at: Array, lengths: Sequence[int]) -> Array:
    """How much likelier series are as rolling totals than as autoregressive ones.

    Parameters
    ----------
    y : (n, N)
        A series a column, without gaps; with them, `at` skips periods.
    x : (n, p)
        Columns of what the series may follow: a trend, a season, a change.
    at : (n,)
        Calendar places of the points.
    lengths : sequence of int
        Periods that a total may cover.

    Returns
    -------
    (lengths, N) array
        Differences of the log likelihoods; minus infinity where there are too few points.
    """
    y, x, at = y[-LONGEST:], x[-LONGEST:], at[-LONGEST:]
    left, values, _ = np.linalg.svd(x, full_matrices=False)
    x = left[:, values > 1e-9 * values[0]]
    if len(x) < x.shape[1] + FREE:
        return np.full((len(lengths), y.shape[1]), -np.inf)
    places = tuple(at.tolist())
    free = np.max([_likelihood(y, x, *_whitening(places, rho, 0)) for rho in CORRELATIONS], axis=0)
    totals = [_likelihood(y, x, *_whitening(places, 0.0, length)) for length in lengths]
    return np.reshape(totals, (len(lengths), y.shape[1])) - free


def is_running_total(y: Array, steady: float = STEADY) -> NDArray[np.bool_]:
    """Whether series (n, N) look like running totals, or like totals of the year to date.

    Running totals never fall, the first value is about as large as one step, and their errors add
    up, which those of points about a rising line do not; how clearly is `steady`. Totals to date
    fall to about one step at equal distances, and at no other time.
    """
    if len(y) < RUNNING_FROM:
        return np.zeros(y.shape[1], dtype=bool)
    steps = np.diff(y, axis=0)
    step, first = steps.mean(axis=0), y[0]
    alike = (steps >= 0).all(axis=0) & (step > 0) & (first >= 0.2 * step) & (first <= 5 * step)
    alike &= smoothness(y) < steady
    few = (steps < 0).sum(axis=0) * RESTARTS_FROM <= len(y)
    restarts = [bool(one) and _restarts(column) for one, column in zip(few, y.T, strict=True)]
    return np.asarray(alike | np.array(restarts, dtype=bool), dtype=bool)


def _restarts(y: Array) -> bool:
    """Whether a series adds up and starts anew at equal distances, as totals of a year do."""
    steps = np.diff(y)
    starts = np.flatnonzero(steps < 0) + 1
    if not len(starts) or len(y) < 2 * RESTARTS_FROM + 4:
        return False
    step = steps[steps >= 0].mean()
    if (steps > 0).mean() < 0.5 or (y[starts - 1] < 3 * step).any():
        return False  # rare counts go up and down by one
    lengths, ends = np.diff(starts), (starts[0], len(y) - starts[-1])
    even = len(lengths) == 0 or (np.ptp(lengths) == 0 and max(ends) <= lengths[0])
    long = min(lengths, default=min(ends)) >= RESTARTS_FROM
    return bool(even and long and (y[starts] >= 0).all() and (y[starts] <= 5 * step).all())


def smoothness(y: Array) -> Array:
    """Variance of the steps by that of the points, about a line, of series (n, N); 2 for noise.

    Large steps are pulled in, so that a change of level is not taken for smoothness.
    """
    steps = np.diff(y, axis=0)
    middle = np.median(steps, axis=0)
    reach = PULLED_IN * 1.4826 * np.median(np.abs(steps - middle), axis=0)
    reach = np.where(reach > 0, reach, np.inf)
    course = np.cumsum(np.pad(np.clip(steps - middle, -reach, reach), ((1, 0), (0, 0))), axis=0)
    line = np.arange(len(y)) - (len(y) - 1) / 2
    course -= course.mean(axis=0)
    course -= np.outer(line, line @ course / (line @ line))
    square = (course**2).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(square > 0, (np.diff(course, axis=0) ** 2).mean(axis=0) / square, 2.0)


@functools.lru_cache(maxsize=64)
def _whitening(at: tuple[float, ...], rho: float, length: int) -> tuple[Array, float]:
    """What turns errors white, and half the log determinant of their correlation.

    The correlation is that of rolling totals if there is a length, else of lag 1.
    """
    lag = np.abs(np.subtract.outer(at, at))
    if length:
        # Figures are rounded: without a little noise of its own each would tell all the others.
        correlation = np.maximum(1 - lag / length, 0) + 0.005 * (lag == 0)
    else:
        correlation = np.where(lag % 2, np.sign(rho), 1.0) * np.abs(rho) ** lag
    root = np.linalg.cholesky(correlation)
    return np.linalg.inv(root), float(np.log(np.diag(root)).sum())


def _likelihood(y: Array, x: Array, whitening: Array, determinant: float) -> Array:
    """Restricted log likelihood of each series, but for a constant."""
    orthogonal, upper = np.linalg.qr(whitening @ x)
    white = whitening @ y
    rest = white - orthogonal @ (orthogonal.T @ white)
    square = np.maximum((rest**2).sum(axis=0), 1e-300)
    free = len(x) - x.shape[1]
    fixed = determinant + np.log(np.abs(np.diag(upper))).sum()
    return np.asarray(-0.5 * free * np.log(square / free) - fixed)
