"""Tables of counts made fit to be passed on: small counts withheld, the others rounded.

What is withheld must not be computed from what is shown. A total beside its parts, a part beside
its denominator and a rounded figure all bound what is missing; so counts are withheld for others'
sake until every small count can still have enough values (:attr:`Profile.fewest`). The published
rules leave this to rounding alone, which is not always enough: two counts of 4 and a total shown
as 10 give both away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import bmat, csr_array
from scipy.sparse.csgraph import connected_components

from qieval.core.errors import DataError, ParameterError, listed
from qieval.core.tables import MARK
from qieval.share.profiles import Profile, profile_named

SCALES = (1, 100, 1_000, 10_000, 100_000)
"""What a rate may be counted by: a share, per cent, per thousand people and so on."""

_NEAR = 1e-6

_ANY = 1_000
"""A withheld count can be as many more for all that anybody knows."""

_TRIES = 6
"""How often numbers are looked for that agree with what is shown, before counts are looked at."""


def suppress(
    table: pd.DataFrame,
    *,
    counts: str | Sequence[str],
    profile: str = "mhsds",
    rates: Mapping[str, str] | None = None,
    totals: Mapping[str, Mapping[object, Sequence[object]]] | None = None,
) -> pd.DataFrame:
    """A table of counts of people as it may be passed on.

    Rows that are the sum of the other rows of their group, and columns that are the sum of others,
    are found by their numbers, and so is a column that repeats another; `totals` adds what they do
    not tell.

    Parameters
    ----------
    table : DataFrame
        One row a group of people. Columns that are neither counts nor rates are taken for labels.
    counts : str or sequence of str
        Columns that count people: whole numbers, 0 or more; a missing one stays missing.
    profile : {"mhsds", "hes", "ons10", "internal"}
        Which counts are withheld, and how others are rounded.
    rates : mapping of str to str, optional
        Rates by their numerator and denominator, both of them counts: ``{"share": "met/asked"}``.
        A rate is withheld with either of them, and else computed from the counts as they are shown.
        The difference of the two is a count of people too, and protected as one.
    totals : mapping, optional
        By label column, for labels that stand for others: ``{"area": {"North": ["Ash", "Elm"]}}``.

    Returns
    -------
    DataFrame
        The same rows and columns; counts are whole numbers or ``"*"``. ``attrs["release"]`` holds
        the profile's name, version and source, and how many figures were withheld.

    Raises
    ------
    DataError
        If a count is no whole number, or is negative, or a rate is not that of its counts.
    ParameterError
        If a column or the profile is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"ward": ["Ash", "Elm", "All"], "falls": [3, 21, 24]})
    >>> suppress(table, counts="falls")["falls"].tolist()
    ['*', 20, 25]
    """
    rule = profile_named(profile)
    columns = [counts] if isinstance(counts, str) else list(counts)
    parts = {name: _parts(of) for name, of in (rates or {}).items()}
    _require_columns(table, [*columns, *parts, *(totals or {})])
    uncounted = [name for pair in parts.values() for name in pair if name not in columns]
    if uncounted:
        raise ParameterError(
            "A rate is made of columns that are not among the counts.",
            found=listed(dict.fromkeys(uncounted)),
            remedy="Name the numerator and the denominator of every rate in `counts`.",
        )
    exact = table[columns].apply(_whole_numbers)
    scales = {name: _scale(table[name], exact, name, *pair) for name, pair in parts.items()}
    shown = exact.astype(object).where(exact.notna(), None)
    released = table.astype(dict.fromkeys((*columns, *parts), object))
    if rule.withholds:
        labels = table.drop(columns=[*columns, *parts])
        given = CountTable(labels, exact, tuple(parts.values()), totals or {})
        withheld = withheld_counts({"": given}, (), rule)[""]
        shown = rounded(exact, rule.round_to).astype(object)
        shown = shown.where(exact.notna(), None).mask(withheld, MARK)
    for column in columns:
        cells = [int(v) if isinstance(v, float) else v for v in shown[column]]
        released[column] = pd.Series(cells, released.index, dtype=object)
    for name, (numerator, denominator) in parts.items():
        pairs = zip(released[numerator], released[denominator], strict=True)
        cells = [_rate(above, below, scales[name]) for above, below in pairs]
        released[name] = pd.Series(cells, released.index, dtype=object)
    released.attrs["release"] = {
        "profile": rule.name,
        "version": rule.version,
        "source": rule.source,
        "withheld": int((released[columns] == MARK).to_numpy().sum()),
    }
    return released


# ---- what was given ----------------------------------------------------------------------------


def _parts(of: str) -> tuple[str, str]:
    numerator, slash, denominator = of.partition("/")
    if not slash:
        raise ParameterError(
            "A rate has to name its numerator and its denominator.",
            found=repr(of),
            remedy="Write it as `numerator/denominator`, with the names of both columns.",
        )
    return numerator.strip(), denominator.strip()


def _require_columns(table: pd.DataFrame, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise ParameterError(
            "The table has no such column.",
            found=f"no {listed(missing)} among {listed(table.columns)}",
        )


def _whole_numbers(column: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    whole = numbers.ge(0) & numbers.mod(1).eq(0) & ~column.map(lambda cell: isinstance(cell, bool))
    refused = column.notna() & ~whole
    if refused.any():
        raise DataError(
            f"`{column.name}` is to count people, and not every cell is a whole number from 0.",
            found=f"{int(refused.sum())} other cells, the first in row {int(refused.argmax()) + 1}",
            remedy="Give the counts as they are, before any rounding or suppression.",
        )
    return numbers


def _scale(rate: pd.Series, counts: pd.DataFrame, name: str, above: str, below: str) -> int:
    """By how much a rate multiplies its share: 1, 100 for per cent, 1,000 and so on."""
    numbers = pd.to_numeric(rate, errors="coerce")
    share = counts[above] / counts[below].where(counts[below] > 0)
    known = numbers.notna() & share.notna()
    # Rates are often rounded before they come here: half of their last digit is allowed.
    for scale in SCALES:
        if (abs(numbers[known] - scale * share[known]) <= 0.5 + _NEAR * scale).all() and (
            scale > 1 or (numbers[known] <= 1 + _NEAR).all()
        ):
            return scale
    raise DataError(
        f"`{name}` is not the rate of `{above}` in `{below}`.",
        found="figures that are no multiple (1, 100, 1,000 …) of that share",
        remedy="Correct `rates`, or leave the column out.",
    )


# ---- what is shown -----------------------------------------------------------------------------


def rounded(counts: Any, to: int) -> Any:
    """To the nearest multiple; 2.5 of 5 goes up, as in the published tables."""
    return np.floor(counts / to + 0.5) * to


def _rate(above: Any, below: Any, scale: int) -> Any:
    if above == MARK or below == MARK:
        return MARK
    if above is None or below is None or not below:
        return None
    # Rounded counts can exceed what they are part of: more than all of them makes no sense.
    share = above / below if scale > 100 else min(above / below, 1.0)
    return round(share, 2) if scale == 1 else round(scale * share)


# ---- what is withheld --------------------------------------------------------------------------


@dataclass
class _System:
    """Every count as a number between two bounds, and the sums that hold among them.

    Attributes
    ----------
    exact : list of float
        The counts.
    hidden : list of bool
        Whether a count is in no column: the difference of a rate's two counts.
    sums : list of dict
        Each an equation of zero: positions in `exact`, and how often each is counted.
    """

    exact: list[float] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    sums: list[dict[int, float]] = field(default_factory=list)

    def add(self, value: float, *, hidden: bool = False) -> int:
        self.exact.append(value)
        self.hidden.append(hidden)
        return len(self.exact) - 1

    def tie(self, total: int, parts: Sequence[int]) -> None:
        self.sums.append({total: -1.0, **dict.fromkeys(parts, 1.0)})


@dataclass(frozen=True)
class CountTable:
    """One of the tables that are withheld from together.

    Attributes
    ----------
    labels, counts : DataFrame
        The labels of each row, and its counts; a missing count is nan.
    rates : tuple of (str, str)
        Numerator and denominator of the rates that are shown beside them.
    totals : mapping
        Labels that stand for others, as :func:`suppress` takes them.
    elsewhere : DataFrame of bool, optional
        Counts that another table withholds, and this one must too.
    searched : bool
        Whether sums are looked for in its numbers.
    """

    labels: pd.DataFrame
    counts: pd.DataFrame
    rates: tuple[tuple[str, str], ...] = ()
    totals: Mapping[str, Mapping[object, Sequence[object]]] = field(default_factory=dict)
    elsewhere: pd.DataFrame | None = None
    searched: bool = True


Place = tuple[str, int, Any]
"""Table, row and column of a count."""


def withheld_counts(
    tables: Mapping[str, CountTable], ties: Iterable[Mapping[Place, float]], rule: Profile
) -> dict[str, pd.DataFrame]:
    """Which counts are not shown, of tables that readers see together.

    Parameters
    ----------
    tables : mapping of str to CountTable
        By name.
    ties : iterable of mapping
        Sums that hold among their counts besides those that their numbers show: each count, and how
        often it is counted in an equation of zero.
    rule : Profile
        Which counts are small.
    """
    system = _System()
    at: dict[Place, int] = {}
    for name, table in tables.items():
        for column, cells in table.counts.to_dict("list").items():
            for row, value in enumerate(cells):
                if not np.isnan(value):
                    at[name, row, column] = system.add(value)
    for name, table in tables.items():
        own = {(row, column): cell for (of, row, column), cell in at.items() if of == name}
        _add_sums(table, own, system)
    for tie in ties:
        if all(place in at for place in tie):
            equation = {at[place]: times for place, times in tie.items()}
            if abs(sum(times * system.exact[cell] for cell, times in equation.items())) < _NEAR:
                system.sums.append(equation)
    forced = [
        cell
        for (name, row, column), cell in at.items()
        if (also := tables[name].elsewhere) is not None and also[column].to_numpy()[row]
    ]
    gone = _chosen(system, rule, forced)
    return {
        name: pd.DataFrame(
            {
                column: [
                    (cell := at.get((name, row, column))) is not None and bool(gone[cell])
                    for row in range(len(table.counts))
                ]
                for column in table.counts.columns
            },
            index=table.counts.index,
        )
        for name, table in tables.items()
    }


def _add_sums(table: CountTable, at: Mapping[Cell, int], system: _System) -> None:
    """The sums that the numbers of a table show, and who is left over of its rates."""
    labels, counts = table.labels, table.counts
    repeated = {frozenset(pair) for pair in table.rates}  # all of them having it is no known sum
    sums: list[tuple[Cell, list[Cell]]] = []
    if table.searched:
        sums += _sums_of_rows(labels, counts, table.totals)
        sums += [
            (total, parts)
            for total, parts in _sums_of_columns(counts)
            if frozenset((total[1], *(name for _, name in parts))) not in repeated
        ]
        sums += _parts_of_a_whole(labels, counts, table.rates)
    for total, parts in sums:
        if all(cell in at for cell in (total, *parts)):
            system.tie(at[total], [at[part] for part in parts])
    for numerator, denominator in table.rates:
        for row in range(len(counts)):
            whole, part = at.get((row, denominator)), at.get((row, numerator))
            if whole is None or part is None or system.exact[whole] < system.exact[part]:
                continue
            rest = system.add(system.exact[whole] - system.exact[part], hidden=True)
            system.tie(whole, [part, rest])


Cell = tuple[int, Any]
"""Row and column of a count."""


def _parts_of_a_whole(
    labels: pd.DataFrame, counts: pd.DataFrame, rates: Sequence[tuple[str, str]]
) -> Iterator[tuple[Cell, list[Cell]]]:
    """Numerators that make up the one denominator beside them: each reason, of all events.

    Rows belong together if they differ in one label alone. It has to be so in all of them, and more
    than one number has to take part in it somewhere: a share of everybody is no such sum.
    """
    for numerator, denominator in rates:
        parts, wholes = (counts[name].to_numpy(dtype=float) for name in (numerator, denominator))
        for name in labels.columns:
            others = [other for other in labels.columns if other != name]
            groups = labels.groupby(others, dropna=False).indices if others else {}
            rows = [list(map(int, group)) for group in groups.values()] or [
                list(range(len(labels)))
            ]
            adds_up = all(
                len(set(wholes[group])) == 1 and _equal(wholes[group[0]], parts[group])
                for group in rows
            )
            if adds_up and any(np.count_nonzero(parts[group]) > 1 for group in rows):
                for group in rows:
                    total = (group[0], denominator)
                    yield total, [(row, numerator) for row in group]
                    yield from ((total, [(row, denominator)]) for row in group[1:])


def _sums_of_rows(
    labels: pd.DataFrame,
    counts: pd.DataFrame,
    totals: Mapping[str, Mapping[object, Sequence[object]]],
) -> Iterator[tuple[Cell, list[Cell]]]:
    """Rows that are the sum of other rows, which differ from them in one label alone."""
    for name in labels.columns:
        others = [other for other in labels.columns if other != name]
        groups = labels.groupby(others, dropna=False).indices if others else {}
        rows = [list(map(int, group)) for group in groups.values()] or [list(range(len(labels)))]
        label_of = labels[name].tolist()
        declared = totals.get(name, {})
        for label in dict.fromkeys(label_of):
            pairs = []
            for group in rows:
                total = [row for row in group if label_of[row] == label]
                wanted = (
                    [label_of[row] for row in group] if label not in declared else declared[label]
                )
                below = [row for row in group if label_of[row] in wanted and row not in total]
                if len(total) == 1 and len(below) >= (1 if label in declared else 2):
                    pairs.append((total[0], below))
            sums = {
                column: all(_equal(values[place], values[below]) for place, below in pairs)
                for column, values in ((str(name), counts[name].to_numpy()) for name in counts)
            }
            for column in counts.columns:
                values = counts[column].to_numpy()
                if not any(values[place] for place, _ in pairs):
                    continue  # noughts are the sum of any noughts
                alone = all(np.count_nonzero(values[below]) < 2 for _, below in pairs)
                if alone and not all(sums.values()):
                    continue  # two rows that are alike, beside noughts: no total in other columns
                if sums[column]:
                    for place, below in pairs:
                        yield (place, column), [(row, column) for row in below]


def _equal(total: float, parts: np.ndarray) -> bool:
    return bool(abs(total - parts.sum()) < _NEAR)


def _sums_of_columns(counts: pd.DataFrame) -> Iterator[tuple[Cell, list[Cell]]]:
    """Columns that repeat another in every row, or are the sum of two others or of all others."""
    names, values = list(counts.columns), counts.to_numpy(dtype=float).T
    for place, total in enumerate(names):
        others = [one for one in range(len(names)) if one != place]
        makes_up: list[tuple[int, ...]] = [(other,) for other in range(place)]
        makes_up += combinations(others, 2)
        makes_up += [tuple(others)] if len(others) > 2 else []
        for parts in makes_up:
            if (np.abs(values[place] - values[list(parts)].sum(axis=0)) < _NEAR).all():
                for row in range(len(counts)):
                    yield (row, total), [(row, names[part]) for part in parts]


@dataclass(frozen=True)
class _Reader:
    """Somebody who computes what withheld counts can be.

    Attributes
    ----------
    small : ndarray of bool
        Which counts they know to be small.
    low, high : ndarray
        The least and the most that each count was found to be able to be. Withholding more only
        frees counts, so it stays so.
    """

    small: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def learn(self, tied: _Tied, numbers: np.ndarray) -> None:
        """Take down numbers that agree with all that is shown."""
        self.low[tied.cells] = np.minimum(self.low[tied.cells], numbers)
        self.high[tied.cells] = np.maximum(self.high[tied.cells], numbers)

    def ways(self, cell: int) -> int:
        """How many numbers a count was found to be able to be."""
        return int(np.floor(self.high[cell] + _NEAR) - np.ceil(self.low[cell] - _NEAR)) + 1


def _chosen(system: _System, rule: Profile, forced: Sequence[int]) -> np.ndarray:
    """Which counts are withheld: small ones, and others until no small one is given away.

    Two readers are thought of. One knows which of the withheld counts are small: nothing may be
    computed of these. The other does not, and may not take another one for a small count.
    """
    exact, hidden = np.array(system.exact), np.array(system.hidden, dtype=bool)
    small = (exact >= rule.least) & (exact <= rule.most)
    knows, guesses = (
        _Reader(known, exact.copy(), exact.copy()) for known in (small, np.zeros_like(small))
    )
    gone, tied = small & ~hidden, _tied(system)
    gone[list(forced)] = True
    for one in {id(group): group for group in tied}.values():
        for reader in (knows, guesses):
            _try_some(one, system, reader, gone, rule)
    safe = np.zeros_like(small)  # withholding more only frees a count, so it stays so
    while True:
        bounding = []
        for cell in map(int, np.flatnonzero((gone | hidden) & ~safe)):
            reader = knows if small[cell] else guesses
            safe[cell] = not _nearly_known(cell, system, tied[cell], reader, gone, rule)
            if not safe[cell] and (shown := _bounding(cell, system, small, gone)):
                bounding.append(shown)
        if not bounding:
            return gone
        # Of what bounds a count the one that bounds most others too, then the smallest.
        often = Counter(one for shown in bounding for one in shown)
        gone[[min(s, key=lambda one: (-often[one], exact[one], one)) for s in bounding]] = True


@dataclass(frozen=True, eq=False)
class _Tied:
    """Counts that sums tie to one another: their positions, and the sums as equations of zero."""

    cells: np.ndarray
    equations: csr_array

    @cached_property
    def rows(self) -> np.ndarray:
        """The equations as rows of coefficients, a column a count."""
        rows: np.ndarray = self.equations.toarray()
        return rows

    @cached_property
    def sums_of(self) -> list[list[int]]:
        """In which equations each count stands."""
        return [np.flatnonzero(column).tolist() for column in self.rows.T]

    def place(self, cell: int) -> int:
        """The column of a count."""
        return int(np.flatnonzero(self.cells == cell)[0])


def _tied(system: _System) -> list[_Tied]:
    """Of each count, the counts that it is tied to by sums, directly or by others."""
    rows = [
        (row, cell, value)
        for row, equation in enumerate(system.sums)
        for cell, value in equation.items()
    ]
    row, cell, value = np.array(rows).reshape(-1, 3).T
    shape = (len(system.sums), len(system.exact))
    sums = csr_array((value, (row.astype(int), cell.astype(int))), shape=shape)
    # A count and the sums that hold it are neighbours.
    _, labels = connected_components(bmat([[None, sums.T], [sums, None]]), directed=False)
    of_cells, of_sums = labels[: shape[1]], labels[shape[1] :]
    groups = {}
    for label in np.unique(of_sums):
        cells = np.flatnonzero(of_cells == label)
        groups[label] = _Tied(cells, sums[np.flatnonzero(of_sums == label)][:, cells])
    alone = _Tied(np.array([], dtype=int), csr_array((0, 0)))
    return [groups.get(label, alone) for label in of_cells]


def _bounds(
    system: _System, tied: _Tied, reader: _Reader, gone: np.ndarray, rule: Profile
) -> tuple[np.ndarray, np.ndarray]:
    """Between which numbers a reader of what is shown knows each count to be."""
    exact = np.array(system.exact)[tied.cells]
    free = (gone | np.array(system.hidden, dtype=bool))[tied.cells]
    shown, slack = rounded(exact, rule.round_to), rule.round_to // 2
    low, high = np.maximum(shown - slack, 0), shown + slack
    low[free], high[free] = 0, exact[free] + _ANY
    small = reader.small[tied.cells]
    low[small], high[small] = rule.least, rule.most
    return low, high


def _solved(aim: np.ndarray, tied: _Tied, bounds: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Numbers that agree with all sums, and of which the aim is least."""
    zero = np.zeros(tied.equations.shape[0])
    return linprog(aim, A_eq=tied.equations, b_eq=zero, bounds=np.column_stack(bounds)).x


