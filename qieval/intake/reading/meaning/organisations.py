"""Organisations over time: mergers, names that change under one code, codes that come and go."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from qieval.core.errors import DataError, ParameterError, listed
from qieval.core.periods import label
from qieval.core.words import in_a_row, many
from qieval.core.workspace import relative, resolve
from qieval.intake.reading.raw import tidy_heading
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.suppression import AT_LEAST, AT_MOST
from qieval.intake.tables.faults import row_numbers

_COLUMNS = ("code", "successor", "from")


@dataclass(frozen=True)
class Successors:
    """Who took over from whom."""

    last: dict[str, str]  # code → the organisation at the end of its chain of successors
    since: dict[str, dt.date]  # code → the day on which it ended, where that is known


def successors_of(given: Mapping[str, str] | str) -> Successors:
    """The table of successors from a parameter.

    `given`: code → its successor; or a CSV file with the columns ``code``, ``successor`` and, if
    known, ``from`` (the day of the merger, as 2020-04-01).

    Raises DataError if the file cannot be used; ParameterError if a code has two successors, or the
    successors go round in a circle.
    """
    since: dict[str, dt.date] = {}
    if isinstance(given, str):
        pairs, since = _from_file(given)
    elif isinstance(given, Mapping):
        pairs = [(str(code), str(successor)) for code, successor in given.items()]
    else:
        raise ParameterError(
            "`successors` says for each code which code took over.",
            found=repr(given),
            remedy="Write `successors: {00C: 16C}`, or name a CSV file with the columns code and "
            "successor.",
            where="successors",
        )
    direct: dict[str, str] = {}
    for code, successor in pairs:
        if direct.get(code, successor) != successor:
            raise ParameterError(
                f"`{code}` has two successors: figures cannot be split between them.",
                found=listed(sorted({direct[code], successor})),
                where="successors",
            )
        if code != successor:
            direct[code] = successor
    return Successors({code: _last(code, direct) for code in direct}, since)


def _last(code: str, direct: Mapping[str, str]) -> str:
    seen = [code]
    while (following := direct.get(seen[-1])) is not None:
        if following in seen:
            raise ParameterError(
                "The successors go round in a circle.",
                found=" → ".join([*seen, following]),
                where="successors",
            )
        seen.append(following)
    return seen[-1]


def _from_file(given: str) -> tuple[list[tuple[str, str]], dict[str, dt.date]]:
    path = resolve(given)
    name_shown = relative(path)
    if not path.is_file():
        raise DataError("There is no such table of successors.", where=name_shown)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    headings = [tidy_heading(cell).lower() for cell in rows[0]] if rows else []
    if not {"code", "successor"} <= set(headings):
        raise DataError(
            "A table of successors needs the columns `code` and `successor`.",
            found=f"columns {listed(headings)}",
            where=name_shown,
        )
    pairs, since = [], {}
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(headings, (cell.strip() for cell in row), strict=False))
        if not any(cells.values()):
            continue
        code, successor = cells.get("code", ""), cells.get("successor", "")
        if not (code and successor):
            raise DataError(
                "A row has no code, or no successor.", found=f"row {number}", where=name_shown
            )
        pairs.append((code, successor))
        if day := cells.get("from"):
            try:
                since[code] = dt.date.fromisoformat(day)
            except ValueError as error:
                raise DataError(
                    "`from` is no date.",
                    found=f"{day!r} in row {number}",
                    remedy="Write it as 2020-04-01.",
                    where=name_shown,
                ) from error
    return pairs, since


def merge(
    table: pd.DataFrame,
    names: Mapping[str, str],
    successors: Successors,
    *,
    units: Sequence[str],
    figures: Sequence[str],
) -> tuple[pd.DataFrame, list[tuple[str, int, str]], list[str]]:
    """The table with figures of merged organisations added up in each period.

    `figures`: the columns that can be added up. Other numbers become missing where rows are put
    together.

    Raises ParameterError if none of the codes occurs.

    Returns
    -------
    tuple
        The table, the rows that were added to others, and what to note.
    """
    holding = [unit for unit in units if table[unit].isin(successors.last).any()]
    if not holding:
        raise ParameterError(
            "None of the codes of `successors` occurs in the table.",
            found=f"codes {listed(successors.last, 5)}; units in {listed(units)}",
            remedy="Name the column that holds the codes: `columns: {unit: …}`.",
            where="successors",
        )
    dropped: list[tuple[str, int, str]] = []
    notes: list[str] = []
    for unit in holding:
        table, more_dropped, more = _merged(table, names, successors, unit, figures)
        dropped += more_dropped
        notes += more
    return table, dropped, notes


def _merged(
    table: pd.DataFrame,
    names: Mapping[str, str],
    successors: Successors,
    unit: str,
    figures: Sequence[str],
) -> tuple[pd.DataFrame, list[tuple[str, int, str]], list[str]]:
    old = table[unit]
    taken_over = old.isin(successors.last)
    new = old.map(successors.last).where(taken_over, old)
    numbers = [str(name) for name in table if pd.api.types.is_numeric_dtype(table[name])]
    others = [str(name) for name in table if name not in (unit, *numbers)]
    # What the code decides (its name, its region) is no reason to keep rows apart.
    attributes = [name for name in others if name != "period" and _decided(table, unit, name)]
    merged = table.assign(**{unit: new})
    for name in attributes:
        own = table[name].where(~taken_over)
        merged[name] = own.where(~taken_over, own.groupby(new).transform("first"))
    keys = [merged[name] for name in (unit, *others) if name not in attributes]
    group = merged.groupby(keys, dropna=False, sort=False).ngroup()
    size = group.map(group.value_counts())
    several = size > 1
    # The successor's own row stays where there is one.
    stays = pd.Series(True, index=table.index)
    in_order = group[taken_over.sort_values(kind="stable").index]
    stays[in_order.index[in_order.duplicated()]] = False
    stays |= ~taken_over.groupby(group).transform("any")
    for name in numbers:
        adds_up = name in figures or name.endswith((AT_LEAST, AT_MOST))
        sums = table.groupby(group)[name].sum(skipna=False)
        values = group.map(sums) if adds_up else table[name].where(~several)
        merged[name] = values.where(stays & taken_over.groupby(group).transform("any"), table[name])
    heading = names.get(unit, unit)
    notes = [
        f"`{heading}`: {old[taken_over].nunique()} codes went into "
        f"{new[taken_over].nunique()} successors; {many(int(taken_over.sum()), 'row')} of theirs "
        "were added up with rows of the same period (`successors`)."
    ]
    rates = [
        names.get(name, name)
        for name in numbers
        if name not in figures and not name.endswith((AT_LEAST, AT_MOST))
    ]
    if rates and (several & stays).any():
        shown = listed(rates)
        notes.append(f"Rates and averages cannot be added up: missing where rows merged ({shown}).")
    notes += _late(table, unit, heading, successors)
    gone = table.index[~stays]
    reason = f"`{heading}`: added to the row of its successor (`successors`)"
    dropped = [(reason, len(gone), row_numbers(gone, most=5))] if len(gone) else []
    return merged[stays], dropped, notes


def _decided(table: pd.DataFrame, unit: str, name: str) -> bool:
    """Whether a column has hardly more values than one for each code: it says who that is."""
    pairs = table[[unit, name]].dropna().drop_duplicates()
    return bool(pairs.groupby(unit).size().le(1).mean() > 0.5) and len(pairs) > 0


def _late(table: pd.DataFrame, unit: str, heading: str, successors: Successors) -> list[str]:
    """A note where a code has rows after its organisation ended."""
    if not successors.since or "period" not in table:
        return []
    ended = pd.to_datetime(table[unit].map(successors.since))
    late = table["period"] >= ended
    if not late.any():
        return []
    return [
        f"`{heading}`: {many(int(late.sum()), 'row')} of codes after the day on which they ended "
        f"({row_numbers(table.index[late], most=5)}); they were added up all the same."
    ]


_CODE = re.compile(r"[A-Za-z0-9]{2,10}")
_NAME = re.compile(r"name", re.IGNORECASE)
_MOST_SHOWN = 6
_MOST_PERIODS = 12


def changed_names(
    table: pd.DataFrame,
    names: Mapping[str, str],
    request: Request,
    units: Sequence[str],
    texts: Sequence[str],
) -> list[str]:
    """Notes on organisations whose name changes under one code.

    `request`: whether reading stops where figures are by such a name and not by its code.
    """
    notes = []
    for code in (name for name in texts if _holds_codes(table[name])):
        for name in (one for one in texts if one != code and _NAME.search(names.get(one, one))):
            pairs = table[[code, name]].dropna().drop_duplicates()
            by_code = pairs.groupby(code, sort=True)[name].agg(list)
            several = by_code[by_code.map(len) > 1]
            # A name that most codes have several of is no name of theirs.
            if not len(several) or 2 * len(several) > len(by_code):
                continue
            examples = [
                f"{one} ({in_a_row([f'`{said}`' for said in called], 'and')})"
                for one, called in several.iloc[:_MOST_SHOWN].items()
            ]
            more = len(several) - len(examples)
            text = f"`{names[code]}`: {len(several)} of {len(by_code)} codes have several names in "
            text += f"`{names[name]}`: {'; '.join(examples)}" + (f" and {more} more" * bool(more))
            if name in units and code not in units:
                note = request.ask(
                    f"Figures are by `{names[name]}`, and names change under one code: a series "
                    "would break where only the name changes.",
                    found=text,
                    remedy=f"Take the code: `columns: {{{name}: {names[code]}}}`.",
                    proposal="Each name was taken as a unit of its own.",
                    settles={"columns": {name: names[code]}},
                )
                notes.append(f"{note} {text}.")
            else:
                notes.append(f"{text}. Figures go by the code.")
    return notes


def _holds_codes(cells: pd.Series) -> bool:
    """Whether a column holds codes: short, without blanks, with a digit or capitals."""
    different = cells.dropna().drop_duplicates().astype(str)
    if len(different) < 2:
        return False
    like_codes = different.map(
        lambda text: (
            bool(_CODE.fullmatch(text)) and (any(sign.isdigit() for sign in text) or text.isupper())
        )
    )
    return bool(like_codes.mean() > 0.9)


def comings_and_goings(table: pd.DataFrame, unit: str, heading: str, every: str) -> list[str]:
    """A note on units that end or begin within the time of the table.

    `table`: with ``period`` as first days.
    """
    known = table[["period", unit]].dropna().drop_duplicates()
    periods = sorted(known["period"].unique())
    if len(periods) < 2:
        return []
    spans = known.groupby(unit)["period"].agg(["min", "max"])
    following = dict(pairwise(periods))
    came = spans[spans["min"] > periods[0]].groupby("min").groups
    went = spans[spans["max"] < periods[-1]]
    went = went.assign(gone=went["max"].map(following)).groupby("gone").groups
    changes = []
    for period in sorted({*came, *went}):
        new, gone = list(came.get(period, [])), list(went.get(period, []))
        both = [
            f"{len(codes)} {word} ({listed(sorted(codes), 3).replace('`', '')})"
            for codes, word in ((gone, "gone"), (new, "new"))
            if codes
        ]
        changes.append(f"{label(pd.Timestamp(period), every)}: {', '.join(both)}")
    if not changes:
        return []
    more = len(changes) - _MOST_PERIODS
    tail = f"; and {more} more periods" if more > 0 else ""
    return [
        f"`{heading}`: {len(spans):,} codes, not all of them in every period: "
        f"{'; '.join(changes[:_MOST_PERIODS])}{tail}. A series breaks where codes merge; "
        "`successors` adds up those that did."
    ]
