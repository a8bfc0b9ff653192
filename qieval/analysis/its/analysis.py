"""Did the level or the slope of a measure change at a known moment?

Reads from top to bottom: the table becomes a series on a calendar, the model is fitted, effects
are taken from it, and everything that a reader must know before believing it is checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from qieval.analysis.its import checks, tables
from qieval.analysis.its.methods import (
    DegreesOfFreedom,
    Family,
    Method,
    Settings,
    controls,
    diagnostics,
    model,
)
from qieval.analysis.its.methods.controls import Controlled
from qieval.analysis.its.methods.design import Season
from qieval.analysis.its.methods.effects import Units
from qieval.analysis.its.methods.known_failures import like
from qieval.analysis.its.methods.lasting import lasting
from qieval.analysis.its.methods.model import Specification
from qieval.analysis.its.methods.names import Primary
from qieval.analysis.its.methods.options import horizons_of, require_options
from qieval.analysis.its.methods.other_events import Averaged, near_the_change
from qieval.analysis.its.methods.series import Series, make_phases, make_series, moments
from qieval.analysis.its.words import ITSResult
from qieval.core.aim import read_aim
from qieval.core.checks import Check, checks_table
from qieval.core.columns import is_number
from qieval.core.config import CONFIDENCE
from qieval.core.counts import Counts, declared
from qieval.core.errors import ParameterError, require_one_of
from qieval.core.events import tidy_events
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.worth import is_of_bed_days, read_unit_cost, refuse_other_units

Direction = Literal["lower", "higher", "neutral"]


@public
def interrupted_time_series(
    data: pd.DataFrame,
    *,
    value: str,
    time: str = "period",
    intervention: date | str | Sequence[date | str],
    intervention_end: date | str | Sequence[date | str | None] | None = None,
    transition: int = 0,
    lag: int = 0,
    slope: bool = True,
    denominator: str | None = None,
    per: float = 1,
    control: str | Sequence[str] | None = None,
    covariates: Sequence[str] = (),
    events: pd.DataFrame | Sequence[Mapping[str, Any]] | None = None,
    overlapping: bool | None = None,
    season: Season = "auto",
    counts: Counts | None = None,
    family: Family = "auto",
    method: Method = "integrated",
    df: DegreesOfFreedom = "satterthwaite",
    lags: int | None = None,
    order: Sequence[int] = (1, 0, 0),
    seasonal_order: Sequence[int] = (0, 0, 0, 0),
    horizon: int | Sequence[int] | None = None,
    primary: Primary = "average_effect",
    smallest: float | None = None,
    unit_cost: Mapping[str, Any] | None = None,
    aim: Mapping[str, Any] | str | None = None,
    confidence: float = CONFIDENCE,
    outcome: str | None = None,
    unit: str | None = None,
    setting: str = "",
    change: str = "the intervention",
    direction: Direction = "neutral",
) -> ITSResult:
    """Estimate how a series changed at a known moment, against what was expected without it.

    Parameters
    ----------
    data : DataFrame
        One row a period. It is not changed.
    value : str
        Column with what is measured
    time : str
        Column with the dates of the periods
    intervention : date, or several
        Day on which the change began. Several are fitted together, each read against the model
        without it and those after it.
    intervention_end : date, or as many as interventions
        Day on which a temporary intervention stopped; after it no effect is modelled
    transition : int
        Wash-out periods after the intervention that are left out of the fit
    lag : int
        Periods by which the effect is expected to start later than the intervention
    slope : bool
        Whether the slope may change as well as the level
    denominator : str, optional
        Column that the value is divided by, such as days_in_period
    per : float
        Units of the denominator that a rate is given for, such as 100000 people
    control : str or list of str, optional
        Columns with series that had everything but the intervention, divided like the value. The
        headline is then the difference from their mean.
    covariates : list of str
        Further columns of the model
    events : DataFrame or list of mappings, optional
        Other things that happened, each with a date and an event in words
    overlapping : bool, optional
        Whether each value covers several periods (a rolling or running total). Nothing: looked for.
    season : "auto", int or None
        Harmonic pairs of a yearly pattern; auto takes one from 18 points, two from 36
    counts : str, optional
        What the value counts: events (falls, admissions), or an amount (bed days, waits, scores).
        Nothing: as it was counted by `measure`; of other tables whole numbers are taken for events.
    family : str
        Distribution of the value; auto takes events for counts of events, else gaussian
    method : str
        How the lines of a gaussian value are fitted
    df : str
        Degrees of freedom of the intervals of the reml method
    lags : int, optional
        Lags of the newey_west method; nothing means 1
    order : list of int
        Order of the arima method
    seasonal_order : list of int
        Seasonal order of the arima method
    horizon : int or list of int, optional
        Period after the change at which the effect is read, 1 being the first; nothing: the last
    primary : str
        What the headline rests on, declared before anyone looks: the average over the periods after
        the change, or the change at once
    smallest : float, optional
        Smallest difference that matters in what the headline rests on, in the unit of the value
    unit_cost : mapping, optional
        What a bed day costs, of a measure of bed days: low and high (pounds), source, price_year
    aim : mapping or str, optional
        What is to be reached, by how much and by when
    confidence : float
        Confidence level of the intervals
    outcome : str, optional
        What is measured, in plain words
    unit : str, optional
        Unit of the plotted value, in plain words
    setting : str
        For whom or where, in plain words
    change : str
        The intervention in plain words, as in a sentence
    direction : str
        Which way is better

    Returns
    -------
    ITSResult
        Estimates by term: ``intercept, trend, level_change, slope_change, effect_at_<k>,
        average_effect, cumulative_effect, relative_effect`` (``…_2`` for a second intervention).

    Raises
    ------
    DataError
        If the table cannot be used (columns, dates, duplicates, infinite values, denominators).
    ParameterError
        If a parameter has no meaning for these data.
    CannotEvaluate
        If the data cannot answer the question: fewer than three points a side, no variation,
        overlapping values, a model with more columns than the points can carry.

    Notes
    -----
    Default: AR(1) errors on calendar time with the autocorrelation integrated out under a prior
    that keeps a place for a random walk, and a season shrunk towards none; one rule for every
    interval, which holds its level on short autocorrelated series (docs/methods). Other methods
    take the season as fixed. Counts of events are fitted on the log scale with the same errors;
    with fewer than five events on a side a rate ratio before and after stands for the model.
    Under 8 points a side nothing is tested (no p values; the words only describe); under 12 a side
    a warning says that intervals are rough.

    References
    ----------
    Wagner et al 2002, J Clin Pharm Ther 27:299. Bernal, Cummins and Gasparrini 2017, Int J
    Epidemiol 46:348. Turner et al 2021, BMC Med Res Methodol 21:181. EPOC 2017, Interrupted time
    series analyses.
    """
    asked = recorded(interrupted_time_series, locals())
    require_options(confidence, counts, transition, lag)
    horizons = horizons_of(horizon)
    _check_options(method=method, df=df, family=family, primary=primary, per=per, smallest=smallest)
    read_aim(aim)  # refused here if it is damaged, not on the page
    cost = read_unit_cost(unit_cost)
    happened = tidy_events(events)
    names = [control] if isinstance(control, str) else list(control or [])
    series, pair = _with_controls(
        make_series(
            data,
            value=value,
            time=time,
            denominator=denominator,
            covariates=[*covariates, *names],
            per=per,
        ),
        names,
    )
    when = moments(intervention)
    phases, remarks = make_phases(series, when, transition, lag, _ends(intervention_end, len(when)))
    used = series.present & ~phases.washed_out
    own = pair.own if pair else series
    checks.refuse_overlapping(own, overlapping)
    if pair:
        pair.refuse_identical()
    checks.refuse_flat(own.y[used])
    checks.refuse_unit(smallest, own.y[used])
    words = _units(value, denominator, per, unit, bool(pair))
    refuse_other_units(cost, is_of_bed_days(value, denominator, per), words.value)
    chosen_family, family_row = checks.choose_family(
        series, used, family, bool(pair), method, declared(data, value, counts)
    )
    settings = Settings(df, 1 if lags is None else lags, _three(order), _four(seasonal_order))
    wanted = Specification(method, settings, slope, season, chosen_family)
    fitted = model.fit(series, phases, wanted)
    overlap_row = checks.overlap_suspected(own, fitted.design, overlapping)

    estimates = tables.estimates(series, phases, fitted, words, horizons, confidence)
    span = tables.span_of(series, phases, fitted, words, estimates)
    if not span.tested:
        estimates["p_value"] = np.nan
    white = diagnostics.residuals(series, fitted)
    single = diagnostics.influence(series, fitted)
    chosen = fitted.specification
    placebo = diagnostics.placebo_dates(series, phases, chosen, confidence)
    average = Averaged.of(estimates, span.last_counted)
    near = near_the_change(happened, series, phases, average, chosen, words, confidence)
    rows = [
        checks.length(series, phases),
        checks.gaps(series),
        *checks.exposure(series, fitted),
        *checks.washed_out(series, phases),
        *[Check("intervention_date", "Date of the intervention", "info", why) for why in remarks],
        *overlap_row,
        *family_row,
        checks.memory(fitted, white, confidence),
        checks.residual_pattern(fitted, white),
        *checks.known_failure(fitted, like(fitted.fit.rho, white, chosen.family == "events")),
        *checks.yearly_wave(series, phases, fitted.design.pairs),
        *checks.few_events(fitted),
        *checks.dispersion(fitted, series),
        checks.single_points(single, series),
        checks.placebo_dates(placebo),
        checks.other_events(near, len(happened), series.every, span.unit),
        *([controls.trends_agree(pair, phases, confidence)] if pair else []),
    ]
    return ITSResult(
        params={
            **asked,
            "intervention": [f"{start:%Y-%m-%d}" for start in phases.given],
            "control": names,
            "events": happened,
            "lags": settings.lags,
            "horizon": horizons or None,
            "outcome": outcome or value.replace("_", " ").capitalize(),
        },
        points=tables.points(series, phases, fitted, confidence),
        estimates=estimates,
        checks=checks_table(rows),
        span=span,
        rho=fitted.fit.rho,
        covariances=tables.covariance(fitted),
        spread=model.spread(series, phases, chosen, happened, horizons, words, confidence),
        placebo=placebo,
        influence=single,
        residuals=white,
        comparisons=controls.comparisons(pair, phases, chosen, horizons, words, confidence)
        if pair
        else pd.DataFrame(columns=controls.COLUMNS),
        near=near,
        lasting=lasting(series, phases, chosen, words, confidence),
    )


def _with_controls(series: Series, names: list[str]) -> tuple[Series, Controlled | None]:
    """The series to fit: itself, or its difference from the mean of its controls."""
    if not names:
        return series, None
    values = series.covariates[names].to_numpy(dtype=float) / series.denominator[:, None]
    own = replace(series, covariates=series.covariates.drop(columns=names))
    pair = Controlled(own, values, names)
    return pair.difference(), pair


def _check_options(
    *,
    method: str,
    df: str,
    family: str,
    primary: str,
    per: float,
    smallest: float | None,
) -> None:
    for name, given, known in [
        ("method", method, get_args(Method)),
        ("df", df, get_args(DegreesOfFreedom)),
        ("family", family, get_args(Family)),
        ("primary", primary, get_args(Primary)),
    ]:
        require_one_of(name, given, known)
    if not is_number(per) or per <= 0:
        raise ParameterError("`per` must be above zero.", found=repr(per))
    if smallest is not None and not (is_number(smallest) and smallest > 0):
        raise ParameterError(
            "`smallest` is a size in the unit of the value, whatever its direction: give it as a "
            "number above zero.",
            found=repr(smallest),
        )


def _ends(end: Any, interventions: int) -> list[pd.Timestamp | None]:
    """The end of each intervention; None for one that went on."""
    if end is None:
        return [None] * interventions
    given = list(end) if isinstance(end, list | tuple) else [end]
    if len(given) != interventions:
        raise ParameterError(
            "`intervention_end` needs one entry for each intervention.",
            found=f"{len(given)} for {interventions}",
            remedy="Write null (None) for an intervention that went on.",
        )
    return [None if one is None else moments(one)[0] for one in given]


def _three(order: Sequence[int]) -> tuple[int, int, int]:
    return _whole_numbers(order, 3, "order")  # type: ignore[return-value]


def _four(order: Sequence[int]) -> tuple[int, int, int, int]:
    return _whole_numbers(order, 4, "seasonal_order")  # type: ignore[return-value]


def _whole_numbers(order: Sequence[int], count: int, name: str) -> tuple[int, ...]:
    numbers = tuple(order)
    if len(numbers) != count or any(not isinstance(n, int) or n < 0 for n in numbers):
        raise ParameterError(
            f"`{name}` must be {count} whole numbers.", found=repr(order), remedy="Use (1, 0, 0)."
        )
    return numbers


def _is_rate(unit: str) -> bool:
    return " per " in unit or unit.endswith((" a day", " a week", " a month"))


def _units(
    value: str, denominator: str | None, per: float, unit: str | None, controlled: bool
) -> Units:
    total = value.replace("_", " ")
    default = total
    if denominator == "days_in_period" and per == 1:
        default = f"{total} a day"
    elif denominator:
        many = f"{per:,g} " if per != 1 else ""
        default = f"{total} per {many}{denominator.replace('_', ' ')}"
    return Units(
        unit or default,
        total if denominator or not unit or _is_rate(unit) else unit,
        has_ratio=not controlled,
        beds=denominator == "days_in_period" and per == 1 and "bed_days" in value,
    )
