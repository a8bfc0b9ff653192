"""What a funnel found, in tables and in plain words. No word and no table ranks the units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from qieval.analysis.funnel.power import WANTED
from qieval.core.result import Result
from qieval.core.words import decimals, in_a_row, number, sentence

MOST_NAMED = 6


def level_name(level: float) -> str:
    """A level as it stands in column names: 95, 998, 9995."""
    return f"{100 * level:g}".replace(".", "")


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
    facts : dict
        What the words and the figure need beside the tables.
    """

    curve: pd.DataFrame
    facts: dict[str, Any]

    kind: ClassVar[str] = "funnel"
    limits: ClassVar[tuple[str, ...]] = (
        "A unit outside the limits differs by more than chance. Whether in quality, in its "
        "patients or in how it counts is for the unit to find out.",
    )

    # ---- words for numbers ---------------------------------------------------------------------

    @property
    def target(self) -> float:
        """What all units together have; for a ratio 1."""
        return float(self.estimates["estimate"].to_numpy(dtype=float)[0])

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
        if self.params["kind"] != "rate":
            return 1 if self.params["kind"] == "proportion" else 2
        spread = self.points["value"].max() - self.points["value"].min()
        return decimals(self.factor * float(spread or self.target)) + 1

    def shown(self, value: float) -> str:
        """A value as it is read: "61.8%", "3.42"."""
        text = number(self.factor * value, self.places)
        return f"{text}%" if self.params["kind"] == "proportion" else text

    def counted(self, count: int) -> str:
        """So many of all units: "3 of 32 wards", "none of the 32 wards"."""
        if count == 0:
            return f"none of the {self.facts['k']:,} {self.params['called']}"
        return f"{count:,} of {self.facts['k']:,} {self.params['called']}"

    def outside(self, level: float) -> pd.DataFrame:
        """The units outside the limits of a level."""
        name = level_name(level)
        below = self.points["value"] < self.points[f"lower_{name}"] - 1e-12
        above = self.points["value"] > self.points[f"upper_{name}"] + 1e-12
        return self.points[below | above]

    def by_chance(self, level: float) -> float:
        """How many units would lie outside the limits of a level with nothing special about any."""
        return float(self.facts["share_outside"][level_name(level)] * self.facts["k"])

    @property
    def difference_words(self) -> str:
        """The difference that should be found: "10 percentage points", "20%"."""
        size = f"{100 * self.params['difference']:.3g}"
        share = self.params["kind"] == "proportion"
        return f"{size} percentage point{'' if size == '1' else 's'}" if share else f"{size}%"

    # ---- the finding ---------------------------------------------------------------------------

    def headline(self) -> str:
        """The finding in one sentence."""
        outer = self.levels[-1]
        count = len(self.outside(outer))
        verb = "lies" if count < 2 else "lie"
        return sentence(
            f"{self.params['outcome']}: {self.counted(count)} {verb} outside the {100 * outer:g}% "
            f"limits around {self.shown(self.target)}"
        )

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
        events, total = number(self.facts["events"], 0), number(self.facts["total"], 0)
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
        said = []
        for side in ("above", "below"):
            names = list(outside.loc[outside["flag"].str.startswith(side), "unit"])
            if names:
                shown = in_a_row(names) if len(names) <= MOST_NAMED else f"{len(names):,} of them"
                said.append(f"{side} {limits} {'lies' if len(names) == 1 else 'lie'} {shown}")
                limits = "them"
        return [
            sentence(in_a_row(said)),
            "That is a reason to look closer and to learn, on either side; it is no verdict.",
        ]

    def _by_chance(self) -> str:
        said = []
        for level in self.levels:
            by_chance = number(self.by_chance(level), 1)
            found = len(self.outside(level))
            said.append(f"{found:,} outside the {100 * level:g}% limits (by chance {by_chance})")
        return f"Of {self.facts['k']:,} {self.params['called']} there are {in_a_row(said)}."

    def _spread(self) -> str:
        phi = float(self.estimates["estimate"].to_numpy(dtype=float)[1])
        called = self.params["called"]
        if not self.facts["widened"]:
            if self.params["overdispersion"] == "none" and phi > 1:
                return (
                    f"The limits allow for chance alone, although the {called} differ more than "
                    f"that ({number(phi, 1)} times the variance that chance would bring)."
                )
            return f"The {called} differ no more than chance would bring, so limits are exact ones."
        exact = self.facts["outside_exact"]
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
            f"{'has' if few == 1 else 'have'} fewer than {self.facts['small']} "
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
                f"{self.facts['k']:,} {self.params['called']}, its size across, from "
                f"{number(sizes.min(), 0)} to {number(sizes.max(), 0)} {self.params['of']}; its "
                f"figure upwards, from {self.shown(values.min())} to {self.shown(values.max())}.",
                f"A level line marks {self.shown(self.target)}; the {levels} limits draw together "
                "around it as size grows.",
            ]
        )

    # ---- tables in words -----------------------------------------------------------------------

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """The estimates under plain names, and the table's caption."""
        target, phi, tau2 = self.estimates["estimate"].to_numpy(dtype=float)
        called = self.params["called"]
        middle = "Expected" if self.params["kind"] == "ratio" else f"All {called} together"
        rows = [
            (middle, self.shown(target), self.unit),
            (f"How much {called} differ (phi)", number(phi, 2), "times what chance would bring"),
            (f"Variance between {called} (tau²)", number(tau2, 4), self.facts["scale"]),
        ]
        caption = (
            f"How far the {called} differ rests on {self.facts['used']:,} of {self.facts['k']:,}: "
            f"{self.estimates['method'].iloc[1]}. Limits: {self.limits_words}."
        )
        return pd.DataFrame(rows, columns=["What", "Value", "Unit"]), caption

    @property
    def limits_words(self) -> str:
        """How the limits were made, in plain words and by name."""
        if not self.facts["widened"]:
            name = "binomial" if self.params["kind"] == "proportion" else "Poisson"
            return f"what chance alone would bring (exact {name})"
        way = self.params["overdispersion"]
        return (
            f"widened, since {self.params['called']} differ by more than chance ({way} "
            f"overdispersion, {self.facts['scale']})"
        )

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain heads, in the order of the table."""
        rows = []
        for point in self.points.to_dict("records"):
            row = [point["unit"], self.shown(point["value"])]
            row += [number(point[name], 0) for name in ("numerator", "denominator")]
            for level in self.levels:
                name = level_name(level)
                ends = (point[f"lower_{name}"], point[f"upper_{name}"])
                row.append(" to ".join(self.shown(end) for end in ends))
            row.append(point["flag"] if point["flag"] == "inside" else f"{point['flag']} limits")
            row.append(f"{100 * point['power']:.0f}%")
            rows.append(row)
        kind = self.params["kind"]
        heads = [
            f"One of the {self.params['called']}",
            {"proportion": "Share", "ratio": "Observed / expected"}.get(kind, f"Rate {self.unit}"),
            "Number",
            "Expected"
            if kind == "ratio"
            else self.params["of"][:1].upper() + self.params["of"][1:],
            *[f"{100 * level:g}% limits" for level in self.levels],
            "Where it lies",
            f"Chance to be found if truly {self.difference_words} away",
        ]
        return pd.DataFrame(rows, columns=heads)
