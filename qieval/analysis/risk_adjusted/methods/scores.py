"""The cumulative sum of log likelihood ratios (Steiner 2000), and how long until it signals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_toeplitz
from scipy.optimize import brentq

from qieval.analysis.risk_adjusted.methods.cases import Array

_STATES = (400, 800)
"""States of the two Markov chains: their error falls as 1 / states, so that both together cancel
most of it. Within 0.1 % of the R package vlad's collocation, where 800 states alone give 0.4 %."""

_LEAST = 0.1
"""The least threshold that is looked for."""


def weights(event: Array, risk: Array, odds_ratio: float) -> Array:
    """Each case's log likelihood ratio of odds multiplied by `odds_ratio` to odds as expected."""
    return np.asarray(event * np.log(odds_ratio) - np.log1p((odds_ratio - 1) * risk))


@dataclass(frozen=True)
class Sums:
    """A cumulative sum, case by case: its height with the case, and whether it then signals."""

    height: Array
    signal: Array


def sums(weight: Array, threshold: float) -> Sums:
    """The sum never falls below 0; at the threshold it signals and starts anew at 0."""
    height, signal = np.empty(len(weight)), np.zeros(len(weight), dtype=bool)
    before = 0.0
    for case, more in enumerate(weight):
        height[case] = max(0.0, before + more)
        # A hair, so that the last bit of a sum does not decide.
        signal[case] = height[case] >= threshold - 1e-12
        before = 0.0 if signal[case] else height[case]
    return Sums(height, signal)


def run_length(risk: Array, odds_ratio: float, threshold: float, truth: float = 1.0) -> float:
    """Cases until a signal, on average from 0.

    Parameters
    ----------
    risk : ndarray
        The expected chances of the cases; their mix is taken to go on.
    odds_ratio : float
        What the sum looks for.
    threshold : float
        Where it signals.
    truth : float
        What the odds truly are multiplied by: 1 gives the run length to a false alarm.
    """
    few, many = (_by_states(risk, odds_ratio, threshold, truth, states) for states in _STATES)
    return max(1.0, 2 * many - few)


def _by_states(
    risk: Array, odds_ratio: float, threshold: float, truth: float, states: int
) -> float:
    """The mean run length of a Markov chain on a grid (Brook and Evans 1972).

    A step between two grid points goes to both of them, in shares that keep its mean.
    """
    chance = truth * risk / (1 + (truth - 1) * risk)
    size = np.concatenate(
        [
            weights(np.ones_like(risk), risk, odds_ratio),
            weights(np.zeros_like(risk), risk, odds_ratio),
        ]
    )
    share = np.concatenate([chance, 1 - chance]) / len(risk)
    place = size / (threshold / states)
    below = np.floor(place)
    steps = np.zeros(2 * states + 1)  # from as many states down to as many up
    for at, part in ((below, below + 1 - place), (below + 1, place - below)):
        np.add.at(steps, np.clip(at, -states, states).astype(int) + states, share * part)
    # From state i to state j goes what belongs to j - i steps, so that the equations are Toeplitz
    # but for what would fall below 0 and stays there: that is one column more.
    stays = np.cumsum(steps)[states - 1 :: -1]
    column, row = -steps[states:0:-1], -steps[states : 2 * states]
    column[0] = row[0] = 1 + row[0]
    both = solve_toeplitz((column, row), np.column_stack([np.ones(states), stays]))
    return float(both[0, 0] / (1 - both[0, 1]))


def threshold_for(risk: Array, odds_ratio: float, length: float) -> float:
    """The threshold at which a false alarm comes once in `length` cases, to two decimals."""

    def too_long(threshold: float) -> float:
        return float(np.log(run_length(risk, odds_ratio, threshold) / length))

    most = _LEAST
    while too_long(most) < 0:
        most *= 2
    if most == _LEAST:
        return _LEAST
    return round(float(brentq(too_long, most / 2, most, xtol=0.002)), 2)
