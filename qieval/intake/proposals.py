"""What a file may be: its kind and which of its columns is which, read from its headings.

A proposal is a starting point that somebody looks at (``qieval new``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from qieval.intake.reading.layout.cell_types import is_period, plain_number, year_of
from qieval.intake.reading.layout.choose import tables_of
from qieval.intake.reading.layout.grid import Grid, known, mostly
from qieval.intake.reading.layout.outside import NO_YEAR
from qieval.intake.reading.layout.spread import PARAMETERS, likely_spread
from qieval.intake.reading.questions import OpenQuestions, Question, together
from qieval.intake.reading.raw import Cell, RawTable, as_text
from qieval.intake.reading.request import Request
from qieval.intake.reading.usual import usual_columns
from qieval.intake.reading.values.period_spellings import period_of
from qieval.intake.tables import KINDS, Kind, kind_named
from qieval.intake.tables.series import UNIT_NAMES
from qieval.intake.tables.usual_headings import say_when, spelt_so

_SAMPLE, _FEW = 200, 12
_FEWEST_UNITS = 3
"""With fewer rows, labels and figures may be anything."""
_ANY_YEAR = "2000"
"""What stands for a year that nobody has said yet, while headings are looked for."""


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
    others: tuple[Proposal, ...] = ()  # the other tables of the file that can be used
    trial: Loaded | None = None  # the table as read with any year, where a year is missing

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
    def lacks_year(self) -> bool:
        """Whether its months have no year, and none stands around it."""
        return isinstance(self.why_not, DataError) and self.why_not.problem == NO_YEAR

    @property
    def side_by_side(self) -> bool:
        """Whether answers of an audit stand side by side."""
        return not set(PARAMETERS.values()).isdisjoint(self.given)

    def numbers(self) -> list[str]:
        """Columns of the table that hold numbers."""
        loaded = self.loaded or self.trial
        if self.kind is None or loaded is None or not isinstance(loaded.table, pd.DataFrame):
            return []
        table = loaded.table
        # A year, month or week beside the period that was made of it is no figure.
        others = [str(name) for name in table if name != "period"]
        parts = self.kind.often_called("period", others) if "period" in table else []
        return [str(name) for name in table.select_dtypes("number") if name not in parts]


@dataclass(frozen=True, eq=False)
class _Look:
    """A table as it would be laid out for one kind."""

    kind: Kind
    raw: RawTable
    columns: dict[str, str]
    table: int | None  # its number, where its sheet holds several

    @property
    def place(self) -> tuple[str | None, int | None]:
        """Where it stands: the same for every kind."""
        return self.raw.sheet, self.table

    @property
    def weight(self) -> int:
        """How much speaks for the kind."""
        return _weight(self.kind, self.columns, self.raw)

    def fits(self, source: str) -> bool:
        """Whether it may be a table of the kind."""
        return _fits(self.kind, self.columns, self.raw, source)


@opened_once()
def propose(source: str, *, kind: str | None = None, sheet: str | int | None = None) -> Proposal:
    """What the tables in a file may be: the likeliest, and beside it all others that can be used.

    Raises DataError if the file cannot be opened, or holds no table; ParameterError if there is no
    such kind or sheet.
    """
    kinds = [kind_named(kind)] if kind else list(KINDS.values())
    looks = list(_looked_at(source, kinds, sheet))
    fitting = _likeliest([look for look in looks if look.fits(source)])
    if not fitting and not kind:
        found = [_by_content(look) for look in looks]
        fitting = _likeliest([look for look in found if look is not None])
    if not fitting and not kind:
        raw = looks[0].raw
        return Proposal(source, None, {}, _headings(raw), _sheet(raw, sheet))
    chosen = looks[0]
    if fitting:
        # The kind for which most speaks, in the place where it has most rows.
        best = max(fitting, key=lambda look: look.weight)
        alike = [one for one in fitting if (one.kind, one.weight) == (best.kind, best.weight)]
        chosen = max(alike, key=lambda look: len(look.raw.cells))
    others = [_proposal_of(look, source, sheet) for look in fitting if look is not chosen]
    others = [one for one in others if not one.missing]
    proposal = _proposal_of(chosen, source, sheet)
    open_ = any(one.kind is chosen.kind for one in others)
    asked = _asking_which(proposal, sheet) if open_ else None
    proposal = asked or _tried(proposal, chosen.kind)
    if proposal.lacks_year:
        given = proposal.given | {"period_of_file": _ANY_YEAR}
        trial = _tried(replace(proposal, given=given, why_not=None), chosen.kind).loaded
        proposal = replace(proposal, trial=trial)
    if proposal.loaded is None and not (chosen.kind.about_people or proposal.lacks_year):
        choices = _to_choose_from(chosen.raw, chosen.kind, set(proposal.columns.values()))
        proposal = replace(proposal, choices=choices)
    return replace(proposal, others=tuple(others))


def _asking_which(proposal: Proposal, sheet: str | int | None) -> Proposal | None:
    """The proposal without its sheet and table, where reading asks which and proposes the same."""
    place = {"sheet": proposal.sheet, "table": proposal.given.get("table")}
    given = {name: value for name, value in proposal.given.items() if name != "table"}
    bare = replace(proposal, given=given, sheet=None if sheet is None else proposal.sheet)
    tried = _tried(bare, proposal.kind) if proposal.kind else bare
    asked = together(tried.questions)
    said = {name: str(asked.get(name, value)).strip() for name, value in place.items()}
    same = said == {name: str(value).strip() for name, value in place.items()}
    return tried if tried.loaded is not None and same and {*asked} & {*place} else None


def _likeliest(looks: Iterable[_Look]) -> list[_Look]:
    """For each place the kind for which most speaks."""
    found: dict[tuple[str | None, int | None], _Look] = {}
    for look in looks:
        if look.place not in found or look.weight > found[look.place].weight:
            found[look.place] = look
    return list(found.values())


def _proposal_of(look: _Look, source: str, sheet: str | int | None) -> Proposal:
    """A proposal that has not been tried yet."""
    columns = dict(look.columns)
    unit = set(columns) & set(UNIT_NAMES)
    if look.kind.others == "undecided" and "period" in columns and not unit:
        teller = _told_apart(look.raw, columns["period"])
        columns |= {"unit": teller} if teller else {}
    given: dict[str, Any] = {} if look.table is None else {"table": look.table}
    given |= _side_by_side(look.kind, look.raw)
    return Proposal(source, look.kind, columns, _headings(look.raw), _sheet(look.raw, sheet), given)


def _by_content(look: _Look) -> _Look | None:
    """What a table may be whose headings say nothing: figures of periods, or of units."""
    cells = look.raw.cells
    figures = set(_figures(look.raw, {}))
    if not figures or find(cells, people=True):
        return None
    if look.kind is KINDS["series"]:
        found = usual_columns(cells, look.kind, {}, besides=True)
        if "period" in found.found:
            return replace(look, columns=found.mapping)
        within = [h for h in _headings(look.raw) if h not in figures and _all_when(cells[h])]
        return replace(look, columns={"period": within[0]}) if len(within) == 1 else None
    if look.kind is not KINDS["units"] or len(cells) < _FEWEST_UNITS:
        return None
    for heading in map(str, cells.columns):
        labels = cells[heading].dropna()
        told = heading not in figures and not mostly(known(labels), _has_when)
        if told and len(labels) == len(cells) and labels.is_unique:
            others = {name: h for name, h in look.columns.items() if h != heading}
            return replace(look, columns={"unit": heading, **others})
    return None


def _all_when(cells: pd.Series) -> bool:
    """Whether every cell names a period, each another: `Admissions 2016/17`."""
    filled = known(cells)
    return len({*filled}) == len(cells) and all(map(_has_when, filled))


def kind_of(raws: Mapping[str, RawTable], source: str) -> Kind | None:
    """The kind for which most speaks, of the raw tables as each kind would lay them out."""
    looks = [
        _Look(KINDS[name], raw, _columns_of(KINDS[name], raw), None) for name, raw in raws.items()
    ]
    fitting = [look for look in looks if look.fits(source)]
    return max(fitting, key=lambda look: look.weight).kind if fitting else None


def _sheet(raw: RawTable, sheet: str | int | None) -> str | None:
    """The sheet's name where it must be said: there are others, or somebody said it."""
    others = any(place.startswith("sheet ") for place in raw.unread)
    return raw.sheet if others or sheet is not None else None


