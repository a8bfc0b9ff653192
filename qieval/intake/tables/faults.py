"""Faults: what is wrong with which rows, as a list that a person can work through.

Everything that reading finds is collected first and said once: the first 20 with row and column,
never with the value of an identifier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import pandera.pandas as pa

from qieval.core.errors import DataError
from qieval.core.words import many as many
from qieval.intake.tables.kind import Kind

MOST_SHOWN = 20

Lenient = Literal["drop", "missing", "stop"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with the rows in which it is wrong.

    Attributes
    ----------
    rows : tuple of int
        Row numbers as a person sees them in the file.
    column : str
        The column, by its canonical name.
    says : str
        What is wrong.
    lenient : "drop", "missing" or "stop"
        What ``strict=False`` does: leave the rows out, take the cells as missing, or stop as well.
    hint : str
        What would settle it, if that is not simply to correct the file.
    reason : str
        `says` without a value or a row of its own, so that like faults are counted together.
    """

    rows: tuple[int, ...]
    column: str
    says: str
    lenient: Lenient = "drop"
    hint: str = ""
    reason: str = ""


def row_numbers(rows: Iterable[int], most: int = MOST_SHOWN) -> str:
    """Row numbers in words: "row 3", "rows 3, 9 and 4 more"."""
    numbers = sorted(set(rows))
    shown = ", ".join(f"{number:,}" for number in numbers[:most])
    left_out = len(numbers) - most
    more = f" and {left_out:,} more" if left_out > 0 else ""
    return f"row{'s' if len(numbers) != 1 else ''} {shown}{more}"


def faults_of(table: pd.DataFrame, kind: Kind) -> list[Fault]:
    """What is wrong with a converted table: blanks where there must be none, broken row rules.

    Parameters
    ----------
    table : DataFrame
        Its index holds the row numbers.
    kind : Kind
        What it should be.
    """
    try:
        kind.schema().validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        return _from_pandera(errors.failure_cases, table, kind)
    return []


def _from_pandera(failures: pd.DataFrame, table: pd.DataFrame, kind: Kind) -> list[Fault]:
    of_cells = failures[failures["schema_context"] == "Column"]
    faults = [
        Fault(tuple(sorted(rows.astype(int))), str(column), "is blank, and must not be")
        for column, rows in of_cells.groupby("column", sort=False)["index"]
    ]
    # A failed row comes once a column of the table; once is enough.
    of_rows = failures[failures["schema_context"] == "DataFrameSchema"]
    of_rows = of_rows.drop_duplicates(["check", "index"])
    for check, rows in of_rows.groupby("check", sort=False)["index"]:
        rule = kind.rules[int(str(check))]
        numbers = sorted(rows.astype(int))
        lenient: Lenient = "drop" if rule.droppable else "stop"
        if rule.earlier is None:
            faults.append(Fault(tuple(numbers), rule.column, rule.says, lenient, rule.hint))
            continue
        earlier = rule.earlier(table)
        for number in numbers:
            says = rule.says.format(other=f"row {earlier.loc[number]:,}")
            reason = rule.says.format(other="an earlier row")
            faults.append(Fault((number,), rule.column, says, lenient, rule.hint, reason))
    return faults


def error_from(
    faults: Sequence[Fault], *, headings: dict[str, str], where: str, strict: bool
) -> DataError:
    """One error that lists the faults, by row.

    Parameters
    ----------
    faults : sequence of Fault
        At least one.
    headings : dict
        Canonical name → the file's own heading, which is what the person looks for.
    where : str
        The file (and sheet), as shown.
    strict : bool
        Whether rows could still be left out; then the remedy says what that would do.
    """
    cells = sorted(
        (row, headings.get(fault.column, fault.column), fault.says)
        for fault in faults
        for row in fault.rows
    )
    lines = [f"  row {row:,}, column `{column}`: {says}" for row, column, says in cells]
    if len(lines) > MOST_SHOWN:
        lines = [*lines[:MOST_SHOWN], f"  … and {len(lines) - MOST_SHOWN:,} more"]
    number = len({row for row, _, _ in cells})
    problem = f"{many(number, 'row')} cannot be used."
    hints = list(dict.fromkeys(fault.hint for fault in faults if fault.hint))
    remedy = " ".join(["Correct the file.", *hints, *_what_lenient_does(faults, strict)])
    return DataError(problem, found="\n" + "\n".join(lines), remedy=remedy, where=where)


def _what_lenient_does(faults: Sequence[Fault], strict: bool) -> list[str]:
    if not strict:
        return []
    by_deed = {
        deed: {row for fault in faults if fault.lenient == deed for row in fault.rows}
        for deed in ("drop", "missing", "stop")
    }
    if by_deed["stop"]:
        return [f"`strict: false` does not help: {row_numbers(by_deed['stop'])} must be settled."]
    deeds = []
    if dropped := len(by_deed["drop"]):
        deeds.append(f"leaves out {'this row' if dropped == 1 else f'these {dropped:,} rows'}")
    if missing := len(by_deed["missing"]):
        deeds.append(f"takes the {'cell' if missing == 1 else 'cells'} as missing")
    return [f"Or set `strict: false`, which {' and '.join(deeds)} and counts it in the passport."]
