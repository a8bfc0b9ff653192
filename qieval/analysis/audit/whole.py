"""All that was read, as one record, and the tables of the result that are made from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.audit.change import (
    COLUMNS,
    Group,
    cells,
    changes,
    groups_of,
    pairs_of,
    teams_by_wave,
)
from qieval.analysis.audit.choices import Rules
from qieval.analysis.audit.cluster import mixed
from qieval.analysis.audit.scores import (
    bounds,
    if_independent,
    one_short,
    opportunity,
    share,
    short_of_all,
    totals,
)
from qieval.analysis.audit.tables import COMPOSITE, Answers, Columns, Named
from qieval.core.proportions import Ends


@dataclass(frozen=True, eq=False)
class Whole:
    """Everything that the tables of the result are made from.

    Attributes
    ----------
    tally : DataFrame
        ``wave, team, standard, met, applicable``.
    answers : Answers, optional
        Where a row is an answer.
    rules : Rules
        How answers count.
    names : Named
        Waves and standards.
    pair : (str, str), optional
        The waves compared.
    columns : Columns
        Of the caller's table.
    same_units : bool
        Whether units keep their names from wave to wave.
    confidence : float
        Level of the intervals.
    empty : int
        Rows of counts that had nothing to count.
    """

    tally: pd.DataFrame
    answers: Answers | None
    rules: Rules
    names: Named
    pair: tuple[str, str] | None
    columns: Columns
    same_units: bool
    confidence: float
    empty: int

    @property
    def waves(self) -> list[str]:
        """Earliest first."""
        return list(self.names.waves.values())

    @property
    def latest(self) -> str:
        """The later of the waves compared; the only one."""
        return self.pair[1] if self.pair else self.waves[-1]

    @property
    def standards(self) -> list[str]:
        """In order."""
        return list(self.names.standards.values())

    @property
    def shared(self) -> list[str]:
        """The standards of the composite: those that every wave asked for."""
        if self.answers is not None:
            return self.answers.shared
        asked = set(zip(self.tally["wave"], self.tally["standard"], strict=True))
        return [name for name in self.standards if all((w, name) in asked for w in self.waves)]

    @property
    def composite_known(self) -> bool:
        """Whether it is known, and not only its bounds."""
        return COMPOSITE in set(self.tally["standard"])

    @property
    def teams(self) -> bool:
        """Whether a column names the teams."""
        return self.columns.team is not None

    @cached_property
    def groups(self) -> list[Group]:
        """Those in both waves first, all last; none with one wave only."""
        if self.pair is None:
            return []
        return groups_of(
            self.tally,
            self.answers,
            self.rules,
            self.pair,
            teams=self.teams,
            same_units=self.same_units,
        )

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Every standard and the composite, in every group and way."""
        if self.pair is None:
            return pd.DataFrame(columns=COLUMNS)
        return changes(
            self.groups,
            [*self.standards, COMPOSITE],
            self.rules,
            self.pair,
            self.confidence,
            teams=self.teams,
            same_units=self.same_units,
        )

    def with_rules(self, rules: Rules) -> Whole:
        """The same records by other rules."""
        assert self.answers is not None
        return replace(self, rules=rules, tally=self.answers.tally(rules))

    def composite(self, wave: str) -> Ends:
        """The composite of a wave; where it is not known its bounds, without a value."""
        if self.composite_known:
            return share(self.tally, COMPOSITE, wave, self.confidence)
        return bounds(self.tally, wave, self.shared)


# ---- tables of the result ----------------------------------------------------------------------

_STATES = {
    "not_recorded": "not recorded",
    "refused": "refused",
    "not_applicable": "not applicable",
    "partly_met": "partly met",
}


def points_of(whole: Whole) -> pd.DataFrame:
    """A row a wave and standard, the composite last, in per cent."""
    rows: list[dict[str, Any]] = []
    for wave in whole.waves:
        for standard in whole.standards:
            met, applicable = totals(whole.tally, standard, wave)
            ends = share(whole.tally, standard, wave, whole.confidence)
            counts = {"met": met, "applicable": applicable}
            others = _counts_of_states(whole.answers, wave, standard)
            rows.append(_point(wave, standard, "standard", ends) | counts | others)
        met, applicable = totals(whole.tally, COMPOSITE, wave)
        what = "composite" if whole.composite_known else "bounds"
        counts = {"met": met if whole.composite_known else np.nan, "applicable": applicable}
        rows.append(_point(wave, COMPOSITE, what, whole.composite(wave)) | counts)
    columns = ["wave", "standard", "what", "met", "applicable", "percent", "low", "high"]
    columns += [*_STATES, "percent_recorded"] if whole.answers is not None else []
    return pd.DataFrame(rows).reindex(columns=columns)


