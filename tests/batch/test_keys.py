"""What is run again: what something has changed for, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from qieval.batch import keys
from qieval.batch.engines import ENGINES, Engine, Execution
from qieval.batch.manifest import read_manifest
from qieval.batch.plan import plan
from qieval.batch.records import Run
from qieval.batch.run import run
from qieval.batch.status import why_each_runs
from qieval.core.blocks import PAGE_MIME, RESULT_MIME
from qieval.core.config import Settings
from qieval.core.reads import reads_noted
from qieval.share.index import write_index
from qieval.share.pages import page
from tests.batch.made import NAME, add, evaluation, notebook, workspace

ALDER, BIRCH = evaluation(), evaluation(project="birch")
SERIES = "source: data/series.csv"


class Counting(Engine):
    """An engine that needs no kernel and remembers what it ran; it may change a file meanwhile."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.meanwhile: Path | None = None

    def execute(self, execution: Execution) -> None:
        parameters = execution.parameters
        self.ran.append(str(parameters.get("question") or "roll-up"))
        if parameters.get("question") == "raise":
            raise ValueError("told to")
        if self.meanwhile:
            self.meanwhile.write_text("changed")
        kept = nbformat.read(execution.notebook, as_version=4)
        data = {RESULT_MIME: {"kind": "quick"}, PAGE_MIME: {}}
        kept.cells[-1].outputs = [nbformat.v4.new_output("display_data", data)]
        nbformat.write(kept, execution.output)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Counting:
    made = Counting()
    monkeypatch.setitem(ENGINES, "counting", made)
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = workspace(tmp_path / "ws", {ALDER: "alder", BIRCH: "birch"})
    (made / "data").mkdir()
    for name in ("alder", "birch"):
        (made / f"data/{name}.csv").write_text("period,bed_days\n2020-01-01,1\n")
        file = made / f"params/small/{name}/{NAME}.yml"
        file.write_text(file.read_text().replace(SERIES, f"source: data/{name}.csv"))
    (made / "params/small/whole").mkdir()
    (made / "params/small/whole/programme.yml").write_text("programme: small\n")
    return made


def again(root: Path, engine: Counting, *, force: bool = False) -> list[str]:
    """What a run of everything really runs."""
    engine.ran.clear()
    whole(root, force=force)
    return sorted(engine.ran)


def whole(root: Path, *, force: bool = False) -> Run:
    return run(
        plan(["params"], root), lambda *_: "", Settings(workers=1), engine="counting", force=force
    )


def test_a_second_run_runs_nothing_and_has_the_same_records(root: Path, engine: Counting) -> None:
    first, second = whole(root), whole(root)
    assert engine.ran == ["alder", "birch", "roll-up"]
    assert second.records == first.records
    assert len(second.unchanged) == 3
    assert not second.not_run
    assert again(root, engine, force=True) == ["alder", "birch", "roll-up"]


@pytest.mark.parametrize(
    "file",
    [
        "data/alder.csv",
        f"params/small/alder/{NAME}.yml",
        "params/small/alder/project.yml",
        "params/small/alder/plan.lock.yml",
    ],
)
def test_a_change_in_one_project_runs_it_and_the_roll_up(
    root: Path, engine: Counting, file: str
) -> None:
    whole(root)
    added = {"project.yml": "name: Alder\n", f"{NAME}.yml": "# changed\n"}
    (root / file).open("a").write(added.get(Path(file).name, "2020-02-01,2\n"))
    assert again(root, engine) == ["alder", "roll-up"]
    assert again(root, engine) == []


@pytest.mark.parametrize(
    "file", [f"notebooks/{NAME}.ipynb", "params/small/programme.yml", "data/dataset.yml"]
)
def test_what_several_share_runs_them_all(root: Path, engine: Counting, file: str) -> None:
    whole(root)
    (root / file).open("a").write("name: Small\n" if file.endswith("yml") else "\n")
    assert again(root, engine) == ["alder", "birch", "roll-up"]


