"""Excel and OpenDocument workbooks to a grid of cells: which sheet, and what it holds."""

from __future__ import annotations

import functools
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from qieval.core.errors import DataError, ParameterError, did_you_mean, listed
from qieval.core.words import many
from qieval.intake.reading.formats import biff
from qieval.intake.reading.formats.apart import apart
from qieval.intake.reading.formats.sheet_facts import (
    facts_of_sheets,
    refuse_too_far,
    refuse_too_large_inside,
)
from qieval.intake.reading.layout.choose import fits, in_words, tables_of
from qieval.intake.reading.layout.grid import Area, Grid, SheetFacts
from qieval.intake.reading.raw import tidy_cell
from qieval.intake.reading.request import Request

T = TypeVar("T")

HELP_TITLE = "How to fill in the sheet Data"
"""What the sheet that explains a template of ours begins with."""

# What calamine and the standard library's zip reader raise on damaged files.
_DAMAGED = (
    CalamineError,
    biff.DamagedError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
)


def read_workbook(file: Path, *, sheet: str | int | None, request: Request) -> Grid:
    """The cells of one sheet.

    `sheet`: name of the sheet, or its place (1 is the first). None: the only one with such a table.

    Raises DataError if it cannot be opened, holds no data, or several sheets may be meant;
    ParameterError if the sheet that was named is not there.
    """
    book = _opened(file, request.where, sheet)
    if sheet is not None:
        return _said(book, next(iter(book.grids.values())), [])
    return _chosen(book, request)


def read_sheets(file: Path, request: Request) -> list[Grid]:
    """The cells of every visible sheet that holds anything. Errors as of `read_workbook`."""
    return [grid for grid in _opened(file, request.where, None).grids.values() if grid.extent()]


@dataclass(frozen=True)
class _Book:
    """What a workbook holds."""

    where: str
    names: list[str]  # of all sheets
    hidden: list[str]  # of those that a person does not see
    grids: dict[str, Grid]  # the sheet that was named, or every visible one


_KEPT: ContextVar[dict[tuple[Path, str | int | None], _Book] | None] = ContextVar(
    "kept", default=None
)


@contextmanager
def opened_once() -> Iterator[None]:
    """Within it a sheet is read once, however often it is asked for while a proposal is made."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def _opened(file: Path, where: str, sheet: str | int | None) -> _Book:
    """The sheet that is named, or every visible one."""
    kept = _KEPT.get()
    if kept is not None and (file, sheet) in kept:
        return kept[file, sheet]
    book = _within_limits(_read, file, where, sheet)
    if kept is not None:
        kept[file, sheet] = book
        if [*book.grids] == [name for name in book.names if name not in book.hidden]:
            kept[file, None] = book  # with no sheet named it is the one that is meant
    return book


def visible_sheets(file: Path, where: str) -> list[str]:
    """The names of the sheets that a person sees. Raises DataError if it cannot be opened."""
    return _within_limits(_seen, file, where)


def _within_limits(function: Callable[..., T], file: Path, where: str, *more: Any) -> T:
    """What a function says of a workbook: none that is too large, a large one by a child."""
    if refuse_too_large_inside(file, where) > _LARGE:
        return apart(function, file, where, *more, where=where)
    return function(file, where, *more)


def _seen(file: Path, where: str) -> list[str]:
    with _source(file, where) as source:
        return [name for name, hidden in source.hidden.items() if not hidden]


def _read(file: Path, where: str, sheet: str | int | None) -> _Book:
    with _source(file, where) as source:
        return _sheets_of(source, where, sheet)


@contextmanager
def _source(file: Path, where: str) -> Iterator[_Source]:
    """The opened workbook; what goes wrong inside becomes a clear error."""
    damaged = DataError(
        "The workbook cannot be opened: it is damaged, or no workbook.",
        remedy="Open it in Excel and save it again as `.xlsx`.",
        where=where,
    )
    try:
        if zipfile.is_zipfile(file):
            with load_workbook(file) as book:
                yield _new(book, file)
        else:
            yield _old(file)
    except (PasswordError, biff.ProtectedError) as error:
        raise _protected(where) from error
    except _DAMAGED as error:
        raise damaged from error
    except BaseException as error:
        # calamine's own code panics on some damaged files, which is no `Exception` in Python.
        if type(error).__name__ == "PanicException":
            raise damaged from error
        raise


_LARGE = 30e6
"""Bytes, unpacked, from which on a child reads the workbook: its start costs about a second."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The name of the part in which Office keeps a workbook that has a password."""


