"""What a run chart or a control chart found, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.spc import false_alarms
from qieval.core import periods
from qieval.core.results import Result, rows_of
from qieval.core.words import decimals, in_a_row, number, sentence

NOT_UNCHANGED = (
    "No signal is not proof that nothing changed: a small or a late change can hide in this "
    "variation."
)


@dataclass(frozen=True, eq=False, repr=False)
class Chart(Result):
    """What run charts and control charts have in common.

    Attributes
    ----------
    phases : DataFrame
        One row a phase (and group): ``phase`` (from 1), ``start, end, reason, n``, the numbers of
        the estimates, and words.
    facts : dict
        What the words and the figure need beside the tables: ``every`` (kind of period, or
        "event"), ``unit``, ``rules`` (with version), ``rules_title``, ``signals`` (column → rule in
        words), ``points`` (counted points of each phase), ``false_alarm`` (chance of a false signal
        on this chart), ``marks`` (events and rephases with ``date, event, kind``), ``frozen`` (the
        baseline), ``shifts`` (suggested new phases); of control charts also ``step_limits``
        (whether limits differ from point to point) and ``caution`` ("" or why the limits mislead).
    """

    phases: pd.DataFrame
    facts: dict[str, Any]

    @property
    def by(self) -> list[str]:
        """The group columns; none for a single chart."""
        return list(self.params["by"])

    @property
    def last(self) -> pd.DataFrame:
        """The latest phase of each group: one row for a single chart."""
        if not self.by:
            return self.phases.tail(1)
        return self.phases.groupby(self.by, sort=False).tail(1)

    def _period(self, time: Any) -> str:
        every: Any = "day" if self.facts["every"] == "event" else self.facts["every"]
        return periods.label(pd.Timestamp(time), every)

    def _noun(self, count: float = 1) -> str:
        return periods.noun(self.facts["every"], count)

    def false_alarm_words(self) -> str:
        """How often such a chart shows a signal although nothing changed, for the caption."""
        facts = self.facts
        return false_alarms.in_words(
            facts["false_alarm"], facts["points"], facts["rules_title"], facts["charts"]
        )

    def _where(self) -> str:
        return f" for {self.params['setting']}" if self.params["setting"] else ""

    def _seen(self) -> pd.DataFrame:
        return self.points[self.points["value"].notna()]

    def _chart_words(self, chart: str) -> str:
        seen = self._seen()
        one = "one point an event" if self.facts["every"] == "event" else f"one a {self._noun()}"
        return (
            f"{chart} of {self.params['outcome'].lower()}{self._where()}, {one}, from "
            f"{self._period(seen['time'].min())} to {self._period(seen['time'].max())} "
            f"({len(seen)} points, between {number(seen['value'].min())} and "
            f"{number(seen['value'].max())} {self.facts['unit']})."
        )

    def _phase_words(self) -> list[str]:
        """Centre lines of a single chart in words."""
        rows = list(rows_of(self.phases))
        line = self.facts["line"]
        unit = self.facts["unit"]
        if len(rows) == 1:
            return [f"The {line} is {number(rows[0].centre)} {unit}."]
        said = [
            f"{number(row.centre)} from {self._period(row.start)}"
            + (f" ({row.reason})" if row.reason else "")
            for row in rows
        ]
        return [f"The {line} ({unit}) is {in_a_row(said)}."]

    def _hoped_for(self, way: int) -> str:
        direction = self.params["direction"]
        if direction == "neutral" or not way:
            return ""
        good = (way > 0) == (direction == "higher")
        return f"This is {'' if good else 'not '}the direction hoped for."

    def _target_words(self) -> list[str]:
        target = self.params["target"]
        return [] if target is None else [f"The target is {number(target)} {self.facts['unit']}."]

    def _group_name(self, row: Any) -> str:
        return ", ".join(str(getattr(row, name, "")) for name in self.by)

    def _group_cells(self, table: pd.DataFrame) -> dict[str, Any]:
        return {name.replace("_", " ").capitalize(): table[name].to_numpy() for name in self.by}

    def _phase_cells(self) -> dict[str, Any]:
        """Group, phase and points of the table of estimates, under plain heads."""
        table = self.phases
        span = [
            f"{self._period(start)} to {self._period(end)}"
            for start, end in zip(table["start"], table["end"], strict=True)
        ]
        if "reason" in table and (table["reason"] != "").any():
            span = [
                f"{text} ({why})" if why else text
                for text, why in zip(span, table["reason"], strict=True)
            ]
        return {**self._group_cells(table), "Phase": span, "Points": table["n"].to_numpy()}

    def _point_cells(self) -> dict[str, Any]:
        points = self.points
        head = "Event" if self.facts["every"] == "event" else self._noun().capitalize()
        return {
            **self._group_cells(points),
            head: [self._period(t) for t in points["time"]],
            f"{self.params['outcome']} ({self.facts['unit']})": points["value"].to_numpy(),
            self.facts["line"].capitalize(): points["centre"].to_numpy(),
        }

    def _what_points_are(self) -> list[str]:
        """Each point's signals, or why it is left out, in words."""
        names = [name for name in self.facts["signals"] if name in self.points]
        flags = self.points[names].to_numpy(dtype=bool)
        said = [
            in_a_row([self.facts["signals"][names[k]] for k in np.flatnonzero(row)])
            for row in flags
        ]
        return [
            ("left out" + (f": {why}" if why else "")) if out else text
            for out, why, text in zip(
                self.points["excluded"], self.points["reason"], said, strict=True
            )
        ]


