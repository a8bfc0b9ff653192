"""`qi.tables`: every table that a person would see in a file, before anything is read."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from qieval.core.errors import DataError, QievalError
from qieval.core.words import many
from qieval.intake.proposals import kind_of
from qieval.intake.reading.files import grids_of, locate
from qieval.intake.reading.layout.blocks import Block
from qieval.intake.reading.layout.cell_types import cell_type, is_period, year_of
from qieval.intake.reading.layout.choose import tables_of
from qieval.intake.reading.layout.grid import Grid
from qieval.intake.reading.layout.layout import lay_out
from qieval.intake.reading.raw import RawTable, tidy_heading
from qieval.intake.reading.request import Request
from qieval.intake.tables import KINDS

_CORNER_ROWS, _CORNER_COLUMNS, _LONGEST = 4, 6, 14
COLUMNS = ["sheet", "table", "range", "title", "rows", "columns", "kind", "periods", "confidence"]


@dataclass(frozen=True, eq=False)
class FoundTable:
    """One table of a file.

    Attributes
    ----------
    sheet : str
        Its sheet; blank for a text file.
    table : int
        Its number on the sheet, as `table` of :func:`qieval.read` takes it.
    range : str
        Where it stands (``A3:M20``).
    title : str
        The line above its headings; blank where there is none.
    rows, columns : int
        Its rows under the headings, and its columns.
    kind : str
        What it seems to be; blank where nothing fits.
    periods : str
        Where its periods stand: in a column, as headings, or blank.
    confidence : str
        "clear", "with questions" or "unclear": whether reading it would ask.
    corner : DataFrame
        Its first headings, and below them what their cells hold (never a cell of the file).
    """

    sheet: str
    table: int
    range: str
    title: str
    rows: int
    columns: int
    kind: str
    periods: str
    confidence: str
    corner: pd.DataFrame


@dataclass(frozen=True, eq=False)
class FoundTables:
    """Every table of a file, from the first sheet to the last."""

    source: str
    tables: tuple[FoundTable, ...]

    def __iter__(self) -> Iterator[FoundTable]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def table(self) -> pd.DataFrame:
        """One row a table."""
        rows = [[getattr(one, name) for name in COLUMNS] for one in self.tables]
        return pd.DataFrame(rows, columns=COLUMNS)

    def __str__(self) -> str:
        lines = [f"{self.source}: {many(len(self.tables), 'table')}"]
        for one in self.tables:
            lines.append(f"\n{_in_words(one)}\n{one.corner.to_string(index=False)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        parts = [f"<p>{html.escape(self.source)}: {many(len(self.tables), 'table')}</p>"]
        for one in self.tables:
            parts.append(f"<p>{html.escape(_in_words(one))}</p>{one.corner.to_html(index=False)}")
        return "".join(parts)


def _in_words(one: FoundTable) -> str:
    where = f"sheet `{one.sheet}`, " if one.sheet else ""
    title = f" “{one.title}”" if one.title else ""
    seems = f"seems to be {one.kind} ({one.confidence})" if one.kind else "of no known kind"
    periods = f", periods {one.periods}" if one.periods else ""
    return (
        f"{where}table {one.table}{title}, {one.range}: {many(one.rows, 'row')}, "
        f"{many(one.columns, 'column')}; {seems}{periods}"
    )


def tables(file: str | Path) -> FoundTables:
    """Every table that a person would see in a file.

    Parameters
    ----------
    file : str or path
        A CSV, TSV, Excel or OpenDocument file, relative to the workspace; or ``open-data:<name>``.

    Returns
    -------
    FoundTables
        One entry a table, with a small picture of its corner; `table()` is the list as a DataFrame.

    Raises
    ------
    DataError
        If the file cannot be opened, or holds nothing.
    """
    path, shown, _ = locate(file)
    request = Request(KINDS["series"], where=shown, file=path.stem, strict=False)
    found = [
        _found(grid, block, number, request)
        for grid in grids_of(path, request)
        for number, block in enumerate(tables_of(grid, request), start=1)
    ]
    if not found:
        raise DataError("There is no table in it.", where=shown)
    return FoundTables(shown, tuple(found))


def _found(grid: Grid, block: Block, number: int, request: Request) -> FoundTable:
    kind, confidence = _kind_and_confidence(grid, number, request)
    headings = [part[-1] if part else None for part in block.headings.parts]
    beside = [cell for cell in headings if is_period(cell) or year_of(cell)]
    down = any(
        2 * sum(is_period(grid.at(row, column)) for row in block.rows) > len(block.rows)
        for column in range(block.area.left, block.area.right + 1)
    )
    periods = "as headings" if len(beside) > 1 else "in a column" if down else ""
    rows = sum(bool(grid.filled(row, block.area.left, block.area.right)) for row in block.rows)
    return FoundTable(
        grid.sheet or "",
        number,
        str(block.area),
        block.title(grid)[:60],
        rows,
        block.headings.columns,
        kind,
        periods,
        confidence,
        _corner(grid, block),
    )


def _kind_and_confidence(grid: Grid, number: int, request: Request) -> tuple[str, str]:
    """The kind for which most speaks, and whether laying it out leaves anything open."""
    requests: dict[str, Request] = {}
    raws: dict[str, RawTable] = {}
    for kind in KINDS.values():
        asked = Request(kind, where=request.where, file=request.file, table=number, strict=False)
        try:
            raws[kind.name] = lay_out(grid, asked)
        except QievalError:
            continue  # it is no table of this kind
        requests[kind.name] = asked
    kind_found = kind_of(raws, request.where)
    if kind_found is None:
        return "", "unclear"
    questions = requests[kind_found.name].questions
    return kind_found.name, "with questions" if questions else "clear"


def _corner(grid: Grid, block: Block) -> pd.DataFrame:
    last = min(block.area.right, block.area.left + _CORNER_COLUMNS - 1)
    columns = range(block.area.left, last + 1)
    names = [tidy_heading(name)[:_LONGEST] for name in block.headings.names[: len(columns)]]
    rows = [row for row in block.rows if grid.filled(row, block.area.left, block.area.right)]
    cells = [[cell_type(grid.at(row, column)) for column in columns] for row in rows[:_CORNER_ROWS]]
    return pd.DataFrame(cells, columns=names)
