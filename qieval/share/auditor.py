"""An auditor of tables that are to be passed on: what a reader could compute of what is withheld.

It shares nothing with what withholds (:mod:`qieval.share.suppress`): it sees only what a reader
sees. Every figure shown is a statement about an unknown whole number: a rounded count bounds it, a
total ties it to its parts, a percentage to its denominator; and statements of several tables, and
of releases made earlier, hold together. Of every withheld count the auditor computes the least and
the greatest number that all statements allow (integer programming, HiGHS in SciPy). If fewer than
`fewest` numbers are left, the count is given away.

What a finished site says besides its tables (a sentence, a mark of a figure, an alt text) is handed
over as :class:`Told`, with its place; :mod:`qieval.share.site_reader` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from qieval.core.errors import DataError, ParameterError, listed
from qieval.core.sustained import ADDED
from qieval.core.tables import Among, Sum

_TOTALS = frozenset(
    {
        *("all", "all together", "everybody", "everyone", "overall", "together", "total"),
        *("england", "scotland"),
    }
)
"""Labels, in small letters, that a reader takes for the sum of the others."""

_OPTIMAL, _INFEASIBLE = 0, 2
_HAIR = 1e-6


@dataclass(frozen=True)
class PublishedTable:
    """A table as its readers see it.

    Attributes
    ----------
    name : str
        What the report calls it.
    rows : DataFrame
        Labels, counts and rates. A count that is no number is withheld; an empty cell says nothing.
    counts : tuple of str
        Columns that count people.
    rates : mapping of str to str
        Rates by their counts: ``{"share": "met/asked"}``.
    per : mapping of str to float
        By how much a rate multiplies its share; 1 if it is not named.
    totals : mapping
        By label column, labels that stand for the sum of others, and for which.
    round_to : int
        Counts are shown to the nearest multiple of it.
    withheld : tuple of int
        Least and most that a withheld count can be, as readers are told. The same mark for counts
        withheld for others' sake leaves the most open: then it is None.
    data : str
        Which data it was made from. The same label in two tables of the same data is the same
        number of people; of other data it is another number.
    heads : mapping of str to tuple of str
        Under which heads readers find the counts and rates of it.
    adds_up : bool
        Whether a row called "All" is the sum of the others, and a row of fewer labels the sum of
        those with more.
    numbers : tuple of str
        Columns of numbers that count no people.
    sums : tuple of Sum
        Which of its counts are known to be sums, of its own or of another table of the same data.
    """

    name: str
    rows: pd.DataFrame
    counts: tuple[str, ...]
    rates: Mapping[str, str] = field(default_factory=dict)
    per: Mapping[str, float] = field(default_factory=dict)
    totals: Mapping[str, Mapping[Any, Sequence[Any]]] = field(default_factory=dict)
    round_to: int = 1
    withheld: tuple[int, int | None] = (0, None)
    data: str = ""
    heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict, metadata={ADDED: True})
    adds_up: bool = field(default=True, metadata={ADDED: True})
    numbers: tuple[str, ...] = field(default=(), metadata={ADDED: True})
    sums: tuple[Sum, ...] = field(default=(), metadata={ADDED: True})

    def __post_init__(self) -> None:
        parts = [part for of in self.rates.values() for part in of.split("/")]
        missing = [
            name
            for name in (*self.counts, *self.rates, *self.totals)
            if name not in self.rows.columns
        ]
        if missing or not set(parts) <= set(self.counts):
            raise ParameterError(
                f"Table `{self.name}` cannot be audited: its columns are not those it names.",
                found=f"no {listed(missing or parts)} among {listed(self.rows.columns)}",
            )

    @property
    def labels(self) -> list[str]:
        """Columns that say which people a row counts."""
        numbers = {*self.counts, *self.rates, *self.numbers}
        return [str(name) for name in self.rows.columns if name not in numbers]


@dataclass(frozen=True)
class Told:
    """What some place besides the tables says of one number of people.

    Attributes
    ----------
    place : str
        Where: file, and what it stands in.
    table : str
        Name of the table that has the number too.
    column : str
        What is counted.
    row : int
        Its row in that table, from 1.
    low, high : float
        Between which numbers it lies, or its share of `of`.
    of : str
        The denominator, if what is told is a share.
    """

    place: str
    table: str
    column: str
    row: int
    low: float
    high: float
    of: str = ""


@dataclass(frozen=True)
class Disclosure:
    """A withheld number of people that what is shown gives away.

    Attributes
    ----------
    table, column : str
        Where it is withheld.
    row : int
        Its row there, from 1.
    least, most : int
        Between which numbers it must lie; for the owner of the data alone.
    because : tuple of str
        The tables whose figures together give it away.
    """

    table: str
    column: str
    row: int
    least: int
    most: int
    because: tuple[str, ...]

    def __str__(self) -> str:
        """In words, without the number."""
        return (
            f"Table `{self.table}`, column `{self.column}`, row {self.row}: only "
            f"{self.most - self.least + 1} numbers are possible. What gives it away: "
            f"{', '.join(f'`{name}`' for name in self.because)}."
        )


Key = tuple[str, str, frozenset[tuple[str, str]]]
"""Which number of people: the data, what is counted, and the labels of those who are counted."""


@dataclass
class _Statements:
    """What is known of every number: bounds, and sums with their own bounds."""

    place: dict[Key, int] = field(default_factory=dict)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    told_by: list[set[str]] = field(default_factory=list)
    sums: list[tuple[dict[int, float], float, float, str]] = field(default_factory=list)
    withheld: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    rates: list[tuple[int, int, str, str, int]] = field(default_factory=list)
    _sums_of: dict[int, list[int]] = field(default_factory=dict)
    _in_order: int = 0
    """In which sums each number has a part, of so many sums."""

    def of(self, key: Key, table: str) -> int:
        """The unknown of a number of people; a new one if no table has it yet."""
        if key not in self.place:
            self.place[key] = len(self.place)
            self.low.append(0)
            self.high.append(np.inf)
            self.told_by.append(set())
        self.told_by[self.place[key]].add(table)
        return self.place[key]

    def bound(self, one: int, low: float, high: float) -> None:
        self.low[one] = max(self.low[one], low)
        self.high[one] = min(self.high[one], high)

    def touching(self, numbers: Iterable[int]) -> set[int]:
        """The places of the sums in which some numbers have a part."""
        for place in range(self._in_order, len(self.sums)):
            for one in self.sums[place][0]:
                self._sums_of.setdefault(one, []).append(place)
        self._in_order = len(self.sums)
        return {place for one in numbers for place in self._sums_of.get(one, ())}

    def withdraw(self, first: int) -> None:
        """Take back the sums from this place on."""
        for parts, *_ in self.sums[first : self._in_order]:
            for one in parts:
                self._sums_of[one] = [place for place in self._sums_of[one] if place < first]
        del self.sums[first:]
        self._in_order = min(self._in_order, first)


def audit_release(
    tables: Sequence[PublishedTable],
    *,
    fewest: int,
    small: tuple[int, int],
    told: Sequence[Told] = (),
) -> list[Disclosure]:
    """Which withheld counts the tables give away, and which small groups that no cell holds.

    Such groups are the people who are part of a rate's denominator and not of its numerator, and
    those who are in one release and not in another.

    Parameters
    ----------
    tables : sequence of PublishedTable
        Everything that readers have: this release and every earlier one.
    fewest : int
        How many numbers a withheld count must still be able to be.
    small : tuple of int
        Least and most people of a small group. A withheld count that cannot be small gives nobody
        away, however well it is known.
    told : sequence of Told
        What other places than the tables say. What agrees with no numbers that the tables allow is
        about something else, and is left aside.

    Returns
    -------
    list of Disclosure
        Empty if nothing is given away.

    Raises
    ------
    DataError
        If the figures contradict one another, so that nothing can be said of them.
    """
    known = _Statements()
    for table in tables:
        _read(table, known)
    for table in tables:
        _tie_margins(table, tables, known)
        _tie_sums(table, tables, known)
    _hear(told, {table.name: table for table in tables}, known)
    groups = [*_withheld(known), *_left_over(known), *_differences(known)]
    return [one for group in groups if (one := _disclosed(group, known, fewest, *small))]


# ---- what the tables say -----------------------------------------------------------------------


def _read(table: PublishedTable, known: _Statements) -> None:
    records = table.rows.to_dict("records")
    shares = {rate for rate, of in table.rates.items() if _of_the_whole(table, *of.split("/"))}
    for number, row in enumerate(records, start=1):
        for column in table.counts:
            one = known.of(_key(table, row, column), table.name)
            value = _number(row[column])
            if value is not None:
                slack = table.round_to // 2
                known.bound(one, value - slack, value + slack)
            elif not _empty(row[column]):
                low, high = table.withheld
                known.bound(one, low, np.inf if high is None else high)
                known.withheld.setdefault(one, (table.name, column, number))
        for rate, of in table.rates.items():
            _read_rate(table, row, number, rate, of, known, share=rate in shares)
    for column, label, parts, rows in _totals(table, records):
        for count in table.counts:
            sums = {known.of(_key(table, rows[label], count), table.name): -1.0}
            for part in parts:
                sums[known.of(_key(table, rows[part], count), table.name)] = 1.0
            known.sums.append((sums, 0, 0, f"{table.name} (total of {column})"))


def _read_rate(
    table: PublishedTable,
    row: dict[Any, Any],
    number: int,
    rate: str,
    of: str,
    known: _Statements,
    *,
    share: bool,
) -> None:
    """A rate and both its counts: of a share, the numerator is at most the denominator."""
    above, below = of.split("/")
    part, whole = (known.of(_key(table, row, name), table.name) for name in (above, below))
    if share:
        known.sums.append(({part: 1, whole: -1}, -np.inf, 0, f"{table.name} ({rate})"))
        known.rates.append((part, whole, table.name, rate, number))
    shown = _number(row[rate])
    if shown is None:
        return
    per, half = table.per.get(rate, 1.0), 0.5 * 10.0 ** -_decimals(shown)
    counts = [_number(row[name]) for name in (above, below)]
    if counts[0] is not None and counts[1] and table.round_to > 1:
        from_shown = per * min(counts[0] / counts[1], 1.0)
        if abs(from_shown - shown) <= half + _HAIR:
            return  # computed from the counts as they are shown, so it says nothing more
    for sign in (1, -1):
        edge = (shown + sign * half) / per
        sums = {part: float(sign), whole: -sign * edge}
        known.sums.append((sums, -np.inf, _HAIR, f"{table.name} ({rate})"))


def _of_the_whole(table: PublishedTable, above: str, below: str) -> bool:
    """Whether the numerators of a rate are a part of its denominators, as far as they are shown."""
    pairs = zip(map(_number, table.rows[above]), map(_number, table.rows[below]), strict=True)
    slack = 2 * (table.round_to // 2)
    known = [a <= b + slack for a, b in pairs if a is not None and b is not None]
    return bool(known) and all(known)


def _hear(told: Sequence[Told], tables: Mapping[str, PublishedTable], known: _Statements) -> None:
    """Add what other places say to what is known, one after another."""
    records = {name: table.rows.to_dict("records") for name, table in tables.items()}
    for one in told:
        table, row = tables[one.table], records[one.table][one.row - 1]
        part = known.of(_key(table, row, one.column), table.name)
        sums: list[tuple[dict[int, float], float, float, str]] = [
            ({part: 1.0}, np.ceil(one.low - _HAIR), np.floor(one.high + _HAIR), one.place)
        ]
        if one.of:
            whole = known.of(_key(table, row, one.of), table.name)
            sums = [
                ({part: 1.0, whole: -one.low}, -_HAIR, np.inf, one.place),
                ({part: 1.0, whole: -one.high}, -np.inf, _HAIR, one.place),
            ]
        before = len(known.sums)
        known.sums += sums
        try:
            _range({part: 1.0}, known)
        except DataError:
            known.withdraw(before)


def _totals(
    table: PublishedTable, records: list[dict[Any, Any]]
) -> Iterator[tuple[str, Any, list[Any], dict[Any, dict[Any, Any]]]]:
    """Each total by its label column, its label, those of its parts, and the rows by label."""
    for column in table.labels if table.adds_up else ():
        others = [name for name in table.labels if name != column]
        groups: dict[tuple[str, ...], dict[Any, dict[Any, Any]]] = {}
        for row in records:
            groups.setdefault(tuple(str(row[name]) for name in others), {})[row[column]] = row
        for rows in groups.values():
            declared = table.totals.get(column, {})
            sums = {label: list(parts) for label, parts in declared.items() if label in rows}
            for label in rows:
                if label not in sums and str(label).strip().lower() in _TOTALS:
                    sums[label] = [part for part in rows if part != label and part not in declared]
            for label, parts in sums.items():
                if len(parts) and all(part in rows for part in parts):
                    yield column, label, parts, rows


def _tie_margins(
    table: PublishedTable, tables: Sequence[PublishedTable], known: _Statements
) -> None:
    """A row of a table with fewer labels is the sum of those of a table with more."""
    for other in tables:
        more = [name for name in other.labels if name not in table.labels]
        if not (table.adds_up and other.adds_up):
            continue
        if other.data != table.data or not more or not {*table.labels} <= {*other.labels}:
            continue
        plain = [row for row in other.rows.to_dict("records") if not _is_total(other, row, more)]
        for count in {*table.counts} & {*other.counts}:
            for row in table.rows.to_dict("records"):
                same = [
                    each
                    for each in plain
                    if all(str(each[name]) == str(row[name]) for name in table.labels)
                ]
                if same:
                    sums = {known.of(_key(other, each, count), other.name): 1.0 for each in same}
                    sums[known.of(_key(table, row, count), table.name)] = -1.0
                    known.sums.append((sums, 0, 0, f"{table.name} beside {other.name}"))


def _tie_sums(table: PublishedTable, tables: Sequence[PublishedTable], known: _Statements) -> None:
    """Sums that are known to hold, whatever the numbers are."""
    for one in table.sums:
        rows = [row for row in table.rows.to_dict("records") if _is_among(row, one.where)]
        for other in tables:
            if other.data != table.data or not {*one.parts} <= {*other.counts}:
                continue
            same = [name for name in table.labels if name in other.labels and name not in one.over]
            parts: dict[tuple[str, ...], list[dict[Any, Any]]] = {}
            for part in other.rows.to_dict("records"):
                if _is_among(part, one.among):
                    parts.setdefault(tuple(str(part[name]) for name in same), []).append(part)
            for row in rows:
                own = parts.get(tuple(str(row[name]) for name in same), ())
                sums = {
                    known.of(_key(other, part, column), other.name): 1.0
                    for part in own
                    for column in one.parts
                }
                if sums:
                    for column in one.less:
                        sums[known.of(_key(table, row, column), table.name)] = -1.0
                    sums[known.of(_key(table, row, one.total), table.name)] = -1.0
                    known.sums.append((sums, 0, 0, f"{table.name} beside {other.name}"))


def _is_among(row: dict[Any, Any], among: Among) -> bool:
    return all(str(row[name]) in labels for name, labels in among)


def _is_total(table: PublishedTable, row: dict[Any, Any], columns: Sequence[str]) -> bool:
    return any(
        row[name] in table.totals.get(name, {}) or str(row[name]).strip().lower() in _TOTALS
        for name in columns
    )


def _key(table: PublishedTable, row: dict[Any, Any], column: str) -> Key:
    return table.data, column, frozenset((name, str(row[name])) for name in table.labels)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return None
    return None if np.isnan(value) else float(value)


def _empty(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _decimals(value: float) -> int:
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])


# ---- what follows from them --------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """People whom nothing shown may give away: those of one number, without those of another.

    ``row`` is 0 where they are in one release and not in another.
    """

    numbers: dict[int, float]
    table: str
    column: str
    row: int


def _withheld(known: _Statements) -> Iterator[_Group]:
    for one, (table, column, row) in known.withheld.items():
        yield _Group({one: 1.0}, table, column, row)


def _left_over(known: _Statements) -> Iterator[_Group]:
    for part, whole, table, rate, row in known.rates:
        yield _Group({whole: 1.0, part: -1.0}, table, rate, row)


def _differences(known: _Statements) -> Iterator[_Group]:
    releases: dict[tuple[str, frozenset[tuple[str, str]]], list[int]] = {}
    for (_data, column, labels), one in known.place.items():
        releases.setdefault((column, labels), []).append(one)
    for (column, _labels), places in releases.items():
        for before, after in pairwise(places):
            tables = " and ".join(sorted(known.told_by[before] | known.told_by[after]))
            yield _Group({after: 1.0, before: -1.0}, tables, column, 0)
            yield _Group({before: 1.0, after: -1.0}, tables, column, 0)


def _disclosed(
    group: _Group, known: _Statements, fewest: int, least: int, most: int
) -> Disclosure | None:
    """Whether a group may be small, and its number is nearly known."""
    low, high, because = _range(group.numbers, known)
    nearly_known = high - low + 1 < fewest and low <= most and high >= least
    # Nobody is in one release alone where both are equal, or where it has fewer: that is no group.
    if not nearly_known or (not group.row and low <= 0):
        return None
    return Disclosure(group.table, group.column, group.row, int(low), int(high), because)


def _range(wanted: dict[int, float], known: _Statements) -> tuple[float, float, tuple[str, ...]]:
    """Least and most of a sum of numbers, and which tables have a part in it."""
    near, sums = _tied(set(wanted), known)
    if not sums and len(wanted) == 1:
        ((one, sign),) = wanted.items()
        if known.low[one] <= known.high[one]:
            ends = sorted((sign * known.low[one], sign * known.high[one]))
            return ends[0], ends[1], tuple(sorted(known.told_by[one]))
    order = {one: place for place, one in enumerate(sorted(near))}
    bounds = Bounds(
        np.array([known.low[one] for one in order]), np.array([known.high[one] for one in order])
    )
    cells = [
        (row, order[one], value)
        for row, (parts, *_rest) in enumerate(sums)
        for one, value in parts.items()
    ]
    limits: list[LinearConstraint] = []
    if sums:
        rows, columns, values = zip(*cells, strict=True)
        matrix = coo_array((values, (rows, columns)), shape=(len(sums), len(order))).tocsr()
        limits = [LinearConstraint(matrix, [s[1] for s in sums], [s[2] for s in sums])]
    aim = np.zeros(len(order))
    for one, value in wanted.items():
        aim[order[one]] = value
    reached = []
    for sign in (1, -1):
        solved = milp(
            sign * aim, integrality=np.ones(len(order)), bounds=bounds, constraints=limits
        )
        if solved.status == _INFEASIBLE and not _possible(bounds, limits):
            raise DataError(
                "The figures that are to be passed on contradict one another.",
                found="no numbers of people agree with all of "
                f"{listed(dict.fromkeys(sum_[3] for sum_ in sums))}",
                remedy="Look whether one of the totals is none, and declare what adds up.",
            )
        reached.append(sign * solved.fun if solved.status == _OPTIMAL else sign * -np.inf)
    because = {name for one in near for name in known.told_by[one]} | {s[3] for s in sums}
    return float(np.round(reached[0])), float(np.round(reached[1])), tuple(sorted(because))


def _possible(bounds: Bounds, limits: list[LinearConstraint]) -> bool:
    """Whether any numbers agree: a solver may call what has no end impossible."""
    count = len(bounds.lb)
    solved = milp(np.zeros(count), integrality=np.ones(count), bounds=bounds, constraints=limits)
    return bool(solved.status == _OPTIMAL)


def _tied(
    wanted: set[int], known: _Statements
) -> tuple[set[int], list[tuple[dict[int, float], float, float, str]]]:
    """The numbers and sums that can say something of the wanted ones."""
    reached, used, ring = set(wanted), set[int](), set(wanted)
    while ring:
        touching = known.touching(ring) - used
        used |= touching
        ring = {cell for place in touching for cell in known.sums[place][0]} - reached
        reached |= ring
    return reached, [known.sums[place] for place in sorted(used)]
