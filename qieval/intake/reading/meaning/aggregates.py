"""Totals that stand among their parts as a level of a column: all boards beside each board.

A long table often holds both. Whoever adds up its rows counts everything several times over; here
the levels that are sums of others are found by their figures, whatever they are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.intake.reading.meaning.level_sums import Aggregate, Grid, Names, same, single_sum, sums

_FEWEST_LEVELS = 3
_MOST_LEVELS = 2_000


@dataclass(frozen=True)
class Incomplete:
    """Levels that lie within others by a second column, but do not add up to them."""

    # The column of the levels, and the column that says within which level each lies.
    column: str
    within: str
    # The levels within, and those around them.
    inner: tuple[str, ...]
    outer: tuple[str, ...]
    figure: str  # the column of figures that was added up
    share: float  # the sum of the inner levels by that of the outer ones that have any


@dataclass(frozen=True, eq=False)
class Aggregates:
    """What `find_aggregates` found."""

    totals: tuple[Aggregate, ...]  # the levels that are sums of others
    incomplete: tuple[Incomplete, ...]  # levels that look like parts, and do not add up
    is_total: NDArray[np.bool_]  # rows that hold a total, or a part of an incomplete list
    figure: str  # the column of figures by which they were found; blank if there are none
    # How many times a plain sum of that figure counts everything; None: it cannot be told.
    times: float | None


def find_aggregates(
    table: pd.DataFrame, *, factors: Sequence[str], figures: Sequence[str], keys: Sequence[str] = ()
) -> Aggregates:
    """The levels of text columns that are sums of other levels.

    A level counts as a sum if, in every combination of the other columns in which it occurs, its
    figure is exactly the sum of the same other levels.

    `table`: a long table. `keys`: columns that tell rows apart and are no factors: the period.
    """
    codes = {name: pd.factorize(table[name], use_na_sentinel=False) for name in [*factors, *keys]}
    totals: list[Aggregate] = []
    incomplete: list[Incomplete] = []
    is_total = np.zeros(len(table), dtype=bool)
    for name in factors:
        own, levels = codes[name]
        if not _FEWEST_LEVELS <= len(levels) <= _MOST_LEVELS:
            continue
        decided = [other for other in codes if other != name and _decides(own, codes[other][0])]
        others = [codes[other][0] for other in codes if other not in (name, *decided)]
        outer, within = _outer_levels(codes, name, [one for one in decided if one in factors])
        single = single_sum(codes[name], table[list(figures)], name)
        totals += single
        is_total |= table[name].isin([one.level for one in single])
        for figure in () if single else figures:
            grid = Grid.of(codes[name], others, table[figure].to_numpy(dtype=float))
            if grid is None:
                break
            sums_found = sums(grid, Names(name, levels, figure), outer)
            part = _inner_levels(grid, Names(name, levels, figure), within)
            if not sums_found and part is None:
                continue
            totals += sums_found + (part if isinstance(part, list) else [])
            is_total |= table[name].isin([one.level for one in totals if one.column == name])
            if isinstance(part, Incomplete):
                incomplete.append(part)
                is_total |= table[name].isin(part.inner)
            break
    by = [*(one.figure for one in totals), *(one.figure for one in incomplete)]
    times = _times(table[by[0]].to_numpy(dtype=float), is_total) if by else None
    return Aggregates(tuple(totals), tuple(incomplete), is_total, by[0] if by else "", times)


def _outer_levels(
    codes: dict[str, tuple[np.ndarray, pd.Index]], name: str, decided: Sequence[str]
) -> tuple[list[int], tuple[str, dict[int, int]] | None]:
    """Levels to search for sums; and by which column which levels lie within which others.

    A board's own rows often have its code in the column of hospitals, too.
    """
    own, levels = codes[name]
    place = {level: number for number, level in enumerate(levels) if isinstance(level, str)}
    for other in decided:
        around = _around(own, levels, codes[other], place)
        if around:
            inside = set(around)
            return [n for n in range(len(levels)) if n not in inside], (other, around)
    return list(range(len(levels))), None


def _around(
    own: np.ndarray,
    levels: pd.Index,
    parent: tuple[np.ndarray, pd.Index],
    place: dict[str, int],
) -> dict[int, int]:
    """Level → the level of the same column within which it lies."""
    at = np.full(len(levels), -1)
    at[own] = parent[0]
    names = [parent[1][number] for number in at]
    return {n: place[p] for n, p in enumerate(names) if p in place and p != levels[n]}


def _times(figures: NDArray[np.float64], is_total: NDArray[np.bool_]) -> float | None:
    once = np.nansum(figures[~is_total])
    return float(np.nansum(figures) / once) if once else None


def _decides(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether each level of one column comes with a single level of the other."""
    first = np.full(int(one.max()) + 1, -1)
    first[one[::-1]] = other[::-1]
    return bool((first[one] == other).all())


def _inner_levels(
    grid: Grid, names: Names, within: tuple[str, dict[int, int]] | None
) -> Incomplete | list[Aggregate] | None:
    """Whether levels that lie within others add up to them: then the others are sums."""
    if within is None:
        return None
    column, around = within
    outers = sorted(set(around.values()))
    held = np.zeros_like(grid.values[:, outers])
    for place, outer in enumerate(outers):
        inner = [one for one, at in around.items() if at == outer]
        held[:, place] = grid.values[:, inner].sum(axis=1)
    wholes = grid.values[:, outers]
    if not wholes.any() or (held > wholes * (1 + 1e-9))[grid.present[:, outers]].any():
        return None  # what is more than the whole is no part of it
    if same(held, wholes):
        return [
            Aggregate(
                names.column,
                str(names.levels[outer]),
                tuple(str(names.levels[one]) for one, at in around.items() if at == outer),
                False,
                names.figure,
                int(grid.present[:, outer].sum()),
            )
            for outer in outers
        ]
    return Incomplete(
        names.column,
        column,
        tuple(str(names.levels[one]) for one in sorted(around)),
        tuple(str(names.levels[outer]) for outer in outers),
        names.figure,
        float(held.sum() / wholes.sum()),
    )
