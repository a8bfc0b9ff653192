"""Tables of results as people see them, for tests."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pandas as pd

from qieval.core.result import Result


def bundle_of(shown: Any) -> dict[str, Any]:
    """What something shows in a notebook, by MIME type."""
    bundle = shown._repr_mimebundle_()
    return bundle[0] if isinstance(bundle, tuple) else bundle


def shown(result: Result, name: str) -> pd.DataFrame:
    """The cells of a table under its heads."""
    return pd.DataFrame({column.head: column.cells for column in result.table(name).shown})


def undeclared(result: Result) -> dict[str, set[str]]:
    """Columns of the data frames of a result that its class declares wrongly or not at all."""
    declared = {one.frame: {column.name for column in one.columns} for one in result.declarations()}
    missing = {}
    for field in fields(result):
        frame = getattr(result, field.name)
        if isinstance(frame, pd.DataFrame) and field.name != "checks":
            columns = set(frame.reset_index().columns if frame.index.name else frame.columns)
            if difference := columns ^ declared.get(field.name, set()):
                missing[field.name] = difference
    return missing
