"""Series like those before a change, simulated: from which size on does the headline claim one?

The estimator is the one that will be used, with its season, its primary quantity and its rule
(:mod:`.decision`). Of amounts an interval moves with the series when a change is added, so one fit
a series gives its threshold. Counts of events are drawn anew for each size, with the same chances
throughout, and the threshold is searched for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from qieval.analysis.its.methods import Settings, model
from qieval.analysis.its.methods.decision import AT_ONCE_CONFIDENCE
from qieval.analysis.its.methods.design import Season, harmonic_pairs, season_columns
from qieval.analysis.its.methods.effects import Units
from qieval.analysis.its.methods.events import TOP_RHO, penalised
from qieval.analysis.its.methods.integrated import integrate
from qieval.analysis.its.methods.model import Specification
from qieval.analysis.its.methods.names import Primary
from qieval.analysis.its.methods.series import Array, Phases, Series
from qieval.core import periods
from qieval.core.errors import CannotEvaluate

FALLS = np.linspace(0, 0.95, 20)
"""Falls in the rate of events that are tried, as shares of it."""

_CHUNK = 256
"""Simulated series worked on at a time: they stay near the processor."""


@dataclass(frozen=True)
class EventRate:
    """How counts of events came about before the change.

    Attributes
    ----------
    rate : float
        Events a unit of exposure.
    exposure : float
        Mean exposure of a period.
    sd, rho : float
        Standard deviation and autocorrelation of the logarithm of the rate, beyond chance.
    """

    rate: float
    exposure: float
    sd: float
    rho: float


@dataclass(frozen=True)
class PrePeriod:
    """What the periods before the change look like.

    Attributes
    ----------
    before : int
        How many there are, or will be.
    sd, rho : float
        Standard deviation and autocorrelation of what the trend and the season leave over.
    level : float or None
        Mean; None where it is not known.
    every : str
        Kind of period.
    first : Timestamp
        The first of them.
    wave : (r,)
        Coefficients of the season, sine and cosine of each pair; of events on the log scale.
    events : EventRate or None
        For counts of events.
    """

    before: int
    sd: float
    rho: float
    level: float | None
    every: str
    first: pd.Timestamp
    wave: Array
    events: EventRate | None = None


@dataclass(frozen=True)
class Analysis:
    """How the series will be analysed."""

    slope: bool
    season: Season
    primary: Primary
    confidence: float
    horizon: int | None = None  # periods after the change that are averaged; None: all of them

    @property
    def at_once_confidence(self) -> float:
        """Confidence at which the change at once may claim."""
        if self.primary == "level_change":
            return self.confidence
        return max(self.confidence, AT_ONCE_CONFIDENCE)


def thresholds(
    known: PrePeriod, after: int, analysis: Analysis, simulations: int, seed: int
) -> Array:
    """The change at once from which on the headline of each simulated series would claim one.

    The same seed for every waiting time: the longer series are the shorter ones, continued.
    Infinite where no fall in the number of events is large enough.
    """
    rng = np.random.default_rng(seed)
    n = known.before + after
    last = periods.shift(known.first, n - 1, known.every)
    starts = periods.span(known.first, last, known.every)
    waves = waves_of(starts, known.every, pairs_of(starts, known.every, analysis.season))
    coefficients = np.zeros(waves.shape[1])
    coefficients[: len(known.wave)] = known.wave[: len(coefficients)]
    wave = (waves @ coefficients)[:, None]
    if known.events:
        return _of_events(known.events, known, starts, wave, analysis, simulations, rng)
    y = known.sd * _errors(rng, n, simulations, known.rho) + wave
    return _of_amounts(known.before, waves, y, analysis)


def pairs_of(starts: pd.DatetimeIndex, every: str, season: Season) -> int:
    """Harmonic pairs that the analysis would take for these periods."""
    series, phases = _blank(starts, every, len(starts) - 1)
    return harmonic_pairs(season, series, phases)


def waves_of(starts: pd.DatetimeIndex, every: str, pairs: int) -> Array:
    """Columns of the season, as in the analysis."""
    columns = season_columns(starts, every, pairs)
    return np.column_stack(list(columns.values())) if columns else np.empty((len(starts), 0))


def _blank(starts: pd.DatetimeIndex, every: str, at: int) -> tuple[Series, Phases]:
    """A series without figures, and a change in its period `at`."""
    index = np.arange(float(len(starts)))
    no = np.zeros(len(starts), dtype=bool)
    series = Series(starts, every, index, index, index + 1, pd.DataFrame(index=starts))
    return series, Phases([starts[at]], [at], [None], no, 0, 0)


def _errors(rng: np.random.Generator, n: int, simulations: int, rho: float) -> Array:
    e = rng.standard_normal((n, simulations))
    for t in range(1, n):
        e[t] = rho * e[t - 1] + np.sqrt(1 - rho**2) * e[t]
    return e


def _of_amounts(before: int, waves: Array, y: Array, analysis: Analysis) -> Array:
    n = len(y)
    times = np.arange(float(n))
    post = (times >= before).astype(float)
    ramp = [post * (times - before)] if analysis.slope else []
    x = np.column_stack([np.ones(n), times, post, *ramp, waves])
    shrunk = np.arange(x.shape[1]) >= x.shape[1] - waves.shape[1]
    at_once = (np.arange(x.shape[1]) == 2).astype(float)
    average = (
        x[before:][: analysis.horizon].mean(axis=0)
        * np.isin(np.arange(x.shape[1]), [2, 3])
        * ~shrunk
    )
    tails = [(at_once, (1 - analysis.at_once_confidence) / 2)]
    if analysis.primary == "average_effect":
        tails.append((average, (1 - analysis.confidence) / 2))
    found = []
    for first in range(0, y.shape[1], _CHUNK):
        mixture = integrate(times, x, y[:, first : first + _CHUNK], shrunk)
        lows = []
        for gradient, tail in tails:
            values = (mixture.beta @ gradient)[:, None]
            gradients = np.broadcast_to(gradient, (*values.shape, len(gradient)))
            lows.append(mixture.quantile(tail, values, gradients)[:, 0])
        found.append(-np.max(lows, axis=0))
    return np.concatenate(found)


# ---- counts of events --------------------------------------------------------------------------


def event_rate(counts: Array, exposure: Array, x: Array) -> tuple[EventRate, Array]:
    """The rate of events, its memory beyond chance, and the coefficients of `x`.

    By moments of what the lines leave over (Zeger 1988, Biometrika 75:621): the variance beyond
    the mean, and the covariance of neighbours, which chance leaves at zero.
    """
    beta = penalised(counts, x, np.log(exposure))
    mean = np.exp(x @ beta) * exposure
    left = counts - mean
    degrees = len(counts) / (len(counts) - x.shape[1])
    beyond = max(0.0, degrees * float((left**2).sum()) - float(mean.sum())) / float((mean**2).sum())
    rho = 0.0
    if beyond > 0:
        together = float((left[1:] * left[:-1]).sum() / (mean[1:] * mean[:-1]).sum())
        rho = float(np.log1p(max(0.0, degrees * together)) / np.log1p(beyond))
    rate = float(counts.sum() / exposure.sum())
    sd = float(np.sqrt(np.log1p(beyond)))
    return EventRate(rate, float(exposure.mean()), sd, min(rho, TOP_RHO)), beta


def _of_events(
    events: EventRate,
    known: PrePeriod,
    starts: pd.DatetimeIndex,
    wave: Array,
    analysis: Analysis,
    simulations: int,
    rng: np.random.Generator,
) -> Array:
    n = len(starts)
    log_rate = events.sd * _errors(rng, n, simulations, events.rho) - events.sd**2 / 2 + wave
    mean = events.rate * events.exposure * np.exp(log_rate)
    chance, inside = rng.random((n, simulations)), rng.random(simulations)
    series, phases = _blank(starts, known.every, known.before)
    after = np.arange(n) >= known.before
    exposure = np.full(n, events.exposure)
    found = np.empty(simulations)
    for which in range(simulations):

        def claims(fall: float, which: int = which) -> bool:
            expected = mean[:, which] * np.where(after, 1 - fall, 1)
            counts = stats.poisson.ppf(chance[:, which], expected)
            drawn = Series(starts, known.every, series.number, counts, exposure, series.covariates)
            return _claims_a_fall(drawn, phases, after, analysis)

        found[which] = _first(claims, float(inside[which]))
    return found * events.rate


def _first(claims: Callable[[float], bool], inside: float) -> float:
    """The fall from which on a change is claimed, somewhere in its step of the sizes tried."""
    low, high = 0, len(FALLS)  # claimed from `high` on, not at `low`
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if claims(FALLS[middle]) else (middle, high)
    if high == len(FALLS):
        return np.inf
    return float(FALLS[low] + inside * (FALLS[high] - FALLS[low]))


def _claims_a_fall(
    series: Series, phases: Phases, after: NDArray[np.bool_], analysis: Analysis
) -> bool:
    wanted = Specification(
        "integrated", Settings(), analysis.slope, analysis.season, family="events"
    )
    try:
        fitted = model.fit(series, phases, wanted)
    except CannotEvaluate:
        return False  # the analysis refuses such a series, one without an event for example
    horizons = [analysis.horizon] if analysis.horizon else None
    rows = {row.term: row for row in fitted.quantities(series, phases, horizons, Units("", ""))}
    asked = [("effect_at_1", analysis.at_once_confidence)]
    if analysis.primary == "average_effect":
        asked.append(("average_effect", analysis.confidence))
    for term, confidence in asked:
        row = rows[term]
        interval = fitted.fit.infer(np.array([row.value]), row.gradient[None], confidence)
        if interval.ci_high[0] < 0:
            return True
    return False
