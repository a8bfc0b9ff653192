"""The tables of an interrupted time series: how they are computed, and what their columns are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.its import checks
from qieval.analysis.its.methods import model
from qieval.analysis.its.methods.decision import AT_ONCE_CONFIDENCE
from qieval.analysis.its.methods.effects import Units, at_once
from qieval.analysis.its.methods.model import Fitted
from qieval.analysis.its.methods.series import Phases, Series
from qieval.core import periods
from qieval.core.result import rows_of
from qieval.core.sustained import LASTING
from qieval.core.tables import ESTIMATE, ESTIMATES, Column, Declaration


@dataclass(frozen=True)
class Span:
    """Where the change lies on the calendar of the series, and what is measured.

    Attributes
    ----------
    every : str
        Kind of period.
    unit, total_unit : str
        Unit of the plotted value, and of its total.
    in_beds : bool
        Whether the value is bed days a day, which is beds.
    given, first_after, ended : tuple of Timestamp
        First days of the periods in which each change began, of the first with its effect, and of
        the first after a temporary one.
    last_counted : Timestamp
        The last period of the average.
    at_once, end : str
        Terms of the change at once in the unit of the data, and of the effect in the last period.
    points_a_side : int
        The smaller number of points in any phase.
    tested : bool
        Whether there are enough of them for a test.
    harmonic_pairs : int
        Harmonic pairs of the season.
    family : str
        Distribution of the value.
    few_events : bool
        Whether there were too few events for a trend, so that a rate ratio stands for the model.
    """

    every: str
    unit: str
    total_unit: str
    in_beds: bool
    given: tuple[pd.Timestamp, ...]
    first_after: tuple[pd.Timestamp, ...]
    ended: tuple[pd.Timestamp, ...]
    last_counted: pd.Timestamp
    at_once: str
    end: str
    points_a_side: int
    tested: bool
    harmonic_pairs: int
    family: str
    few_events: bool = False


def span_of(
    series: Series, phases: Phases, fitted: Fitted, words: Units, estimates: pd.DataFrame
) -> Span:
    """Where the change lies, from the fit."""
    reach = [
        int(term.removeprefix("effect_at_"))
        for term in estimates.index
        if term.startswith("effect_at_") and term.count("_") == 2
    ]
    fewest = checks.points_a_side(series, phases)
    return Span(
        every=series.every,
        unit=words.value,
        total_unit=words.total,
        in_beds=words.beds,
        given=tuple(phases.given),
        first_after=tuple(series.starts[at] for at in phases.first_after),
        ended=tuple(series.starts[at] for at in phases.ended if at is not None),
        last_counted=series.starts[phases.first_after[0] + max(reach) - 1],
        at_once=at_once(fitted.fit.log_link),
        end=f"effect_at_{max(reach)}",
        points_a_side=fewest,
        tested=fewest >= checks.TESTED_FROM,
        harmonic_pairs=fitted.design.pairs,
        family=fitted.specification.family,
        few_events=fitted.few,
    )


def estimates(
    series: Series,
    phases: Phases,
    fitted: Fitted,
    words: Units,
    horizons: list[int],
    confidence: float,
) -> pd.DataFrame:
    """Every term with its interval, and the change at once a second time at 99 %."""
    rows = fitted.quantities(series, phases, horizons, words)
    table = model.estimates_table(rows, fitted.fit, confidence)
    start = next(row for row in rows if row.term == at_once(fitted.fit.log_link))
    surer = model.estimates_table(
        [replace(start, term="level_change_99")],
        fitted.fit,
        max(AT_ONCE_CONFIDENCE, confidence),
    )
    return pd.concat([table, surer])


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
    """Covariance of the coefficients, one row a pair: ``term, other, covariance``."""
    names = fitted.design.names
    return pd.DataFrame(
        {
            "term": np.repeat(names, len(names)),
            "other": np.tile(names, len(names)),
            "covariance": fitted.fit.vcov.ravel(),
        }
    )


def passed_again(table: pd.DataFrame, every: str) -> tuple[float, pd.Timestamp | None]:
    """The level of the year before the change, and when it was passed again after a visible step.

    A step that everyone can see: the first three points after it all lie on one side of every point
    of the year before.

    Parameters
    ----------
    table : DataFrame
        Points of the result.
    every : str
        Kind of period.
    """
    used = table[table["used"].astype(bool)]
    year = round(periods.per_year(every))
    last_year = used.loc[used["phase"] == "before", "value"].tail(year)
    after = used[used["period_after"] > 0]
    first = after["value"].head(3)
    step = int((first > last_year.max()).all()) - int((first < last_year.min()).all())
    level = float(last_year.mean())
    back = after[(after["value"] - level) * step <= 0]
    return level, back["time"].iloc[0] if step and len(back) else None


# ---- what people see ---------------------------------------------------------------------------


def named_estimates(estimates: pd.DataFrame, every: str, surer: str) -> pd.DataFrame:
    """The estimates under plain names; logarithms as ratios, shares in percent.

    `surer` is the confidence at which the change at once may claim.

    Returns
    -------
    DataFrame
        ``term, what, estimate, ci_low, ci_high, unit``; terms that only the result file holds are
        left out.
    """
    rows = []
    for term, row in zip(estimates.index, rows_of(estimates), strict=True):
        name = _name_of(str(term), int(row.n), every, surer)
        if name:
            numbers, unit = _readable((row.estimate, row.ci_low, row.ci_high), row.unit)
            rows.append((term, name, *numbers, unit))
    columns = ["term", "what", "estimate", "ci_low", "ci_high", "unit"]
    return pd.DataFrame(rows, columns=columns)


def _readable(numbers: tuple[float, ...], unit: str) -> tuple[tuple[float, ...], str]:
    """Numbers and unit as people read them: 0.12 of what was expected is 12 %."""
    if unit.startswith("share of"):
        return tuple(100 * number for number in numbers), "%"
    if unit.startswith("logarithm of a"):
        tail = unit.partition(" per ")[2]
        return tuple(np.exp(numbers)), f"times per {tail}" if tail else "times"
    return numbers, unit


def _name_of(term: str, count: int, every: str, surer: str) -> str:
    """A term in plain words, or "" for those that only the result file holds."""
    word = periods.noun(every)
    stem, which = term, ""
    if term.startswith("effect_at_"):
        at, _, which = term.removeprefix("effect_at_").partition("_")
        name = f"Difference in {word} {at} after it"
    else:
        head, _, tail = term.rpartition("_")
        if tail.isdigit() and term != "level_change_99":
            stem, which = head, tail
        name = _NAMES.get(stem, "").format(
            period=word, span=f"{count} {periods.noun(every, count)}", surer=surer
        )
    return f"{name} (intervention {which})" if which and name else name


_NAMES = {
    "level_change": "Change at once",
    "level_change_99": "Change at once, {surer} interval",
    "slope_change": "Change of the trend, per {period}",
    "average_effect": "Average difference over {span}",
    "cumulative_effect": "Total difference over {span}",
    "relative_effect": "Difference as a share of what was expected, over {span}",
    "trend": "Trend before the change, per {period}",
}


def named_comparisons(comparisons: pd.DataFrame) -> pd.DataFrame:
    """With controls: every way of using them, ratios as such."""
    rows = []
    for row in rows_of(comparisons):
        numbers, unit = _readable((row.estimate, row.ci_low, row.ci_high), str(row.unit))
        what = "Average" if row.term == "average_effect" else "At once"
        known = unit if np.isfinite(row.estimate) else ""
        rows.append((row.comparison, what, *numbers, known, row.left_out))
    columns = ["comparison", "what", "estimate", "ci_low", "ci_high", "unit", "left_out"]
    return pd.DataFrame(rows, columns=columns)


def wide_spread(spread: pd.DataFrame) -> pd.DataFrame:
    """The specification spread with one row a choice: change at once and average side by side."""
    rows: list[dict[str, Any]] = []
    for _, part in spread.groupby(["method", "model"], sort=False):
        first = next(rows_of(part))
        reported = " (the one reported above)" if first.headline else ""
        cells: dict[str, Any] = {"method": first.method, "model": f"{first.model}{reported}"}
        for row in rows_of(part):
            what = "average" if row.term == "average_effect" else "at_once"
            cells |= {
                what: row.estimate,
                f"{what}_low": row.ci_low,
                f"{what}_high": row.ci_high,
            }
        rows.append(cells)
    return pd.DataFrame(rows, columns=[column.name for column in SPREAD_SHOWN])


POINTS_SHOWN = (
    Column("time", "Period", "period"),
    Column("value", "Value", "estimate"),
    Column("fitted", "Model", "estimate"),
    Column("expected", "Expected without the change", "estimate"),
)
ESTIMATES_SHOWN = (Column("what", "What", "label"), *ESTIMATE)
SPREAD_SHOWN = (
    Column("method", "Method", "label"),
    Column("model", "Model", "label"),
    Column("at_once", "Change at once", "estimate"),
    Column("at_once_low", "", "ci_low", of="at_once"),
    Column("at_once_high", "", "ci_high", of="at_once"),
    Column("average", "Average difference", "estimate"),
    Column("average_low", "", "ci_low", of="average"),
    Column("average_high", "", "ci_high", of="average"),
)
COMPARISONS_SHOWN = (
    Column("comparison", "Comparison", "label"),
    Column("what", "Difference", "label"),
    *ESTIMATE,
    Column("left_out", "Remark", "text"),
)

# ---- what the columns are ----------------------------------------------------------------------

_TIME = Column("time", "Period", "period")

DECLARED = (
    Declaration(
        "points",
        (
            _TIME,
            Column("value", "Value", "count", of="denominator"),
            Column("phase", "Phase", "label"),
            Column("used", "In the model", "label"),
            Column("period_after", "Period after the change", "label"),
            Column("fitted", "Model", "estimate"),
            Column("counterfactual", "Expected without the change", "estimate"),
            Column("counterfactual_low", "", "ci_low", of="counterfactual"),
            Column("counterfactual_high", "", "ci_high", of="counterfactual"),
            Column("residual", "Residual", "estimate", of="value"),
            Column("denominator", "Divided by", "denominator"),
        ),
        model=True,
    ),
    ESTIMATES,
    Declaration(
        "covariances",
        (
            Column("term", "Term", "label"),
            Column("other", "Other term", "label"),
            Column("covariance", "Covariance", "estimate"),
        ),
    ),
    Declaration(
        "spread",
        (
            Column("method", "Method", "label"),
            Column("model", "Model", "label"),
            Column("term", "Term", "label"),
            *ESTIMATE,
            Column("headline", "Reported above", "label"),
            Column("left_out", "Why not possible", "text"),
        ),
    ),
    Declaration(
        "placebo",
        (
            _TIME,
            Column("level_change", "Change at once", "estimate"),
            Column("ci_low", "", "ci_low", of="level_change"),
            Column("ci_high", "", "ci_high", of="level_change"),
            Column("clear", "Taken for a change", "label"),
            Column("claims", "Headline claims a change", "label"),
        ),
    ),
    Declaration(
        "influence",
        (
            _TIME,
            Column("level_change_without", "Change at once without it", "estimate"),
            Column("shift_in_se", "Shift in standard errors", "estimate"),
        ),
    ),
    Declaration("residuals", (_TIME, Column("residual", "Residual", "estimate"))),
    Declaration(
        "comparisons",
        (
            Column("comparison", "Comparison", "label"),
            Column("term", "Term", "label"),
            *ESTIMATE,
            Column("left_out", "Remark", "text"),
        ),
    ),
    Declaration(
        "near",
        (
            Column("date", "Date", "period"),
            Column("event", "Event", "text"),
            Column("when", "When", "label"),
            Column("after", "Averaged points after it", "number"),
            Column("of", "Averaged points", "number"),
            *Column("estimate", "Average difference before it", "estimate").with_interval(
                "", "ci_low", "ci_high"
            ),
            Column("explains", "Could explain the change", "label"),
        ),
    ),
    LASTING,
)
