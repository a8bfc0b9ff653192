"""What an audit found, as tables, and how to look things up in them. Words are built on these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.audit.tables import COMPOSITE
from qieval.core.result import Result
from qieval.core.words import number


@dataclass(frozen=True, eq=False, repr=False)
class Found(Result):
    """The tables of an audit.

    Attributes
    ----------
    points : DataFrame
        One row a wave and standard, the composite last: ``wave, standard, what`` (standard,
        composite, or bounds where the composite is not known), ``met, applicable, percent, low,
        high``; from answers also how many were not recorded, refused, not applicable or partly met.
    estimates : DataFrame
        ``composite, opportunity_score, mean_met`` of the latest wave, with ``_before`` and
        ``_change``; ``change: <standard>``. In per cent and percentage points.
    changes : DataFrame
        Every standard by group (both: in both waves; all) and method; ``main`` is quoted.
    by_team : DataFrame
        ``wave, team, standard, met, applicable``; empty without teams.
    sensitivity : DataFrame
        Composite and opportunity score by other rules for answers that are not clear.
    short : DataFrame
        Records that were one standard short of all: ``wave, standard, records``.
    accreditation, gaps, access : DataFrame
        For audits of services: by type, by standard, by locality; else empty.
    facts : dict
        What words, checks and figure need beside the tables.
    """

    changes: pd.DataFrame
    by_team: pd.DataFrame
    sensitivity: pd.DataFrame
    short: pd.DataFrame
    accreditation: pd.DataFrame
    gaps: pd.DataFrame
    access: pd.DataFrame
    facts: dict[str, Any]

    @property
    def waves(self) -> list[str]:
        """The waves, earliest first."""
        return list(self.params["waves"])

    @property
    def pair(self) -> tuple[str, str] | None:
        """The two waves compared; None with one wave only."""
        compare = self.params["compare"]
        return (compare[0], compare[1]) if compare else None

    @property
    def latest(self) -> str:
        """The later of the waves compared."""
        return str(self.facts["latest"])

    @property
    def of_services(self) -> bool:
        """Whether it is an audit of services, by types of standards."""
        return bool(self.params["thresholds"])

    @property
    def teams(self) -> pd.DataFrame:
        """The composite of the latest wave, a row a team in the order of their names.

        Ready for ``qi.funnel(result.teams, unit="team", numerator="met",
        denominator="applicable", kind="proportion")``; empty without teams or composite.
        """
        rows = self.by_team[
            (self.by_team["wave"] == self.latest) & (self.by_team["standard"] == COMPOSITE)
        ]
        return rows[["team", "met", "applicable"]].sort_values("team").reset_index(drop=True)

    def point(self, wave: str, standard: str) -> dict[str, Any]:
        """The row of the points for a wave and standard."""
        which = (self.points["wave"] == wave) & (self.points["standard"] == standard)
        return {str(name): value for name, value in self.points[which].iloc[0].items()}

    def main_change(self, standard: str = COMPOSITE) -> dict[str, Any] | None:
        """The change that is quoted; None if there is none."""
        rows = self.changes[self.changes["standard"] == standard]
        rows = rows[rows["main"].astype(bool)]
        if rows.empty:
            return None
        return {str(name): value for name, value in rows.iloc[0].items()}

    @property
    def all_of_them(self) -> str:
        """What the composite is called: "All six"."""
        return f"All {count(self.facts['k'])}"

    def percent(self, value: float) -> str:
        """A share as it is read: "62%", with one decimal where there are thousands of records."""
        return percent(value, places=1 if min(self.facts["records"].values()) >= 1000 else 0)

    def drawn(self) -> pd.DataFrame:
        """The points that have something to draw."""
        return self.points[np.isfinite(self.points["high"])]


_IN_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def percent(value: float, places: int = 0) -> str:
    """A share in per cent: "62%"; one that is not known has no sign."""
    return f"{number(value, places)}%" if np.isfinite(value) else "not known"


def count(value: int) -> str:
    """A small number as a word, a larger one in figures."""
    return _IN_WORDS[value] if value < len(_IN_WORDS) else f"{value:,}"
