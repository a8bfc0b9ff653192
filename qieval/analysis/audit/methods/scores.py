"""All or none, and what lies between: composite, bounds, opportunity score, who was one short."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.analysis.audit.methods.answers import Answers
from qieval.analysis.audit.methods.clusters import FEWEST_TEAMS
from qieval.analysis.audit.methods.intervals import Change, from_se, score, score_change
from qieval.analysis.audit.methods.rules import Rules
from qieval.core.proportions import Ends, wilson


def totals(tally: pd.DataFrame, standard: str, wave: str) -> tuple[float, float]:
    """How many met a standard in a wave, and of how many."""
    rows = tally[(tally["standard"] == standard) & (tally["wave"] == wave)]
    return float(rows["met"].sum()), float(rows["applicable"].sum())


def share(tally: pd.DataFrame, standard: str, wave: str, confidence: float) -> Ends:
    """The share that met a standard in a wave, with Wilson's interval."""
    return wilson(*totals(tally, standard, wave), confidence)


def bounds(tally: pd.DataFrame, wave: str, standards: list[str]) -> Ends:
    """What the composite can be when only the margins are known (value NaN: it is not known).

    Of n records of a team, at least as many lack something as fail the standard most often failed,
    and at most as many as all failures together: max(0, Σp - (k - 1)) ≤ composite ≤ min p, team by
    team (Fréchet 1935; summed over teams the bounds are narrower).
    """
    here = tally[(tally["wave"] == wave) & tally["standard"].isin(standards)]
    here = here.assign(failed=here["applicable"] - here["met"])
    # a team without one of the standards says nothing of all of them
    here = here[here.groupby("team")["standard"].transform("nunique") == len(standards)]
    if here.empty:
        return Ends(np.nan, np.nan, np.nan)
    by_team = here.groupby("team").agg(
        size=("applicable", "max"), most=("failed", "sum"), least=("failed", "max")
    )
    total = float(by_team["size"].sum())
    most = float(by_team[["size", "most"]].min(axis=1).sum())
    return Ends(np.nan, 1 - most / total, 1 - float(by_team["least"].sum()) / total)


def if_independent(tally: pd.DataFrame, wave: str, standards: list[str]) -> float:
    """What the composite would be if standards were met independently of one another."""
    shares = [met / n for met, n in (totals(tally, name, wave) for name in standards) if n]
    return float(np.prod(shares)) if shares else np.nan


# ---- what records tell -------------------------------------------------------------------------


def clusters(
    answers: Answers, rules: Rules, waves: list[str], *, by_team: bool, pairs: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Met and asked of the shared standards, clusters × waves.

    Clusters are teams, or records (the same in several waves if `pairs`).
    """
    values = answers.values(rules, answers.shared)
    who = answers.who
    key = who["team"] if by_team else answers.unit
    if not by_team and not pairs:
        key = key + "\0" + who["wave"]
    table = pd.DataFrame(
        {
            "cluster": key,
            "wave": who["wave"],
            "met": np.nansum(values, axis=1),
            "asked": (~np.isnan(values)).sum(axis=1).astype(float),
        }
    )
    both = table.pivot_table(
        index="cluster", columns="wave", values=["met", "asked"], aggfunc="sum", fill_value=0.0
    )
    met, asked = (
        pd.DataFrame(both[name]).reindex(columns=waves, fill_value=0.0).to_numpy(dtype=float)
        for name in ("met", "asked")
    )
    return met, asked


def opportunity(
    tally: pd.DataFrame,
    answers: Answers | None,
    shared: list[str],
    rules: Rules,
    wave: str,
    confidence: float,
) -> tuple[Ends, float, int, str]:
    """Share of all that should have been done that was done, its df, and how many clusters of what.

    Of the standards that every wave asked for, so that waves can be compared. Clusters are the
    teams where there are enough of them, else records; with counts of a few teams, or of none,
    there is no interval.
    """
    rows = tally[(tally["wave"] == wave) & tally["standard"].isin(shared)]
    by_team = rows.groupby("team")[["met", "applicable"]].sum()
    of = "teams" if len(by_team) >= FEWEST_TEAMS or answers is None else "records"
    if answers is None or of == "teams":
        met, asked = (by_team[name].to_numpy(dtype=float) for name in ("met", "applicable"))
        if len(met) < FEWEST_TEAMS:
            met, asked = met.sum(keepdims=True), asked.sum(keepdims=True)
    else:
        met, asked = (
            table[:, 0] for table in clusters(answers, rules, [wave], by_team=False, pairs=False)
        )
        met, asked = met[asked > 0], asked[asked > 0]
    ends, df = score(met, asked, confidence)
    return ends, df, len(met), of


def opportunity_change(
    answers: Answers,
    rules: Rules,
    waves: list[str],
    confidence: float,
    *,
    by_team: bool,
    pairs: bool,
) -> Change:
    """Change of the opportunity score between two waves; teams, or records, are the clusters."""
    met, asked = clusters(answers, rules, waves, by_team=by_team, pairs=pairs)
    there = asked.sum(axis=1) > 0
    return score_change(met[there], asked[there], confidence)


def mean_met(
    answers: Answers, rules: Rules, wave: str, confidence: float
) -> tuple[Ends, float, int]:
    """Mean number of standards met, of those every wave asked for; its df; how many records."""
    here = answers.keep((answers.who["wave"] == wave).to_numpy())
    number = np.nansum(here.values(rules, here.shared), axis=1)
    n = len(number)
    se = float(number.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    # `from_se` keeps within -1 to 1, so work in shares of all standards.
    k = max(1, len(here.shared))
    ends = from_se(float(number.mean()) / k, se / k, n - 1.0, confidence).ends
    return Ends(*(k * end for end in ends)), n - 1.0, n


def short_of_all(answers: Answers, rules: Rules, wave: str) -> pd.DataFrame:
    """How many records were how many standards short of all: ``short, records``."""
    unmet, known = _unmet(answers, rules, wave)
    counts = unmet.sum(axis=1)[known]
    most = int(counts.max()) if len(counts) else 0
    by_number = counts.value_counts().reindex(range(most + 1), fill_value=0)
    return by_number.rename_axis("short").rename("records").reset_index()


def one_short(answers: Answers, rules: Rules, wave: str) -> pd.DataFrame:
    """Of the records that were one standard short of all: which one (``standard, records``)."""
    unmet, known = _unmet(answers, rules, wave)
    one = unmet[(unmet.sum(axis=1) == 1) & known]
    return one.sum().astype(int).rename_axis("standard").rename("records").reset_index()


def _unmet(answers: Answers, rules: Rules, wave: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Records × shared standards: whether not met; and which records have a composite."""
    here = answers.keep((answers.who["wave"] == wave).to_numpy())
    values = pd.DataFrame(here.values(rules, here.shared), columns=here.shared)
    known = ~np.isnan(here.composite(rules))
    return (values == 0).reset_index(drop=True), known
