"""The rows of a table: which are data, and which are headings again, units, labels or notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from qieval.intake.reading.layout.blocks import Block
from qieval.intake.reading.layout.cell_types import (
    BLANK,
    all_units,
    cell_type,
    common_type,
    month_of,
    quarter_of,
    year_of,
)
from qieval.intake.reading.layout.grid import Grid
from qieval.intake.reading.raw import Cell, as_text, tidy_heading

_NOTE = re.compile(
    r"(sources?|notes?|n\.?b\.?|footnotes?|key|legend|caveats?|contact|copyright|prepared|produced"
    r"|extracted|published|updated|last updated|last refreshed|run (on|by|date)|report run|printed"
    r"|definitions?)\b.*"
    r"|[*†‡#^]+\s*[^\s*†‡#^].*|\(?\d{1,2}[.)]\s+\S.*|\[\w{1,6}\]\s*\S.*|©.*|https?://\S+"
    r"|(c|x|z|p|r)\s*(=|:|means)\s.*|data (are|is|from|for|source|extracted|include|taken).*"
    r"|(this|these|all|some) (data|figures?|table|numbers?)\b.*"
    r"|page \d+.*|end of (report|data|table).*",
    re.IGNORECASE | re.DOTALL,
)
TOTAL = re.compile(r"\btotals?\b", re.IGNORECASE)
_MANY_WORDS = 5

AGAIN = "the headings again"
"""Why a row with the same words as the headings is left out."""

SECTION = "section"
"""The column made of lines that stand above groups of rows."""


@dataclass(eq=False)
class Body:
    """The rows of a table, sorted out."""

    rows: dict[int, list[Cell]]  # row number → its cells, for the rows that are data (or totals)
    left_out: dict[str, list[int]] = field(default_factory=dict)  # reason → row numbers
    # Row number → the line above its group, where there is one.
    sections: dict[int, Cell] = field(default_factory=dict)
    gaps: list[int] = field(default_factory=list)  # blank rows between the rows

    def leave_out(self, reason: str, rows: Sequence[int]) -> None:
        """Take rows away, for a reason."""
        for row in rows:
            self.rows.pop(row, None)
        if rows:
            self.left_out.setdefault(reason, []).extend(rows)


def body_of(grid: Grid, block: Block, *, about_people: bool) -> Body:
    """The rows under the headings, without those that are no data.

    `about_people`: whether a row is about a person: then no line above a group is looked for,
    because a row with nothing but a code is a faulty row.
    """
    body = Body({})
    blank: list[int] = []
    for row in block.rows:
        cells = _cells(grid, block, row)
        if any(cell is not None for cell in cells):
            body.rows[row] = cells
        else:
            blank.append(row)
    _take_pivot_blanks(body)
    body.leave_out(AGAIN, _repeated_headings(grid, block, body))
    body.leave_out("a title again", _repeated_titles(grid, block, body))
    body.leave_out("the units of the columns", _units(block, body))
    body.leave_out("a note below the table", _notes(body, blank, about_people))
    if body.rows:
        body.gaps = [row for row in blank if row < max(body.rows)]
    if not about_people and block.area.width > 1:
        _take_sections(grid, block, body)
    return body


def _take_pivot_blanks(body: Body) -> None:
    """What a pivot table calls (blank) is blank; a row of nothing else is no data."""
    blanks = {row: cells for row, cells in body.rows.items() if BLANK in cells}
    for row, cells in blanks.items():
        body.rows[row] = [None if cell == BLANK else cell for cell in cells]
    empty = [row for row in blanks if not _places(body.rows[row])]
    body.leave_out(f"nothing but `{BLANK}`", empty)


def _cells(grid: Grid, block: Block, row: int) -> list[Cell]:
    return grid.cut(row, block.area.left, block.area.right)


def _places(cells: Sequence[Cell]) -> list[int]:
    return [place for place, cell in enumerate(cells) if cell is not None]


def _repeated_headings(grid: Grid, block: Block, body: Body) -> list[int]:
    lines = []
    for line in block.headings.lines:
        cells = [tidy_heading(cell) for cell in _cells(grid, block, line)]
        if sum(map(bool, cells)) > 1:
            lines.append(cells)
    repeated = []
    for row, cells in body.rows.items():
        # Most rows differ in their first cell already.
        if any(tidy_heading(cells[0]) == line[0] for line in lines):
            texts = [tidy_heading(cell) for cell in cells]
            if any(texts[: len(line)] == line for line in lines):
                repeated.append(row)
    return repeated


def _repeated_titles(grid: Grid, block: Block, body: Body) -> list[int]:
    titles = [_cells(grid, block, row) for row in block.titles]
    return [
        row
        for row, cells in body.rows.items()
        if len(places := _places(cells)) == 1
        and cell_type(cells[places[0]]) == "text"
        and cells in titles
    ]


def _units(block: Block, body: Body) -> list[int]:
    first = block.headings.row + 1
    if first not in body.rows or len(body.rows) < 2:
        return []
    below = [cells for row, cells in body.rows.items() if row != first][:50]
    words = _places(body.rows[first])
    over = [common_type(cells[place] for cells in below) for place in words]
    fits = all_units(body.rows[first][place] for place in words)
    return [first] if fits and {"number", "date"} & {*over} else []


def _notes(body: Body, blank: Sequence[int], about_people: bool) -> list[int]:
    """Rows after the last one with data that say something in words."""
    note_rows: list[int] = []
    gaps = {*blank}
    for row in reversed(body.rows):
        cells = body.rows[row]
        places = _places(cells)
        if any(cell_type(cells[place]) != "text" for place in places[1:]):
            break
        first = cells[places[0]]
        text = (as_text(first) or "").strip()
        words = len(text.split())
        is_note = bool(_NOTE.fullmatch(text)) and words > 1
        if len(places) == 1 and isinstance(first, str) and not is_note:
            apart = row - 1 in gaps and not about_people
            enough = words >= (2 if apart else _MANY_WORDS)
            # "Grand total" without figures is a faulty row; a sentence about totals is none.
            is_total = words < _MANY_WORDS and TOTAL.search(text)
            is_note = enough and cell_type(first) == "text" and not is_total
        if not is_note:
            break
        note_rows.append(row)
    return note_rows[::-1] if len(note_rows) < len(body.rows) else []


def _take_sections(grid: Grid, block: Block, body: Body) -> None:
    """Lines above groups of rows become a label of each row below them."""
    rows = list(body.rows)
    lines: dict[int, Cell] = {}
    for number, row in enumerate(rows[:-1]):
        cells, after = body.rows[row], body.rows[rows[number + 1]]
        if _places(cells) != [0] or not _is_label(cells[0]):
            continue
        # Once the first row of all is such a line, the later ones need no more to be told by.
        apart = number == 0 or rows[0] in lines or row - 1 in body.gaps
        apart = apart or any(
            area.top == row and area.left == block.area.left and area.width > 1
            for area in grid.merged
        )
        # A year may stand above bare months or quarters.
        year = year_of(cells[0]) is not None
        apart = apart or (year and bool(month_of(after[0]) or quarter_of(after[0])))
        if apart and len(_places(after)) > 1:
            lines[row] = cells[0]
    if not lines:
        return
    # Tables of one shape below one another: the title of the first is its label too.
    again = [
        max((line for line in lines if line < row), default=0)
        for row in body.left_out.get(AGAIN, [])
    ]
    label: Cell = block.title(grid) or None if set(lines) <= {*again} else None
    for row in rows:
        if row in lines:
            label = lines[row]
        elif label is not None:
            body.sections[row] = label
    body.leave_out("a line above a group of rows", list(lines))


def _is_label(cell: Cell) -> bool:
    if cell_type(cell) == "text":
        return not TOTAL.search(str(cell))
    return year_of(cell) is not None
