"""The change between two waves: first in those that took part in both, then in all.

Rows of the table (``COLUMNS``): one a standard, group and way of computing; ``main`` marks the one
to quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qieval.analysis.audit.methods.answers import COMPOSITE, Answers
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


def groups_of(
    tally: pd.DataFrame,
    answers: Answers | None,
    rules: Rules,
    waves: tuple[str, str],
    *,
    teams: bool,
    same_units: bool,
) -> list[Group]:
    """Those in both waves first, where they are not the same as all; all of them last.

    In both waves are the same units, if units keep their names, else the same teams.
    """
    tally = tally[tally["wave"].isin(waves)]
    everyone = Group("all", tally, answers)
    if answers is not None and same_units:
        who = answers.who
        unit = who["team"] + "\0" + who["unit"]
        both = set(unit[who["wave"] == waves[0]]) & set(unit[who["wave"] == waves[1]])
        kept = answers.keep((unit.isin(both) & who["wave"].isin(waves)).to_numpy())
        if len(kept.who) == int(who["wave"].isin(waves).sum()):
            return [everyone]
        return [Group("both", kept.tally(rules), kept), everyone] if both else [everyone]
    in_both = teams_by_wave(tally, waves)["both"] if teams else []
    if not in_both or set(tally["team"]) == set(in_both):
        return [everyone]
    some = tally[tally["team"].isin(in_both)]
    kept_answers = answers.keep(answers.who["team"].isin(in_both).to_numpy()) if answers else None
    return [Group("both", some, kept_answers), everyone]


def teams_by_wave(tally: pd.DataFrame, waves: tuple[str, str]) -> dict[str, list[str]]:
    """Teams of both waves, of the first only (``left``), of the last only (``joined``)."""
    first, last = (set(tally.loc[tally["wave"] == wave, "team"]) for wave in waves)
    return {
        "both": sorted(first & last),
        "left": sorted(first - last),
        "joined": sorted(last - first),
    }


def changes(
    groups: list[Group],
    standards: list[str],
    rules: Rules,
    waves: tuple[str, str],
    confidence: float,
    *,
    teams: bool,
    same_units: bool,
) -> pd.DataFrame:
    """Every standard in every group, in every way that these data allow (``COLUMNS``).

    Quoted (``main``) is the first group, and in it the first way that could be computed: teams as
    clusters, then pairs, then independent records.
    """
    rows = [
        row
        for group in groups
        for row in _changes_of(
            group,
            standards,
            rules,
            waves,
            confidence,
            teams=teams,
            same_units=same_units and group is groups[0],  # pairs are in both waves
        )
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    usable = (table["why_not"] == "") & (table["group"] == groups[0].name)
    table["main"] = False
    table.loc[table[usable].drop_duplicates("standard").index, "main"] = True
    return table


def _changes_of(
    group: Group,
    standards: list[str],
    rules: Rules,
    waves: tuple[str, str],
    confidence: float,
    *,
    teams: bool,
    same_units: bool,
) -> list[dict[str, object]]:
    """A row for every standard and way of computing that these data allow."""
    rows: list[dict[str, object]] = []
    for standard in standards:
        met, n = cells(group.tally, standard, waves)
        if (n.sum(axis=0) == 0).any():
            continue
        ways = [_newcombe(met, n, confidence)]
        if same_units and group.answers is not None:
            pairs = _paired(group.answers, standard, rules, waves, confidence)
            ways = [pairs] if not pairs["why_not"] else [*ways, pairs]
        if teams:
            fitted = [_clusters(met, n, working, confidence) for working in _WORKING]
            ways = [fitted[0], *ways, fitted[1]]
        for row in ways:
            counts = _shares(met.sum(axis=0), n.sum(axis=0))
            common = {"standard": standard, "group": group.name, **counts}
            rows.append({**common, "teams": len(n) if teams else 0, **row})
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


def _paired(
    answers: Answers, standard: str, rules: Rules, waves: tuple[str, str], confidence: float
) -> dict[str, object]:
    pairs = pairs_of(answers, standard, rules, waves)
    if pairs.n == 0:
        return _refused(PAIRED, "no unit has an answer in both waves")
    ends = paired_difference(pairs, confidence)
    met = pairs.both + pairs.lost, pairs.both + pairs.gained
    row = _row(PAIRED, Change(ends, np.nan, np.nan, mcnemar_p(pairs)))
    return {**row, **_shares(met, [pairs.n] * 2), "gained": pairs.gained, "lost": pairs.lost}


def pairs_of(answers: Answers, standard: str, rules: Rules, waves: tuple[str, str]) -> Pairs:
    """Units with an answer in both waves, by whether they met the standard in each."""
    if standard == COMPOSITE:
        value = answers.composite(rules)
    else:
        value = answers.values(rules)[:, answers.states.columns.get_loc(standard)]
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
