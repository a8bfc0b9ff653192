"""What a run chart or a control chart found: its verdict, and the words that say it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from qieval.analysis.spc import tables
from qieval.analysis.spc.methods import false_alarms
from qieval.analysis.spc.methods.steps import CLEAR
from qieval.analysis.spc.tables import Setup
from qieval.core import periods
from qieval.core.aim import MOST_IN_A_MEAN, Aim, judge_aim, judge_series, read_aim, sides_of
from qieval.core.checks import status_of
from qieval.core.config import CONFIDENCE
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.sustained import ADDED, Sustained, lasting_section, no_lasting, sustained_of
from qieval.core.tables import Column, Declaration, Table
from qieval.core.verdict import AimVerdict, Certainty, Kind, Verdict, kind_of_change
from qieval.core.words import in_a_row, many, number, own_places, sentence, some_of

NOT_UNCHANGED = (
    "No signal is not proof that nothing changed: a small or a late change can hide in this "
    "variation."
)

LIMITS = (
    "A signal says that something changed, not what or why; no signal does not show that "
    "nothing changed.",
)

RESERVATIONS = (
    "number_of_points",
    "overlapping_values",
    "neighbours_alike",
    "variation",
    "dispersion",
    "rephase_date",
)
"""Checks that bear on whether a signal means something."""

_BY_CHANCE = 4
"""Points before a change that may lie on the side of those after it: four do in 1 of 16 charts."""

_PLAIN = {
    "the latest point is part of a special cause": "the latest point is part of it",
    "of the median": "of the middle line",
    "beyond 2 sigma on the same side": "close to the same limit",
    "beyond 2 sigma, all on the same side": "close to the same limit",
    "between 2 and 3 sigma, all on the same side": "close to the same limit",
    "beyond 1 sigma on the same side": "well away from the centre line on the same side",
    "within 1 sigma": "close to the centre line",
    "beyond 1 sigma, on either side": "well away from the centre line, on either side",
}
"""Words of the rules that need an explanation, and what stands for them in a title."""


_BETTER = {"improved": ", an improvement", "worse": ", which is worse"}


def in_plain_words(why: str) -> str:
    """The reason of a signal for a title; the tables keep the exact words of the rule."""
    for exact, plain in _PLAIN.items():
        why = why.replace(exact, plain)
    return why


@dataclass(frozen=True, eq=False, repr=False)
class Chart(Result):
    """What run charts and control charts have in common.

    Attributes
    ----------
    estimates : DataFrame
        One row a phase (and group), indexed by ``term``: ``centre``, ``centre_2`` of the second
        phase. Beside the general columns (``estimate`` is the centre line): the group columns,
        ``phase`` (from 1), ``start, end, reason``, and the numbers and words of the chart.
    setup : Setup
        How the chart was made: kind of period, unit, rules, points a phase, chance of a false
        signal.
    marks : DataFrame
        Events and rephases by date: ``date, event, kind, group``.
    shifts : DataFrame
        Proposed step changes (:func:`qieval.analysis.spc.methods.steps.proposals`): ``unit, start,
        points, way, before, after, z, chance``.
    lasting : DataFrame
        Of a single chart whose level changed: its difference from the old level at first and a year
        on, the share that was kept, and the latest step back towards the old level.
    """

    setup: Setup
    marks: pd.DataFrame
    shifts: pd.DataFrame
    lasting: pd.DataFrame = field(default_factory=no_lasting, metadata={ADDED: True})

    middle: ClassVar[Literal["", "mean", "median"]] = "mean"
    checks_kept: ClassVar[tuple[str, ...]] = (
        *("number_of_points", "missing_periods", "baseline", "exclusions", "phases"),
        *("events_on_one_day", "events_outside", "rephase_date", "step_changes", "false_alarms"),
        *("dispersion", "target_far", "target_direction", "astronomical_points"),
        *("rules_left_out", "limits"),
    )

    @property
    def one_person_a_point(self) -> bool:
        """Whether every point is one event, as on charts of rare events."""
        return self.setup.every == "event"

    @property
    def by(self) -> list[str]:
        """The group columns; none for a single chart."""
        return list(self.params["by"])

    def declarations(self) -> tuple[Declaration, ...]:
        """What the columns are, those of the groups and the rule set included."""
        groups = [Column(name, _head(name), "label") for name in self.by]
        flags = [
            Column(name, words, "label", of="value") for name, words in self.setup.signals.items()
        ]
        declared = []
        for one in self.declared:
            known = {column.name for column in one.columns}
            more = [*groups, *flags] if one.frame == "points" else groups
            if one.frame in ("points", "estimates"):
                added = (column for column in more if column.name not in known)
                one = replace(one, columns=(*one.columns, *added), by=tuple(self.by))
            declared.append(one)
        return tuple(declared)

    @property
    def last(self) -> pd.DataFrame:
        """The latest phase of each group: one row for a single chart."""
        if not self.by:
            return self.estimates.tail(1)
        return self.estimates.groupby(self.by, sort=False).tail(1)

    @property
    def dates_of_change(self) -> tuple[tuple[pd.Timestamp, pd.Timestamp], ...]:
        """Where lines start anew, in any of the charts."""
        starts = self.marks.loc[self.marks["kind"] == "rephase", "date"].drop_duplicates()
        return tuple((start, start) for start in starts)

    # ---- verdict -------------------------------------------------------------------------------

    def _verdict(self, kind: Kind, words: str) -> Verdict:
        """The verdict of a single chart."""
        doubted = any(status_of(self.checks, name) in ("warn", "fail") for name in RESERVATIONS)
        certainty: Certainty = "with reservations" if doubted else "clear"
        return Verdict(
            kind,
            certainty,
            term=str(self.last.index[0]),
            aim=self._aim(),
            words=words,
            sustained=self._sustained(),
        )

    def _sustained(self) -> Sustained:
        """Whether the level that the change brought held."""
        first = self.lasting[self.lasting["term"] == "first_effect"]
        if first.empty:
            return Sustained()
        row = first.iloc[0]
        return sustained_of(
            self.lasting,
            int(np.sign(row["estimate"])),
            row["start"],
            self.points["time"].iloc[-1],
            self.setup.every,
            compared="than the old level",
        )

    def sections(self) -> tuple[Section, ...]:
        """Whether the change lasted."""
        return lasting_section(self.lasting, self._sustained(), self.setup.every, CONFIDENCE)

    def _aim(self) -> AimVerdict:
        """Whether the aim was reached: the latest points against those before the change."""
        aim = read_aim(self.params["aim"])
        if not aim:
            return AimVerdict()
        share = self.setup.unit.startswith("as a proportion")
        how: dict[str, Any] = {
            "unit": "" if share else self.setup.unit,
            "direction": self.params["direction"],
            "share": share,
        }
        if self.by:
            what = "one figure for all charts"
            return judge_aim(aim, before=np.nan, seen=np.nan, on=None, what_seen=what, **how)
        every = self.setup.every
        counted = self.points[self.points["value"].notna() & ~self.points["excluded"].astype(bool)]
        if aim.since is not None:
            sides = sides_of(aim, counted, aim.since, every)
            return judge_series(aim, *sides, every=every, **how)
        before, after = self._against_the_baseline(counted, aim)
        return judge_series(
            aim,
            before,
            after,
            every=every,
            what_before="the baseline",
            median=self.middle == "median",
            **how,
        )

    def _against_the_baseline(
        self, counted: pd.DataFrame, aim: Aim
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The points of the baseline, and the latest ones until the aim's last day.

        Without a baseline or a second phase nothing is known of before.
        """
        first = counted["phase"] == 1
        before = counted[first & counted["baseline"].astype(bool)]
        frozen = len(before) < first.sum()
        until = counted
        if aim.last_day is not None:
            until = counted[counted["time"] <= pd.Timestamp(aim.last_day)]
        after = until[until["phase"] == until["phase"].max()]
        if frozen:
            after = after[~after.index.isin(before.index)]
        elif counted["phase"].max() == 1:
            before = before.iloc[:0]
        return before, after.tail(MOST_IN_A_MEAN)

    # ---- words ---------------------------------------------------------------------------------

    def _period(self, time: Any) -> str:
        return periods.label(pd.Timestamp(time), self.setup.every)

    def _noun(self, count: float = 1) -> str:
        return periods.noun(self.setup.every, count)

    def false_alarm_words(self) -> str:
        """How often such a chart shows a signal although nothing changed, for the caption."""
        setup = self.setup
        return false_alarms.in_words(
            setup.false_alarm, setup.points, setup.rules_title, setup.charts
        )

    def _where(self) -> str:
        return f" for {self.params['setting']}" if self.params["setting"] else ""

    def _chart_words(self, chart: str) -> str:
        seen = self.points[self.points["value"].notna()]
        one = "one point an event" if self.setup.every == "event" else f"one a {self._noun()}"
        return (
            f"{chart} of {self.params['outcome'].lower()}{self._where()}, {one}, from "
            f"{self._period(seen['time'].min())} to {self._period(seen['time'].max())} "
            f"({len(seen)} points, between {number(seen['value'].min())} and "
            f"{number(seen['value'].max())} {self.setup.unit})."
        )

    @cached_property
    def _places(self) -> int:
        """Decimals of the lines of a single chart, as in the table."""
        return self.table("estimates").places("centre")[0]

    def _phase_words(self) -> list[str]:
        """Centre lines of a single chart in words."""
        rows, line, unit = list(rows_of(self.estimates)), self.setup.line, self.setup.unit
        if len(rows) == 1:
            return [f"The {line} is {number(rows[0].centre, self._places)} {unit}."]
        lines = [
            f"{number(row.centre, self._places)} from {self._period(row.start)}"
            + (f" ({row.reason})" if row.reason else "")
            for row in rows
        ]
        return [f"The {line} ({unit}) is {in_a_row(lines)}."]

    def _target_words(self) -> list[str]:
        """The target of a single chart, and since when each holds."""
        points = self.points[self.points["target"].notna()]
        steps = points[points["target"] != points["target"].shift()]
        if steps.empty:
            return []
        first = self.points["time"].iloc[0]
        targets = [
            number(row.target, own_places(row.target))
            + ("" if row.time == first and len(steps) == 1 else f" from {self._period(row.time)}")
            for row in rows_of(steps)
        ]
        return [f"The target is {in_a_row(targets)} {self.setup.unit}."]

    # ---- what changed --------------------------------------------------------------------------

    def _moved(self, row: Any) -> bool:
        """Whether the level of a phase differs clearly from that of the phase before."""
        return bool(abs(row.step) > CLEAR)

    def _verdict_of_phases(self, row: Any) -> Verdict | None:
        """The verdict where lines were restarted and the level is another than before."""
        if not self._moved(row):
            return None
        kind = kind_of_change(int(np.sign(row.step)), self.params["direction"])
        way = "higher" if row.step > 0 else "lower"
        better = {"improved": ", better", "worse": ", worse"}.get(kind, "")
        return self._verdict(kind, f"level {way}{better}")

    def _change_words(self, row: Any) -> str:
        """How the level of the latest phase differs from that of the one before; "" for no phases.

        The lines, the date and the reason; a difference that chance would bring is no change.
        """
        if row.phase == 1:
            return ""
        before = self.estimates["centre"].iloc[-2]
        since = self._period(row.start) + (f" ({row.reason})" if row.reason else "")
        low, high = (number(line, self._places) for line in (before, row.centre))
        unit = self.setup.unit
        if not self._moved(row):
            return f"no clear change of level since {since}: {low} before, {high} {unit} since"
        way = "rose" if row.step > 0 else "fell"
        kind = kind_of_change(int(np.sign(row.step)), self.params["direction"])
        better = _BETTER.get(kind, "")
        return f"the {self.setup.line} {way} from {low} to {high} {unit} in {since}{better}"

    def step_at_an_event(self, group: str = "") -> tuple[Kind, str]:
        """A step of the level near a known event, without new lines: to be decided first.

        Parameters
        ----------
        group : str
            Of which group, where there are several charts.
        """
        own = self.shifts[self.shifts["unit"] == group] if self.by else self.shifts
        for step in rows_of(own):
            event = tables.event_near(self.marks, step.start, self.setup.every)
            if event:
                rose = step.way == "higher"
                kind = kind_of_change(1 if rose else -1, self.params["direction"])
                low, high = (number(level, self._places) for level in (step.before, step.after))
                return kind, (
                    f"the level {'rose' if rose else 'fell'} from {low} to {high} "
                    f"{self.setup.unit} in {self._period(step.start)}{_BETTER.get(kind, '')}, near "
                    f"“{event}”, and lines were not restarted there: decide on that first"
                )
        return "no clear change", ""

    def group_name(self, row: Any) -> str:
        """The group that a row of the estimates is of, as `shifts` names it; "" without groups."""
        places = [self.estimates.columns.get_loc(name) for name in self.by]
        return ", ".join(str(row[place]) for place in places)

    @property
    def parts(self) -> list[tuple[str, Any, pd.DataFrame]]:
        """Group, latest phase and points of each chart; a group without any value has none."""
        last = {self.group_name(row): row for row in rows_of(self.last)}
        if not self.by:
            return [("", last[""], self.points)]
        groups = [
            (", ".join(map(str, name)), part)
            for name, part in self.points.groupby(self.by, sort=False)
        ]
        return [(name, last[name], part) for name, part in groups if name in last]

    # ---- tables --------------------------------------------------------------------------------

    @property
    def _groups(self) -> tuple[Column, ...]:
        return tuple(Column(name, _head(name), "label") for name in self.by)

    def _estimates_table(
        self, caption: str, columns: tuple[Column, ...], **cells: list[str]
    ) -> Table:
        """One row a phase: its points and centre line, then `columns`."""
        rows = self.estimates.reset_index(drop=True)
        span = [
            f"{self._period(row.start)} to {self._period(row.end)}"
            + (f" ({row.reason})" if row.reason else "")
            for row in rows_of(rows)
        ]
        first = (
            Column("span", "Phase", "label"),
            Column("n", "Points", "count"),
            Column("centre", self.setup.line.capitalize(), "estimate"),
        )
        rows = rows.assign(span=span, **cells)
        return Table("estimates", caption, (*self._groups, *first, *columns), rows)

    def _points_table(self, head: str, *columns: Column) -> Table:
        """The rows behind the figure, and what each point is."""
        time = "Event" if self.setup.every == "event" else self._noun().capitalize()
        return Table(
            "points",
            "The points of the figure",
            (
                *self._groups,
                Column("time", time, "period"),
                Column("value", f"{self.params['outcome']} ({self.setup.unit})", "estimate"),
                Column("centre", self.setup.line.capitalize(), "estimate"),
                *columns,
                Column("signals", head, "text"),
            ),
            self.points.assign(signals=self._what_points_are()),
            every=self.setup.every,
            missing="no value",
        )

    def _what_points_are(self) -> list[str]:
        """Each point's signals, or why it is left out, in words."""
        names = [name for name in self.setup.signals if name in self.points]
        flags = self.points[names].to_numpy(dtype=bool)
        signals = [
            in_a_row([self.setup.signals[names[k]] for k in np.flatnonzero(row)]) for row in flags
        ]
        return [
            ("left out" + (f": {why}" if why else "")) if out else text
            for out, why, text in zip(
                self.points["excluded"], self.points["reason"], signals, strict=True
            )
        ]


