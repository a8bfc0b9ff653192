"""The tables of a funnel: how they are computed, and what their columns are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import chi2

from qieval.analysis.funnel.methods.options import Options
from qieval.analysis.funnel.methods.power import power, true_values
from qieval.analysis.funnel.methods.scales import (
    Array,
    Dispersion,
    FunnelKind,
    dispersion,
    exact_limits,
    share_outside,
    spread_limits,
)
from qieval.analysis.funnel.methods.units import Units
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.tables import Column

SMALL = 20
"""Units with a smaller denominator are shown grey."""

_CURVE_POINTS = 240


@dataclass(frozen=True)
class Funnel:
    """Units, the target, how far they differ, and how limits are made."""

    units: Units
    kind: FunnelKind
    options: Options
    target: float
    z: Array
    s: Array
    spread: Dispersion

    @classmethod
    def of(cls, units: Units, kind: FunnelKind, options: Options) -> Funnel:
        """The funnel of these units."""
        top, bottom, scale = units.numerator, units.denominator, options.scale
        target = 1.0 if kind == "ratio" else float(top.sum() / bottom.sum())
        s = scale.own_sd(top, bottom)
        z = (scale.figure(top, bottom) - scale.to(np.array(target))) / s
        return cls(
            units, kind, options, target, z, s, dispersion(z, s, options.trim, options.trimming)
        )

    @property
    def widened(self) -> bool:
        """Whether limits are wider than chance alone would have them."""
        by = {"additive": self.spread.tau2 > 0, "multiplicative": self.spread.phi > 1}
        return by.get(self.options.overdispersion, False)

    def limits(self, size: Array, level: float) -> tuple[Array, Array]:
        """Lower and upper limits for units of these sizes."""
        if not self.widened:
            return exact_limits(size, self.target, level, self.kind)
        additive = self.options.overdispersion == "additive"
        lower, upper = spread_limits(
            size,
            self.target,
            level,
            self.options.scale,
            phi=1.0 if additive else self.spread.phi,
            tau2=self.spread.tau2 if additive else 0.0,
        )
        if self.options.transformation == "log":
            # On a log scale no limit reaches 0, so that a unit of any size would be outside with no
            # event at all: where the limit is below one event, the exact one counts if it is lower.
            exact = exact_limits(size, self.target, level, self.kind)[0]
            lower = np.where(lower * size < 1, np.minimum(lower, exact), lower)
        return lower, upper

    def chance_of_spread(self) -> float:
        """How often chance alone would bring so large a spread of the z scores (Cochran's Q)."""
        return float(chi2.sf(float((self.z**2).sum()), len(self.z) - 1))

    def adjusted_z(self) -> Array:
        """The z scores with the spread that the limits allow for."""
        if not self.widened:
            return self.z
        if self.options.overdispersion == "multiplicative":
            return self.z / np.sqrt(self.spread.phi)
        return self.z * self.s / np.sqrt(self.s**2 + self.spread.tau2)


_HAIR = 1e-12


def points(plot: Funnel, difference: float) -> pd.DataFrame:
    """Rows behind the figure, one a unit, in the order of the table."""
    size = plot.units.denominator
    value = plot.units.numerator / size
    table = pd.DataFrame({"unit": plot.units.names, "value": value, "z": plot.z})
    flag = np.full(len(value), "inside", dtype=object)
    for level in plot.options.levels:
        lower, upper = plot.limits(size, level)
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


def curve(plot: Funnel) -> pd.DataFrame:
    """The limits over the range of sizes, for the figure."""
    size = plot.units.denominator
    low, high = max(0.7 * size.min(), min(size.min(), 1.0)), 1.05 * size.max()
    sizes = np.geomspace(low, high, _CURVE_POINTS)
    if plot.kind == "proportion":
        sizes = np.unique(np.ceil(sizes))
    table = pd.DataFrame({"denominator": sizes})
    for level in plot.options.levels:
        lower, upper = plot.limits(sizes, level)
        table[f"lower_{level_name(level)}"] = lower
        table[f"upper_{level_name(level)}"] = upper
    return table


def estimates(plot: Funnel) -> pd.DataFrame:
    """The target, and how far units differ."""
    options = plot.options
    how = f"{options.scale.words}, {100 * options.trim:g}% {options.trimming}d at each end"
    how = how.replace("truncated", "left out").replace("winsorised", "pulled in")
    rows = {
        "target": (plot.target, plot.kind, "expected" if plot.kind == "ratio" else "all units"),
        "phi": (plot.spread.phi, "times what chance would bring", how),
        "tau2": (plot.spread.tau2, f"{options.scale.words}, squared", how),
    }
    return estimates_table(
        estimate_row(
            term,
            value,
            unit=unit,
            p_value=plot.chance_of_spread() if term == "phi" else np.nan,
            n=plot.spread.used if term != "target" else len(plot.z),
            method=method,
        )
        for term, (value, unit, method) in rows.items()
    )


def outside_exact(plot: Funnel) -> int:
    """How many units lie outside the outermost limits if these allow for chance alone."""
    size, value = plot.units.denominator, plot.units.numerator / plot.units.denominator
    lower, upper = exact_limits(size, plot.target, plot.options.levels[-1], plot.kind)
    return int(((value < lower - _HAIR) | (value > upper + _HAIR)).sum())


def shares_outside(plot: Funnel) -> dict[str, float]:
    """Share of units outside the limits of each level with nothing special about any."""
    options = plot.options
    return {
        level_name(level): share_outside(
            level, options.trim, options.trimming, widened=plot.widened
        )
        for level in options.levels
    }


def level_name(level: float) -> str:
    """A level as it stands in column names: 95, 998, 9995."""
    return f"{100 * level:g}".replace(".", "")


# ---- what the columns are ----------------------------------------------------------------------

UNIT = Column("unit", "Unit", "label")
NUMERATOR = Column("numerator", "Number", "count", of="denominator")
DENOMINATOR = Column("denominator", "Of", "denominator")
POINTS = (
    UNIT,
    Column("value", "Value", "share", of="numerator/denominator"),
    NUMERATOR,
    DENOMINATOR,
    Column("z", "z", "estimate"),
    Column("z_adjusted", "z, allowing for the spread", "estimate"),
    Column("flag", "Where it lies", "label", of="numerator"),
    Column("small", "Small", "label"),
    Column("power", "Chance to be found", "estimate", "0%"),
)
CURVE = (replace(DENOMINATOR, role="number"),)


def limit_columns(levels: Sequence[float]) -> list[Column]:
    """The columns of the limits of each level."""
    return [
        Column(
            f"{end}_{level_name(level)}", f"{end.capitalize()} {100 * level:g}% limit", "estimate"
        )
        for level in levels
        for end in ("lower", "upper")
    ]
