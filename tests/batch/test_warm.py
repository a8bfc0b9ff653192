"""The warm engine: what a child of the prepared process has and leaves; where there is none."""

from __future__ import annotations

import os
import signal
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from papermill.engines import papermill_engines

from qieval.batch import preparing, warm
from qieval.batch.engines import ENGINES, usable
from qieval.batch.plan import plan
from qieval.batch.run import run as run_plan
from qieval.batch.warm import WARM, NotebookEngine
from qieval.core.config import Settings
from qieval.share.pages import page
from tests.batch.alike import notebook, run
from tests.batch.made import evaluation, workspace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a prepared process needs Linux")

ROOT = Path(__file__).resolve().parents[2]


def printed(cells: list[str], folder: Path, **options: Any) -> str:
    """What the cells print when they are run warm."""
    ended, left = run("warm", notebook(cells), folder, **options)
    assert ended == "", (folder / "warm.log").read_text()
    return "".join(o.text for c in left.cells for o in c.outputs if o.output_type == "stream")


def test_exit_ends_the_notebook_and_the_next_cell_is_told(tmp_path: Path) -> None:
    ended, left = run("warm", notebook(["print(1)", "exit()", "print(2)"]), tmp_path)
    assert ended == "DeadKernelError"
    assert [bool(cell.outputs) for cell in left.cells] == [True, False, False]
    ended, left = run("warm", notebook(["print(1)", "exit()"]), tmp_path)
    assert ended == ""


def test_nothing_passes_from_one_notebook_to_the_next(tmp_path: Path) -> None:
    leave = "import pandas, os\npandas.own = 1\nos.environ['OWN'] = '1'\nos.umask(0)"
    assert printed([leave], tmp_path) == ""
    look = "import pandas, os\nprint(hasattr(pandas, 'own'), 'OWN' in os.environ, os.umask(18))"
    assert printed([look], tmp_path) == "False False 18\n"


def test_what_every_notebook_does_first_was_done_before_the_fork(tmp_path: Path) -> None:
    look = (
        "from qieval.catalogue import EVALUATIONS\n"
        "from qieval.charts.text_width import _letter\n"
        "from qieval.params.known import model_for\n"
        "print(model_for.cache_info().currsize == len(EVALUATIONS), "
        "_letter.cache_info().currsize > 150)"
    )
    assert printed([look], tmp_path) == "True True\n"


def test_chance_differs_from_notebook_to_notebook(tmp_path: Path) -> None:
    draw = "import random, numpy, uuid\nprint(random.random(), numpy.random.rand(), uuid.uuid4())"
    first, second = (printed([draw], tmp_path).split() for _ in range(2))
    assert not set(first) & set(second)


def test_a_child_has_its_own_session_one_thread_and_no_file_of_ours(tmp_path: Path) -> None:
    look = (
        "import os, gc, threading\n"
        "entries = list(os.scandir('/proc/self/fd'))\n"
        "files = [os.readlink(entry) for entry in entries if os.path.lexists(entry)]\n"
        "print(os.getsid(0) == os.getpid(), gc.isenabled(), threading.active_count(), "
        "sum(f.startswith('socket') for f in files), os.environ['OMP_NUM_THREADS'])"
    )
    # Two threads: its own, and the one that reads what C code prints. Two more sockets: its loop's.
    # The second thread reads what C code prints; two of the sockets are its event loop's.
    assert printed([look], tmp_path) == "True True 2 3 1\n"


def test_what_a_notebook_started_ends_with_it(tmp_path: Path) -> None:
    start = "import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)"
    status = Path(f"/proc/{int(printed([start], tmp_path))}/stat")
    until = time.monotonic() + 10
    while status.exists() and status.read_text().split()[2] != "Z":
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_was_to_be_done_at_the_end_is_done(tmp_path: Path) -> None:
    later = "import atexit\natexit.register(open('done', 'w').write, 'yes')"
    assert printed([later], tmp_path) == ""
    assert (tmp_path / "done").exists()


def test_a_run_that_stops_ends_its_notebooks_at_once(tmp_path: Path) -> None:
    cells = ["open('begun', 'w').close()\nimport time\nwhile True: time.sleep(1)"]
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(run, "warm", notebook(cells), tmp_path)
        while not (tmp_path / "begun").exists():
            time.sleep(0.05)
        ENGINES["warm"].stop()
        assert future.result(10)[0] == "DeadKernelError"
    assert not NotebookEngine.running


