"""The row of headings: which it is, whether it has upper headings, how they are joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qieval.intake.reading.layout.cell_types import (
    all_units,
    cell_type,
    common_type,
    in_sequence,
    is_period,
    names_the_figure,
    year_of,
)
from qieval.intake.reading.layout.grid import Area, Grid, joined
from qieval.intake.reading.raw import Cell, as_text, tidy_heading

_LOOKED_AT = 25
"""Filled rows in which the headings are looked for: up to 20 rows of titles, and some to spare."""
_BODY = 50
_LONGEST_UPPER = 60
_PIVOT_FILTER = re.compile(r"\((all|multiple items|blank)\)", re.IGNORECASE)


@dataclass(frozen=True)
class Headings:
    """The headings of a table."""

    lines: tuple[int, ...]  # the rows they stand in, the last is the one right above the table
    # For each column the raw headings from the upper to the lowest; blank ones are left out.
    parts: tuple[tuple[Cell, ...], ...]
    contrast: int  # columns that look different from their heading: what speaks for it
    hits: int  # how many of the headings that are looked for it has
    above: int = 0  # the row above the table, where no row holds headings

    @property
    def row(self) -> int:
        """The row right above the table."""
        return self.lines[-1] if self.lines else self.above

    @property
    def names(self) -> list[str]:
        """Each column's heading on one line, upper and lower joined; blank where there is none."""
        return [joined(part) for part in self.parts]

    @property
    def columns(self) -> int:
        """How many columns have a heading."""
        return sum(bool(part) for part in self.parts)

    @property
    def firm(self) -> bool:
        """Whether something speaks for it besides its place."""
        return self.contrast > 0 or self.hits > 0


def find_headings(grid: Grid, box: Area, expected: Sequence[str] = ()) -> Headings | None:
    """The headings of the table in a box; None if no row looks like headings.

    The row counts in which most columns look different from what stands below (words over numbers
    or dates), or that has the headings that are looked for. Nothing speaks for a first row of
    words over words but its place: then ``firm`` is False.
    """
    filled: dict[int, list[int]] = {}
    for row in range(box.top, box.bottom + 1):
        if columns := grid.filled(row, box.left, box.right):
            filled[row] = columns
        if len(filled) > _LOOKED_AT + _BODY:
            break
    rows = list(filled)
    expected_words = {text.casefold() for text in expected}
    best: Headings | None = None
    best_score: tuple[int, int, float] = (-1, -1, -1)
    for place, row in enumerate(rows[:_LOOKED_AT]):
        below = rows[place + 1 : place + 1 + _BODY]
        width = len({column for other in [row, *below] for column in filled[other]})
        named = {tidy_heading(grid.at(row, column)).casefold() for column in filled[row]}
        all_there = bool(expected_words) and expected_words <= named
        corner = bool(below) and filled[row][0] > min(filled[other][0] for other in below)
        if not all_there and not _like_headings(grid, row, filled[row], width, corner=corner):
            continue
        candidate = _headings_at(grid, box, row, below, expected_words)
        score = (candidate.hits, candidate.contrast, round(candidate.columns / max(width, 1), 3))
        lower = best is not None and (
            best.row in candidate.lines or _is_title_over(grid, best, candidate, filled[row])
        )
        if score > best_score or (score == best_score and lower):
            best, best_score = candidate, score
    return best


def headings_at(grid: Grid, box: Area, lines: Sequence[int]) -> Headings:
    """The headings in rows that somebody named."""
    return Headings(tuple(lines), _parts(grid, box, lines), contrast=0, hits=0)


def no_headings(box: Area) -> Headings:
    """The headings of a table that has none: its columns are called by their places."""
    return Headings((), ((),) * box.width, contrast=0, hits=0, above=box.top - 1)


def _like_headings(grid: Grid, row: int, filled: list[int], width: int, *, corner: bool) -> bool:
    """Whether every cell of a row may be a heading; `corner`: the first column has none."""
    if len(filled) + (corner and width == 2) < min(2, width) or 2 * len(filled) < width:
        return False
    cells = [grid.at(row, column) for column in filled]
    texts = [cell for cell in cells if cell_type(cell) == "text"]
    others = [cell for cell in cells if cell_type(cell) != "text"]
    if names_the_figure(cells):
        return False  # "Sum of Bed days" and "Column Labels"
    if len(filled) == 2 and (str(cells[0]).endswith(":") or _PIVOT_FILTER.fullmatch(str(cells[1]))):
        return False  # "Trust: Alder", or a filter above a pivot table
    # A stand-in for a number ("c", "x", "NULL") is a heading among headings.
    others = [cell for cell in others if not (isinstance(cell, str) and cell.isalpha())]
    # Nothing but 1, 2, 3 is any row of figures, unless years stand above or it leaves a corner.
    figures = not texts and not any(is_period(cell) or year_of(cell) for cell in others)
    if figures and not corner and not any(year_of(grid.at(row - 1, place)) for place in filled):
        return False
    one_of_them = len(others) == 1 and bool(texts) and (is_period(others[0]) or year_of(others[0]))
    return bool(texts or others) and bool(not others or one_of_them or in_sequence(others))