def _point(wave: str, standard: str, what: str, ends: Ends) -> dict[str, Any]:
    value, low, high = (100 * end for end in ends)
    return {"wave": wave, "standard": standard, "what": what, "percent": value, "low": low,
            "high": high}  # fmt: skip


def _counts_of_states(answers: Answers | None, wave: str, standard: str) -> dict[str, float]:
    """How many answers were neither met nor not met, and the share of those that were."""
    if answers is None:
        return {}
    here = answers.states.loc[answers.who["wave"] == wave, standard]
    counts: dict[str, float] = {name: int((here == state).sum()) for name, state in _STATES.items()}
    met, clear = int((here == "met").sum()), int(here.isin(["met", "not met"]).sum())
    return counts | {"percent_recorded": 100 * met / clear if clear else np.nan}


def by_team(whole: Whole) -> pd.DataFrame:
    """The tally by team, in the order of their names; empty where no column names them."""
    if not whole.teams:
        return whole.tally.iloc[:0]
    return whole.tally.reset_index(drop=True)


def sensitivity_of(whole: Whole) -> pd.DataFrame:
    """Composite and opportunity score by the rules that were asked, and by each other rule.

    Only rules that make a difference to these answers; in per cent.
    """
    if whole.answers is None:
        return pd.DataFrame()
    states = _states(whole)
    about = {"missing": "not recorded", "refused": "refused", "partly": "partly met"}
    choices = {"As asked": whole.rules}
    for said, rules in whole.rules.others().items():
        changed = next(name for name in about if getattr(rules, name) != getattr(whole.rules, name))
        if about[changed] in states:
            choices[said] = rules
    rows = []
    for said, rules in choices.items():
        other = whole.with_rules(rules)
        rows.append({"choice": said, **_in_short(other)})
    return pd.DataFrame(rows)


def _states(whole: Whole) -> set[str]:
    """The states that occur among the answers."""
    if whole.answers is None:
        return set()
    return set(np.unique(whole.answers.states.to_numpy(dtype=str)))


def _in_short(whole: Whole) -> dict[str, float]:
    """Composite and score of the compared waves, and the composite's change."""
    first = whole.pair[0] if whole.pair else None
    found: dict[str, float] = {}
    for name, wave in (("before", first), ("after", whole.latest)):
        if wave is None:
            continue
        score = opportunity(whole.tally, whole.answers, whole.rules, wave, whole.confidence)[0]
        found[f"composite_{name}"] = 100 * whole.composite(wave).value
        found[f"score_{name}"] = 100 * score.value
        found[f"n_{name}"] = totals(whole.tally, COMPOSITE, wave)[1]
    if whole.pair:
        main = whole.changes[whole.changes["main"] & (whole.changes["standard"] == COMPOSITE)]
        for name, column in (("change", "estimate"), ("low", "ci_low"), ("high", "ci_high")):
            found[name] = 100 * float(main[column].iloc[0]) if len(main) else np.nan
    return found


def short_of(whole: Whole) -> pd.DataFrame:
    """Who was one short in each wave: ``wave, standard, records``; empty from counts."""
    if whole.answers is None:
        return pd.DataFrame(columns=["wave", "standard", "records"])
    tables = [one_short(whole.answers, whole.rules, wave).assign(wave=wave) for wave in whole.waves]
    return pd.concat(tables, ignore_index=True)[["wave", "standard", "records"]]


# ---- facts for words ---------------------------------------------------------------------------


