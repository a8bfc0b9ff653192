"""What is done about totals among their parts: asked, left out or kept, and told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qieval.core.errors import listed
from qieval.core.words import in_a_row, number
from qieval.intake.reading.columns import parameter_line
from qieval.intake.reading.layout.sums import NO_FIGURE, RATE
from qieval.intake.reading.meaning.aggregates import Aggregates, Incomplete, find_aggregates
from qieval.intake.reading.meaning.level_sums import Aggregate
from qieval.intake.reading.request import Request, as_list
from qieval.intake.tables.faults import row_numbers

_MOST_PARTS = 5

Dropped = tuple[str, int, str]


def settle_aggregates(
    table: pd.DataFrame, names: Mapping[str, str], request: Request
) -> tuple[pd.DataFrame, list[Dropped], list[str]]:
    """The table without totals among their parts, the rows left out, and what to note.

    `request`: what to do with totals; levels that its conditions name are meant. Tables about
    people hold no totals.

    Raises DataError in strict reading, if totals stand among their parts and nothing says what to
    do.
    """
    figures = figure_columns(table, names)
    if request.kind.about_people or not figures:
        return table, [], []
    keys = [str(name) for name in table if pd.api.types.is_datetime64_any_dtype(table[name])]
    factors = text_columns(table, names)
    aggregates = find_aggregates(table, factors=factors, figures=figures, keys=keys)
    levels_named = _levels_asked_for(request.conditions)
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
        problem += f"{number(aggregates.times, 0 if _whole(aggregates.times) else 1)} times"
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


def _levels_asked_for(conditions: Mapping[str, Any]) -> set[str]:
    levels: set[str] = set()
    for given in conditions.values():
        levels |= {str(level) for level in as_list(given)}
    return levels


def _whole(times: float) -> bool:
    return abs(times - round(times)) < 0.005


def _total_in_words(one: Aggregate, names: Mapping[str, str]) -> str:
    level = f"`{one.level}` in `{names[one.column]}`"
    if len(one.parts) == 1:
        return f"{level} repeats `{one.parts[0]}`."
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
