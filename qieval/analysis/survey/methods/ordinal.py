"""Two samples of answers on an ordinal scale: how much better the second is, three ways.

Proportional odds (McCullagh 1980, J R Stat Soc B 42:109), its check against separate odds at every
step of the scale, and the chance that a later answer is the better one (Mann-Whitney).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.nonparametric import rank_compare_2ordinal
from statsmodels.tools.numdiff import approx_fprime

from qieval.core.proportions import Ends

Array = NDArray[np.float64]
Places = NDArray[np.int64]

_UNTOLD = 5.0
"""A standard error of the log odds ratio beyond this says nothing: one answer decides it all."""


_HAIR = 1e-9


@dataclass(frozen=True)
class Fit:
    """A fitted proportional-odds model.

    Attributes
    ----------
    log_odds : float
        Log odds ratio of a better answer in the later sample.
    se : float
        Its standard error, from the likelihood.
    pulls : array
        How far each answer pulls the log odds ratio; sums of them give robust standard errors.
    log_likelihood : float
        At its maximum.
    """

    log_odds: float
    se: float
    pulls: Array
    log_likelihood: float


class _Logit(OrderedModel):
    """statsmodels' model with its derivative written out: twenty times fewer likelihoods.

    An answer at level j lies between the cut points j and j + 1 of a logistic variable about x'b
    (McCullagh 1980). statsmodels holds the lowest cut point, and the logarithms of the steps from
    one to the next.
    """

    def score_obs(self, params: Array, **_: object) -> Array:
        """Derivative of the log likelihood of each answer, a column a parameter."""
        columns = self.exog.shape[1]
        cuts = self.transform_threshold_params(params)
        centre = self.exog @ params[:columns]
        above, below = cuts[self.endog + 1] - centre, cuts[self.endog] - centre
        likely = expit(above) - expit(below)
        up, down = (expit(end) * expit(-end) / likely for end in (above, below))
        answers = np.arange(len(self.endog))
        by_cut = np.zeros((len(answers), len(cuts)))
        by_cut[answers, self.endog + 1] = up
        by_cut[answers, self.endog] = -down
        from_here_up = by_cut[:, :0:-1].cumsum(axis=1)[:, :0:-1]  # a step moves all cuts above it
        steps = np.r_[1.0, np.exp(params[columns + 1 :])]
        return np.column_stack([(down - up)[:, None] * self.exog, from_here_up * steps])

    def score(self, params: Array, **_: object) -> Array:
        """Derivative of the log likelihood."""
        return self.score_obs(params).sum(axis=0)

    def hessian(self, params: Array, **_: object) -> Array:
        """Second derivative, by differences of the first."""
        second = approx_fprime(params, self.score, centered=True)
        return (second + second.T) / 2


def proportional_odds(places: Places, later: Array, others: Array | None = None) -> Fit | str:
    """Odds of a better answer, later over earlier; or in words why they cannot be had.

    Parameters
    ----------
    places : array of int
        The answers' places on the scale. Levels that nobody chose carry no information.
    later : array
        1 for answers of the later sample, 0 for the earlier.
    others : array, optional
        Further columns of the model, such as one for each ward but the first.
    """
    _, levels = np.unique(places, return_inverse=True)
    if levels.max() == 0:
        return "everybody gave the same answer"
    first, last = levels[later == 0], levels[later == 1]
    if first.max() <= last.min():
        return "no answers overlap: every later one is at least as good as every earlier one"
    if last.max() <= first.min():
        return "no answers overlap: every later one is at most as good as every earlier one"
    design = later[:, None] if others is None else np.column_stack([later, others])
    model = _Logit(levels, design.astype(float), distr="logit")
    fit = model.fit(method="bfgs", disp=0, maxiter=500)
    slope = np.abs(model.score(fit.params)).max() / len(levels)
    if not slope < 1e-3 or not 0 < fit.bse[0] < _UNTOLD:
        return "the model did not settle"
    covariance = np.asarray(fit.cov_params())
    pulls = np.asarray(model.score_obs(fit.params)) @ covariance
    return Fit(float(fit.params[0]), float(fit.bse[0]), pulls[:, 0], float(fit.llf))


def robust(pulls: Array, clusters: NDArray[np.str_]) -> tuple[Array, int]:
    """Covariance of several estimates whose pulls stand side by side, and how many clusters.

    Sandwich over clusters, with the correction G / (G - 1) (Liang and Zeger 1986).
    """
    sums = pd.DataFrame(pulls).groupby(clusters).sum().to_numpy()
    count = len(sums)
    return count / (count - 1) * sums.T @ sums, count


class NonProportional(NamedTuple):
    """Likelihood ratio of separate odds at every step against the same odds at each."""

    statistic: float
    df: int
    p_value: float


def against_separate(
    first: Array, last: Array, fit: Fit | str | None = None
) -> NonProportional | None:
    """The check of proportional odds from the counts of each level; None if it cannot fail.

    Separate cumulative logits for two samples fit the two tables of counts exactly, so their
    likelihood needs no fitting. `fit` is that of the two samples alone, where it is at hand.
    """
    counts = np.array([first, last])[:, (first + last) > 0]
    df = counts.shape[1] - 2
    if df < 1:
        return None
    if fit is None:
        places = np.repeat(np.tile(np.arange(counts.shape[1]), 2), counts.ravel().astype(int))
        later = np.repeat([0.0, 1.0], counts.sum(axis=1).astype(int))
        fit = proportional_odds(places, later)
    if isinstance(fit, str):
        return None
    shares = counts / counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = float(np.where(counts > 0, counts * np.log(shares), 0.0).sum())
    statistic = max(0.0, 2 * (exact - fit.log_likelihood))
    return NonProportional(statistic, df, float(stats.chi2.sf(statistic, df)))


def steps_of(first: Array, last: Array, confidence: float) -> list[Ends]:
    """Odds ratio of an answer at least as good as each level but the worst, without a model.

    Interval: Woolf's; not known where nobody stands on one side.
    """
    found = []
    for cut in range(1, len(first)):
        table = np.array(
            [[last[cut:].sum(), last[:cut].sum()], [first[cut:].sum(), first[:cut].sum()]]
        )
        if (table == 0).any():
            found.append(Ends(np.nan, np.nan, np.nan))
            continue
        odds = Table2x2(table, shift_zeros=False)
        low, high = odds.oddsratio_confint(alpha=1 - confidence)
        found.append(Ends(float(odds.oddsratio), float(low), float(high)))
    return found


class Superiority(NamedTuple):
    """The chance that an answer of the later sample is the better one."""

    ends: Ends
    se: float
    df: float
    p_value: float


def superiority(first: Array, last: Array, confidence: float) -> Superiority:
    """Chance that of two people, one of each sample, the later answered better; ties count half.

    Brunner and Munzel 2000 (Biom J 42:17): variance allows for ties and unequal spread; t interval.
    Where the answers leave nothing to estimate that variance from (all of one sample are better, or
    all the same): Newcombe 2006 (:func:`without_variance`).
    """
    with np.errstate(invalid="ignore"):  # everybody alike: 0 over 0 degrees of freedom
        found = rank_compare_2ordinal(last, first)
    value, se = float(found.prob1), float(np.sqrt(found.var_prob))
    if not se > 0:
        return without_variance(value, float(first.sum()), float(last.sum()), confidence)
    low, high = found.conf_int(alpha=1 - confidence)
    p_value = float(found.test_prob_superior(value=0.5).pvalue)
    ends = Ends(value, max(0.0, float(low)), min(1.0, float(high)))
    return Superiority(ends, se, float(found.df), p_value)


def without_variance(value: float, first: float, last: float, confidence: float) -> Superiority:
    """The chance from its value and the sizes of the samples alone: method 5 of Newcombe 2006.

    Stat Med 25:559; score interval with Hanley and McNeil's variance at each chance that is asked.
    """
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    middle = (first + last) / 2 - 1

    def se(chance: float) -> float:
        spread = 1 + middle * ((1 - chance) / (2 - chance) + chance / (1 + chance))
        return float(np.sqrt(chance * (1 - chance) * spread / (first * last)))

    # At 0 and 1 the variance is none, so the value itself solves the equation: it is passed by.
    low = brentq(lambda x: value - x - z * se(x), 0, value - _HAIR) if value > 0 else 0.0
    high = brentq(lambda x: value - x + z * se(x), value + _HAIR, 1) if value < 1 else 1.0
    p_value = float(2 * stats.norm.sf(abs(value - 0.5) / se(0.5)))
    return Superiority(Ends(value, float(low), float(high)), np.nan, np.nan, p_value)
