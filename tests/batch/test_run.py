"""Runs of real (small) notebooks: what ends how, what is left, and what stays out of the way."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import IO

import pytest

from qieval.batch.compare import compare
from qieval.batch.engines import ENGINES, Engine, Execution
from qieval.batch.journal import JOURNAL, Journal
from qieval.batch.manifest import read_manifest
from qieval.batch.plan import plan
from qieval.batch.progress import Watcher
from qieval.batch.records import Record, Run
from qieval.batch.run import run
from qieval.core import patience
from qieval.core.blocks import PAGE_MIME, RESULT_MIME
from qieval.core.config import Settings
from qieval.core.errors import WorkspaceError
from qieval.share.pages import page
from tests.batch.made import NAME, add, evaluation, workspace

SETTINGS = Settings(workers=2)

WELL, RAISE, REFUSE = evaluation(), evaluation("raise"), evaluation("refuse")
BAD, WHERE, END = evaluation("bad"), evaluation("where"), evaluation("end")
EXIT, NOTHING = evaluation("exit"), evaluation("nothing")
BRACES = evaluation("{x}")
QUESTIONS = {
    WELL: "well",
    RAISE: "raise",
    REFUSE: "refuse",
    BAD: "bad data",
    WHERE: "say where",
    END: "end",
    EXIT: "exit",
    NOTHING: "show nothing",
    BRACES: "which python",
}


def evaluate(root: Path, settings: Settings = SETTINGS, engine: str = "papermill") -> Run:
    return run(plan(["params"], root), page, settings, engine=engine)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Someone else's kernel of the same name, where Jupyter looks first."""
    home = tmp_path_factory.mktemp("jupyter")
    (home / "kernels" / "python3").mkdir(parents=True)
    spec = {"argv": ["/nowhere", "{connection_file}"], "display_name": "P", "language": "python"}
    (home / "kernels" / "python3" / "kernel.json").write_text(json.dumps(spec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(home))
        patch.setenv("JUPYTER_DATA_DIR", str(home))
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, kernels: None) -> Path:
    made = workspace(tmp_path_factory.mktemp("here") / "ws", QUESTIONS)
    (made / "params/small/alder/project.yml").write_text("name: Alder ward\nsimulated: true\n")
    old = made / "outputs" / f"{RAISE}.result.json"
    old.parent.mkdir(parents=True)
    old.write_text("of an earlier run")
    return made


@pytest.fixture(scope="module")
def ended(root: Path) -> Run:
    return evaluate(root)


def output(root: Path, name: str, suffix: str) -> Path:
    return root / "outputs" / f"{name}{suffix}"


def test_one_failure_does_not_stop_the_rest(ended: Run) -> None:
    assert {record.name: record.status for record in ended.records} == {
        WELL: "done",
        RAISE: "failed",
        REFUSE: "not evaluated",
        BAD: "failed",
        WHERE: "failed",
        END: "failed",
        EXIT: "failed",
        NOTHING: "failed",
        BRACES: "done",
    }
    assert not ended.interrupted
    assert not ended.not_run


def test_a_refusal_is_no_failure(ended: Run) -> None:
    assert REFUSE not in [record.name for record in ended.failed]


def reason(ended: Run, name: str) -> tuple[str, str, str]:
    found = next(record.reason for record in ended.records if record.name == name)
    assert found
    return found.kind, found.message.partition("\n")[0], found.step


def test_every_failure_has_its_reason_and_place(ended: Run) -> None:
    step = "Read the data (code cell 3)"
    assert reason(ended, RAISE) == ("ZeroDivisionError", "division by zero", step)
    few = "There are too few months before the change."
    assert reason(ended, REFUSE) == ("CannotEvaluate", few, step)
    assert reason(ended, BAD) == ("DataError", "The column `bed_days` is missing.", step)
    assert reason(ended, END) == ("RunError", "The notebook's Python ended without a word.", step)
    assert reason(ended, EXIT)[::2] == ("RunError", step)
    assert reason(ended, NOTHING)[::2] == ("RunError", "")


