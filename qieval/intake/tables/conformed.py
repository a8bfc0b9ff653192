"""A table in the form of its kind, checked by the kind's rules, wherever it came from."""

from __future__ import annotations

import pandas as pd

from qieval.core import columns
from qieval.intake.tables.faults import error_from, faults_of
from qieval.intake.tables.kind import Holds, Kind


def conformed(table: pd.DataFrame, kind: Kind, where: str) -> pd.DataFrame:
    """Every column of the kind, each of its type, the kind's own rules kept; rows from 1.

    A column that may be blank and that the table lacks is there, all blank.

    Raises DataError if a column is missing, holds something else, or rows break a rule of the kind.
    """
    needed = [name for name, column in kind.columns.items() if not column.nullable]
    columns.require(table, needed)
    conforming = table.set_axis(pd.RangeIndex(1, len(table) + 1), axis=0)
    blank = pd.Series(None, index=conforming.index, dtype=object)
    typed = {
        name: _typed(conforming.get(name, blank), kind.holds(name), name) for name in kind.columns
    }
    conforming = conforming.assign(**typed)
    if faults := faults_of(conforming, kind):
        raise error_from(faults, headings={}, where=where, strict=False)
    return conforming


def _typed(column: pd.Series, holds: Holds, name: str) -> pd.Series:
    if holds == "text":
        return _text(column)
    if column.isna().all():
        dtype = "float64" if holds == "number" else "datetime64[us]"
        return pd.Series(None, index=column.index, dtype=dtype)
    if holds == "number":
        return pd.Series(columns.numbers(column.infer_objects(), name), index=column.index)
    known = columns.dates(column.dropna(), name)
    return known.reindex(column.index).astype("datetime64[us]")


def _text(column: pd.Series) -> pd.Series:
    """Text without spaces around it, blank where there is none; 1.0 is "1"."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        digits = column.map(lambda value: f"{value:g}", na_action="ignore")
        return digits.astype("str")
    text = column.astype("str").str.strip()
    return text.where(text != "")
