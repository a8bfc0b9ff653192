"""`where` of a parameter file, asked of a database: only the rows that are meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from qieval.core.errors import DataError, ParameterError, listed, nearest
from qieval.intake.backends import FILE_ROW
from qieval.intake.tables import Kind

_MOST_VALUES = 20


def filtered(
    table: ir.Table,
    conditions: Mapping[str, Any] | None,
    *,
    database: BaseBackend,
    kind: Kind,
    names: Mapping[str, str],
    place: str,
) -> tuple[ir.Table, list[tuple[str, int]]]:
    """The rows that are meant, and for each condition how many rows it left out.

    Parameters
    ----------
    table : ibis table
        Under its own headings.
    conditions : mapping or None
        Heading → the value, or a list of the values, that a row must have.
    database : ibis backend
        Where it is asked.
    kind : Kind
        What the table is.
    names : mapping
        Our name → heading.
    place : str
        The table, as shown.

    Raises
    ------
    DataError
        If a column or value is not there, or no row is left.
    ParameterError
        If `conditions` is no mapping.
    """
    if not conditions:
        return table, []
    if not isinstance(conditions, Mapping):
        raise ParameterError(
            "`where` must say for each column which value is meant.",
            remedy="For instance `where: {AgeGroup: 18plus}`.",
            where="where",
        )
    ours = {heading: name for name, heading in names.items()}
    fits: dict[str, ir.Value] = {}
    for heading, said in conditions.items():
        if heading not in table.columns or heading == FILE_ROW:
            raise _no_such_column(str(heading), table, place)
        hidden = kind.identifies(ours.get(heading, heading), heading)
        fits[heading] = _fit(table, heading, said, database, hidden=hidden, place=place)
    so_far: ir.Value = ibis.literal(True)
    counts = {}
    for number, fit in enumerate(fits.values()):
        counts[f"out{number}"] = (so_far & ~fit).sum()
        so_far = so_far & fit
    found = database.to_pandas(table.aggregate(left=so_far.sum(), **counts)).iloc[0]
    if not found["left"] > 0:
        raise DataError(
            "No row meets all conditions of `where` together.",
            found=f"each is met by some row, but {listed(fits)} never at once",
            where=place,
        )
    reasons = [
        (f"`{heading}` is not a value given (`where`)", int(found[f"out{number}"]))
        for number, heading in enumerate(fits)
    ]
    return table.filter(so_far), reasons


def _fit(
    table: ir.Table,
    heading: str,
    said: Any,
    database: BaseBackend,
    *,
    hidden: bool,
    place: str,
) -> ir.Value:
    """Where a column has one of the values. Each of them must occur."""
    wanted = [_text(value) for value in (said if isinstance(said, list | tuple | set) else [said])]
    texts = table[heading].cast("string").strip()
    if table[heading].type().is_boolean():
        texts = table[heading].ifelse("TRUE", "FALSE")
    present = database.to_pandas(
        table.filter(texts.isin(wanted)).select(value=texts).distinct().limit(len(wanted))
    )
    lacking = [value for value in wanted if value not in set(present["value"])]
    if lacking and hidden:
        raise DataError(
            f"A value that `where` names does not occur in `{heading}`.",
            found="values that identify people (not shown)",
            where=place,
        )
    if lacking:
        different = table.select(value=texts).distinct().order_by("value").limit(_MOST_VALUES + 1)
        values = [str(value) for value in database.to_pandas(different)["value"].dropna()]
        shown = values if len(values) <= _MOST_VALUES else []
        guess = nearest(lacking[0], shown)
        raise DataError(
            f"`{lacking[0]}`, which `where` names, does not occur in `{heading}`.",
            found=f"values {listed(shown)}" if shown else f"more than {_MOST_VALUES} other values",
            remedy=f"Did you mean `{guess}`?" if guess else None,
            where=place,
        )
    return texts.isin(wanted).fill_null(False)


def _text(value: Any) -> str:
    # YAML reads yes, no, true and false as truth values.
    return ("TRUE" if value else "FALSE") if isinstance(value, bool) else str(value).strip()


def _no_such_column(heading: str, table: ir.Table, place: str) -> DataError:
    headings = [name for name in table.columns if name != FILE_ROW]
    guess = nearest(heading, headings)
    return DataError(
        f"There is no column `{heading}`, which `where` names.",
        found=f"columns {listed(headings)}",
        remedy=f"Did you mean `{guess}`?" if guess else None,
        where=place,
    )
