"""The share still waiting, or still in, after each length of time: Kaplan-Meier from counts.

What has not ended yet counts for as long as it was seen (censored), so long ones are not lost; what
was under way before anybody looked counts from then on (delayed entry), so it makes none longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate
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
        time, low, high = (self._crosses(name, left) for name in ("share", "low", "high"))
        return time, low, np.inf if np.isnan(high) else high

    def _crosses(self, column: str, level: float) -> float:
        """When a column falls to a level; the middle of a step on which it is that level exactly.

        This is what R's ``survfit`` prints, and what a median is where everybody was followed.
        """
        times, values = (self.table[name].to_numpy(dtype=float) for name in ("time", column))
        reached = np.flatnonzero(values <= level + _HAIR)
        if not len(reached):
            return np.nan
        below = np.flatnonzero(values < level - _HAIR)
        on_the_level = abs(values[reached[0]] - level) <= _HAIR
        end = below[0] if on_the_level and len(below) else reached[0]
        return float(times[reached[0]] + times[end]) / 2


def kaplan_meier(
    time: Array, ended: Array, not_ended: Array, entered: Array | None = None
) -> Curve:
    """The curve of what had ended, and had not, at each time.

    Parameters
    ----------
    time : ndarray
        Times; each may come several times.
    ended : ndarray
        How many ended at that time.
    not_ended : ndarray
        How many had not ended when they were last seen, at that time. They count as at risk then.
    entered : ndarray, optional
        The time from which on, itself included, they were seen; nothing means from the beginning.

    Notes
    -----
    Product-limit estimate with Greenwood's variance; the interval is computed on the log(-log)
    scale, so it stays between 0 and 1.

    References
    ----------
    Kaplan and Meier 1958, J Am Stat Assoc 53:457. Brookmeyer and Crowley 1982, Biometrics 38:29.
    Kalbfleisch and Prentice 1980 (the log(-log) interval). Tsai, Jewell and Wang 1987, Biometrika
    74:883 (delayed entry).
    """
    number = ended + not_ended
    counts = (
        pd.DataFrame({"time": time, "ended": ended, "all": number})
        .groupby("time", as_index=False, sort=True)
        .sum()
    )
    at_risk = counts["all"].to_numpy(dtype=float)[::-1].cumsum()[::-1]
    if entered is not None:
        times = counts["time"].to_numpy(dtype=float)
        at_risk = at_risk - (number.sum() - _up_to(entered, number, times, "right"))
    some = counts["ended"].to_numpy(dtype=float) > 0
    gone, left = counts["ended"].to_numpy(dtype=float)[some], at_risk[some]
    share = np.cumprod(1 - gone / left)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(gone / (left * (left - gone)))) / np.abs(np.log(share))
        reach = np.exp(ndtri(0.5 + CONFIDENCE / 2) * spread)
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
    return Curve(table, float(counts["time"].max()), int(number.sum()))


def _up_to(times: Array, number: Array, at: Array, side: Literal["left", "right"]) -> Array:
    """How many have their time before each of some moments; "right": or at it."""
    order = np.argsort(times, kind="stable")
    sums = np.concatenate([[0.0], number[order].cumsum()])
    return sums[np.searchsorted(times[order], at, side=side)]


# ---- a curve a group ---------------------------------------------------------------------------


def curves_of(
    counts: pd.DataFrame, groups: Sequence[str], *, time: str, number: str, ended: pd.Series
) -> dict[str, Curve]:
    """The curve of each group in which anything has ended, in the order of the groups.

    `counts`: ``group``, ``entered`` (from which time on they were seen), the column `time`, and the
    column `number`: how many there are of that time. `ended`: whether those of a row had ended
    then; else they were last seen then. Raises CannotEvaluate if nobody of a group who was seen
    from the start had ended when others entered.
    """
    curves = {}
    for group in groups:
        own = (counts["group"] == group).to_numpy()
        count, over = counts.loc[own, number].to_numpy(dtype=float), ended[own].to_numpy(dtype=bool)
        if count[over].any():
            times, entered = (counts.loc[own, c].to_numpy(dtype=float) for c in (time, "entered"))
            curves[group] = _without_gap(group, times, np.where(over, count, 0), count, entered)
    return curves


def _without_gap(group: str, times: Array, ended: Array, count: Array, entered: Array) -> Curve:
    """The curve up to where nobody was seen any more, although others entered later.

    Whoever enters late must find somebody there, or what came before is not known. The last step
    before such a gap falls to 0 only because the others had not entered, so it is left out.
    """
    late = np.unique(entered[entered > 0])
    there = _up_to(entered, count, late, "left") - _up_to(times, count, late, "left")
    gaps = late[there <= 0]
    if not len(gaps):
        return kaplan_meier(times, ended, count - ended, entered)
    seen = entered < gaps[0]
    if not ended[seen].any():
        raise CannotEvaluate(
            "Those under way when observation began had lasted longer than anybody who was seen "
            "from the start, so nothing is known of what lies between.",
            found=group,
            remedy="Set `count_from` in place of `observed_from`, which leaves those under way "
            "out; or ask again when newer ones have been followed for longer.",
        )
    curve = kaplan_meier(times[seen], ended[seen], (count - ended)[seen], entered[seen])
    return replace(curve, table=curve.table[curve.table["share"] > _HAIR])


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
