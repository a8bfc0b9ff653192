"""The audits: single checks become common, all six stay rare, teams that leave had done less."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from simulation.audit import LEAVERS, ONE_TEAM, PROGRAMME_WIDE, STANDARDS, STAYERS, WAVES

Table = Callable[[str], pd.DataFrame]
NO_CHANCE = 3.5  # standard errors; one of about 60 figures is that far off once in 30 seeds


@pytest.fixture
def audit(table: Table) -> pd.DataFrame:
    return table("audit")


def applicable(audit: pd.DataFrame) -> pd.DataFrame:
    kept = audit[audit["result"] != "not applicable"]
    return kept.assign(met=kept["result"] == "met")


def shares(audit: pd.DataFrame) -> pd.DataFrame:
    """Each check, and all six: share and number, by wave; blank and refused are not met."""
    told = applicable(audit)
    single = told.groupby(["wave", "standard"])["met"].agg(["mean", "size"])
    every = told.groupby(["wave", "record"])["met"].all().groupby("wave").agg(["mean", "size"])
    every.index = pd.MultiIndex.from_product([every.index, ["all six"]])
    return pd.concat([single, every])


@pytest.mark.parametrize(
    ("project", "which", "teams"),
    [
        (PROGRAMME_WIDE, "all_teams", None),
        (PROGRAMME_WIDE, "same_teams", STAYERS),
        (ONE_TEAM, "all_teams", None),
    ],
)
def test_the_true_shares_are_found(
    audit: pd.DataFrame,
    projects: dict[str, Any],
    project: str,
    which: str,
    teams: tuple[str, ...] | None,
) -> None:
    own = audit[audit["project"] == project]
    found = shares(own if teams is None else own[own["team"].isin(teams)])
    truth = projects[project]["audit"][which]
    assert set(found.index.get_level_values(0)) == set(truth)
    for wave, said in truth.items():
        assert list(said) == [*STANDARDS, "all six"]
        for name, share in said.items():
            mean, number = found.loc[(wave, name)]
            assert abs(mean - share) < NO_CHANCE * math.sqrt(share * (1 - share) / number), name


@pytest.mark.parametrize("project", [PROGRAMME_WIDE, ONE_TEAM])
def test_every_check_rises_and_all_six_stay_rare(
    audit: pd.DataFrame, projects: dict[str, Any], project: str
) -> None:
    waves = list(projects[project]["audit"]["all_teams"].values())
    found = shares(audit[audit["project"] == project])["mean"].unstack().sort_index()
    first, last = found.iloc[0], found.iloc[-1]
    for name in STANDARDS:
        assert last[name] > first[name] + 0.1
        assert waves[-1][name] > waves[0][name] + 0.05
    assert first["all six"] < last["all six"] < 0.15
    assert last["all six"] <= last[list(STANDARDS)].min()


def test_teams_that_left_make_the_change_look_larger_than_it_is(
    audit: pd.DataFrame, projects: dict[str, Any]
) -> None:
    own = audit[audit["project"] == PROGRAMME_WIDE]
    teams = own.groupby("wave")["team"].agg(set)
    for team, waves in LEAVERS.items():
        assert [team in teams[wave] for wave in WAVES] == [place < waves for place in range(3)]
    truth = projects[PROGRAMME_WIDE]["audit"]
    for name in STANDARDS:
        every, same = (
            truth[which]["Spring 2019"][name] - truth[which]["Spring 2017"][name]
            for which in ("all_teams", "same_teams")
        )
        assert every > same + 0.02
    first = applicable(own[own["wave"] == "Spring 2017"])
    done = first.groupby(first["team"].isin(LEAVERS))["met"].mean()
    assert done[True] < done[False] - 0.1


def test_the_one_team_looked_at_the_same_people_again(audit: pd.DataFrame) -> None:
    people = audit[audit["project"] == ONE_TEAM].groupby("wave")["record"].agg(set)
    assert people["Spring 2018"] == people["Spring 2019"]
    assert len(people["Spring 2018"]) == 40
    others = audit[audit["project"] == PROGRAMME_WIDE]
    assert (others.groupby("record")["wave"].nunique() == 1).all()


def test_every_code_occurs(audit: pd.DataFrame) -> None:
    assert set(audit["result"]) == {"met", "not met", "not applicable", "refused", ""}