def test_new_code_runs_everything(
    root: Path, engine: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole(root)
    monkeypatch.setattr(keys, "installed", lambda package: "99")
    assert again(root, engine) == ["alder", "birch", "roll-up"]


def test_a_failure_and_what_lost_a_file_are_run_again(root: Path, engine: Counting) -> None:
    add(root, BIRCH, "raise")
    whole(root)
    assert again(root, engine) == ["raise"]
    (root / f"outputs/{ALDER}.html").unlink()
    assert again(root, engine) == ["alder", "raise"]


def test_what_was_changed_while_it_ran_is_run_again(root: Path, engine: Counting) -> None:
    engine.meanwhile = root / "data/birch.csv"
    whole(root)
    engine.meanwhile = None
    told = (root / "outputs/small/run.log").read_text()
    assert f"small/birch/{NAME}: what it reads was changed while it ran." in told
    assert f"small/alder/{NAME}: what it reads" not in told
    manifest = read_manifest(root / "outputs/small")
    assert manifest
    assert not manifest.records[f"birch/{NAME}"].depends_on
    assert "birch" in again(root, engine)
    assert again(root, engine) == []


def test_a_database_is_read_every_time(root: Path, engine: Counting) -> None:
    file = root / f"params/{ALDER}.yml"
    file.write_text(file.read_text().replace("data/alder.csv", "postgresql://host/base#table"))
    whole(root)
    assert again(root, engine)[:1] == ["alder"]
    assert "birch" not in engine.ran


def test_why_each_is_run_is_said(root: Path, engine: Counting) -> None:
    whole(root)
    manifest = read_manifest(root / "outputs/small")
    assert manifest
    record = manifest.records[f"alder/{NAME}"]
    outputs = root / "outputs/small"
    now = dict(record.depends_on)
    assert keys.why_run(record, now, outputs) == ""
    changed = {**now, "data": "other", "code": "other"}
    assert keys.why_run(record, changed, outputs) == "qieval or a package and the data changed"
    assert keys.why_run(None, now, outputs)
    assert keys.why_run(record, {}, outputs)


def test_an_earlier_manifest_without_digests_still_opens(root: Path, engine: Counting) -> None:
    whole(root)
    file = root / "outputs/small/manifest.json"
    kept = json.loads(file.read_text())
    for entry in kept["evaluations"]:
        del entry["depends_on"]
    file.write_text(json.dumps(kept))
    (root / "outputs/small/journal.jsonl").unlink()
    assert again(root, engine) == ["alder", "birch", "roll-up"]


OWN_CELL = """
from pathlib import Path
headline = "listed: " + Path("data/list.txt").read_text()
display({
    "application/vnd.qieval.result+json": {"qieval_result": 1, "kind": "small"},
    "application/vnd.qieval.page+json": {"headline": headline},
    "text/plain": "for programs",
}, raw=True)
"""


@pytest.mark.parametrize("engine_name", ["papermill", "warm"])
@pytest.mark.skipif(sys.platform != "linux", reason="one of the two needs Linux")
def test_what_a_cell_of_ones_own_reads_is_seen_and_a_change_of_it_is_a_reason(
    tmp_path: Path, engine_name: str
) -> None:
    """No parameter names the file: that it was opened is noted by Python itself."""
    root = workspace(tmp_path / "ws", {ALDER: "well"})
    own = notebook()
    own.cells[-1].source = f"import qieval\n{OWN_CELL}"
    nbformat.write(own, root / "notebooks" / f"{NAME}.ipynb")
    (root / "data").mkdir()
    (root / "data/list.txt").write_text("one")
    settings = Settings(engine=engine_name, workers=1)
    here = plan(["params"], root)
    (record,) = run(here, page, settings).records
    assert record.headline == "listed: one"
    assert record.reads == ["data/list.txt"]
    assert run(here, page, settings).unchanged == (ALDER,)
    (root / "data/list.txt").write_text("one and two")
    assert [why for _, why in why_each_runs(here, settings)] == ["the data changed"]
    (record,) = run(here, page, settings).records
    assert record.moved
    assert record.moved.words == "moved, since the data changed; before: listed: one"
    shown = (root / "outputs" / "small" / record.files["page"]).read_text()
    assert "The finding moved, since the data changed; before: listed: one" in shown
    write_index(root / "outputs")
    index = (root / "outputs" / "small" / "index.html").read_text()
    assert "Findings that moved since the run before" in index
    assert "Now: listed: one and two" in index


def test_a_file_that_changes_after_it_was_read_is_read_again(tmp_path: Path) -> None:
    file, notes = tmp_path / "data.txt", tmp_path / "notes"
    file.write_text("one")
    about = file.stat()
    notes.write_text(json.dumps(["data.txt", about.st_mtime_ns, about.st_size]) + "\n")
    assert reads_noted(notes, tmp_path) == (["data.txt"], True)
    file.write_text("another")
    assert reads_noted(notes, tmp_path) == (["data.txt"], False)
    assert reads_noted(tmp_path / "none", tmp_path) == ([], True)


def test_only_files_of_the_workspace_that_are_read_are_noted(tmp_path: Path) -> None:
    """And whatever else happens when a file is opened happens as it did."""
    root = tmp_path / "ws"
    for folder in ("data", "params/small", "outputs", "notebooks"):
        (root / folder).mkdir(parents=True)
    for name in ("data/é.txt", "params/small/a.yml", "outputs/old.json", "notebooks/a.ipynb"):
        (root / name).write_text("x", encoding="utf-8")
    code = """
import qieval
for name in ("data/é.txt", "data/é.txt", "params/small/a.yml", "outputs/old.json",
             "notebooks/a.ipynb", "data/none", "a\\0b", "x" * 5000):
    try:
        open(name).close()
    except (OSError, ValueError) as error:
        print(type(error).__name__)
open("data/made.txt", "w").close()
"""
    told = {
        "QIEVAL_WORKSPACE": str(root),
        "QIEVAL_OUTPUTS": str(root / "outputs"),
        "QIEVAL_READS": str(tmp_path / "notes"),
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.split() == ["FileNotFoundError", "ValueError", "OSError"]
    assert reads_noted(tmp_path / "notes", root) == (["data/é.txt"], True)
