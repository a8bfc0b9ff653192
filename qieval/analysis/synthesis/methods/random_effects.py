"""Random effects: how far true effects differ between teams, and their average.

Teams i = 1 … k have estimates y with known variances v; the true effects scatter around their
average with variance tau². Formulas as in Viechtbauer 2010, J Stat Softw 36(3) (metafor).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from qieval.core.errors import ParameterError

Array = NDArray[np.float64]
TauMethod = Literal["reml", "dl", "pm"]
Interval = Literal["hartung_knapp", "wald"]

METHOD_WORDS: dict[str, str] = {
    "reml": "REML",
    "dl": "DerSimonian-Laird",
    "pm": "Paule-Mandel",
    "common": "Common effect",
}
INTERVAL_WORDS: dict[str, str] = {"hartung_knapp": "Hartung-Knapp", "wald": "Wald"}


def refuse_confidence(confidence: float) -> None:
    """Refuse a confidence level that no interval can have.

    Raises
    ------
    ParameterError
        If it is not at least 0.5 and below 1.
    """
    if not 0.5 <= confidence < 1:
        raise ParameterError(
            "`confidence` must lie between 0.5 and 1.", found=repr(confidence), remedy="Use 0.95."
        )


@dataclass(frozen=True)
class Average:
    """The average over teams, by one method.

    Attributes
    ----------
    tau2 : float
        Variance of the true effects between teams.
    mean, se : float
        The average and its standard error.
    df : float
        Degrees of freedom of its interval; infinite for the normal distribution.
    ci_low, ci_high, p_value : float
        Its interval and test against no change.
    weights : (k,)
        Share of each team; they add up to one.
    floored : bool
        Whether the Hartung-Knapp standard error was raised to the Wald one.
    prediction : (low, high) or None
        Where the true effect of a new team would lie; none under three teams.
    prediction_se : float
        Standard error of that.
    """

    tau2: float
    mean: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    p_value: float
    weights: Array
    floored: bool
    prediction: tuple[float, float] | None
    prediction_se: float


def average(
    y: Array, v: Array, method: TauMethod, interval: Interval, confidence: float
) -> Average:
    """The random-effects average with its interval and prediction interval."""
    return _average_at(tau2_of(y, v, method), y, v, interval, confidence)


def common_effect(y: Array, v: Array, confidence: float) -> Average:
    """The average if every team had the same true effect (inverse-variance weights, Wald)."""
    return _average_at(0.0, y, v, "wald", confidence)


def _average_at(tau2: float, y: Array, v: Array, interval: Interval, confidence: float) -> Average:
    k = len(y)
    w = 1 / (v + tau2)
    mean = _mean(w, y)
    se, df, floored = float(1 / np.sqrt(w.sum())), np.inf, False
    if interval == "hartung_knapp":
        scale = float(w @ (y - mean) ** 2) / (k - 1)
        # The floor of Knapp and Hartung 2003, as Röver, Knapp and Friede 2015 advise: never
        # a smaller standard error than Wald's. With t's quantile it is never narrower either.
        # By Paule and Mandel the scale is 1 but for rounding: that is no floor.
        floored = scale < 1 - 1e-9
        se, df = se * max(1.0, np.sqrt(scale)), float(k - 1)
    reach = stats.t.ppf(0.5 + confidence / 2, df) * se
    prediction_se = float(np.hypot(np.sqrt(tau2), se))
    prediction = None
    if k > 2:
        further = stats.t.ppf(0.5 + confidence / 2, k - 2) * prediction_se
        prediction = (float(mean - further), float(mean + further))
    return Average(
        tau2=tau2,
        mean=mean,
        se=float(se),
        df=df,
        ci_low=float(mean - reach),
        ci_high=float(mean + reach),
        p_value=float(2 * stats.t.sf(abs(mean) / se, df)),
        weights=w / w.sum(),
        floored=bool(floored),
        prediction=prediction,
        prediction_se=prediction_se,
    )


# ---- differences between teams -----------------------------------------------------------------


@dataclass(frozen=True)
class Heterogeneity:
    """How far the teams differ beyond chance.

    Attributes
    ----------
    q, q_p_value : float
        Cochran's Q on k - 1 degrees of freedom, and its p value.
    tau2_low, tau2_high : float
        Q-profile interval of tau².
    typical_variance : float
        Typical variance within a team (Higgins and Thompson 2002), so that
        I² = tau² / (tau² + typical variance), as in metafor.
    """

    q: float
    q_p_value: float
    tau2_low: float
    tau2_high: float
    typical_variance: float

    def i2(self, tau2: float) -> float:
        """I², a share: how much of the differences seen is more than chance."""
        return tau2 / (tau2 + self.typical_variance)


def heterogeneity(y: Array, v: Array, confidence: float) -> Heterogeneity:
    """Q, the Q-profile interval of tau² (Viechtbauer 2007) and the typical variance."""
    k, w = len(y), 1 / v
    q = _q(0.0, y, v)
    high_q, low_q = stats.chi2.ppf([0.5 + confidence / 2, 0.5 - confidence / 2], k - 1)
    return Heterogeneity(
        q=q,
        q_p_value=float(stats.chi2.sf(q, k - 1)),
        tau2_low=_tau2_where_q_is(float(high_q), y, v),
        tau2_high=_tau2_where_q_is(float(low_q), y, v),
        typical_variance=float((k - 1) * w.sum() / (w.sum() ** 2 - w @ w)),
    )


def tau2_of(y: Array, v: Array, method: TauMethod) -> float:
    """Variance of the true effects between teams, by a method's name."""
    return _TAU2[method](y, v)


