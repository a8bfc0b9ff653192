"""Did the change last? The effect at first, that of a year on, and the share that was kept.

The headline's line after the change is a level and a slope; whether an effect faded in a curve
would be read off it wrongly. Here every quarter of a year after the change has a level of its own,
and the first and the later effect are means of those of their stretch; errors, season, covariates
and intervals are those of the headline's default (the autocorrelation integrated out). The later
effect as a share of the first is every ratio r for which the interval of later - r * first holds
zero (Fieller 1954, J R Stat Soc B 16:175, with the mixture's quantiles in place of t's).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize

from qieval.analysis.its.methods import METHODS, fit_events
from qieval.analysis.its.methods.design import Design, make_design
from qieval.analysis.its.methods.effects import Units, against
from qieval.analysis.its.methods.events import FEWEST_EVENTS
from qieval.analysis.its.methods.fit import Fit
from qieval.analysis.its.methods.model import Specification, fewest_events, model_of
from qieval.analysis.its.methods.refusals import is_exact
from qieval.analysis.its.methods.series import Array, Phases, Series
from qieval.core.errors import CannotEvaluate
from qieval.core.sustained import lasting_frame, lasting_row, no_lasting, stretches

Places = NDArray[np.intp]

_LEVEL = "quarter_"

SHARE_OF_EFFECT = "share of the first effect"
SHARE_OF_LOG = "share of the first effect, as logarithms of rates"

_WIDEST = 1e6
"""A share beyond this has no end."""


def lasting(
    series: Series, phases: Phases, specification: Specification, units: Units, confidence: float
) -> pd.DataFrame:
    """The first and the later effect of the first intervention, and the share that was kept.

    Only the periods until the next intervention, or its own end, are used. Blank where there are
    too few of them, or the data cannot carry the model.

    Returns
    -------
    DataFrame
        As :data:`qieval.core.sustained.LASTING` declares it. No ``share_kept`` where the first
        effect is not clear.
    """
    parted = _parted(series, phases, specification)
    if parted is None:
        return no_lasting()
    cut, design, (first, later) = parted
    events = specification.family != "gaussian"
    model = model_of(cut, design, shrunk=True)
    try:
        fit = (fit_events if events else METHODS["integrated"])(model, specification.settings)
    except CannotEvaluate:
        return no_lasting()  # as where the data cannot carry the design
    levels = np.array([name.startswith(_LEVEL) for name in design.names])
    gradients = np.stack([np.where(levels, design.x[rows].mean(0), 0) for rows in (first, later)])
    known = fit.infer(gradients @ fit.beta, gradients, confidence)
    numbers = np.array([gradients @ fit.beta, known.ci_low, known.ci_high]).T
    rows = [
        lasting_row(term, cut.starts[place], _shown(cut, place, own, events), units.value)
        for term, place, own in zip(
            ("first_effect", "later_effect"), (first, later), numbers, strict=True
        )
    ]
    if share := share_kept(fit, gradients, confidence):
        unit = SHARE_OF_LOG if events else SHARE_OF_EFFECT
        rows.append(lasting_row("share_kept", cut.starts[later], share, unit))
    return lasting_frame(rows)


def _parted(
    series: Series, phases: Phases, specification: Specification
) -> tuple[Series, Design, tuple[Places, Places]] | None:
    """The series until the next change, its design, and the rows of both stretches."""
    parts, window = stretches(series.every), phases.after(0)
    cut = series if window.stop is None else series.until(window.stop)
    begin, total = phases.first_after[0], len(cut.starts)
    span = parts.later(total - begin) if parts else None
    if parts is None or span is None:
        return None
    only = replace(
        phases,
        given=phases.given[:1],
        first_after=[begin],
        ended=[None],
        washed_out=phases.washed_out[:total],
    )
    if specification.family != "gaussian" and fewest_events(cut, only) < FEWEST_EVENTS:
        return None
    try:
        whole = make_design(
            cut, only, slope=False, season=specification.season,
            steps=[step for step in specification.steps if step < total], shrunk=True,
        )  # fmt: skip
    except CannotEvaluate:
        return None  # nothing is said where the data cannot carry it, as the docstring says
    since = np.arange(total) - begin
    first = np.flatnonzero(whole.used & (since >= 0) & (since < parts.first))
    later = np.flatnonzero(whole.used & (since >= span[0]))
    if min(len(first), len(later)) < parts.least:
        return None
    quarters = _quarters((0, parts.first, *span), parts.least)
    blocks = [(since >= low) & (since < high) for low, high in quarters]
    blocks = [block for block in blocks if (block & whole.used).any()]
    at = whole.names.index("level_change")
    names = [*whole.names[:at], *(f"{_LEVEL}{k}" for k in range(len(blocks)))]
    columns = [whole.x[:, :at], np.column_stack(blocks).astype(float), whole.x[:, at + 1 :]]
    design = replace(whole, names=[*names, *whole.names[at + 1 :]], x=np.column_stack(columns))
    fixed = design.x[np.ix_(design.used, ~design.seasonal)]
    few = len(fixed) <= fixed.shape[1] or np.linalg.matrix_rank(fixed) < fixed.shape[1]
    if few or is_exact(fixed, cut.y[design.used][:, None])[0]:
        return None
    return cut, design, (first, later)


def _quarters(bounds: tuple[int, ...], least: int) -> list[tuple[int, int]]:
    """Quarters of a year between the bounds; what is left over belongs to the one before it."""
    found: list[tuple[int, int]] = []
    for low, high in pairwise(bounds):
        starts = list(range(low, max(low + 1, high - least + 1), least)) if high > low else []
        found += pairwise([*starts, high])
    return found


def _shown(cut: Series, place: Places, numbers: Array, events: bool) -> tuple[float, float, float]:
    """An effect and its ends; of counts, seen less what the log ratio says was to be expected."""
    if events:
        rate = float(cut.total[place].sum() / cut.denominator[place].sum())
        numbers = against(rate)(numbers)
    return float(numbers[0]), float(numbers[1]), float(numbers[2])


def share_kept(fit: Fit, gradients: Array, confidence: float) -> tuple[float, float, float] | None:
    """The later effect as a share of the first, with the ends of its interval.

    None where the interval of the first effect holds zero, or the share has no end.

    Parameters
    ----------
    fit : Fit
        What was fitted.
    gradients : (2, p)
        Of the first and the later effect, by the coefficients.
    confidence : float
        Confidence level of the interval.
    """
    first, later = gradients @ fit.beta
    known = fit.infer(np.array([first]), gradients[:1], confidence)
    if known.ci_low[0] <= 0 <= known.ci_high[0]:
        return None
    sign = np.sign(first)

    def ends(ratio: float) -> tuple[float, float]:
        contrast = sign * (gradients[1] - ratio * gradients[0])
        own = fit.infer(np.array([contrast @ fit.beta]), contrast[None], confidence)
        return float(own.ci_low[0]), float(own.ci_high[0])

    share = float(later / first)
    # Both ends fall as the ratio rises: from above zero far below the share to below zero far over.
    low = _crossing(lambda ratio: ends(ratio)[0], share, -1)
    high = _crossing(lambda ratio: ends(ratio)[1], share, 1)
    return None if low is None or high is None else (share, low, high)


def _crossing(end: Callable[[float], float], share: float, way: int) -> float | None:
    """Where an end of the interval crosses zero, below (-1) or above (1) the share."""
    step, near = 0.25, share
    while end(share + way * step) * way > 0:
        near, step = share + way * step, 2 * step
        if step > _WIDEST:
            return None
    return float(optimize.brentq(end, near, share + way * step, xtol=1e-5))
