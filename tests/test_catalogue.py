"""Results read back: every project of the programme, in its order, whatever became of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import qieval as qi
from qieval.batch.manifest import Manifest, write_manifest
from qieval.batch.records import Reason, Record
from qieval.core.result import to_json
from tests.analysis.programme.made import template

NOTEBOOK = "interrupted_time_series"


def record(project: str, **more: object) -> Record:
    given = {
        "programme": "small",
        "evaluation": f"{project}/{NOTEBOOK}",
        "title": "Interrupted time series",
        "project": f"{project.title()} ward",
        "status": "done",
        "finished": "2026-03-05T09:00:00+00:00",
        "seconds": 1.0,
        "headline": "As before",
        "network": "Coast",
        "files": {"result": f"{project}/{NOTEBOOK}.result.json", "page": f"{project}/x.html"},
    }
    return Record(**{**given, **more})  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four projects: one done, one refused, one never run, one with nothing to run."""
    params, outputs = tmp_path / "params/small", tmp_path / "outputs/small"
    for project in ("zelkova", "alder", "birch", "poplar", "whole"):
        (params / project).mkdir(parents=True)
        network = "Hill" if project == "zelkova" else "Coast"
        (params / project / "project.yml").write_text(f"name: {project}\nnetwork: {network}\n")
    (params / "programme.yml").write_text("name: Small\nnetworks: [Hill, Coast]\n")
    for project in ("zelkova", "alder", "birch"):
        (params / project / f"{NOTEBOOK}.yml").write_text("value: beds\n")
    (params / "whole/programme.yml").write_text("programme: small\n")
    (outputs / "zelkova").mkdir(parents=True)
    (outputs / f"zelkova/{NOTEBOOK}.result.json").write_text(to_json(template()))
    why = Reason("CannotEvaluate", "Too few months.\nWhat to do: Wait.")
    records = [
        record("alder", status="not evaluated", reason=why, headline="", files={}),
        record("zelkova", network="Hill"),
        record("whole", evaluation="whole/programme", title="The whole programme"),
    ]
    write_manifest(outputs, Manifest("small", records={one.evaluation: one for one in records}))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_of_a_programme_is_read_in_its_order(root: Path) -> None:
    found = qi.read_results(programme="small")
    assert [(item.project, item.status) for item in found] == [
        ("zelkova", "done"),
        ("alder", "not evaluated"),
        ("birch", "not run"),
        ("poplar", "not evaluated"),
    ]
    assert found[0].result is not None
    assert found[0].result.headline() == template().headline()
    assert found[0].page == "zelkova/x.html"
    assert found[1].headline.startswith("Too few months.")
    assert found[3].headline.startswith("Nothing has been set up")


def test_what_reads_results_is_not_read_itself(root: Path) -> None:
    assert "whole" not in [item.project for item in qi.read_results(programme="small")]


def test_the_home_of_the_roll_up_is_no_project(root: Path) -> None:
    (root / "params/small/whole/completeness.yml").write_text("source: x\n")
    found = {item.project: item.whole_programme for item in qi.read_results(programme="small")}
    assert found["whole"]
    assert not found["alder"]


def test_some_projects_may_be_chosen(root: Path) -> None:
    (only,) = qi.read_results(programme="small", projects=["alder"])
    assert only.project == "alder"
    with pytest.raises(qi.ParameterError, match="Did you mean `alder`"):
        qi.read_results(programme="small", projects=["aldr"])


def test_a_programme_that_was_never_run_says_how_to(root: Path) -> None:
    with pytest.raises(qi.CannotEvaluate, match="qieval run params/other"):
        qi.read_results(programme="other")


def test_a_manifest_that_cannot_be_read_is_an_error(root: Path) -> None:
    (root / "outputs/small/manifest.json").write_text("{")
    with pytest.raises(qi.DataError, match="cannot be read"):
        qi.read_results(programme="small")


def test_a_result_of_another_version_says_so(root: Path) -> None:
    file = root / f"outputs/small/zelkova/{NOTEBOOK}.result.json"
    file.write_text(json.dumps({"qieval_result": 99, "kind": NOTEBOOK}))
    with pytest.raises(qi.DataError, match="another version"):
        qi.read_results(programme="small")


def test_the_outputs_of_the_settings_are_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "outputs").rename(root / "elsewhere")
    with pytest.raises(qi.CannotEvaluate):
        qi.read_results(programme="small")
    monkeypatch.setenv("QIEVAL_OUTPUTS", str(root / "elsewhere"))
    assert qi.read_results(programme="small")
