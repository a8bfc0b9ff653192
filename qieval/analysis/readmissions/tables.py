"""From counted discharges to shares with their intervals, by group and by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from qieval.core.config import CONFIDENCE
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.flow.groups import ALL


def in_order(names: Sequence[str]) -> list[str]:
    """Everybody first, then the groups in their own order."""
    return [*(name for name in names if name == ALL), *(name for name in names if name != ALL)]


def with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``discharges, readmitted`` with their share and its Wilson interval."""
    top, bottom = (rows[name].to_numpy(dtype=float) for name in ("readmitted", "discharges"))
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = proportion_confint(top, bottom, alpha=1 - CONFIDENCE, method="wilson")
        return rows.assign(share=top / bottom, low=low, high=high)


def points_table(rows: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """Discharges, readmissions and their share by group and period; only whole periods.

    Periods in which some discharges could not be followed for the whole window are left out: their
    shares would rest on the first days of the period alone.
    """
    kept = rows[(rows["whole"] > 0) & (rows["discharges"] > 0)]
    place = kept["group"].map({name: at for at, name in enumerate(order)})
    kept = kept.assign(place=place).sort_values(["place", "period"], ignore_index=True)
    names = ["group", "period", "discharges", "readmitted", "share", "low", "high"]
    return with_shares(kept)[names]


def estimates_table(
    rows: pd.DataFrame, order: list[str], others: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """The share of each group, the difference before and since, and the share by other rules."""
    sums = rows.groupby("group")[["discharges", "readmitted"]].sum().loc[order]
    shares = with_shares(sums).to_dict("index")
    table = [
        _row("readmitted" if name == ALL else f"readmitted: {name}", shares[name], "Wilson")
        for name in order
    ]
    if len(order) == 2 and ALL not in order:
        table.append(_difference(shares[order[0]], shares[order[1]]))
    for name, other in others.items():
        sums = other[["discharges", "readmitted"]].sum().to_frame().T
        (whole,) = with_shares(sums).to_dict("records")
        table.append(_row(name, whole, "Wilson"))
    return pd.DataFrame(table).set_index("term")[ESTIMATE_COLUMNS]


def _row(term: str, found: Mapping[Any, Any], method: str) -> dict[str, Any]:
    return {
        "term": term,
        "estimate": float(found["share"]),
        "se": np.nan,
        "ci_low": float(found["low"]),
        "ci_high": float(found["high"]),
        "p_value": np.nan,
        "df": np.nan,
        "unit": "share of discharges",
        "n": int(found["discharges"]),
        "method": method,
    }


def _difference(before: Mapping[Any, Any], since: Mapping[Any, Any]) -> dict[str, Any]:
    """Since less before, with Newcombe's interval."""
    low, high = np.nan, np.nan
    if before["discharges"] and since["discharges"]:
        low, high = confint_proportions_2indep(
            since["readmitted"],
            since["discharges"],
            before["readmitted"],
            before["discharges"],
            method="newcomb",
            compare="diff",
            alpha=1 - CONFIDENCE,
        )
    found = {
        "share": since["share"] - before["share"],
        "low": low,
        "high": high,
        "discharges": before["discharges"] + since["discharges"],
    }
    return {**_row("difference", found, "Newcombe"), "unit": "difference of shares"}
