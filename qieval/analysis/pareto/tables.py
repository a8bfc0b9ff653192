"""From reasons to counts in order of size, their shares and how far the first ones reach."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from scipy.stats import binomtest, chisquare

from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.proportions import with_wilson
from qieval.core.tables import COUNTED, Column, Declaration, Sum

POINTS = (
    Column("reason", "Reason", "label"),
    Column("count", "Number", "count", of="of"),
    Column("of", "Of", "denominator"),
    *Column("share", "Share", "share", "0%", of="count/of").with_interval("95% interval"),
    Column("so_far", "With those above", "estimate", "0%", of="count/of"),
    Column("few", "Among the few", "label"),
)
COUNTS = (
    Column("term", "What", "label"),
    Column("estimate", "Number", "count", of="n"),
    Column("n", "Of", "denominator"),
)
DECLARED = (
    Declaration(
        "points",
        (*POINTS, Column("rest", "No reason of its own", "label")),
        by=("reason",),
        running=("so_far",),
        sums=(Sum("of", ("count",), frame="points", over=("reason",)),),
    ),
    COUNTED,
)


def points_table(counts: pd.Series, last: Collection[str], share: float) -> pd.DataFrame:
    """Reasons by number, the largest first; a rest stands at the end whatever its size.

    Parameters
    ----------
    counts : Series
        Number by reason, in the order in which the reasons first come.
    last : collection of str
        Reasons that are a rest, in small letters: they are no reason that could be worked on.
    share : float
        What the few are to make up.
    """
    rest = np.array([str(name).strip().lower() in last for name in counts.index], dtype=bool)
    order = np.lexsort((-counts.to_numpy(), rest))
    table = pd.DataFrame({"reason": counts.index, "count": counts.to_numpy(), "rest": rest})
    table = table.iloc[order].reset_index(drop=True).assign(of=counts.sum())
    table = with_wilson(table, "count", "of").assign(so_far=lambda rows: rows["share"].cumsum())
    # The first that reaches the share belongs to the few; a hair for the last bit of a sum.
    before = table["so_far"] - table["share"]
    return table.assign(few=(before < share - 1e-9) & ~table["rest"])


def estimates(points: pd.DataFrame, not_recorded: int) -> pd.DataFrame:
    """How many were recorded and not, and how many of the reasons are the few."""
    recorded, reasons = int(points["count"].sum()), len(points)
    counts = {
        "recorded": (recorded, recorded + not_recorded, "events"),
        "not_recorded": (not_recorded, recorded + not_recorded, "events"),
        "few": (int(points["few"].sum()), reasons, "reasons"),
    }
    return estimates_table(
        estimate_row(term, value, unit=unit, n=of, method="counted")
        for term, (value, of, unit) in counts.items()
    )


def chance_of_spread(points: pd.DataFrame) -> float:
    """How often reasons that are all as frequent would differ as much (Pearson's chi-squared)."""
    named = points.loc[~points["rest"], "count"].to_numpy(dtype=float)
    return float(chisquare(named).pvalue) if len(named) > 1 else np.nan


def chance_of_first(points: pd.DataFrame) -> float:
    """How often the first two, were they as frequent, would differ as much (sign test)."""
    named = points.loc[~points["rest"], "count"].to_numpy(dtype=int)
    return float(binomtest(named[0], int(named[:2].sum())).pvalue) if len(named) > 1 else np.nan
