"""Methods by name: each takes a model and returns a fit that can give intervals.

A fit knows how to turn gradients (of any quantity by the coefficients) into standard errors,
degrees of freedom and intervals, so that every effect comes from the full covariance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special, stats

from qieval.analysis.its.ar1 import RHO_HIGH, RHO_LOW, AR1Fit, fit_ar1, on_grid, quadratics
from qieval.analysis.its.series import Array

Method = Literal["reml", "integrated", "ml", "ols"]
DegreesOfFreedom = Literal["satterthwaite", "residual", "normal"]

EDGE = 0.9
"""Above this the autocorrelation cannot be told from a wandering level: see METHODS in the docs."""


@dataclass(frozen=True)
class Model:
    """What is fitted: calendar times (n,), design (n, p), values (n,)."""

    times: Array
    x: Array
    y: Array


@dataclass(frozen=True)
class Inference:
    """Uncertainty of m quantities, each (m,)."""

    se: Array
    ci_low: Array
    ci_high: Array
    p_value: Array
    df: Array


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    method : str
        The method and its settings in words.
    beta : (p,)
        Coefficients.
    vcov : (p, p)
        Their covariance.
    rho : float or None
        Autocorrelation of neighbouring periods, where the method has one.
    sigma2 : float
        Variance of the errors.
    infer : function
        ``infer(estimates, gradients, confidence)`` with gradients (m, p).
    """

    method: str
    beta: Array
    vcov: Array
    rho: float | None
    sigma2: float
    infer: Callable[[Array, Array, float], Inference]


def _t_inference(
    vcov: Array, df_of: Callable[[Array], Array]
) -> Callable[[Array, Array, float], Inference]:
    def infer(estimates: Array, gradients: Array, confidence: float) -> Inference:
        se = np.sqrt(np.einsum("mi,ij,mj->m", gradients, vcov, gradients))
        df = df_of(gradients)
        reach = stats.t.ppf(0.5 + confidence / 2, df) * se
        p_value = 2 * stats.t.sf(np.abs(estimates) / se, df)
        return Inference(se, estimates - reach, estimates + reach, p_value, df)

    return infer


def _ar1(model: Model, reml: bool) -> AR1Fit:
    return fit_ar1(model.times, model.x, model.y[:, None], reml=reml)


def fit_reml(model: Model, df: DegreesOfFreedom) -> Fit:
    """REML with AR(1) errors; the default."""
    fit = _ar1(model, reml=True)
    n, p = model.x.shape

    def df_of(gradients: Array) -> Array:
        if df == "satterthwaite":
            return fit.satterthwaite(gradients)[0]
        return np.full(len(gradients), float(n - p) if df == "residual" else np.inf)

    words = {"satterthwaite": "Satterthwaite", "residual": "residual", "normal": "no (normal)"}
    return Fit(
        f"REML with AR(1) errors, {words[df]} degrees of freedom",
        fit.beta[0],
        fit.vcov[0],
        float(fit.rho[0]),
        float(fit.sigma2[0]),
        _t_inference(fit.vcov[0], df_of),
    )


def fit_ml(model: Model, df: DegreesOfFreedom) -> Fit:
    """Maximum likelihood with AR(1) errors and residual degrees of freedom; a sensitivity row."""
    fit = _ar1(model, reml=False)
    n, p = model.x.shape
    return Fit(
        "maximum likelihood with AR(1) errors, residual degrees of freedom",
        fit.beta[0],
        fit.vcov[0],
        float(fit.rho[0]),
        float(fit.sigma2[0]),
        _t_inference(fit.vcov[0], lambda g: np.full(len(g), float(n - p))),
    )


