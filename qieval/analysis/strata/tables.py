"""Strata before a change and since, and their gaps to a reference: computed, and what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.its.methods.integrated import integrate
from qieval.core import periods
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, DataError
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.grouped import share_row
from qieval.core.proportions import Ends, difference, with_wilson
from qieval.core.result import rows_of
from qieval.core.tables import ESTIMATES_OF_PEOPLE, Column, Declaration

NOT_RECORDED = "not recorded"
SIDES = ("before", "since")
FEWEST_PERIODS = 3
"""Fewest periods on a side, as in an interrupted time series (EPOC)."""

FEWEST_PEOPLE = 5
"""Fewest people on a side. Fewer are not compared, whether they are few or none: what a release
withholds must not be told apart by a gap that is there or not."""

MEANS = "two means, AR(1) errors, autocorrelation integrated out"
PARTS = ("before", "since", "change")
"""What is told of a gap: before the change, since, and the difference of the two."""

_WHO = (Column("stratum", "Who", "label"), Column("side", "Before or since", "label"))
_COUNTS = (Column("met", "Number", "count", of="n"), Column("n", "Of", "denominator"))
SHARES = (
    *_WHO,
    *_COUNTS,
    *Column("level", "Share", "share", "1%", of="met/n").with_interval("95% interval"),
)
"""Columns of the points where rows are people."""

LEVELS = (
    *_WHO,
    *_COUNTS,
    Column("periods", "Periods", "number"),
    *Column("level", "Mean", "estimate", of="met/n").with_interval("95% interval"),
)
"""Columns of the points where rows are periods."""

GAPS = (
    Column("stratum", "Who", "label"),
    *Column("before", "Gap before", "estimate").with_interval("", "before_low", "before_high"),
    *Column("since", "Gap since", "estimate").with_interval("", "since_low", "since_high"),
    *Column("change", "Change of the gap", "estimate").with_interval(
        "", "change_low", "change_high"
    ),
)
DECLARED = {
    True: (Declaration("points", SHARES, by=("stratum", "side")), ESTIMATES_OF_PEOPLE),
    False: (Declaration("points", LEVELS, by=("stratum", "side")), ESTIMATES_OF_PEOPLE),
}
"""What the columns are, by whether rows are people."""


@dataclass(frozen=True)
class Series:
    """Figures of periods.

    Attributes
    ----------
    figures : DataFrame
        A row a period, a column a stratum.
    before : (T,) bool
        Which periods are from before the change.
    number : (T,)
        Their calendar numbers.
    """

    figures: pd.DataFrame
    before: np.ndarray
    number: np.ndarray

    def gap(self, name: str, reference: str) -> np.ndarray:
        """The figure of a stratum less that of the reference, by period (T,)."""
        return (self.figures[name] - self.figures[reference]).to_numpy(dtype=float)


@dataclass(frozen=True)
class Looked:
    """What was counted or fitted.

    Attributes
    ----------
    points : DataFrame
        A row a stratum and side.
    periods : (int, int)
        Periods before and since; 0 where rows are people.
    series : Series or None
        Figures of periods; None where rows are people.
    """

    points: pd.DataFrame
    periods: tuple[int, int] = (0, 0)
    series: Series | None = None

    @property
    def on_both_sides(self) -> list[str]:
        """Recorded strata with enough figures before the change and since, in order."""
        rows = self.points[self.points["level"].notna()]
        rows = rows if self.series is not None else rows[rows["n"] >= FEWEST_PEOPLE]
        known = rows.groupby("stratum", sort=False)["side"]
        return [str(name) for name, sides in known if len(sides) == 2 and name != NOT_RECORDED]

    @property
    def size_before(self) -> dict[str, float]:
        """Stratum → people, or what the figures are divided by, before the change."""
        rows = self.points[self.points["side"] == SIDES[0]].set_index("stratum")
        sizes = rows["n"].fillna(rows["met"]).fillna(0)
        return dict(zip(map(str, sizes.index), sizes.to_numpy(dtype=float), strict=True))


# ---- rows of people ----------------------------------------------------------------------------


def counted(rows: pd.DataFrame, names: Sequence[str]) -> Looked:
    """People of each stratum and side, and to how many of them it happened."""
    every = pd.MultiIndex.from_product([names, SIDES], names=["stratum", "side"])
    of = rows.groupby(["stratum", "side"])["happened"].agg(["sum", "size"]).reindex(every)
    of = of.fillna(0).astype(int).set_axis(["met", "n"], axis=1).reset_index()
    shares = with_wilson(of, "met", "n").rename(columns={"share": "level"})
    return Looked(shares[[column.name for column in SHARES]])


def gaps_of_shares(
    points: pd.DataFrame, reference: str, names: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Gaps of shares to the reference (``GAPS``), in percentage points, from counts of people."""
    counts = {
        # In the place of a withheld count a release computes with numbers that may be too many.
        (row.stratum, row.side): (float(row.met), float(row.met + 1 if row.met > row.n else row.n))
        for row in rows_of(points)
    }
    rows = []
    for name in names:
        cells = [counts[who, side] for side in SIDES for who in (reference, name)]
        if not all(n > 0 for _, n in cells):  # a release withholds it
            continue
        first = difference(cells[0], cells[1], confidence)
        then = difference(cells[2], cells[3], confidence)
        rows.append((name, *first, *then, *change_between(first, then)))
    table = pd.DataFrame(rows, columns=[column.name for column in GAPS])
    return table.set_index("stratum").mul(100).reset_index()