def _protected(where: str) -> DataError:
    return DataError(
        "The workbook is protected: it has a password.",
        remedy="Save a copy without a password in a safe place.",
        where=where,
    )


Cells = tuple[Sequence[Sequence[Any]], tuple[Area, ...]]
"""The rows of a sheet, and its merged cells."""


@dataclass(frozen=True)
class _Source:
    """An opened workbook: its sheets, and what can be asked of each by name."""

    hidden: dict[str, bool]  # name of each sheet → whether a person does not see it
    facts: Callable[[str], SheetFacts]
    cells: Callable[[str], Cells]


def _old(file: Path) -> _Source:
    """A workbook as Excel wrote it until 2003."""
    content = file.read_bytes()
    if _ENCRYPTED in content:
        raise biff.ProtectedError
    book = biff.opened(content)
    sheets = {sheet.name: sheet for sheet in book.sheets()}
    return _Source(
        {name: bool(sheet.visibility) for name, sheet in sheets.items()},
        lambda name: biff.facts_of(book, sheets[name]),
        lambda name: (biff.rows_of(book, sheets[name]), biff.merged_in(sheets[name])),
    )


def _new(book: CalamineWorkbook, file: Path) -> _Source:
    """A workbook in a package of parts: `.xlsx`, `.xlsm`, `.xlsb`, `.ods`."""
    sheets = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    facts = functools.cache(facts_of_sheets(file, [meta.name for meta in sheets]))

    def cells(name: str) -> Cells:
        sheet, merged = book.get_sheet_by_name(name), facts(name).merged
        if merged is None:
            merged = tuple(
                Area(top + 1, left + 1, bottom + 1, right + 1)
                for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
            )
        return sheet.to_python(skip_empty_area=False), merged

    hidden = {meta.name: meta.visible != SheetVisibleEnum.Visible for meta in sheets}
    return _Source(hidden, facts, cells)


def _sheets_of(source: _Source, where: str, sheet: str | int | None) -> _Book:
    """Read the sheets that are wanted, and no more cells than may be held at once."""
    names = list(source.hidden)
    hidden = [name for name in names if source.hidden[name]]
    visible = [name for name in names if name not in hidden]
    wanted = visible if sheet is None else [_named(sheet, names, where)]
    places = {name: f"{where}, sheet `{name}`" for name in wanted}
    facts = {name: source.facts(name) for name in wanted}
    cells = 0
    for name in wanted:
        cells += facts[name].last[0] * facts[name].last[1]
        refuse_too_far(facts[name], cells, places[name])
    grids = {name: _grid(source.cells(name), facts[name], name, places[name]) for name in wanted}
    return _Book(where, names, hidden, grids)


def _grid(cells: Cells, facts: SheetFacts, name: str, where: str) -> Grid:
    """The cells of a sheet, as they are shown."""
    rows = [[tidy_cell(cell) for cell in row] for row in cells[0]]
    for (row, column), says in facts.errors.items():
        _put(rows, row, column, says)
    return Grid(
        rows,
        where,
        sheet=name,
        merged=tuple(sorted(cells[1])),
        hidden_rows=facts.hidden_rows,
        hidden_columns=facts.hidden_columns,
        uncalculated=facts.uncalculated,
        notes=facts.notes,
    )


