"""Step changes of the level: between phases that were given, and proposed where none was.

The difference of two means is held against the variation from point to point: its standard error
comes from the moving ranges, weighed by the denominators as on an I′ chart (Taylor 2018), which a
step itself hardly moves. A proposal is the split of a phase with the largest difference; what
chance alone would bring is read from ``steps.csv``, made by ``benchmarks/spc_false_alarms.py``.
Found steps part a phase, and each part is searched again (binary segmentation).
"""

from __future__ import annotations

import functools
from importlib import resources

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.spc.methods import patterns
from qieval.analysis.spc.methods.limits import SCREEN_IP, moving_ranges, screened
from qieval.analysis.spc.methods.phases import Phases
from qieval.analysis.spc.methods.series import Array, Mask, Series

LEAST = 6
"""Points on either side of a proposed step."""

CLEAR = 3.0
"""Standard errors by which the levels of two given phases must differ to be called different."""

CHANCES = (0.01, 0.001)
"""Chances of a false proposal in one series, of which the table holds the thresholds."""

_MOST = 100


def scale_of(y: Array, kind: str) -> Array:
    """The scale on which steps are looked for: that of the limits."""
    return np.asarray(y ** (1 / 3.6)) if kind == "t" else y


def point_spread(y: Array, weight: Array, used: Mask) -> Array:
    """Standard deviation of a value of weight 1, from moving ranges; a column."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(1 / weight[:, 1:] + 1 / weight[:, :-1])
        return screened(moving_ranges(y, used) * np.sqrt(np.pi / 2) / scale, SCREEN_IP, True)


def between_phases(series: Series, phases: Phases, kind: str, which: int) -> Array:
    """How far a phase's level lies from that before it, in standard errors; NaN for none."""
    y = scale_of(series.y, kind)
    counted = series.present & ~phases.excluded
    before, after = counted & phases.of(which - 1), counted & phases.of(which)
    ranges = [point_spread(y, series.denominator, cells) for cells in (before, after)]
    many = [np.maximum(cells.sum(axis=1) - 1, 0) for cells in (before, after)]
    share = np.stack(many) / np.maximum(np.sum(many, axis=0), 1)
    spread = np.nansum([part * own[:, 0] for part, own in zip(share, ranges, strict=True)], axis=0)
    (low, low_weight), (high, high_weight) = (
        _mean(y, series.denominator, cells) for cells in (before, after)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (high - low) / (spread * np.sqrt(1 / low_weight + 1 / high_weight))
    return np.where(spread > 0, z, np.nan)


def _mean(y: Array, weight: Array, cells: Mask) -> tuple[Array, Array]:
    """Weighed mean of the cells of each row, and their weight."""
    total = np.where(cells, weight, 0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(cells, weight * y, 0).sum(axis=1) / total, total


def best_split(y: Array, weight: Array, known: Mask) -> tuple[NDArray[np.intp], Array]:
    """Of packed series: where the later level begins, and its difference in standard errors."""
    count = known.sum(axis=1)
    spread = point_spread(np.where(known, y, np.nan), np.where(known, weight, np.nan), known)
    weight = np.where(known, weight, 0)
    centre, _ = _mean(y, weight, known)  # from the mean, so that large values lose no digits
    moved = np.where(known, y - centre[:, None], 0)
    sums, weights = np.cumsum(weight * moved, axis=1), np.cumsum(weight, axis=1)
    before, after = weights, weights[:, -1:] - weights
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = (sums[:, -1:] - sums) / after - sums / before
        z = difference / (spread * np.sqrt(1 / before + 1 / after))
    place = np.arange(y.shape[1]) + 1  # points before the split
    inside = (place >= LEAST) & (place <= count[:, None] - LEAST) & (spread > 0)
    z = np.where(inside & np.isfinite(z), z, 0)
    at = np.abs(z).argmax(axis=1)
    return at + 1, z[np.arange(len(z)), at]


@functools.lru_cache
def thresholds() -> pd.DataFrame:
    """Differences that chance alone passes in so many series: a row a length, a column a chance."""
    with resources.files(__package__).joinpath("steps.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, comment="#", index_col="points")


def chance_of(z: Array, points: NDArray[np.int64]) -> Array:
    """The least chance of the table that a difference falls under; 1 for none."""
    table = thresholds()
    lengths = np.log(table.index.to_numpy(dtype=float))
    chance = np.ones(len(z))
    for one, name in zip(CHANCES, table, strict=True):
        least = np.interp(np.log(np.maximum(points, 1)), lengths, table[name])
        chance[(np.abs(z) > least) & (points >= 2 * LEAST)] = one
    return chance


def proposals(series: Series, phases: Phases, kind: str) -> pd.DataFrame:
    """Where new lines would be justified.

    Returns
    -------
    DataFrame
        ``unit, start, points`` (since then, until the next step or the phase's end), ``way``
        (higher or lower), ``before, after`` (levels), ``z`` (their difference in standard errors)
        and ``chance`` (of so large a difference somewhere in such a series by chance).
    """
    counted = series.present & ~phases.excluded
    rows: list[tuple[int, Mask]] = [
        (int(unit), cells[unit])
        for cells in (counted & phases.of(which) for which in range(phases.count))
        for unit in np.flatnonzero(cells.sum(axis=1) >= 2 * LEAST)
    ]
    y, found = scale_of(series.y, kind), []
    while rows:
        units = np.array([unit for unit, _ in rows])
        cells = np.stack([own for _, own in rows])
        packed = patterns.packing(cells)
        known = packed.known
        values = np.where(known, packed.pack(y[units]), 0)
        weight = np.where(known, packed.pack(series.denominator[units]), 1)
        split, z = best_split(values, weight, known)
        chance = chance_of(z, known.sum(axis=1))
        rows = []
        for row in np.flatnonzero(chance < 1)[:_MOST]:
            unit, places = int(units[row]), np.flatnonzero(cells[row])
            first = places[split[row]]
            earlier = cells[row] & (np.arange(cells.shape[1]) < first)
            parts = (earlier, cells[row] & ~earlier)
            found.append((unit, int(first), float(z[row]), float(chance[row]), *parts))
            rows += [(unit, part) for part in parts if part.sum() >= 2 * LEAST]
    return _table(series, found)


def _table(series: Series, found: list[tuple[int, int, float, float, Mask, Mask]]) -> pd.DataFrame:
    lines = []
    for unit, first, z, chance, earlier, later in sorted(found, key=lambda one: one[:2]):
        # Steps found within the parts end them.
        others = [other[1] for other in found if other[0] == unit]
        place = np.arange(len(earlier))
        before = earlier & (place >= max([o for o in others if o < first], default=0))
        after = later & (place < min([o for o in others if o > first], default=len(place)))
        levels = [
            float(_mean(series.y[[unit]], series.denominator[[unit]], part[None])[0][0])
            for part in (before, after)
        ]
        way = "higher" if levels[1] > levels[0] else "lower"
        when, points = pd.Timestamp(series.times[unit, first]), int(after.sum())
        lines.append((series.names[unit], when, points, way, *levels, z, chance))
    columns = ["unit", "start", "points", "way", "before", "after", "z", "chance"]
    table = pd.DataFrame(lines[:_MOST], columns=columns)
    return table.astype({"start": "datetime64[us]", "points": "int64", "z": float})
