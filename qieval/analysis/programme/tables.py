"""From evaluations to tables: one row an evaluation, a change, a project and kind of evidence.

Nothing is judged here: every state is that of a result's own verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from qieval.core.effect import Effect
from qieval.core.evaluated import Evaluated
from qieval.core.result import Result, rows_of
from qieval.core.sustained import STATUSES as SUSTAINED_STATUSES
from qieval.core.tables import ESTIMATES, Column, Declaration, names_of
from qieval.core.verdict import STATES, Verdict
from qieval.core.words import in_a_row

FINDINGS = ("Over time", "Charts", "Audit", "Survey", "Access", "Stays")
"""Kinds of evidence on what changed, in the order in which they stand."""
WORK = ("Returns", "PDSA cycles", "Involvement", "Theory", "Context")
"""Kinds of evidence on how the work itself went."""
OTHER = "Other"
KINDS_OF_EVIDENCE = (*FINDINGS, *WORK, OTHER)

NOT_RECORDED = "not recorded"
NOT_LISTED, NONE_NEAR = "not listed", "none near"

STATUSES = {"not evaluated": "not evaluated", "failed": "failed", "not run": "not run yet"}
"""States of an evaluation without a result, and what they mean."""

SUSTAINED = {key: word for key, word in SUSTAINED_STATUSES.items() if key != "none"}
"""What is said of whether a change lasted, where one was seen."""

_FIRST = (
    "worse",
    "improved",
    "changed, not alone",
    "changed",
    "no clear change",
    "cannot tell",
    "described",
    "failed",
    "not evaluated",
    "not run",
)
"""Which state stands for a cell that holds several: what a reader must not miss comes first."""

EVIDENCE_COLUMNS = (
    Column("number", "Row", "label"),
    Column("evaluation", "Evaluation file", "label"),
    Column("programme", "Programme", "label"),
    Column("project", "Project folder", "label"),
    Column("called", "Project", "label"),
    Column("network", "Network", "label"),
    Column("team", "Team", "label"),
    Column("aim", "Aim", "text"),
    Column("column", "Kind of evidence", "label"),
    Column("title", "Evaluation", "label"),
    Column("kind", "Kind of result", "label"),
    Column("status", "Status", "label"),
    Column("state", "State", "label"),
    Column("aim_status", "Aim reached", "label"),
    Column("sustained", "Did it last", "label"),
    Column("words", "In a word", "text"),
    Column("headline", "Finding, or why there is none", "text"),
    Column("page", "Page", "text"),
    Column("whole_programme", "Of the whole programme", "label"),
)
EFFECT_COLUMNS = (
    Column("number", "Row", "label"),
    Column("project", "Project folder", "label"),
    Column("called", "Project", "label"),
    Column("network", "Network", "label"),
    Column("measure", "Measure", "label"),
    Column("definition", "Definition", "label"),
    Column("unit", "Unit", "text"),
    Column("direction", "Better", "text"),
    Column("estimate", "Change (interval)", "estimate", "each"),
    Column("se", "Standard error", "estimate"),
    Column("ci_low", "", "ci_low", of="estimate"),
    Column("ci_high", "", "ci_high", of="estimate"),
    Column("p_value", "p", "estimate"),
    Column("df", "Degrees of freedom", "estimate"),
    Column("p_adjusted", "p, adjusted", "estimate"),
    Column("state", "State", "label"),
    Column("reason", "Why it was not tested", "text"),
    Column("poolable", "Can be averaged", "label"),
    Column("relative", "Relative change", "estimate"),
    Column("relative_se", "Standard error of the relative change", "estimate"),
    Column("near", "Other events near", "text"),
)
CELL_COLUMNS = (
    Column("project", "Project folder", "label"),
    Column("called", "Project", "label"),
    Column("network", "Network", "label"),
    Column("column", "Kind of evidence", "label"),
    Column("state", "State", "label"),
    Column("words", "In a word", "text"),
    Column("rows", "Rows of the evidence", "label"),
)
PROJECT_COLUMNS = (
    Column("project", "Project folder", "label"),
    Column("called", "Project", "label"),
    Column("network", "Network", "label"),
    Column("team", "Team", "label"),
    Column("aim", "Aim", "text"),
    Column("aim_status", "Aim reached", "label"),
    Column("evaluations", "Evaluations", "number"),
    Column("done", "Evaluated", "number"),
    Column("findings", "What was found", "text"),
    Column("sustained", "Did it last", "text"),
    Column("returns", "Returns", "text"),
    Column("pdsa", "PDSA cycles", "text"),
    Column("involvement", "Involvement", "text"),
    Column("theory", "Theory of change", "text"),
    Column("context", "Other changes", "text"),
    Column("why_not", "Not evaluated: why", "text"),
)
DECLARED = (
    Declaration("points", CELL_COLUMNS),
    ESTIMATES,
    Declaration("evidence", EVIDENCE_COLUMNS),
    Declaration("effects", EFFECT_COLUMNS),
    Declaration("projects", PROJECT_COLUMNS),
)


def gather(results: Sequence[Evaluated], q: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every evaluation, numbered in their order, and every change that one of them tells.

    Parameters
    ----------
    results : sequence of Evaluated
    q : float
        Share of false alarms among the changes called clear that is accepted (0 to 1).

    Returns
    -------
    evidence : DataFrame
        One row an evaluation (``EVIDENCE_COLUMNS``).
    effects : DataFrame
        One row a change (``EFFECT_COLUMNS``); ``p_adjusted`` allows for how many were tested.
    """
    rows, effects = [], []
    for number, item in enumerate(results, start=1):
        verdict = item.result.verdict if item.result else None
        rows.append(_evidence_row(number, item, verdict))
        if verdict and item.result and item.result.effect is not None:
            effects.append(_effect_row(number, item, item.result.effect, verdict))
    changes = pd.DataFrame(effects, columns=names_of(EFFECT_COLUMNS))
    tested = changes["p_value"].notna()
    if tested.any():
        _, adjusted = false_discovery(changes.loc[tested, "p_value"].to_numpy(dtype=float), q)
        changes.loc[tested, "p_adjusted"] = adjusted
    return pd.DataFrame(rows, columns=names_of(EVIDENCE_COLUMNS)), changes


