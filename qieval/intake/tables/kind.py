"""What a kind of table is: its columns, its row rules, who may not be printed.

A kind is one module with one :class:`Kind`, and one row in the registry (``tables/__init__.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from qieval.core.errors import DataError, listed
from qieval.intake.identifiers import named
from qieval.intake.tables.usual_headings import SHARED, headings_like

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

Holds = Literal["text", "date", "moment", "period", "number", "undecided"]


@dataclass(frozen=True)
class RowRule:
    """Something every row of a kind must keep to, in memory as in a database."""

    column: str  # the column to look at when it is broken
    # What is wrong with the row, in words that hold no cell value. ``{other}`` becomes the earlier
    # row that it repeats ("row 3").
    says: str
    # Table → True for each row that breaks it; written so that a table of a database will do as
    # well as a DataFrame. None: the rule is about repeated rows, and has a `key`.
    broken: Callable[[Any], Any] | None = None
    # The columns it is about (none: `column` alone); a table that lacks one breaks no row.
    needs: tuple[str, ...] = ()
    # Whether such a row may be left out (``strict=False``); otherwise it always stops.
    droppable: bool = True
    hint: str = ""  # what would settle it, if that is not simply to correct the file
    # In which of these columns that a table has a row must not repeat an earlier one; or a function
    # table → those columns; none: it may.
    key: Sequence[str] | Callable[[Any], list[str]] | None = None
    # Columns without which a row is not compared (none: `column` alone).
    filled: tuple[str, ...] = ()
    # Whether a row with the key of another breaks the rule only if its other cells differ.
    contradiction: bool = False

    def rows_in(self, table: Any) -> Any:
        """Where the rows of a table break the rule, or None where it says nothing about them.

        `table`: repeated rows are looked for in a DataFrame only.
        """
        if not {self.column, *self.needs} <= set(table.columns):
            return None
        if self.key is None:
            return self.broken(table) if self.broken is not None else None
        names = self.compared(table)
        if not names:
            return None
        repeated = table.duplicated(names, keep="first")
        if self.contradiction:
            repeated &= ~table.duplicated(keep="first")
        return repeated & table[[*(self.filled or (self.column,))]].notna().all(axis=1)

    def compared(self, table: Any) -> list[str]:
        """The columns in which a row must not repeat an earlier one; none: it may."""
        if callable(self.key):
            return self.key(table)
        return [name for name in self.key or () if name in table.columns]

    def earlier_rows(self, table: pd.DataFrame) -> pd.Series:
        """For each row, the number (index) of the first row with the same key."""
        rows = pd.Series(table.index, index=table.index)
        names = self.compared(table)
        return rows.groupby([table[name] for name in names], dropna=False).transform("first")


def blank(column: Any) -> Any:
    """Where the cells of a column are blank, in memory or in a database."""
    if isinstance(column, pd.Series):
        return column.isna()
    nothing = column.isnull()  # noqa: PD003 (a column of ibis, not of pandas)
    return nothing | (column == "") if column.type().is_string() else nothing


def not_blank(name: str) -> RowRule:
    """The rule of a column that has no blank cells."""
    return RowRule(name, "is blank, and must not be", broken=lambda table: blank(table[name]))


@dataclass(frozen=True)
class Column:
    """A column of a kind."""

    holds: Holds  # what its cells are; a moment keeps the time of day of a date
    description: str
    # Headings that usually mean it, as a pattern in small letters that must fit the whole heading;
    # for names of several kinds see `usual_headings.SHARED`.
    often_called: str = ""
    required: bool = True
    nullable: bool = False  # whether its cells may be blank
    identifies: bool = False  # whether its cells say who a row is about


@dataclass(frozen=True)
class Kind:
    """A kind of table."""

    name: str  # its name in parameter files
    row: str  # what one row is
    columns: Mapping[str, Column]  # by name
    rules: tuple[RowRule, ...] = ()  # what every row must keep to
    # Groups of columns; a table must have every column of at least one of them.
    either: tuple[tuple[str, ...], ...] = ()
    # Names that hold text although nobody described them (``unit``, ``ward``).
    text_names: frozenset[str] = field(default_factory=frozenset)
    # What columns outside the mapping hold; undecided ones are looked at.
    others: Literal["text", "undecided"] = "text"
    # Whether a column that somebody named, and that is not text, is a number.
    mapped_are_numbers: bool = False
    # Whether figures of several rows may be added up: then totals among their parts, and zeros that
    # mean "not returned", would be counted. Entries of a log are never added up.
    adds_up: bool = False
    # Columns of which a file must have one before the kind is proposed for it, where the headings
    # of required columns alone are those of other kinds too.
    told_by: tuple[str, ...] = ()
    without_figures: bool = False  # whether a file with other columns of figures is rather a series
    # For a kind whose tables may stay in a database: what its first date, its last date and its
    # blanks are called in the passport, each with its column.
    at_a_glance: tuple[tuple[str, str], ...] = ()

    @property
    def every_rule(self) -> tuple[RowRule, ...]:
        """No blanks where there must be none, then the row rules of the kind."""
        blanks = (not_blank(name) for name, column in self.columns.items() if not column.nullable)
        return (*blanks, *self.rules)

    def often_called(self, name: str, headings: Iterable[str]) -> list[str]:
        """The headings that usually mean a column of ours; if some are spelt so, only those."""
        of_kind = self.columns[name].often_called if name in self.columns else ""
        return headings_like(name, of_kind or SHARED.get(name), headings)

    @property
    def required(self) -> list[str]:
        """Names of the columns that must be there."""
        return [name for name, column in self.columns.items() if column.required]

    @property
    def about_people(self) -> bool:
        """Whether a row is about one person: then no cell value is ever shown."""
        return any(column.identifies for column in self.columns.values())

    def holds(self, name: str, *, mapped: bool = False) -> Holds:
        """What a column of that name holds."""
        if name in self.columns:
            return self.columns[name].holds
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
        return name in self.columns and self.columns[name].identifies

    def refuse_without(self, names: Collection[str], where: str) -> None:
        """Refuse a table that has no group of `either`."""
        if not self.either or any(set(group) <= set(names) for group in self.either):
            return
        groups = [" and ".join(f"`{name}`" for name in group) for group in self.either]
        raise DataError(
            f"A table of {self.name} needs {' or '.join(groups)}.",
            found=f"columns {listed(names)}",
            remedy=f"Say which column is meant: `columns: {{{self.either[0][0]}: …}}`.",
            where=where,
        )

    def schema(self) -> DataFrameSchema:
        """The kind as a pandera schema: the columns, and a check for every row rule."""
        import pandera.pandas as pa  # takes longer to load than most files to read

        checks = [
            # pandera would pass over every row that has a blank anywhere (`ignore_na`).
            pa.Check(
                lambda table, rule=rule: _kept(rule, table), error=str(number), ignore_na=False
            )
            for number, rule in enumerate(self.rules)
        ]
        columns = {
            name: pa.Column(
                _PANDAS_TYPE[column.holds],
                required=column.required,
                nullable=column.nullable,
                description=column.description,
            )
            for name, column in self.columns.items()
        }
        return pa.DataFrameSchema(columns, checks=checks, name=self.name)


def _kept(rule: RowRule, table: pd.DataFrame) -> pd.Series:
    broken = rule.rows_in(table)
    return pd.Series(True, index=table.index) if broken is None else ~broken


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
    often_called: str = "",
    *,
    required: bool = True,
    blank: bool = False,
    identifies: bool = False,
) -> Column:
    """A column that must be there, and has no blank cells."""
    return Column(holds, meaning, often_called, required, blank, identifies)


def optional(
    holds: Holds, meaning: str, often_called: str = "", *, identifies: bool = False
) -> Column:
    """A column that need not be there, and may have blank cells; otherwise as `column`."""
    return column(holds, meaning, often_called, required=False, blank=True, identifies=identifies)
