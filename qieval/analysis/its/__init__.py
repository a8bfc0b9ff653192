"""Interrupted time series: did the level or the slope of a measure change at a known moment?

Reads from top to bottom: :mod:`.series` (table → calendar), :mod:`.design` (columns of the model),
:mod:`.methods` (by name, the default on :mod:`.methods.ar1`), :mod:`.effects`, :mod:`.checks`,
:mod:`.model` (one specification), :mod:`.result` (words). Formulas and sources: docs/methods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from qieval.analysis.its import checks, effects, model
from qieval.analysis.its.design import Season
from qieval.analysis.its.effects import Units
from qieval.analysis.its.methods import METHODS, DegreesOfFreedom, Method, Settings
from qieval.analysis.its.model import Fitted, Specification
from qieval.analysis.its.result import ITSResult
from qieval.analysis.its.series import Phases, Series, make_phases, make_series
from qieval.core import periods
from qieval.core.config import CONFIDENCE
from qieval.core.errors import ParameterError, listed, nearest
from qieval.core.results import checks_table

__all__ = ["ITSResult", "interrupted_time_series"]

Direction = Literal["lower", "higher", "neutral"]


def interrupted_time_series(
    data: pd.DataFrame,
    *,
    value: str,
    time: str = "period",
    intervention: date | str | Sequence[date | str],
    transition: int = 0,
    lag: int = 0,
    slope: bool = True,
    denominator: str | None = None,
    covariates: Sequence[str] = (),
    events: pd.DataFrame | Sequence[Mapping[str, Any]] | None = None,
    overlapping: bool | None = None,
    season: Season = "auto",
    method: Method = "reml",
    df: DegreesOfFreedom = "satterthwaite",
    horizon: int | Sequence[int] | None = None,
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
    transition : int
        Wash-out periods after the intervention that are left out of the fit
    lag : int
        Periods by which the effect is expected to start later than the intervention
    slope : bool
        Whether the slope may change as well as the level
    denominator : str, optional
        Column that the value is divided by, such as days_in_period
    covariates : list of str
        Further columns of the model
    events : DataFrame or list of mappings, optional
        Other things that happened, each with a date and an event in words
    overlapping : bool, optional
        Whether each value covers several periods (a rolling or running total). Nothing: looked for.
    season : "auto", int or None
        Harmonic pairs of a yearly pattern; auto takes none under 24 periods before the change
    method : str
        How the lines are fitted
    df : str
        Degrees of freedom of the intervals of the reml method
    horizon : int or list of int, optional
        Period after the change at which the effect is read, 1 being the first; nothing means the last
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
    Default: REML with AR(1) errors on calendar time and Satterthwaite degrees of freedom, which
    holds its level on short autocorrelated series far better than the usual defaults (docs/methods).
    Under 8 points a side nothing is tested (no p values; the words only describe); under 12 a side
    a warning says that intervals are rough. The default's headline is the interval with the
    autocorrelation integrated out when there are fewer than 24 points or the autocorrelation is
    estimated above 0.9, where a single best value of it cannot be trusted; a check says so.

    References
    ----------
    Wagner et al 2002, J Clin Pharm Ther 27:299. Bernal, Cummins and Gasparrini 2017, Int J Epidemiol
    46:348. Turner et al 2021, BMC Med Res Methodol 21:181. EPOC 2017, Interrupted time series
    analyses.
    """
    _check_options(method=method, df=df, transition=transition, lag=lag, confidence=confidence)
    happened = checks.tidy_events(events)
    series = make_series(
        data, value=value, time=time, denominator=denominator, covariates=covariates
    )
    phases, remarks = make_phases(series, _moments(intervention), transition, lag)
    used = series.present & ~phases.washed_out
    checks.refuse_overlapping(series, overlapping)
    checks.refuse_flat(series.y[used])
    words = _units(value, denominator, unit)
    wanted = Specification(method, Settings(df), slope, season)
    fitted, switched = model.fit_headline(series, phases, wanted)
    residuals = series.y - fitted.fit.mean(fitted.design.x)
    checks.refuse_perfect(residuals[used], series.y[used])

    horizons = [horizon] if isinstance(horizon, int) else list(horizon or [])
    rows = effects.coefficients(fitted.design, fitted.fit, series, words)
    rows += effects.effects(fitted.design, fitted.fit, series, phases, horizons, words)
    estimates = model.estimates_table(rows, fitted.fit, confidence)
    tested = checks.points_a_side(series, phases) >= checks.TESTED_FROM
    if not tested:
        estimates["p_value"] = np.nan

    near_row, near = checks.events_near(happened, series, phases)
    found = [
        checks.length(series, phases),
        checks.gaps(series, phases),
        *checks.washed_out(series, phases),
        *[("Date of the intervention", "info", remark) for remark in remarks],
        *[("Method of the headline", "info", why) for why in switched],
        checks.autocorrelation(fitted.fit),
        checks.left_over_pattern(residuals[used], series.number[used], fitted.fit),
        near_row,
    ]
    asked = {
        "value": value,
        "time": time,
        "intervention": [f"{start:%Y-%m-%d}" for start in phases.given],
        "transition": transition,
        "lag": lag,
        "slope": slope,
        "denominator": denominator,
        "covariates": list(covariates),
        "events": happened,
        "season": season,
        "method": method,
        "df": df,
        "horizon": horizons or None,
        "confidence": confidence,
        "outcome": outcome or value.replace("_", " ").capitalize(),
        "setting": setting,
        "change": change,
        "direction": direction,
    }
    return ITSResult(
        params=asked,
        points=_points(series, phases, fitted, confidence, residuals),
        estimates=estimates,
        checks=checks_table(found),
        rho=fitted.fit.rho,
        vcov=_named(fitted),
        spread=model.spread(
            series, phases, fitted.specification, happened, horizons, words, confidence
        ),
        facts=_facts(series, phases, fitted, words, tested, near, estimates),
    )


