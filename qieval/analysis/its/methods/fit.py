"""What a method takes and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from qieval.analysis.its.methods.ar1 import Array
from qieval.analysis.its.methods.names import DegreesOfFreedom


@dataclass(frozen=True)
class Model:
    """What is fitted.

    Attributes
    ----------
    times : (n,)
        Calendar numbers, rising.
    x : (n, p)
        Design.
    y : (n,)
        Values a unit of the denominator.
    denominator : (n,)
        Ones where there is none; the offset of a count model is its logarithm.
    shrunk : (p,) bool, optional
        Columns whose coefficients are random (a shrunk season); nothing means none.
    """

    times: Array
    x: Array
    y: Array
    denominator: Array
    shrunk: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Settings:
    """Settings of the methods; each method takes those that concern it.

    Attributes
    ----------
    df : str
        Degrees of freedom of REML intervals.
    lags : int
        Newey-West's fixed number of lags.
    order : tuple
        ARIMA's (p, d, q).
    seasonal_order : tuple
        ARIMA's (P, D, Q, s).
    """

    df: DegreesOfFreedom = "satterthwaite"
    lags: int = 1
    order: tuple[int, int, int] = (1, 0, 0)
    seasonal_order: tuple[int, int, int, int] = (0, 0, 0, 0)


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
        Variance of the errors (dispersion, in a count model).
    infer : function
        ``infer(estimates, gradients, confidence)``: uncertainty of quantities whose gradients by
        the coefficients are (m, p). Every effect comes through here, from the full covariance.
    log_link : bool
        Whether the coefficients are on the log scale (count models).
    penalty : (p,), optional
        Prior precision of each coefficient, in units of 1 over the errors' variance: above zero
        where a season is shrunk. Nothing means none.
    """

    method: str
    beta: Array
    vcov: Array
    rho: float | None
    sigma2: float
    infer: Callable[[Array, Array, float], Inference]
    log_link: bool = False
    penalty: Array | None = None

    def mean(self, x: Array) -> Array:
        """The model's mean at rows `x` (m, p)."""
        return np.exp(x @ self.beta) if self.log_link else x @ self.beta

    def mean_gradient(self, x: Array) -> Array:
        """Derivative of that mean by the coefficients (m, p)."""
        return self.mean(x)[:, None] * x if self.log_link else x


def t_inference(
    vcov: Array, df_of: Callable[[Array], Array]
) -> Callable[[Array, Array, float], Inference]:
    """Inference by Student's t with degrees of freedom that may differ by quantity."""

    def infer(estimates: Array, gradients: Array, confidence: float) -> Inference:
        se = np.sqrt(np.einsum("mi,ij,mj->m", gradients, vcov, gradients))
        df = df_of(gradients)
        reach = t_quantile(df, 0.5 + confidence / 2) * se
        with np.errstate(divide="ignore", invalid="ignore"):
            p_value = 2 * t_below(df, -np.abs(estimates) / se)
        return Inference(se, estimates - reach, estimates + reach, p_value, df)

    return infer


def constant_df(df: float) -> Callable[[Array], Array]:
    """The same degrees of freedom for every quantity."""
    return lambda gradients: np.full(len(gradients), df)


def t_quantile(df: Array, probability: float) -> Array:
    """Quantile of Student's t; infinite degrees of freedom are the normal distribution."""
    finite = np.where(np.isinf(df), 1.0, df)
    return np.where(np.isinf(df), special.ndtri(probability), special.stdtrit(finite, probability))


def t_below(df: Array, value: Array) -> Array:
    """Probability below `value` under Student's t."""
    finite = np.where(np.isinf(df), 1.0, df)
    return np.where(np.isinf(df), special.ndtr(value), special.stdtr(finite, value))
