"""PDSA review: which cycles were linked, predicted, small and measured, and their ramps.

The way of the data: log → cycles and reviewers' scores (:mod:`.methods.cycles`) → flags and scores
(:mod:`.methods.rubric`), ramps (:mod:`.methods.ramps`), agreement of two reviewers
(:mod:`.methods.agreement`) → :mod:`.tables` → checks → words. For learning: nothing judges a team.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from qieval.analysis.pdsa_review import tables
from qieval.analysis.pdsa_review.checks import review_checks
from qieval.analysis.pdsa_review.methods.agreement import agreement_table, kappas, pairs_of
from qieval.analysis.pdsa_review.methods.cycles import checked, cycles_of, given_scores
from qieval.analysis.pdsa_review.methods.ramps import ramps_table
from qieval.analysis.pdsa_review.methods.rubric import KEY, features, flags, scores
from qieval.analysis.pdsa_review.words import PDSAReviewResult
from qieval.core.checks import checks_table
from qieval.core.config import CONFIDENCE
from qieval.core.errors import ParameterError
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.intake.tables.pdsa import FEATURES


@public
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
    asked = recorded(pdsa_review, locals())
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
    flagged = flags(cycles, links_known=links_known)
    points = tables.points_table(cycles, flagged, scored, text_checked)
    pairs = pairs_of(given)
    kappa = kappas(pairs, confidence)
    projects = tables.projects_table(cycles.join(points[[*KEY, "ramp"]]))
    return PDSAReviewResult(
        params={
            **asked,
            "decision_codes": dict(decision_codes or {}),
            "score_codes": dict(score_codes or {}),
            "reviewers": int(given["reviewer"].nunique()),  # their names are never kept
        },
        points=points,
        estimates=tables.review_estimates(points, projects, pairs, kappa),
        checks=checks_table(review_checks(points, given, pairs, kappa)),
        ramps=ramps_table(points),
        projects=projects,
        agreement=agreement_table(pairs, list(FEATURES), confidence),
        disagreements=tables.disagreements_table(pairs, points, features(small_share)),
    )


def _lower(given: pd.DataFrame, keys: pd.Series) -> pd.DataFrame:
    """Of each cycle and feature the lower of the reviewers' numbers; "cannot tell" if all that is.

    "0" < "1" < "2" < "cannot tell" as text, too.
    """
    lowest = given.groupby(["key", "feature"])["score"].min().unstack("feature")
    return lowest.reindex(index=keys, columns=list(FEATURES)).set_axis(keys.index).astype("str")
