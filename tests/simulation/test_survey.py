"""The survey: its odds ratios are recovered, and its comments can be told wherever they leak."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

from simulation.drawing import log_odds, logistic
from simulation.survey import CUTS, ITEMS, ODDS_RATIO, ORDER, PLACES, WAVES

CASES = [(project, item) for project in ODDS_RATIO for item in ITEMS]
NO_CHANCE = 2.8  # standard errors; of ten figures one is that far off in 5 of 100 seeds


@pytest.fixture
def survey(table: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    return table("survey")


@pytest.mark.parametrize(("project", "item"), CASES)
def test_the_odds_ratio_of_the_second_wave_is_found(
    survey: pd.DataFrame, projects: dict[str, Any], project: str, item: str
) -> None:
    said = projects[project]["survey"]
    answers = survey[(survey["project"] == project) & survey[item].isin(said["order"])]
    given = [answer for answer in ORDER if answer in set(answers[item])]
    graded = pd.Series(pd.Categorical(answers[item], categories=given, ordered=True))
    known = pd.DataFrame({"later": (answers["wave"] == "May 2019").astype(float).to_numpy()})
    for ward in sorted(set(answers["ward"]))[1:]:
        known[ward] = (answers["ward"] == ward).astype(float).to_numpy()
    fit = OrderedModel(graded, known, distr="logit").fit(method="bfgs", disp=False)
    truth = math.log(said["odds_ratio_of_second_wave"][item])
    assert abs(fit.params["later"] - truth) < NO_CHANCE * fit.bse["later"]


@pytest.mark.parametrize("item", ITEMS)
def test_the_share_of_content_is_the_one_built_in(survey: pd.DataFrame, item: str) -> None:
    """Of each project and wave, over the wards as many as they are."""
    told = survey[survey[item].isin(ORDER)]
    own_log_odds = {ward: own for _, ward, _, _, own in PLACES}
    for (project, wave), answers in told.groupby(["project", "wave"]):
        later = math.log(ODDS_RATIO[project][item]) if wave == WAVES[1] else 0.0
        below = log_odds(CUTS[item][2])
        content = [1 - logistic(below - own_log_odds[ward] - later) for ward in answers["ward"]]
        spread = math.sqrt(sum(p * (1 - p) for p in content)) / len(content)
        share = answers[item].isin(ORDER[3:]).mean()
        assert abs(share - sum(content) / len(content)) < 3 * spread


def test_who_answered_is_as_stated(survey: pd.DataFrame, projects: dict[str, Any]) -> None:
    answered = survey.groupby(["ward", "wave"]).size().unstack()
    for project in ODDS_RATIO:
        for ward, said in projects[project]["survey"]["wards"].items():
            assert list(answered.loc[ward]) == said["answered"]
            assert all(a <= i for a, i in zip(said["answered"], said["invited"], strict=True))
    assert answered.loc["Spindle unit"].max() < 10
    assert answered.drop("Spindle unit").min().min() >= 10


def test_answers_hold_each_code_and_nothing_else(survey: pd.DataFrame) -> None:
    for item in ITEMS:
        assert set(survey[item]) == {*ORDER, "don't know", ""}


def test_every_comment_can_be_told_from_other_text(survey: pd.DataFrame) -> None:
    comments = survey.loc[survey["comment"] != "", "comment"]
    assert comments.str.startswith("Simulated comment").all()
    assert 0.2 < len(comments) / len(survey) < 0.4
