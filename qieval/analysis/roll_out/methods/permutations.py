"""Inference by the design: the same start dates, handed to the units in every other way.

If *which* unit started when had nothing to do with where it was heading, every assignment of the
starts was as likely as the actual one, and the actual effect is one draw among those of all
assignments: right for any number of units and whatever the autocorrelation (Wang and De Gruttola
2017, Stat Med 36:2831, for stepped wedges). Units change places inside their network alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial, prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qieval.analysis.roll_out.methods.weights import (
    Array,
    Cells,
    Grid,
    Starts,
    differences,
    left_over,
    treated_cells,
    two_way,
    usable_cells,
    weights_of,
)
from qieval.core.desk import progress

EVERY_UP_TO = 10_000
"""Assignments up to which all are gone through; else so many less one are drawn, and the actual."""

WITH_HOLES = 500
"""The same where cells are missing: each assignment then needs weights of its own."""

_HAIR = 1e-9
"""Share of the effect by which rounding may part two assignments that are as extreme."""


@dataclass(frozen=True)
class Assignments:
    """Ways to hand out the starts, the actual one first.

    Attributes
    ----------
    starts : (n, W)
        Place of the first treated period of each unit.
    possible : int
        How many different ways there are.
    """

    starts: Starts
    possible: int

    def __len__(self) -> int:
        return len(self.starts)


def possible_assignments(starts: Starts, network: Starts) -> int:
    """How many different ways there are to hand out the starts inside the networks."""
    return prod(_ways(starts[network == one]) for one in np.unique(network))


def _ways(starts: Starts) -> int:
    _, counts = np.unique(starts, return_counts=True)
    return factorial(len(starts)) // prod(factorial(int(count)) for count in counts)


def assignments_of(starts: Starts, network: Starts, *, most: int, seed: int) -> Assignments:
    """All ways to hand out the starts inside the networks, or random ones, the actual one first.

    Parameters
    ----------
    starts, network : (W,)
        Each unit's start and network.
    most : int
        Ways up to which all are gone through; else so many less one are drawn.
    seed : int
        Seed of the draw.
    """
    possible = possible_assignments(starts, network)
    groups = [np.flatnonzero(network == one) for one in np.unique(network)]
    if possible <= most:
        every = np.zeros((1, len(starts)), dtype=np.int64)
        for group in groups:
            ways = np.array(list(_arrangements(starts[group])), dtype=np.int64)
            every = np.repeat(every, len(ways), axis=0)
            every[:, group] = np.tile(ways, (len(every) // len(ways), 1))
        actual = (every == starts).all(axis=1)
        return Assignments(np.concatenate([every[actual], every[~actual]]), possible)
    rng = np.random.default_rng(seed)
    drawn = np.tile(starts, (most, 1))
    for group in groups:
        drawn[1:, group] = rng.permuted(drawn[1:, group], axis=1)
    return Assignments(drawn, possible)


def _arrangements(starts: Starts) -> Iterator[list[int]]:
    """Every different order of the starts."""
    values, counts = np.unique(starts, return_counts=True)
    left = dict(zip(values.tolist(), counts.tolist(), strict=True))

    def place(so_far: list[int]) -> Iterator[list[int]]:
        if len(so_far) == len(starts):
            yield so_far
            return
        for value in left:
            if left[value]:
                left[value] -= 1
                yield from place([*so_far, value])
                left[value] += 1

    yield from place([])


# ---- a statistic under every assignment ---------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """What an effect is about.

    Attributes
    ----------
    first, last : int
        Periods since the start, from `first` (the first treated one is 0) up to before `last`.
    constant : bool
        Whether it is the constant effect of the two-way model instead of the mean over cells.
    """

    first: int = 0
    last: int | None = None
    constant: bool = False

    def wanted(self, starts: Starts, periods: int) -> np.ndarray:
        """(W, T) bool Cells that lie so long after their unit's start."""
        since = np.arange(periods) - starts[:, None]
        up_to = periods if self.last is None else self.last
        return np.asarray((since >= self.first) & (since < up_to))


@dataclass(frozen=True)
class Split:
    """Units of a roll-out by network: each network is a comparison of its own.

    Attributes
    ----------
    grid : Grid
    network : (W,)
        Each unit's network, a number.
    """

    grid: Grid
    network: Starts

    @cached_property
    def parts(self) -> list[tuple[np.ndarray, Grid]]:
        """Places of the units of each network, and their cells."""
        groups = [np.flatnonzero(self.network == one) for one in np.unique(self.network)]
        return [(rows, Grid(self.grid.present[rows])) for rows in groups]


def weights(split: Split, starts: Starts, question: Question) -> tuple[Array, int]:
    """(W, T) Weights of an assignment, networks by their treated cells, and how many cells."""
    if question.constant:
        return two_way(split.parts, starts), int(usable(split, starts).sum())
    total, count = np.zeros(split.grid.shape), 0
    for rows, grid in split.parts:
        wanted = question.wanted(starts[rows], grid.shape[1])
        part = weights_of(grid, starts[rows], wanted)
        total[rows] = part.cells * part.count
        count += part.count
    return (total / count if count else total), count


def usable(split: Split, starts: Starts) -> np.ndarray:
    """(W, T) bool Treated cells whose period still has an untreated unit of the same network."""
    cells = np.zeros(split.grid.shape, dtype=bool)
    for rows, grid in split.parts:
        cells[rows] = usable_cells(grid, starts[rows])
    return cells


