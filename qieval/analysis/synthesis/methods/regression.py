"""Meta-regression on one number a team: a line through effects that are known with error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from qieval.analysis.synthesis.methods.random_effects import Array, reml, solve


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
    tau2 = reml(y, v, design)
    w, inner, beta = solve(np.asarray(tau2), y, v, design)
    scale = float(w @ (y - design @ beta) ** 2) / (len(y) - 2)
    back = np.array([[1, -middle / spread], [0, 1 / spread]])
    covariance = max(1.0, scale) * inner
    return Regression(
        tau2, back @ beta, back @ covariance @ back.T, len(y) - 2, bool(scale < 1 - 1e-9)
    )
