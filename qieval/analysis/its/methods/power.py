"""Before the data: how large must a change be to be found, and how long must one wait?

Series with the standard deviation, autocorrelation and yearly wave of the time before are simulated
and put through the very estimator and the very rule that will be used: a change counts as found
when the headline would claim it (:mod:`.decision`: the average at 95 %, else the change at once at
99 %). An interval moves with the series when a level change is added, so one simulation a design
gives the whole power curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.its import checks
from qieval.analysis.its.methods.ar1 import fit_ar1
from qieval.analysis.its.methods.decision import AT_ONCE_CONFIDENCE
from qieval.analysis.its.methods.design import Season, harmonic_pairs, season_columns
from qieval.analysis.its.methods.families import counts_events
from qieval.analysis.its.methods.integrated import integrate
from qieval.analysis.its.methods.series import Array, Phases, Series, make_series, moments
from qieval.core import periods
from qieval.core.checks import Check, checks_table
from qieval.core.config import CONFIDENCE, SEED
from qieval.core.errors import CannotEvaluate, ParameterError, listed
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.periods import Frequency
from qieval.core.recorded import recorded
from qieval.core.result import Result
from qieval.core.tables import ESTIMATES, Column, Declaration, Table
from qieval.core.words import number, percent, sentence

FEWEST_BEFORE = 8
_CHUNK = 256
"""Simulated series worked on at a time: they stay near the processor."""


@dataclass(frozen=True, eq=False, repr=False)
class PowerResult(Result):
    """Result of :func:`qieval.its_power`.

    Attributes
    ----------
    points : DataFrame
        ``after`` (periods after the change), ``change`` (size of the level change), ``power``.
    estimates : DataFrame
        A term ``smallest_change_after_<k>`` for each number of periods after: the smallest level
        change found with the wanted power; its interval is that of the simulation.
    every : str
        Kind of period.
    unit : str
        Unit of the change.
    before : int
        Periods before the change.
    sd, rho : float
        Standard deviation and autocorrelation of the periods before.
    level : float or None
        Their mean; None where it is not known.
    needed : int or None
        Periods after the change with which the one hoped for is found; None if none is enough.
    """

    every: Frequency
    unit: str
    before: int
    sd: float
    rho: float
    level: float | None
    needed: int | None

    kind: ClassVar[str] = "power"
    limits: ClassVar[tuple[str, ...]] = ("This says what could be found, not what will happen.",)
    declared: ClassVar[tuple[Declaration, ...]] = (
        Declaration(
            "points",
            (
                Column("after", "After the change", "label"),
                Column("change", "Change", "estimate"),
                Column("power", "Chance", "estimate"),
            ),
        ),
        ESTIMATES,
    )

    @property
    def after(self) -> list[int]:
        """Numbers of periods after the change that were tried."""
        return list(self.params["after"])

    @property
    def _smallest(self) -> Table:
        """The smallest changes that can be found, by waiting time."""
        words = periods.noun(self.every, 2)
        rows = self.estimates[["estimate", "unit"]].assign(
            after=[f"{after} {words}" for after in self.after],
            share=self.estimates["estimate"] / (self.level or np.nan),
        )
        columns = [
            Column("after", "After the change", "label"),
            Column("estimate", "Smallest change", "estimate"),
            Column("unit", "Unit", "text"),
        ]
        if self.level:
            columns.append(Column("share", "Share of the level", "estimate", "0%"))
        caption = f"The smallest change at once that would be found {self._odds()}"
        return Table("estimates", caption, tuple(columns), rows.reset_index(drop=True))

    def _size(self, at: int) -> str:
        """A smallest change with the decimals of the table."""
        places = self._smallest.places("estimate")[at]
        return f"{number(float(self.estimates['estimate'].iloc[at]), places)} {self.unit}"

    def headline(self) -> str:
        """How long it takes to find the change hoped for, or what the longest wait can find."""
        if self.params["wanted"]:
            return sentence(self._wanted(periods.noun(self.every, 2)).rstrip("."))
        return sentence(self._found_by_the_end())

    def _found_by_the_end(self) -> str:
        words = periods.noun(self.every, 2)
        share = ""
        if self.level:
            share = f" ({percent(float(self.estimates['estimate'].iloc[-1]) / self.level)})"
        return (
            f"With {self.before} {words} before and {self.after[-1]} after, a change at once of "
            f"{self._size(-1)}{share} would be found {self._odds()}"
        )

    def _odds(self) -> str:
        return f"{100 * self.params['power']:.0f} times in 100"

    def details(self) -> str:
        """What can be found when, and what that rests on."""
        words = periods.noun(self.every, 2)
        parts = []
        if len(self.after) > 1:
            parts.append(f"After {self.after[0]} {words} it would have to be {self._size(0)}.")
        if self.params["wanted"]:
            parts.append(sentence(self._found_by_the_end()))
        known = f"autocorrelation {self.rho:.2f}"
        if self.level:
            known = f"standard deviation {number(self.sd)} {self.unit}, {known}"
        parts.append(
            f"This rests on how much the {words} varied so far and how alike neighbouring ones are "
            f"({known}). Smaller changes may well happen; they would not be told from chance."
        )
        return " ".join(parts)

    def _wanted(self, words: str) -> str:
        wanted = self.params["wanted"]
        change = f"The change hoped for ({number(wanted)} {self.unit})"
        if self.needed:
            return f"{change} needs about {self.needed} {words} after it."
        chance = f"its chance then is {100 * self._power_of(wanted):.0f} in 100"
        last = self.after[-1]
        return f"{change} is too small to be found even after {last} {words}; {chance}."

    def _power_of(self, change: float) -> float:
        last = self.points[self.points["after"] == self.after[-1]]
        return float(np.interp(change, last["change"], last["power"]))

    def alt_text(self) -> str:
        """What the curves show."""
        words = periods.noun(self.every, 2)
        places = self._smallest.places("estimate")
        rows = "; ".join(
            f"{after} {words}: {number(estimate, digits)}"
            for after, estimate, digits in zip(
                self.after, self.estimates["estimate"], places, strict=True
            )
        )
        return (
            f"{self.headline()} Curves of the chance of finding a change against its size, one for "
            f"each number of {words} after it. Smallest change found {self._odds()}: {rows} "
            f"({self.unit})."
        )

    def tables(self) -> tuple[Table, ...]:
        """The smallest changes that can be found, and power by size, one column a waiting time."""
        words = periods.noun(self.every, 2)
        wide = self.points.pivot(index="change", columns="after", values="power").reset_index()
        wide.columns = wide.columns.astype(str)
        columns = (
            Column("change", f"Change ({self.unit})", "estimate"),
            *(
                Column(str(after), f"After {after} {words}", "estimate", "0%")
                for after in self.after
            ),
        )
        points = Table("points", "The points of the figure", columns, wide)
        return self._smallest, points


def its_power(
    data_or_sd_rho: pd.DataFrame | tuple[float, float],
    *,
    value: str | None = None,
    time: str = "period",
    intervention: date | str | None = None,
    denominator: str | None = None,
    before: int | None = None,
    after: Sequence[int] = (6, 12, 18, 24, 36),
    wanted: float | None = None,
    power: float = 0.8,
    slope: bool = True,
    season: Season = "auto",
    confidence: float = CONFIDENCE,
    simulations: int = 2000,
    seed: int = SEED,
    outcome: str | None = None,
    unit: str | None = None,
    setting: str = "",
    change: str = "the intervention",
) -> PowerResult:
    """How large a level change must be to be found by an interrupted time series.

    Parameters
    ----------
    data_or_sd_rho : DataFrame, or (standard deviation, autocorrelation)
        The series so far, of which the periods before the intervention are used; or the two figures
    value : str, optional
        Column with what is measured
    time : str
        Column with the dates of the periods
    intervention : date, optional
        Day on which the change began or will begin; nothing means after the last period
    denominator : str, optional
        Column that the value is divided by, such as days_in_period
    before : int, optional
        Periods before the change; nothing means as many as the data have
    after : list of int
        Numbers of periods after the change to be tried
    wanted : float, optional
        Size of the change hoped for, in the unit of the value
    power : float
        Chance with which a change should be found
    slope : bool
        Whether the model will allow the slope to change as well
    season : "auto", int or None
        Harmonic pairs of a yearly pattern, as in the analysis
    confidence : float
        Confidence level of the intervals
    simulations : int
        Simulated series for each number of periods after
    seed : int
        Seed of the simulation
    outcome : str, optional
        What is measured, in plain words
    unit : str, optional
        Unit of the value, in plain words
    setting : str
        For whom or where, in plain words
    change : str
        The intervention in plain words, as in a sentence

    Returns
    -------
    PowerResult

    Raises
    ------
    CannotEvaluate
        If there are fewer than eight periods before the change.
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    The estimator is the default of :func:`interrupted_time_series`, season included, and a change
    is found when the headline would claim it. Under eight periods after the change no test is made:
    such waiting times are left out. The standard deviation and autocorrelation are taken as known;
    with few periods they are not, and the answer is then itself rough.
    """
    asked = recorded(its_power, locals())
    _check(after, power, confidence, simulations, wanted)
    known = _pre_period(data_or_sd_rho, value, time, intervention, denominator, before, season)
    wait, too_short = _tested(after, known)
    thresholds = {
        k: _thresholds(known, k, slope, season, confidence, simulations, seed) for k in wait
    }
    grid = np.linspace(0, 1.25 * float(np.quantile(thresholds[wait[0]], min(power, 0.9))), 26)
    points = pd.DataFrame(
        [(k, size, float((thresholds[k] < size).mean())) for k in wait for size in grid],
        columns=["after", "change", "power"],
    )
    name = unit or (value or "standard deviations").replace("_", " ")
    estimates = _smallest(thresholds, power, name, simulations)
    needed = None
    if wanted:
        needed = next((k for k in wait if (thresholds[k] < wanted).mean() >= power), None)
    rows = [_enough(known.before), *_untested(too_short, known)]
    rows += [*_of_counts(data_or_sd_rho, value), _simulated(simulations)]
    return PowerResult(
        params={
            **asked,
            "after": wait,
            "outcome": outcome or (value or "A measure").replace("_", " ").capitalize(),
            "direction": "neutral",
        },
        points=points,
        estimates=estimates,
        checks=checks_table(rows),
        every=known.every,
        unit=name,
        before=known.before,
        sd=known.sd,
        rho=known.rho,
        level=known.level,
        needed=needed,
    )


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
        Coefficients of the season, sine and cosine of each pair.
    """

    before: int
    sd: float
    rho: float
    level: float | None
    every: Frequency
    first: pd.Timestamp
    wave: Array


