"""What a run chart found, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.spc.result import NOT_UNCHANGED, Chart, in_plain_words
from qieval.core.result import rows_of
from qieval.core.words import number, sentence


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
        (True or False), ``way`` (of the signal: 1 up, -1 down, 0 neither) and ``why`` in words.
    facts
        As :class:`Chart`.
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
        if not row.n_useful:
            return sentence(f"{what}: cannot be judged, since every point lies on the middle line")
        if not row.signal:
            return sentence(f"{what}: no signal of a change{since} in {row.n} {self._noun(row.n)}")
        return sentence(f"{what}: signal of a change{since}, {in_plain_words(row.why)}")

    def details(self) -> str:
        """What the lines are and how far the chart can be trusted."""
        parts = []
        last = self.last
        if self.by:
            named = last[last["signal"]]
            said = [f"{self._group_name(row)} ({row.why})" for row in rows_of(named.head(10))]
            if said:
                more = f" and {len(named) - 10} more" if len(named) > 10 else ""
                parts.append(f"With a signal: {'; '.join(said)}{more}.")
        else:
            (row,) = rows_of(last)
            parts += self._phase_words() + self._target_words()
            if row.signal and row.way:
                parts.append(self._hoped_for(int(row.way)))
        if not last["signal"].all():
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
        table = self.estimates
        cells = self._phase_cells()
        cells["Median"] = [number(value) for value in table["centre"]]
        cells["Points not on the median"] = table["n_useful"].to_numpy()
        if self.facts["rules"] == "ihi":
            cells["Runs (expected)"] = [
                f"{row.n_runs:.0f} ({row.n_runs_min:.0f} to {row.n_runs_max:.0f})"
                for row in rows_of(table)
            ]
        elif self.facts["rules"] == "anhoej":
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
