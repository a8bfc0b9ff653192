"""What a funnel found, in plain words. No word and no table ranks the units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from qieval.analysis.funnel import tables
from qieval.analysis.funnel.methods.power import WANTED
from qieval.analysis.funnel.tables import SMALL, level_name
from qieval.core.result import Result
from qieval.core.tables import ESTIMATES_OF_PEOPLE, Column, Declaration, Table
from qieval.core.verdict import Verdict
from qieval.core.words import decimals, in_a_row, number, sentence

MOST_NAMED = 6


@dataclass(frozen=True, eq=False, repr=False)
class FunnelResult(Result):
    """Result of :func:`qieval.funnel`.

    Attributes
    ----------
    points : DataFrame
        One row a unit, in the order of the table: ``unit, value, z``, for each level ``lower_95,
        upper_95, …``, ``flag`` (inside, or outside which limits), ``numerator, denominator,
        z_adjusted, small, power``. ``z`` is that of chance alone; ``z_adjusted`` allows for what
        the limits allow for; ``power`` is the chance to lie outside the outermost limits with the
        stated difference.
    estimates : DataFrame
        Terms ``target, phi, tau2``.
    curve : DataFrame
        The limits over the range of sizes: ``denominator, lower_95, upper_95, …``.
    widened : bool
        Whether limits are wider than chance alone would have them.
    share_outside : dict of float
        Share of units outside the limits of each level (95, 998) with nothing special about any.
    outside_exact : int
        Units outside the outermost limits if these allowed for chance alone.
    scale : str
        The scale on which limits are made, in words.
    """

    curve: pd.DataFrame
    widened: bool
    share_outside: dict[str, float]
    outside_exact: int
    scale: str

    kind: ClassVar[str] = "funnel"
    limits_by_size: ClassVar[str] = "curve"
    limits: ClassVar[tuple[str, ...]] = (
        "A unit outside the limits differs by more than chance. Whether in quality, in its "
        "patients or in how it counts is for the unit to find out.",
    )

    def declarations(self) -> tuple[Declaration, ...]:
        """What the columns are, those of the limits included."""
        limits = tables.limit_columns(self.levels)
        return (
            ESTIMATES_OF_PEOPLE,
            Declaration(
                "points",
                (*tables.POINTS, *limits),
                running=("z", "z_adjusted", "power"),
            ),
            Declaration("curve", (*tables.CURVE, *limits), model=True),
        )

    @property
    def verdict(self) -> Verdict:
        """Described: units are compared with one another, and none is judged."""
        words = f"{len(self.outside(self.levels[-1])):,} of {self.count:,} outside"
        return Verdict("described", "not tested", words=words)

    # ---- words for numbers ---------------------------------------------------------------------

    @property
    def target(self) -> float:
        """What all units together have; for a ratio 1."""
        return self.term("target").value

    @property
    def count(self) -> int:
        """How many units there are."""
        return len(self.points)

    @property
    def levels(self) -> list[float]:
        """Levels of the limits, innermost first."""
        return list(self.params["levels"])

    @property
    def factor(self) -> float:
        """What values are multiplied with to be shown: 100 for per cent."""
        return {"proportion": 100.0, "rate": float(self.params["per"])}.get(
            self.params["kind"], 1.0
        )

    @property
    def unit(self) -> str:
        """The unit of the values, as it stands on an axis."""
        if self.params["kind"] == "proportion":
            return f"% of {self.params['of']}"
        if self.params["kind"] == "ratio":
            return "observed / expected"
        per = self.params["per"]
        return (
            f"per {per:,g} {self.params['of']}" if per != 1 else f"per one of {self.params['of']}"
        )

    @property
    def places(self) -> int:
        """Decimals that all values of this funnel are shown with."""
        if self.params["kind"] == "ratio":
            return 2
        return max(1, decimals(self.factor * self.target))

    def shown(self, value: float) -> str:
        """A value as it is read: "61.8%", "3.42"."""
        text = number(self.factor * value, self.places)
        return f"{text}%" if self.params["kind"] == "proportion" else text

    def counted(self, count: int) -> str:
        """So many of all units: "3 of 32 wards", "none of the 32 wards"."""
        if count == 0:
            return f"none of the {self.count:,} {self.params['called']}"
        return f"{count:,} of {self.count:,} {self.params['called']}"

    def outside(self, level: float) -> pd.DataFrame:
        """The units outside the limits of a level."""
        name = level_name(level)
        below = self.points["value"] < self.points[f"lower_{name}"] - 1e-12
        above = self.points["value"] > self.points[f"upper_{name}"] + 1e-12
        return self.points[below | above]

    def by_chance(self, level: float) -> float:
        """How many units would lie outside the limits of a level with nothing special about any."""
        return float(self.share_outside[level_name(level)] * self.count)

    @property
    def difference_words(self) -> str:
        """The difference that should be found: "10 percentage points", "20%"."""
        size = f"{100 * self.params['difference']:.3g}"
        share = self.params["kind"] == "proportion"
        return f"{size} percentage point{'' if size == '1' else 's'}" if share else f"{size}%"

    # ---- the finding ---------------------------------------------------------------------------

    def headline(self) -> str:
        """Whether units differ by more than chance, how many lie outside, and the project's own.

        Led by what could not have been found, where nothing was found and nothing could have been.
        """
        outer, called = self.levels[-1], self.params["called"]
        count = len(self.outside(outer))
        verb = "lies" if count < 2 else "lie"
        differ = (
            f"the {called} differ by more than chance would bring"
            if self.differ
            else f"no clear sign that the {called} differ by more than chance"
        )
        if not count and not self.differ and (self.points["power"] < WANTED).all():
            differ = (
                f"a true difference of {self.difference_words} could not have been found in any of "
                f"the {called}; {differ}"
            )
        parts = [
            differ,
            f"{self.counted(count)} {verb} outside the {100 * outer:g}% limits around "
            f"{self.shown(self.target)}",
            *self._own(),
        ]
        return sentence(f"{self.params['outcome']}: {'; '.join(parts)}")

    @property
    def differ(self) -> bool:
        """Whether units differ by more than chance would bring in 1 of 20 such funnels."""
        return bool(self.estimates["p_value"].iloc[1] < 0.05)

    def _own(self) -> list[str]:
        """Where the project's own unit lies."""
        rows = self.points[self.points["unit"].astype(str) == self.params["own"]]
        if rows.empty:
            return []
        row = next(rows.itertuples(index=False))
        where = "inside all limits" if row.flag == "inside" else f"{row.flag} limits"
        return [f"{self.params['own']} ({self.shown(float(row.value))}) lies {where}"]

    def details(self) -> str:
        """Who lies outside, what chance would bring, how far units differ, what could be found."""
        parts = [
            self._together(),
            *self._who(),
            self._by_chance(),
            self._spread(),
            self._power(),
            *self._small(),
        ]
        return " ".join(parts)

    def _together(self) -> str:
        events, total = (
            number(self.points["numerator"].sum(), 0),
            number(self.points["denominator"].sum(), 0),
        )
        called = self.params["called"]
        if self.params["kind"] == "ratio":
            return (
                f"Over all {called} together {events} were observed and {total} expected; each is "
                "compared with what was expected of it."
            )
        share = self.params["kind"] == "proportion"
        value = self.shown(self.target) + ("" if share else f" {self.unit}")
        return (
            f"Over all {called} together it was {value} ({events} {'of' if share else 'in'} "
            f"{total} {self.params['of']})."
        )

    def _who(self) -> list[str]:
        outside = self.outside(self.levels[-1])
        if outside.empty:
            return [
                f"This does not show that all {self.params['called']} are alike: what could have "
                "been found stands below."
            ]
        limits = f"the {100 * self.levels[-1]:g}% limits"
        parts = []
        for side in ("above", "below"):
            names = list(outside.loc[outside["flag"].str.startswith(side), "unit"])
            if names:
                shown = in_a_row(names) if len(names) <= MOST_NAMED else f"{len(names):,} of them"
                parts.append(f"{side} {limits} {'lies' if len(names) == 1 else 'lie'} {shown}")
                limits = "them"
        return [
            sentence(in_a_row(parts)),
            "That is a reason to look closer and to learn, on either side; it is no verdict.",
        ]

    def _by_chance(self) -> str:
        parts = []
        for level in self.levels:
            by_chance = number(self.by_chance(level), 1)
            found = len(self.outside(level))
            parts.append(f"{found:,} outside the {100 * level:g}% limits (by chance {by_chance})")
        return f"Of {self.count:,} {self.params['called']} there are {in_a_row(parts)}."

    def _spread(self) -> str:
        phi = self.term("phi").value
        called = self.params["called"]
        if not self.widened:
            if self.params["overdispersion"] == "none" and phi > 1:
                return (
                    f"The limits allow for chance alone, although the {called} differ more than "
                    f"that ({number(phi, 1)} times the variance that chance would bring)."
                )
            return f"The {called} differ no more than chance would bring, so limits are exact ones."
        exact = self.outside_exact
        return (
            f"The {called} differ {number(phi, 1)} times as much as chance would bring (variance), "
            f"so the limits are widened; if they allowed for chance alone, "
            f"{self.counted(exact)} would be outside the {100 * self.levels[-1]:g}% limits."
        )

    def _power(self) -> str:
        power, outer = self.points["power"], f"{100 * self.levels[-1]:g}%"
        enough = int((power >= WANTED).sum())
        middle = 100 * float(power.median())
        chance = (
            "less than once"
            if middle < 1
            else f"{'more than 99' if middle > 99 else f'about {middle:.0f}'} times"
        )
        return (
            f"A true difference of {self.difference_words} would put one of a middling size "
            f"outside the {outer} limits {chance} in 100; the chance is at least "
            f"{100 * WANTED:.0f} in 100 for {self.counted(enough)}."
        )

    def _small(self) -> list[str]:
        few = int(self.points["small"].sum())
        if not few:
            return []
        return [
            f"{self.counted(few)[:1].upper()}{self.counted(few)[1:]} "
            f"{'has' if few == 1 else 'have'} fewer than {SMALL} "
            f"{self.params['of']} and {'is' if few == 1 else 'are'} shown in grey: such figures "
            "swing widely."
        ]

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then the marks."""
        sizes, values = self.points["denominator"], self.points["value"]
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        levels = in_a_row([f"{100 * level:g}%" for level in self.levels])
        return " ".join(
            [
                self.headline(),
                f"Funnel plot of {self.params['outcome'].lower()}{where}: one point for each of "
                f"{self.count:,} {self.params['called']}, its size across, from "
                f"{number(sizes.min(), 0)} to {number(sizes.max(), 0)} {self.params['of']}; its "
                f"figure upwards, from {self.shown(values.min())} to {self.shown(values.max())}.",
                f"A level line marks {self.shown(self.target)}; the {levels} limits draw together "
                "around it as size grows.",
            ]
        )

    # ---- tables --------------------------------------------------------------------------------

    @property
    def limits_words(self) -> str:
        """How the limits were made, in plain words and by name."""
        if not self.widened:
            name = "binomial" if self.params["kind"] == "proportion" else "Poisson"
            return f"what chance alone would bring (exact {name})"
        way = self.params["overdispersion"]
        return (
            f"widened, since {self.params['called']} differ by more than chance ({way} "
            f"overdispersion, {self.scale})"
        )

    def tables(self) -> tuple[Table, ...]:
        """The target and how far units differ; the units in the order of the table."""
        return self._estimates_table(), self._points_table()

    def _estimates_table(self) -> Table:
        called = self.params["called"]
        middle = "Expected" if self.params["kind"] == "ratio" else f"All {called} together"
        rows = self.estimates[["estimate"]].reset_index(drop=True)
        rows = rows.assign(
            estimate=rows["estimate"] * [self.factor, 1, 1],
            what=[middle, f"How much {called} differ (phi)", f"Variance between {called} (tau²)"],
            unit=[self.unit, "times what chance would bring", self.scale],
        )
        caption = (
            f"How far the {called} differ rests on {self.term('phi').n:,} of {self.count:,}: "
            f"{self.estimates['method'].iloc[1]}. Limits: {self.limits_words}."
        )
        columns = (
            Column("what", "What", "label"),
            Column("estimate", "Value", "estimate", "each"),
            Column("unit", "Unit", "text"),
        )
        return Table("estimates", caption, columns, rows)

    def _points_table(self) -> Table:
        kind, of = self.params["kind"], self.params["of"]
        limits = tables.limit_columns(self.levels)
        names = ["value", *(column.name for column in limits)]
        rows = self.points.assign(
            **{name: self.factor * self.points[name] for name in names},
            flag=[flag if flag == "inside" else f"{flag} limits" for flag in self.points["flag"]],
        )
        value = {"proportion": f"Share, {self.unit}", "ratio": "Observed / expected"}.get(
            kind, f"Rate {self.unit}"
        )
        digits = str(self.places)
        columns = (
            Column("unit", f"One of the {self.params['called']}", "label"),
            Column("value", value, "estimate", digits),
            tables.NUMERATOR,
            Column(
                "denominator",
                "Expected" if kind == "ratio" else of[:1].upper() + of[1:],
                "denominator",
                "0",
            ),
            *(Column(one.name, one.head, "estimate", digits) for one in limits),
            Column("flag", "Where it lies", "text"),
            Column(
                "power",
                f"Chance to be found if truly {self.difference_words} away",
                "estimate",
                "0%",
            ),
        )
        return Table("points", "The points of the figure", columns, rows)
