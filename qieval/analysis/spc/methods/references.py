"""What is set from outside the data: targets, bounds of what is possible, a benchmark's lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from qieval.analysis.spc.methods.phases import by_group, moments
from qieval.analysis.spc.methods.series import Array, Series
from qieval.core.columns import is_number
from qieval.core.errors import DataError, ParameterError, listed
from qieval.core.words import in_a_row, number, own_places

Target = float | Mapping[date | str, float | Mapping[date | str, float]]
"""One target, one from each date on, or one (or one from each date on) a group."""

Benchmark = float | Mapping[str, float | Mapping[str, float]]
"""A centre line, or ``centre``, ``lower`` and ``upper``; with groups also a group's name with its.
"""

SHARES = ("p", "pp")
SIGNED = ("i", "xbar", "ip")
"""Charts whose values may be negative; those of the others are zero or more."""


# ---- bounds ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bounds:
    """Between which all values lie; infinite where there is no bound."""

    lower: float = -np.inf
    upper: float = np.inf

    @property
    def words(self) -> str:
        """The bounds in words: "below 0 or above 100"."""
        ends = (
            [f"below {number(self.lower, own_places(self.lower))}"]
            if np.isfinite(self.lower)
            else []
        )
        ends += (
            [f"above {number(self.upper, own_places(self.upper))}"]
            if np.isfinite(self.upper)
            else []
        )
        return in_a_row(ends, "or")

    def outside(self, value: Any) -> Any:
        """Which values cannot be."""
        return (value < self.lower) | (value > self.upper)


def bounds_of(
    series: Series, kind: str, per: float, unit: str, lower: float | None, upper: float | None
) -> Bounds:
    """The bounds given, else those of the measure's kind.

    Shares end at 0 and at all; counts, rates and times at 0; of values that may be negative, whole
    numbers without a negative one are taken for counts, and percentages from 0 to 100 for shares.

    Raises
    ------
    ParameterError
        If a bound is no number, or the lower one is not below the upper one.
    DataError
        If a value lies outside bounds that were given.
    """
    for name, bound in (("lower_bound", lower), ("upper_bound", upper)):
        if bound is not None and not is_number(bound):
            raise ParameterError(f"`{name}` must be a number.", found=repr(bound))
    if lower is not None and upper is not None and lower >= upper:
        raise ParameterError(
            "`lower_bound` must be below `upper_bound`.", found=f"{lower:g} and {upper:g}"
        )
    natural = _natural(series, kind, per, unit)
    bounds = Bounds(
        natural.lower if lower is None else lower, natural.upper if upper is None else upper
    )
    beyond = series.present & bounds.outside(np.where(series.present, series.y, bounds.lower))
    if beyond.any():
        raise DataError(
            f"Some values lie {bounds.words}, where none can lie.",
            found=series.some(beyond),
            remedy="Correct them, or `lower_bound` and `upper_bound`.",
        )
    return bounds


def _natural(series: Series, kind: str, per: float, unit: str) -> Bounds:
    if kind in SHARES:
        return Bounds(0.0, per)
    if kind not in SIGNED:
        return Bounds(0.0)
    known = series.y[series.present]
    if "%" in unit or "percent" in unit.replace(" ", "").lower():
        return Bounds(0.0, 100.0) if (known >= 0).all() and (known <= 100).all() else Bounds()
    counts = series.total[series.present]
    whole = kind != "xbar" and bool((counts == np.round(counts)).all() and (counts >= 0).all())
    return Bounds(0.0) if whole else Bounds()


# ---- targets -----------------------------------------------------------------------------------


def targets_of(series: Series, given: Any, bounds: Bounds, unit: str) -> Array:
    """The target at every cell; NaN where there is none.

    Raises
    ------
    ParameterError
        If a target is no number, is of an unknown group, cannot be reached by any value, or is a
        share where values are percentages (or the other way round).
    """
    targets = np.full(series.y.shape, np.nan)
    for _, units, value in by_group(series, given, "target"):
        if value is None:
            continue
        steps = moments(series, value, "target") if isinstance(value, Mapping) else [(None, value)]
        for since, target in steps:
            _refuse_target(series, target, bounds, unit)
            cells = np.broadcast_to(units[:, None], series.y.shape)
            if since is not None:
                cells = cells & (series.times >= since.to_datetime64())
            targets[cells] = target
    return targets


def _refuse_target(series: Series, target: Any, bounds: Bounds, unit: str) -> None:
    if not is_number(target):
        raise ParameterError(
            "`target` must be a number.",
            found=repr(target),
            remedy="Give it in the unit of the chart, or leave it out.",
        )
    if bounds.outside(target):
        raise ParameterError(
            f"The target lies {bounds.words}, where no value can lie.",
            found=f"{target:g}; the chart is in {unit}",
            remedy="Give the target in the unit of the chart.",
        )
    known = series.y[series.present]
    low, high = float(known.min()), float(known.max())
    share_for_percent = "%" in unit and 0 < target <= 1 and target < low / 10
    percent_for_share = low >= 0 and high <= 1 < target <= 100 and target > 10 * high
    meant = 100 * target if share_for_percent else target / 100
    if (share_for_percent or percent_for_share) and low / 1.5 <= meant <= 1.5 * high:
        raise ParameterError(
            "The target is not in the unit of the values: one is a share, the other a percentage.",
            found=f"target {target:g}; values from {low:.4g} to {high:.4g}",
            remedy=f"Write `target: {meant:g}`, or give the values in the unit of the target.",
        )


# ---- a benchmark -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lines:
    """Centre and 3-sigma limits set from outside, a column each (one row a unit); NaN for none."""

    centre: Array
    lower: Array
    upper: Array

    @property
    def any(self) -> bool:
        """Whether anything is set."""
        return bool(np.isfinite(np.hstack([self.centre, self.lower, self.upper])).any())


_ENDS = ("centre", "lower", "upper")


def benchmark_of(series: Series, given: Any, bounds: Bounds) -> Lines:
    """The lines of a benchmark.

    Raises
    ------
    ParameterError
        If a line is no number, is unknown, cannot be reached by any value, or they are out of
        order.
    """
    lines = {name: np.full((len(series.y), 1), np.nan) for name in _ENDS}
    plain = isinstance(given, Mapping) and bool(set(given) & set(_ENDS))
    groups = [("", slice(None), given)] if plain else by_group(series, given, "benchmark")
    for _, units, value in groups:
        if value is None:
            continue
        ends = value if isinstance(value, Mapping) else {"centre": value}
        if unknown := [name for name in ends if name not in _ENDS]:
            raise ParameterError(
                "`benchmark` takes a centre line, or `centre`, `lower` and `upper`.",
                found=listed(unknown),
            )
        for name, line in ends.items():
            if not is_number(line) or bounds.outside(line):
                raise ParameterError(
                    f"A line of `benchmark` is no number, or lies {bounds.words}."
                    if bounds.words
                    else "A line of `benchmark` is no number.",
                    found=f"{name}: {line!r}",
                    remedy="Give it in the unit of the chart.",
                )
            lines[name][units] = line
        in_order = [ends[name] for name in ("lower", "centre", "upper") if name in ends]
        if "centre" not in ends or any(np.diff(in_order) <= 0):
            raise ParameterError(
                "`benchmark` needs a centre line, between its limits.",
                found=in_a_row([f"{name} {line:g}" for name, line in ends.items()]),
            )
    return Lines(**lines)
