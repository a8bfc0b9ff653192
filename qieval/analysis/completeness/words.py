"""Completeness: the result, its verdict and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.completeness.tables import DECLARED, POINTS, SHARE, TEAMS
from qieval.core.aim import Aim, judge_aim, read_aim
from qieval.core.periods import end_of, label, noun
from qieval.core.result import Result, rows_of
from qieval.core.tables import Declaration, Table, titled
from qieval.core.verdict import DESCRIBED, Verdict
from qieval.core.words import in_a_row, many, percent, sentence

STATUS = {
    "on time": "came on time",
    "late": "came late",
    "received": "came",
    "missing": "did not come",
}
"""What can become of an expected return, in words."""


@dataclass(frozen=True, eq=False, repr=False)
class CompletenessResult(Result):
    """Result of :func:`qieval.completeness`.

    Attributes
    ----------
    points : DataFrame
        One row an expected return: ``team, measure, period, due, received, days_late, status`` (on
        time, late, received where no due date is known, missing), and ``lane``: the team, with the
        measure where it sends several.
    estimates : DataFrame
        Percent of expected returns that came: "all returns", then each team.
    teams : DataFrame
        One row a lane: ``team`` (its name), ``expected, came, late, longest_gap`` (periods in a
        row) and ``stopped`` (nothing came for the last period).
    every : str
        The kind of period.
    """

    teams: pd.DataFrame
    every: str

    kind: ClassVar[str] = "completeness"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "This counts returns. It does not say whether the figures in them are right, nor why a "
        "return did not come.",
        "A missing return is not a zero, and says nothing about the care that was given.",
    )

    @property
    def expected(self) -> int:
        """Returns that were expected."""
        return len(self.points)

    @property
    def came(self) -> int:
        """Returns that came, on time or late."""
        return int((self.points["status"] != "missing").sum())

    @property
    def share(self) -> float:
        """Share of the expected returns that came."""
        return self.came / self.expected

    @property
    def verdict(self) -> Verdict:
        """Described: all returns are counted, and nothing is tested.

        An aim without a figure is about the care, not about returns.
        """
        aim = read_aim(self.params["aim"])
        reached = judge_aim(
            aim if aim.amount.how else Aim(),
            before=np.nan,
            seen=self.share,
            on=end_of(self.points["period"].max(), self.every),
            direction="higher",
            share=True,
            what_seen="the share of expected returns that came",
        )
        words = f"{percent(self.share)} came"
        return Verdict(DESCRIBED.kind, DESCRIBED.certainty, aim=reached, words=words)

    def verdict_on(self, project: str, team: str) -> Verdict | None:
        """The returns of the teams that a project names as its own."""
        own = self.points[[name.casefold() in team.casefold() for name in self.points["team"]]]
        if own.empty:
            return None
        words = f"{percent(float((own['status'] != 'missing').mean()))} came"
        return Verdict(DESCRIBED.kind, DESCRIBED.certainty, words=words)

    def headline(self) -> str:
        """How many of the expected returns came."""
        count = self.points["team"].nunique()
        teams = f", from {many(count, 'team')}" if count > 1 else ""
        return sentence(
            f"{self.came:,} of {self.expected:,} expected returns came ({percent(self.share)})"
            f"{teams}"
        )

    def details(self) -> str:
        """Late returns, gaps, who stopped, and what teams get back for their effort."""
        late = int(self.teams["late"].sum())
        parts = []
        if late:
            parts.append(f"{late:,} of those that came were late.")
        gap = int(self.teams["longest_gap"].max())
        if gap:
            where = self.teams.loc[self.teams["longest_gap"] == gap, "team"].tolist()
            row = f"{gap} {noun(self.every, gap)} in a row"
            parts.append(f"The longest gap is {row} ({in_a_row(where[:3])}).")
        complete = (self.points["status"] != "missing").groupby(self.points["team"]).all()
        if len(complete) > 1:
            none = "None" if not complete.any() else f"{int(complete.sum())}"
            parts.append(f"{none} of {len(complete)} teams sent every return.")
        stopped = self.teams.loc[self.teams["stopped"], "team"].tolist()
        if stopped:
            verb = "has" if len(stopped) == 1 else "have"
            parts.append(
                f"{in_a_row(stopped[:6])} {verb} sent nothing for the last {noun(self.every)}: ask "
                "what would make it easier."
            )
        parts.append("A missing return is not counted as zero anywhere.")
        if self.params["gives_back"]:
            parts.append(f"What teams get back: {self.params['gives_back']}")
        return " ".join(filter(None, [*parts, self.verdict.aim.words]))

    def alt_text(self) -> str:
        """What the figure shows: the finding, then a sentence a team."""
        first, last = self.points["period"].min(), self.points["period"].max()
        counts = [f"{row.team} {row.came} of {row.expected}" for row in rows_of(self.teams)]
        return (
            f"{self.headline()} A grid of {many(len(self.teams), 'row')} by {noun(self.every)}, "
            f"{label(first, self.every)} to {label(last, self.every)}: filled squares for returns "
            f"that came, diamonds for late ones, empty squares for those that did not. "
            f"{'; '.join(counts)}."
        )

    def tables(self) -> tuple[Table, ...]:
        """A row a team, in the order given, no ranking; and what became of every return."""
        counts = self.teams[["expected", "came", "late"]].sum()
        gap = self.teams["longest_gap"].max()
        together = {"team": "All returns", **counts, "longest_gap": gap}
        rows = pd.concat([pd.DataFrame([together]), self.teams], ignore_index=True)
        rows = rows.assign(share=rows["came"] / rows["expected"])
        team, expected, came, late, longest_gap, _ = titled(
            TEAMS, longest_gap=f"Longest gap ({noun(self.every, 2)})"
        )
        caption = "Returns by team, in the order in which the teams are listed"
        columns = (team, expected, came, SHARE, late, longest_gap)
        return Table("estimates", caption, columns, rows), self._points_table()

    def _points_table(self) -> Table:
        late = self.points["days_late"].where(self.points["days_late"] > 0)
        rows = self.points.assign(status=self.points["status"].map(STATUS), days_late=late)
        by_name = {c.name: c for c in titled(POINTS, period=noun(self.every).capitalize())}
        columns = tuple(by_name[name] for name in ("lane", "period", "status", "days_late"))
        caption = "Every expected return and what became of it"
        return Table("points", caption, columns, rows, every=self.every, missing="")
