"""What an interrupted time series found: its verdict, and the words that say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.its import tables
from qieval.analysis.its.checks import WAVE_WORDS
from qieval.analysis.its.methods import diagnostics, false_claims
from qieval.analysis.its.methods.decision import AT_ONCE_CONFIDENCE, Finding, decide
from qieval.analysis.its.tables import Span
from qieval.core import periods
from qieval.core.aim import judge_series, read_aim, sides_of
from qieval.core.checks import check_of, status_of
from qieval.core.effect import Effect, effect_of
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.sustained import ADDED, Sustained, lasting_section, no_lasting, sustained_of
from qieval.core.tables import Declaration, Table, titled
from qieval.core.verdict import AimVerdict, Kind, Verdict, kind_of_change
from qieval.core.words import (
    in_a_row,
    interval,
    lower_or_higher,
    many,
    number,
    places_of,
    sentence,
)
from qieval.core.worth import read_unit_cost, worth_section

OFTEN_MISSED = 1.43
"""An average below this many half widths is missed more often than 1 time in 5: 2.8 / 1.96."""

RESERVATIONS: dict[str, str] = {
    "few_events": "there are too few events to allow for a trend",
    "other_events": "something else changed at the same time",
    "placebo_dates": "dates at which nothing happened look like changes as well",
    "autocorrelation": "the level also wanders by itself",
    "points_a_side": "there are few points",
    "yearly_wave": "a yearly wave cannot be told from a change",
    "known_failure": "series like this one are often called changed where nothing changed",
    "overlapping_values": "the values may overlap",
    "exposure": "some months rest on far smaller denominators",
    "dispersion": "the counts vary more than the model allows for",
    "residual_pattern": "the model leaves a pattern unexplained",
    "control_trend": "the control ran in another direction before",
}
"""Checks that bear on the answer, the gravest first, and what the sentence says if one warns."""

_FEW_FOR_LASTING = "There are too few events to compare what came first with what came later."


@dataclass(frozen=True, eq=False, repr=False)
class ITSResult(Result):
    """Result of :func:`qieval.interrupted_time_series`.

    Attributes
    ----------
    points : DataFrame
        One row a calendar period: ``time, value, phase`` (before, transition, after),
        ``used, period_after, fitted, counterfactual, counterfactual_low, counterfactual_high,
        residual``.
    estimates : DataFrame
        Terms of the model and its effects; ``level_change_99`` is the change at once with the 99 %
        interval at which it may claim.
    span : Span
        Where the change lies on the calendar, and what is measured.
    rho : float or None
        Autocorrelation of neighbouring periods: the value as likely too low as too high, or the
        REML or ML estimate where that method was asked for.
    covariances : DataFrame
        Covariance of the model's coefficients: ``term, other, covariance``.
    spread : DataFrame
        The same question asked with other defensible choices.
    placebo : DataFrame
        The same model at dates before the intervention, where nothing happened.
    influence : DataFrame
        How the level change would be without each point.
    residuals : DataFrame
        Residuals, made free of the autocorrelation that the model allows for.
    comparisons : DataFrame
        With controls: level change and average effect by each way of using them.
    near : DataFrame
        Other events that could explain the change: ``date, event, when``.
    lasting : DataFrame
        The effect at first and that of a year on (or as long after the change as is seen), and the
        share that was kept: ``term, start, end, estimate, ci_low, ci_high, unit, n``.
    """

    span: Span
    rho: float | None
    covariances: pd.DataFrame
    spread: pd.DataFrame
    placebo: pd.DataFrame
    influence: pd.DataFrame
    residuals: pd.DataFrame
    comparisons: pd.DataFrame
    near: pd.DataFrame
    lasting: pd.DataFrame = field(default_factory=no_lasting, metadata={ADDED: True})

    kind: ClassVar[str] = "interrupted_time_series"
    follows: ClassVar[dict[str, tuple[str, ...]]] = {
        "points.value": (
            *("residuals.residual", "influence.level_change_without", "influence.shift_in_se"),
            "points.residual",
        )
    }

    def made_again(
        self, frames: Mapping[str, pd.DataFrame], parts: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """Residuals of the values that are shown, and roughly what each point weighs.

        With the model both would give every exact value back.
        """
        points = frames["points"]
        left = points["value"] - points["fitted"]
        if np.array_equal(points["value"], self.points["value"], equal_nan=True):
            return {}
        exact = pd.Series(self.points["residual"].to_numpy(), self.points["time"].to_numpy())
        ratio = pd.Series(left.to_numpy(), points["time"].to_numpy()) / exact.where(exact != 0)
        residuals, influence = frames["residuals"], frames["influence"]
        again = residuals["residual"] * residuals["time"].map(ratio).to_numpy()
        shift = influence["shift_in_se"].round(1)
        known = self.influence.dropna()
        se, level = np.polyfit(known["shift_in_se"], known["level_change_without"], 1)
        return {
            "points": points.assign(residual=left.where(points["residual"].notna())),
            "residuals": residuals.assign(residual=again),
            "influence": influence.assign(
                shift_in_se=shift,
                level_change_without=(level + shift * se).where(
                    influence["level_change_without"].notna()
                ),
            ),
        }

    checks_kept: ClassVar[tuple[str, ...]] = (
        *("points_a_side", "missing_periods", "wash_out", "autocorrelation", "residual_pattern"),
        *("yearly_wave", "placebo_dates", "other_events", "distribution"),
        *("dispersion", "few_events", "known_failure", "overlapping_values", "exposure"),
    )
    limits: ClassVar[tuple[str, ...]] = (
        "This compares a place with its own past. It cannot show by itself why something changed.",
    )
    declared: ClassVar[tuple[Declaration, ...]] = tables.DECLARED

    @property
    def vcov(self) -> pd.DataFrame:
        """Covariance matrix of the coefficients, by their names."""
        names = self.covariances["term"].unique()
        wide = self.covariances.pivot(index="term", columns="other", values="covariance")
        return wide.loc[names, names]

    # ---- the verdict ---------------------------------------------------------------------------

    @cached_property
    def finding(self) -> Finding:
        """What was found by :mod:`.methods.decision`; "described" if nothing was tested."""
        if not self.span.tested:
            return "described"
        end, smallest = self.term(self.span.end), self.params["smallest"]
        if self._asks_at_once:
            step = self.term(self.span.at_once)
            return decide((-np.inf, np.inf), step, end, smallest, asked=step)
        return decide(self.term("average_effect"), self.term("level_change_99"), end, smallest)

    @cached_property
    def verdict(self) -> Verdict:
        """Judged by the primary quantity; else by the change at once at 99 %."""
        aim = self._aim()
        if self.finding == "described":
            return Verdict("described", "not tested", aim=aim)
        term = self._claiming
        side = self.term(term).side
        kind, words = self._kind(side)
        claims = self.finding not in ("unclear", "no_important_change")
        doubted = self._reservations() or self.finding == "average_after_opposite_start"
        return Verdict(
            kind,
            "with reservations" if doubted else "clear",
            alone=not self.near["explains"].any() if claims and self.params["events"] else None,
            term=term,
            size=self.term(term),
            aim=aim,
            words=words,
            sustained=self._sustained(side if claims else 0),
        )

    def _sustained(self, side: int) -> Sustained:
        """Whether the first change lasted, until the next one began or it ended."""
        span, last, stopped = self.span, self.points["time"].iloc[-1], ""
        ends = [(day, "another change began") for day in span.first_after[1:2]]
        ends += [(day, "the change itself ended") for day in span.ended[:1]]
        if ends:
            day, what = min(ends)
            last = periods.shift(day, -1, span.every)
            stopped = f"In {self._period(day)} {what}, before a year had passed"
        elif span.few_events:
            return Sustained("cannot tell" if side else "none", because=_FEW_FOR_LASTING)
        return sustained_of(
            self.lasting,
            side,
            span.first_after[0],
            last,
            span.every,
            stopped=stopped,
            may_last=self._claiming == "average_effect",
        )

    def sections(self) -> tuple[Section, ...]:
        """Whether the change lasted, and what bed days are worth."""
        every, confidence = self.span.every, self.params["confidence"]
        cost = read_unit_cost(self.params.get("unit_cost"))
        total = self.term("cumulative_effect") if self.span.tested and cost else None
        return (
            *lasting_section(self.lasting, self.verdict.sustained, every, confidence),
            *worth_section(total, cost),
        )

    def _kind(self, side: int) -> tuple[Kind, str]:
        """The kind of the verdict, and its words for a cell where the kind does not say enough."""
        moved = "fell" if side < 0 else "rose"
        finding = self.finding
        if finding in ("average", "average_after_opposite_start"):
            return kind_of_change(side, self.params["direction"]), ""
        if finding == "average_reversed":
            return "changed", f"{'lower' if side < 0 else 'higher'} on average, then the opposite"
        if finding == "at_once_reversed":
            return "changed", f"{moved} at once, then the opposite"
        if finding == "at_once":
            return "changed", f"{moved} at once"
        return "no clear change", "no important change" if finding == "no_important_change" else ""

    @property
    def _asks_at_once(self) -> bool:
        """Whether the change at once was declared as what is asked."""
        return bool(self.params["primary"] == "level_change")

    @property
    def _claiming(self) -> str:
        """The term that the verdict rests on."""
        if self._asks_at_once:
            return self.span.at_once
        at_once = self.finding in ("at_once", "at_once_reversed")
        return "level_change_99" if at_once else "average_effect"

    def _reservations(self) -> list[str]:
        """What speaks against relying on the finding, the gravest first."""
        clauses = []
        for check, clause in RESERVATIONS.items():
            status = status_of(self.checks, check)
            if status in ("warn", "fail"):
                later = check == "other_events" and status == "warn"
                clauses.append("something else changed later in these months" if later else clause)
        at_once = self._claiming != "average_effect"
        if at_once and status_of(self.checks, "single_points") == "warn":
            clauses.append("it hangs on a single point")
        months = periods.noun(self.span.every, 2)
        return [clause.replace("months", months) for clause in clauses]

    @property
    def dates_of_change(self) -> tuple[tuple[pd.Timestamp, pd.Timestamp], ...]:
        """When each change began, and the first period with its effect."""
        return tuple(zip(self.span.given, self.span.first_after, strict=True))

    def _aim(self) -> AimVerdict:
        """Whether the aim was reached: the mean of the last periods against that before."""
        aim = read_aim(self.params["aim"])
        if not aim:
            return AimVerdict()
        sides = self.points["phase"].isin(["before", "after"])
        known = self.points[self.points["value"].notna() & sides]
        if self.params["control"]:
            known = known.iloc[:0]  # the points are differences from the control
        before, after = sides_of(aim, known, self.span.given[0], self.span.every)
        return judge_series(
            aim,
            before,
            after,
            every=self.span.every,
            unit=self.span.unit,
            direction=self.params["direction"],
        )

    @property
    def effect(self) -> Effect:
        """The average difference, which a roll-up counts and averages."""
        parts = tuple(_plain(self.params[p]) for p in ("value", "denominator", "per", "control"))
        relative, relative_se = np.nan, np.nan
        if "relative_effect" in self.estimates.index:
            share = self.estimates.loc["relative_effect"].to_dict()
            relative, relative_se = float(share["estimate"]), float(share["se"])
        return Effect(
            measure=str(self.params["outcome"]),
            definition=("average difference", self.span.unit, *parts),
            **effect_of(self.estimates.loc["average_effect"]),
            unit=self.span.unit,
            direction=str(self.params["direction"]),
            reason="" if self.span.tested else "too few points on one side to test a change",
            relative=relative,
            relative_se=relative_se,
            events_near=tuple(self.near["event"]) if self.params["events"] else None,
            takes_events=True,
        )

    @property
    def false_claim(self) -> float | None:
        """The share of series so long and with so much memory of which a change is claimed.

        None where nothing was tested, and for methods other than the default.
        """
        events = self.span.family != "gaussian"
        calibrated = self.span.family == "events" or self.params["method"] == "integrated"
        if not self.span.tested or not calibrated or self._asks_at_once:
            return None
        return false_claims.chance(events, int(self.points["used"].sum()), self.rho or 0.0)

    # ---- figures in words ----------------------------------------------------------------------

    @cached_property
    def _shown(self) -> dict[str, tuple[float, float, float, int, str]]:
        """Every estimate with the decimals and the unit that the table shows, by term."""
        table = self._estimates_table()
        return {
            row.term: (row.estimate, row.ci_low, row.ci_high, places, row.unit)
            for row, places in zip(rows_of(table.rows), table.places("estimate"), strict=True)
        }

    def _size(self, term: str) -> str:
        value, _, _, places, unit = self._shown[term]
        return f"{number(abs(value), places)} {unit}"

    def _reach(self, term: str) -> str:
        """The interval of a change, without its sign."""
        _, low, high, places, _ = self._shown[term]
        near, far = sorted((abs(low), abs(high)))
        return interval(near, far, places)

    def _difference(self, term: str) -> str:
        value, low, high, places, unit = self._shown[term]
        return lower_or_higher(value, low, high, unit, places=places)

    def _count(self, count: int) -> str:
        """A number of periods: "24 months"."""
        return many(count, periods.noun(self.span.every), periods.noun(self.span.every, 2))

    @property
    def _averaged(self) -> str:
        return self._count(self.term("average_effect").n)

    @property
    def _measured(self) -> str:
        control = " compared with the control" if self.params["control"] else ""
        return f"{self.params['outcome']}{control}"

    def _period(self, day: pd.Timestamp) -> str:
        return periods.label(day, self.span.every)

    @property
    def _last_counted(self) -> str:
        return self._period(self.span.last_counted)

    @property
    def _confidence(self) -> str:
        return f"{100 * self.params['confidence']:g}%"

    @property
    def _surer(self) -> str:
        """The confidence at which the change at once may claim."""
        return f"{100 * max(AT_ONCE_CONFIDENCE, self.params['confidence']):g}%"

    @property
    def medians(self) -> tuple[float, float]:
        """Middle values before and after the change; after one that ended is neither."""
        used = self.points[self.points["used"].astype(bool)]
        middle = used.groupby("phase")["value"].median()
        return float(middle["before"]), float(middle["after"])

    # ---- the finding in words ------------------------------------------------------------------

    def headline(self) -> str:
        """The finding in one sentence; the gravest reservation belongs to it."""
        finding = f"{self._in_words()}{self._later_changes()}"
        if self.verdict.claims and self._reservations():
            finding = f"{finding}; {self._reservations()[0]}"
        return sentence(finding)

    def _later_changes(self) -> str:
        """That the finding is about the first of several changes, and when the others were."""
        if len(self.span.given) < 2:
            return ""
        first, *later = (self._period(day) for day in self.span.given)
        which = "the second" if len(later) == 1 else f"the {len(later)} later ones"
        return f"; this is about the change of {first}, not {which}, of {in_a_row(later)}"

    def _in_words(self) -> str:
        what, change, finding = self._measured, self.params["change"], self.finding
        if finding == "described":
            before, after = (number(median) for median in self.medians)
            return (
                f"{what}: too few {periods.noun(self.span.every, 2)} to test a change (middle "
                f"value {before} {self.span.unit} before {change}, {after} after)"
            )
        if finding == "unclear":
            few = "too few events to allow for a trend, and " if self.span.few_events else ""
            step = " at once" if self._asks_at_once else ""
            return f"{what}: {few}a change{step} after {change} can be neither shown nor ruled out"
        if finding == "no_important_change":
            size = f"{number(self.params['smallest'])} {self.span.unit}"
            asked = f"an average difference of {size} or more over {self._averaged}"
            if self._asks_at_once:
                asked = f"a change at once of {size} or more"
            return f"{what}: after {change}, {asked} is ruled out"
        down = self.term(self._claiming).value < 0
        opposite = "higher" if down else "lower"
        if finding in ("at_once", "at_once_reversed"):
            return self._step(down, opposite)
        side = "lower" if down else "higher"
        found = (
            f"{what}: {self._size('average_effect')} {side} than expected after {change}, "
            f"on average over {self._averaged}"
        )
        if finding == "average_reversed":
            return f"{found}, but {opposite} than expected by {self._last_counted}"
        if finding == "average_after_opposite_start":
            return f"{found}, after a {'rise' if down else 'fall'} at first"
        return found

    def _step(self, down: bool, opposite: str) -> str:
        """A change at once; never that it lasted.

        Nothing is said of an average that was not asked for: its interval is in the details.
        """
        term = self._claiming
        level = self._confidence if term != "level_change_99" else self._surer
        step = (
            f"{self._measured} {'fell' if down else 'rose'} by {self._size(term)} at once after "
            f"{self.params['change']} ({level} interval {self._reach(term)})"
        )
        over = f"over {self._averaged}"
        if self.finding == "at_once_reversed":
            be = "were" if self._plural else "was"
            step = f"{step}, but {be} {opposite} than expected by {self._last_counted}"
            if not self._asks_at_once:
                step = f"{step}; a difference {over} can be neither shown nor ruled out"
            return step
        if self._asks_at_once:
            return step
        return f"{step}; whether it made a difference {over} cannot be said"

    @property
    def _plural(self) -> bool:
        return self.params["outcome"].rstrip(")").endswith("s")

    def details(self) -> str:
        """How sure the finding is, whether it lasted and what it can be put down to."""
        if self.finding == "described":
            text = (
                f"With {self._count(self.span.points_a_side)} on one side a real change and chance "
                "look alike, so no test was made."
            )
            return " ".join([text, *self._cautions()])
        return " ".join(
            [
                *self._sizes(),
                *self._wanted(),
                *self._ending(),
                *self._later_sizes(),
                *self._cautions(),
                *self._doubts(),
            ]
        )

    def _sizes(self) -> list[str]:
        parts = [
            f"At once the difference was {self._difference(self.span.at_once)}; over the "
            f"{self._averaged} after it the average was {self._difference('average_effect')} than "
            f"expected from before ({self._confidence} intervals)."
        ]
        average = self.term("average_effect")
        if average.side and "relative_effect" in self._shown and self.term("relative_effect").side:
            value, low, high, places, _ = self._shown["relative_effect"]
            size, *ends = (number(abs(end), places) for end in (value, low, high))
            near, far = ends if value > 0 else reversed(ends)
            side = "lower" if value < 0 else "higher"
            parts.append(f"That is {size}% {side} ({near}% to {far}%).")
        if average.side and self.span.in_beds:
            value, _, _, places, unit = self._shown["cumulative_effect"]
            beds = number(abs(average.value), self._shown["average_effect"][3])
            fewer = "fewer" if value < 0 else "more"
            parts.append(
                f"In all that is {number(abs(value), places)} {unit} {fewer} "
                f"({self._reach('cumulative_effect')}), or about {beds} beds."
            )
        if self.finding == "unclear":
            term, asked = "average_effect", "average difference"
            if self._asks_at_once:
                term, asked = self.span.at_once, "change at once"
            _, low, high, places, unit = self._shown[term]
            missed = number(OFTEN_MISSED * (high - low) / 2, places)
            parts.append(
                "The interval is the honest answer: within it, both a real change and none at all "
                f"fit these data. This does not show that nothing changed: a true {asked} below "
                f"{missed} {unit} would have been missed more often than 1 time "
                "in 5."
            )
        return parts

    def _wanted(self) -> list[str]:
        kind = self.verdict.kind
        if kind not in ("improved", "worse"):
            return []
        return [f"This is {'' if kind == 'improved' else 'not '}the direction hoped for."]

    def _ending(self) -> list[str]:
        """Where it stood in the end, which is described and claims nothing."""
        parts = []
        last = self.term(self.span.end)
        if self.finding not in ("unclear", "no_important_change") or last.side:
            hint = "" if self.verdict.claims else "; that alone is a hint and no finding"
            parts.append(
                f"In {self._last_counted} the difference was {self._difference(self.span.end)} "
                f"than expected{hint}."
            )
        level, passed = tables.passed_again(self.points, self.span.every)
        if passed is not None:
            parts.append(
                f"The level of the year before the change ({number(level)} {self.span.unit}) was "
                f"passed again in {self._period(passed)}."
            )
        return parts

    def _later_sizes(self) -> list[str]:
        """How large the differences after later changes were, which claim nothing."""
        parts = []
        for which, day in enumerate(self.span.given[1:], start=2):
            average, step = f"average_effect_{which}", f"{self.span.at_once}_{which}"
            if {average, step} <= self._shown.keys():
                parts.append(
                    f"After the change of {self._period(day)} the difference was "
                    f"{self._difference(step)} at once and {self._difference(average)} on average "
                    f"over {self._count(self.term(average).n)}, against what was expected without "
                    "it; this is described and claims nothing."
                )
        return parts

    def _cautions(self) -> list[str]:
        parts = []
        for when, words in [
            ("at the same time", "Something else happened at the same time"),
            ("later", "Something else happened later in the periods that are averaged"),
        ]:
            could = (self.near["when"] == when) & self.near["explains"]
            names = self.near.loc[could, "event"].tolist()
            if names:
                parts.append(
                    f"{words} ({in_a_row(names)}), so what is seen cannot be put down to "
                    f"{self.params['change']} alone."
                )
        if status_of(self.checks, "yearly_wave") == "warn":
            parts.append(WAVE_WORDS)
        if status_of(self.checks, "known_failure") == "warn":
            parts.append(check_of(self.checks, "known_failure").detail)
        return parts

    def _doubts(self) -> list[str]:
        """Reservations that are not told elsewhere."""
        told = ("something else", RESERVATIONS["yearly_wave"], RESERVATIONS["known_failure"])
        clauses = [clause for clause in self._reservations() if not clause.startswith(told)]
        if not clauses:
            return []
        return [f"Read this with reservations: {in_a_row(clauses)}; see the checks."]

    # ---- the figures ---------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the points, lines and marks."""
        every, given = self.span.every, self.span.given
        seen = self.points[self.points["value"].notna()]
        start = in_a_row([periods.label(day, every) for day in given])
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        values = seen["value"]
        return " ".join(
            [
                self.headline(),
                f"Chart of {self._measured.lower()}{where}, one point a "
                f"{periods.noun(every)} from {periods.label(seen['time'].iloc[0], every)} to "
                f"{periods.label(seen['time'].iloc[-1], every)} ({len(seen)} points, between "
                f"{number(values.min())} and {number(values.max())} {self.span.unit}).",
                f"{'Vertical lines mark' if len(given) > 1 else 'A vertical line marks'} "
                f"{self.params['change']} in {start}.",
                "Solid lines show the model before and after; a dashed line with a shaded band "
                "shows what was expected without the change."
                if self.span.tested
                else "Horizontal lines show the middle value before and after.",
            ]
        )

    def view_words(self, view: str) -> tuple[str, str]:
        """Title and text of the spread or the diagnostics."""
        if view == "spread":
            return "Would other choices have given another answer?", self._spread_words()
        clear, dates = int(self.placebo["clear"].sum()), len(self.placebo)
        placebo = (
            f"Of {dates} dates beforehand at which nothing happened, {clear} would have been taken "
            "for a change."
            if dates
            else "There are too few periods beforehand to try other dates."
        )
        return (
            "How well does the model fit?",
            f"{placebo} {check_of(self.checks, 'single_points').detail}",
        )

    def _spread_words(self) -> str:
        rows = self.spread_at_once()
        low, high = float(rows["estimate"].min()), float(rows["estimate"].max())
        clear = int(((rows["ci_low"] > 0) | (rows["ci_high"] < 0)).sum())
        tested = f"; {clear} of them find it clear of zero" if self.span.tested else ""
        return (
            f"{len(rows)} defensible choices put the change at once between "
            f"{number(low, places_of(low, high))} and {number(high, places_of(low, high))} "
            f"{self.span.unit}{tested}."
        )

    def spread_at_once(self) -> pd.DataFrame:
        """The change at once by every choice that the data can carry."""
        rows = self.spread[self.spread["term"] == self.span.at_once]
        return rows[rows["left_out"] == ""].reset_index(drop=True)

    def autocorrelations(self) -> pd.DataFrame:
        """Autocorrelations of the residuals: ``lag, autocorrelation, band``."""
        residual = self.residuals["residual"].to_numpy()
        lags = max(1, min(12, len(residual) // 4))
        return diagnostics.autocorrelations(residual, lags, self.params["confidence"])

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """Estimates, other choices, comparisons with controls where there are any, and points."""
        controlled = [self._comparisons_table()] if self.params["control"] else []
        return (
            self._estimates_table(),
            self._spread_table,
            *controlled,
            self._points_table(),
        )

    @property
    def _interval_head(self) -> str:
        return f"Estimate ({self._confidence} interval)"

    def _estimates_table(self) -> Table:
        caption = "Differences from what was expected without the change; minus means lower."
        if not self.span.tested:
            caption += " For information only: there are too few points for a test."
        return Table(
            "estimates",
            caption,
            titled(tables.ESTIMATES_SHOWN, estimate=self._interval_head),
            tables.named_estimates(self.estimates, self.span.every, self._surer),
            ids="term",
        )

    @cached_property
    def _spread_table(self) -> Table:
        caption = (
            f"Unit: {self.span.unit}; {self._confidence} intervals. If the rows disagree, the "
            "finding depends on choices that the data cannot settle. Harmonic pair: a wave that "
            "comes back every year. Wash-out: periods after the change that are left out."
        )
        rows = tables.wide_spread(self.spread)
        return Table("sensitivity", caption, tables.SPREAD_SHOWN, rows, missing="not possible")

    def _comparisons_table(self) -> Table:
        names = in_a_row(self.params["control"])
        return Table(
            "comparisons",
            f"Compared with {names}, which had everything but {self.params['change']}",
            titled(tables.COMPARISONS_SHOWN, estimate=self._interval_head),
            tables.named_comparisons(self.comparisons),
            missing="not possible",
        )

    def _points_table(self) -> Table:
        after = self.points["period_after"] > 0
        columns = titled(
            tables.POINTS_SHOWN,
            time=periods.noun(self.span.every).capitalize(),
            value=f"{self.params['outcome']} ({self.span.unit})",
        )
        return Table(
            "points",
            "The points of the figure",
            columns if self.span.tested else columns[:2],
            self.points.assign(expected=self.points["counterfactual"].where(after)),
            every=self.span.every,
            missing="no value",
        )


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
