"""Which chart for these data, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from qieval.analysis.spc.methods import limits, series
from qieval.analysis.spc.methods.series import Array, Mask, Series
from qieval.core import columns, periods
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.signatures import public

RARE = 2.0
"""Under so many events a period, counting between events tells more than counting events."""


_MOVED = 2.0
"""Variance over the whole series, as a multiple of chance's, that calls for a word about it."""


@dataclass(frozen=True)
class Suggestion:
    """Which chart suits the data.

    Attributes
    ----------
    kind : str
        For :func:`qieval.control_chart`.
    reason : str
        Why, in plain words.
    dispersion : float or None
        How many times the points vary as much as chance alone would make them (variance).
    """

    kind: str
    reason: str
    dispersion: float | None = None

    def __str__(self) -> str:
        return f"{limits.TITLES[self.kind]} (`kind: {self.kind}`): {self.reason}"


@dataclass(frozen=True)
class Dispersion:
    """How much points vary against chance alone.

    Attributes
    ----------
    ratio : float
        Their variance as a multiple of chance's (chi-square over its degrees of freedom).
    clear : bool
        Whether more than chance can explain: by a chi-square test at 1 %, and between neighbours
        too (sigma z clearly above 1), so that a change of level is not taken for it.
    sigma_z : float
        Laney's sigma z, from neighbours.
    """

    ratio: float
    clear: bool
    sigma_z: float
    too_small: bool


def dispersion(z: Array, used: Mask) -> Dispersion | None:
    """The dispersion of standardised values, all rows together; None for fewer than 8 points."""
    df = int((used.sum(axis=1) - 1).clip(0).sum())
    if df < 7:
        return None
    square = float(np.where(used, z, 0.0).__pow__(2).sum())
    ranges = limits.screened(limits.moving_ranges(z, used), limits.SCREEN, True)
    sigma_z = float(np.nanmedian(ranges)) / limits.D2
    # By chance alone sigma z has a standard error of about 0.91 / √points.
    clear = bool(chi2.sf(square, df) < 0.01 and sigma_z > 1 + 1.5 / df**0.5)
    too_small = bool(chi2.cdf(square, df) < 0.01 and sigma_z < 1 - 1.5 / df**0.5)
    return Dispersion(square / df, clear, sigma_z, too_small)


def standardised(found: Series, used: Mask, kind: str, per: float = 1) -> Array:
    """(value − centre) / sigma with the sigma of pure chance: binomial for p, else Poisson."""
    n = found.denominator * per
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.where(used, found.total, 0).sum(axis=1, keepdims=True) / np.where(
            used, n, 0
        ).sum(axis=1, keepdims=True)
        spread = centre * (1 - centre) if kind in ("p", "pp") else centre
        z = (found.total / n - centre) / np.sqrt(spread / n)
    return np.where(np.isfinite(z), z, 0.0)


@public
def suggest_chart(
    data: pd.DataFrame,
    *,
    value: str | None = None,
    numerator: str | None = None,
    denominator: str | None = None,
    time: str = "period",
) -> Suggestion:
    """Say which control chart suits the data, and why.

    Parameters
    ----------
    data : DataFrame
        One row a period, an event, or a value of a subgroup. It is not changed.
    value : str, optional
        Column with what is measured; none where the rows are events with their dates
    numerator : str, optional
        Column with counts, where there is a denominator
    denominator : str, optional
        Column that the numerator is divided by
    time : str
        Column with the dates

    Returns
    -------
    Suggestion
        ``kind`` and ``reason``.

    Raises
    ------
    DataError
        If the columns cannot be used.
    ParameterError
        If both a value and a numerator are named.
    CannotEvaluate
        If there are fewer than two points.
    """
    value = one_column(value, numerator)
    if value is None:
        return _between_events(data, time)
    if denominator is not None:
        return _divided(data, value, denominator, time)
    if time in data.columns and data[time].duplicated().any():
        return Suggestion(
            "xbar",
            "several values belong to each date, so each point is the mean of a subgroup; look at "
            "their spread on an S chart (`kind: s`) first.",
        )
    return _single(data, value, time)