def _head(name: str) -> str:
    """A column of the caller's table as a head."""
    return name.replace("_", " ").capitalize()


@dataclass(frozen=True, eq=False, repr=False)
class RunChartResult(Chart):
    """Result of :func:`qieval.run_chart`.

    Attributes
    ----------
    points : DataFrame
        One row a calendar period: group columns, ``time, value, centre`` (the median), ``phase``
        (from 1), ``useful`` (not on the median), ``shift, trend`` and further columns of the rule
        set (part of such a signal), ``special_cause, point_type`` (improvement, concern, neutral,
        common_cause), ``excluded, reason, denominator``.
    estimates : DataFrame
        As :class:`Chart`, one row a phase: ``centre`` (the median), ``n_useful, longest_run,
        longest_run_max, n_crossings, n_crossings_min, n_runs, n_runs_min, n_runs_max, signal``
        (True or False), ``way`` (of the signal: 1 up, -1 down, 0 neither), ``since, until`` (first
        and last point of its latest stretch), ``step`` (from the level of the phase before, in
        standard errors) and ``why`` in words.
    setup, marks, shifts
        As :class:`Chart`.
    """

    kind: ClassVar[str] = "run_chart"
    limits: ClassVar[tuple[str, ...]] = LIMITS
    declared: ClassVar[tuple[Declaration, ...]] = tables.RUN_DECLARED
    middle: ClassVar[Literal["", "mean", "median"]] = "median"

    @cached_property
    def verdict(self) -> Verdict:
        """Judged by the signal of the latest phase; several charts are counted."""
        last = self.last
        if self.by:
            words = f"{int(last['signal'].sum())} of {len(last)} signal"
            return Verdict("described", "not tested", aim=self._aim(), words=words)
        (row,) = rows_of(last)
        if not row.n_useful:
            return self._verdict("cannot tell", "not judged")
        if of_phases := self._verdict_of_phases(row):
            return of_phases
        if not row.signal:
            return self._verdict("no clear change", "no signal")
        kind = kind_of_change(int(row.way), self.params["direction"]) if row.way else "changed"
        better = {"improved": ", better", "worse": ", worse"}.get(kind, "")
        return self._verdict(kind, f"signal{better}")

    @property
    def false_claim(self) -> float | None:
        """The chance of a signal in the latest phase, or of a step between the last two."""
        setup = self.setup
        latest = false_alarms.chance("run", setup.rules, setup.points[-1:])
        if self.by or latest is None:
            return None
        stepped = false_alarms.restart(setup.points)
        return None if stepped is None else 1 - (1 - latest) * (1 - stepped)

    def headline(self) -> str:
        """Whether the latest phase shows a signal, and which."""
        what, last = self.params["outcome"], self.last
        if self.by:
            some, count = int(last["signal"].sum()), len(last)
            return sentence(
                f"{what}: {some or 'none'} of {count} charts "
                f"{'shows' if some == 1 else 'show'} a signal of a change"
            )
        (row,) = rows_of(last)
        if not row.n_useful:
            return sentence(f"{what}: cannot be judged, since every point lies on the middle line")
        change = self._change_words(row)
        if row.signal:
            since = self._since(row)
            # Where the points are named, the crossings need no further words in a title.
            why = row.why.partition(" and only ")[0] if since else row.why
            signal = f"signal of a change{since}, {in_plain_words(why)}"
            change = f"{change}; in the latest phase {signal}" if change else signal
        elif not change:
            change = f"no signal of a change in {row.n} {self._noun(row.n)}"
        return sentence(f"{what}: {change}{self._about_the_change(row)}")

    def _since(self, row: Any) -> str:
        """Which way a signal points, and from when to when."""
        if not row.way or pd.isna(row.since):
            return ""
        way = "higher" if row.way > 0 else "lower"
        seen = self.points[self.points["value"].notna() & ~self.points["excluded"].astype(bool)]
        if row.until >= seen["time"].iloc[-1]:
            return f", {way} since {self._period(row.since)}"
        return f", {way} from {self._period(row.since)} to {self._period(row.until)}"

    def _about_the_change(self, row: Any) -> str:
        """Whether the signal began before or after the change that the chart is to show."""
        own = self.marks[self.marks["kind"] == "project"]
        if own.empty or not row.signal or not row.way or pd.isna(row.since):
            return ""
        began = own.iloc[0]
        numbers = periods.number_of(pd.DatetimeIndex([began["date"], row.since]), self.setup.every)
        away = int(numbers[1] - numbers[0])
        event = f"“{began['event']}” ({self._period(began['date'])})"
        if not away:
            return f"; that is when {event} is dated"
        distance = f"{abs(away)} {self._noun(abs(away))}"
        if away > 0:
            return f"; that is {distance} after {event}"
        if -away <= _BY_CHANCE:
            few = "one point" if away == -1 else "so few points"
            return f"; that is {distance} before {event}: {few} may lie there by chance"
        return f"; that is {distance} before {event}, too early for the change to have begun it"

    def details(self) -> str:
        """What the lines are and how far the chart can be trusted."""
        parts = []
        last = self.last
        if self.by:
            named = last[last["signal"]]
            signals = [f"{self.group_name(row)} ({row.why})" for row in rows_of(named.head(10))]
            if signals:
                more = f" and {len(named) - 10} more" if len(named) > 10 else ""
                parts.append(f"With a signal: {'; '.join(signals)}{more}.")
        else:
            parts += self._phase_words() + self._target_words()
            if self.verdict.kind in ("improved", "worse"):
                hoped = "" if self.verdict.kind == "improved" else "not "
                parts.append(f"This is {hoped}the direction hoped for.")
        if not last["signal"].all():
            parts.append(NOT_UNCHANGED)
        parts.append(self.false_alarm_words())
        return " ".join(filter(None, parts))

    def alt_text(self) -> str:
        """What the figure shows: the finding, then points and lines."""
        parts = [self.headline()]
        if self.by:
            parts.append(f"{self.setup.charts} small run charts{self._where()}.")
            return " ".join(parts)
        parts += [self._chart_words("Run chart"), *self._phase_words(), *self._target_words()]
        marked = self.points[self.points["special_cause"]]
        if len(marked):
            parts.append(
                f"{len(marked)} points of the signal are marked, from "
                f"{self._period(marked['time'].iloc[0])} to "
                f"{self._period(marked['time'].iloc[-1])}."
            )
        return " ".join(parts)

    def tables(self) -> tuple[Table, ...]:
        """One row a phase (median, runs and crossings with what chance allows); the points."""
        runs = {"ihi": tables.RUNS_IHI, "anhoej": tables.RUNS_ANHOEJ}.get(self.setup.rules, ())
        estimates = self._estimates_table(
            f"Rules: {self.setup.rules_title}; unit: {self.setup.unit}",
            (tables.USEFUL, *runs, Column("signals", "Signal", "text")),
            signals=[row.why if row.signal else "none" for row in rows_of(self.estimates)],
        )
        return estimates, self._points_table("Signal")