def _check(
    after: Sequence[int], power: float, confidence: float, simulations: int, wanted: float | None
) -> None:
    if not after or any(isinstance(k, bool) or not isinstance(k, int) or k < 3 for k in after):
        raise ParameterError(
            "`after` must be numbers of periods, each at least 3.", found=repr(list(after))
        )
    for name, given in (("power", power), ("confidence", confidence)):
        if not 0.5 <= given < 1:
            raise ParameterError(f"`{name}` must lie between 0.5 and 1.", found=repr(given))
    if simulations < 100:
        raise ParameterError("`simulations` must be at least 100.", found=repr(simulations))
    if wanted is not None and wanted <= 0:
        raise ParameterError(
            "`wanted` is the size of the change, whatever its direction: give it above zero.",
            found=repr(wanted),
        )


def _pre_period(
    given: pd.DataFrame | tuple[float, float],
    value: str | None,
    time: str,
    intervention: date | str | None,
    denominator: str | None,
    before: int | None,
    season: Season,
) -> PrePeriod:
    if not isinstance(given, pd.DataFrame):
        return _from_figures(given, before)
    if value is None:
        raise ParameterError("`value` is missing: the column with what is measured.")
    series = make_series(given, value=value, time=time, denominator=denominator, covariates=())
    used = series.present
    if intervention is not None:
        start = periods.start_of(pd.DatetimeIndex(moments(intervention)), series.every)[0]
        used = used & (series.starts < start)
    count = int(used.sum())
    if count < FEWEST_BEFORE:
        word = periods.noun(series.every, 2)
        raise CannotEvaluate(
            f"There are too few {word} before the change to tell how much they vary.",
            found=f"{count}; at least {FEWEST_BEFORE} are needed",
            remedy="Give the standard deviation and autocorrelation of a similar ward instead.",
        )
    times, y = series.number[used], series.y[used]
    checks.refuse_flat(y)
    starts = series.starts[used]
    pairs = _pairs(starts, series.every, season)
    waves = _waves(starts, series.every, pairs)
    x = np.column_stack([np.ones(count), times - times[0], waves])
    checks.refuse_perfect(x, y)
    fit = fit_ar1(times, x, y[:, None])
    level = float(y.mean())
    return PrePeriod(
        before or count,
        float(np.sqrt(fit.sigma2[0])),
        float(fit.rho[0]),
        level if level > 0 else None,
        series.every,
        starts[0],
        fit.beta[0, 2:],
    )


