"""The change between two waves when people of one team are alike: teams as clusters.

Generalised estimating equations (Liang and Zeger 1986, Biometrika 73:13), logit link, one
coefficient for the wave. The only explanatory variable is the wave, so all that a team adds to the
equations is how many met the standard, of how many, in each wave: they are solved from those
counts. That gives what statsmodels' GEE gives on one row a record (a test holds this), and works
just as well on counts of half a million people.

Standard errors: sandwich, corrected for few clusters after Mancl and DeRouen 2001, Biometrics
57:126 (``bias_reduced`` in statsmodels); t with teams less two degrees of freedom (Li and Redden
2015, Stat Med 34:281).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit
from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

from qieval.analysis.audit.methods.intervals import Change, from_se
from qieval.core.config import SEED

Array = NDArray[np.float64]
Working = Literal["independence", "exchangeable"]

FEWEST_TEAMS = 4
"""With fewer teams than this how far they differ cannot be determined from the data."""

MOST_ROWS = 5_000
"""With more records than this the mixed model is not fitted: it needs one row a record."""

_ROUNDS = 60
_WAVES = np.array([[1.0, 0.0], [1.0, 1.0]])
"""Intercept and wave, before and after."""


@dataclass(frozen=True)
class Fit:
    """A fitted model of two waves.

    Attributes
    ----------
    shares : (float, float)
        Modelled share before and after.
    beta : array
        Intercept and log odds ratio of the later wave.
    covariance : array
        Theirs, corrected for few teams.
    correlation : float
        Between people of one team, whichever the wave (working correlation).
    teams : int
        How many.
    """

    shares: tuple[float, float]
    beta: Array
    covariance: Array
    correlation: float
    teams: int

    def change(self, confidence: float) -> Change:
        """Difference of the shares with its interval (delta method)."""
        before, after = self.shares
        slopes = np.array([after * (1 - after), before * (1 - before)])
        gradient = np.array([slopes[0] - slopes[1], slopes[0]])
        se = float(np.sqrt(gradient @ self.covariance @ gradient))
        return from_se(after - before, se, self.teams - 2.0, confidence)


def gee(met: Array, n: Array, working: Working) -> Fit | str:
    """The model, or in words why it cannot be had.

    Parameters
    ----------
    met, n : array (teams × 2)
        How many met the standard, and of how many, before and after.
    working : str
        independence: the shares are those seen, large teams count for more. exchangeable: people
        of a team are equally alike, so that large teams count for less.
    """
    there = n.sum(axis=1) > 0
    met, n = met[there], n[there]
    teams, fewest = len(n), int((n > 0).sum(axis=0).min())
    if fewest < FEWEST_TEAMS:
        many = f"{fewest} team{'' if fewest == 1 else 's'}"
        return f"with {many} in a wave how far they differ cannot be determined"
    if not (met.sum(axis=0) > 0).all() or not (met.sum(axis=0) < n.sum(axis=0)).all():
        return "in one wave none or all met it"
    beta, correlation = _solve(met, n, working)
    if beta is None:
        return "the model did not converge"
    score, weight, _ = _score_and_weight(met, n, beta, correlation)
    inverse = np.linalg.inv(weight.sum(axis=0))
    leverage = np.eye(2) - weight @ inverse
    corrected = np.linalg.solve(leverage, score[..., None])[..., 0]
    covariance = inverse @ (corrected.T @ corrected) @ inverse
    shares = expit(_WAVES @ beta)
    return Fit((float(shares[0]), float(shares[1])), beta, covariance, correlation, teams)


def _solve(met: Array, n: Array, working: Working) -> tuple[Array | None, float]:
    """Coefficients, from the shares as seen onwards; the correlation is estimated on the way."""
    seen = met.sum(axis=0) / n.sum(axis=0)
    logits = np.log(seen / (1 - seen))
    beta = np.array([logits[0], logits[1] - logits[0]])
    if working == "independence":
        return beta, 0.0
    correlation = 0.0
    for _ in range(_ROUNDS):
        before = np.append(beta, correlation)
        score, weight, correlation = _score_and_weight(met, n, beta, correlation)
        beta = beta + np.linalg.solve(weight.sum(axis=0), score.sum(axis=0))
        _, _, correlation = _score_and_weight(met, n, beta, correlation)
        if np.abs(np.append(beta, correlation) - before).max() < 1e-9:
            return beta, correlation
    return None, correlation


def _score_and_weight(
    met: Array, n: Array, beta: Array, correlation: float
) -> tuple[Array, Array, float]:
    """Each team's score and weight with this correlation, and the correlation seen."""
    share = expit(_WAVES @ beta)
    sd = np.sqrt(share * (1 - share))
    off = (met - n * share) / sd  # sums of standardised residuals, teams × waves
    rows = sd[:, None] * _WAVES
    total = n.sum(axis=1)
    pull = correlation / (1 - correlation + correlation * total)
    all_rows = n @ rows
    score = off @ rows - (pull * off.sum(axis=1))[:, None] * all_rows
    weight = np.einsum("tw,wi,wj->tij", n, rows, rows)
    weight = weight - pull[:, None, None] * all_rows[:, :, None] * all_rows[:, None, :]
    squares = (met * (1 - share) ** 2 + (n - met) * share**2) / sd**2
    return score / (1 - correlation), weight / (1 - correlation), _seen(off, squares, total)


def _seen(off: Array, squares: Array, total: Array) -> float:
    """Mean product of the residuals of two people of one team, as statsmodels has it."""
    people, pairs = total.sum(), (total * (total - 1) / 2).sum()
    if pairs <= 2:
        return 0.0
    scale = squares.sum() / (people - 2)
    products = ((off.sum(axis=1) ** 2 - squares.sum(axis=1)) / 2).sum() / scale
    least = -1 / max(1.0, float(total.max()) - 1) + 1e-6  # below it no such correlation exists
    return float(np.clip(products / (pairs - 2), least, 0.999))


def mixed(met: Array, n: Array) -> float | str:
    """Log odds ratio of the later wave in a mixed logistic model, or why it is not fitted.

    Random effects for the team and for the team in a wave (statsmodels' BinomialBayesMixedGLM,
    variational Bayes). A second look at the sign and size: its intervals are known to be too
    narrow, so it gives none.
    """
    teams = len(n)
    if n.sum() > MOST_ROWS:
        return f"it needs one row a record, and there are more than {MOST_ROWS:,}"
    if teams < FEWEST_TEAMS:
        return "there are too few teams"
    yes, no = met.ravel().astype(int), (n - met).ravel().astype(int)
    if yes.sum() == 0 or no.sum() == 0:
        return "none or all met it"
    cells = np.arange(2 * teams)
    cell = np.concatenate([np.repeat(cells, yes), np.repeat(cells, no)])
    answer = np.repeat([1.0, 0.0], [yes.sum(), no.sum()])
    columns = np.column_stack([cell // 2, teams + cell]).ravel()
    rows = np.repeat(np.arange(len(cell)), 2)
    effects = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(cell), 3 * teams))
    kinds = np.repeat([0, 1], [teams, 2 * teams])
    model = BinomialBayesMixedGLM(answer, _WAVES[cell % 2], effects, kinds)
    return float(model.fit_vb(rng=SEED, fit_method="L-BFGS-B").fe_mean[1])
