"""Which levels of a factor are sums of others: the search, with figures and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

_FEWEST_LEVELS = 3
_MOST_SEARCHED = 60
"""Levels of a column up to which sums of some of the others are looked for, not only of all."""
_MOST_NESTED = 500
_MOST_CELLS = 20_000_000
_FEWEST_SUMS = 3
_FEWEST_REPEATS = 6
_LARGE, _MANY_PARTS = 100, 5
CALLED_TOTAL = re.compile(
    r"^(?:all|total|any|overall|england|both|persons?|whole|grand)\b|\b(?:wide|total|overall)$",
    re.IGNORECASE,
)
"""What totals are called: of such levels one sum is enough."""
_ROUNDING = 1e-9
_NEARLY = 1e-6
"""Far above what least squares leave of sums that are exact."""


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
    # How many levels stand beside it that together make what the parts make; 0: it is a sum itself.
    beside: int = 0


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
        label = str(names.levels[level])
        rows = np.flatnonzero(some & ~unknown & grid.present[:, level] & ~grid.withheld[:, level])
        blank = pd.isna(names.levels[level])
        fewest = 1 if CALLED_TOTAL.search(label) else _FEWEST_SUMS
        parts = []
        if not blank and size[level] > 0:
            parts = _parts(grid.values, rows, level, leaves, fewest)
        if parts:
            part_names = tuple(str(names.levels[part]) for part in sorted(parts))
            all_others = len(parts) == len(leaves)
            aggregates.append(
                Aggregate(names.column, label, part_names, all_others, names.figure, len(rows))
            )
        else:
            leaves.append(level)
            some |= grid.present[:, level]
            unknown |= grid.withheld[:, level]
    return aggregates


def _parts(
    values: np.ndarray, rows: np.ndarray, level: int, leaves: list[int], fewest: int
) -> list[int]:
    """The leaves that a level is the sum of in all these rows; none if it is no sum.

    `fewest`: how many different sums there must be: few may agree by chance.
    """
    total = values[rows, level]
    rows, total = rows[total > 0], total[total > 0]
    if len(np.unique(total)) < fewest or not leaves:
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
    weights, *_ = np.linalg.lstsq(inside[taken], total[taken], rcond=None)
    if not np.allclose(inside[taken] @ weights, total[taken], rtol=_NEARLY):
        return []  # no weights at all give the sums
    from scipy.optimize import nnls  # takes longer to load than most files to read

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
        called = bool(CALLED_TOTAL.search(str(levels[own[largest]])))
        if (called or values[largest] >= _LARGE) and same(values.sum(), 2 * values[largest]):
            agrees.setdefault(largest, []).append(str(figure))
    for row, by in agrees.items():
        called = bool(CALLED_TOTAL.search(str(levels[own[row]])))
        enough = called or len(by) > 1 or len(levels) > _MANY_PARTS
        if pd.notna(levels[own[row]]) and enough:
            parts = tuple(str(level) for number, level in enumerate(levels) if number != own[row])
            return [Aggregate(name, str(levels[own[row]]), parts, True, by[0], len(by))]
    return []


def nested_sums(
    table: pd.DataFrame, name: str, figures: Sequence[str], keys: Sequence[str]
) -> list[Aggregate]:
    """The levels above the finest one, where each level of a hierarchy adds up to the same.

    England, its regions and their trusts in one column: groups of labels that are spelt alike (ENG,
    Y01, R0A) or stand together have the same sum. Published figures are often rounded to 5 or 10,
    so that sums agree but for the rounding.
    """
    when = [table[key] for key in keys]
    wide = table[[name, *figures]].assign(_at=pd.factorize(_joined(when, table.index))[0])
    if wide[name].isna().any() or wide.duplicated([name, "_at"]).any():
        return []
    values = wide.pivot(index=name, columns="_at", values=figures)
    values = values.reindex(pd.unique(table[name]))
    numbers = values.to_numpy(dtype=float)
    complete = ~np.isnan(numbers).any(axis=0)
    numbers = numbers[:, complete]
    fits = _FEWEST_LEVELS < len(numbers) <= _MOST_NESTED
    if numbers.shape[1] == 0 or (numbers < 0).any() or not fits:
        return []
    labels = [str(label) for label in values.index]
    unit = _rounding(numbers)
    for groups in (_by_spelling(labels), _by_order(numbers, unit)):
        levels = _same_sums(numbers, groups, unit)
        if levels:
            finest = max(levels, key=len)
            parts = tuple(labels[place] for place in finest)
            above = {p: len(level) for level in levels if level is not finest for p in level}
            checked = numbers.shape[1] * (len(levels) - 1)
            return [
                Aggregate(name, labels[place], parts, False, figures[0], checked, above[place] - 1)
                for place in sorted(above, key=lambda one: numbers[one].sum())
            ]
    return []


def _joined(columns: Sequence[pd.Series], index: pd.Index) -> pd.Series:
    joined = pd.Series("", index=index)
    for column in columns:
        joined = joined + column.astype(str) + "|"
    return joined


def _rounding(numbers: np.ndarray) -> int:
    """The step to which all figures are rounded: 10, 5, or 1 where they are not."""
    whole = numbers[numbers % 1 == 0]
    if len(whole) < numbers.size:
        return 1
    return next((step for step in (100, 50, 10, 5) if (whole % step == 0).all()), 1)


def _by_spelling(labels: Sequence[str]) -> list[list[int]]:
    """Places of labels that are spelt alike: letters, digits and their number."""
    shapes: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        shape = re.sub(r"\d", "9", re.sub(r"[A-Za-z]+", "a", label))
        shapes.setdefault(f"{shape} {len(label)}", []).append(place)
        words = shapes.setdefault(f"words {re.sub(r'[^A-Za-z]+', ' ', label).split()[:1]}", [])
        words.append(place)
    groups = [group for shape, group in shapes.items() if not shape.startswith("words")]
    first_words = [group for shape, group in shapes.items() if shape.startswith("words")]
    return groups if len(groups) > 1 else first_words


def _by_order(numbers: np.ndarray, unit: int) -> list[list[int]]:
    """Runs of rows that each add up to the first; or a tree in which each row stands over its own.

    Everything must fall into place, or nothing does.
    """
    runs: list[list[int]] = []
    at = 0
    while at < len(numbers):
        run, added = [], np.zeros(numbers.shape[1])
        while at < len(numbers):
            run.append(at)
            added = added + numbers[at]
            at += 1
            if runs and (np.abs(added - numbers[0]) <= _slack(unit, len(run))).all():
                break
            if not runs:
                break
        runs.append(run)
    last = numbers[runs[-1]].sum(axis=0)
    if len(runs) > 1 and (np.abs(last - numbers[0]) <= _slack(unit, len(runs[-1]))).all():
        return runs
    if tree := _by_tree(numbers, unit):
        return tree
    # The whole may stand in the last row.
    rolled = _by_tree(np.roll(numbers, 1, axis=0), unit)
    return [[(place - 1) % len(numbers) for place in level] for level in rolled]


def _by_tree(numbers: np.ndarray, unit: int) -> list[list[int]]:
    """Places by their depth, where each row stands right above the rows that it adds up.

    Without a whole in the first row, all rows must fall under such rows.
    """
    ends = [0] * len(numbers)
    for at in reversed(range(len(numbers))):
        ends[at] = _end_of_parts(numbers, unit, at, ends)
    top = 0
    while top < len(numbers):
        if ends[top] == top + 1:
            return []
        top = ends[top]
    depth = [0] * len(numbers)
    for at, end in enumerate(ends):
        for place in range(at + 1, end):
            depth[place] += 1
    return [[p for p, d in enumerate(depth) if d == level] for level in range(max(depth) + 1)]


def _end_of_parts(numbers: np.ndarray, unit: int, at: int, ends: Sequence[int]) -> int:
    """The place after the rows below that a row adds up; the place after itself if there are none.

    `ends`: the same of every row below.
    """
    added, parts, place = np.zeros(numbers.shape[1]), 0, at + 1
    while place < len(numbers):
        added, parts, place = added + numbers[place], parts + 1, ends[place]
        if parts > 1 and (np.abs(added - numbers[at]) <= _slack(unit, parts)).all():
            return place
        if (added > numbers[at] + _slack(unit, parts)).any():
            break
    return at + 1


def _slack(unit: int, parts: int) -> float:
    return 1e-6 if unit == 1 else unit / 2 * (parts + 1)


def _same_sums(numbers: np.ndarray, groups: Sequence[list[int]], unit: int) -> list[list[int]]:
    """The groups whose sums are all the same as that of the smallest group, and make a hierarchy.

    One sum may be a coincidence: it must hold for two figures or periods, or for many parts.
    """
    if len(groups) < 2:
        return []
    sums = [numbers[group].sum(axis=0) for group in groups]
    smallest = min(range(len(groups)), key=lambda one: len(groups[one]))
    if len(groups[smallest]) > 1 and unit > 1:
        return []
    levels = [
        group
        for group, added in zip(groups, sums, strict=True)
        if (
            np.abs(added - sums[smallest]) <= _slack(unit, len(group) + len(groups[smallest]))
        ).all()
    ]
    finest = max(levels, key=len)
    enough = numbers.shape[1] > 1 or len(finest) > _MANY_PARTS
    large = float(sums[smallest].max()) >= max(_LARGE, 10 * _slack(unit, len(finest)))
    if len(levels) < 2 or len(finest) < 2 or not (enough and large):
        return []
    return levels