def change_between(first: Ends, then: Ends) -> Ends:
    """The difference of two independent differences, by squares of their limits.

    Newcombe 2001, Stat Med 20:2885.
    """
    value = then.value - first.value
    low = value - np.hypot(then.value - then.low, first.high - first.value)
    high = value + np.hypot(then.high - then.value, first.value - first.low)
    return Ends(value, float(low), float(high))


# ---- figures of periods ------------------------------------------------------------------------


def fitted(
    rows: pd.DataFrame, names: Sequence[str], *, began: pd.Timestamp, per: float, divided: bool
) -> Looked:
    """The mean of each stratum before the change and since, from its figures by period.

    The period in which the change began counts as since, as in an interrupted time series.
    """
    known = rows.dropna(subset=["value", "below"] if divided else ["value"])
    every = periods.infer_frequency(rows["period"])
    since = periods.start_of(pd.DatetimeIndex([began]), every)[0]
    known = known.assign(period=periods.start_of(known["period"], every).to_numpy())
    known["side"] = np.where(known["period"] < since, *SIDES)
    together = known.groupby(["stratum", "period"])
    if not divided and (together.size() > 1).any():
        raise DataError(
            f"A stratum has several rows for the same {periods.noun(every)}.",
            remedy="Give a `denominator`, so that they can be added up; or choose with `where`.",
        )
    sums = together[["value", "below"]].sum()
    figure = per * sums["value"] / sums["below"] if divided else sums["value"]
    series = figure.unstack("stratum").reindex(columns=list(names))
    first = known.groupby("period")["side"].first().reindex(series.index)
    before = (first == SIDES[0]).to_numpy()
    sides = int(before.sum()), int((~before).sum())
    if min(sides) < FEWEST_PERIODS:
        raise CannotEvaluate(
            "There are too few periods to tell means apart.",
            found=f"{sides[0]} before the change, {sides[1]} since",
            remedy=f"At least {FEWEST_PERIODS} on each side are needed, better 8 or more.",
        )
    number = periods.number_of(pd.DatetimeIndex(series.index), every).astype(float)
    of_sides = known.groupby(["stratum", "side"])[["value", "below"]].sum()
    totals = dict(zip(of_sides.index, of_sides.to_numpy(dtype=float), strict=True))
    whole = bool((known["value"] % 1 == 0).all())
    table = []
    for name in names:
        own = series[name].to_numpy(dtype=float)
        means = _means(own, before, number)(CONFIDENCE)[: len(SIDES)]
        for side, ends, place in zip(SIDES, means, (before, ~before), strict=True):
            total, below = totals.get((name, side), (np.nan, np.nan))
            table.append(
                {
                    "stratum": name,
                    "side": side,
                    "met": total if whole else np.nan,
                    "n": below if divided else np.nan,
                    "periods": int((np.isfinite(own) & place).sum()),
                    "level": ends.value,
                    "low": ends.low,
                    "high": ends.high,
                }
            )
    return Looked(pd.DataFrame(table), sides, Series(series, before, number))


