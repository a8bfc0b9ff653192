"""What else happened, staffing and involvement: in the files as in the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import yaml

from qieval.core.workspace import shipped
from simulation.involvement import STAGES
from simulation.programme import CHALLENGES
from simulation.staffing import TEAMS
from simulation.wards import WARDS

Table = Callable[[str], pd.DataFrame]
LEVELS = {"none", "informed", "consulted", "co-designed", "led", ""}


def test_every_ward_project_and_its_other_change_are_among_the_events(table: Table) -> None:
    events = table("events")
    assert list(events["date"]) == sorted(events["date"])
    for ward in WARDS:
        own = events[events["project"] == ward.project]
        assert str(ward.intervention) in set(own.loc[own["kind"] == "project", "date"])
        if ward.other:
            assert str(ward.other.month) in set(own.loc[own["kind"] == "organisation", "date"])


def test_events_of_a_parameter_file_are_in_the_log_too(table: Table) -> None:
    events = table("events")
    logged = set(zip(events["project"], events["date"], events["event"], strict=True))
    for file in shipped("params/closing-the-gap").rglob("*.yml"):
        asked = yaml.safe_load(file.read_text(encoding="utf-8"))
        for event in asked.get("events") or [] if "events" in asked else []:
            told = (file.parent.name, str(event["date"]), event["event"])
            same_day = {entry for entry in logged if entry[:2] == told[:2]}
            assert same_day, told


def test_staff_changes_and_mergers_are_events(table: Table) -> None:
    kinds = table("events").groupby("project")["kind"].agg(set)
    assert all("staffing" in kinds[folder] for folder in CHALLENGES["staff changes"])
    for challenge in ("two teams merged", "re-organisation", "dropped out"):
        assert all("organisation" in kinds[folder] for folder in CHALLENGES[challenge])


def test_vacancies_are_worse_when_they_are_said_to_be(table: Table) -> None:
    told = table("staffing").astype({"vacancy": float})
    for team in TEAMS:
        own = told[told["team"] == team.team].set_index("period")["vacancy"]
        if team.worse is None:
            assert abs(own.mean() - team.vacancy) < 0.6
            continue
        first, after = (str(day) for day in team.worse)
        then = (own.index >= first) & (own.index < after)
        assert abs(own[then].mean() - team.vacancy - team.by) < 2
        assert abs(own[~then].mean() - team.vacancy) < 0.7


def test_involvement_is_as_the_truth_counts_it(table: Table, projects: dict[str, Any]) -> None:
    told = table("involvement")
    assert set(told["stage"]) <= set(STAGES)
    assert set(told["level"]) == LEVELS
    for folder, own in told.groupby("project"):
        said = projects[folder]["involvement"]
        assert own.loc[own["level"] != "", "level"].value_counts().to_dict() == said["levels"]
        recorded = set(own.loc[own["level"] != "", "stage"])
        assert said["not_recorded"] == [stage for stage in STAGES if stage not in recorded]


def test_involvement_is_mostly_little(projects: dict[str, Any]) -> None:
    levels = [truth.get("involvement", {}).get("levels", {}) for truth in projects.values()]
    active = [found for found in levels if {"co-designed", "led"} & set(found)]
    assert 3 <= len(active) < len(levels) / 4
    for folder in CHALLENGES["little service-user involvement"]:
        assert set(projects[folder]["involvement"]["levels"]) == {"none"}