def one_column(value: str | None, numerator: str | None) -> str | None:
    """The one column named by either parameter.

    Raises
    ------
    ParameterError
        If both are given.
    """
    if value is not None and numerator is not None:
        raise ParameterError(
            "Give `value` or `numerator`, not both.",
            found=f"value `{value}`, numerator `{numerator}`",
            remedy="`numerator` for counts over a denominator, `value` for everything else.",
        )
    return numerator if value is None else value


def _between_events(data: pd.DataFrame, time: str) -> Suggestion:
    if time not in data.columns:
        raise DataError(f"There is no column `{time}` in the table.")
    dates = pd.DatetimeIndex(columns.dates(data[time], time))
    if len(dates) < 3:
        raise CannotEvaluate("There are too few events.", found=f"{len(dates)} rows")
    if dates.has_duplicates:
        return Suggestion("g", "the rows are events, and some fall on one day.")
    return Suggestion(
        "t", "the rows are events, no two on one day; the time between them is shown."
    )


def _whole(x: Array) -> bool:
    known = x[np.isfinite(x)]
    return bool((known >= 0).all() and (known == np.round(known)).all())


def _divided(data: pd.DataFrame, value: str, denominator: str, time: str) -> Suggestion:
    found = series.make_series(data, kind="u", value=value, denominator=denominator, time=time)
    used = found.present
    if not _whole(found.total[used]):
        return Suggestion(
            "ip",
            f"`{value}` is no count; its mean over `{denominator}` varies less where that is "
            "larger.",
        )
    share = bool((found.total[used] <= found.denominator[used]).all())
    kind, word = ("p", "a share of") if share else ("u", "a rate over")
    spread = dispersion(standardised(found, used, kind), used)
    base = f"`{value}` counts {word} `{denominator}`"
    if share:
        base += " (if one case can count several times, take u instead of p)"
    if spread is None:
        return Suggestion(kind, f"{base}; there are too few points to test their spread.")
    times = f"{spread.ratio:.1f} times as much variance as chance alone"
    if spread.clear:
        return Suggestion(
            "pp" if share else "up",
            f"{base}, and the points have {times}: the limits of a {kind} chart would be too tight "
            f"(sigma z {spread.sigma_z:.1f}).",
            spread.ratio,
        )
    if spread.too_small:
        return Suggestion(
            "pp" if share else "up",
            f"{base}, and the points have only {spread.ratio:.2f} times as much variance as chance "
            f"alone (sigma z {spread.sigma_z:.2f}): limits of a {kind} chart would be too wide. "
            "Check that the figures were not copied, smoothed or worked back from a percentage.",
            spread.ratio,
        )
    fits = f"and their spread fits chance alone ({times})"
    if spread.ratio > _MOVED:
        fits = (
            "and neighbouring points differ no more than by chance; over the whole series the "
            f"points have {times}, as after a change of level"
        )
    return Suggestion(kind, f"{base}, {fits}.", spread.ratio)


def _single(data: pd.DataFrame, value: str, time: str) -> Suggestion:
    found = series.make_series(data, kind="i", value=value, denominator=None, time=time)
    used = found.present
    counts = found.total[used]
    if not _whole(counts):
        return Suggestion("i", f"`{value}` is one measured value a {found.noun()}.")
    spread = dispersion(standardised(found, used, "c"), used)
    every = periods.noun(found.every, 1)
    if counts.mean() < RARE:
        return Suggestion(
            "g",
            f"`{value}` is rare ({counts.mean():.1f} a {every}): give one row an event and count "
            "the cases or days between events, where a change shows sooner.",
            spread.ratio if spread else None,
        )
    if spread is not None and not spread.clear and counts.mean() < 100:
        return Suggestion(
            "c",
            f"`{value}` is a count whose spread fits chance alone ({spread.ratio:.1f} times its "
            f"variance), if the chance of it is about the same in every {every}.",
            spread.ratio,
        )
    return Suggestion(
        "i",
        f"`{value}` is a count"
        + (
            f" that varies more than chance alone ({spread.ratio:.1f} times the variance): limits "
            "from its own moving range allow for that."
            if spread is not None and spread.clear
            else ", large enough to be taken as a measured value."
        ),
        spread.ratio if spread else None,
    )
