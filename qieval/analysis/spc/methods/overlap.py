"""Values that share data with their neighbours: what a chart says of rolling and running totals.

The detector is that of the models (:mod:`qieval.core.overlap`); units of a chart are judged
together. A chart asks also where points are far more alike than independent ones, whatever the
reason, since its rules take them for independent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qieval.analysis.spc.methods.series import Array, Series
from qieval.core import periods
from qieval.core.checks import Check
from qieval.core.errors import CannotEvaluate
from qieval.core.overlap import (
    ASKED,
    LONGEST,
    SURE,
    is_running_total,
    rolling_ratios,
    smoothness,
)

SMOOTH = 0.87
"""Von Neumann ratio under which points are far more alike than independent ones (where it is 2):
5 % of first-order autoregressive series with a correlation of 0.4 lie under it."""

FEWEST, MOST_UNITS = 12, 100
"""Points that the tests need, and units that they take."""


def overlap(series: Series, overlapping: bool | None, refuse: bool) -> list[Check]:
    """Rolling and running totals: refused on a chart with limits, a failed check without.

    Raises
    ------
    CannotEvaluate
        If `refuse` and the values overlap.
    """
    if overlapping is False:
        return []
    stretches = _stretches(series)
    width, ratio = _rolling(series, stretches)
    smooth = _mostly([smoothness(y) < SMOOTH for y, _ in stretches])
    if _mostly([is_running_total(y) for y, _ in stretches]):
        what = "look like a running total"
    elif ratio > SURE:
        what = f"look like rolling totals of {width} {series.noun(2)}"
    elif overlapping:
        what = "overlap"
    elif smooth or ratio > ASKED:
        return [_asked()]
    else:
        return []
    problem = (
        f"The values {what}: neighbouring points share data, so they are not separate evidence"
    )
    if refuse:
        raise CannotEvaluate(
            f"{problem}, and limits from them would be far too tight.",
            remedy="Give the value of each period by itself. If the values do not overlap, say so "
            "with `overlapping: false`.",
        )
    why = f"{problem}; long runs mean nothing here."
    return [Check("overlapping_values", "Overlapping values", "fail", why)]


def _asked() -> Check:
    return Check(
        "neighbours_alike",
        "Neighbouring points",
        "warn",
        "Neighbouring points are more alike than separate ones would be. Does each value cover "
        "several periods, as a rolling or running total does? Then say `overlapping: true`, else "
        "`overlapping: false`. Where the level merely drifts or follows the season, signals mean "
        "less than the rules promise.",
    )


def _mostly(found: list[NDArray[np.bool_]]) -> bool:
    every = np.concatenate(found) if found else np.zeros(0, dtype=bool)
    return bool(every.size and every.mean() > 0.5)


def _stretches(series: Series) -> list[tuple[Array, int]]:
    """The latest stretches without a gap, a unit a column, with the place of their first point."""
    together: dict[tuple[int, int], list[Array]] = {}
    for row, present in zip(series.y[:MOST_UNITS], series.present[:MOST_UNITS], strict=True):
        gaps = np.flatnonzero(np.r_[True, ~present, True]) - 1
        stretch = int(np.argmax(np.diff(gaps)))
        first, stop = int(gaps[stretch]) + 1, int(gaps[stretch + 1])
        first = max(first, stop - LONGEST)
        values = row[first:stop]
        if len(values) >= FEWEST and np.ptp(values) > 0:
            together.setdefault((first, stop), []).append(values)
    return [(np.stack(values, axis=1), first) for (first, _), values in together.items()]


def _rolling(series: Series, stretches: list[tuple[Array, int]]) -> tuple[int, float]:
    """The likeliest width, and its log likelihood ratio over all units."""
    widths = () if series.every == "event" else periods.rolling_lengths(series.every)
    total = np.full(len(widths), -np.inf)
    for y, first in stretches:
        at = np.arange(first, first + len(y), dtype=float)
        ratios = rolling_ratios(y, course(at, series.every), at, widths)
        tested = np.isfinite(ratios).all(axis=1)
        total = np.where(tested, np.where(np.isinf(total), 0, total) + ratios.sum(axis=1), total)
    best = int(total.argmax()) if len(total) else 0
    return (widths[best], float(total[best])) if len(total) else (0, -np.inf)


def course(at: Array, every: str) -> Array:
    """Columns of a trend, and of a yearly wave: one pair from 24 points on, two from 36."""
    columns, per_year = [np.ones_like(at), at - at.mean()], periods.per_year(every)
    for pair in range(1, 1 + (len(at) >= 24) + (len(at) >= 36)):
        angle = 2 * np.pi * pair * at / per_year
        columns += [np.cos(angle), np.sin(angle)] if per_year > 2 * pair else []
    return np.stack(columns, axis=1)
