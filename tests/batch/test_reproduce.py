"""Results come out again, or it is said what differs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest

from qieval.batch.evaluate import _is_own
from qieval.batch.manifest import read_manifest
from qieval.batch.plan import plan
from qieval.batch.records import Record
from qieval.batch.reproduce import reproduce
from qieval.batch.run import run
from qieval.core.config import load_settings
from qieval.core.errors import ParameterError
from qieval.core.workspace import digest_of
from qieval.intake.pseudonyms import load_key
from qieval.share.gate import share
from qieval.share.pages import page as page_of
from qieval.share.recomputed import recompute
from tests.example_results import PROGRAMME, ROOT

PROJECT = "rowan-discharge-pathway"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("again")
    own = root / "params" / PROGRAMME / PROJECT
    own.mkdir(parents=True)
    there = ROOT / "params" / PROGRAMME
    shutil.copy(there / "programme.yml", own.parent)
    for name in ("project.yml", "run_chart.yml", "readmissions.yml"):
        shutil.copy(there / PROJECT / name, own)
    shutil.copytree(ROOT / "data", root / "data")
    before = dict(os.environ)
    os.environ.pop("QIEVAL_OUTPUTS", None)
    os.environ["QIEVAL_WORKSPACE"] = str(root)
    os.environ["QIEVAL_KEY"] = str(root / "pseudonyms.key")
    load_key(load_settings(root), root)  # outcomes depend on it: it is there from the first run on
    run(plan([root / "params"], root), lambda notebook, record: "", load_settings(root))
    yield root
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def _here(workspace, monkeypatch):
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(workspace))
    monkeypatch.setenv("QIEVAL_KEY", str(workspace / "pseudonyms.key"))


def record_of_run(workspace: Path, name: str) -> Record:
    manifest = read_manifest(workspace / "outputs" / PROGRAMME)
    assert manifest is not None
    return manifest.records[f"{PROJECT}/{name}"]


def outcomes(workspace: Path) -> dict[str, object]:
    found = reproduce(workspace / "outputs" / PROGRAMME, workspace)
    return {one.name.partition("/")[2]: one for one in found}


def test_what_was_not_touched_comes_out_again(workspace):
    assert {one.kind for one in outcomes(workspace).values()} == {"reproduced"}


def test_a_changed_figure_is_named(workspace):
    file = workspace / "outputs" / PROGRAMME / PROJECT / "run_chart.result.json"
    kept = file.read_text(encoding="utf-8")
    result = json.loads(kept)
    result["points"]["table"]["value"][2] += 0.5
    file.write_text(json.dumps(result), encoding="utf-8")
    try:
        (one,) = (o for n, o in outcomes(workspace).items() if n == "run_chart")
    finally:
        file.write_text(kept, encoding="utf-8")
    assert (one.kind, one.where) == ("differs", ("points.value, row 3",))
    assert one.differs
    assert one.words == "differs: points.value, row 3"


def test_changed_parameters_are_told_from_a_difference(workspace):
    file = workspace / "params" / PROGRAMME / PROJECT / "readmissions.yml"
    kept = file.read_text(encoding="utf-8")
    file.write_text(f"{kept}\nwindow: 28\n", encoding="utf-8")
    try:
        found = outcomes(workspace)
    finally:
        file.write_text(kept, encoding="utf-8")
    assert found["readmissions"].kind == "data changed"
    assert found["readmissions"].where[0] == "parameters"
    assert found["run_chart"].kind == "reproduced"


def test_a_folder_without_a_run(workspace):
    with pytest.raises(ParameterError, match="nothing to run again"):
        reproduce(workspace / "outputs" / "none", workspace)


def test_a_notebook_of_the_workspace_that_is_not_ours_is_marked(workspace):
    """Somebody's copy under the name of ours must not stand in for it without a word."""
    ours = ROOT / "notebooks" / "run_chart.ipynb"
    records = read_manifest(workspace / "outputs" / PROGRAMME).records
    assert not any(record.own_notebook for record in records.values())
    assert not _is_own(ours.name, digest_of(ours))
    assert _is_own(ours.name, "of a changed copy")
    assert _is_own("theirs.ipynb", digest_of(ours))


def differing(page: Path, workspace: Path, data: str = "data") -> dict[str, tuple[str, ...]]:
    parts = recompute(page, workspace / data, workspace)
    assert sum(part.figures for part in parts) > 100
    return {part.name: part.differ for part in parts if part.differ}


def test_a_page_is_held_against_what_its_data_give(workspace):
    page = workspace / "outputs" / PROGRAMME / PROJECT / "run_chart.html"
    exact = page_of(
        nbformat.read(page.with_suffix(".ipynb"), 4), record_of_run(workspace, "run_chart")
    )
    page.write_text(exact, encoding="utf-8")
    assert differing(page, workspace) == {}
    cell = next(line for line in exact.split("<td") if "2017" in line and "Rowan" not in line)
    page.write_text(exact.replace(cell, cell.replace("2017", "2018"), 1), encoding="utf-8")
    (where,) = differing(page, workspace).values()
    assert where[0].startswith("row ")


def test_a_shared_page_is_released_again_and_other_data_do_not_give_it(workspace, tmp_path):
    share(workspace / "outputs" / PROGRAMME, tmp_path / "site", workspace)
    page = tmp_path / "site" / PROGRAMME / PROJECT / "readmissions.html"
    assert differing(page, workspace) == {}
    other = workspace / "other"
    shutil.copytree(workspace / "data", other)
    spells = other / PROGRAMME / "spells.csv"
    lines = spells.read_text(encoding="utf-8").splitlines(keepends=True)
    spells.write_text("".join(lines[:1] + lines[1::2]), encoding="utf-8")
    assert {"Finding", "Figure 1", "Table “The points of the figure”"} <= set(
        differing(page, workspace, "other")
    )


def test_a_page_of_no_evaluation_is_no_page_to_compute(workspace, tmp_path):
    share(workspace / "outputs" / PROGRAMME, tmp_path / "site", workspace)
    with pytest.raises(ParameterError, match="no parameters for this page"):
        recompute(tmp_path / "site" / "index.html", workspace / "data", workspace)
    (tmp_path / "page.html").write_text("<p>", encoding="utf-8")
    with pytest.raises(ParameterError, match="no run and to no shared site"):
        recompute(tmp_path / "page.html", workspace / "data", workspace)
