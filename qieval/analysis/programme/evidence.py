"""From evaluations to tables: one row an evaluation, one row a change that can be tested."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from qieval.analysis.programme.readers import (
    CHANGED,
    DESCRIBED,
    FAILED,
    IMPROVED,
    NOT_ALONE,
    NOT_EVALUATED,
    NOT_RUN,
    UNCLEAR,
    WORSE,
    Effect,
    reading_of,
)
from qieval.core.evaluated import Evaluated
from qieval.core.results import rows_of

EVIDENCE = [
    *("number", "evaluation", "programme", "project", "called", "network", "team", "aim"),
    *("column", "title", "kind", "status", "state", "words", "headline", "page"),
    "whole_programme",
]
EFFECTS = [
    *("number", "project", "called", "network", "measure", "definition", "unit", "direction"),
    *("estimate", "se", "ci_low", "ci_high", "p_value", "df", "p_adjusted", "state", "reason"),
    *("poolable", "relative", "relative_se", "near"),
]

_WORDS = {NOT_EVALUATED: "not evaluated", FAILED: "failed", NOT_RUN: "not run"}


def gather(results: Sequence[Evaluated], q: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every evaluation, numbered in their order, and every change that one of them tells.

    Returns
    -------
    DataFrame
        The evaluations: see ``EVIDENCE``.
    DataFrame
        The changes: see ``EFFECTS``; ``p_adjusted`` allows for how many were tested.
    """
    rows, effects = [], []
    for number, item in enumerate(results, start=1):
        rows.append(_row(number, item))
        effect = reading_of(item.result).effect(item.result) if item.result else None
        if effect is not None:
            effects.append(_effect_row(number, item, effect))
    changes = _judged(pd.DataFrame(effects, columns=EFFECTS), q)
    evidence = pd.DataFrame(rows, columns=EVIDENCE)
    for row in rows_of(changes):
        at = row.number - 1
        evidence.loc[at, "state"] = row.state
        if evidence.loc[at, "column"] != "Survey":  # its words count the questions
            evidence.loc[at, "words"] = _SAID[row.state]
    return evidence, changes


_SAID = {
    IMPROVED: "improved",
    WORSE: "worse",
    CHANGED: "changed",
    NOT_ALONE: "changed, not alone",
    UNCLEAR: "not clear",
    DESCRIBED: "described",
}


def _row(number: int, item: Evaluated) -> dict[str, Any]:
    if item.result is None:
        column = item.column
        state, words = item.status, _WORDS[item.status]
    else:
        reading = reading_of(item.result)
        column = reading.column
        state, words = reading.words(item.result)
    return {
        "number": number,
        "evaluation": item.name,
        "programme": item.programme,
        "project": item.project,
        "called": item.project_name,
        "network": item.network,
        "team": item.team,
        "aim": item.aim,
        "column": column,
        "title": item.title,
        "kind": item.result.kind if item.result else "",
        "status": item.status,
        "state": state,
        "words": words,
        "headline": item.headline.partition("\n")[0],
        "page": item.page,
        "whole_programme": item.whole_programme,
    }


def _effect_row(number: int, item: Evaluated, effect: Effect) -> dict[str, Any]:
    found = effect.figures
    near = "not listed" if effect.near is None else "; ".join(effect.near) or "none near"
    near = near if effect.takes_events else ""
    return {
        "number": number,
        "project": item.project,
        "called": item.called,
        "network": item.network,
        "measure": effect.measure,
        "definition": repr((effect.measure.casefold(), effect.unit, *effect.definition)),
        "unit": effect.unit,
        "direction": effect.direction,
        "estimate": found.estimate,
        "se": found.se,
        "ci_low": found.low,
        "ci_high": found.high,
        "p_value": np.nan if effect.reason else found.p_value,
        "df": found.df,
        "p_adjusted": np.nan,
        "state": DESCRIBED,
        "reason": effect.reason,
        "poolable": effect.poolable and np.isfinite(found.se) and found.se > 0,
        "relative": effect.relative[0],
        "relative_se": effect.relative[1],
        "near": near,
    }


def _judged(effects: pd.DataFrame, q: float) -> pd.DataFrame:
    """The changes with their adjusted p values (Benjamini and Hochberg) and what that says."""
    tested = effects["p_value"].notna()
    if not tested.any():
        return effects
    effects = effects.copy()
    clear, adjusted = false_discovery(effects.loc[tested, "p_value"].to_numpy(dtype=float), q)
    effects.loc[tested, "p_adjusted"] = adjusted
    effects.loc[tested, "state"] = [
        _direction(row, is_clear)
        for row, is_clear in zip(rows_of(effects[tested]), clear, strict=True)
    ]
    return effects


def has_event_near(near: str) -> bool:
    """Whether an evaluation lists another event within its window."""
    return near not in ("", "not listed", "none near")


def false_discovery(p_values: np.ndarray, q: float) -> tuple[np.ndarray, np.ndarray]:
    """Which of several tests are clear with a share of at most `q` false ones among them.

    Returns
    -------
    ndarray of bool
        Whether each is clear.
    ndarray
        The adjusted p values: the smallest q at which each would be.

    References
    ----------
    Benjamini and Hochberg 1995, J R Stat Soc B 57:289.
    """
    clear, adjusted, _, _ = multipletests(p_values, alpha=q, method="fdr_bh")
    return clear, adjusted


def _direction(row: Any, clear: bool) -> str:
    if not clear:
        return UNCLEAR
    if has_event_near(row.near):
        return NOT_ALONE  # neither praise nor blame: what brought it about cannot be told
    if row.direction == "neutral":
        return CHANGED
    none = 1.0 if row.unit == "odds ratio" else 0.0
    return IMPROVED if (row.estimate < none) == (row.direction == "lower") else WORSE
