"""Sensitivity rows: ordinary least squares, Newey-West, Prais-Winsten.

None holds its level on short autocorrelated series (docs/methods); they are offered because readers
know them, by name and with their settings.
"""

from __future__ import annotations

import numpy as np

from qieval.analysis.its.methods.ar1 import RHO_HIGH, RHO_LOW, Array
from qieval.analysis.its.methods.fit import Fit, Model, Settings, constant_df, t_inference


def _ordinary(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Coefficients, residuals and (X'X)^-1."""
    basis, triangle = np.linalg.qr(x)
    back = np.linalg.inv(triangle)
    beta = back @ (basis.T @ y)
    return beta, y - x @ beta, back @ back.T


def fit_ols(model: Model, settings: Settings) -> Fit:
    """Ordinary least squares, which takes the points for independent."""
    n, p = model.x.shape
    beta, residuals, bread = _ordinary(model.x, model.y)
    sigma2 = float(residuals @ residuals) / (n - p)
    vcov = sigma2 * bread
    words = "ordinary least squares (autocorrelation ignored)"
    return Fit(words, beta, vcov, None, sigma2, t_inference(vcov, constant_df(n - p)))


def fit_newey_west(model: Model, settings: Settings) -> Fit:
    """OLS with Newey and West's covariance: fixed lags, n/(n-p) correction, t.

    Newey and West 1987, Econometrica 55:703. Lags are calendar distances. There is no automatic
    bandwidth: its standard error changes with where time is centred.
    """
    n, p = model.x.shape
    beta, residuals, bread = _ordinary(model.x, model.y)
    apart = np.abs(model.times[:, None] - model.times[None, :])
    kernel = np.maximum(0, 1 - apart / (settings.lags + 1))
    scores = model.x * residuals[:, None]
    vcov = n / (n - p) * bread @ (scores.T @ kernel @ scores) @ bread
    return Fit(
        f"ordinary least squares with Newey-West errors ({settings.lags} lags, n/(n-p), t)",
        beta,
        vcov,
        None,
        float(residuals @ residuals) / (n - p),
        t_inference(vcov, constant_df(n - p)),
    )


def fit_prais_winsten(model: Model, settings: Settings) -> Fit:
    """Prais-Winsten, iterated to convergence, first row kept.

    Prais and Winsten 1954, Cowles Commission Discussion Paper 383. The autocorrelation is estimated
    from points that are neighbours in the calendar; gaps are allowed for in the transformation.
    """
    n, p = model.x.shape
    steps = np.diff(model.times)
    _, residuals, _ = _ordinary(model.x, model.y)
    rho = 0.0
    for _ in range(200):
        new = _neighbours(residuals, steps)
        x, y = _transformed(model.x, steps, new), _transformed(model.y, steps, new)
        beta, left_over, bread = _ordinary(x, y)
        residuals = model.y - model.x @ beta
        settled = abs(new - rho) < 1e-10
        rho = new
        if settled:
            break
    sigma2 = float(left_over @ left_over) / (n - p)
    vcov = sigma2 * bread
    words = "Prais-Winsten, iterated, residual degrees of freedom"
    return Fit(words, beta, vcov, rho, sigma2, t_inference(vcov, constant_df(n - p)))


def _neighbours(residuals: Array, steps: Array) -> float:
    beside = steps == steps.min()
    before, now = residuals[:-1][beside], residuals[1:][beside]
    return float(np.clip((now @ before) / (before @ before), RHO_LOW, RHO_HIGH))


def _transformed(rows: Array, steps: Array, rho: float) -> Array:
    """Rows made uncorrelated, in units of the errors' own standard deviation."""
    a = rho**steps
    a = a if rows.ndim == 1 else a[:, None]
    rest = (rows[1:] - a * rows[:-1]) / np.sqrt(1 - a**2)
    return np.concatenate([rows[:1], rest])
