"""Total and sub-total rows: found by their words or their sums, checked against their parts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from qieval.core.errors import listed
from qieval.intake.reading.layout.blocks import Block
from qieval.intake.reading.layout.cell_types import (
    BLANK,
    GRAND_TOTAL,
    LABELS,
    common_type,
    month_of,
    names_the_figure,
    quarter_of,
    year_of,
)
from qieval.intake.reading.layout.grid import Draft, Grid
from qieval.intake.reading.layout.sums import Comparison, Figures, tolerance
from qieval.intake.reading.raw import Cell, as_text
from qieval.intake.reading.request import Request


@dataclass(eq=False)
class Checked:
    """What the search for totals found."""

    rows: list[int] = field(default_factory=list)  # rows of totals
    against: list[str] = field(default_factory=list)  # what each was checked against, in words
    notes: list[str] = field(default_factory=list)  # totals whose parts do not add up
    # Row number → the label of the row above its group, where such rows are the sums of groups.
    groups: dict[int, Cell] = field(default_factory=dict)


def find_totals(
    cells: pd.DataFrame,
    names: Sequence[str],
    request: Request,
    gaps: Iterable[int] = (),
) -> Checked:
    """The rows of a table that add up others, each checked against its parts.

    `cells`: raw cells; the columns are places (0, 1, …), the index holds the row numbers.
    `request`: rows with words that it names are no mere totals. `gaps`: rows after which something
    starts anew (blank rows, lines above groups).
    """
    table = Figures(cells, names, {text.casefold() for text in request.words})
    # Of rows about people, or mostly words, only one that begins with the word is a total.
    by_first_cell = request.words_only
    checked = Checked()
    sure, likely = table.worded(by_first_cell)
    totals = np.isin(table.rows, [*sure, *likely])
    if not by_first_cell:
        _groups(checked, table, totals)
    for row in [*sure, *likely]:
        comparison = table.check(row, totals)
        if row in likely and not comparison.agrees:
            continue  # the word alone is not enough
        checked.rows.append(row)
        _note_check(checked, table, row, comparison, request)
    if not by_first_cell:
        _unworded(checked, table, set(gaps), totals, request)
    return checked


def _note_check(
    checked: Checked, table: Figures, row: int, comparison: Comparison, request: Request
) -> None:
    if comparison.differs:
        name, added, said = comparison.differs[0]
        if request.totals == "check":
            note = request.ask(
                f"Row {row:,} is called a total, but its parts do not add up to it.",
                found=f"`{name}`: {comparison.what} make {added:,.12g}, it says {said:,.12g}",
                remedy="Correct the file, or say what to do with such rows: `totals: leave_out` or "
                "`totals: keep`.",
                proposal=f"The total in row {row:,} was left out.",
                settles={"totals": "leave_out"},
            )
            checked.notes.append(note)
        checked.against.append(f"row {row:,}: does not agree with {comparison.what}")
    elif comparison.agrees:
        rows = int(comparison.parts.sum())
        checked.against.append(
            f"row {row:,}: the sum of {comparison.what} ({rows:,} rows; "
            f"{listed(comparison.agrees, 3)})"
        )
    elif comparison.withheld:
        checked.against.append(f"row {row:,}: fits {comparison.what}, some of which are withheld")
    else:
        checked.against.append(f"row {row:,}: could not be checked (nothing to add up)")


def _groups(checked: Checked, table: Figures, totals: np.ndarray) -> None:
    """Rows that stand above the rows they add up; quarters above months, then all the others."""
    inner = quarter_rows(table, totals)
    for place, below in inner.items():
        totals[place] = True
        checked.rows.append(row := int(table.rows[place]))
        checked.against.append(f"row {row:,}: the sum of the {len(below):,} months right below it")
    for place, below in group_rows(table, totals).items():
        row = int(table.rows[place])
        totals[place] = True
        checked.rows.append(row)
        checked.against.append(f"row {row:,}: the sum of the {len(below):,} rows right below it")
        label = table.labels[0][place]
        checked.groups |= {int(table.rows[one]): label for one in below}


def _unworded(
    checked: Checked, table: Figures, gaps: set[int], totals: np.ndarray, request: Request
) -> None:
    """Totals without the word: a year among months, or a row without a label, that adds up."""
    years, nameless = table.years_among_months(), table.nameless()
    for place in sorted(years | nameless | table.months_again(gaps)):
        row = int(table.rows[place])
        if totals[place]:
            continue
        others = totals.copy()
        others[place] = True
        options = (
            table.candidates(row, others) if place in nameless else table.of_its_year(row, ~others)
        )
        comparisons = [
            table.compare(row, parts, what) for what, parts in options if parts.sum() > 1
        ]
        likely = [one for one in comparisons if one.agrees and not one.differs]
        likely = likely or [one for one in comparisons if one.differs and place in years]
        if likely:
            checked.rows.append(row)
            totals[place] = True
            _note_check(checked, table, row, likely[0], request)


_FEWEST_GROUPS = 2
_LONGEST_GROUP = 200


def group_rows(table: Figures, totals: np.ndarray) -> dict[int, list[int]]:
    """Place of each row that is the sum of those right below it → their places.

    All rows must fall into such groups, and something else must speak for it: the heading of a
    pivot table, words above dates, or several columns that all agree. Otherwise none is one.
    """
    places = [int(place) for place in np.flatnonzero(~totals)]
    groups: dict[int, list[int]] = {}
    at = 0
    while at < len(places):
        count = _how_many_below(table, places, at)
        if not count:
            return {}
        groups[places[at]] = places[at + 1 : at + 1 + count]
        at += count + 1
    if all(len(below) == 1 for below in groups.values()):
        return {}
    if len(groups) < _FEWEST_GROUPS:
        return groups if _is_a_year(table, groups) else {}
    return groups if _likely(table, groups) else {}


def quarter_rows(table: Figures, totals: np.ndarray) -> dict[int, list[int]]:
    """Place of each bare quarter that is the sum of the bare months right below it → their places.

    A pivot table has them between its years and its months. All quarters must be such, or none is.
    """
    labels = table.labels.get(0, [])
    places = [int(place) for place in np.flatnonzero(~totals)]
    found: dict[int, list[int]] = {}
    for at, place in enumerate(places[: len(labels)]):
        if quarter_of(labels[place]) is None:
            continue
        rest = places[at + 1 :]
        below = list(itertools.takewhile(lambda one: month_of(labels[one], numbers=False), rest))
        if not below or _how_many_below(table, [place, *below], 0) != len(below):
            return {}
        found[place] = below
    return found


def _is_a_year(table: Figures, groups: dict[int, list[int]]) -> bool:
    """Whether the one group is of a year above its bare months or quarters."""
    labels = table.labels.get(0, [])
    return bool(labels) and all(
        year_of(labels[place]) and all(month_of(labels[p]) or quarter_of(labels[p]) for p in below)
        for place, below in groups.items()
    )


def _how_many_below(table: Figures, places: list[int], at: int) -> int:
    """How many rows below a row add up to it in every column; 0 for none."""
    total = table.figures_of(places[at])
    if not np.nan_to_num(total).any():
        return 0
    rows = []
    for place in places[at + 1 : at + 1 + _LONGEST_GROUP]:
        rows.append(np.nan_to_num(table.figures_of(place)))
        added = np.sum(rows, axis=0)
        close = [
            np.isnan(said) or abs(sum_ - said) <= tolerance(np.array(parts), said)
            for sum_, said, *parts in zip(added, total, *rows, strict=True)
        ]
        if all(close):
            return len(rows)
        if (added > np.nan_to_num(total, nan=np.inf) + 1).any():
            return 0
    return 0


def _likely(table: Figures, groups: dict[int, list[int]]) -> bool:
    if 0 not in table.labels:
        return False
    if table.names[0].casefold() in LABELS:
        return True
    labels = table.labels[0]
    above: list[Cell] = [labels[place] for place in groups]
    below: list[Cell] = [labels[place] for places in groups.values() for place in places]
    if (common_type(above), common_type(below)) == ("text", "date"):
        return True
    several = len(table.figures_of(0)) > 1 and len(groups) > _FEWEST_GROUPS
    return several and len({*map(str, above)}) == len(above)


def leave_out_grand_totals(draft: Draft, grid: Grid, block: Block, request: Request) -> list[str]:
    """Take columns of grand totals, and empty ones, out of what was a pivot table.

    Returns what each total was checked against.
    """
    above = [
        [grid.at(row, place) for place in grid.filled(row, block.area.left, block.area.right)]
        for row in block.titles
    ]
    figures = [cells[0] for cells in above if names_the_figure(cells)]
    if not figures and draft.names[0].casefold() not in LABELS:
        return []
    draft.notes += [f"A pivot table; above it stands `{as_text(figure)}`." for figure in figures]
    empty = [
        place
        for place, name in enumerate(draft.names)
        if name.endswith(BLANK) and draft.cells[place].isna().all()
    ]
    asked = set(request.columns.values())
    totals = [
        place
        for place, name in enumerate(draft.names)
        if request.totals != "keep" and GRAND_TOTAL.fullmatch(name) and name not in asked
    ]
    table = Figures(draft.cells, draft.names, set())
    checked = []
    for place in totals if request.totals == "check" else []:
        parts = _parts_of(draft, place, [p for p in table.values if p not in {*totals, *empty}])
        if place not in table.values or len(parts) < 2:
            checked.append(f"column `{draft.names[place]}`: could not be checked")
            continue
        checked.append(_checked(draft, table, place, parts, request))
    gone = [draft.names[place] for place in [*empty, *totals]]
    for name in gone:
        draft.drop(name)
    if gone:
        draft.notes.append(f"Columns left out: {listed(gone)}.")
    return checked


def _parts_of(draft: Draft, total: int, figures: Sequence[int]) -> list[int]:
    """The columns that a grand total adds up: those of its figure, where there are several."""
    name = draft.names[total].casefold()
    of = name.removeprefix("total ") if name.startswith("total ") else ""
    if not of:
        return list(figures)
    return [place for place in figures if str(draft.parts[place][-1]).casefold() == of]


def _checked(
    draft: Draft, table: Figures, place: int, parts: Sequence[int], request: Request
) -> str:
    name = draft.names[place]
    figures = np.column_stack([table.values[part] for part in parts])
    for row, said, these in zip(table.rows, table.values[place], figures, strict=True):
        some = these[~np.isnan(these)]
        if np.isnan(said) or not len(some) or abs(some.sum() - said) <= tolerance(some, said):
            continue
        if some.min() - 1e-9 <= said <= some.max() + 1e-9 and len(some) > 1:
            return f"column `{name}`: an average or the like, which is no sum"
        note = request.ask(
            f"`{name}` is called a total, but the columns beside it do not add up to it.",
            found=f"row {int(row):,}: they make {some.sum():,.12g}, it says {said:,.12g}",
            remedy="Correct the file, or say what to do with such columns: `totals: leave_out` or "
            "`totals: keep`.",
            proposal=f"`{name}` was left out.",
            settles={"totals": "leave_out"},
        )
        draft.notes.append(note)
        return f"column `{name}`: does not agree with the columns beside it"
    return f"column `{name}`: the sum of {listed([draft.names[part] for part in parts], 3)}"
