"""What a kind of table is: its columns (a pandera schema), its row rules, who may not be printed.

A kind is one module with one :class:`Kind`, and one row in the registry (``tables/__init__.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
import pandera.pandas as pa

from qieval.core.errors import DataError, listed
from qieval.intake.identifiers import named

Holds = Literal["text", "date", "moment", "period", "number", "undecided"]


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
    alike : callable, optional
        Of a rule with `earlier`: table → the columns in which a row repeats another. A database
        looks for repeated rows by these; every other rule of spells, leave and waits is written so
        that ``broken`` takes a table of a database as well.
    """

    column: str
    says: str
    broken: Callable[[pd.DataFrame], pd.Series]
    droppable: bool = True
    earlier: Callable[[pd.DataFrame], pd.Series] | None = None
    hint: str = ""
    alike: Callable[[pd.DataFrame], list[str]] | None = None


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
    either : tuple of tuples
        Groups of columns; a table must have every column of at least one of them.
    text_names : frozenset of str
        Names that hold text although nobody described them (``unit``, ``ward``).
    others : "text" or "undecided"
        What columns outside the mapping hold; undecided ones are looked at.
    mapped_are_numbers : bool
        Whether a column that somebody named, and that is not text, is a number.
    adds_up : bool
        Whether figures of several rows may be added up: then totals among their parts, and zeros
        that mean "not returned", would be counted. Entries of a log are never added up.
    """

    name: str
    row: str
    columns: Mapping[str, pa.Column]
    rules: tuple[RowRule, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()
    text_names: frozenset[str] = field(default_factory=frozenset)
    others: Literal["text", "undecided"] = "text"
    mapped_are_numbers: bool = False
    adds_up: bool = False

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
        return self.is_code_of_person(name) or any(map(named, filter(None, (name, heading))))

    def is_code_of_person(self, name: str) -> bool:
        """Whether a column of the kind says who it is about; its codes become pseudonyms."""
        return name in self.columns and bool(_said(self.columns[name], "identifies", False))

    def refuse_without(self, names: Collection[str], where: str) -> None:
        """Refuse a table that has no group of `either`.

        Raises
        ------
        DataError
            With the groups and the columns found.
        """
        if not self.either or any(set(group) <= set(names) for group in self.either):
            return
        groups = [" and ".join(f"`{name}`" for name in group) for group in self.either]
        raise DataError(
            f"A table of {self.name} needs {' or '.join(groups)}.",
            found=f"columns {listed(names)}",
            remedy=f"Say which column is meant: `columns: {{{self.either[0][0]}: …}}`.",
            where=where,
        )

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
    "moment": "datetime64[us]",
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
    holds : "text", "date", "moment", "period" or "number"
        What its cells are; a moment keeps the time of day of a date.
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
