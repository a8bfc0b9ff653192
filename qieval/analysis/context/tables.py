"""The events, which of them lie in which window, and what results say with and without them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.context.methods.staffing import STAFFING, STAFFING_CHANGE
from qieval.analysis.context.methods.windows import WINDOWS
from qieval.core import periods
from qieval.core.columns import dates, require
from qieval.core.errors import CannotEvaluate
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.evaluated import Evaluated
from qieval.core.result import rows_of
from qieval.core.tables import ESTIMATES, Column, Declaration, names_of

_TEXTS = ("kind", "planned", "level", "source", "note", "project", "team")
_PLANNED = {"yes": "planned", "true": "planned", "no": "not planned", "false": "not planned"}

POINTS = (
    Column("number", "Number", "label"),
    Column("date", "When", "period"),
    Column("event", "What happened", "text"),
    Column("kind", "Kind", "label"),
    Column("planned", "Planned", "label"),
    Column("level", "Level", "label"),
    Column("team", "Team", "label"),
    Column("note", "Note", "text"),
    Column("source", "Known from", "text"),
    Column("project", "Project", "label"),
    Column("own", "The project itself", "label"),
)
NEAR = (
    Column("evaluation", "Evaluation file", "label"),
    Column("project", "Project folder", "label"),
    Column("called", "Project", "label"),
    Column("outcome", "Measure", "label"),
    Column("number", "Number of the event", "label"),
    Column("date", "When", "period"),
    Column("event", "What happened", "text"),
    Column("same", "In the month of the change", "label"),
    Column("everywhere", "Concerned all projects", "label"),
)
_OF_THE_RESULT = ("evaluation", "project", "called", "outcome")
WITH_WITHOUT = (
    Column("evaluation", "Evaluation file", "label"),
    Column("called", "Project", "label"),
    Column("outcome", "Measure", "label"),
    Column("model", "Model", "label"),
    *Column("estimate", "Average difference (interval)", "estimate", "each").with_interval(
        "", "ci_low", "ci_high"
    ),
    Column("unit", "Unit", "text"),
    Column("reported", "As reported", "label"),
    Column("left_out", "Why it is missing", "text"),
)
COUNTS = (
    Column("what", "What", "label"),
    Column("estimate", "Number", "estimate", "0"),
    Column("n", "Of", "denominator"),
)
WINDOW_ROWS = (
    Column("called", "Project", "label"),
    Column("outcome", "Measure", "label"),
    Column("changes", "Change began", "text"),
    Column("windows", "Window", "text"),
    Column("events", "Other events in it", "text"),
)
DECLARED = (
    Declaration("points", POINTS),
    ESTIMATES,
    Declaration("windows", WINDOWS),
    Declaration("near", NEAR),
    Declaration("with_without", WITH_WITHOUT),
    Declaration("staffing", STAFFING),
    Declaration("staffing_change", STAFFING_CHANGE),
)


def events_table(
    events: pd.DataFrame, results: Sequence[Evaluated], own_kinds: Sequence[str]
) -> pd.DataFrame:
    """The events that concern these projects, in the order of their dates, numbered.

    ``number`` counts those that are not the project itself, 0 for its own.
    """
    if len(events):
        require(events, ["date", "event"])
    wanted = {item.project for item in results} | {""}
    table = pd.DataFrame({"date": [], "event": [], **{name: [] for name in _TEXTS}})
    if len(events):
        table = pd.DataFrame(
            {
                "date": dates(events["date"], "date").to_numpy(dtype="datetime64[us]"),
                "event": events["event"].astype("str").to_numpy(),
                **{name: _text(events, name) for name in _TEXTS},
            }
        )
    table = table[table["project"].isin(wanted)]
    if table.empty:
        raise CannotEvaluate(
            "No event is recorded for these projects: none recorded, which is not the same as none "
            "happened.",
            remedy="Ask those who were there: re-organisation, staff who came or left, new rules, "
            "another way of counting. Write each down with its date, one row an event.",
        )
    table = table.sort_values(["date", "event"], kind="stable").reset_index(drop=True)
    table["planned"] = table["planned"].str.lower().map(_PLANNED).fillna("not recorded")
    table["own"] = table["kind"].str.lower().isin([kind.lower() for kind in own_kinds])
    table["number"] = np.where(table["own"], 0, (~table["own"]).cumsum())
    return table


def _text(events: pd.DataFrame, name: str) -> Any:
    return events[name].fillna("").astype("str").str.strip().to_numpy() if name in events else ""


def counts_of(others: pd.DataFrame, windows: pd.DataFrame, near: pd.DataFrame) -> pd.DataFrame:
    """Counts: events, and results with a change that have an event in their window."""
    changed = windows.loc[windows["change"].notna(), "evaluation"].nunique()
    counts = {
        "events": (len(others), len(others)),
        "not_planned": (int((others["planned"] == "not planned").sum()), len(others)),
        "in_a_window": (near["number"].nunique(), len(others)),
        "results_with_an_event": (near["evaluation"].nunique(), changed),
    }
    return estimates_table(
        estimate_row(term, count, unit="count", n=of, method="count")
        for term, (count, of) in counts.items()
    )


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
                        **{name: getattr(window, name) for name in _OF_THE_RESULT},
                        **{name: getattr(event, name) for name in ("number", "date", "event")},
                        "same": month == change,
                        "everywhere": event.project == "",
                    }
                )
    table = pd.DataFrame(rows, columns=names_of(NEAR))
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    return table.drop_duplicates(["evaluation", "number"]).reset_index(drop=True)


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
    return pd.DataFrame(rows, columns=names_of(WITH_WITHOUT))
