"""Results with survival curves: the share not over yet after each time, a curve a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from qieval.core.checks import Check, Status
from qieval.core.grouped import ALL, NO_FIGURE, GroupedResult
from qieval.core.tables import Column, Table, titled
from qieval.core.words import in_a_row, number, percent, some_of

CURVE = (
    Column("group", "Who", "label"),
    Column("time", "Time", "estimate", "0"),
    Column("at_risk", "Still followed", "denominator"),
    Column("ended", "Ended", "count", of="at_risk"),
    *Column("share", "Not over", "estimate", "0%").with_interval("95% interval"),
)
"""Steps of curves: ``at_risk`` were followed until that time, ``ended`` ended then; ``share`` is
not over after it."""


FEW_LEFT = 10
"""Under this many people still followed, a part of a curve rests on single ones."""


def delayed_entry(result: CurvesResult, what: str) -> tuple[Status, str]:
    """Status and words of a check: whether enough were seen early, on whom all of a curve rests."""
    text = f"They count from that day on (delayed entry), so long {what} do not weigh too much."
    few = result.few_at_first(FEW_LEFT)
    if not few:
        return "pass", text
    who = some_of(few)
    return "warn", f"{text} But fewer than {FEW_LEFT} were seen early on, in: {who}."


def no_curve(result: CurvesResult, why: str) -> list[Check]:
    """The check that names groups without a curve; `why` there is none, such as "nobody left"."""
    if not result.without_curve:
        return []
    groups = in_a_row(result.without_curve)
    text = f"{why}: {groups}. They are in the figures of all together."
    return [Check("without_curve", "Groups without a curve", "warn", text)]


def whole_or_half(value: float) -> int:
    """Decimals of a number of days or nights: one for halves, otherwise none."""
    return int(value % 1 == 0.5)  # halves are exact in binary


def with_halves(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of figures in which a median halfway between two times shows its half."""
    times = rows["places"].eq(0) & ~rows["unit"].str.startswith(("%", "percentage"))
    halves = rows[["estimate", "ci_low", "ci_high"]].mod(1).eq(0.5).any(axis=1)
    return rows.assign(places=rows["places"].mask(times & halves, 1))


def curve_columns(*, time: str, ended: str) -> tuple[Column, ...]:
    """``CURVE`` with a result's own names of the columns ``time`` and ``ended``."""
    names = {"time": time, "ended": ended}
    return tuple(Column(names.get(c.name, c.name), c.head, c.role, c.format, c.of) for c in CURVE)


@dataclass(frozen=True, eq=False, repr=False)
class CurvesResult(GroupedResult):
    """A result with a survival curve for each group.

    Attributes
    ----------
    last : dict
        Group → the longest time seen, over or not.
    without_curve : tuple of str
        Groups in which nothing is over yet; they are in the figures of all together.
    notes : tuple of str
        How times were counted, one plain sentence each.
    """

    last: dict[str, float]
    without_curve: tuple[str, ...]
    notes: tuple[str, ...]

    time_column: ClassVar[str] = "time"
    within: ClassVar[str] = "ended within"
    beyond: ClassVar[str] = "had not ended after"

    @property
    def unit(self) -> str:
        """Unit of the times."""
        raise TypeError(f"{type(self).__name__} does not say the unit of its times")

    @property
    def shown_at(self) -> Sequence[int]:
        """Times at which a table shows the curves."""
        raise TypeError(f"{type(self).__name__} does not say the times to show")

    def time(self, value: float) -> str:
        """A time as it is read; a median may lie halfway between two."""
        return number(value, whole_or_half(value))

    def half(self, group: str, who: str = "") -> str:
        """The median of a curve in words: "half of stays ended within 20 nights (…)"."""
        return self._centile("median", group, f"half{who}")

    def nine_in_ten(self, group: str) -> str:
        """The 90th centile of a curve in words."""
        return self._centile("p90", group, "nine in ten", left="one in ten")

    def _centile(self, name: str, group: str, share: str, left: str = "") -> str:
        """By when a share of them was over; where that is not reached, how far the curve goes."""
        term = self.term_of(name, group)
        if np.isfinite(self.term(term).value):
            return f"{share} {self.within} {self.in_words(term)}"
        longest = f"{self.time(self.last[group])} {self.unit}"
        return f"more than {left or share} {self.beyond} {longest}"

    def everybody_in(self, table: pd.DataFrame) -> pd.Series:
        """The counts of everybody in a table of groups; before and since added up."""
        return table.iloc[0] if self.groups[0] == ALL else table.select_dtypes("number").sum()

    def after(self, group: str, time: float) -> tuple[float, float, float, int]:
        """Share not over after a time, its interval, and how many were followed until then."""
        rows = self.points[self.points["group"] == group]
        times = rows[self.time_column]
        before, coming = rows[times <= time], rows[times >= time]
        at_risk = int(coming["at_risk"].iloc[0]) if len(coming) else 0
        if before.empty:
            return 1.0, np.nan, np.nan, at_risk
        step = before.iloc[-1]
        return float(step["share"]), float(step["low"]), float(step["high"]), at_risk

    def curve_table(self, **heads: str) -> Table:
        """The curves at a few times; `heads` names columns of ``CURVE``."""
        order = ["group", "time", "share", "low", "high", "at_risk"]
        rows = [
            (group, float(time), *self.after(group, time))
            for group in self.groups
            for time in self.shown_at
            if time <= self.last[group]
        ]
        named = {column.name: column for column in titled(CURVE, **heads)}
        columns = tuple(named[name] for name in order)
        table = pd.DataFrame(rows, columns=order)
        return Table("points", "The curves at a few times", columns, table, missing=NO_FIGURE)

    def curves_in_words(self) -> str:
        """How many curves there are, whose, and how the first one falls; for people who cannot see.

        It ends with a full stop.
        """
        count = len(self.groups)
        curves = "one curve" if count == 1 else f"{count} curves: {some_of(self.groups)}"
        shares = {
            time: percent(self.after(self.groups[0], time)[0])
            for time in self.shown_at
            if time <= self.last[self.groups[0]]
        }
        fallen = [(time, share) for time, share in shares.items() if share != "100%"]
        falls = [f"{share} after {time:,} {self.unit}" for time, share in fallen[::2][:4]]
        which = "The first" if count > 1 else "It"
        return f"{curves}." + (f" {which} falls to {in_a_row(falls)}." if falls else "")

    def few_at_first(self, few: int) -> list[str]:
        """Groups of which fewer were followed at some time before half was over."""
        above = self.points[self.points["share"] >= 0.5]
        fewest = above.groupby("group", sort=False)["at_risk"].min()
        return [str(group) for group in fewest[fewest < few].index]

    def at_risk_at(self, name: str) -> dict[str, int]:
        """Group → how many were still followed where a centile of its curve was read."""
        sizes = {}
        for group in self.groups:
            time = self.term(self.term_of(name, group)).value
            sizes[group] = self.after(group, time)[3] if np.isfinite(time) else 0
        return sizes
