"""What was found about requests, as tables, and how to look things up in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from qieval.analysis.waits import WaitsResult
from qieval.core.result import Result


@dataclass(frozen=True, eq=False, repr=False)
class Found(Result):
    """The tables of requests in a crisis.

    Attributes
    ----------
    points : DataFrame
        A row a group and fate: ``group, fate`` (here, elsewhere, refused, withdrawn), ``requests,
        of, percent, low, high``; of the requests that came to an end.
    estimates : DataFrame
        Terms ``here, elsewhere, refused, withdrawn, time_here, time_elsewhere, requests_a_day``,
        those of groups with ``: <group>`` after them; before and since a change ``change: <fate>``
        and ``requests_ratio``; then the terms of the waits.
    access : WaitsResult
        How long people wait, and the target.
    distances : DataFrame
        ``group, elsewhere, known, median_km, total_km``; empty where no distance is known.
    demand : DataFrame
        ``weekday, from_hour, to_hour, requests, hours, rate, low, high``; rate for 100 hours,
        or for a day where the table has no times of day.
    facts : dict
        First and last day, and how uneven the days are.
    """

    access: WaitsResult
    distances: pd.DataFrame
    demand: pd.DataFrame
    facts: dict[str, Any]

    @property
    def groups(self) -> list[str]:
        """Names of the groups, everybody first; or before and since a change."""
        return self.access.groups

    @property
    def by_period(self) -> pd.DataFrame:
        """``period, within, known``: the target by period of request, ready for a p or p' chart.

        Periods in which the target had not passed for every request by the extract are left out.
        """
        rows = self.access.periods
        if not self.access.before_and_since:
            rows = rows[rows["group"] == self.groups[0]]
        names = ["within", "known", "too_early"]
        table = rows.groupby("period", as_index=False)[names].sum()
        kept = (table["too_early"] == 0) & (table["known"] > 0)
        return table.loc[kept, ["period", "within", "known"]].reset_index(drop=True)

    @property
    def for_chart(self) -> dict[str, Any]:
        """What a control chart of ``by_period`` is told: `qi.control_chart(…, **for_chart)`."""
        events = list(self.params["events"])
        if self.params["intervention"]:
            events.insert(0, {"date": self.params["intervention"], "event": "The change"})
        return {
            "numerator": "within",
            "denominator": "known",
            "per": 100,
            "direction": "higher",
            "events": events,
            "outcome": f"Within {self.access.target}",
            "unit": "% of requests whose answer is known",
            "setting": self.params["setting"],
        }

    def point(self, group: str, fate: str) -> dict[str, Any]:
        """The row of the points for a group and fate."""
        rows = self.points[(self.points["group"] == group) & (self.points["fate"] == fate)]
        return {str(name): value for name, value in rows.iloc[0].items()}
