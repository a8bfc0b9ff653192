"""The journal: a line for everything that happens; whatever moment a run is killed at."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest

from qieval.batch.claim import RUNNING, Claim, claimed
from qieval.batch.journal import JOURNAL, read_journal, records_in
from qieval.batch.manifest import Manifest, read_manifest, write_manifest
from qieval.batch.plan import plan
from qieval.batch.run import run
from qieval.batch.status import status_of, why_each_runs
from qieval.core.config import load_settings
from qieval.core.errors import WorkspaceError
from qieval.share.pages import page
from tests.batch.made import NAME, add, evaluation, workspace

SLOW = evaluation(project="birch")


def test_a_run_that_is_killed_leaves_what_was_finished_to_the_next(tmp_path: Path) -> None:
    root = workspace(tmp_path / "ws", {evaluation(): "well", SLOW: "sleep"})
    outputs = root / "outputs/small"
    command = [sys.executable, "-m", "qieval", "run", "params/small", "--workers", "1"]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while not (root / "heartbeat").exists():
            assert process.poll() is None
            time.sleep(0.1)
        try:
            here, settings = plan(["params"], root), load_settings(root)
            status = status_of(here, settings)
            assert status.claim
            assert status.claim.process == process.pid
            stands = {
                one.item.name: (one.record and one.record.status, one.cells)
                for one in status.standings
            }
            assert stands == {evaluation(): ("done", None), SLOW: (None, 2)}
            with pytest.raises(WorkspaceError, match="Another run works") as refused:
                run(here, page, settings)
            assert str(process.pid) in refused.value.found
        finally:
            process.kill()
    events = [(e["event"], e.get("evaluation"), e.get("cell")) for e in read_journal(outputs)]
    well, slow = (name.partition("/")[2] for name in (evaluation(), SLOW))
    assert events[0][0] == "run begins"
    assert [event for event in events if event[1] == well] == [
        ("begins", well, None),
        *[("cell", well, cell) for cell in (1, 2, 4, 6, 7)],
        ("ends", well, None),
    ]
    assert [event for event in events if event[1] == slow][-1] == ("cell", slow, 2)
    beats = (root / "heartbeat").stat().st_size
    time.sleep(0.5)
    assert (root / "heartbeat").stat().st_size == beats  # it ended with the run
    (outputs / "manifest.json").unlink()  # killed before it was written
    (outputs / JOURNAL).open("a").write('{"event": "ends", "evalu')  # and in the middle of a line
    add(root, SLOW, "well")
    here = plan(["params"], root)
    assert status_of(here, settings).claim is None
    reasons = {item.name: why for item, why in why_each_runs(here, settings)}
    assert reasons == {evaluation(): "", SLOW: "it has not been run yet"}
    ended = run(here, page, settings)
    assert ended.unchanged == (evaluation(),)
    manifest = read_manifest(outputs)
    assert manifest
    assert {name: record.status for name, record in manifest.records.items()} == {
        well: "done",
        slow: "done",
    }
    assert not list((root / "outputs").glob(".running*"))


def test_a_damaged_record_in_the_journal_is_named_with_line_and_field(tmp_path: Path) -> None:
    ends = {"event": "ends", "evaluation": "a/b", "record": {"evaluation": "a/b", "seconds": "x"}}
    (tmp_path / JOURNAL).write_text(json.dumps({"event": "run begins"}) + f"\n{json.dumps(ends)}\n")
    with pytest.raises(WorkspaceError, match=r"line 2: a record of `a/b`, field `"):
        records_in(tmp_path)


def test_the_records_of_a_run_that_has_ended_are_read_once(tmp_path: Path) -> None:
    """The manifest holds them by then: those of the journal would be read for nothing."""
    ends = {"event": "ends", "evaluation": "a/b", "record": {"seconds": "x"}}
    lines = [json.dumps(event) for event in (ends, {"event": "run ends"})]
    (tmp_path / JOURNAL).write_text("\n".join(lines) + "\n")
    with pytest.raises(WorkspaceError, match="line 1"):
        records_in(tmp_path)  # no manifest
    write_manifest(tmp_path, Manifest("a"))
    assert records_in(tmp_path) == {}


def test_a_second_run_in_the_same_outputs_is_refused_with_owner_and_start(tmp_path: Path) -> None:
    with claimed(tmp_path, tmp_path) as folder:
        with (
            pytest.raises(WorkspaceError, match="Another run works") as caught,
            claimed(tmp_path, tmp_path),
        ):
            raise AssertionError("both would write")
        assert f"begun by {getpass.getuser()} on " in str(caught.value)
        assert [folder] == list(tmp_path.iterdir())  # nothing is left of the one that was refused
    (folder / "left by one that was killed").mkdir(parents=True)
    with claimed(tmp_path, tmp_path):
        assert [one.name for one in folder.iterdir()] == ["run.json"]
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="how a clock is set forward differs")
def test_what_was_killed_in_the_instant_of_claiming_is_swept(tmp_path: Path) -> None:
    killed, empty, young, other = (tmp_path / f"{RUNNING}-{name}" for name in "abcd")
    for folder in (killed, empty, young, other):
        folder.mkdir()
    own = asdict(Claim.of_this_process())
    (killed / "run.json").write_text(json.dumps({**own, "began": -1.0}))
    (other / "run.json").write_text(json.dumps(own))  # still claims
    os.utime(empty, (0, 0))
    with claimed(tmp_path, tmp_path):
        assert {path.name for path in tmp_path.iterdir()} == {RUNNING, young.name, other.name}


def test_a_run_goes_on_whatever_is_done_to_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = Claim.of_this_process()
    before = psutil._pslinux.boot_time()
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: before + 7200)
    assert claim.goes_on
    assert not replace(claim, began=claim.began + 60).goes_on


def test_a_journal_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_text(json.dumps({"event": "run begins"}) + "\nnonsense\n")
    with pytest.raises(WorkspaceError, match="line 2") as caught:
        list(read_journal(tmp_path))
    assert JOURNAL in str(caught.value)
    assert "nonsense" not in str(caught.value)
    assert NAME not in str(caught.value)
