"""Do outcomes differ from what was expected of each case? A CUSUM that signals, and a VLAD.

Both take one row a case and show sums by period only: :mod:`.tables` says why.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.risk_adjusted import tables
from qieval.analysis.risk_adjusted.checks import checks_of
from qieval.analysis.risk_adjusted.methods.cases import Cases
from qieval.analysis.risk_adjusted.methods.scores import sums, threshold_for, weights
from qieval.analysis.risk_adjusted.words import CusumResult, VladResult
from qieval.core.columns import is_number
from qieval.core.errors import ParameterError, require_one_of
from qieval.core.periods import Frequency, require_frequency
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.verdict import Direction
from qieval.flow.days import as_day


@public
def cusum(
    data: pd.DataFrame,
    *,
    event: str = "event",
    risk: str | float = "risk",
    time: str = "date",
    every: Frequency = "month",
    odds_ratio: float = 2.0,
    false_alarms: float = 0.05,
    threshold: float | None = None,
    intervention: date | str | None = None,
    direction: Direction = "neutral",
    outcome: str = "The event",
    setting: str = "",
    called: str = "cases",
) -> CusumResult:
    """Watch whether an event becomes more or less frequent than expected, case by case.

    Parameters
    ----------
    data : DataFrame
        One row a case. The table is not changed.
    event : str
        Column with 1 where the event happened, else 0
    risk : str or float
        Column with the chance of the event that was expected of each case (0 to 1); or one chance
        for all of them
    time : str
        Column with the date of each case
    every : str
        Kind of period by which the chart is shown
    odds_ratio : float
        What the chart looks for: odds multiplied by it, and divided by it
    false_alarms : float
        Chance of a false alarm, in each direction, over as many cases as the table has; the
        threshold follows from it
    threshold : float, optional
        Height at which either sum signals, if it was agreed beforehand
    intervention : date, optional
        Day of a change: signals before it are not its doing
    direction : str
        Which way is better: lower if the event is to be avoided
    outcome : str
        What the event is, in plain words
    setting : str
        For whom or where, in plain words
    called : str
        What the cases are called, in the plural, such as admissions

    Returns
    -------
    CusumResult
        In ``points`` a row a period; estimates ``threshold, run_length, delay``, each with
        ``_higher`` and ``_lower``.

    Raises
    ------
    CannotEvaluate
        If every case has an expected chance of 0, or every one of 1.
    DataError
        If an outcome is not 0 or 1, a chance lies outside 0 to 1, or a date is missing.
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    Each case adds y·ln R − ln(1 − p + R·p), where y is its outcome, p its expected chance and R the
    odds ratio, or one over it in the other direction. A sum below 0 stays at 0; one that reaches
    the threshold signals and starts anew. Run lengths: Markov chains over the table's own mix of
    chances.

    References
    ----------
    Steiner, Cook, Farewell and Treasure 2000, Biostatistics 1:441. Steiner 2014, in Statistical
    Methods and Applications from a Historical Perspective. Brook and Evans 1972, Biometrika 59:539.
    """
    asked = recorded(cusum, locals())
    change = _settled(every, direction, intervention)
    if not is_number(odds_ratio) or odds_ratio <= 1:
        raise ParameterError(
            "`odds_ratio` must be more than 1: both directions are watched.",
            found=repr(odds_ratio),
            remedy="2 looks for odds twice, and half, as high as expected.",
        )
    if not is_number(false_alarms) or not 0 < false_alarms < 1:
        raise ParameterError("`false_alarms` must lie between 0 and 1.", found=repr(false_alarms))
    if threshold is not None and (not is_number(threshold) or threshold <= 0):
        raise ParameterError("`threshold` must be more than 0.", found=repr(threshold))
    cases = Cases.of(data, event, risk, time)
    odds = {"higher": float(odds_ratio), "lower": 1 / odds_ratio}
    thresholds = {
        way: threshold or threshold_for(cases.risk, ratio, len(cases) / -np.log1p(-false_alarms))
        for way, ratio in odds.items()
    }
    both = {
        way: sums(weights(cases.event, cases.risk, ratio), thresholds[way])
        for way, ratio in odds.items()
    }
    result = CusumResult(
        params={**asked, "intervention": change},
        points=tables.cusum_points(cases, both, every),
        estimates=tables.cusum_estimates(cases, thresholds, odds),
    )
    return result.with_checks(checks_of(result, cases))


@public
def vlad(
    data: pd.DataFrame,
    *,
    event: str = "event",
    risk: str | float = "risk",
    time: str = "date",
    every: Frequency = "month",
    intervention: date | str | None = None,
    direction: Direction = "neutral",
    outcome: str = "The event",
    setting: str = "",
    called: str = "cases",
) -> VladResult:
    """Add up observed minus expected events over time (variable life-adjusted display).

    Parameters
    ----------
    data : DataFrame
        One row a case. The table is not changed.
    event : str
        Column with 1 where the event happened, else 0
    risk : str or float
        Column with the chance of the event that was expected of each case (0 to 1); or one chance
        for all of them
    time : str
        Column with the date of each case
    every : str
        Kind of period by which the chart is shown
    intervention : date, optional
        Day of a change, marked on the chart
    direction : str
        Which way is better: lower if the event is to be avoided
    outcome : str
        What the event is, in plain words
    setting : str
        For whom or where, in plain words
    called : str
        What the cases are called, in the plural, such as admissions

    Returns
    -------
    VladResult
        In ``points`` a row a period; estimates ``observed, expected, difference``.

    Raises
    ------
    CannotEvaluate
        If every case has an expected chance of 0, or every one of 1.
    DataError
        If an outcome is not 0 or 1, a chance lies outside 0 to 1, or a date is missing.
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    The line rises by 1 − p with each event and falls by p with each case without one. The range of
    chance is that of one look, expected ± 1.96·√Σp(1 − p): somebody who looks every period sees the
    line leave it more often than once in twenty. For signals there is :func:`cusum`.

    References
    ----------
    Lovegrove and others 1997, Lancet 350:1128 (there expected minus observed).
    """
    asked = recorded(vlad, locals())
    change = _settled(every, direction, intervention)
    cases = Cases.of(data, event, risk, time)
    result = VladResult(
        params={**asked, "intervention": change},
        points=tables.vlad_points(cases, every),
        estimates=tables.vlad_estimates(cases),
    )
    return result.with_checks(checks_of(result, cases))


def _settled(every: str, direction: str, intervention: Any) -> str | None:
    """The day of the change as the result keeps it, once what both charts share is looked at."""
    require_frequency(every)
    require_one_of("direction", direction, ("lower", "higher", "neutral"))
    change = as_day(intervention, "intervention")
    return None if change is None else change.date().isoformat()
