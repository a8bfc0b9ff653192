"""From a grid to a raw table: the right table of a sheet, its headings, its rows."""

from __future__ import annotations

import pandas as pd

from qieval.core.errors import DataError, listed
from qieval.core.words import many
from qieval.intake.reading.layout.blocks import Block
from qieval.intake.reading.layout.body import SECTION, Body, body_of
from qieval.intake.reading.layout.cell_types import year_of
from qieval.intake.reading.layout.choose import choose_block
from qieval.intake.reading.layout.fill import fill_merged, fill_outline
from qieval.intake.reading.layout.grid import Draft, Grid, letters
from qieval.intake.reading.layout.totals import find_totals, leave_out_grand_totals
from qieval.intake.reading.layout.when import put_periods
from qieval.intake.reading.raw import RawTable, name_columns, positions
from qieval.intake.reading.request import Request
from qieval.intake.tables.faults import row_numbers

_LINES = "a line above a group of rows"
_MOST = 5


def lay_out(grid: Grid, request: Request) -> RawTable:
    """The table of a grid that is asked for.

    Raises DataError if there is no table, or several and nobody said which; or something else is
    open and reading is strict. Raises ParameterError if a parameter does not suit the grid.
    """
    request = request.at(grid.where)
    block, notes, unread = choose_block(grid, request)
    notes = [*grid.notes, *notes, *_about_headings(grid, block)]
    grid, more = fill_merged(grid, block, request)
    notes += more
    body = body_of(grid, block, about_people=request.words_only)
    if not body.rows:
        raise DataError(
            f"There are no rows under the headings (row {block.headings.row}).",
            found="; ".join(f"{why}: {row_numbers(rows)}" for why, rows in body.left_out.items())
            or None,
            remedy="Check that the file was saved with its data.",
            where=grid.where,
        )
    notes += _about_widths(grid, block, body)
    draft = Draft(positions(body.rows, block.area.width), list(block.headings.parts), notes)
    draft.cells, more = fill_outline(draft.cells, draft.names, request)
    notes += more
    totals_checked = _leave_out_totals(draft, body, request)
    totals_checked += leave_out_grand_totals(draft, grid, block, request)
    notes += _about_hidden_and_uncalculated(grid, block, draft.cells, request)
    _add_sections(draft, body)
    draft = put_periods(draft, grid, block, request)
    cells, repeated = name_columns(draft.cells, draft.names, draft.notes)
    return RawTable(
        cells,
        tuple(draft.notes),
        repeated,
        grid.sheet,
        block.headings.row,
        tuple((why, len(rows), row_numbers(rows)) for why, rows in body.left_out.items()),
        tuple(totals_checked),
        (*grid.unread, *(f"table {table}" for table in unread)),
        grid.encoding,
        grid.semicolons,
        draft.turned,
    )


def _about_headings(grid: Grid, block: Block) -> list[str]:
    notes = []
    lines = block.headings.lines
    if len(lines) > 1:
        notes.append(
            f"The headings stand in rows {lines[0]} to {lines[-1]}; upper and lower ones were "
            "joined (“Upper: Lower”)."
        )
    elif not lines:
        notes.append("No row holds headings: the columns are called by their places.")
    elif lines[0] > 1:
        notes.append(f"The headings stand in row {lines[0]}.")
    if block.titles:
        notes.append(f"Above them, passed over: {row_numbers(block.titles, most=_MOST)}.")
    return notes


def _about_widths(grid: Grid, block: Block, body: Body) -> list[str]:
    """What to say of rows of a text file that are shorter; longer ones cannot be used.

    Raises DataError if a row has more cells than headings, or the file was cut off.
    """
    notes = []
    if body.gaps:
        notes.append(f"Blank rows were passed over ({row_numbers(body.gaps, most=_MOST)}).")
    if not grid.delimited:
        return notes
    lines = block.headings.lines or range(block.area.top, block.area.bottom + 1)
    width = max(len(grid.rows[line - 1]) for line in lines)
    longer = [
        row
        for row, cells in body.rows.items()
        if any(cell is not None for cell in cells[max(width - block.area.left + 1, 0) :])
    ]
    if longer:
        raise DataError(
            "There are more cells in a row than headings.",
            found=f"{width} headings; more cells in {row_numbers(longer)}",
            remedy='Put cells that hold a comma in "quotes", or say which row holds the headings '
            "(`header: 3`).",
            where=grid.where,
        )
    short = [row for row in body.rows if len(grid.rows[row - 1]) < min(width, block.area.right)]
    # Programs end the last line; a shorter one that just stops was cut off on its way.
    if grid.unended and short and short[-1] == len(grid.rows):
        raise DataError(
            f"The file seems cut off: its last row ({short[-1]:,}) stops in the middle.",
            remedy="Copy or download it again; if it is complete, end the last line.",
            where=grid.where,
        )
    if short:
        notes.append(
            "Rows with fewer cells than headings: the last cells count as blank "
            f"({row_numbers(short, most=_MOST)})."
        )
    return notes


def _leave_out_totals(draft: Draft, body: Body, request: Request) -> list[str]:
    """Take totals out of the table; what each was checked against."""
    checked = find_totals(
        draft.cells,
        draft.names,
        request,
        gaps=[*body.gaps, *body.left_out.get(_LINES, [])],
    )
    rows = sorted(checked.rows)
    if request.totals == "keep":
        if rows:
            draft.notes.append(f"Totals were kept ({row_numbers(rows, most=_MOST)}).")
        return []
    draft.notes += checked.notes
    if rows and len(rows) == len(draft.cells):
        raise DataError(
            "There are only totals under the headings.",
            found=row_numbers(rows),
            remedy="If they are the data, set `totals: keep`.",
            where=request.where,
        )
    body.leave_out("a total of other rows", rows)
    if rows:
        body.sections |= checked.groups
    draft.cells = draft.cells.drop(index=rows)
    return checked.against


def _add_sections(draft: Draft, body: Body) -> None:
    labels = [body.sections.get(int(row)) for row in draft.cells.index]
    known = [label for label in labels if label is not None]
    if not known:
        return
    name = SECTION if SECTION not in draft.names else f"{SECTION} of the table"
    draft.add(name, labels)
    years = all(year_of(label) is not None for label in known)
    draft.notes.append(
        f"What stands above groups of rows became the column "
        f"`{name}`{', which holds years' if years else ''}."
    )


def _about_hidden_and_uncalculated(
    grid: Grid, block: Block, cells: pd.DataFrame, request: Request
) -> list[str]:
    notes = []
    rows = {int(row) for row in cells.index}
    if hidden := [row for row in grid.hidden_rows if row in rows]:
        notes.append(
            f"Hidden rows were read like the others ({row_numbers(hidden, most=_MOST)}): hiding "
            "or filtering changes what is seen, not what is in the table."
        )
    columns = [
        letters(column)
        for column in grid.hidden_columns
        if block.area.left <= column <= block.area.right
        and block.headings.parts[column - block.area.left]
    ]
    if columns:
        notes.append(f"Hidden columns were read like the others: {listed(columns, _MOST)}.")
    formulas = [
        (row, column)
        for row, column in sorted(grid.uncalculated)
        if row in rows and block.area.left <= column <= block.area.right
    ]
    if formulas:
        row, column = formulas[0]
        note = request.ask(
            "Formulas have no stored result, so their cells seem blank.",
            found=f"{many(len(formulas), 'cell')}, the first is {letters(column)}{row}",
            remedy="Open the workbook in Excel or LibreOffice, save it, and read it again.",
            proposal="Their cells were taken as blank.",
        )
        notes.append(note)
    return notes
