"""Events counted per period, with memory: a count model whose errors are those of the default.

1. Poisson regression with Jeffreys' penalty (Firth 1993, Biometrika 80:27), which is finite where a
   side has no events.
2. Its Pearson residuals in a working linear model (columns and season times the root of the mean)
   with AR(1) errors, the autocorrelation integrated out as in the default (Zeger 1988, Biometrika
   75:621; Liang and Zeger 1986, Biometrika 73:13): one generalised least squares step per node. The
   residual variance never counts as less than chance alone, and the autocorrelation ends at .9: on
   this scale a random walk is an artefact of small counts.
3. Everything is on the log scale; :mod:`qieval.analysis.its.methods.effects` turns it into events.

With fewer than five events on a side there is no trend to fit: a rate ratio, exact given the sum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from qieval.analysis.its.methods.ar1 import Array
from qieval.analysis.its.methods.fit import Fit, Inference, Model, Settings
from qieval.analysis.its.methods.integrated import as_fit, integrate
from qieval.core.errors import CannotEvaluate, DataError

TOP_RHO = 0.9
FEWEST_EVENTS = 5
"""Events on each side under which no trend is modelled."""

_STEPS = 300
_CONVERGED = 1e-10

_UNSETTLED = 50.0
"""Logarithm of a rate, less that of the mean rate, or its standard error, that no data show."""


def fit_events(model: Model, settings: Settings) -> Fit:
    """Counts with memory.

    Raises
    ------
    DataError
        If a value is below zero.
    CannotEvaluate
        If the penalised likelihood has no maximum, or the step from there does not settle.
    """
    counts = _counts(model)
    random = np.zeros(model.x.shape[1], dtype=bool) if model.shrunk is None else model.shrunk
    offset = np.log(model.denominator)
    start = np.zeros(len(random))
    start[~random] = penalised(counts, model.x[:, ~random], offset)
    root = np.exp(0.5 * (model.x @ start + offset))
    mixture = integrate(
        model.times,
        root[:, None] * model.x,
        (counts / root - root)[:, None],
        model.shrunk,
        top=TOP_RHO,
        least_variance=1.0,
    )
    words = "penalised Poisson regression with AR(1) errors, autocorrelation integrated out"
    fit = as_fit(mixture, words, model.shrunk, at=start, log_link=True)
    if not _has_settled(fit, model, counts):
        raise _not_fitted("fitted rates that rise or fall without limit")
    return fit


def _has_settled(fit: Fit, model: Model, counts: Array) -> bool:
    """Whether the rates fitted, and their standard errors, are numbers that data can show."""
    if not (np.isfinite(fit.beta).all() and np.isfinite(fit.vcov).all()):
        return False
    usual = np.log((counts.sum() + 0.5) / model.denominator.sum())
    away = model.x @ fit.beta - usual
    variance = np.einsum("ti,ij,tj->t", model.x, fit.vcov, model.x)
    return bool((np.abs(away) < _UNSETTLED).all() and (variance < _UNSETTLED**2).all())


def _counts(model: Model) -> Array:
    counts = model.y * model.denominator
    if (counts < 0).any():
        raise DataError(
            "A count model needs values of zero or more.",
            found=f"{counts.min():g}",
            remedy="Use `family: gaussian`, or check the column.",
        )
    return counts


def penalised(counts: Array, x: Array, offset: Array) -> Array:
    """Coefficients (p,) that solve X'(y - mean + h/2) = 0, h the leverages of sqrt(mean) X.

    Raises
    ------
    CannotEvaluate
        If the search does not come to an end.
    """
    basis, triangle = np.linalg.qr(x)  # units of the columns do not matter to the search
    beta = basis.T @ (np.log(counts + 0.5) - offset)
    for _ in range(_STEPS):
        mean = np.exp(basis @ beta + offset)
        weighted = np.sqrt(mean)[:, None] * basis
        try:
            inverse = np.linalg.inv(weighted.T @ weighted)
        except np.linalg.LinAlgError as error:
            raise _not_fitted("the search for the best fit left all numbers") from error
        leverage = np.einsum("ti,ij,tj->t", weighted, inverse, weighted)
        step = inverse @ (basis.T @ (counts - mean + leverage / 2))
        reach = float(np.abs(basis @ step).max())
        beta = beta + step / max(1.0, reach)  # no predictor moves by more than 1 at a time
        if reach < _CONVERGED:
            return np.asarray(np.linalg.solve(triangle, beta), dtype=float)
    raise _not_fitted("the search for the best fit did not come to an end")


def _not_fitted(found: str) -> CannotEvaluate:
    return CannotEvaluate(
        "A count model could not be fitted to these data.",
        found=found,
        remedy="Take longer periods, or add wards together. Check what the count is divided by.",
    )


# ---- too few events for a trend ----------------------------------------------------------------


def fit_few(model: Model, settings: Settings) -> Fit:
    """A rate ratio before against after, for columns intercept and level change alone.

    Exact given the number of events (Clopper and Pearson 1934, Biometrika 26:404, on the share that
    came after), counts divided by the Pearson dispersion of the fuller side where that is above 1.
    The fitted line is that of the penalised regression: half an event more on each side.
    """
    counts, after = _counts(model), model.x[:, 1] > 0
    if not counts.any():
        raise CannotEvaluate(
            "There is not a single event to count.",
            remedy="Check the column; a blank means that nothing was returned, a zero that nothing "
            "happened.",
        )
    beta = penalised(counts, model.x, np.log(model.denominator))
    events = np.array([counts[~after].sum(), counts[after].sum()])
    exposure = np.array([model.denominator[~after].sum(), model.denominator[after].sum()])
    fuller = after if events[1] > events[0] else ~after
    spread = max(1.0, _dispersion(counts[fuller], model.denominator[fuller]))

    def infer(estimates: Array, gradients: Array, confidence: float) -> Inference:
        """Of the log ratio, or of what was expected where the ratio plays no part."""
        of_ratio = gradients[:, 1] != 0
        low, high, p = _ratio_interval(events / spread, exposure, confidence)
        base_low, base_high = _rate_interval(events[0] / spread, exposure[0] / spread, confidence)
        expected = gradients[:, 0] / np.exp(beta[0])
        none = np.full(len(estimates), np.nan)
        return Inference(
            none,
            np.where(of_ratio, low, expected * base_low),
            np.where(of_ratio, high, expected * base_high),
            np.where(of_ratio, p, np.nan),
            none,
        )

    words = "rate ratio before and after, exact given the number of events (no trend)"
    covariance = _covariance(model, beta, spread)
    return Fit(words, beta, covariance, None, spread, infer, log_link=True)


def _covariance(model: Model, beta: Array, spread: float) -> Array:
    mean = np.exp(model.x @ beta) * model.denominator
    return spread * np.asarray(np.linalg.inv(model.x.T @ (mean[:, None] * model.x)), dtype=float)


def _dispersion(counts: Array, exposure: Array) -> float:
    expected = exposure * counts.sum() / exposure.sum()
    return float(((counts - expected) ** 2 / expected).sum()) / max(1, len(counts) - 1)


def log_ratio(counts: Array, denominator: Array, after: NDArray[np.bool_]) -> float:
    """Logarithm of the rate ratio as it was counted; infinite where a side has no events."""
    events = np.array([counts[~after].sum(), counts[after].sum()])
    exposure = np.array([denominator[~after].sum(), denominator[after].sum()])
    with np.errstate(divide="ignore"):
        before, later = np.log(events / exposure)
    return float(later - before)


def _ratio_interval(
    events: Array, exposure: Array, confidence: float
) -> tuple[float, float, float]:
    """Limits of the log rate ratio and its p value, by the share of events that came after."""
    before, after = events
    tail = (1 - confidence) / 2
    low = special.betaincinv(after, before + 1, tail) if after > 0 else 0.0
    high = special.betaincinv(after + 1, before, 1 - tail) if before > 0 else 1.0
    even = exposure[1] / exposure.sum()
    upper = special.betainc(after, before + 1, even) if after > 0 else 1.0
    lower = 1 - special.betainc(after + 1, before, even) if before > 0 else 1.0
    scale = np.log(exposure[0] / exposure[1])
    with np.errstate(divide="ignore"):
        limits = [float(np.log(share) - np.log1p(-share) + scale) for share in (low, high)]
    return limits[0], limits[1], float(min(1.0, 2 * min(upper, lower)))


def _rate_interval(events: float, exposure: float, confidence: float) -> tuple[float, float]:
    """Exact limits of a rate (Garwood 1936, Biometrika 28:437)."""
    tail = (1 - confidence) / 2
    low = special.gammaincinv(events, tail) if events > 0 else 0.0
    return float(low / exposure), float(special.gammainccinv(events + 1, tail) / exposure)
