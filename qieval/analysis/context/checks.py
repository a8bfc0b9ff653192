"""What a reader must know about other changes: a warning for every result that has one near."""

from __future__ import annotations

from collections.abc import Sequence

from qieval.analysis.context.words import ContextResult, events_in_words
from qieval.core.checks import About, Check
from qieval.core.evaluated import Evaluated
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, many


def checks_of(
    result: ContextResult, results: Sequence[Evaluated], undated: Sequence[str]
) -> list[Check]:
    """All checks of the context.

    Parameters
    ----------
    result : ContextResult
        What was found.
    results : sequence of Evaluated
        The evaluations that it stands beside.
    undated : sequence of str
        Titles of those that have no dates.
    """
    text = "A log holds what somebody wrote down. What is not in it may have happened all the same."
    return [
        *_near(result),
        *_unknown_to_the_estimate(result, results),
        *_blanks(result),
        *_dates(result, undated),
        Check("not_recorded", "What is not recorded", "info", text),
    ]


def _near(result: ContextResult) -> list[Check]:
    """A warning for every result with an event in its window."""
    rows, window, others = [], result.params["window"], result.others
    changed = result.windows.dropna(subset="change").drop_duplicates("evaluation")
    for item in rows_of(changed):
        own = result.near[result.near["evaluation"] == item.evaluation]
        about = About("other_events", f"{item.called}, {item.outcome}: other changes in its window")
        if len(own):
            text = f"{events_in_words(own)}. What is seen cannot be put down to the project alone."
            rows.append(about.warns(text))
            continue
        concern = int(others["project"].isin(["", item.project]).sum())
        span = f"from {window} months before the change to {window} months after its transition"
        text = f"None of the {concern} events that are recorded for it lies in its window, {span}."
        rows.append(about.passes(text))
    return rows


def _unknown_to_the_estimate(result: ContextResult, results: Sequence[Evaluated]) -> list[Check]:
    """Events in the window of an interrupted time series that its parameters do not list."""
    rows = []
    for item in results:
        if item.result is None or item.result.kind != "interrupted_time_series":
            continue
        listed = {str(event["date"])[:7] for event in item.result.params["events"]}
        own = result.near[result.near["evaluation"] == item.name]
        unknown = own[~own["date"].dt.strftime("%Y-%m").isin(listed)]
        if len(unknown):
            text = (
                f"{events_in_words(unknown)}: in the log of events, but not among the `events` of "
                "the evaluation, which therefore gives no estimate with and without it. Add it "
                "there."
            )
            name = f"{item.called}: events that the estimate does not know"
            rows.append(Check("unknown_to_estimate", name, "warn", text))
    return rows


def _blanks(result: ContextResult) -> list[Check]:
    """What the log does not say of events."""
    rows, others = [], result.others
    events = many(len(others), "event")
    if blank := int((others["kind"] == "").sum()):
        text = f"{blank} of {events} have none; they stand in a lane of their own."
        rows.append(Check("kinds", "Kinds of events", "info", text))
    if blank := int((others["planned"] == "not recorded").sum()):
        text = f"Of {blank} of {events} it is not recorded."
        rows.append(Check("planned", "Planned or not", "info", text))
    return rows


def _dates(result: ContextResult, undated: Sequence[str]) -> list[Check]:
    """Results without dates, and where the date of a change comes from."""
    rows, windows = [], result.windows
    if undated:
        text = f"{in_a_row(list(dict.fromkeys(undated)))}: measured in waves or as one figure."
        rows.append(Check("undated", "Results without dates, not on the timeline", "info", text))
    if without := windows.loc[windows["change"].isna(), "evaluation"].nunique():
        text = (
            f"Of {many(without, 'result')} it is not known when a change came; no window is drawn."
        )
        rows.append(Check("no_change_date", "Results without a date of change", "info", text))
    if logged := windows.loc[windows["rests_on"] == "log", "evaluation"].nunique():
        text = f"Of {many(logged, 'result')} it is taken from the log of events."
        rows.append(Check("change_from_log", "Date of the change", "info", text))
    return rows
