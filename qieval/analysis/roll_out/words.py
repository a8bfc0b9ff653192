"""What a roll-out found: its verdict, and the words that say it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.roll_out import tables
from qieval.analysis.roll_out.tables import Span
from qieval.core import periods
from qieval.core.checks import certainty_of, status_of
from qieval.core.effect import Effect, effect_of
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.sustained import Sustained, ends_of, judge
from qieval.core.tables import Column, Declaration, Table, titled
from qieval.core.verdict import Verdict, kind_of_change
from qieval.core.words import inside, interval, lower_or_higher, number, percent, sentence
from qieval.core.worth import read_unit_cost, worth_section

BEARING = {
    "before_trend": "they were on another way already before they started",
    "order_of_starts": "those that stood worst or best began first",
    "other_events": "something else happened at the same time",
    "leave_one_out": "much of it hangs on one of them",
    "left_out": "some could not be compared",
    "enough_units": "they are few",
    "missing_periods": "many values are missing",
}
"""Checks that bear on the answer, the gravest first, and what the sentence says if one warns."""

WAYS = {
    "headline": "Compared with those not started yet (reported above)",
    "two_way": "One constant effect for all (two-way model)",
    "pooled": "Each by itself as an interrupted time series, averaged",
}


@dataclass(frozen=True, eq=False, repr=False)
class RollOutResult(Result):
    """Result of :func:`qieval.roll_out`.

    Attributes
    ----------
    points : DataFrame
        One row a unit and period, units by their start: ``unit, time, since`` (periods since the
        start, the first being 0), ``phase, value, denominator, predicted, difference``; the last
        two only where they can be told.
    estimates : DataFrame
        Terms ``average_effect, relative_effect``; ``effect_a_year_on`` where there is one, and
        ``share_kept`` of the first half-year's effect in the same units.
    by_unit : DataFrame
        One row a unit: start, periods, its own difference, its interrupted time series by itself
        (``single``), and the effect without it.
    profile : DataFrame
        The effect by periods since the start (``since`` to ``up_to``).
    networks : DataFrame
        The effect by network; without an interval where one has too few units for a test.
    sensitivity : DataFrame
        The same question asked in other ways, which are not relied on.
    span : Span
        What it is made of.
    """

    by_unit: pd.DataFrame
    profile: pd.DataFrame
    networks: pd.DataFrame
    sensitivity: pd.DataFrame
    span: Span

    kind: ClassVar[str] = "roll_out"
    declared: ClassVar[tuple[Declaration, ...]] = tables.DECLARED
    follows: ClassVar[dict[str, tuple[str, ...]]] = {
        "points.value": ("points.difference", "by_unit.difference")
    }
    checks_kept: ClassVar[tuple[str, ...]] = (
        *("enough_units", "left_out", "compared", "assumption", "before_trend", "leave_one_out"),
        *("order_of_starts", "other_events", "missing_periods", "distribution"),
    )
    limits: ClassVar[tuple[str, ...]] = (
        "Nobody drew lots for who starts when. If those began first that were about to change "
        "anyway, the answer is wrong, however narrow its interval.",
        "A unit that has not started may have heard of the change already; that makes the "
        "difference smaller.",
    )

    @property
    def size(self) -> int:
        """Units that are compared."""
        return len(self.by_unit)

    @property
    def called(self) -> str:
        """What the units are called, in the plural."""
        return "networks" if self.span.of_networks else str(self.params["called"])

    @property
    def verdict(self) -> Verdict:
        """Judged by the interval of the average effect."""
        effect = self.term("average_effect")
        kind = kind_of_change(effect.side, self.params["direction"])
        alone = None
        if effect.side and self.params["events"]:
            alone = status_of(self.checks, "other_events") != "warn"
        return Verdict(
            kind,
            certainty_of(self.checks, BEARING),
            alone=alone,
            term="average_effect",
            size=effect,
            sustained=self._sustained(effect.side),
        )

    def _sustained(self, side: int) -> Sustained:
        """Whether the change lasted, by the effect of a year on."""
        if not side:
            return Sustained()
        terms = self.estimates.index
        later = self.term("effect_a_year_on") if "effect_a_year_on" in terms else None
        share = self.term("share_kept") if "share_kept" in terms else None
        told = self.span.told_from
        status = judge(side, later, share) if told is None else "too early"
        return Sustained(status, *ends_of(share), told.date() if told else None, self._a_year_on())

    @property
    def effect(self) -> Effect:
        """The average difference, which a roll-up counts and averages."""
        return Effect(
            measure=str(self.params["outcome"]),
            definition=("roll-out", self.span.unit, self.params["value"], self.span.scale),
            **effect_of(self.estimates.loc["average_effect"]),
            unit=self.span.unit,
            direction=str(self.params["direction"]),
            poolable=False,
            events_near=() if self.verdict.alone else None,
            takes_events=True,
        )

    @property
    def dates_of_change(self) -> tuple[tuple[pd.Timestamp, pd.Timestamp], ...]:
        """When each unit started."""
        days = sorted(self.by_unit["start"].dropna().unique())
        return tuple((pd.Timestamp(day), pd.Timestamp(day)) for day in days)

    # ---- words ---------------------------------------------------------------------------------

    @cached_property
    def _shown(self) -> dict[str, tuple[float, float, float, int, str]]:
        """Every estimate with the decimals and the unit that the table shows, by term."""
        table = self._estimates_table()
        return {
            row.term: (row.estimate, row.ci_low, row.ci_high, places, row.unit)
            for row, places in zip(rows_of(table.rows), table.places("estimate"), strict=True)
        }

    def places(self, term: str) -> int:
        """Decimals with which a term is shown."""
        return self._shown[term][3]

    def _difference(self, term: str) -> str:
        """A difference in words; an end that nothing rules out is named."""
        value, low, high, places, unit = self._shown[term]
        if not np.isfinite([low, high]).all():
            word = "lower" if value < 0 else "higher"
            return f"{number(abs(value), places)} {unit} {word}, with no limit to one side"
        return lower_or_higher(value, low, high, unit, places=places)

    def headline(self) -> str:
        """The finding in one sentence."""
        what, change = self.params["outcome"], self.params["change"]
        over = f"over {self.size} {self.called} that began at different times"
        value, _, _, places, unit = self._shown["average_effect"]
        if not self.term("average_effect").side:
            return sentence(
                f"{what}: whether {change} made a difference can be neither shown nor ruled out "
                f"{over}"
            )
        side = "lower" if value < 0 else "higher"
        return sentence(
            f"{what}: {number(abs(value), places)} {unit} {side} after {change} than without it, "
            f"on average {over}"
        )

    def details(self) -> str:
        """How sure the finding is, what it rests on, and whether it lasted."""
        return " ".join(
            [
                self._size(),
                self._rests_on(),
                *self._reservations(),
                self.lasting,
                self._stands_on(),
            ]
        )

    def _size(self) -> str:
        confidence = f"{100 * self.params['confidence']:g}%"
        text = f"The average difference, with its {confidence} interval, is "
        text += self._difference("average_effect")
        if (
            "relative_effect" in self._shown
            and np.isfinite(self._shown["relative_effect"][:3]).all()
        ):
            _, low, high, places, _ = self._shown["relative_effect"]
            text += f"; in per cent of what was expected, {interval(low, high, places)}"
        if not self.term("average_effect").side:
            text += ". This does not show that nothing changed"
        return f"{text}."

    def _rests_on(self) -> str:
        span, noun = self.span, periods.noun(self.span.every, 2)
        return (
            f"It compares the {self.called} that had started with those that had not yet, in the "
            f"same {noun}: {span.cells:,} of the {span.treated:,} {noun} after a start."
        )

    def _reservations(self) -> list[str]:
        warned = [why for one, why in BEARING.items() if status_of(self.checks, one) == "warn"]
        return [f"To be read with reservations: {warned[0]}."] if warned else []

    @property
    def lasting(self) -> str:
        """Whether it lasted, or what is seen a year on where no effect is clear."""
        return self.verdict.sustained.words or self._a_year_on()

    def _a_year_on(self) -> str:
        """The effect a year after the start and more, against that of the first half-year."""
        span, noun = self.span, periods.noun(self.span.every, 2)
        since = f"{span.year} {noun} and more after the start"
        if span.told_from is not None:
            day = f"{span.told_from.day} {span.told_from:%B %Y}"
            return (
                f"None has been at it for {span.year} {noun} before {day}, and then one that has "
                "not started must still be there to compare with."
            )
        if "effect_a_year_on" not in self._shown:
            return (
                f"{since[:1].upper()}{since[1:]} all {self.called} had started, and there was none "
                "left to compare with."
            )
        size = self._difference("effect_a_year_on")
        text = f"{since[:1].upper()}{since[1:]} the difference was {size}"
        if "share_kept" in self._shown:
            value, low, high, *_ = self._shown["share_kept"]
            text += (
                f", {percent(value / 100)} ({interval(low, high, 0)}%) of that of the first "
                f"{span.year // 2} {noun} in the same {self.called}"
            )
        return f"{text}."

    def _stands_on(self) -> str:
        return (
            f"All of this is right if which of the {self.called} started when had nothing to do "
            "with where each was heading."
        )

    def alt_text(self) -> str:
        """What the figure shows: the finding, then its panels."""
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        return (
            f"{self.headline()} One small chart of {inside(self.params['outcome'])}{where} for "
            f"each of {self.size} {self.called}, in the order in which they began, on one "
            f"calendar: points before the start are hollow, after it filled, a vertical line "
            f"marks the start, and a dashed line what was expected without it."
        )

    def view_words(self, view: str) -> tuple[str, str]:
        """Title and explanation of the view by time since the start."""
        noun = periods.noun(self.span.every, 2)
        return (
            f"The difference by {noun} since the start",
            f"All {self.called} moved so that they start at 0. Thin lines: each of them, seen less "
            "expected. Bars: the average over a stretch of time; shaded: its interval. Above them: "
            f"how many {self.called} it rests on.",
        )

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """The estimates; the units."""
        return self._estimates_table(), self._points_table()

    def _estimates_table(self) -> Table:
        noun, span = periods.noun(self.span.every, 2), self.span
        names = {
            "average_effect": f"Average over the {noun} compared",
            "cumulative_effect": f"In all, over the {noun} compared",
            "relative_effect": "The same as a share of what was expected",
            "effect_a_year_on": f"From {span.year} {noun} after the start on",
            "share_kept": f"That, as a share of the first {span.year // 2} {noun}",
        }
        rows = self.estimates.reset_index()
        rows["what"] = rows["term"].map(names)
        share = rows["unit"].str.startswith("share of")
        for name in ("estimate", "ci_low", "ci_high"):
            rows[name] = rows[name].where(~share, 100 * rows[name])
        rows["unit"] = rows["unit"].where(~share, "%")
        head = f"Difference ({100 * self.params['confidence']:g}% interval)"
        caption = "Seen less what was expected without it; minus means lower."
        return Table(
            "estimates", caption, titled(tables.ESTIMATES_SHOWN, estimate=head), rows, ids="term"
        )

    def _points_table(self) -> Table:
        heads = {"unit": self.called.capitalize()}
        caption = "The points of the figure, and what was expected without the change"
        columns = titled(tables.POINTS, **heads)
        if self.params["denominator"] is None:
            columns = tuple(one for one in columns if one.name != "denominator")
        return Table("points", caption, columns, self.points, every=self.span.every)

    def sections(self) -> tuple[Section, ...]:
        """By time since the start, by unit, by network, and the same asked in other ways."""
        cost = read_unit_cost(self.params.get("unit_cost"))
        return (
            *worth_section(
                self.term("cumulative_effect") if cost else None,
                cost,
            ),
            self._since_the_start(),
            self._each(),
            *([self._by_network()] if len(self.networks) else []),
            self._other_ways(),
        )

    def _since_the_start(self) -> Section:
        words = [
            f"{number(row.since, 0)} to {number(row.up_to, 0)}"
            if np.isfinite(row.up_to)
            else f"{number(row.since, 0)} and more"
            for row in rows_of(self.profile)
        ]
        noun = periods.noun(self.span.every, 2)
        columns = titled(
            (tables.PROFILE[0], *tables.PROFILE[2:]),
            since=f"{noun.capitalize()} since the start",
            estimate=f"Difference, {self.span.unit}",
            units=self.called.capitalize(),
            cells=f"{noun.capitalize()} compared",
        )
        columns = (Column("since", columns[0].head, "label"), *columns[1:])
        table = Table(
            "profile", "By time since the start", columns, self.profile.assign(since=words)
        )
        return Section(
            "since_the_start",
            "Did it grow, last or fade?",
            f"{self.lasting} Later rows rest on fewer {self.called}, those that began first, and "
            "say how these did. Each interval takes the effect for the same throughout.",
            table,
            view="since_the_start",
        )

    def _each(self) -> Section:
        rows = self.by_unit.assign(why=self.by_unit["why"].where(self.by_unit["single"].isna(), ""))
        heads = {
            "unit": self.called.capitalize(),
            "single": "By itself",
            "used": f"{self._noun} compared",
            "without": "All without it",
        }
        wanted = titled(tables.BY_UNIT, **heads)
        # Before and after say little beside the start, and the table has to fit a page.
        wanted = tuple(one for one in wanted if one.name not in ("before", "after"))
        if not self.params["network"] or self.span.of_networks:
            wanted = tuple(one for one in wanted if one.name != "network")
        if not rows["why"].any():
            wanted = tuple(one for one in wanted if one.name != "why")
        caption = f"In the order in which they began; differences in {self.span.unit}"
        return Section(
            "by_unit",
            f"Each of the {self.called}",
            "By itself each is an interrupted time series: before against after, without what "
            "happened to the others in the same months. No claim rests on a single one.",
            Table("by_unit", caption, wanted, rows, every=self.span.every, missing="–"),
        )

    def _by_network(self) -> Section:
        heads = {"estimate": f"Difference, {self.span.unit}", "units": self.called.capitalize()}
        columns = titled(tables.NETWORKS, **heads, cells=f"{self._noun} compared")
        return Section(
            "networks",
            "By network",
            "Each network compared within itself. These describe; the answer is that of all "
            "together. Where no interval is given a network has too few of its own.",
            Table("networks", "By network", columns, self.networks),
        )

    @property
    def _noun(self) -> str:
        return periods.noun(self.span.every, 2).capitalize()

    def _other_ways(self) -> Section:
        rows = self.sensitivity.assign(way=self.sensitivity["way"].map(WAYS))
        heads = {"way": "Way of asking", "estimate": f"Difference, {self.span.unit}"}
        columns = titled(tables.SENSITIVITY, **heads, units=self.called.capitalize())
        return Section(
            "other_ways",
            "The same question asked in other ways",
            "Neither is relied on. One constant effect is wrong where effects grow or fade. The "
            "average of single answers claims a change far too often where the same weather, "
            "winter or policy met all of them.",
            Table("sensitivity", "Other ways of asking", columns, rows, missing="not evaluated"),
        )
