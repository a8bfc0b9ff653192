"""From raw cells to columns of dates, periods, numbers and text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from qieval.core.periods import Frequency
from qieval.intake.reading.cells import Column, texts
from qieval.intake.reading.dates import dates
from qieval.intake.reading.numbers import look_like_numbers, numbers
from qieval.intake.reading.period_spellings import periods
from qieval.intake.tables import Kind
from qieval.intake.tables.faults import Fault


@dataclass(frozen=True, eq=False)
class Conversion:
    """A converted table and what came up on the way.

    Attributes
    ----------
    table : DataFrame
        Our names; the index holds the row numbers. Cells with a fault are missing.
    faults : list of Fault
        Cells that could not be converted.
    notes : list of str
        What was decided.
    spelt : set of Frequency
        The kinds of period that spellings said.
    blank, suppressed : int
        Number cells without a number.
    """

    table: pd.DataFrame
    faults: list[Fault]
    notes: list[str]
    spelt: set[Frequency]
    blank: int
    suppressed: int


def convert(
    cells: pd.DataFrame,
    kind: Kind,
    names: dict[str, str],
    *,
    mapped: set[str],
    dayfirst: bool,
    suppressed: Iterable[str],
    where: str,
) -> Conversion:
    """Every column of a table as what it holds.

    Parameters
    ----------
    cells : DataFrame
        Raw cells under the file's headings; the index holds the row numbers.
    kind : Kind
        What the table is.
    names : dict
        Our name → heading, in the order of the table to be.
    mapped : set of str
        Our names that the parameters gave.
    dayfirst : bool
        Whether 03/04/2020 is 3 April.
    suppressed : iterable of str
        Marks that mean a suppressed number.
    where : str
        The file (and sheet), as shown.
    """
    marks = tuple(suppressed)
    columns: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    notes: list[str] = []
    spelt: set[Frequency] = set()
    blank = withheld = 0
    for name, heading in names.items():
        shown = not (kind.about_people or kind.identifies(name, heading))
        column = Column.of(cells[heading], name, shown=shown)
        holds = kind.holds(name, mapped=name in mapped)
        if holds == "undecided":
            is_number = look_like_numbers(column, marks)
            holds = "number" if is_number else "text"
        if holds == "date":
            done = dates(column, dayfirst=dayfirst, where=where)
        elif holds == "period":
            done, spelt = periods(column, dayfirst=dayfirst, where=where)
        elif holds == "number":
            done = numbers(column, marks, named=name in mapped)
            blank, withheld = blank + done.blank, withheld + done.suppressed
        else:
            done = texts(column)
        columns[name] = done.column
        faults += done.faults
        notes += done.notes
    return Conversion(pd.DataFrame(columns), faults, notes, spelt, blank, withheld)