# ---- run charts --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class RunChartResult(Chart):
    """Result of :func:`qieval.run_chart`.

    Attributes
    ----------
    points : DataFrame
        One row a calendar period: group columns, ``time, value, centre`` (the median), ``phase``
        (from 1), ``useful`` (not on the median), ``shift, trend`` (part of such a signal),
        ``special_cause, point_type`` (improvement, concern, neutral, common_cause), ``excluded,
        reason, denominator``.
    estimates : DataFrame
        Terms of the first phase: ``centre, n_useful, longest_run, longest_run_max, n_crossings,
        n_crossings_min, n_runs, n_runs_min, n_runs_max, signal`` (1 or 0); ``…_2`` of the second.
        With groups, their columns come last.
    phases, facts
        As :class:`Chart`; the phases say ``why`` in words.
    """

    kind: ClassVar[str] = "run_chart"
    limits: ClassVar[tuple[str, ...]] = (
        "A signal says that something changed, not what or why; no signal does not show that "
        "nothing changed.",
    )

    def headline(self) -> str:
        """Whether the latest phase shows a signal, and which."""
        what, last = self.params["outcome"], self.last
        if self.by:
            some, all_ = int(last["signal"].sum()), len(last)
            return sentence(
                f"{what}: {some or 'none'} of {all_} charts "
                f"{'shows' if some == 1 else 'show'} a signal of a change"
            )
        (row,) = rows_of(last)
        since = f" since {self._period(row.start)}" if row.phase > 1 else ""
        if not row.signal:
            return sentence(f"{what}: no signal of a change{since} in {row.n} {self._noun(row.n)}")
        return sentence(f"{what}: signal of a change{since}, {row.why}")

    def details(self) -> str:
        """What the lines are and how far the chart can be trusted."""
        parts = []
        last = self.last
        if self.by:
            named = last[last["signal"] > 0]
            said = [f"{self._group_name(row)} ({row.why})" for row in rows_of(named.head(10))]
            if said:
                more = f" and {len(named) - 10} more" if len(named) > 10 else ""
                parts.append(f"With a signal: {'; '.join(said)}{more}.")
        else:
            (row,) = rows_of(last)
            parts += self._phase_words() + self._target_words()
            if row.signal and row.way:
                parts.append(self._hoped_for(int(row.way)))
        if not (last["signal"] > 0).all():
            parts.append(NOT_UNCHANGED)
        parts.append(self.false_alarm_words())
        return " ".join(filter(None, parts))

    def alt_text(self) -> str:
        """What the figure shows: the finding, then points and lines."""
        parts = [self.headline()]
        if self.by:
            parts.append(f"{self.facts['charts']} small run charts{self._where()}.")
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

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """One row a phase: median, runs and crossings with what chance allows."""
        table = self.phases
        cells = self._phase_cells()
        cells["Median"] = [number(value) for value in table["centre"]]
        cells["Points not on the median"] = table["n_useful"].to_numpy()
        if self.facts["rules"] == "ihi":
            cells["Runs (expected)"] = [
                f"{row.n_runs:.0f} ({row.n_runs_min:.0f} to {row.n_runs_max:.0f})"
                for row in rows_of(table)
            ]
        else:
            cells["Longest run (at most)"] = [
                f"{row.longest_run:.0f} ({row.longest_run_max:.0f})" for row in rows_of(table)
            ]
            cells["Crossings (at least)"] = [
                f"{row.n_crossings:.0f} ({row.n_crossings_min:.0f})" for row in rows_of(table)
            ]
        cells["Signal"] = [row.why if row.signal else "none" for row in rows_of(table)]
        caption = f"Rules: {self.facts['rules_title']}; unit: {self.facts['unit']}"
        return pd.DataFrame(cells), caption

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        return pd.DataFrame({**self._point_cells(), "Signal": self._what_points_are()})


