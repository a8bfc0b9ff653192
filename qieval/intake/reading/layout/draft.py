"""A table on its way from the grid to named columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from qieval.intake.reading.layout.headings import joined
from qieval.intake.reading.raw import Cell


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
