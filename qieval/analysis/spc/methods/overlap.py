"""Values that share data with their neighbours: rolling and running totals.

Two tests, with their error rates in docs/methods/spc.md. Rolling totals of k periods have a known
correlation: their likelihood (REML, about a trend and a yearly wave) is compared with that of the
best autoregressive series. And whatever the length: the variance of the steps from point to point
is compared with that of the points (von Neumann 1941), steps of the level pulled in.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from qieval.analysis.spc.methods.series import Array, Series
from qieval.core import periods
from qieval.core.checks import Check
from qieval.core.errors import CannotEvaluate

SURE, ASKED = 3.0, 1.0
"""Log likelihood ratios from which rolling totals are taken for certain, and asked about."""

SMOOTH = 0.87
"""Von Neumann ratio under which points are far more alike than independent ones (where it is 2):
5 % of first-order autoregressive series with a correlation of 0.4 lie under it."""

STEADY = 1.3
"""Ratio under which values that never fall, from about one step on, are a running total: points
about a line are further apart."""

FEWEST, LONGEST, MOST_UNITS = 12, 120, 100
"""Points that the tests need, points at the end that they take, and units."""

PULLED_IN = 2.0
"""Steps are pulled in to so many of their (robust) standard deviations."""

CORRELATIONS = (-0.4, 0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def overlap(series: Series, overlapping: bool | None, refuse: bool) -> list[Check]:
    """Rolling and running totals: refused on a chart with limits, a failed check without.

    Raises
    ------
    CannotEvaluate
        If `refuse` and the values overlap.
    """
    if overlapping is False:
        return []
    stretches = _stretches(series)
    width, ratio = _rolling(series, stretches)
    smooth = _mostly([_smoothness(y) < SMOOTH for y, _ in stretches])
    if _mostly([_like_a_running_total(y) & (_smoothness(y) < STEADY) for y, _ in stretches]):
        what = "look like a running total"
    elif ratio > SURE:
        what = f"look like rolling totals of {width} {series.noun(2)}"
    elif overlapping:
        what = "overlap"
    elif smooth or ratio > ASKED:
        return [_asked()]
    else:
        return []
    problem = (
        f"The values {what}: neighbouring points share data, so they are not separate evidence"
    )
    if refuse:
        raise CannotEvaluate(
            f"{problem}, and limits from them would be far too tight.",
            remedy="Give the value of each period by itself. If the values do not overlap, say so "
            "with `overlapping: false`.",
        )
    why = f"{problem}; long runs mean nothing here."
    return [Check("overlapping_values", "Overlapping values", "fail", why)]


def _asked() -> Check:
    return Check(
        "neighbours_alike",
        "Neighbouring points",
        "warn",
        "Neighbouring points are more alike than separate ones would be. Does each value cover "
        "several periods, as a rolling or running total does? Then say `overlapping: true`, else "
        "`overlapping: false`. Where the level merely drifts or follows the season, signals mean "
        "less than the rules promise.",
    )


def _mostly(found: list[NDArray[np.bool_]]) -> bool:
    every = np.concatenate(found) if found else np.zeros(0, dtype=bool)
    return bool(every.size and every.mean() > 0.5)


def _stretches(series: Series) -> list[tuple[Array, int]]:
    """The latest stretches without a gap, those of one place together: (values, first column)."""
    together: dict[tuple[int, int], list[Array]] = {}
    for row, present in zip(series.y[:MOST_UNITS], series.present[:MOST_UNITS], strict=True):
        gaps = np.flatnonzero(np.r_[True, ~present, True]) - 1
        stretch = int(np.argmax(np.diff(gaps)))
        first, stop = int(gaps[stretch]) + 1, int(gaps[stretch + 1])
        first = max(first, stop - LONGEST)
        values = row[first:stop]
        if len(values) >= FEWEST and np.ptp(values) > 0:
            together.setdefault((first, stop), []).append(values)
    return [(np.stack(values), first) for (first, _), values in together.items()]


def _like_a_running_total(y: Array) -> NDArray[np.bool_]:
    """Never falling, from about one step on."""
    steps = np.diff(y, axis=1)
    step, first = steps.mean(axis=1), y[:, 0]
    return (steps >= 0).all(axis=1) & (first >= 0.2 * step) & (first <= 5 * step)


def _smoothness(y: Array) -> Array:
    """Variance of the steps by that of the points, about a line, with large steps pulled in."""
    steps = np.diff(y, axis=1)
    middle = np.median(steps, axis=1, keepdims=True)
    reach = PULLED_IN * 1.4826 * np.median(np.abs(steps - middle), axis=1, keepdims=True)
    reach = np.where(reach > 0, reach, np.inf)
    course = np.cumsum(np.pad(np.clip(steps - middle, -reach, reach), ((0, 0), (1, 0))), axis=1)
    at = np.arange(y.shape[1]) - (y.shape[1] - 1) / 2
    course -= course.mean(axis=1, keepdims=True)
    course -= (course @ at / (at @ at))[:, None] * at
    square = (course**2).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(square > 0, (np.diff(course, axis=1) ** 2).mean(axis=1) / square, 2.0)


# ---- rolling totals of so many periods ---------------------------------------------------------


def _rolling(series: Series, stretches: list[tuple[Array, int]]) -> tuple[int, float]:
    """The likeliest width, and its log likelihood ratio over all units."""
    widths = () if series.every == "event" else periods.rolling_lengths(series.every)
    total = dict.fromkeys(widths, 0.0)
    for y, first in stretches:
        x = _course(first, y.shape[1], series.every)
        if y.shape[1] <= x.shape[1] + 4:
            continue
        free = np.max([_likelihood(y, x, rho, 0) for rho in CORRELATIONS], axis=0)
        for width in widths:
            total[width] += float(np.sum(_likelihood(y, x, 0.0, width) - free))
    # Nothing was tested: no evidence either way.
    known = {width: ratio for width, ratio in total.items() if ratio}
    return max(known.items(), key=lambda one: one[1]) if known else (0, -np.inf)


def _course(first: int, points: int, every: str) -> Array:
    """Columns of a trend, and of a yearly wave: one pair from 24 points on, two from 36."""
    at = np.arange(first, first + points, dtype=float)
    columns, per_year = [np.ones_like(at), at - at.mean()], periods.per_year(every)
    for pair in range(1, 1 + (points >= 24) + (points >= 36)):
        angle = 2 * np.pi * pair * at / per_year
        columns += [np.cos(angle), np.sin(angle)] if per_year > 2 * pair else []
    return np.stack(columns, axis=1)


@functools.lru_cache(maxsize=64)
def _root(points: int, rho: float, width: int) -> Array:
    """Root of the correlation matrix: of rolling totals if there is a width, else of lag 1."""
    lag = np.abs(np.subtract.outer(np.arange(points), np.arange(points)))
    if width:
        # Figures are rounded: without a little noise of its own each would tell all the others.
        return np.linalg.cholesky(np.maximum(1 - lag / width, 0) + 0.005 * (lag == 0))
    return np.linalg.cholesky(np.sign(rho) ** lag * np.abs(rho) ** lag)


def _likelihood(y: Array, x: Array, rho: float, width: int) -> Array:
    """Restricted log likelihood of each row, but for a constant."""
    root = _root(len(x), rho, width)
    orthogonal, upper = np.linalg.qr(solve_triangular(root, x, lower=True))
    white = solve_triangular(root, y.T, lower=True)
    rest = white - orthogonal @ (orthogonal.T @ white)
    square = np.maximum((rest**2).sum(axis=0), 1e-300)
    free = len(x) - x.shape[1]
    fixed = np.log(np.diag(root)).sum() + np.log(np.abs(np.diag(upper))).sum()
    return np.asarray(-0.5 * free * np.log(square / free) - fixed)
