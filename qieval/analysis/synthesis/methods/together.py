"""Wards that start together: what they share, and their sum as one series.

An average over wards takes each for separate evidence. Wards that had the change at the same time
also share the weather, winter pressure and each other's patients: with common shocks of 0.7 ward
standard deviations, a pooled average over eight wards claims a change in 17 of 100 cases where
there is none, over 24 wards in 45 (docs/methods). Such an average describes how wards differ; the
claim is that of one series, the wards added up. How much they share is seen in what their own
models leave over.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qieval.core import columns
from qieval.core.errors import DataError, listed

CLAIMS_UP_TO = 0.05
"""Mean correlation of residuals between wards above which an average over them claims nothing."""

FEWEST_WARDS = 3
"""Wards under which an average over them claims nothing."""

_FEWEST_PERIODS = 8


def residuals_of(points: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Residuals of several results side by side: periods down, teams across.

    `points` holds each team's table of points (``time, residual``), as in every interrupted time
    series.
    """
    series = {team: table.set_index("time")["residual"] for team, table in points.items()}
    return pd.DataFrame(series).sort_index()


def mean_correlation(residuals: pd.DataFrame) -> float:
    """Mean correlation of residuals over all pairs of teams with eight periods or more in common.

    Not a number where there is no such pair.
    """
    pairs = residuals.corr(min_periods=_FEWEST_PERIODS).to_numpy()
    above = pairs[np.triu_indices(len(pairs), k=1)]
    known = above[np.isfinite(above)]
    return float(known.mean()) if len(known) else float("nan")


def shared_correlation(residuals: pd.DataFrame) -> float | None:
    """The mean correlation of residuals; None where no two teams have a period in common."""
    alone = residuals.notna().sum(axis=1).max() < 2
    return None if alone else mean_correlation(residuals)


def may_claim(correlation: float | None, teams: int) -> bool:
    """Whether an average over teams may call a change clear.

    `correlation` is None where teams are known to share no periods.
    """
    return teams >= FEWEST_WARDS and (correlation is None or correlation <= CLAIMS_UP_TO)


def add_up(
    panel: pd.DataFrame, *, unit: str, value: str, time: str = "period", denominator: str | None
) -> pd.DataFrame:
    """All units as one series: numerators and denominators added up, period by period.

    Only periods for which every unit has a value: a sum over fewer wards is no lower count.

    Raises
    ------
    DataError
        If a column is missing, a unit has two rows for a period, or no period is complete.
    """
    sums = [value, *([denominator] if denominator else [])]
    columns.require(panel, [unit, time, *sums])
    if panel.duplicated([unit, time]).any():
        twice = panel.loc[panel.duplicated([unit, time]), unit].astype(str).unique()
        raise DataError(
            "Some units have more than one row for the same period.",
            found=f"units {listed(list(twice), 6)}",
            remedy="Add the rows up first, or keep one series a unit.",
        )
    known = panel.dropna(subset=sums)
    by_period = known.groupby(time)
    complete = by_period[unit].nunique() == panel[unit].nunique()
    if not complete.any():
        raise DataError(
            "There is no period for which every unit has a value.",
            remedy="Leave out units with many gaps, or fill in what was not returned.",
        )
    return by_period[sums].sum()[complete].reset_index()