def test_children_end_with_the_prepared_process_and_a_new_one_is_made(tmp_path: Path) -> None:
    cells = ["open('begun', 'w').close()\nimport time\nwhile True: time.sleep(1)"]
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(run, "warm", notebook(cells), tmp_path)
        while not (tmp_path / "begun").exists():
            time.sleep(0.05)
        assert WARM._prepared is not None
        os.kill(WARM._prepared.process.pid, signal.SIGKILL)
        assert future.result(10)[0] == "DeadKernelError"
    assert printed(["print(1)"], tmp_path) == "1\n"


def test_a_change_of_code_or_surroundings_makes_a_new_prepared_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warm, "begin", lambda: started.append(warm.made_of()) or stand_in())
    monkeypatch.setattr(warm, "CHECK_SECONDS", -1)
    started: list[Any] = []

    class Stands:
        def poll(self) -> None:
            """It runs."""

    def stand_in() -> Any:
        about = {"depends_on": started[-1], "process": Stands(), "close": lambda _: 0}
        return type("P", (), {**about, "ready": lambda itself: itself})()

    one = warm.Warm()
    assert [one.why_not(), one.why_not(), len(started)] == ["", "", 1]
    monkeypatch.setenv("QIEVAL_OUTPUTS", "elsewhere")  # for the notebook alone
    assert [one.why_not(), len(started)] == ["", 1]
    monkeypatch.setenv("MPLBACKEND", "agg")  # read when matplotlib is imported
    assert [one.why_not(), len(started)] == ["", 2]
    monkeypatch.setattr(preparing, "PACKAGE", ROOT / "tests")
    assert [one.why_not(), len(started)] == ["", 3]


def test_a_kernel_of_the_reference_has_sockets_of_its_own(tmp_path: Path) -> None:
    """Ports are found free and taken later: two kernels that start may find the same."""
    look = (
        "from ipykernel.connect import get_connection_info\n"
        "about = get_connection_info(unpack=True)\n"
        "print(about['transport'], about['ip'])"
    )
    ended, left = run("papermill", notebook([look]), tmp_path)
    assert ended == ""
    transport, place = left.cells[0].outputs[0].text.split()
    assert transport == "ipc"
    assert not Path(place).parent.exists()  # it went with the kernel


def test_a_process_that_was_begun_early_is_the_one_that_serves() -> None:
    preparing.begin_early()
    (begun,) = preparing._begun
    one = warm.Warm()
    assert one.why_not() == ""
    assert one._prepared
    assert one._prepared.process is begun.process
    assert not preparing._begun
    one.close()


def test_where_it_cannot_be_kernels_are_started_ahead_and_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm.WARM, "_current", lambda: refuse())

    def refuse() -> None:
        raise warm.NotPrepared("no child could be started (Cannot allocate memory)")

    assert usable("warm") == ("ahead", "no child could be started (Cannot allocate memory)")
    assert usable("papermill") == ("papermill", "")
    assert run("warm", notebook(["print(1)"]), tmp_path)[0] == ""
    assert "Cannot allocate memory" in (tmp_path / "warm.log").read_text()
    root = workspace(tmp_path / "ws", {evaluation(): "well"})
    (record,) = run_plan(plan(["params"], root), page, Settings(engine="warm")).records
    assert record.status == "done"
    assert "Cannot allocate memory" in (root / "outputs/small/run.log").read_text()
    assert '"engine": "ahead"' in (root / "outputs/small/manifest.json").read_text()


def test_a_process_that_may_not_be_forked_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """pyarrow's allocator starts a thread when it is imported, unless it is told not to."""
    monkeypatch.setattr(preparing, "PREPARING", {})
    assert "threads" in warm.Warm().why_not()


def test_papermill_knows_it_by_name() -> None:
    assert papermill_engines.get_engine("qieval") is NotebookEngine
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    entry = project["entry-points"]["papermill.engine"]["qieval"]
    assert entry == f"{NotebookEngine.__module__}:{NotebookEngine.__qualname__}"
