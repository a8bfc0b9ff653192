"""The estimator as weights: effect = sum of weights times values.

Imputation (Borusyak, Jaravel and Spiess 2024, Rev Econ Stud 91:3253) by generalised least squares:
unit effects and period effects are fitted to untreated cells alone, with AR(1) errors of a fixed
autocorrelation within units; they predict every treated cell, with the best linear unbiased
prediction of its error. The effect is the mean of seen less predicted over the treated cells whose
period still has an untreated unit. All of it is linear in the values, so that one set of weights
says it, and a change of start dates is a change of weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Array = NDArray[np.float64]
Cells = NDArray[np.bool_]
Starts = NDArray[np.int64]

RHO = 0.4
"""Working autocorrelation. The permutations make the inference right whatever the true one is."""


_NOUGHT = 1e-9
"""Sum of squares of a treatment that units and periods explain, but for rounding."""


@dataclass(frozen=True)
class Grid:
    """Which cells of units by periods have a value, and who precedes whom.

    Attributes
    ----------
    present : (W, T) bool
        Cells that have a value.
    """

    present: Cells

    @property
    def shape(self) -> tuple[int, int]:
        """Units, periods."""
        rows, periods = self.present.shape
        return rows, periods

    @cached_property
    def complete(self) -> bool:
        """Whether every cell has a value: then an assignment of starts only moves the weights."""
        return bool(self.present.all())

    @cached_property
    def previous(self) -> NDArray[np.int64]:
        """(W, T) Place of the last present cell before each; -1 if there is none."""
        at = np.where(self.present, np.arange(self.shape[1]), -1)
        last = np.maximum.accumulate(at, axis=1)
        return np.concatenate([np.full((len(last), 1), -1), last[:, :-1]], axis=1)

    @cached_property
    def _steps(self) -> tuple[Array, Array]:
        """(W, T) Correlation with the cell before, and the scale of what is new in each cell."""
        apart = np.arange(self.shape[1]) - self.previous
        phi = np.where(self.previous >= 0, RHO**apart, 0.0)
        return phi, 1 / np.sqrt(1 - phi**2)

    def whiten(self, values: Array, used: Cells) -> Array:
        """(W, T) Values made free of the working autocorrelation; nought where not used.

        Of a unit's present cells those used must be the first ones, as untreated cells are.
        """
        phi, scale = self._steps
        before = np.take_along_axis(values, np.maximum(self.previous, 0), axis=1)
        return np.where(used, (values - phi * before) * scale, 0.0)

    def whiten_back(self, white: Array) -> Array:
        """(W, T) The transpose of :meth:`whiten`."""
        phi, scale = self._steps
        own = white * scale
        passed = np.where(self.previous >= 0, phi * own, 0.0)
        rows, periods = self.shape
        flat = np.arange(rows)[:, None] * periods + np.maximum(self.previous, 0)
        moved = np.bincount(flat.ravel(), passed.ravel(), rows * periods)
        return np.asarray(own - moved.reshape(rows, periods))

    def precision(self, used: Cells) -> Array:
        """(T, T) Sum over units of the inverse correlation of their used cells."""
        phi, scale = self._steps
        periods = self.shape[1]
        squares = np.where(used, scale**2, 0.0)
        pairs = used & (self.previous >= 0)
        before, at = self.previous[pairs], np.nonzero(pairs)[1]
        weight, step = squares[pairs], phi[pairs]
        beside = np.bincount(before * periods + at, -weight * step, periods**2)
        across = beside.reshape(periods, periods)
        diagonal = squares.sum(axis=0) + np.bincount(before, weight * step**2, periods)
        return np.asarray(across + across.T + np.diag(diagonal))


@dataclass(frozen=True)
class Weights:
    """What the values of each cell count in the effect.

    Attributes
    ----------
    cells : (W, T)
        The weights; they add up to nought in every unit and in every period.
    used : (W, T) bool
        Treated cells that the effect is the mean of.
    """

    cells: Array
    used: Cells

    @property
    def count(self) -> int:
        """Treated cells that are used."""
        return int(self.used.sum())


def treated_cells(grid: Grid, starts: Starts) -> Cells:
    """(W, T) Cells with a value at or after their unit's start."""
    return grid.present & (np.arange(grid.shape[1]) >= starts[:, None])


def usable_cells(grid: Grid, starts: Starts) -> Cells:
    """(W, T) Treated cells that can be predicted: unit and period have linked untreated cells."""
    untreated = _untreated(grid, starts)
    linked = untreated.any(axis=1, keepdims=True) & untreated.any(axis=0)
    if not _all_linked(untreated):
        unit, period = _parts(untreated)
        linked = linked & (unit[:, None] == period)
    return treated_cells(grid, starts) & linked


def differences(grid: Grid, starts: Starts, values: Array) -> tuple[Array, Cells]:
    """Seen less predicted in the cells that can be used.

    Parameters
    ----------
    grid : Grid
    starts : (W,)
    values : (W, T, k)
        Outcomes, numbers in every cell; those of absent cells do not matter.

    Returns
    -------
    (W, T, k) array, (W, T) bool
        The differences, nought in all other cells; and which cells are used.
    """
    untreated, used = _untreated(grid, starts), usable_cells(grid, starts)
    found = np.zeros(values.shape)
    if not used.any():
        return found, used
    system = _System(grid, untreated)
    last = _last(untreated)
    far = RHO ** np.maximum(np.arange(grid.shape[1]) - last[:, None], 0.0)
    for which in range(values.shape[2]):
        one = values[:, :, which]
        own = grid.whiten_back(grid.whiten(one, untreated))
        unit, period = system.solve(own.sum(axis=1), own.sum(axis=0))
        rest = one - unit[:, None] - period
        error = np.take_along_axis(rest, np.maximum(last, 0)[:, None], axis=1)
        found[:, :, which] = np.where(used, rest - far * error, 0.0)
    return found, used