@dataclass(frozen=True, eq=False, repr=False)
class ControlChartResult(Chart):
    """Result of :func:`qieval.control_chart`.

    Attributes
    ----------
    points : DataFrame
        One row a calendar period or event: group columns, ``time, value, centre, lower, upper``
        (3 sigma), ``lower_1s, upper_1s, lower_2s, upper_2s, phase`` (from 1), ``outside_limits,
        shift, trend, two_of_three`` and further columns of the rule set, ``special_cause,
        point_type`` (improvement, concern, neutral, common_cause), ``excluded, reason,
        denominator``.
    estimates : DataFrame
        As :class:`Chart`, one row a phase: ``centre, lower, upper`` (limits of its latest point),
        ``target``, ``sigma_z``, ``step`` (from the level of the phase before, in standard errors),
        ``special_causes`` (points), ``variation`` (of the latest point, as
        ``point_type``, or "" where it cannot be judged) and ``variation_reason``, ``assurance``
        (pass, fail, hit_or_miss, or "" without a target) and ``assurance_reason``; by the Anhøj
        rules ``runs_why`` (what is wrong with the runs of the phase as a whole, "" if nothing).
    setup, marks, shifts
        As :class:`Chart`.
    """

    kind: ClassVar[str] = "control_chart"
    limits: ClassVar[tuple[str, ...]] = LIMITS
    declared: ClassVar[tuple[Declaration, ...]] = tables.CONTROL_DECLARED
    checks_of_means: ClassVar[tuple[str, ...]] = ("dispersion", "step_changes")

    @cached_property
    def verdict(self) -> Verdict:
        """Judged by the latest point of the latest phase; several charts are counted."""
        last = self.last
        if self.by:
            words = f"{int((last['variation'] == 'improvement').sum())} of {len(last)} better"
            return Verdict("described", "not tested", aim=self._aim(), words=words)
        (row,) = rows_of(last)
        of_phases = self._verdict_of_phases(row)
        if of_phases and row.variation in ("common_cause", "neutral"):
            return of_phases
        kind, words = VARIATION_VERDICTS[row.variation]
        if row.variation == "neutral" and self.step_at_an_event()[0] == "worse":
            return self._verdict("worse", "level worse")  # told, though no point is painted so
        if of_phases and kind not in ("cannot tell", of_phases.kind):
            return self._verdict("changed", f"{of_phases.words}; latest point {words}")
        if row.variation == "common_cause" and row.runs_why:
            return self._verdict("changed", "signal in the runs")
        return self._verdict(kind, words)

    @property
    def false_claim(self) -> float | None:
        """The chance that the latest point signals, or that the last two phases seem to differ."""
        if self.by:
            return None
        shift, trend = self.params["shift_length"], self.params["trend_length"]
        rules = false_alarms.name_of(self.setup.rules, shift, trend)
        latest = false_alarms.latest(rules, self.setup.points[-1])
        stepped = false_alarms.restart(self.setup.points)
        if latest is None or stepped is None:
            return None
        return 1 - (1 - latest) * (1 - stepped)

    def headline(self) -> str:
        """What changed, whether the latest phase is stable, and what the target can expect."""
        what, last = self.params["outcome"], self.last
        if self.by:
            return self._headline_of_groups(last)
        (row,) = rows_of(last)
        if row.variation == "":
            return sentence(f"{what}: cannot be judged, since {row.variation_reason}")
        change = self._change_words(row) or self.step_at_an_event()[1]
        target = self._assurance_words(row)
        parts = filter(None, [change, self._state_words(row, bool(change)), target])
        return sentence(f"{what}: {'; '.join(parts)}")

    def _state_words(self, row: Any, after_change: bool) -> str:
        """What the points of the latest phase are, the last one first."""
        if row.variation != "common_cause":
            return f"{_VARIATION[row.variation]}; {in_plain_words(row.variation_reason)}"
        if row.runs_why:
            return f"signal of a change, {in_plain_words(row.runs_why)}"
        count = int(row.special_causes)
        if count:
            verb = "points shows" if count == 1 else "points show"
            since = " since" if row.phase > 1 else ""
            return (
                f"the latest point is within the expected variation, but {count} of "
                f"{row.n} {verb} a special cause{since}"
            )
        if after_change and row.phase > 1:
            return "since then only the variation to be expected"
        return "only the variation to be expected; no special cause"

    def _assurance_words(self, row: Any) -> str:
        """What the limits say of the target."""
        if not row.assurance:
            return ""
        return (
            f"the target of {number(row.target, own_places(row.target))} {_TARGET[row.assurance]}"
        )

    def _headline_of_groups(self, last: pd.DataFrame) -> str:
        """How many charts show special causes, which, and where the target will not be met."""
        named = [
            f"{self.group_name(row)} ({what})" for row in rows_of(last) if (what := self._what(row))
        ]
        count = len(last)
        verb = "shows" if 1 in (len(named), count) else "show"
        words = f"{len(named) or 'none'} of {many(count, 'chart')} {verb} a special cause"
        if named:
            words += f": {some_of(named)}"
        if unjudged := int((last["variation"] == "").sum()):
            words += f"; {unjudged} cannot be judged"
        if blank := self.setup.charts - count:
            words += f"; {blank} {'has' if blank == 1 else 'have'} no values"
        failing = [self.group_name(row) for row in rows_of(last[last["assurance"] == "fail"])]
        if failing:
            which = some_of(failing) if len(failing) < count else "any of them"
            words += f"; the target {_TARGET['fail']} in {which}"
        return sentence(f"{self.params['outcome']}: {words}")

    def details(self) -> str:
        """Lines and limits, the target, and how far the chart can be trusted."""
        parts = []
        last = self.last
        if self.by:
            parts += self._groups_beyond(last)
        else:
            (row,) = rows_of(last)
            parts += self._phase_words()
            parts.append(self._limits_words(row))
            parts += self._target_words()
            if row.assurance_reason:
                parts.append(sentence(row.assurance_reason))
        if (last["variation"] == "").all():
            return " ".join(filter(None, parts))  # nothing was judged, so nothing to qualify
        if ((last["special_causes"] == 0) & (last["runs_why"] == "")).any():
            parts.append(NOT_UNCHANGED)
        # Limits that are too tight alarm far more often than the table says.
        parts.append(self.setup.caution or self.false_alarm_words())
        return " ".join(filter(None, parts))

    def _what(self, row: Any) -> str:
        """What is special about a chart among several; "" for nothing."""
        if row.variation == "neutral":
            kind, _ = self.step_at_an_event(self.group_name(row))
            return "worse since a known event" if kind == "worse" else "a change"
        if row.variation not in ("common_cause", ""):
            return str(row.variation)
        if row.runs_why:
            return "in its runs"
        count = int(row.special_causes)
        return f"{count} of {row.n} points, before the latest" if count else ""

    def _groups_beyond(self, last: pd.DataFrame) -> list[str]:
        named = last[~last["variation"].isin(["common_cause", ""])]
        charts = [
            f"{self.group_name(row)} ({_VARIATION[row.variation]})"
            for row in rows_of(named.head(10))
        ]
        if not charts:
            return []
        more = f" and {len(named) - 10} more" if len(named) > 10 else ""
        names = f"{', '.join(charts)}{more}" if more else in_a_row(charts)
        return [f"Not within the expected variation: {names}."]

    def _limits_words(self, row: Any) -> str:
        if not np.isfinite(row.upper) or row.upper == row.lower:
            return ""  # limits that are not known, or that say nothing
        low, high = (number(end, self._places) for end in (row.lower, row.upper))
        steps = " (of the latest point)" if self.setup.step_limits else ""
        return (
            f"By chance alone points would lie between {low} and {high} {self.setup.unit}{steps}."
        )

    def alt_text(self) -> str:
        """What the figure shows: the finding, then points, lines and limits."""
        parts = [self.headline()]
        if self.by:
            parts.append(f"{self.setup.charts} small control charts{self._where()}.")
            return " ".join(parts)
        (row,) = rows_of(self.last)
        parts.append(self._chart_words(self.setup.title))
        parts += [*self._phase_words(), self._limits_words(row), *self._target_words()]
        marked = self.points[self.points["special_cause"]]
        if len(marked):
            names = [self._period(time) for time in marked["time"][:8]]
            more = f" and {len(marked) - 8} more" if len(marked) > 8 else ""
            when = f"{', '.join(names)}{more}" if more else in_a_row(names)
            parts.append(f"Special causes are marked in {when}.")
        return " ".join(filter(None, parts))

    def tables(self) -> tuple[Table, ...]:
        """One row a phase (lines, limits, variation and assurance); the points."""
        caption = f"{self.setup.title}; {self.setup.rules_title}; unit: {self.setup.unit}"
        if self.setup.step_limits:
            caption += "; limits are those of the latest point of each phase"
        rows = list(rows_of(self.estimates))
        columns = [*tables.LIMIT_COLUMNS, Column("latest", "Variation", "text")]
        if any(row.assurance for row in rows):
            columns.append(Column("sure", "Target", "text"))
        estimates = self._estimates_table(
            caption,
            tuple(columns),
            latest=[
                sentence(_VARIATION[row.variation].partition(", the")[0]).rstrip(".")
                + f": {in_a_row([why for why in (row.variation_reason, row.runs_why) if why])}"
                for row in rows
            ],
            sure=[
                f"{_ASSURANCE[row.assurance]}: {row.assurance_reason}" if row.assurance else ""
                for row in rows
            ],
        )
        points = self._points_table(
            "Special cause",
            Column("lower", "Lower limit", "estimate"),
            Column("upper", "Upper limit", "estimate"),
        )
        return estimates, points


VARIATION_VERDICTS: dict[str, tuple[Kind, str]] = {
    "improvement": ("improved", "special cause, better"),
    "concern": ("worse", "special cause, concern"),
    "neutral": ("changed", "special cause"),
    "common_cause": ("no clear change", "usual variation"),
    "": ("cannot tell", "not judged"),
}
"""What the latest point is → kind of the verdict, and its words for a cell."""

_VARIATION = {
    "improvement": "signal of improvement (special cause)",
    "concern": "signal of concern (special cause)",
    "neutral": "signal of a change (special cause)",
    "common_cause": "common cause, the variation to be expected",
    "": "not judged",
}
_ASSURANCE = {"pass": "Met", "fail": "Not met", "hit_or_miss": "Met at times"}
_TARGET = {
    "pass": "will be met consistently",
    "fail": "will not be met unless the process changes",
    "hit_or_miss": "will be met at times, by chance",
}
