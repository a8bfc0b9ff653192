"""Values that share data with their neighbours: rolling and running totals."""

from __future__ import annotations

import numpy as np

from qieval.analysis.spc.methods import limits
from qieval.analysis.spc.methods.series import Array, Mask, Series
from qieval.core import periods
from qieval.core.checks import Check
from qieval.core.errors import CannotEvaluate


def overlap(series: Series, overlapping: bool | None, refuse: bool) -> list[Check]:
    """Rolling and running totals: refused on a chart with limits, a failed check without.

    The step from one rolling total of k periods to the next is a new value less the one k periods
    before: steps are then opposed at a distance of k, and not opposed to their neighbours.

    Raises
    ------
    CannotEvaluate
        If `refuse` and the values overlap.
    """
    width = 0 if overlapping is False else _overlap_of(series)
    if not overlapping and not width:
        return []
    what = f"look like rolling totals of {width} {series.noun(2)}" if width else "overlap"
    if width == 1:
        what = "look like a running total"
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


def _overlap_of(series: Series) -> int:
    """Periods that each value seems to cover; 1 for a running total, 0 for none."""
    y = series.y
    steps = np.diff(y, axis=1)
    known = np.isfinite(steps)
    count = known.sum(axis=1)
    rising = (count >= 8) & (np.where(known, steps, 1) > 0).all(axis=1)
    if rising.any() and rising.sum() > len(y) / 2:
        step = limits.mean(steps, known)[:, 0]
        first = np.take_along_axis(y, np.argmax(np.isfinite(y), axis=1)[:, None], 1)[:, 0]
        like = (first >= 0.2 * step) & (first <= 5 * step)
        if (rising & like).sum() > len(y) / 2:
            return 1
    steps = np.diff(np.where(series.present, y - _course(series), np.nan), axis=1)
    steps = np.where(known, steps - limits.mean(steps, known), 0.0)
    whole = float((steps**2).sum()) / max(int(known.sum()), 1)
    if not whole:
        return 0
    for k in () if series.every == "event" else periods.rolling_lengths(series.every):
        first_lag, _ = _likeness(steps, known, 1, whole)
        opposed, pairs = _likeness(steps, known, k, whole)
        if pairs >= 8 and first_lag >= -0.15 and opposed < -0.35 and opposed * pairs**0.5 < -3.3:
            return k
    return 0


def _course(series: Series) -> Array:
    """Trend and yearly pattern of each unit: one harmonic pair from 24 points on, two from 36.

    Half-yearly ups and downs are opposed at a quarter's distance too, without any overlap.
    """
    present = series.present
    count = int(present.sum(axis=1).max())
    t = np.arange(present.shape[1], dtype=float)
    columns = [np.ones_like(t), t - t.mean()]
    per_year = 1 if series.every == "event" else periods.per_year(series.every)
    for pair in range(1, 1 + (count >= 24) + (count >= 36)):
        angle = 2 * np.pi * pair * t / per_year
        columns += [np.cos(angle), np.sin(angle)] if per_year > 2 * pair else []
    x = np.stack(columns, axis=1)
    filled = np.where(present, series.y, limits.mean(series.y, present))
    q, _ = np.linalg.qr(x)
    return np.asarray((np.nan_to_num(filled) @ q) @ q.T)


def _likeness(steps: Array, known: Mask, lag: int, whole: float) -> tuple[float, int]:
    if steps.shape[1] <= lag:
        return 0.0, 0
    pairs = int((known[:, lag:] & known[:, :-lag]).sum())
    return float((steps[:, lag:] * steps[:, :-lag]).sum()) / max(pairs, 1) / whole, pairs
