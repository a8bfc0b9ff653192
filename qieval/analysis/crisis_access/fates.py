"""What became of requests: shares, times of those who got a bed, and how far away it was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from qieval.core.proportions import Ends, difference, wilson
from qieval.flow.groups import ALL
from qieval.flow.kaplan_meier import kaplan_meier

FATES = ("here", "elsewhere", "refused", "withdrawn")
POINTS = ["group", "fate", "requests", "of", "percent", "low", "high"]


def points_of(fates: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """A row a group and fate: share of the requests that have come to an end, in percent.

    Parameters
    ----------
    fates : DataFrame
        From :func:`qieval.waits`: a row a group, a column a fate.
    """
    rows = []
    for group, table in fates.groupby("group", sort=False):
        counts = table.iloc[0]
        ended = int(sum(counts[fate] for fate in FATES))
        for fate in FATES:
            ends = wilson(int(counts[fate]), ended, confidence)
            percents = (100 * end for end in ends)
            rows.append((group, fate, int(counts[fate]), ended, *percents))
    return pd.DataFrame(rows, columns=POINTS)


def changes_of(points: pd.DataFrame, groups: Sequence[str], confidence: float) -> dict[str, Ends]:
    """Fate → its share since the change less that before, in percentage points (Newcombe)."""
    found = {}
    for fate in FATES:
        rows = points[points["fate"] == fate].set_index("group")
        before, since = (rows.loc[group, ["requests", "of"]] for group in groups)
        if before["of"] and since["of"]:
            ends = difference(tuple(before), tuple(since), confidence)
            found[fate] = Ends(*(100 * end for end in ends))
    return found


def times_to_a_bed(requests: pd.DataFrame, groups: Sequence[str]) -> dict[tuple[str, str], Ends]:
    """(Group, here or elsewhere) → median time of those who got a bed there, with its interval."""
    found = {}
    for group in groups:
        own = requests if group == ALL else requests[requests["group"] == group]
        for fate in ("here", "elsewhere"):
            took = own.loc[own["fate"] == fate, "took"].dropna().to_numpy(dtype=float)
            if len(took):
                curve = kaplan_meier(took, np.ones(len(took)), np.zeros(len(took)))
                found[group, fate] = Ends(*curve.centile(0.5))
    return found


def distances_of(requests: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """A row a group: ``group, elsewhere, known, median_km, total_km`` of people sent elsewhere.

    Kilometres as the table gives them, one way. Empty where no distance is known.
    """
    rows = []
    for group in groups:
        own = requests if group == ALL else requests[requests["group"] == group]
        far = own.loc[own["fate"] == "elsewhere", "km"]
        known = far.dropna()
        rows.append(
            {
                "group": group,
                "elsewhere": len(far),
                "known": len(known),
                "median_km": float(known.median()) if len(known) else np.nan,
                "total_km": float(known.sum()) if len(known) else np.nan,
            }
        )
    table = pd.DataFrame(rows)
    return table if table["known"].any() else table.iloc[:0]
