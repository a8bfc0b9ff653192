"""The theory of change in every ``project.yml``: whole where it should be, vague where built in."""

from __future__ import annotations

from pathlib import Path

import pytest

from qieval.core.workspace import shipped
from qieval.intake.programmes import Project, read_project
from simulation.programme import CHALLENGES

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(
    path.parent
    for path in shipped("params/closing-the-gap").glob("*/project.yml")
    # All projects together, and a roll-out over many wards: they have no theory of their own.
    if path.parent.name not in ("whole-programme", "acute-wards-talk-first")
)


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def project(folder: Path) -> Project:
    return read_project(folder, ROOT)


def test_every_measure_is_defined_and_used(folder: Path, project: Project) -> None:
    assert project.theory is not None
    measures = project.theory.measures
    if folder.name in CHALLENGES["no measure"]:
        assert measures == ()
        return
    assert all(measure.type for measure in measures)
    assert all("" not in measure.model_dump().values() for measure in measures)
    parts = [part for driver in project.theory.drivers for part in driver.secondary]
    assert all(part.name and part.ideas for part in parts)


def test_sources_are_files_of_the_example_or_the_teams_own(project: Project) -> None:
    assert project.theory is not None
    for measure in project.theory.measures:
        if measure.source.startswith("data/"):
            assert (ROOT / measure.source).is_file()


def test_an_aim_is_whole_but_where_it_is_vague_on_purpose(folder: Path, project: Project) -> None:
    assert project.theory is not None
    blank = "" in project.theory.aim.model_dump().values()
    assert blank == (folder.name in CHALLENGES["vague aim"])
