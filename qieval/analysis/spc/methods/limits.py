"""Centre lines and limits of every kind of chart, for all units and phases at once.

Formulas and their sources: docs/methods/spc.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from qieval.analysis.spc.methods.phases import Phases
from qieval.analysis.spc.methods.references import Bounds, Lines
from qieval.analysis.spc.methods.series import Array, Mask, Series

Kind = Literal["i", "mr", "xbar", "s", "p", "u", "c", "pp", "up", "g", "t", "ip"]

TITLES: dict[str, str] = {
    "i": "I chart (XmR) of single values",
    "mr": "MR chart of moving ranges",
    "xbar": "X-bar chart of subgroup means",
    "s": "S chart of subgroup standard deviations",
    "p": "P chart of proportions",
    "u": "U chart of rates",
    "c": "C chart of counts",
    "pp": "P′ chart (Laney) of proportions",
    "up": "U′ chart (Laney) of rates",
    "g": "G chart of cases between events",
    "t": "T chart of time between events",
    "ip": "I′ chart (Taylor) of rates",
}

D2, SCREEN, MR_UPPER = 1.128, 3.267, 3.267
SCREEN_IP = 3.2665
NO_BOUNDS = Bounds()
SUBGROUPED = ("xbar", "s")
STEPPED = ("p", "u", "pp", "up", "ip")
"""Charts whose limits follow the denominators."""


@dataclass(frozen=True)
class Limits:
    """Centre line and limits of every cell.

    Attributes
    ----------
    y : (units, points)
        What is plotted.
    centre : (units, points)
        The centre line.
    lower, upper : three (units, points)
        Limits at 1, 2 and 3 sigma; NaN where there are none.
    sigma_z : (units, phases)
        Laney's sigma z of p′ and u′ charts; NaN for others.
    flat : (units, phases) bool
        Whether the points that limits rest on do not vary, so that the limits collapse.
    cut : bool
        Whether a limit was cut at a bound.
    """

    y: Array
    centre: Array
    lower: list[Array]
    upper: list[Array]
    sigma_z: Array
    flat: Mask
    cut: bool


def line_of(kind: str, benchmark: bool) -> str:
    """What the centre line is called; that of a t chart is no mean of the values."""
    return "benchmark" if benchmark else "median" if kind == "g" else "centre line"


def plotted(series: Series, phases: Phases, kind: str) -> tuple[Series, Phases]:
    """The series as the chart shows it: an mr chart shows the moving range of the values."""
    if kind != "mr":
        return series, phases
    steps = np.full(series.y.shape, np.nan)
    steps[:, 1:] = np.abs(np.diff(series.y, axis=1))
    steps[:, 1:][phases.number[:, 1:] != phases.number[:, :-1]] = np.nan
    known = np.isfinite(steps)
    excluded, limits_from = phases.excluded.copy(), phases.limits_from.copy()
    excluded[:, 1:] |= phases.excluded[:, :-1]
    limits_from[:, 1:] &= phases.limits_from[:, :-1]
    return replace(series, y=steps), replace(
        phases, excluded=excluded & known, limits_from=limits_from & known
    )


def control_limits(
    series: Series,
    phases: Phases,
    kind: str,
    *,
    screen: bool,
    wheeler: bool,
    per: float,
    bounds: Bounds = NO_BOUNDS,
    benchmark: Lines | None = None,
) -> Limits:
    """Limits of the chart.

    Parameters
    ----------
    series, phases : Series, Phases
        As plotted.
    kind : str
        Kind of chart.
    screen : bool
        Whether moving ranges that are far too large are left out of their mean.
    wheeler : bool
        Take 3 sigma of an i chart as 2.66 mean moving ranges (Making Data Count).
    per : float
        Units of the denominator that a rate is given for.
    bounds : Bounds
        Where limits end, because no value can lie beyond.
    benchmark : Lines, optional
        Lines set from outside; they take the place of those of the points.
    """
    shape = series.y.shape
    centre, middle, sigma = (np.full(shape, np.nan) for _ in range(3))
    sigma_z = np.full((shape[0], phases.count), np.nan)
    power = 3.6 if kind == "t" else 1.0
    working = series.y ** (1 / power)
    set_centre = None if benchmark is None else benchmark.centre ** (1 / power)
    for which in range(phases.count):
        cells = phases.of(which)
        used = cells & phases.limits_from
        one = _one_phase(series, working, used, kind, screen, wheeler, per, set_centre)
        centre = np.where(cells, one.centre, centre)
        middle = np.where(cells, one.middle, middle)
        sigma = np.where(cells, one.sigma, sigma)
        sigma_z[:, which] = one.sigma_z
    below, above = sigma, sigma
    if benchmark is not None:
        low, high = benchmark.lower ** (1 / power), benchmark.upper ** (1 / power)
        below = np.where(np.isfinite(low), (middle - low) / 3, sigma)
        above = np.where(np.isfinite(high), (high - middle) / 3, sigma)
    # The t chart's scale begins at 0: below it there is no power to turn back.
    least = 0.0 if kind == "t" else -np.inf
    lower = [np.maximum(middle - k * below, least) ** power for k in (1, 2, 3)]
    upper = [(middle + k * above) ** power for k in (1, 2, 3)]
    cut = bool((bounds.outside(lower[2]) | bounds.outside(upper[2])).any())
    return Limits(
        series.y,
        centre**power,
        [np.maximum(limit, bounds.lower) for limit in lower],
        [np.minimum(limit, bounds.upper) for limit in upper],
        sigma_z,
        flat(series, phases),
        cut,
    )


@dataclass(frozen=True)
class _Phase:
    """Of one phase: columns (one number a unit) or whole matrices."""

    centre: Array
    middle: Array
    sigma: Array
    sigma_z: Array


def _one_phase(
    series: Series,
    y: Array,
    used: Mask,
    kind: str,
    screen: bool,
    wheeler: bool,
    per: float,
    set_centre: Array | None,
) -> _Phase:
    none = np.full(len(y), np.nan)
    n = series.denominator

    def centred(own: Array) -> Array:
        """The benchmark's centre line where there is one."""
        return own if set_centre is None else np.where(np.isfinite(set_centre), set_centre, own)

    if kind in ("i", "t"):
        centre = centred(mean(y, used))
        ranges = screened(moving_ranges(y, used), SCREEN, screen)
        sigma = ranges * (2.66 / 3) if wheeler and kind == "i" else ranges / D2
        return _Phase(centre, centre, sigma, none)
    if kind == "mr":
        centre = centred(mean(y, used))
        return _Phase(centre, centre, centre * (MR_UPPER - 1) / 3, none)
    if kind in ("xbar", "s"):
        return _subgroups(series, used, kind, centred)
    if kind == "c":
        centre = centred(mean(y, used))
        return _Phase(centre, centre, np.sqrt(centre), none)
    if kind == "g":
        average = centred(mean(y, used))
        line = centred(median(y, used))
        return _Phase(line, average, np.sqrt(average * (average + 1)), none)
    centre = centred(_ratio(_sum(series.total, used), _sum(n, used)))
    if kind == "ip":
        return _Phase(centre, centre, _taylor(y, n, used, screen), none)
    share = centre / per  # the denominator is in units of `per`: n * per cases
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = share * (1 - share) if kind in ("p", "pp") else share
        sigma = per * np.sqrt(np.maximum(spread, 0) / np.where(n > 0, n * per, np.nan))
    if kind in ("p", "u"):
        return _Phase(centre, centre, sigma, none)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sigma > 0, (y - centre) / sigma, 0.0)
    sigma_z = screened(moving_ranges(z, used), SCREEN, screen) / D2
    return _Phase(centre, centre, sigma * sigma_z, sigma_z[:, 0])


