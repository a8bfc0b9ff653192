"""The change between two waves: first in those that took part in both, then in all.

Rows of the table (``COLUMNS``): one a standard, group and way of computing; ``main`` marks the one
to quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from qieval.analysis.audit.methods.answers import COMPOSITE, Answers, who_took_part
from qieval.analysis.audit.methods.clusters import Working, gee
from qieval.analysis.audit.methods.intervals import Change, Pairs, mcnemar_p, paired_difference
from qieval.analysis.audit.methods.rules import Rules
from qieval.core.proportions import Ends, difference, difference_p

NEWCOMBE = "Newcombe, records independent"
PAIRED = "Tango for pairs, McNemar"
CLUSTERS = "teams as clusters (GEE)"
EXCHANGEABLE = "teams as clusters, exchangeable (GEE)"

COLUMNS = [
    "standard", "group", "method", "main", "met_before", "n_before", "before", "met_after",
    "n_after", "after", "gained", "lost", "teams", "estimate", "ci_low", "ci_high", "se",
    "df", "p_value", "odds_ratio", "why_not",
]  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What two waves are compared by.

    Attributes
    ----------
    rules : Rules
        How answers count.
    waves : (str, str)
        The earlier and the later.
    confidence : float
        Level of the intervals.
    teams : bool
        Whether a column names the teams.
    same_units : bool
        Whether units keep their names from wave to wave.
    """

    rules: Rules
    waves: tuple[str, str]
    confidence: float
    teams: bool
    same_units: bool


@dataclass(frozen=True)
class Group:
    """Those whose waves are compared.

    Attributes
    ----------
    name : str
        "both" (took part in both waves) or "all".
    tally : DataFrame
        Their counts.
    answers : Answers, optional
        Their answers, where rows are records.
    """

    name: str
    tally: pd.DataFrame
    answers: Answers | None


def groups_of(tally: pd.DataFrame, answers: Answers | None, by: Comparison) -> list[Group]:
    """Those in both waves first, where they are not the same as all; all of them last.

    In both waves are the same units, if units keep their names, else the same teams.
    """
    tally = tally[tally["wave"].isin(by.waves)]
    everyone = Group("all", tally, answers)
    if answers is not None and by.same_units:
        here = answers.who["wave"].isin(by.waves).to_numpy()
        both = answers.units_by_wave(by.waves)["both"]
        kept = answers.keep(answers.unit.isin(both).to_numpy() & here)
        if not both or len(kept.who) == here.sum():
            return [everyone]
        return [Group("both", kept.tally(by.rules), kept), everyone]
    in_both = teams_by_wave(tally, by.waves)["both"] if by.teams else []
    if not in_both or set(tally["team"]) == set(in_both):
        return [everyone]
    some = tally[tally["team"].isin(in_both)]
    kept_answers = answers.keep(answers.who["team"].isin(in_both).to_numpy()) if answers else None
    return [Group("both", some, kept_answers), everyone]


def teams_by_wave(tally: pd.DataFrame, waves: tuple[str, str]) -> dict[str, list[str]]:
    """Teams of both waves, of the first only (``left``), of the last only (``joined``)."""
    return who_took_part(*(tally.loc[tally["wave"] == wave, "team"] for wave in waves))


def changes(groups: list[Group], standards: list[str], by: Comparison) -> pd.DataFrame:
    """Every standard in every group, in every way that these data allow (``COLUMNS``).

    Quoted (``main``) is the first group, and in it the first way that could be computed: teams as
    clusters, then pairs, then independent records.
    """
    rows: list[dict[str, object]] = []
    for group in groups:
        pairs = by.same_units and group is groups[0]  # pairs are in both waves
        rows += _changes_of(group, standards, replace(by, same_units=pairs))
    table = pd.DataFrame(rows, columns=COLUMNS)
    usable = (table["why_not"] == "") & (table["group"] == groups[0].name)
    table["main"] = False
    table.loc[table[usable].drop_duplicates("standard").index, "main"] = True
    return table


