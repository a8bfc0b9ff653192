"""Suppressed numbers: which cells are such, and between which bounds the number lies."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qieval.core.errors import DataError, ParameterError
from qieval.intake.reading.raw import Cell
from qieval.intake.tables.faults import row_numbers

SUPPRESSED = ("*", "<5", "fewer than 5", "less than 5", "1-4", "-", "c", "[c]", "..")
"""Marks that stand where a small number was withheld. Capitals and blanks make no difference."""

AT_LEAST, AT_MOST = "at_least", "at_most"
"""Endings of the columns with the bounds of suppressed numbers."""

_NUMBER = r"(\d+(?:\.\d+)?)"
_BELOW = re.compile(rf"(?:<|lessthan|fewerthan|under|below){_NUMBER}%?")
_UP_TO = re.compile(rf"(?:<=|\u2264|upto|atmost){_NUMBER}%?|{_NUMBER}(?:orfewer|orless|andunder)")
_ABOVE = re.compile(rf"(?:>|morethan|over|above){_NUMBER}%?")
_FROM = re.compile(rf"(?:>=|\u2265|atleast){_NUMBER}%?|{_NUMBER}(?:\+|ormore|andover)")
_BETWEEN = re.compile(rf"{_NUMBER}(?:-|to|and){_NUMBER}")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_SHORTEST_DRAG = 3


@dataclass(frozen=True)
class Bounds:
    """Between what a suppressed number lies; None: the mark does not say."""

    # The bounds.
    low: float | None = None
    high: float | None = None
    # Whether the number is less than `high`, or more than `low`, and never the bound itself.
    below: bool = False
    above: bool = False

    def inclusive(self, *, whole: bool) -> tuple[float, float]:
        """The lowest and highest possible number; of whole numbers ``<5`` allows 0 to 4."""
        low = math.nan if self.low is None else self.low
        high = math.nan if self.high is None else self.high
        if whole and self.below:
            high = math.ceil(high) - 1
        if whole and self.above:
            low = math.floor(low) + 1
        return low, high


UNKNOWN = Bounds()

_SPELT: tuple[tuple[re.Pattern[str], Callable[[float], Bounds]], ...] = (
    (_BELOW, lambda number: Bounds(0, number, below=True)),
    (_UP_TO, lambda number: Bounds(0, number)),
    (_ABOVE, lambda number: Bounds(number, None, above=True)),
    (_FROM, lambda number: Bounds(number, None)),
)


def bare(text: str) -> str:
    """A mark without capitals, blanks and kinds of dash."""
    return "".join(str(text).casefold().translate(_DASHES).split())


def bounds_in(cell: Cell) -> Bounds | None:
    """The bounds that a cell spells (``<5``, ``fewer than 5``, ``1-4``); None: it spells none."""
    if not isinstance(cell, str):
        return None
    text = bare(cell)
    for pattern, bounds_of in _SPELT:
        if match := pattern.fullmatch(text):
            return bounds_of(float(match[1] or match[2]))
    if (match := _BETWEEN.fullmatch(text)) and float(match[1]) < float(match[2]):
        return Bounds(float(match[1]), float(match[2]))
    return None


def marks_of(suppressed: Sequence[str] | Mapping[str, str | None]) -> dict[str, Bounds]:
    """Each mark, bare, with its bounds.

    `suppressed`: marks; or mark → what it stands for ("1 to 7"), where the mark does not say so
    itself.

    Raises ParameterError if it is no list or mapping, or a mark's meaning cannot be read.
    """
    if isinstance(suppressed, str):
        raise ParameterError(
            "`suppressed` is a list of marks.",
            found=repr(suppressed),
            remedy=f'Write `suppressed: ["{suppressed}"]`.',
            where="suppressed",
        )
    if not isinstance(suppressed, Mapping):
        return {bare(mark): bounds_in(mark) or UNKNOWN for mark in suppressed}
    marks = {}
    for mark, meaning in suppressed.items():
        bounds = UNKNOWN if meaning is None else bounds_in(str(meaning))
        if bounds is None:
            raise ParameterError(
                f"What the mark `{mark}` stands for cannot be read.",
                found=repr(meaning),
                remedy=f'Write for instance `suppressed: {{"{mark}": "1 to 7"}}`.',
                where="suppressed",
            )
        marks[bare(str(mark))] = bounds_in(mark) or UNKNOWN if meaning is None else bounds
    return marks


def refuse_drags(cells: pd.DataFrame, declared: Mapping[str, Bounds], where: str) -> None:
    """Stop where a bound grows from cell to cell: somebody dragged ``<6`` over its neighbours.

    A spreadsheet then counts on: ``<6``, ``<7``, ``<8``. The numbers behind are anybody's guess.

    `declared`: marks that the parameters give: two neighbours that are both declared are no drag.
    """
    bounds = np.full(cells.shape, np.nan)
    texts = np.full(cells.shape, "", dtype=object)
    for place, name in enumerate(cells.columns):
        codes, different = pd.factorize(cells[name].to_numpy(dtype=object))
        highest = {
            code: said.high
            for code, cell in enumerate(different)
            if (said := bounds_in(cell)) is not None and said.below
        }
        if highest:
            table = np.array(
                [*(highest.get(code, np.nan) for code in range(len(different))), np.nan]
            )
            bounds[:, place] = table[codes]
            texts[:, place] = np.array([*map(str, different), ""], dtype=object)[codes]
    if np.isnan(bounds).all():
        return
    for axis, words in ((0, "down"), (1, "across")):
        run = _longest_growing_run(bounds, cells.index.to_numpy(), axis)
        if run is None or (
            len(run) < _SHORTEST_DRAG and all(bare(texts[at]) in declared for at in run)
        ):
            continue
        examples = ", ".join(f"`{texts[at]}`" for at in run[:5]) + (" …" if len(run) > 5 else "")
        rows = row_numbers({int(cells.index[row]) for row, _ in run}, most=5)
        names = dict.fromkeys(str(cells.columns[column]) for _, column in run)
        columns = ", ".join(f"`{name}`" for name in names)
        raise DataError(
            f"A bound of suppressed numbers grows from cell to cell {words} the sheet: it was "
            "dragged over its neighbours, and the numbers behind it are lost.",
            found=f"{examples} in {columns}, {rows}",
            remedy="Ask for the figures again, or put the mark that is meant into these cells.",
            where=where,
        )


def _longest_growing_run(
    bounds: np.ndarray, rows: np.ndarray, axis: int
) -> list[tuple[int, int]] | None:
    """Places (row, column) of the longest run of neighbours in which each is one more."""
    grid = bounds if axis == 0 else bounds.T
    steps = np.diff(grid, axis=0) == 1
    if axis == 0:
        steps &= (np.diff(rows) == 1)[:, None]
    if not steps.any():
        return None
    length = np.zeros(grid.shape, dtype=np.int64)
    for at in range(len(steps)):
        length[at + 1] = np.where(steps[at], length[at] + 1, 0)
    last, line = (int(place) for place in np.unravel_index(int(length.argmax()), length.shape))
    run = [(at, line) for at in range(last - int(length[last, line]), last + 1)]
    return run if axis == 0 else [(column, row) for row, column in run]
