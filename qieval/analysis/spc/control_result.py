"""What a control chart found, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.spc.result import NOT_UNCHANGED, Chart, in_plain_words
from qieval.core.result import rows_of
from qieval.core.words import decimals, in_a_row, number, sentence


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
        ``sigma_z``, ``special_causes`` (points), ``variation`` (of the latest point, as
        ``point_type``, or "" where it cannot be judged) and ``variation_reason``, ``assurance``
        (pass, fail, hit_or_miss, or "" without a target) and ``assurance_reason``; by the Anhøj
        rules ``runs_why`` (what is wrong with the runs of the phase as a whole, "" if nothing).
    facts
        As :class:`Chart`.
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
            why = in_plain_words(row.variation_reason)
            return sentence(f"{what}: {_VARIATION[row.variation]}; {why}")
        if row.runs_why:
            return sentence(f"{what}: signal of a change, {in_plain_words(row.runs_why)}")
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
        table = self.estimates
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
    "improvement": "signal of improvement (special cause)",
    "concern": "signal of concern (special cause)",
    "neutral": "signal of a change (special cause)",
    "common_cause": "common cause, the variation to be expected",
    "": "not judged",
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_ASSURANCE = {"pass": "Met", "fail": "Not met", "hit_or_miss": "Met at times"}
