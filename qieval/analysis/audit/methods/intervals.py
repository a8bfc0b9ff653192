"""Intervals of differences in pairs, and of scores that sum several answers.

All work in shares (0 to 1); ``confidence`` is the level, such as 0.95.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq
from statsmodels.stats.contingency_tables import mcnemar

from qieval.core.proportions import Ends

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
    """After minus before for the same units; 0 lies outside just where McNemar's test is clear.

    Tango's interval, whose test of no change is McNemar's. With so few that changed that the test
    is the exact one (:func:`mcnemar_p`), it is widened to hold the exact interval given how many
    changed (Clopper and Pearson), which goes with that test.
    """
    ends, changed = tango(pairs, confidence), pairs.lost + pairs.gained
    if not 0 < changed < EXACT_BELOW:
        return ends
    exact = stats.binomtest(pairs.gained, changed).proportion_ci(confidence, "exact")
    low, high = ((2 * end - 1) * changed / pairs.n for end in exact)
    return Ends(ends.value, min(ends.low, low), max(ends.high, high))


def tango(pairs: Pairs, confidence: float) -> Ends:
    """After minus before for the same units: score interval of Tango 1998, Stat Med 17:891."""
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    value = (pairs.gained - pairs.lost) / pairs.n
    low = brentq(lambda d: _score(pairs, d) - z, -1, value) if value > -1 else -1.0
    high = brentq(lambda d: _score(pairs, d) + z, value, 1) if value < 1 else 1.0
    return Ends(value, float(low), float(high))


def _score(pairs: Pairs, difference: float) -> float:
    """The score statistic of a difference: it falls from above z to below -z as that rises."""
    n, gained, lost, d = pairs.n, pairs.gained, pairs.lost, difference
    # The share of those who lost it that is likeliest with this difference.
    b = (2 * n - gained + lost) * d - gained - lost
    root = np.sqrt(max(0.0, b**2 + 8 * n * lost * d * (1 - d)))
    likeliest = (root - b) / (4 * n)
    variance = n * (2 * likeliest + d * (1 - d))
    distance = gained - lost - n * d
    if variance > 0:
        return float(distance / np.sqrt(variance))
    return float(np.sign(distance) * np.inf) if distance else 0.0


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
