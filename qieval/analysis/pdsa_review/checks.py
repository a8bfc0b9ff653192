"""What to mind before believing a review of cycles."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qieval.analysis.pdsa_review.agreement import FEWEST, Kappa, numbered
from qieval.analysis.pdsa_review.rubric import NOT_RECORDED, NUMBERS
from qieval.core.checks import Status
from qieval.core.words import in_a_row, many

Check = tuple[str, Status, str]


def checks_of(
    points: pd.DataFrame, given: pd.DataFrame, pairs: pd.DataFrame, found: Mapping[str, Kappa]
) -> list[Check]:
    """Every check, in the order of the page."""
    return [
        _recorded(points),
        _dated(points),
        _reviewed(points, given),
        _agreed(pairs, found),
        *_contradicted(points, given),
    ]


def _recorded(points: pd.DataFrame) -> Check:
    lacking = {
        "a prediction": points["predicted"] == NOT_RECORDED,
        "how large the test was": points["small"] == NOT_RECORDED,
        "how many measurements were taken": points["measured"] == NOT_RECORDED,
        "a decision": points["decision"] == "",
    }
    said = [
        f"{what} ({many(int(rows.sum()), 'cycle')})" for what, rows in lacking.items() if any(rows)
    ]
    if not said:
        return "What the log holds", "pass", "Every cycle has what the review asks for."
    return (
        "What the log holds",
        "info",
        f"Not recorded: {in_a_row(said)}. It may have been done all the same; what is not recorded "
        "is never counted as done, nor as not done.",
    )


def _dated(points: pd.DataFrame) -> Check:
    undated = int(points["started"].isna().sum())
    if not undated:
        return "Dates", "pass", "Every cycle has the day on which it began."
    return (
        "Dates",
        "warn",
        f"{many(undated, 'cycle')} without the day of beginning: not placed in time, and no mark "
        "for other charts.",
    )


def _reviewed(points: pd.DataFrame, given: pd.DataFrame) -> Check:
    by_cycle = given.groupby("key")["reviewer"].nunique().reindex(points["key"], fill_value=0)
    two, one, none = (int((by_cycle == n).sum()) for n in (2, 1, 0))
    if none == len(points):
        return (
            "Reviewers",
            "info",
            "Nobody has scored the texts. Whether a prediction is explicit only a reader can tell.",
        )
    said = [
        f"{many(count, 'cycle')} by {words}"
        for count, words in ((two, "two reviewers"), (one, "one only"), (none, "none"))
        if count
    ]
    return "Reviewers", "pass" if two == len(points) else "info", f"Scored: {in_a_row(said)}."


def _agreed(pairs: pd.DataFrame, found: Mapping[str, Kappa]) -> Check:
    counted = len(numbered(pairs))
    if not len(pairs):
        return "Agreement of reviewers", "info", "No cycle was scored by two."
    if counted < FEWEST:
        return (
            "Agreement of reviewers",
            "info",
            f"{many(counted, 'pair')} of scores: kappa needs {FEWEST} or more.",
        )
    if np.isnan(found["linear"].value):
        return (
            "Agreement of reviewers",
            "info",
            "Both gave the same one score throughout, so chance alone would make them agree and "
            "kappa cannot be had.",
        )
    return (
        "Agreement of reviewers",
        "info",
        "The intervals of kappa take scores as independent. Several are of one cycle, so the true "
        "intervals are wider.",
    )


def _contradicted(points: pd.DataFrame, given: pd.DataFrame) -> list[Check]:
    """Predictions that a reviewer scored although none is written down."""
    unwritten = points.loc[points["predicted"] == NOT_RECORDED, "key"]
    rows = given[(given["feature"] == "prediction_score") & given["key"].isin(unwritten)]
    scored = rows.loc[rows["score"].isin(NUMBERS[1:]), "key"].nunique()
    if not scored:
        return []
    return [
        (
            "Predictions",
            "warn",
            f"A reviewer scored a prediction in {many(scored, 'cycle')} whose log holds none; it "
            "stays not recorded.",
        )
    ]