def _put(rows: list[list[object]], row: int, column: int, says: str) -> None:
    """Set a cell; the errors at the end of a sheet lie outside of what calamine hands over."""
    while len(rows) < row:
        rows.append([])
    cells = rows[row - 1]
    cells += [None] * (column - len(cells))
    cells[column - 1] = says


def _chosen(book: _Book, request: Request) -> Grid:
    """The one visible sheet that holds the table."""
    filled = {
        name: grid for name, grid in book.grids.items() if grid.extent() and not _is_help(grid)
    }
    if not filled:
        hidden = f"; hidden: {listed(book.hidden)}" if book.hidden else ""
        raise DataError(
            "No sheet holds data.", found=f"sheets: {listed(book.names)}{hidden}", where=book.where
        )
    name, notes = _choose(filled, request, book)
    return _said(book, filled[name], notes)


def _is_help(grid: Grid) -> bool:
    """Whether a sheet is the one that explains our own template, and holds no data."""
    return bool(grid.rows) and HELP_TITLE in grid.rows[0][:1]


def _said(book: _Book, grid: Grid, notes: list[str]) -> Grid:
    """The grid, with what has to be said about the other sheets."""
    others = [name for name in book.names if name != grid.sheet]
    hidden = [name for name in others if name in book.hidden]
    if hidden:
        notes = [*notes, f"Hidden sheets were not read: {listed(hidden)}."]
    if grid.sheet in book.hidden:
        notes = [*notes, f"Sheet `{grid.sheet}` is hidden; it was read because it was named."]
    unread = tuple(f"sheet `{name}`{' (hidden)' * (name in hidden)}" for name in others)
    return replace(grid, notes=(*notes, *grid.notes), unread=unread)


def _choose(grids: dict[str, Grid], request: Request, book: _Book) -> tuple[str, list[str]]:
    names = list(grids)
    if len(names) == 1:
        only = len(book.names) > 1
        return names[0], [f"Sheet `{names[0]}` was read: the only one with data."] * only
    tables = {name: tables_of(grid, request) for name, grid in grids.items()}
    fitting = [
        name for name in names if any(fits(grids[name], block, request) for block in tables[name])
    ]
    if len(fitting) == 1:
        note_of_choice = f"Sheet `{fitting[0]}` was read: the only one with the columns asked for."
        return fitting[0], [note_of_choice]
    proposed = (fitting or names)[0]
    lines = "".join(
        f"\n  `{name}`: "
        + ("; ".join(in_words(grids[name], block) for block in tables[name]) or "no table")
        for name in fitting or names
    )
    none = f", and none has all the columns asked for ({listed(request.headings_needed)})"
    note = request.at(book.where).ask(
        f"Several sheets hold data{'' if fitting else none}.",
        found=f"{many(len(fitting or names), 'sheet')}:{lines}",
        remedy=f"Say which one to read: `sheet: {proposed.strip()}`.",
        proposal=f"Sheet `{proposed}` was read.",
        settles={"sheet": proposed.strip()},
        proposes=bool(fitting),  # without a sheet that fits there is nothing to propose
    )
    return proposed, [note]


def _named(sheet: str | int, names: list[str], where: str) -> str:
    # A sheet may be called 2019, which YAML reads as a number: names come before places.
    if str(sheet) in names:
        return str(sheet)
    # Blanks at the ends of a name are seen by nobody, and YAML does not keep them.
    alike = [name for name in names if name.strip() == str(sheet).strip()]
    if len(alike) == 1:
        return alike[0]
    if isinstance(sheet, int) and 1 <= sheet <= len(names):
        return names[sheet - 1]
    raise ParameterError(
        f"The workbook has no sheet `{sheet}`.",
        found=f"sheets: {listed(names)}",
        remedy=did_you_mean(str(sheet), names, spelt="sheet: {}"),
        where=where,
    )
