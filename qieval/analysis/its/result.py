"""What an interrupted time series found, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from qieval.analysis.its import diagnostics
from qieval.core import periods
from qieval.core.results import Result
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

    # ---- the finding ---------------------------------------------------------------------------

    def _clear(self, term: str) -> int:
        """-1 or 1 if the interval of a term lies wholly below or above zero, else 0."""
        row = self.estimates.loc[term]
        return int(row["ci_low"] > 0) - int(row["ci_high"] < 0)

    def _term(self, stem: str) -> str:
        """The last horizon's term for "effect_at", else the stem itself."""
        if stem != "effect_at":
            return stem
        terms = [t for t in self.estimates.index if t.startswith("effect_at_") and t.count("_") == 2]
        return str(terms[-1])

    @property
    def finding(self) -> str:
        """One word for the pattern: described, at_once, lasting, gradual, or unclear.

        At once: a clear step, of which the end of the series no longer says anything clear.
        """
        if not self.facts["tested"]:
            return "described"
        level, last = self._clear("level_change"), self._clear(self._term("effect_at"))
        if level and last != level:
            return "at_once"
        if self._clear("average_effect"):
            return "lasting"
        return "gradual" if last else "unclear"

    def _span(self) -> str:
        count = int(self.estimates.loc["average_effect", "n"])
        return f"the {count} {periods.noun(self.facts['every'], count)} after it"

    def _last(self) -> str:
        return periods.label(pd.Timestamp(self.facts["last_counted"]), self.facts["every"])

    def headline(self) -> str:
        """The finding in one sentence; what else changed at the same time belongs to it."""
        found = self._found()
        if self.facts["events_near"] and self.finding not in ("unclear", "described"):
            return sentence(f"{found.rstrip('.')}; something else changed at the same time")
        return found

    def _found(self) -> str:
        what, change = self.params["outcome"], self.params["change"]
        word = periods.noun(self.facts["every"], 2)
        if self.finding == "described":
            medians = self.facts["medians"]
            return sentence(
                f"{what}: too few {word} to test a change (middle value "
                f"{number(medians[0])} {self.facts['unit']} before {change}, {number(medians[1])} after)"
            )
        if self.finding == "unclear":
            return sentence(f"{what}: a change after {change} can be neither shown nor ruled out")
        if self.finding == "at_once":
            side, size = self._size("level_change", ("fell", "rose"))
            return sentence(f"{what} {side} by {size} after {change}, {self._afterwards()}")
        term = "average_effect" if self.finding == "lasting" else self._term("effect_at")
        when = "on average" if self.finding == "lasting" else f"by {self._last()}"
        side, size = self._size(term, ("lower", "higher"))
        return sentence(f"{what}: {size} {side} than expected after {change}, {when}")

    def _size(self, term: str, sides: tuple[str, str]) -> tuple[str, str]:
        """The side on which an estimate lies, and its size with the unit."""
        row = self.estimates.loc[term]
        size = number(abs(row["estimate"]), places_of(row["ci_low"], row["ci_high"]))
        return sides[int(row["estimate"] > 0)], f"{size} {self.facts['unit']}"

    def _afterwards(self) -> str:
        passed = self.facts["passed_again"]
        if passed:
            when = periods.label(pd.Timestamp(passed), self.facts["every"])
            return f"but passed their earlier level again in {when}"
        return "but whether that lasted cannot be said"

    def details(self) -> str:
        """How sure the finding is, whether it lasted and what it can be put down to."""
        if self.finding == "described":
            return " ".join([*self._described(), *self._cautions()])
        return " ".join(
            [*self._sizes(), *self._wanted(), *self._lasting(), *self._cautions()]
        )

    def _described(self) -> list[str]:
        fewest = self.facts["points_a_side"]
        word = periods.noun(self.facts["every"], 2)
        return [
            f"With {fewest} {word} on one side a real change and chance look alike, so no test was "
            "made."
        ]

    def _sizes(self) -> list[str]:
        level = self._confidence()
        rows = self.estimates
        unit = self.facts["unit"]
        average, at_once = rows.loc["average_effect"], rows.loc["level_change"]
        parts = [
            f"At once the difference was "
            f"{lower_or_higher(*at_once[['estimate', 'ci_low', 'ci_high']], unit)}; "
            f"over {self._span()} the average was "
            f"{lower_or_higher(*average[['estimate', 'ci_low', 'ci_high']], unit)} than expected "
            f"from before ({level} intervals)."
        ]
        if "relative_effect" in rows.index and self._clear("average_effect"):
            share = rows.loc["relative_effect"]
            low, high = sorted(abs(100 * share[["ci_low", "ci_high"]]))
            side = "lower" if share["estimate"] < 0 else "higher"
            if share["ci_low"] * share["ci_high"] > 0:
                parts.append(
                    f"That is {abs(100 * share['estimate']):.0f}% {side} "
                    f"({low:.0f}% to {high:.0f}%)."
                )
        if self.finding == "unclear":
            parts.append(
                "The interval is the honest answer: within it, both a real change and none at all "
                "fit these data. This does not show that nothing changed."
            )
        return parts

    def _lasting(self) -> list[str]:
        parts = []
        last = self.estimates.loc[self._term("effect_at")]
        if self.finding in ("at_once", "lasting", "gradual"):
            parts.append(
                f"In {self._last()} the difference was "
                f"{lower_or_higher(*last[['estimate', 'ci_low', 'ci_high']], self.facts['unit'])} "
                "than expected."
            )
        passed = self.facts["passed_again"]
        if passed:
            when = periods.label(pd.Timestamp(passed), self.facts["every"])
            parts.append(
                f"The level of the year before the change ({number(self.facts['level_before'])} "
                f"{self.facts['unit']}) was passed again in {when}."
            )
        return parts

    def _wanted(self) -> list[str]:
        direction = self.params["direction"]
        if direction == "neutral" or self.finding == "unclear":
            return []
        term = "level_change" if self.finding == "at_once" else "average_effect"
        if self.finding == "gradual":
            term = self._term("effect_at")
        good = (self.estimates.loc[term, "estimate"] < 0) == (direction == "lower")
        return [
            "This is the direction hoped for." if good else "This is not the direction hoped for."
        ]

    def _cautions(self) -> list[str]:
        near = self.facts["events_near"]
        if not near:
            return []
        names = in_a_row([event["event"] for event in near])
        return [
            f"Something else happened at the same time ({names}), so what is seen cannot be put "
            f"down to {self.params['change']} alone."
        ]

    def _confidence(self) -> str:
        return f"{100 * self.params['confidence']:g}%"

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the points, lines and marks."""
        every = self.facts["every"]
        seen = self.points[self.points["value"].notna()]
        start = in_a_row([periods.label(pd.Timestamp(d), every) for d in self.facts["given"]])
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        values = seen["value"]
        return " ".join(
            [
                self.headline(),
                f"Chart of {self.params['outcome'].lower()}{where}, one point a "
                f"{periods.noun(every)} from {periods.label(seen['time'].iloc[0], every)} to "
                f"{periods.label(seen['time'].iloc[-1], every)} ({len(seen)} points, between "
                f"{number(values.min())} and {number(values.max())} {self.facts['unit']}).",
                f"A vertical line marks {self.params['change']} in {start}.",
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
        rows = self.spread[self.spread["term"] == "level_change"]
        rows = rows[rows["left_out"] == ""]
        low, high = rows["estimate"].min(), rows["estimate"].max()
        places = places_of(low, high)
        clear = int(((rows["ci_low"] > 0) | (rows["ci_high"] < 0)).sum())
        return (
            f"{len(rows)} defensible choices put the change at once between "
            f"{number(low, places)} and {number(high, places)} {self.facts['unit']}; {clear} of "
            "them find it clear of zero."
        )

    def autocorrelations(self) -> pd.DataFrame:
        """Autocorrelations of what is left over: ``lag, autocorrelation, band``."""
        residual = self.left_over["residual"].to_numpy()
        lags = max(1, min(12, len(residual) // 4))
        return diagnostics.autocorrelations(residual, lags, self.params["confidence"])

    # ---- tables in words -----------------------------------------------------------------------

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """The estimates under plain names, and the table's caption."""
        rows = []
        for term, row in self.estimates.iterrows():
            name = self._name_of(str(term))
            if not name:
                continue
            share = str(term).startswith("relative_effect")
            scale, unit = (100, "%") if share else (1, row["unit"])
            low, high = scale * row["ci_low"], scale * row["ci_high"]
            places = 0 if share else places_of(low, high)
            estimate = number(scale * row["estimate"], places)
            rows.append((name, f"{estimate} ({interval(low, high, places)})", unit))
        table = pd.DataFrame(rows, columns=["What", f"Estimate ({self._confidence()} interval)", "Unit"])
        caption = "Differences from what was expected without the change; minus means lower."
        if not self.facts["tested"]:
            caption += " For information only: there are too few points for a test."
        return table, caption

    def _name_of(self, term: str) -> str:
        """A term in plain words, or "" for those that only the result file holds."""
        every = self.facts["every"]
        stem, _, tail = term.rpartition("_")
        which = f" (intervention {tail})" if tail.isdigit() and stem in _NAMES else ""
        name = _NAMES.get(stem if which else term, "")
        if term.startswith("effect_at_"):
            which = f" (intervention {term.split('_')[3]})" if term.count("_") == 3 else ""
            number_of = int(term.split("_")[2])
            name = f"Difference in {periods.noun(every)} {number_of} after it"
        count = int(self.estimates.loc[term, "n"])
        return name.format(period=periods.noun(every), span=f"{count} {periods.noun(every, count)}") + (
            which if name else ""
        )

    def sensitivity_in_words(self) -> tuple[pd.DataFrame, str]:
        """The specification spread with plain heads, and its caption."""
        wide = []
        for (method, model), part in self.spread.groupby(["method", "model"], sort=False):
            cells = {"Method": str(method), "Model": model}
            for row in part.itertuples(index=False):
                places = 0 if row.left_out else places_of(row.ci_low, row.ci_high)
                text = f"{number(row.estimate, places)} ({interval(row.ci_low, row.ci_high, places)})"
                cells[_NAMES[row.term].partition(",")[0].partition(" over")[0]] = (
                    "not possible" if row.left_out else text
                )
            if part["headline"].any():
                cells["Model"] = f"{model} (the one reported above)"
            wide.append(cells)
        caption = (
            f"Unit: {self.facts['unit']}; {self._confidence()} intervals. If the rows disagree, the "
            "finding depends on choices that the data cannot settle."
        )
        return pd.DataFrame(wide), caption

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        every = self.facts["every"]
        points = self.points
        table = pd.DataFrame(
            {
                periods.noun(every).capitalize(): [periods.label(t, every) for t in points["time"]],
                f"{self.params['outcome']} ({self.facts['unit']})": points["value"],
                "Model": points["fitted"],
                "Expected without the change": points["counterfactual"].where(
                    points["period_after"] > 0
                ),
            }
        )
        return table if self.facts["tested"] else table.iloc[:, :2]


_NAMES = {
    "level_change": "Change at once",
    "slope_change": "Change of the trend, per {period}",
    "average_effect": "Average difference over {span}",
    "cumulative_effect": "Total difference over {span}",
    "relative_effect": "Difference as a share of what was expected, over {span}",
    "trend": "Trend before the change, per {period}",
}
