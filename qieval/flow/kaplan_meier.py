"""The share still waiting, or still in, after each length of time: Kaplan-Meier from counts.

What has not ended yet counts for as long as it was seen (censored), so long ones are not lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from qieval.core.config import CONFIDENCE
from qieval.core.estimates import estimate_row
from qieval.core.grouped import term_of

Array = NDArray[np.float64]

STEPS = ("time", "at_risk", "ended", "share", "low", "high")
"""Columns of a curve's table."""

METHOD = "Kaplan-Meier, log-log interval"

_HAIR = 1e-9
"""A share that is one half but for rounding is one half."""


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve."""

    # ``time, at_risk, ended, share, low, high``: a row for each time at which something ended.
    # ``share`` is that of those not ended after `time`; its interval is log-log.
    table: pd.DataFrame
    last: float  # the longest time seen, ended or not
    number: int  # how many there are in all

    def after(self, time: float) -> tuple[float, float, float]:
        """The share not ended after a time, and its interval; not known beyond the last time."""
        reached = self.table[self.table["time"] <= time]
        share = 1.0 if reached.empty else float(reached["share"].iloc[-1])
        if time > self.last and share > 0:
            return (np.nan, np.nan, np.nan)
        if reached.empty:
            return (1.0, np.nan, np.nan)
        return (share, float(reached["low"].iloc[-1]), float(reached["high"].iloc[-1]))

    def at_risk(self, time: float) -> int:
        """How many had not ended, and were still seen, just before the first ending from a time."""
        left = self.table[self.table["time"] >= time]
        return 0 if left.empty else int(left["at_risk"].iloc[0])

    def centile(self, share: float) -> tuple[float, float, float]:
        """The time by which that share has ended, and its interval (Brookmeyer and Crowley).

        Not reached: NaN. An upper end that is not reached: infinite.
        """
        left = 1 - share
        low = self._first(self.table["low"].to_numpy(dtype=float) <= left + _HAIR, np.nan)
        time = self._first(self.table["share"].to_numpy(dtype=float) <= left + _HAIR, np.nan)
        high = self._first(self.table["high"].to_numpy(dtype=float) < left - _HAIR, np.inf)
        return time, low, high

    def _first(self, where: NDArray[np.bool_], none: float) -> float:
        at = np.flatnonzero(where)
        return float(self.table["time"].iloc[at[0]]) if len(at) else none


def kaplan_meier(time: Array, ended: Array, not_ended: Array) -> Curve:
    """The curve of what had ended, and had not, at each time.

    Parameters
    ----------
    time : ndarray
        Times; each may come several times.
    ended : ndarray
        How many ended at that time.
    not_ended : ndarray
        How many had not ended when they were last seen, at that time. They count as at risk then.

    Notes
    -----
    Product-limit estimate with Greenwood's variance; the interval is computed on the log(-log)
    scale, so it stays between 0 and 1.

    References
    ----------
    Kaplan and Meier 1958, J Am Stat Assoc 53:457. Brookmeyer and Crowley 1982, Biometrics 38:29.
    Kalbfleisch and Prentice 1980 (the log(-log) interval).
    """
    counts = (
        pd.DataFrame({"time": time, "ended": ended, "all": ended + not_ended})
        .groupby("time", as_index=False, sort=True)
        .sum()
    )
    at_risk = counts["all"].to_numpy(dtype=float)[::-1].cumsum()[::-1]
    some = counts["ended"].to_numpy(dtype=float) > 0
    gone, left = counts["ended"].to_numpy(dtype=float)[some], at_risk[some]
    share = np.cumprod(1 - gone / left)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(gone / (left * (left - gone)))) / np.abs(np.log(share))
        reach = np.exp(norm.ppf(0.5 + CONFIDENCE / 2) * spread)
        low, high = share**reach, share ** (1 / reach)
    unknown = share <= 0  # once nobody is left the variance has no meaning
    table = pd.DataFrame(
        {
            "time": counts["time"].to_numpy(dtype=float)[some],
            "at_risk": left.astype(np.int64),
            "ended": gone.astype(np.int64),
            "share": share,
            "low": np.where(unknown, np.nan, low),
            "high": np.where(unknown, np.nan, high),
        }
    )
    return Curve(table, float(counts["time"].max()), int(at_risk[0]))


# ---- a curve a group ---------------------------------------------------------------------------


def curves_of(
    counts: pd.DataFrame, groups: Sequence[str], *, time: str, number: str, ended: pd.Series
) -> dict[str, Curve]:
    """The curve of each group in which anything has ended, in the order of the groups.

    `counts`: ``group``, the column `time`, and the column `number`: how many there are of that
    time. `ended`: whether those of a row had ended then; else they were last seen then.
    """
    curves = {}
    for group in groups:
        own = (counts["group"] == group).to_numpy()
        count, over = counts.loc[own, number].to_numpy(dtype=float), ended[own].to_numpy(dtype=bool)
        if count[over].any():
            times = counts.loc[own, time].to_numpy(dtype=float)
            curves[group] = kaplan_meier(times, np.where(over, count, 0), np.where(over, 0, count))
    return curves


def steps_of(curves: Mapping[str, Curve], columns: Sequence[str]) -> pd.DataFrame:
    """The steps of all curves: group, time, at risk, ended, share, low, high, named `columns`."""
    parts = [curve.table.assign(group=group) for group, curve in curves.items()]
    steps = pd.concat(parts, ignore_index=True)
    return steps[["group", *STEPS]].set_axis(list(columns), axis="columns")


def centile_rows(curves: Mapping[str, Curve], unit: str) -> list[dict[str, Any]]:
    """Rows of the estimates: the median and the 90th centile of each curve."""
    return [
        estimate_row(
            term_of(name, group), *curve.centile(share), unit=unit, n=curve.number, method=METHOD
        )
        for group, curve in curves.items()
        for name, share in (("median", 0.5), ("p90", 0.9))
    ]
