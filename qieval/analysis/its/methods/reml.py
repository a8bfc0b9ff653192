"""REML and ML with AR(1) errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from qieval.analysis.its.methods.ar1 import AR1Fit, Array, fit_ar1
from qieval.analysis.its.methods.fit import Fit, Model, Settings, constant_df, t_inference


def fit_reml(model: Model, settings: Settings) -> Fit:
    """REML with AR(1) errors; the default."""
    found = fit_ar1(model.times, model.x, model.y[:, None])
    n, p = model.x.shape
    df_of: Callable[[Array], Array] = {
        "satterthwaite": lambda gradients: found.satterthwaite(gradients)[0],
        "kenward_roger": lambda gradients: found.satterthwaite(gradients)[0],
        "residual": constant_df(n - p),
        "normal": constant_df(np.inf),
    }[settings.df]
    words = {
        "satterthwaite": "Satterthwaite degrees of freedom",
        "kenward_roger": "Kenward-Roger covariance and degrees of freedom",
        "residual": "residual degrees of freedom",
        "normal": "normal intervals",
    }[settings.df]
    fit = _as_fit(found, f"REML with AR(1) errors, {words}", df_of)
    if settings.df != "kenward_roger":
        return fit
    vcov = kenward_roger(model, found)
    return replace(fit, vcov=vcov, infer=t_inference(vcov, df_of))


def fit_ml(model: Model, settings: Settings) -> Fit:
    """Maximum likelihood with AR(1) errors and residual degrees of freedom; a sensitivity row."""
    found = fit_ar1(model.times, model.x, model.y[:, None], reml=False)
    words = "maximum likelihood with AR(1) errors, residual degrees of freedom"
    return _as_fit(found, words, constant_df(found.residual_df))


def _as_fit(found: AR1Fit, words: str, df_of: Callable[[Array], Array]) -> Fit:
    return Fit(
        words,
        found.beta[0],
        found.vcov[0],
        float(found.rho[0]),
        float(found.sigma2[0]),
        t_inference(found.vcov[0], df_of),
    )


def kenward_roger(model: Model, found: AR1Fit) -> Array:
    """Covariance of the coefficients adjusted for the estimated variance parameters.

    Kenward and Roger 1997, Biometrics 53:983, eq. 5. For a single contrast their degrees of freedom
    are Satterthwaite's. The adjustment is dropped for directions in which it would narrow.
    """
    x, rho, sigma2 = model.x, float(found.rho[0]), float(found.sigma2[0])
    lag = np.abs(model.times[:, None] - model.times[None, :])
    r = rho**lag
    first = np.where(lag > 0, lag * rho ** np.maximum(lag - 1, 0), 0)
    second = np.where(lag > 1, lag * (lag - 1) * rho ** np.maximum(lag - 2, 0), 0)
    inverse = np.linalg.inv(sigma2 * r)
    by = [r, sigma2 * first]  # derivatives of V by sigma2 and rho
    by_two = [[np.zeros_like(r), first], [first, sigma2 * second]]
    phi, weight = found.vcov[0], np.linalg.inv(found.information[0])
    half = inverse @ x
    p_of = [-half.T @ v @ half for v in by]
    total = np.zeros_like(phi)
    for i in range(2):
        for j in range(2):
            q = half.T @ by[i] @ inverse @ by[j] @ half
            total += weight[i, j] * (
                q - p_of[i] @ phi @ p_of[j] - 0.25 * half.T @ by_two[i][j] @ half
            )
    root = np.linalg.cholesky(phi)  # in units of phi itself, so that units of time do not matter
    values, vectors = np.linalg.eigh(root.T @ total @ root)
    widening = vectors @ np.diag(np.maximum(values, 0)) @ vectors.T
    return np.asarray(phi + 2 * root @ widening @ root.T, dtype=float)
