"""How far two reviewers agree: weighted kappa, and every cycle and feature on which they differ.

Kappa with linear (Cicchetti and Allison 1971) and quadratic weights (Fleiss and Cohen 1973); its
large-sample standard error after Fleiss, Cohen and Everitt 1969 (Psychological Bulletin 72:323), by
statsmodels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa

from qieval.analysis.pdsa_review.methods.rubric import NUMBERS

FEWEST = 10
"""Pairs below which kappa is not computed: its standard error is one for large samples."""
WEIGHTS = ("linear", "quadratic")


class Kappa(NamedTuple):
    """Agreement beyond chance, with its interval; nan where it cannot be had."""

    value: float
    se: float
    low: float
    high: float
    n: int


def weighted_kappa(
    first: Sequence[str],
    second: Sequence[str],
    levels: Sequence[str],
    weights: str,
    confidence: float,
) -> Kappa:
    """Weighted kappa of two reviewers' scores of the same things.

    Parameters
    ----------
    first, second : sequence of str
        Scores in the same order.
    levels : sequence of str
        The scale, lowest first.
    weights : "linear" or "quadratic"
        How a larger difference counts.
    confidence : float
        Level of the interval, which rests on the normal distribution and ends at -1 and 1.
    """
    at = {level: place for place, level in enumerate(levels)}
    table = np.zeros((len(levels), len(levels)))
    for one, other in zip(first, second, strict=True):
        table[at[one], at[other]] += 1
    unknown = Kappa(np.nan, np.nan, np.nan, np.nan, len(first))
    # Both gave everything the same one score: chance alone would agree fully.
    if not len(first) or (table.sum(axis=0) * table.sum(axis=1)).max() == len(first) ** 2:
        return unknown
    with np.errstate(divide="ignore", invalid="ignore"):  # of its test against 0, not used here
        kappa = cohens_kappa(table, wt=weights)
    value, se = float(kappa.kappa), float(np.sqrt(max(0.0, kappa.var_kappa)))
    if se < 1e-9:  # no difference at all: the large-sample interval would be of no width
        return unknown._replace(value=value)
    half = se * float(stats.norm.ppf(0.5 + confidence / 2))
    return Kappa(value, se, max(-1.0, value - half), min(1.0, value + half), len(first))


def pairs_of(scores: pd.DataFrame) -> pd.DataFrame:
    """Cycles and features that both reviewers scored: ``key, feature, first, second``."""
    if scores["reviewer"].nunique() < 2:
        return pd.DataFrame(columns=["key", "feature", "first", "second"], dtype="str")
    wide = scores.pivot(index=["key", "feature"], columns="reviewer", values="score").dropna()
    return wide.set_axis(["first", "second"], axis=1).reset_index()


def numbered(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs in which both gave a number; "cannot tell" has no place on the scale."""
    return pairs[pairs["first"].isin(NUMBERS) & pairs["second"].isin(NUMBERS)]


def kappas(pairs: pd.DataFrame, confidence: float) -> dict[str, Kappa]:
    """Kappa by weights over all features; nan below :data:`FEWEST` pairs."""
    counted = numbered(pairs)
    if len(counted) < FEWEST:
        return {w: Kappa(np.nan, np.nan, np.nan, np.nan, len(counted)) for w in WEIGHTS}
    first, second = counted["first"].tolist(), counted["second"].tolist()
    return {w: weighted_kappa(first, second, NUMBERS, w, confidence) for w in WEIGHTS}


def agreement_table(
    pairs: pd.DataFrame, features: Sequence[str], confidence: float
) -> pd.DataFrame:
    """One row a feature: ``feature, pairs, same, apart`` (steps, at most), ``untold``, kappas."""
    rows = []
    for feature in features:
        own = pairs[pairs["feature"] == feature]
        counted = numbered(own)
        apart = (counted["first"].astype(int) - counted["second"].astype(int)).abs()
        rows.append(
            {
                "feature": feature,
                "pairs": len(counted),
                "same": int((apart == 0).sum()),
                "one_apart": int((apart == 1).sum()),
                "two_apart": int((apart == 2).sum()),
                "untold": len(own) - len(counted),
                **{
                    f"kappa_{weights}": kappa.value
                    for weights, kappa in kappas(own, confidence).items()
                },
            }
        )
    return pd.DataFrame(rows)
