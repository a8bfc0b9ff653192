"""What the parameters say about where a table is and how it is laid out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from qieval.core.errors import ParameterError, require_one_of
from qieval.intake.reading.raw import as_text, tidy_heading
from qieval.intake.tables.kind import Kind
from qieval.intake.tables.usual_headings import say_when

Totals = Literal["check", "leave_out", "keep"]
Merged = Literal["fill", "first"]
RowsAre = Literal["measures", "units"]
Years = Literal["calendar", "financial"]


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a file.

    Attributes
    ----------
    kind : Kind
        What the table is.
    columns, conditions : mapping
        `columns` and `where` of the parameters.
    header : tuple of int
        Rows of the headings; empty: to be found.
    table : int, str or None
        Which table of the sheet: its number, or its title or one of its headings.
    totals, merged, rows_are, years, fill_down, period_of_file
        As in `qi.read`.
    strict : bool
        Whether an open question stops the reading.
    file : str
        The name of the file, without its folder.
    """

    kind: Kind
    columns: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    header: tuple[int, ...] = ()
    table: int | str | None = None
    totals: Totals = "check"
    merged: Merged | None = None
    rows_are: RowsAre | None = None
    years: Years | None = None
    fill_down: tuple[str, ...] = ()
    period_of_file: str | None = None
    strict: bool = True
    file: str = ""

    @property
    def asked(self) -> list[str]:
        """The headings that the table must have."""
        named = [name for name in self.kind.required if name not in self.columns]
        return [*named, *self.columns.values()]

    def usually(self, name: str, headings: Iterable[str]) -> list[str]:
        """The headings that usually mean a name of ours that nobody has named otherwise."""
        if name not in self.kind.columns or name in self.columns:
            return []
        known = [heading for heading in headings if heading]
        return self.kind.often_called(name, known) or (
            say_when(known) if name == self.period else []
        )

    @property
    def period(self) -> str | None:
        """The heading of the column of periods; None for a kind without periods."""
        for name in self.kind.columns:
            if self.kind.holds(name) == "period":
                return self.columns.get(name, name)
        return None

    @property
    def words_only(self) -> bool:
        """Whether rows are about people or mostly words: such tables have no groups and sums."""
        return self.kind.about_people or self.kind.others == "text"

    @property
    def words(self) -> list[str]:
        """Words that the parameters name: rows with them are meant as they are."""
        said = [
            value
            for values in self.conditions.values()
            for value in (values if isinstance(values, list | tuple | set) else [values])
        ]
        return [tidy_heading(as_text(str(value))) for value in said] + list(self.columns.values())


def wanted_of(
    kind: Kind,
    *,
    columns: Mapping[str, str],
    conditions: Mapping[str, Any] | None,
    header: int | Sequence[int] | None,
    fill_down: Sequence[str],
    totals: Totals,
    merged: Merged | None,
    rows_are: RowsAre | None,
    years: Years | None,
    **others: Any,
) -> Wanted:
    """What is wanted of a file, once the parameters have been looked at.

    Raises
    ------
    ParameterError
        If one of them cannot be.
    """
    require_one_of("totals", totals, get_args(Totals))
    require_one_of("merged", merged, (*get_args(Merged), None))
    require_one_of("rows_are", rows_are, (*get_args(RowsAre), None))
    require_one_of("years", years, (*get_args(Years), None))
    if isinstance(fill_down, str):
        raise ParameterError(
            "`fill_down` is a list of headings.",
            remedy=f"Write `fill_down: [{fill_down}]`.",
            where="fill_down",
        )
    return Wanted(
        kind,
        columns=columns,
        conditions=conditions if isinstance(conditions, Mapping) else {},
        header=_rows(header),
        fill_down=tuple(map(str, fill_down)),
        totals=totals,
        merged=merged,
        rows_are=rows_are,
        years=years,
        **others,
    )


def _rows(header: int | Sequence[int] | None) -> tuple[int, ...]:
    """The rows of the headings, from the upper to the lowest."""
    if header is None:
        return ()
    rows: list[Any] = list(header) if isinstance(header, list | tuple) else [header]
    if not rows or not all(isinstance(row, int) and not isinstance(row, bool) for row in rows):
        raise ParameterError(
            "`header` is the number of a row, or of several.", found=repr(header), where="header"
        )
    if min(rows) < 1:
        raise ParameterError("Rows begin at 1.", found=f"`header: {header}`", where="header")
    if sorted(rows) != list(range(min(rows), min(rows) + len(rows))):
        raise ParameterError(
            "Rows of headings stand right below one another.",
            found=f"`header: {header}`",
            where="header",
        )
    return tuple(sorted(rows))