def _pairs(starts: pd.DatetimeIndex, every: Frequency, season: Season) -> int:
    """Harmonic pairs that the analysis would take for these periods."""
    count = len(starts)
    filler = np.zeros(count)
    series = Series(starts, every, filler, filler, filler + 1, pd.DataFrame(index=starts))
    phases = Phases([starts[-1]], [count - 1], [None], np.zeros(count, dtype=bool), 0, 0)
    return harmonic_pairs(season, series, phases)


def _waves(starts: pd.DatetimeIndex, every: Frequency, pairs: int) -> Array:
    """Columns of the season, as in the analysis."""
    columns = season_columns(starts, every, pairs)
    return np.column_stack(list(columns.values())) if columns else np.empty((len(starts), 0))


def _from_figures(given: Any, before: int | None) -> PrePeriod:
    try:
        sd, rho = (float(figure) for figure in given)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            "Give a table, or two figures: standard deviation and autocorrelation.",
            found=repr(given),
        ) from error
    if sd <= 0 or not -1 < rho < 1:
        raise ParameterError(
            "The standard deviation must be above 0 and the autocorrelation between -1 and 1.",
            found=repr(given),
        )
    if before is None or before < 3:
        raise ParameterError("`before` is missing: the number of periods before the change.")
    return PrePeriod(before, sd, rho, None, "month", pd.Timestamp(2000, 1, 1), np.empty(0))


