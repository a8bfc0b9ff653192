"""Requests, one a row: what became of each, how long it took, how far away it was, when it came."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qieval.core import columns as cols
from qieval.core.errors import DataError
from qieval.flow.groups import Groups
from qieval.flow.sources import NOT_RECORDED
from qieval.flow.waits import OUTCOMES, Clock

WAITING = "waiting"


def tidy(
    requests: pd.DataFrame,
    groups: Groups,
    outcomes: Mapping[str, str] | None,
    count_from: pd.Timestamp | None,
    clock: Clock,
) -> pd.DataFrame:
    """``group, referred, fate, took, km``: a row a request that counts.

    ``took``: hours by the clock, or days from date to date, until care started.

    The table has been through :func:`qieval.waits`, which refuses unknown outcomes and dates that
    contradict one another.

    Raises
    ------
    DataError
        If a distance is negative or no number.
    """
    referred = pd.to_datetime(requests["referred"])
    started = pd.to_datetime(requests["started"])
    km = pd.Series(np.nan, index=requests.index)
    if "distance_km" in requests:
        km = pd.Series(cols.numbers(requests["distance_km"], "distance_km"), requests.index)
        if (km < 0).any():
            raise DataError(
                "A distance is less than 0.",
                found=cols.rows((km < 0).to_numpy()),
                remedy="Correct the file, or leave the cell blank if the distance is not known.",
                where="distance_km",
            )
    table = pd.DataFrame(
        {
            "group": _groups(requests, referred, groups),
            "referred": referred,
            "fate": _fates(requests, started, outcomes),
            "took": _took(referred, started, clock),
            "km": km,
        }
    )
    if count_from is not None:
        table = table[table["referred"] >= count_from]
    return table.reset_index(drop=True)


def _took(referred: pd.Series, started: pd.Series, clock: Clock) -> pd.Series:
    if clock == "days":
        return (started.dt.normalize() - referred.dt.normalize()).dt.days
    return (started - referred).dt.total_seconds().clip(lower=0) / 3600


def _fates(
    requests: pd.DataFrame, started: pd.Series, outcomes: Mapping[str, str] | None
) -> pd.Series:
    """here, elsewhere, refused, withdrawn or waiting, as :mod:`qieval.flow.waits` counts them."""
    meaning = {str(word).strip().lower(): fate for word, fate in (outcomes or {}).items()}
    meaning = {word: word for word in OUTCOMES} | meaning
    said = pd.Series("", index=requests.index)
    if "outcome" in requests:
        said = requests["outcome"].astype("string").fillna("").str.strip().str.lower()
    blank = started.notna().map({True: "here", False: WAITING})
    return said.map(meaning).where(said != "", blank).astype(str)


def _groups(requests: pd.DataFrame, referred: pd.Series, groups: Groups) -> pd.Series:
    """The group of each request, called as in :func:`qieval.waits`."""
    if groups.since is not None:
        before, since = groups.labels
        return pd.Series(np.where(referred < groups.since, before, since), index=requests.index)
    parts = [requests[name].astype("string").fillna(NOT_RECORDED) for name in groups.by]
    if not parts:
        return pd.Series("", index=requests.index)
    return pd.Series([", ".join(names) for names in zip(*parts, strict=True)], requests.index)
