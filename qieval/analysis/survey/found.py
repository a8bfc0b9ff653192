"""What a survey found, as tables, and how to look things up in them. Words are built on these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from qieval.analysis.survey.groups import EVERYBODY
from qieval.core.result import Result


@dataclass(frozen=True, eq=False, repr=False)
class Found(Result):
    """The tables of a survey.

    Attributes
    ----------
    points : DataFrame
        One row a group ("Everybody" first), item, wave and level: ``group, item, wave, level,
        count, percent``; percent of the answers on the scale. Blank where too few answered.
    estimates : DataFrame
        ``positive: <item>, <wave>`` and ``change: <item>`` in percent and percentage points,
        ``odds_ratio: <item>``, ``better: <item>`` (a chance), and ``odds_ratio`` on average.
    bases : DataFrame
        A row a group, item and wave: ``shown, n, dont_know, blank, positive, low, high, net``.
    response : DataFrame
        ``wave, group, invited, answered, rate``; invited and rate blank where not known.
    changes : DataFrame
        A row an item: ``tested, why_not, direction`` (better, worse, unclear), ``adjusted``,
        ``check_p`` (of the proportional odds).
    steps : DataFrame
        Odds ratio of each item at each step of the scale: ``item, level, odds_ratio, low, high``.
    between : DataFrame
        Whether groups answered differently in the latest wave, a row an item.
    facts : dict
        What words, checks and figure need beside the tables.
    """

    bases: pd.DataFrame
    response: pd.DataFrame
    changes: pd.DataFrame
    steps: pd.DataFrame
    between: pd.DataFrame
    facts: dict[str, Any]

    @property
    def waves(self) -> list[str]:
        """The waves, earliest first."""
        return list(self.params["waves"])

    @property
    def items(self) -> list[str]:
        """The items, as the page calls them."""
        return list(self.params["items"])

    @property
    def groups(self) -> list[str]:
        """The groups that are shown; without everybody."""
        return list(self.facts["groups"])

    @property
    def pair(self) -> tuple[str, str] | None:
        """The two waves compared; None with one wave only."""
        compare = self.params["compare"]
        return (compare[0], compare[1]) if compare else None

    @property
    def latest(self) -> str:
        """The later of the waves compared, or the last."""
        return str(self.facts["latest"])

    def base(self, item: str, wave: str, group: str = EVERYBODY) -> dict[str, Any]:
        """The row of the bases for an item, wave and group."""
        rows = self.bases[
            (self.bases["item"] == item)
            & (self.bases["wave"] == wave)
            & (self.bases["group"] == group)
        ]
        return {str(name): value for name, value in rows.iloc[0].items()}

    def percents(self, item: str, wave: str, group: str = EVERYBODY) -> list[float]:
        """Percent of the answers at each level, from worst to best."""
        rows = self.points[
            (self.points["item"] == item)
            & (self.points["wave"] == wave)
            & (self.points["group"] == group)
        ]
        return [float(value) for value in rows["percent"]]