def _tested(after: Sequence[int], known: PrePeriod) -> tuple[list[int], list[int]]:
    """The waiting times after which a test is made, and those after which none is."""
    fewest = checks.TESTED_FROM
    wait = sorted(set(after))
    tested = [k for k in wait if k >= fewest]
    if not tested or known.before < fewest:
        word = periods.noun(known.every, 2)
        raise CannotEvaluate(
            f"With fewer than {fewest} {word} on a side the analysis makes no test, so no change "
            "of any size would be found.",
            found=f"{known.before} before, {listed([str(k) for k in wait])} after",
            remedy=f"Give waiting times of {fewest} {word} or more in `after`.",
        )
    return tested, [k for k in wait if k < fewest]


def _thresholds(
    known: PrePeriod,
    after: int,
    slope: bool,
    season: Season,
    confidence: float,
    simulations: int,
    seed: int,
) -> Array:
    """The level change from which on the headline of each simulated series would claim one.

    The same seed for every waiting time: the longer series are the shorter ones, continued.
    """
    rng = np.random.default_rng(seed)
    before, n = known.before, known.before + after
    times = np.arange(float(n))
    post = (times >= before).astype(float)
    last = periods.shift(known.first, n - 1, known.every)
    starts = periods.span(known.first, last, known.every)
    waves = _waves(starts, known.every, _pairs(starts, known.every, season))
    columns = [np.ones(n), times, post, *([post * (times - before)] if slope else []), waves]
    x = np.column_stack(columns)
    e = rng.standard_normal((n, simulations))
    for t in range(1, n):
        e[t] = known.rho * e[t - 1] + np.sqrt(1 - known.rho**2) * e[t]
    wave = np.zeros(waves.shape[1])
    wave[: len(known.wave)] = known.wave[: len(wave)]
    shrunk = np.arange(x.shape[1]) >= x.shape[1] - waves.shape[1]
    y = known.sd * e + (waves @ wave)[:, None]
    at_once = np.zeros(x.shape[1])
    at_once[2] = 1
    average = x[before:].mean(axis=0) * np.isin(np.arange(x.shape[1]), [2, 3]) * ~shrunk
    tails = [
        (average, (1 - confidence) / 2),
        (at_once, (1 - max(confidence, AT_ONCE_CONFIDENCE)) / 2),
    ]
    found = []
    for first in range(0, simulations, _CHUNK):
        mixture = integrate(times, x, y[:, first : first + _CHUNK], shrunk)
        lows = []
        for gradient, tail in tails:
            values = (mixture.beta @ gradient)[:, None]
            gradients = np.broadcast_to(gradient, (*values.shape, len(gradient)))
            lows.append(mixture.quantile(tail, values, gradients)[:, 0])
        found.append(-np.maximum(*lows))
    return np.concatenate(found)


