"""From a source to a file on this computer, and from its ending to the reader of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qieval.core.config import settings_here
from qieval.core.errors import DataError, ParameterError, did_you_mean, listed
from qieval.core.workspace import digest_of, relative, resolve
from qieval.intake import opendata
from qieval.intake.origin import Origin, origin_of
from qieval.intake.reading.formats.delimited import read_delimited
from qieval.intake.reading.formats.workbook import read_sheets, read_workbook
from qieval.intake.reading.layout.grid import Grid
from qieval.intake.reading.layout.layout import lay_out
from qieval.intake.reading.raw import Cell, RawTable, tidy_cell
from qieval.intake.reading.request import Request

DELIMITED = (".csv", ".tsv", ".tab", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
PARQUET = (".parquet", ".pq")
ENDINGS = (*DELIMITED, *WORKBOOKS, *PARQUET)


def locate(source: str | Path) -> tuple[Path, str, Origin]:
    """The file, its name as shown, and where it comes from."""
    if published := opendata.split_source(source):
        name, file = published
        return opendata.path(name, file), str(source), opendata.origin(name)
    if not str(source).strip():
        raise ParameterError("No file is named.", remedy="Say which: `data/stays.csv`.")
    # Outside a workspace, as in a notebook on a desk, paths are relative to the folder one is in.
    path = resolve(source, settings_here()[1])
    try:
        shown = relative(path)
        there = path.is_file()
    except OSError as error:  # too long
        raise ParameterError(
            "This cannot be the name of a file.",
            found=f"{len(str(source)):,} characters",
            remedy="Give a path in the workspace, such as `data/stays.csv`.",
        ) from error
    if not there:
        raise _missing(path, shown)
    return path, shown, origin_of(path)


def read_raw(file: Path, *, sheet: str | int | None, request: Request) -> tuple[RawTable, str]:
    """The raw table of a file, and the file's digest.

    Raises DataError if the file cannot be opened or holds no table; ParameterError if a parameter
    does not suit the file.
    """
    cells, digest = cells_of(file, sheet=sheet, request=request)
    return laid_out(cells, request), digest


def laid_out(cells: Grid | RawTable, request: Request) -> RawTable:
    """The table on a sheet or in a text file; Parquet files hold theirs as it is."""
    return lay_out(cells, request) if isinstance(cells, Grid) else cells


def cells_of(
    file: Path, *, sheet: str | int | None, request: Request
) -> tuple[Grid | RawTable, str]:
    """What stands where in a file, and its digest; of a Parquet file the table itself.

    With a sheet named, nothing of the request matters but what it says in errors. Errors as of
    `read_raw`.
    """
    ending, shown = file.suffix.lower(), request.where
    if ending not in ENDINGS:
        raise DataError(
            f"Files ending in `{ending}` cannot be read."
            if ending
            else "The file's name has no ending that says what it is.",
            remedy=f"Save it as one of {listed(ENDINGS)}.",
            where=shown,
        )
    if sheet is not None and ending not in WORKBOOKS:
        raise ParameterError(
            "Only a workbook has sheets.", remedy="Leave out `sheet`.", where=shown
        )
    if ending in PARQUET:
        _refuse_layout(request)
    try:
        size = file.stat().st_size
        if size == 0:
            raise DataError("The file is empty (0 bytes).", where=shown)
        most = settings_here()[0].sheet_megabytes
        if size > most * 1e6 and ending not in PARQUET:
            raise DataError(
                "The file is too large to be read at once.",
                found=f"{size / 1e6:,.0f} MB; at most {most:,} MB are read",
                remedy="Save it as Parquet, which is read in pieces; or set `sheet_megabytes` in "
                "qieval.toml.",
                where=shown,
            )
        digest = digest_of(file)
        if ending in PARQUET:
            return read_parquet(file, where=shown), digest
        if ending in WORKBOOKS:
            return read_workbook(file, sheet=sheet, request=request), digest
        return read_delimited(file, where=shown), digest
    except OSError as error:
        raise DataError(
            "The file cannot be opened.",
            found=error.strerror,
            remedy="Check that you may read it, and that no other program holds it open.",
            where=shown,
        ) from error


def grids_of(file: Path, request: Request) -> list[Grid]:
    """The cells of every visible sheet with anything in it, or of a text file."""
    if file.suffix.lower() in WORKBOOKS:
        return read_sheets(file, request)
    if file.suffix.lower() in DELIMITED:
        return [read_delimited(file, where=request.where)]
    raise DataError(
        "Only workbooks and text files hold tables that must be looked for.",
        remedy=f"It takes files ending in {listed((*WORKBOOKS, *DELIMITED))}.",
        where=request.where,
    )


def _refuse_layout(request: Request) -> None:
    """Refuse parameters that say where something stands on a sheet: Parquet has columns only."""
    sheets_only = ("header", "table", "merged", "rows_are", "years", "fill_down", "period_of_file")
    for name in sheets_only:
        if value := getattr(request, name):
            raise ParameterError(
                "A Parquet file has no row of headings and no layout of its own.",
                found=f"`{name}: {value}`",
                remedy=f"Leave out `{name}`.",
                where=request.where,
            )


def _missing(path: Path, shown: str) -> DataError:
    if path.is_dir():
        return DataError(
            "This is a folder, not a file.",
            found=f"in it: {listed(_tables_in(path)) if _tables_in(path) else 'no data files'}",
            where=shown,
        )
    folder = "the workspace" if (near := relative(path.parent)) == "." else f"`{near}`"
    if not path.parent.is_dir():
        return DataError(
            f"There is no such file: its folder {folder} does not exist either.",
            remedy="Paths are relative to the workspace, the folder that holds `params/`.",
            where=shown,
        )
    present = _tables_in(path.parent)
    data = path.parent / "data"
    if not present and data.is_dir() and (below := _tables_in(data)):
        return DataError(
            f"There is no such file in {folder}; its folder `data` holds some.",
            found=listed(f"data/{name}" for name in below),
            remedy=did_you_mean(path.name, below, spelt="data/{}")
            or "Name one of these, with its folder.",
            where=shown,
        )
    elsewhere = "Paths are relative to the workspace, the folder that holds `params/`."
    return DataError(
        "There is no such file.",
        found=f"in {folder}: {listed(present)}" if present else f"no data files in {folder}",
        remedy=did_you_mean(path.name, present, elsewhere),
        where=shown,
    )


def _tables_in(folder: Path) -> list[str]:
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.suffix.lower() in ENDINGS and not entry.name.startswith(("~$", "."))
    )


def read_parquet(file: Path, *, where: str) -> RawTable:
    """Raw cells of a Parquet file.

    Raises DataError if it is no Parquet file, has no rows, holds something else than plain values,
    or too much: what repeats takes no room in such a file, and all of memory when it is read.
    """
    try:
        with pq.ParquetFile(file, read_dictionary=_texts(pq.read_schema(file))) as opened:
            rows, schema = opened.metadata.num_rows, opened.schema_arrow
            _refuse_too_much(rows, schema, where)
            table = opened.read()
            _refuse_long_texts(table, where)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise DataError(
            "The Parquet file cannot be opened: it is damaged, or no Parquet file.", where=where
        ) from error
    if rows == 0:
        raise DataError("There are no rows in it.", where=where)
    # pandas keeps its row labels as a column of this name; they are no data.
    names = [name for name in table.column_names if not name.startswith("__index_level_")]
    if len(set(names)) < len(names):
        raise DataError("Two columns have the same name.", found=listed(names), where=where)
    index = pd.RangeIndex(1, rows + 1, name="row")
    cells = pd.DataFrame(
        {
            name: pd.Series(_tidy_cells(table.column(name)), index=index, dtype=object)
            for name in names
        },
        index=index,
    )
    return RawTable(cells, header=0)


def _texts(schema: pa.Schema) -> list[str]:
    """The columns of text, each different text of which is then held once."""
    return [field.name for field in schema if pa.types.is_string(field.type)]


def _refuse_too_much(rows: int, schema: pa.Schema, where: str) -> None:
    if nested := [field.name for field in schema if pa.types.is_nested(field.type)]:
        raise DataError(
            "Columns of the Parquet file hold lists or structures, which are no plain values.",
            found=f"columns {listed(nested)}",
            remedy="Save the table with one plain value a cell.",
            where=where,
        )
    most = settings_here()[0].sheet_cells
    if rows * len(schema) > most:
        raise DataError(
            "The table is too big to be read into memory.",
            found=f"{rows:,} rows of {len(schema):,} columns; at most {most:,} cells are read",
            remedy="Save one that is added up, such as one row a month and ward; or, if this "
            "computer has the memory, set `sheet_cells` in qieval.toml.",
            where=where,
        )


def _refuse_long_texts(table: pa.Table, where: str) -> None:
    """Refuse text that would be more than a file may hold if every cell were written out."""
    letters = 0
    for column in table.columns:
        for chunk in column.chunks:
            if pa.types.is_dictionary(chunk.type):
                lengths = pc.utf8_length(chunk.dictionary)
                letters += pc.sum(pc.cast(lengths.take(chunk.indices), "int64")).as_py() or 0
    most = settings_here()[0].sheet_megabytes
    if letters > most * 1e6:
        raise DataError(
            "The text of the table is too much to be read into memory.",
            found=f"{letters / 1e6:,.0f} million letters; at most {most:,} are read",
            remedy="Leave out columns of long text; or, if this computer has the memory, set "
            "`sheet_megabytes` in qieval.toml.",
            where=where,
        )


def _tidy_cells(column: pa.ChunkedArray) -> list[Cell]:
    """The cells of a column; of a text that repeats there is one for all of its rows."""
    cells: list[Cell] = []
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            texts = [tidy_cell(text) for text in chunk.dictionary.to_pylist()]
            cells += [None if n is None else texts[n] for n in chunk.indices.to_pylist()]
        else:
            cells += [tidy_cell(cell) for cell in chunk.to_pylist()]
    return cells
