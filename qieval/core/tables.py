"""Tables of a result, declared once: what each column is, under which head, in which digits.

From a declaration follow the table of the page, its alignment and digits, its plain text, its CSV
file, and which figures a release withholds. Numbers stay numbers until they are shown.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from qieval.core import periods
from qieval.core.errors import DataError, listed
from qieval.core.words import decimals, lower_or_higher, number, places_of

Role = Literal[
    "label",
    "period",
    "count",
    "denominator",
    "number",
    "share",
    "estimate",
    "ci_low",
    "ci_high",
    "text",
    "link",
]
"""What a column holds. ``count`` and ``denominator`` count people, or what is theirs; ``number`` is
of anything else (months, cycles, teams, targets). ``link`` is the address that another column's
cells lead to."""

NUMERIC: tuple[Role, ...] = ("count", "denominator", "number", "share", "estimate")

NOT_KNOWN = "not known"
"""What stands where a number is missing."""

MARK = "*"
"""What stands in the place of a figure that a release withholds."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters by which a spreadsheet takes text for a formula."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        The column of the data frame.
    head : str
        Its head on the page. The interval of an estimate stands in the estimate's own cell,
        "12 (3 to 21)", if its ``ci_low`` has no head; else in a column of its own, "3 to 21".
    role : str
        What it holds (:data:`Role`).
    format : str
        Digits of a number. "": as many as the numbers need, the same in the whole column (in rows
        with one unit where the table has a column ``unit``; as a column ``places`` says where there
        is one); "2": two decimals; "%" or "1%": a share shown as a percentage; "each": every row
        has its own decimals; "difference": in words, "4.2 lower (2.1 to 6.3 lower)".
    of : str
        What it belongs to: for ``ci_low`` and ``ci_high`` their estimate; for ``share`` the columns
        "numerator/denominator" that it is computed from; for ``count`` its denominator; for
        ``estimate`` the counts of its row that it would give away, "a/b" (none named: all of
        them); for ``link`` the column whose cells lead there.
    """

    name: str
    head: str
    role: Role
    format: str = ""
    of: str = ""

    def with_interval(
        self, head: str = "", low: str = "low", high: str = "high"
    ) -> tuple[Column, ...]:
        """The column and both ends of its interval; with a `head` these have a column apart."""
        ends = Column(low, head, "ci_low", of=self.name), Column(high, "", "ci_high", of=self.name)
        return (self, *ends)


ESTIMATE = (
    *Column("estimate", "Estimate", "estimate").with_interval("", "ci_low", "ci_high"),
    Column("unit", "Unit", "text"),
)
"""Estimates with their intervals and units, as most results show them after a column of names."""


@dataclass(frozen=True)
class ShownColumn:
    """A column as people see it.

    Attributes
    ----------
    head : str
    cells : tuple of str
        One a row.
    numeric : bool
        Whether it is aligned as numbers.
    links : tuple of str
        Where each cell leads; "" is nowhere, and an empty tuple means that none does.
    """

    head: str
    cells: tuple[str, ...]
    numeric: bool
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of a result: rows of numbers, and how they are shown.

    Attributes
    ----------
    name : str
        Its name among the tables of the result, such as "estimates" or "points".
    caption : str
        What it shows, in a sentence or less.
    columns : tuple of Column
        Those that are shown, in order; the first is the head of each row.
    rows : DataFrame
        The rows, with every column that `columns` names.
    every : str, optional
        Kind of period of the ``period`` columns; without it they are shown as days.
    ids : str
        Column of `rows` with a name for each row, so that text can point to it; "": none.
    missing : str
        What stands where a number is missing.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    every: str | None = None
    ids: str = ""
    missing: str = NOT_KNOWN

    def __post_init__(self) -> None:
        for column in self.columns:
            if column.role not in get_args(Role):
                raise DataError(
                    f"Column `{column.name}` of table `{self.name}` has an unknown role.",
                    found=repr(column.role),
                )
            if column.name not in self.rows.columns:
                raise DataError(
                    f"Table `{self.name}` declares a column `{column.name}` that its rows lack.",
                    found=listed(self.rows.columns),
                )

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def shown(self) -> tuple[ShownColumn, ...]:
        """The columns as people see them: heads and cells in words and digits."""
        return tuple(self._shown())

    def _shown(self) -> Iterator[ShownColumn]:
        for column in self.columns:
            if column.role in ("link", "ci_high"):
                continue
            if column.role == "ci_low":
                if column.head:
                    yield ShownColumn(column.head, tuple(self._ends(column.of)), numeric=True)
                continue
            cells = tuple(self._cells(column))
            numeric = column.role in NUMERIC
            yield ShownColumn(column.head, cells, numeric, self._links(column.name))

    def to_text(self) -> str:
        """The table as aligned plain text, without its caption."""
        frame = pd.DataFrame({at: column.cells for at, column in enumerate(self.shown)})
        frame.columns = pd.Index([column.head for column in self.shown])
        return str(frame.to_string(index=False, justify="left", max_colwidth=None))

    def to_csv(self) -> str:
        """The rows as CSV: the same heads, full numbers, text that no spreadsheet runs."""
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\n")
        wanted = [column for column in self.columns if column.role != "link"]
        write.writerow([self._csv_head(column) for column in wanted])
        for record in self.rows[[column.name for column in wanted]].itertuples(index=False):
            write.writerow(
                [
                    self._withheld if column.role in NUMERIC and _blank(value) else _csv_cell(value)
                    for column, value in zip(wanted, record, strict=True)
                ]
            )
        return out.getvalue()

    @property
    def _withheld(self) -> str:
        """What stands in a file where a number is missing: a mark if it was withheld."""
        return MARK if self.missing == MARK else ""

    def _csv_head(self, column: Column) -> str:
        if column.role not in ("ci_low", "ci_high"):
            return column.head or column.name
        of = self._column(column.of).head
        return f"{of}, {'lower' if column.role == 'ci_low' else 'upper'} limit"

    def places(self, name: str) -> tuple[int, ...]:
        """Decimals with which each row of a column of numbers is shown; sentences use the same."""
        return tuple(self._places(self._column(name)))

    # ---- cells ---------------------------------------------------------------------------------

    def _column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def _limits(self, of: str) -> tuple[Column, Column] | None:
        """The columns that hold the interval of `of`."""
        ends = {column.role: column for column in self.columns if column.of == of}
        return (ends["ci_low"], ends["ci_high"]) if "ci_low" in ends and "ci_high" in ends else None

    def _links(self, name: str) -> tuple[str, ...]:
        for column in self.columns:
            if column.role == "link" and column.of == name:
                return tuple(str(address) for address in self.rows[column.name])
        return ()

    def _cells(self, column: Column) -> Iterator[str]:
        values = self.rows[column.name]
        if column.role in ("label", "text"):
            yield from ("" if _blank(value) else str(value) for value in values)
        elif column.role == "period":
            every = self.every or "day"
            for value in values:
                known = not _blank(value)
                yield periods.label(pd.Timestamp(value), every) if known else self.missing
        else:
            yield from self._numbers(column)

    def _numbers(self, column: Column) -> Iterator[str]:
        """Numbers in digits, with the interval beside them where it has no column of its own."""
        ends = self._limits(column.name)
        beside = ends is not None and not ends[0].head
        values = _floats(self.rows[column.name])
        places = self._places(column)
        low = _floats(self.rows[ends[0].name]) if ends else np.full(len(values), np.nan)
        high = _floats(self.rows[ends[1].name]) if ends else np.full(len(values), np.nan)
        for value, least, most, digits in zip(values, low, high, places, strict=True):
            if not math.isfinite(value) and not np.isinf(value):
                yield self.missing
            elif column.format == "difference" and math.isfinite(least) and math.isfinite(most):
                yield lower_or_higher(value, least, most, places=digits)
            elif beside and not (math.isnan(least) or math.isnan(most)):
                yield f"{_digits(value, column, digits)} ({_reach(least, most, column, digits)})"
            else:
                yield _digits(value, column, digits)

    def _ends(self, of: str) -> Iterator[str]:
        """An interval in a column of its own, with its estimate's decimals."""
        column, ends = self._column(of), self._limits(of)
        assert ends is not None
        low, high = (_floats(self.rows[end.name]) for end in ends)
        for least, most, digits in zip(low, high, self._places(column), strict=True):
            known = not (math.isnan(least) or math.isnan(most))
            yield _reach(least, most, column, digits) if known else self.missing

    def _places(self, column: Column) -> list[int]:
        """Decimals of each row; an estimate and its interval share theirs.

        An interval's half width says how many are worth showing; without one, the numbers' size.
        """
        wanted = column.format.rstrip("%")
        if wanted.isdigit():
            return [int(wanted)] * len(self.rows)
        if column.role == "estimate" and not wanted and "places" in self.rows.columns:
            return [int(places) for places in self.rows["places"]]
        factor = 100 if column.format.endswith("%") else 1
        values, ends = factor * _floats(self.rows[column.name]), self._limits(column.name)
        if ends is None:
            own = np.full(len(values), np.nan)
        else:
            low, high = (factor * _floats(self.rows[end.name]) for end in ends)
            own = np.array(
                [
                    places_of(a, b) if math.isfinite(a) and math.isfinite(b) else np.nan
                    for a, b in zip(low, high, strict=True)
                ]
            )
        if wanted == "each" or column.format == "difference":
            alone = [_places_for(np.array([value]), column.role) for value in values]
            return [a if math.isnan(o) else int(o) for o, a in zip(own, alone, strict=True)]
        places = [0] * len(self.rows)
        for group in self._alike():
            known = own[group][~np.isnan(own[group])]
            shared = (
                int(np.median(known)) if len(known) else _places_for(values[group], column.role)
            )
            for row in group:
                places[row] = shared
        return places

    def _alike(self) -> list[np.ndarray]:
        """Rows that share their decimals: those of one unit, or all."""
        if "unit" not in self.rows.columns or not len(self.rows):
            return [np.arange(len(self.rows))]
        rows = self.rows.groupby("unit", sort=False, dropna=False).indices.values()
        return [np.asarray(group) for group in rows]


