"""Series on which the default claims too much, and how often: told beside a result like one.

Out of 100 simulated series in which nothing changed, so many headlines claim a change
(docs/methods/its_headline.md; a test compares the figures with that page).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qieval.analysis.its.methods.diagnostics import autocorrelations
from qieval.analysis.its.methods.names import EDGE

CLAIMS: dict[str, dict[int, int]] = {
    "random walk": {18: 12, 24: 15, 36: 12, 60: 10},
    "AR(2) .3, .3": {18: 6, 24: 12, 36: 15, 60: 18},
    "AR(1) .8 and as much white noise": {18: 4, 24: 7, 36: 14, 60: 14},
    "counts (.8, .5)": {24: 6, 36: 12, 60: 16},
}
"""Kind of series, as the page calls it → points → claims in 100; of counts, for means from 2 on."""

SEEN_FROM = 24
"""Points from which on a longer memory is looked for."""

NEAR_ENOUGH = 6
"""Claims in 100 up to which a length is no failure: the 5 that are meant, and chance."""

ALIKE = 1.0
"""Autocorrelation two periods apart, times the root of the points, from which on a memory is longer
than the model's: 1 to 6 in 100 AR(1) series of 24 to 60 points lie above (residuals of a fit are
less alike than errors, so 1.96 is too strict), 52 in 100 AR(2) of 60, 21 of AR(1) .8 in noise.
"""

WANDERING = 0.3
"""Autocorrelation of counts from which on their rate is told to wander: 3 to 11 in 100 independent
counts lie above, 20 to 53 of a rate whose logarithm is AR(1) .8 (SD .5)."""

HIDDEN = 0.1, 0.5
"""Estimates between which nine in ten series of a wandering level under as much noise lie."""


@dataclass(frozen=True)
class Likeness:
    """A series known to be claimed of too often: what sets it apart, and claims in 100."""

    words: str
    claims: int


def like(rho: float | None, residuals: pd.DataFrame, events: bool) -> Likeness | None:
    """The simulated series that this one is like, or None; `events` are counts.

    A random walk is one whose autocorrelation cannot be told from 1; a longer memory than the model
    allows for is one whose residuals, made free of the model's own autocorrelation, are still alike
    two periods apart, beyond chance.
    """
    if rho is None:
        return None
    residual = residuals["residual"].to_numpy(dtype=float)
    if events:
        words = "counts of events whose rate wanders from month to month"
        return _at("counts (.8, .5)", words, len(residual)) if rho > WANDERING else None
    if rho > EDGE:
        return _at("random walk", "its level wanders like a random walk", len(residual))
    second = autocorrelations(residual, 2, 0.95)["autocorrelation"].iloc[1]
    if len(residual) >= SEEN_FROM and second * np.sqrt(len(residual)) > ALIKE:
        words = "its memory reaches further than from one period to the next"
        return _at("AR(2) .3, .3", words, len(residual))
    return None


def hidden(rho: float | None, points: int, events: bool) -> Likeness | None:
    """What a series with a memory such as this may be without showing it, or None."""
    if events and rho is not None:
        words = "a rate of events that wanders with a long memory"
        return _at("counts (.8, .5)", words, points) if rho <= WANDERING else None
    if rho is None or not HIDDEN[0] <= rho <= HIDDEN[1]:
        return None
    words = "a level that wanders under as much month-to-month noise"
    return _at("AR(1) .8 and as much white noise", words, points)


def _at(kind: str, words: str, points: int) -> Likeness | None:
    """The claims at the simulated length nearest to this one."""
    known = CLAIMS[kind]
    claims = known[min(known, key=lambda n: (abs(n - points), n))]
    return Likeness(words, claims) if claims > NEAR_ENOUGH else None
