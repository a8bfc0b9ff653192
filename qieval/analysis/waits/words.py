"""Waits: the result, its verdict and its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.waits.tables import DECLARED, OUTCOMES, PLACES
from qieval.core import periods
from qieval.core.aim import read_aim
from qieval.core.curves import CurvesResult, whole_or_half, with_halves
from qieval.core.effect import Effect, effect_of
from qieval.core.grouped import DIFFERENCE
from qieval.core.result import People, rows_of
from qieval.core.tables import Declaration, Table
from qieval.core.verdict import AimVerdict, Verdict
from qieval.core.words import in_a_row, inside, number, sentence

SHOWN_AT = {
    "days": (0, 1, 3, 7, 14, 28, 42, 60, 90, 126, 180, 365, 730),
    "hours": (1, 2, 4, 8, 12, 24, 48, 72, 168, 336),
}
"""Waits at which the page's table shows the curve."""

BEARING = ("enough", "waiting", "left", "undated")
"""Checks that bear on a difference: few referrals, and people whose waits are not known."""


@dataclass(frozen=True, eq=False, repr=False)
class WaitsResult(CurvesResult):
    """Result of :func:`qieval.waits`.

    Attributes
    ----------
    points : DataFrame
        The curves: ``group, wait, at_risk, started, share, low, high``; ``share`` still waits after
        that time, in days or hours.
    estimates : DataFrame
        Terms ``median, p90, within_target, within_target_of_all``; those of groups have
        ``: <group>`` after them; ``difference`` before and since a change.
    groups, last, without_curve, notes
        As every result with curves has them.
    periods : DataFrame
        By group and period of referral: ``referrals``; of them ``within, missed`` (``known`` is
        their sum), ``left_before, too_early``; by outcome ``here, elsewhere, refused, withdrawn,
        waiting``; ``share, low, high`` within target. A p or p' chart takes within over known.
    outcomes : DataFrame
        The same for each group over all periods.
    called : str
        What one row is called: "referral", or "request".
    target_time : float
        The target in days or hours, as the clock says.
    undated : int
        Referrals closed without a date: counted, but on no curve.
    """

    periods: pd.DataFrame
    outcomes: pd.DataFrame
    called: str
    target_time: float
    undated: People

    kind: ClassVar[str] = "waits"
    time_column: ClassVar[str] = "wait"
    within: ClassVar[str] = "waited no longer than"
    beyond: ClassVar[str] = "still waited after"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
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
    def clock(self) -> str:
        """Days or hours."""
        return str(self.params["clock"])

    @property
    def unit(self) -> str:
        """Unit of the waits."""
        return self.clock

    @property
    def shown_at(self) -> Sequence[int]:
        """Waits at which a table shows the curves."""
        return SHOWN_AT[self.clock]

    @property
    def target(self) -> str:
        """The target in words: "14 days"."""
        return f"{self.target_time:.4g} {self.clock}"

    def time(self, value: float) -> str:
        """A wait as it is read: days whole or with a half, hours with a decimal."""
        return number(value, max(PLACES[self.clock], whole_or_half(value)))

    @property
    def everybody(self) -> pd.Series:
        """The counts of everybody; before and since added up."""
        return self.everybody_in(self.outcomes)

    # ---- the finding ---------------------------------------------------------------------------

    @property
    def verdict(self) -> Verdict:
        """Judged by the share within target, since a change and before it."""
        return self.verdict_on_difference("higher", BEARING, self.aim_verdict(self.params["aim"]))

    @property
    def effect(self) -> Effect | None:
        """The difference of the shares within target, where two are compared."""
        if not self.verdict.size:
            return None
        care, clock = self.params["care"], self.clock
        return Effect(
            measure=f"{self.params['outcome']}: within {self.target}",
            definition=("difference of shares", care, self.target_time, clock),
            unit="share of referrals",
            direction="higher",
            **effect_of(self.estimates.loc[DIFFERENCE]),
        )

    def aim_verdict(self, given: Mapping[str, Any] | str | None) -> AimVerdict:
        """Whether an aim was reached by the share within target; an aim of less by the median."""
        aim = read_aim(given)
        share = aim.amount.side >= 0
        name = "within_target" if share else "median"
        what = f"the share within {self.target}" if share else "the median wait"
        values = [self.term(self.term_of(name, group)).value for group in self.main_groups]
        unit, direction = ("", "higher") if share else (self.clock, "lower")
        return self.judged_aim(aim, what, values, direction=direction, share=share, unit=unit)

    def headline(self) -> str:
        """The finding in one sentence."""
        if self.before_and_since:
            before, since = (self.half(group) for group in self.groups)
            return sentence(
                f"Of {self.called}s before {self.change}, {before}; since then, {since}"
            )
        who = " of all groups together" if len(self.groups) > 1 else ""
        return sentence(f"{self.half(self.groups[0], who)} for {self.params['care']}")

    def details(self) -> str:
        """What became of referrals, how many kept to the target, what that counts, the aim."""
        parts = [
            self._outcomes(),
            self._tail(),
            self._within(),
            *self._difference(),
            self._counted_how(),
            self.verdict.aim.words,
        ]
        return " ".join(part for part in parts if part)

    def _outcomes(self) -> str:
        counts = self.everybody
        names = {
            "here": f"got {self.params['care']} here",
            "elsewhere": "elsewhere",
            "refused": "were refused",
            "withdrawn": "withdrew",
            "waiting": "were still waiting",
        }
        parts = [f"{int(counts[name]):,} {words}" for name, words in names.items() if counts[name]]
        return f"Of {int(counts['referrals']):,} {self.called}s, {in_a_row(parts)}."

    def _tail(self) -> str:
        parts = []
        for group in self.main_groups:
            when = f"{group}, " if self.before_and_since else ""
            parts.append(sentence(f"{when}{self.nine_in_ten(group)}"))
        return " ".join(parts)

    def _within(self) -> str:
        known, of_all = (
            in_a_row(
                [
                    self.in_words(self.term_of(name, group))
                    + (f" {inside(group)}" if self.before_and_since else "")
                    for group in self.main_groups
                ]
            )
            for name in ("within_target", "within_target_of_all")
        )
        return (
            f"Within {self.target}: {known}. If those who left before that count as not within it: "
            f"{of_all}."
        )

    def _difference(self) -> list[str]:
        difference = self.difference_in_words()
        if not difference:
            return []
        return [
            f"Since the change, the share within {self.target} is {difference}; that does not say "
            "what brought it about."
        ]

    def _counted_how(self) -> str:
        counts = self.everybody
        left, early = int(counts["left_before"]), int(counts["too_early"])
        out = [
            *([f"{left:,} who left before {self.target} had passed"] if left else []),
            *([f"{early:,} who came too late for anybody to know"] if early else []),
        ]
        without = f" Not among them: {in_a_row(out)}." if out else ""
        return (
            f"The share within {self.target} is of the {int(counts['known']):,} {self.called}s "
            "whose answer is known: seen within it, or waited longer, still waiting included."
            f"{without}"
        )

    # ---- the figures ---------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the curves."""
        where = f", {self.params['setting']}" if self.params["setting"] else ""
        return (
            f"{self.headline()} Chart of the share of people still waiting for "
            f"{self.params['care']}{where} by {self.clock} since {self.called}, starting at "
            f"100%, with an upright line at the target of {self.target}: {self.curves_in_words()}"
        )

    def view_words(self, view: str) -> tuple[str, str]:
        """Title of the view by period, and what it shows."""
        every = self.params["every"]
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
        terms = [self.term_of("within_target", group) for group in self.main_groups]
        if not np.isfinite(self.estimates.loc[terms, "estimate"]).all():
            return f"Seen within {self.target}, by {periods.noun(self.params['every'])}"
        shares = [self.value_in_words(term) for term in terms]
        if self.before_and_since:
            when = self.change
            return f"Seen within {self.target}: {shares[0]} before {when}, {shares[1]} since then"
        return f"{shares[0]} were seen within {self.target}"

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """Each figure and group, what became of referrals, and the curves."""
        caption = (
            f"How long people waited, how many were seen within {self.target} (of {self.called}s "
            f"whose answer is known), and what became of {self.called}s. “–”: not reached, or no "
            "interval, because all were counted."
        )
        names = {
            "median": "Half waited at most",
            "p90": "Nine in ten waited at most",
            "within_target": f"Within {self.target}",
            "within_target_of_all": "The same, those who left counted as not within",
            DIFFERENCE: f"Within {self.target}: since less before",
        }
        figures = with_halves(self.figures(names, PLACES))
        figures["unit"] = figures["unit"].str.replace("referral", self.called)
        rows = pd.concat([figures, self._outcome_rows()], ignore_index=True)
        return (
            self.figures_table(rows, caption, f"Of {self.called}s"),
            self.curve_table(
                time=f"{self.clock.capitalize()} since {self.called}", share="Still waiting"
            ),
        )

    def _outcome_rows(self) -> pd.DataFrame:
        """Rows of how many were seen, refused, withdrew or still wait."""
        rows = [
            {
                "term": f"number {name}: {row.group}",
                "what": what,
                "estimate": getattr(row, name),
                "ci_low": np.nan,
                "ci_high": np.nan,
                "unit": f"{self.called}s",
                "places": 0,
                "group": row.group,
                "n": row.referrals,
            }
            for name, what in OUTCOMES.items()
            if self.everybody[name]
            for row in rows_of(self.outcomes)
        ]
        return pd.DataFrame(rows)
