"""When each result was measured, when its change came, and the window in which others matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from qieval.core import periods
from qieval.core.evaluated import Evaluated
from qieval.core.result import Result, is_dates

COLUMNS = [
    "evaluation",
    "project",
    "called",
    "outcome",
    "kind",
    "first",
    "last",
    "change",
    "complete",
    "start",
    "end",
    "rests_on",
]

NO_MEASURES = (
    *("completeness", "data_passport", "pdsa_review", "involvement", "power"),
    "theory_of_change",
)
"""Kinds of results that measure no care, so that nothing can have changed what they measure."""

_NOT_KNOWN: tuple[pd.Timestamp | None, ...] = (None, None, None, None)
_TABLES = ("points", "periods")
_TIMES = ("time", "period")


def windows_of(
    results: Sequence[Evaluated], began: pd.DataFrame, window: int
) -> tuple[pd.DataFrame, list[Evaluated]]:
    """One row a result and change, and the results that have no dates.

    Parameters
    ----------
    results : list of Evaluated
        Results, refused and failed ones among them.
    began : DataFrame
        The projects' own events, ``project, date``: when a result does not say when the change
        came, that is taken.
    window : int
        Months before the change, and after the transition.

    Returns
    -------
    DataFrame
        ``evaluation, project, called, outcome, kind, first, last`` (days that the result covers),
        ``change, complete`` (beginning and end of the transition), ``start, end`` (first days of
        the first and last month of the window) and ``rests_on`` (result, log, or "" without any).
    list of Evaluated
        What was evaluated but has no dates, such as an audit by waves.
    """
    rows: list[dict[str, Any]] = []
    undated: list[Evaluated] = []
    for item in results:
        if item.result is None or item.result.kind in NO_MEASURES:
            continue
        covered = _covered(item.result)
        if covered is None:
            undated.append(item)
            continue
        told = list(_changes(item.result))
        logged = began.loc[began["project"] == item.project, "date"]
        changes = told or [(day, day) for day in logged if covered[0] <= day <= covered[1]]
        found: list[tuple[pd.Timestamp | None, ...]] = [
            (*change, *_window(*change, window)) for change in changes
        ]
        for change, complete, start, end in found or [_NOT_KNOWN]:
            rests_on = "result" if told else "log" if changes else ""
            what = (item.name, item.project, item.called, _outcome(item), item.result.kind)
            rows.append(
                dict(
                    zip(
                        COLUMNS,
                        (*what, *covered, change, complete, start, end, rests_on),
                        strict=True,
                    )
                )
            )
    table = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("first", "last", "change", "complete", "start", "end"):
        table[name] = pd.to_datetime(table[name]).astype("datetime64[us]")
    return table, undated


def _outcome(item: Evaluated) -> str:
    assert item.result is not None
    return str(item.result.params.get("outcome") or item.title)


def _covered(result: Result) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """First and last day that a result tells of; None if it tells none."""
    facts = getattr(result, "facts", {})
    if {"first", "last"} <= set(facts):
        return pd.Timestamp(facts["first"]), pd.Timestamp(facts["last"])
    for name in _TABLES:
        table = getattr(result, name, None)
        for time in _TIMES:
            if table is not None and time in table and is_dates(table[time]):
                days = table[time].dropna()
                return (days.min(), days.max()) if len(days) else None
    asked = result.params
    if asked.get("count_from") and asked.get("extract_date"):
        return pd.Timestamp(asked["count_from"]), pd.Timestamp(asked["extract_date"])
    return None


def _changes(result: Result) -> Iterable[tuple[pd.Timestamp, pd.Timestamp]]:
    """When each change began and when its effect was to be complete, as the result tells."""
    facts = getattr(result, "facts", {})
    if "first_after" in facts:
        for given, first_after in zip(facts["given"], facts["first_after"], strict=True):
            yield pd.Timestamp(given), pd.Timestamp(first_after)
        return
    told = result.params.get("intervention") or result.params.get("rephase") or []
    for day in [told] if isinstance(told, str) else told:
        yield pd.Timestamp(day), pd.Timestamp(day)


def _window(
    change: pd.Timestamp, complete: pd.Timestamp, window: int
) -> tuple[pd.Timestamp, pd.Timestamp]:
    return periods.shift(change, -window, "month"), periods.shift(complete, window, "month")
