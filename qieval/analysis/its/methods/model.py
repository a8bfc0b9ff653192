"""One specification fitted to one series; the headline and the specification spread both use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.its.methods import (
    EDGE,
    METHOD_WORDS,
    METHODS,
    Family,
    Fit,
    Method,
    Model,
    Settings,
    effects,
    fit_counts,
)
from qieval.analysis.its.methods.design import Design, Season, harmonic_pairs, make_design
from qieval.analysis.its.methods.effects import Quantity, Units
from qieval.analysis.its.methods.series import Phases, Series
from qieval.core import periods
from qieval.core.errors import CannotEvaluate
from qieval.core.estimates import ESTIMATE_COLUMNS


@dataclass(frozen=True)
class Specification:
    """The choices of a model that an analyst might have made otherwise.

    ``steps`` are the places in the calendar of other events that get a lasting step.
    """

    method: Method
    settings: Settings
    slope: bool
    season: Season
    family: Family = "gaussian"
    steps: tuple[int, ...] = ()

    @property
    def method_words(self) -> str:
        """The method in words; a count model is named by its family."""
        return METHOD_WORDS[self.method if self.family == "gaussian" else self.family]


@dataclass(frozen=True)
class Fitted:
    """A specification, its design and its fit."""

    specification: Specification
    design: Design
    fit: Fit


def fit(series: Series, phases: Phases, specification: Specification) -> Fitted:
    """Fit one specification."""
    chosen = specification
    design = make_design(
        series, phases, slope=chosen.slope, season=chosen.season, steps=chosen.steps
    )
    used = design.used
    model = Model(
        series.number[used],
        design.x[used],
        series.y[used],
        series.denominator[used],
    )
    if chosen.family == "gaussian":
        return Fitted(chosen, design, METHODS[chosen.method](model, chosen.settings))
    return Fitted(chosen, design, fit_counts(model, chosen.settings, chosen.family))


INTEGRATED_UNDER = 24


def fit_headline(series: Series, phases: Phases, asked: Specification) -> tuple[Fitted, list[str]]:
    """The specification asked for, or the default's own switch to the integrated interval.

    Returns
    -------
    Fitted
        The fit behind the headline.
    list of str
        Why another method than the one asked for was taken; empty if it was not.
    """
    fitted = fit(series, phases, asked)
    n, rho = int(fitted.design.used.sum()), fitted.fit.rho
    if (asked.method, asked.settings.df) != ("reml", "satterthwaite") or rho is None:
        return fitted, []
    if n >= INTEGRATED_UNDER and rho <= EDGE:
        return fitted, []
    high = "at its upper limit" if rho > 0.99 else f"of {rho:.2f}"
    found = f"{n} points" if n < INTEGRATED_UNDER else f"an estimated autocorrelation {high}"
    why = (
        f"With {found}, no single value of the autocorrelation can be trusted. The intervals weigh "
        "every possible value by how well it explains the data (method `integrated`); the REML "
        "estimate stands in the table of other choices."
    )
    switched = fit(series, phases, replace(asked, method="integrated"))
    return replace(switched, fit=replace(switched.fit, rho=rho)), [why]


def estimates_table(rows: list[Quantity], fit: Fit, confidence: float) -> pd.DataFrame:
    """The estimates of a result, one row a quantity, indexed by term."""
    values = np.array([row.value for row in rows])
    found = fit.infer(values, np.array([row.gradient for row in rows]), confidence)
    table = pd.DataFrame(
        {
            "term": [row.term for row in rows],
            "estimate": values,
            "se": found.se,
            "ci_low": found.ci_low,
            "ci_high": found.ci_high,
            "p_value": found.p_value,
            "df": found.df,
            "unit": [row.unit for row in rows],
            "n": [row.n for row in rows],
            "method": fit.method,
        }
    )
    return table.set_index("term")[ESTIMATE_COLUMNS]


# ---- the specification spread ------------------------------------------------------------------

SPREAD_COLUMNS = [
    "method",
    "model",
    "term",
    "estimate",
    "ci_low",
    "ci_high",
    "unit",
    "headline",
    "left_out",
]
SPREAD_METHODS: tuple[Method, ...] = (
    "reml",
    "integrated",
    "ml",
    "ols",
    "newey_west",
    "prais_winsten",
)
"""Methods shown beside the headline. ARIMA is fitted when it is asked for: it takes seconds."""


@dataclass(frozen=True)
class Alternative:
    """Another defensible choice: what is different, in words."""

    words: str
    specification: Specification
    phases: Phases


def spread(
    series: Series,
    phases: Phases,
    headline: Specification,
    events: Sequence[Mapping[str, Any]],
    horizons: list[int] | None,
    units: Units,
    confidence: float,
) -> pd.DataFrame:
    """The same question asked with other defensible choices (specification spread).

    Methods under the headline's model; then every combination of slope, season and wash-out under
    the headline's method; then each listed event with a step of its own, and all of them but one.

    Returns
    -------
    DataFrame
        One row a specification and term: ``method, model, term, estimate, ci_low, ci_high, unit,
        headline``; a specification that the data cannot carry has its reason in ``left_out``.
    """
    rows: list[dict[str, Any]] = []
    for number, other in enumerate(_alternatives(series, phases, headline, events)):
        words = {"method": other.specification.method_words, "model": other.words}
        terms = (effects.at_once(headline.family != "gaussian"), "average_effect")
        try:
            fitted = fit(series, other.phases, other.specification)
        except CannotEvaluate as error:
            refused = {**words, "headline": False, "left_out": error.problem}
            rows += [{**refused, "term": term} for term in terms]
            continue
        quantities = effects.coefficients(fitted.design, fitted.fit, series, units)
        quantities += effects.effects(
            fitted.design, fitted.fit, series, other.phases, horizons, units
        )
        chosen = [row for row in quantities if row.term in terms]
        values = np.array([row.value for row in chosen])
        found = fitted.fit.infer(values, np.array([row.gradient for row in chosen]), confidence)
        for row, low, high in zip(chosen, found.ci_low, found.ci_high, strict=True):
            numbers = {"estimate": row.value, "ci_low": low, "ci_high": high, "unit": row.unit}
            marks = {"headline": number == 0, "left_out": ""}
            rows.append({**words, "term": row.term, **numbers, **marks})
    return pd.DataFrame(rows, columns=SPREAD_COLUMNS)


def _alternatives(
    series: Series, phases: Phases, headline: Specification, events: Sequence[Mapping[str, Any]]
) -> list[Alternative]:
    """The headline first; no choice twice."""
    pairs = harmonic_pairs(headline.season, series, phases)
    found = [Alternative(_words(headline, pairs, phases), headline, phases)]
    if headline.family == "gaussian":
        others = [replace(headline, method=method) for method in SPREAD_METHODS]
        found += [Alternative(_words(s, pairs, phases), s, phases) for s in others]
    else:
        families: tuple[Family, ...] = ("poisson", "quasipoisson", "negative_binomial")
        others = [replace(headline, family=family) for family in families]
        found += [Alternative(_words(s, pairs, phases), s, phases) for s in others]
    for slope in (headline.slope, not headline.slope):
        for other_pairs in (pairs, 0 if pairs else 1):
            for other_phases in (phases, _other_wash_out(series, phases)):
                chosen = replace(headline, slope=slope, season=other_pairs)
                words = _words(chosen, other_pairs, other_phases)
                found.append(Alternative(words, chosen, other_phases))
    found += _with_steps(series, phases, headline, events)
    unique: dict[tuple[str, str], Alternative] = {}
    for other in found:
        unique.setdefault((other.words, other.specification.method_words), other)
    return list(unique.values())


def _words(specification: Specification, pairs: int, phases: Phases) -> str:
    level = "level and slope change" if specification.slope else "level change only"
    season = {0: "no season", 1: "1 harmonic pair"}.get(pairs, f"{pairs} harmonic pairs")
    return f"{level}, {season}, wash-out {phases.transition}"


def _other_wash_out(series: Series, phases: Phases) -> Phases:
    """One wash-out period where there is none; none where there are some."""
    start = phases.first_after[0]
    change = -phases.transition if phases.transition else 1
    if start + change + 3 > len(series.starts):
        return phases
    washed_out = np.zeros_like(phases.washed_out)
    firsts = [first + change for first in phases.first_after]
    if change > 0:
        for first in phases.first_after:
            washed_out[first : first + change] = True
    return replace(
        phases, first_after=firsts, washed_out=washed_out, transition=phases.transition + change
    )


def _with_steps(
    series: Series, phases: Phases, headline: Specification, events: Sequence[Mapping[str, Any]]
) -> list[Alternative]:
    """Events that can be told from the intervention, each as a step; then all, and all but one."""
    places: dict[int, str] = {}
    for event in events:
        start = periods.start_of(pd.DatetimeIndex([event["date"]]), series.every)[0]
        place = int(series.starts.searchsorted(start))
        if 3 <= place <= len(series.starts) - 3 and place not in phases.first_after:
            places[place] = str(event["event"])
    groups: dict[tuple[int, ...], str] = {
        (place,): f"with a step for “{name}”" for place, name in places.items()
    }
    if len(places) > 1:
        groups[tuple(sorted(places))] = "with a step for every listed event"
    if len(places) > 2:
        for left_out, name in places.items():
            rest = tuple(sorted(place for place in places if place != left_out))
            groups[rest] = f"with steps for all events but “{name}”"
    return [
        Alternative(words, replace(headline, steps=steps), phases)
        for steps, words in groups.items()
    ]
