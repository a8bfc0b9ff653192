"""Context: what else happened, beside every result. An event near a change is a warning, no cause.

Reads from top to bottom: :mod:`.windows` (when each result was measured and when its change came),
:mod:`.staffing`, :mod:`.near` (which events lie in which window, with and without them),
:mod:`.result` (words).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.context.near import (
    in_windows,
    near_checks,
    not_in_the_analysis,
    with_and_without,
)
from qieval.analysis.context.result import ContextResult
from qieval.analysis.context.staffing import before_and_since, tidy_staffing
from qieval.analysis.context.windows import windows_of
from qieval.core.checks import Status, checks_table
from qieval.core.columns import dates, require
from qieval.core.errors import CannotEvaluate, ParameterError
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.evaluated import Evaluated
from qieval.core.words import in_a_row, many
from qieval.intake.reading import read

__all__ = ["ContextResult", "context"]

OWN_KINDS = ("project", "pdsa", "cycle", "pdsa_cycle")
"""Kinds of events that are the project itself."""

_TEXTS = ("kind", "planned", "level", "source", "note", "project", "team")
_PLANNED = {"yes": "planned", "true": "planned", "no": "not planned", "false": "not planned"}


def context(
    events: pd.DataFrame,
    results: Sequence[Evaluated],
    *,
    window: int = 3,
    staffing: pd.DataFrame | str | None = None,
    staffing_words: Mapping[str, str] | None = None,
    own_kinds: Sequence[str] = OWN_KINDS,
    setting: str = "",
) -> ContextResult:
    """What else happened, set beside the results of one project or several.

    Parameters
    ----------
    events : DataFrame
        One row an event: date, event and, as far as known, kind, planned, level, source, note,
        project (blank: it concerned all), team.
    results : list of Evaluated
        What was evaluated, as `qi.read_results` gives it.
    window : int
        Months before a change, and after its transition, in which another event is a warning
    staffing : DataFrame or path, optional
        Staffing by period: period, team and any figures, such as vacancy, turnover and agency
    staffing_words : mapping, optional
        Figure of the staffing table → what it is called, with its unit; nothing means all of them
    own_kinds : list of str
        Kinds of events that are the project itself and no other change
    setting : str
        For whom or where, in plain words

    Returns
    -------
    ContextResult
        One point an event; which results have one in their window; the results with and without.

    Raises
    ------
    CannotEvaluate
        If no event is recorded for these projects.
    DataError
        If the events or the staffing cannot be read.
    ParameterError
        If a parameter has no meaning.

    References
    ----------
    Lopez Bernal, Cummins and Gasparrini 2017, Int J Epidemiol 46:348 (history as the chief threat
    to an interrupted time series). EPOC 2017, risk of bias: independent of other changes. Ogrinc et
    al 2016, BMJ Qual Saf 25:986 (SQUIRE 2.0, context).
    """
    if isinstance(window, bool) or window < 0:
        raise ParameterError(
            "`window` must be a whole number of months, 0 or more.", found=repr(window)
        )
    points = _events(events, results, own_kinds)
    others = points[~points["own"]]
    began = points.loc[points["own"] & (points["project"] != ""), ["project", "date"]]
    windows, undated = windows_of(results, began, window)
    near = in_windows(others, windows)
    table = read(staffing, "series").table if isinstance(staffing, str) else staffing
    staff = tidy_staffing(table, staffing_words, results)
    missing = not_in_the_analysis(near, points, results)
    return ContextResult(
        params={
            "window": window,
            "staffing": staffing if isinstance(staffing, str) else None,
            "staffing_words": dict(staffing_words or {}),
            "own_kinds": list(own_kinds),
            "outcome": "What else happened",
            "setting": setting,
        },
        points=points,
        estimates=_estimates(others, windows, near),
        checks=checks_table(
            [
                *near_checks(windows, near, others, window),
                *missing,
                *_checks(points, others, windows, [item.title for item in undated]),
            ]
        ),
        windows=windows,
        near=near,
        with_without=with_and_without(near, results),
        staffing=staff,
        staffing_change=before_and_since(staff, windows),
    )


def _events(
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


def _estimates(others: pd.DataFrame, windows: pd.DataFrame, near: pd.DataFrame) -> pd.DataFrame:
    """Counts: events, and results with a change that have an event in their window."""
    changed = windows.loc[windows["change"].notna(), "evaluation"].nunique()
    counts = {
        "events": (len(others), len(others)),
        "not_planned": (int((others["planned"] == "not planned").sum()), len(others)),
        "in_a_window": (near["number"].nunique(), len(others)),
        "results_with_an_event": (near["evaluation"].nunique(), changed),
    }
    table = pd.DataFrame(
        [
            {"term": term, "estimate": float(count), "unit": "count", "n": of, "method": "count"}
            for term, (count, of) in counts.items()
        ]
    ).set_index("term")
    return table.reindex(columns=ESTIMATE_COLUMNS)


def _checks(
    points: pd.DataFrame, others: pd.DataFrame, windows: pd.DataFrame, undated: list[str]
) -> list[tuple[str, Status, str]]:
    rows: list[tuple[str, Status, str]] = []
    if blank := int((others["kind"] == "").sum()):
        said = (
            f"{blank} of {many(len(others), 'event')} have none; they stand in a lane of their own."
        )
        rows.append(("Kinds of events", "info", said))
    if blank := int((others["planned"] == "not recorded").sum()):
        said = f"Of {blank} of {many(len(others), 'event')} it is not recorded."
        rows.append(("Planned or not", "info", said))
    if undated:
        said = f"{in_a_row(list(dict.fromkeys(undated)))}: measured in waves or as one figure."
        rows.append(("Results without dates, not on the timeline", "info", said))
    without = windows.loc[windows["change"].isna(), "evaluation"].nunique()
    if without:
        said = (
            f"Of {many(without, 'result')} it is not known when a change came; no window is drawn."
        )
        rows.append(("Results without a date of change", "info", said))
    logged = windows.loc[windows["rests_on"] == "log", "evaluation"].nunique()
    if logged:
        said = f"Of {many(logged, 'result')} it is taken from the log of events."
        rows.append(("Date of the change", "info", said))
    said = "A log holds what somebody wrote down. What is not in it may have happened all the same."
    rows.append(("What is not recorded", "info", said))
    return rows
