"""Effects: what the model says with the intervention against what it says without.

Every effect is a function of the coefficients; its uncertainty comes from the full covariance
through its gradient. Some are read on another scale than they are inferred on, through a map that
keeps their order, so that one interval tells the same as the other:

- the share of what was expected is a function of the total effect, the level seen after being taken
  as it is: the two are clear together, and no share passes -100 %;
- a count model's effects are logarithms of ratios; as events averted they are a function of those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qieval.analysis.its.methods import Fit
from qieval.analysis.its.methods.design import Design, suffix
from qieval.analysis.its.methods.events import log_ratio
from qieval.analysis.its.methods.series import Array, Phases, Series
from qieval.core.errors import ParameterError
from qieval.core.periods import noun

LOG_RATIO = "logarithm of a rate ratio"
"""Unit of a count model's coefficients."""

SHARE = "share of what was expected"
"""Unit of a relative effect."""


def at_once(log_link: bool) -> str:
    """The term that tells the change at once in the unit of the data.

    A count model's own level change is the logarithm of a ratio; its effect in the first period is
    the same change in the unit of the data.
    """
    return "effect_at_1" if log_link else "level_change"


@dataclass(frozen=True)
class Quantity:
    """One row of the estimates: a number and its gradient by the coefficients (p,).

    ``shown`` takes number and limits to the scale on which they are read, rising; ``rate`` is its
    derivative at the number.
    """

    term: str
    value: float
    gradient: Array
    unit: str
    n: int
    shown: Callable[[Array], Array] | None = None
    rate: float = 1.0

    def as_shown(self, values: Array) -> Array:
        """Numbers of this quantity on the scale on which they are read."""
        return values if self.shown is None else self.shown(values)


@dataclass(frozen=True)
class Units:
    """What is counted, in words: of a value, of a total.

    ``has_ratio``: whether shares of what was expected make sense; ``beds``: whether the value is
    bed days a day, which is beds.
    """

    value: str
    total: str
    has_ratio: bool = True
    beds: bool = False


def coefficients(design: Design, fit: Fit, series: Series, units: Units) -> list[Quantity]:
    """The model's own coefficients that have a meaning to a reader."""
    rows = []
    value = LOG_RATIO if fit.log_link else units.value
    for column, name in enumerate(design.names):
        if name.startswith("season_"):
            continue
        slope = name == "trend" or name.startswith("slope_change")
        unit = f"{value} per {noun(series.every)}" if slope else value
        gradient = np.eye(len(fit.beta))[column]
        rows.append(Quantity(name, float(fit.beta[column]), gradient, unit, int(design.used.sum())))
    return rows


def effects(
    design: Design,
    fit: Fit,
    series: Series,
    phases: Phases,
    horizons: list[int] | None,
    units: Units,
) -> list[Quantity]:
    """Effects of every intervention.

    ``effect_at_k`` is that of the k-th period after the intervention (the first is k = 1, where it
    equals the level change). Average, cumulative and relative effect are taken over the periods
    with data up to the furthest horizon; with a denominator the average is weighted by it and the
    cumulative effect counts the numerator's units. The relative effect is the ratio of two sums,
    the effect and what would have been without it.
    """
    rows: list[Quantity] = []
    for which in range(len(phases.given)):
        window = phases.after(which)
        after = np.arange(len(series.starts))[window]
        reach = _reach(horizons, len(after), series, which)
        if fit.log_link and 1 not in reach:
            reach = [1, *reach]
        for k in reach:
            term = f"effect_at_{k}{suffix(which)}"
            rows.append(_at(term, design, fit, after[[k - 1]], which, units))
        inside = after[: max(reach)]
        counted = inside[design.used[inside]]
        rows += _over(design, fit, series, counted, which, units)
    return rows


def _at(term: str, design: Design, fit: Fit, row: np.ndarray, which: int, units: Units) -> Quantity:
    """The effect in one period; of counts, what the model says was averted or added in it."""
    x, x0 = design.x[row], design.without(which)[row]
    gradient = np.nan_to_num((x - x0)[0])  # a covariate that is not known there plays no part
    value = float(gradient @ fit.beta)
    if not fit.log_link:
        return Quantity(term, value, gradient, units.value, 1)
    seen = float(fit.mean(x)[0])
    return Quantity(
        term, value, gradient, units.value, 1, against(seen), seen * float(np.exp(-value))
    )


def against(seen: float) -> Callable[[Array], Array]:
    """What was seen less what a log ratio says was to be expected."""

    def shown(log_ratio: Array) -> Array:
        return -seen * np.expm1(-np.asarray(log_ratio, dtype=float))

    return shown


