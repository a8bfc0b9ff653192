"""Totals and their parts: which rows a total may add up, and whether it does."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qieval.core.errors import listed
from qieval.intake.reading.layout.cell_types import (
    FIGURE,
    common_type,
    month_start,
    plain_number,
    year_of,
)
from qieval.intake.reading.raw import Cell, as_text

_SURE = re.compile(
    r"(the\s+)?((grand|sub|column|row|overall|running|annual|yearly|year|full[- ]year"
    r"|calendar[- ]year|financial[- ]year|period|ytd)[- ]*)?(totals?|sum)\s*[:*]?",
    re.IGNORECASE,
)
_OF_SOMETHING = re.compile(r"(?P<what>.+?)[\s:-]+(sub-?)?totals?\s*[:*]?", re.IGNORECASE)
_FOR_SOMETHING = re.compile(
    r"(sub-?)?totals?\s*(for|of|in|[:-])?\s+(?P<what>.+)|overall|all year|year to date|ytd",
    re.IGNORECASE,
)
RATE = re.compile(
    r"%|per ?cent|rates?\b|mean\b|average|\bavg\b|median|proportion|ratios?\b|\bper\b",
    re.IGNORECASE,
)
"""Headings of averages and shares, which do not add up."""
NO_FIGURE = re.compile(r"\b(year|month|week|quarter|period|code|id)\b", re.IGNORECASE)
_LOOKED_AT = 200


@dataclass(frozen=True, eq=False)
class Comparison:
    """How a total and its parts compare: columns that agree, or not; those that cannot be told."""

    parts: np.ndarray
    what: str
    agrees: tuple[str, ...] = ()
    differs: tuple[tuple[str, float, float], ...] = ()
    withheld: bool = False


class Figures:
    """The cells of a table as numbers and labels."""

    def __init__(self, cells: pd.DataFrame, names: Sequence[str], wanted: set[str]) -> None:
        self.rows = cells.index.to_numpy()
        self.place = {int(row): place for place, row in enumerate(self.rows)}
        self.names = list(names)
        self.wanted = wanted
        places = range(cells.shape[1])
        types = [common_type(cells[place].iloc[:_LOOKED_AT]) for place in places]
        figures = [
            place
            for place, kind in zip(places, types, strict=True)
            if kind == "number" and place > 0 and not self._says_when(cells[place], names[place])
        ]
        self.labels = {
            place: cells[place].to_list()
            for place, kind in zip(places, types, strict=True)
            if kind != "blank" and place not in figures
        }
        self._places = figures
        self._cells = cells

    @functools.cached_property
    def values(self) -> dict[int, np.ndarray]:
        """The columns with figures, as numbers."""
        return {
            place: np.array([_value(cell) for cell in self._cells[place]], dtype=float)
            for place in self._places
        }

    def figures_of(self, place: int) -> np.ndarray:
        """The figures of one row."""
        row = self._cells.iloc[place]
        return np.array([_value(row[column]) for column in self._places], dtype=float)

    @staticmethod
    def _says_when(cells: pd.Series, name: str) -> bool:
        """Whether numbers are years, months or codes, which are not added up."""
        known = [cell for cell in cells.iloc[:_LOOKED_AT] if cell is not None]
        years = all(year_of(cell) is not None for cell in known)
        return years or bool(NO_FIGURE.search(name) and not FIGURE.fullmatch(name))

    def worded(self, by_first_cell: bool) -> tuple[list[int], list[int]]:
        """Rows that say they are a total: surely, and likely."""
        sure: dict[int, None] = {}
        likely: dict[int, None] = {}
        for place, labels in self.labels.items():
            different = {cell for cell in labels if isinstance(cell, str)}
            kinds = {cell: kind for cell in different if (kind := self._word(cell))}
            if not kinds:
                continue
            for number_, cell in enumerate(labels):
                if not isinstance(cell, str) or cell not in kinds:
                    continue
                before = [own for column, own in self.labels.items() if column < place]
                begins = all(own[number_] is None for own in before)
                if by_first_cell and not (kinds[cell] == "sure" and begins):
                    continue
                (sure if kinds[cell] == "sure" else likely)[int(self.rows[number_])] = None
        return list(sure), [row for row in likely if row not in sure]

    def _word(self, cell: str) -> str | None:
        if len(cell) > 80 or cell.casefold() in self.wanted:
            return None
        if _SURE.fullmatch(cell):
            return "sure"
        worded = _OF_SOMETHING.fullmatch(cell) or _FOR_SOMETHING.fullmatch(cell)
        return "likely" if worded else None

    def check(self, row: int, totals: np.ndarray) -> Comparison:
        """A total against the parts that fit best; `totals` are those rows that are no parts."""
        comparisons: list[Comparison] = []
        for what, parts in self.candidates(row, totals):
            if parts.sum() < 1:
                continue
            comparison = self.compare(row, parts, what)
            if comparison.agrees and not comparison.differs:
                return comparison
            comparisons.append(comparison)
        nothing = Comparison(np.zeros(len(self.rows), dtype=bool), "nothing")
        # What is withheld may fit.
        return min(comparisons, key=lambda one: bool(one.differs), default=nothing)

    def candidates(self, row: int, totals: np.ndarray) -> Iterable[tuple[str, np.ndarray]]:
        """What a total may be the sum of, the most telling first."""
        place = self.place[row]
        free = ~totals
        free[place] = False
        same = free.copy()
        shared = []
        for column, labels in self.labels.items():
            text = _folded(labels[place])
            if isinstance(labels[place], str) and self._word(labels[place]):
                match = _OF_SOMETHING.fullmatch(text) or _FOR_SOMETHING.fullmatch(text)
                plain = match is None or _SURE.fullmatch(text)
                text = "" if plain or match is None else match.groupdict().get("what") or ""
            if text and text in self._codes[column][1]:
                codes, known = self._codes[column]
                same &= codes == known[text]
                shared.append(self.names[column])
        if shared:
            yield f"the rows with the same {listed(shared)}", same
        before = np.flatnonzero(~free[:place])
        start = int(before[-1]) + 1 if len(before) else 0
        numbers = np.arange(len(self.rows))
        yield "the rows above it", free & (numbers >= start) & (numbers < place)
        yield "all rows above it", free & (numbers < place)
        after = np.flatnonzero(~free[place + 1 :])
        end = place + 1 + int(after[0]) if len(after) else len(self.rows)
        yield "the rows below it", free & (numbers > place) & (numbers < end)
        yield "all other rows", free
        yield from self.of_its_year(row, free)

    @functools.cached_property
    def _codes(self) -> dict[int, tuple[np.ndarray, dict[str, int]]]:
        """For each label column a code for each row, and the code of each text."""
        codes_by_column = {}
        for place, labels in self.labels.items():
            codes, texts = pd.factorize(np.array([_folded(cell) for cell in labels], dtype=object))
            codes_by_column[place] = (codes, {text: code for code, text in enumerate(texts)})
        return codes_by_column

    @functools.cached_property
    def months(self) -> dict[int, np.ndarray]:
        """For each label column the month of each row, counted from the year 0; -1 for none."""
        return {
            place: np.array([_month(cell) for cell in labels], dtype=np.int64)
            for place, labels in self.labels.items()
        }

    def of_its_year(self, row: int, free: np.ndarray) -> Iterable[tuple[str, np.ndarray]]:
        """The rows of the calendar year, and of the financial year, that a row names."""
        place = self.place[row]
        for column, labels in self.labels.items():
            months = self.months[column]
            named = year_of(labels[place])
            if named is None and months[place] < 0:
                continue
            year = named[0] if named else int(months[place]) // 12
            begins = year if named or months[place] % 12 > 2 else year - 1
            known = free & (months >= 0)
            if not (named and named[1]):
                yield f"the months of {year}", known & (months // 12 == year)
            financial = known & ((months - 3) // 12 == begins)
            yield f"the months of {begins}/{(begins + 1) % 100:02d}", financial

    def years_among_months(self) -> set[int]:
        """Places of bare years in columns that mostly hold months."""
        places: set[int] = set()
        for column, labels in self.labels.items():
            if (self.months[column][:50] >= 0).sum() > 2:
                # How most cells are written: 2011/12 among 2011/10 and 2011/11 is no year.
                usual = Counter(map(_shape, labels[:_LOOKED_AT])).most_common(1)[0][0]
                places |= {
                    place
                    for place, cell in enumerate(labels)
                    if year_of(cell) is not None and _shape(cell) != usual
                }
        return places

    def nameless(self) -> set[int]:
        """Places of rows without any label, after at least two others."""
        places = set(range(2, len(self.rows)))
        for labels in self.labels.values():
            places &= {place for place, cell in enumerate(labels) if cell is None}
        return places

    def months_again(self, gaps: set[int]) -> set[int]:
        """Places of rows that, right after a gap, name a month that a row above has named."""
        anew = {
            place
            for place, row in enumerate(self.rows.tolist())
            if place and (row - 1 in gaps or row - 2 in gaps)
        }
        repeats: set[int] = set()
        for months in self.months.values():
            again = pd.Series(months).duplicated() & (months >= 0)
            repeats |= anew & {*np.flatnonzero(again).tolist()}
        return repeats

    def compare(self, row: int, parts: np.ndarray, what: str) -> Comparison:
        """A row against the sums of others, column by column."""
        place = self.place[row]
        agrees, differs, withheld = [], [], False
        for column, values in self.values.items():
            total, these = values[place], values[parts]
            if np.isnan(total) or np.isnan(these).all():
                continue
            known = these[~np.isnan(these)]
            added = float(known.sum())
            if abs(added - total) <= tolerance(known, total):
                agrees.append(self.names[column])
            elif len(known) < len(these) and total > added >= 0:
                withheld = True  # what is withheld may make up the rest
            elif not self._is_rate(column, known, total):
                differs.append((self.names[column], added, float(total)))
        return Comparison(parts, what, tuple(agrees), tuple(differs), withheld)

    def _is_rate(self, column: int, known: np.ndarray, total: float) -> bool:
        """Whether a column holds averages or shares, which do not add up."""
        inside = known.min() - 1e-9 <= total <= known.max() + 1e-9
        fractions = bool((known % 1 != 0).any() or total % 1 != 0)
        return inside and (fractions or bool(RATE.search(self.names[column])))


def _value(cell: Cell) -> float:
    value = plain_number(cell)
    return np.nan if value is None else value


def _folded(cell: Cell) -> str:
    return (as_text(cell) or "").casefold()


def _month(cell: Cell) -> int:
    """The month that a cell names, counted from the year 0; -1 for a bare year and all else."""
    day = None if cell is None or year_of(cell) is not None else month_start(cell)
    return -1 if day is None else day.year * 12 + day.month - 1


def tolerance(known: np.ndarray, total: float) -> float:
    """What rounding of the parts can make of a sum; nothing for whole numbers."""
    decimals = max((_decimals(value) for value in [*known[:50], total]), default=0)
    return 1e-9 if decimals == 0 else (len(known) + 1) * 0.5 * 10.0**-decimals


def _decimals(value: float) -> int:
    text = f"{value:.6f}".rstrip("0")
    return len(text) - text.index(".") - 1


def _shape(cell: Cell) -> str:
    return re.sub(r"\d", "9", as_text(cell) or "")
