"""Totals that stand among their parts as a level of a column: all boards beside each board.

A long table often holds both. Whoever adds up its rows counts everything several times over; here
the levels that are sums of others are found by their figures, whatever they are called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.core.errors import listed
from qieval.core.words import in_a_row, many, number
from qieval.intake.reading.layout.sums import NO_FIGURE, RATE
from qieval.intake.reading.meaning.level_sums import (
    Aggregate,
    Grid,
    Names,
    nested_sums,
    same,
    single_sum,
    sums,
)
from qieval.intake.reading.questions import parameter_line
from qieval.intake.reading.request import Request, as_list
from qieval.intake.tables.faults import row_numbers

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
        else:
            nested = [] if single else nested_sums(table, name, list(figures), keys)
            totals += nested
            is_total |= table[name].isin([one.level for one in nested])
    by = [*(one.figure for one in totals), *(one.figure for one in incomplete)]
    times = None
    if by:
        values = table[by[0]].to_numpy(dtype=float)
        once = np.nansum(values[~is_total])
        times = float(np.nansum(values) / once) if once else None
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
    at = np.full(len(levels), -1)
    at[own] = parent[0]
    names = [parent[1][number] for number in at]
    return {n: place[p] for n, p in enumerate(names) if p in place and p != levels[n]}


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


_MOST_PARTS = 5

Dropped = tuple[str, int, str]


def settle_aggregates(
    table: pd.DataFrame, names: Mapping[str, str], request: Request
) -> tuple[pd.DataFrame, list[Dropped], list[str]]:
    """The table without totals among their parts, the rows left out, and what to note.

    `request`: what to do with totals; levels that its conditions name are meant. Tables about
    people hold no totals.
    """
    figures = figure_columns(table, names)
    if request.kind.about_people or not figures:
        return table, [], []
    keys = [str(name) for name in table if pd.api.types.is_datetime64_any_dtype(table[name])]
    factors = text_columns(table, names)
    aggregates = find_aggregates(table, factors=factors, figures=figures, keys=keys)
    levels_named = {str(one) for given in request.conditions.values() for one in as_list(given)}
    if not aggregates.figure or (
        aggregates.totals and all(one.level in levels_named for one in aggregates.totals)
    ):
        return table, [], []
    says = [
        *(_total_in_words(one, names) for one in aggregates.totals),
        *(_incomplete_in_words(one, names) for one in aggregates.incomplete),
    ]
    problem = "Totals stand among their parts"
    if aggregates.times is not None:
        problem += f": adding up `{names[aggregates.figure]}` counts everything "
        whole = abs(aggregates.times - round(aggregates.times)) < 0.005
        problem += f"{number(aggregates.times, 0 if whole else 1)} times"
    rows = table.index[aggregates.is_total]
    note = f"{problem}. {' '.join(says)}"
    if request.totals == "keep":
        return table, [], [f"{note} All rows were kept."]
    if request.totals == "check":
        note = request.ask(
            f"{problem}.",
            found=" ".join(says),
            remedy=_remedy(aggregates, names, request.conditions),
            proposal="The totals were left out.",
            settles={"totals": "leave_out"},
        )
        note = " ".join([note, *says])
    reason = f"a total among its parts ({_columns(aggregates, names)})"
    return table.drop(index=rows), [(reason, len(rows), row_numbers(rows, most=5))], [note]


def figure_columns(table: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """The columns of figures that can be added up: no rates, no bounds, no years or codes."""
    return [
        str(name)
        for name in table
        if name in names
        and pd.api.types.is_numeric_dtype(table[name])
        and not RATE.search(f"{name} {names[str(name)]}")
        and not NO_FIGURE.search(names[str(name)])
    ]


def _total_in_words(one: Aggregate, names: Mapping[str, str]) -> str:
    level = f"`{one.level}` in `{names[one.column]}`"
    if len(one.parts) == 1:
        return f"{level} repeats `{one.parts[0]}`."
    if one.beside:
        others = many(one.beside, "other level")
        return f"{level} and {others} together make the same as {listed(one.parts, _MOST_PARTS)}."
    parts = [f"`{part}`" for part in one.parts[:_MOST_PARTS]]
    more = len(one.parts) - len(parts)
    if one.all_others and more:
        return f"{level} is the sum of the other {len(one.parts)}."
    return f"{level} is the sum of {in_a_row([*parts, *([f'{more} more'] if more else [])])}."


def _incomplete_in_words(one: Incomplete, names: Mapping[str, str]) -> str:
    return (
        f"{len(one.inner)} levels of `{names[one.column]}` ({listed(one.inner, _MOST_PARTS)}) lie "
        f"within others by `{names[one.within]}` but do not add up to them: they make "
        f"{number(100 * one.share, 0)}% of `{names[one.figure]}` there, so not all are listed."
    )


def _columns(aggregates: Aggregates, names: Mapping[str, str]) -> str:
    with_totals = [
        *(one.column for one in aggregates.totals),
        *(one.column for one in aggregates.incomplete),
    ]
    columns = dict.fromkeys(names[column] for column in with_totals)
    return ", ".join(f"`{column}`" for column in columns)


def _remedy(aggregates: Aggregates, names: Mapping[str, str], conditions: Mapping[str, Any]) -> str:
    """The lines that settle it; `where` keeps the largest total of each column."""
    rest = "`totals: leave_out`. If the rows are never added up, `totals: keep`."
    if not aggregates.totals:
        return f"Leave out the parts that are not all listed: {rest}"
    largest: dict[str, Aggregate] = {}
    for one in aggregates.totals:  # from the smallest to the largest
        largest[names[one.column]] = one
    conditions = dict(conditions) | {heading: one.level for heading, one in largest.items()}
    totals = f"the totals, {parameter_line('where', conditions)}"
    return f"Say which rows are meant: {totals}; or their parts, {rest}"


def text_columns(table: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """The columns of text that may be shown."""
    return [
        str(name)
        for name in table
        if name in names
        and not pd.api.types.is_numeric_dtype(table[name])
        and not pd.api.types.is_datetime64_any_dtype(table[name])
    ]
