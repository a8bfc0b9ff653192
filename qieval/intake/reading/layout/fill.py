"""Cells filled in: merged ones from their first, labels of groups from above; both are noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from qieval.core.errors import listed
from qieval.core.words import many
from qieval.intake.reading.layout.blocks import Block
from qieval.intake.reading.layout.body import TOTAL
from qieval.intake.reading.layout.cell_types import (
    BLANK,
    LABELS,
    cell_type,
    common_type,
    month_of,
    year_of,
)
from qieval.intake.reading.layout.grid import Area, Grid
from qieval.intake.reading.questions import parameter_line
from qieval.intake.reading.raw import Cell, as_text, tidy_heading
from qieval.intake.reading.request import Request
from qieval.intake.tables.series import UNIT_NAMES

_MOST = 5


def fill_merged(grid: Grid, block: Block, request: Request) -> tuple[Grid, list[str]]:
    """The grid with merged cells of a table filled, and what to note.

    Words, dates and years stand for every cell that they were merged over. One number over several
    cells is one figure for all of them together, so that filling would count it several times.

    `request`: its `merged` says what numbers in merged cells are: the same figure in each cell, or
    one that is kept in the first cell only. None: nobody said.
    """
    inside = [
        area
        for area in grid.merged
        if block.headings.row < area.top <= block.area.bottom
        and block.area.left <= area.left <= block.area.right
        and grid.at(area.top, area.left) is not None
        and not _is_line(grid, block, area)
    ]
    figures = [area for area in inside if _is_figure(grid, block, area)]
    notes: list[str] = []
    if figures and request.merged is None:
        note = request.ask(
            "A number stands in merged cells: it may be one figure for all of them together.",
            found=listed(figures, _MOST),
            remedy="Say which: `merged: first` (one figure; the other cells are blank) or "
            "`merged: fill` (the same figure in each).",
            proposal="Numbers in merged cells were kept in the first cell only.",
            settles={"merged": "first"},
        )
        notes.append(note)
    kept = figures if request.merged != "fill" else []
    filled = [area for area in inside if area not in set(kept)]
    if not filled:
        return grid, notes
    rows = list(grid.rows)
    for area in filled:
        cell = grid.at(area.top, area.left)
        for number in range(area.top, min(area.bottom, len(rows)) + 1):
            row = list(rows[number - 1])
            row += [None] * (area.right - len(row))
            row[area.left - 1 : area.right] = [cell] * area.width
            rows[number - 1] = row
    notes.append(
        f"{many(len(filled), 'merged range')} filled from the first cell: {listed(filled, _MOST)}."
    )
    return replace(grid, rows=rows), notes


def _is_line(grid: Grid, block: Block, area: Area) -> bool:
    """Whether it is a line of words across the table, alone in its row."""
    alone = grid.filled(area.top, block.area.left, block.area.right) == [area.left]
    return area.height == 1 and area.width > 1 and alone


def _is_figure(grid: Grid, block: Block, area: Area) -> bool:
    cell = grid.at(area.top, area.left)
    if cell_type(cell) != "number" or isinstance(cell, str):
        return False
    label = area.left == block.area.left or year_of(cell) is not None or month_of(cell) is not None
    return not (label and area.width == 1)


_LOOKED_AT = 500


def fill_outline(
    cells: pd.DataFrame, names: Sequence[str], request: Request
) -> tuple[pd.DataFrame, list[str]]:
    """The cells with labels filled down, and what to note.

    A year is filled without asking. Other labels are where the table has other traces of a pivot
    table, or `fill_down` names them; otherwise, if the column matters, that is open.

    `cells`: raw cells; the columns are places.
    """
    notes: list[str] = []
    if request.words_only and not request.fill_down:
        return cells, notes
    named = {tidy_heading(name) for name in request.fill_down}
    pivot = _is_pivot(cells, names)
    filled = cells
    for place in range(cells.shape[1]):
        name = names[place]
        column = cells[place]
        blank = column.isna()
        if not blank.any() or blank.all() or blank.iloc[0]:
            continue
        labels = [cell for cell in column[~blank] if not TOTAL.search(as_text(cell) or "")]
        years = bool(labels) and all(year_of(cell) is not None for cell in labels)
        fill = years or name in named
        if not fill and common_type(column) == "number":
            continue
        if not fill and not pivot:
            if 2 * blank.sum() < len(column) or name not in {*request.headings_needed, *UNIT_NAMES}:
                continue
            note = request.ask(
                f"`{name}` is blank in most rows: it may stand for the rows below it as well.",
                found="a label in the first row of each group only, so it seems",
                remedy=f"Say so with {parameter_line('fill_down', [*request.fill_down, name])}, "
                "or fill the cells in the file.",
                proposal=f"`{name}` was filled down.",
                settles={"fill_down": [*request.fill_down, name]},
            )
            notes.append(note)
        down = _filled(filled, place, column)
        count = int((blank & down.notna()).sum())
        if count:
            filled = filled.copy()
            filled[place] = down
            notes.append(
                f"`{name or f'column {place + 1}'}` stands in the first row of each group only: "
                f"{many(count, 'cell')} filled from above."
            )
    return filled, notes


def _is_pivot(cells: pd.DataFrame, names: Sequence[str]) -> bool:
    if any(name.casefold() in LABELS for name in names):
        return True
    labels = {str(cell) for cell in cells[cells.columns[0]].iloc[:_LOOKED_AT] if cell is not None}
    return any(text == BLANK or (TOTAL.search(text) and len(text) < 60) for text in labels)


def _filled(cells: pd.DataFrame, place: int, column: pd.Series) -> pd.Series:
    """Filled from above, but not from a total, and not into a row without any other label."""
    others = [
        other
        for other in cells
        if other != place and common_type(cells[other].iloc[:_LOOKED_AT]) in ("text", "date")
    ]
    has_label = cells[others].notna().any(axis=1).to_numpy() if others else [True] * len(cells)
    totals = cells.map(lambda cell: bool(TOTAL.search(as_text(cell) or ""))).any(axis=1).to_numpy()
    has_label = [bool(label) and not total for label, total in zip(has_label, totals, strict=True)]
    down: list[Cell] = []
    last: Cell = None
    for cell, labelled in zip(column, has_label, strict=True):
        if cell is not None:
            last = None if TOTAL.search(as_text(cell) or "") else cell
            down.append(cell)
        else:
            down.append(last if labelled else None)
    return pd.Series(down, index=column.index, dtype=object)
