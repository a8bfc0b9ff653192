"""What a file may be: its kind and which of its columns is which, read from its headings.

A proposal is a starting point that somebody looks at (``qieval new``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from qieval.core.errors import DataError, ParameterError, QievalError
from qieval.intake.backends import FILE_ROW
from qieval.intake.identifiers import find
from qieval.intake.reading import Loaded, read
from qieval.intake.reading.database.places import is_elsewhere, place_of
from qieval.intake.reading.files import WORKBOOKS, cells_of, laid_out, locate
from qieval.intake.reading.formats.workbook import opened_once, visible_sheets
from qieval.intake.reading.layout.cell_types import is_period, year_of
from qieval.intake.reading.layout.grid import Grid, known
from qieval.intake.reading.layout.spread import PARAMETERS, likely_spread
from qieval.intake.reading.questions import OpenQuestions, Question
from qieval.intake.reading.raw import RawTable, as_text
from qieval.intake.reading.request import Request
from qieval.intake.tables import KINDS, Kind, kind_named
from qieval.intake.tables.series import UNIT_NAMES
from qieval.intake.tables.usual_headings import say_when, spelt_so

_NUMBER = re.compile(r"[+-]?[\d,]*\.?\d+")
_SAMPLE, _FEW = 200, 12


@dataclass(frozen=True, eq=False)
class Proposal:
    """What a file may be."""

    source: str  # the file, as parameters name it
    kind: Kind | None  # what the table may be; None: nothing fits
    columns: dict[str, str]  # our name → heading, for every column of the kind that was found
    headings: tuple[str, ...]  # all headings of the table
    sheet: str | None = None  # the sheet that was looked at
    # Further parameters that reading needs: ``dayfirst``, ``standards_in``.
    given: dict[str, Any] = field(default_factory=dict)
    # Where it cannot be read: columns by which rows may have to be chosen, with their values.
    choices: dict[str, list[str]] = field(default_factory=dict)
    # The table, read with every proposal taken; None: it cannot be read yet.
    loaded: Loaded | None = None
    why_not: QievalError | None = None  # why it cannot be read

    @property
    def questions(self) -> tuple[Question, ...]:
        """What only the owner of the file can say, as far as reading came."""
        if self.loaded is not None:
            return self.loaded.passport.questions
        return self.why_not.questions if isinstance(self.why_not, OpenQuestions) else ()

    @property
    def renamed(self) -> dict[str, str]:
        """The columns that are not called as here."""
        return {name: heading for name, heading in self.columns.items() if name != heading}

    @property
    def missing(self) -> list[str]:
        """Needed columns that were not found."""
        if self.kind is None:
            return []
        there = {*self.columns, *(into for into in PARAMETERS if PARAMETERS[into] in self.given)}
        return [name for name in self.kind.required if name not in there]

    @property
    def side_by_side(self) -> bool:
        """Whether answers of an audit stand side by side."""
        return not set(PARAMETERS.values()).isdisjoint(self.given)

    def numbers(self) -> list[str]:
        """Columns of the table that hold numbers."""
        if self.loaded is None or not isinstance(self.loaded.table, pd.DataFrame):
            return []
        return [str(name) for name in self.loaded.table.select_dtypes("number")]


@opened_once()
def propose(source: str, *, kind: str | None = None, sheet: str | int | None = None) -> Proposal:
    """What the table in a file may be.

    Raises DataError if the file cannot be opened, or holds no table; ParameterError if there is no
    such kind or sheet.
    """
    kinds = [kind_named(kind)] if kind else list(KINDS.values())
    seen = [(one, _columns_of(one, raw), raw) for one, raw in _looked_at(source, kinds, sheet)]
    fitting = [found for found in seen if _fits(*found, source)]
    if fitting:
        # The kind for which most speaks, on the sheet where it has most rows.
        best = max(fitting, key=lambda each: _weight(*each))
        alike = [e for e in fitting if e[0] is best[0] and _weight(*e) == _weight(*best)]
        chosen, columns, raw = max(alike, key=lambda each: len(each[2].cells))
    elif kind:
        chosen, columns, raw = seen[0]
    else:
        _, _, raw = seen[0]
        return Proposal(source, None, {}, _headings(raw), _sheet(raw, sheet))
    unit = set(columns) & set(UNIT_NAMES)
    if chosen.others == "undecided" and "period" in columns and not unit:
        teller = _told_apart(raw, columns["period"])
        columns |= {"unit": teller} if teller else {}
    given = _side_by_side(chosen, raw)
    proposal = Proposal(source, chosen, columns, _headings(raw), _sheet(raw, sheet), given)
    proposal = _tried(proposal, chosen)
    if proposal.loaded is None and not chosen.about_people:
        choices = _to_choose_from(raw, chosen, set(columns.values()))
        proposal = replace(proposal, choices=choices)
    return proposal


def kind_of(raws: Mapping[str, RawTable], source: str) -> Kind | None:
    """The kind for which most speaks, of the raw tables as each kind would lay them out."""
    seen = [(KINDS[name], _columns_of(KINDS[name], raw), raw) for name, raw in raws.items()]
    fitting = [found for found in seen if _fits(*found, source)]
    return max(fitting, key=lambda each: _weight(*each))[0] if fitting else None


def _sheet(raw: RawTable, sheet: str | int | None) -> str | None:
    """The sheet's name where it must be said: there are others, or somebody said it."""
    others = any(place.startswith("sheet ") for place in raw.unread)
    return raw.sheet if others or sheet is not None else None


