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

from qieval.analysis.roll_out.methods.weights import (
    Array,
    Grid,
    Starts,
    differences,
    two_way,
    usable_cells,
    weights_of,
)

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
        found = [_by_weights(split, assignments, question, values) for question in questions]
        return np.stack(found, axis=1)
    return np.stack([_anew(split, starts, questions, values) for starts in assignments.starts])


def _by_weights(split: Split, assignments: Assignments, question: Question, values: Array) -> Array:
    """(n, k) A question under every assignment, where no cell is missing."""
    actual = assignments.starts[0]
    cells, _ = weights(split, actual, question)
    # What a start makes of a unit: its weights are those of any unit of the network with it.
    code = np.zeros_like(assignments.starts)
    rows_of: list[int] = []
    for one in np.unique(split.network):
        group = np.flatnonzero(split.network == one)
        known, first = np.unique(actual[group], return_index=True)
        code[:, group] = len(rows_of) + np.searchsorted(known, assignments.starts[:, group])
        rows_of.extend(group[first])
    columns = np.arange(len(actual))
    made = [cells[rows_of] @ values[:, :, which].T for which in range(values.shape[2])]
    return np.stack([one[code, columns].sum(axis=1) for one in made], axis=1)


def _anew(split: Split, starts: Starts, questions: Sequence[Question], values: Array) -> Array:
    """(q, k) The questions under one assignment, from predictions of its own."""
    apart, used = np.zeros(values.shape), np.zeros(split.grid.shape, dtype=bool)
    for rows, grid in split.parts:
        apart[rows], used[rows] = differences(grid, starts[rows], values[rows])
    found = []
    for question in questions:
        if question.constant:
            cells, _ = weights(split, starts, question)
            found.append(np.einsum("wt,wtk->k", cells, np.where(cells[..., None], values, 0.0)))
            continue
        wanted = used & question.wanted(starts, split.grid.shape[1])
        found.append(apart[wanted].mean(axis=0) if wanted.any() else np.zeros(values.shape[2]))
    return np.stack(found)


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
