"""PDSA logs: links, thin logs, two reviewers who mostly agree, and text that can be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import yaml
from statsmodels.stats.inter_rater import cohens_kappa

from qieval.core.workspace import shipped
from simulation.pdsa import FEATURES, MARK
from simulation.programme import CHALLENGES

TEXTS = ("change", "prediction", "learning")


@pytest.fixture
def log(table: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    return table("pdsa")


@pytest.fixture
def cycles(log: pd.DataFrame) -> pd.DataFrame:
    return log.drop_duplicates(["project", "cycle"])


def test_counts_are_those_of_the_truth(cycles: pd.DataFrame, projects: dict[str, Any]) -> None:
    said = {folder: truth["pdsa"] for folder, truth in projects.items() if "pdsa" in truth}
    size, whole, points = (pd.to_numeric(cycles[name]) for name in ("size", "whole", "data_points"))
    found = pd.DataFrame(
        {
            "project": cycles["project"],
            "cycles": 1,
            "linked": cycles["follows"] != "",
            "with_prediction": cycles["prediction"] != "",
            "smaller_than_whole": size < whole,
            "three_or_more_data_points": points >= 3,
        }
    )
    assert found.groupby("project").sum().to_dict("index") == said


def test_thin_logs_have_no_prediction_and_nothing_learnt(cycles: pd.DataFrame) -> None:
    thin = cycles[cycles["project"].isin(CHALLENGES["thin PDSA log"])]
    assert set(thin["project"]) == set(CHALLENGES["thin PDSA log"])
    assert set(thin["prediction"]) == set(thin["learning"]) == set(thin["decision"]) == {""}


def test_reviewers_agree_well_and_not_always(log: pd.DataFrame) -> None:
    both = log.set_index(["project", "cycle", "reviewer"])[list(FEATURES)].stack().unstack(-2)
    assert 0.05 < both["B"].isna().groupby(level=[0, 1]).all().mean() < 0.3  # scored by one only
    scored = both.dropna()
    scored = scored[(scored["A"] != "cannot tell") & (scored["B"] != "cannot tell")]
    levels = ["0", "1", "2"]
    pairs = pd.crosstab(scored["A"], scored["B"]).reindex(index=levels, columns=levels)
    assert 0.6 < cohens_kappa(pairs.fillna(0).to_numpy(), wt="linear").kappa < 0.95


def test_every_text_can_be_told_from_other_text(log: pd.DataFrame) -> None:
    for name in TEXTS:
        written = log.loc[log[name] != "", name]
        assert written.str.endswith(MARK).all()


def test_measures_and_cycles_of_the_theory_are_those_of_the_log(cycles: pd.DataFrame) -> None:
    for project, own in cycles.groupby("project"):
        file = shipped(f"params/closing-the-gap/{project}/project.yml")
        theory = yaml.safe_load(file.read_text(encoding="utf-8"))["theory"]
        measures = {measure["name"] for measure in theory["measures"]}
        assert set(own["measure"]) - {""} <= measures, project
        drivers = [part for driver in theory["drivers"] for part in driver["secondary"]]
        named = {cycle for part in drivers for cycle in part.get("cycles", [])}
        assert named == set(own["cycle"]), project
        assert theory["pdsa"] == "data/closing-the-gap/pdsa.csv"