def _headings(raw: RawTable) -> tuple[str, ...]:
    return tuple(map(str, raw.cells.columns))


def _looked_at(
    source: str, kinds: Sequence[Kind], sheet: str | int | None
) -> Iterator[tuple[Kind, RawTable]]:
    """The raw table as it would be laid out for each kind, on every sheet if none is named."""
    if is_elsewhere(source):  # its headings tell enough; its rows stay where they are
        names = [name for name in place_of(source).table.columns if name != FILE_ROW]
        yield from ((kind, RawTable(pd.DataFrame(columns=names), header=0)) for kind in kinds)
        return
    file, shown, _ = locate(source)
    why_not: QievalError | None = None
    cells: dict[object, Grid | RawTable] = {}
    # Kinds are laid out alike that have periods or not, and words only or not.
    seen: dict[tuple[object, bool, bool], RawTable | None] = {}
    for kind, one in product(kinds, [sheet] if sheet is not None else _sheets(file)):
        request = Request(kind, where=shown, file=file.stem, strict=False)
        alike = one, request.period_heading is None, request.words_only
        if alike not in seen:
            seen[alike] = None
            try:
                if one not in cells:
                    cells[one], _ = cells_of(file, sheet=one, request=request)
                seen[alike] = laid_out(cells[one], request)
            except (DataError, ParameterError) as error:
                why_not = why_not or error
        if (raw := seen[alike]) is not None:
            yield kind, raw
    if why_not and not any(raw is not None for raw in seen.values()):
        raise why_not


def _sheets(file: Path) -> list[str] | list[None]:
    """The visible sheets of a workbook; for other files, and damaged ones, as reading has it."""
    if file.suffix.lower() not in WORKBOOKS:
        return [None]
    try:
        return list(visible_sheets(file, file.name)) or [None]
    except DataError:  # reading says what is wrong with it
        return [None]


def _columns_of(kind: Kind, raw: RawTable) -> dict[str, str]:
    """Our name → heading for the columns of a kind.

    Those of our name come first, then those often so called; a heading is taken once.
    """
    answers = {heading for named in _side_by_side(kind, raw).values() for heading in named}
    free = [h for h in _headings(raw) if h not in raw.repeated and h not in answers]
    units = [name for name in UNIT_NAMES if name in kind.text_names]
    names = [*kind.columns, *(name for name in units if name not in kind.columns)]
    found: dict[str, str] = {}
    for fitting in (spelt_so, kind.often_called):
        for name in names:
            if name not in found and (fits := fitting(name, free)):
                found[name] = fits[0]
                free.remove(fits[0])
    if "period" in kind.columns and "period" not in found and (loose := say_when(free)):
        found["period"] = loose[0]
    return {name: found[name] for name in names if name in found}


