"""The check by another road: one mixed model for the series of all units at once.

The two-stage answer (each unit's own interrupted time series, then :func:`qieval.pool`) is the one
to report. This one stacks the series and lets the level before and the change of level differ from
unit to unit at random. It borrows strength over units, but it knows less of each: the trend, and its
change, are common to all units, and points within a unit are taken for independent once the unit's
own level is allowed for. There is no AR(1), so its interval may be too narrow where months remember
their neighbours.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMResults

from qieval.analysis.synthesis.result import PooledResult
from qieval.core import periods
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, nearest
from qieval.core.results import ESTIMATE_COLUMNS, Status, checks_table
from qieval.core.words import interval, number, places_of

FEWEST_UNITS, FEWEST_POINTS = 3, 3

LIMITS = (
    "One model for all series: the trend and its change are the same for every unit, and points "
    "within a unit count as independent once its own level is allowed for (no autocorrelation). The "
    "interval may be too narrow where neighbouring points are alike. A check on the two-stage "
    "average, not a replacement for it."
)


@dataclass(frozen=True)
class OneStage:
    """What the one-stage mixed model found.

    Attributes
    ----------
    estimates : DataFrame
        Terms ``level_change, slope_change, trend`` (averages over units) and
        ``level_change_sd`` (how far the level change differs between units), as in every result.
    checks : DataFrame
        ``check, status, detail``: convergence, variances at zero, the model's limits.
    units : int
        Units in the model.
    """

    estimates: pd.DataFrame
    checks: pd.DataFrame
    units: int

    def beside(self, pooled: PooledResult) -> tuple[pd.DataFrame, str]:
        """This average level change beside the two-stage one, in words, and the table's caption."""
        one, two = self.estimates.loc["level_change"], pooled.estimates.loc["pooled"]
        rows = [
            ("Two stages: each by itself, then the average", two, pooled.facts["k"]),
            ("One stage: one model for all series", one, self.units),
        ]
        level = f"{100 * pooled.params['confidence']:g}%"
        table = pd.DataFrame(
            [(name, _in_words(row), count) for name, row, count in rows],
            columns=["Road", f"Average change ({level} interval)", pooled.facts["teams_word"].capitalize()],
        )
        return table, f"{_agreement(one, two)} {LIMITS}"


def _in_words(row: pd.Series) -> str:
    places = places_of(row["ci_low"], row["ci_high"])
    text = f"{number(row['estimate'], places)} ({interval(row['ci_low'], row['ci_high'], places)})"
    return text.replace("-", "−")


def _agreement(one: pd.Series, two: pd.Series) -> str:
    both = all(a["ci_low"] <= b["estimate"] <= a["ci_high"] for a, b in ((one, two), (two, one)))
    if both:
        return "The two roads agree: each average lies within the other's interval."
    return "The two roads disagree: look at the units one by one before believing either average."


def one_stage(
    panel: pd.DataFrame,
    *,
    unit: str,
    value: str,
    time: str = "period",
    intervention: date | str | Mapping[str, date | str],
    denominator: str | None = None,
    confidence: float = CONFIDENCE,
) -> OneStage:
    """Estimate the average level change over several series in one mixed model.

    Parameters
    ----------
    panel : DataFrame
        One row a unit and period, all units below one another. It is not changed.
    unit : str
        Column that names the unit
    value : str
        Column with what is measured
    time : str
        Column with the dates of the periods
    intervention : date, or mapping of units to dates
        Day on which the change began, for all units or for each
    denominator : str, optional
        Column that the value is divided by, such as days_in_period
    confidence : float
        Confidence level of the interval

    Returns
    -------
    OneStage
        The average level change with its interval (Student's t, units - 1 degrees of freedom), the
        common trend and its change, and how far the level change differs between units.

    Raises
    ------
    DataError
        If the table cannot be used, or one unit's intervention is not given.
    ParameterError
        If an intervention is not a date.
    CannotEvaluate
        If there are fewer than three units with three points on either side, no variation, or a
        model that cannot be fitted at all.

    Notes
    -----
    ``y = intercept + trend·t + level_change·post + slope_change·ramp + u0 + u1·post + e`` with t
    counted from the unit's own intervention, (u0, u1) normal and correlated, e independent; REML
    (statsmodels ``MixedLM``). Trouble on the way to the fit is a row of ``checks``.
    """
    rows = _rows(panel, unit, value, time, denominator)
    rows, left_out = _placed(rows, intervention)
    units = rows["unit"].nunique()
    scale = float(rows["y"].std())
    if not scale > 0:
        raise CannotEvaluate("Every value is the same: there is no variation to judge a change by.")
    fit, trouble = _fitted(rows, scale)
    return OneStage(
        estimates=_estimates(fit, rows, scale, units, confidence),
        checks=checks_table([*trouble, *left_out, ("Limits of this model", "info", LIMITS)]),
        units=units,
    )