def facts_of(whole: Whole) -> dict[str, Any]:
    """What words and checks need beside the tables."""
    answers, waves = whole.answers, whole.waves
    known = [name for name in whole.standards if name not in whole.shared]
    return {
        "counted": answers is None,
        "composite_known": whole.composite_known,
        "latest": whole.latest,
        "k": len(whole.shared),
        "not_in_every_wave": known,
        "empty": whole.empty,
        "records": {wave: _size(whole, wave) for wave in waves},
        "teams": {
            wave: int(whole.tally.loc[whole.tally["wave"] == wave, "team"].nunique())
            if whole.teams
            else 0
            for wave in waves
        },
        "if_independent": {
            wave: 100 * if_independent(whole.tally, wave, whole.shared) for wave in waves
        },
        "short": {
            wave: short_of_all(answers, whole.rules, wave)["records"].tolist() for wave in waves
        }
        if answers is not None
        else {},
        "bounds": {wave: _bounds(whole, wave) for wave in waves} if answers is None else {},
        "in_both": _who_took_part(whole),
        "pairs": _pairs(whole),
        "overlap": _overlap(whole),
        "mixed": _mixed(whole),
        "rules": whole.rules.words(_states(whole)),
    }


def _bounds(whole: Whole, wave: str) -> list[float]:
    ends = bounds(whole.tally, wave, whole.shared)
    return [100 * ends.low, 100 * ends.high]


def _size(whole: Whole, wave: str) -> int:
    if whole.answers is not None:
        return int((whole.answers.who["wave"] == wave).sum())
    rows = whole.tally[whole.tally["wave"] == wave]
    return int(rows.groupby("team")["applicable"].max().sum())


def _who_took_part(whole: Whole) -> dict[str, Any]:
    """Teams (or units) in both waves, in one only, and how each scored when they took part."""
    if whole.pair is None or not (whole.teams or whole.same_units):
        return {}
    by_unit = whole.same_units and whole.answers is not None and not whole.teams
    if by_unit:
        assert whole.answers is not None
        who = whole.answers.who
        names = {w: set(who.loc[who["wave"] == w, "unit"]) for w in whole.pair}
        first, last = names[whole.pair[0]], names[whole.pair[1]]
        parts = {"both": first & last, "left": first - last, "joined": last - first}
    else:
        parts = {name: set(found) for name, found in teams_by_wave(whole.tally, whole.pair).items()}
    found: dict[str, Any] = {"of": "units" if by_unit else "teams"}
    for name, members in parts.items():
        column = "unit" if by_unit else "team"
        found[name] = {
            "count": len(members),
            # units may be patients: they are counted, never named
            "names": [] if by_unit else sorted(members),
            **{
                when: _score_of(whole, wave, column, members)
                for when, wave in zip(("before", "after"), whole.pair, strict=True)
            },
        }
    return found


def _score_of(whole: Whole, wave: str, column: str, members: set[str]) -> dict[str, float]:
    """Composite (or, where it is not known, the opportunity score) of some teams or units."""
    if column == "unit":
        assert whole.answers is not None
        kept = whole.answers.keep(whole.answers.who["unit"].isin(members).to_numpy())
        tally = kept.tally(whole.rules)
    else:
        tally = whole.tally[whole.tally["team"].isin(members)]
    rows = tally[tally["wave"] == wave]
    both = {
        "composite": rows[rows["standard"] == COMPOSITE],
        "score": rows[rows["standard"] != COMPOSITE],
    }
    found = {}
    for name, part in both.items():
        n = float(part["applicable"].sum())
        found[name] = 100 * float(part["met"].sum()) / n if n else np.nan
        found[f"n_{name}"] = n
    return found


def _pairs(whole: Whole) -> dict[str, int]:
    if whole.pair is None or whole.answers is None or not whole.same_units:
        return {}
    return pairs_of(whole.answers, COMPOSITE, whole.rules, whole.pair)._asdict()


def _overlap(whole: Whole) -> int:
    """Units whose code stands in both waves although they are taken for different ones."""
    if whole.pair is None or whole.answers is None or whole.same_units:
        return 0
    who = whole.answers.who
    unit = who["team"] + "\0" + who["unit"]
    first, last = (set(unit[who["wave"] == wave]) for wave in whole.pair)
    return len(first & last)


def _mixed(whole: Whole) -> dict[str, Any]:
    """The mixed model of the composite beside the GEE: log odds ratios, or why there is none."""
    if whole.pair is None or not whole.teams or not whole.composite_known:
        return {}
    met, n = cells(whole.groups[0].tally, COMPOSITE, whole.pair)
    found = mixed(met, n)
    return {"why_not": found} if isinstance(found, str) else {"log_odds_ratio": found}
