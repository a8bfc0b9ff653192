"""Before the data: how large must a change be to be found, and how long must one wait?

Series with the standard deviation, autocorrelation and yearly wave of the time before are simulated
and put through the very estimator and the very rule that will be used (:mod:`.simulated`): a change
counts as found when the headline would claim it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, get_args

import numpy as np
import pandas as pd

from qieval.analysis.its import checks
from qieval.analysis.its.methods import refusals
from qieval.analysis.its.methods.ar1 import fit_ar1
from qieval.analysis.its.methods.design import Design, Season
from qieval.analysis.its.methods.names import Primary
from qieval.analysis.its.methods.options import horizons_of, require_options
from qieval.analysis.its.methods.series import Array, make_series, moments
from qieval.analysis.its.methods.simulated import (
    FALLS,
    Analysis,
    PrePeriod,
    event_rate,
    pairs_of,
    thresholds,
    waves_of,
)
from qieval.core import periods
from qieval.core.checks import Check, checks_table
from qieval.core.columns import is_number
from qieval.core.config import CONFIDENCE, SEED
from qieval.core.counts import Counts, declared
from qieval.core.desk import progress
from qieval.core.errors import CannotEvaluate, ParameterError, listed, require_one_of
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.recorded import recorded
from qieval.core.result import Result
from qieval.core.signatures import public
from qieval.core.tables import ESTIMATES, Column, Declaration, Table
from qieval.core.words import number, percent, sentence

FEWEST_BEFORE = 8

MOST_OF_EVENTS = 250
"""Series of counts that are simulated for a waiting time: each is fitted several times."""


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
    of_events : bool
        Whether counts of events were simulated: then the changes are falls.
    sd, rho : float
        Standard deviation and autocorrelation of the periods before.
    level : float or None
        Their mean; None where it is not known.
    needed : int or None
        Periods after the change with which the one hoped for is found; None if none is enough.
    """

    every: str
    unit: str
    before: int
    sd: float
    rho: float
    level: float | None
    needed: int | None
    of_events: bool = False

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
        caption = f"The smallest {self._change} at once that would be found {self._odds()}"
        return Table(
            "estimates", caption, tuple(columns), rows.reset_index(drop=True), missing="none"
        )

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
        with_these = f"With {self.before} {words} before and {self.after[-1]} after"
        if not self._reached(-1):
            return f"{with_these}, not even a fall to almost none would be found {self._odds()}"
        return (
            f"{with_these}, a {self._change} at once of {self._size(-1)}{share} would be found "
            f"{self._odds()}"
        )

    def _reached(self, at: int) -> bool:
        """Whether any change would be found as often as wanted."""
        return bool(self.estimates["estimate"].notna().iloc[at])

    @property
    def _change(self) -> str:
        return "fall" if self.of_events else "change"

    def _odds(self) -> str:
        return f"{100 * self.params['power']:.0f} times in 100"

    def details(self) -> str:
        """What can be found when, and what that rests on."""
        words = periods.noun(self.every, 2)
        parts = []
        if len(self.after) > 1 and self._reached(0):
            parts.append(f"After {self.after[0]} {words} it would have to be {self._size(0)}.")
        if self.params["wanted"]:
            parts.append(sentence(self._found_by_the_end()))
        if self.params["horizon"]:
            first = f"the first {self.params['horizon']} {words}"
            parts.append(f"The headline will rest on the average over {first} after the change.")
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
            f"{after} {words}: {number(estimate, digits) if np.isfinite(estimate) else 'none'}"
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


