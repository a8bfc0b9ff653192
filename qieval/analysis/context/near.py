"""Which events lie in which window, and what an interrupted time series says with and without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from qieval.core import periods
from qieval.core.checks import Status
from qieval.core.evaluated import Evaluated
from qieval.core.result import rows_of
from qieval.core.words import in_a_row

NEAR_COLUMNS = [
    *("evaluation", "project", "called", "outcome"),
    *("number", "date", "event", "same", "everywhere"),
]
SPREAD_COLUMNS = [
    "evaluation",
    "called",
    "outcome",
    "model",
    "estimate",
    "ci_low",
    "ci_high",
    "unit",
    "reported",
    "left_out",
]

Row = tuple[str, Status, str]


def in_windows(others: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """One row a result and event in its window.

    ``same``: in the very month of the change; ``everywhere``: it concerned all projects.
    """
    rows: list[dict[str, Any]] = []
    months = list(periods.start_of(pd.DatetimeIndex(others["date"]), "month"))
    for window in rows_of(windows.dropna(subset="change")):
        change = periods.shift(window.change, 0, "month")
        for event, month in zip(rows_of(others), months, strict=True):
            concerned = event.project in ("", window.project)
            if concerned and window.start <= month <= window.end:
                rows.append(
                    {
                        **{name: getattr(window, name) for name in NEAR_COLUMNS[:4]},
                        **{name: getattr(event, name) for name in ("number", "date", "event")},
                        "same": month == change,
                        "everywhere": event.project == "",
                    }
                )
    table = pd.DataFrame(rows, columns=NEAR_COLUMNS)
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    return table.drop_duplicates(["evaluation", "number"]).reset_index(drop=True)


def near_checks(
    windows: pd.DataFrame, near: pd.DataFrame, others: pd.DataFrame, window: int
) -> list[Row]:
    """A warning for every result with an event in its window."""
    rows: list[Row] = []
    changed = windows.dropna(subset="change").drop_duplicates("evaluation")
    for result in rows_of(changed):
        own = near[near["evaluation"] == result.evaluation]
        name = f"{result.called}, {result.outcome}: other changes in its window"
        if len(own):
            said = f"{named(own)}. What is seen cannot be put down to the project alone."
            rows.append((name, "warn", said))
            continue
        concern = int(others["project"].isin(["", result.project]).sum())
        span = f"from {window} months before the change to {window} months after its transition"
        said = f"None of the {concern} events that are recorded for it lies in its window, {span}."
        rows.append((name, "pass", said))
    return rows


def named(own: pd.DataFrame, most: int = 6) -> str:
    """Events with their months: "Two teams merged (May 2018) and budgets cut (April 2018)"."""
    said = [f"{row.event} ({periods.label(row.date, 'month')})" for row in rows_of(own.head(most))]
    return in_a_row([*said, *([f"{len(own) - most} more"] if len(own) > most else [])])


def not_in_the_analysis(
    near: pd.DataFrame, points: pd.DataFrame, results: Sequence[Evaluated]
) -> list[Row]:
    """Events in the window of an interrupted time series that its parameters do not list."""
    rows: list[Row] = []
    for item in results:
        if item.result is None or item.result.kind != "interrupted_time_series":
            continue
        listed = {str(event["date"])[:7] for event in item.result.params["events"]}
        own = near[near["evaluation"] == item.name]
        unknown = own[~own["date"].dt.strftime("%Y-%m").isin(listed)]
        if len(unknown):
            said = (
                f"{named(unknown)}: in the log of events, but not among the `events` of the "
                "evaluation, which therefore gives no estimate with and without it. Add it there."
            )
            rows.append((f"{item.called}: events that the estimate does not know", "warn", said))
    return rows


def with_and_without(near: pd.DataFrame, results: Sequence[Evaluated]) -> pd.DataFrame:
    """The average difference as reported, and with a step for the events that were listed.

    Taken from the results' own specification spread; nothing is fitted again.
    """
    rows: list[dict[str, Any]] = []
    for item in results:
        spread = getattr(item.result, "spread", None)
        if spread is None or item.name not in set(near["evaluation"]) or "term" not in spread:
            continue
        average = spread[spread["term"] == "average_effect"]
        steps = average["model"].str.startswith("with ")
        reported = average["headline"].astype(bool)
        if not steps.any():
            continue
        for row in rows_of(average[reported | steps]):
            rows.append(
                {
                    "evaluation": item.name,
                    "called": item.called,
                    "outcome": item.result.params["outcome"] if item.result else "",
                    "model": "as reported" if row.headline else row.model,
                    **{name: getattr(row, name) for name in ("estimate", "ci_low", "ci_high")},
                    "unit": row.unit,
                    "reported": bool(row.headline),
                    "left_out": row.left_out,
                }
            )
    return pd.DataFrame(rows, columns=SPREAD_COLUMNS)
