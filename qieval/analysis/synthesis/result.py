"""What several teams found together, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from qieval.analysis.synthesis.random_effects import INTERVAL_WORDS, METHOD_WORDS
from qieval.core.results import Result
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
        return self.facts["unit"].replace("share", "per cent", 1) if self.facts["share"] else self.unit

    def shown(self, row: pd.Series) -> str:
        """An estimate with its interval, "12 (3 to 21)", in the unit that is shown."""
        low, high = self.scale * row["ci_low"], self.scale * row["ci_high"]
        places = places_of(low, high)
        text = f"{number(self.scale * row['estimate'], places)} ({interval(low, high, places)})"
        return text.replace("-", "−")

    def _in_words(self, row: pd.Series) -> str:
        ends = [self.scale * row[name] for name in ("estimate", "ci_low", "ci_high")]
        return lower_or_higher(*ends, self.unit)

    def _confidence(self) -> str:
        return f"{100 * self.params['confidence']:g}%"

    def _counted(self, count: int) -> str:
        return f"{count} {self.params['team'] if count == 1 else self.facts['teams_word']}"

    # ---- the finding ---------------------------------------------------------------------------

    @property
    def finding(self) -> str:
        """One word: lower, higher, or unclear if the interval of the average holds zero."""
        row = self.estimates.loc["pooled"]
        if row["ci_low"] > 0:
            return "higher"
        return "lower" if row["ci_high"] < 0 else "unclear"

    def _either_way(self) -> bool:
        """Whether in a new team the change might be lower or higher."""
        if "prediction" not in self.estimates.index:
            return False
        row = self.estimates.loc["prediction"]
        return bool(row["ci_low"] < 0 < row["ci_high"])

    def headline(self) -> str:
        """The finding in one sentence."""
        what, change = self.params["outcome"], self.params["change"]
        over = f"over {self._counted(self.facts['k'])}"
        if self.finding == "unclear":
            return sentence(
                f"{what}: {over} a change after {change} can be neither shown nor ruled out"
            )
        row = self.estimates.loc["pooled"]
        low, high = self.scale * row["ci_low"], self.scale * row["ci_high"]
        size = f"{number(abs(self.scale * row['estimate']), places_of(low, high))} {self.unit}"
        text = f"{what}: {size.strip()} {self.finding} after {change}, on average {over}"
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
        text = (
            f"Over {k} of {self._counted(of)} the average difference was "
            f"{self._in_words(self.estimates.loc['pooled'])} ({self._confidence()} interval)."
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
        row = self.estimates.loc["prediction"]
        low, high = self.scale * row["ci_low"], self.scale * row["ci_high"]
        places = places_of(low, high)
        sides = [f"{number(abs(end), places)} {self.unit}".strip() for end in (low, high)]
        words = [f"{side} {'lower' if end < 0 else 'higher'}" for side, end in
                 zip(sides, (low, high), strict=True)]
        return [
            f"In a new {self.params['team']} like these the change would be expected between "
            f"{words[0]} and {words[1]} ({self._confidence()} prediction interval)."
        ]

    def _differences(self) -> str:
        row, many = self.estimates.loc["i2"], self.facts["teams_word"]
        share = (
            f"{100 * row['estimate']:.0f}% ({100 * row['ci_low']:.0f}% to "
            f"{100 * row['ci_high']:.0f}%)"
        )
        return (
            f"Of the differences seen between {many}, about {share} are more than chance would "
            "bring."
        )

    def _one_by_one(self) -> str:
        clear = self.points[self.points["clear"]]
        looked = f"Allowing for {self.facts['k']} looks"
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
        named = [f"{row.study} ({row.reason})" for row in missing.itertuples(index=False)]
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
            f"Below, a diamond shows the average, {self.shown(self.estimates.loc['pooled'])}.",
        ]
        if "prediction" in self.estimates.index:
            row = self.estimates.loc["prediction"]
            ends_shown = interval(self.scale * row["ci_low"], self.scale * row["ci_high"])
            parts.append(
                f"A bar shows where a new {self.params['team']} would be expected, "
                f"{ends_shown.replace('-', '−')}."
            )
        missing = len(self.points) - len(used)
        if missing:
            parts.append(f"{self._counted(missing)} could not be evaluated; no mark is drawn there.")
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
            row = self.estimates.loc[term]
            unit = self.axis_unit
            if term == "i2":
                low, high = 100 * row["ci_low"], 100 * row["ci_high"]
                text, unit = f"{100 * row['estimate']:.0f} ({interval(low, high, 0)})", "%"
            elif term == "prediction":
                low, high = self.scale * row["ci_low"], self.scale * row["ci_high"]
                text = interval(low, high).replace("-", "−")
            else:
                text = self.shown(row)
            rows.append((name, text, unit))
        head = f"Estimate ({self._confidence()} interval)"
        caption = (
            f"Differences from what was expected; minus means lower. {self.facts['words']} The "
            "range for a new one allows for how far they differ."
        )
        return pd.DataFrame(rows, columns=["What", head, "Unit"]), caption

    def sensitivity_in_words(self) -> tuple[pd.DataFrame, str]:
        """The average by the other methods, and the table's caption."""
        rows = []
        for _, row in self.spread.iterrows():
            ends = self.scale * row["prediction_low"], self.scale * row["prediction_high"]
            known = pd.notna(ends[0])
            name = METHOD_WORDS[row["method"]]
            rows.append(
                {
                    "Method": f"{name} (the one reported above)" if row["headline"] else name,
                    "Interval": INTERVAL_WORDS[row["interval"]],
                    "Average": self.shown(row),
                    f"New {self.params['team']}": interval(*ends).replace("-", "−")
                    if known
                    else "not given",
                }
            )
        caption = (
            f"Unit: {self.axis_unit or 'that of the estimates'}; {self._confidence()} intervals. If "
            "the rows disagree, the finding depends on choices that the data cannot settle."
        )
        return pd.DataFrame(rows), caption

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads."""
        one = self.params["team"]
        rows = []
        for _, row in self.points.iterrows():
            used = row["reason"] == ""
            side = "lower" if row["estimate"] < 0 else "higher"
            rows.append(
                (
                    row["study"],
                    self.shown(row) if used else "not evaluated",
                    f"{100 * row['weight']:.1f}" if used else "",
                    (f"yes, {side}" if row["clear"] else "no") if used else row["reason"],
                )
            )
        unit = f", {self.axis_unit}" if self.axis_unit else ""
        heads = [
            one[:1].upper() + one[1:],
            f"Estimate ({self._confidence()} interval){unit}",
            "Weight (%)",
            f"Clear by itself, allowing for {self.facts['k']} looks",
        ]
        return pd.DataFrame(rows, columns=heads)
