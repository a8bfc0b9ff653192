"""What to mind before believing a review of cycles."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qieval.analysis.pdsa_review.methods.agreement import FEWEST, Kappa, numbered
from qieval.analysis.pdsa_review.methods.rubric import NOT_RECORDED, NUMBERS
from qieval.core.checks import About, Check, Status
from qieval.core.words import in_a_row, many


def review_checks(
    points: pd.DataFrame, given: pd.DataFrame, pairs: pd.DataFrame, kappas: Mapping[str, Kappa]
) -> list[Check]:
    """Every check, in the order of the page."""
    return [
        _recorded(points),
        _dated(points),
        _reviewed(points, given),
        _agreed(pairs, kappas),
        *_contradicted(points, given),
    ]


def _recorded(points: pd.DataFrame) -> Check:
    lacking = {
        "a prediction": points["predicted"] == NOT_RECORDED,
        "how large the test was": points["small"] == NOT_RECORDED,
        "how many measurements were taken": points["measured"] == NOT_RECORDED,
        "a decision": points["decision"] == "",
    }
    each = [
        f"{what} ({many(int(rows.sum()), 'cycle')})" for what, rows in lacking.items() if any(rows)
    ]
    about = About("recorded", "What the log holds")
    if not each:
        return about.passes("Every cycle has what the review asks for.")
    text = (
        f"Not recorded: {in_a_row(each)}. It may have been done all the same; what is not recorded "
        "is never counted as done, nor as not done."
    )
    return about.informs(text)


def _dated(points: pd.DataFrame) -> Check:
    undated = int(points["started"].isna().sum())
    if not undated:
        return Check("dates", "Dates", "pass", "Every cycle has the day on which it began.")
    text = (
        f"{many(undated, 'cycle')} without the day of beginning: not placed in time, and no mark "
        "for other charts."
    )
    return Check("dates", "Dates", "warn", text)


def _reviewed(points: pd.DataFrame, given: pd.DataFrame) -> Check:
    by_cycle = given.groupby("key")["reviewer"].nunique().reindex(points["key"], fill_value=0)
    two, one, none = (int((by_cycle == n).sum()) for n in (2, 1, 0))
    if none == len(points):
        text = (
            "Nobody has scored the texts. Whether a prediction is explicit only a reader can tell."
        )
        return Check("reviewers", "Reviewers", "info", text)
    each = [
        f"{many(count, 'cycle')} by {words}"
        for count, words in ((two, "two reviewers"), (one, "one only"), (none, "none"))
        if count
    ]
    status: Status = "pass" if two == len(points) else "info"
    return Check("reviewers", "Reviewers", status, f"Scored: {in_a_row(each)}.")


def _agreed(pairs: pd.DataFrame, kappas: Mapping[str, Kappa]) -> Check:
    counted = len(numbered(pairs))
    if not len(pairs):
        text = "No cycle was scored by two."
    elif counted < FEWEST:
        text = f"{many(counted, 'pair')} of scores: kappa needs {FEWEST} or more."
    elif np.isnan(kappas["linear"].value):
        text = (
            "Both gave the same one score throughout, so chance alone would make them agree and "
            "kappa cannot be had."
        )
    else:
        text = (
            "The intervals of kappa take scores as independent. Several are of one cycle, so the "
            "true intervals are wider."
        )
    return Check("agreement", "Agreement of reviewers", "info", text)


def _contradicted(points: pd.DataFrame, given: pd.DataFrame) -> list[Check]:
    """Predictions that a reviewer scored although none is written down."""
    unwritten = points.loc[points["predicted"] == NOT_RECORDED, "key"]
    rows = given[(given["feature"] == "prediction_score") & given["key"].isin(unwritten)]
    scored = rows.loc[rows["score"].isin(NUMBERS[1:]), "key"].nunique()
    if not scored:
        return []
    text = (
        f"A reviewer scored a prediction in {many(scored, 'cycle')} whose log holds none; it "
        "stays not recorded."
    )
    return [Check("predictions", "Predictions", "warn", text)]
