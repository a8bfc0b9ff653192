"""Which tables a sheet holds: one below the other, or side by side, apart by blank lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qieval.intake.reading.layout.cell_types import (
    cell_type,
    common_type,
    is_period,
    month_of,
    year_of,
)
from qieval.intake.reading.layout.grid import Area, Grid, runs
from qieval.intake.reading.layout.headings import Headings, find_headings
from qieval.intake.reading.raw import tidy_heading

_BODY = 50


@dataclass(frozen=True)
class Block:
    """A table on a sheet."""

    area: Area  # its headings and everything below that belongs to it
    headings: Headings  # its headings
    titles: tuple[int, ...] = ()  # rows with something in them above the headings

    @property
    def rows(self) -> range:
        """The rows under the headings."""
        return range(self.headings.row + 1, self.area.bottom + 1)

    def title(self, grid: Grid) -> str:
        """The line right above the headings, where there is one; blank otherwise."""
        for row in reversed(self.titles):
            if places := grid.filled(row, self.area.left, self.area.right):
                return tidy_heading(grid.at(row, places[0]))
        return ""


def find_blocks(grid: Grid, expected: Sequence[str] = ()) -> list[Block]:
    """Every table of a grid, from top to bottom and from left to right.

    Rows after a blank one belong to the table above unless they have headings of their own; so do
    columns after a blank one that hold nothing but numbers.

    `expected`: headings that are looked for; they help to tell headings from other rows.
    """
    extent = grid.extent()
    return _blocks(grid, extent, tuple(expected)) if extent else []


def _blocks(grid: Grid, box: Area, expected: tuple[str, ...]) -> list[Block]:
    stacked = _stacked(grid, box, expected)
    if len(stacked) > 1:
        return [block for part in stacked for block in _blocks(grid, part, expected)]
    beside = _beside(grid, box, expected)
    if len(beside) > 1:
        return [block for part in beside for block in _blocks(grid, _trimmed(grid, part), expected)]
    headings = find_headings(grid, box, expected)
    if headings is None:
        return []
    titles = [row for row in grid.filled_rows(box) if row < headings.lines[0]]
    return [Block(box, headings, tuple(titles))]


def _stacked(grid: Grid, box: Area, expected: tuple[str, ...]) -> list[Area]:
    """The box cut into rows, one part a table; rows without headings go with those above."""
    filled = grid.filled_rows(box)
    areas: list[Area] = []
    known: list[str] = []
    for top, bottom in runs(filled):
        if not known:
            # Rows of titles wait for the table below them.
            start = areas[-1].top if areas else top
            areas = [Area(start, box.left, bottom, box.right)]
            headings_found = find_headings(grid, areas[0], expected)
            if (
                headings_found is not None
                and headings_found.row < bottom
                and (headings_found.firm or headings_found.columns > 1)
            ):
                known = headings_found.names
            continue
        run = Area(top, box.left, bottom, box.right)
        headings = _own_headings(grid, run, expected)
        again = headings is not None and headings.names == known
        if headings is None or (again and not _other_title(grid, areas, run, headings)):
            areas[-1] = Area(areas[-1].top, box.left, bottom, box.right)
        else:
            areas.append(run)
            known = headings.names
    return _titles_to_the_table_below(grid, areas)


def _other_title(grid: Grid, areas: Sequence[Area], run: Area, headings: Headings) -> bool:
    """Whether the same headings stand under a title of their own: another table, no new page.

    Only where periods are headings: below a column of periods such titles become `section`.
    """
    lowest = [part[-1] for part in headings.parts if part]
    if sum(bool(is_period(cell) or year_of(cell) or month_of(cell)) for cell in lowest) < 2:
        return False
    above = range(areas[-1].top, headings.lines[0])
    lines: list[str] = []
    for row in above:
        places = grid.filled(row, run.left, run.right)
        cell = grid.at(row, places[0]) if len(places) == 1 else None
        if cell is None and not places:
            continue
        lines.append(tidy_heading(cell) if cell_type(cell) == "text" else "")
    return bool(lines and lines[-1]) and lines[-1] not in lines[:-1]


def _own_headings(grid: Grid, run: Area, expected: tuple[str, ...]) -> Headings | None:
    """The headings of a part, if it surely has some and rows under them."""
    headings = find_headings(grid, run, expected)
    if headings is None or headings.row == run.bottom:
        return None
    full = headings.columns == len(_columns(grid, run))
    enough = headings.contrast > 1 or (headings.contrast == 1 and full)
    return headings if headings.hits or enough else None


def _titles_to_the_table_below(grid: Grid, areas: list[Area]) -> list[Area]:
    """Single words after the last blank row of a part are the title of the next."""
    moved = list(areas)
    for number in range(len(moved) - 1):
        upper, lower = moved[number], moved[number + 1]
        row = upper.bottom
        while row > upper.top and len(grid.filled(row, upper.left, upper.right)) == 1:
            row -= 1
        blank_above = not grid.filled(row, upper.left, upper.right)
        first = [cell for cell in grid.cut(row + 1, upper.left, upper.right) if cell is not None]
        words = len(first) == 1 and common_type(first) in ("text", "date")
        if row < upper.bottom and blank_above and words:
            last = row
            while not grid.filled(last, upper.left, upper.right):
                last -= 1
            moved[number] = Area(upper.top, upper.left, last, upper.right)
            moved[number + 1] = Area(row + 1, lower.left, lower.bottom, lower.right)
    return moved


def _beside(grid: Grid, box: Area, expected: tuple[str, ...]) -> list[Area]:
    """The box cut into columns, one part a table; parts without labels of their own stay."""
    bands = [
        part
        for left, right in runs(_columns(grid, box))
        for part in _where_it_begins_again(grid, Area(box.top, left, box.bottom, right), expected)
    ]
    if len(bands) < 2:
        return [box]
    tables = [(band, _own_headings(grid, _trimmed(grid, band), expected)) for band in bands]
    across = find_headings(grid, box, expected)
    most = max((headings.hits for _, headings in tables if headings), default=0)
    if across is not None and across.hits > most:
        return [box]  # what is looked for stands on both sides of the blank column
    areas: list[Area] = []
    for band, headings in tables:
        if areas and (headings is None or not _has_labels(grid, band, headings)):
            areas[-1] = Area(box.top, areas[-1].left, box.bottom, band.right)
        else:
            areas.append(band)
    if len(areas) > 1 and not any(
        headings for band, headings in tables if band.left == areas[0].left
    ):
        areas[:2] = [Area(box.top, areas[0].left, box.bottom, areas[1].right)]
    return areas


def _columns(grid: Grid, box: Area) -> set[int]:
    return {
        column
        for row in range(box.top, box.bottom + 1)
        for column in grid.filled(row, box.left, box.right)
    }


def _where_it_begins_again(grid: Grid, band: Area, expected: tuple[str, ...]) -> list[Area]:
    """A band cut where its first heading comes again, above other periods than the first."""
    headings = find_headings(grid, band, expected)
    if headings is None or not (first := headings.names[0]):
        return [band]
    rows = range(headings.row + 1, band.bottom + 1)
    places = [band.left + n for n, name in enumerate(headings.names) if name == first]
    cells = [[grid.at(row, place) for row in rows] for place in places]
    known = [cell for part in cells for cell in part if cell is not None]
    periods = all(is_period(cell) or year_of(cell) for cell in known)
    if len(places) < 2 or not periods or all(part == cells[0] for part in cells):
        return [band]
    ends = [*(place - 1 for place in places[1:]), band.right]
    cut = zip(places, ends, strict=True)
    return [Area(band.top, left, band.bottom, right) for left, right in cut]


def _has_labels(grid: Grid, band: Area, headings: Headings) -> bool:
    """Whether a column holds words or dates: whose figures they are, or of when."""
    rows = range(headings.row + 1, min(band.bottom, headings.row + _BODY) + 1)
    types = [
        common_type(grid.at(row, column) for row in rows)
        for column in range(band.left, band.right + 1)
    ]
    return "text" in types or "date" in types


def _trimmed(grid: Grid, box: Area) -> Area:
    filled = grid.filled_rows(box)
    return Area(filled[0], box.left, filled[-1], box.right)


def first_part(grid: Grid, box: Area, headings: int, expected: Sequence[str] = ()) -> Area:
    """The box down to where, after a blank row, another table with headings of its own begins."""
    filled = grid.filled_rows(box)
    bottom = headings
    known = [tidy_heading(cell) for cell in grid.cut(headings, box.left, box.right)]
    for first, last in runs(filled):
        if first > headings + 1 and bottom > headings:
            own = _own_headings(grid, Area(first, box.left, last, box.right), tuple(expected))
            if own is not None and own.names != known:
                break
        bottom = last
    return Area(box.top, box.left, bottom, box.right)