def _reach(horizons: list[int] | None, available: int, series: Series, which: int) -> list[int]:
    if not horizons:
        return [available]
    for k in horizons:
        if not 1 <= k <= available:
            word = noun(series.every, 2)
            raise ParameterError(
                "`horizon` lies beyond the data.",
                found=f"{k}; there are {available} {word} after the intervention"
                + (f" number {which + 1}" if which else ""),
                remedy=f"Give a number from 1 to {available}, or leave it out for all of them.",
            )
    return sorted(set(horizons))


def _over(
    design: Design, fit: Fit, series: Series, rows: np.ndarray, which: int, units: Units
) -> list[Quantity]:
    """Average, cumulative and relative effect over `rows`."""
    weight = series.denominator[rows]
    x, x0 = design.x[rows], design.without(which)[rows]
    if fit.log_link:
        return _over_counts(fit, x, x0, series.total[rows], weight, which, units)
    by_total = weight @ (x - x0)
    total, days = float(by_total @ fit.beta), float(weight.sum())
    seen = float(weight @ fit.mean(x))
    tail, n = suffix(which), len(rows)
    found = [
        Quantity(f"average_effect{tail}", total / days, by_total / days, units.value, n),
        Quantity(f"cumulative_effect{tail}", total, by_total, units.total, n),
    ]
    if units.has_ratio and min(seen, seen - total) > 0:  # a share of nothing has no meaning
        rate = seen / (seen - total) ** 2
        share = Quantity(f"relative_effect{tail}", total, by_total, SHARE, n, _share(seen), rate)
        found.append(share)
    return found


def _share(seen: float) -> Callable[[Array], Array]:
    """A total effect as a share of what was expected: the level seen less that effect."""

    def shown(total: Array) -> Array:
        expected = seen - np.asarray(total, dtype=float)
        # Where nothing at all may have been expected there is no upper limit.
        return np.divide(total, expected, out=np.full(np.shape(total), np.inf), where=expected > 0)

    return shown


def _over_counts(
    fit: Fit, x: Array, x0: Array, total: Array, weight: Array, which: int, units: Units
) -> list[Quantity]:
    """The same of counts: all are functions of one log ratio, theta.

    theta is the logarithm of events modelled with the intervention over events without it. Of the
    events that were seen, 1 - exp(-theta) is what the intervention added (below zero: averted).
    """
    with_, without = weight * fit.mean(x), weight * fit.mean(x0)
    theta = float(np.log(with_.sum() / without.sum()))
    gradient = with_ @ x / with_.sum() - without @ x0 / without.sum()
    # A window without a single event says nothing by itself: what the model expects in it does.
    seen = float(total.sum()) or float(with_.sum())
    days, tail, n = float(weight.sum()), suffix(which), len(total)

    def row(term: str, unit: str, shown: Callable[[Array], Array], rate: float) -> Quantity:
        return Quantity(f"{term}{tail}", theta, gradient, unit, n, shown, rate)

    each, left = seen / days, float(np.exp(-theta))
    found = [
        row("average_effect", units.value, against(each), each * left),
        row("cumulative_effect", units.total, against(seen), seen * left),
    ]
    if units.has_ratio:
        found.append(row("relative_effect", SHARE, np.expm1, float(np.exp(theta))))
    return found


def few_effects(
    design: Design,
    fit: Fit,
    series: Series,
    phases: Phases,
    horizons: list[int] | None,
    units: Units,
) -> list[Quantity]:
    """Effects where there are too few events for a trend: functions of one exact rate ratio.

    What one side says of the other is read from the side with more events.
    """
    after = np.arange(len(series.starts))[phases.after(0)]
    reach = _reach(horizons, len(after), series, 0)
    counted = after[: max(reach)]
    counted = counted[design.used[counted]]
    is_after = design.x[design.used, 1] > 0
    weight, total = series.denominator[design.used], series.total[design.used]
    theta = log_ratio(total, weight, is_after)
    before_rate = float(total[~is_after].sum() / weight[~is_after].sum())
    after_rate = float(total[is_after].sum() / weight[is_after].sum())
    days = float(series.denominator[counted].sum())

    def shown(size: float) -> Callable[[Array], Array]:
        if total[~is_after].sum() >= total[is_after].sum():
            return lambda log_ratio: size * before_rate * np.expm1(log_ratio)
        return against(size * after_rate)

    gradient = np.array([0.0, 1.0])
    rows = [
        Quantity(f"effect_at_{k}", theta, gradient, units.value, 1, shown(1.0), np.nan)
        for k in sorted({1, *reach})
    ]
    n = len(counted)
    for term, unit, size in [
        ("average_effect", units.value, 1.0),
        ("cumulative_effect", units.total, days),
    ]:
        rows.append(Quantity(term, theta, gradient, unit, n, shown(size), np.nan))
    if units.has_ratio and before_rate > 0:
        rows.append(Quantity("relative_effect", theta, gradient, SHARE, n, np.expm1, np.nan))
    return rows