@pytest.mark.parametrize("name", [END, EXIT])
def test_the_notebook_kept_says_truly_which_cells_ran(root: Path, ended: Run, name: str) -> None:
    """papermill says "completed" of every cell."""
    kept = json.loads(output(root, name, ".ipynb").read_text())
    status = [
        c["metadata"]["papermill"]["status"] for c in kept["cells"] if c["cell_type"] == "code"
    ]
    assert status == ["completed", "completed", "failed", "pending", "pending"]


def test_what_went_well_leaves_page_notebook_result_and_log(root: Path, ended: Run) -> None:
    result = json.loads(output(root, WELL, ".result.json").read_text())
    assert result == {"qieval_result": 1, "kind": "small"}
    assert "Estimates" in output(root, WELL, ".html").read_text()
    assert output(root, WELL, ".ipynb").is_file()
    log = output(root, WELL, ".log").read_text()
    assert "The step began." in log
    assert "a warning for the log" in log


def test_the_notebook_ran_in_the_workspace_and_knew_it(ended: Run) -> None:
    record = next(record for record in ended.records if record.name == WELL)
    assert record.headline == "well: ws, True"
    assert record.setting == "Alder ward"
    assert record.attribution == "Made for a test."
    assert record.simulated  # the project says so, though the notebook does not


def test_the_kernel_is_this_very_python_whatever_is_installed_elsewhere(ended: Run) -> None:
    record = next(record for record in ended.records if record.name == BRACES)
    assert record.setting == sys.executable


def test_a_failure_has_a_page_and_a_log_but_no_result_not_even_an_old_one(
    root: Path, ended: Run
) -> None:
    assert "This evaluation failed" in output(root, RAISE, ".html").read_text()
    assert "ZeroDivisionError" in output(root, RAISE, ".log").read_text()
    assert not output(root, RAISE, ".result.json").exists()


def test_nothing_that_is_kept_says_where_this_computer_keeps_things(root: Path, ended: Run) -> None:
    kept = [file for file in (root / "outputs").rglob("*") if file.is_file()]
    assert len(kept) > 20
    places = (str(root), sys.prefix, str(Path.home()) + os.sep)
    for file in kept:
        text = file.read_text(encoding="utf-8")
        if file.stem.startswith(f"{NAME}.{{x}}") or file.suffix in (".json", ".jsonl", ".log"):
            text = text.replace(sys.executable, "")  # this one was told to say it, as a setting
        assert not [place for place in places if place in text], file.name
    assert "cannot use . or python" in output(root, WHERE, ".html").read_text()


def test_a_page_that_stopped_early_still_says_whose_data_they_are(
    tmp_path: Path, quick: str
) -> None:
    root = workspace(tmp_path / "ws", {WELL: "raise", RAISE: "raise"})
    (root / "data").mkdir()
    (root / "data/dataset.yml").write_text("attribution: Made by Alder\nsimulated: true\n")
    file = root / "params" / f"{RAISE}.yml"
    text = file.read_text().replace("data/series.csv", "open-data:scot-delayed-discharges")
    file.write_text(text)
    by_name = {record.name: record for record in evaluate(root, engine=quick).records}
    assert by_name[WELL].attribution == "Made by Alder"
    assert by_name[WELL].simulated
    assert "Public Health Scotland" in by_name[RAISE].attribution
    assert "Public Health Scotland" in output(root, RAISE, ".html").read_text()


def test_no_temporary_file_is_left(root: Path, ended: Run) -> None:
    assert not [path for path in (root / "outputs").rglob("*") if path.name.startswith(".")]


def test_the_notebook_kept_has_no_banner_and_names_its_source(root: Path, ended: Run) -> None:
    kept = json.loads(output(root, RAISE, ".ipynb").read_text())
    about = kept["metadata"]["papermill"]
    assert about["input_path"] == f"notebooks/{NAME}.ipynb"
    assert about["output_path"] == f"alder/{NAME}.raise.ipynb"
    assert about["parameters"]["question"] == "raise"
    assert not [c for c in kept["cells"] if "papermill-error" in "".join(c["source"])]


