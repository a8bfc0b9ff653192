"""Units left out in turn: how far the answer hangs on one, and intervals where no test is made."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from qieval.analysis.roll_out.methods.permutations import Split
from qieval.analysis.roll_out.methods.weights import Array, Cells, Grid, Starts, differences
from qieval.core.sustained import fieller

GROUPS = 40
"""Units up to which each is left out by itself; more are left out in so many groups."""

AHEAD = 6
"""Periods before the starts that the check of the time before takes for treated."""


class Mean(NamedTuple):
    """A mean over cells with its jackknife interval."""

    value: float
    se: float
    low: float
    high: float
    p_value: float


def means(split: Split, starts: Starts, values: Array, masks: list[Cells]) -> Array:
    """(m,) Means of seen less predicted over the usable cells of each mask; nan where none is."""
    apart, used = np.zeros(values.shape), np.zeros(values.shape, dtype=bool)
    for rows, grid in split.parts:
        found, used[rows] = differences(grid, starts[rows], values[rows][:, :, None])
        apart[rows] = found[:, :, 0]
    cells = [mask & used for mask in masks]
    return np.array([apart[one].mean() if one.any() else np.nan for one in cells])


def without_each(split: Split, starts: Starts, values: Array, masks: list[Cells]) -> Array:
    """(g, m) The same means without each unit in turn, or without each of forty groups of them."""
    count = len(starts)
    group = np.arange(count) % min(count, GROUPS)
    found = []
    for one in range(group.max() + 1):
        kept = group != one
        part = Split(Grid(split.grid.present[kept]), split.network[kept])
        found.append(means(part, starts[kept], values[kept], [mask[kept] for mask in masks]))
    return np.array(found)


def before_the_starts(
    split: Split, starts: Starts, begun: Cells, values: Array, fewest: int, confidence: float
) -> tuple[Mean, int] | None:
    """What the estimate would be had all units started some periods earlier, and how many.

    Treated cells are dropped. None where no unit can be moved so far, or no cell compared.
    """
    ahead = min(AHEAD, int(starts[begun].min()) - fewest)
    if ahead < 1:
        return None
    periods = np.arange(split.grid.shape[1])
    present = split.grid.present & (periods < starts[:, None])
    part = Split(Grid(present), split.network)
    earlier = np.where(begun, starts - ahead, starts)
    everything = [np.ones(present.shape, dtype=bool)]
    value = float(means(part, earlier, values, everything)[0])
    turns = without_each(part, earlier, values, everything)[:, 0]
    return (_mean(value, turns, confidence), ahead) if np.isfinite(turns).all() else None


def _mean(value: float, turns: Array, confidence: float) -> Mean:
    """The jackknife interval of a mean, t with one degree of freedom less than turns."""
    count = len(turns)
    se = float(np.sqrt((count - 1) / count * ((turns - turns.mean()) ** 2).sum()))
    reach = float(stats.t.ppf(0.5 + confidence / 2, count - 1)) * se
    p_value = float(2 * stats.t.sf(abs(value) / se, count - 1)) if se > 0 else np.nan
    return Mean(value, se, value - reach, value + reach, p_value)


def share_kept(
    split: Split, starts: Starts, values: Array, early: Cells, late: Cells, confidence: float
) -> Mean | None:
    """The later effect as a share of the first one, in the units that have both.

    Fieller's interval with the jackknife's covariance; None where the first effect is not clearly
    other than nought, without which a share of it means nothing.
    """
    has_both = late.any(axis=1, keepdims=True)
    masks = [early & has_both, late]
    first, later = means(split, starts, values, masks)
    turns = without_each(split, starts, values, masks)
    if not (np.isfinite(first) and np.isfinite(later) and np.isfinite(turns).all()):
        return None
    count = len(turns)
    cov = (count - 1) * np.cov(turns.T, bias=True)
    t = float(stats.t.ppf(0.5 + confidence / 2, count - 1))
    kept = fieller(float(first), float(later), cov, t)
    return None if kept is None else Mean(kept[0], np.nan, *kept[1:], np.nan)
