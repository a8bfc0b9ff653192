"""One specification fitted to one series; the headline and the specification spread both use it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from qieval.analysis.its import effects
from qieval.analysis.its.design import Design, Season, harmonic_pairs, make_design
from qieval.analysis.its.effects import Quantity, Units
from qieval.analysis.its.estimators import EDGE, METHODS, DegreesOfFreedom, Fit, Method, Model
from qieval.analysis.its.series import Phases, Series
from qieval.core.errors import CannotEvaluate
from qieval.core.results import ESTIMATE_COLUMNS


@dataclass(frozen=True)
class Specification:
    """The choices of a model that an analyst might have made otherwise."""

    method: Method
    df: DegreesOfFreedom
    slope: bool
    season: Season

    def words(self, pairs: int) -> str:
        """The choices in words."""
        level = "level and slope change" if self.slope else "level change only"
        season = {0: "no season", 1: "1 harmonic pair"}.get(pairs, f"{pairs} harmonic pairs")
        return f"{level}, {season}"


@dataclass(frozen=True)
class Fitted:
    """A specification, its design and its fit."""

    specification: Specification
    design: Design
    fit: Fit


def fit(series: Series, phases: Phases, specification: Specification) -> Fitted:
    """Fit one specification."""
    design = make_design(series, phases, slope=specification.slope, season=specification.season)
    used = design.used
    model = Model(series.number[used], design.x[used], series.y[used])
    return Fitted(specification, design, METHODS[specification.method](model, specification.df))


INTEGRATED_UNDER = 24


def fit_headline(
    series: Series, phases: Phases, asked: Specification
) -> tuple[Fitted, list[str]]:
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
    if (asked.method, asked.df) != ("reml", "satterthwaite") or rho is None:
        return fitted, []
    if n >= INTEGRATED_UNDER and rho <= EDGE:
        return fitted, []
    found = f"{n} points" if n < INTEGRATED_UNDER else f"an estimated autocorrelation of {rho:.2f}"
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


SPREAD_TERMS = ("level_change", "average_effect")


def spread(
    series: Series,
    phases: Phases,
    headline: Specification,
    horizons: list[int] | None,
    units: Units,
    confidence: float,
) -> pd.DataFrame:
    """The same question asked with other defensible choices (specification spread).

    Returns
    -------
    DataFrame
        One row a specification and term: ``method, model, term, estimate, ci_low, ci_high, unit,
        headline``; a specification that the data cannot carry has its reason in ``left_out``.
    """
    rows = []
    for specification in _alternatives(series, phases, headline):
        pairs = harmonic_pairs(specification.season, series, phases)
        words = {"method": specification.method, "model": specification.words(pairs)}
        try:
            fitted = fit(series, phases, specification)
        except CannotEvaluate as error:
            rows += [
                {**words, "term": term, "headline": False, "left_out": error.problem}
                for term in SPREAD_TERMS
            ]
            continue
        beta = fitted.fit.beta
        quantities = effects.coefficients(fitted.design, beta, series, units)
        quantities += effects.effects(fitted.design, beta, series, phases, horizons, units)
        chosen = [row for row in quantities if row.term in SPREAD_TERMS]
        values = np.array([row.value for row in chosen])
        found = fitted.fit.infer(values, np.array([row.gradient for row in chosen]), confidence)
        rows += [
            {
                **words,
                "term": row.term,
                "estimate": row.value,
                "ci_low": low,
                "ci_high": high,
                "unit": row.unit,
                "headline": specification == headline,
                "left_out": "",
            }
            for row, low, high in zip(chosen, found.ci_low, found.ci_high, strict=True)
        ]
    columns = ["method", "model", "term", "estimate", "ci_low", "ci_high", "unit", "headline"]
    return pd.DataFrame(rows, columns=[*columns, "left_out"]).astype({"headline": bool})


def _alternatives(
    series: Series, phases: Phases, headline: Specification
) -> list[Specification]:
    """The headline first, then other methods, then the other shape and the other season."""
    pairs = harmonic_pairs(headline.season, series, phases)
    found = [headline]
    found += [replace(headline, method=method) for method in METHODS]
    found.append(replace(headline, slope=not headline.slope))
    found.append(replace(headline, season=None if pairs else 1))
    return list(dict.fromkeys(found))
