"""The embedded example programme: the same bytes, the stated truth, and simulated in every file."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qieval.core.config import SEED
from qieval.core.errors import WorkspaceError
from qieval.params import read_evaluation
from simulation import simulate, write
from simulation.drawing import days_in, months_between
from simulation.programme import CHALLENGES, EXTRACT_DATE, NETWORKS, PROJECTS
from simulation.wards import FIRST, WARDS, Ward

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "closing-the-gap"
PARAMS = ROOT / "params" / "closing-the-gap"
BY_SPELLS = [ward for ward in WARDS if ward.form == "spells"]
BY_SERIES = [
    ward for ward in WARDS if (PARAMS / ward.project / "interrupted_time_series.yml").is_file()
]
FOLDERS = [ward.project for ward in WARDS] + [project.folder for project in PROJECTS]


def named(ward: Ward) -> str:
    return ward.project


@pytest.fixture(scope="module")
def spells() -> pd.DataFrame:
    return pd.read_csv(DATA / "spells.csv", parse_dates=["start", "end"])


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return yaml.safe_load((DATA / "TRUTH.yml").read_text(encoding="utf-8"))


# ---- the files ---------------------------------------------------------------------------------


def test_the_generator_writes_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    written = write(tmp_path / "again")
    assert {file.name for file in written} == {file.name for file in DATA.iterdir()}
    for file in written:
        assert file.read_bytes() == (DATA / file.name).read_bytes(), file.name


def test_the_command_writes_where_it_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulation", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == sorted(done.stdout.split())
    assert (tmp_path / "spells.csv").read_bytes() == (DATA / "spells.csv").read_bytes()
    assert str(tmp_path) not in done.stdout


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(WorkspaceError, match="cannot be written") as caught:
        write(tmp_path / "taken")
    assert str(tmp_path) not in str(caught.value)


def test_another_seed_gives_other_months() -> None:
    assert simulate.bed_days(WARDS[0]) != simulate.bed_days(WARDS[0], seed=SEED + 1)


@pytest.mark.parametrize("file", sorted(DATA.iterdir()), ids=lambda file: file.name)
def test_every_data_file_says_that_it_is_simulated(file: Path) -> None:
    if file.suffix == ".csv":
        assert set(pd.read_csv(file)["origin"]) == {"simulated"}
    else:
        assert "simulated" in "".join(file.read_text(encoding="utf-8").splitlines()[:3]).lower()


@pytest.mark.parametrize("file", sorted(PARAMS.rglob("*.yml")), ids=lambda f: f"{f.parent.name}")
def test_every_parameter_file_says_that_it_is_simulated(file: Path) -> None:
    if file.name == "plan.lock.yml":
        file = file.with_name("project.yml")  # whose plan it locks, and which says it
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# SIMULATED")
    content = yaml.safe_load(text)
    if file.name == "project.yml" or file.parent == PARAMS:
        assert content["simulated"] is True
    else:
        said = " ".join(content["limits"])
        assert "simulated" in said or "invented" in said


def test_the_origin_says_simulated() -> None:
    said = yaml.safe_load((DATA / "dataset.yml").read_text(encoding="utf-8"))
    assert said["simulated"] is True
    assert said["title"].startswith("SIMULATED")


def test_the_files_are_small_enough_to_carry_along() -> None:
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 6_000_000
    assert (DATA / "spells.csv").stat().st_size < 1_500_000


def test_wards_that_are_added_leave_the_first_ones_as_they_were() -> None:
    """Published figures and stored results rest on them: rows, order, numbers and figures."""
    names = [ward.ward for ward in FIRST if ward.form == "spells"]
    table = pd.read_csv(DATA / "spells.csv", dtype=str)
    first = table[: table["ward"].isin(names).sum()]
    assert len(first) == 5269
    assert set(first["ward"]) == set(names)
    told = first[["person", "start", "end", "ward", "network"]].to_csv(
        index=False, lineterminator="\n"
    )
    digest = hashlib.sha256(told.encode()).hexdigest()
    assert digest == "7bb86947ff32573059a2a944639ccb4b3fdc79107a77b8a91122ff9f19c6f77a"


# ---- the stays ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ward", BY_SPELLS, ids=named)
def test_nights_on_the_ward_are_those_intended(ward: Ward, spells: pd.DataFrame) -> None:
    here = spells[spells["ward"] == ward.ward]
    after = here["end"].fillna(pd.Timestamp(EXTRACT_DATE) + pd.Timedelta(days=1))
    target = pd.Series(simulate.nightly(ward))
    nights = pd.to_datetime(target.index)
    counted = [int(((here["start"] <= night) & (after > night)).sum()) for night in nights]
    assert counted == target.to_list()


def test_nobody_is_in_two_places(spells: pd.DataFrame) -> None:
    ordered = spells.sort_values(["person", "start"])
    before = ordered.groupby("person")["end"].shift()
    again = ordered["person"].duplicated()
    assert before[again].notna().all()  # nobody comes back who has not left
    assert (ordered.loc[again, "start"] - before[again] >= pd.Timedelta(days=7)).all()
    assert (spells.groupby("person")["ward"].nunique() == 1).all()


def test_stays_are_plausible(spells: pd.DataFrame) -> None:
    assert (spells["end"].isna() | (spells["end"] >= spells["start"])).all()
    assert spells["end"].max() <= pd.Timestamp(EXTRACT_DATE)
    assert (spells["start"] < "2015-01-01").sum() > 50  # in when the records begin
    assert spells["end"].isna().sum() > 50  # still in at the extract
    assert (spells["end"] == spells["start"]).sum() > 10  # came and went without a night
    nights = (spells["end"] - spells["start"]).dt.days
    assert 10 < nights.median() < 30
    assert 30 < nights.mean() < 50
    assert 0.22 < spells["person"].duplicated().mean() < 0.3  # "about a quarter" (README)


def test_how_stays_ended_is_plausible(spells: pd.DataFrame) -> None:
    ends = ["home", "supported housing", "transfer", "died"]
    assert set(spells["discharged_to"].dropna()) == set(ends)
    assert (spells["discharged_to"].isna() == spells["end"].isna()).all()  # blank: still in
    died = spells[spells["discharged_to"] == "died"].set_index("person")["end"]
    later = spells[spells["person"].isin(died.index)]
    assert (later["start"] <= later["person"].map(died)).all()  # nobody comes back from the dead
    shares = spells["discharged_to"].value_counts(normalize=True)
    assert shares.index[0] == "home"
    assert 0.01 < shares["died"] < 0.03


def test_people_are_clearly_made_up(spells: pd.DataFrame) -> None:
    known = ["person", "start", "end", "ward", "network", "discharged_to", "origin"]
    assert list(spells.columns) == known
    assert spells["person"].str.fullmatch(r"SIM-\d{6}").all()


@pytest.mark.parametrize("ward", WARDS, ids=named)
def test_no_night_has_more_people_than_beds(ward: Ward) -> None:
    for night, count in simulate.nightly(ward).items():
        assert 0 < count <= simulate.beds(ward, night.replace(day=1))


def test_returns_lack_exactly_the_missing_months() -> None:
    returns = pd.read_csv(DATA / "returns.csv")
    for ward in (ward for ward in WARDS if ward.form == "returns"):
        sent = returns[returns["ward"] == ward.ward].set_index("period")["bed_days"].to_dict()
        expected = {str(month): total for month, total in simulate.bed_days(ward).items()}
        for month in ward.missing:
            del expected[str(month)]
        assert sent == expected


@settings(max_examples=15)
@given(
    level=st.floats(4, 30),
    sd=st.floats(0, 2),
    stay=st.floats(2, 120),
    change=st.floats(-3, 3),
    seed=st.integers(0, 1000),
)
def test_any_ward_has_the_nights_it_was_told_to_have(
    level: float, sd: float, stay: float, change: float, seed: int
) -> None:
    ward = replace(
        WARDS[0],
        first_month=date(2019, 1, 1),
        intervention=date(2019, 7, 1),
        level=max(level, 8) if change < 0 or sd > 0 else level,
        sd=min(sd, 1),
        stay=stay,
        level_change=change,
    )
    target = simulate.nightly(ward, seed)
    for month, total in simulate.bed_days(ward, seed).items():
        assert total == sum(n for night, n in target.items() if night.replace(day=1) == month)
    found = dict.fromkeys(target, 0)
    for stay_ in simulate.stays(ward, seed):
        for night in found:
            found[night] += stay_.start <= night and (stay_.end is None or night < stay_.end)
    assert found == target


# ---- the truth ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ward", WARDS, ids=named)
def test_truth_is_what_the_generator_adds(ward: Ward, truth: dict[str, Any]) -> None:
    """Simulated with and without the project, the months differ by the stated effect."""
    said = truth["projects"][ward.project]
    without = simulate.bed_days(replace(ward, level_change=0, slope_change=0))
    differences = []
    for month, total in simulate.bed_days(ward).items():
        days = days_in(month)
        since = months_between(said["first_period"], month)
        added = (total - without[month]) / days
        if month < said["intervention"]:
            assert added == 0
        if since >= 0:
            meant = said["level_change"] + said["slope_change"] * since
            assert added == pytest.approx(meant, abs=1 / days)  # both were rounded to bed days
            differences.append(added)
    assert len(differences) == said["months_after"]
    assert sum(differences) / len(differences) == pytest.approx(said["average_effect"], abs=0.02)


@pytest.mark.parametrize("ward", [w for w in WARDS if w.other], ids=named)
def test_what_is_seen_is_the_project_and_the_other_change(
    ward: Ward, truth: dict[str, Any]
) -> None:
    said = truth["projects"][ward.project]
    neither = simulate.bed_days(replace(ward, level_change=0, other=None))
    added = [
        (total - neither[month]) / days_in(month)
        for month, total in simulate.bed_days(ward).items()
        if month >= said["first_period"]
    ]
    assert sum(added) / len(added) == pytest.approx(said["seen_average_change"], abs=0.02)
    assert said["other_change"]["month"] == ward.other.month if ward.other else False
    assert said["expect"] == "warn"


def test_truth_names_seed_and_every_project(truth: dict[str, Any]) -> None:
    assert truth["seed"] == SEED
    assert truth["simulated"] is True
    assert list(truth["projects"]) == FOLDERS
    assert len(FOLDERS) == len(set(FOLDERS)) >= 24
    kinds = {said["expect"] for said in truth["projects"].values()}
    assert kinds == {"recover", "warn", "refuse", "describe"}
    assert all(said["built_in"] for said in truth["projects"].values())


def test_there_are_twelve_networks_and_each_has_a_project(truth: dict[str, Any]) -> None:
    assert len(NETWORKS) == 12
    assert truth["networks"] == list(NETWORKS)
    assert {said["network"] for said in truth["projects"].values()} == set(NETWORKS)


def test_every_challenge_is_built_into_a_project() -> None:
    assert {folder for folders in CHALLENGES.values() for folder in folders} <= set(FOLDERS)
    assert all(CHALLENGES.values())


@pytest.mark.parametrize("ward", BY_SERIES, ids=named)
def test_parameter_files_ask_for_what_was_built_in(ward: Ward) -> None:
    folder = PARAMS / ward.project
    asked = read_evaluation(folder / "interrupted_time_series.yml", ROOT).parameters
    project = yaml.safe_load((folder / "project.yml").read_text(encoding="utf-8"))
    assert asked["intervention"] == str(ward.intervention)
    assert asked["transition"] == ward.transition
    assert asked["where"] == {"ward": ward.ward}
    assert asked["setting"] == project["team"] == ward.ward
    assert asked["change"] == ward.change
    assert project["network"] == ward.network
    assert ROOT / asked["project"] == folder / "project.yml"
    if ward.form == "spells":
        assert asked["count_from"] == str(ward.first_month)
        assert asked["extract_date"] == str(EXTRACT_DATE)
    events = [event["date"] for event in asked["events"] or []]
    assert ward.other is None or str(ward.other.month) in events
    independent = asked["epoc"]["independent_of_other_changes"]["answer"]
    assert independent == ("no" if events else "yes")


def test_bed_days_are_evaluated_but_where_there_are_too_few_months() -> None:
    left = [ward.project for ward in WARDS if ward not in BY_SERIES]
    assert left == [ward.project for ward in WARDS if ward.expect == "describe"]


@pytest.mark.parametrize(
    "file", sorted((ROOT / "params").rglob("interrupted_*.yml")), ids=lambda f: f.parent.name
)
def test_parameter_files_are_accepted(file: Path) -> None:
    checked = read_evaluation(file, ROOT).parameters
    assert len(checked["epoc"]) == 7
    assert all(stated["because"] for stated in checked["epoc"].values())


def test_every_project_has_its_folder_and_no_other_has_one() -> None:
    folders = {folder.name for folder in PARAMS.iterdir() if folder.is_dir()}
    # What concerns all projects has a folder of its own.
    assert folders == {*FOLDERS, "whole-programme"}
    programme = yaml.safe_load((PARAMS / "programme.yml").read_text(encoding="utf-8"))
    assert programme["networks"] == list(NETWORKS)
