"""What a funnel could find at all: the chance that a unit with a stated difference lies outside."""

from __future__ import annotations

import numpy as np
from scipy import stats

from qieval.analysis.funnel.methods.scales import Array, FunnelKind
from qieval.core.errors import ParameterError

DIFFERENCE: dict[FunnelKind, float] = {"proportion": 0.1, "rate": 0.2, "ratio": 0.2}
"""The difference looked for unless a parameter names one: 10 percentage points, or a fifth."""

WANTED = 0.8
"""The chance that is called enough."""


def true_values(target: float, difference: float, kind: FunnelKind) -> list[float]:
    """What a unit that differs would truly be at: lower and higher, where both can be.

    Raises
    ------
    ParameterError
        If no unit can differ by so much.
    """
    step = difference if kind == "proportion" else difference * target
    values = [target - step, target + step]
    possible = [value for value in values if value > 0 and (kind != "proportion" or value < 1)]
    if difference <= 0 or not possible:
        raise ParameterError(
            "`difference` must be above 0 and leave values that can be.",
            found=f"{difference:g} around a target of {target:.3g}",
            remedy="For a proportion write 0.1 for ten percentage points; for a rate or ratio 0.2 "
            "for a fifth of the target.",
        )
    return possible


def power(size: Array, lower: Array, upper: Array, values: list[float], kind: FunnelKind) -> Array:
    """For each unit the chance of lying outside its limits, the smaller one of both sides."""
    return np.min([_outside(size, lower, upper, value, kind) for value in values], axis=0)


def _outside(size: Array, lower: Array, upper: Array, value: float, kind: FunnelKind) -> Array:
    chance = (
        stats.binom(size.astype(int), value)
        if kind == "proportion"
        else stats.poisson(size * value)
    )
    # A count on the limit is inside: numbers this close are the same.
    hair = 1e-9
    below = chance.cdf(np.ceil(lower * size - hair) - 1)
    above = chance.sf(np.floor(upper * size + hair))
    return np.asarray(below + above, dtype=float)