def _subgroups(series: Series, used: Mask, kind: str, centred: Callable[[Array], Array]) -> _Phase:
    size = series.size
    known = used & np.isfinite(series.spread)
    within = np.where(known, size - 1, 0)
    degrees = _sum(within, known)
    pooled = np.sqrt(_ratio(_sum(within * series.spread**2, known), degrees))
    largest = np.where(known, size, 0).max(axis=1, keepdims=True)
    equal = (np.where(known, size, largest) == largest).all(axis=1, keepdims=True)
    s = np.where(equal, mean(series.spread, known), pooled)  # equal sizes: the mean, as published
    # A single value has no c4 of its own: the spread is that of the others.
    c4 = np.where(size > 1, c4_of(size), c4_of(np.where(equal, largest, degrees + 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "s":
            s = centred(s)
            sigma = s * np.sqrt(1 - c4**2) / c4
            middle = s + 0 * sigma
        else:
            sigma = s / (c4 * np.sqrt(np.where(size > 0, size, np.nan)))
            # One value alone may lie far away, and nothing beside it says so: it moves no line.
            several = used & (size > 1)
            middle = centred(_ratio(_sum(series.total * size, several), _sum(size, several)))
    return _Phase(middle, middle, sigma, np.full(len(s), np.nan))


def c4_of(size: Array) -> Array:
    """c4: what a standard deviation of `size` normal values is on average, of the true one."""
    size = np.where(size > 1, size, np.nan)
    return np.asarray(np.sqrt(2 / (size - 1)) * np.exp(gammaln(size / 2) - gammaln((size - 1) / 2)))


def _taylor(y: Array, n: Array, used: Mask, screen: bool) -> Array:
    """Taylor's sigma of each cell: steps weighed by the denominators of their two ends."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(1 / n[:, 1:] + 1 / n[:, :-1])
        steps = moving_ranges(y, used) * np.sqrt(np.pi / 2) / scale
        return np.asarray(screened(steps, SCREEN_IP, screen) / np.sqrt(np.where(n > 0, n, np.nan)))


def stepped(series: Series, kind: str) -> bool:
    """Whether limits differ from point to point."""
    if kind in SUBGROUPED:
        return bool(np.ptp(series.size[series.present]) > 0)
    return kind in STEPPED and bool(np.ptp(series.denominator[series.present]) > 0)


# ---- sums over rows; NaN where there is nothing to sum -----------------------------------------


def _sum(x: Array, used: Mask) -> Array:
    return np.asarray(np.where(used, x, 0.0).sum(axis=1, keepdims=True))


def _ratio(above: Array, below: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def mean(x: Array, used: Mask) -> Array:
    """Mean of the used cells of each row, as a column."""
    return _ratio(_sum(x, used), used.sum(axis=1, keepdims=True).astype(float))


def median(x: Array, used: Mask) -> Array:
    """Median of the used cells of each row, as a column."""
    ordered = np.sort(np.where(used, x, np.inf), axis=1)
    count = used.sum(axis=1, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0), axis=1)
    high = np.take_along_axis(ordered, np.minimum(count // 2, x.shape[1] - 1), axis=1)
    return np.where(count > 0, np.where(low == high, low, (low + high) / 2), np.nan)


def moving_ranges(x: Array, used: Mask) -> Array:
    """Distance of each used cell from the one before it, if that is used too; else NaN."""
    both = used[:, 1:] & used[:, :-1]
    return np.where(both, np.abs(np.diff(x, axis=1)), np.nan)


def screened(ranges: Array, factor: float, screen: bool) -> Array:
    """Mean of the ranges; with screening, once more without those `factor` times it (Nelson)."""
    known = np.isfinite(ranges)
    first = mean(ranges, known)
    if not screen:
        return first
    kept = known & ~((ranges >= factor * first) & (first > 0))
    return mean(ranges, kept)


def flat(series: Series, phases: Phases) -> NDArray[np.bool_]:
    """(units, phases): whether the points that the lines rest on are all the same."""
    used = [phases.of(which) & phases.limits_from for which in range(phases.count)]
    return np.stack([_same(series.y, cells) for cells in used], axis=1)


def _same(y: Array, used: Mask) -> NDArray[np.bool_]:
    high = np.where(used, y, -np.inf).max(axis=1, initial=-np.inf)
    low = np.where(used, y, np.inf).min(axis=1, initial=np.inf)
    some = used.sum(axis=1) > 1
    with np.errstate(invalid="ignore"):
        return np.asarray(some & (high - low <= 1e-12 * np.maximum(np.abs(high), 1e-300)))


def medians(series: Series, phases: Phases) -> Array:
    """The median of each phase, at every cell of it."""
    centre = np.full(series.y.shape, np.nan)
    for which in range(phases.count):
        cells = phases.of(which)
        centre = np.where(cells, median(series.y, cells & phases.limits_from), centre)
    return centre
