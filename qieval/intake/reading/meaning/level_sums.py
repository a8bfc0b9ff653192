"""Which levels of a factor are sums of others: the search, with figures and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls

_FEWEST_LEVELS = 3
_MOST_SEARCHED = 60
"""Levels of a column up to which sums of some of the others are looked for, not only of all."""
_MOST_CELLS = 20_000_000
_FEWEST_SUMS = 3
_FEWEST_REPEATS = 6
_LARGE, _MANY_PARTS = 100, 5
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Aggregate:
    """A level of a column that is the sum of others in every combination of the other columns."""

    # The column, and the level that is a sum.
    column: str
    level: str
    parts: tuple[str, ...]  # the levels that it is the sum of; a single one that it repeats
    all_others: bool  # whether the parts are all other levels that are no sums themselves
    figure: str  # the column of figures by which it was found
    sums: int  # in how many combinations of the other columns it was checked


@dataclass(frozen=True)
class Names:
    """The factor, its levels, and the column of figures."""

    column: str
    levels: pd.Index
    figure: str


@dataclass(frozen=True, eq=False)
class Grid:
    """The figures: combinations of the other columns by levels of the factor."""

    values: np.ndarray  # the figures; 0 where there is none
    present: np.ndarray  # where there is a row
    withheld: np.ndarray  # where there is a row without a figure

    @classmethod
    def of(
        cls,
        factor: tuple[np.ndarray, pd.Index],
        others: Sequence[np.ndarray],
        figures: np.ndarray,
    ) -> Grid | None:
        """None where the other columns do not tell rows apart, or it would be too large."""
        combined = np.zeros(len(factor[0]), dtype=np.int64)
        for codes in others:
            combined = pd.factorize(combined * (int(codes.max()) + 1) + codes)[0]
        shape = (int(combined.max()) + 1, len(factor[1]))
        places = combined * shape[1] + factor[0]
        if shape[0] * shape[1] > _MOST_CELLS or len(np.unique(places)) < len(places):
            return None
        values = np.zeros(shape)
        present = np.zeros(shape, dtype=bool)
        values.ravel()[places] = np.nan_to_num(figures)
        present.ravel()[places] = True
        withheld = np.zeros(shape, dtype=bool)
        withheld.ravel()[places] = np.isnan(figures)
        return cls(values, present, withheld)


def sums(grid: Grid, names: Names, searched: Sequence[int]) -> list[Aggregate]:
    """The levels that are sums of others, searched from the smallest to the largest."""
    if (grid.values < 0).any():
        return []
    size = grid.values.sum(axis=0)
    leaves: list[int] = []
    aggregates: list[Aggregate] = []
    some = np.zeros(len(grid.values), dtype=bool)
    unknown = np.zeros(len(grid.values), dtype=bool)
    for level in sorted(searched, key=lambda one: (size[one], one)):
        rows = np.flatnonzero(some & ~unknown & grid.present[:, level] & ~grid.withheld[:, level])
        blank = pd.isna(names.levels[level])
        parts = [] if blank or size[level] <= 0 else _parts(grid.values, rows, level, leaves)
        if parts:
            part_names = tuple(str(names.levels[part]) for part in sorted(parts))
            all_others = len(parts) == len(leaves)
            label = str(names.levels[level])
            aggregates.append(
                Aggregate(names.column, label, part_names, all_others, names.figure, len(rows))
            )
        else:
            leaves.append(level)
            some |= grid.present[:, level]
            unknown |= grid.withheld[:, level]
    return aggregates


def _parts(values: np.ndarray, rows: np.ndarray, level: int, leaves: list[int]) -> list[int]:
    """The leaves that a level is the sum of in all these rows; none if it is no sum."""
    total = values[rows, level]
    rows, total = rows[total > 0], total[total > 0]
    if len(np.unique(total)) < _FEWEST_SUMS or not leaves:
        return []
    inside = values[np.ix_(rows, np.array(leaves))]
    held = np.flatnonzero(inside.any(axis=0))
    inside = inside[:, held]
    if inside.shape[1] == 0:
        return []
    together = inside.sum(axis=1)
    if same(together, total):
        enough = len(held) > 1 or (len(leaves) > 1 and len(rows) >= _FEWEST_REPEATS)
        return [leaves[place] for place in held] if enough else []
    if (together < total * (1 - _ROUNDING)).any() or inside.shape[1] > _MOST_SEARCHED:
        return []
    if len(rows) <= inside.shape[1]:
        return []  # too few sums to tell which of the levels belong to it
    most = 4 * inside.shape[1] + 20
    taken = np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)
    weights, _ = nnls(inside[taken], total[taken])
    chosen = np.flatnonzero(weights > 0.5)
    if len(chosen) == 0 or np.abs(weights - np.round(weights)).max() > 1e-6 or weights.max() > 1.5:
        return []
    exact = same(inside[:, chosen].sum(axis=1), total)
    return [leaves[held[place]] for place in chosen] if exact else []


def same(one: np.ndarray | float, other: np.ndarray | float) -> bool:
    """Whether sums are equal but for the last bits of their decimals."""
    return bool(np.allclose(one, other, rtol=_ROUNDING, atol=1e-6))


def single_sum(
    factor: tuple[np.ndarray, pd.Index], figures: pd.DataFrame, name: str
) -> list[Aggregate]:
    """The level that is the sum of all others, where each level has one row only.

    One sum may be a coincidence: it must hold for two figures, or for many parts.
    """
    own, levels = factor
    if len(own) != len(levels) or len(own) < _FEWEST_LEVELS:
        return []
    agrees: dict[int, list[str]] = {}
    for figure in figures:
        values = figures[figure].to_numpy(dtype=float)
        if np.isnan(values).any() or (values < 0).any():
            continue
        largest = int(values.argmax())
        if values[largest] >= _LARGE and same(values.sum(), 2 * values[largest]):
            agrees.setdefault(largest, []).append(str(figure))
    for row, by in agrees.items():
        if pd.notna(levels[own[row]]) and (len(by) > 1 or len(levels) > _MANY_PARTS):
            parts = tuple(str(level) for number, level in enumerate(levels) if number != own[row])
            return [Aggregate(name, str(levels[own[row]]), parts, True, by[0], len(by))]
    return []
