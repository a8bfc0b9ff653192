"""What a survey found: its verdict, its sentences, its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.survey.methods.groups import EVERYBODY
from qieval.analysis.survey.tables import DECLARED
from qieval.core.aim import judge_aim, read_aim
from qieval.core.checks import certainty_of
from qieval.core.effect import Effect, effect_of
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.tables import Column, Declaration, Sum, Table
from qieval.core.verdict import DESCRIBED, AimVerdict, Verdict, kind_of_change
from qieval.core.waves import ComparesWaves
from qieval.core.words import (
    in_a_row,
    interval,
    lower_or_higher,
    many,
    number,
    percent,
    sentence,
)

BEARING = ("response_rate", "proportional_odds", "items_alike")
"""Checks that bear on a change."""

_ODDS_PLACES = 2
_NOT_SHOWN = "not shown"

ITEMS = (
    Column("item", "Item", "label"),
    *(
        part
        for column in (
            Column("before", "Positive, before", "share", "0%"),
            Column("after", "Positive, after", "share", "0%"),
            Column("change", "Change (percentage points)", "estimate", "0"),
            Column("odds", "Odds ratio of a better answer", "estimate", str(_ODDS_PLACES)),
            Column("better", "Chance that the later is better", "estimate", "0%"),
        )
        for part in column.with_interval("", f"{column.name}_low", f"{column.name}_high")
    ),
)
"""Items as a page shows them: positive answers and, with two waves, their change."""


def quoted(names: Sequence[str]) -> str:
    """Items in a row, each in quotation marks: "“Weekdays” and “Evenings”"."""
    return in_a_row([f"“{name}”" for name in names])


def _some(count: int, of: int) -> str:
    if count == of:
        return "the item" if of == 1 else f"all {of} items"
    return f"{count} of {of} items"


_TERMS = {"odds": ("odds_ratio", 1.0), "share": ("change", 0.0), "chance": ("better", 0.5)}
"""What an item is judged by → its term, and its value where nothing changed."""

_FIGURES = {
    "share": "the share of positive answers",
    "chance": "the chance that the later is better",
}


@dataclass(frozen=True, eq=False, repr=False)
class SurveyResult(ComparesWaves, Result):
    """Result of :func:`qieval.survey`. Shares are 0 to 1.

    Attributes
    ----------
    points : DataFrame
        One row a group ("Everybody" first), item, wave and level: ``group, item, wave, level,
        count, n, share``; share of the answers on the scale. Blank where too few answered.
    estimates : DataFrame
        ``positive: <item>, <wave>`` and ``change: <item>`` in percent and percentage points,
        ``odds_ratio: <item>``, ``better: <item>`` (a chance), and ``odds_ratio`` on average.
    groups : tuple of str
        The groups that are shown; without everybody.
    bases : DataFrame
        A row a group, item and wave: ``shown, n, dont_know, blank, positive, negative, share, low,
        high, share_negative``.
    response : DataFrame
        ``wave, group, invited, answered, rate``; invited and rate blank where not known.
    changes : DataFrame
        A row an item: ``tested, judged_by`` (odds or share), ``why_not`` (not by its odds),
        ``direction`` (better, worse, unclear), ``adjusted``, ``check_p`` (of the proportional odds,
        with all items allowed for).
    steps : DataFrame
        Odds ratio of each item at each step of the scale: ``item, level, odds_ratio, low, high``.
    between : DataFrame
        Whether groups answered differently in the latest wave, a row an item.
    """

    groups: tuple[str, ...]
    bases: pd.DataFrame
    response: pd.DataFrame
    changes: pd.DataFrame
    steps: pd.DataFrame
    between: pd.DataFrame

    kind: ClassVar[str] = "survey"
    checks_kept: ClassVar[tuple[str, ...]] = (
        *("items_alike", "alike_within_groups", "same_people", "small_groups"),
    )
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    follows: ClassVar[dict[str, tuple[str, ...]]] = {
        "points.count": ("steps.odds_ratio", "steps.low", "steps.high"),
    }
    limits: ClassVar[tuple[str, ...]] = (
        "Only those who answered are in it. Those who did not may think otherwise.",
        "Two waves tell that answers changed between them, not what changed them; the people asked "
        "may be others.",
        "Satisfaction says how people see their care. It depends on what they expected, too.",
    )

    def declarations(self) -> tuple[Declaration, ...]:
        """What the columns are; positive and negative answers are those to some levels."""
        levels = {name: tuple(map(str, self.params[name])) for name in ("positive", "negative")}
        sums = tuple(
            Sum(name, ("count",), frame="points", among=(("level", own),))
            for name, own in levels.items()
            if own
        )
        return tuple(
            replace(one, sums=(*one.sums, *sums)) if one.frame == "bases" else one
            for one in self.declared
        )

    @property
    def items(self) -> list[str]:
        """The items, as the page calls them."""
        return list(self.params["items"])

    def base(self, item: str, wave: str, group: str = EVERYBODY) -> dict[str, Any]:
        """The row of the bases for an item, wave and group."""
        return self._base_of[item, wave, group]

    @cached_property
    def _base_of(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        rows: list[dict[str, Any]] = self.bases.to_dict("records")  # type: ignore[assignment]
        return {(row["item"], row["wave"], row["group"]): row for row in rows}

    def percents(self, item: str, wave: str, group: str = EVERYBODY) -> list[float]:
        """Percent of the answers at each level, from worst to best."""
        return self._percents_of.get((item, wave, group), [])

    @cached_property
    def _percents_of(self) -> dict[tuple[str, str, str], list[float]]:
        by_bar: dict[tuple[str, str, str], list[float]] = {}
        columns = (self.points[name] for name in ("item", "wave", "group", "share"))
        for *bar, share in zip(*columns, strict=True):
            by_bar.setdefault(tuple(bar), []).append(100 * float(share))
        return by_bar

    def changed(self, direction: str) -> list[str]:
        """The items whose answers became "better" or "worse", or of which it is "unclear"."""
        return list(self.changes.loc[self.changes["direction"] == direction, "item"])

    @property
    def tested(self) -> list[str]:
        """The items whose change was tested."""
        return list(self.changes.loc[self.changes["tested"].astype(bool), "item"])

    # ---- the verdict ---------------------------------------------------------------------------

    @property
    def change_term(self) -> str:
        """The estimate that the verdict rests on: the odds ratio on average, or the one item's.

        "" where items are judged by different figures, which have no average.
        """
        if "odds_ratio" in self.estimates.index:
            return "odds_ratio"
        if len(self.tested) != 1:
            return ""
        (figure,) = self.changes.loc[self.changes["item"] == self.tested[0], "judged_by"]
        return f"{_TERMS[figure][0]}: {self.tested[0]}"

    def judged_by(self, figure: str) -> list[str]:
        """The items judged by their "odds", the "share" of positive answers, or the "chance"."""
        return list(self.changes.loc[self.changes["judged_by"] == figure, "item"])

    @property
    def verdict(self) -> Verdict:
        """Judged by the odds of a better answer, on average over the items that were tested.

        Where the model of odds does not fit an item it is judged by its share of positive answers;
        several items of which that holds for some are judged one by one.
        """
        term, aim = self.change_term, self._aim()
        if not self.tested:
            return replace(DESCRIBED, aim=aim)
        better, worse = len(self.changed("better")), len(self.changed("worse"))
        words = f"{better} of {len(self.changes)} better{f', {worse} worse' if worse else ''}"
        size = self.term(term) if term else None
        if size is None:
            side = int(better > 0) - int(worse > 0)
        else:
            none = dict(_TERMS.values())[term.partition(":")[0]]
            side = int(size.low > none) - int(size.high < none)
        both_ways = size is None and better and worse
        kind = "changed" if both_ways else kind_of_change(side, "higher")
        return Verdict(kind, certainty_of(self.checks, BEARING), None, term, size, aim, words)

    def _aim(self) -> AimVerdict:
        """Judged by the item with the fewest positive answers: an aim is for every item."""
        shares = {item: self.base(item, self.latest)["share"] for item in self.items}
        known = {item: share for item, share in shares.items() if np.isfinite(share)}
        least = min(known, key=lambda item: known[item], default="")
        first = self.pair[0] if self.pair else ""
        before = self.base(least, first)["share"] if least and first else np.nan
        of = f"of “{least}”" if len(self.items) == 1 else f"the smallest of all items (“{least}”),"
        return judge_aim(
            read_aim(self.params["aim"]),
            before=before,
            seen=known.get(least, np.nan),
            on=None,
            direction="higher",
            share=True,
            what_before=f"the share of its positive answers in {first or 'an earlier wave'}",
            what_seen=f"the share of positive answers, {of} in {self.latest}",
        )

    @property
    def effect(self) -> Effect | None:
        """The change that a roll-up counts; odds ratios are not averaged there."""
        if "odds_ratio" not in self.estimates.index:
            return None
        return Effect(
            measure=str(self.params["outcome"]),
            definition=("odds ratio", tuple(self.params["items"])),
            unit="odds ratio",
            direction="higher",
            poolable=False,
            **effect_of(self.estimates.loc["odds_ratio"], none=1.0),
        )

    # ---- headline ------------------------------------------------------------------------------

    def headline(self) -> str:
        """The finding in one sentence."""
        if self.pair is None:
            return self._one_wave()
        first, last = self.pair
        if not self.tested:
            return self._described(first, last)
        clauses = [*self._by_odds(), *self._by_share(), *self._by_chance()]
        apart = self._apart()
        if apart:
            clauses.append(
                f"answers to {quoted(apart)} moved, but not all one way along the scale, with no "
                "clear change in the share of positive ones"
            )
        rest = [item for item in self.changed("unclear") if item not in apart]
        hints = [self._share_moved(item) for item in rest if self._moved(item)]
        if not clauses and not hints:
            items = quoted(rest) if len(rest) == 1 else f"any of {len(rest)} items"
            return sentence(f"no clear change in answers from {first} to {last} for {items}")
        if hints:
            allowing = f", allowing for {len(self.tested)} items," if len(self.tested) > 1 else ""
            doubt = f"but the test of the change{allowing} does not confirm it"
            others = [f"{in_a_row(hints)}, {doubt}"]
        else:
            other = "the other one" if len(rest) == 1 else f"the other {len(rest)}"
            others = [f"for {other} no clear change"] if rest else []
        text = "; ".join(filter(None, [in_a_row(clauses), *others]))
        return sentence(f"{text}{self._together()}")

    def _by_odds(self) -> list[str]:
        """Items whose odds of a better answer changed clearly: "better … for 2 of 4 items"."""
        first, last = self.pair or ("", "")
        ways = [
            (way, [item for item in self.changed(way) if item in self.judged_by("odds")])
            for way in ("better", "worse")
        ]
        clauses = [
            f"{way} in {last} than in {first} for {_some(len(items), len(self.tested))} "
            f"({quoted(items)})"
            for way, items in ways
            if items
        ]
        return [f"answers were {' and '.join(clauses)}"] if clauses else []

    def _by_share(self) -> list[str]:
        """Items whose share of positive answers is judged and changed clearly."""
        rest = self.changed("unclear")
        return [self._share_moved(item) for item in self.judged_by("share") if item not in rest]

    def _by_chance(self) -> list[str]:
        """Items whose answers moved on one side of the mark from which they are positive."""
        clauses = []
        for item in self.judged_by("chance"):
            chance = self.term(f"better: {item}")
            value, low, high = (percent(part) for part in (chance.value, chance.low, chance.high))
            way = "better" if item in self.changed("better") else "worse"
            if item not in self.changed("unclear"):
                clauses.append(
                    f"answers to “{item}” were {way} in {self.latest} (the chance that of two "
                    f"people, one of each wave, the later answered better is {value}, {low} to "
                    f"{high}; 50% would be no change)"
                )
        return clauses

    def _apart(self) -> list[str]:
        """Items whose answers changed, but neither one way nor in the share of positive ones."""
        none = 1 - self.params["confidence"]
        rows = self.changes[
            (self.changes["direction"] == "unclear") & (self.changes["check_p"] < none)
        ]
        return [item for item in rows["item"] if not self._moved(item)]

    def _moved(self, item: str) -> bool:
        """Whether the interval of the share of positive answers, taken alone, is on one side."""
        return bool(self.term(f"change: {item}").side)

    def _share_moved(self, item: str) -> str:
        """How the share went: "positive answers to “Food” went from 20% in 2018 to 35% in 2019"."""
        shares = [
            f"{percent(self.base(item, wave)['share'])} in {wave}" for wave in self.pair or ()
        ]
        size = self.term(f"change: {item}")
        change = lower_or_higher(size.value, size.low, size.high, "percentage points", places=0)
        return f"positive answers to “{item}” went from {' to '.join(shares)}, {change}"

    def _together(self) -> str:
        """What holds on average, where the items taken one by one do not say the same."""
        if self.change_term != "odds_ratio":
            return ""
        kind = self.verdict.kind
        one_by_one = {
            (True, False): "improved",
            (False, True): "worse",
            (False, False): "no clear change",
        }.get((bool(self.changed("better")), bool(self.changed("worse"))))
        if kind == one_by_one:
            return ""
        on_average = {"improved": "better answers", "worse": "worse answers"}
        return f"; on average over all items {on_average.get(kind, 'no clear change')}"

    def _one_wave(self) -> str:
        shares = {item: self.base(item, self.latest)["share"] for item in self.items}
        known = {item: share for item, share in shares.items() if np.isfinite(share)}
        when = f" in {self.latest}" if len(self.waves) > 1 or self.params["wave"] else ""
        low, high = (least_or_most(known, key=lambda i: known[i]) for least_or_most in (min, max))
        if len(known) == 1 or known[low] == known[high]:
            return sentence(f"positive answers{when}: {percent(known[low])} of {quoted([*known])}")
        return sentence(
            f"positive answers{when} go from {percent(known[low])} for “{low}” to "
            f"{percent(known[high])} for “{high}”"
        )

    def _described(self, first: str, last: str) -> str:
        shares = [[self.base(item, wave)["share"] for wave in (first, last)] for item in self.items]
        known = [(before, after) for before, after in shares if np.isfinite(after - before)]
        if not known:
            return sentence(f"too few answers to compare {first} with {last}")
        more = sum(after > before for before, after in known)
        return sentence(
            f"{more} of {many(len(known), 'item')} had a larger share of positive answers in "
            f"{last} than in {first}; so few answered that this is described, not tested"
        )

    # ---- details -------------------------------------------------------------------------------

    def details(self) -> str:
        """Who answered, how large the changes are, and what was answered beside the scale."""
        sentences = [self._answered(), self._average(), *self._changes(), self._beside()]
        return " ".join(filter(None, [*sentences, self.verdict.aim.words]))

    def _answered(self) -> str:
        called, smallest = self.params["called"], self.params["smallest"]
        rows = self.response[self.response["group"] == EVERYBODY]
        clauses = []
        for row in rows_of(rows):
            when = f" in {row.wave}" if len(self.waves) > 1 else ""
            if not np.isfinite(row.answered):
                clauses.append(f"fewer than {smallest} answered{when}")
            elif np.isfinite(row.invited):
                clauses.append(
                    f"{number(row.answered, 0)} of {number(row.invited, 0)} {called} "
                    f"answered{when} ({percent(row.rate)})"
                )
            else:
                clauses.append(f"{number(row.answered, 0)} {called} answered{when}")
        unknown = "" if rows["invited"].notna().any() else "; how many were invited is not known"
        return sentence(f"{in_a_row(clauses)}{unknown}")

    def _average(self) -> str:
        if "odds_ratio" not in self.estimates.index:
            return ""
        odds = self.term("odds_ratio")
        return (
            f"On average over {len(self.tested)} items the odds of a better answer in "
            f"{self.latest} were {number(odds.value, _ODDS_PLACES)} times those before "
            f"({interval(odds.low, odds.high, _ODDS_PLACES)}); 1 would be no change."
        )

    def _changes(self) -> list[str]:
        """The share of positive answers before and after where it clearly changed."""
        if self.pair is None:
            return []
        clauses = []
        rest = self.changed("unclear")
        for item in self.judged_by("odds"):
            if item not in rest:
                before, after = (percent(self.base(item, wave)["share"]) for wave in self.pair)
                clauses.append(f"from {before} to {after} for “{item}”")
        sentences = []
        if clauses:
            levels = in_a_row(self.params["positive"], last="or")
            sentences.append(sentence(f"positive answers ({levels}) went {in_a_row(clauses)}"))
        others = self.changes[self.changes["judged_by"].isin(["share", "chance"])]
        for (figure, why), rows in others.groupby(["judged_by", "why_not"], sort=False):
            sentences.append(
                f"For {quoted(rows['item'].tolist())} {_FIGURES[str(figure)]} is judged, not "
                f"the odds of a better answer ({why})."
            )
        apart = self._apart()
        if unclear := [item for item in rest if not self._moved(item) and item not in apart]:
            sentences.append(
                f"For {quoted(unclear)} the data fit with no change, and also with changes that "
                "would matter: see the intervals."
            )
        few = self.changes[~self.changes["tested"].astype(bool)]
        if len(few) and self.tested:
            names, why = quoted(few["item"].tolist()), few["why_not"].iloc[0]
            sentences.append(f"Not tested: {names} ({why}).")
        return sentences

    def _beside(self) -> str:
        """How often people did not know or left an item blank."""
        rows = self.bases[(self.bases["group"] == EVERYBODY) & self.bases["shown"].astype(bool)]
        rows = rows[rows["wave"] == self.latest]
        unknown, blank = int(rows["dont_know"].sum()), int(rows["blank"].sum())
        when = f" in {self.latest}" if len(self.waves) > 1 else ""
        if rows.empty:
            return ""
        if not unknown + blank:
            shown = " that is shown" if len(rows) < len(self.items) else ""
            return f"Everybody who answered{when} gave an answer on the scale to every item{shown}."
        return (
            f"Beside the scale{when}: {unknown:,} answers of don't know and {blank:,} left blank; "
            "they are in no percentage."
        )

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then each bar."""
        where = f", {self.params['setting']}" if self.params["setting"] else ""
        bars = [self._bar_in_words(item, wave) for item in self.items for wave in self.waves]
        return (
            f"{self.headline()} Stacked bars of answers{where}, a bar for each item"
            f"{' and wave' if len(self.waves) > 1 else ''}, from worst at the left to best at the "
            f"right, placed so that negative answers lie left of an upright line and positive ones "
            f"right of it. {' '.join(bars)}"
        )

    def _bar_in_words(self, item: str, wave: str) -> str:
        """One bar: "Weekdays, May 2019: 20% negative, 62% positive, of 110 answers."."""
        base = self.base(item, wave)
        name = ", ".join([item, wave] if len(self.waves) > 1 else [item])
        if not base["shown"]:
            return f"{name}: fewer than {self.params['smallest']} answers, not shown."
        return (
            f"{name}: {percent(base['share_negative'])} negative, {percent(base['share'])} "
            f"positive, of {number(base['n'], 0)} answers."
        )

    def view_words(self, view: str) -> tuple[str, str]:
        """Title of the view by groups, and what it shows."""
        called, items = self.params["groups_called"], many(len(self.between), "item")
        when = f", {self.latest}" if len(self.waves) > 1 else ""
        differ = self.between[self.between["adjusted"] < 1 - self.params["confidence"]]
        title = f"{called.capitalize()} side by side{when}"
        if len(differ):
            title += f": they differ by more than chance for {len(differ)} of {items}"
            words = (
                f"{called.capitalize()} answered differently by more than chance would explain: "
                f"{quoted(differ['item'].tolist())} (Kruskal-Wallis test, allowing for {items})."
            )
        elif len(self.between):
            title += ": no larger differences than chance could explain"
            words = (
                f"The differences between {called} are no larger than chance could explain "
                f"(Kruskal-Wallis test, {items})."
            )
        else:
            words = f"Too few answers to say whether {called} differ."
        return title, f"{words} {called.capitalize()} stand in the order of their names."

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """Items with their change, and the rows behind the figure."""
        return self._items(), self._points()

    def _items(self) -> Table:
        """Positive answers and their change, an item a row; the last on average."""
        shares = {"before": self.pair[0] if self.pair else "", "after": self.latest}
        rows = []
        for item in self.items:
            row: dict[str, Any] = {"item": item}
            for when, wave in shares.items():
                base = self.base(item, wave) if wave else dict.fromkeys(("share", "low", "high"))
                row |= {when: base["share"], f"{when}_low": base["low"]}
                row[f"{when}_high"] = base["high"]
            for name, term in (("change", "change"), ("odds", "odds_ratio"), ("better", "better")):
                row |= self._ends(name, f"{term}: {item}")
            rows.append(row)
        if "odds_ratio" in self.estimates.index:
            rows.append({"item": "On average", **self._ends("odds", "odds_ratio")})
        heads = {
            when: f"Positive, {wave}" if len(self.waves) > 1 else "Positive"
            for when, wave in shares.items()
        }
        columns = [replace(column, head=heads.get(column.name, column.head)) for column in ITEMS]
        if self.pair is None:
            columns = [one for one in columns if one.name == "item" or "after" in one.name]
        level = f"{100 * self.params['confidence']:g}%"
        positive = in_a_row(self.params["positive"], last="or")
        caption = (
            f"Positive answers ({positive}) in % of answers on the scale, with {level} intervals."
        )
        if self.pair is not None:
            caption += (
                " Odds ratio: above 1, better answers in the later wave. Chance: that of two "
                "people, one of each wave, the later one answered better, 50% if nothing changed; "
                "the same answer counts half."
            )
        frame = pd.DataFrame(rows).reindex(columns=[column.name for column in ITEMS])
        return Table("estimates", caption, tuple(columns), frame, missing="–")

    def _ends(self, name: str, term: str) -> dict[str, float]:
        """An estimate and its interval as cells of a row; none if there is no such term."""
        if term not in self.estimates.index:
            return {}
        size = self.term(term)
        return {name: size.value, f"{name}_low": size.low, f"{name}_high": size.high}

    def _points(self) -> Table:
        """A row a bar: the share of each level, and what stands beside the scale."""
        order = self.params["order"]
        rows = []
        for item in self.items:
            for wave in self.waves:
                levels = zip(order, self.percents(item, wave), strict=True)
                shares = {f"level {level}": share / 100 for level, share in levels}
                rows.append({**self.base(item, wave), **shares})
        columns = [
            Column("item", "Item", "label"),
            *([Column("wave", "Wave", "label")] if len(self.waves) > 1 else []),
            Column("n", "Answers", "denominator"),
            *(
                Column(f"level {level}", f"{level[:1].upper()}{level[1:]}", "share", "0%")
                for level in order
            ),
            Column("dont_know", "Don't know", "count"),
            Column("blank", "Blank", "count"),
        ]
        caption = "The points of the figure"
        if not self.bases["shown"].all():
            caption += f" (not shown: fewer than {self.params['smallest']} answers)"
        return Table("points", caption, tuple(columns), pd.DataFrame(rows), missing=_NOT_SHOWN)

    # ---- sections ------------------------------------------------------------------------------

    def sections(self) -> tuple[Section, ...]:
        """Who answered; groups side by side; the change step by step of the scale."""
        made = [self._response_section()]
        if self.params["by"]:
            made.append(self._groups_section())
        return (*made, self._steps_section()) if len(self.steps) else tuple(made)

    def _response_section(self) -> Section:
        called = self.params["called"]
        words = (
            f"Those who answer may be happier, or less happy, than those who do not. The lower the "
            f"share of {called} who answered, the less the answers stand for all of them."
            if self.response["invited"].notna().any()
            else f"How many {called} were invited is not known, so nobody can say for how many of "
            "them these answers stand. Note the number invited next time."
        )
        declared = next(one.columns for one in DECLARED if one.frame == "response")
        columns = tuple(one for one in declared if one.name != "wave" or len(self.waves) > 1)
        caption = "Invited and answered"
        if self.response.isna().any(axis=None):
            caption += f" (–: not known, or fewer than {self.params['smallest']} answered)"
        table = Table("response", caption, columns, self.response, missing="–")
        return Section("response", "Who answered", words, table)

    def _groups_section(self) -> Section:
        called = self.params["groups_called"]
        title = f"{called.capitalize()} side by side"
        if not self.groups:
            words = (
                f"No table by {called}: each of them has fewer than {self.params['smallest']} "
                "answers, or the others could be computed from it."
            )
            return Section("groups", title, words)
        columns = [Column("item", "Item", "label"), Column("group", "Who", "label")]
        rows = self.bases[self.bases["group"] != EVERYBODY][["item", "group"]].drop_duplicates()
        for at, wave in enumerate(self.waves):
            of_wave = self.bases[self.bases["wave"] == wave]
            figures = ["n", "positive", "share", "low", "high"]
            names = {name: f"{name} {at}" for name in figures}
            of_wave = of_wave[["item", "group", *figures]].rename(columns=names)
            rows = rows.merge(of_wave, on=["item", "group"])
            when = f", {wave}" if len(self.waves) > 1 else ""
            of = f"{names['positive']}/{names['n']}"
            columns += [
                Column(names["share"], f"Positive{when}", "share", "0%", of=of),
                Column(names["low"], "", "ci_low", of=names["share"]),
                Column(names["high"], "", "ci_high", of=names["share"]),
                Column(names["n"], f"Answers{when}", "denominator"),
            ]
        order = {item: at for at, item in enumerate(self.items)}
        rows = rows.sort_values("item", key=lambda name: name.map(order), kind="stable")
        caption = f"Positive answers by {called}, with intervals"
        table = Table("groups", caption, tuple(columns), rows, missing=_NOT_SHOWN)
        return Section("groups", title, self.view_words("groups")[1], table, view="groups")

    def _steps_section(self) -> Section:
        unlike = self.changes["check_p"] < 1 - self.params["confidence"]
        doubtful = self.changes.loc[unlike, "item"].tolist()
        words = (
            f"For {quoted(doubtful)} the change differs from step to step of the scale, so one "
            "odds ratio does not tell it all: read these, and the share of positive answers."
            if doubtful
            else "One figure, the odds ratio, stands for all steps of the scale. Step by step, "
            "without a model, it is about the same, as far as these data can tell."
        )
        columns = next(one.columns for one in DECLARED if one.frame == "steps")
        caption = (
            "Odds ratio of an answer at least that good, later wave over earlier (1: no change)"
        )
        missing = "not known: nobody on one side"
        table = Table("steps", caption, columns, self.steps, missing=missing)
        title = "Is the change the same at every step of the scale?"
        return Section("steps", title, words, table)