def _places_for(values: np.ndarray, role: Role) -> int:
    """Decimals for numbers without an interval: none for whole ones, else as their size asks."""
    known = values[np.isfinite(values)]
    if (
        role in ("count", "denominator", "number")
        or not len(known)
        or bool((known == known.round()).all())
    ):
        halves = len(known) > 0 and not bool((known == known.round()).all())
        return 1 if halves else 0
    return max(1, decimals(float(np.abs(known).max())))


def _digits(value: float, column: Column, places: int) -> str:
    if np.isinf(value):
        return "no upper limit" if value > 0 else "no lower limit"
    if column.format.endswith("%"):
        return f"{number(100 * value, places)}%"
    return number(value, places)


def _reach(low: float, high: float, column: Column, places: int) -> str:
    if np.isinf(high) and not np.isinf(low):
        return f"{_digits(low, column, places)} or more"
    if np.isinf(low) and not np.isinf(high):
        return f"{_digits(high, column, places)} or less"
    low_words = _digits(low, column, places).removesuffix("%")
    return f"{low_words} to {_digits(high, column, places)}"


def _floats(values: pd.Series) -> np.ndarray:
    return pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)


def _blank(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _csv_cell(value: Any) -> Any:
    if _blank(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.isoformat()[:10]
    if isinstance(value, str):
        # A carriage return alone would end the row for some readers.
        text = value.replace("\r\n", "\n").replace("\r", "\n")
        return f"'{text}" if value.startswith(_FORMULA) else text
    return value


def titled(columns: Sequence[Column], **heads: str) -> tuple[Column, ...]:
    """The same columns with other heads, by name; for heads that depend on what was asked."""
    return tuple(replace(column, head=heads.get(column.name, column.head)) for column in columns)


def names_of(columns: Sequence[Column]) -> list[str]:
    """The names of declared columns."""
    return [column.name for column in columns]


Among = tuple[tuple[str, tuple[str, ...]], ...]
"""Rows by their labels: columns of labels, and those that are meant."""


@dataclass(frozen=True)
class Sum:
    """A sum that holds among counts of a result, whatever the data are.

    A reader knows it too, so a release and its audit both take it from here.

    Attributes
    ----------
    total : str
        The count of the data frame that declares it.
    parts : tuple of str
        The counts that add up to it: those of the same row or, of another data frame, those of all
        rows with the same labels.
    less : tuple of str
        Counts of the same row that are taken from the parts.
    frame : str
        The data frame of the parts; "": the same row of the one that declares it.
    over : tuple of str
        Labels over which the parts add up though the rows of the total have them as well.
    where : tuple of (str, tuple of str)
        Of which rows it holds, by their labels; none: of all.
    among : tuple of (str, tuple of str)
        Which rows of the parts add up, by their labels; none: all.
    """

    total: str
    parts: tuple[str, ...]
    less: tuple[str, ...] = ()
    frame: str = ""
    over: tuple[str, ...] = ()
    where: Among = ()
    among: Among = ()


@dataclass(frozen=True)
class Declaration:
    """What the columns of one data frame of a result are; a release works from it.

    Attributes
    ----------
    frame : str
        Field of the result that holds the data frame, such as "points".
    columns : tuple of Column
        Every column of the frame.
    by : tuple of str
        Columns that name the groups whose counts add up to a total.
    model : bool
        Whether its estimates are of a model or of all rows together, such as a centre line: they
        are shown whatever is withheld of a row's own count, except those that name it (`of`).
    steps : str
        The times of survival curves, a row a step: a release merges steps of too few people.
    running : tuple of str
        Columns that add up over rows: withheld as a whole as soon as a count in any row is.
    sums : tuple of Sum
        How its counts add up.
    """

    frame: str
    columns: tuple[Column, ...]
    by: tuple[str, ...] = field(default=())
    model: bool = False
    steps: str = ""
    running: tuple[str, ...] = ()
    sums: tuple[Sum, ...] = ()


ESTIMATES = Declaration(
    "estimates",
    (
        Column("term", "Term", "label"),
        *ESTIMATE,
        Column("se", "Standard error", "estimate"),
        Column("p_value", "p value", "estimate"),
        Column("df", "Degrees of freedom", "estimate"),
        Column("n", "Observations", "number"),
        Column("method", "Method", "text"),
    ),
    model=True,
)
"""What the columns of every estimates table are, where they rest on months, teams or units."""

ESTIMATES_OF_PEOPLE = replace(
    ESTIMATES,
    columns=tuple(
        replace(column, role="denominator") if column.name == "n" else column
        for column in ESTIMATES.columns
    ),
    model=False,
)
"""The same, where they rest on people: shares among them are computed from counts."""

COUNTED = replace(
    ESTIMATES_OF_PEOPLE,
    columns=tuple(
        replace(column, role="count", of="n") if column.name == "estimate" else column
        for column in ESTIMATES_OF_PEOPLE.columns
    ),
)
"""The same where every figure is a count, or the difference of counts."""