def false_discovery(p_values: np.ndarray, q: float) -> tuple[np.ndarray, np.ndarray]:
    """Which of several tests are clear with a share of at most `q` false ones among them.

    Returns
    -------
    clear : ndarray of bool
        Whether each is clear.
    adjusted : ndarray of float
        The adjusted p values: the smallest q at which each would be.

    References
    ----------
    Benjamini and Hochberg 1995, J R Stat Soc B 57:289.
    """
    clear, adjusted, _, _ = multipletests(p_values, alpha=q, method="fdr_bh")
    return clear, adjusted


def has_event_near(near: str) -> bool:
    """Whether an evaluation lists another event within its window."""
    return near not in ("", NOT_LISTED, NONE_NEAR)


def _evidence_row(number: int, item: Evaluated, verdict: Verdict | None) -> dict[str, Any]:
    return {
        "number": number,
        "evaluation": item.name,
        "programme": item.programme,
        "project": item.project,
        "called": item.project_name,
        "network": item.network,
        "team": item.team,
        "aim": item.aim,
        "column": item.column,
        "title": item.title,
        "kind": item.result.kind if item.result else "",
        "status": item.status,
        "state": verdict.state if verdict else item.status,
        "aim_status": verdict.aim.status if verdict else "none",
        "sustained": verdict.sustained.status if verdict else "none",
        "words": verdict.label if verdict else item.status,
        "headline": item.headline.partition("\n")[0],
        "page": item.page,
        "whole_programme": item.whole_programme,
    }


def _effect_row(number: int, item: Evaluated, effect: Effect, verdict: Verdict) -> dict[str, Any]:
    events = effect.events_near
    near = NOT_LISTED if events is None else "; ".join(events) or NONE_NEAR
    return {
        "number": number,
        "project": item.project,
        "called": item.called,
        "network": item.network,
        "measure": effect.measure,
        "definition": repr((effect.measure.casefold(), effect.unit, *effect.definition)),
        "unit": effect.unit,
        "direction": effect.direction,
        "estimate": effect.estimate,
        "se": effect.se,
        "ci_low": effect.ci_low,
        "ci_high": effect.ci_high,
        "p_value": np.nan if effect.reason else effect.p_value,
        "df": effect.df,
        "p_adjusted": np.nan,
        "state": verdict.state,
        "reason": effect.reason,
        "poolable": effect.poolable and np.isfinite(effect.se) and effect.se > 0,
        "relative": effect.relative,
        "relative_se": effect.relative_se,
        "near": near if effect.takes_events else "",
    }


# ---- one row a project -------------------------------------------------------------------------


