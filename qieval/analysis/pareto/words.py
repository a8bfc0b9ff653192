"""Which reasons are behind most of what happened, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from qieval.analysis.pareto.tables import COUNTS, DECLARED, POINTS
from qieval.core.config import CONFIDENCE
from qieval.core.result import Result, rows_of
from qieval.core.tables import Declaration, Table
from qieval.core.verdict import Verdict
from qieval.core.words import in_a_row, many, percent, sentence, some_of

FEW = 30
"""With fewer events than this the order of reasons rests on a handful."""
MANY_UNKNOWN = 0.1
"""With a larger share without a reason, the true order may be another."""


@dataclass(frozen=True, eq=False, repr=False)
class ParetoResult(Result):
    """Result of :func:`pareto`.

    Attributes
    ----------
    points : DataFrame
        One row a reason, the most frequent first: ``reason, count, rest, of, share, low, high``,
        ``so_far`` (share with those above) and ``few`` (whether it is one of the few).
    estimates : DataFrame
        Terms ``recorded, not_recorded, few``.
    chance_of_spread : float
        How often reasons that are all as frequent would differ as much.
    chance_of_first : float
        How often the first two, were they as frequent, would differ as much.
    """

    chance_of_spread: float
    chance_of_first: float

    kind: ClassVar[str] = "pareto"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED

    def made_again(
        self, frames: Mapping[str, pd.DataFrame], parts: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """Shares of a reason and those above it, of the numbers that are shown."""
        points = frames["points"]
        so_far = (points["count"].cumsum() / points["of"]).clip(upper=1.0)
        return {"points": points.assign(so_far=so_far.where(points["so_far"].notna()))}

    limits: ClassVar[tuple[str, ...]] = (
        "The most frequent reason need not be the gravest, nor the one that can be changed.",
        "It shows what was written down as the reason: whoever records decides what it can find.",
    )

    @property
    def total(self) -> int:
        """Events with a reason."""
        return int(self.points["count"].sum())

    @property
    def differ(self) -> bool:
        """Whether the reasons differ in number by more than chance."""
        return bool(self.chance_of_spread <= 1 - CONFIDENCE)

    @property
    def verdict(self) -> Verdict:
        """Described: how many reasons make up how much."""
        if not self.differ:
            return Verdict("described", "not tested", words="no few reasons")
        few = int(self.points["few"].sum())
        return Verdict(
            "described", "not tested", words=f"{few} of {len(self.points)} reasons behind most"
        )

    def headline(self) -> str:
        """How many reasons make up how much, or that none stands out."""
        reasons = many(len(self.points), "reason")
        if not self.differ:
            return sentence(
                f"{self.params['outcome']}: of {reasons} none stands out by more than chance"
            )
        few = self.points[self.points["few"]]
        reached = percent(float(few["share"].sum()))
        return sentence(
            f"{self.params['outcome']}: {len(few)} of {reasons} make up {reached}, the most "
            f"frequent being “{few['reason'].iloc[0]}”"
        )

    def details(self) -> str:
        """The few with their shares, and whether their order means anything."""
        few = self.points[self.points["few"]] if self.differ else self.points
        named = some_of(
            [
                f"{row.reason} ({row.number} of {row.of})"
                for row in rows_of(few.rename(columns={"count": "number"}))
            ]
        )
        parts = [f"Of {self.total:,} {self.params['called']} with a reason: {named}."]
        parts += [row.detail for row in rows_of(self.checks) if row.id == "order"]
        return " ".join(parts)

    def alt_text(self) -> str:
        """What the figure shows: the finding, then every bar."""
        bars = [f"{row.reason} {percent(row.share)}" for row in rows_of(self.points)]
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        return (
            f"{self.headline()} Bars of {self.params['outcome'].lower()}{where}, the longest "
            f"first: {in_a_row(bars)}. A line adds them up to 100%."
        )

    def tables(self) -> tuple[Table, ...]:
        """What was counted; every reason."""
        names = ["With a reason", "Without a reason", "Reasons that make up most"]
        rows = self.estimates.reset_index().assign(term=names)
        words = self.points["few"].map({True: "yes", False: ""})
        return (
            Table("estimates", "What was counted", COUNTS, rows),
            Table("points", "The bars of the figure", POINTS, self.points.assign(few=words)),
        )
