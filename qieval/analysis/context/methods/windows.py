"""When each result was measured, when its change came, and the window in which others matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from qieval.core import periods
from qieval.core.evaluated import Evaluated
from qieval.core.tables import Column, names_of

WINDOWS = (
    Column("evaluation", "Evaluation file", "label"),
    Column("project", "Project folder", "label"),
    Column("called", "Project", "label"),
    Column("outcome", "Measure", "label"),
    Column("kind", "Kind of result", "label"),
    Column("first", "First day", "period"),
    Column("last", "Last day", "period"),
    Column("change", "Change began", "period"),
    Column("complete", "Transition ended", "period"),
    Column("start", "Window from", "period"),
    Column("end", "Window to", "period"),
    Column("rests_on", "Where the date is from", "label"),
)

NO_MEASURES = (
    *("completeness", "data_passport", "pdsa_review", "involvement", "power"),
    "theory_of_change",
)
"""Kinds of results that measure no care, so that nothing can have changed what they measure."""

_NOT_KNOWN: tuple[pd.Timestamp | None, ...] = (None, None, None, None)


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
    rows: list[tuple[Any, ...]] = []
    undated: list[Evaluated] = []
    for item in results:
        if item.result is None or item.result.kind in NO_MEASURES:
            continue
        covered = item.result.days_covered
        if covered is None:
            undated.append(item)
            continue
        of_result = item.result.dates_of_change
        logged = began.loc[began["project"] == item.project, "date"]
        changes = of_result or [(day, day) for day in logged if covered[0] <= day <= covered[1]]
        spans: list[tuple[pd.Timestamp | None, ...]] = [
            (began_on, complete, *_window(began_on, complete, window))
            for began_on, complete in changes
        ]
        for change, complete, start, end in spans or [_NOT_KNOWN]:
            rests_on = "result" if of_result else "log" if changes else ""
            what = (item.name, item.project, item.called, _outcome(item), item.result.kind)
            rows.append((*what, *covered, change, complete, start, end, rests_on))
    table = pd.DataFrame(rows, columns=names_of(WINDOWS))
    for name in ("first", "last", "change", "complete", "start", "end"):
        table[name] = pd.to_datetime(table[name]).astype("datetime64[us]")
    return table, undated


def _outcome(item: Evaluated) -> str:
    assert item.result is not None
    return str(item.result.params.get("outcome") or item.title)


def _window(
    change: pd.Timestamp, complete: pd.Timestamp, window: int
) -> tuple[pd.Timestamp, pd.Timestamp]:
    return periods.shift(change, -window, "month"), periods.shift(complete, window, "month")
