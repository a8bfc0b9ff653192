"""Funnel plots: which units differ from the others by more than their size would bring by chance?

Reads from top to bottom: :mod:`.choices`, :mod:`.units` (table → units), :mod:`.scales` (scales and
limits), :mod:`.power`, :mod:`.checks`, :mod:`.result` (words). Units keep the order of the table: a
funnel is no league table. Formulas and sources: docs/methods/funnel.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.funnel.checks import checks_of
from qieval.analysis.funnel.choices import (
    Choices,
    Direction,
    Overdispersion,
    choices_of,
    refuse_per,
)
from qieval.analysis.funnel.power import DIFFERENCE, power, true_values
from qieval.analysis.funnel.result import FunnelResult, level_name
from qieval.analysis.funnel.scales import (
    Array,
    Dispersion,
    FunnelKind,
    Transformation,
    Trimming,
    dispersion,
    exact_limits,
    share_outside,
    spread_limits,
)
from qieval.analysis.funnel.units import Units, make_units
from qieval.core.checks import checks_table
from qieval.core.estimates import ESTIMATE_COLUMNS

__all__ = ["FunnelResult", "funnel"]

SMALL = 20
"""Units with a smaller denominator are shown grey."""

_CURVE_POINTS = 240


def funnel(
    units: pd.DataFrame,
    *,
    unit: str,
    numerator: str,
    denominator: str,
    kind: FunnelKind,
    overdispersion: Overdispersion = "additive",
    transformation: Transformation | None = None,
    trim: float = 0.1,
    trimming: Trimming | None = None,
    levels: Sequence[float] = (0.95, 0.998),
    difference: float | None = None,
    outcome: str = "The measure",
    setting: str = "",
    called: str = "units",
    of: str = "people",
    per: float = 1,
    direction: Direction = "neutral",
) -> FunnelResult:
    """Compare units of different sizes with all of them together, allowing for chance.

    Parameters
    ----------
    units : DataFrame
        One row a unit. The table is not changed.
    unit : str
        Column that names the unit
    numerator : str
        Column with the number of events
    denominator : str
        Column with what they are divided by; for a ratio the number expected
    kind : str
        What numerator over denominator is: proportion, rate or ratio (observed to expected)
    overdispersion : str
        How limits allow for units that differ by more than chance: additive, multiplicative or none
    transformation : str, optional
        Scale: arcsine (proportion), log (rate, ratio) or sqrt (ratio); nothing means the first
    trim : float
        Share of units at each end that may not decide how far units differ
    trimming : str, optional
        Whether these are pulled in (winsorise) or left out (truncate) of that; nothing means
        truncate for a ratio on the log scale, else winsorise
    levels : list of float
        Levels of the limits, such as 0.95 and 0.998
    difference : float, optional
        True difference that should be found: 0.1 for ten percentage points, or a fifth of a rate or
        ratio as 0.2
    outcome : str
        What is measured, in plain words
    setting : str
        For whom or where, in plain words
    called : str
        What the units are called, in the plural, such as wards
    of : str
        What the denominator counts, in plain words, such as patients
    per : float
        Rates are shown per so many of the denominator, such as 1000
    direction : str
        Which way is better

    Returns
    -------
    FunnelResult
        In ``points`` a row a unit, in the order of the table; estimates ``target, phi, tau2``.

    Raises
    ------
    DataError
        If a column is missing or holds text, a unit comes twice, or a number cannot be.
    ParameterError
        If a parameter has no meaning.
    CannotEvaluate
        If there is one unit only, a denominator is 0, or there is no event at all.

    Notes
    -----
    The target is Σ numerator / Σ denominator, for a ratio 1. On the scale of the kind each unit has
    z = (y - target) / s; phi = Σ z² / K after trimming, tau² by DerSimonian and Laird. Additive
    limits add tau² to the variance that chance brings, multiplicative ones multiply it by phi
    (never below 1). Without overdispersion, asked for or found, limits are exact binomial or
    Poisson ones.

    References
    ----------
    Spiegelhalter 2005, Stat Med 24:1185 (funnel plots, exact limits); 2005, Qual Saf Health Care
    14:347 (overdispersion). Spiegelhalter and others 2012, J R Stat Soc A 175:1.
    """
    choices = choices_of(kind, overdispersion, transformation, trim, trimming, levels, direction)
    refuse_per(per, kind)
    these = make_units(units, unit, numerator, denominator, kind)
    plot = _Funnel.of(these, kind, choices)
    asked: dict[str, Any] = {
        "unit": unit,
        "numerator": numerator,
        "denominator": denominator,
        "kind": kind,
        "overdispersion": overdispersion,
        "transformation": choices.transformation,
        "trim": trim,
        "trimming": choices.trimming,
        "levels": list(choices.levels),
        "difference": DIFFERENCE[kind] if difference is None else difference,
        "outcome": outcome,
        "setting": setting,
        "called": called,
        "of": of,
        "per": per,
        "direction": direction,
    }
    result = FunnelResult(
        params=asked,
        points=_points(plot, asked["difference"]),
        estimates=_estimates(plot),
        checks=checks_table([]),
        curve=_curve(plot),
        facts=_facts(plot),
    )
    return replace(result, checks=checks_table(checks_of(result)))


# ---- what is found -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Funnel:
    """Units, the target, how far they differ, and how limits are made."""

    units: Units
    kind: FunnelKind
    choices: Choices
    target: float
    z: Array
    s: Array
    found: Dispersion

    @classmethod
    def of(cls, units: Units, kind: FunnelKind, choices: Choices) -> _Funnel:
        top, bottom, scale = units.numerator, units.denominator, choices.scale
        target = 1.0 if kind == "ratio" else float(top.sum() / bottom.sum())
        s = scale.own_sd(top, bottom)
        z = (scale.figure(top, bottom) - scale.to(np.array(target))) / s
        return cls(
            units, kind, choices, target, z, s, dispersion(z, s, choices.trim, choices.trimming)
        )

    @property
    def widened(self) -> bool:
        """Whether limits are wider than chance alone would have them."""
        by = {"additive": self.found.tau2 > 0, "multiplicative": self.found.phi > 1}
        return by.get(self.choices.overdispersion, False)

    def limits(self, size: Array, level: float) -> tuple[Array, Array]:
        """Lower and upper limits for units of these sizes."""
        if not self.widened:
            return exact_limits(size, self.target, level, self.kind)
        additive = self.choices.overdispersion == "additive"
        return spread_limits(
            size,
            self.target,
            level,
            self.choices.scale,
            phi=1.0 if additive else self.found.phi,
            tau2=self.found.tau2 if additive else 0.0,
        )

    def limits_of_units(self, level: float) -> tuple[Array, Array]:
        """The same for the units; on a log scale none would ever reach 0, whatever its size."""
        size = self.units.denominator
        lower, upper = self.limits(size, level)
        if self.widened and self.choices.transformation == "log":
            exact = exact_limits(size, self.target, level, self.kind)[0]
            lower = np.where(self.units.numerator == 0, np.minimum(lower, exact), lower)
        return lower, upper

    def adjusted_z(self) -> Array:
        """The z scores with the spread that the limits allow for."""
        if not self.widened:
            return self.z
        if self.choices.overdispersion == "multiplicative":
            return self.z / np.sqrt(self.found.phi)
        return self.z * self.s / np.sqrt(self.s**2 + self.found.tau2)


_HAIR = 1e-12


def _points(plot: _Funnel, difference: float) -> pd.DataFrame:
    """Rows behind the figure, one a unit, in the order of the table."""
    size = plot.units.denominator
    value = plot.units.numerator / size
    table = pd.DataFrame({"unit": plot.units.names, "value": value, "z": plot.z})
    flag = np.full(len(value), "inside", dtype=object)
    for level in plot.choices.levels:
        lower, upper = plot.limits_of_units(level)
        name = level_name(level)
        table[f"lower_{name}"], table[f"upper_{name}"] = lower, upper
        flag[value < lower - _HAIR] = f"below {100 * level:g}%"
        flag[value > upper + _HAIR] = f"above {100 * level:g}%"
    values = true_values(plot.target, difference, plot.kind)
    return table.assign(
        flag=pd.Series(flag, dtype="str"),
        numerator=plot.units.numerator,
        denominator=size,
        z_adjusted=plot.adjusted_z(),
        small=size < SMALL,
        power=power(size, lower, upper, values, plot.kind),
    )


def _curve(plot: _Funnel) -> pd.DataFrame:
    """The limits over the range of sizes, for the figure."""
    size = plot.units.denominator
    low, high = max(0.7 * size.min(), min(size.min(), 1.0)), 1.05 * size.max()
    sizes = np.geomspace(low, high, _CURVE_POINTS)
    if plot.kind == "proportion":
        sizes = np.unique(np.ceil(sizes))
    table = pd.DataFrame({"denominator": sizes})
    for level in plot.choices.levels:
        lower, upper = plot.limits(sizes, level)
        table[f"lower_{level_name(level)}"] = lower
        table[f"upper_{level_name(level)}"] = upper
    return table


def _estimates(plot: _Funnel) -> pd.DataFrame:
    choices = plot.choices
    how = f"{choices.scale.words}, {100 * choices.trim:g}% {choices.trimming}d at each end"
    how = how.replace("truncated", "left out").replace("winsorised", "pulled in")
    rows = {
        "target": (plot.target, plot.kind, "expected" if plot.kind == "ratio" else "all units"),
        "phi": (plot.found.phi, "times what chance would bring", how),
        "tau2": (plot.found.tau2, f"{choices.scale.words}, squared", how),
    }
    table = pd.DataFrame(
        [
            {
                "term": term,
                "estimate": value,
                **dict.fromkeys(("se", "ci_low", "ci_high", "p_value", "df"), np.nan),
                "unit": unit,
                "n": plot.found.used if term != "target" else len(plot.z),
                "method": method,
            }
            for term, (value, unit, method) in rows.items()
        ]
    )
    return table.set_index("term")[ESTIMATE_COLUMNS]


def _facts(plot: _Funnel) -> dict[str, Any]:
    """What words and figure need beside the tables."""
    size, value = plot.units.denominator, plot.units.numerator / plot.units.denominator
    outer = plot.choices.levels[-1]
    lower, upper = exact_limits(size, plot.target, outer, plot.kind)
    return {
        "k": len(size),
        "events": float(plot.units.numerator.sum()),
        "total": float(size.sum()),
        "median_size": float(np.median(size)),
        "widened": plot.widened,
        "share_outside": {
            level_name(level): share_outside(
                level, plot.choices.trim, plot.choices.trimming, widened=plot.widened
            )
            for level in plot.choices.levels
        },
        "outside_exact": int(((value < lower - _HAIR) | (value > upper + _HAIR)).sum()),
        "no_events": int((plot.units.numerator == 0).sum()),
        "small": SMALL,
        "used": plot.found.used,
        "scale": plot.choices.scale.words,
    }
