"""Dose: the result and its words. An association between teams, never a cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.dose.tables import DECLARED, POINTS, SHOWN
from qieval.core.result import Result
from qieval.core.tables import Declaration, Table, titled
from qieval.core.verdict import Verdict
from qieval.core.words import lower_or_higher, many, number, own_places, sentence


@dataclass(frozen=True, eq=False, repr=False)
class DoseResult(Result):
    """Result of :func:`qieval.dose`.

    Attributes
    ----------
    points : DataFrame
        A row a team: ``team, dose, estimate, ci_low, ci_high, se, source, near, reason``; the last
        says why a team is not used.
    estimates : DataFrame
        ``slope`` (for a step of the dose), ``across`` (from the lowest dose to the highest),
        ``at_lowest``, ``at_highest``, ``tau`` (how far teams scatter around the line).
    curve : DataFrame
        The line: ``dose, estimate, ci_low, ci_high``.
    effect_unit : str
        Unit of the effects.
    floored : bool
        Whether the interval was kept from being narrower than Wald's.
    without_one : (float, float) or ()
        The smallest and the largest slope with each team left out in turn.
    """

    curve: pd.DataFrame
    effect_unit: str
    floored: bool
    without_one: tuple[float, ...]

    kind: ClassVar[str] = "dose"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    limits: ClassVar[tuple[str, ...]] = (
        "This is an association between teams. Nobody drew lots for who had how much: teams that "
        "did more may differ in everything else, and teams that saw an effect may have gone on.",
        "A line between teams says nothing about the people in a team.",
        "Outside the doses that teams had, the line says nothing.",
    )

    @property
    def used(self) -> pd.DataFrame:
        """Teams with a dose and an effect."""
        return self.points[self.points["reason"] == ""]

    @property
    def how(self) -> str:
        """How effects differ where the dose is higher: better or worse, lower or higher; or ""."""
        side = self.term("slope").side
        better = {"lower": -1, "higher": 1}.get(str(self.params["direction"]), 0)
        if not side:
            return ""
        if better:
            return "better" if side == better else "worse"
        return "lower" if side < 0 else "higher"

    @property
    def verdict(self) -> Verdict:
        """Described: whether the effect goes with the dose."""
        words = f"{self.how} with dose" if self.how else "no clear association"
        return Verdict("described", "not tested", words=words)

    # ---- words ---------------------------------------------------------------------------------

    @property
    def step(self) -> str:
        """The step of the dose in words: "a dose higher by 10 (sessions)"."""
        step = float(self.params["step"])
        return f"a dose higher by {number(step, own_places(step))} ({self.params['dose_in']})"

    def _difference(self, term: str) -> str:
        one = self.term(term)
        return lower_or_higher(one.value, one.low, one.high, one.unit)

    def headline(self) -> str:
        """Whether the effect goes with the dose."""
        what, dose_in = self.params["outcome"], self.params["dose_in"]
        teams = many(len(self.used), "team")
        if not self.how:
            return sentence(
                f"{what}: whether effects go with the dose ({dose_in}) can be neither shown nor "
                f"ruled out over {teams}"
            )
        return sentence(
            f"{what}: effects were {self.how} where the dose ({dose_in}) was higher, an "
            f"association over {teams}"
        )

    def details(self) -> str:
        """The slope, the line at both ends, and what it is not."""
        lowest, highest = self.used["dose"].min(), self.used["dose"].max()
        reach = " to ".join(number(one, own_places(one)) for one in (lowest, highest))
        return (
            f"{self.step[0].upper()}{self.step[1:]} went with an effect that was "
            f"{self._difference('slope')}. Over all doses, {reach}, that is "
            f"{self._difference('across')}. An effect is the change of a team's figure, in "
            f"{self.effect_unit}. This is an association between teams: it does not show that the "
            "dose made the difference."
        )

    def alt_text(self) -> str:
        """What the figure shows."""
        return (
            f"{self.headline()} A point a team, its effect against its dose, with its interval; a "
            f"line through them with its 95% interval. {self.details()}"
        )

    def tables(self) -> tuple[Table, ...]:
        """The line in figures, and the teams."""
        names = {
            "slope": f"Difference in effect for {self.step}",
            "across": "Difference in effect from the lowest dose to the highest",
            "at_lowest": "Effect on the line at the lowest dose",
            "at_highest": "Effect on the line at the highest dose",
            "tau": "Scatter of teams around the line (standard deviation)",
        }
        rows = self.estimates.reset_index()
        rows = rows.assign(what=rows["term"].map(names))
        dose_in = str(self.params["dose_in"])
        shown = titled(
            tuple(column for column in POINTS if column.name not in ("se", "near")),
            dose=dose_in[:1].upper() + dose_in[1:],
            estimate=f"Effect, {self.effect_unit} (95% interval)",
        )
        return (
            Table("estimates", "Effects against doses: the line", SHOWN, rows, missing="–"),
            Table("points", "Every team with its dose and its effect", shown, self.points,
                  missing="–"),
        )  # fmt: skip
