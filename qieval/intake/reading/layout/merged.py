"""Merged cells under the headings: filled from their first cell, and told."""

from __future__ import annotations

from dataclasses import replace

from qieval.core.errors import listed
from qieval.intake.reading.layout.blocks import Block
from qieval.intake.reading.layout.grid import Area, Grid
from qieval.intake.reading.layout.looks import look, month_of, year_of
from qieval.intake.reading.request import Request
from qieval.intake.tables.faults import many

_MOST = 5


def fill_merged(grid: Grid, block: Block, request: Request) -> tuple[Grid, list[str]]:
    """The grid with merged cells of a table filled, and what to note.

    Words, dates and years stand for every cell that they were merged over. One number over several
    cells is one figure for all of them together, so that filling would count it several times.

    Parameters
    ----------
    grid : Grid
        The cells.
    block : Block
        The table.
    request : Request
        Its `merged` says what numbers in merged cells are: the same figure in each cell, or one
        that is kept in the first cell only. None: nobody said.

    Raises
    ------
    DataError
        If a number stands in merged cells, nobody said what it means, and reading is strict.
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
    if look(cell) != "number" or isinstance(cell, str):
        return False
    label = area.left == block.area.left or year_of(cell) is not None or month_of(cell) is not None
    return not (label and area.width == 1)