def _try_some(
    tied: _Tied, system: _System, reader: _Reader, gone: np.ndarray, rule: Profile
) -> None:
    """Find numbers far apart that agree with what is shown: most counts are seen to be free."""
    if tied.equations.shape[0]:
        bounds, random = _bounds(system, tied, reader, gone, rule), np.random.default_rng(0)
        for _ in range(_TRIES):
            reader.learn(tied, _solved(random.normal(size=len(tied.cells)), tied, bounds))


def _nearly_known(
    cell: int, system: _System, tied: _Tied, reader: _Reader, gone: np.ndarray, rule: Profile
) -> bool:
    """Whether a count may be small and can be too few numbers, for a reader of what is shown."""
    if not tied.equations.shape[0] or reader.ways(cell) >= rule.fewest:
        return False
    bounds = _bounds(system, tied, reader, gone, rule)
    if _cannot_be_small(tied.place(cell), *bounds, tied, rule):
        return False
    ends = []
    for sign in (1, -1):
        numbers = _solved(np.where(tied.cells == cell, sign, 0), tied, bounds)
        ends.append(numbers[tied.place(cell)])
        reader.learn(tied, numbers)
        if reader.ways(cell) >= rule.fewest:
            return False
    return bool(ends[0] <= rule.most + _NEAR and ends[1] >= rule.least - _NEAR)


