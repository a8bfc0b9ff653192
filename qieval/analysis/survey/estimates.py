"""The tables of estimates, item by item: positive answers, their change, odds ratios, chances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.survey.change import Changed
from qieval.analysis.survey.groups import EVERYBODY
from qieval.analysis.survey.tables import Asked
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.proportions import Ends
from qieval.core.result import rows_of

CHANGE_COLUMNS = ["item", "tested", "why_not", "direction", "adjusted", "check_p"]


def estimates_table(
    bases: pd.DataFrame, change: Changed | None, asked: Asked, confidence: float
) -> pd.DataFrame:
    """One row a term; what is not shown or not known has no row."""
    rows = list(_shares(bases, asked))
    if change is not None:
        for one in change.items:
            rows += _changes(one, change.clustered)
        if change.average is not None:
            average = change.average
            rows.append(
                _row(
                    "odds_ratio",
                    average["odds"],
                    unit="odds ratio",
                    n=average["n"],
                    method=f"mean of {average['items']} proportional-odds models; robust",
                    p_value=average["p_value"],
                    df=average["df"],
                )
            )
    return pd.DataFrame(rows).set_index("term")[ESTIMATE_COLUMNS]


def _shares(bases: pd.DataFrame, asked: Asked) -> Iterator[dict[str, Any]]:
    everybody = bases[(bases["group"] == EVERYBODY) & bases["shown"].astype(bool)]
    for row in rows_of(everybody):
        term = f"positive: {row.item}"
        if len(asked.waves) > 1:
            term = f"{term}, {row.wave}"
        ends = Ends(row.positive, row.low, row.high)
        yield _row(term, ends, unit="% of answers", n=int(row.n), method="Wilson")


def _changes(one: dict[str, Any], clustered: str) -> Iterator[dict[str, Any]]:
    item, n = one["item"], one["n"]
    if one["points"] is not None:
        yield _row(
            f"change: {item}", one["points"], unit="percentage points", n=n, method="Newcombe"
        )
    if "better" in one:
        found = one["better"]
        yield _row(
            f"better: {item}",
            found.ends,
            unit="chance",
            n=n,
            method="Brunner-Munzel",
            se=found.se,
            p_value=found.p_value,
            df=found.df,
        )
    if one["tested"]:
        how = {"": "", "people": "; robust, people", "groups": "; robust, groups"}[clustered]
        yield _row(
            f"odds_ratio: {item}",
            one["odds"],
            unit="odds ratio",
            n=n,
            method=f"proportional odds{how}",
            p_value=one["p_value"],
            df=one["df"],
        )


def _row(
    term: str,
    ends: Ends,
    *,
    unit: str,
    n: int,
    method: str,
    se: float = np.nan,
    p_value: float = np.nan,
    df: float = np.nan,
) -> dict[str, Any]:
    return {
        "term": term,
        "estimate": float(ends.value),
        "se": se,
        "ci_low": float(ends.low),
        "ci_high": float(ends.high),
        "p_value": p_value,
        "df": df,
        "unit": unit,
        "n": n,
        "method": method,
    }


def changes_table(change: Changed | None, confidence: float) -> pd.DataFrame:
    """A row an item: whether it was tested, and if so which way it went.

    ``direction``: better, worse or unclear, by the p value that allows for several items.
    """
    rows = []
    for one in change.items if change else []:
        check = one.get("check")
        rows.append(
            {
                "item": one["item"],
                "tested": one["tested"],
                "why_not": one["why_not"],
                "direction": _direction(one, confidence),
                "adjusted": one.get("adjusted", np.nan),
                "check_p": check.p_value if check else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=CHANGE_COLUMNS)


def _direction(one: dict[str, Any], confidence: float) -> str:
    if not one["tested"]:
        return ""
    if one["adjusted"] >= 1 - confidence:
        return "unclear"
    return "better" if one["odds"].value > 1 else "worse"
