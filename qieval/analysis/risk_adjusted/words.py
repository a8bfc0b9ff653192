"""What a risk-adjusted chart found, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.risk_adjusted import tables
from qieval.analysis.risk_adjusted.tables import WAYS
from qieval.core import periods
from qieval.core.checks import certainty_of
from qieval.core.result import Result
from qieval.core.tables import Column, Declaration, Table
from qieval.core.verdict import Verdict, kind_of_change
from qieval.core.words import in_a_row, many, number, percent, sentence

LIMITS = (
    "It compares with what was expected of each case. A chart cannot tell care from a model that "
    "does not fit, or from cases that differ in what the model does not know.",
    "A signal is a reason to look closer; it is no verdict on anybody.",
)
_JUDGED = {"improved": ", better", "worse": ", worse"}
BEARING = ("enough_events", "risk_fits", "risk_extremes")
"""Checks that bear on the answer."""


@dataclass(frozen=True, eq=False, repr=False)
class _Compared(Result):
    """What the results of both charts share: sums, the change, and how they are told."""

    limits: ClassVar[tuple[str, ...]] = LIMITS

    @property
    def size(self) -> str:
        """How many cases, in digits."""
        return f"{self._sum('cases'):,.0f}"

    @property
    def expected(self) -> float:
        """Events expected over the whole time."""
        return self._sum("expected")

    def _sum(self, name: str) -> float:
        return float(self.points[name].sum(skipna=False))

    @property
    def change(self) -> pd.Timestamp | None:
        """The day of the change, if one was given."""
        day = self.params["intervention"]
        return None if day is None else pd.Timestamp(day)

    def label(self, period: pd.Timestamp) -> str:
        """A period in words."""
        return periods.label(period, self.params["every"])

    def _together(self) -> str:
        observed = self._sum("events")
        return (
            f"Of {self.size} {self.params['called']} {observed:,.0f} had the event, where "
            f"{number(self.expected, 1)} were expected: "
            f"{number(observed / self.expected, 2)} times as many."
        )

    def _shown(self, finding: str, marks: str) -> str:
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        first, last = (self.label(self.points["period"].iloc[at]) for at in (0, -1))
        noun = periods.noun(self.params["every"], len(self.points))
        return (
            f"{finding} Chart of {self.params['outcome']}{where} over {len(self.points)} {noun}, "
            f"{first} to {last}. {marks}"
        )

    def _points_table(self, columns: tuple[Column, ...], **words: pd.Series) -> Table:
        every = self.params["every"]
        caption = f"The points of the figure, one a {periods.noun(every)}"
        return Table("points", caption, columns, self.points.assign(**words), every=every)


@dataclass(frozen=True, eq=False, repr=False)
class CusumResult(_Compared):
    """Result of :func:`cusum`.

    Attributes
    ----------
    points : DataFrame
        One row a period: ``period, cases, events, expected``; ``higher`` and ``lower``, where the
        sums for more and for less frequent events end; ``higher_most`` and ``lower_most``, how high
        they went; ``signal`` (higher, lower, both, or "").
    estimates : DataFrame
        For each direction ``threshold``, ``run_length`` (cases to a false alarm, on average) and
        ``delay`` (cases until odds that truly are as looked for are signalled).
    """

    kind: ClassVar[str] = "cusum"
    declared: ClassVar[tuple[Declaration, ...]] = tables.CUSUM_DECLARED
    follows: ClassVar[dict[str, tuple[str, ...]]] = {"points.cases": ("points.expected",)}

    def made_again(
        self, frames: Mapping[str, pd.DataFrame], parts: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """No lines beside numbers of events that are not theirs: each step is of an event."""
        points = frames["points"]
        same = np.array_equal(points["events"].astype(float), self.points["events"])
        lines = [f"{way}{end}" for way in WAYS for end in ("", "_most")]
        return {} if same else {"points": points.assign(**dict.fromkeys(lines, np.nan))}

    def signals(self, way: str) -> list[pd.Timestamp]:
        """The periods in which the sum of that direction signals."""
        return list(self.points.loc[self.points["signal"].isin([way, "both"]), "period"])

    def _counted(self, way: str) -> list[pd.Timestamp]:
        """Signals that the change could have brought about: those since it, or all."""
        since = self.change
        if since is None:
            return self.signals(way)
        every = self.params["every"]
        return [day for day in self.signals(way) if periods.end_of(day, every) >= since]

    def alarm_chance(self, way: str) -> float:
        """Chance of a false alarm of that direction over as many cases as there are."""
        return float(-np.expm1(-self._sum("cases") / self.term(f"run_length_{way}").value))

    @property
    def verdict(self) -> Verdict:
        """To which side signals point, of those since the change."""
        certainty = certainty_of(self.checks, BEARING)
        higher, lower = (bool(self._counted(way)) for way in WAYS)
        if higher and lower:
            return Verdict("changed", certainty, words="CUSUM signals both ways")
        kind = kind_of_change(int(higher) - int(lower), self.params["direction"])
        words = "CUSUM signal" if higher or lower else "no CUSUM signal"
        return Verdict(kind, certainty, words=f"{words}{_JUDGED.get(kind, '')}")

    def headline(self) -> str:
        """Whether there are signals, to which side, and since when."""
        parts = [self._told(way) for way in WAYS if self.signals(way)]
        if not parts:
            nothing = "no signal that it became more or less frequent than expected"
            return sentence(f"{self.params['outcome']}: {nothing}")
        return sentence(f"{self.params['outcome']}: {', and '.join(parts)}")

    def _told(self, way: str) -> str:
        days = self.signals(way)
        noun = periods.noun(self.params["every"])
        when = f"in {self.label(days[0])}"
        if len(days) > 1:
            when = f"in {many(len(days), noun)}, the first {when}"
        before = len(days) - len(self._counted(way))
        if before:
            when += f" ({'all' if before == len(days) else before} before the change)"
        return f"a signal that it happened {WAYS[way]} than expected {when}"

    def details(self) -> str:
        """What was seen and expected, how often chance signals, how soon a change is found."""
        ratio = f"{self.params['odds_ratio']:g}"
        first, second = (
            f"{number(self.term(f'delay_{way}').value, 0)} if they were {what} by {ratio}"
            for way, what in (("higher", "multiplied"), ("lower", "divided"))
        )
        chances = in_a_row([f"{percent(self.alarm_chance(way))} for {WAYS[way]}" for way in WAYS])
        called = self.params["called"]
        return (
            f"{self._together()} Over as many {called} as these, chance alone would bring a signal "
            f"in {chances}. Odds that truly differ would be signalled after {first}, and after "
            f"{second} (mean number of {called})."
        )

    def alt_text(self) -> str:
        """What the figure shows: the finding, then both lines."""
        high, low = (number(self.points[f"{way}_most"].max(), 1) for way in WAYS)
        upper, lower = (number(self.term(f"threshold_{way}").value, 2) for way in WAYS)
        marks = (
            f"The upper line rises with more events than expected, to {high} at most (signal line "
            f"{upper}); the lower one falls with fewer, to {low} at most (signal line {lower})."
        )
        return self._shown(self.headline(), marks)

    def tables(self) -> tuple[Table, ...]:
        """Thresholds and run lengths of both directions; the periods."""
        names = {
            "threshold": "Signal line",
            "run_length": "Cases to a false alarm, on average",
            "delay": "Cases until such odds are signalled, on average",
        }
        rows = self.estimates.reset_index()
        split = rows["term"].str.rsplit("_", n=1)
        rows["term"] = split.str[0].map(names) + ": " + split.str[1].map(WAYS)
        rows["places"] = [2 if term.startswith("threshold") else 0 for term in self.estimates.index]
        columns = (
            Column("term", "What", "label"),
            Column("estimate", "Value", "estimate"),
            Column("unit", "Unit", "text"),
        )
        caption = f"For odds multiplied and divided by {self.params['odds_ratio']:g}"
        signal = self.points["signal"].map({"": "", "both": "both", **WAYS})
        return (
            Table("estimates", caption, columns, rows),
            self._points_table(tables.CUSUM_POINTS, signal=signal),
        )


@dataclass(frozen=True, eq=False, repr=False)
class VladResult(_Compared):
    """Result of :func:`vlad`.

    Attributes
    ----------
    points : DataFrame
        One row a period: ``period, cases, events, expected``; ``difference``, observed minus
        expected up to its end; ``lowest, highest``, between which chance alone would keep that.
    estimates : DataFrame
        Terms ``observed``, ``expected`` (with the range of chance) and ``difference``.
    """

    kind: ClassVar[str] = "vlad"
    declared: ClassVar[tuple[Declaration, ...]] = tables.VLAD_DECLARED
    follows: ClassVar[dict[str, tuple[str, ...]]] = {
        "points.cases": (
            *("points.expected", "points.lowest", "points.highest"),
            "estimates:expected",
        )
    }

    def made_again(
        self, frames: Mapping[str, pd.DataFrame], parts: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """Observed minus expected, of the numbers of events that are shown."""
        points, estimates = frames["points"], frames["estimates"].set_index("term")
        so_far = points["events"].cumsum() - points["expected"].cumsum()
        points = points.assign(difference=so_far.where(points["difference"].notna()))
        shown = estimates.to_dict("index")["observed"]["estimate"]
        more = shown - self.term("observed").value
        estimates.loc["difference", ["estimate", "ci_low", "ci_high"]] += more
        return {"points": points, "estimates": estimates.reset_index()}

    @property
    def verdict(self) -> Verdict:
        """Described: how many more or fewer than expected."""
        return Verdict("described", "not tested", words=self._more())

    def _more(self) -> str:
        difference = self.term("difference").value
        size = number(abs(difference), 1)
        return f"{size} {'more' if difference > 0 else 'fewer'} events than expected"

    def headline(self) -> str:
        """How many more or fewer events than expected, and whether chance would do that."""
        chance = "more than" if self.term("difference").side else "no more than"
        return sentence(
            f"{self.params['outcome']}: {self._more()}, {chance} chance alone would bring"
        )

    def details(self) -> str:
        """What was observed, expected, and by chance."""
        low, high = (number(end, 1) for end in self.term("expected")[1:3])
        return (
            f"{self._together()} By chance alone there would be {low} to {high} in 19 of 20 such "
            "series. Somebody who looks at every period sees the line leave the range of chance "
            "more often than that: signals are for a CUSUM."
        )

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the line."""
        ends = [
            number(end, 1)
            for end in (self.points["difference"].min(), self.points["difference"].max())
        ]
        marks = (
            f"The line adds up observed minus expected events; it lies between {ends[0]} and "
            f"{ends[1]}. A band around 0 shows the range of chance."
        )
        return self._shown(self.headline(), marks)

    def tables(self) -> tuple[Table, ...]:
        """Observed, expected and their difference; the periods."""
        names = ["Observed", "Expected (range of chance)", "Observed minus expected"]
        rows = self.estimates.reset_index().assign(term=names, places=[0, 1, 1])
        what = Column("term", "What", "label")
        value = Column("estimate", "Events", "estimate").with_interval("", "ci_low", "ci_high")
        return (
            Table("estimates", f"Of {self.size} {self.params['called']}", (what, *value), rows),
            self._points_table(tables.VLAD_POINTS),
        )
