"""Teams with their doses and effects, the line through them, and what the columns are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from qieval.analysis.synthesis.methods.regression import Regression, regress
from qieval.core import columns
from qieval.core.config import CONFIDENCE
from qieval.core.effect import Effect
from qieval.core.errors import DataError, listed
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.evaluated import Evaluated
from qieval.core.tables import ESTIMATES, Column, Declaration, titled

RELATIVE = "per cent of what was expected"
_SLOPE_IN = "percentage points"
_METHOD = "meta-regression, REML, Knapp-Hartung"
_STEPS = 25

POINTS = (
    Column("team", "Team", "label"),
    Column("dose", "Dose", "number"),
    *Column("estimate", "Effect", "estimate").with_interval("", "ci_low", "ci_high"),
    Column("se", "Standard error", "estimate"),
    Column("source", "Dose known from", "text"),
    Column("near", "Other events near", "text"),
    Column("reason", "Why it is not used", "text"),
)
CURVE = (
    Column("dose", "Dose", "number"),
    *Column("estimate", "Line", "estimate").with_interval("", "ci_low", "ci_high"),
)
SHOWN = (
    Column("what", "What", "label"),
    *titled(ESTIMATES.columns[1:4], estimate="Estimate (95% interval)"),
    Column("unit", "Unit", "text"),
)
DECLARED = (
    Declaration("points", POINTS, model=True),
    ESTIMATES,
    Declaration("curve", CURVE, model=True),
)


def met(
    doses: pd.DataFrame,
    results: Sequence[Evaluated],
    *,
    dose: str,
    unit: str,
    known_from: str,
    measure: str | None,
    evaluation: str,
    relative: bool,
    own: tuple[str, str] | None,
    effect_in: str | None,
) -> tuple[pd.DataFrame, str, str]:
    """A row a team with its dose and effect, the measure, and the unit of the effects.

    Raises
    ------
    DataError
        If the table cannot be used, or the effects are of different measures or units.
    """
    columns.require(doses, [unit, dose, *(own or ())])
    names = doses[unit].astype("str").str.strip()
    if doses[unit].isna().any() or names.duplicated().any():
        wrong = (doses[unit].isna() | names.duplicated()).to_numpy()
        raise DataError(
            f"`{unit}` must name each team, and each once.",
            found=columns.rows(wrong),
            remedy="Add up the rows of a team, or choose with `where`.",
        )
    table = pd.DataFrame(
        {
            "team": names.to_numpy(),
            "dose": columns.numbers(doses[dose], dose),
            "source": doses[known_from].fillna("").astype("str").to_numpy()
            if known_from in doses
            else "",
        }
    )
    if own:
        estimate, se = (columns.numbers(doses[name], name) for name in own)
        if (se <= 0).any():
            raise DataError(
                "A standard error must be above zero.",
                found=columns.rows(se <= 0),
                remedy="Leave the cells of a team without an effect blank.",
            )
        known = np.isfinite(estimate) & np.isfinite(se)
        table["estimate"], table["se"] = np.where(known, [estimate, se], np.nan)
        table["reason"] = np.where(known, "", "no effect in the table")
        table["near"] = ""
        told, in_words = "", effect_in or "the unit of the effects"
    else:
        found = [_effect(name, results, measure, evaluation, relative) for name in table["team"]]
        table = table.join(pd.DataFrame(found, index=table.index))
        told, in_words = _one_of(table, "measure"), _one_of(table, "unit")
    blank = table["dose"].isna() & (table["reason"] == "")
    table["reason"] = table["reason"].mask(blank, "no dose")
    return table[["team", "dose", "estimate", "se", "source", "near", "reason"]], told, in_words


def _effect(
    name: str,
    results: Sequence[Evaluated],
    measure: str | None,
    evaluation: str,
    relative: bool,
) -> dict[str, Any]:
    """The effect of one team among the results, or why it has none."""
    nothing = {"estimate": np.nan, "se": np.nan, "measure": "", "unit": "", "near": ""}
    own = [one for one in results if name in (one.project, one.team)]
    own = [one for one in own if one.notebook == evaluation]
    if not own:
        return {**nothing, "reason": "no such evaluation"}
    effects = [one.result.effect for one in own if one.result is not None]
    known: list[Effect] = [one for one in effects if one is not None]
    if measure is not None:
        known = [one for one in known if one.measure.casefold() == measure.casefold()]
    if len(known) > 1:
        return {**nothing, "reason": "several evaluations: name the measure"}
    if not known:
        return {**nothing, "reason": "not evaluated"}
    (effect,) = known
    if effect.reason or not effect.poolable:
        return {
            **nothing,
            "reason": effect.reason or "its standard error cannot be used",
        }
    value, se = effect.estimate, effect.se
    if relative:
        value, se = 100 * effect.relative, 100 * effect.relative_se
    if not (np.isfinite(value) and se > 0):
        return {**nothing, "reason": "no relative change" if relative else "no standard error"}
    return {
        "estimate": value,
        "se": se,
        "measure": effect.measure,
        "unit": RELATIVE if relative else effect.unit,
        "near": "; ".join(effect.events_near or ()),
        "reason": "",
    }


def _one_of(table: pd.DataFrame, name: str) -> str:
    """The one measure, or unit, of all effects."""
    found = sorted(set(table.loc[table["reason"] == "", name]), key=str.casefold)
    if len({one.casefold() for one in found}) > 1:
        raise DataError(
            f"The effects of these teams are of different {name}s; a line would mix them.",
            found=listed(found),
            remedy="Name one with `measure`." if name == "measure" else "Set `relative: true`.",
            where=name,
        )
    return found[0] if found else ""


def with_intervals(points: pd.DataFrame) -> pd.DataFrame:
    """The teams with the interval of each effect, by its standard error."""
    reach = stats.norm.ppf(0.5 + CONFIDENCE / 2) * points["se"]
    table = points.assign(ci_low=points["estimate"] - reach, ci_high=points["estimate"] + reach)
    return table[[column.name for column in POINTS]]


def estimates_of(
    fitted: Regression, lowest: float, highest: float, step: float, unit: str, teams: int
) -> pd.DataFrame:
    """The slope, the difference between the ends of the doses, the line there, and the scatter."""
    weights = np.array([[0, step], [0, highest - lowest], [1, lowest], [1, highest]], dtype=float)
    slope_in = _SLOPE_IN if unit == RELATIVE else unit
    units = (slope_in, slope_in, unit, unit)
    terms = ("slope", "across", "at_lowest", "at_highest")
    rows = [
        estimate_row(term, *ends, unit=one, n=teams, method=_METHOD, df=fitted.df)
        for term, ends, one in zip(terms, fitted.ends(weights, CONFIDENCE), units, strict=True)
    ]
    tau = float(np.sqrt(fitted.tau2))
    rows.append(estimate_row("tau", tau, unit=slope_in, n=teams, method=_METHOD))
    return estimates_table(rows)


def curve_of(fitted: Regression, lowest: float, highest: float) -> pd.DataFrame:
    """The line and its interval from the lowest dose to the highest."""
    x = np.linspace(lowest, highest, _STEPS)
    ends = fitted.ends(np.column_stack([np.ones_like(x), x]), CONFIDENCE)
    return pd.DataFrame(np.column_stack([x, ends]), columns=[column.name for column in CURVE])


def in_turn(y: np.ndarray, v: np.ndarray, x: np.ndarray, step: float) -> tuple[float, float]:
    """The smallest and the largest slope with each team left out in turn."""
    kept = [np.arange(len(y)) != at for at in range(len(y))]
    slopes = [step * float(regress(y[one], v[one], x[one]).beta[1]) for one in kept]
    return min(slopes), max(slopes)
