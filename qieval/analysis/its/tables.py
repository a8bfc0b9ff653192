"""The tables of a result: the rows behind the figure, and the facts that the words need."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.its import checks
from qieval.analysis.its.effects import Units, at_once
from qieval.analysis.its.model import Fitted
from qieval.analysis.its.series import Phases, Series
from qieval.core import periods


def points(series: Series, phases: Phases, fitted: Fitted, confidence: float) -> pd.DataFrame:
    """Rows behind the figure: every calendar period, missing ones with a blank value."""
    design, fit = fitted.design, fitted.fit
    index = np.arange(len(series.starts))
    start, stop = phases.first_after[0], phases.ended[-1]
    without = design.without(0)
    known = np.isfinite(without).all(axis=1)
    expected = np.full((3, len(index)), np.nan)
    centre = fit.mean(without[known])
    band = fit.infer(centre, fit.mean_gradient(without[known]), confidence)
    expected[:, known] = centre, band.ci_low, band.ci_high
    after = index >= start
    phase = np.where(after, "after", "before").astype(object)
    if stop is not None:
        phase[stop:] = "ended"
    phase[phases.washed_out] = "transition"
    modelled = fit.mean(design.x)
    return pd.DataFrame(
        {
            "time": series.starts,
            "value": series.y,
            "phase": phase.astype(str),
            "used": design.used,
            "period_after": np.where(after, index - start + 1, 0),
            "fitted": np.where(phases.washed_out, np.nan, modelled),
            "counterfactual": expected[0],
            "counterfactual_low": expected[1],
            "counterfactual_high": expected[2],
            "residual": np.where(design.used, series.y - modelled, np.nan),
            "denominator": series.denominator,
        }
    )


def covariance(fitted: Fitted) -> pd.DataFrame:
    """Covariance of the coefficients with their names."""
    names = fitted.design.names
    return pd.DataFrame(fitted.fit.vcov, columns=names, index=pd.Index(names, name="term"))


def facts(
    series: Series,
    phases: Phases,
    fitted: Fitted,
    words: Units,
    near: list[dict[str, Any]],
    estimates: pd.DataFrame,
) -> dict[str, Any]:
    """What the words and the figure need beside the tables."""
    y, used = series.y, fitted.design.used
    start = phases.first_after[0]
    index = np.arange(len(y))
    before, after = used & (index < start), used & (index >= start)
    furthest = [term for term in estimates.index if re.fullmatch(r"effect_at_\d+", term)][-1]
    counted = int(furthest.rsplit("_", 1)[1])
    fewest = checks.points_a_side(series, phases)
    return {
        "every": series.every,
        "unit": words.value,
        "total_unit": words.total,
        "given": [f"{moment:%Y-%m-%d}" for moment in phases.given],
        "first_after": [f"{series.starts[at]:%Y-%m-%d}" for at in phases.first_after],
        "ended": [f"{series.starts[at]:%Y-%m-%d}" for at in phases.ended if at is not None],
        "last_counted": f"{series.starts[start + counted - 1]:%Y-%m-%d}",
        "tested": fewest >= checks.TESTED_FROM,
        "points": int(used.sum()),
        "points_a_side": fewest,
        "harmonic_pairs": fitted.design.pairs,
        "family": fitted.specification.family,
        "at_once": at_once(fitted.fit.log_link),
        "beds": words.beds,
        "medians": [float(np.median(y[before])), float(np.median(y[after]))],
        "events_near": near,
        **_passed_again(series, before, after),
    }


def _passed_again(
    series: Series, before: NDArray[np.bool_], after: NDArray[np.bool_]
) -> dict[str, Any]:
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
    back = at[(series.y[at] - level) * step <= 0] if step else at[:0]
    found = f"{series.starts[back[0]]:%Y-%m-%d}" if len(back) else None
    return {"level_before": level, "passed_again": found}
