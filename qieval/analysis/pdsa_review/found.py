"""What a review of PDSA cycles found, as tables. Words and parts are built on these."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from qieval.core.result import Result


@dataclass(frozen=True, eq=False, repr=False)
class Found(Result):
    """The tables of a review.

    Attributes
    ----------
    points : DataFrame
        One row a cycle, in the order in which they began: ``name, project, cycle, follows, ramp,
        started, ended, size, whole, data_points, decision, measure``; ``linked, predicted, small,
        measured`` (yes, no, not recorded); a score a feature (0, 1, 2, cannot tell, not recorded).
        The texts ``change, prediction, learning`` only if they have been checked.
    estimates : DataFrame
        Counts of cycles, key features (mean over projects), ``kappa_linear``, ``kappa_quadratic``
        and ``same_score`` (percent of pairs).
    ramps : DataFrame
        One row a ramp: ``ramp, project, cycles, n, started, ended, scale, decision``.
    projects : DataFrame
        One row a project: cycles, ramps, each key feature (yes, no, not recorded), ``met``.
    agreement : DataFrame
        One row a feature: how often two reviewers gave the same score, and kappa.
    disagreements : DataFrame
        One row a cycle and feature on which they differ: ``cycle, feature, first, second``.
    """

    ramps: pd.DataFrame
    projects: pd.DataFrame
    agreement: pd.DataFrame
    disagreements: pd.DataFrame
