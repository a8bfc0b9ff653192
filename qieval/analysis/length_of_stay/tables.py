"""From counted spells to curves, estimates, and those who left beside those still in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.flow.groups import ALL, Groups
from qieval.flow.kaplan_meier import Curve, kaplan_meier
from qieval.flow.lengths import Lengths, median_of

KAPLAN_MEIER = "Kaplan-Meier, log-log interval"

Curves = dict[str, Curve]


def curves_of(counts: pd.DataFrame, groups: Groups) -> Curves:
    """The curve of each group, in a fixed order: everybody first.

    Raises
    ------
    CannotEvaluate
        If in a group nobody has left: then nothing can be said of how long people stay.
    """
    order = groups.order(counts)
    order = [*([ALL] if ALL in order else []), *(name for name in order if name != ALL)]
    curves, nobody = {}, []
    for name in order:
        rows = counts[counts["group"] == name]
        gone = rows["spells"].where(rows["ending"] != "still in", 0).to_numpy(dtype=float)
        still = rows["spells"].where(rows["ending"] == "still in", 0).to_numpy(dtype=float)
        if not gone.any():
            nobody.append(name)
            continue
        curves[name] = kaplan_meier(rows["nights"].to_numpy(dtype=float), gone, still)
    if not curves or (nobody and groups.since is not None):
        raise CannotEvaluate(
            "Nobody has left yet, so it cannot be said how long people stay.",
            found=", ".join(nobody) if nobody != [ALL] else None,
            remedy="Ask again when people have been discharged.",
        )
    return curves


def points_table(curves: Curves) -> pd.DataFrame:
    """Rows behind the figure: for each group, the share still in after each night."""
    parts = [
        curve.table.rename(columns={"time": "nights"}).assign(group=name)
        for name, curve in curves.items()
    ]
    names = ["group", "nights", "at_risk", "ended", "share", "low", "high"]
    return pd.concat(parts, ignore_index=True)[names]


def estimates_table(curves: Curves, counts: pd.DataFrame, long_stay: int) -> pd.DataFrame:
    """Median, 90th centile and share of long stays; the mean only where nobody is still in."""
    open_stays = bool((counts["ending"] == "still in").any())
    rows = []
    for name, curve in curves.items():
        suffix = "" if name == ALL else f": {name}"
        found = {
            f"median{suffix}": (*curve.centile(0.5), "nights"),
            f"p90{suffix}": (*curve.centile(0.9), "nights"),
            f"longer_than_{long_stay}{suffix}": (*curve.after(long_stay), "share of stays"),
        }
        rows += [_row(term, value, curve.number, KAPLAN_MEIER) for term, value in found.items()]
        if not open_stays:
            mean = _mean(counts[counts["group"] == name])
            rows.append(_row(f"mean{suffix}", mean, curve.number, "mean, normal interval"))
    return pd.DataFrame(rows).set_index("term")[ESTIMATE_COLUMNS]


def _row(
    term: str, found: tuple[float, float, float, str], number: int, method: str
) -> dict[str, Any]:
    value, low, high, unit = found
    return {
        "term": term,
        "estimate": value,
        "se": np.nan,
        "ci_low": low,
        "ci_high": high,
        "p_value": np.nan,
        "df": np.nan,
        "unit": unit,
        "n": number,
        "method": method,
    }


def _mean(rows: pd.DataFrame) -> tuple[float, float, float, str]:
    nights, spells = (rows[name].to_numpy(dtype=float) for name in ("nights", "spells"))
    number = spells.sum()
    mean = float((nights * spells).sum() / number)
    if number < 2:
        return mean, np.nan, np.nan, "nights"
    spread = np.sqrt(((nights - mean) ** 2 * spells).sum() / (number - 1) / number)
    reach = float(norm.ppf(0.5 + CONFIDENCE / 2) * spread)
    return mean, mean - reach, mean + reach, "nights"


def stays_table(curves: Curves, counts: pd.DataFrame, long_stay: int) -> pd.DataFrame:
    """Those who left and those still in, apart: numbers, and the median nights of each."""
    rows = []
    for name in curves:
        own = counts[counts["group"] == name]
        gone, still = own[own["ending"] != "still in"], own[own["ending"] == "still in"]
        rows.append(
            {
                "group": name,
                "stays": int(own["spells"].sum()),
                "left": int(gone["spells"].sum()),
                "died": int(own.loc[own["ending"] == "died", "spells"].sum()),
                "still_in": int(still["spells"].sum()),
                "median_left": _median(gone),
                "median_still_in": _median(still),
                "long_left": int(gone.loc[gone["nights"] > long_stay, "spells"].sum()),
                "long_still_in": int(still.loc[still["nights"] > long_stay, "spells"].sum()),
            }
        )
    return pd.DataFrame(rows)


def _median(rows: pd.DataFrame) -> float:
    if rows.empty:
        return np.nan
    return median_of(rows.groupby("nights", sort=True)["spells"].sum())


def facts_of(curves: Curves, counted: Lengths) -> dict[str, Any]:
    """What words and figure need beside the tables."""
    return {
        "groups": list(curves),
        "last": {name: curve.last for name, curve in curves.items()},
        "notes": list(counted.notes),
        "left_out": counted.left_out,
        "endings_told": counted.endings_told,
        "at_risk_p90": {
            name: curve.at_risk(curve.centile(0.9)[0]) for name, curve in curves.items()
        },
        "without_curve": sorted(
            set(counted.counts["group"]) - set(curves) if counted.groups.by else []
        ),
    }