def _headings(raw: RawTable) -> tuple[str, ...]:
    return tuple(map(str, raw.cells.columns))


def _looked_at(source: str, kinds: Sequence[Kind], sheet: str | int | None) -> Iterator[_Look]:
    """Every table as it would be laid out for each kind, on every sheet if none is named."""
    if is_elsewhere(source):  # its headings tell enough; its rows stay where they are
        names = [name for name in place_of(source).table.columns if name != FILE_ROW]
        raw = RawTable(pd.DataFrame(columns=names), header=0)
        yield from (_Look(kind, raw, _columns_of(kind, raw), None) for kind in kinds)
        return
    file, shown, _ = locate(source)
    why_not: QievalError | None = None
    seen = False
    for one in [sheet] if sheet is not None else _sheets(file):
        request = Request(KINDS["series"], where=shown, file=file.stem, strict=False)
        try:
            cells, _ = cells_of(file, sheet=one, request=request)
            several = len(tables_of(cells, request)) if isinstance(cells, Grid) else 1
        except (DataError, ParameterError) as error:
            why_not = why_not or error
            continue
        for number in range(1, max(several, 1) + 1):
            table = number if several > 1 else None
            # Kinds are laid out alike that have periods or not, and words only or not.
            alike: dict[tuple[bool, bool], RawTable | QievalError] = {}
            for kind in kinds:
                asked = replace(request, kind=kind, table=table, questions=[])
                group = asked.period_heading is None, asked.words_only
                if group not in alike:
                    alike[group] = _laid_out(cells, asked)
                found = alike[group]
                if isinstance(found, RawTable):
                    seen = True
                    yield _Look(kind, found, _columns_of(kind, found), table)
                else:
                    why_not = why_not or found
    if why_not and not seen:
        raise why_not


