"""What else happened beside the results: the tables, and the finding in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.context.near import named
from qieval.core.parts import Part
from qieval.core.periods import label
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, interval, lower_or_higher, many, number, places_of, sentence

_NO_KIND = "other (kind not recorded)"


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

    def headline(self) -> str:
        """How many results have another event in their window, and which."""
        found = self.term("results_with_an_event")
        if self.others.empty:
            return "No other event is recorded beside the project itself."
        events = many(len(self.others), "other event")
        if not found.n:
            return sentence(
                f"{events} {_are(len(self.others))} recorded; no result here says when its change "
                "came"
            )
        span = f"within {self.params['window']} months of the change"
        if not found.value:
            return sentence(
                f"{events} {_are(len(self.others))} recorded, none {span} "
                f"({many(found.n, 'result')} looked at)"
            )
        # What happened to the project itself before what concerned everybody.
        which = self.near.drop_duplicates("number").sort_values(["everywhere", "number"])
        return sentence(
            f"something else happened {span} in {found.value:.0f} of {many(found.n, 'result')}: "
            f"{named(which, 2)}"
        )

    def details(self) -> str:
        """Kinds of events, with and without them, staffing, and what must not be read into it."""
        return " ".join(
            [*self._recorded(), *self._estimates_move(), *self._staff(), *self._cautions()]
        )

    def _recorded(self) -> list[str]:
        if self.others.empty:
            return ["Only the project's own beginnings are recorded."]
        said = [f"{kind} {len(own)}" for kind, own in self.lanes.items()]
        unplanned = int(self.term("not_planned").value)
        text = f"Other events recorded: {len(self.others)} ({', '.join(said)})."
        return [
            text,
            *([f"{unplanned} of them {_were(unplanned)} not planned."] if unplanned else []),
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
                f"In the very month of the change: {named(same, 3)}. No analysis of these figures "
                "can tell the two apart."
            )
        return sentences

    def _staff(self) -> list[str]:
        rows = self.staffing_change.dropna(subset=["before", "since"])
        if rows.empty or rows["team"].nunique() > 3:
            return []
        sentences = []
        for team, own in rows.groupby("team", sort=False):
            said = [
                f"{row.measure} {number(row.before, 0)} before, {number(row.since, 0)} since "
                f"(highest {number(row.highest, 0)}, {label(row.when, 'month')})"
                for row in rows_of(own)
            ]
            sentences.append(f"Staffing of {team}, year before the change: {'; '.join(said)}.")
        return sentences

    def _cautions(self) -> list[str]:
        if self.near.empty:
            return ["That none is recorded does not show that nothing else happened."]
        return ["An event in a window is a reason to doubt, not a proof of its effect."]

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, the lanes, the results and their windows."""
        lanes = [f"{kind.capitalize()}: {named(own, len(own))}" for kind, own in self.lanes.items()]
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

    # ---- tables in words -----------------------------------------------------------------------

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """Every result with its change, its window and the events in it."""
        rows = []
        for evaluation, own in self.windows.groupby("evaluation", sort=False):
            first = next(rows_of(own))
            inside = self.near[self.near["evaluation"] == evaluation]
            changed = own.dropna(subset="change")
            rows.append(
                (
                    first.called,
                    first.outcome,
                    in_a_row([label(day, "month") for day in changed["change"]]) or "not known",
                    "; ".join(_span(row) for row in rows_of(changed)) or "none",
                    named(inside) if len(inside) else "none recorded" if len(changed) else "",
                )
            )
        heads = ["Project", "Measure", "Change began", "Window", "Other events in it"]
        return pd.DataFrame(rows, columns=heads), "Results and the events in their windows"

    def points_in_words(self) -> pd.DataFrame:
        """Every event with what is recorded of it."""
        points = self.points
        numbers = points["number"].astype("str")
        return pd.DataFrame(
            {
                "Number": numbers.where(~points["own"].astype(bool), "own"),
                "When": [label(day, "day") for day in points["date"]],
                "What happened": points["event"],
                "Kind": points["kind"].replace("", "not recorded"),
                "Planned": points["planned"],
                "Level": points["level"].replace("", "not recorded"),
                "Team": points["team"]
                .where(points["team"] != "", points["project"])
                .replace("", "all"),
                "Note": points["note"],
                "Known from": points["source"].replace("", "not recorded"),
            }
        )

    @property
    def part_names(self) -> list[str]:
        """The parts of the page that these data have something to say about."""
        has = {
            "windows": len(self.windows),
            "with_without": len(self.with_without),
            "staffing": len(self.staffing_change),
        }
        return [name for name in _PARTS if has[name]]

    def part(self, name: str) -> Part:
        """A part of the page: windows, with_without or staffing."""
        return _PARTS[name](self)


def _windows_part(result: ContextResult) -> Part:
    table, caption = result.estimates_in_words()
    words = (
        f"A window reaches from {result.params['window']} months before a change to "
        f"{result.params['window']} months after its transition. Events that concerned everybody "
        "count for every project."
    )
    return Part("Which results have another event in their window", words, table, caption)


def _with_without_part(result: ContextResult) -> Part:
    rows = [
        (
            row.called,
            row.outcome,
            row.model[:1].upper() + row.model[1:],
            row.left_out or f"{_number(row)} ({interval(row.ci_low, row.ci_high)})",
            row.unit,
        )
        for row in rows_of(result.with_without)
    ]
    heads = ["Project", "Measure", "Model", "Average difference (interval)", "Unit"]
    return Part(
        "With and without the events",
        "The same series, once as reported and once with a step of its own for each event that was "
        "listed in the evaluation. Where the rows disagree, the finding depends on what the event "
        "did, which these figures alone cannot settle.",
        pd.DataFrame(rows, columns=heads),
        "Average difference with and without steps for other events",
        numbers=heads[3:4],  # type: ignore[arg-type]
    )


def _staffing_part(result: ContextResult) -> Part:
    rows = [
        (
            row.team or row.project or "All",
            row.measure,
            number(row.before, 1),
            number(row.since, 1),
            f"{number(row.highest, 1)} ({label(row.when, 'month')})",
        )
        for row in rows_of(result.staffing_change)
    ]
    heads = ["Team", "Figure", "Year before the change", "Since", "Highest"]
    return Part(
        "Staffing",
        "Means of the twelve months before the change and of the months since it. They say how the "
        "staffing was while the project ran, not what it did to the results.",
        pd.DataFrame(rows, columns=heads),
        "Staffing before the change and since",
        numbers=tuple(heads[2:]),
    )


_PARTS: dict[str, Callable[[ContextResult], Part]] = {
    "windows": _windows_part,
    "with_without": _with_without_part,
    "staffing": _staffing_part,
}


def _number(row: object) -> str:
    low, high = row.ci_low, row.ci_high  # type: ignore[attr-defined]
    return number(row.estimate, places_of(low, high))  # type: ignore[attr-defined]


def _difference(row: object) -> str:
    return lower_or_higher(row.estimate, row.ci_low, row.ci_high, row.unit)  # type: ignore[attr-defined]


def _span(row: object) -> str:
    return f"{label(row.start, 'month')} to {label(row.end, 'month')}"  # type: ignore[attr-defined]


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
