"""Meta-regression on one number a team: a line through effects that are known with error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from qieval.analysis.synthesis.methods.random_effects import Array

_STEPS = 60
"""Values of tau² of the grid; the highest is looked for between its neighbours."""


@dataclass(frozen=True)
class Regression:
    """A line through the effects of k teams.

    Attributes
    ----------
    tau2 : float
        Variance of the true effects around the line (REML).
    beta : (2,)
        Intercept and slope.
    vcov : (2, 2)
        Their covariance by Hartung and Knapp, never smaller than Wald's.
    df : int
        Degrees of freedom, k - 2.
    floored : bool
        Whether it was raised to Wald's.
    """

    tau2: float
    beta: Array
    vcov: Array
    df: int
    floored: bool

    def ends(self, weights: Array, confidence: float) -> Array:
        """Combinations (m, 2) of the coefficients with their intervals: (m, 3)."""
        value = weights @ self.beta
        reach = stats.t.ppf(0.5 + confidence / 2, self.df) * np.sqrt(
            np.einsum("mi,ij,mj->m", weights, self.vcov, weights)
        )
        return np.column_stack([value, value - reach, value + reach])


def regress(y: Array, v: Array, x: Array) -> Regression:
    """The line by REML with the covariance of Knapp and Hartung 2003 (Stat Med 22:2693).

    Parameters
    ----------
    y, v : (k,)
        Effects and their variances.
    x : (k,)
        What they may go with; more than one value, or there is no line.
    """
    # About the middle and in units of the spread, so that the unit of x does not matter.
    middle, spread = float(x.mean()), float(x.std())
    design = np.column_stack([np.ones_like(x), (x - middle) / spread])
    tau2 = _reml(y, v, design)
    beta, inner, weighted = _solve(tau2, y, v, design)
    scale = weighted / (len(y) - 2)
    back = np.array([[1, -middle / spread], [0, 1 / spread]])
    covariance = max(1.0, scale) * inner
    return Regression(
        tau2, back @ beta, back @ covariance @ back.T, len(y) - 2, bool(scale < 1 - 1e-9)
    )


def _solve(tau2: float, y: Array, v: Array, design: Array) -> tuple[Array, Array, float]:
    """Coefficients, inverse information and weighted squares at a given tau²."""
    w = 1 / (v + tau2)
    inner: Array = np.linalg.inv((design.T * w) @ design).astype(np.float64)
    beta = inner @ (design.T @ (w * y))
    return beta, inner, float(w @ (y - design @ beta) ** 2)


def _minus_likelihood(tau2: float, y: Array, v: Array, design: Array) -> float:
    """The restricted log-likelihood with its sign changed, without its constant."""
    _, inner, weighted = _solve(tau2, y, v, design)
    return 0.5 * float(np.log(v + tau2).sum() - np.linalg.slogdet(inner)[1] + weighted)


def _reml(y: Array, v: Array, design: Array) -> float:
    """The tau² of the highest restricted likelihood: on a grid, then between its neighbours."""
    top = max(10 * float(v.max()), 1.5 * float(y.var(ddof=1)))
    grid = np.concatenate([[0.0], np.geomspace(1e-4 * float(v.min()), top, _STEPS)])
    values = [_minus_likelihood(one, y, v, design) for one in grid]
    best = int(np.argmin(values))
    low, high = grid[max(0, best - 1)], grid[min(_STEPS, best + 1)]
    found = optimize.minimize_scalar(
        lambda share: _minus_likelihood(share * top, y, v, design),
        bounds=(low / top, high / top),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return 0.0 if best == 0 and found.fun >= values[0] else float(found.x * top)