def _laid_out(cells: Grid | RawTable, request: Request) -> RawTable | QievalError:
    """The raw table, or why there is none; a year that stands nowhere is left to be said."""
    try:
        return laid_out(cells, request)
    except (DataError, ParameterError) as error:
        if error.problem != NO_YEAR:
            return error
    try:
        return laid_out(cells, replace(request, period_of_file=_ANY_YEAR, questions=[]))
    except (DataError, ParameterError) as error:
        return error


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
            fits = [] if name in found else fitting(name, free)
            if fitting is not spelt_so:
                fits = [heading for heading in fits if _may_hold(kind, name, raw.cells[heading])]
            if fits:
                found[name] = fits[0]
                free.remove(fits[0])
    if "period" in kind.columns and "period" not in found:
        # `Year 1 (2016/17)` stands over figures.
        loose = [heading for heading in say_when(free) if _say_when(raw.cells[heading])]
        found |= {"period": loose[0]} if loose else {}
    return {name: found[name] for name in names if name in found}


def _say_when(cells: pd.Series) -> bool:
    """Whether cells may be periods, or parts of them: no plain numbers but years."""
    filled = known(cells)
    return (
        not filled
        or not mostly(filled, lambda cell: plain_number(cell) is not None)
        or mostly(filled, lambda cell: is_period(cell) or year_of(cell) is not None)
    )


def _may_hold(kind: Kind, name: str, cells: pd.Series) -> bool:
    """Whether cells may be what a column holds that need not be there: `Seen` may be a figure."""
    if name in kind.required or kind.holds(name) not in ("date", "moment"):
        return True
    filled = known(cells)
    return not filled or mostly(filled, is_period)


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
    if kind is KINDS["responses"] and columns["respondent"] in _figures(raw, {}):
        # Figures called `Response`, beside months: the code of a respondent stands beside answers.
        others = raw.cells.drop(columns=columns["respondent"]).head(_SAMPLE)
        if any(mostly(known(others[heading]), _has_when) for heading in others):
            return False
    if _passes_over_periods(kind, columns, raw):
        return False
    if kind.name in ("spells", "leave"):
        said = f"{Path(source).stem} {raw.sheet or ''} {' '.join(columns.values())}".lower()
        return ("leave" in said) == (kind.name == "leave")
    return not (kind.without_figures and _figures(raw, columns))


def _passes_over_periods(kind: Kind, columns: dict[str, str], raw: RawTable) -> bool:
    """Whether figures are of periods that a kind would pass over: as headings, or in a column.

    A column of periods says so only beside numbers of what happened: a survey may ask for a year.
    """
    sample = raw.cells.head(_SAMPLE)
    timed = {h for name, h in columns.items() if kind.holds(name) in ("date", "moment", "period")}
    if any(not mostly(known(sample[heading]), period_of) for heading in timed):
        return False  # days, or what is no period either
    others = [h for h in _headings(raw) if h not in columns.values() or h in timed]
    figures = {*_figures(raw, columns)}
    if sum(1 for heading in others if heading in figures and _is_when(heading)) > 1:
        return True
    return "count" in columns and any(mostly(known(sample[h]), _is_when) for h in others)


def _is_when(cell: Cell) -> bool:
    return is_period(cell) or year_of(cell) is not None


def _has_when(cell: Cell) -> bool:
    """Whether a cell is a period, or names one among other words."""
    words = isinstance(cell, str) and period_of(cell, anywhere=True) is not None
    return _is_when(cell) or words


def _figures(raw: RawTable, columns: dict[str, str]) -> list[str]:
    """Headings of other columns that hold numbers for the most part."""
    sample = raw.cells.drop(columns=list(columns.values())).head(_SAMPLE)
    shares = {
        str(heading): cells.dropna().map(lambda cell: plain_number(cell) is not None).mean()
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