def statistics(
    split: Split, assignments: Assignments, questions: Sequence[Question], values: Array
) -> Array:
    """(n, q, k) The effect of each question under every assignment.

    Parameters
    ----------
    split : Split
    assignments : Assignments
    questions : sequence of Question
    values : (W, T, k)
        Outcomes, numbers in every cell; those of absent cells do not matter.

    Notes
    -----
    With every cell there, a unit's weights depend on its start alone, and an assignment only sums
    what each start makes of each unit; else predictions are made anew for each.
    """
    if split.grid.complete:
        code, row_of = _codes(split, assignments)
        weighted = [weights(split, assignments.starts[0], one)[0] for one in questions]
        found = [_by_weights(cells[row_of], code, values) for cells in weighted]
        return np.stack(found, axis=1)
    found = [
        _constant(split, assignments, values)
        if one.constant
        else np.empty((len(assignments), values.shape[2]))
        for one in questions
    ]
    for at, starts in enumerate(assignments.starts):
        apart, used = _anew(split, starts, values)
        for question, answers in zip(questions, found, strict=True):
            if not question.constant:
                cells = used & question.wanted(starts, split.grid.shape[1])
                answers[at] = apart[cells].mean(axis=0) if cells.any() else 0.0
    return np.stack(found, axis=1)


def _codes(split: Split, assignments: Assignments) -> tuple[NDArray[np.int64], list[int]]:
    """(n, W) Which of the different starts each unit has, and the place of a unit that has it."""
    actual = assignments.starts[0]
    code = np.zeros_like(assignments.starts)
    row_of: list[int] = []
    for rows, _ in split.parts:
        known, first = np.unique(actual[rows], return_index=True)
        code[:, rows] = len(row_of) + np.searchsorted(known, assignments.starts[:, rows])
        row_of.extend(rows[first])
    return code, row_of


def _by_weights(cells: Array, code: NDArray[np.int64], values: Array) -> Array:
    """(n, k) What each start makes of each unit, summed over units under every assignment."""
    columns = np.arange(code.shape[1])
    sums = []
    for which in progress(range(values.shape[2]), "Start dates dealt out anew"):
        made = cells @ values[:, :, which].T
        sums.append(made[code, columns].sum(axis=1))
    return np.stack(sums, axis=1)


def _constant(split: Split, assignments: Assignments, values: Array) -> Array:
    """(n, k) The constant effect under every assignment.

    What units and periods leave of the values is the same for all; it is divided by what they leave
    of the actual treatment, which is a test as valid as any other.
    """
    rest = np.zeros(values.shape)
    for rows, grid in split.parts:
        for which in range(values.shape[2]):
            rest[rows, :, which] = left_over(grid, values[rows, :, which])
    every = progress(assignments.starts, "Start dates dealt out anew")
    cells = (treated_cells(split.grid, starts) for starts in every)
    sums = np.array([rest[treated].sum(axis=0) for treated in cells])
    of_values = np.einsum("wt,wtk->k", two_way(split.parts, assignments.starts[0]), values)
    scale = np.divide(of_values, sums[0], out=np.zeros_like(of_values), where=sums[0] != 0)
    return sums * scale


def _anew(split: Split, starts: Starts, values: Array) -> tuple[Array, Cells]:
    """(W, T, k), (W, T) Seen less predicted under one assignment, and where that can be told."""
    apart, used = np.zeros(values.shape), np.zeros(split.grid.shape, dtype=bool)
    for rows, grid in split.parts:
        apart[rows], used[rows] = differences(grid, starts[rows], values[rows])
    return apart, used


class Tested(NamedTuple):
    """An effect with its permutation test.

    Attributes
    ----------
    value, low, high : float
        Estimate and interval; an end that no assignment can rule out is infinite.
    p_value : float
    least_p : float
        The smallest p value that these assignments can give.
    """

    value: float
    low: float
    high: float
    p_value: float
    least_p: float


def invert(under: Array, confidence: float) -> Tested:
    """Estimate, p value and interval from an effect under every assignment.

    The interval holds every constant effect beta for which values less beta in every treated cell
    are not unusual: |a - beta d| >= |t - beta| in more than 1 - confidence of the assignments,
    where a, d are the statistics of the values and of the treatment itself, and t is the actual
    effect.

    Parameters
    ----------
    under : (n, 2)
        The statistics of the values and of the treatment, the actual assignment first.
    confidence : float
    """
    a, d = under[:, 0], under[:, 1]
    actual = float(a[0])
    slack = _HAIR * max(float(np.abs(a).max()), 1e-300)
    # For |d| < 1 the betas of an assignment lie between two ends, the estimate among them. The
    # actual one and its mirror image never end; one in which the treatment weighs more is counted
    # as if it did not either.
    never = np.abs(d) >= 1 - _HAIR
    p_value = float(np.mean((np.abs(a) >= abs(actual) - slack) | never))
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([(actual - a) / (1 - d), (actual + a) / (1 + d)])
    low = np.sort(np.where(never, -np.inf, ends.min(axis=0)))
    high = np.sort(np.where(never, np.inf, ends.max(axis=0)))[::-1]
    # The first place at which more than 1 - confidence of the assignments are as extreme.
    place = int(np.floor((1 - confidence) * len(a) + 1e-6))
    return Tested(actual, float(low[place]), float(high[place]), p_value, float(never.mean()))