def _reach(
    row: np.ndarray, of: int, by: np.ndarray, least: np.ndarray, most: np.ndarray
) -> tuple[float, float]:
    """Between which ends a sum holds one of its counts, where others lie between theirs."""
    falls = np.where(row[by] > 0, least[by], -most[by]).sum()
    rises = np.where(row[by] > 0, most[by], -least[by]).sum()
    low, high = sorted((-falls / row[of], -rises / row[of]))
    return low, high


def _cannot_be_small(
    here: int, least: np.ndarray, most: np.ndarray, tied: _Tied, rule: Profile
) -> bool:
    """Whether one of its sums alone says that a count is no small one."""
    for row in tied.rows[tied.sums_of[here]]:
        others = np.flatnonzero(row)
        ends = _reach(row, here, others[others != here], least, most)
        if ends[0] > rule.most + _NEAR or ends[1] < rule.least - _NEAR:
            return True
    return False


def _bounding(cell: int, system: _System, small: np.ndarray, gone: np.ndarray) -> set[int]:
    """The shown counts of which one is to be withheld for another's sake: those that bound it.

    A sum bounds what is in it if no other of its counts is free to be anything. Those in a sum with
    the count come first, then those tied to them.
    """
    free = (gone | np.array(system.hidden, dtype=bool)) & ~small
    ring, seen = {cell}, {cell}
    while ring:
        sums = [tuple(equation) for equation in system.sums if ring & equation.keys()]
        for bounding in ([one for one in sums if not free[[*{*one} - ring]].any()], sums):
            shown = {
                one
                for cells in bounding
                for one in cells
                if not gone[one] and not system.hidden[one]
            } - seen
            if shown:
                return shown
        ring = {one for cells in sums for one in cells} - seen
        seen |= ring
    return set()
