"""A table in a database, checked there: only counts come back, never a cell.

The row rules are those of the kind (``qieval.intake.tables``), asked of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from qieval.core.errors import DataError
from qieval.intake.backends import FILE_ROW, key_of
from qieval.intake.tables import Kind, RowRule
from qieval.intake.tables.faults import MOST_SHOWN, Fault, error_from, many, row_numbers

PERSON = "person"


@dataclass(frozen=True)
class Broken:
    """One thing that is wrong with some rows.

    Attributes
    ----------
    column : str
        Our name of the column.
    says : str
        What is wrong.
    rows : ir.Value
        Where it is wrong.
    droppable : bool
        Whether such rows may be left out.
    """

    column: str
    says: str
    rows: ir.Value
    droppable: bool = True


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


def rules_of(table: ir.Table, kind: Kind) -> list[Broken]:
    """Everything that no row may break, but for repeats."""
    broken = []
    for name, column in kind.columns.items():
        if name in table.columns and not column.nullable:
            blank = table[name].isnull()  # noqa: PD003 (a column of ibis, not of pandas)
            if table[name].type().is_string():
                blank = blank | (table[name] == "")
            broken.append(Broken(name, "is blank, and must not be", blank))
    for rule in kind.rules:
        rows: Any = rule.broken(table) if rule.alike is None else False
        if rows is not False:
            broken.append(Broken(rule.column, rule.says, rows.fill_null(False), rule.droppable))
    return broken


def repeats_of(kind: Kind, table: ir.Table) -> tuple[RowRule, list[str]]:
    """The rule against repeated rows, and the columns in which they are compared: none, no rule."""
    [(rule, alike)] = [(rule, rule.alike) for rule in kind.rules if rule.alike is not None]
    return rule, alike(table) if rule.column in table.columns else []


def count_repeats(database: BaseBackend, table: ir.Table, names: list[str]) -> int:
    """How many rows repeat an earlier one in these columns (rows without a person left aside)."""
    known = table.filter(table[PERSON].notnull())  # noqa: PD004 (a column of ibis)
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
    first = (placed["place"] == 0) | placed[PERSON].isnull()  # noqa: PD003
    return placed.filter(first).drop("place")


def refuse(
    database: BaseBackend,
    table: ir.Table,
    wrong: list[tuple[Broken, int]],
    *,
    headings: Mapping[str, str],
    where: str,
    strict: bool,
) -> None:
    """Say what is wrong: with row numbers where rows have any, else how many.

    Raises
    ------
    DataError
        Always.
    """
    if FILE_ROW in table.columns:
        faults = [
            Fault(
                _rows(database, table, one.rows),
                one.column,
                one.says,
                "drop" if one.droppable else "stop",
            )
            for one, _ in wrong
        ]
        raise error_from(faults, headings=dict(headings), where=where, strict=strict)
    lines = [
        f"  column `{headings.get(one.column, one.column)}`: {one.says} ({many(count, 'row')})"
        for one, count in wrong
    ]
    remedy = "Correct the table"
    if strict and all(one.droppable for one, _ in wrong):
        remedy += ", or set `strict: false`, which leaves these rows out and counts them"
    raise DataError(
        "There are rows that cannot be used.",
        found="\n" + "\n".join(lines),
        remedy=f"{remedy}.",
        where=where,
    )


def _rows(database: BaseBackend, table: ir.Table, condition: ir.Value) -> tuple[int, ...]:
    rows = table.filter(condition).select(FILE_ROW).order_by(FILE_ROW).limit(50 * MOST_SHOWN)
    return tuple(int(row) for row in database.to_pandas(rows)[FILE_ROW])


def dropped_of(
    database: BaseBackend,
    table: ir.Table,
    wrong: list[tuple[Broken, int]],
    headings: Mapping[str, str],
) -> tuple[ir.Table, list[tuple[str, int, str]]]:
    """The table without rows that cannot be, and for each reason how many (each row once)."""
    any_so_far: ir.Value = ibis.literal(False)
    firsts = {}
    for place, (one, _) in enumerate(wrong):
        firsts[f"n{place}"] = (one.rows & ~any_so_far).sum()
        any_so_far = any_so_far | one.rows
    counts = database.to_pandas(table.aggregate(**firsts)).iloc[0]
    lines = [
        (
            f"`{headings.get(one.column, one.column)}`: {one.says}",
            int(counts[f"n{place}"]),
            row_numbers(_rows(database, table, one.rows)) if FILE_ROW in table.columns else "",
        )
        for place, (one, _) in enumerate(wrong)
        if counts[f"n{place}"]
    ]
    return table.filter(~any_so_far), lines


def count_broken(
    database: BaseBackend, table: ir.Table, rules: list[Broken], more: Mapping[str, ir.Value]
) -> tuple[list[tuple[Broken, int]], pd.Series]:
    """Which rules are broken by how many rows, and further totals: one pass over the table."""
    sums = {f"rule{place}": rule.rows.sum() for place, rule in enumerate(rules)}
    found = database.to_pandas(table.aggregate(rows=table.count(), **sums, **more)).iloc[0]
    wrong = [
        (rule, int(found[f"rule{place}"]))
        for place, rule in enumerate(rules)
        if not pd.isna(found[f"rule{place}"]) and found[f"rule{place}"]
    ]
    return wrong, found