@public
def its_power(
    data_or_sd_rho: pd.DataFrame | tuple[float, float],
    *,
    value: str | None = None,
    time: str = "period",
    intervention: date | str | None = None,
    denominator: str | None = None,
    per: float = 1,
    before: int | None = None,
    after: Sequence[int] = (6, 12, 18, 24, 36),
    wanted: float | None = None,
    power: float = 0.8,
    slope: bool = True,
    season: Season = "auto",
    counts: Counts | None = None,
    primary: Primary = "average_effect",
    horizon: int | None = None,
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
    per : float
        Units of the denominator that a rate is given for, such as 100000 people
    before : int, optional
        Periods before the change; nothing means as many as the data have
    after : list of int
        Numbers of periods after the change to be tried
    wanted : float, optional
        Size of the change hoped for, in the unit of the value
    power : float
        Chance with which a change should be found
    slope : bool
        Whether the slope may change as well as the level
    season : "auto", int or None
        Harmonic pairs of a yearly pattern; auto takes one from 18 points, two from 36
    counts : str, optional
        What the value counts: events (falls, admissions), or an amount (bed days, waits, scores).
        Nothing: as it was counted by `measure`; of other tables whole numbers are taken for events.
    primary : str
        What the headline rests on, declared before anyone looks: the average over the periods after
        the change, or the change at once
    horizon : int, optional
        Periods after the change that will be averaged, declared now; nothing: all of them
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
    with few periods they are not, and the answer is then itself rough. Counts of events are
    simulated as counts with the memory of their rate, and falls are tried, up to 95 % of the rate.
    """
    asked = recorded(its_power, locals())
    require_options(confidence, counts)
    waits = _check(after, before, power, per, simulations, wanted, seed)
    require_one_of("primary", primary, get_args(Primary))
    if len(horizons_of(horizon)) > 1 or (horizon is not None and horizon < 1):
        raise ParameterError("`horizon` must be one number, 1 or more.", found=repr(horizon))
    analysis = Analysis(slope, season, primary, confidence, horizon)
    known, family = _pre_period(
        data_or_sd_rho, value, time, intervention, denominator, per, before, season, counts
    )
    if wanted and known.events and wanted > known.events.rate:
        raise ParameterError(
            "`wanted` is a larger fall than there are events: of counts, falls are tried.",
            found=f"{wanted:g}; so far the rate is {known.events.rate:.3g}",
            remedy="Give a fall, and no more than the rate itself.",
        )
    wait, too_short = _tested(waits, known, horizon)
    simulations = min(simulations, MOST_OF_EVENTS) if known.events else simulations
    least = {
        k: thresholds(known, k, analysis, simulations, seed)
        for k in progress(wait, "Waiting times simulated")
    }
    sizes = _sizes(known, least[wait[0]], power)
    points = pd.DataFrame(
        [(k, size, float((least[k] < size).mean())) for k in wait for size in sizes],
        columns=["after", "change", "power"],
    )
    name = unit or (value or "standard deviations").replace("_", " ")
    estimates = _smallest(least, power, name, simulations)
    needed = None
    if wanted:
        needed = next((k for k in wait if (least[k] < wanted).mean() >= power), None)
    rows = [
        _enough(known.before),
        *_untested(too_short, known, horizon),
        *family,
        _simulated(simulations),
    ]
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
        of_events=known.events is not None,
    )


def _sizes(known: PrePeriod, least: Array, power: float) -> Array:
    """Sizes of the change for the curves."""
    if known.events:
        return FALLS * known.events.rate
    return np.linspace(0, 1.25 * float(np.quantile(least, min(power, 0.9))), 26)


def _check(
    after: Any, before: Any, power: Any, per: Any, simulations: Any, wanted: Any, seed: int
) -> list[int]:
    """The waiting times, once every option has a meaning."""
    several = isinstance(after, Sequence | np.ndarray) and len(after) > 0
    if not several or not all(is_number(k, whole=True) and k >= 3 for k in after):
        raise ParameterError(
            "`after` must be numbers of periods, each at least 3.", found=repr(after)
        )
    if before is not None and not is_number(before, whole=True):
        raise ParameterError("`before` must be a whole number of periods.", found=repr(before))
    if not is_number(per) or per <= 0:
        raise ParameterError("`per` must be above zero.", found=repr(per))
    if not is_number(power) or not 0.5 <= power < 1:
        raise ParameterError("`power` must lie between 0.5 and 1.", found=repr(power))
    if not is_number(simulations, whole=True) or simulations < 100:
        raise ParameterError("`simulations` must be at least 100.", found=repr(simulations))
    if seed < 0:
        raise ParameterError("`seed` must be a whole number, 0 or more.", found=repr(seed))
    if wanted is not None and not (is_number(wanted) and wanted > 0):
        raise ParameterError(
            "`wanted` is the size of the change, whatever its direction: give it above zero.",
            found=repr(wanted),
        )
    return [int(k) for k in after]


def _pre_period(
    given: pd.DataFrame | tuple[float, float],
    value: str | None,
    time: str,
    intervention: date | str | None,
    denominator: str | None,
    per: float,
    before: int | None,
    season: Season,
    counts: Counts | None,
) -> tuple[PrePeriod, list[Check]]:
    if not isinstance(given, pd.DataFrame):
        return _from_figures(given, before), []
    if value is None:
        raise ParameterError("`value` is missing: the column with what is measured.")
    series = make_series(
        given, value=value, time=time, denominator=denominator, covariates=(), per=per
    )
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
    checks.refuse_overlapping(series, None)
    times, y = series.number[used], series.y[used]
    checks.refuse_flat(y)
    starts = series.starts[used]
    pairs = pairs_of(starts, series.every, season)
    waves = waves_of(series.starts, series.every, pairs)
    lines = np.column_stack([np.ones(len(used)), series.number - times[0], waves])
    names = ["intercept", "trend", *["season_"] * waves.shape[1]]
    design = Design(names, lines, used, pairs)
    x = lines[used]
    if refusals.is_exact(x, y[:, None])[0]:
        raise CannotEvaluate(refusals.EXACT_WORDS, remedy=refusals.EXACT_REMEDY)
    fit = fit_ar1(times, x, y[:, None])
    level, wave, events = float(y.mean()), fit.beta[0, 2:], None
    family, rows = checks.choose_family(
        series, used, "auto", False, "integrated", declared(given, value, counts)
    )
    if family == "events":
        events, beta = event_rate(series.total[used], series.denominator[used], x)
        level, wave = events.rate, beta[2:]
    rows += checks.overlap_suspected(series, design, None)
    known = PrePeriod(
        before or count,
        float(np.sqrt(fit.sigma2[0])),
        float(fit.rho[0]),
        level if level > 0 else None,
        series.every,
        starts[0],
        wave,
        events,
    )
    return known, rows


def _from_figures(given: Any, before: int | None) -> PrePeriod:
    try:
        sd, rho = (float(figure) for figure in given)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            "Give a table, or two figures: standard deviation and autocorrelation.",
            found=repr(given),
        ) from error
    if not (0 < sd < np.inf and -1 < rho < 1):
        raise ParameterError(
            "The standard deviation must be above 0 and the autocorrelation between -1 and 1.",
            found=repr(given),
        )
    if before is None or before < 3:
        raise ParameterError("`before` is missing: the number of periods before the change.")
    return PrePeriod(before, sd, rho, None, "month", pd.Timestamp(2000, 1, 1), np.empty(0))


def _fewest(horizon: int | None) -> int:
    """Periods after the change from which on there is a test of what was asked."""
    return max(checks.TESTED_FROM, horizon or 0)


def _tested(
    after: Sequence[int], known: PrePeriod, horizon: int | None
) -> tuple[list[int], list[int]]:
    """The waiting times after which a test is made, and those after which none is."""
    fewest = _fewest(horizon)
    wait = sorted(set(after))
    tested = [k for k in wait if k >= fewest]
    word = periods.noun(known.every, 2)
    if not tested and fewest > checks.TESTED_FROM:
        raise CannotEvaluate(
            f"The average over {fewest} {word} can only be had once they have passed.",
            found=f"{listed([str(k) for k in wait])} {word} in `after`",
            remedy=f"Give waiting times of {fewest} {word} or more in `after`, or a shorter "
            "`horizon`.",
        )
    if not tested or known.before < checks.TESTED_FROM:
        raise CannotEvaluate(
            f"With fewer than {fewest} {word} on a side the analysis makes no test, so no change "
            "of any size would be found.",
            found=f"{known.before} before, {listed([str(k) for k in wait])} after",
            remedy=f"Give waiting times of {fewest} {word} or more in `after`.",
        )
    return tested, [k for k in wait if k < fewest]


def _smallest(
    thresholds: dict[int, Array], power: float, unit: str, simulations: int
) -> pd.DataFrame:
    """The smallest change found with the wanted power, with the simulation's own uncertainty."""
    reach = 1.96 * np.sqrt(power * (1 - power) / simulations)
    rows = []
    for after, least in thresholds.items():
        ranks = np.array([power, power - reach, min(1, power + reach)])
        estimate, low, high = _quantiles(least, ranks)
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


def _quantiles(least: Array, ranks: Array) -> Array:
    """Quantiles of the sizes; nothing where no size is found so often."""
    most = float(least[np.isfinite(least)].max(initial=0.0))
    cut = np.quantile(np.minimum(least, 1e3 * (1 + most)), ranks)
    return np.where(cut <= most, cut, np.nan)


def _enough(before: int) -> Check:
    name = "Periods before"
    if before < 12:
        why = f"Only {before} periods before: how much they vary is itself a rough guess."
        return Check("periods_before", name, "warn", why)
    return Check("periods_before", name, "pass", f"{before} periods before.")


def _untested(too_short: list[int], known: PrePeriod, horizon: int | None) -> list[Check]:
    if not too_short:
        return []
    words = periods.noun(known.every, 2)
    detail = (
        f"No test is made under {_fewest(horizon)} {words} after the change: "
        f"{listed([str(k) for k in too_short])} {words} are left out."
    )
    return [Check("untested", "Periods after", "warn", detail)]


def _simulated(simulations: int) -> Check:
    detail = f"{simulations:,} series were simulated for each number of periods after the change."
    return Check("simulation", "How it was found", "info", detail)
