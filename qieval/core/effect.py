"""The change that a result tells, as a roll-up reads it: to be counted, drawn and averaged."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from qieval.core.config import CONFIDENCE
from qieval.core.proportions import two_sided


@dataclass(frozen=True)
class Effect:
    """A change that was estimated.

    Attributes
    ----------
    measure : str
        What changed, in plain words.
    definition : tuple
        What must agree before two of them may be averaged.
    term : str
        The estimate of the result that it is; its verdict rests on the same one.
    estimate, se, ci_low, ci_high, p_value, df : float
        The change; what is not known is nan.
    unit : str
        Unit of the estimate.
    direction : str
        Which way is better: lower, higher or neutral.
    reason : str
        Why it is not tested; "" if it is.
    poolable : bool
        Whether its standard error stands on the scale of the estimate.
    relative, relative_se : float
        Relative change and its standard error; nan without one.
    events_near : tuple of str or None
        Other events within its window; None: the evaluation lists no events.
    takes_events : bool
        Whether this kind of evaluation can list events.
    """

    measure: str
    definition: tuple[Any, ...]
    term: str
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float
    df: float
    unit: str
    direction: str
    reason: str = ""
    poolable: bool = True
    relative: float = np.nan
    relative_se: float = np.nan
    events_near: tuple[str, ...] | None = None
    takes_events: bool = False


def effect_of(row: Any, *, none: float = 0.0) -> dict[str, Any]:
    """The figures of an :class:`Effect` from a row of the estimates.

    Newcombe's intervals, for example, have neither a standard error nor a p value; what an estimate
    lacks is taken from the width of its interval.

    Parameters
    ----------
    row : Series
        A row of the estimates.
    none : float
        The value that means no change: 0, or 1 for a ratio.
    """
    value, low, high = (float(row[name]) for name in ("estimate", "ci_low", "ci_high"))
    se, p_value, df = (float(row[name]) for name in ("se", "p_value", "df"))
    if not np.isfinite(se):
        se = (high - low) / 2 / NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    if not np.isfinite(p_value):
        p_value = two_sided(abs(value - none) / se) if se > 0 else np.nan
    return {
        "term": str(row.name),
        "estimate": value,
        "se": se,
        "ci_low": low,
        "ci_high": high,
        "p_value": p_value,
        "df": df,
    }