def fit_ols(model: Model, df: DegreesOfFreedom) -> Fit:
    """Ordinary least squares, which takes the points for independent; a sensitivity row."""
    n, p = model.x.shape
    beta, *_ = np.linalg.lstsq(model.x, model.y, rcond=None)
    sigma2 = float(((model.y - model.x @ beta) ** 2).sum() / (n - p))
    _, triangle = np.linalg.qr(model.x)
    back = np.linalg.inv(triangle)
    vcov = sigma2 * back @ back.T
    infer = _t_inference(vcov, lambda g: np.full(len(g), float(n - p)))
    return Fit("ordinary least squares (autocorrelation ignored)", beta, vcov, None, sigma2, infer)


_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(200)
_RHO_NODES = 0.5 * (RHO_HIGH - RHO_LOW) * _NODES + 0.5 * (RHO_HIGH + RHO_LOW)


def fit_integrated(model: Model, df: DegreesOfFreedom) -> Fit:
    """REML with the autocorrelation integrated out under a flat prior: an exact mixture of t's.

    Every autocorrelation from -1 to 1 is weighed by how well it explains the data, instead of the
    best one being taken for the truth. Intervals are quantiles of the mixture.
    """
    n, p = model.x.shape
    basis, triangle = np.linalg.qr(model.x)
    ordinary = basis.T @ model.y
    left_over = model.y - basis @ ordinary
    scale = float(np.sqrt((left_over**2).mean()))
    q = quadratics(model.times, basis, left_over[:, None] / scale)
    grid = on_grid(q, _RHO_NODES, n, p, reml=True)
    value = grid.log_likelihood[:, 0]
    weight = _NODE_WEIGHTS * np.exp(value - value.max())
    weight /= weight.sum()
    back = np.linalg.inv(triangle)
    betas = (ordinary + scale * grid.coefficients[:, 0]) @ back.T  # (R, p)
    rss = grid.rss[:, 0] * scale**2
    vcovs = (rss / (n - p))[:, None, None] * (back @ grid.inverse @ back.T)
    beta = weight @ betas
    inner = (n - p) / (n - p - 2) if n - p > 2 else np.nan
    off = betas - beta
    vcov = np.einsum("r,rij->ij", weight, vcovs) * (inner if np.isfinite(inner) else 1.0)
    vcov = vcov + np.einsum("r,ri,rj->ij", weight, off, off)

    def infer(estimates: Array, gradients: Array, confidence: float) -> Inference:
        centres = estimates[None] + off @ gradients.T  # (R, m)
        scales = np.sqrt(np.einsum("mi,rij,mj->rm", gradients, vcovs, gradients))
        tail = (1 - confidence) / 2
        low = _mixture_quantile(tail, weight, centres, scales, n - p)
        high = _mixture_quantile(1 - tail, weight, centres, scales, n - p)
        below = weight @ special.stdtr(n - p, -centres / scales)
        p_value = np.minimum(1.0, 2 * np.minimum(below, 1 - below))
        se = np.sqrt(np.einsum("mi,ij,mj->m", gradients, vcov, gradients))
        return Inference(se, low, high, p_value, np.full(len(estimates), float(n - p)))

    return Fit(
        "REML with AR(1) errors, autocorrelation integrated out (flat prior)",
        beta,
        vcov,
        float(weight @ _RHO_NODES),
        float(weight @ rss) / (n - p),
        infer,
    )


def _mixture_quantile(
    probability: float, weight: Array, centres: Array, scales: Array, df: int
) -> Array:
    """Quantile of each mixture of t distributions (m,), by bisection between its parts' own."""
    reach = special.stdtrit(df, probability) * scales
    low, high = (centres + reach).min(0), (centres + reach).max(0)
    heavy = weight > 1e-12  # parts that cannot move a quantile in its ninth figure
    weight, centres, scales = weight[heavy], centres[heavy], scales[heavy]
    for _ in range(48):
        middle = 0.5 * (low + high)
        below = weight @ special.stdtr(df, (middle - centres) / scales) < probability
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


METHODS: dict[str, Callable[[Model, DegreesOfFreedom], Fit]] = {
    "reml": fit_reml,
    "integrated": fit_integrated,
    "ml": fit_ml,
    "ols": fit_ols,
}
