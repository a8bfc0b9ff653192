"""When requests come: rates by weekday and time of day, and by day before and since a change."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2
from statsmodels.stats.rates import confint_poisson, confint_poisson_2indep

from qieval.core.proportions import Ends
from qieval.core.tables import Column, names_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BLOCKS = (3, 4, 6, 12, 24)
"""Hours of a block of the day, from the finest."""

FEW_CELLS = 0.1
"""Blocks are made longer until no larger share of them has too few requests to be shown."""

DEMAND = (
    Column("weekday", "Weekday", "label"),
    Column("from_hour", "From", "label"),
    Column("to_hour", "To", "label"),
    Column("requests", "Requests", "count"),
    Column("hours", "Hours", "number", "0"),
    *Column("rate", "In 100 hours", "estimate", "1").with_interval("95% interval"),
)
"""Requests by time of the week; each rate rests on the hours that there were."""


def demand_of(
    referred: pd.Series, first: pd.Timestamp, last: pd.Timestamp, few: int, confidence: float
) -> pd.DataFrame:
    """Requests by weekday and block of the day, from the first day to the last.

    Returns
    -------
    DataFrame
        ``weekday`` (0 is Monday), ``from_hour, to_hour, requests, hours`` (of that block in these
        days), ``rate`` for 100 hours (for a day where blocks are days) with its exact Poisson
        interval ``low, high``. Cells with fewer than `few` requests are blank; where it is one cell
        only, the next smallest is blank too, since all add up to the number of requests.
    """
    timed = bool((referred != referred.dt.normalize()).any())
    table = pd.DataFrame(columns=names_of(DEMAND))
    for block in BLOCKS if timed else (24,):
        table = _counted(referred, first, last, block)
        if (table["requests"] < few).mean() <= FEW_CELLS:
            break
    return _hidden(with_rates(table, confidence), few)[names_of(DEMAND)]


def _counted(
    referred: pd.Series, first: pd.Timestamp, last: pd.Timestamp, block: int
) -> pd.DataFrame:
    days = pd.Series(pd.date_range(first, last, freq="D").day_of_week).value_counts()
    cells = pd.MultiIndex.from_product([range(7), range(0, 24, block)])
    counts = referred.groupby([referred.dt.day_of_week, referred.dt.hour // block * block]).size()
    counts = counts.reindex(cells, fill_value=0)
    weekday, start = (np.array(cells.get_level_values(at)) for at in (0, 1))
    hours = block * days.reindex(weekday, fill_value=0).to_numpy()
    return pd.DataFrame(
        {
            "weekday": weekday,
            "from_hour": start,
            "to_hour": start + block,
            "requests": counts.to_numpy().astype(float),
            "hours": hours.astype(float),
        }
    )


def with_rates(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """The blocks that there were, with their rates and intervals; a blank number has none."""
    seen = table[table["hours"] > 0].reset_index(drop=True)
    ends = [
        confint_poisson(requests, hours, method="exact-c", alpha=1 - confidence)
        if np.isfinite(requests)
        else (np.nan, np.nan)
        for requests, hours in seen[["requests", "hours"]].astype(float).to_numpy()
    ]
    whole_days = (seen["to_hour"] - seen["from_hour"] == 24).all()
    per = 24 if whole_days else 100
    low, high = (per * np.array(column, dtype=float) for column in zip(*ends, strict=True))
    return seen.assign(rate=per * seen["requests"] / seen["hours"], low=low, high=high)


def _hidden(table: pd.DataFrame, few: int) -> pd.DataFrame:
    """Cells with few requests blanked, never one alone."""
    small = table["requests"] < few
    if small.sum() == 1 and len(table) > 1:
        small |= table["requests"] == table.loc[~small, "requests"].min()
    return table.assign(
        **{name: table[name].mask(small) for name in ("requests", "rate", "low", "high")}
    )


# ---- before and since --------------------------------------------------------------------------


def a_day(requests: int, days: int, confidence: float) -> Ends:
    """Requests a day with the exact Poisson interval."""
    low, high = confint_poisson(requests, days, method="exact-c", alpha=1 - confidence)
    return Ends(requests / days, float(low), float(high))


def ratio(before: tuple[int, int], since: tuple[int, int], confidence: float) -> Ends | None:
    """Requests a day since over before: ratio of two rates with the score interval; None without.

    Each is (requests, days). Score: Gu and others 2008, Biom J 50:283.
    """
    if min(before[0], since[0], before[1], since[1]) == 0:
        return None
    low, high = confint_poisson_2indep(
        *since, *before, method="score", compare="ratio", alpha=1 - confidence
    )
    value = (since[0] / since[1]) / (before[0] / before[1])
    return Ends(value, float(low), float(high))


def uneven(referred: pd.Series, first: pd.Timestamp, last: pd.Timestamp) -> tuple[float, float]:
    """Variance over mean of the requests a day, and the p value of a larger one by chance.

    Index of dispersion (Cox and Lewis 1966): chi-square with days less one degrees of freedom.
    """
    days = pd.date_range(first, last, freq="D")
    counts = referred.dt.normalize().value_counts().reindex(days, fill_value=0)
    if len(days) < 2 or not counts.sum():
        return np.nan, np.nan
    index = float(counts.var(ddof=1) / counts.mean())
    return index, float(chi2.sf(index * (len(days) - 1), len(days) - 1))
