"""Parquet files to raw cells. Rows are counted from 1: there is no row of headings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from qieval.core.errors import DataError, listed
from qieval.intake.reading.raw import RawTable, tidy_cell


def read_parquet(file: Path, *, where: str) -> RawTable:
    """Raw cells of a Parquet file.

    Raises DataError if it is no Parquet file, has no rows, or holds something else than plain
    values.
    """
    try:
        table = pq.read_table(file)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise DataError(
            "The Parquet file cannot be opened: it is damaged, or no Parquet file.", where=where
        ) from error
    if table.num_rows == 0:
        raise DataError("There are no rows in it.", where=where)
    # pandas keeps its row labels as a column of this name; they are no data.
    names = [name for name in table.column_names if not name.startswith("__index_level_")]
    if len(set(names)) < len(names):
        raise DataError("Two columns have the same name.", found=listed(names), where=where)
    rows = pd.RangeIndex(1, table.num_rows + 1, name="row")
    cells = pd.DataFrame(
        {
            name: pd.Series(
                [tidy_cell(cell) for cell in table.column(name).to_pylist()],
                index=rows,
                dtype=object,
            )
            for name in names
        },
        index=rows,
    )
    return RawTable(cells, header=0)
