"""Models for ordinal answers against published worked examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.tools.numdiff import approx_fprime

import qieval as qi
from qieval.analysis.survey.methods.ordinal import (
    _Logit,
    against_separate,
    proportional_odds,
    robust,
    steps_of,
    superiority,
)
from tests.analysis.survey.made import expanded

# Agresti, An Introduction to Categorical Data Analysis (1996), table 8.6; General Social Survey
# 1991: ideology from very liberal to very conservative. Log odds ratio 0.975 (SE 0.129), odds ratio
# 2.65; the model against the table: G² = 3.7 with 3 degrees of freedom.
IDEOLOGY = ("very liberal", "liberal", "moderate", "conservative", "very conservative")
DEMOCRATS, REPUBLICANS = (80, 81, 171, 41, 55), (30, 46, 148, 84, 99)

# McCullagh 1980, J R Stat Soc B 42:109: size of tonsils of carriers of Streptococcus pyogenes and
# of others. Log odds ratio 0.603 (SE 0.227); against the table 0.30 with 1 degree of freedom.
NOT_CARRIERS, CARRIERS = (497, 560, 269), (19, 29, 24)


def _long(first, last):
    places = np.repeat([*range(len(first)), *range(len(last))], [*first, *last])
    return places, np.repeat([0.0, 1.0], [sum(first), sum(last)])


@pytest.mark.parametrize(
    ("first", "last", "log_odds", "se"),
    [(DEMOCRATS, REPUBLICANS, 0.975, 0.129), (NOT_CARRIERS, CARRIERS, 0.603, 0.227)],
)
def test_proportional_odds_as_published(first, last, log_odds, se):
    found = proportional_odds(*_long(first, last))
    assert round(found.log_odds, 3) == log_odds
    assert round(found.se, 3) == se


@pytest.mark.parametrize(
    ("first", "last", "statistic", "df"),
    [(DEMOCRATS, REPUBLICANS, 3.7, 3), (NOT_CARRIERS, CARRIERS, 0.3, 1)],
)
def test_the_check_of_proportional_odds_as_published(first, last, statistic, df):
    found = against_separate(np.array(first, float), np.array(last, float))
    assert (round(found.statistic, 1), found.df) == (statistic, df)


def test_the_whole_analysis_gives_the_published_odds_ratio():
    table = expanded({"1": DEMOCRATS, "2": REPUBLICANS}, IDEOLOGY)
    found = qi.survey(table, items=["item"], order=IDEOLOGY, wave="wave").term("odds_ratio: item")
    assert round(found.value, 2) == 2.65
    # exp(0.975 ± 1.96 × 0.129)
    assert (round(found.low, 1), round(found.high, 1)) == (2.1, 3.4)


def test_chance_of_the_better_answer_as_published():
    """Brunner and Munzel 2000, Biom J 42:17 (pain scores), with the correction of Neubert and
    Brunner 2007: 0.789, 95% interval 0.595 to 0.983, p = 0.0058 with 17.68 degrees of freedom."""
    first, last = np.array([11, 2, 0, 1, 0.0]), np.array([3, 1, 4, 2, 1.0])
    found = superiority(first, last, 0.95)
    assert [round(end, 3) for end in found.ends] == [0.789, 0.595, 0.983]
    assert (round(found.p_value, 4), round(found.df, 2)) == (0.0058, 17.68)


@pytest.mark.parametrize("size", [10, 40])
def test_a_chance_of_1_has_the_interval_of_newcombe(size):
    """Method 5 of Newcombe 2006, Stat Med 25:559, solved by hand for a chance of 1.

    With m the common size the lower end x is where (1 - x)² = z² x (1 - x) / m² times
    1 + (m - 1) ((1 - x) / (2 - x) + x / (1 + x)).
    """
    found = superiority(np.array([size, 0.0, 0.0]), np.array([0.0, 0.0, size]), 0.95)
    assert (found.ends.value, found.ends.high) == (1, 1)
    x = found.ends.low
    spread = 1 + (size - 1) * ((1 - x) / (2 - x) + x / (1 + x))
    assert (1 - x) ** 2 == pytest.approx(1.959964**2 * x * (1 - x) * spread / size**2, rel=1e-5)
    back = superiority(np.array([0.0, 0.0, size]), np.array([size, 0.0, 0.0]), 0.95)
    assert (back.ends.low, back.ends.high) == pytest.approx((0, 1 - x))
    # At a chance of one half the variance is that of Mann and Whitney's test: (2m + 1) / 12 m².
    z = 0.5 / np.sqrt((2 * size + 1) / (12 * size**2))
    assert found.p_value == pytest.approx(2 * norm.sf(z))


def test_robust_errors_of_people_who_answer_once_are_near_those_of_the_model():
    fit = proportional_odds(*_long(DEMOCRATS, REPUBLICANS))
    people = np.arange(835).astype(str)
    covariance, clusters = robust(fit.pulls[:, None], people)
    assert clusters == 835
    assert np.sqrt(covariance[0, 0]) == pytest.approx(fit.se, rel=0.02)


def test_a_step_of_the_scale_is_the_odds_ratio_of_a_two_by_two_table():
    found = steps_of(np.array(NOT_CARRIERS, float), np.array(CARRIERS, float), 0.95)
    assert found[0].value == pytest.approx(((29 + 24) / 19) / ((560 + 269) / 497))
    assert found[1].value == pytest.approx((24 / (19 + 29)) / (269 / (497 + 560)))


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ((0, 20, 0), (0, 20, 0), "same answer"),
        ((20, 10, 0), (0, 5, 20), "at least as good"),
        ((0, 5, 20), (20, 10, 0), "at most as good"),
    ],
)
def test_what_has_no_odds_ratio_says_why(first, last, why):
    assert why in proportional_odds(*_long(first, last))


@given(st.integers(0, 2**32 - 1))
def test_the_derivative_written_out_is_that_of_the_likelihood(seed):
    rng = np.random.default_rng(seed)
    later = (np.arange(80) % 2).astype(float)
    design = np.column_stack([later, rng.integers(0, 2, 80)]).astype(float)
    answers = np.unique(rng.integers(0, 5, 80), return_inverse=True)[1]
    ours = _Logit(answers, design, distr="logit")
    theirs = OrderedModel(answers, design, distr="logit")
    params = ours.start_params + rng.normal(0, 0.2, len(ours.start_params))
    expected = approx_fprime(params, theirs.loglikeobs, centered=True)
    assert ours.score_obs(params) == pytest.approx(expected, abs=1e-6)