def _headings_at(
    grid: Grid,
    box: Area,
    row: int,
    below: Sequence[int],
    expected_words: set[str],
) -> Headings:
    lines: tuple[int, ...] = (row,)
    options = [_counted(grid, box, lines, below, expected_words)]
    while len(lines) < 3 and _is_upper(grid, box, lines[0]):
        lines = (lines[0] - 1, *lines)
        options.append(_counted(grid, box, lines, below, expected_words))
    return max(options, key=lambda option: (option.hits, len(option.lines)))


def _counted(
    grid: Grid, box: Area, lines: tuple[int, ...], below: Sequence[int], expected_words: set[str]
) -> Headings:
    """Headings with what speaks for them."""
    parts = _parts(grid, box, lines)
    contrast = 0
    for column, part in enumerate(parts, start=box.left):
        if part:
            here = cell_type(part[-1])
            under = common_type(grid.at(row, column) for row in below)
            contrast += under in ("number", "date") and here != under
            # Years over numbers: that they are in sequence was seen already.
            contrast += here == under == "number" and year_of(part[-1]) is not None
    hits = len(expected_words & {joined(part).casefold() for part in parts})
    return Headings(lines, parts, contrast, hits)


def _is_title_over(grid: Grid, upper: Headings, lower: Headings, places: list[int]) -> bool:
    """Whether of two rows that may both be headings, right below one another, the lower are."""
    cells = [grid.at(lower.row, place) for place in places]
    different = len({as_text(cell) for cell in cells}) == len(cells)
    below = lower.row == upper.row + 1 and lower.contrast > 0
    return below and different and not all_units(cells)


def _is_upper(grid: Grid, box: Area, row: int) -> bool:
    """Whether the row above a row of headings holds upper headings, and no title."""
    above = row - 1
    if above < box.top:
        return False
    places = grid.filled(above, box.left, box.right)
    if not places:
        return False
    cells = [grid.at(above, column) for column in places]
    if names_the_figure(cells) or any(not _fits_above(cell) for cell in cells):
        return False
    spans = _spans(grid, box, above, row)
    lower = grid.filled(row, box.left, box.right)
    if _tells_apart(cells, [grid.at(row, column) for column in places]):
        return True
    neighbours = pairwise(grid.cut(above, box.left, box.right))
    repeats = any(a is not None and a == b for a, b in neighbours)
    wide = [span for span in spans if span.width > 1] or repeats
    if len(spans) == 1 and wide and spans[0].left <= lower[0]:
        return False  # one line from the first column on is a title, however far it is merged
    over_blank = [column for column in places if column not in lower]
    # An upper heading beside lower ones fills their gaps; a title stands over the first.
    return bool(wide) or len(over_blank) == len(places)


def _tells_apart(above: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """Whether headings that come several times have different ones above: Q1, Q2 over Number."""
    again = None not in below and len(set(below)) < len(below)
    return again and len(set(zip(above, below, strict=True))) > len(set(below))


def _fits_above(cell: Cell) -> bool:
    if cell_type(cell) == "number":
        return year_of(cell) is not None
    text = as_text(cell) or ""
    return len(text) <= _LONGEST_UPPER and not text.endswith(":")


def _spans(grid: Grid, box: Area, row: int, below: int) -> list[Area]:
    """The columns over which each upper heading stands.

    Merged cells say it; without any, a heading reaches to the next one if there are several.
    """
    places = grid.filled(row, box.left, box.right)
    merged = {(area.top, area.left): area for area in grid.merged if area.top <= row <= area.bottom}
    across = [place for place in places if (area := merged.get((row, place))) and area.width > 1]
    spans = []
    for number, place in enumerate(places):
        right = place
        if area := merged.get((row, place)):
            right = min(area.right, box.right)
        elif not across and len(places) > 1:
            last = places[number + 1] - 1 if number + 1 < len(places) else box.right
            # What has nothing of its own below stands over itself alone.
            right = last if grid.at(below, place) is not None else place
        spans.append(Area(row, place, row, right))
    return spans


def _parts(grid: Grid, box: Area, lines: Sequence[int]) -> tuple[tuple[Cell, ...], ...]:
    """The headings of each column from the upper to the lowest."""
    columns: list[list[Cell]] = [[] for _ in range(box.left, box.right + 1)]
    for number, row in enumerate(lines):
        last = number == len(lines) - 1
        cells: dict[int, Cell] = {}
        if last:
            cells = {column: grid.at(row, column) for column in range(box.left, box.right + 1)}
        else:
            for span in _spans(grid, box, row, lines[number + 1]):
                for column in range(span.left, span.right + 1):
                    cells[column] = grid.at(row, span.left)
        for column, cell in cells.items():
            if cell is not None:
                columns[column - box.left].append(cell)
    return tuple(tuple(parts) for parts in columns)
