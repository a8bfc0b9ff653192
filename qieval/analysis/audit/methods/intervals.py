"""Intervals of differences in pairs, and of scores that sum several answers.

All work in shares (0 to 1); ``confidence`` is the level, such as 0.95.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from qieval.core.proportions import Ends, wilson

EXACT_BELOW = 25
"""With fewer units than this that changed, McNemar's test is the exact one."""


class Pairs(NamedTuple):
    """The same units twice: how many met a standard both times, once, or never."""

    both: int
    lost: int
    gained: int
    neither: int

    @property
    def n(self) -> int:
        """How many units there are."""
        return sum(self)


def paired_difference(pairs: Pairs, confidence: float) -> Ends:
    """After minus before for the same units: method 10 of Newcombe 1998, Stat Med 17:2635.

    Wilson's intervals of both waves are put together as for independent ones, less what the waves
    have in common (phi, with a correction where it is positive).
    """
    n = pairs.n
    before = wilson(pairs.both + pairs.lost, n, confidence)
    after = wilson(pairs.both + pairs.gained, n, confidence)
    phi = _phi(pairs)

    def reach(one: float, other: float) -> float:
        return float(np.sqrt(max(0.0, one**2 - 2 * phi * one * other + other**2)))

    value = after.value - before.value
    down = reach(after.value - after.low, before.high - before.value)
    up = reach(after.high - after.value, before.value - before.low)
    return Ends(value, max(-1.0, value - down), min(1.0, value + up))


def _phi(pairs: Pairs) -> float:
    both, lost, gained, neither = map(float, pairs)
    margins = (both + lost) * (gained + neither) * (both + gained) * (lost + neither)
    if margins == 0:
        return 0.0
    common = both * neither - lost * gained
    if common > 0:
        common = max(common - pairs.n / 2, 0.0)
    return float(common / np.sqrt(margins))


def mcnemar_p(pairs: Pairs) -> float:
    """P value of McNemar's test; exact with fewer than 25 units that changed."""
    changed = pairs.lost + pairs.gained
    if changed == 0:
        return 1.0
    table = [[pairs.both, pairs.lost], [pairs.gained, pairs.neither]]
    test = mcnemar(table, exact=changed < EXACT_BELOW, correction=False)
    return float(min(1.0, test.pvalue))


class Change(NamedTuple):
    """A difference with all that a row of estimates tells."""

    ends: Ends
    se: float
    df: float
    p_value: float


def from_se(value: float, se: float, df: float, confidence: float) -> Change:
    """A difference whose standard error is known: t interval, kept within -1 to 1."""
    if not se > 0 or df < 1:
        return Change(Ends(value, np.nan, np.nan), np.nan, df, np.nan)
    reach = stats.t.ppf(0.5 + confidence / 2, df) * se
    p_value = 2 * stats.t.sf(abs(value) / se, df)
    return Change(
        Ends(value, max(-1.0, value - reach), min(1.0, value + reach)), se, df, float(p_value)
    )


def score(
    met: NDArray[np.float64], asked: NDArray[np.float64], confidence: float
) -> tuple[Ends, float]:
    """Sum of met over sum of asked, with the interval of a ratio over clusters, and its df.

    One entry a cluster (a record, or a team): answers within it are not independent (Cochran,
    Sampling Techniques, 1977, section 6.3).
    """
    share, pulls = _ratio(met, asked)
    clusters = len(met)
    if clusters < 2:
        return Ends(share, np.nan, np.nan), 0.0
    ends = from_se(share, _se(pulls), clusters - 1, confidence).ends
    return ends._replace(low=float(np.maximum(ends.low, 0.0))), clusters - 1.0


def score_change(met: NDArray[np.float64], asked: NDArray[np.float64], confidence: float) -> Change:
    """Change of such a score; rows are clusters, columns before and after (0 asked: not there)."""
    first, pulls_first = _ratio(met[:, 0], asked[:, 0])
    last, pulls_last = _ratio(met[:, 1], asked[:, 1])
    pulls = pulls_last - pulls_first
    in_both = bool(((asked > 0).sum(axis=1) == 2).all())
    return from_se(last - first, _se(pulls), len(pulls) - (1.0 if in_both else 2.0), confidence)


def _ratio(
    met: NDArray[np.float64], asked: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """A ratio of sums, and how far each cluster pulls it."""
    if asked.sum() == 0:
        return np.nan, np.full(len(met), np.nan)
    share = float(met.sum() / asked.sum())
    return share, (met - share * asked) / asked.sum()


def _se(pulls: NDArray[np.float64]) -> float:
    clusters = len(pulls)
    if clusters < 2:
        return np.nan
    return float(np.sqrt(clusters / (clusters - 1) * (pulls**2).sum()))
