"""How complete returns are, in tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.core.periods import Frequency, label, noun
from qieval.core.result import Result, rows_of
from qieval.core.words import in_a_row, many, number, sentence

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
    every : Frequency
        The kind of period.
    """

    teams: pd.DataFrame
    every: Frequency

    kind: ClassVar[str] = "completeness"
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

    def headline(self) -> str:
        """How many of the expected returns came."""
        share = number(100 * self.came / self.expected, 0)
        count = self.points["team"].nunique()
        return sentence(
            f"{self.came:,} of {self.expected:,} expected returns came ({share}%), from "
            f"{many(count, 'team')}"
            if count > 1
            else f"{self.came:,} of {self.expected:,} expected returns came ({share}%)"
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
        return " ".join(parts)

    def alt_text(self) -> str:
        """What the figure shows: the finding, then a sentence a team."""
        first, last = self.points["period"].min(), self.points["period"].max()
        said = [f"{row.team} {row.came} of {row.expected}" for row in rows_of(self.teams)]
        return (
            f"{self.headline()} A grid of {many(len(self.teams), 'row')} by {noun(self.every)}, "
            f"{label(first, self.every)} to {label(last, self.every)}: filled squares for returns "
            f"that came, diamonds for late ones, empty squares for those that did not. "
            f"{'; '.join(said)}."
        )

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """One row a team, in the order given; no ranking."""
        teams = self.teams
        table = pd.DataFrame(
            {
                "Team": teams["team"],
                "Expected": teams["expected"],
                "Came": teams["came"],
                "Of those, late": teams["late"],
                f"Longest gap ({noun(self.every, 2)})": teams["longest_gap"],
            }
        )
        return table, "Returns by team, in the order in which the teams are listed"

    def points_in_words(self) -> pd.DataFrame:
        """Every expected return and what became of it."""
        points = self.points
        return pd.DataFrame(
            {
                "Team": points["lane"],
                noun(self.every).capitalize(): [label(day, self.every) for day in points["period"]],
                "Return": [STATUS[status] for status in points["status"]],
                "Days late": [
                    number(days, 0) if days > 0 else "" for days in points["days_late"].fillna(0)
                ],
            }
        )