def test_the_manifest_says_what_ran_on_what(root: Path, ended: Run) -> None:
    manifest = read_manifest(root / "outputs" / "small")
    assert manifest
    assert sorted(manifest.records) == sorted(name.partition("/")[2] for name in QUESTIONS)
    record = manifest.records[f"alder/{NAME}"]
    assert record == next(record for record in ended.records if record.name == WELL)
    assert len(record.parameters_digest) == len(record.notebook_digest) == 64
    assert record.files["page"] == f"alder/{NAME}.html"
    assert {"python", "packages", "git_commit", "started", "seconds"} <= set(manifest.run)
    log = (root / "outputs/small/run.log").read_text()
    assert f"failed: alder/{NAME}.raise" in log
    assert "ZeroDivisionError: division by zero" in log


def test_a_later_run_of_one_keeps_the_records_of_the_others(tmp_path: Path, quick: str) -> None:
    root = workspace(tmp_path / "ws", {WELL: "well", RAISE: "well", REFUSE: "well"})
    evaluate(root, engine=quick)
    first = read_manifest(root / "outputs/small")
    (root / "params" / f"{REFUSE}.yml").unlink()
    run(plan([f"params/{WELL}.yml"], root), page, SETTINGS, engine=quick)
    second = read_manifest(root / "outputs/small")
    assert first
    assert second
    left = f"alder/{NAME}.raise"
    assert second.records[left] == first.records[left]
    assert f"alder/{NAME}.refuse" not in second.records  # its parameter file is gone


def test_a_failure_after_a_success_takes_the_old_result_away(tmp_path: Path, quick: str) -> None:
    root = workspace(tmp_path / "ws", {WELL: "well"})
    assert evaluate(root, engine=quick).records[0].status == "done"
    assert output(root, WELL, ".result.json").is_file()
    add(root, WELL, "raise")
    assert evaluate(root, engine=quick).records[0].status == "failed"
    assert not output(root, WELL, ".result.json").exists()
    assert "This evaluation failed" in output(root, WELL, ".html").read_text()


def test_what_reads_results_runs_last_and_reads_those_of_this_very_run(tmp_path: Path) -> None:
    """Outputs elsewhere, an older manifest in the usual place: the kernel must know which."""
    root = workspace(tmp_path / "ws", {WELL: "well", RAISE: "raise"})
    (root / "outputs/small").mkdir(parents=True)
    (root / "outputs/small/manifest.json").write_text('{"evaluations": [{"evaluation": "old/x"}]}')
    (root / "params/small/aaa").mkdir()
    (root / "params/small/aaa/programme.yml").write_text("programme: small\n")
    ended = evaluate(root, replace(SETTINGS, outputs=tmp_path / "elsewhere"))
    first = ended.records[0]
    assert first.evaluation == "aaa/programme"  # first in the plan's order, last to run
    assert first.status == "done", first.reason
    assert first.headline == f"alder/{NAME}, alder/{NAME}.raise"
    assert (tmp_path / "elsewhere/small/aaa/programme.html").is_file()


class Quick(Engine):
    """A second engine: writes the notebook at once, as a warm one would; it needs no kernel."""

    def execute(self, execution: Execution) -> None:
        import nbformat

        if execution.parameters["question"] == "raise":
            raise ValueError("told to")
        kept = nbformat.read(execution.notebook, as_version=4)
        data = {RESULT_MIME: {"kind": "quick"}, PAGE_MIME: {}}
        kept.cells[-1].outputs = [nbformat.v4.new_output("display_data", data)]
        nbformat.write(kept, execution.output)
        execution.on_step(0, "ok")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(ENGINES, "quick", Quick())
    return "quick"


def test_another_engine_needs_a_row_only(tmp_path: Path, quick: str) -> None:
    root = workspace(tmp_path / "ws", {WELL: "well"})
    assert evaluate(root, engine=quick).records[0].status == "done"
    assert json.loads(output(root, WELL, ".result.json").read_text()) == {"kind": "quick"}
    manifest = read_manifest(root / "outputs/small")
    assert manifest
    assert manifest.run["engine"] == "quick"


