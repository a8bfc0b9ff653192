"""The roll-out worked out: effects with their tests, and what each cell shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from qieval.analysis.roll_out.methods.permutations import (
    EVERY_UP_TO,
    WITH_HOLES,
    Assignments,
    Question,
    Split,
    Tested,
    assignments_of,
    invert,
    statistics,
)
from qieval.analysis.roll_out.methods.scales import Scaled
from qieval.analysis.roll_out.methods.units import FEWEST_UNITS, FEWEST_WAYS, Units
from qieval.analysis.roll_out.methods.weights import Array, Cells, Grid, differences, treated_cells
from qieval.core import periods
from qieval.core.config import SEED
from qieval.core.errors import CannotEvaluate
from qieval.core.words import many

_PARTS_OF_A_YEAR = (0, 0.25, 0.5, 1, 2)
"""Where the profile by time since the start is cut."""


class Shown(NamedTuple):
    """An effect in the unit that people read.

    Attributes
    ----------
    value, low, high, p_value : float
    expected : float
        What was expected in the same cells.
    units, cells : int
        What it rests on.
    """

    value: float
    low: float
    high: float
    p_value: float
    expected: float
    units: int
    cells: int


@dataclass(frozen=True)
class Fitted:
    """A roll-out with its cells, the comparison and the assignments.

    Attributes
    ----------
    units : Units
    scaled : Scaled
    split : Split
    assignments : Assignments
    apart, used : (W, T)
        Seen less predicted on the scale, and the cells in which that can be told.
    confidence : float
    """

    units: Units
    scaled: Scaled
    split: Split
    assignments: Assignments
    apart: Array
    used: Cells
    confidence: float

    @property
    def since(self) -> np.ndarray:
        """(W, T) Periods since each unit's start; the first treated one is 0."""
        return np.asarray(np.arange(len(self.units.calendar)) - self.units.starts[:, None])

    @property
    def predicted(self) -> Array:
        """(W, T) Rates predicted, nan where they cannot be."""
        rates = self.scaled.rate(self.scaled.values - self.apart)
        return np.where(self.used, rates, np.nan)

    @property
    def outcomes(self) -> Array:
        """(W, T, 2) The values on their scale, and the treatment."""
        treated = treated_cells(self.split.grid, self.units.starts).astype(float)
        return np.stack([self.scaled.values, treated], axis=2)

    def asked(self, questions: Sequence[Question]) -> list[Tested]:
        """The answers to some questions, on the scale, with their permutation tests."""
        under = statistics(self.split, self.assignments, questions, self.outcomes)
        return [invert(under[:, at], self.confidence) for at in range(len(questions))]

    def shown(self, tested: Tested, question: Question) -> Shown:
        """An answer in the unit that people read."""
        cells = self.used & question.wanted(self.units.starts, len(self.units.calendar))
        expected = float(self.predicted[cells].mean()) if cells.any() else np.nan
        value, low, high = self.scaled.difference(np.array(tested[:3]), expected).tolist()
        count = int(cells.any(axis=1).sum())
        return Shown(value, low, high, tested.p_value, expected, count, int(cells.sum()))


def fit(units: Units, scaled: Scaled, confidence: float) -> Fitted:
    """The comparison and its assignments.

    Raises
    ------
    CannotEvaluate
        If no period has a treated and an untreated unit, or the starts can be handed out in too
        few ways for a test.
    """
    split = Split(Grid(units.present), units.network)
    apart, used = np.zeros(units.total.shape), np.zeros(units.total.shape, dtype=bool)
    for rows, grid in split.parts:
        found, used[rows] = differences(grid, units.starts[rows], scaled.values[rows][:, :, None])
        apart[rows] = found[:, :, 0]
    noun = periods.noun(units.every)
    if not used.any():
        inside = " of the same network" if units.networks else ""
        raise CannotEvaluate(
            f"In no {noun} is there a unit that has started beside one{inside} that has not.",
            found=many(len(units.names), "unit"),
            remedy="Units that start later, or never, are needed in the same network.",
        )
    most = EVERY_UP_TO if split.grid.complete else WITH_HOLES
    assignments = assignments_of(units.starts, units.network, most=most, seed=SEED)
    if assignments.possible < FEWEST_WAYS:
        raise CannotEvaluate(
            "These starts could have been handed out in too few ways for chance to be told from a "
            "change.",
            found=f"{assignments.possible} ways; at least {FEWEST_WAYS} are needed",
            remedy="More units, or starts at more different times, are needed.",
        )
    return Fitted(units, scaled, split, assignments, apart, used, confidence)


def refuse_no_test(tested: Tested, confidence: float) -> None:
    """Refuse starts that, whatever the data, no test can find unusual.

    Raises
    ------
    CannotEvaluate
        With the smallest p value that they allow.
    """
    if tested.least_p > 1 - confidence + 1e-9:
        raise CannotEvaluate(
            "These starts mirror one another: whatever the data, some other way to hand them out "
            "looks as unusual, and no test can find a change.",
            found=f"the smallest p value that could be reached is {tested.least_p:.2f}",
            remedy="More units, or starts at more different times, are needed.",
        )


def profile_of(every: str) -> list[Question]:
    """The parts of the time since the start: of months 0-2, 3-5, 6-11, 12-23, and from 24 on."""
    cuts = sorted({round(part * periods.per_year(every)) for part in _PARTS_OF_A_YEAR})
    return [*(Question(low, high) for low, high in pairwise(cuts)), Question(cuts[-1], None)]


def a_year(every: str) -> int:
    """Periods in a year, at least one."""
    return max(1, round(periods.per_year(every)))


def by_network(fitted: Fitted) -> list[tuple[str, Shown]]:
    """Every network by itself; without an interval where it has too few units or ways."""
    units, rows = fitted.units, []
    for number, name in enumerate(units.networks):
        own = units.network == number
        if not fitted.used[own].any():
            continue
        part = units.only(own, network=np.zeros(int(own.sum()), dtype=np.int64))
        scaled = Scaled(fitted.scaled.scale, fitted.scaled.values[own], fitted.scaled.usual)
        try:
            alone = fit(part, scaled, fitted.confidence)
            (tested,) = alone.asked([Question()])
            refuse_no_test(tested, fitted.confidence)
            enough = own.sum() >= FEWEST_UNITS
        except CannotEvaluate:
            enough = False
        if not enough:
            mean = float(fitted.apart[own][fitted.used[own]].mean())
            tested = Tested(mean, np.nan, np.nan, np.nan, np.nan)
            alone = Fitted(
                part, scaled, Split(Grid(part.present), part.network), fitted.assignments,
                fitted.apart[own], fitted.used[own], fitted.confidence,
            )  # fmt: skip
        rows.append((name, alone.shown(tested, Question())))
    return rows
