"""Faults: what is wrong with which rows, as a list that a person can work through.

Everything that reading finds is collected first and said once: the first 20 with row and column,
never with the value of an identifier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from qieval.core import columns
from qieval.core.errors import DataError
from qieval.core.words import many
from qieval.intake.tables.kind import Holds, Kind, RowRule

MOST_SHOWN = 20

Lenient = Literal["drop", "missing", "stop"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with the rows in which it is wrong."""

    rows: tuple[int, ...]  # row numbers as a person sees them in the file
    column: str  # the column, by its canonical name
    says: str  # what is wrong
    # What ``strict=False`` does: leave the rows out, take the cells as missing, or stop as well.
    lenient: Lenient = "drop"
    hint: str = ""  # what would settle it, if that is not simply to correct the file
    # `says` without a value or a row of its own, so that like faults are counted together.
    reason: str = ""
    count: int = 0  # how many rows, where they have no numbers (in a database)


def row_numbers(rows: Iterable[int], most: int = MOST_SHOWN) -> str:
    """Row numbers in words: "row 3", "rows 3, 9 and 4 more"."""
    numbers = sorted(set(rows))
    first = ", ".join(f"{number:,}" for number in numbers[:most])
    left_out = len(numbers) - most
    more = f" and {left_out:,} more" if left_out > 0 else ""
    return f"row{'s' if len(numbers) != 1 else ''} {first}{more}"


def faults_of(table: pd.DataFrame, kind: Kind) -> list[Fault]:
    """What is wrong with a converted table: blanks where there must be none, broken row rules."""
    faults: list[Fault] = []
    for rule in kind.every_rule:
        broken = rule.rows_in(table)
        rows = [] if broken is None else [int(row) for row in table.index[broken]]
        if rows and rule.key is None:
            faults.append(fault_of(rule, rows))
        elif rows:
            earlier = rule.earlier_rows(table)
            faults += [fault_of(rule, [row], f"row {earlier.loc[row]:,}") for row in rows]
    return faults


def fault_of(rule: RowRule, rows: Sequence[int], other: str = "", *, count: int = 0) -> Fault:
    """The fault of rows that break a rule; `other`: the earlier row that they repeat, in words."""
    return Fault(
        tuple(rows),
        rule.column,
        rule.says.format(other=other),
        "drop" if rule.droppable else "stop",
        rule.hint,
        rule.says.format(other="an earlier row"),
        count or len(rows),
    )


def error_from(
    faults: Sequence[Fault],
    *,
    headings: Mapping[str, str],
    where: str,
    strict: bool,
    remedy: str = "Correct the file.",
) -> DataError:
    """One error that lists the faults, by row.

    `headings`: canonical name → the file's own heading, which is what the person looks for.
    `strict`: whether rows could still be left out; then the remedy says what that would do.
    `remedy`: what else to do.
    """
    rows = {row for fault in faults for row in fault.rows}
    if rows:
        problem = f"{many(len(rows), 'row')} cannot be used."
        cells = sorted(
            (row, headings.get(fault.column, fault.column), fault.says)
            for fault in faults
            for row in fault.rows
        )
        lines = [f"  row {row:,}, column `{column}`: {says}" for row, column, says in cells]
    else:
        problem = "There are rows that cannot be used."
        lines = [
            f"  column `{headings.get(fault.column, fault.column)}`: {fault.says} "
            f"({many(fault.count, 'row')})"
            for fault in faults
        ]
    if len(lines) > MOST_SHOWN:
        lines = [*lines[:MOST_SHOWN], f"  … and {len(lines) - MOST_SHOWN:,} more"]
    hints = list(dict.fromkeys(fault.hint for fault in faults if fault.hint))
    to_do = " ".join([remedy, *hints, *_what_lenient_does(faults, strict)])
    return DataError(problem, found="\n" + "\n".join(lines), remedy=to_do, where=where)


def _what_lenient_does(faults: Sequence[Fault], strict: bool) -> list[str]:
    if not strict:
        return []
    numbers = {
        lenient: {row for fault in faults if fault.lenient == lenient for row in fault.rows}
        for lenient in ("drop", "missing", "stop")
    }
    if any(fault.lenient == "stop" for fault in faults):
        which = row_numbers(numbers["stop"]) if numbers["stop"] else "some rows"
        return [f"`strict: false` does not help: {which} must be settled."]
    effects = []
    if any(fault.lenient == "drop" for fault in faults):
        dropped = len(numbers["drop"])
        these = f"these {dropped:,} rows" if dropped else "these rows"
        effects.append(f"leaves out {'this row' if dropped == 1 else these}")
    if missing := len(numbers["missing"]):
        effects.append(f"takes the {'cell' if missing == 1 else 'cells'} as missing")
    counts = "counts it" if len(numbers["drop"] | numbers["missing"]) else "counts them"
    return [f"Or set `strict: false`, which {' and '.join(effects)} and {counts} in the passport."]


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