def test_what_cannot_be_put_in_its_place_is_a_failure_of_its_own(
    tmp_path: Path, quick: str
) -> None:
    root = workspace(tmp_path / "ws", {WELL: "well", RAISE: "well"})
    output(root, WELL, ".html").mkdir(parents=True)
    by_name = {record.name: record for record in evaluate(root, engine=quick).records}
    assert by_name[RAISE].status == "done"
    assert by_name[WELL].status == "failed"
    assert not by_name[WELL].files
    assert by_name[WELL].reason
    assert "put in their place" in by_name[WELL].reason.message


def test_a_drive_that_refuses_now_and_then_loses_nothing(
    tmp_path: Path, quick: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a scanner holds files; and a network drive that is away for a moment."""
    root = workspace(tmp_path / "ws", {WELL: "well", RAISE: "well"})
    calls, replace_file, open_file = count(), os.replace, Path.open

    def held(old: Path, new: Path) -> None:
        if next(calls) % 3:
            raise PermissionError(errno.EACCES, "used by another process")
        replace_file(old, new)

    def away(path: Path, *how: str, **more: str) -> IO[str]:
        if path.name == JOURNAL and "a" in how and next(calls) % 2:
            raise OSError(errno.ENETDOWN, "the network is down")
        return open_file(path, *how, **more)

    monkeypatch.setattr(patience, "WAITS", (0.0,) * 20)
    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(Path, "open", away)
    ended = evaluate(root, engine=quick)
    assert [record.status for record in ended.records] == ["done", "done"]
    assert next(calls) > 20
    for name in (WELL, RAISE):
        assert json.loads(output(root, name, ".result.json").read_text()) == {"kind": "quick"}
    left = [file.name for file in (root / "outputs").rglob(".*") if file.is_file()]
    assert not [name for name in left if str(os.getpid()) in name]


@pytest.mark.parametrize("in_the_way", ["outputs", "outputs/small", "outputs/small/alder"])
def test_an_output_folder_that_cannot_be_written_stops_before_anything_runs(
    tmp_path: Path, quick: str, in_the_way: str
) -> None:
    root = workspace(tmp_path / "ws", {WELL: "well"})
    (root / in_the_way).parent.mkdir(parents=True, exist_ok=True)
    (root / in_the_way).write_text("a file")
    with pytest.raises(WorkspaceError) as caught:
        evaluate(root, engine=quick)
    assert f"{in_the_way}: The output folder cannot be written." in str(caught.value)
    assert "Move the file away" in str(caught.value)
    assert str(root) not in str(caught.value)
    assert not list(root.rglob("*.log"))


def test_a_read_only_output_folder_is_told(
    tmp_path: Path, quick: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = workspace(tmp_path / "ws", {WELL: "well"})

    def refuse(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(WorkspaceError, match="Ask for the right to write there") as caught:
        evaluate(root, engine=quick)
    assert "Read-only file system" in str(caught.value)


def test_a_full_disk_is_told_and_a_rerun_does_the_rest(
    tmp_path: Path, quick: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fills up when the first evaluation has ended; the second is then half done."""
    root = workspace(tmp_path / "ws", {WELL: "well", RAISE: "well", BAD: "well"})
    settings, add = replace(SETTINGS, workers=1), Journal._add
    ended: list[str] = []

    def full(journal: Journal, programme: str, event: str, **more: object) -> None:
        if ended:
            raise OSError(errno.ENOSPC, "No space left on device")
        add(journal, programme, event, **more)
        if event == "ends":
            ended.append(str(more["evaluation"]))

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_add", full)
        with pytest.raises(WorkspaceError, match="can take no more files") as caught:
            evaluate(root, settings, quick)
    assert "No space left on device" in str(caught.value)
    assert not list((root / "outputs").glob(".running*"))
    again = evaluate(root, settings, quick)
    assert [name.partition("/")[2] for name in again.unchanged] == ended
    assert {record.status for record in again.records} == {"done"}


def test_engines_are_compared_and_what_differs_is_named(tmp_path: Path, quick: str) -> None:
    root = workspace(tmp_path / "ws", {WELL: "well", REFUSE: "refuse"})
    asked = plan(["params"], root), page
    same = dict(compare(*asked, replace(SETTINGS, engine="warm"), Watcher()))
    other = dict(compare(*asked, replace(SETTINGS, engine=quick), Watcher()))
    assert same == {WELL: "", REFUSE: ""}
    assert other == {WELL: "its result", REFUSE: "it ended as not evaluated and as done"}
    assert not (root / "outputs").exists()


def test_a_manifest_that_cannot_be_read_says_what_to_do(tmp_path: Path, quick: str) -> None:
    root = workspace(tmp_path / "ws", {WELL: "well"})
    (root / "outputs/small").mkdir(parents=True)
    (root / "outputs/small/manifest.json").write_text("{}")
    with pytest.raises(WorkspaceError, match="Move it away and run again"):
        evaluate(root, engine=quick)


def test_a_cell_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    root = workspace(tmp_path / "ws", {WELL: "sleep"})
    record = evaluate(root, replace(SETTINGS, cell_timeout=8)).records[0]
    assert record.status == "failed"
    assert record.reason
    assert "took longer than 8 seconds" in record.reason.message
    assert record.reason.step == "Read the data (code cell 3)"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to another process")
@pytest.mark.parametrize(
    ("number", "engine"),
    [(signal.SIGINT, "warm"), (signal.SIGTERM, "warm"), (signal.SIGTERM, "ahead")],
)
def test_ctrl_c_keeps_what_is_finished_and_names_the_rest(
    tmp_path: Path, number: signal.Signals, engine: str
) -> None:
    slow, waiting = evaluation(project="birch"), evaluation(project="zelkova")
    root = workspace(tmp_path / "ws", {WELL: "well", slow: "sleep", waiting: "well"})
    command = [sys.executable, "-m", "qieval", "run", "params/small", "--workers", "1"]
    command += ["--engine", engine]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, stdout=pipe, stderr=pipe, text=True) as process:
        while not (root / "heartbeat").exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)
        process.send_signal(number)
        told, said = process.communicate()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    beats = (root / "heartbeat").stat().st_size
    time.sleep(1)
    assert (root / "heartbeat").stat().st_size == beats  # its kernel is gone
    assert output(root, WELL, ".html").is_file()
    assert not output(root, slow, ".html").exists()
    manifest = read_manifest(root / "outputs/small")
    assert manifest
    assert manifest.run["interrupted"]
    assert manifest.run["not_run"] == [name.partition("/")[2] for name in (slow, waiting)]
    assert list(manifest.records) == [f"alder/{NAME}"]
    assert told.count("◇ not run") == 2
    index = (root / "outputs/small/index.html").read_text()
    assert "was stopped before its end" in index
    assert f"zelkova/{NAME}" in index
    assert not [path for path in (root / "outputs").rglob("*") if path.name.startswith(".")]


