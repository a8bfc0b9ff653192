"""Effects: what the model says with the intervention against what it says without.

Every effect is a function of the coefficients; its uncertainty comes from the full covariance
through its gradient (the delta method for the relative effect, exact for the others).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qieval.analysis.its.design import Design, suffix
from qieval.analysis.its.series import Array, Phases, Series
from qieval.core.errors import ParameterError
from qieval.core.periods import noun


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
    """The words for what is counted: of a value, and of a total over periods."""

    value: str
    total: str


def coefficients(design: Design, beta: Array, series: Series, units: Units) -> list[Quantity]:
    """The model's own coefficients that have a meaning: intercept, trend, level and slope changes."""
    rows = []
    for column, name in enumerate(design.names):
        if name.startswith("season_"):
            continue
        slope = name == "trend" or name.startswith("slope_change")
        unit = f"{units.value} per {noun(series.every)}" if slope else units.value
        gradient = np.eye(len(beta))[column]
        rows.append(Quantity(name, float(beta[column]), gradient, unit, int(design.used.sum())))
    return rows


def effects(
    design: Design,
    beta: Array,
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
        difference = design.x[after] - design.without(which)[after]
        for k in reach:
            gradient = difference[k - 1]
            rows.append(
                Quantity(
                    f"effect_at_{k}{suffix(which)}",
                    float(gradient @ beta),
                    gradient,
                    units.value,
                    1,
                )
            )
        inside = after[: max(reach)]
        counted = inside[design.used[inside]]
        rows += _over(design, beta, series, counted, which, units)
    return rows


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
    design: Design, beta: Array, series: Series, rows: np.ndarray, which: int, units: Units
) -> list[Quantity]:
    """Average, cumulative and relative effect over `rows`."""
    weight = series.denominator[rows]
    by_effect = weight @ (design.x[rows] - design.without(which)[rows])
    by_without = weight @ design.without(which)[rows]
    total, without = float(by_effect @ beta), float(by_without @ beta)
    tail, n = suffix(which), len(rows)
    found = [
        Quantity(
            f"average_effect{tail}", total / weight.sum(), by_effect / weight.sum(), units.value, n
        ),
        Quantity(f"cumulative_effect{tail}", total, by_effect, units.total, n),
    ]
    if without > 0:  # a share of nothing, or of less than nothing, has no meaning
        gradient = (by_effect - total / without * by_without) / without
        share = "share of what was expected"
        found.append(Quantity(f"relative_effect{tail}", total / without, gradient, share, n))
    return found