def _check_options(
    *, method: str, df: str, transition: int, lag: int, confidence: float
) -> None:
    for name, given, known in [
        ("method", method, tuple(METHODS)),
        ("df", df, get_args(DegreesOfFreedom)),
    ]:
        if given not in known:
            guess = nearest(str(given), known)
            raise ParameterError(
                f"`{name}` must be one of {listed(known)}.",
                found=repr(given),
                remedy=f"Did you mean `{guess}`?" if guess else None,
            )
    for name, count in [("transition", transition), ("lag", lag)]:
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ParameterError(
                f"`{name}` must be a whole number of periods, 0 or more.", found=repr(count)
            )
    if not 0.5 <= confidence < 1:
        raise ParameterError(
            "`confidence` must lie between 0.5 and 1.", found=repr(confidence), remedy="Use 0.95."
        )


def _moments(intervention: Any) -> list[pd.Timestamp]:
    given = intervention if isinstance(intervention, list | tuple) else [intervention]
    moments = []
    for one in given:
        try:
            moments.append(
                pd.to_datetime(one, format="ISO8601") if isinstance(one, str) else pd.Timestamp(one)
            )
        except (ValueError, TypeError) as error:
            raise ParameterError(
                "`intervention` is not a date.",
                found=repr(one),
                remedy="Write it as year-month-day: 2020-03-01.",
            ) from error
    if not moments or any(pd.isna(moment) for moment in moments):
        raise ParameterError("`intervention` needs a date.", found=repr(intervention))
    return sorted(moments)


def _units(value: str, denominator: str | None, unit: str | None) -> Units:
    total = value.replace("_", " ")
    if denominator == "days_in_period":
        default = f"{total} a day"
    else:
        default = f"{total} per {denominator.replace('_', ' ')}" if denominator else total
    return Units(unit or default, total if denominator else (unit or total))


def _points(
    series: Series, phases: Phases, fitted: Fitted, confidence: float, residuals: np.ndarray
) -> pd.DataFrame:
    """Rows behind the figure: every calendar period, missing ones with a blank value."""
    design, fit = fitted.design, fitted.fit
    start = phases.first_after[0]
    index = np.arange(len(series.starts))
    without = design.without(0)
    known = np.isfinite(without).all(axis=1)
    expected = np.full((3, len(index)), np.nan)
    centre = fit.mean(without[known])
    band = fit.infer(centre, fit.mean_gradient(without[known]), confidence)
    expected[:, known] = centre, band.ci_low, band.ci_high
    after = index >= start
    return pd.DataFrame(
        {
            "time": series.starts,
            "value": series.y,
            "phase": np.where(phases.washed_out, "transition", np.where(after, "after", "before")),
            "used": design.used,
            "period_after": np.where(after, index - start + 1, 0),
            "fitted": np.where(phases.washed_out, np.nan, fit.mean(design.x)),
            "counterfactual": expected[0],
            "counterfactual_low": expected[1],
            "counterfactual_high": expected[2],
            "residual": np.where(design.used, residuals, np.nan),
            "denominator": series.denominator,
        }
    )


def _named(fitted: Fitted) -> pd.DataFrame:
    names = fitted.design.names
    return pd.DataFrame(fitted.fit.vcov, columns=names, index=pd.Index(names, name="term"))


def _facts(
    series: Series,
    phases: Phases,
    fitted: Fitted,
    words: Units,
    tested: bool,
    near: list[dict[str, Any]],
    estimates: pd.DataFrame,
) -> dict[str, Any]:
    y, used = series.y, fitted.design.used
    start = phases.first_after[0]
    index = np.arange(len(y))
    before, after = used & (index < start), used & (index >= start)
    furthest = [term for term in estimates.index if re.fullmatch(r"effect_at_\d+", term)][-1]
    counted = int(furthest.rsplit("_", 1)[1])
    return {
        "every": series.every,
        "unit": words.value,
        "total_unit": words.total,
        "given": [f"{moment:%Y-%m-%d}" for moment in phases.given],
        "first_after": [f"{series.starts[at]:%Y-%m-%d}" for at in phases.first_after],
        "last_counted": f"{series.starts[start + counted - 1]:%Y-%m-%d}",
        "tested": tested,
        "points": int(used.sum()),
        "points_a_side": checks.points_a_side(series, phases),
        "harmonic_pairs": fitted.design.pairs,
        "medians": [float(np.median(y[before])), float(np.median(y[after]))],
        "events_near": near,
        **_passed_again(series, before, after),
    }


def _passed_again(series: Series, before: np.ndarray, after: np.ndarray) -> dict[str, Any]:
    """When, after a step that everyone can see, the level of the year before was passed again.

    A step that everyone can see: the first three points after it all lie on one side of every point
    of the year before.
    """
    year = round(periods.PER_YEAR[series.every])
    last_year = series.y[np.flatnonzero(before)[-year:]]
    at = np.flatnonzero(after)
    first = series.y[at[:3]]
    step = int((first > last_year.max()).all()) - int((first < last_year.min()).all())
    level = float(last_year.mean())
    back = at[(series.y[at] - level) * step <= 0] if step else []
    found = f"{series.starts[back[0]]:%Y-%m-%d}" if len(back) else None
    return {"level_before": level, "passed_again": found}
