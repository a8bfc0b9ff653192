"""What was found about lengths of stay, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.core.result import Result
from qieval.core.words import in_a_row, number, sentence
from qieval.flow.days import as_day, in_words
from qieval.flow.groups import ALL

SHOWN_AT = (0, 1, 3, 7, 14, 28, 60, 90, 180, 365, 730)
"""Nights at which the page's table shows the curve."""


@dataclass(frozen=True, eq=False, repr=False)
class LengthOfStayResult(Result):
    """Result of :func:`qieval.length_of_stay`.

    Attributes
    ----------
    points : DataFrame
        The curves: ``group, nights, at_risk, ended, share, low, high``; ``share`` is still in after
        that number of nights.
    estimates : DataFrame
        Terms ``median, p90, longer_than_<long_stay>`` and, if nobody is still in, ``mean``; those
        of groups have ``: <group>`` after them.
    stays : DataFrame
        Those who left and those still in, apart: ``group, stays, left, died, still_in,
        median_left, median_still_in, long_left, long_still_in``.
    facts : dict
        What the words and the figure need beside the tables.
    """

    stays: pd.DataFrame
    facts: dict[str, Any]

    kind: ClassVar[str] = "length_of_stay"
    limits: ClassVar[tuple[str, ...]] = (
        "Somebody with several stays counts once a stay, and intervals take stays as independent.",
        "Every end of a stay counts as an end: discharge, transfer elsewhere and death alike.",
        "The curve takes those still in to leave, from now on, as others did who had been in as "
        "long. If they wait for something that others did not need, they will stay longer.",
        "A difference between groups, or before and after a change, does not say why: who is "
        "admitted, the season and other changes play their part. The interrupted time series asks "
        "that question.",
    )

    # ---- parts of sentences --------------------------------------------------------------------

    @property
    def groups(self) -> list[str]:
        """Names of the groups, everybody first."""
        return list(self.facts["groups"])

    @property
    def before_and_since(self) -> bool:
        """Whether stays before and since a change stand side by side."""
        return self.params["intervention"] is not None and len(self.groups) == 2

    def term_of(self, name: str, group: str) -> str:
        """The name of an estimate of a group."""
        return name if group == ALL else f"{name}: {group}"

    def nights(self, name: str, group: str) -> str:
        """A centile with its interval: "34 nights (95% interval 31 to 38)", or how far it is."""
        value, low, high, *_ = self.term(self.term_of(name, group))
        if not np.isfinite(value):
            return f"not reached within {number(self.facts['last'][group], 0)} nights"
        return f"{number(value, 0)} nights ({_reach(low, high)})"

    def long_share(self, group: str) -> str:
        """The share of long stays with its interval."""
        found = self.term(self.term_of(f"longer_than_{self.params['long_stay']}", group))
        value, low, high = (100 * end for end in found[:3])
        if not np.isfinite(value):
            return "not known"
        if not np.isfinite(low):
            return percent(value)
        return f"{percent(value)} (95% interval {number(low, 0)} to {number(high, 0)}%)"

    @property
    def whole(self) -> pd.Series:
        """The counts of everybody; before and since added up."""
        if self.groups[0] == ALL:
            return self.stays.iloc[0]
        return self.stays.select_dtypes("number").sum()

    # ---- the finding ---------------------------------------------------------------------------

    def headline(self) -> str:
        """The finding in one sentence."""
        if self.before_and_since:
            before, since = (self._half(group) for group in self.groups)
            return sentence(
                f"Of stays that began before {self._day}, {before}; since then, {since}"
            )
        who = ", all groups together," if len(self.groups) > 1 else ""
        return sentence(
            f"Of all stays{who} {self._half(self.groups[0])}"
            if who
            else self._half(self.groups[0], " of stays")
        )

    def _half(self, group: str, of: str = "") -> str:
        if np.isfinite(self.term(self.term_of("median", group)).value):
            return f"half{of} ended within {self.nights('median', group)}"
        last = number(self.facts["last"][group], 0)
        return f"more than half{of} had not ended after {last} nights"

    @property
    def _day(self) -> str:
        day = as_day(self.params["intervention"], "intervention")
        return in_words(day) if day is not None else ""

    def details(self) -> str:
        """How many, who is still in, long stays, and what the comparison cannot say."""
        return " ".join(
            [self._counted(), *self._apart(), self._tail(), *self._mean(), *self._why()]
        )

    def _counted(self) -> str:
        whole = self.whole
        died = f", {int(whole['died']):,} of them by death" if whole["died"] else ""
        still = int(whole["still_in"])
        text = f"{int(whole['stays']):,} stays were counted: {int(whole['left']):,} had ended{died}"
        if not still:
            return f"{text}; nobody was still in."
        return f"{text}, {still:,} had not (people still in)."

    def _apart(self) -> list[str]:
        if not self.whole["still_in"] or self.before_and_since:
            return []
        row = self.stays.iloc[0]
        return [
            f"Those who had left stayed a median of {number(row['median_left'], 0)} nights; those "
            f"still in had been there for a median of {number(row['median_still_in'], 0)} so far. "
            "Neither is how long people stay: short stays have already dropped out of the second, "
            "and long ones are not yet in the first. The curve uses both."
        ]

    def _tail(self) -> str:
        long, parts = self.params["long_stay"], []
        for group in self.groups if self.before_and_since else self.groups[:1]:
            name = f"{group[:1].lower()}{group[1:]}: " if self.before_and_since else ""
            parts.append(
                f"{name}nine in ten ended within {self.nights('p90', group)}, and "
                f"{self.long_share(group)} lasted longer than {long} nights"
            )
        text = sentence("; ".join(parts).replace("within not reached", "not reached"))
        still = int(self.whole["long_still_in"])
        if not still:
            return text
        return f"{text} Of the people still in, {still:,} had already been in longer than that."

    def _mean(self) -> list[str]:
        if "mean" not in self.estimates.index:
            return []
        mean = self.term("mean")
        ends = _reach(mean.low, mean.high, 1)
        return [
            f"Nobody was still in, so a mean has a meaning: {number(mean.value, 1)} nights "
            f"({ends})."
        ]

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
        count = len(self.groups)
        curves = "one curve" if count == 1 else f"{count} curves: {in_a_row(self.groups[:6])}"
        more = f" and {count - 6} more" if count > 6 else ""
        at = [night for night in (7, 28, 90, 365) if night <= self.facts["last"][self.groups[0]]]
        said = [f"{self._share(self.groups[0], night)} after {night} nights" for night in at]
        which = "The first" if count > 1 else "It"
        falls = f" {which} falls to {in_a_row(said)}." if said else ""
        return (
            f"{self.headline()} Chart of the share of people still in hospital{where} by nights "
            f"since admission, starting at 100%: {curves}{more}.{falls}"
        )

    def _share(self, group: str, night: float) -> str:
        return percent(100 * self._after(group, night)[0])

    def _after(self, group: str, night: float) -> tuple[float, float, float, int]:
        """Share still in after a night, its interval, and how many were in until then."""
        rows = self.points[self.points["group"] == group]
        reached, coming = rows[rows["nights"] <= night], rows[rows["nights"] >= night]
        at_risk = int(coming["at_risk"].iloc[0]) if len(coming) else 0
        if reached.empty:
            return 1.0, np.nan, np.nan, at_risk
        last = reached.iloc[-1]
        return float(last["share"]), float(last["low"]), float(last["high"]), at_risk

    # ---- tables in words -----------------------------------------------------------------------

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """A row a figure and group, and the table's caption."""
        long = self.params["long_stay"]
        figures = {
            "median": "Half ended within (nights)",
            "p90": "Nine in ten ended within (nights)",
            f"longer_than_{long}": f"Longer than {long} nights (%)",
            "mean": "Mean (nights)",
        }
        rows = [
            (what, *self._cells(name, group), group, f"{self.term(self.term_of(name, group)).n:,}")
            for name, what in figures.items()
            for group in self.groups
            if self.term_of(name, group) in self.estimates.index
        ]
        apart = {
            "left": ("Those who left: half stayed at most (nights)", "median_left"),
            "still_in": ("Those still in: half so far at most (nights)", "median_still_in"),
        }
        for count, (what, median) in apart.items():
            for stays in self.stays.to_dict("records"):
                value = number(stays[median], 0) if stays[count] else "none"
                rows.append((what, value, "–", stays["group"], f"{stays[count]:,}"))
        table = pd.DataFrame(rows, columns=["What", "Value", "95% interval", "Who", "Stays"])
        return table if len(self.groups) > 1 else table.drop(columns="Who"), (
            "With 95% intervals (Kaplan-Meier). Those who left and those still in stand apart: "
            "neither is how long people stay."
        )

    def _cells(self, name: str, group: str) -> tuple[str, str]:
        """A value and its interval as they stand in a table."""
        value, low, high, unit, _ = self.term(self.term_of(name, group))
        factor, places = (100.0, 0) if unit == "share of stays" else (1.0, 0)
        places = 1 if name == "mean" else places
        if not np.isfinite(value):
            return "not reached", f"{number(low, 0)} or more" if np.isfinite(low) else "not known"
        shown = [number(factor * end, places) for end in (value, low, high)]
        if not np.isfinite(low):
            return shown[0], "not known"
        return shown[0], f"{shown[1]} to {shown[2]}" if np.isfinite(high) else f"{shown[1]} or more"

    def points_in_words(self) -> pd.DataFrame:
        """The curve at a few numbers of nights, with plain column heads."""
        rows = []
        for group in self.groups:
            for night in SHOWN_AT:
                if night > self.facts["last"][group]:
                    break
                share, low, high, at_risk = self._after(group, night)
                ends = f"{100 * low:.0f} to {100 * high:.0f}%" if np.isfinite(low) else "–"
                rows.append((group, f"{night:,}", percent(100 * share), ends, f"{at_risk:,}"))
        heads = ["Who", "Nights since admission", "Still in", "95% interval", "Still seen"]
        return pd.DataFrame(rows, columns=heads)


def percent(value: float) -> str:
    """A percentage as it is read: a small one is no 0."""
    return "under 1%" if 0 < value < 1 else f"{number(value, 0)}%"


def _reach(low: float, high: float, places: int = 0) -> str:
    """An interval of nights whose ends may not be reached."""
    if not np.isfinite(low):
        return "95% interval not known"
    if not np.isfinite(high):
        return f"95% interval {number(low, places)} or more"
    return f"95% interval {number(low, places)} to {number(high, places)}"
