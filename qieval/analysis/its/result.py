"""What an interrupted time series found, in tables and in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.its import diagnostics
from qieval.core import periods
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, interval, lower_or_higher, number, places_of, sentence


@dataclass(frozen=True, eq=False, repr=False)
class ITSResult(Result):
    """Result of :func:`qieval.interrupted_time_series`.

    Attributes
    ----------
    points : DataFrame
        One row a calendar period: ``time, value, phase`` (before, transition, after),
        ``used, period_after, fitted, counterfactual, counterfactual_low, counterfactual_high,
        residual``.
    rho : float or None
        Autocorrelation of neighbouring periods: the REML or ML estimate; its mean over the
        likelihood where `method="integrated"` was asked for.
    vcov : DataFrame
        Covariance of the model's coefficients (index ``term``).
    spread : DataFrame
        The same question asked with other defensible choices.
    placebo : DataFrame
        The same model at dates before the intervention, where nothing happened.
    influence : DataFrame
        How the level change would be without each point.
    left_over : DataFrame
        What is left over after the model, made free of the autocorrelation it allows for.
    comparisons : DataFrame
        With controls: level change and average effect by each way of using them.
    facts : dict
        What the words and the figure need beside the tables: kind of period, dates, units, whether
        a test was made, events near the intervention, when the level was passed again.
    """

    rho: float | None
    vcov: pd.DataFrame
    spread: pd.DataFrame
    placebo: pd.DataFrame
    influence: pd.DataFrame
    left_over: pd.DataFrame
    comparisons: pd.DataFrame
    facts: dict[str, Any]

    kind: ClassVar[str] = "interrupted_time_series"
    limits: ClassVar[tuple[str, ...]] = (
        "This compares a place with its own past. It cannot show by itself why something changed.",
    )

    # ---- the finding ---------------------------------------------------------------------------

    @property
    def _furthest(self) -> str:
        """The term of the effect at the last horizon."""
        terms = [t for t in self.estimates.index if re.fullmatch(r"effect_at_\d+", t)]
        return str(terms[-1])

    @property
    def finding(self) -> str:
        """One word for the pattern: described, at_once, lasting, gradual, or unclear.

        At once: a clear step, of which the end of the series no longer says anything clear.
        """
        if not self.facts["tested"]:
            return "described"
        at_once, last = self.term(self.facts["at_once"]).side, self.term(self._furthest).side
        if at_once and last != at_once:
            return "at_once"
        if self.term("average_effect").side:
            return "lasting"
        return "gradual" if last else "unclear"

    @property
    def _told(self) -> str:
        """The term that the headline tells."""
        by_finding = {"at_once": self.facts["at_once"], "gradual": self._furthest}
        return by_finding.get(self.finding, "average_effect")

    def headline(self) -> str:
        """The finding in one sentence; what else changed at the same time belongs to it."""
        found = self._found()
        if self.facts["events_near"] and self.finding not in ("unclear", "described"):
            return sentence(f"{found}; something else changed at the same time")
        return sentence(found)

    def _found(self) -> str:
        what, change, unit = self._measured, self.params["change"], self.facts["unit"]
        if self.finding == "described":
            before, after = (number(median) for median in self.facts["medians"])
            words = periods.noun(self.facts["every"], 2)
            return (
                f"{what}: too few {words} to test a change (middle value {before} {unit} before "
                f"{change}, {after} after)"
            )
        if self.finding == "unclear":
            return f"{what}: a change after {change} can be neither shown nor ruled out"
        told = self.term(self._told)
        size = f"{number(abs(told.value), places_of(told.low, told.high))} {unit}"
        if self.finding == "at_once":
            moved = "fell" if told.value < 0 else "rose"
            return f"{what} {moved} by {size} after {change}, {self._afterwards()}"
        when = "on average" if self.finding == "lasting" else f"by {self._last_counted}"
        side = "lower" if told.value < 0 else "higher"
        return f"{what}: {size} {side} than expected after {change}, {when}"

    @property
    def _measured(self) -> str:
        control = " compared with the control" if self.params["control"] else ""
        return f"{self.params['outcome']}{control}"

    def _afterwards(self) -> str:
        passed = self.facts["passed_again"]
        if passed:
            return f"but passed their earlier level again in {self._period(passed)}"
        return "but whether that lasted cannot be said"

    def _period(self, day: str) -> str:
        return periods.label(pd.Timestamp(day), self.facts["every"])

    @property
    def _last_counted(self) -> str:
        return self._period(self.facts["last_counted"])

    def details(self) -> str:
        """How sure the finding is, whether it lasted and what it can be put down to."""
        if self.finding == "described":
            return " ".join([self._described(), *self._cautions()])
        return " ".join([*self._sizes(), *self._wanted(), *self._lasting(), *self._cautions()])

    def _described(self) -> str:
        words = periods.noun(self.facts["every"], 2)
        return (
            f"With {self.facts['points_a_side']} {words} on one side a real change and chance look "
            "alike, so no test was made."
        )

    def _difference(self, term: str) -> str:
        found = self.term(term)
        return lower_or_higher(found.value, found.low, found.high, self.facts["unit"])

    def _sizes(self) -> list[str]:
        average = self.term("average_effect")
        span = f"{average.n} {periods.noun(self.facts['every'], average.n)}"
        parts = [
            f"At once the difference was {self._difference(self.facts['at_once'])}; over the "
            f"{span} after it the average was {self._difference('average_effect')} than expected "
            f"from before ({self._confidence} intervals)."
        ]
        if average.side and "relative_effect" in self.estimates.index:
            share = self.term("relative_effect")
            near, far = sorted((abs(100 * share.low), abs(100 * share.high)))
            side = "lower" if share.value < 0 else "higher"
            if share.side:
                parts.append(
                    f"That is {abs(100 * share.value):.0f}% {side} ({near:.0f}% to {far:.0f}%)."
                )
        if average.side and self.facts["beds"]:
            total = self.term("cumulative_effect")
            near, far = sorted((abs(total.low), abs(total.high)))
            side = "fewer" if total.value < 0 else "more"
            places = places_of(average.low, average.high)
            parts.append(
                f"In all that is {number(abs(total.value), 0)} {self.facts['total_unit']} {side} "
                f"({interval(near, far, 0)}), or about {number(abs(average.value), places)} beds."
            )
        if self.finding == "unclear":
            parts.append(
                "The interval is the honest answer: within it, both a real change and none at all "
                "fit these data. This does not show that nothing changed."
            )
        return parts

    def _lasting(self) -> list[str]:
        parts = []
        if self.finding != "unclear":
            parts.append(
                f"In {self._last_counted} the difference was {self._difference(self._furthest)} "
                "than expected."
            )
        passed = self.facts["passed_again"]
        if passed:
            parts.append(
                f"The level of the year before the change ({number(self.facts['level_before'])} "
                f"{self.facts['unit']}) was passed again in {self._period(passed)}."
            )
        return parts

    def _wanted(self) -> list[str]:
        direction = self.params["direction"]
        if direction == "neutral" or self.finding == "unclear":
            return []
        good = (self.term(self._told).value < 0) == (direction == "lower")
        return [f"This is {'' if good else 'not '}the direction hoped for."]

    def _cautions(self) -> list[str]:
        near = self.facts["events_near"]
        if not near:
            return []
        names = in_a_row([event["event"] for event in near])
        return [
            f"Something else happened at the same time ({names}), so what is seen cannot be put "
            f"down to {self.params['change']} alone."
        ]

    @property
    def _confidence(self) -> str:
        return f"{100 * self.params['confidence']:g}%"

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the points, lines and marks."""
        every = self.facts["every"]
        seen, several = self.points[self.points["value"].notna()], len(self.facts["given"]) > 1
        start = in_a_row([periods.label(pd.Timestamp(d), every) for d in self.facts["given"]])
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        values = seen["value"]
        return " ".join(
            [
                self.headline(),
                f"Chart of {self._measured.lower()}{where}, one point a "
                f"{periods.noun(every)} from {periods.label(seen['time'].iloc[0], every)} to "
                f"{periods.label(seen['time'].iloc[-1], every)} ({len(seen)} points, between "
                f"{number(values.min())} and {number(values.max())} {self.facts['unit']}).",
                f"{'Vertical lines mark' if several else 'A vertical line marks'} "
                f"{self.params['change']} in {start}.",
                "Solid lines show the model before and after; a dashed line with a shaded band "
                "shows what was expected without the change."
                if self.facts["tested"]
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
        by_check = self.checks.set_index("check")["detail"]
        return "How well does the model fit?", f"{placebo} {by_check['Single points']}"

    def _spread_words(self) -> str:
        rows = self.spread_at_once()
        low, high = float(rows["estimate"].min()), float(rows["estimate"].max())
        places = places_of(low, high)
        clear = int(((rows["ci_low"] > 0) | (rows["ci_high"] < 0)).sum())
        found = f"; {clear} of them find it clear of zero" if self.facts["tested"] else ""
        return (
            f"{len(rows)} defensible choices put the change at once between "
            f"{number(low, places)} and {number(high, places)} {self.facts['unit']}{found}."
        )

    def spread_at_once(self) -> pd.DataFrame:
        """The change at once by every choice that the data can carry."""
        rows = self.spread[self.spread["term"] == self.facts["at_once"]]
        return rows[rows["left_out"] == ""].reset_index(drop=True)

    def autocorrelations(self) -> pd.DataFrame:
        """Autocorrelations of what is left over: ``lag, autocorrelation, band``."""
        residual = self.left_over["residual"].to_numpy()
        lags = max(1, min(12, len(residual) // 4))
        return diagnostics.autocorrelations(residual, lags, self.params["confidence"])

    # ---- tables in words -----------------------------------------------------------------------

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """The estimates under plain names, and the table's caption."""
        rows = []
        for term in self.estimates.index:
            name = self._name_of(str(term))
            if name:
                found = self.term(str(term))
                rows.append((name, *_as_text(found.value, found.low, found.high, found.unit)))
        columns = ["What", f"Estimate ({self._confidence} interval)", "Unit"]
        caption = "Differences from what was expected without the change; minus means lower."
        if not self.facts["tested"]:
            caption += " For information only: there are too few points for a test."
        return pd.DataFrame(rows, columns=columns), caption

    def _name_of(self, term: str) -> str:
        """A term in plain words, or "" for those that only the result file holds."""
        word = periods.noun(self.facts["every"])
        at = re.fullmatch(r"effect_at_(\d+)(?:_(\d+))?", term)
        later = re.fullmatch(r"([a-z_]+?)(?:_(\d+))?", term)
        if at:
            name, which = f"Difference in {word} {at[1]} after it", at[2]
        elif later and later[1] in _NAMES:
            name, which = _NAMES[later[1]], later[2]
        else:
            return ""
        count = self.term(term).n
        name = name.format(period=word, span=f"{count} {periods.noun(self.facts['every'], count)}")
        return f"{name} (intervention {which})" if which else name

    def sensitivity_in_words(self) -> tuple[pd.DataFrame, str]:
        """The specification spread with plain heads, and its caption."""
        wide: list[dict[str, str]] = []
        for _, part in self.spread.groupby(["method", "model"], sort=False):
            first = next(rows_of(part))
            reported = " (the one reported above)" if first.headline else ""
            cells = {"Method": first.method, "Model": first.model + reported}
            for row in rows_of(part):
                head = "Average difference" if row.term == "average_effect" else "Change at once"
                cells[head] = "not possible"
                if not row.left_out:
                    places = places_of(row.ci_low, row.ci_high)
                    reach = interval(row.ci_low, row.ci_high, places)
                    cells[head] = f"{number(row.estimate, places)} ({reach})"
            wide.append(cells)
        caption = (
            f"Unit: {self.facts['unit']}; {self._confidence} intervals. If the rows disagree, the "
            "finding depends on choices that the data cannot settle. Harmonic pair: a wave that "
            "comes back every year. Wash-out: periods after the change that are left out."
        )
        return pd.DataFrame(wide), caption

    def comparisons_in_words(self) -> tuple[pd.DataFrame, str]:
        """With controls: the change at once and the average by each way of using them."""
        rows = []
        for row in rows_of(self.comparisons):
            text, unit = row.left_out, row.unit
            if np.isfinite(row.ci_low):
                text, unit = _as_text(row.estimate, row.ci_low, row.ci_high, row.unit)
            elif np.isfinite(row.estimate):
                text = f"{number(row.estimate)} ({row.left_out})"
            what = "Average" if row.term == "average_effect" else "At once"
            rows.append((row.comparison, what, text, unit))
        columns = ["Comparison", "Difference", f"Estimate ({self._confidence} interval)", "Unit"]
        names = in_a_row(self.params["control"])
        caption = f"Compared with {names}, which had everything but {self.params['change']}"
        return pd.DataFrame(rows, columns=columns), caption

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        every, points = self.facts["every"], self.points
        after = points["period_after"] > 0
        table = pd.DataFrame(
            {
                periods.noun(every).capitalize(): [periods.label(t, every) for t in points["time"]],
                f"{self.params['outcome']} ({self.facts['unit']})": points["value"],
                "Model": points["fitted"],
                "Expected without the change": points["counterfactual"].where(after),
            }
        )
        return table if self.facts["tested"] else table.iloc[:, :2]


def _as_text(value: float, low: float, high: float, unit: str) -> tuple[str, str]:
    """Estimate and interval as "12 (3 to 21)", and the unit; logarithms as ratios, shares in %."""
    numbers = np.array([value, low, high], dtype=float)
    if unit.startswith("share of"):
        numbers, unit = 100 * numbers, "%"
    elif unit.startswith("logarithm of a"):
        tail = unit.partition(" per ")[2]
        numbers, unit = np.exp(numbers), f"times per {tail}" if tail else "times"
    value, low, high = (float(one) for one in numbers)
    places = 0 if unit == "%" else places_of(low, high)
    return f"{number(value, places)} ({interval(low, high, places)})", unit


_NAMES = {
    "level_change": "Change at once",
    "slope_change": "Change of the trend, per {period}",
    "average_effect": "Average difference over {span}",
    "cumulative_effect": "Total difference over {span}",
    "relative_effect": "Difference as a share of what was expected, over {span}",
    "trend": "Trend before the change, per {period}",
}
