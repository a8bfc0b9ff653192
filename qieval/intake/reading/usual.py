"""Columns that a file calls otherwise than we do: what they usually are, as a proposal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pandas as pd

from qieval.intake.reading.layout.cell_types import common_type, is_period, year_of
from qieval.intake.reading.layout.grid import known
from qieval.intake.tables.kind import Kind
from qieval.intake.tables.series import UNIT_NAMES
from qieval.intake.tables.usual_headings import say_when, spelt_so

_MOST_WAVES = 12
"""A column with more different cells than this is no round of an audit."""

_LOOKED_AT = 500


@dataclass(frozen=True)
class Usual:
    """What the columns of a file usually are."""

    # Our name → the one heading that usually means it, for columns that must be there.
    found: dict[str, str] = field(default_factory=dict)
    # Our name → several headings, each of which may mean it.
    open: dict[str, list[str]] = field(default_factory=dict)
    # As `found`, for columns that need not be there: headings that are ours but for capitals, codes
    # of people, teams and wards, and what tells apart the rows of a period.
    besides: dict[str, str] = field(default_factory=dict)

    @property
    def mapping(self) -> dict[str, str]:
        """`columns` as it may be written."""
        return self.found | self.besides


def usual_columns(
    cells: pd.DataFrame,
    kind: Kind,
    mapping: Mapping[str, str],
    *,
    all_rows: bool = True,
    besides: bool = False,
) -> Usual:
    """What the columns of a file usually are, of those that nobody has named.

    `cells`: raw cells under the file's headings; without rows only headings tell. `all_rows`:
    whether all rows are meant: then rows of one period must be told apart. `besides`: whether to
    look at columns that need not be there even if none is missing.
    """
    headings = [str(heading) for heading in cells.columns]
    free = [h for h in headings if h not in kind.columns and h not in mapping.values()]
    there = {*headings, *mapping}
    found: dict[str, str] = {}
    open_: dict[str, list[str]] = {}
    for name in _needed(cells, kind, there, free):
        fits = _candidates(cells, kind, name, free)
        if len(fits) == 1:
            found[name] = fits[0]
            free.remove(fits[0])
        elif fits:
            open_[name] = fits
    others = _besides(cells, kind, there | {*found}, free) if found or besides else {}
    period = mapping.get("period") or found.get("period") or "period"
    if all_rows and not open_ and period in headings and set(UNIT_NAMES) <= kind.text_names:
        taken = {*there, *found, *others}
        others |= _unit(cells, kind, period, taken, [h for h in free if h not in others.values()])
    return Usual(found, open_, others)


def _needed(cells: pd.DataFrame, kind: Kind, there: set[str], free: list[str]) -> list[str]:
    """Names that must be there and are not; of groups of which one is enough, the likeliest."""
    names = [name for name in kind.required if name not in there]
    if kind.either and not any(set(group) <= there for group in kind.either):
        likely = [
            group
            for group in kind.either
            if all(name in there or _candidates(cells, kind, name, free) for name in group)
        ]
        names += [name for name in max(likely, key=len, default=()) if name not in there]
    return names


def _candidates(cells: pd.DataFrame, kind: Kind, name: str, free: list[str]) -> list[str]:
    """The headings that may mean a name of ours; what their cells look like tells them apart."""
    fits = kind.often_called(name, free)
    if name == "wave":
        return [heading for heading in fits if cells[heading].nunique() <= _MOST_WAVES]
    fitting_type = [heading for heading in fits if _fits_type(cells[heading], kind.holds(name))]
    if kind.holds(name) != "period":
        return fitting_type or fits
    if not fits and len(cells):
        by_word = [heading for heading in say_when(free) if _fits_type(cells[heading], "period")]
        fitting_type = by_word or [
            # Periods, but for a slip here and there.
            h
            for h in free
            if sum(map(is_period, known(cells[h]))) > 0.9 * len(known(cells[h]))
        ]
    # A year beside its months or quarters is no second candidate.
    finer = [h for h in fitting_type if not all(map(year_of, known(cells[h])))]
    return finer or fitting_type or fits


def _fits_type(cells: pd.Series, holds: str) -> bool:
    """Whether cells may be what a column holds: words are neither dates nor numbers."""
    if holds == "text" or cells.empty:
        return True
    cell_type = common_type(cells)
    return cell_type == "number" if holds == "number" else cell_type in ("date", "number")


def _besides(
    cells: pd.DataFrame, kind: Kind, there: Collection[str], free: list[str]
) -> dict[str, str]:
    """Columns that need not be there, where the heading leaves nothing open."""
    besides: dict[str, str] = {}
    for name in [*kind.columns, *(name for name in UNIT_NAMES if name in kind.text_names)]:
        if name in there:
            continue
        likely = kind.is_code_of_person(name) or name in ("team", "ward")
        fits = (kind.often_called if likely else spelt_so)(name, free)
        if len(fits) == 1 and fits[0] not in besides.values():
            blank = len(cells) and cells[fits[0]].isna().all()
            if not blank and _fits_type(cells[fits[0]], kind.holds(name)):
                besides[name] = fits[0]
    return besides


def _unit(
    cells: pd.DataFrame, kind: Kind, period: str, there: Collection[str], free: list[str]
) -> dict[str, str]:
    """The column that tells apart the rows of a period, where there is exactly one."""
    if {*there} & {*UNIT_NAMES} or not cells.duplicated(period).any():
        return {}
    tells_apart = [
        heading
        for heading in free
        if common_type(cells[heading].iloc[:_LOOKED_AT]) == "text"
        and cells[heading].notna().all()
        and not cells.duplicated([period, heading]).any()
    ]
    # `unit` fits most of them; it comes first, and names that fit better replace it.
    usual = {
        heading: name for name in UNIT_NAMES for heading in kind.often_called(name, tells_apart)
    }
    usual = usual or dict.fromkeys(tells_apart, "unit")
    return {name: heading for heading, name in usual.items()} if len(usual) == 1 else {}
