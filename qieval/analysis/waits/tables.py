"""From counted referrals to curves, what became of them, and the share within target."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.flow.groups import ALL, Groups
from qieval.flow.kaplan_meier import Curve, kaplan_meier

KAPLAN_MEIER = "Kaplan-Meier, log-log interval"
_HAIR = 1e-9

Curves = dict[str, Curve]

FIGURES = ("referrals", "within", "missed", "left_before", "too_early")
"""What becomes of referrals with regard to the target; the last four add up to the first."""

FATES = ("here", "elsewhere", "refused", "withdrawn", "waiting")


def _ends(counts: pd.DataFrame, elsewhere_ends: bool) -> pd.Series:
    """Where the wait ended with care; care elsewhere without a date of its start did not."""
    return counts["fate"].isin(["here", "elsewhere"] if elsewhere_ends else ["here"])


def curves_of(counts: pd.DataFrame, groups: Groups, elsewhere_ends: bool) -> Curves:
    """The curve of each group, in a fixed order: everybody first.

    Raises
    ------
    CannotEvaluate
        If nobody was seen: then nothing can be said of how long people wait.
    """
    order = groups.order(counts)
    order = [*([ALL] if ALL in order else []), *(name for name in order if name != ALL)]
    dated = counts[counts["wait"].notna()]
    curves: Curves = {}
    for name in order:
        rows = dated[dated["group"] == name]
        started = _ends(rows, elsewhere_ends)
        number = rows["referrals"].to_numpy(dtype=float)
        if number[started].any():
            curves[name] = kaplan_meier(
                rows["wait"].to_numpy(dtype=float),
                np.where(started, number, 0),
                np.where(started, 0, number),
            )
    if not curves or (groups.since is not None and len(curves) < len(order)):
        raise CannotEvaluate(
            "Nobody was seen yet, so it cannot be said how long people wait.",
            found=", ".join(name for name in order if name not in curves and name != ALL) or None,
            remedy="Ask again when care has started for some of them.",
        )
    return curves


def points_table(curves: Curves) -> pd.DataFrame:
    """Rows behind the figure: for each group, the share still waiting after each time."""
    parts = [
        curve.table.rename(columns={"time": "wait", "ended": "started"}).assign(group=name)
        for name, curve in curves.items()
    ]
    names = ["group", "wait", "at_risk", "started", "share", "low", "high"]
    return pd.concat(parts, ignore_index=True)[names]


def periods_table(
    counts: pd.DataFrame, order: list[str], target: float, elsewhere_ends: bool
) -> pd.DataFrame:
    """By group and period of referral: how many kept to the target, and what became of them.

    ``within`` and ``missed`` are known; ``left_before`` were closed before the target had passed;
    ``too_early``: referred so late that the target had not passed by the extract.
    """
    kept = counts[counts["group"].isin(order)]
    old = kept["old"] == 1
    ended = _ends(kept, elsewhere_ends) & kept["wait"].notna()
    within = old & ended & (kept["wait"] <= target + _HAIR)
    longer = (kept["wait"] > target + _HAIR) | (kept["fate"] == "waiting")
    missed = old & longer
    left_before = old & ~within & ~missed
    number = kept["referrals"]
    parts = {
        "within": within,
        "missed": missed,
        "left_before": left_before,
        "too_early": ~old,
        **{fate: kept["fate"] == fate for fate in FATES},
    }
    columns = {name: number.where(which, 0) for name, which in parts.items()}
    table = kept[["group", "period", "referrals"]].assign(**columns)
    out = table.groupby(["group", "period"], as_index=False, sort=True).sum()
    place = out["group"].map({name: at for at, name in enumerate(order)})
    out = out.assign(place=place).sort_values(["place", "period"], ignore_index=True)
    return with_shares(out.drop(columns="place"))


def fates_table(periods: pd.DataFrame) -> pd.DataFrame:
    """The same for each group over all periods."""
    names = [*FIGURES, *FATES]
    sums = periods.groupby("group", sort=False)[names].sum().reset_index()
    return with_shares(sums)


def with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the share within target, of those known, and its Wilson interval."""
    known = (rows["within"] + rows["missed"]).to_numpy(dtype=float)
    top = rows["within"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = proportion_confint(top, known, alpha=1 - CONFIDENCE, method="wilson")
        return rows.assign(known=known.astype(np.int64), share=top / known, low=low, high=high)


def estimates_table(curves: Curves, fates: pd.DataFrame, clock: str) -> pd.DataFrame:
    """Median, 90th centile, share within target (two ways), and the difference before and since."""
    rows = []
    by_name = {row["group"]: row for row in fates.to_dict("records")}
    for name, curve in curves.items():
        suffix = "" if name == ALL else f": {name}"
        for term, share in (("median", 0.5), ("p90", 0.9)):
            found = (*curve.centile(share), clock)
            rows.append(_row(f"{term}{suffix}", found, curve.number, KAPLAN_MEIER))
        fate = by_name[name]
        known = (fate["share"], fate["low"], fate["high"], "share of referrals")
        rows.append(_row(f"within_target{suffix}", known, int(fate["known"]), "Wilson"))
        everybody = int(fate["known"] + fate["left_before"])
        rows.append(
            _row(
                f"within_target_of_all{suffix}",
                _wilson(fate["within"], everybody),
                everybody,
                "Wilson",
            )
        )
    if len(curves) == 2 and ALL not in curves:
        rows.append(_difference(*(by_name[name] for name in curves)))
    return pd.DataFrame(rows).set_index("term")[ESTIMATE_COLUMNS]


def _wilson(top: float, bottom: int) -> tuple[float, float, float, str]:
    if not bottom:
        return np.nan, np.nan, np.nan, "share of referrals"
    low, high = proportion_confint(top, bottom, alpha=1 - CONFIDENCE, method="wilson")
    return top / bottom, float(low), float(high), "share of referrals"


def _difference(before: dict[Hashable, Any], since: dict[Hashable, Any]) -> dict[str, Any]:
    """Share within target since less before, with Newcombe's interval."""
    low, high = np.nan, np.nan
    if before["known"] and since["known"]:
        low, high = confint_proportions_2indep(
            since["within"],
            since["known"],
            before["within"],
            before["known"],
            method="newcomb",
            compare="diff",
            alpha=1 - CONFIDENCE,
        )
    found = (since["share"] - before["share"], low, high, "difference of shares")
    return _row("difference", found, int(before["known"] + since["known"]), "Newcombe")


def _row(
    term: str, found: tuple[float, float, float, str], number: int, method: str
) -> dict[str, Any]:
    value, low, high, unit = found
    return {
        "term": term,
        "estimate": float(value),
        "se": np.nan,
        "ci_low": float(low),
        "ci_high": float(high),
        "p_value": np.nan,
        "df": np.nan,
        "unit": unit,
        "n": number,
        "method": method,
    }
