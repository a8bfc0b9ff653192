"""What an audit found: its verdict, its sentences, its tables.

No sentence ranks teams or services, and none says "no effect".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from qieval.analysis.audit.methods.answers import COMPOSITE, main_of
from qieval.analysis.audit.methods.change import (
    CLUSTERS,
    EXCHANGEABLE,
    NEWCOMBE,
    PAIRED,
    teams_by_wave,
)
from qieval.analysis.audit.methods.rules import Rules
from qieval.analysis.audit.methods.services import EVERY_TYPE
from qieval.analysis.audit.tables import (
    ACCESS,
    ACCREDITATION,
    CHANGES,
    DECLARED,
    GAPS,
    HOW,
    ONE_SHORT,
    POINTS,
    POINTS_OF_ANSWERS,
    SENSITIVITY,
    STATES,
    TOOK_PART,
)
from qieval.core.aim import judge_aim, read_aim
from qieval.core.checks import certainty_of
from qieval.core.effect import Effect, effect_of
from qieval.core.result import Result, rows_of
from qieval.core.sections import Section
from qieval.core.tables import ESTIMATE, Column, Declaration, Table, titled
from qieval.core.verdict import DESCRIBED, AimVerdict, Verdict, kind_of_change
from qieval.core.waves import ComparesWaves
from qieval.core.words import in_a_row, lower_or_higher, percent, places_of, sentence

_MOST_NAMED = 6
"""Teams that a sentence names at most; a table names twice as many."""
_MOST_LACKING = 3
"""Standards most often lacking that a sentence names."""

_COUNTS = {"composite": ("met", "n"), "score": ("done", "asked")}
"""What waves are compared by → the counts that it is the share of."""

BEARING = (
    "enough_records",
    "same_teams",
    "alike_within_teams",
    "other_models",
    "codes_in_both_waves",
    "other_rules",
)
"""Checks that bear on a change."""

_IN_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(value: int) -> str:
    """A small number as a word, a larger one in figures."""
    return _IN_WORDS[value] if value < len(_IN_WORDS) else f"{value:,}"


@dataclass(frozen=True, eq=False, repr=False)
class AuditResult(ComparesWaves, Result):
    """Result of :func:`qieval.audit`. Shares are 0 to 1.

    Attributes
    ----------
    points : DataFrame
        One row a wave and standard, the composite last: ``wave, standard, what`` (standard,
        composite, or bounds where the composite is not known), ``met, applicable, share, low,
        high``; from answers also how many were not recorded, refused, not applicable or partly met.
    estimates : DataFrame
        ``composite, opportunity_score, mean_met`` of the latest wave, with ``_before`` and
        ``_change``; ``change: <standard>``. In per cent and percentage points.
    shared : tuple of str
        The standards that every wave asked for; the composite is made of these.
    changes : DataFrame
        Every standard by group (both: in both waves; all) and method; ``main`` is quoted.
    by_team : DataFrame
        ``wave, team, standard, met, applicable``; empty without teams.
    by_wave : DataFrame
        ``wave, records, teams``; what all of them would be if standards were independent; from
        counts the bounds of all of them.
    took_part : DataFrame
        Teams (or units) in both waves, in the first only (left), in the last only (joined).
    sensitivity : DataFrame
        Composite and opportunity score by other rules for answers that are not clear.
    one_short, short : DataFrame
        Which standard is lacking where just one is; how many are how many standards short.
    accreditation, gaps, access : DataFrame
        For audits of services: by type, by standard, by locality; else empty.
    """

    shared: tuple[str, ...]
    changes: pd.DataFrame
    by_team: pd.DataFrame
    by_wave: pd.DataFrame
    took_part: pd.DataFrame
    sensitivity: pd.DataFrame
    one_short: pd.DataFrame
    short: pd.DataFrame
    accreditation: pd.DataFrame
    gaps: pd.DataFrame
    access: pd.DataFrame

    kind: ClassVar[str] = "audit"
    declared: ClassVar[tuple[Declaration, ...]] = DECLARED
    follows: ClassVar[dict[str, tuple[str, ...]]] = {
        "points.met": (
            *("by_wave.if_independent", "by_wave.bound_low", "by_wave.bound_high"),
            "estimates:mean_met",
        )
    }
    limits: ClassVar[tuple[str, ...]] = (
        "An audit reads records: care that was given and not written down counts as not given.",
        "Two waves tell that something changed between them, not what changed it.",
    )

    # ---- what was asked ------------------------------------------------------------------------

    @property
    def of_services(self) -> bool:
        """Whether it is an audit of services, by types of standards."""
        return bool(self.params["thresholds"])

    @property
    def counts_people(self) -> bool:
        """Whether its counts are of people: those of services are not."""
        return not self.of_services

    @property
    def counted(self) -> bool:
        """Whether its rows were counts."""
        return self.params["unit"] is None or self.params["result"] is None

    @property
    def composite_known(self) -> bool:
        """Whether it is known how many met all standards, and not only between which bounds."""
        return not self.several or bool((self.points["what"] == "composite").any())

    @property
    def several(self) -> bool:
        """Whether there is a composite: one standard alone is none."""
        return len(self.shared) != 1

    @property
    def main(self) -> str:
        """What the audit is judged by: the composite, or the only standard."""
        return main_of(self.shared)

    @property
    def all_of_them(self) -> str:
        """What the composite is called: "All six"; of one standard alone that standard's name."""
        return f"All {count(len(self.shared))}" if self.several else self.shared[0]

    @property
    def part_in_units(self) -> bool:
        """Whether who took part is told of units rather than teams."""
        return bool(self.params["same_units"]) and not self.counted and not self.params["team"]

    @property
    def in_both_called(self) -> str:
        """What those who took part are called."""
        return str(self.params["called" if self.part_in_units else "teams_called"])

    @property
    def measure(self) -> str:
        """What waves are compared by: the composite, or the score between all and none."""
        return "composite" if self.composite_known and not self.of_services else "score"

    # ---- figures -------------------------------------------------------------------------------

    @property
    def teams(self) -> pd.DataFrame:
        """The composite of the latest wave, a row a team in the order of their names.

        Ready for ``qi.funnel(result.teams, unit="team", numerator="met",
        denominator="applicable", kind="proportion")``; empty without teams or composite.
        """
        rows = self.by_team[
            (self.by_team["wave"] == self.latest) & (self.by_team["standard"] == self.main)
        ]
        return rows[["team", "met", "applicable"]].sort_values("team").reset_index(drop=True)

    def point(self, wave: str, standard: str) -> dict[str, Any]:
        """The row of the points for a wave and standard."""
        return self._point_of[wave, standard]

    @cached_property
    def _point_of(self) -> dict[tuple[str, str], dict[str, Any]]:
        rows: list[dict[str, Any]] = self.points.to_dict("records")  # type: ignore[assignment]
        return {(row["wave"], row["standard"]): row for row in rows}

    def of_wave(self, wave: str) -> Any:
        """The row of a wave: its records and teams."""
        return next(rows_of(self.by_wave[self.by_wave["wave"] == wave]))

    def main_change(self, standard: str = "") -> dict[str, Any] | None:
        """The change that is quoted; None if there is none."""
        rows = self.changes[self.changes["standard"] == (standard or self.main)]
        rows = rows[rows["main"].astype(bool)]
        if rows.empty:
            return None
        return {str(name): value for name, value in rows.iloc[0].items()}

    def members(self, part: str) -> int:
        """How many teams (or units) took part in "both" waves, "left" or "joined"."""
        return int(self.took_part.loc[self.took_part["part"] == part, "members"].max())

    def names(self, part: str) -> list[str]:
        """Teams that took part in "both" waves, "left" or "joined"; units are never named."""
        if self.pair is None or self.part_in_units or self.by_team.empty:
            return []
        return teams_by_wave(self.by_team, self.pair)[part]

    def scored(self, part: str, wave: str, measure: str = "") -> float:
        """How those of a part scored in a wave; nan if they did not take part in it."""
        rows = self.took_part
        rows = rows[(rows["part"] == part) & (rows["wave"] == wave)]
        return float(rows[measure or self.measure].iloc[0]) if len(rows) else np.nan

    def percent(self, share: float) -> str:
        """A share as it is read: "62%", with one decimal where there are thousands of records."""
        return percent(share, self.places)

    @property
    def places(self) -> int:
        """Decimals of a percentage."""
        return 1 if self.by_wave["records"].min() >= 1000 else 0

    @cached_property
    def change_places(self) -> int:
        """Decimals of every change in percentage points: those that the quoted one is worth."""
        term = self.change_term
        if not term or not np.isfinite(self.term(term).low):
            return self.places
        return places_of(self.term(term).low, self.term(term).high)

    @cached_property
    def drawn(self) -> pd.DataFrame:
        """The points that have something to draw."""
        return self.points[np.isfinite(self.points["high"])]

    @property
    def rules(self) -> str:
        """How answers that are neither met nor not met count, in a sentence."""
        if self.counted:
            return Rules().words(())
        names = ("missing", "refused", "partly")
        here = [state for column, state in STATES.items() if self.points[column].sum()]
        return Rules(*(self.params[name] for name in names)).words(here)

    # ---- the verdict ---------------------------------------------------------------------------

    @property
    def change_term(self) -> str:
        """The estimate that the verdict rests on; "" where no change was estimated.

        The change of the composite, or of the only standard; of services, whose thresholds ask for
        shares, the score's.
        """
        score = "opportunity_score_change"
        own = "composite_change" if self.several else f"change: {self.main}"
        terms = [score, own] if self.of_services else [own, score]
        return next((term for term in terms if term in self.estimates.index), "")

    @property
    def of_score(self) -> bool:
        """Whether the verdict rests on the score, not on the composite or the only standard."""
        return self.change_term == "opportunity_score_change"

    @property
    def verdict(self) -> Verdict:
        """Judged by the change of the composite or only standard (of services: of the score)."""
        term, aim = self.change_term, self._aim()
        if not term:
            return replace(DESCRIBED, aim=aim)
        size = self.term(term)
        if not np.isfinite(size.low):
            return Verdict("cannot tell", "not tested", None, term, size, aim)
        kind = kind_of_change(size.side, "higher")
        return Verdict(kind, certainty_of(self.checks, BEARING), None, term, size, aim)

    def _aim(self) -> AimVerdict:
        before, after = self._compared()
        if self.of_score or self.of_services:
            what = f"the share of {self.params['standards_called']} met, of those that apply,"
        else:
            what = f"the share of {self.params['called']} with {self._them()}"
        first = self.pair[0] if self.pair else "an earlier wave"
        return judge_aim(
            read_aim(self.params["aim"]),
            before=before,
            seen=after,
            on=None,
            direction="higher",
            share=True,
            what_before=f"{what} in {first}",
            what_seen=f"{what} in {self.latest}",
        )

    def _them(self) -> str:
        """What it is to have all of them, inside a sentence."""
        if not self.several:
            return f"{self.all_of_them} met"
        return f"{self.all_of_them.lower()} {self.params['standards_called']} met"

    def _compared(self) -> tuple[float, float]:
        """The shares that headline, verdict and aim compare: before and after."""
        if self.change_term and not self.of_score:
            change = self.main_change()
            assert change is not None
            return float(change["before"]), float(change["after"])
        if self.change_term:
            shares = [self.scored("both", wave, "score") for wave in self.pair or ()]
            if not np.isfinite(shares).all():
                terms = ("opportunity_score_before", "opportunity_score")
                shares = [self.term(term).value / 100 for term in terms]
            return shares[0], shares[1]
        levels = "composite" if self.several else "share_met"
        term = "opportunity_score" if self.of_services else levels
        return np.nan, self.term(term).value / 100

    @property
    def effect(self) -> Effect | None:
        """The change that a roll-up counts and averages."""
        term = self.change_term
        if not term:
            return None
        what = "share met" if self.of_score else "all of them"
        rules = tuple(self.params[name] for name in ("missing", "refused", "partly"))
        return Effect(
            measure=str(self.params["outcome"]),
            definition=(f"change, {what}", tuple(self.params["standards"]), *rules),
            unit="percentage points",
            direction="higher",
            **effect_of(self.estimates.loc[term]),
        )

    # ---- headline ------------------------------------------------------------------------------

    def headline(self) -> str:
        """The finding in one sentence."""
        verdict = self.verdict
        if verdict.term:
            changed = self._score_changed() if self.of_score else self._composite_changed()
            return sentence(changed)
        return sentence(self._score_now() if self.of_services else self._composite_now())

    def _composite_changed(self) -> str:
        before, after = (self.percent(share) for share in self._compared())
        first, last = self.pair or ("", "")
        return (
            f"{self.params['outcome']}{self._whose()}: {before} in {first}, {after} in {last}; "
            f"{self._change_in_words()}"
        )

    def _whose(self) -> str:
        """Whom a change is about, where that is not everybody."""
        change = self.main_change()
        if change is None or change["group"] != "both":
            return ""
        if self.part_in_units:
            return f", in the {int(change['n_after']):,} {self.params['called']} audited both times"
        teams = self.params["teams_called"]
        return f", in the {count(int(change['teams']))} {teams} that took part both times"

    def _score_changed(self) -> str:
        what, whose = self.params["standards_called"], self.params["called"]
        before, after = (self.percent(share) for share in self._compared())
        first, last = self.pair or ("", "")
        if self.part_in_units and self.members("both"):
            whose = f"the {count(self.members('both'))} {whose} audited both times"
        return (
            f"Of the {what} that apply, {whose} met {before} in {first} and {after} in {last}; "
            f"{self._change_in_words()}"
        )

    def _change_in_words(self) -> str:
        """The change: "12 percentage points higher (5 to 19 higher)"."""
        verdict = self.verdict
        if verdict.kind == "cannot tell" or verdict.size is None:
            return "how far it changed cannot be determined"
        size = verdict.size
        if np.isnan(size.value):
            return "how far it changed is withheld"
        words = lower_or_higher(
            size.value, size.low, size.high, "percentage points", places=self.change_places
        )
        return words if verdict.claims else f"the change may be {words}"

    def _score_now(self) -> str:
        what, whose = self.params["standards_called"], self.params["called"]
        now = self.term("opportunity_score")
        return (
            f"Of the {what} that apply, {whose} met {self.percent(now.value / 100)} "
            f"({self._reach(now.low / 100, now.high / 100)})"
        )

    def _composite_now(self) -> str:
        point, outcome = self.point(self.latest, self.main), self.params["outcome"]
        reach = self._reach(point["low"], point["high"])
        if not self.composite_known:
            share = f"anything from {reach} in {self.latest}"
        else:
            share = f"{self.percent(point['share'])} ({reach})"
        if not self.several:
            return f"{outcome}: {share}"
        return (
            f"{outcome}: {share}, although each single one of the {count(len(self.shared))} "
            f"{self.params['standards_called']} was met for {self._range(self.latest)}"
        )

    def _range(self, wave: str) -> str:
        """From the least to the most often met standard: "49% to 64% of patients"."""
        rows = self.points[(self.points["wave"] == wave) & (self.points["what"] == "standard")]
        return f"{self._reach(rows['share'].min(), rows['share'].max())} of {self.params['called']}"

    def _reach(self, low: float, high: float) -> str:
        return f"{self.percent(low)} to {self.percent(high)}"

    # ---- details -------------------------------------------------------------------------------

    def details(self) -> str:
        """Single standards and all of them, who was one short, how the change was judged."""
        sentences = self._thresholds() if self.of_services else [*self._single(), self.paradox()]
        sentences += [self._one_short(), self._method(), self._left(), self._other_rules()]
        return " ".join(filter(None, [*sentences, self.verdict.aim.words]))

    def _single(self) -> list[str]:
        if not (self.composite_known and self.pair and self.several):
            return []
        return [
            f"In {self.latest} each single one of the {count(len(self.shared))} "
            f"{self.params['standards_called']} was met for {self._range(self.latest)}."
        ]

    def paradox(self) -> str:
        """Why all of them is so much less than each of them."""
        if not self.several:
            return ""
        k, what = len(self.shared), self.params["standards_called"]
        words = (
            f"All {count(k)} is a much harder test than each: if each of {count(k)} {what} were "
            f"met for 80%, independently of one another, only {percent(0.8**k)} would have all "
            f"{count(k)}."
        )
        if self.composite_known:
            alike = self.of_wave(self.latest).if_independent
            share = self.point(self.latest, self.main)["share"]
            together = (
                "those who lack one tend to lack others"
                if share > alike + 0.01
                else "lacking one hardly has to do with lacking another"
            )
            words += (
                f" Here, if they were independent, {self.percent(alike)} would have all "
                f"{count(k)}; it is {self.percent(share)}: {together}."
            )
        return words

    def _one_short(self) -> str:
        rows = self.one_short[self.one_short["wave"] == self.latest]
        if not rows["records"].sum() or self.of_services or not self.several:
            return ""
        lacking = self.short[(self.short["wave"] == self.latest) & (self.short["short"] > 0)]
        top = rows.sort_values("records", ascending=False, kind="stable").head(_MOST_LACKING)
        named = [f"{row.standard} ({row.records:,})" for row in rows_of(top) if row.records]
        return (
            f"Of {int(lacking['records'].sum()):,} {self.params['called']} short of all, "
            f"{int(rows['records'].sum()):,} lacked just one, most often {in_a_row(named)}."
        )

    def _thresholds(self) -> list[str]:
        """Accreditation in words: types, thresholds, how many reach them."""
        rows = self.accreditation[self.accreditation["wave"] == self.latest]
        each = []
        for row in rows_of(rows[rows["type"] != EVERY_TYPE]):
            least = f"at least {percent(row.threshold)}" if row.threshold < 1 else "all"
            each.append(f"{row.reached:,} of {row.units:,} met {least} of type {row.type}")
        every = next(rows_of(rows[rows["type"] == EVERY_TYPE]))
        return [
            f"In {self.latest}, of {self.params['called']} with {self.params['standards_called']} "
            f"that apply, {in_a_row(each)}; {every.reached:,} of {every.units:,} reached all "
            "thresholds at once."
        ]

    def _method(self) -> str:
        change = self.main_change()
        if change is None or self.of_score:
            return ""
        teams, called = self.params["teams_called"], self.params["called"]
        if change["method"] == CLUSTERS:
            return (
                f"The interval allows for differences between the {count(int(change['teams']))} "
                f"{teams}: {called} within {teams} are more alike than others."
            )
        if change["method"] == PAIRED:
            return (
                f"The same {int(change['n_after']):,} {called} are compared with themselves: "
                f"{int(change['gained']):,} gained {'all' if self.several else 'it'}, "
                f"{int(change['lost']):,} lost it."
            )
        return (
            f"The interval takes {called} as independent of one another; if those within {teams} "
            "are alike, it is too narrow."
        )

    def _left(self) -> str:
        """Who dropped out, and how they had scored."""
        if self.pair is None or self.took_part.empty:
            return ""
        first, last = self.pair
        left, joined = self.members("left"), self.members("joined")
        of = " with all" if self.measure == "composite" else " of what applied"
        clauses = []
        if left:
            names = self.names("left")
            named = f" ({in_a_row(names)})" if 0 < len(names) <= _MOST_NAMED else ""
            clauses.append(
                f"{count(left)} of the {self.in_both_called} of {first} "
                f"{'is' if left == 1 else 'are'} not in {last}{named}; in {first} they had "
                f"{self.percent(self.scored('left', first))}{of}, those who stayed "
                f"{self.percent(self.scored('both', first))}"
            )
        if joined:
            clauses.append(f"{count(joined)} joined after {first}")
        return sentence("; ".join(clauses))

    def _other_rules(self) -> str:
        if len(self.sensitivity) < 2:
            return ""
        shares = self.sensitivity[f"{self.measure}_after"]
        return (
            f"{self.rules} By other rules it would be {self._reach(shares.min(), shares.max())} "
            f"in {self.latest}."
        )

    # ---- the figure ----------------------------------------------------------------------------

    def alt_text(self) -> str:
        """What the figure shows: the finding, then each standard's figures."""
        rows = []
        for standard in self.params["standards"]:
            shares = [self.percent(self.point(wave, standard)["share"]) for wave in self.waves]
            rows.append(f"{standard} {', then '.join(shares)}")
        where = f" for {self.params['setting']}" if self.params["setting"] else ""
        below = " Below them, all of them together." if self.several else ""
        return (
            f"{self.headline()} Dots with intervals{where}, a row a standard and a dot a wave "
            f"({in_a_row(self.waves)}): {'; '.join(rows)}.{below}"
        )

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """Estimates, the rows behind the figure, and what other rules would give."""
        made = [self._estimates(), self._points()]
        return (*made, self._by_rules("sensitivity")) if len(self.sensitivity) > 1 else tuple(made)

    def _shares(self, columns: tuple[Column, ...], **heads: str) -> tuple[Column, ...]:
        """Columns with the decimals of this audit's shares and changes."""
        forms = {"share": f"{self.places}%", "estimate": str(self.change_places)}
        return tuple(
            replace(column, format=forms.get(column.role, column.format))
            for column in titled(columns, **heads)
        )

    def _called(self, standard: str) -> str:
        return self.all_of_them if standard == COMPOSITE else standard

    def _estimates(self) -> Table:
        # The change of each single standard stands in the section about the change.
        rows = self.estimates
        rows = rows[~rows.index.str.startswith("change: ") | (rows.index == self.change_term)]
        what = {
            "composite": self.all_of_them,
            "share_met": self.all_of_them,
            "opportunity_score": f"Met, of all {self.params['standards_called']} that applied",
            "mean_met": f"Mean number of {self.params['standards_called']} met",
        }
        places = {"%": self.places, "percentage points": self.change_places, "standards": 1}
        when = {"before": (self.pair or ("",))[0], "change": "change"}
        labels = []
        for term in rows.index:
            base, _, ending = term.rpartition("_")
            name, wave = (base, when[ending]) if ending in when else (term, self.latest)
            labels.append(f"{what[name]}: {wave}" if name in what else f"{self.main}: change")
        rows = rows.assign(
            what=labels,
            places=rows["unit"].map(places),
            how=[self.how(method) for method in rows["method"]],
            unit=rows["unit"].replace("standards", self.params["standards_called"]),
        )
        columns = (
            Column("what", "What", "label"),
            *titled(ESTIMATE, estimate="Value", ci_low="Between"),
            HOW,
        )
        level = f"{100 * self.params['confidence']:g}%"
        return Table("estimates", f"Each with its {level} interval.", columns, rows)

    def how(self, method: str) -> str:
        """A method in plain words, with its name."""
        teams, called = self.params["teams_called"], self.params["called"]
        name, _, over = method.partition(", ")
        across = {"teams as clusters": teams, "records as clusters": called}.get(over)
        if across:
            return f"allowing for differences between {across} ({name})"
        return {
            "Wilson": "share and its interval (Wilson)",
            "mean, t interval": "average and its interval (t)",
            NEWCOMBE: f"as if {called} were independent of one another (Newcombe)",
            PAIRED: "each with itself (Tango for pairs, McNemar)",
            CLUSTERS: f"allowing for differences between {teams} (GEE)",
            EXCHANGEABLE: f"the same, {teams} weighing more alike (GEE, exchangeable)",
        }.get(method, method)

    def _points(self) -> Table:
        """The rows behind the figure, by standard."""
        standards = [*self.params["standards"], COMPOSITE]
        order = self.points["standard"].map({name: at for at, name in enumerate(standards)})
        rows = self.points.assign(order=order)
        rows = rows.sort_values("order", kind="stable", ignore_index=True)
        rows["standard"] = rows["standard"].map(self._called)
        columns = (*POINTS, *(() if self.counted else POINTS_OF_ANSWERS))
        return Table("points", "The points of the figure", self._shares(columns), rows, missing="–")

    # ---- sections ------------------------------------------------------------------------------

    def sections(self) -> tuple[Section, ...]:
        """What these data have more to say about, below the answer."""
        moved = (
            self.pair and len(self.took_part) and (self.members("left") or self.members("joined"))
        )
        lacking = self.one_short["records"].sum() and self.several and not self.of_services
        made = {
            self._accreditation_section: not self.accreditation.empty,
            self._gaps_section: not self.gaps.empty,
            self._change_section: not self.changes.empty,
            self._took_part_section: bool(moved),
            self._one_short_section: bool(lacking),
            self._rules_section: len(self.sensitivity) > 1,
            self._access_section: not self.access.empty,
        }
        return tuple(section() for section, wanted in made.items() if wanted)

    def _change_section(self) -> Section:
        first, last = self.params["compare"]
        composite = self.changes["standard"] == self.main
        main = self.changes["main"].astype(bool)
        rows = self.changes[(main | composite) & (self.changes["why_not"] == "")]
        tested = np.where(rows["method"] == PAIRED, [f", p = {p:.3f}" for p in rows["p_value"]], "")
        rows = rows.assign(
            standard=rows["standard"].map(self._called),
            group=rows["group"].map({"both": "those in both", "all": "everybody"}),
            how=[self.how(way) + p for way, p in zip(rows["method"], tested, strict=True)],
            **{end: 100 * rows[end].astype(float) for end in ("estimate", "ci_low", "ci_high")},
        )
        refused = self.changes[(self.changes["why_not"] != "") & composite]
        why = [f"{row.method}: {row.why_not}" for row in rows_of(refused)]
        words = (
            f"For each of the {self.params['standards_called']} the change that is quoted; for "
            f"{'all of them together' if self.several else self.main} every way of computing it."
        )
        if why:
            words += f" Not computed: {in_a_row(why)}."
        level = f"{100 * self.params['confidence']:g}%"
        caption = f"Change in percentage points with {level} interval."
        columns = (*self._shares(CHANGES, before=first, after=last), HOW)
        table = Table("change", caption, columns, rows)
        return Section("change", f"What changed from {first} to {last}", words, table)

    def _took_part_section(self) -> Section:
        first, last = self.params["compare"]
        heads = {"both": "Both", "left": f"{first} only", "joined": f"{last} only"}
        rows = self.took_part[self.took_part["members"] > 0].drop_duplicates("part")
        rows = rows.assign(
            **{
                f"{name}_{when}": [self.scored(part, wave, name) for part in rows["part"]]
                for when, wave in (("before", first), ("after", last))
                for name in (*_COUNTS[self.measure], self.measure)
            },
            names=[", ".join(self.names(part)) for part in rows["part"]],
        )
        rows["part"] = rows["part"].map(heads)
        columns = [
            *titled(TOOK_PART, members=self.in_both_called.capitalize()),
            *self._measured({"before": first, "after": last}),
        ]
        if not self.part_in_units and max(len(self.names(p)) for p in heads) <= 2 * _MOST_NAMED:
            columns.append(Column("names", "Which", "text"))
        what = "that met all" if self.measure == "composite" else "met of what applied"
        caption = f"Share {what}, by who took part when."
        return Section(
            "took_part",
            f"Who took part in {first} and in {last}",
            f"Waves with other {self.in_both_called} may differ for that reason alone, so those "
            "who took part both times are compared first.",
            Table("took_part", caption, tuple(columns), rows, missing="not there"),
        )

    def _one_short_section(self) -> Section:
        wave, called = self.latest, self.params["called"]
        rows = self.one_short[self.one_short["wave"] == wave]
        total = int(rows["records"].sum())
        rows = rows.sort_values("records", ascending=False, kind="stable")
        rows = rows.assign(total=total, share=rows["records"] / total)
        columns = (
            *titled(ONE_SHORT, records=called.capitalize()),
            Column("share", "Share", "share", "0%", of="records/total"),
        )
        of_wave = self.short[self.short["wave"] == wave]
        short = {int(row.short): int(row.records) for row in rows_of(of_wave)}
        clauses = [
            f"{records:,} {'were' if records != 1 else 'was'} {count(lacking)} short"
            for lacking, records in short.items()
            if lacking and records
        ]
        caption = f"The {total:,} {called} of {wave} that lack just one."
        return Section(
            "one_short",
            "One short of all: which one?",
            sentence(f"{wave}: {short[0]:,} {called} had all; {in_a_row(clauses)}"),
            Table("one_short", caption, columns, rows),
        )

    def _rules_section(self) -> Section:
        unclear = [
            f"{int(self.points[column].sum()):,} {state}"
            for column, state in STATES.items()
            if self.points[column].sum()
        ]
        return Section(
            "rules",
            "Would other rules for unclear answers change this?",
            f"{self.rules} Answers: {in_a_row(unclear)}." if unclear else self.rules,
            self._by_rules("rules"),
        )

    def _measured(self, waves: dict[str, str]) -> list[Column]:
        """The columns of what waves are compared by, "before" or "after" under the wave's name."""
        return [
            Column(
                f"{self.measure}_{when}",
                wave,
                "share",
                f"{self.places}%",
                of="/".join(f"{name}_{when}" for name in _COUNTS[self.measure]),
            )
            for when, wave in waves.items()
        ]

    def _by_rules(self, name: str) -> Table:
        pair = self.params["compare"] or [self.latest]
        whens = ("before", "after")[-len(pair) :]
        changes = len(pair) == 2 and self.measure == "composite"
        rows = self.sensitivity
        if changes:
            rows = rows.assign(**{end: 100 * rows[end] for end in ("change", "low", "high")})
        choice, *change = self._shares(SENSITIVITY)
        columns = (
            choice,
            *self._measured(dict(zip(whens, pair, strict=True))),
            *(change if changes else ()),
        )
        of_what = "of what applied" if self.of_services else f"with {self._them()}"
        caption = (
            f"Share {of_what} by other rules, one rule changed at a time; everybody in a wave"
            f"{', the change as quoted.' if changes else '.'}"
        )
        return Table(name, caption, columns, rows)

    def _accreditation_section(self) -> Section:
        where = self.params["called"]
        rows = self.accreditation.sort_values("type", kind="stable")
        rows = rows.assign(
            type=[name if name == EVERY_TYPE else f"Type {name}" for name in rows["type"]],
            threshold=[
                percent(share) if np.isfinite(share) else "all of these"
                for share in rows["threshold"]
            ],
        )
        required = [f"{percent(s)} of type {name}" for name, s in self.params["thresholds"].items()]
        heads = {
            "standards": self.params["standards_called"].capitalize(),
            "reached": f"{where.capitalize()} that reach it",
        }
        caption = f"How many {where} reach what is required, by type and wave."
        return Section(
            "accreditation",
            "Types of standards, and what accreditation asks for",
            f"Accreditation asks for {in_a_row(required)}. {self.rules}",
            Table("accreditation", caption, titled(ACCREDITATION, **heads), rows),
        )

    def _gaps_section(self) -> Section:
        where, what = self.params["called"], self.params["standards_called"]
        rows = self.gaps[self.gaps["unmet"] > 0].replace({"nowhere_in": {"": "–"}})
        declared = GAPS if self.params["locality"] else GAPS[:-1]
        caption = f"{what.capitalize()} that {where} do not meet, the most frequent gap first."
        columns = self._shares(declared, unmet=f"{where.capitalize()} without it")
        return Section(
            "gaps",
            "Gaps: what is missing most often",
            f"In {self.latest}. The list is of {what}; {where} are not identified, so that it can "
            "be shared among them.",
            Table("gaps", caption, columns, rows),
        )

    def _access_section(self) -> Section:
        now = self.access[self.access["wave"] == self.latest]["share"]
        chosen = self.params["access_standards"]
        about = (
            f"About {in_a_row([f'“{name}”' for name in chosen])}. "
            if chosen
            else f"Of all {self.params['standards_called']} together. "
        )
        called = self.params["called"]
        columns = self._shares(ACCESS, units=called.capitalize())
        caption = "Localities in the order of their names."
        return Section(
            "access",
            "Equal access: the same in every locality?",
            f"{about}In {self.latest}, between {self.percent(now.min())} and "
            f"{self.percent(now.max())} of what applies was met, depending on the locality. A few "
            f"{called} make wide intervals; where intervals overlap, the data do not show that "
            "localities differ.",
            Table("access", caption, columns, self.access, missing="too few"),
        )
