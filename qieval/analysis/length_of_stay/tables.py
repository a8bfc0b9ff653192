"""From counted spells to curves, estimates, and those who left beside those still in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import norm

from qieval.core.config import CONFIDENCE
from qieval.core.curves import curve_columns
from qieval.core.errors import CannotEvaluate
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.grouped import ALL, term_of
from qieval.core.tables import ESTIMATES_OF_PEOPLE, Column, Declaration, Sum
from qieval.flow.groups import Groups
from qieval.flow.kaplan_meier import METHOD, Curve, centile_rows, curves_of
from qieval.flow.lengths import median_of

POINTS = curve_columns(time="nights", ended="ended")
STAYS = (
    Column("group", "Who", "label"),
    Column("stays", "Stays", "denominator"),
    Column("left", "Left", "count", of="stays"),
    Column("died", "Died", "count", of="left"),
    Column("still_in", "Still in", "count", of="stays"),
    Column("median_left", "Those who left: half stayed at most", "estimate", "0", "left"),
    Column("median_still_in", "Those still in: half so far at most", "estimate", "0", "still_in"),
    Column("long_left", "Long stays that ended", "count", of="left"),
    Column("long_still_in", "Long stays so far", "count", of="still_in"),
)
DECLARED = (
    Declaration("points", POINTS, by=("group",), steps="nights"),
    ESTIMATES_OF_PEOPLE,
    Declaration("stays", STAYS, by=("group",), sums=(Sum("stays", ("left", "still_in")),)),
)

PLACES = {"nights": 0, "%": 1}
"""Decimals with which nights and shares of stays are shown."""

STILL_IN = "still in"


def curves_of_stays(counts: pd.DataFrame, groups: Groups) -> dict[str, Curve]:
    """The curve of each group, in a fixed order: everybody first.

    Raises
    ------
    CannotEvaluate
        If in a group nobody has left: then nothing can be said of how long people stay.
    """
    order = groups.order(counts)
    ended = counts["ending"] != STILL_IN
    curves = curves_of(counts, order, time="nights", number="spells", ended=ended)
    nobody = [name for name in order if name not in curves]
    if not curves or (nobody and groups.since is not None):
        raise CannotEvaluate(
            "Nobody has left yet, so it cannot be said how long people stay.",
            found=", ".join(nobody) if nobody != [ALL] else None,
            remedy="Ask again when people have been discharged.",
        )
    return curves


def length_estimates(
    curves: Mapping[str, Curve], counts: pd.DataFrame, long_stay: int
) -> pd.DataFrame:
    """Median, 90th centile and share of long stays.

    The mean only where every stay was seen from its beginning to its end.
    """
    rows = centile_rows(curves, "nights")
    whole = not ((counts["ending"] == STILL_IN) | (counts["entered"] > 0)).any()
    for group, curve in curves.items():
        rows.append(
            estimate_row(
                term_of(f"longer_than_{long_stay}", group),
                *curve.after(long_stay),
                unit="share of stays",
                n=curve.number,
                method=METHOD,
            )
        )
        if whole:
            rows.append(
                estimate_row(
                    term_of("mean", group),
                    *_mean(counts[counts["group"] == group]),
                    unit="nights",
                    n=curve.number,
                    method="mean, normal interval",
                )
            )
    return estimates_table(rows)


def _mean(rows: pd.DataFrame) -> tuple[float, float, float]:
    nights, spells = (rows[name].to_numpy(dtype=float) for name in ("nights", "spells"))
    number = spells.sum()
    mean = float((nights * spells).sum() / number)
    if number < 2:
        return mean, np.nan, np.nan
    spread = np.sqrt(((nights - mean) ** 2 * spells).sum() / (number - 1) / number)
    reach = float(norm.ppf(0.5 + CONFIDENCE / 2) * spread)
    return mean, mean - reach, mean + reach


def stays_table(curves: Mapping[str, Curve], counts: pd.DataFrame, long_stay: int) -> pd.DataFrame:
    """Those who left and those still in, apart: numbers, and the median nights of each."""
    rows = []
    for group in curves:
        own = counts[counts["group"] == group]
        left, still_in = own[own["ending"] != STILL_IN], own[own["ending"] == STILL_IN]
        rows.append(
            {
                "group": group,
                "stays": int(own["spells"].sum()),
                "left": int(left["spells"].sum()),
                "died": int(own.loc[own["ending"] == "died", "spells"].sum()),
                "still_in": int(still_in["spells"].sum()),
                "median_left": _median(left),
                "median_still_in": _median(still_in),
                "long_left": int(left.loc[left["nights"] > long_stay, "spells"].sum()),
                "long_still_in": int(still_in.loc[still_in["nights"] > long_stay, "spells"].sum()),
            }
        )
    return pd.DataFrame(rows)


def _median(rows: pd.DataFrame) -> float:
    if rows.empty:
        return np.nan
    return median_of(rows.groupby("nights", sort=True)["spells"].sum())
