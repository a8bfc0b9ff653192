"""Results come out again, or it is said what differs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from qieval.batch.evaluate import _is_own
from qieval.batch.manifest import read_manifest
from qieval.batch.plan import plan
from qieval.batch.reproduce import reproduce
from qieval.batch.run import run
from qieval.core.config import load_settings
from qieval.core.errors import ParameterError
from qieval.core.workspace import digest_of
from qieval.intake.pseudonyms import load_key
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
