"""The columns of a table in a database as its kind has them, and its repeated rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from qieval.core.errors import DataError
from qieval.intake.backends import FILE_ROW, key_of
from qieval.intake.tables import Kind, RowRule

PERSON = "person"


def typed(table: ir.Table, kind: Kind, headings: Mapping[str, str], where: str) -> ir.Table:
    """The columns of the kind as what they should hold.

    Dates lose their time of day, texts the blanks at their ends; an empty text is a blank.

    Raises
    ------
    DataError
        If the database holds a column as something else: text is never read as dates here.
    """
    fitting: dict[str, Callable[[ir.Column], ir.Column]] = {}
    for name in [name for name in kind.columns if name in table.columns]:
        holds, dtype = kind.holds(name), table[name].type()
        dated = dtype.is_date() or dtype.is_timestamp()
        if holds in ("date", "moment") and not dated:
            raise _other_type(headings[name], "dates", dtype, where)
        if holds == "number" and not dtype.is_numeric():
            raise _other_type(headings[name], "numbers", dtype, where)
        if holds == "date" and not dtype.is_date():
            fitting[name] = lambda column: column.cast("date")
        elif holds == "moment" and not dtype.is_timestamp():
            fitting[name] = lambda column: column.cast("timestamp")
        elif holds == "text" and name != PERSON:
            fitting[name] = lambda column: column.cast("string").strip().nullif("")
    return table.mutate(**{name: fit(table[name]) for name, fit in fitting.items()})


def _other_type(heading: str, wanted: str, dtype: object, where: str) -> DataError:
    return DataError(
        f"`{heading}` does not hold {wanted}.",
        found=f"the database holds it as {dtype}",
        remedy=f"Make a view in which it holds {wanted}, and name that view as the table.",
        where=where,
    )


def repeats_of(kind: Kind, table: ir.Table) -> tuple[RowRule, list[str]]:
    """The rule against repeated rows, and the columns in which they are compared: none, no rule."""
    [(rule, key)] = [(rule, rule.key) for rule in kind.rules if rule.key is not None]
    return rule, key(table) if rule.column in table.columns else []


def count_repeats(database: BaseBackend, table: ir.Table, names: list[str]) -> int:
    """How many rows repeat an earlier one in these columns (rows without a person left aside)."""
    known = table.filter(table[PERSON].notnull())
    alike = known.select(
        **{name: key_of(known[name], database) if name == PERSON else known[name] for name in names}
    )
    counts = database.to_pandas(
        known.aggregate(rows=known.count()).cross_join(
            alike.distinct().aggregate(different=lambda rows: rows.count())
        )
    ).iloc[0]
    return int(counts["rows"]) - int(counts["different"])


def without_repeats(table: ir.Table, names: list[str]) -> ir.Table:
    """The first of the rows that are alike, the others left out; without a person all stay."""
    others = [name for name in table.columns if name not in names]
    in_order = [FILE_ROW] if FILE_ROW in others else others or names
    window = ibis.window(
        group_by=[table[name] for name in names],
        order_by=[table[name] for name in in_order],
    )
    placed = table.mutate(place=ibis.row_number().over(window))
    first = (placed["place"] == 0) | placed[PERSON].isnull()
    return placed.filter(first).drop("place")