def cells_of(
    evidence: pd.DataFrame, effects: pd.DataFrame, results: Sequence[Evaluated]
) -> pd.DataFrame:
    """One row a project and kind of evidence: ``state, words`` and the ``rows`` they rest on."""
    rows: list[dict[str, Any]] = []
    elsewhere = _from_the_whole_programme(evidence, results)
    changes = dict(list(effects.groupby("project", sort=False)))
    for project, own in evidence.groupby("project", sort=False):
        about = {name: own[name].iloc[0] for name in ("project", "called", "network")}
        beside = {row["column"]: row for row in elsewhere if row["project"] == project}
        parts = dict(list(own.groupby("column", sort=False)))
        for column in KINDS_OF_EVIDENCE:
            if column in parts:
                rows.append({**about, "column": column, **_cell(parts[column])})
            elif column in beside:
                rows.append({**about, **beside[column]})
        context = _context(changes[project]) if project in changes else None
        if context and "Context" not in parts:
            rows.append({**about, "column": "Context", **context})
    return pd.DataFrame(rows, columns=names_of(CELL_COLUMNS))


def _cell(part: pd.DataFrame) -> dict[str, Any]:
    states = set(part["state"])
    state = next(state for state in _FIRST if state in states)
    first = part.loc[part["state"] == state, "words"].iloc[0]
    words = list(dict.fromkeys([first, *part["words"]]))
    return {"state": state, "words": "; ".join(words), "rows": part["number"].tolist()}


def _context(effects: pd.DataFrame) -> dict[str, Any] | None:
    """Whether another change is listed near one of the project's effects."""
    near = effects[effects["near"] != ""]
    if near.empty:
        return None
    some = near["near"].map(has_event_near)
    listed = (near["near"] != NOT_LISTED).any()
    words = "other change near" if some.any() else NONE_NEAR if listed else "none listed"
    return {"state": "described", "words": words, "rows": near["number"].tolist()}


def _from_the_whole_programme(
    evidence: pd.DataFrame, results: Sequence[Evaluated]
) -> list[dict[str, Any]]:
    """What evaluations of the whole programme say of single projects: returns, PDSA cycles."""
    rows: list[dict[str, Any]] = []
    projects = list(rows_of(evidence.drop_duplicates("project")))
    for number, item in enumerate(results, start=1):
        if item.result is None or type(item.result).verdict_on is Result.verdict_on:
            continue  # it says nothing of single projects
        for about in projects:
            verdict = item.result.verdict_on(about.project, about.team)
            if verdict is not None:
                rows.append(
                    {
                        "project": about.project,
                        "column": item.column,
                        "state": verdict.state,
                        "words": verdict.label,
                        "rows": [number],
                    }
                )
    return rows


def projects_of(evidence: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """One row a project, in the order of the programme: what was found, and how the work went."""
    rows = []
    by_project = dict(list(cells.groupby("project", sort=False)))
    for project, own in evidence.groupby("project", sort=False):
        about = own.iloc[0]
        of_project = by_project.get(project, cells.iloc[:0])
        words = dict(zip(of_project["column"], of_project["words"], strict=True))
        results = of_project[~of_project["column"].isin(WORK) & of_project["state"].isin(STATES)]
        done = own["status"] == "done"
        rows.append(
            {
                **{name: about[name] for name in ("project", "called", "network", "team", "aim")},
                "aim_status": aim_status(own["aim_status"]),
                "evaluations": int((own["title"] != "").sum()),
                "done": int(done.sum()),
                "findings": "; ".join(
                    f"{row.column.lower()}: {row.words}" for row in rows_of(results)
                )
                or "nothing",
                "sustained": sustained_words(own["sustained"]),
                "returns": words.get("Returns", NOT_RECORDED),
                "pdsa": words.get("PDSA cycles", NOT_RECORDED),
                "involvement": words.get("Involvement", NOT_RECORDED),
                "theory": words.get("Theory", NOT_RECORDED),
                "context": words.get("Context", NOT_RECORDED),
                "why_not": in_a_row(list(dict.fromkeys(own.loc[~done, "headline"]))),
            }
        )
    return pd.DataFrame(rows, columns=names_of(PROJECT_COLUMNS))


def sustained_words(statuses: pd.Series) -> str:
    """How many evaluations find that a change lasted, faded and so on; "" where none saw one."""
    count = statuses.value_counts()
    return in_a_row([f"{word} in {count[key]}" for key, word in SUSTAINED.items() if key in count])


def aim_status(statuses: pd.Series) -> str:
    """Whether a project reached its aim, from its evaluations; they may not contradict one another.

    Where one says reached and another not, the aim's measure was evaluated in two ways: it cannot
    be told.
    """
    seen = set(statuses) - {"none"}
    if not seen:
        return "none"
    decided = seen - {"cannot tell"}
    return decided.pop() if len(decided) == 1 else "cannot tell"