def _side_by_side(kind: Kind, raw: RawTable) -> dict[str, list[str]]:
    """The parameter that says which columns are answers side by side; nothing if none are."""
    found = likely_spread(raw.cells, kind, {})
    return {PARAMETERS[found.into]: list(found.headings)} if found else {}


def _weight(kind: Kind, columns: dict[str, str], raw: RawTable) -> int:
    """How much speaks for a kind: a ward or team may stand in a table of any kind."""
    telling = set(columns) - set(UNIT_NAMES) - {"project"} | (set(columns) & set(kind.required))
    return len(telling) + len(_side_by_side(kind, raw))


def _fits(kind: Kind, columns: dict[str, str], raw: RawTable, source: str) -> bool:
    if _side_by_side(kind, raw):
        return bool({"wave", "record", "team", "standard"} & set(columns))
    if not set(kind.required) <= set(columns):
        return False
    if kind.either and not any(set(group) <= set(columns) for group in kind.either):
        return False
    if kind.told_by and not set(kind.told_by) & set(columns):
        return False
    if kind.name in ("spells", "leave"):
        said = f"{Path(source).stem} {raw.sheet or ''} {' '.join(columns.values())}".lower()
        return ("leave" in said) == (kind.name == "leave")
    return not (kind.without_figures and _figures(raw, columns))


def _figures(raw: RawTable, columns: dict[str, str]) -> list[str]:
    """Headings of other columns that hold numbers for the most part."""
    sample = raw.cells.drop(columns=list(columns.values())).head(_SAMPLE)
    shares = {
        str(heading): cells.dropna().map(lambda cell: bool(_NUMBER.fullmatch(str(cell)))).mean()
        for heading, cells in sample.items()
    }
    return [heading for heading, share in shares.items() if share > 0.5]


def _told_apart(raw: RawTable, period: str) -> str | None:
    """The heading of the one column that tells apart the rows of a period; None: there is none."""
    cells = raw.cells
    if not cells.duplicated(period).any():
        return None
    figures = set(_figures(raw, {}))
    for heading in cells.columns.difference([period, *figures], sort=False):
        if all(year_of(cell) or is_period(cell) for cell in known(cells[heading])):
            continue  # reading puts a year together with the months or quarters beside it
        if cells[heading].notna().all() and not cells.duplicated([period, heading]).any():
            return str(heading)
    return None


def _to_choose_from(raw: RawTable, kind: Kind, used: Collection[str]) -> dict[str, list[str]]:
    """Columns by which rows may have to be chosen: heading → its few values, never people's."""
    found = {}
    secret = {one.column for one in find(raw.cells, people=kind.about_people)}
    for heading in map(str, raw.cells.columns):
        values = raw.cells[heading].dropna().map(as_text).drop_duplicates()
        if heading not in {*used, *secret, *_figures(raw, {})} and 2 <= len(values) <= _FEW:
            found[heading] = list(map(str, values))
    return found


def _tried(proposal: Proposal, kind: Kind) -> Proposal:
    """The proposal with the table, read with every proposal taken, or why it cannot be read."""
    why_not: QievalError | None = None
    options: list[dict[str, Any]] = [{}, {"dayfirst": False}]
    for given in options:
        try:
            loaded = read(
                proposal.source,
                kind.name,
                sheet=proposal.sheet,
                columns=proposal.renamed or None,
                strict=False,
                **proposal.given,
                **given,
            )
        except QievalError as error:
            why_not = why_not or error
            if "dayfirst" not in str(error):
                break
        else:
            return replace(proposal, given=proposal.given | given, loaded=loaded)
    return replace(proposal, why_not=why_not)
