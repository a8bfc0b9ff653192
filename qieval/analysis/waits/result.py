"""What was found about waits, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.core import periods
from qieval.core.result import Result
from qieval.core.words import in_a_row, lower_or_higher, number, sentence
from qieval.flow.groups import ALL

SHOWN_AT = {
    "days": (0, 1, 3, 7, 14, 28, 42, 60, 90, 126, 180, 365, 730),
    "hours": (1, 2, 4, 8, 12, 24, 48, 72, 168, 336),
}
"""Waits at which the page's table shows the curve."""


@dataclass(frozen=True, eq=False, repr=False)
class WaitsResult(Result):
    """Result of :func:`qieval.waits`.

    Attributes
    ----------
    points : DataFrame
        The curves: ``group, wait, at_risk, started, share, low, high``; ``share`` still waits after
        that time, in days or hours.
    estimates : DataFrame
        Terms ``median, p90, within_target, within_target_of_all``; those of groups have
        ``: <group>`` after them; ``difference`` before and since a change.
    periods : DataFrame
        By group and period of referral: ``referrals``; of them ``within, missed`` (``known`` is
        their sum), ``left_before, too_early``; by fate ``here, elsewhere, refused, withdrawn,
        waiting``; ``share, low, high`` within target. A p or p' chart takes within over known.
    fates : DataFrame
        The same for each group over all periods.
    facts : dict
        What the words and the figure need beside the tables.
    """

    periods: pd.DataFrame
    fates: pd.DataFrame
    facts: dict[str, Any]

    kind: ClassVar[str] = "waits"
    limits: ClassVar[tuple[str, ...]] = (
        "The curve takes people who were refused or withdrew to have waited on, from then, as the "
        "others did. If they left because the wait was long, or because they needed less, it does "
        "not hold; their numbers stand beside it.",
        "Intervals take referrals as independent; the same person may come more than once.",
        "A difference between groups, or before and after a change, does not say why. Groups serve "
        "different people and are not ranked.",
    )

    # ---- parts of sentences --------------------------------------------------------------------

    @property
    def groups(self) -> list[str]:
        """Names of the groups, everybody first."""
        return list(self.facts["groups"])

    @property
    def before_and_since(self) -> bool:
        """Whether referrals before and since a change stand side by side."""
        return "difference" in self.estimates.index

    @property
    def clock(self) -> str:
        """Days or hours."""
        return str(self.params["clock"])

    @property
    def called(self) -> str:
        """What one row is called: "referral", or "request"."""
        return str(self.facts["called"])

    @property
    def target(self) -> str:
        """The target in words: "14 days"."""
        return f"{self.facts['target']:.4g} {self.clock}"

    def term_of(self, name: str, group: str) -> str:
        """The name of an estimate of a group."""
        return name if group == ALL else f"{name}: {group}"

    def time(self, value: float) -> str:
        """A wait as it is read: days whole, hours with a decimal."""
        return number(value, 0 if self.clock == "days" else 1)

    def waited(self, name: str, group: str) -> str:
        """A centile with its interval: "34 days (95% interval 31 to 38)"."""
        value, low, high, *_ = self.term(self.term_of(name, group))
        if not np.isfinite(value):
            return f"not reached after {self.time(self.facts['last'][group])} {self.clock}"
        if not np.isfinite(low):
            ends = "not known"
        elif not np.isfinite(high):
            ends = f"{self.time(low)} or more"
        else:
            ends = f"{self.time(low)} to {self.time(high)}"
        return f"{self.time(value)} {self.clock} (95% interval {ends})"

    def share(self, name: str, group: str) -> str:
        """A share with its interval: "72% (95% interval 68 to 76%)"."""
        found = self.term(self.term_of(name, group))
        value, low, high = (100 * end for end in found[:3])
        if not np.isfinite(value):
            return "not known"
        return f"{number(value, 0)}% (95% interval {number(low, 0)} to {number(high, 0)}%)"

    @property
    def whole(self) -> pd.Series:
        """The counts of everybody; before and since added up."""
        if self.groups[0] == ALL:
            return self.fates.iloc[0]
        return self.fates.select_dtypes("number").sum()

    # ---- the finding ---------------------------------------------------------------------------

    def headline(self) -> str:
        """The finding in one sentence."""
        care = self.params["care"]
        if self.before_and_since:
            before, since = (self._half(group) for group in self.groups)
            when = self.groups[0].removeprefix("Before ")
            return sentence(f"Of {self.called}s before {when}, {before}; since then, {since}")
        who = " of all groups together" if len(self.groups) > 1 else ""
        return sentence(f"{self._half(self.groups[0], who)} for {care}")

    def _half(self, group: str, who: str = "") -> str:
        if np.isfinite(self.term(self.term_of("median", group)).value):
            return f"half{who} waited no longer than {self.waited('median', group)}"
        last = self.time(self.facts["last"][group])
        return f"more than half{who} still waited after {last} {self.clock}"

    def details(self) -> str:
        """What became of referrals, how many kept to the target, what that counts."""
        return " ".join(
            [self._fates(), self._tail(), self._within(), *self._difference(), self._counted_how()]
        )

    def _fates(self) -> str:
        whole = self.whole
        names = {
            "here": f"got {self.params['care']} here",
            "elsewhere": "elsewhere",
            "refused": "were refused",
            "withdrawn": "withdrew",
            "waiting": "were still waiting",
        }
        said = [f"{int(whole[fate]):,} {words}" for fate, words in names.items() if whole[fate]]
        return f"Of {int(whole['referrals']):,} {self.called}s, {in_a_row(said)}."

    def _tail(self) -> str:
        parts = []
        for group in self.groups if self.before_and_since else self.groups[:1]:
            when = f"{group}, " if self.before_and_since else ""
            if np.isfinite(self.term(self.term_of("p90", group)).value):
                parts.append(f"{when}nine in ten waited no longer than {self.waited('p90', group)}")
            else:
                last = f"{self.time(self.facts['last'][group])} {self.clock}"
                parts.append(f"{when}more than one in ten still waited after {last}")
        return " ".join(sentence(part) for part in parts)

    def _within(self) -> str:
        groups = self.groups if self.before_and_since else self.groups[:1]
        whens = [
            f" {group[:1].lower()}{group[1:]}" if self.before_and_since else "" for group in groups
        ]
        known, of_all = (
            [f"{self.share(name, group)}{when}" for group, when in zip(groups, whens, strict=True)]
            for name in ("within_target", "within_target_of_all")
        )
        return (
            f"Within {self.target}: {in_a_row(known)}. If those who left before that count as not "
            f"within it: {in_a_row(of_all)}."
        )

    def _difference(self) -> list[str]:
        if not self.before_and_since:
            return []
        found = self.term("difference")
        if not np.isfinite(found.low):
            return []
        words = lower_or_higher(
            100 * found.value, 100 * found.low, 100 * found.high, "percentage points"
        )
        return [
            f"Since the change, the share within {self.target} is {words}; that does not say what "
            "brought it about."
        ]

    def _counted_how(self) -> str:
        whole = self.whole
        left, early = int(whole["left_before"]), int(whole["too_early"])
        out = [
            *([f"{left:,} who left before {self.target} had passed"] if left else []),
            *([f"{early:,} who came too late for anybody to know"] if early else []),
        ]
        without = f" Not among them: {in_a_row(out)}." if out else ""
        return (
            f"The share within {self.target} is of the {int(whole['known']):,} {self.called}s "
            "whose answer is known: seen within it, or waited longer, still waiting included."
            f"{without}"
        )

    # ---- the figures ---------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the curves."""
        where = f", {self.params['setting']}" if self.params["setting"] else ""
        count = len(self.groups)
        curves = "one curve" if count == 1 else f"{count} curves: {in_a_row(self.groups[:6])}"
        more = f" and {count - 6} more" if count > 6 else ""
        group, last = self.groups[0], self.facts["last"][self.groups[0]]
        shares = {
            time: number(100 * self._after(group, time)[0], 0)
            for time in SHOWN_AT[self.clock]
            if time <= last
        }
        fallen = [(time, share) for time, share in shares.items() if share != "100"]
        falls = [f"{share}% after {time:,} {self.clock}" for time, share in fallen[::2][:4]]
        return (
            f"{self.headline()} Chart of the share of people still waiting for "
            f"{self.params['care']}{where} by {self.clock} since {self.called}, starting at "
            f"100%, with an upright line at the target of {self.target}: {curves}{more}."
            + (
                f" {'The first' if count > 1 else 'It'} falls to {in_a_row(falls)}."
                if falls
                else ""
            )
        )

    def view_words(self, view: str) -> tuple[str, str]:
        """Title of the view by period, and what it shows."""
        every: Any = self.params["every"]
        return (
            self._seen_within(),
            f"Each point: of the {self.called}s of one {periods.noun(every)} whose answer is "
            f"known, the share that got {self.params['care']} within {self.target}, with its 95% "
            f"interval (Wilson). Level lines: all {self.called}s together. "
            f"{periods.noun(every, 2).capitalize()} in which the target had not passed for all "
            f"{self.called}s by the end of the data are left out. A control chart (p or p' chart) "
            "of these numbers would tell signals from chance.",
        )

    def _seen_within(self) -> str:
        """The shares within target as a title."""
        groups = self.groups if self.before_and_since else self.groups[:1]
        shares = [self.term(self.term_of("within_target", group)).value for group in groups]
        if not np.isfinite(shares).all():
            return f"Seen within {self.target}, by {periods.noun(self.params['every'])}"
        said = [f"{number(100 * share, 0)}%" for share in shares]
        if self.before_and_since:
            when = self.groups[0].removeprefix("Before ")
            return f"Seen within {self.target}: {said[0]} before {when}, {said[1]} since then"
        return f"{said[0]} were seen within {self.target}"

    def _after(self, group: str, time: float) -> tuple[float, float, float, int]:
        rows = self.points[self.points["group"] == group]
        reached, coming = rows[rows["wait"] <= time], rows[rows["wait"] >= time]
        at_risk = int(coming["at_risk"].iloc[0]) if len(coming) else 0
        if reached.empty:
            return 1.0, np.nan, np.nan, at_risk
        last = reached.iloc[-1]
        return float(last["share"]), float(last["low"]), float(last["high"]), at_risk

    # ---- tables in words -----------------------------------------------------------------------

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """A row a figure and group, and the table's caption."""
        figures = {
            "median": f"Half waited at most ({self.clock})",
            "p90": f"Nine in ten waited at most ({self.clock})",
            "within_target": f"Within {self.target} (%)",
            "within_target_of_all": "The same, those who left counted as not within (%)",
        }
        rows = [
            (what, *self._cells(name, group), group, f"{self.term(self.term_of(name, group)).n:,}")
            for name, what in figures.items()
            for group in self.groups
        ]
        fates = {
            "here": "Seen here",
            "elsewhere": "Seen elsewhere",
            "refused": "Refused",
            "withdrawn": "Withdrew",
            "waiting": "Still waiting",
        }
        for fate, what in fates.items():
            if not self.whole[fate]:
                continue
            for row in self.fates.to_dict("records"):
                rows.append((what, f"{row[fate]:,}", "–", row["group"], f"{row['referrals']:,}"))
        table = pd.DataFrame(
            rows, columns=["What", "Value", "95% interval", "Who", f"Of {self.called}s"]
        )
        return table if len(self.groups) > 1 else table.drop(columns="Who"), (
            f"How long people waited, how many were seen within {self.target} (of {self.called}s "
            f"whose answer is known), and what became of {self.called}s."
        )

    def _cells(self, name: str, group: str) -> tuple[str, str]:
        """A value and its interval as they stand in a table."""
        value, low, high, unit, _ = self.term(self.term_of(name, group))
        if not np.isfinite(value):
            known = np.isfinite(low) and unit == self.clock
            return "not reached", f"{self.time(low)} or more" if known else "not known"
        if unit != self.clock:
            shown = [number(100 * end, 0) for end in (value, low, high)]
        else:
            shown = [self.time(end) for end in (value, low, high)]
        if not np.isfinite(low):
            return shown[0], "not known"
        return shown[0], f"{shown[1]} to {shown[2]}" if np.isfinite(high) else f"{shown[1]} or more"

    def points_in_words(self) -> pd.DataFrame:
        """The curve at a few waits, with plain column heads."""
        rows = []
        for group in self.groups:
            for time in SHOWN_AT[self.clock]:
                if time > self.facts["last"][group]:
                    break
                share, low, high, at_risk = self._after(group, time)
                ends = f"{100 * low:.0f} to {100 * high:.0f}%" if np.isfinite(low) else "–"
                rows.append((group, f"{time:,}", f"{100 * share:.0f}%", ends, f"{at_risk:,}"))
        heads = ["Who", f"{self.clock.capitalize()} since {self.called}", "Still waiting"]
        return pd.DataFrame(rows, columns=[*heads, "95% interval", "People still followed"])
