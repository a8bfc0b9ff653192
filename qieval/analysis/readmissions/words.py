"""Readmissions: the result, its verdict and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qieval.analysis.readmissions.tables import DECLARED, PLACES, POINTS
from qieval.core import periods
from qieval.core.aim import read_aim
from qieval.core.grouped import ALL, DIFFERENCE, GroupedResult
from qieval.core.result import People
from qieval.core.tables import Declaration, Table, titled
from qieval.core.verdict import AimVerdict, Verdict
from qieval.core.words import in_a_row, inside, percent, sentence

BEARING = ("enough", "deaths")
"""Checks that bear on a difference: too few discharges, and deaths counted as discharges."""

NOT_JOINED = "Counting admissions on the day of discharge, which may be transfers"


@dataclass(frozen=True)
class Counted:
    """How discharges were counted.

    Attributes
    ----------
    deaths : int
        Stays that ended in death and are left out.
    joined : int
        Stays that were joined with the one before.
    not_followed : int
        Discharges that could not be followed for the whole window.
    endings_told : bool
        Whether any stay says how it ended.
    notes : tuple of str
        What was decided, one plain sentence each.
    """

    deaths: People
    joined: People
    not_followed: People
    endings_told: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class ReadmissionsResult(GroupedResult):
    """Result of :func:`qieval.readmissions`.

    Attributes
    ----------
    points : DataFrame
        By group and period of discharge: ``period, group, readmitted, discharges, share, low,
        high``. A p or p' chart takes readmitted over discharges.
    estimates : DataFrame
        ``readmitted`` (for groups ``readmitted: <group>``), ``difference`` before and since a
        change, ``within_28_days`` or ``within_30_days``, ``transfers_not_joined``.
    groups : tuple of str
        Names of the groups, all together first; or before and since a change.
    counted : Counted
        How discharges were counted.
    """

    counted: Counted

    kind: ClassVar[str] = "readmissions"
    told_by: ClassVar[dict[str, str]] = {"transfers_not_joined": "counted.joined"}
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "Only admissions in this table can be seen: somebody admitted elsewhere counts as not "
        "readmitted.",
        "A readmission may be good care or bad, planned or not; the table does not say which.",
        "The same person may be counted more than once, and intervals take discharges as "
        "independent.",
        "A difference between groups, or before and after a change, does not say why. Groups care "
        "for different people and are not ranked.",
    )

    @property
    def last_day(self) -> int:
        """The last day that counts; the day of discharge is day 0."""
        return int(self.params["window"]) - 1

    # ---- the finding ---------------------------------------------------------------------------

    @property
    def verdict(self) -> Verdict:
        """Judged by the difference before and since a change; without one it is described.

        A readmission may be good care or bad, so a change is called neither.
        """
        return self.verdict_on_difference("neutral", BEARING, self._aim())

    def _aim(self) -> AimVerdict:
        shares = [self.term(self.term_of("readmitted", group)).value for group in self.main_groups]
        aim, what = read_aim(self.params["aim"]), "the share readmitted"
        now = " of all discharges"
        return self.judged_aim(aim, what, shares, direction="lower", share=True, now=now)

    def headline(self) -> str:
        """The finding in one sentence."""
        window = f"within {self.params['window']} days"
        shares = [self.in_words(self.term_of("readmitted", group)) for group in self.main_groups]
        if self.before_and_since:
            return sentence(
                f"Readmitted {window}: before {self.change} {shares[0]}, since then {shares[1]}"
            )
        group = self.groups[0]
        where = f" ({group})" if group != ALL else ""
        return sentence(f"Of those discharged{where}, {shares[0]} were readmitted {window}")

    def details(self) -> str:
        """How many, what the difference is, whether the aim was reached, what other rules give."""
        difference = self.difference_in_words()
        parts = [
            self._counted(),
            f"Compared with before, the share since then is {difference}. That does not say what "
            "brought it about."
            if difference
            else "",
            self.verdict.aim.words,
            *self._other_rules(),
        ]
        return " ".join(part for part in parts if part)

    def _counted(self) -> str:
        rows = self.estimates.loc[[self.term_of("readmitted", g) for g in self.main_groups]]
        back = round(float((rows["estimate"].fillna(0) * rows["n"]).sum()))
        days = f"day 0 (the day of discharge) to day {self.last_day}"
        return (
            f"{back:,} of {int(rows['n'].sum()):,} discharges were followed by an admission of the "
            f"same person from {days}. Each discharge counts at most one readmission."
        )

    def _other_rules(self) -> list[str]:
        rules = [
            f"{inside(what.removeprefix('By another rule: '))} it is {self.in_words(term)}"
            for term, what in self._rules().items()
            if term in self.estimates.index
        ]
        return [sentence(f"By other rules: {in_a_row(rules)}")] if rules else []

    def _rules(self) -> dict[str, str]:
        """Estimates by other rules, and what they are called."""
        days = [term.split("_")[1] for term in self.estimates.index if term.startswith("within_")]
        within = {f"within_{n}_days": f"By another rule: within {n} days" for n in days}
        return {**within, "transfers_not_joined": f"{NOT_JOINED},"}

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the marks."""
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        if self.params["by"]:
            marks = (
                f"one point and its 95% interval for each of {len(self.groups) - 1} groups, and a "
                "line for all of them together."
            )
        else:
            every = periods.noun(self.params["every"], 2)
            low, high = (percent(end, 1) for end in self.points["share"].agg(["min", "max"]))
            marks = (
                f"one point for each of {len(self.points):,} {every} of discharge, from "
                f"{low} to {high}, and a level line"
                + (" before the change and one since." if self.before_and_since else ".")
            )
        return f"{self.headline()} Chart of the share readmitted{where}: {marks}"

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """The share of each group and by each rule, and the rows behind the figure."""
        names = {
            "readmitted": "Readmitted",
            DIFFERENCE: "Since less before",
            **{term: what.rstrip(",") for term, what in self._rules().items()},
        }
        caption = (
            f"Share of live discharges with an admission from day 0 to day {self.last_day}. "
            "Intervals: Wilson; of a difference: Newcombe."
        )
        every = self.params["every"]
        head = f"{periods.noun(every).capitalize()} of discharge"
        columns = titled(POINTS, period=head)
        return (
            self.figures_table(self.figures(names, PLACES), caption, "Discharges"),
            Table("points", "The points of the figure", columns, self.points, every=every),
        )
