"""Access in a crisis: the result, its verdict and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.crisis_access.methods.demand import DEMAND, WEEKDAYS, with_rates
from qieval.analysis.crisis_access.tables import (
    DECLARED,
    DISTANCES,
    OUTCOMES,
    PLACES,
    POINTS,
    demand_again,
)
from qieval.analysis.waits import WaitsResult
from qieval.analysis.waits.words import BEARING
from qieval.core.config import CONFIDENCE
from qieval.core.curves import with_halves
from qieval.core.effect import Effect
from qieval.core.grouped import GroupedResult
from qieval.core.result import rows_of
from qieval.core.sections import Section
from qieval.core.tables import Declaration, Table, titled
from qieval.core.verdict import Verdict
from qieval.core.words import in_a_row, inside, lower_or_higher, number, sentence


@dataclass(frozen=True, eq=False, repr=False)
class CrisisAccessResult(GroupedResult):
    """Result of :func:`qieval.crisis_access`.

    Attributes
    ----------
    points : DataFrame
        A row a group and outcome: ``group, outcome`` (here, elsewhere, refused, withdrawn),
        ``requests, ended, share, low, high``; of the requests that came to an end.
    estimates : DataFrame
        Terms ``here, elsewhere, refused, withdrawn, time_here, time_elsewhere, requests_a_day``,
        those of groups with ``: <group>`` after them; before and since a change ``change:
        <outcome>`` and ``requests_ratio``; then the terms of the waits.
    groups : tuple of str
        Names of the groups, all together first; or before and since a change.
    access : WaitsResult
        How long people wait, and the target.
    distances : DataFrame
        ``group, elsewhere, known, median_km, total_km``; empty where no distance is known.
    demand : DataFrame
        ``weekday, from_hour, to_hour, requests, hours, rate, low, high``; rate for 100 hours,
        or for a day where the table has no times of day.
    first, last : date
        First and last day that counts.
    dispersion, dispersion_p : float
        Variance over mean of the requests a day, and how often chance gives a larger one.
    """

    access: WaitsResult
    distances: pd.DataFrame
    demand: pd.DataFrame
    first: date
    last: date
    dispersion: float
    dispersion_p: float

    kind: ClassVar[str] = "crisis_access"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "A comparison of before and since a change is no interrupted time series: a trend that was "
        "there anyway, the season, or something else at the same time would look the same.",
        "A short wait is not good by itself: a request may be refused quickly, or a bed far away. "
        "Read what became of requests beside how long they took.",
        "Requests that were never written down are not in it.",
    )

    def made_again(
        self, frames: Mapping[str, pd.DataFrame], parts: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """Requests a day and by time of the week, of the numbers of requests that are shown."""
        estimates = frames["estimates"].set_index("term")
        for term, figures in demand_again(self.estimates, estimates, CONFIDENCE).items():
            estimates.loc[term, [*figures]] = [*figures.values()]
        demand = frames["demand"]
        if len(demand):
            demand = with_rates(demand, CONFIDENCE)[[*demand.columns]]
        return {"estimates": estimates.reset_index(), "demand": demand}

    # ---- the target by period, for a chart -----------------------------------------------------

    @property
    def by_period(self) -> pd.DataFrame:
        """``period, within, known``: the target by period of request, ready for a p or p' chart.

        Periods in which the target had not passed for every request by the extract are left out.
        """
        rows = self.access.periods
        rows = rows[rows["group"].isin(self.main_groups)]
        names = ["within", "known", "too_early"]
        table = rows.groupby("period", as_index=False)[names].sum()
        kept = (table["too_early"] == 0) & (table["known"] > 0)
        return table.loc[kept, ["period", "within", "known"]].reset_index(drop=True)

    @property
    def for_chart(self) -> dict[str, Any]:
        """What a control chart of ``by_period`` is told: `qi.control_chart(…, **for_chart)`."""
        events = list(self.params["events"])
        if self.params["intervention"]:
            events.insert(0, {"date": self.params["intervention"], "event": "The change"})
        return {
            "numerator": "within",
            "denominator": "known",
            "per": 100,
            "direction": "higher",
            "events": events,
            "outcome": f"Within {self.access.target}",
            "unit": "% of requests whose answer is known",
            "setting": self.params["setting"],
        }

    def point(self, group: str, outcome: str) -> dict[str, Any]:
        """The row of the points for a group and outcome."""
        rows = self.points[(self.points["group"] == group) & (self.points["outcome"] == outcome)]
        return {str(name): value for name, value in rows.iloc[0].items()}

    @property
    def events_inside(self) -> list[dict[str, Any]]:
        """The other events that happened in the time looked at."""
        first, last = str(self.first), str(self.last)
        return [
            event for event in self.params["events"] if first <= str(event["date"])[:10] <= last
        ]

    @property
    def days_covered(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day that counts."""
        return pd.Timestamp(self.first), pd.Timestamp(self.last)

    # ---- the finding ---------------------------------------------------------------------------

    @property
    def verdict(self) -> Verdict:
        """Judged by the share within target, since a change and before it; and by other events."""
        aim = self.access.aim_verdict(self.params["aim"])
        verdict = self.verdict_on_difference("higher", (*BEARING, "seasons"), aim)
        if not verdict.claims or not self.params["events"]:
            return verdict
        return replace(verdict, alone=not self.events_inside)

    @property
    def effect(self) -> Effect | None:
        """The difference of the shares within target, where two are compared."""
        effect = self.access.effect
        measure = f"{self.params['outcome']}: within {self.access.target}"
        return effect and replace(effect, measure=measure)

    def headline(self) -> str:
        """The finding in one sentence."""
        care = self.params["care"]
        if not self.before_and_since:
            here, far = (
                self.value_in_words(self.term_of(name, self.groups[0]))
                for name in ("here", "elsewhere")
            )
            return sentence(
                f"{here} of requests ended with {care} here and {far} elsewhere; "
                f"{inside(self.access.headline())}"
            )
        parts = []
        for group in self.groups:
            far = self.value_in_words(self.term_of("elsewhere", group))
            term = self.access.term_of("median", group)
            half = (
                f"half had {care} within {self.access.value_in_words(term)}"
                if np.isfinite(self.term(term).value)
                else f"more than half had no {care.removeprefix('a ').removeprefix('an ')} by the "
                "end"
            )
            parts.append(f"{inside(group)}, {far} of requests were sent elsewhere and {half}")
        return sentence("; ".join(parts))

    def outcome_in_words(self, outcome: str) -> str:
        """An outcome as a heading: "Got a bed here"."""
        return {
            "here": f"Got {self.params['care']} here",
            "elsewhere": "Sent elsewhere",
            "refused": "Refused",
            "withdrawn": "Withdrawn",
        }[outcome]

    def details(self) -> str:
        """What became of requests, how long it took, how far it was, how many came, the aim."""
        parts = [
            *self._changes(),
            self._times(),
            self._within(),
            self._far(),
            self._requests(),
            self.verdict.aim.words,
            "This only sets before and since side by side. It is no interrupted time series, which "
            "would allow for a trend that was there anyway, and cannot say that the change brought "
            "the difference about."
            if self.before_and_since
            else "",
        ]
        return " ".join(part for part in parts if part)

    def _changes(self) -> list[str]:
        clear, unclear = [], []
        for outcome in OUTCOMES:
            term = f"change: {outcome}"
            if term not in self.estimates.index:
                continue
            name, size = self.outcome_in_words(outcome).lower(), self.term(term)
            if size.side:
                unit = "percentage points"
                ends = (100 * size.value, 100 * size.low, 100 * size.high)
                points = lower_or_higher(*ends, unit, places=PLACES[unit])
                clear.append(f"{name}, {points}")
            else:
                unclear.append(name)
        parts = []
        if clear:
            parts.append(sentence(f"share of requests since the change: {'; '.join(clear)}"))
        if unclear:
            which = in_a_row(unclear, last="or")
            parts.append(sentence(f"no clear change of {which}: see the intervals"))
        return parts

    def _sides(self, values: dict[str, str]) -> str:
        """Values of the main groups, the latest first: "5 hours; before the change, 9 hours"."""
        latest_first = [values[group] for group in self.main_groups[::-1] if group in values]
        return "; before the change, ".join(latest_first)

    def _times(self) -> str:
        """Median time of those who got a bed."""
        parts = []
        for outcome, who in (
            ("here", f"who got {self.params['care']} here"),
            ("elsewhere", "sent elsewhere"),
        ):
            terms = {group: self.term_of(f"time_{outcome}", group) for group in self.main_groups}
            values = {
                group: self.value_in_words(term)
                for group, term in terms.items()
                if term in self.estimates.index
            }
            if values:
                parts.append(sentence(f"of those {who}, half had it within {self._sides(values)}"))
        if parts:
            parts.append(
                "The waits in the heading count everybody who asked: those sent elsewhere too, and "
                "those refused or withdrawn for as long as they waited."
            )
        return " ".join(parts)

    def _within(self) -> str:
        """The share within target."""
        terms = {group: self.term_of("within_target", group) for group in self.main_groups}
        values = {
            group: self.access.in_words(term).replace("95% interval ", "")
            for group, term in terms.items()
        }
        return sentence(
            f"within {self.access.target}, of requests whose answer is known: {self._sides(values)}"
        )

    def _far(self) -> str:
        values = {
            row.group: f"{number(row.total_km, 0)} km in all, half of them "
            f"{number(row.median_km, 0)} km or more"
            for row in rows_of(self.distances)
            if row.known and row.group in self.main_groups
        }
        if not values:
            return ""
        return sentence(f"people sent elsewhere went, one way, {self._sides(values)}")

    def _requests(self) -> str:
        terms = {group: self.term_of("requests_a_day", group) for group in self.main_groups}
        values = {
            group: self.value_in_words(term).removesuffix(" requests a day")
            for group, term in terms.items()
        }
        return sentence(f"requests a day: {self._sides(values)}")

    # ---- the figures ---------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then each dot."""
        where = f", {self.params['setting']}" if self.params["setting"] else ""
        parts = []
        for outcome in OUTCOMES:
            shares = [
                f"{self.value_in_words(self.term_of(outcome, group))} {inside(group)}"
                for group in self.groups
                if np.isfinite(self.term(self.term_of(outcome, group)).value)
            ]
            parts.append(f"{self.outcome_in_words(outcome)}: {in_a_row(shares)}.")
        return (
            f"{self.headline()} Dots with their 95% intervals: what became of requests for "
            f"{self.params['care']}{where}, in percent of those that came to an end. "
            f"{' '.join(parts)}"
        )

    def view_words(self, view: str) -> tuple[str, str]:
        """Title of the view of waits or of demand, and what it shows."""
        if view != "waits":
            return self._busiest()
        return (
            self.access.headline(),
            f"Share of people still waiting for {self.params['care']}, by {self.access.clock} "
            "since the request (Kaplan-Meier); people refused, withdrawn or still waiting count "
            f"for as long as they waited. Upright line: the target of {self.access.target}.",
        )

    @property
    def _whole_days(self) -> bool:
        return bool((self.demand["to_hour"] - self.demand["from_hour"] == 24).all())

    def _busiest(self) -> tuple[str, str]:
        shown = self.demand.dropna(subset=["rate"]).sort_values("rate", kind="stable")
        hidden = len(self.demand) - len(shown)
        few = f" “few”: fewer than {self.params['few']} requests, not shown." if hidden else ""
        if shown.empty:
            return "Too few requests to say when they come", f"Nothing is shown.{few}"
        quietest, busiest = shown.iloc[0], shown.iloc[-1]
        a_day = self._whole_days
        what = "a day of that weekday" if a_day else "in 100 hours of that weekday and time of day"
        title = (
            f"Most requests come on {_time_of(busiest)}: "
            f"{number(float(busiest['rate']), 1)} {'a day' if a_day else 'in 100 such hours'}"
        )
        text = (
            f"Figures: requests {what}. Fewest of those shown: "
            f"{number(float(quietest['rate']), 1)} on {_time_of(quietest)}.{few} Single figures "
            "rest on few requests: see the intervals in the table."
        )
        return title, text

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """What became of requests, how soon and how many came; and the rows behind the figure."""
        clock, care = self.access.clock, self.params["care"]
        names: dict[str, str] = {}
        for outcome in OUTCOMES:
            what = self.outcome_in_words(outcome)
            names |= {outcome: what, f"change: {outcome}": f"{what}: since less before"}
        names |= {
            "time_here": f"Half of those who got {care} here had it within",
            "time_elsewhere": "Half of those sent elsewhere had it within",
            "requests_a_day": "Requests a day",
            "requests_ratio": "Requests a day: since over before",
        }
        caption = (
            f"What became of requests that came to an end, how soon (in {clock}), and how many "
            "came."
        )
        rows = with_halves(self.figures(names, PLACES))
        figures = self.figures_table(rows, caption, "Requests")
        columns = (POINTS[1], POINTS[0], *POINTS[2:])
        words = {outcome: self.outcome_in_words(outcome) for outcome in OUTCOMES}
        points = self.points.assign(outcome=self.points["outcome"].map(words))
        return figures, Table("points", "The points of the figure", columns, points)

    def sections(self) -> tuple[Section, ...]:
        """How long people wait, how far away they are sent, and when requests come."""
        waits = Section(
            "waits",
            f"How long people wait for {self.params['care']}",
            self.access.details(),
            self.access.table("estimates"),
            "waits",
        )
        far = Section(
            "distance",
            "How far away",
            "Kilometres from home, one way, of people sent elsewhere. Visits of family and staff "
            "come on top of it.",
            Table("distance", "Distance of people sent elsewhere", DISTANCES, self.distances),
        )
        title, text = self._busiest()
        demand = Section(
            "demand", "When requests come", f"{title}. {text}", self._demand_table(), "demand"
        )
        return (waits, demand) if self.distances.empty else (waits, far, demand)

    def _demand_table(self) -> Table:
        clock = {f"{name}_hour": self.demand[f"{name}_hour"] for name in ("from", "to")}
        rows = self.demand.assign(
            weekday=[WEEKDAYS[int(day)] for day in self.demand["weekday"]],
            **{name: [f"{int(hour)}:00" for hour in hours] for name, hours in clock.items()},
        )
        columns = titled(DEMAND, rate="A day" if self._whole_days else "In 100 hours")
        columns = tuple(column for column in columns if column.name != "hours")
        caption = "Requests by weekday and time of day, with 95% intervals"
        return Table("demand", caption, columns, rows, missing="not shown")


def _time_of(row: pd.Series) -> str:
    """A time of the week: "Fridays from 18:00 to 21:00"."""
    weekday, start, end = (int(row[name]) for name in ("weekday", "from_hour", "to_hour"))
    day = f"{WEEKDAYS[weekday]}s"
    return day if end - start == 24 else f"{day} from {start}:00 to {end}:00"
