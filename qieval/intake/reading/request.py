"""What the caller of `qi.read` asks for, and the questions that a file leaves open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal, get_args

from qieval.core.errors import DataError, ParameterError, require_one_of
from qieval.core.periods import Frequency
from qieval.intake.reading.questions import Question
from qieval.intake.reading.raw import as_text, tidy_heading
from qieval.intake.reading.values.suppression import SUPPRESSED, Bounds, marks_of
from qieval.intake.tables.kind import Kind
from qieval.intake.tables.usual_headings import say_when

Totals = Literal["check", "leave_out", "keep"]
Merged = Literal["fill", "first"]
RowsAre = Literal["measures", "units"]
Years = Literal["calendar", "financial"]
Quarters = Literal["calendar", "financial"]
Zeros = Literal["counted", "not_returned"]

NO_HEADER = (0,)
"""What `header` is where no row holds headings."""

TAKEN = "Ambiguous, so the proposal was taken:"
"""How the note of a proposal begins."""


@dataclass(frozen=True)
class Request:
    """What is asked for, from the first cell to the table; parameters are those of `qi.read`."""

    kind: Kind  # what the table is
    where: str = ""  # the file (and sheet), as shown in messages
    file: str = ""  # the name of the file, without its folder
    columns: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)  # `where` of the parameters
    header: tuple[int, ...] = ()  # rows of the headings; empty: to be found
    # Which table of the sheet: its number, or its title or one of its headings.
    table: int | str | None = None
    totals: Totals = "check"
    merged: Merged | None = None
    rows_are: RowsAre | None = None
    years: Years | None = None
    fill_down: tuple[str, ...] = ()
    period_of_file: str | None = None
    dayfirst: bool = True
    decimal_comma: bool | None = None
    suppressed: Sequence[str] | Mapping[str, str | None] = SUPPRESSED
    period: Frequency | None = None
    quarters: Quarters | None = None
    zeros: Zeros | Sequence[str] | None = None
    successors: Mapping[str, str] | str | None = None
    day_zero: int = 1900  # what Excel's numbers for days count from in this file: 1900 or 1904
    semicolons: bool = False  # whether semicolons part the cells of the file
    strict: bool = True  # whether an open question stops the reading
    questions: list[Question] = field(default_factory=list)  # all that came up so far

    def at(self, where: str) -> Request:
        """The same request, about a part of the file."""
        return replace(self, where=where)

    def ask(
        self,
        problem: str,
        *,
        found: str,
        remedy: str,
        proposal: str,
        settles: Mapping[str, Any] | None = None,
        proposes: bool = True,
    ) -> str:
        """Something that only the owner of the file can say: it is put on the list of questions.

        Reading goes on with the proposal, so that one reading finds every question; strict reading
        stops at its end. Returns the note that the `proposal` was taken, one sentence for the
        passport.

        `remedy`: what may be said, with the lines. `settles`: the parameters that take the
        proposal. `proposes`: whether there is anything to propose; if not, reading stops here.
        """
        if not proposes:
            raise DataError(problem, found=found, remedy=remedy, where=self.where)
        self.questions.append(Question(problem, found, remedy, proposal, settles or {}))
        return f"{TAKEN} {proposal} {problem}"

    @cached_property
    def marks(self) -> dict[str, Bounds]:
        """Marks that mean a suppressed number, bare, with their bounds."""
        return marks_of(self.suppressed)

    @property
    def headings_needed(self) -> list[str]:
        """The headings that the table must have."""
        named = [name for name in self.kind.required if name not in self.columns]
        return [*named, *self.columns.values()]

    def usually(self, name: str, headings: Iterable[str]) -> list[str]:
        """The headings that usually mean a name of ours that nobody has named otherwise."""
        if name not in self.kind.columns or name in self.columns:
            return []
        known = [heading for heading in headings if heading]
        usual = self.kind.often_called(name, known)
        return usual or (say_when(known) if name == self.period_heading else [])

    @property
    def period_heading(self) -> str | None:
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
        values = [value for given in self.conditions.values() for value in as_list(given)]
        return [tidy_heading(as_text(str(value))) for value in values] + [*self.columns.values()]


def request_of(kind: Kind, asked: Mapping[str, Any]) -> Request:
    """What is asked for by the parameters of `qi.read`, once they have been looked at."""
    conditions, fill_down = asked["where"], asked["fill_down"]
    check_conditions(conditions)
    if isinstance(fill_down, str):
        raise ParameterError(
            "`fill_down` is a list of headings.",
            remedy=f"Write `fill_down: [{fill_down}]`.",
            where="fill_down",
        )
    taken = {one.name: asked[one.name] for one in fields(Request) if one.name in asked}
    own = {"kind": kind, "where": "", "header": _rows(asked["header"])}
    if asked["period_of_file"] is not None:  # YAML reads `period_of_file: 2023` as a number
        own["period_of_file"] = as_text(asked["period_of_file"])
    own |= {"conditions": conditions or {}, "fill_down": tuple(map(str, fill_down))}
    request = Request(**{**taken, **own})
    require_one_of("totals", request.totals, get_args(Totals))
    choices = {"merged": Merged, "rows_are": RowsAre, "years": Years, "quarters": Quarters}
    for name, known in {**choices, "period": Frequency}.items():
        if getattr(request, name) is not None:
            require_one_of(name, getattr(request, name), get_args(known))
    for name in ("period", "quarters"):
        if getattr(request, name) is not None and request.period_heading is None:
            raise ParameterError(
                f"A table of {kind.name} has no periods.",
                remedy=f"Leave out `{name}`.",
                where=name,
            )
    marks_of(request.suppressed)  # refused now, before the file is opened
    return request


def check_conditions(conditions: object) -> None:
    """Refuse a `where` that does not say for each column which value is meant."""
    if conditions and not isinstance(conditions, Mapping):
        raise ParameterError(
            "`where` must say for each column which value is meant.",
            remedy="For instance `where: {AgeGroup: 18plus}`.",
            where="where",
        )


def as_list(given: Any) -> list[Any]:
    """One value, or several, as a list."""
    return list(given) if isinstance(given, list | tuple | set) else [given]


def _rows(header: int | Sequence[int] | None) -> tuple[int, ...]:
    """The rows of the headings, from the upper to the lowest."""
    if header is None:
        return ()
    rows: list[Any] = list(header) if isinstance(header, list | tuple) else [header]
    if not rows or not all(isinstance(row, int) and not isinstance(row, bool) for row in rows):
        raise ParameterError(
            "`header` is the number of a row, or of several.", found=repr(header), where="header"
        )
    if rows == [0]:
        return NO_HEADER
    if min(rows) < 1:
        raise ParameterError(
            "Rows begin at 1; 0 is for no headings at all.",
            found=f"`header: {header}`",
            where="header",
        )
    if sorted(rows) != list(range(min(rows), min(rows) + len(rows))):
        raise ParameterError(
            "Rows of headings stand right below one another.",
            found=f"`header: {header}`",
            where="header",
        )
    return tuple(sorted(rows))
