"""The survey: its odds ratios are recovered, and its comments can be told wherever they leak."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

from simulation.survey import ITEMS, ODDS_RATIO, ORDER

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


def test_evenings_are_better_and_weekends_are_not(survey: pd.DataFrame) -> None:
    own = survey[(survey["project"] == "chestnut-activities")]
    content = {
        item: own[own[item].isin(ORDER)]
        .groupby("wave")[item]
        .agg(lambda told: told.isin(ORDER[3:]).mean())
        for item in ITEMS
    }
    assert content["evening"]["May 2019"] > content["evening"]["May 2018"] + 0.1
    assert abs(content["weekend"]["May 2019"] - content["weekend"]["May 2018"]) < 0.1


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
