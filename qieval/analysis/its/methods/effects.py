"""Effects: what the model says with the intervention against what it says without.

Every effect is a function of the coefficients; its uncertainty comes from the full covariance
through its gradient (the delta method for the relative effect, exact for the others).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qieval.analysis.its.methods import Fit
from qieval.analysis.its.methods.design import Design, suffix
from qieval.analysis.its.methods.series import Array, Phases, Series
from qieval.core.errors import ParameterError
from qieval.core.periods import noun

LOG_RATIO = "logarithm of a rate ratio"
"""Unit of a count model's coefficients."""


def at_once(log_link: bool) -> str:
    """The term that tells the change at once in the unit of the data.

    A count model's own level change is the logarithm of a ratio; its effect in the first period is
    the same change in the unit of the data.
    """
    return "effect_at_1" if log_link else "level_change"


@dataclass(frozen=True)
class Quantity:
    """One row of the estimates: a number and its gradient by the coefficients (p,)."""

    term: str
    value: float
    gradient: Array
    unit: str
    n: int


@dataclass(frozen=True)
class Units:
    """What is counted, in words: of a value, of a total.

    ``has_ratio``: whether shares of what was expected make sense; ``beds``: whether the value is
    bed days a day, which is beds.
    """

    value: str
    total: str
    has_ratio: bool = True
    beds: bool = False


def coefficients(design: Design, fit: Fit, series: Series, units: Units) -> list[Quantity]:
    """The model's own coefficients that have a meaning to a reader."""
    rows = []
    value = LOG_RATIO if fit.log_link else units.value
    for column, name in enumerate(design.names):
        if name.startswith("season_"):
            continue
        slope = name == "trend" or name.startswith("slope_change")
        unit = f"{value} per {noun(series.every)}" if slope else value
        gradient = np.eye(len(fit.beta))[column]
        rows.append(Quantity(name, float(fit.beta[column]), gradient, unit, int(design.used.sum())))
    return rows


def effects(
    design: Design,
    fit: Fit,
    series: Series,
    phases: Phases,
    horizons: list[int] | None,
    units: Units,
) -> list[Quantity]:
    """Effects of every intervention.

    ``effect_at_k`` is that of the k-th period after the intervention (the first is k = 1, where it
    equals the level change). Average, cumulative and relative effect are taken over the periods
    with data up to the furthest horizon; with a denominator the average is weighted by it and the
    cumulative effect counts the numerator's units. The relative effect is the ratio of two sums,
    the effect and what would have been without it.
    """
    rows: list[Quantity] = []
    for which in range(len(phases.given)):
        window = phases.after(which)
        after = np.arange(len(series.starts))[window]
        reach = _reach(horizons, len(after), series, which)
        if fit.log_link and 1 not in reach:
            reach = [1, *reach]
        difference, gradient, _, _ = _with_and_without(design, fit, after, which)
        for k in reach:
            term = f"effect_at_{k}{suffix(which)}"
            rows.append(Quantity(term, float(difference[k - 1]), gradient[k - 1], units.value, 1))
        inside = after[: max(reach)]
        counted = inside[design.used[inside]]
        rows += _over(design, fit, series, counted, which, units)
    return rows


def _with_and_without(
    design: Design, fit: Fit, rows: np.ndarray, which: int
) -> tuple[Array, Array, Array, Array]:
    """Effect in each row and its gradient; what would have been without it and its gradient."""
    x, x0 = design.x[rows], design.without(which)[rows]
    without, without_by = fit.mean(x0), fit.mean_gradient(x0)
    return fit.mean(x) - without, fit.mean_gradient(x) - without_by, without, without_by


def _reach(horizons: list[int] | None, available: int, series: Series, which: int) -> list[int]:
    if not horizons:
        return [available]
    for k in horizons:
        if not 1 <= k <= available:
            word = noun(series.every, 2)
            raise ParameterError(
                "`horizon` lies beyond the data.",
                found=f"{k}; there are {available} {word} after the intervention"
                + (f" number {which + 1}" if which else ""),
                remedy=f"Give a number from 1 to {available}, or leave it out for all of them.",
            )
    return sorted(set(horizons))


def _over(
    design: Design, fit: Fit, series: Series, rows: np.ndarray, which: int, units: Units
) -> list[Quantity]:
    """Average, cumulative and relative effect over `rows`."""
    weight = series.denominator[rows]
    effect, effect_by, expected, expected_by = _with_and_without(design, fit, rows, which)
    total, without = float(weight @ effect), float(weight @ expected)
    by_effect, by_without = weight @ effect_by, weight @ expected_by
    tail, n, days = suffix(which), len(rows), float(weight.sum())
    found = [
        Quantity(f"average_effect{tail}", total / days, by_effect / days, units.value, n),
        Quantity(f"cumulative_effect{tail}", total, by_effect, units.total, n),
    ]
    if without > 0 and units.has_ratio:  # a share of nothing, or of a difference, has no meaning
        gradient = (by_effect - total / without * by_without) / without
        share = "share of what was expected"
        found.append(Quantity(f"relative_effect{tail}", total / without, gradient, share, n))
    return found
