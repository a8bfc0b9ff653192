"""The tables of an average over teams: how they are computed, and what their columns are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from qieval.analysis.synthesis.methods.random_effects import (
    Average,
    Heterogeneity,
    Interval,
    TauMethod,
    average,
    common_effect,
)
from qieval.analysis.synthesis.methods.teams import Teams
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.tables import ESTIMATE, ESTIMATES, Column, Declaration


def points(teams: Teams, found: Average, confidence: float) -> pd.DataFrame:
    """Rows behind the figure, one a team, in the order of the table."""
    used = teams.used
    reach = stats.t.ppf(0.5 + confidence / 2, teams.df) * teams.se
    p_value = 2 * stats.t.sf(np.abs(teams.estimate / teams.se), teams.df)
    adjusted = np.full(len(used), np.nan)
    adjusted[used] = stats.false_discovery_control(p_value[used])
    weight = np.full(len(used), np.nan)
    weight[used] = found.weights
    return pd.DataFrame(
        {
            "study": teams.names,
            "estimate": teams.estimate,
            "se": teams.se,
            "ci_low": teams.estimate - reach,
            "ci_high": teams.estimate + reach,
            "weight": weight,
            "p_value": p_value,
            "p_adjusted": adjusted,
            "clear": adjusted < 1 - confidence,
            "reason": teams.reason,
        }
    )


def estimates(
    teams: Teams, found: Average, common: Average, differ: Heterogeneity, named: str
) -> pd.DataFrame:
    """The estimates by term."""
    unit, k = teams.unit, len(teams.y)
    low, high = differ.tau2_low, differ.tau2_high
    rows = [_average_row("pooled", found, unit, k, named)]
    if found.prediction:
        rows.append(
            estimate_row(
                "prediction",
                found.mean,
                *found.prediction,
                se=found.prediction_se,
                df=k - 2.0,
                unit=unit,
                n=k,
                method=f"{named}, t(k - 2)",
            )
        )
    profile = f"{named.partition(',')[0]}, Q-profile"
    variances = (found.tau2, low, high)
    spreads: list[tuple[str, list[float], str]] = [
        ("tau", [float(np.sqrt(one)) for one in variances], unit),
        ("tau2", [*variances], f"{unit}, squared" if unit else "squared"),
        ("i2", [differ.i2(one) for one in variances], "share of the differences"),
    ]
    for term, measured, of in spreads:
        rows.append(estimate_row(term, *measured, unit=of, n=k, method=profile))
    rows.append(_average_row("common_effect", common, unit, k, "Common effect, Wald"))
    return estimates_table(rows)


def _average_row(term: str, found: Average, unit: str, k: int, named: str) -> dict[str, Any]:
    return estimate_row(
        term,
        found.mean,
        found.ci_low,
        found.ci_high,
        se=found.se,
        p_value=found.p_value,
        df=found.df if np.isfinite(found.df) else np.nan,
        unit=unit,
        n=k,
        method=named,
    )


def spread(
    y: np.ndarray, v: np.ndarray, method: str, interval: str, confidence: float
) -> pd.DataFrame:
    """The average by every method and interval, the headline's first, the common effect last."""
    choices: list[tuple[TauMethod, Interval]] = [
        (one, way) for one in ("reml", "dl", "pm") for way in ("hartung_knapp", "wald")
    ]
    choices.sort(key=lambda choice: choice != (method, interval))
    found = [(one, way, average(y, v, one, way, confidence)) for one, way in choices]
    rows = [_spread_row(one, way, by, by.prediction) for one, way, by in found]
    rows.append(_spread_row("common", "wald", common_effect(y, v, confidence), None))
    table = pd.DataFrame(rows)
    return table.assign(headline=[True] + [False] * (len(rows) - 1))


def _spread_row(
    method: str, interval: str, by: Average, prediction: tuple[float, float] | None
) -> dict[str, Any]:
    low, high = prediction or (float("nan"), float("nan"))
    return {
        "method": method,
        "interval": interval,
        "estimate": by.mean,
        "ci_low": by.ci_low,
        "ci_high": by.ci_high,
        "tau2": by.tau2,
        "prediction_low": low,
        "prediction_high": high,
    }


# ---- what the columns are ----------------------------------------------------------------------

_STUDY = Column("study", "Team", "label")
_WEIGHT = Column("weight", "Weight", "estimate", "1%")

ESTIMATES_SHOWN = (Column("what", "What", "label"), *ESTIMATE)
SPREAD_SHOWN = (
    Column("method", "Method", "label"),
    Column("interval", "Interval", "label"),
    Column("estimate", "Average", "estimate"),
    *ESTIMATE[1:3],
    Column("new", "New team", "estimate"),
    Column("prediction_low", "", "ci_low", of="new"),
    Column("prediction_high", "", "ci_high", of="new"),
)
POINTS_SHOWN = (
    _STUDY,
    *ESTIMATE[:3],
    _WEIGHT,
    Column("finding", "Clear by itself", "text"),
)
DECLARED = (
    ESTIMATES,
    Declaration(
        "points",
        (
            _STUDY,
            *ESTIMATE[:3],
            Column("se", "Standard error", "estimate"),
            _WEIGHT,
            Column("p_value", "p value", "estimate"),
            Column("p_adjusted", "p value, adjusted", "estimate"),
            Column("clear", "Clear by itself", "label"),
            Column("reason", "Why not evaluated", "text"),
        ),
    ),
    Declaration(
        "spread",
        (
            *SPREAD_SHOWN[:2],
            *ESTIMATE[:3],
            Column("tau2", "Variance between teams", "estimate"),
            Column("prediction_low", "", "ci_low", of="estimate"),
            Column("prediction_high", "", "ci_high", of="estimate"),
            Column("headline", "Reported above", "label"),
        ),
    ),
)
