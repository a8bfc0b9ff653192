"""What several teams found together: the verdict, and the words that say it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.synthesis import tables
from qieval.analysis.synthesis.checks import FEW
from qieval.analysis.synthesis.methods.random_effects import INTERVAL_WORDS, METHOD_WORDS
from qieval.analysis.synthesis.methods.together import FEWEST_WARDS, may_claim
from qieval.core.checks import status_of
from qieval.core.result import Result, rows_of
from qieval.core.tables import Declaration, Table, titled
from qieval.core.verdict import Verdict, kind_of_change
from qieval.core.words import in_a_row, interval, lower_or_higher, number, places_of, sentence

RESERVATIONS = ("enough_teams", "not_evaluated", "heterogeneity", "single_team", "shared_shocks")
"""Checks that bear on whether the average can be relied on."""


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
    measured_in : str
        Unit of the estimates, in words.
    residual_correlation : float or None
        Mean correlation between teams of the residuals of their models; None if it is not known.
    """

    tau2: float
    i2: float
    q: float
    spread: pd.DataFrame
    measured_in: str
    residual_correlation: float | None = None

    kind: ClassVar[str] = "pool"
    declared: ClassVar[tuple[Declaration, ...]] = tables.DECLARED

    @property
    def k(self) -> int:
        """Teams in the average."""
        return int((self.points["reason"] == "").sum())

    @property
    def teams_word(self) -> str:
        """What several of them are called."""
        return plural(self.params["team"])

    @property
    def method_words(self) -> str:
        """How the average was made, in a sentence."""
        named = method_words(self.params["method"], self.params["interval"])
        return f"Random effects, {named} interval."

    @property
    def verdict(self) -> Verdict:
        """Judged by the interval of the average, where that may claim a change."""
        pooled = self.term("pooled")
        if self.finding == "described":
            return Verdict("described", "not tested", term="pooled", size=pooled)
        doubted = any(status_of(self.checks, one) in ("warn", "fail") for one in RESERVATIONS)
        return Verdict(
            kind_of_change(pooled.side, self.params["direction"]),
            "with reservations" if doubted else "clear",
            term="pooled",
            size=pooled,
        )

    @property
    def may_claim(self) -> bool:
        """Whether there are enough teams, and separate evidence, to claim a change on average."""
        return may_claim(self.residual_correlation, self.k)

    def _why_not(self) -> str:
        """Why the average may not claim a change."""
        if self.k < FEWEST_WARDS:
            return f"{self._counted(self.k)} are too few to take an average of them for shown"
        if np.isnan(known := self.residual_correlation or 0.0):
            return f"the {self.teams_word} have too few periods in common to be told apart"
        return (
            f"the {self.teams_word} are not separate evidence (the residuals of their models are "
            f"correlated by {known:.2f}), so its interval is too narrow"
        )

    # ---- words for numbers ---------------------------------------------------------------------

    @property
    def _share(self) -> bool:
        return self.measured_in.startswith("share of ")

    @property
    def scale(self) -> float:
        """100 where the estimates are shares, which are read as per cent; else 1."""
        return 100.0 if self._share else 1.0

    @property
    def unit(self) -> str:
        """The unit as it stands behind a number."""
        return "per cent" if self._share else str(self.measured_in)

    @property
    def axis_unit(self) -> str:
        """The unit as it stands on an axis or in a table."""
        return self.measured_in.replace("share", "per cent", 1) if self._share else self.unit

    def figures(self, term: str) -> tuple[float, float, float]:
        """Estimate, lower and upper end of a term, in the unit that is shown."""
        row = self.estimates.loc[[term], ["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
        estimate, low, high = self.scale * row[0]
        return float(estimate), float(low), float(high)

    def _confidence(self) -> str:
        return f"{100 * self.params['confidence']:g}%"

    def _counted(self, count: int) -> str:
        return f"{count:,} {self.params['team'] if count == 1 else self.teams_word}"

    # ---- the finding ---------------------------------------------------------------------------

    @property
    def finding(self) -> str:
        """One word: unclear if the interval of the average holds zero; else lower or higher.

        "described" where it leaves zero out but may not claim a change.
        """
        side = self.term("pooled").side
        if side and not self.may_claim:
            return "described"
        return {1: "higher", -1: "lower", 0: "unclear"}[side]

    def _either_way(self) -> bool:
        """Whether in a new team the change might be lower or higher."""
        if "prediction" not in self.estimates.index:
            return False
        _, low, high = self.figures("prediction")
        return low < 0 < high

    def headline(self) -> str:
        """The finding in one sentence."""
        what, change = self.params["outcome"], self.params["change"]
        over = f"over {self._counted(self.k)}"
        if self.finding == "unclear":
            return sentence(
                f"{what}: {over} a change after {change} can be neither shown nor ruled out"
            )
        estimate, _, _ = self.figures("pooled")
        size = f"{number(abs(estimate), self._places['pooled'])} {self.unit}".strip()
        if self.finding == "described":
            side = "lower" if estimate < 0 else "higher"
            return sentence(
                f"{what}: {size} {side} after {change} on average {over}, which describes them "
                "and shows no change by itself"
            )
        text = f"{what}: {size} {self.finding} after {change}, on average {over}"
        if self._either_way():
            text += f"; in another {self.params['team']} it could go either way"
        return sentence(text)

    @property
    def answer(self) -> str:
        """The finding, and the average with its interval where the finding does not say it."""
        if self.finding not in ("unclear", "described"):
            return self.headline()
        reach = lower_or_higher(*self.figures("pooled"), self.unit)
        return f"{self.headline()} The average is {reach}."

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
        k, of = self.k, len(self.points)
        over = f"all {self._counted(of)}" if k == of else f"{k:,} of {self._counted(of)}"
        text = (
            f"Over {over} the average difference, with its {self._confidence()} interval, was "
            f"{lower_or_higher(*self.figures('pooled'), self.unit, places=self._places['pooled'])}."
        )
        if self.finding == "unclear":
            text += (
                " Within this interval both a real change and none at all fit these data. This "
                "does not show that nothing changed."
            )
        if self.finding == "described":
            text += f" This average describes; it shows no change, since {self._why_not()}."
        return text

    def _new_one(self) -> list[str]:
        if "prediction" not in self.estimates.index:
            return []
        _, low, high = self.figures("prediction")
        places = self._places["prediction"]
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
        seen = f"differences seen between {self.teams_word}"
        if share < 0.5:
            text = f"The {seen} are no larger than chance would bring"
            return f"{text}, but up to {high:.0f}% of them could be real." if high else f"{text}."
        return (
            f"Of the {seen}, about {share:.0f}% ({low:.0f}% to {high:.0f}%) are more than chance "
            "would bring."
        )

    def _one_by_one(self) -> str:
        clear = self.points[self.points["clear"]]
        looked = f"Allowing for having looked at {self._counted(self.k)}"
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
        rest = self.k - len(clear)
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
        if self.k >= FEW:
            return []
        many = self.teams_word
        return [f"With so few {many} it can hardly be said how far {many} differ."]

    def _wanted(self) -> list[str]:
        kind = self.verdict.kind
        if kind not in ("improved", "worse"):
            return []
        return [f"This is {'' if kind == 'improved' else 'not '}the direction hoped for."]

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the rows and marks."""
        used = self.points[self.points["reason"] == ""]
        ends = self.scale * used["estimate"].min(), self.scale * used["estimate"].max()
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        parts = [
            self.headline(),
            f"Forest plot of {self.params['outcome'].lower()}{where}: one row for each of "
            f"{self._counted(self.k)}, a square at its estimate and a line for its "
            f"{self._confidence()} interval; the estimates run from {number(ends[0])} to "
            f"{number(ends[1])} {self.unit}".rstrip()
            + ".",
            "A vertical line marks no difference.",
            f"Below, a diamond shows the average, {self.interval_words('pooled')}.",
        ]
        if "prediction" in self.estimates.index:
            parts.append(
                f"A bar shows where a new {self.params['team']} would be expected, "
                f"{self.range_words('prediction')}."
            )
        missing = len(self.points) - len(used)
        if missing:
            parts.append(
                f"{self._counted(missing)} could not be evaluated; no mark is drawn there."
            )
        return " ".join(parts)

    # ---- tables --------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> dict[str, int]:
        """Decimals of each term, as in the table."""
        table = self._estimates_table()
        return dict(zip(table.rows["term"], table.places("estimate"), strict=True))

    def interval_words(self, term: str) -> str:
        """An estimate with its interval, as the table shows it: "12 (3 to 21)"."""
        estimate, low, high = self.figures(term)
        places = self._places[term]
        return f"{number(estimate, places)} ({interval(low, high, places)})"

    def range_words(self, term: str) -> str:
        """An interval with the decimals of the table: "3 to 21"."""
        _, low, high = self.figures(term)
        return interval(low, high, self._places[term])

    def tables(self) -> tuple[Table, ...]:
        """The estimates, the average by the other methods, and the teams."""
        return self._estimates_table(), self._spread_table(), self._points_table()

    def _estimates_table(self) -> Table:
        one, many = self.params["team"], self.teams_word
        names = {
            "pooled": f"Average over {self._counted(self.k)}",
            "prediction": f"Range expected in a new {one}",
            "tau": f"How far true changes lie apart between {many} (standard deviation)",
            "i2": f"Share of the differences between {many} beyond chance",
            "common_effect": f"Average if all {many} had the same true change",
        }
        terms = [term for term in names if term in self.estimates.index]
        figures = {term: self.figures(term) for term in terms}
        if "i2" in figures:
            share, low, high = (100 / self.scale * end for end in figures["i2"])
            figures["i2"] = (share, low, high)
        rows = pd.DataFrame(
            [
                (term, names[term], *figures[term], "%" if term == "i2" else self.axis_unit)
                for term in terms
            ],
            columns=["term", "what", "estimate", "ci_low", "ci_high", "unit"],
        )
        caption = (
            f"Differences from what was expected; minus means lower. {self.method_words} The "
            "range for a new one allows for how far they differ and is approximate."
        )
        head = f"Estimate ({self._confidence()} interval)"
        columns = titled(tables.ESTIMATES_SHOWN, estimate=head)
        return Table("estimates", caption, columns, rows, ids="term")

    def _spread_table(self) -> Table:
        names = self.spread["method"].map(METHOD_WORDS)
        reported = self.spread["headline"].astype(bool)
        scaled = ["estimate", "ci_low", "ci_high", "prediction_low", "prediction_high"]
        rows = self.spread.assign(
            **{name: self.scale * self.spread[name] for name in scaled},
            method=names.where(~reported, names + " (the one reported above)"),
            interval=self.spread["interval"].map(INTERVAL_WORDS),
        )
        rows = rows.assign(new=rows["estimate"].where(rows["prediction_low"].notna()))
        caption = (
            f"Unit: {self.axis_unit or 'that of the estimates'}; {self._confidence()} intervals. "
            "If the rows disagree, the finding depends on choices that the data cannot settle."
        )
        columns = titled(tables.SPREAD_SHOWN, new=f"New {self.params['team']}")
        return Table("sensitivity", caption, columns, rows, missing="not given")

    def _points_table(self) -> Table:
        one = self.params["team"]
        scaled = ["estimate", "ci_low", "ci_high"]
        findings = [
            row.reason
            or (f"yes, {'lower' if row.estimate < 0 else 'higher'}" if row.clear else "no")
            for row in rows_of(self.points)
        ]
        unit = f", {self.axis_unit}" if self.axis_unit else ""
        columns = titled(
            tables.POINTS_SHOWN,
            study=one[:1].upper() + one[1:],
            estimate=f"Estimate ({self._confidence()} interval){unit}",
            finding=f"Clear by itself, allowing for {self._counted(self.k)}",
        )
        rows = self.points.assign(
            **{name: self.scale * self.points[name] for name in scaled}, finding=findings
        )
        # A team that was not evaluated may stand in the table with an estimate but no error.
        rows.loc[self.points["reason"] != "", scaled] = np.nan
        caption = "The points of the figure"
        return Table("points", caption, columns, rows, missing="not evaluated")

    def team_numbers(self) -> list[str]:
        """Each team's estimate with its interval, all with the same decimals."""
        return list(self._points_table().shown[1].cells)


def plural(noun: str) -> str:
    """The plural of an English noun: wards, facilities, trusts."""
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def method_words(method: str, way: str) -> str:
    """Method and interval in words."""
    return f"{METHOD_WORDS[method]}, {INTERVAL_WORDS[way]}"


def with_interval(estimate: float, low: float, high: float, places: int | None = None) -> str:
    """An estimate with its interval: "12 (3 to 21)"."""
    places = places_of(low, high) if places is None else places
    return f"{number(estimate, places)} ({interval(low, high, places)})".replace("-", "−")


def range_of(low: float, high: float) -> str:
    """A range: "3 to 21"."""
    return interval(low, high).replace("-", "−")