def _smallest(
    thresholds: dict[int, Array], power: float, unit: str, simulations: int
) -> pd.DataFrame:
    """The smallest change found with the wanted power, with the simulation's own uncertainty."""
    reach = 1.96 * np.sqrt(power * (1 - power) / simulations)
    rows = []
    for after, least in thresholds.items():
        estimate, low, high = np.quantile(least, [power, power - reach, min(1, power + reach)])
        rows.append(
            estimate_row(
                f"smallest_change_after_{after}",
                estimate,
                low,
                high,
                se=(high - low) / 3.92,
                unit=unit,
                n=simulations,
                method="simulation with the default estimator",
            )
        )
    return estimates_table(rows)


def _enough(before: int) -> Check:
    name = "Periods before"
    if before < 12:
        why = f"Only {before} periods before: how much they vary is itself a rough guess."
        return Check("periods_before", name, "warn", why)
    return Check("periods_before", name, "pass", f"{before} periods before.")


def _untested(too_short: list[int], known: PrePeriod) -> list[Check]:
    if not too_short:
        return []
    words = periods.noun(known.every, 2)
    detail = (
        f"No test is made under {checks.TESTED_FROM} {words} after the change: "
        f"{listed([str(k) for k in too_short])} {words} are left out."
    )
    return [Check("untested", "Periods after", "warn", detail)]


def _of_counts(given: pd.DataFrame | tuple[float, float], value: str | None) -> list[Check]:
    """Counts of events are analysed on the log scale, which finds a little less."""
    if not isinstance(given, pd.DataFrame) or value is None:
        return []
    if not counts_events(given[value].to_numpy(dtype=float), value):
        return []
    detail = (
        "These are counts of events. The analysis fits them on the log scale, this simulation as "
        "plain numbers, which finds somewhat more: the true chances are lower, above all where "
        "there are few events a period."
    )
    return [Check("counts", "Counts of events", "warn", detail)]


def _simulated(simulations: int) -> Check:
    detail = f"{simulations:,} series were simulated for each number of periods after the change."
    return Check("simulation", "How it was found", "info", detail)