def _changes_of(group: Group, standards: list[str], by: Comparison) -> list[dict[str, object]]:
    """A row for every standard and way of computing that these data allow."""
    rows: list[dict[str, object]] = []
    for standard in standards:
        met, n = cells(group.tally, standard, by.waves)
        if (n.sum(axis=0) == 0).any():
            continue
        ways = [_newcombe(met, n, by.confidence)]
        if by.same_units and group.answers is not None:
            pairs = _paired(group.answers, standard, by)
            ways = [pairs] if not pairs["why_not"] else [*ways, pairs]
        if by.teams:
            fitted = [_clusters(met, n, working, by.confidence) for working in _WORKING]
            ways = [fitted[0], *ways, fitted[1]]
        for row in ways:
            counts = _shares(met.sum(axis=0), n.sum(axis=0))
            common = {"standard": standard, "group": group.name, **counts}
            rows.append({**common, "teams": len(n) if by.teams else 0, **row})
    return rows


def _shares(met: Sequence[float], n: Sequence[float]) -> dict[str, object]:
    """Counts and shares before and after."""
    return {
        f"{name}_{when}" if name else when: value
        for when, k, of in zip(("before", "after"), met, n, strict=True)
        for name, value in (("met", int(k)), ("n", int(of)), ("", k / of))
    }


_WORKING: tuple[Working, Working] = ("independence", "exchangeable")


def cells(
    tally: pd.DataFrame, standard: str, waves: tuple[str, str]
) -> tuple[np.ndarray, np.ndarray]:
    """Met and applicable of a standard, teams × the two waves."""
    rows = tally[tally["standard"] == standard].set_index(["team", "wave"])
    met, n = (
        rows[name].unstack("wave").reindex(columns=list(waves)).fillna(0.0).to_numpy(dtype=float)
        for name in ("met", "applicable")
    )
    return met, n


def _newcombe(met: np.ndarray, n: np.ndarray, confidence: float) -> dict[str, object]:
    (m0, m1), (n0, n1) = met.sum(axis=0), n.sum(axis=0)
    ends = difference((m0, n0), (m1, n1), confidence)
    return _row(NEWCOMBE, Change(ends, np.nan, np.nan, difference_p((m0, n0), (m1, n1))))


def _paired(answers: Answers, standard: str, by: Comparison) -> dict[str, object]:
    pairs = pairs_of(answers, standard, by.rules, by.waves)
    if pairs.n == 0:
        return _refused(PAIRED, "no unit has an answer in both waves")
    ends = paired_difference(pairs, by.confidence)
    met = pairs.both + pairs.lost, pairs.both + pairs.gained
    row = _row(PAIRED, Change(ends, np.nan, np.nan, mcnemar_p(pairs)))
    return {**row, **_shares(met, [pairs.n] * 2), "gained": pairs.gained, "lost": pairs.lost}


def pairs_of(answers: Answers, standard: str, rules: Rules, waves: tuple[str, str]) -> Pairs:
    """Units with an answer in both waves, by whether they met the standard in each."""
    if standard == COMPOSITE:
        value = answers.composite(rules)
    else:
        value = answers.values(rules, [standard])[:, 0]
    who = answers.who.assign(value=value).dropna(subset="value")
    wide = who.pivot(index=["team", "unit"], columns="wave", values="value")
    wide = wide.reindex(columns=list(waves)).dropna()
    before, after = wide[waves[0]] == 1, wide[waves[1]] == 1
    counts = [before & after, before & ~after, ~before & after, ~before & ~after]
    return Pairs(*(int(one.sum()) for one in counts))


def _clusters(
    met: np.ndarray, n: np.ndarray, working: Working, confidence: float
) -> dict[str, object]:
    name = CLUSTERS if working == "independence" else EXCHANGEABLE
    fit = gee(met, n, working)
    if isinstance(fit, str):
        return _refused(name, fit)
    return {**_row(name, fit.change(confidence)), "odds_ratio": float(np.exp(fit.beta[1]))}


def _row(method: str, change: Change) -> dict[str, object]:
    return {
        "method": method,
        "estimate": change.ends.value,
        "ci_low": change.ends.low,
        "ci_high": change.ends.high,
        "se": change.se,
        "df": change.df,
        "p_value": change.p_value,
        "gained": np.nan,
        "lost": np.nan,
        "odds_ratio": np.nan,
        "why_not": "",
    }


def _refused(method: str, why: str) -> dict[str, object]:
    nothing = Change(Ends(np.nan, np.nan, np.nan), np.nan, np.nan, np.nan)
    return {**_row(method, nothing), "why_not": why}
