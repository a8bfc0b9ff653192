"""Kernels started ahead: each is used once, for a notebook it did not know, and leaves nothing.

Over five seconds: each is a Python that imports everything.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from qieval.batch import ahead, kernels
from qieval.batch.ahead import AHEAD
from qieval.batch.plan import plan
from qieval.batch.run import run as run_plan
from qieval.core.config import Settings
from qieval.share.pages import page
from tests.batch.alike import notebook, run
from tests.batch.made import evaluation, workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _none_waits() -> Iterator[None]:
    AHEAD.close()
    yield
    AHEAD.close()


def printed(cells: list[str], folder: Path, **options: Any) -> str:
    """What the cells print in a kernel started ahead."""
    ended, left = run("ahead", notebook(cells), folder, **options)
    assert ended == "", (folder / "ahead.log").read_text()
    assert "not one started ahead" not in (folder / "ahead.log").read_text()
    return "".join(o.text for c in left.cells for o in c.outputs if o.output_type == "stream")


def waiting() -> list[int]:
    """The numbers of the processes that wait."""
    return [kernel.provisioner.pid for kernel in AHEAD._waiting]


def gone(process: int) -> bool:
    """Whether a process ends in a while."""
    until = time.monotonic() + 60
    while psutil.pid_exists(process) and psutil.Process(process).status() != "zombie":
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_each_is_imported_before_it_is_used_once_and_the_next_is_begun(tmp_path: Path) -> None:
    AHEAD.begin()
    (first,) = waiting()
    look = ["import sys, os\nprint(os.getpid(), 'qieval.report' in sys.modules)"]
    assert printed(look, tmp_path) == f"{first} True\n"
    (second,) = waiting()
    assert second != first
    assert gone(first)
    folder = AHEAD._waiting[0].folder
    AHEAD.close()
    assert gone(second)
    assert not folder.exists()


def test_it_has_the_folder_and_the_surroundings_of_its_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QIEVAL_GOES", "1")
    AHEAD.begin()
    monkeypatch.delenv("QIEVAL_GOES")
    look = "import os\nprint(os.getcwd(), os.environ['QIEVAL_TEST'], 'QIEVAL_GOES' in os.environ)"
    assert printed([look], tmp_path) == f"{tmp_path} yes False\n"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_its_memory_is_limited_when_it_is_known_for_what(tmp_path: Path) -> None:
    look = "import resource\nprint(resource.getrlimit(resource.RLIMIT_DATA)[0] >> 20)"
    assert printed([look], tmp_path, memory=7000) == "7000\n"


def test_what_its_process_says_past_jupyter_is_in_the_log(tmp_path: Path) -> None:
    say = "import subprocess, sys\nsubprocess.run(['echo', 'past jupyter'], stdout=sys.__stderr__)"
    printed([say], tmp_path)
    assert "past jupyter" in (tmp_path / "ahead.log").read_text()


def test_one_that_died_before_it_was_used_is_replaced(tmp_path: Path) -> None:
    AHEAD.begin()
    (process,) = waiting()
    psutil.Process(process).kill()
    assert printed(["print(1)"], tmp_path) == "1\n"
    assert process not in waiting()


def test_one_of_yesterdays_code_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    AHEAD.begin()
    (process,) = waiting()
    monkeypatch.setattr(ahead, "made_of", lambda: ("other",))
    assert printed(["import os\nprint(os.getpid())"], tmp_path) != f"{process}\n"
    assert gone(process)


def test_where_none_lives_a_new_kernel_runs_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "START", "raise SystemExit('no')")
    assert run("ahead", notebook(["print(1)"]), tmp_path)[0] == ""
    assert "not one started ahead: it ended" in (tmp_path / "ahead.log").read_text()
    assert not waiting()


def test_a_run_lets_none_wait_at_its_end(tmp_path: Path) -> None:
    root = workspace(tmp_path, {evaluation(): "well", evaluation("b"): "raise"})
    ended = run_plan(plan(["params"], root), page, Settings(engine="ahead", workers=1))
    assert {record.evaluation[-2:]: record.status for record in ended.records} == {
        "es": "done",
        ".b": "failed",
    }
    assert '"engine": "ahead"' in (root / "outputs/small/manifest.json").read_text()
    assert not waiting()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_none_outlives_the_run_and_its_files_go_at_the_next_start(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of its imports, when it hears of nothing yet."""
    lead = (
        "import time\nfrom qieval.batch.ahead import AHEAD\n"
        "AHEAD.begin()\n(one,) = AHEAD._waiting\n"
        "print(one.provisioner.pid, one.folder, flush=True)\ntime.sleep(600)"
    )
    command = [sys.executable, "-c", lead]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        kernel, folder = process.stdout.readline().split()
        process.send_signal(number)
    assert gone(int(kernel))
    kernels._sweep.cache_clear()
    AHEAD.begin()
    assert not Path(folder).exists()
    mine = Path(tempfile.gettempdir()).glob(f"qieval-{os.getpid()}-*")
    assert [*mine] == [AHEAD._waiting[0].folder]
