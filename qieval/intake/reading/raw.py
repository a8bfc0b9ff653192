"""The raw table: cells as they stand in the file, with the row numbers that a person sees.

Nothing is converted here. A cell is text, a number, a date or None (blank), so that each later
step can say what it did to which row.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from qieval.core.errors import DataError, listed

Cell = Any
"""str, int, float, date, datetime or None."""

# Blanks at the ends of a cell, with those that no one sees (no-break and zero-width spaces).
_SPACES = " \t\r\n\f\v\u00a0\u2007\u202f\u200b\ufeff"
_RUN_OF_SPACES = re.compile(f"[{_SPACES}]+")
_LIKE_A_SPACE = str.maketrans({"\u00a0": " ", "\u2007": " ", "\u202f": " "})


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as the file has it."""

    cells: pd.DataFrame  # raw cells under their headings; the index holds the row numbers
    notes: tuple[str, ...] = ()  # what was done to get it
    # Headings that stand over several columns: they cannot be used.
    repeated: frozenset[str] = frozenset()
    sheet: str | None = None  # the sheet of a workbook
    header: int = 1  # row number of the headings; 0 where the file has no such row
    # Rows that are no data: reason, how many, their numbers in words.
    left_out: tuple[tuple[str, int, str], ...] = ()
    totals: tuple[str, ...] = ()  # totals that were checked, and against what
    unread: tuple[str, ...] = ()  # sheets and tables of the file that were not read
    encoding: str | None = None  # the encoding of a text file
    semicolons: bool = False  # whether semicolons part the cells of a text file
    # Whether periods stood as headings, so that row numbers are not those of the file.
    turned: bool = False

    @property
    def rows_read(self) -> int:
        """Rows with anything in them, also those that are no data."""
        return len(self.cells) + sum(count for _, count, _ in self.left_out)

    def place(self, shown: str) -> str:
        """Where it is, for messages: the file, its sheet, and whether rows are counted anew."""
        sheet = f", sheet `{self.sheet}`" if self.sheet else ""
        return f"{shown}{sheet}{', turned to a row a period' if self.turned else ''}"


@functools.lru_cache(maxsize=10_000, typed=True)  # every cell that may be a heading again is asked
def tidy_heading(cell: Cell) -> str:
    """A heading on one line, without blanks at its ends."""
    return _RUN_OF_SPACES.sub(" ", as_text(tidy_cell(cell)) or "").strip()


def tidy_cell(cell: Cell) -> Cell:
    """A cell as text, number, date or None; what looks like a plain space is one.

    Raises DataError if it is something that no table cell should be (a list, a picture).
    """
    if isinstance(cell, str):
        text = cell.strip(_SPACES)
        return (text if text.isascii() else text.translate(_LIKE_A_SPACE)) or None
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, bool | np.bool_):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, float):
        return None if np.isnan(cell) else cell
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime(warn=False)
    if isinstance(cell, int | dt.date):  # a datetime is a date
        return cell
    if isinstance(cell, dt.time | dt.timedelta | Decimal):
        return str(cell)
    raise DataError(
        f"A cell holds a {type(cell).__name__}, which is no text, number or date.",
        remedy="Save the table with one plain value a cell.",
    )


def as_text(cell: Cell) -> str | None:
    """A cell as a person reads it: whole numbers without ``.0``, dates as 2024-02-29."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**63:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        midnight = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def name_columns(
    cells: pd.DataFrame, names: Sequence[str], notes: list[str]
) -> tuple[pd.DataFrame, frozenset[str]]:
    """Cells under their headings, and the headings that stand over several columns.

    `cells`: cells in columns that are called 0, 1, ….
    """
    kept, repeated = _names(list(names), cells, notes)
    return cells[list(kept)].set_axis(list(kept.values()), axis=1), repeated


def positions(rows: Mapping[int, Sequence[Cell]], width: int) -> pd.DataFrame:
    """Cells in columns that are called 0, 1, …; the index holds the row numbers."""
    return pd.DataFrame(
        [[*row[:width], *[None] * (width - len(row))] for row in rows.values()],
        index=pd.Index(list(rows), name="row", dtype="int64"),
        columns=range(width),
        dtype=object,
    )


def _names(
    headings: list[str], cells: pd.DataFrame, notes: list[str]
) -> tuple[dict[int, str], frozenset[str]]:
    """Position → name of each column worth keeping, and the headings that occur more than once."""
    counts = Counter(heading for heading in headings if heading)
    repeated = frozenset(heading for heading, count in counts.items() if count > 1)
    names: dict[int, str] = {}
    for position, heading in enumerate(headings):
        if heading and heading not in repeated:
            names[position] = heading
        elif heading or cells[position].notna().any():
            name = f"{heading} (column {position + 1})" if heading else f"column {position + 1}"
            names[position] = name if name not in counts else f"{name} without heading"
            if not heading:
                notes.append(f"Column {position + 1} has no heading: it is called `{name}`.")
    if repeated:
        notes.append(
            f"The same heading stands over several columns: {listed(sorted(repeated))}. "
            "Their places were added to their names."
        )
    return names, repeated
