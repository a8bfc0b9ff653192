"""The grid: what stands where on a sheet or in a text file, before anybody says what it means."""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from qieval.intake.reading.raw import Cell, tidy_heading


@dataclass(frozen=True, order=True)
class Area:
    """A rectangle of cells; rows and columns are counted from 1, both ends belong to it."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first = f"{letters(self.left)}{self.top}"
        last = f"{letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    @property
    def width(self) -> int:
        """How many columns it has."""
        return self.right - self.left + 1

    @property
    def height(self) -> int:
        """How many rows it has."""
        return self.bottom - self.top + 1


@dataclass(frozen=True)
class SheetFacts:
    """What is known of a sheet besides its cells; rows and columns are counted from 1."""

    # Row and column → the error that stands there (``#DIV/0!``).
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    # Lines that are not shown.
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    # Row and column of formulas without a stored result.
    uncalculated: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[Area, ...] | None = None  # merged cells; None where calamine knows them
    # Last row and column with anything in them, as far as the file says; zeros: not known.
    last: tuple[int, int] = (0, 0)
    filled: int | None = None  # how many cells hold something; None: not known
    notes: tuple[str, ...] = ()  # what was decided


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a sheet or text file."""

    # Tidy cells (None: blank) of every row from row 1 on; rows of a text file may differ in length.
    rows: list[list[Cell]]
    where: str  # the file (and sheet), as shown
    sheet: str | None = None  # the sheet of a workbook
    merged: tuple[Area, ...] = ()  # merged cells; only the first holds something
    # Rows and columns that a person does not see.
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    # Row and column of each formula without a stored result.
    uncalculated: frozenset[tuple[int, int]] = frozenset()
    delimited: bool = False  # whether it is a text file
    semicolons: bool = False  # whether semicolons part its cells, as where commas are decimal
    unended: bool = False  # whether the last line of a text file just stops
    encoding: str | None = None  # the encoding of a text file
    notes: tuple[str, ...] = ()  # what was decided so far
    unread: tuple[str, ...] = ()  # sheets that were not read

    def at(self, row: int, column: int) -> Cell:
        """The cell in a row and column; None outside."""
        if not 1 <= row <= len(self.rows):
            return None
        cells = self.rows[row - 1]
        return cells[column - 1] if 1 <= column <= len(cells) else None

    def cut(self, row: int, left: int, right: int) -> list[Cell]:
        """The cells of a row from one column to another."""
        cells = self.rows[row - 1][left - 1 : right]
        return cells + [None] * (right - left + 1 - len(cells))

    def filled(self, row: int, left: int, right: int) -> list[int]:
        """The columns of a row that hold something."""
        columns = self._filled[row - 1]
        return columns[bisect_left(columns, left) : bisect_right(columns, right)]

    @functools.cached_property
    def _filled(self) -> list[list[int]]:
        """Of each row the columns that hold something: they are asked for again and again."""
        return [[n for n, cell in enumerate(row, 1) if cell is not None] for row in self.rows]

    def filled_rows(self, box: Area) -> list[int]:
        """The rows of a box that hold something."""
        rows = range(box.top, box.bottom + 1)
        return [row for row in rows if self.filled(row, box.left, box.right)]

    def extent(self) -> Area | None:
        """The smallest rectangle around everything; None if there is nothing."""
        return self._extent

    @functools.cached_property
    def _extent(self) -> Area | None:
        rows = [number for number, row in enumerate(self.rows, 1) if any_filled(row)]
        if not rows:
            return None
        width = max(map(len, self.rows))
        columns = {column for number in rows for column in self.filled(number, 1, width)}
        return Area(rows[0], min(columns), rows[-1], max(columns))


def any_filled(cells: Iterable[Cell]) -> bool:
    """Whether any cell holds something."""
    return any(cell is not None for cell in cells)


def letters(column: int) -> str:
    """A column as a spreadsheet names it: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each run of consecutive whole numbers."""
    ends: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ends and number == ends[-1][1] + 1:
            ends[-1] = (ends[-1][0], number)
        else:
            ends.append((number, number))
    return ends


def joined(parts: Sequence[Cell]) -> str:
    """Upper and lower headings on one line: "Upper: Lower"."""
    texts = [tidy_heading(part) for part in parts]
    return ": ".join(text for place, text in enumerate(texts) if text and text not in texts[:place])


@dataclass(eq=False)
class Draft:
    """A table on its way: cells in columns 0, 1, …, and the headings of each column."""

    cells: pd.DataFrame  # raw cells; the index holds the row numbers
    parts: list[tuple[Cell, ...]]  # for each column its headings, upper to lower
    notes: list[str]  # what was decided
    turned: bool = False  # whether rows are no longer those of the file

    @property
    def names(self) -> list[str]:
        """The heading of each column on one line."""
        return [joined(part) for part in self.parts]

    def add(self, name: str, cells: Sequence[Cell]) -> None:
        """Set a column, or add it at the end."""
        place = self.names.index(name) if name in self.names else len(self.parts)
        if place == len(self.parts):
            self.parts.append((name,))
        self.cells = self.cells.copy()
        self.cells[place] = pd.Series(list(cells), index=self.cells.index, dtype=object)

    def drop(self, name: str) -> None:
        """Take a column out."""
        place = self.names.index(name)
        kept = [other for other in range(len(self.parts)) if other != place]
        self.parts = [self.parts[other] for other in kept]
        self.cells = self.cells[kept].set_axis(range(len(kept)), axis=1)


def known(cells: pd.Series) -> list[Cell]:
    """The cells that hold something."""
    return [cell for cell in cells if cell is not None]


def mostly(cells: Sequence[Cell], holds: Callable[[Cell], object]) -> bool:
    """Whether something holds for more than half of the cells; not if there are none."""
    return bool(cells) and 2 * sum(bool(holds(cell)) for cell in cells) > len(cells)
