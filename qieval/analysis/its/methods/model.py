"""One specification fitted to one series; the headline and the specification spread both use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.its.methods import (
    FEWEST_EVENTS,
    METHOD_WORDS,
    METHODS,
    Family,
    Fit,
    Method,
    Model,
    Settings,
    effects,
    fit_counts,
    fit_events,
    fit_few,
    refusals,
)
from qieval.analysis.its.methods.design import Design, Season, harmonic_pairs, make_design
from qieval.analysis.its.methods.effects import Quantity, Units
from qieval.analysis.its.methods.series import Phases, Series
from qieval.core import periods
from qieval.core.errors import CannotEvaluate
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.result import rows_of


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

    @property
    def shrinks(self) -> bool:
        """Whether the season is shrunk: by the methods that integrate the autocorrelation out."""
        return self.family == "events" or (
            self.family == "gaussian" and self.method == "integrated"
        )


@dataclass(frozen=True)
class Fitted:
    """A specification, its design and its fit.

    ``few``: whether there were too few events for a trend, so that a rate ratio stands for it.
    """

    specification: Specification
    design: Design
    fit: Fit
    few: bool = False

    def quantities(
        self, series: Series, phases: Phases, horizons: list[int] | None, units: Units
    ) -> list[Quantity]:
        """Every estimate of the result: coefficients, then effects."""
        if self.few:
            return effects.few_effects(self.design, self.fit, series, phases, horizons, units)
        rows = effects.coefficients(self.design, self.fit, series, units)
        return rows + effects.effects(self.design, self.fit, series, phases, horizons, units)


def fit(series: Series, phases: Phases, specification: Specification) -> Fitted:
    """Fit one specification.

    Raises
    ------
    CannotEvaluate
        If nothing is left over from which to judge chance, or the data cannot carry the model.
    """
    chosen = specification
    if chosen.family == "events" and fewest_events(series, phases) < FEWEST_EVENTS:
        return _fit_few(series, phases, chosen)
    design = make_design(
        series,
        phases,
        slope=chosen.slope,
        season=chosen.season,
        steps=chosen.steps,
        shrunk=chosen.shrinks,
    )
    x, y = design.x[design.used], series.y[design.used]
    if refusals.is_exact(x if len(x) > x.shape[1] else x[:, ~design.seasonal], y[:, None])[0]:
        raise CannotEvaluate(refusals.EXACT_WORDS, remedy=refusals.EXACT_REMEDY)
    model = model_of(series, design, chosen.shrinks)
    if chosen.family == "gaussian":
        return Fitted(chosen, design, METHODS[chosen.method](model, chosen.settings))
    if chosen.family == "events":
        return Fitted(chosen, design, fit_events(model, chosen.settings))
    return Fitted(chosen, design, fit_counts(model, chosen.settings, chosen.family))


def model_of(series: Series, design: Design, shrunk: bool) -> Model:
    """What a method fits: the rows of a design that are used."""
    used = design.used
    return Model(
        series.number[used],
        design.x[used],
        series.y[used],
        series.denominator[used],
        design.seasonal if shrunk else None,
    )


def fewest_events(series: Series, phases: Phases) -> float:
    """Events in the phase that has fewest of them."""
    counts = np.where(series.present & ~phases.washed_out, series.total, 0.0)
    return float(min(np.nansum(counts[part]) for part in phases.parts()))


def _fit_few(series: Series, phases: Phases, specification: Specification) -> Fitted:
    """The rate before and the rate after: nothing else can be told from so few events."""
    if len(phases.given) > 1:
        raise CannotEvaluate(
            "There are too few events for a model of several interventions.",
            found=f"{fewest_events(series, phases):g} in one phase; {FEWEST_EVENTS} are needed",
            remedy="Ask about one intervention at a time, or add wards together.",
        )
    used = series.present & ~phases.washed_out
    index = np.arange(len(used))
    start, end = phases.first_after[0], phases.ended[0]
    after = (index >= start) & (index < (len(used) if end is None else end))
    x = np.column_stack([np.ones(len(used)), after.astype(float)])
    design = Design(["intercept", "level_change"], x, used, 0)
    few = fit_few(model_of(series, design, shrunk=False), specification.settings)
    return Fitted(specification, design, few, few=True)


def estimates_table(rows: list[Quantity], fit: Fit, confidence: float) -> pd.DataFrame:
    """The estimates of a result, one row a quantity, indexed by term.

    A share of what was expected has no place where the interval does not rule out that nothing was.
    """
    values = np.array([row.value for row in rows])
    known = fit.infer(values, np.array([row.gradient for row in rows]), confidence)
    low, high, shown = (
        np.array([float(row.as_shown(v)) for row, v in zip(rows, numbers, strict=True)])
        for numbers in (known.ci_low, known.ci_high, values)
    )
    table = pd.DataFrame(
        {
            "term": [row.term for row in rows],
            "estimate": shown,
            "se": known.se * np.array([row.rate for row in rows]),
            "ci_low": low,
            "ci_high": high,
            "p_value": known.p_value,
            "df": known.df,
            "unit": [row.unit for row in rows],
            "n": [row.n for row in rows],
            "method": fit.method,
        }
    )
    has_limits = np.isfinite(low) & np.isfinite(high)
    share = table["term"].str.startswith("relative_effect")
    return table[has_limits | ~share].set_index("term")[ESTIMATE_COLUMNS]


def level_interval(
    rows: list[Quantity], fit: Fit, term: str, confidence: float
) -> tuple[float, float]:
    """The interval of one term at another confidence: the level's, for what it may claim."""
    row = next(row for row in rows if row.term == term)
    known = fit.infer(np.array([row.value]), row.gradient[None], confidence)
    low, high = (row.as_shown(limit)[0] for limit in (known.ci_low, known.ci_high))
    return float(low), float(high)


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
    "integrated",
    "reml",
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
        own = (effects.at_once(other.specification.family != "gaussian"), "average_effect")
        try:
            fitted = fit(series, other.phases, other.specification)
        except CannotEvaluate as error:
            refused = {**words, "headline": False, "left_out": error.problem}
            rows += [{**refused, "term": term} for term in terms]
            continue
        quantities = fitted.quantities(
            series, other.phases, _within(horizons, other, series), units
        )
        table = estimates_table([q for q in quantities if q.term in own], fitted.fit, confidence)
        for row in rows_of(table.reset_index()):
            numbers = {
                "estimate": row.estimate,
                "ci_low": row.ci_low,
                "ci_high": row.ci_high,
                "unit": row.unit,
            }
            marks = {"headline": number == 0, "left_out": ""}
            rows.append({**words, "term": terms[own.index(row.term)], **numbers, **marks})
    return pd.DataFrame(rows, columns=SPREAD_COLUMNS)


def _within(horizons: list[int] | None, other: Alternative, series: Series) -> list[int] | None:
    """The horizons as far as another wash-out leaves periods for them."""
    if not horizons:
        return None
    after = [other.phases.after(which) for which in range(len(other.phases.given))]
    available = min(len(range(*window.indices(len(series.starts)))) for window in after)
    return sorted({min(k, available) for k in horizons})


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
        families: tuple[Family, ...] = ("events", "poisson", "quasipoisson", "negative_binomial")
        others = [replace(headline, family=family) for family in families]
        others.append(replace(headline, family="gaussian", method="integrated"))
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
