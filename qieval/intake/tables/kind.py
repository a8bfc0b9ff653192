"""What a kind of table is: its columns (a pandera schema), its row rules, who may not be printed.

A kind is one module with one :class:`Kind`, and one row in the registry (``tables/__init__.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
import pandera.pandas as pa

Holds = Literal["text", "date", "period", "number", "undecided"]

_IDENTIFYING = re.compile(
    r"person|patient|subject_?id|hadm|nhs.?(number|no\b|num)|^nhs$|\bchi\b|hospital.?(number|no\b)"
    r"|\bmrn\b|surname|forename|first.?name|last.?name|full.?name|birth|\bdob\b|post.?code|e.?mail"
    r"|phone|address",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class RowRule:
    """Something every row of a kind must keep to.

    Attributes
    ----------
    column : str
        The column to look at when it is broken.
    says : str
        What is wrong with the row, in words that hold no cell value. ``{other}`` becomes the
        earlier row that `earlier` finds ("row 3").
    broken : callable
        Table → True for each row that breaks it.
    droppable : bool
        Whether such a row may be left out (``strict=False``); otherwise it always stops.
    earlier : callable, optional
        Table → for each row, the number of the earlier row that it repeats.
    hint : str
        What would settle it, if that is not simply to correct the file.
    """

    column: str
    says: str
    broken: Callable[[pd.DataFrame], pd.Series]
    droppable: bool = True
    earlier: Callable[[pd.DataFrame], pd.Series] | None = None
    hint: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of table.

    Attributes
    ----------
    name : str
        Its name in parameter files.
    row : str
        What one row is.
    columns : mapping
        Column name → pandera column; `holds()` makes them.
    rules : tuple of RowRule
        What every row must keep to.
    text_names : frozenset of str
        Names that hold text although nobody described them (``unit``, ``ward``).
    others : "text" or "undecided"
        What columns outside the mapping hold; undecided ones are looked at.
    mapped_are_numbers : bool
        Whether a column that somebody named, and that is not text, is a number.
    """

    name: str
    row: str
    columns: Mapping[str, pa.Column]
    rules: tuple[RowRule, ...] = ()
    text_names: frozenset[str] = field(default_factory=frozenset)
    others: Literal["text", "undecided"] = "text"
    mapped_are_numbers: bool = False

    @property
    def required(self) -> list[str]:
        """Names of the columns that must be there."""
        return [name for name, column in self.columns.items() if column.required]

    @property
    def about_people(self) -> bool:
        """Whether a row is about one person: then no cell value is ever shown."""
        return any(_said(column, "identifies", False) for column in self.columns.values())

    def holds(self, name: str, *, mapped: bool = False) -> Holds:
        """What a column of that name holds."""
        if name in self.columns:
            holds: Holds = _said(self.columns[name], "holds", "text")
            return holds
        if name in self.text_names:
            return "text"
        if mapped and self.mapped_are_numbers:
            return "number"
        return self.others

    def identifies(self, name: str, heading: str | None = None) -> bool:
        """Whether values of a column could tell who somebody is: such values are never shown."""
        if name in self.columns and _said(self.columns[name], "identifies", False):
            return True
        return any(_IDENTIFYING.search(text) for text in (name, heading) if text)

    def schema(self) -> pa.DataFrameSchema:
        """The pandera schema: the columns, and a check for every row rule."""
        checks = [
            # pandera would pass over every row that has a blank anywhere (`ignore_na`).
            pa.Check(
                lambda table, rule=rule: ~rule.broken(table), error=str(number), ignore_na=False
            )
            for number, rule in enumerate(self.rules)
        ]
        return pa.DataFrameSchema(dict(self.columns), checks=checks, name=self.name)


def first_row_of(table: pd.DataFrame, names: list[str]) -> pd.Series:
    """For each row, the number (index) of the first row with the same cells in these columns."""
    rows = pd.Series(table.index, index=table.index)
    return rows.groupby([table[name] for name in names], dropna=False).transform("first")


def _said(column: pa.Column, name: str, default: Any) -> Any:
    return (column.metadata or {}).get(name, default)


_PANDAS_TYPE: dict[str, Any] = {
    "text": str,
    "date": "datetime64[us]",
    "period": "datetime64[us]",
    "number": None,
}


def column(
    holds: Holds,
    meaning: str,
    *,
    required: bool = True,
    blank: bool = False,
    identifies: bool = False,
) -> pa.Column:
    """A pandera column in our words.

    Parameters
    ----------
    holds : "text", "date", "period" or "number"
        What its cells are.
    meaning : str
        What it says, for people.
    required : bool
        Whether it must be there.
    blank : bool
        Whether a cell may be blank.
    identifies : bool
        Whether it tells who somebody is.
    """
    return pa.Column(
        _PANDAS_TYPE[holds],
        required=required,
        nullable=blank,
        description=meaning,
        metadata={"holds": holds, "identifies": identifies},
    )