def weights_of(grid: Grid, starts: Starts, wanted: Cells | None = None) -> Weights:
    """The weights of one assignment of starts.

    Parameters
    ----------
    grid : Grid
    starts : (W,)
        Place of each unit's first treated period; the number of periods for one never treated.
    wanted : (W, T) bool, optional
        Treated cells that the effect is to be about; those that can be predicted are used.

    Returns
    -------
    Weights
        All nought where no cell can be used.
    """
    used = usable_cells(grid, starts)
    if wanted is not None:
        used = used & wanted
    count = int(used.sum())
    if not count:
        return Weights(np.zeros(grid.shape), used)
    untreated = _untreated(grid, starts)
    last = _last(untreated)
    # The error of a treated cell is foretold by the unit's last untreated one, less the farther.
    foretold = np.where(used, RHO ** (np.arange(grid.shape[1]) - last[:, None]), 0.0).sum(axis=1)
    of_unit = used.sum(axis=1) - foretold
    of_period = used.sum(axis=0).astype(float)
    np.subtract.at(of_period, last[last >= 0], foretold[last >= 0])
    cells = -_predicted(grid, untreated, of_unit, of_period)
    rows = np.flatnonzero(last >= 0)
    cells[rows, last[rows]] -= foretold[rows]
    cells[used] += 1.0
    return Weights(cells / count, used)


def _predicted(grid: Grid, untreated: Cells, of_unit: Array, of_period: Array) -> Array:
    """(W, T) Weights of untreated cells in a sum of unit and period effects, by GLS."""
    unit, period = _System(grid, untreated).solve(of_unit, of_period)
    white = grid.whiten(unit[:, None] + period, untreated)
    return grid.whiten_back(white)


class _System:
    """The normal equations of GLS on some cells: unit effects and period effects.

    Unit effects are eliminated first; what is left is one system of as many equations as periods.
    """

    def __init__(self, grid: Grid, cells: Cells) -> None:
        self.ones = grid.whiten_back(grid.whiten(np.ones(grid.shape), cells))
        self.height = np.where(cells.any(axis=1), self.ones.sum(axis=1), 1.0)
        system = grid.precision(cells) - (self.ones / self.height[:, None]).T @ self.ones
        # Constants that unit and period effects can pass between them do not matter: any will do.
        active = np.flatnonzero(cells.any(axis=0))
        part = np.zeros(grid.shape[1]) if _all_linked(cells) else _parts(cells)[1]
        for one in np.unique(part[active]):
            group = active[part[active] == one]
            system[np.ix_(group, group)] += 1.0 / len(group)
        idle = np.flatnonzero(~cells.any(axis=0))
        system[idle, idle] += 1.0
        self.inverse = np.linalg.inv(system)

    def solve(self, of_unit: Array, of_period: Array) -> tuple[Array, Array]:
        """Unit (W,) and period (T,) effects, for these right-hand sides."""
        period = self.inverse @ (of_period - self.ones.T @ (of_unit / self.height))
        return (of_unit - self.ones @ period) / self.height, period


def _untreated(grid: Grid, starts: Starts) -> Cells:
    return grid.present & (np.arange(grid.shape[1]) < starts[:, None])


def _last(untreated: Cells) -> NDArray[np.int64]:
    """(W,) Place of each unit's last untreated cell; -1 if it has none."""
    return np.asarray(np.where(untreated, np.arange(untreated.shape[1]), -1).max(axis=1))


def _all_linked(cells: Cells) -> bool:
    """Whether some unit links each period to the next: enough, but not needed, for all to be."""
    some = cells[:, cells.any(axis=0)]
    return bool((some[:, 1:] & some[:, :-1]).any(axis=0).all())


def _parts(untreated: Cells) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which connected part each unit and each period belongs to, by its untreated cells."""
    rows, periods = untreated.shape
    unit, period = np.nonzero(untreated)
    size = rows + periods
    links = coo_array((np.ones(len(unit)), (unit, period + rows)), shape=(size, size))
    _, part = connected_components(links, directed=False)
    return part[:rows].astype(np.int64), part[rows:].astype(np.int64)


# ---- the two-way model with one constant effect -------------------------------------------------


def two_way(parts: Sequence[tuple[NDArray[np.int64], Grid]], starts: Starts) -> Array:
    """(W, T) Weights of one constant effect beside unit and period effects, by the same GLS.

    Right only if the effect is there at once and stays; shown beside the estimate, never relied on.

    Parameters
    ----------
    parts : sequence of ((W_g,), Grid)
        Places and cells of the units of each network; each has period effects of its own.
    starts : (W,)
    """
    rest = np.zeros((len(starts), parts[0][1].shape[1]))
    explained = 0.0
    for rows, grid in parts:
        treated = treated_cells(grid, starts[rows]).astype(float)
        rest[rows] = left_over(grid, treated)
        explained += float((rest[rows] * treated).sum())
    return rest / explained if explained > _NOUGHT else np.zeros(rest.shape)


def left_over(grid: Grid, values: Array) -> Array:
    """(W, T) Inverse correlation times what unit and period effects leave of the values."""
    own = grid.whiten_back(grid.whiten(values, grid.present))
    unit, period = _System(grid, grid.present).solve(own.sum(axis=1), own.sum(axis=0))
    white = grid.whiten(values - unit[:, None] - period, grid.present)
    return grid.whiten_back(white)
