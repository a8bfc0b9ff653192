"""The rules, written a second time as plainly as can be: one series, one point after the other."""

from __future__ import annotations

import itertools

import numpy as np


def runs_of(keys):
    """(first, past the last) of each run of equal keys."""
    starts = [0, *[k for k in range(1, len(keys)) if keys[k] != keys[k - 1]], len(keys)]
    return list(itertools.pairwise(starts))


def shift(side, least):
    flags = [False] * len(side)
    for first, past in runs_of(side):
        if past - first >= least and side[first]:
            flags[first:past] = [True] * (past - first)
    return flags


def trend(y, least):
    steps = list(np.sign(np.diff(y)))
    flags = [False] * len(y)
    for first, past in runs_of(steps):
        if past - first >= least - 1 and steps[first]:
            flags[first : past + 1] = [True] * (past + 1 - first)
    return flags


def some_of(beyond, least, among):
    flags = [False] * len(beyond)
    for first in range(len(beyond) - among + 1):
        window = range(first, first + among)
        if sum(beyond[k] for k in window) >= least:
            for k in window:
                flags[k] |= bool(beyond[k])
    return flags


def alternating(y, least):
    steps = np.sign(np.diff(y))
    flags = [False] * len(y)
    for first in range(len(y) - least + 1):
        own = steps[first : first + least - 1]
        if all(a * b < 0 for a, b in itertools.pairwise(own)):
            flags[first : first + least] = [True] * least
    return flags


def all_of(flags, width):
    found = [False] * len(flags)
    for first in range(len(flags) - width + 1):
        if all(flags[first : first + width]):
            found[first : first + width] = [True] * width
    return found


def ihi_trend(y, least=5):
    kept = [k for k in range(len(y)) if k == 0 or y[k] != y[k - 1]]
    flagged = trend([y[k] for k in kept], least)
    of = dict(zip(kept, flagged, strict=True))
    out, last = [], False
    for k in range(len(y)):
        last = of.get(k, last)
        out.append(last)
    return out
