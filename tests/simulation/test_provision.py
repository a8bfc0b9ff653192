"""What services offer: more standards met, access behind on the coast, three to be accredited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from simulation.provision import PROJECT

NEEDED = {"1": 1.0, "2": 0.8, "3": 0.6}


@pytest.fixture
def answers(table: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    told = table("provision")
    told = told[told["result"] != "not applicable"]
    return told.assign(met=told["result"] == "met", number=told["standard"].str.split().str[0])


@pytest.fixture
def said(projects: dict[str, Any]) -> dict[str, Any]:
    return projects[PROJECT]["provision"]


def test_the_accredited_are_those_of_the_truth(answers: pd.DataFrame, said: dict[str, Any]) -> None:
    share = answers.groupby(["wave", "team", "type"])["met"].mean().unstack()
    reached = share.ge(pd.Series(NEEDED)).all(axis=1)
    for wave in ("2017", "2019"):
        assert sorted(reached[wave].index[reached[wave]]) == said["accredited"][wave]


def test_who_took_part_when(answers: pd.DataFrame, said: dict[str, Any]) -> None:
    teams = answers.groupby("wave")["team"].agg(set)
    assert sorted(teams["2017"] - teams["2019"]) == sorted(said["only_in_first_wave"])
    assert sorted(teams["2019"] - teams["2017"]) == sorted(said["only_in_last_wave"])
    assert len(teams["2017"] | teams["2019"]) == 14


def test_the_same_services_meet_more(answers: pd.DataFrame) -> None:
    both = answers.groupby("team")["wave"].transform("nunique") == 2
    share = answers[both].groupby(["type", "wave"])["met"].mean().unstack()
    assert (share["2019"] > share["2017"] + 0.05).all()


def test_access_lags_behind_on_the_coast(answers: pd.DataFrame, said: dict[str, Any]) -> None:
    access = answers[answers["number"].isin(said["standards_of_access"])]
    share = access[access["wave"] == "2019"].groupby("locality")["met"].mean()
    assert share.idxmin() == "Coast"
    assert share.drop("Coast").min() > share["Coast"] + 0.15


def test_no_service_but_the_accredited_has_a_crisis_plan_for_everyone(
    answers: pd.DataFrame, said: dict[str, Any]
) -> None:
    plans = answers[answers["number"] == "1.2"]
    met = plans[plans["met"]]
    assert sorted(met["team"]) == said["accredited"]["2019"]
    assert set(met["wave"]) == {"2019"}
