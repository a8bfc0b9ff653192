"""Strata: the result and its words. It describes; no gap is tested."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.strata.tables import (
    DECLARED,
    GAPS,
    LEVELS,
    NOT_RECORDED,
    SHARES,
    SIDES,
    gaps_of_estimates,
    gaps_of_shares,
    simultaneous,
)
from qieval.core.result import People, Result, rows_of
from qieval.core.sections import Section
from qieval.core.tables import Declaration, Table, titled
from qieval.core.verdict import Verdict
from qieval.core.words import in_a_row, interval, many, number, percent, places_of, sentence


@dataclass(frozen=True, eq=False, repr=False)
class StrataResult(Result):
    """Result of :func:`qieval.strata`.

    Attributes
    ----------
    points : DataFrame
        A row a stratum and side: ``stratum, side, met, n, level, low, high``; of figures of periods
        ``periods`` too, and in ``met`` and ``n`` the sums of the figure and its denominator.
    estimates : DataFrame
        ``before: <stratum>`` and ``since: <stratum>``; of figures of periods also ``gap_before``,
        ``gap_since``, ``gap_change`` and ``gap_slope_before`` of each stratum compared.
    strata : tuple of str
        Every stratum, in order; those without a stratum last.
    compared : tuple of str
        Those that have a gap to the reference.
    periods : (int, int)
        Periods before and since; 0 where rows are people.
    not_counted : int
        People whose row does not say whether it happened, or to whom it did not apply.
    teams : int
        Teams that the people belong to, where the table says so; else 0.
    """

    strata: tuple[str, ...]
    compared: tuple[str, ...]
    periods: tuple[int, int]
    not_counted: People
    teams: int

    kind: ClassVar[str] = "strata"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED[True]
    limits: ClassVar[tuple[str, ...]] = (
        "A gap that changed does not say why. Strata differ in more than their name.",
        "A change of a gap between before and since may have come without the project: there is "
        "no comparison with people whom it did not reach.",
        "Few people in a stratum, and wide intervals, mean that nothing can be said about them; "
        "they do not mean that all is well.",
    )

    def declarations(self) -> tuple[Declaration, ...]:
        """Shares where rows are people, else means."""
        return DECLARED[self.of_people]

    @property
    def of_people(self) -> bool:
        """Whether rows are people, so that shares are compared."""
        return self.params["event"] is not None

    @property
    def reference(self) -> str:
        """The stratum that the others are compared with."""
        return str(self.params["reference"])

    @property
    def confidence(self) -> float:
        """The level of each interval of a gap, by which all of them hold together."""
        return simultaneous(len(self.compared), int(self.params["divisions"]))

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """Gaps to the reference before and since, and their change; in `unit`."""
        if self.of_people:
            return gaps_of_shares(self.points, self.reference, self.compared, self.confidence)
        return gaps_of_estimates(self.estimates)

    @property
    def unit(self) -> str:
        """Unit of the gaps."""
        return str(self.params["unit"])

    def level(self, stratum: str, side: str) -> float:
        """The share or mean of a stratum on a side; nan if it has none."""
        rows = self.points[(self.points["stratum"] == stratum) & (self.points["side"] == side)]
        return float(rows["level"].iloc[0]) if len(rows) else np.nan

    def _clear(self) -> dict[str, list[Any]]:
        """Gaps whose change is clear, by whether they became narrower or wider; and the others."""
        found: dict[str, list[Any]] = {"narrower": [], "wider": [], "unclear": []}
        for row in rows_of(self.gaps):
            if not (row.change_low > 0 or row.change_high < 0):
                found["unclear"].append(row)
            elif abs(row.since) < abs(row.before):
                found["narrower"].append(row)
            else:
                found["wider"].append(row)
        return found

    @property
    def verdict(self) -> Verdict:
        """Described: how many gaps became clearly narrower or wider. Nothing is tested."""
        clear = self._clear()
        parts = [f"{len(clear[how])} {how}" for how in ("narrower", "wider") if clear[how]]
        words = f"{many(len(self.compared), 'gap')}: {in_a_row(parts) or 'no clear change'}"
        return Verdict("described", "not tested", words=words)

    # ---- words ---------------------------------------------------------------------------------

    def headline(self) -> str:
        """How many gaps became narrower or wider; of one gap, the gap itself."""
        what, clear = str(self.params["outcome"]), self._clear()
        if len(self.gaps) == 1:
            (row,) = rows_of(self.gaps)
            how = next(how for how, rows in clear.items() if rows)
            if how == "unclear":
                told = "whether the gap changed can be neither shown nor ruled out"
            else:
                told = f"the gap became {how}"
            return sentence(f"{what}, {row.stratum} compared with {self.reference}: {told}")
        parts = [
            f"{len(rows)} became {how}" for how, rows in clear.items() if rows and how != "unclear"
        ]
        if clear["unclear"]:
            whether = "a change can be neither shown nor ruled out"
            parts.append(f"for {len(clear['unclear']) if parts else 'none'} {whether}")
        if not parts or parts[0].startswith("for none"):
            parts = ["none can be shown to have changed, and for none can a change be ruled out"]
        gaps = many(len(self.gaps), "gap")
        return sentence(f"{what}: of {gaps} to {self.reference}, {in_a_row(parts)}")

    def details(self) -> str:
        """The gaps that changed, or the only one; and how many strata were looked at."""
        clear = self._clear()
        rows = [*clear["narrower"], *clear["wider"]] or (
            clear["unclear"] if len(self.gaps) == 1 else []
        )
        about = f"Gaps to {self.reference}, before {self.params['change']} and since."
        told = [about, *map(self._gap, rows)] if rows else []
        return " ".join([*told, self.looked_at])

    def _gap(self, row: Any) -> str:
        """One gap before, since, and its change."""
        places, unit = places_of(row.change_low, row.change_high), self._short
        before, since = (
            f"{number(abs(gap), places)} {unit} {'lower' if gap < 0 else 'higher'}"
            for gap in (row.before, row.since)
        )
        low, high = row.change_low, row.change_high
        if low <= 0 <= high:
            down, up = (f"{number(abs(end), places)} {unit}" for end in (low, high))
            change = f"the change may be anything from {down} down to {up} up"
        else:
            how = "narrower" if abs(row.since) < abs(row.before) else "wider"
            near, far = sorted((abs(low), abs(high)))
            size = number(abs(row.change), places)
            change = f"the gap became {size} {unit} {how} ({interval(near, far, places)})"
        name = f"{row.stratum[:1].upper()}{row.stratum[1:]}"
        return f"{name}: {before}, then {since}; {change}."

    @property
    def _short(self) -> str:
        return "points" if self.of_people else self.unit

    @property
    def looked_at(self) -> str:
        """How many strata were looked at, and what the intervals allow for."""
        divisions = int(self.params["divisions"])
        of = f", one of {divisions} ways in which people were divided" if divisions > 1 else ""
        own = [name for name in self.strata if name != NOT_RECORDED]
        looked = f"{many(len(own), 'stratum', 'strata')} were looked at{of}."
        together = len(self.compared) * divisions
        if together == 1:
            return f"{looked} There is one gap, and its interval is a single one."
        return (
            f"{looked} The intervals of gaps are wide enough for all {together} to hold together "
            "in 95 of 100 evaluations; those of single strata hold each for itself."
        )

    def alt_text(self) -> str:
        """What the figure shows."""
        levels = []
        for name in self.strata:
            sides = [self.level(name, side) for side in SIDES]
            if not np.isfinite(sides).any():
                continue
            words = [percent(one) if self.of_people else number(one) for one in sides]
            levels.append(f"{name}: {words[0]} before, {words[1]} since")
        return f"{self.headline()} Two marks a stratum with intervals. {'; '.join(levels)}."

    def tables(self) -> tuple[Table, ...]:
        """The gaps, and the strata themselves."""
        noun = "share" if self.of_people else "mean"
        unit = self.unit if not self.of_people else "percentage points"
        count = "Number" if self.of_people else "Sum"
        points = titled(
            SHARES if self.of_people else LEVELS,
            met=count,
            n="People" if self.of_people else "Divided by",
        )
        if not self.of_people and self.points["n"].isna().all():
            points = tuple(column for column in points if column.name != "n")
        if not self.of_people and self.points["met"].isna().all():
            points = tuple(column for column in points if column.name != "met")
        together = " (intervals hold for all gaps together)"
        return (
            Table(
                "estimates",
                f"Gaps to {self.reference}, in {unit}{together if len(self.gaps) > 1 else ''}",
                GAPS,
                self.gaps,
            ),
            Table(
                "points",
                f"The {noun} of each stratum before and since, with its own 95% interval",
                points,
                self.points,
                missing="–",
            ),
        )

    def sections(self) -> tuple[Section, ...]:
        """The gaps and their change."""
        words = (
            f"How far each stratum lies from {self.reference}, before {self.params['change']} and "
            "since. Above zero is higher."
        )
        return (Section("gaps", "The gaps, and how far they changed", words, self.tables()[0]),)
