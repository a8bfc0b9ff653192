"""`where` of a parameter file, asked of a database: only the rows that are meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from qieval.core.errors import DataError, listed
from qieval.intake.backends import FILE_ROW
from qieval.intake.reading.columns import no_such_column, no_such_value, plain_value
from qieval.intake.reading.request import Request, as_list

_MOST_VALUES = 20


def filtered(
    table: ir.Table, request: Request, names: Mapping[str, str], database: BaseBackend
) -> tuple[ir.Table, list[tuple[str, int]]]:
    """The rows that are meant, and for each condition how many rows it left out.

    `request`: its conditions: heading → the value, or a list of the values, that a row must have.
    """
    if not request.conditions:
        return table, []
    ours = {heading: name for name, heading in names.items()}
    fits: dict[str, ir.Value] = {}
    for heading, given in request.conditions.items():
        if heading not in table.columns or heading == FILE_ROW:
            headings = [name for name in table.columns if name != FILE_ROW]
            raise no_such_column(str(heading), headings, request.where)
        hidden = request.kind.identifies(ours.get(heading, heading), heading)
        fits[heading] = _fit(table, heading, given, database, hidden=hidden, where=request.where)
    so_far: ir.Value = ibis.literal(True)
    counts = {}
    for number, fit in enumerate(fits.values()):
        counts[f"out{number}"] = (so_far & ~fit).sum()
        so_far = so_far & fit
    counts_of_rows = database.to_pandas(table.aggregate(left=so_far.sum(), **counts)).iloc[0]
    if not counts_of_rows["left"] > 0:
        raise DataError(
            "No row meets all conditions of `where` together.",
            found=f"each is met by some row, but {listed(fits)} never at once",
            where=request.where,
        )
    reasons = [
        (f"`{heading}` is not a value given (`where`)", int(counts_of_rows[f"out{number}"]))
        for number, heading in enumerate(fits)
    ]
    return table.filter(so_far), reasons


def _fit(
    table: ir.Table,
    heading: str,
    given: Any,
    database: BaseBackend,
    *,
    hidden: bool,
    where: str,
) -> ir.Value:
    """Where a column has one of the values. Each of them must occur."""
    wanted = [str(plain_value(value)).strip() for value in as_list(given)]
    texts = table[heading].cast("string").strip()
    if table[heading].type().is_boolean():
        texts = table[heading].ifelse("TRUE", "FALSE")
    present = database.to_pandas(
        table.filter(texts.isin(wanted)).select(value=texts).distinct().limit(len(wanted))
    )
    lacking = [value for value in wanted if value not in set(present["value"])]
    if lacking:
        different = table.select(value=texts).distinct().order_by("value").limit(_MOST_VALUES + 1)
        values = [str(value) for value in database.to_pandas(different)["value"].dropna()]
        shown = values if len(values) <= _MOST_VALUES else []
        count = f"more than {_MOST_VALUES} other values"
        if hidden:
            raise no_such_value(heading, lacking[0], None, "other values", where)
        raise no_such_value(heading, lacking[0], shown, count, where)
    return texts.isin(wanted).fill_null(False)
