"""From raw cells to columns of dates, periods, numbers and text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import pandas as pd

from qieval.core.errors import DataError
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.cells import Column, texts
from qieval.intake.reading.values.dates import dates
from qieval.intake.reading.values.numbers import look_like_numbers, numbers
from qieval.intake.reading.values.period_columns import periods
from qieval.intake.reading.values.suppression import refuse_drags
from qieval.intake.tables.faults import Fault
from qieval.intake.tables.kind import Holds


@dataclass(frozen=True, eq=False)
class Conversion:
    """A converted table and what came up on the way."""

    # Our names; the index holds the row numbers. Cells with a fault are missing.
    table: pd.DataFrame
    faults: list[Fault]  # cells that could not be converted
    notes: list[str]  # what was decided
    spelt: set[str]  # the kinds of period that spellings said
    # Number cells without a number.
    blank: int
    suppressed: int


def convert(
    cells: pd.DataFrame,
    names: dict[str, str],
    request: Request,
    *,
    mapped: set[str],
    secret: Collection[str] = (),
) -> Conversion:
    """Every column of a table as what it holds."""
    kind, marks = request.kind, request.marks
    notes: list[str] = []
    looked_at: dict[str, tuple[Column, Holds]] = {}
    commas: set[str] = set()
    for name, heading in names.items():
        hidden = kind.about_people or kind.identifies(name, heading) or heading in secret
        column = Column.of(cells[heading], name, may_show=not hidden)
        holds = kind.holds(name, mapped=name in mapped)
        if holds == "undecided":
            is_number = look_like_numbers(column, marks, decimal_comma=request.decimal_comma)
            holds = "number" if is_number else "text"
            if not is_number and not request.decimal_comma and _has_commas(column, request):
                notes.append(_ask_commas(column, request))
                holds, commas = "number", commas | {name}
        looked_at[name] = column, holds
    figures = [names[name] for name, (_, holds) in looked_at.items() if holds == "number"]
    refuse_drags(cells[figures], marks, request.where)

    columns: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    spelt: set[str] = set()
    blank = withheld = 0
    for name, (column, holds) in looked_at.items():
        if holds in ("date", "moment"):
            done = dates(column, request, times=holds == "moment")
        elif holds == "period":
            done, spelt = periods(column, request)
        elif holds == "number":
            by = replace(request, decimal_comma=True) if name in commas else request
            done = numbers(column, by, named=name in mapped)
            blank, withheld = blank + done.blank, withheld + done.suppressed
        else:
            done = texts(column)
        for beside in done.beside:
            _refuse_twice(beside, names, request.where)
        columns |= {name: done.column, **done.beside}
        faults += done.faults
        notes += done.notes
    return Conversion(pd.DataFrame(columns), faults, notes, spelt, blank, withheld)


def _has_commas(column: Column, request: Request) -> bool:
    return look_like_numbers(column, request.marks, decimal_comma=True)


def _ask_commas(column: Column, request: Request) -> str:
    """The question about a column of figures that have commas before their decimals."""
    return request.ask(
        f"`{column.heading}` seems to hold figures with a comma before their decimals.",
        found="such as 1,5",
        remedy="If that is meant, write `decimal_comma: true`.",
        proposal=f"`{column.heading}` was read with commas before decimals.",
        settles={"decimal_comma": True},
    )


def _refuse_twice(beside: str, names: dict[str, str], where: str) -> None:
    if beside in names:
        raise DataError(
            f"The file has a column `{beside}` of its own, where the bounds of suppressed numbers "
            "belong.",
            remedy=f"Give it another name: `columns: {{{beside}_in_file: {names[beside]}}}`.",
            where=where,
        )