def _means(
    values: np.ndarray, before: np.ndarray, number: np.ndarray
) -> Callable[[float], list[Ends]]:
    """A function of the confidence: mean before, mean since and their difference.

    All are missing unless there are enough periods on both sides, and they vary.
    """
    known = np.isfinite(values)
    nothing = [Ends(np.nan, np.nan, np.nan)] * len(PARTS)
    sides = before[known], ~before[known]
    if min(side.sum() for side in sides) < FEWEST_PERIODS or np.ptp(values[known]) == 0:
        return lambda confidence: nothing
    design = np.column_stack(sides).astype(float)
    return _inferred(values[known], number[known], design, np.array([[1, 0], [0, 1], [-1, 1]]))


def _inferred(
    values: np.ndarray, number: np.ndarray, design: np.ndarray, wanted: np.ndarray
) -> Callable[[float], list[Ends]]:
    """A function of the confidence: each combination of the coefficients with its interval."""
    mixture = integrate(number, design, values[:, None])
    estimates = mixture.beta @ wanted.T

    def ends(confidence: float) -> list[Ends]:
        told = mixture.infer(estimates, wanted[None].astype(float), confidence)
        rows = zip(estimates[0], told.ci_low[0], told.ci_high[0], strict=True)
        return [Ends(*map(float, row)) for row in rows]

    return ends


def slope_before(series: Series, name: str, reference: str, confidence: float) -> Ends:
    """By how much a period the gap to the reference was moving before the change."""
    gap = series.gap(name, reference)
    kept = series.before & np.isfinite(gap)
    if kept.sum() < 2 * FEWEST_PERIODS or np.ptp(gap[kept]) == 0:
        return Ends(np.nan, np.nan, np.nan)
    number = series.number[kept]
    design = np.column_stack([np.ones(kept.sum()), number - number.mean()])
    return _inferred(gap[kept], number, design, np.array([[0, 1]]))(confidence)[0]


# ---- estimates ---------------------------------------------------------------------------------


def estimates_of(looked: Looked, reference: str, divisions: int) -> pd.DataFrame:
    """The level of each stratum and side; of figures of periods the gaps as well.

    Gaps of shares are computed from the shares wherever they are shown, so that a release need
    not know how.
    """
    rows: list[dict[str, Any]] = []
    for row in rows_of(looked.points):
        term = f"{row.side}: {row.stratum}"
        if looked.series is None:
            rows.append(share_row(term, row.met, row.n, unit="people"))
        else:
            n = _smallest(looked.points, [row.stratum])
            rows.append(_mean_row(term, Ends(row.level, row.low, row.high), n))
    if looked.series is None:
        return estimates_table(rows)
    series = looked.series
    names = [name for name in looked.on_both_sides if name != reference]
    confidence = simultaneous(len(names), divisions)
    for name in names:
        n = _smallest(looked.points, [name, reference])
        means = _means(series.gap(name, reference), series.before, series.number)(confidence)
        rows += [
            _mean_row(f"gap_{part}: {name}", ends, n)
            for part, ends in zip(PARTS, means, strict=True)
        ]
        slope = slope_before(series, name, reference, confidence)
        rows.append(_mean_row(f"gap_slope_before: {name}", slope, n))
    return estimates_table(rows)


def _mean_row(term: str, ends: Ends, n: int) -> dict[str, Any]:
    return estimate_row(term, *ends, unit="", n=n, method=MEANS)


def _smallest(points: pd.DataFrame, names: Sequence[str]) -> int:
    """The smallest count behind the figures of some strata, so that a release withholds them."""
    own = points[points["stratum"].isin(names)]
    counts = own[["met", "n"]].to_numpy(dtype=float)
    known = counts[np.isfinite(counts)]
    return int(known.min()) if len(known) else int(own["periods"].min())


def simultaneous(gaps: int, divisions: int) -> float:
    """The level of a single interval by which all of them hold together (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / max(1, gaps * divisions)


def gaps_of_estimates(estimates: pd.DataFrame) -> pd.DataFrame:
    """Gaps of figures of periods (``GAPS``) from their rows among the estimates."""
    rows = []
    mark = f"gap_{PARTS[0]}: "
    for term in estimates.index[estimates.index.str.startswith(mark)]:
        name = term.removeprefix(mark)
        cells = [estimates.loc[f"gap_{part}: {name}"] for part in PARTS]
        ends = [one[key] for one in cells for key in ("estimate", "ci_low", "ci_high")]
        rows.append((name, *ends))
    return pd.DataFrame(rows, columns=[column.name for column in GAPS])