# ---- control charts ----------------------------------------------------------------------------


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
        Terms of the first phase: ``centre, lower, upper`` (limits of its latest point), ``sigma_z,
        special_causes`` (points), ``variation`` (1 improvement, -1 concern, 0 common cause, blank
        where no direction is better), ``assurance`` (1 the target is met by chance variation alone,
        -1 it is not, 0 at times, blank without a target); ``…_2`` of the second phase.
    phases, facts
        As :class:`Chart`; the phases hold ``variation`` (as ``point_type``, or "" where it cannot
        be judged), ``variation_reason``, ``assurance`` (pass, fail, hit_or_miss, or "" without a
        target) and ``assurance_reason`` as words, and by the Anhøj rules ``runs_why``
        (what is wrong with the runs of the phase as a whole, "" if nothing).
    """

    kind: ClassVar[str] = "control_chart"
    limits: ClassVar[tuple[str, ...]] = (
        "A signal says that something changed, not what or why; no signal does not show that "
        "nothing changed.",
    )

    def headline(self) -> str:
        """What the latest point is, and whether points before it in its phase were special."""
        what, last = self.params["outcome"], self.last
        if self.by:
            return self._headline_of_groups(last)
        (row,) = rows_of(last)
        if row.variation == "":
            return sentence(f"{what}: cannot be judged, since {row.variation_reason}")
        if row.variation != "common_cause":
            return sentence(f"{what}: {_VARIATION[row.variation]}; {row.variation_reason}")
        if row.runs_why:
            return sentence(f"{what}: signal of a change, {row.runs_why}")
        count = int(row.special_causes)
        if count:
            verb = "points shows" if count == 1 else "points show"
            return sentence(
                f"{what}: the latest point is within the expected variation, but {count} of "
                f"{row.n} {verb} a special cause"
            )
        since = f" since {self._period(row.start)}" if row.phase > 1 else ""
        return sentence(f"{what}: only the variation to be expected{since}; no special cause")

    def _headline_of_groups(self, last: pd.DataFrame) -> str:
        counts = last["variation"].value_counts()
        said = [
            f"{counts[name]} {words}"
            for name, words in [
                ("improvement", "improving"),
                ("concern", "of concern"),
                ("neutral", "with a special cause"),
            ]
            if name in counts
        ]
        said.append(f"{counts.get('common_cause', 0)} within the variation to be expected")
        if "" in counts:
            said.append(f"{counts['']} that cannot be judged")
        return sentence(f"{self.params['outcome']}: of {len(last)} charts {in_a_row(said)}")

    def details(self) -> str:
        """Lines and limits, the target, and how far the chart can be trusted."""
        parts = []
        last = self.last
        if self.by:
            named = last[~last["variation"].isin(["common_cause", ""])]
            said = [
                f"{self._group_name(row)} ({_VARIATION[row.variation]})"
                for row in rows_of(named.head(10))
            ]
            if said:
                more = f" and {len(named) - 10} more" if len(named) > 10 else ""
                listed = f"{', '.join(said)}{more}" if more else in_a_row(said)
                parts.append(f"Not within the expected variation: {listed}.")
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
        parts.append(self.facts["caution"] or self.false_alarm_words())
        return " ".join(filter(None, parts))

    def _limits_words(self, row: Any) -> str:
        if not np.isfinite(row.upper) or row.upper == row.lower:
            return ""  # limits that are not known, or that say nothing
        places = decimals(row.upper - row.lower)
        reach = f"{number(row.lower, places)} and {number(row.upper, places)}"
        steps = " (of the latest point)" if self.facts["step_limits"] else ""
        return f"By chance alone points would lie between {reach} {self.facts['unit']}{steps}."

    def alt_text(self) -> str:
        """What the figure shows: the finding, then points, lines and limits."""
        parts = [self.headline()]
        if self.by:
            parts.append(f"{self.facts['charts']} small control charts{self._where()}.")
            return " ".join(parts)
        (row,) = rows_of(self.last)
        parts.append(self._chart_words(self.facts["title"]))
        parts += [*self._phase_words(), self._limits_words(row), *self._target_words()]
        marked = self.points[self.points["special_cause"]]
        if len(marked):
            names = [self._period(time) for time in marked["time"][:8]]
            more = f" and {len(marked) - 8} more" if len(marked) > 8 else ""
            said = f"{', '.join(names)}{more}" if more else in_a_row(names)
            parts.append(f"Special causes are marked in {said}.")
        return " ".join(filter(None, parts))

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """One row a phase: lines, limits, variation and assurance."""
        table = self.phases
        cells = self._phase_cells()
        cells[self.facts["line"].capitalize()] = [number(value) for value in table["centre"]]
        cells["Limits"] = [
            f"{number(row.lower, decimals(row.upper - row.lower))} to "
            f"{number(row.upper, decimals(row.upper - row.lower))}"
            if np.isfinite(row.upper)
            else "not known"
            for row in rows_of(table)
        ]
        cells["Variation"] = [
            _capital(f"{_VARIATION[row.variation].partition(', the')[0]}: ")
            + in_a_row([row.variation_reason, *([row.runs_why] if row.runs_why else [])])
            for row in rows_of(table)
        ]
        if (table["assurance"] != "").any():
            cells["Target"] = [
                f"{_ASSURANCE[row.assurance]}: {row.assurance_reason}" if row.assurance else ""
                for row in rows_of(table)
            ]
        caption = f"{self.facts['title']}; {self.facts['rules_title']}; unit: {self.facts['unit']}"
        if self.facts["step_limits"]:
            caption += "; limits are those of the latest point of each phase"
        return pd.DataFrame(cells), caption

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        return pd.DataFrame(
            {
                **self._point_cells(),
                "Lower limit": self.points["lower"].to_numpy(),
                "Upper limit": self.points["upper"].to_numpy(),
                "Special cause": self._what_points_are(),
            }
        )


_VARIATION = {
    "improvement": "special cause, an improvement",
    "concern": "special cause of concern",
    "neutral": "special cause",
    "common_cause": "common cause, the variation to be expected",
    "": "not judged",
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_ASSURANCE = {"pass": "Met", "fail": "Not met", "hit_or_miss": "Met at times"}