def _mean(w: Array, y: Array) -> float:
    return float(w @ y / w.sum())


def _q(tau2: float, y: Array, v: Array) -> float:
    """Generalised Q at a given tau²: falls as tau² rises."""
    w = 1 / (v + tau2)
    return float(w @ (y - _mean(w, y)) ** 2)


def _tau2_where_q_is(target: float, y: Array, v: Array) -> float:
    """The tau² at which the generalised Q falls to `target`; 0 if it starts below it."""
    if _q(0.0, y, v) <= target:
        return 0.0
    # Q(tau²) is at most the plain sum of squares over tau², hence below the target from here on.
    beyond = 1.01 * float(((y - y.mean()) ** 2).sum()) / target
    return _root(lambda tau2: _q(tau2, y, v) - target, 0.0, beyond)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    # In steps of the upper end, so that the unit of the estimates does not matter.
    share = optimize.brentq(lambda u: function(u * high), low / high, 1.0, xtol=1e-15, rtol=1e-14)
    return float(share * high)


def _der_simonian_laird(y: Array, v: Array) -> float:
    w = 1 / v
    spare = w.sum() - w @ w / w.sum()
    return max(0.0, float((_q(0.0, y, v) - (len(y) - 1)) / spare))


def _paule_mandel(y: Array, v: Array) -> float:
    return _tau2_where_q_is(len(y) - 1, y, v)


def _reml_of_mean(y: Array, v: Array) -> float:
    return reml(y, v, np.ones((len(y), 1)))


def reml(y: Array, v: Array, design: Array) -> float:
    """The highest point of the restricted likelihood: found on a grid, sharpened on its slope.

    Parameters
    ----------
    y, v : (k,)
        Estimates and their variances.
    design : (k, p)
        What the true effects scatter around: a column of ones for their average.
    """
    grid = _reml_grid(y, v)
    best = int(np.argmax(_restricted_likelihood(grid, y, v, design)))
    rising = _reml_slope(grid[best], y, v, design) > 0
    if best == 0 and not rising:
        return 0.0
    low, high = (best, best + 1) if rising else (best - 1, best)
    slope_low, slope_high = (_reml_slope(grid[at], y, v, design) for at in (low, high))
    if slope_low <= 0 or slope_high >= 0:
        return float(grid[best])  # two peaks within one step of the grid: either will do
    return _root(lambda tau2: _reml_slope(tau2, y, v, design), float(grid[low]), float(grid[high]))


def _reml_grid(y: Array, v: Array) -> Array:
    """From 0 to beyond the last possible maximum, in even ratios.

    Above ``10 max(v)`` all weights are within 10 % of one another, and there the likelihood falls
    once tau² passes the sample variance by a quarter.
    """
    top = max(10 * v.max(), 1.5 * float(y.var(ddof=1)))
    return np.concatenate([[0.0], np.geomspace(1e-4 * v.min(), top, 200)])


def solve(tau2: Array, y: Array, v: Array, design: Array) -> tuple[Array, Array, Array]:
    """Weights (…, k), inverse information (…, p, p) and coefficients (…, p) at each tau² (…)."""
    w = 1 / (v + tau2[..., None])
    inner = np.linalg.inv(np.einsum("...k,kp,kq->...pq", w, design, design))
    return w, inner, np.einsum("...pq,kq,...k,k->...p", inner, design, w, y)


def _restricted_likelihood(tau2: Array, y: Array, v: Array, design: Array) -> Array:
    """Restricted log-likelihood at each tau² (g,), without its constant."""
    w, inner, beta = solve(tau2, y, v, design)
    squares = (w * (y - beta @ design.T) ** 2).sum(axis=1)
    log_likelihood: Array = 0.5 * (np.log(w).sum(axis=1) + np.linalg.slogdet(inner)[1] - squares)
    return log_likelihood


def _reml_slope(tau2: float, y: Array, v: Array, design: Array) -> float:
    w, inner, beta = solve(np.asarray(tau2), y, v, design)
    residual, weighted = y - design @ beta, design * w[:, None]
    lost = np.einsum("pq,kp,kq->", inner, weighted, weighted)
    return 0.5 * float((w * residual) @ (w * residual) - w.sum() + lost)


_TAU2: dict[str, Callable[[Array, Array], float]] = {
    "reml": _reml_of_mean,
    "dl": _der_simonian_laird,
    "pm": _paule_mandel,
}
