"""Converting a column of raw cells: each different cell once, faults with their rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from qieval.core.words import many
from qieval.intake.reading.raw import Cell, as_text
from qieval.intake.tables.faults import Fault, Lenient, row_numbers

NOT_AVAILABLE = frozenset({"na", "n/a", "#n/a", "null", "none", "nan", "nat"})
"""Words that programs write for "no value" (R, SQL Server, Excel, Python), in small letters."""

_LONGEST_SHOWN = 40


@dataclass(frozen=True, eq=False)
class Converted:
    """A converted column."""

    column: pd.Series  # the values; the index holds the row numbers
    # Cells that could not be converted; their value is missing.
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what was decided, for the passport
    blank: int = 0  # how many cells held nothing
    suppressed: int = 0  # how many cells held a mark for a suppressed number
    # Columns that belong beside it: the bounds of suppressed numbers.
    beside: dict[str, pd.Series] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Column:
    """A column of raw cells, looked at by its different cells."""

    name: str  # its canonical name
    heading: str  # its heading in the file
    # Whether a message may show a cell's value (never for identifiers or rows about people).
    may_show: bool
    rows: np.ndarray  # row numbers
    codes: np.ndarray  # for each row, which of `different` it holds; -1 for a blank
    different: list[Cell]  # each different cell once

    @classmethod
    def of(cls, cells: pd.Series, name: str, *, may_show: bool) -> Column:
        """A column from raw cells whose index holds the row numbers."""
        codes, different = pd.factorize(cells.to_numpy(dtype=object), use_na_sentinel=True)
        return cls(name, str(cells.name), may_show, cells.index.to_numpy(), codes, list(different))

    def where(self, chosen: list[int]) -> tuple[int, ...]:
        """Row numbers of the cells that are one of the chosen different ones."""
        return tuple(int(row) for row in self.rows[np.isin(self.codes, chosen)])

    def count(self, chosen: list[int]) -> int:
        """How many cells are one of the chosen different ones."""
        return int(np.isin(self.codes, chosen).sum())

    def blank(self) -> int:
        """How many cells hold nothing."""
        return int((self.codes == -1).sum())

    def which(self, holds: Callable[[Cell], bool]) -> list[int]:
        """The different cells for which something holds."""
        return [code for code, cell in enumerate(self.different) if holds(cell)]

    def not_available(self) -> list[int]:
        """The different cells that say "no value" in a word."""
        return self.which(lambda cell: isinstance(cell, str) and cell.lower() in NOT_AVAILABLE)

    def unavailable_noted(self, codes: list[int], taken_as: str) -> list[str]:
        """A note on cells that say "no value" in a word."""
        if not codes:
            return []
        words = ", ".join(sorted({str(self.different[code]) for code in codes}))
        rows = row_numbers(self.where(codes), most=5)
        cells = many(self.count(codes), "cell")
        return [f"`{self.heading}`: {cells} with {words}, taken as {taken_as} ({rows})."]

    def take(self, values: list, missing: object, dtype: str) -> pd.Series:
        """A value for each different cell, spread over the rows."""
        spread = pd.Series([*values, missing], dtype=dtype).to_numpy()[self.codes]
        return pd.Series(spread, index=pd.Index(self.rows, name="row"), name=self.name)

    def faults(
        self, reasons: dict[int, str], lenient: Lenient = "drop", hint: str = ""
    ) -> list[Fault]:
        """Faults from a reason for each different cell that could not be converted."""
        return [
            Fault(self.where([code]), self.name, self._with_shape(code, says), lenient, hint, says)
            for code, says in reasons.items()
        ]

    def _with_shape(self, code: int, says: str) -> str:
        """What is wrong and what the cell looks like; what it holds may tell who somebody is."""
        if not self.may_show:
            return says
        shape = re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", as_text(self.different[code]) or ""))
        cut = "…" if len(shape) > _LONGEST_SHOWN else ""
        return f"{says} (it looks like `{shape[:_LONGEST_SHOWN]}{cut}`)"


def texts(column: Column) -> Converted:
    """Every cell as text, exactly as it stands."""
    values = column.take([as_text(cell) for cell in column.different], None, "str")
    return Converted(values, blank=column.blank())
