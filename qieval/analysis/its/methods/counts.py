"""Count models with a log link and the denominator as offset; sensitivity rows.

Effects are on the scale of the data; level and slope changes are logarithms of rate ratios. Each
likelihood is maximised here until a stated criterion is met, so that what a result says does not
hang on the last bit of a number (McCullagh and Nelder 1989; Lawless 1987, Can J Stat 15:209).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from qieval.analysis.its.methods.ar1 import Array
from qieval.analysis.its.methods.fit import Fit, Model, Settings, constant_df, t_inference
from qieval.core.errors import CannotEvaluate, DataError

_STEPS = 100
_CONVERGED = 1e-10
"""A fit has converged when no linear predictor would move by more than this: the step taken then
leaves an error far below it."""

_EMPTY = 1e-8
"""A mean under this share of the mean count is a zero: the likelihood has no maximum."""

_LEAST_SPREAD = 1e-4
"""Spread beyond chance, as a share of chance at the mean count, under which there is none."""


def fit_counts(model: Model, settings: Settings, family: str) -> Fit:
    """Poisson, quasi-Poisson (Pearson scale, t) or negative binomial (NB2) regression.

    Raises
    ------
    DataError
        If a value is below zero.
    CannotEvaluate
        If the likelihood has no maximum.
    """
    n, p = model.x.shape
    counts = model.y * model.denominator
    if (counts < 0).any():
        raise DataError(
            "A count model needs values of zero or more.",
            found=f"{counts.min():g}",
            remedy="Use `family: gaussian`, or check the column.",
        )
    basis, triangle = np.linalg.qr(model.x)  # units of the columns do not matter to the search
    back = np.linalg.inv(triangle)
    regression = Regression(counts, basis, np.log(model.denominator))
    if family == "negative_binomial":
        alpha, beta, vcov = _negative_binomial(regression)
        words, spread, df = f"negative binomial regression (NB2, alpha {alpha:.3g})", alpha, n - p
    else:
        beta, mean = regression.maximum(0.0)
        vcov = np.linalg.inv(basis.T @ (mean[:, None] * basis))
        words, spread, df = "Poisson regression", 1.0, np.inf
    if family == "quasipoisson":
        spread, df = float(((counts - mean) ** 2 / mean).sum()) / (n - p), n - p
        words, vcov = "quasi-Poisson regression (Pearson scale, t)", vcov * spread
    vcov = back @ vcov @ back.T
    infer = t_inference(vcov, constant_df(df))
    return Fit(words, back @ beta, vcov, None, spread, infer, log_link=True)


@dataclass(frozen=True)
class Regression:
    """Counts, their design and their offset (logarithm of the exposure)."""

    counts: Array
    x: Array
    offset: Array

    def maximum(self, alpha: float) -> tuple[Array, Array]:
        """Coefficients and means of the highest likelihood at a known NB2 alpha (0: Poisson).

        Raises
        ------
        CannotEvaluate
            If there is none: a part of the series holds only zeros.
        """
        least = _EMPTY * max(float(self.counts.mean()), 1.0)
        start = np.log(self.counts + 0.5) - self.offset
        beta = np.asarray(np.linalg.lstsq(self.x, start, rcond=None)[0], dtype=float)
        for _ in range(_STEPS):
            mean: Array = np.exp(self.x @ beta + self.offset)
            if mean.min() < least or not np.isfinite(mean).all():
                break
            weight = mean / (1 + alpha * mean)
            score = self.x.T @ ((self.counts - mean) / (1 + alpha * mean))
            step = np.linalg.solve(self.x.T @ (weight[:, None] * self.x), score)
            reach = float(np.abs(self.x @ step).max())
            beta = beta + step / max(1.0, reach)  # no predictor moves by more than 1 at a time
            if reach < _CONVERGED:
                mean = np.exp(self.x @ beta + self.offset)
                return beta, mean
        raise CannotEvaluate(
            "A count model could not be fitted to these data.",
            found="no maximum of the likelihood: on one side of the change there is next to "
            "nothing to count",
            remedy="Take longer periods, or add wards together.",
        )

    def alpha_slope(self, alpha: float) -> float:
        """Derivative of the profile log likelihood by alpha."""
        _, mean = self.maximum(alpha)
        theta = 1 / alpha
        by_theta = (
            special.digamma(self.counts + theta)
            - special.digamma(theta)
            - np.log1p(mean / theta)
            + (mean - self.counts) / (theta + mean)
        )
        return -(theta**2) * float(by_theta.sum())

    def information(self, alpha: float, mean: Array) -> Array:
        """Observed information of the coefficients and alpha (p + 1, p + 1)."""
        theta, over = 1 / alpha, 1 + alpha * mean
        by_theta = (
            special.digamma(self.counts + theta)
            - special.digamma(theta)
            - np.log1p(mean / theta)
            + (mean - self.counts) / (theta + mean)
        )
        twice = (
            special.polygamma(1, self.counts + theta)
            - special.polygamma(1, theta)
            + mean / (theta * (theta + mean))
            - (mean - self.counts) / (theta + mean) ** 2
        )
        p = self.x.shape[1]
        found = np.empty((p + 1, p + 1))
        weight = mean * (1 + alpha * self.counts) / over**2
        found[:p, :p] = self.x.T @ (weight[:, None] * self.x)
        found[:p, p] = found[p, :p] = self.x.T @ (mean * (self.counts - mean) / over**2)
        found[p, p] = -float((theta**4 * twice + 2 * theta**3 * by_theta).sum())
        return found


def _negative_binomial(regression: Regression) -> tuple[float, Array, Array]:
    """Alpha of the highest profile likelihood, coefficients there and their covariance.

    Refused where that alpha is next to zero.
    """
    least = _LEAST_SPREAD / max(float(regression.counts.mean()), 1e-12)
    if regression.alpha_slope(least) <= 0:
        raise CannotEvaluate(
            "The negative binomial model could not be fitted to these data.",
            found="counts that vary no more than chance, for which it has no place",
            remedy="Use `family: quasipoisson`.",
        )
    most = 10 * least
    while regression.alpha_slope(most) > 0:
        most *= 10
        if most > 1e12 * least:
            raise CannotEvaluate(
                "The negative binomial model could not be fitted to these data.",
                found="no maximum of the likelihood",
                remedy="Use `family: quasipoisson`.",
            )
    alpha = float(optimize.brentq(regression.alpha_slope, most / 10, most, xtol=1e-14, rtol=1e-12))
    beta, mean = regression.maximum(alpha)
    both = np.asarray(np.linalg.inv(regression.information(alpha, mean)), dtype=float)
    return alpha, beta, both[:-1, :-1]
