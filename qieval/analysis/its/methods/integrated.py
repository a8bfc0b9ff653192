"""REML with the autocorrelation integrated out under a flat prior: an exact mixture of t's.

Every autocorrelation (from -0.98 to 0.998) is weighed by how well it explains the data, instead
of the best one being taken for the truth. Intervals are quantiles of the mixture. With a flat prior
on the coefficients and a scale prior on the variance this is the Bayesian posterior (Zellner and
Tiao 1964, J Am Stat Assoc 59:763), and it holds its level on short series (docs/methods).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from qieval.analysis.its.methods.ar1 import RHO_HIGH, RHO_LOW, Array, on_grid, quadratics
from qieval.analysis.its.methods.fit import Fit, Inference, Model, Settings
from qieval.analysis.its.methods.student import student_t

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(80)
_RHO = 0.5 * (RHO_HIGH - RHO_LOW) * _NODES + 0.5 * (RHO_HIGH + RHO_LOW)
_NEGLIGIBLE = 1e-11


@dataclass(frozen=True)
class Mixture:
    """Posterior mixtures of N series that share a design, over R values of rho.

    Attributes
    ----------
    weight : (R, N)
        How much each rho counts.
    rss : (R, N)
        Weighted residual sums of squares.
    beta : (N, p)
        Mean of the coefficients.
    off : (R, N, p)
        Each rho's coefficients less that mean.
    shape : (R, p, p)
        Covariance of the coefficients for a residual variance of 1.
    df : int
        Degrees of freedom of every part.
    """

    weight: Array
    rss: Array
    beta: Array
    off: Array
    shape: Array
    df: int

    @property
    def rho(self) -> Array:
        """Mean autocorrelation (N,)."""
        return _RHO @ self.weight

    def vcov(self) -> Array:
        """Covariance of the coefficients (N, p, p): within the parts and between them."""
        # A t with 2 degrees of freedom or fewer has no variance; its scale then stands for it.
        inner = self.df / (self.df - 2) if self.df > 2 else 1.0
        within = np.einsum("rn,rij->nij", self.weight * self.rss / self.df * inner, self.shape)
        return within + np.einsum("rn,rni,rnj->nij", self.weight, self.off, self.off)

    def infer(self, estimates: Array, gradients: Array, confidence: float) -> Inference:
        """Intervals of quantities (N, m) with gradients (N, m, p)."""
        centres = estimates + np.einsum("rni,nmi->rnm", self.off, gradients, optimize=True)
        spread = np.einsum("nmi,rij,nmj->rnm", gradients, self.shape, gradients, optimize=True)
        scales = np.sqrt(spread * (self.rss / self.df)[:, :, None])
        weight = np.broadcast_to(self.weight[:, :, None], scales.shape)
        kept = self.weight.max(axis=1) > _NEGLIGIBLE
        centres, scales, weight = centres[kept], scales[kept], weight[kept]
        below = (weight * student_t(self.df).below(-centres / scales)).sum(0)
        tail = (1 - confidence) / 2
        return Inference(
            np.sqrt(np.einsum("nmi,nij,nmj->nm", gradients, self.vcov(), gradients)),
            mixture_quantile(tail, weight, centres, scales, self.df),
            mixture_quantile(1 - tail, weight, centres, scales, self.df),
            np.clip(2 * np.minimum(below, 1 - below), 0, 1),
            np.full(estimates.shape, float(self.df)),
        )


def integrate(times: Array, x: Array, y: Array) -> Mixture:
    """The mixtures of N series `y` (n × N) that share a design `x` (n × p)."""
    n, p = x.shape
    basis, triangle = np.linalg.qr(x)
    ordinary = basis.T @ y
    left_over = y - basis @ ordinary
    scale = np.sqrt((left_over**2).mean(0))
    grid = on_grid(quadratics(times, basis, left_over / scale), _RHO, n, p, reml=True)
    weight = _NODE_WEIGHTS[:, None] * np.exp(grid.log_likelihood - grid.log_likelihood.max(0))
    weight /= weight.sum(0)
    back = np.linalg.inv(triangle)
    betas = (ordinary.T + scale[:, None] * grid.coefficients) @ back.T
    beta = np.einsum("rn,rnp->np", weight, betas)
    return Mixture(
        weight, grid.rss * scale**2, beta, betas - beta, back @ grid.inverse @ back.T, n - p
    )


def fit_integrated(model: Model, settings: Settings) -> Fit:
    """REML with the autocorrelation integrated out; the headline of short or wandering series."""
    found = integrate(model.times, model.x, model.y[:, None])

    def infer(estimates: Array, gradients: Array, confidence: float) -> Inference:
        rows = found.infer(estimates[None], gradients[None], confidence)
        return Inference(rows.se[0], rows.ci_low[0], rows.ci_high[0], rows.p_value[0], rows.df[0])

    return Fit(
        "REML with AR(1) errors, autocorrelation integrated out (flat prior)",
        found.beta[0],
        found.vcov()[0],
        float(found.rho[0]),
        float((found.weight * found.rss).sum(0)[0]) / found.df,
        infer,
    )


def mixture_quantile(
    probability: float, weight: Array, centres: Array, scales: Array, df: int
) -> Array:
    """Quantiles of mixtures of t distributions along the first axis.

    Newton steps in a bracket, from the quantile of the t with the mixture's mean and spread; a
    mixture that has settled is left alone.
    """
    t = student_t(df)
    shape = centres.shape[1:]
    weight, centres, scales = (a.reshape(len(a), -1) for a in (weight, centres, scales))
    reach = float(special.stdtrit(df, probability))
    ends = centres + reach * scales
    low, high = ends.min(0), ends.max(0)
    middle = (weight * centres).sum(0)
    spread = np.sqrt((weight * (scales**2 + (centres - middle) ** 2)).sum(0))
    at = np.clip(middle + reach * spread, low, high)
    open_ = np.arange(at.size)
    for _ in range(80):
        w, s = weight[:, open_], scales[:, open_]
        here = at[open_]
        z = (here - centres[:, open_]) / s
        excess = (w * t.below(z)).sum(0) - probability
        low[open_] = np.where(excess < 0, here, low[open_])
        high[open_] = np.where(excess < 0, high[open_], here)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = here - excess / (w / s * t.density(z)).sum(0)
        inside = (step > low[open_]) & (step < high[open_])
        new = np.where(inside, step, 0.5 * (low[open_] + high[open_]))
        at[open_] = new
        open_ = open_[np.abs(new - here) > 1e-11 * (np.abs(new) + spread[open_])]
        if not open_.size:
            break
    return at.reshape(shape)
