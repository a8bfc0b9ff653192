"""Where a table is that is not read into memory: Parquet files, or a database by its address."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from qieval.core.errors import DataError, ParameterError, listed
from qieval.core.late import BaseBackend, ir
from qieval.core.workspace import digest_of, relative, resolve
from qieval.intake.backends import FILE_ROW, connect, is_address, shown
from qieval.intake.origin import Origin, origin_of
from qieval.intake.reading.files import PARQUET

MOST_IN_MEMORY = 500_000
"""Rows of a Parquet file about people that are still read into memory."""


@dataclass(frozen=True)
class RemoteTable:
    """A table that is not in memory."""

    table: ir.Table  # under its own headings; with ``file_row`` if it is one file
    database: BaseBackend  # where it is
    shown: str  # its name as shown: no user, no password, no folder of this computer
    origin: Origin  # where it comes from
    # sha256 of the files. None: there is no file.
    digest: str | None
    digest_of: str  # what the digest is of, in words


def is_elsewhere(source: str | Path) -> bool:
    """Whether a source is a database, several Parquet files, or one too big for memory."""
    if is_address(source) or "*" in str(source):
        return True
    path = resolve(source)
    if path.is_dir():
        return any(path.glob("*.parquet"))
    if path.suffix.lower() not in PARQUET or not path.is_file():
        return False
    try:
        return int(pq.ParquetFile(path).metadata.num_rows) > MOST_IN_MEMORY
    except (OSError, ValueError):  # damaged: the reader of files says what is wrong
        return False


def place_of(source: str | Path) -> RemoteTable:
    """The table that a source names.

    Raises DataError if there is no such table or file; ParameterError if an address does not say
    which table, or cannot be opened.
    """
    return _by_address(str(source)) if is_address(source) else _of_files(source)


def _by_address(source: str) -> RemoteTable:
    address, _, name = source.partition("#")
    if not name:
        raise ParameterError(
            "The address does not say which table.",
            found=f"`{shown(address)}`",
            remedy="Write the table behind a `#`: `postgres://user@host/database#schema.table`.",
            where="source",
        )
    database = connect(address)
    *within, table = name.split(".")
    place = f"{shown(address)}#{name}"
    try:
        named_table = database.table(table, database=tuple(within) or None)
    except Exception as error:  # every database has its own way of saying: not there
        raise DataError(
            "There is no such table in the database, or you may not read it.",
            found=_tables_in(database, within),
            where=place,
        ) from error
    return RemoteTable(named_table, database, place, Origin(title=name), None, "the table's totals")


def _tables_in(database: BaseBackend, within: list[str]) -> str | None:
    try:
        return f"tables {listed(sorted(database.list_tables(database=tuple(within) or None)))}"
    except Exception:  # no such schema either, or no right to list: the message says enough
        return None


def _of_files(source: str | Path) -> RemoteTable:
    pattern = resolve(source)
    if pattern.is_dir():
        pattern = pattern / "*.parquet"
    files = sorted(pattern.parent.glob(pattern.name))
    place = relative(pattern)
    if not files:
        raise DataError(
            "There is no such file.",
            remedy="Paths are relative to the workspace, the folder that holds `params/`; only "
            "Parquet files can be read many at once.",
            where=place,
        )
    wrong = [file.name for file in files if file.suffix.lower() not in PARQUET]
    if wrong:
        raise DataError("Only Parquet files can be read many at once.", found=listed(wrong))
    digests = [digest_of(file) for file in files]
    digest = digests[0]
    if len(files) > 1:
        lines = (f"{file.name} {one}\n" for file, one in zip(files, digests, strict=True))
        digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    database = _here()
    # A row number is one of its file: of many files it would mislead.
    table = database.read_parquet([str(file) for file in files], file_row_number=len(files) == 1)
    if len(files) == 1:
        table = table.mutate(**{FILE_ROW: table["file_row_number"] + 1}).drop("file_row_number")
    what = "the file" if len(files) == 1 else f"the {len(files):,} files"
    return RemoteTable(table, database, place, origin_of(files[0]), digest, what)


@functools.cache
def _here() -> BaseBackend:
    """The DuckDB of this process in which all files are, so that stays and leave meet."""
    return connect()
