"""Which table is meant, where a sheet holds several; and what each of them is, in words."""

from __future__ import annotations

from qieval.core.config import settings_here
from qieval.core.errors import DataError, ParameterError, listed
from qieval.core.words import many
from qieval.intake.reading.layout.blocks import Block, find_blocks, first_part
from qieval.intake.reading.layout.cell_types import month_of, quarter_of, year_of
from qieval.intake.reading.layout.grid import Area, Grid
from qieval.intake.reading.layout.headings import headings_at, no_headings
from qieval.intake.reading.layout.wide import bare_period_columns, period_columns_of
from qieval.intake.reading.raw import tidy_heading
from qieval.intake.reading.request import NO_HEADER, Request

_MOST_HEADINGS = 8
_FEW = 2


def choose_block(grid: Grid, request: Request) -> tuple[Block, list[str], list[str]]:
    """The table of a grid that is meant, what to note, and the tables that are not read.

    Raises DataError if there is none, or several and nobody said which; ParameterError if `header`
    or `table` does not suit the grid.
    """
    extent = grid.extent()
    if extent is None:
        raise DataError("There is nothing in it.", where=grid.where)
    most = settings_here()[0].sheet_columns
    if extent.width > most:
        raise DataError(
            "There are too many columns for a table.",
            found=f"{extent.width:,} columns; at most {most:,} are read",
            remedy="Turn the table so that its columns become rows; or set `sheet_columns` in "
            "qieval.toml.",
            where=grid.where,
        )
    notes: list[str] = []
    if request.header == NO_HEADER:
        return Block(extent, no_headings(extent)), notes, []
    blocks = [_named_rows(grid, extent, request)] if request.header else tables_of(grid, request)
    if not blocks:
        note = request.ask(
            "No row of headings was found.",
            found=f"something in {extent}",
            remedy="If there is none, write `header: 0`, and the columns are called by their "
            "places (`column 1`); otherwise say which row it is, such as `header: 2`.",
            proposal="The table was taken as one without headings.",
            settles={"header": 0},
            proposes=extent.width > 1,  # a single column is no table
        )
        return Block(extent, no_headings(extent)), [note], []
    if request.table is not None:
        block = _by_name(grid, blocks, request.table)
    elif len(blocks) == 1:
        return blocks[0], [], []
    else:
        block = _by_headings(grid, blocks, request, notes)
    others = [other for other in blocks if other is not block]
    unread = [in_words(grid, other) for other in others]
    return block, notes, unread


def tables_of(grid: Grid, request: Request) -> list[Block]:
    """The tables of a grid that have more than headings, or all if none has."""
    blocks = find_blocks(grid, request.headings_needed)
    return [block for block in blocks if block.area.bottom > block.headings.row] or blocks


def fits(grid: Grid, block: Block, request: Request) -> bool:
    """Whether a table has the headings that are asked for, or they can be made from it."""
    names = set(block.headings.names)
    missing = [
        heading
        for heading in request.headings_needed
        if heading not in names and not request.usually(heading, block.headings.names)
    ]
    if not missing:
        return True
    if request.period_heading is None:
        return False
    if has_periods_as_headings(grid, block):
        return True  # the rest may stand in its rows
    parts = [part[-1] for part in block.headings.parts if part]
    two = any(tidy_heading(part).casefold() == "year" for part in parts)
    return missing == [request.period_heading] and (two or request.period_of_file is not None)


def has_periods_as_headings(grid: Grid, block: Block) -> bool:
    """Whether at least two headings are periods, or months or years beside a label that is one."""
    if (
        period_columns_of(block.headings.parts)
        or len(bare_period_columns(block.headings.parts)) > _FEW
    ):
        return True
    labels = [grid.at(row, block.area.left) for row in block.rows if grid.at(row, block.area.left)]
    periods = [cell for cell in labels if year_of(cell) or month_of(cell) or quarter_of(cell)]
    return 2 * len(periods) > len(labels) and bool(period_columns_of(block.headings.parts, periods))


def in_words(grid: Grid, block: Block) -> str:
    """A table in words: where it is, its title, its headings."""
    names = [name for name in block.headings.names if name]
    title = block.title(grid)
    quoted_title = f" “{title[:60]}”" if title else ""
    rows = sum(bool(grid.filled(row, block.area.left, block.area.right)) for row in block.rows)
    return f"{block.area}{quoted_title} ({many(rows, 'row')} under {listed(names, _MOST_HEADINGS)})"


def _all_in_words(grid: Grid, blocks: list[Block]) -> str:
    lines = (f"\n  {number}: {in_words(grid, one)}" for number, one in enumerate(blocks, 1))
    return f"{many(len(blocks), 'table')}:{''.join(lines)}"


def _named_rows(grid: Grid, extent: Area, request: Request) -> Block:
    first, last = min(request.header), max(request.header)
    if last > extent.bottom:
        raise DataError(
            f"There is no row {last:,}: the last with anything in it is {extent.bottom:,}.",
            remedy="Say which row holds the headings with `header`, or leave it out.",
            where=grid.where,
        )
    if not any(grid.filled(row, extent.left, extent.right) for row in request.header):
        raise DataError(
            f"Row {last}, where the headings should be, is blank.",
            remedy="Leave out `header` to have the row looked for.",
            where=grid.where,
        )
    box = Area(first, extent.left, extent.bottom, extent.right)
    area = first_part(grid, box, last, request.headings_needed)
    above = [row for row in range(1, first) if grid.filled(row, area.left, area.right)]
    return Block(area, headings_at(grid, area, sorted(request.header)), tuple(above))


def _by_name(grid: Grid, blocks: list[Block], table: int | str) -> Block:
    if isinstance(table, int) and not isinstance(table, bool):
        if 1 <= table <= len(blocks):
            return blocks[table - 1]
        raise ParameterError(
            f"There is no table {table}.",
            found=_all_in_words(grid, blocks),
            where=grid.where,
        )
    text = tidy_heading(str(table)).casefold()
    titled = [block for block in blocks if block.title(grid).casefold() == text]
    headed = [
        block for block in blocks if text in [name.casefold() for name in block.headings.names]
    ]
    for found in (titled, headed):
        if len(found) == 1:
            return found[0]
    several = "Several tables have" if titled or headed else "No table has"
    raise ParameterError(
        f"{several} the title or heading `{table}`.",
        found=_all_in_words(grid, blocks),
        remedy="Name it by its number, for instance `table: 1`.",
        where=grid.where,
    )


def _by_headings(grid: Grid, blocks: list[Block], request: Request, notes: list[str]) -> Block:
    fitting = [block for block in blocks if fits(grid, block, request)]
    if len(fitting) == 1:
        number = blocks.index(fitting[0]) + 1
        notes.append(
            f"Table {number} of {len(blocks)} on the sheet was read: the only one with the "
            "columns asked for."
        )
        return fitting[0]
    proposed = (fitting or blocks)[0]
    number = blocks.index(proposed) + 1
    problem = "Several tables have the columns asked for."
    if not fitting:
        asked_for = listed(request.headings_needed)
        problem = "Several tables are on the sheet, and none has all the columns asked for "
        problem += f"({asked_for})."
    note = request.ask(
        problem,
        found=_all_in_words(grid, blocks),
        remedy=f"Say which one: `table: {number}` (its number, or its title or a heading that "
        "only it has).",
        proposal=f"Table {number} was read.",
        settles={"table": number},
        proposes=bool(fitting),  # without one that fits there is nothing to propose
    )
    notes.append(note)
    return proposed
