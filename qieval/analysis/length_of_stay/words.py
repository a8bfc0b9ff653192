"""Length of stay: the result, its verdict and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.length_of_stay.tables import DECLARED, PLACES
from qieval.core.aim import read_aim
from qieval.core.curves import CurvesResult, with_halves
from qieval.core.result import People, rows_of
from qieval.core.tables import Declaration, Table
from qieval.core.verdict import DESCRIBED, AimVerdict, Verdict
from qieval.core.words import inside, sentence

SHOWN_AT = (0, 1, 3, 7, 14, 28, 60, 90, 180, 365, 730)
"""Nights at which the page's table shows the curve."""


@dataclass(frozen=True, eq=False, repr=False)
class LengthOfStayResult(CurvesResult):
    """Result of :func:`qieval.length_of_stay`.

    Attributes
    ----------
    points : DataFrame
        The curves: ``group, nights, at_risk, ended, share, low, high``; ``share`` is still in after
        that number of nights.
    estimates : DataFrame
        Terms ``median, p90, longer_than_<long_stay>`` and, if nobody is still in, ``mean``; those
        of groups have ``: <group>`` after them.
    groups, last, without_curve, notes
        As every result with curves has them.
    stays : DataFrame
        Those who left and those still in, apart: ``group, stays, left, died, still_in,
        median_left, median_still_in, long_left, long_still_in``.
    left_out : int
        Stays that began before counting and are left out.
    endings_told : bool
        Whether any stay says how it ended.
    """

    stays: pd.DataFrame
    left_out: People
    endings_told: bool

    kind: ClassVar[str] = "length_of_stay"
    time_column: ClassVar[str] = "nights"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "Somebody with several stays counts once a stay, and intervals take stays as independent.",
        "Every end of a stay counts as an end: discharge, transfer elsewhere and death alike.",
        "The curve takes those still in to leave, from now on, as others did who had been in as "
        "long. If they wait for something that others did not need, they will stay longer.",
        "A difference between groups, or before and after a change, does not say why: who is "
        "admitted, the season and other changes play their part. The interrupted time series asks "
        "that question.",
    )

    @property
    def unit(self) -> str:
        """Nights."""
        return "nights"

    @property
    def shown_at(self) -> Sequence[int]:
        """Nights at which a table shows the curves."""
        return SHOWN_AT

    @property
    def everybody(self) -> pd.Series:
        """The counts of everybody; before and since added up."""
        return self.everybody_in(self.stays)

    @property
    def _long(self) -> str:
        return f"longer_than_{self.params['long_stay']}"

    # ---- the finding ---------------------------------------------------------------------------

    @property
    def verdict(self) -> Verdict:
        """Described: curves stand side by side, and none is tested against another."""
        return Verdict(DESCRIBED.kind, DESCRIBED.certainty, aim=self._aim())

    def _aim(self) -> AimVerdict:
        """Judged by the median; an aim in percent by the share of long stays."""
        aim = read_aim(self.params["aim"])
        share = aim.amount.how in ("share", "points")
        name = self._long if share else "median"
        values = [self.term(self.term_of(name, group)).value for group in self.main_groups]
        what = "the median stay"
        if share:
            within = aim.amount.side > 0
            values = [1 - value for value in values] if within else values
            kept = "at most" if within else "longer than"
            what = f"the share of stays of {kept} {self.params['long_stay']} nights"
        unit = "" if share else "nights"
        return self.judged_aim(aim, what, values, direction="lower", share=share, unit=unit)

    def headline(self) -> str:
        """The finding in one sentence."""
        if self.before_and_since:
            before, since = (self.half(group) for group in self.groups)
            return sentence(
                f"Of stays that began before {self.change}, {before}; since then, {since}"
            )
        if len(self.groups) > 1:
            return sentence(f"Of all stays, all groups together, {self.half(self.groups[0])}")
        return sentence(self.half(self.groups[0], " of stays"))

    def details(self) -> str:
        """How many, who is still in, long stays, the aim, and what a comparison cannot say."""
        parts = [
            self._counted(),
            *self._apart(),
            self._tail(),
            *self._mean(),
            self.verdict.aim.words,
            *self._why(),
        ]
        return " ".join(part for part in parts if part)

    def _counted(self) -> str:
        counts = self.everybody
        died = f", {int(counts['died']):,} of them by death" if counts["died"] else ""
        still_in = int(counts["still_in"])
        text = (
            f"{int(counts['stays']):,} stays were counted: {int(counts['left']):,} had ended{died}"
        )
        if not still_in:
            return f"{text}; nobody was still in."
        return f"{text}, {still_in:,} had not (people still in)."

    def _apart(self) -> list[str]:
        if not self.everybody["still_in"] or self.before_and_since:
            return []
        row = self.stays.iloc[0]
        return [
            f"Those who had left stayed a median of {self.time(row['median_left'])} nights; those "
            f"still in had been there for a median of {self.time(row['median_still_in'])} so far. "
            "Neither is how long people stay: short stays have already dropped out of the second, "
            "and long ones are not yet in the first. The curve uses both."
        ]

    def _tail(self) -> str:
        parts = []
        for group in self.main_groups:
            name = f"{inside(group)}: " if self.before_and_since else ""
            long = self.in_words(self.term_of(self._long, group))
            parts.append(
                f"{name}{self.nine_in_ten(group)}, and {long} lasted longer than "
                f"{self.params['long_stay']} nights"
            )
        text = sentence("; ".join(parts))
        still_in = int(self.everybody["long_still_in"])
        if not still_in:
            return text
        return f"{text} Of the people still in, {still_in:,} had already been in longer than that."

    def _mean(self) -> list[str]:
        if "mean" not in self.estimates.index:
            return []
        return [f"Nobody was still in, so a mean has a meaning: {self.in_words('mean')}."]

    def _why(self) -> list[str]:
        if not self.before_and_since:
            return []
        return [
            "A difference between before and since does not say that the change caused it; one "
            "that is not seen here may still be there if the intervals are wide."
        ]

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the curves."""
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        return (
            f"{self.headline()} Chart of the share of people still in hospital{where} by nights "
            f"since admission, starting at 100%: {self.curves_in_words()}"
        )

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """Each figure and group, those who left and those still in, and the curves."""
        caption = (
            "With 95% intervals (Kaplan-Meier). Those who left and those still in stand apart: "
            "neither is how long people stay. “–”: not reached while people were followed, or "
            "nobody."
        )
        rows = with_halves(pd.concat([self._figures(), self._medians_apart()], ignore_index=True))
        return (
            self.figures_table(rows, caption, "Stays"),
            self.curve_table(time="Nights since admission", share="Still in", at_risk="Still seen"),
        )

    def _figures(self) -> pd.DataFrame:
        names = {
            "median": "Half ended within",
            "p90": "Nine in ten ended within",
            self._long: f"Longer than {self.params['long_stay']} nights",
            "mean": "Mean",
        }
        rows = self.figures(names, PLACES)
        means = rows["what"] == names["mean"]
        return rows.assign(places=rows["places"].mask(means, 1))

    def _medians_apart(self) -> pd.DataFrame:
        """Rows of the medians of those who left and of those still in."""
        apart = {
            "left": "Those who left: half stayed at most",
            "still_in": "Those still in: half so far at most",
        }
        rows = [
            {
                "term": f"median of {count}: {stays.group}",
                "what": what,
                "estimate": getattr(stays, f"median_{count}"),
                "ci_low": np.nan,
                "ci_high": np.nan,
                "unit": self.unit,
                "places": PLACES[self.unit],
                "group": stays.group,
                "n": getattr(stays, count),
            }
            for count, what in apart.items()
            for stays in rows_of(self.stays)
        ]
        return pd.DataFrame(rows)
