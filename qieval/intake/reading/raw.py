"""The raw table: cells as they stand in the file, with the row numbers that a person sees.

Nothing is converted here. A cell is text, a number, a date or None (blank), so that each later
step can say what it did to which row.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from qieval.core.errors import DataError, listed
from qieval.intake.tables.faults import row_numbers

Cell = Any
"""str, int, float, date, datetime or None."""

# Blanks at the ends of a cell, with those that no one sees (no-break and zero-width spaces).
_SPACES = " \t\r\n\f\v\u00a0\u2007\u202f\u200b\ufeff"
_RUN_OF_SPACES = re.compile(f"[{_SPACES}]+")


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as the file has it.

    Attributes
    ----------
    cells : DataFrame
        Raw cells under their headings; the index holds the row numbers.
    notes : tuple of str
        What was done to get it.
    repeated : frozenset of str
        Headings that stand over several columns: they cannot be used.
    sheet : str or None
        The sheet of a workbook.
    header : int
        Row number of the headings; 0 where the file has no such row.
    """

    cells: pd.DataFrame
    notes: tuple[str, ...] = ()
    repeated: frozenset[str] = frozenset()
    sheet: str | None = None
    header: int = 1


def tidy_heading(cell: Cell) -> str:
    """A heading on one line, without blanks at its ends."""
    return _RUN_OF_SPACES.sub(" ", as_text(tidy_cell(cell)) or "").strip()


def tidy_cell(cell: Cell) -> Cell:
    """A cell as text, number, date or None.

    Raises
    ------
    DataError
        If it is something that no table cell should be (a list, a picture).
    """
    if isinstance(cell, str):
        return cell.strip(_SPACES) or None
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


def raw_table(
    rows: Sequence[Sequence[Cell]],
    *,
    header: int,
    where: str,
    sheet: str | None = None,
    notes: Sequence[str] = (),
) -> RawTable:
    """A raw table from the rows of a file or sheet, the first of which is row 1.

    Parameters
    ----------
    rows : sequence of sequences
        Every row, also those above the headings and blank ones.
    header : int
        Row number of the headings.
    where : str
        The file (and sheet), as shown.
    sheet : str, optional
        The sheet.
    notes : sequence of str
        What was decided before.

    Raises
    ------
    DataError
        If there are no headings, no rows under them, or rows with more cells than headings.
    """
    headings = _headings(rows, header, where)
    numbers, table, blank, short = [], [], [], []
    for number, row in enumerate(rows[header:], start=header + 1):
        tidy = [tidy_cell(cell) for cell in row]
        if all(cell is None for cell in tidy):
            blank.append(number)
            continue
        if len(tidy) < len(headings):
            short.append(number)
            tidy += [None] * (len(headings) - len(tidy))
        numbers.append(number)
        table.append(tidy)
    if not table:
        raise DataError(
            f"There are no rows under the headings (row {header}).",
            remedy="Check that the file was saved with its data.",
            where=where,
        )
    _refuse_longer_rows(numbers, table, len(headings), where)
    notes = list(notes)
    if between := [number for number in blank if number < numbers[-1]]:
        notes.append(f"Blank rows were passed over ({row_numbers(between, most=5)}).")
    if short:
        notes.append(
            "Rows with fewer cells than headings: the last cells count as blank "
            f"({row_numbers(short, most=5)})."
        )
    cells = pd.DataFrame(
        [row[: len(headings)] for row in table],
        index=pd.Index(numbers, name="row", dtype="int64"),
        columns=range(len(headings)),
        dtype=object,
    )
    names, repeated = _names(headings, cells, notes)
    cells = cells[list(names)].set_axis(list(names.values()), axis=1)
    return RawTable(cells, tuple(notes), repeated, sheet, header)


def _headings(rows: Sequence[Sequence[Cell]], header: int, where: str) -> list[str]:
    headings = [tidy_heading(cell) for cell in rows[header - 1]] if header <= len(rows) else []
    if any(headings):
        return headings
    filled = [n for n, row in enumerate(rows[:20], start=1) if any(map(tidy_heading, row))]
    if not filled:
        raise DataError("There is nothing in it.", where=where)
    raise DataError(
        f"Row {header}, where the headings should be, is blank.",
        remedy=f"Say which row holds the headings: `header: {filled[0]}`.",
        where=where,
    )


def _refuse_longer_rows(
    numbers: list[int], table: list[list[Cell]], width: int, where: str
) -> None:
    longer = [
        number
        for number, row in zip(numbers, table, strict=True)
        if len(row) > width and any(cell is not None for cell in row[width:])
    ]
    if longer:
        raise DataError(
            "There are more cells in a row than headings.",
            found=f"{width} headings; more cells in {row_numbers(longer)}",
            remedy='Put cells that hold a comma in "quotes", or say which row holds the headings '
            "(`header: 3`).",
            where=where,
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