def _rows(
    panel: pd.DataFrame, unit: str, value: str, time: str, denominator: str | None
) -> pd.DataFrame:
    """Columns ``unit, start, number, y``, without rows that have no value."""
    for name in [unit, value, time, *([denominator] if denominator else [])]:
        if name not in panel.columns:
            guess = nearest(name, map(str, panel.columns))
            raise DataError(
                f"There is no column `{name}` in the table.",
                found=f"columns {listed(panel.columns)}",
                remedy=f"Did you mean `{guess}`?" if guess else "Name one of these columns.",
            )
    for name in [value, *([denominator] if denominator else [])]:
        if not pd.api.types.is_numeric_dtype(panel[name]) or np.isinf(panel[name]).any():
            raise DataError(f"Column `{name}` does not hold finite numbers.")
    if not pd.api.types.is_datetime64_any_dtype(panel[time]) or panel[time].isna().any():
        raise DataError(
            f"Column `{time}` does not hold a date in every row.",
            remedy="Read the file with `qi.read`, or convert the column with `pd.to_datetime`.",
        )
    below = panel[denominator] if denominator else pd.Series(1.0, index=panel.index)
    if (below[panel[value].notna()] <= 0).any():
        raise DataError(f"`{denominator}` must be above zero wherever there is a value.")
    every = periods.infer_frequency(panel[time])
    rows = pd.DataFrame(
        {
            "unit": panel[unit].astype(str).to_numpy(),
            "start": periods.start_of(panel[time], every),
            "number": periods.number_of(panel[time], every),
            "y": (panel[value] / below).to_numpy(dtype=float),
        }
    )
    twice = rows[rows.duplicated(["unit", "number"])]
    if len(twice):
        raise DataError(
            f"Some units have more than one row for the same {periods.noun(every)}.",
            found=f"units {listed(twice['unit'].unique(), 6)}",
            remedy="Add the rows up first, or keep one series a unit.",
        )
    rows.attrs["every"] = every
    return rows.dropna(subset="y")


def _placed(rows: pd.DataFrame, intervention: Any) -> tuple[pd.DataFrame, list[tuple[str, Status, str]]]:
    """Time counted from each unit's intervention; units without enough points are left out."""
    every = rows.attrs["every"]
    names = sorted(rows["unit"].unique())
    given = (
        {str(name): day for name, day in intervention.items()}
        if isinstance(intervention, Mapping)
        else dict.fromkeys(names, intervention)
    )
    missing = [name for name in names if name not in given]
    if missing:
        raise DataError(
            "Some units have no date of their intervention.",
            found=f"units {listed(missing, 6)}",
            remedy="Give `intervention` as one date for all, or a date for each unit.",
        )
    starts = pd.DatetimeIndex([_moment(given[name]) for name in names])
    number_at = dict(zip(names, periods.number_of(starts, every), strict=True))
    placed = rows.assign(t=rows["number"] - rows["unit"].map(number_at))
    placed["post"] = (placed["t"] >= 0).astype(float)
    placed["ramp"] = placed["t"].clip(lower=0).astype(float)
    counts = placed.groupby("unit")["post"].agg(after="sum", points="size")
    enough = (counts["after"] >= FEWEST_POINTS) & (
        counts["points"] - counts["after"] >= FEWEST_POINTS
    )
    kept = placed[placed["unit"].map(enough)]
    if int(enough.sum()) < FEWEST_UNITS:
        raise CannotEvaluate(
            f"A mixed model needs at least {FEWEST_UNITS} units with {FEWEST_POINTS} points on each "
            "side of their intervention.",
            found=f"{int(enough.sum())} of {len(names)} units",
            remedy="Read each unit's own result instead.",
        )
    if enough.all():
        return kept, []
    dropped = listed(counts.index[~enough], 6)
    return kept, [("All units are in the model", "warn", f"Too few points on a side: {dropped}.")]


def _moment(day: Any) -> pd.Timestamp:
    try:
        moment = (
            pd.to_datetime(day, format="ISO8601") if isinstance(day, str) else pd.Timestamp(day)
        )
    except (ValueError, TypeError) as error:
        raise ParameterError(
            "`intervention` is not a date.",
            found=repr(day),
            remedy="Write it as year-month-day: 2020-03-01.",
        ) from error
    if pd.isna(moment):
        raise ParameterError("`intervention` needs a date.", found=repr(day))
    return moment


def _fitted(
    rows: pd.DataFrame, scale: float
) -> tuple[MixedLMResults, list[tuple[str, Status, str]]]:
    """The fit, in units of the standard deviation, and what went wrong on the way to it."""
    x = _design(rows)
    y = (rows["y"] - rows["y"].mean()) / scale
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            model = MixedLM(y, x, groups=rows["unit"], exog_re=x[["intercept", "level_change"]])
            fit = model.fit(reml=True, method=["lbfgs", "powell"])
        except np.linalg.LinAlgError as error:
            raise CannotEvaluate(
                "The mixed model cannot be fitted: its equations have no single solution.",
                remedy="Read the two-stage average; it does not need this model.",
            ) from error
    return fit, [_convergence(fit), *_at_zero(fit, [str(one.message) for one in said])]


def _design(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns of the model; time in years' worth of rows, so that all are of one size."""
    span = float(np.ptp(rows["t"]))
    return pd.DataFrame(
        {
            "intercept": 1.0,
            "trend": rows["t"] / span,
            "level_change": rows["post"],
            "slope_change": rows["ramp"] / span,
        },
        index=rows.index,
    )
