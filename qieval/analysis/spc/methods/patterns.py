"""Patterns in many series at once: runs, trends, some-of-many. Array work, no loop over units.

Each function takes matrices (series × points) in which every series is packed to the left, and
`known`, the cells that hold a point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qieval.analysis.spc.methods.series import Array, Mask

Signs = NDArray[np.int8]

NEAR = 1e-9
"""Two numbers closer than this, relative to the largest value of their series, are the same."""


@dataclass(frozen=True)
class Packing:
    """Moves chosen cells of each row to the left, in order, and back."""

    chosen: Mask
    order: NDArray[np.intp] | None
    known: Mask
    width: int

    def pack(self, cells: NDArray) -> NDArray:
        """Cells of the rows, the chosen ones first."""
        if self.order is None:
            return cells
        return np.take_along_axis(cells, self.order, axis=1)[:, : self.width]

    def unpack(self, flags: Mask) -> Mask:
        """Flags of packed cells at their own places; False elsewhere."""
        if self.order is None:
            return flags & self.chosen
        back = np.zeros(self.chosen.shape, dtype=bool)
        np.put_along_axis(back, self.order[:, : self.width], flags & self.known, axis=1)
        return back


def packing(chosen: Mask) -> Packing:
    """How to pack the chosen cells; nothing moves where they lie to the left already."""
    width = int(chosen.sum(axis=1).max(initial=0))
    if not (chosen[:, 1:] & ~chosen[:, :-1]).any():
        return Packing(chosen, None, chosen, chosen.shape[1])
    order = np.argsort(~chosen, axis=1, kind="stable")
    known = np.arange(width) < chosen.sum(axis=1)[:, None]
    return Packing(chosen, order, known, width)


def tolerance(y: Array) -> Array:
    """What counts as no difference in each row (a column)."""
    largest = np.nanmax(np.abs(np.where(np.isfinite(y), y, 0.0)), axis=1, keepdims=True, initial=0)
    return np.asarray(NEAR * largest)


def sign_of(difference: Array, slack: Array) -> Signs:
    """-1, 0 or 1; 0 where the difference is within `slack` or not known."""
    return (difference > slack).astype(np.int8) - (difference < -slack).astype(np.int8)


def run_lengths(key: NDArray, known: Mask) -> NDArray[np.int64]:
    """For each cell, how many cells in a row have the same key; 0 where nothing is known."""
    rows, columns = key.shape
    if not columns:
        return np.zeros(key.shape, dtype=np.int64)
    starts = np.ones((rows, columns), dtype=bool)
    starts[:, 1:] = (key[:, 1:] != key[:, :-1]) | ~known[:, 1:] | ~known[:, :-1]
    first = np.flatnonzero(starts)
    length = np.diff(np.append(first, rows * columns))
    return np.where(known, np.repeat(length, length).reshape(rows, columns), 0)


def one_side(side: Signs, known: Mask, least: int) -> Mask:
    """Every point of `least` or more in a row on one side; a point on the line breaks a run."""
    return np.asarray((run_lengths(side, known) >= least) & (side != 0))


def trends(y: Array, known: Mask, least: int, slack: Array) -> tuple[Mask, Signs]:
    """Every point of `least` or more that rise (or fall) in a row, and which way each goes."""
    steps = sign_of(np.diff(y, axis=1), slack)
    both = known[:, 1:] & known[:, :-1]
    long = (run_lengths(steps, both) >= least - 1) & (steps != 0) & both
    flags, way = np.zeros(y.shape, dtype=bool), np.zeros(y.shape, dtype=np.int8)
    flags[:, 1:] = long
    flags[:, :-1] |= long
    way[:, :-1] = np.where(long, steps, 0)
    way[:, 1:] = np.where(long, steps, way[:, 1:])  # where two trends meet: the earlier
    return flags, way


def some_of(beyond: Mask, least: int, among: int) -> Mask:
    """The points beyond, wherever `least` of `among` in a row are."""
    return beyond & spread_back(window_count(beyond, among) >= least, among)


def window_count(flags: Mask, width: int) -> NDArray[np.int64]:
    """How many of the `width` cells that end at each cell are flagged; -1 before there are so many.

    Returns
    -------
    array
        The counts, in the shape of `flags`.
    """
    count = np.full(flags.shape, -1, dtype=np.int64)
    if flags.shape[1] >= width:
        total = np.cumsum(np.pad(flags, ((0, 0), (1, 0))), axis=1, dtype=np.int64)
        count[:, width - 1 :] = total[:, width:] - total[:, :-width]
    return count


def spread_back(hits: Mask, width: int) -> Mask:
    """Every cell of the windows of `width` cells that end at a hit."""
    flags = hits.copy()
    for back in range(1, min(width, hits.shape[1])):
        flags[:, :-back] |= hits[:, back:]
    return flags


def all_in_a_row(flags: Mask, width: int) -> Mask:
    """Every cell of `width` or more flagged cells in a row."""
    return spread_back(window_count(flags, width) == width, width)


def alternating(y: Array, known: Mask, least: int, slack: Array) -> Mask:
    """Every point of `least` or more that go up and down by turns."""
    steps = sign_of(np.diff(y, axis=1), slack)
    steps = np.where(known[:, 1:] & known[:, :-1], steps, 0)
    turns = steps[:, 1:] * steps[:, :-1] < 0
    flags = np.zeros(y.shape, dtype=bool)
    if y.shape[1] >= least:
        hits = window_count(turns, least - 2) == least - 2
        wide = np.zeros(y.shape, dtype=bool)
        wide[:, 2:] = hits
        flags = spread_back(wide, least)
    return flags
