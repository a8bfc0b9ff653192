"""What a sceptic would ask of the fit: placebo dates, single points, what is left over.

All of them use the headline's model with its autocorrelation held at its estimate, so that they
cost a few matrix products and not a fit each; what that leaves out is said in the docstrings.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import special

from qieval.analysis.its.methods import Fit
from qieval.analysis.its.methods.decision import AT_ONCE_CONFIDENCE, decide
from qieval.analysis.its.methods.effects import Units, at_once
from qieval.analysis.its.methods.model import (
    Fitted,
    Specification,
    estimates_table,
    fit,
    level_interval,
)
from qieval.analysis.its.methods.series import Array, Phases, Series
from qieval.core.errors import CannotEvaluate

PLACEBO_SIDE, MOST_PLACEBOS = 8, 12


def placebo_dates(
    series: Series, phases: Phases, specification: Specification, confidence: float
) -> pd.DataFrame:
    """The same model at dates before the intervention, where nothing happened.

    Only the periods before the intervention are used. Season and covariates stay in the model;
    dates with fewer than eight points on a side, or that the data cannot carry, are left out; of
    many dates a dozen, evenly spaced, are taken.

    Returns
    -------
    DataFrame
        One row a date: ``time, level_change, ci_low, ci_high, clear`` (the change at once by
        itself) and ``claims`` (the headline's whole decision).
    """
    stop = phases.first_after[0] - phases.transition - phases.lag
    cut = series.until(stop)
    rows = []
    for at in _spaced(PLACEBO_SIDE, stop - PLACEBO_SIDE):
        pretend = replace(
            phases,
            given=[cut.starts[at]],
            first_after=[at],
            ended=[None],
            washed_out=np.zeros(stop, dtype=bool),
            transition=0,
            lag=0,
        )
        try:
            found = fit(cut, pretend, replace(specification, steps=()))
        except CannotEvaluate:
            continue  # this date is left out, as the docstring says; the others stand
        if found.few:
            continue  # too few events on a side for a model of them
        column = found.design.names.index("level_change")
        gradient = np.eye(len(found.fit.beta))[[column]]
        estimate = gradient @ found.fit.beta
        known = found.fit.infer(estimate, gradient, confidence)
        low, high = float(known.ci_low[0]), float(known.ci_high[0])
        claims = _claims(found, cut, pretend, confidence)
        rows.append((cut.starts[at], float(estimate[0]), low, high, low > 0 or high < 0, claims))
    columns = ["time", "level_change", "ci_low", "ci_high", "clear", "claims"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"time": "datetime64[us]"}).astype(dict.fromkeys(columns[-2:], bool))


def _claims(found: Fitted, cut: Series, pretend: Phases, confidence: float) -> bool:
    """Whether the headline would claim a change at a date, by the average or the change at once."""
    rows = found.quantities(cut, pretend, None, Units("", ""))
    table = estimates_table(rows, found.fit, confidence)
    step = at_once(found.fit.log_link)
    surer = max(AT_ONCE_CONFIDENCE, confidence)
    average = tuple(table.loc["average_effect", ["ci_low", "ci_high"]])
    level = level_interval(rows, found.fit, step, surer)
    return decide(average, level, (-np.inf, np.inf)) != "unclear"


def _spaced(first: int, last: int) -> list[int]:
    """A dozen whole numbers from `first` to `last`, as even as can be; a half is rounded up."""
    count = min(MOST_PLACEBOS, last - first + 1)
    if count < 2:
        return [first] * max(count, 0)
    parts = 2 * (count - 1)
    return [first + (2 * k * (last - first) + count - 1) // parts for k in range(count)]


def _inverse_covariance(series: Series, fitted: Fitted) -> tuple[Array, float]:
    """Inverse covariance of the points used, for a variance of 1, and that variance.

    AR(1), times a count model's working weights. Where the autocorrelation was integrated out, its
    mean is what stands for it here; the variance that goes with that is not the mean of the
    variances, and is taken anew.
    """
    fit, used = fitted.fit, fitted.design.used
    times = series.number[used]
    correlation: Array = (fit.rho or 0.0) ** np.abs(times[:, None] - times[None, :])
    inverse = np.asarray(np.linalg.inv(correlation), dtype=float)
    mean = fit.mean(fitted.design.x[used])
    rest, least = series.y[used] - mean, 1e-300
    if fit.log_link:
        root = np.sqrt(mean * series.denominator[used])
        inverse = root[:, None] * inverse * root
        rest, least = rest / mean, 1.0
    if fit.penalty is None:
        return inverse, max(fit.sigma2, 1e-12)
    df = len(rest) - int((~fitted.design.seasonal).sum())
    return inverse, max(float(rest @ inverse @ rest) / df, least)


def influence(series: Series, fitted: Fitted) -> pd.DataFrame:
    """How the level change would be without each point.

    The autocorrelation is held at its estimate; a count model is taken at its linear predictor
    (one step). A point left out keeps its place in the calendar.

    Returns
    -------
    DataFrame
        One row a point: ``time, level_change_without, shift_in_se`` (by how many standard errors
        the level change would move). Not a number for a point that the model fits exactly, without
        which there would be no estimate.
    """
    used = fitted.design.used
    x = fitted.design.x[used]
    weight, variance = _inverse_covariance(series, fitted)
    penalty = np.zeros(x.shape[1]) if fitted.fit.penalty is None else fitted.fit.penalty
    covariance = np.linalg.inv(x.T @ weight @ x + np.diag(penalty))
    mean = fitted.fit.mean(x)
    left_over = series.y[used] - mean
    if fitted.fit.log_link:
        left_over = left_over / mean
    half = weight @ x
    projection = weight - half @ covariance @ half.T
    own = np.diag(projection)
    own = np.where(own > 1e-9 * np.diag(weight), own, np.nan)  # else the model fits it exactly
    moves = -(covariance @ half.T) * ((projection @ left_over) / own)
    column = fitted.design.names.index("level_change")
    shift = moves[column]
    return pd.DataFrame(
        {
            "time": series.starts[used],
            "level_change_without": fitted.fit.beta[column] + shift,
            "shift_in_se": shift / np.sqrt(variance * covariance[column, column]),
        }
    )


def most_telling(influence: pd.DataFrame) -> int:
    """Row of the point that moves the level change most; of several alike, the first."""
    moves = influence["shift_in_se"].abs().to_numpy()
    return int(np.flatnonzero(moves >= (1 - 1e-6) * moves.max())[0])


def residuals(series: Series, fitted: Fitted) -> pd.DataFrame:
    """What is left over after the model, made free of the autocorrelation that it allows for.

    Pearson residuals in a count model; in the others residuals less what the point before foretold.

    Returns
    -------
    DataFrame
        One row a point: ``time, residual`` (in standard deviations).
    """
    used = fitted.design.used
    mean = fitted.fit.mean(fitted.design.x[used])
    residual = series.y[used] - mean
    if fitted.fit.log_link:
        residual = residual * series.denominator[used] / np.sqrt(mean * series.denominator[used])
    white = _white(residual, series.number[used], fitted.fit)
    return pd.DataFrame({"time": series.starts[used], "residual": white / white.std()})


def _white(residual: Array, times: Array, fit: Fit) -> Array:
    a = (fit.rho or 0.0) ** np.diff(times)
    rest = (residual[1:] - a * residual[:-1]) / np.sqrt(1 - a**2)
    return np.concatenate([residual[:1], rest])


def autocorrelations(residual: Array, lags: int, confidence: float) -> pd.DataFrame:
    """Autocorrelations of what is left over, with the band that chance alone would give.

    Returns
    -------
    DataFrame
        ``lag, autocorrelation, band``.
    """
    centred = residual - residual.mean()
    total = centred @ centred
    found = [float(centred[k:] @ centred[:-k] / total) for k in range(1, lags + 1)]
    band = float(special.ndtri(0.5 + confidence / 2)) / np.sqrt(len(residual))
    return pd.DataFrame({"lag": np.arange(1, lags + 1), "autocorrelation": found, "band": band})


def ljung_box(residual: Array, lags: int, fitted_parameters: int) -> float:
    """P value of Ljung and Box's test (1978, Biometrika 65:297) of the first `lags` together."""
    n = len(residual)
    r = autocorrelations(residual, lags, 0.95)["autocorrelation"].to_numpy()
    statistic = n * (n + 2) * float((r**2 / (n - np.arange(1, lags + 1))).sum())
    return float(special.chdtrc(max(1, lags - fitted_parameters), statistic))


def breusch_godfrey(x: Array, residual: Array, lags: int) -> float:
    """P value of Breusch and Godfrey's test: do earlier residuals explain this one, given `x`?

    F form of the auxiliary regression, which behaves better on short series than the chi-square
    form (Kiviet 1986, J Econometrics 31:337).
    """
    n = len(residual)
    earlier = np.column_stack(
        [np.concatenate([np.zeros(k), residual[:-k]]) for k in range(1, lags + 1)]
    )
    both = np.column_stack([x, earlier])
    df = n - both.shape[1]
    if df < 1:
        return float("nan")

    def squares(columns: Array) -> float:
        basis, _ = np.linalg.qr(columns)
        rest = residual - basis @ (basis.T @ residual)
        return float(rest @ rest)

    without, with_ = squares(x), squares(both)
    return float(special.fdtrc(lags, df, (without - with_) / lags / (with_ / df)))