def test_a_programme_with_problems_only_keeps_its_name(tmp_path: Path, quick: str) -> None:
    root = workspace(tmp_path / "ws", {WELL: "well"})
    (root / "params/small/programme.yml").write_text("name: Small programme\nsimulated: true\n")
    evaluate(root, engine=quick)
    (root / "params" / f"{WELL}.yml").write_text("nonsense: 1\n")
    add(root, f"other/ash/{NAME}", "well")
    evaluate(root, engine=quick)
    manifest = read_manifest(root / "outputs/small")
    assert manifest
    assert manifest.name == "Small programme"
    assert manifest.simulated
    assert len(manifest.run["problems"]) == 1
    assert list(manifest.records) == [f"alder/{NAME}"]  # what was found earlier still stands


def test_a_fault_of_ours_stops_the_run_and_leaves_nothing_half_done(
    tmp_path: Path, quick: str
) -> None:
    class Broken(Watcher):
        def finished(self, record: Record) -> None:
            raise RuntimeError("a fault of ours")

    root = workspace(tmp_path / "ws", {WELL: "well", RAISE: "well"})
    with pytest.raises(RuntimeError, match="a fault of ours"):
        run(plan(["params"], root), page, SETTINGS, engine=quick, watcher=Broken())
    manifest = read_manifest(root / "outputs/small")
    assert manifest
    assert len(manifest.records) == 1
    assert not list((root / "outputs").glob(".running*"))
