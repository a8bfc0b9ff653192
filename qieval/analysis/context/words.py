"""Context: the result, its verdict and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from qieval.analysis.context.methods.staffing import STAFFING_CHANGE
from qieval.analysis.context.tables import COUNTS, DECLARED, POINTS, WINDOW_ROWS, WITH_WITHOUT
from qieval.core.periods import label
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.tables import Declaration, Table, names_of
from qieval.core.verdict import DESCRIBED, Verdict
from qieval.core.words import in_a_row, lower_or_higher, many, number, sentence, some_of

_NO_KIND = "other (kind not recorded)"
_MAY_BE_BLANK = ("kind", "level", "source")


@dataclass(frozen=True, eq=False, repr=False)
class ContextResult(Result):
    """Result of :func:`qieval.context`.

    Attributes
    ----------
    points : DataFrame
        One row an event, in the order of the dates: ``date, event, kind, planned`` (planned, not
        planned, not recorded), ``level, source, note, project, team, own`` (the project itself),
        ``number`` (of those that are not).
    estimates : DataFrame
        Counts: ``events, not_planned, in_a_window, results_with_an_event``; ``n`` is of how many.
    windows : DataFrame
        One row a result and change: ``evaluation, project, called, outcome, kind, first, last,
        change, complete, start, end`` (first and last month of the window), ``rests_on``.
    near : DataFrame
        One row a result and event in its window; ``same``: in the month of the change itself;
        ``everywhere``: it concerned all projects.
    with_without : DataFrame
        Average difference of an interrupted time series as reported, and with steps for events.
    staffing : DataFrame
        ``project, team, period, measure, value``; empty if none was given.
    staffing_change : DataFrame
        Means of the year before the first change and since, and the highest month.
    """

    windows: pd.DataFrame
    near: pd.DataFrame
    with_without: pd.DataFrame
    staffing: pd.DataFrame
    staffing_change: pd.DataFrame

    kind: ClassVar[str] = "context"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "An event near a change is no proof that it had an effect, and a log without one is no "
        "proof that nothing else happened.",
        "Estimates with a step for an event rest on the same few points: two changes close "
        "together can hardly be told apart.",
    )

    @property
    def others(self) -> pd.DataFrame:
        """The events that are not the project itself."""
        return self.points[~self.points["own"].astype(bool)]

    @property
    def lanes(self) -> dict[str, pd.DataFrame]:
        """The other events by kind, in the order in which the kinds first come."""
        kinds = self.others["kind"].replace("", _NO_KIND)
        return {
            str(kind): own
            for kind, own in self.others.assign(lane=kinds).groupby("lane", sort=False)
        }

    @property
    def dated(self) -> pd.DataFrame:
        """The results on the timeline, one row each."""
        return self.windows.drop_duplicates("evaluation")

    # ---- the finding ---------------------------------------------------------------------------

    @property
    def verdict(self) -> Verdict:
        """Described: what happened beside results, and no effect of it."""
        counted = self.term("results_with_an_event")
        words = f"{counted.value:.0f} of {counted.n} with another event" if counted.n else ""
        return Verdict(DESCRIBED.kind, DESCRIBED.certainty, words=words)

    def headline(self) -> str:
        """How many results have another event in their window, and which."""
        counted = self.term("results_with_an_event")
        if self.others.empty:
            return "No other event is recorded beside the project itself."
        count = len(self.others)
        events = f"{many(count, 'other event')} {'is' if count == 1 else 'are'} recorded"
        if not counted.n:
            return sentence(f"{events}; no result here says when its change came")
        span = f"within {self.params['window']} months of the change"
        if not counted.value:
            return sentence(f"{events}, none {span} ({many(counted.n, 'result')} looked at)")
        # What happened to the project itself before what concerned everybody.
        which = self.near.drop_duplicates("number").sort_values(["everywhere", "number"])
        return sentence(
            f"something else happened {span} in {counted.value:.0f} of "
            f"{many(counted.n, 'result')}: {events_in_words(which, 2)}"
        )

    def details(self) -> str:
        """Kinds of events, with and without them, staffing, and what must not be read into it."""
        return " ".join(
            [*self._recorded(), *self._estimates_move(), *self._staff(), *self._cautions()]
        )

    def _recorded(self) -> list[str]:
        if self.others.empty:
            return ["Only the project's own beginnings are recorded."]
        kinds = ", ".join(f"{kind} {len(own)}" for kind, own in self.lanes.items())
        unplanned = int(self.term("not_planned").value)
        were = "was" if unplanned == 1 else "were"
        return [
            f"Other events recorded: {len(self.others)} ({kinds}).",
            *([f"{unplanned} of them {were} not planned."] if unplanned else []),
        ]

    def _estimates_move(self) -> list[str]:
        sentences = []
        for _, own in self.with_without.groupby("evaluation", sort=False):
            known = own[own["left_out"] == ""]
            reported = known[known["reported"].astype(bool)]
            steps = known[~known["reported"].astype(bool)]
            if reported.empty or steps.empty:
                continue
            every = steps[steps["model"].str.contains("every listed event")]
            (first,), step = rows_of(reported), next(rows_of(every if len(every) else steps))
            sentences.append(
                f"{first.called}, {first.outcome.lower()}: the average difference is "
                f"{_difference(first)} as reported, and {_difference(step)} {step.model}."
            )
        same = self.near[self.near["same"].astype(bool)].drop_duplicates("number")
        if len(same):
            sentences.append(
                f"In the very month of the change: {events_in_words(same, 3)}. No analysis of "
                "these figures can tell the two apart."
            )
        return sentences

    def _staff(self) -> list[str]:
        rows = self.staffing_change.dropna(subset=["before", "since"])
        if rows.empty or rows["team"].nunique() > 3:
            return []
        sentences = []
        for team, own in rows.groupby("team", sort=False):
            figures = [
                f"{row.measure} {number(row.before, 1)} before, {number(row.since, 1)} since "
                f"(highest {number(row.highest, 1)}, {label(row.when, 'month')})"
                for row in rows_of(own)
            ]
            sentences.append(f"Staffing of {team}, year before the change: {'; '.join(figures)}.")
        return sentences

    def _cautions(self) -> list[str]:
        if self.near.empty:
            return ["That none is recorded does not show that nothing else happened."]
        return ["An event in a window is a reason to doubt, not a proof of its effect."]

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, the lanes, the results and their windows."""
        lanes = [
            f"{kind.capitalize()}: {events_in_words(own, len(own))}"
            for kind, own in self.lanes.items()
        ]
        bars = []
        for evaluation, own in self.windows.groupby("evaluation", sort=False):
            row = next(rows_of(own))
            inside = int((self.near["evaluation"] == evaluation).sum())
            change = (
                f", change in {label(row.change, 'month')}, {many(inside, 'event')} in its window"
                if pd.notna(row.change)
                else ", no date of a change"
            )
            bars.append(
                f"{row.called}, {row.outcome}: {label(row.first, 'month')} to "
                f"{label(row.last, 'month')}{change}"
            )
        staff = (
            f" Below, lines of {in_a_row(list(self.staffing['measure'].unique()))}."
            if len(self.staffing)
            else ""
        )
        return (
            f"{self.headline()} Timeline with a lane for each kind of event and a bar for each "
            f"result. {'. '.join([*lanes, *bars])}.{staff}"
        )

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """How many events and results there are, and every event with what is recorded of it."""
        names = {
            "events": "Other events recorded",
            "not_planned": "Of them not planned",
            "in_a_window": "Of them in the window of a result",
            "results_with_an_event": "Results with another event in their window",
        }
        counts = self.estimates.reset_index()
        counts = counts.assign(what=counts["term"].map(names))
        return (
            Table("estimates", "Events and the results beside them", COUNTS, counts),
            self._events_table(),
        )

    def _events_table(self) -> Table:
        points = self.points
        team = points["team"].where(points["team"] != "", points["project"])
        blank = {name: points[name].replace("", "not recorded") for name in _MAY_BE_BLANK}
        number = points["number"].astype("str").where(~points["own"].astype(bool), "own")
        rows = points.assign(number=number, team=team.replace("", "all"), **blank)
        shown = tuple(column for column in POINTS if column.name not in ("project", "own"))
        return Table("points", "Every event that is recorded", shown, rows)

    def sections(self) -> tuple[Section, ...]:
        """Results and their windows, with and without events, staffing: what the data tell."""
        sections = (self._windows(), self._with_without(), self._staffing())
        return tuple(part for part in sections if part.table is not None and len(part.table))

    def _windows(self) -> Section:
        rows = []
        for evaluation, own in self.windows.groupby("evaluation", sort=False):
            first = next(rows_of(own))
            inside = self.near[self.near["evaluation"] == evaluation]
            changed = own.dropna(subset="change")
            spans = [
                f"{label(row.start, 'month')} to {label(row.end, 'month')}"
                for row in rows_of(changed)
            ]
            none = "none recorded" if len(changed) else ""
            rows.append(
                {
                    "called": first.called,
                    "outcome": first.outcome,
                    "changes": in_a_row([label(day, "month") for day in changed["change"]])
                    or "not known",
                    "windows": "; ".join(spans) or "none",
                    "events": events_in_words(inside) if len(inside) else none,
                }
            )
        table = pd.DataFrame(rows, columns=names_of(WINDOW_ROWS))
        window = self.params["window"]
        return Section(
            "windows",
            "Which results have another event in their window",
            f"A window reaches from {window} months before a change to {window} months after its "
            "transition. Events that concerned everybody count for every project.",
            Table("windows", "Results and the events in their windows", WINDOW_ROWS, table),
        )

    def _with_without(self) -> Section:
        model = self.with_without["model"].astype("str")
        rows = self.with_without.assign(model=model.str[:1].str.upper() + model.str[1:])
        shown = tuple(c for c in WITH_WITHOUT if c.name not in ("evaluation", "reported"))
        if not (rows["left_out"] != "").any():
            shown = shown[:-1]
        caption = "Average difference with and without steps for other events"
        return Section(
            "with_without",
            "With and without the events",
            "The same series, once as reported and once with a step of its own for each event that "
            "was listed in the evaluation. Where the rows disagree, the finding depends on what "
            "the event did, which these figures alone cannot settle.",
            Table("with_without", caption, shown, rows),
        )

    def _staffing(self) -> Section:
        change = self.staffing_change
        whose = change["team"].where(change["team"] != "", change["project"]).replace("", "All")
        shown = tuple(c for c in STAFFING_CHANGE if c.name not in ("project", "change"))
        return Section(
            "staffing",
            "Staffing",
            "Means of the twelve months before the change and of the months since it. They say how "
            "the staffing was while the project ran, not what it did to the results.",
            Table(
                "staffing",
                "Staffing before the change and since",
                shown,
                change.assign(team=whose),
                every="month",
            ),
        )


def events_in_words(events: pd.DataFrame, most: int = 6) -> str:
    """Events with their months: "Two teams merged (May 2018) and budgets cut (April 2018)"."""
    return some_of([f"{row.event} ({label(row.date, 'month')})" for row in rows_of(events)], most)


def _difference(row: Any) -> str:
    return lower_or_higher(row.estimate, row.ci_low, row.ci_high, row.unit)
