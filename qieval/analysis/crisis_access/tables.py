"""From requests to what became of them, times, distances, demand, and the table of estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.crisis_access.methods.demand import DEMAND, a_day, ratio
from qieval.analysis.waits import WaitsResult
from qieval.core import columns as cols
from qieval.core.errors import DataError
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.grouped import ALL, difference_row, share_row, term_of
from qieval.core.proportions import Ends, with_wilson
from qieval.core.result import rows_of
from qieval.core.tables import ESTIMATES_OF_PEOPLE, Column, Declaration, Sum
from qieval.flow.groups import Groups
from qieval.flow.kaplan_meier import kaplan_meier
from qieval.flow.sources import NOT_RECORDED
from qieval.flow.waits import OUTCOMES as KNOWN_OUTCOMES
from qieval.flow.waits import Clock

OUTCOMES = ("here", "elsewhere", "refused", "withdrawn")
"""What a request can come to; people still waiting are not among them."""
WAITING = "waiting"
_RATIO = "requests_ratio"

POINTS = (
    Column("group", "Who", "label"),
    Column("outcome", "What became of requests", "label"),
    Column("requests", "Requests", "count", of="ended"),
    Column("ended", "Of", "denominator"),
    *Column("share", "Share", "share", "0%", of="requests/ended").with_interval("95% interval"),
)
DISTANCES = (
    Column("group", "Who", "label"),
    Column("elsewhere", "Sent elsewhere", "denominator"),
    Column("known", "Distance known", "count", of="elsewhere"),
    Column("median_km", "Half went at least (km)", "estimate", "0", "known"),
    Column("total_km", "All together (km)", "estimate", "0", "known"),
)
DECLARED = (
    Declaration(
        "points",
        POINTS,
        by=("group", "outcome"),
        sums=(Sum("ended", ("requests",), frame="points", over=("outcome",)),),
    ),
    ESTIMATES_OF_PEOPLE,
    Declaration("distances", DISTANCES, by=("group",), running=("total_km",)),
    Declaration("demand", DEMAND, by=("weekday", "from_hour")),
)

PLACES = {
    "%": 0,
    "percentage points": 0,
    "hours": 1,
    "days": 1,
    "requests a day": 2,
    "times": 2,
}
"""Decimals with which shares, times and requests a day are shown."""


# ---- a row a request ---------------------------------------------------------------------------


def tidy(
    requests: pd.DataFrame,
    groups: Groups,
    outcomes: Mapping[str, str] | None,
    count_from: pd.Timestamp | None,
    clock: Clock,
) -> pd.DataFrame:
    """``group, referred, outcome, took, km``: a row a request that counts.

    ``took``: hours by the clock, or days from date to date, until care started.

    The table has been through :func:`qieval.waits`, which refuses unknown outcomes and dates that
    contradict one another.

    Raises
    ------
    DataError
        If a distance is negative or no number.
    """
    referred = pd.to_datetime(requests["referred"])
    started = pd.to_datetime(requests["started"])
    km = pd.Series(np.nan, index=requests.index)
    if "distance_km" in requests:
        km = pd.Series(cols.numbers(requests["distance_km"], "distance_km"), requests.index)
        if (km < 0).any():
            raise DataError(
                "A distance is less than 0.",
                found=cols.rows((km < 0).to_numpy()),
                remedy="Correct the file, or leave the cell blank if the distance is not known.",
                where="distance_km",
            )
    table = pd.DataFrame(
        {
            "group": _groups(requests, referred, groups),
            "referred": referred,
            "outcome": _outcomes(requests, started, outcomes),
            "took": _took(referred, started, clock),
            "km": km,
        }
    )
    if count_from is not None:
        table = table[table["referred"] >= count_from]
    return table.reset_index(drop=True)


def _took(referred: pd.Series, started: pd.Series, clock: Clock) -> pd.Series:
    if clock == "days":
        return (started.dt.normalize() - referred.dt.normalize()).dt.days
    return (started - referred).dt.total_seconds().clip(lower=0) / 3600


def _outcomes(
    requests: pd.DataFrame, started: pd.Series, outcomes: Mapping[str, str] | None
) -> pd.Series:
    """here, elsewhere, refused, withdrawn or waiting, as :mod:`qieval.flow.waits` counts them."""
    meaning = {str(word).strip().lower(): outcome for word, outcome in (outcomes or {}).items()}
    meaning = {word: word for word in KNOWN_OUTCOMES} | meaning
    said = pd.Series("", index=requests.index)
    if "outcome" in requests:
        said = requests["outcome"].astype("string").fillna("").str.strip().str.lower()
    blank = started.notna().map({True: "here", False: WAITING})
    return said.map(meaning).where(said != "", blank).astype(str)


def _groups(requests: pd.DataFrame, referred: pd.Series, groups: Groups) -> pd.Series:
    """The group of each request, called as in :func:`qieval.waits`."""
    if groups.since is not None:
        before, since = groups.labels
        return pd.Series(np.where(referred < groups.since, before, since), index=requests.index)
    parts = [requests[name].astype("string").fillna(NOT_RECORDED) for name in groups.by]
    if not parts:
        return pd.Series("", index=requests.index)
    return pd.Series([", ".join(names) for names in zip(*parts, strict=True)], requests.index)


# ---- what became of requests -------------------------------------------------------------------


def points_of(outcomes: pd.DataFrame) -> pd.DataFrame:
    """A row a group and outcome: its share of the requests that have come to an end.

    Parameters
    ----------
    outcomes : DataFrame
        From :func:`qieval.waits`: a row a group, a column an outcome.
    """
    rows = [
        (row.group, outcome, getattr(row, outcome), sum(getattr(row, name) for name in OUTCOMES))
        for row in rows_of(outcomes)
        for outcome in OUTCOMES
    ]
    table = pd.DataFrame(rows, columns=["group", "outcome", "requests", "ended"])
    return with_wilson(table, "requests", "ended")


def distances_of(requests: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """A row a group: ``group, elsewhere, known, median_km, total_km`` of people sent elsewhere.

    Kilometres as the table gives them, one way. Empty where no distance is known.
    """
    rows = []
    for group in groups:
        own = _of_group(requests, group)
        far = own.loc[own["outcome"] == "elsewhere", "km"]
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


def _of_group(requests: pd.DataFrame, group: str) -> pd.DataFrame:
    return requests if group == ALL else requests[requests["group"] == group]


# ---- estimates ---------------------------------------------------------------------------------


def access_estimates(
    access: WaitsResult,
    requests: pd.DataFrame,
    points: pd.DataFrame,
    days: Mapping[str, int],
    confidence: float,
) -> pd.DataFrame:
    """One row a term; terms of a group have ``: <group>`` after them, as in the waits.

    ``here, elsewhere, refused, withdrawn`` and their ``change: …``; ``time_here`` and
    ``time_elsewhere``: medians of those who got a bed there; ``requests_a_day`` and
    ``requests_ratio``; then all terms of the waits.
    """
    rows = [
        share_row(term_of(row.outcome, row.group), row.requests, row.ended, unit="requests")
        for row in rows_of(points)
    ]
    if access.before_and_since:
        rows += _changes(points, access.groups)
    rows += _times(access, requests)
    rows += _demand(access, requests, days, confidence)
    return pd.concat([estimates_table(rows), access.estimates])


def _changes(points: pd.DataFrame, groups: Sequence[str]) -> list[dict[str, Any]]:
    """The share of each outcome since the change less that before."""
    rows = []
    for outcome, own in points.groupby("outcome", sort=False):
        counts = {row.group: (row.requests, row.ended) for row in rows_of(own)}
        before, since = (counts[group] for group in groups)
        if before[1] and since[1]:
            rows.append({**difference_row(before, since), "term": f"change: {outcome}"})
    return rows


def _times(access: WaitsResult, requests: pd.DataFrame) -> list[dict[str, Any]]:
    """Median times of those who got a bed, here and elsewhere."""
    rows = []
    for group in access.groups:
        own = _of_group(requests, group)
        for outcome in ("here", "elsewhere"):
            took = own.loc[own["outcome"] == outcome, "took"].dropna().to_numpy(dtype=float)
            if len(took):
                curve = kaplan_meier(took, np.ones(len(took)), np.zeros(len(took)))
                rows.append(
                    estimate_row(
                        term_of(f"time_{outcome}", group),
                        *curve.centile(0.5),
                        unit=access.clock,
                        n=len(took),
                        method="median of those who got one",
                    )
                )
    return rows


def demand_again(
    exact: pd.DataFrame, shown: pd.DataFrame, confidence: float
) -> dict[str, dict[str, float]]:
    """Requests a day, and how they compare, of the numbers of requests that are shown.

    Parameters
    ----------
    exact, shown : DataFrame
        The estimates, and those of a release, both by their terms.

    Returns
    -------
    dict
        Term → its figures; of the comparison none if either number is withheld.
    """
    again: dict[str, dict[str, float]] = {}
    counted = []
    for term in (term for term in exact.index if term.startswith("requests_a_day")):
        then, now = (rows.to_dict("index")[term] for rows in (exact, shown))
        if np.isfinite(now["n"]) and np.isfinite(now["estimate"]):
            counted.append((int(now["n"]), round(then["n"] / then["estimate"])))
            again[term] = _figures(a_day(*counted[-1], confidence))
    if _RATIO in exact.index:
        ends = ratio(counted[0], counted[1], confidence) if len(counted) == 2 else None
        again[_RATIO] = _figures(ends or Ends(np.nan, np.nan, np.nan))
    return again


def _figures(ends: Ends) -> dict[str, float]:
    return dict(zip(("estimate", "ci_low", "ci_high"), ends, strict=True))


def _demand(
    access: WaitsResult, requests: pd.DataFrame, days: Mapping[str, int], confidence: float
) -> list[dict[str, Any]]:
    """Requests a day of each group, and how they compare."""
    counted = {group: (len(_of_group(requests, group)), days[group]) for group in access.groups}
    rows = [
        estimate_row(
            term_of("requests_a_day", group),
            *a_day(*counts, confidence),
            unit="requests a day",
            n=counts[0],
            method="exact Poisson",
        )
        for group, counts in counted.items()
    ]
    if access.before_and_since:
        before, since = counted.values()
        ends = ratio(before, since, confidence)
        if ends is not None:
            count = before[0] + since[0]
            rows.append(estimate_row(_RATIO, *ends, unit="times", n=count, method="score"))
    return rows


def days_of_groups(access: WaitsResult, first: pd.Timestamp, last: pd.Timestamp) -> dict[str, int]:
    """Days that each group covers, from the first to the last: before the change, since, or all."""
    if not access.before_and_since:
        return dict.fromkeys(access.groups, (last - first).days + 1)
    change = pd.Timestamp(access.params["intervention"])
    before, since = access.groups
    return {before: (change - first).days, since: (last - change).days + 1}
