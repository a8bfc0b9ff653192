"""Runs about a centre line: the Anhøj rules and those of IHI (Perla, Provost and Murray)."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from qieval.analysis.spc.methods import patterns
from qieval.analysis.spc.methods.limits import median
from qieval.analysis.spc.methods.patterns import Signs
from qieval.analysis.spc.methods.series import Array, Mask

IHI_SHIFT, IHI_TREND = 6, 5
TAIL = 0.025
"""Chance in each tail of the limits for the number of runs."""


@dataclass(frozen=True)
class Runs:
    """Runs of each series about its centre line; points on the line do not count.

    Attributes
    ----------
    useful : (series,) int
        Points not on the line.
    longest, longest_max : (series,) int
        The longest run, and how long one may be (Anhøj).
    crossings, crossings_min : (series,) int
        Crossings of the line, and how few there may be (Anhøj).
    runs_min, runs_max : (series,) int
        How few and how many runs there may be (Swed and Eisenhart).
    length : (series, points) int
        Length of the run that each point lies in; 0 for points on the line.
    """

    useful: NDArray[np.int64]
    longest: NDArray[np.int64]
    longest_max: NDArray[np.int64]
    crossings: NDArray[np.int64]
    crossings_min: NDArray[np.int64]
    runs_min: NDArray[np.int64]
    runs_max: NDArray[np.int64]
    length: NDArray[np.int64]

    @property
    def runs(self) -> NDArray[np.int64]:
        """Number of runs."""
        return np.where(self.useful > 0, self.crossings + 1, 0)

    @property
    def long(self) -> Mask:
        """Series with a run that is too long (Anhøj)."""
        return np.asarray(self.longest > self.longest_max)

    @property
    def few_crossings(self) -> Mask:
        """Series with too few crossings (Anhøj)."""
        return np.asarray(self.crossings < self.crossings_min)

    @property
    def few_runs(self) -> Mask:
        """Series with too few runs (Swed and Eisenhart)."""
        return np.asarray((self.useful > 0) & (self.runs < self.runs_min))

    @property
    def many_runs(self) -> Mask:
        """Series with too many runs (Swed and Eisenhart)."""
        return np.asarray((self.useful > 0) & (self.runs > self.runs_max))


def find_runs(side: Signs, counted: Mask) -> Runs:
    """The runs of the counted points about their centre lines."""
    useful = counted & (side != 0)
    packed = patterns.packing(useful)
    sides, known = packed.pack(side), packed.known
    lengths = patterns.run_lengths(sides, known)
    changes = (sides[:, 1:] != sides[:, :-1]) & known[:, 1:] & known[:, :-1]
    number = useful.sum(axis=1)
    above = (useful & (side > 0)).sum(axis=1)
    length = np.zeros(side.shape, dtype=np.int64)
    if packed.order is None:
        length = np.where(useful, lengths, 0)
    else:
        np.put_along_axis(length, packed.order[:, : packed.width], lengths, axis=1)
    low, high = _by_value(_runs_between, above, number - above)
    longest_max, crossings_min = _by_value(_anhoej, number, number)
    return Runs(
        number,
        lengths.max(axis=1, initial=0),
        longest_max,
        changes.sum(axis=1),
        crossings_min,
        low,
        high,
        length,
    )


def _by_value(
    function: object, first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A function of two whole numbers for each series, worked out once for each pair there is."""
    assert callable(function)
    pairs, place = np.unique(np.stack([first, second], axis=1), axis=0, return_inverse=True)
    found = np.array([function(int(a), int(b)) for a, b in pairs], dtype=np.int64)
    found = found.reshape(-1, 2)[np.asarray(place).ravel()]
    return found[:, 0], found[:, 1]


@functools.lru_cache(maxsize=4096)
def _anhoej(useful: int, _: int) -> tuple[int, int]:
    return anhoej_limits(useful)


def anhoej_limits(useful: int) -> tuple[int, int]:
    """Longest run and fewest crossings that `useful` points may have (Anhøj and Olesen 2014)."""
    if useful < 1:
        return 3, 0
    fewest = int(binom.ppf(0.05, useful - 1, 0.5)) if useful > 1 else 0
    return round(math.log2(useful)) + 3, fewest


@functools.lru_cache(maxsize=4096)
def _runs_between(above: int, below: int) -> tuple[int, int]:
    return runs_limits(above, below)


def runs_limits(above: int, below: int) -> tuple[int, int]:
    """Fewest and most runs that points above and below a line may have, by chance alone.

    Exact (Swed and Eisenhart 1943): a number of runs is too small if so few or fewer have a chance
    of 2.5 % at most, too large if so many or more have.
    """
    if not above or not below:
        return 0, 1
    whole = math.comb(above + below, above)
    ways = [0, 0]  # ways[r]: arrangements with r runs
    for runs in range(2, above + below + 1):
        half, odd = divmod(runs, 2)
        if odd:
            count = math.comb(above - 1, half) * math.comb(below - 1, half - 1)
            count += math.comb(above - 1, half - 1) * math.comb(below - 1, half)
        else:
            count = 2 * math.comb(above - 1, half - 1) * math.comb(below - 1, half - 1)
        ways.append(count)
    up, down = np.cumsum(np.array([w / whole for w in ways])), 0.0
    fewest = int(np.searchsorted(up, TAIL, side="right"))
    most = above + below
    while most > 0:
        down += ways[most] / whole
        if down > TAIL:
            break
        most -= 1
    return fewest, most


def ihi_shift(length: NDArray[np.int64]) -> Mask:
    """Points of 6 or more in a row on one side of the line; points on it neither count nor break.

    Parameters
    ----------
    length : (series, points) int
        From :func:`find_runs`.
    """
    return np.asarray(length >= IHI_SHIFT)


def ihi_trend(y: Array, counted: Mask, slack: Array) -> Mask:
    """Points of 5 or more that rise or fall in a row; neighbours that are equal count once."""
    packed = patterns.packing(counted)
    x, known = packed.pack(y), packed.known
    fresh = known.copy()
    fresh[:, 1:] &= patterns.sign_of(np.diff(x, axis=1), slack) != 0
    again = patterns.packing(fresh)
    flags = patterns.trends(again.pack(x), again.known, IHI_TREND, slack)[0]
    # A repeated value shares the fate of the one it repeats.
    place = np.maximum(np.cumsum(fresh, axis=1) - 1, 0)
    place = np.minimum(place, flags.shape[1] - 1)
    whole = flags if again.order is not None else again.unpack(flags)
    return packed.unpack(np.take_along_axis(whole, place, axis=1) & known)


def astronomical(y: Array, centre: Array, counted: Mask) -> Mask:
    """Points very far from the rest: a remark for the eye, not a rule.

    Further from the centre line than 5 times the middle distance of the points from it.
    """
    known = counted & np.isfinite(y) & np.isfinite(centre)
    distance = np.where(known, np.abs(np.where(known, y - centre, 0.0)), 0.0)
    middle = median(distance, known)
    return np.asarray(known & (distance > np.where(middle > 0, 5 * middle, np.inf)))
