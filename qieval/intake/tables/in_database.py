"""Row rules asked of a table in a database: only counts and row numbers come back, never a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from qieval.core.late import BaseBackend, ibis, ir
from qieval.intake.backends import FILE_ROW
from qieval.intake.tables.faults import MOST_SHOWN, Fault, fault_of, row_numbers
from qieval.intake.tables.kind import RowRule


@dataclass(frozen=True, eq=False)
class Broken:
    """A rule that some rows break: where they do, and how many they are."""

    rule: RowRule
    rows: ir.Value
    count: int


def broken_rules(
    database: BaseBackend,
    table: ir.Table,
    rules: Iterable[RowRule],
    totals: Mapping[str, ir.Value] | None = None,
) -> tuple[list[Broken], pd.Series]:
    """The rules that rows break (but for repeated rows), and totals: one pass over the table.

    `totals`: what else is to be known of the table; ``rows`` always is.
    """
    asked = [
        (rule, rows.fill_null(False))
        for rule in rules
        if rule.key is None and (rows := rule.rows_in(table)) is not None
    ]
    sums = {f"rule{place}": rows.sum() for place, (_, rows) in enumerate(asked)}
    query = table.aggregate(rows=table.count(), **sums, **(totals or {}))
    known = database.to_pandas(query).iloc[0]
    broken = [
        Broken(rule, rows, int(known[f"rule{place}"]))
        for place, (rule, rows) in enumerate(asked)
        if not pd.isna(known[f"rule{place}"]) and known[f"rule{place}"]
    ]
    return broken, known


def faults_in(database: BaseBackend, table: ir.Table, broken: Iterable[Broken]) -> list[Fault]:
    """The faults of a table in a database: with row numbers where rows have any."""
    return [
        fault_of(one.rule, rows_where(database, table, one.rows), count=one.count) for one in broken
    ]


def rows_where(database: BaseBackend, table: ir.Table, condition: ir.Value) -> tuple[int, ...]:
    """Numbers of the rows, the first ones of many; none where rows have no numbers."""
    if FILE_ROW not in table.columns:
        return ()
    rows = table.mutate(met=condition).filter("met").select(FILE_ROW)
    numbers = database.to_pandas(rows.order_by(FILE_ROW).limit(50 * MOST_SHOWN))
    return tuple(int(row) for row in numbers[FILE_ROW])


def without(
    database: BaseBackend, table: ir.Table, broken: Iterable[Broken], headings: Mapping[str, str]
) -> tuple[ir.Table, list[tuple[str, int, str]]]:
    """The table without invalid rows, and for each reason how many (each row once)."""
    any_so_far: ir.Value = ibis.literal(False)
    firsts = {}
    for place, one in enumerate(broken):
        firsts[f"n{place}"] = (one.rows & ~any_so_far).sum()
        any_so_far = any_so_far | one.rows
    counts = database.to_pandas(table.aggregate(**firsts)).iloc[0]
    dropped = []
    for place, one in enumerate(broken):
        if counts[f"n{place}"]:
            rows = rows_where(database, table, one.rows)
            reason = f"`{headings.get(one.rule.column, one.rule.column)}`: {one.rule.says}"
            dropped.append((reason, int(counts[f"n{place}"]), row_numbers(rows) if rows else ""))
    return table.filter(~any_so_far), dropped
