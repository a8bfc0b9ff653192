"""What stands beside the estimate: other ways of asking, which are not relied on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.analysis.its import interrupted_time_series_panel
from qieval.analysis.roll_out.methods.units import Units
from qieval.analysis.synthesis import pool
from qieval.core.counts import Counts
from qieval.core.desk import progress
from qieval.core.errors import CannotEvaluate

MOST = 100
"""Units up to which each is evaluated by itself; nobody reads the single series of more."""

COLUMNS = ["study", "estimate", "se", "ci_low", "ci_high", "df", "reason"]


def single_units(units: Units, value: str, counts: Counts, confidence: float) -> pd.DataFrame:
    """The interrupted time series of every unit by itself: its average difference.

    Returns
    -------
    DataFrame
        A row a unit that starts: ``study, estimate, se, ci_low, ci_high, df, reason``; none for
        more than a hundred units.
    """
    if len(units.names) > MOST:
        return pd.DataFrame(columns=COLUMNS)
    found = []
    for start in progress(np.unique(units.starts[units.begun]), "Units evaluated by themselves"):
        rows = np.flatnonzero(units.starts == start)
        table = pd.DataFrame(
            {
                "study": np.repeat([units.names[at] for at in rows], len(units.calendar)),
                "period": np.tile(units.calendar, len(rows)),
                value: units.total[rows].ravel(),
                "_of": units.denominator[rows].ravel(),
            }
        )
        panel = interrupted_time_series_panel(
            table,
            unit="study",
            value=value,
            denominator="_of",
            intervention=units.calendar[start],
            counts=counts,
            confidence=confidence,
        ).reset_index(names=["study", "term"])
        found.append(panel[panel["term"].isin(["average_effect", "not_evaluated"])])
    return pd.concat(found)[COLUMNS].reset_index(drop=True)


def pooled(single: pd.DataFrame, unit: str, confidence: float) -> tuple[float, float, float, int]:
    """Average, interval and number of the single-unit answers, by Hartung and Knapp."""
    if single.empty:
        return np.nan, np.nan, np.nan, 0
    try:
        result = pool(single, study="study", unit=unit, confidence=confidence)
    except CannotEvaluate:
        return np.nan, np.nan, np.nan, int(single["estimate"].notna().sum())
    average = result.term("pooled")
    return average.value, average.low, average.high, average.n
