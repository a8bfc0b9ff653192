"""Which column is which, and which rows are meant: `columns` and `where` of a parameter file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qieval.core.errors import DataError, ParameterError, did_you_mean, listed, nearest
from qieval.intake.identifiers import mask
from qieval.intake.reading.layout.cell_types import common_type
from qieval.intake.reading.questions import parameter_line
from qieval.intake.reading.raw import RawTable, as_text, tidy_heading
from qieval.intake.reading.request import Request, as_list
from qieval.intake.reading.usual import Usual, usual_columns
from qieval.intake.tables.kind import Kind

_MOST_NAMED = 3
_OF_FILE = {
    "period": ("period", "period_of_file: 2024-03"),
    "wave": ("round", "period_of_file: 2024"),
}
"""What one parameter can say for every row: our name → what it is, the line."""


@dataclass(frozen=True)
class Chosen:
    """Which column is which."""

    names: dict[str, str]  # our name → heading in the file, for every column of the table to be
    mapped: set[str]  # our names that the parameters gave, or that were proposed
    notes: list[str]  # proposals that were taken


def chosen_columns(raw: RawTable, request: Request, *, besides: bool = False) -> Chosen:
    """Canonical name → heading in the file, for every column of the table to be.

    Columns outside the mapping keep their headings as names. A column that must be there and that
    the file calls otherwise is asked for, with the line that says so; or, where only one heading
    usually means it and reading is not strict, taken.

    `besides`: whether to look at columns that need not be there even if none is missing.

    Raises DataError if a required or mapped column is not in the file, stands there twice, or two
    columns would get one name.
    """
    kind, mapping, where = request.kind, dict(request.columns), request.where
    headings = [str(name) for name in raw.cells.columns]
    all_rows = not request.conditions
    usual = usual_columns(raw.cells, kind, mapping, all_rows=all_rows, besides=besides)
    notes: list[str] = []
    _refuse_repeated(raw, kind, mapping, where)
    by_name = {name: name for name in kind.required if name not in mapping} | mapping
    missing = {name: heading for name, heading in by_name.items() if heading not in headings}
    further_down = raw.header and any(_row_with_heading(raw.cells, name) for name in missing)
    if further_down or set(missing) - {*usual.found, *usual.open}:
        raise _missing_columns(missing, raw, by_name, usual, request)
    if usual.open:
        raise _several(usual, raw, mapping, where)
    if usual.mapping:
        notes.append(_called_otherwise(usual, raw, mapping, request))
        mapping |= usual.mapping
        by_name |= usual.mapping
    used = set(by_name.values())
    others = [heading for heading in headings if heading not in used]
    for heading in others:
        if heading in by_name:
            raise DataError(
                f"Two columns would be called `{heading}`: the one that stands under that heading "
                f"and `{by_name[heading]}`, which `columns` gives that name.",
                remedy="Give the other a name as well: "
                + columns_line(mapping | {f"{heading}_in_file": heading}),
                where=where,
            )
    return Chosen(by_name | {heading: heading for heading in others}, set(mapping), notes)


def _refuse_repeated(raw: RawTable, kind: Kind, mapping: Mapping[str, str], where: str) -> None:
    for heading in [*(name for name in kind.required if name not in mapping), *mapping.values()]:
        if heading in raw.repeated:
            raise DataError(
                f"Several columns have the heading `{heading}`.",
                remedy="Give each its own heading.",
                where=where,
            )


def _called_otherwise(
    usual: Usual, raw: RawTable, mapping: Mapping[str, str], request: Request
) -> str:
    taken = [f"`{heading}` was taken as `{name}`" for name, heading in usual.mapping.items()]
    return request.ask(
        f"No column is called {listed(usual.found)}."
        if usual.found
        else f"{listed(usual.besides.values())} seems to say whose figures a row holds.",
        found=f"columns {listed(map(mask, map(str, raw.cells.columns)))}",
        remedy=f"Say which column is meant: {columns_line(dict(mapping) | usual.mapping)}.",
        proposal=f"{', '.join(taken)}.",
        settles={"columns": dict(mapping) | usual.mapping},
    )


def _several(usual: Usual, raw: RawTable, mapping: Mapping[str, str], where: str) -> DataError:
    """The error about names that several columns may have."""
    may_be = [f"`{name}` may be {listed(fits)}" for name, fits in usual.open.items()]
    most = max(map(len, usual.open.values()))
    lines = [  # the first of each, then the second: they mostly belong together
        columns_line(
            {**mapping, **usual.mapping}
            | {name: fits[min(number, len(fits) - 1)] for name, fits in usual.open.items()}
        )
        for number in range(most)
    ]
    return DataError(
        f"{_are_missing([f'`{name}`' for name in [*usual.open, *usual.found]])} "
        f"{'; '.join(may_be)}.",
        found=f"columns {listed(map(mask, map(str, raw.cells.columns)))}",
        remedy=f"Say which column is meant: {' or '.join(lines)}.",
        where=where,
    )


def _are_missing(names: list[str]) -> str:
    what = "column is" if len(names) == 1 else "columns are"
    return f"The {what} missing: {', '.join(names)}."


def as_mapping(columns: Mapping[str, str] | None) -> dict[str, str]:
    """`columns` with tidy headings."""
    if columns is None:
        return {}
    plain = str | int | float
    if isinstance(columns, Mapping) and all(isinstance(to, plain) for to in columns.values()):
        return {str(name): tidy_heading(str(heading)) for name, heading in columns.items()}
    raise ParameterError(
        "`columns` must say for each of our names which heading of the file is meant.",
        remedy="For instance `columns: {start: Admission date}`.",
        where="columns",
    )


def _missing_columns(
    missing: dict[str, str],
    raw: RawTable,
    by_name: dict[str, str],
    usual: Usual,
    request: Request,
) -> DataError:
    kind = request.kind
    headings = [str(name) for name in raw.cells.columns]
    near = {
        name: usual.found.get(name) or nearest(heading, headings)
        for name, heading in missing.items()
    }
    spelt = [
        f"`{heading}`" if heading == name else f"`{heading}` (for `{name}`)"
        for name, heading in missing.items()
    ]
    problem = _are_missing(spelt)
    if guesses := [f"`{guess}` for `{name}`" for name, guess in near.items() if guess]:
        problem += f" Nearest: {', '.join(guesses)}."
    line = {name: heading for name, heading in by_name.items() if heading != name}
    may_be = {
        name: [near[name] or ""] if near[name] else _may_mean(raw, kind, name, by_name)
        for name in missing
    }
    lines = [  # the first heading that each may have, then the second
        columns_line(line | {name: fits[min(one, len(fits) - 1)] for name, fits in may_be.items()})
        for one in range(max(map(len, may_be.values())))
    ]
    remedy = f"Say which column is meant: {' or '.join(lines)}."
    misspelt = {n: nearest(n, kind.columns) for n in by_name if n not in kind.columns}
    for name, guess in misspelt.items():
        if guess in missing:
            remedy += f" `{name}` is no name of ours; did you mean `{guess}`?"
    for heading in missing.values():
        if raw.header and (row := _row_with_heading(raw.cells, heading)):
            remedy = f"`{heading}` stands in row {row}: if that is the row of headings, set "
            remedy += f"`header: {row}`."
    for name in missing:
        if name in _OF_FILE and not near.get(name):
            remedy += f" If all rows are of one {_OF_FILE[name][0]}: `{_OF_FILE[name][1]}`."
    return DataError(
        problem,
        found=f"columns {listed(map(mask, headings))}",
        remedy=remedy,
        where=request.where,
    )


def _may_mean(raw: RawTable, kind: Kind, name: str, by_name: Mapping[str, str]) -> list[str]:
    """The headings without a meaning whose cells may be what a column holds; a stand-in if none."""
    holds = kind.holds(name)
    types = (holds,) if holds in ("text", "number") else ("date",)
    taken = {*by_name.values(), *kind.columns}
    fits = [
        heading
        for heading in map(str, raw.cells.columns)
        if heading not in taken
        and mask(heading) == heading
        and common_type(raw.cells[heading]) in types
    ]
    return fits[:_MOST_NAMED] or ["<heading in the file>"]


def columns_line(mapping: Mapping[str, str]) -> str:
    """The line of a parameter file that says which column is which."""
    return parameter_line("columns", dict(mapping))


def _row_with_heading(cells: pd.DataFrame, heading: str) -> int | None:
    """The number of the first of 20 rows in which a heading stands as a cell, or None."""
    first = cells.head(20).map(tidy_heading) == heading
    rows = first.index[first.any(axis=1)]
    return int(rows[0]) if len(rows) else None


def filter_rows(
    cells: pd.DataFrame,
    request: Request,
    names: Mapping[str, str],
    secret: Collection[str] = (),
) -> tuple[pd.DataFrame, list[tuple[str, int]]]:
    """The rows that are meant, and for each condition how many rows it left out.

    `request`: its conditions: heading, or our name for it → the value, or a list of the values,
    that a row must have. `names`: our name → heading.

    Raises DataError if a column or value is not there, or no row is left.
    """
    kind, conditions, where = request.kind, request.conditions, request.where
    left_out: list[tuple[str, int]] = []
    if not conditions:
        return cells, left_out
    kept = pd.Series(True, index=cells.index)
    canonical = {heading: name for name, heading in names.items()}
    for column, given in conditions.items():
        heading = tidy_heading(str(column))
        if heading not in cells:
            heading = names.get(heading, heading)
        if heading not in cells:
            raise no_such_column(heading, [str(name) for name in cells], where)
        wanted = [as_text(plain_value(value)) or "" for value in as_list(given)]
        texts = cells[heading].map(as_text)
        hidden = heading in secret or _hidden(texts, kind, canonical.get(heading, heading), heading)
        for value in wanted:
            if not (texts == value).any():
                present = sorted(texts.dropna().unique())
                count = f"{len(present):,} different values"
                raise no_such_value(heading, value, None if hidden else present, count, where)
        fits = texts.isin(wanted)
        quoted = ", ".join(f"`{value}`" for value in wanted)
        which = quoted if len(wanted) == 1 else f"one of {quoted}"
        which = "the values given" if hidden else which
        left_out.append((f"`{heading}` is not {which} (`where`)", int((kept & ~fits).sum())))
        kept &= fits
    if not kept.any():
        raise DataError(
            "No row meets all conditions of `where` together.",
            found=f"each is met by some row, but {listed(conditions)} never at once",
            where=where,
        )
    return cells[kept], left_out


def _hidden(texts: pd.Series, kind: Kind, name: str, heading: str) -> bool:
    """Whether the values of a column must not be shown: they tell, alone or nearly, who it is."""
    different = texts.nunique()
    nearly_unique = kind.about_people and different > 20 and 2 * different > len(texts)
    return kind.identifies(name, heading) or nearly_unique


def plain_value(value: Any) -> Any:
    """A value of a parameter file as cells have it."""
    # YAML reads yes, no, true and false as truth values; cells say TRUE or FALSE.
    return ("TRUE" if value else "FALSE") if isinstance(value, bool) else value


def no_such_column(heading: str, headings: list[str], where: str) -> DataError:
    """The error about a column that `where` names."""
    guess = nearest(heading, headings)
    return DataError(
        f"There is no column `{heading}`, which `where` names.",
        found=f"columns {listed(map(mask, headings))}",
        remedy=f"Did you mean `{guess}`? " * bool(guess)
        + "`where` takes the file's own headings, or qieval's names for them.",
        where=where,
    )


def no_such_value(
    heading: str, value: str, present: list[str] | None, count: str, where: str
) -> DataError:
    """The error about a value that `where` names.

    `present`: the values there are. None: they tell who somebody is, and are not shown; none in the
    list: there are too many to show.
    """
    if present is None:
        return DataError(
            f"A value that `where` names does not occur in `{heading}`.",
            found=f"{count} (not shown: they identify people)",
            where=where,
        )
    return DataError(
        f"`{value}`, which `where` names, does not occur in `{heading}`.",
        found=f"values {listed(present)}" if present else count,
        remedy=did_you_mean(value, present),
        where=where,
    )
