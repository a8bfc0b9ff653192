"""The check by another road: one mixed model for the series of all units at once.

The two-stage answer (each unit's own interrupted time series, then :func:`qieval.pool`) is the one
to report; this is a sensitivity row beside it, has no p value and claims nothing. It stacks the
series and lets the level before and the change of level differ from unit to unit at random. It
borrows strength over units, but it knows less of each: the trend, and its change, are common to all
units, and points within a unit are taken for independent once the unit's own level is allowed for.
There is no AR(1), so its interval may be too narrow where months remember their neighbours.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMResults

from qieval.analysis.synthesis.methods.random_effects import refuse_confidence
from qieval.analysis.synthesis.methods.stacked import place, stack
from qieval.analysis.synthesis.words import PooledResult, with_interval
from qieval.core.checks import Check, checks_table
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, listed
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.words import in_a_row

PERFECT = 1e-9
"""Variance left over, as a share of all variance, under which a fit is too good to be true."""

LIMITS = (
    "One model for all series: the trend and its change are the same for every unit, and points "
    "within a unit count as independent once its own level is allowed for (no autocorrelation). "
    "The interval may be too narrow where neighbouring points are alike. A sensitivity row beside "
    "the two-stage average: it claims nothing."
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
        """The average level change beside the two-stage one, in words, and the table's caption."""
        term = ["estimate", "ci_low", "ci_high"]
        one, two = self.estimates.loc["level_change", term], pooled.estimates.loc["pooled", term]
        level = f"{100 * pooled.params['confidence']:g}%"
        many = pooled.teams_word.capitalize()
        rows = [
            (
                "Two stages: each by itself, then the average",
                with_interval(*two),
                pooled.k,
            ),
            ("Sensitivity, one stage: one model for all series", with_interval(*one), self.units),
        ]
        table = pd.DataFrame(rows, columns=["Road", f"Average change ({level} interval)", many])
        return table, f"{_agreement([*one], [*two])} {LIMITS}"


def _agreement(one: list[float], two: list[float]) -> str:
    if all(a[1] <= b[0] <= a[2] for a, b in ((one, two), (two, one))):
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
        If there are fewer than three units with three points on either side, no variation, points
        that lie exactly on lines, or a model that cannot be fitted at all.

    Notes
    -----
    ``y = intercept + trend·t + level_change·post + slope_change·ramp + u0 + u1·post + e`` with t
    counted from the unit's own intervention, (u0, u1) normal and correlated, e independent; REML
    (statsmodels ``MixedLM``). Trouble on the way to the fit is a row of ``checks``.
    """
    refuse_confidence(confidence)
    rows, left_out = place(*stack(panel, unit, value, time, denominator), intervention)
    units = rows["unit"].nunique()
    scale = float(rows["y"].std())
    if not scale > 0:
        raise CannotEvaluate("Every value is the same: there is no variation to judge a change by.")
    fit, trouble = _fitted(rows, scale)
    if fit.scale < PERFECT:
        raise CannotEvaluate(
            "The points lie exactly on straight lines, so chance variation cannot be judged.",
            remedy="Real counts vary. Check whether the column holds a target or a plan.",
        )
    return OneStage(
        estimates=_estimates(fit, rows, scale, units, confidence),
        checks=checks_table(
            [*trouble, *_left_out(left_out), Check("limits", "Limits", "info", LIMITS)]
        ),
        units=units,
    )


def _fitted(rows: pd.DataFrame, scale: float) -> tuple[MixedLMResults, list[Check]]:
    """The fit, in units of the standard deviation, and what went wrong on the way to it."""
    x = _design(rows)
    y = (rows["y"] - rows["y"].mean()) / scale
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            model = MixedLM(y, x, groups=rows["unit"], exog_re=x[["intercept", "level_change"]])
            fit = model.fit(reml=True, method=["bfgs", "lbfgs", "cg", "powell", "nm"])
        except np.linalg.LinAlgError as error:
            raise CannotEvaluate(
                "The mixed model cannot be fitted: its equations have no single solution.",
                remedy="Read the two-stage average; it does not need this model.",
            ) from error
    return fit, [_convergence(fit, [str(one.message) for one in said])]


def _design(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns of the model; time as a share of its span, so that all are of one size."""
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


def _convergence(fit: MixedLMResults, said: list[str]) -> Check:
    name = "The mixed model was fitted"
    if not fit.converged:
        return Check(
            "convergence",
            name,
            "fail",
            "The search for the best fit did not come to an end: its figures cannot be relied on.",
        )
    trouble = list(dict.fromkeys(_plain(message) for message in said))
    if trouble:
        return Check("convergence", name, "warn", f"A fit was found, but {in_a_row(trouble)}.")
    return Check("convergence", name, "pass", "The search for the best fit came to its end.")


def _plain(message: str) -> str:
    """A warning of statsmodels in plain words; one that is not known here stands as it is."""
    known = {
        "failed to converge": "only after starting again",
        "Retrying": "only after starting again",
        "boundary": "the differences between units come out as next to nothing or wholly tied to "
        "one another",
        "singular": "the differences between units come out as next to nothing or wholly tied to "
        "one another",
        "positive definite": "how far units differ is poorly determined",
    }
    return next((plain for part, plain in known.items() if part in message), f"({message})")


def _left_out(units: list[str]) -> list[Check]:
    if not units:
        return []
    detail = f"Too few points on one side of the intervention: {listed(units, 6)}."
    return [Check("all_units", "All units are in the model", "warn", detail)]


def _estimates(
    fit: MixedLMResults, rows: pd.DataFrame, scale: float, units: int, confidence: float
) -> pd.DataFrame:
    """The averages over units, and how far the level change differs between them."""
    span, nan = float(np.ptp(rows["t"])), float("nan")
    errors = _standard_errors(fit, rows)
    found: list[tuple[str | float, ...]] = []
    for term, size, df in [
        ("level_change", scale, units - 1),
        ("slope_change", scale / span, len(rows) - units - 2),
        ("trend", scale / span, len(rows) - units - 2),
    ]:
        estimate, se = float(fit.fe_params[term]) * size, float(errors[term]) * size
        reach = stats.t.ppf(0.5 + confidence / 2, df) * se
        found.append((term, estimate, se, estimate - reach, estimate + reach, nan, df))
    spread = scale * float(np.sqrt(max(0.0, fit.cov_re.loc["level_change", "level_change"])))
    found.append(("level_change_sd", spread, nan, nan, nan, nan, nan))
    columns = ["term", "estimate", "se", "ci_low", "ci_high", "p_value", "df"]
    table = pd.DataFrame(found, columns=columns)
    table = table.assign(
        unit="", n=units, method="Sensitivity: one-stage mixed model without autocorrelation, REML"
    )
    return table.set_index("term")[ESTIMATE_COLUMNS]


def _standard_errors(fit: MixedLMResults, rows: pd.DataFrame) -> pd.Series:
    """Of the averages: from (sum of X' V⁻¹ X)⁻¹ at the fitted variances.

    statsmodels reads them off a numerical second derivative, which fails when a variance is zero.
    """
    x = _design(rows)
    information = np.zeros((x.shape[1], x.shape[1]))
    between = fit.cov_re.to_numpy()
    for _, part in x.groupby(rows["unit"], sort=False):
        z = part[["intercept", "level_change"]].to_numpy()
        v = z @ between @ z.T + fit.scale * np.eye(len(part))
        information += part.to_numpy().T @ np.linalg.solve(v, part.to_numpy())
    return pd.Series(np.sqrt(np.diag(np.linalg.inv(information))), index=x.columns)
