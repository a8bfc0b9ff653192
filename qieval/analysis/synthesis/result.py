"""What several teams found together, in tables and in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from qieval.analysis.synthesis.random_effects import INTERVAL_WORDS, METHOD_WORDS
from qieval.core.result import Result
from qieval.core.words import in_a_row, interval, lower_or_higher, number, places_of, sentence


@dataclass(frozen=True, eq=False, repr=False)
class PooledResult(Result):
    """Result of :func:`qieval.pool`.

    Attributes
    ----------
    points : DataFrame
        One row a team: ``study, estimate, se, ci_low, ci_high, weight, p_value, p_adjusted, clear,
        reason``. The interval of a team is its own; ``p_adjusted`` allows for the number of teams
        (Benjamini-Hochberg) and ``clear`` rests on it. A team without an estimate has a ``reason``.
    estimates : DataFrame
        Terms ``pooled, prediction`` (from three teams on), ``tau, tau2, i2, common_effect``. In
        ``df`` a blank means the normal distribution; tau, tau² and I² have an interval, no test.
    tau2 : float
        Variance of the true changes between teams.
    i2 : float
        Share of the differences seen that is more than chance.
    q : float
        Cochran's Q.
    spread : DataFrame
        The same average by the other methods and intervals.
    facts : dict
        What the words and the figure need beside the tables.
    """

    tau2: float
    i2: float
    q: float
    spread: pd.DataFrame
    facts: dict[str, Any]

    kind: ClassVar[str] = "pool"

    # ---- words for numbers ---------------------------------------------------------------------

    @property
    def scale(self) -> float:
        """100 where the estimates are shares, which are read as per cent; else 1."""
        return 100.0 if self.facts["share"] else 1.0

    @property
    def unit(self) -> str:
        """The unit as it stands behind a number."""
        return "per cent" if self.facts["share"] else str(self.facts["unit"])

    @property
    def axis_unit(self) -> str:
        """The unit as it stands on an axis or in a table."""
        return (
            self.facts["unit"].replace("share", "per cent", 1) if self.facts["share"] else self.unit
        )

    def figures(self, term: str) -> tuple[float, float, float]:
        """Estimate, lower and upper end of a term, in the unit that is shown."""
        row = self.estimates.loc[[term], ["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
        estimate, low, high = self.scale * row[0]
        return float(estimate), float(low), float(high)

    def _confidence(self) -> str:
        return f"{100 * self.params['confidence']:g}%"

    def _counted(self, count: int) -> str:
        return f"{count:,} {self.params['team'] if count == 1 else self.facts['teams_word']}"

    # ---- the finding ---------------------------------------------------------------------------

    @property
    def finding(self) -> str:
        """One word: lower, higher, or unclear if the interval of the average holds zero."""
        _, low, high = self.figures("pooled")
        if low > 0:
            return "higher"
        return "lower" if high < 0 else "unclear"

    def _either_way(self) -> bool:
        """Whether in a new team the change might be lower or higher."""
        if "prediction" not in self.estimates.index:
            return False
        _, low, high = self.figures("prediction")
        return low < 0 < high

    def headline(self) -> str:
        """The finding in one sentence."""
        what, change = self.params["outcome"], self.params["change"]
        over = f"over {self._counted(self.facts['k'])}"
        if self.finding == "unclear":
            return sentence(
                f"{what}: {over} a change after {change} can be neither shown nor ruled out"
            )
        estimate, low, high = self.figures("pooled")
        size = f"{number(abs(estimate), places_of(low, high))} {self.unit}".strip()
        text = f"{what}: {size} {self.finding} after {change}, on average {over}"
        if self._either_way():
            text += f"; in another {self.params['team']} it could go either way"
        return sentence(text)

    def summary(self) -> str:
        """The finding, how sure it is, how far teams differ and which were left out."""
        parts = [
            self.headline(),
            self._average(),
            *self._new_one(),
            self._differences(),
            self._one_by_one(),
            *self._left_out(),
            *self._few(),
            *self._wanted(),
        ]
        return " ".join(parts)

    def _average(self) -> str:
        k, of = self.facts["k"], len(self.points)
        over = f"all {self._counted(of)}" if k == of else f"{k:,} of {self._counted(of)}"
        text = (
            f"Over {over} the average difference, with its {self._confidence()} interval, was "
            f"{lower_or_higher(*self.figures('pooled'), self.unit)}."
        )
        if self.finding == "unclear":
            text += (
                " Within this interval both a real change and none at all fit these data. This "
                "does not show that nothing changed."
            )
        return text

    def _new_one(self) -> list[str]:
        if "prediction" not in self.estimates.index:
            return []
        _, low, high = self.figures("prediction")
        places = places_of(low, high)
        ends = [
            f"{number(abs(end), places)} {self.unit}".strip() + (" lower" if end < 0 else " higher")
            for end in (low, high)
        ]
        return [
            f"In a new {self.params['team']} like these the change would be expected between "
            f"{ends[0]} and {ends[1]} ({self._confidence()} prediction interval)."
        ]

    def _differences(self) -> str:
        share, low, high = (100 / self.scale * end for end in self.figures("i2"))
        seen = f"differences seen between {self.facts['teams_word']}"
        if share < 0.5:
            text = f"The {seen} are no larger than chance would bring"
            return f"{text}, but up to {high:.0f}% of them could be real." if high else f"{text}."
        return (
            f"Of the {seen}, about {share:.0f}% ({low:.0f}% to {high:.0f}%) are more than chance "
            "would bring."
        )

    def _one_by_one(self) -> str:
        clear = self.points[self.points["clear"]]
        looked = f"Allowing for having looked at {self._counted(self.facts['k'])}"
        if clear.empty:
            return f"{looked}, the change is clear in no single {self.params['team']}."
        groups = []
        for side, rows in [
            ("lower", clear[clear["estimate"] < 0]),
            ("higher", clear[clear["estimate"] > 0]),
        ]:
            names = list(rows["study"])
            if names:
                shown = in_a_row(names) if len(names) <= 6 else self._counted(len(names))
                groups.append(f"{side} in {shown}")
        rest = self.facts["k"] - len(clear)
        text = f"{looked}, the change is clear by itself: {in_a_row(groups)}"
        if rest:
            text += (
                f"; in the other {self._counted(rest) if rest > 1 else self.params['team']} it can "
                "be neither shown nor ruled out"
            )
        return text + "."

    def _left_out(self) -> list[str]:
        missing = self.points[self.points["reason"] != ""]
        if missing.empty:
            return []
        named = [f"{row['study']} ({row['reason']})" for row in missing.to_dict("records")]
        if len(named) > 6:
            named = [*named[:6], f"{len(named) - 6} more"]
        return [f"Not evaluated and not in the average: {in_a_row(named)}."]

    def _few(self) -> list[str]:
        if self.facts["k"] >= self.facts["few"]:
            return []
        many = self.facts["teams_word"]
        return [f"With so few {many} it can hardly be said how far {many} differ."]

    def _wanted(self) -> list[str]:
        direction = self.params["direction"]
        if direction == "neutral" or self.finding == "unclear":
            return []
        good = self.finding == direction
        return [
            "This is the direction hoped for." if good else "This is not the direction hoped for."
        ]

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the rows and marks."""
        used = self.points[self.points["reason"] == ""]
        ends = self.scale * used["estimate"].min(), self.scale * used["estimate"].max()
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        parts = [
            self.headline(),
            f"Forest plot of {self.params['outcome'].lower()}{where}: one row for each of "
            f"{self._counted(self.facts['k'])}, a square at its estimate and a line for its "
            f"{self._confidence()} interval; the estimates run from {number(ends[0])} to "
            f"{number(ends[1])} {self.unit}".rstrip()
            + ".",
            "A vertical line marks no difference.",
            f"Below, a diamond shows the average, {with_interval(*self.figures('pooled'))}.",
        ]
        if "prediction" in self.estimates.index:
            _, low, high = self.figures("prediction")
            parts.append(
                f"A bar shows where a new {self.params['team']} would be expected, "
                f"{range_of(low, high)}."
            )
        missing = len(self.points) - len(used)
        if missing:
            parts.append(
                f"{self._counted(missing)} could not be evaluated; no mark is drawn there."
            )
        return " ".join(parts)

    # ---- tables in words -----------------------------------------------------------------------

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """The estimates under plain names, and the table's caption."""
        one, many = self.params["team"], self.facts["teams_word"]
        names = {
            "pooled": f"Average over {self._counted(self.facts['k'])}",
            "prediction": f"Range expected in a new {one}",
            "tau": f"How far true changes lie apart between {many} (standard deviation)",
            "i2": f"Share of the differences between {many} beyond chance",
            "common_effect": f"Average if all {many} had the same true change",
        }
        rows = []
        for term, name in names.items():
            if term not in self.estimates.index:
                continue
            estimate, low, high = self.figures(term)
            text, unit = with_interval(estimate, low, high), self.axis_unit
            if term == "prediction":
                text = range_of(low, high)
            elif term == "i2":
                share, low, high = (100 / self.scale * end for end in (estimate, low, high))
                text, unit = with_interval(share, low, high, 0), "%"
            rows.append((name, text, unit))
        head = f"Estimate ({self._confidence()} interval)"
        caption = (
            f"Differences from what was expected; minus means lower. {self.facts['words']} The "
            "range for a new one allows for how far they differ and is approximate."
        )
        return pd.DataFrame(rows, columns=["What", head, "Unit"]), caption

    def sensitivity_in_words(self) -> tuple[pd.DataFrame, str]:
        """The average by the other methods, and the table's caption."""
        rows = []
        for row in self.spread.to_dict("records"):
            low, high = (self.scale * row[end] for end in ("prediction_low", "prediction_high"))
            name = METHOD_WORDS[row["method"]]
            rows.append(
                {
                    "Method": f"{name} (the one reported above)" if row["headline"] else name,
                    "Interval": INTERVAL_WORDS[row["interval"]],
                    "Average": with_interval(*self._ends(row)),
                    f"New {self.params['team']}": range_of(low, high)
                    if math.isfinite(low)
                    else "not given",
                }
            )
        caption = (
            f"Unit: {self.axis_unit or 'that of the estimates'}; {self._confidence()} intervals. "
            "If the rows disagree, the finding depends on choices that the data cannot settle."
        )
        return pd.DataFrame(rows), caption

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        one = self.params["team"]
        rows = []
        for row, text in zip(self.points.to_dict("records"), self.team_numbers(), strict=True):
            if row["reason"]:
                rows.append((row["study"], text, "", row["reason"]))
                continue
            side = "lower" if row["estimate"] < 0 else "higher"
            clear = f"yes, {side}" if row["clear"] else "no"
            rows.append((row["study"], text, f"{100 * row['weight']:.1f}", clear))
        unit = f", {self.axis_unit}" if self.axis_unit else ""
        heads = [
            one[:1].upper() + one[1:],
            f"Estimate ({self._confidence()} interval){unit}",
            "Weight (%)",
            f"Clear by itself, allowing for {self._counted(self.facts['k'])}",
        ]
        return pd.DataFrame(rows, columns=heads)

    def team_numbers(self) -> list[str]:
        """Each team's estimate with its interval, all with the same decimals."""
        half = self.scale * float((self.points["ci_high"] - self.points["ci_low"]).median()) / 2
        places = places_of(-half, half)
        return [
            "not evaluated" if row["reason"] else with_interval(*self._ends(row), places)
            for row in self.points.to_dict("records")
        ]

    def _ends(self, row: dict[Any, Any]) -> tuple[float, float, float]:
        estimate, low, high = (self.scale * row[end] for end in ("estimate", "ci_low", "ci_high"))
        return estimate, low, high


def with_interval(estimate: float, low: float, high: float, places: int | None = None) -> str:
    """An estimate with its interval: "12 (3 to 21)"."""
    places = places_of(low, high) if places is None else places
    return f"{number(estimate, places)} ({interval(low, high, places)})".replace("-", "−")


def range_of(low: float, high: float) -> str:
    """A range: "3 to 21"."""
    return interval(low, high).replace("-", "−")
