"""PDSA review: which cycles were linked, predicted, small and measured, and their ramps.

Reads from top to bottom: :mod:`.cycles` (the log → cycles and reviewers' scores), :mod:`.rubric`
(what is scored by what), :mod:`.ramps` (chains), :mod:`.agreement` (two reviewers), :mod:`.checks`,
:mod:`.result` and :mod:`.words`, :mod:`.parts`. For learning: nothing here judges a team.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.pdsa_review.agreement import Kappa, agreement_table, kappas, pairs_of
from qieval.analysis.pdsa_review.checks import checks_of
from qieval.analysis.pdsa_review.cycles import checked, cycles_of, given_scores
from qieval.analysis.pdsa_review.ramps import ramp_numbers, ramps_table
from qieval.analysis.pdsa_review.result import PDSAReviewResult
from qieval.analysis.pdsa_review.rubric import (
    KEY,
    TEXTS,
    YES,
    features,
    flags,
    key_features,
    scores,
)
from qieval.core.checks import checks_table
from qieval.core.config import CONFIDENCE
from qieval.core.errors import ParameterError
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.intake.tables.pdsa import FEATURES

__all__ = ["PDSAReviewResult", "pdsa_review"]


def pdsa_review(
    log: pd.DataFrame,
    *,
    decision_codes: Mapping[str, str] | None = None,
    score_codes: Mapping[str, str] | None = None,
    reviewers: Sequence[str] | None = None,
    small_share: float = 0.25,
    text_checked: bool = False,
    outcome: str = "Plan-do-study-act cycles",
    setting: str = "",
    confidence: float = CONFIDENCE,
) -> PDSAReviewResult:
    """How a project's PDSA cycles were done: linked, predicted, small, measured, written down.

    Parameters
    ----------
    log : DataFrame
        One row a cycle, or a cycle and reviewer, with the columns of a pdsa log (`cycle`,
        `follows`, `started` …); blank means not recorded. The table is not changed.
    decision_codes : mapping, optional
        Your own code → adopt, adapt or abandon
    score_codes : mapping, optional
        A reviewer's own code → 0, 1, 2 or cannot tell
    reviewers : list of str, optional
        The two reviewers whose agreement is told, as in the column reviewer; needed if there are
        more than two
    small_share : float
        Share of the whole up to which a test scores 2 for its small scale
    text_checked : bool
        Whether somebody has checked that changes, predictions and learning tell of no person;
        nothing of them is shown otherwise
    outcome : str
        What the cycles are about, in plain words
    setting : str
        For whom or where, in plain words
    confidence : float
        Level of the interval of the reviewers' agreement

    Returns
    -------
    PDSAReviewResult
        One point a cycle; ``marks`` are events for run and control charts.

    Raises
    ------
    CannotEvaluate
        If the log holds no cycle.
    DataError
        If cycles point to unknown cycles, in a circle or to a later one, stand twice, end before
        they start, or hold codes that are not known; with the rows, or the parameter that maps
        them.
    ParameterError
        If there are more than two reviewers and none are chosen, or a parameter cannot be used.

    Notes
    -----
    Where the log is structured (what a cycle builds on, its size, its measurements) a rule scores
    it. Predictions and documentation are text, so reviewers score them; the lower score counts
    where they differ. A prediction that is not written down is "not recorded" whoever scored it,
    and scores 1 where no reviewer read it; documentation is then scored by how many of change,
    prediction, learning and decision are filled in. No publication says how small a small scale is:
    `small_share` is ours.

    References
    ----------
    Taylor et al. 2014, BMJ Qual Saf 23:290. Knudsen et al. 2019, BMC Health Serv Res 19:683.
    Fleiss, Cohen and Everitt 1969, Psychol Bull 72:323.
    """
    if not 0 < small_share < 1:
        raise ParameterError(
            "`small_share` is a share of the whole.",
            found=repr(small_share),
            remedy="Give a number between 0 and 1, such as 0.25.",
            where="small_share",
        )
    links_known = "follows" in log
    table = checked(log)
    cycles = cycles_of(table, decision_codes)
    given = given_scores(table, score_codes, reviewers)
    scored = scores(
        cycles, _lower(given, cycles["key"]), small_share=small_share, links_known=links_known
    )
    points = _points(cycles, flags(cycles, links_known=links_known), scored, text_checked)
    pairs = pairs_of(given)
    found = kappas(pairs, confidence)
    projects = _projects(cycles.join(points[[*KEY, "ramp"]]))
    return PDSAReviewResult(
        params={
            "decision_codes": dict(decision_codes or {}),
            "score_codes": dict(score_codes or {}),
            "small_share": small_share,
            "text_checked": text_checked,
            "outcome": outcome,
            "setting": setting,
            "confidence": confidence,
            "reviewers": int(given["reviewer"].nunique()),
        },
        points=points,
        estimates=_estimates(points, projects, pairs, found),
        checks=checks_table(checks_of(points, given, pairs, found)),
        ramps=ramps_table(points),
        projects=projects,
        agreement=agreement_table(pairs, list(FEATURES), confidence),
        disagreements=_disagreements(pairs, points, features(small_share)),
    )


def _lower(given: pd.DataFrame, keys: pd.Series) -> pd.DataFrame:
    """Of each cycle and feature the lower of the reviewers' numbers; "cannot tell" if all that is.

    "0" < "1" < "2" < "cannot tell" as text, too.
    """
    lowest = given.groupby(["key", "feature"])["score"].min().unstack("feature")
    return lowest.reindex(index=keys, columns=list(FEATURES)).set_axis(keys.index).astype("str")


def _points(
    cycles: pd.DataFrame, flagged: pd.DataFrame, scored: pd.DataFrame, text_checked: bool
) -> pd.DataFrame:
    """One row a cycle, for the figure and the page; the texts only if they have been checked."""
    points = cycles.drop(columns=[*TEXTS, "follows_key"])
    words = ["project", "cycle", "follows", "decision", "measure"]
    points[words] = points[words].astype(object).fillna("")
    several = len(points["project"].unique()) > 1
    points["name"] = points["project"] + ": " + points["cycle"] if several else points["cycle"]
    points["ramp"] = ramp_numbers(cycles)
    points = pd.concat([points, flagged, scored], axis=1)
    if text_checked:
        points[list(TEXTS)] = cycles[list(TEXTS)].astype(object).fillna("")
    return points


def _projects(cycles: pd.DataFrame) -> pd.DataFrame:
    """One row a project: its cycles and ramps, and each key feature: yes, no, not recorded."""
    rows = []
    for project, own in cycles.groupby(cycles["project"].fillna(""), sort=False):
        met = key_features(own)
        count = sum(answer == YES for answer in met.values())
        about = {"project": project, "cycles": len(own), "ramps": own["ramp"].nunique()}
        rows.append({**about, **met, "met": count})
    return pd.DataFrame(rows)


def _estimates(
    points: pd.DataFrame, projects: pd.DataFrame, pairs: pd.DataFrame, found: Mapping[str, Kappa]
) -> pd.DataFrame:
    n = len(points)
    counts: dict[str, tuple[float, str, int]] = {
        "cycles": (n, "cycles", n),
        "ramps": (points["ramp"].nunique(), "ramps", n),
        **{name: (int((points[name] == YES).sum()), "cycles", n) for name in KEY},
        "key_features": (float(projects["met"].mean()), "of four key features", len(projects)),
    }
    rows: dict[str, dict[str, Any]] = {
        term: {"estimate": float(value), "unit": unit, "n": count, "method": "counted"}
        for term, (value, unit, count) in counts.items()
    }
    for weights, kappa in found.items():
        rows[f"kappa_{weights}"] = {
            "estimate": kappa.value,
            "se": kappa.se,
            "ci_low": kappa.low,
            "ci_high": kappa.high,
            "unit": "kappa",
            "n": kappa.n,
            "method": f"weighted kappa, {weights} weights",
        }
    both = pairs["first"] == pairs["second"]
    same = 100 * float(both.mean()) if len(pairs) else np.nan
    rows["same_score"] = {"estimate": same, "unit": "%", "n": len(pairs), "method": "counted"}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")
    return table.reindex(columns=ESTIMATE_COLUMNS)


def _disagreements(
    pairs: pd.DataFrame, points: pd.DataFrame, known: Mapping[str, Any]
) -> pd.DataFrame:
    """Every cycle and feature on which the two differ: ``cycle, feature, first, second``."""
    differ = pairs[pairs["first"] != pairs["second"]]
    place = {key: at for at, key in enumerate(points["key"])}
    order = list(known)
    differ = differ.iloc[
        sorted(
            range(len(differ)),
            key=lambda row: (
                place[differ["key"].iloc[row]],
                order.index(differ["feature"].iloc[row]),
            ),
        )
    ]
    names = points.set_index("key")["name"]
    return pd.DataFrame(
        {
            "cycle": differ["key"].map(names).tolist(),
            "feature": [known[feature].name for feature in differ["feature"]],
            "first": differ["first"].tolist(),
            "second": differ["second"].tolist(),
        }
    )
