"""What reading does with identifiers: pseudonyms for people, the rest goes no further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

import pandas as pd

from qieval.core.config import settings_here
from qieval.core.errors import QievalError
from qieval.intake.identifiers import CHI, Found, find, mask
from qieval.intake.pseudonyms import PUBLIC_KEY, load_key, name_of, pseudonyms
from qieval.intake.reading.passport import IDENTIFIER_COLUMNS
from qieval.intake.reading.questions import OpenQuestions
from qieval.intake.reading.request import Request
from qieval.intake.tables import Kind

LEFT_OUT = "left out: not needed"
REPLACED = "replaced by pseudonyms"
MASKED = "taken out of the text"
KEPT_BACK = "not shown"


_P = ParamSpec("_P")
_R = TypeVar("_R")


def without_identifiers(reading: Callable[_P, _R]) -> Callable[_P, _R]:
    """Reading whose errors name no identifier, whatever part of the file they quote."""

    @wraps(reading)
    def careful(*given: _P.args, **named: _P.kwargs) -> _R:
        try:
            return reading(*given, **named)
        except QievalError as error:
            texts = (error.problem, error.found, error.remedy, error.where)
            problem, found, remedy, where = (mask(text) if text else text for text in texts)
            masked = type(error)(problem or "", found=found, remedy=remedy, where=where)
            if isinstance(masked, OpenQuestions) and isinstance(error, OpenQuestions):
                masked.questions = tuple(one.masked(mask) for one in error.questions)
            # `from None`: the first error would stand in a traceback as it was.
            raise masked from None

    return careful


@dataclass(frozen=True)
class Guard:
    """What was found at the door."""

    names: dict[str, str]  # our name → heading, without the columns that go no further
    secret: frozenset[str]  # headings whose cells no message may show
    replaced: frozenset[str]  # our names of columns whose codes become pseudonyms
    masked: frozenset[str]  # our names of columns out of whose text identifiers are taken
    found: tuple[Found, ...]  # all that was found
    notes: list[str]  # proposals that were taken

    def table(self, kind: Kind, rows: pd.DataFrame) -> pd.DataFrame:
        """For the passport: columns with identifiers, what, in how many cells, what was done."""
        name_of = {heading: name for name, heading in self.names.items()}
        lines = [
            (one.column, one.what, one.cells, self._done(name_of.get(one.column)))
            for one in self.found
        ]
        listed_columns = {one.column for one in self.found}
        for name, heading in self.names.items():
            if name in self.replaced and heading not in listed_columns:
                cells = int(rows[heading].notna().sum())
                codes = f"codes ({kind.columns[name].description.partition(';')[0]})"
                lines.append((heading, codes, cells, REPLACED))
        return pd.DataFrame(lines, columns=IDENTIFIER_COLUMNS)

    def concealed(self, cells: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
        """Raw cells, with what the table holds now where identifiers were found."""
        new = {
            heading: table[name].astype(object).reindex(cells.index)
            for name, heading in self.names.items()
            if heading in self.secret and name in table
        }
        gone = [heading for heading in self.secret if heading not in new and heading in cells]
        return cells.assign(**new).drop(columns=gone)

    def _done(self, name: str | None) -> str:
        if name is None:
            return LEFT_OUT
        if name in self.replaced:
            return REPLACED
        return MASKED if name in self.masked else KEPT_BACK


def at_the_door(
    cells: pd.DataFrame,
    names: dict[str, str],
    mapped: set[str],
    request: Request,
) -> Guard:
    """Look for identifiers in every column of a file, and decide what becomes of each.

    `request`: whether an identifier in a column that is needed for something else stops the
    reading.
    """
    kind = request.kind
    identifiers = find(cells, people=kind.about_people)
    made_of_them = {one.column: one for one in identifiers if one.whole}
    with_some = {one.column for one in identifiers if not one.whole}
    replaced = {name for name in names if kind.is_code_of_person(name)}
    left: dict[str, str] = {}
    notes: list[str] = []
    for name, heading in names.items():
        if heading in made_of_them and name not in replaced:
            if name not in kind.columns and name not in kind.text_names and name not in mapped:
                continue
            notes.append(_needed(name, made_of_them[heading], request))
            replaced.add(name)
        left[name] = heading
    masked = {name for name, heading in left.items() if heading in with_some} - replaced
    secret = frozenset(one.column for one in identifiers)
    return Guard(left, secret, frozenset(replaced), frozenset(masked), tuple(identifiers), notes)


def _needed(name: str, found: Found, request: Request) -> str:
    return request.ask(
        f"`{found.column}` holds {found.what}, which tell who or where somebody is; "
        f"here it is `{name}`.",
        found=f"{found.what} in {found.cells:,} cells (not shown)",
        remedy=f"Give another column as `{name}`, or take this one out of the file.",
        proposal=f"each of the {found.what} in `{found.column}` is replaced by a pseudonym.",
    )


def conceal(table: pd.DataFrame, guard: Guard, *, public: bool) -> pd.DataFrame:
    """The table with pseudonyms for people, and without identifiers in its texts.

    ``attrs["pseudonyms"]`` says by which key: only tables of one key can be joined.

    `public`: whether the data are simulated or published: then the key is one that everybody has.

    Raises WorkspaceError if the key can neither be read nor made.
    """
    if guard.replaced:
        key = PUBLIC_KEY if public else load_key(*settings_here())
        table.attrs["pseudonyms"] = name_of(key)
        chi = {one.column for one in guard.found if one.whole and one.what == CHI}
        for name in guard.replaced & set(table.columns):
            codes = table[name].astype("str")
            if guard.names[name] in chi:  # Excel takes the first zero away
                codes = codes.str.replace(r"^(\d{9})$", r"0\1", regex=True)
            table = table.assign(**{name: pseudonyms(codes, key)})
    for name in guard.masked & set(table.columns):
        if pd.api.types.is_string_dtype(table[name]):
            table = table.assign(**{name: table[name].map(mask, na_action="ignore")})
    return table
