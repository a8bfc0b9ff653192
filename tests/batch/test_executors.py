"""Evaluations on a Dask cluster: the same results; a worker that dies costs nothing but time.

Over ten seconds: a cluster of two workers, each with a prepared process of its own.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dask
import psutil
import pytest

from qieval.batch import executors
from qieval.batch.plan import plan
from qieval.batch.records import Run
from qieval.batch.run import run
from qieval.core.config import Settings
from qieval.core.errors import WorkspaceError
from qieval.share.pages import page
from tests.batch.made import evaluation, workspace

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are killed with signals")

SLEEPS_ONCE = """
import os, time
try:
    with open("begun", "x") as begun: begun.write(str(os.getpid()))
    time.sleep(120)
except FileExistsError: pass
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 2}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made,
    ):
        yield made


def on(cluster: distributed.LocalCluster, root: Path) -> Run:
    settings = Settings(engine="papermill")
    return run(plan(["params"], root), page, settings, scheduler=cluster.scheduler_address)


def test_a_cluster_leaves_what_this_process_leaves(
    cluster: distributed.LocalCluster, tmp_path: Path
) -> None:
    questions = {evaluation(): "well", evaluation("raise"): "raise", evaluation("no"): "refuse"}
    there = on(cluster, workspace(tmp_path / "there" / "ws", questions))
    root = workspace(tmp_path / "here" / "ws", questions)
    here = run(plan(["params"], root), page, Settings(engine="papermill", workers=2))
    assert [(r.name, r.status, r.headline, r.files) for r in there.records] == [
        (r.name, r.status, r.headline, r.files) for r in here.records
    ]
    assert (there.outputs / f"{evaluation()}.result.json").read_text() == (
        here.outputs / f"{evaluation()}.result.json"
    ).read_text()


def test_a_worker_that_is_killed_costs_only_time(
    cluster: distributed.LocalCluster, tmp_path: Path
) -> None:
    root = workspace(tmp_path / "ws", {evaluation(): "well", evaluation("two"): "well"})
    notebook = root / "notebooks/interrupted_time_series.ipynb"
    text = notebook.read_text()
    begins = '"import os, sys, time, warnings\\n"'
    assert begins in text
    lines = ",\n".join(f'"{line}\\n"' for line in SLEEPS_ONCE.replace('"', "'").splitlines())
    notebook.write_text(text.replace(begins, f"{begins},\n{lines}"))

    def kill() -> None:
        """End the worker below which the notebook sleeps, as soon as it does."""
        begun, until = root / "begun", time.monotonic() + 60
        while not (begun.exists() and begun.read_text()) and time.monotonic() < until:
            time.sleep(0.1)
        above = {process.pid for process in psutil.Process(int(begun.read_text())).parents()}
        with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
            (worker,) = above & {*client.run(os.getpid).values()}
        os.kill(worker, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        ended = on(cluster, root)
    finally:
        killer.join()
    assert [record.status for record in ended.records] == ["done", "done"]


def test_what_kills_every_worker_is_failed_and_named_and_the_others_are_done(
    cluster: distributed.LocalCluster, tmp_path: Path
) -> None:
    root = workspace(tmp_path / "ws", {evaluation(): "well", evaluation("two"): "kill"})
    notebook = root / "notebooks/interrupted_time_series.ipynb"
    begins = '"import os, sys, time, warnings\\n"'
    kill = "\"if question == 'kill': os.kill(os.getppid(), 9)\\n\""
    notebook.write_text(notebook.read_text().replace(begins, f"{begins},\n{kill}"))
    by_name = {record.name: record for record in on(cluster, root).records}
    assert by_name[evaluation()].status == "done"
    lost = by_name[evaluation("two")]
    assert lost.status == "failed"
    assert lost.reason
    assert "The worker that ran it ended" in lost.reason.message


@pytest.mark.parametrize(
    ("free", "limit", "count"),
    [(1000, None, 2), (100, None, 1), (4000, None, 4), (4000, 1500, 2), (9000, 1500, 4)],
)
def test_no_more_notebooks_at_a_time_than_memory_holds(
    monkeypatch: pytest.MonkeyPatch, free: float, limit: int | None, count: int
) -> None:
    monkeypatch.setattr(executors, "free_megabytes", lambda: free)
    workers, why = executors.affordable(4, limit)
    assert workers == count
    assert why.startswith(f"{count} of 4 notebooks" if count < 4 else "")
    assert bool(why) == (count < 4)
    assert executors.affordable(4, limit, ahead=True)[0] <= count
    assert executors.affordable(2, 1500, ahead=True)[0] == (2 if free >= 2 * 1900 else 1)


def test_a_container_has_less_memory_than_its_computer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(executors, "CGROUP", tmp_path)
    whole = executors.free_megabytes()
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text(f"{60 << 20}\n")
    assert executors.free_megabytes() > 0.5 * whole
    (tmp_path / "memory.max").write_text(f"{100 << 20}\n")
    assert executors.free_megabytes() == 40


def test_a_scheduler_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qieval.batch.executors.CONNECT_SECONDS", 1)
    root = workspace(tmp_path / "ws", {evaluation(): "well"})
    with pytest.raises(WorkspaceError, match="No Dask scheduler answers"):
        run(
            plan(["params"], root),
            page,
            Settings(engine="papermill"),
            scheduler="tcp://127.0.0.1:9",
        )
    assert not list((root / "outputs").rglob("*.html"))


def test_a_scheduler_that_is_lost_is_told_and_what_ended_stays(tmp_path: Path) -> None:
    later = evaluation(project="zelkova")
    root = workspace(tmp_path / "ws", {evaluation(): "well", later: "sleep"})
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None
    ) as cluster:

        def lose() -> None:
            until = time.monotonic() + 120
            while not (root / "heartbeat").exists() and time.monotonic() < until:
                time.sleep(0.1)
            cluster.close()

        loser = threading.Thread(target=lose)
        loser.start()
        try:
            with pytest.raises(WorkspaceError, match="scheduler was lost"):
                on(cluster, root)
        finally:
            loser.join()
    assert (root / f"outputs/{evaluation()}.html").is_file()
