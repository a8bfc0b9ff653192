"""Every engine leaves what papermill leaves, whatever a notebook does.

Over five seconds: every comparison needs kernels of the reference, and one prepared process.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest

from qieval.batch.compare import comparable
from qieval.batch.plan import plan
from qieval.core.config import Settings, environment_of
from tests.batch.alike import EVERYDAY, notebook, run

OURS = ("warm", "ahead") if sys.platform == "linux" else ("ahead",)

ROOT = Path(__file__).resolve().parents[2]

EXAMPLES = ("cowslip-reablement/run_chart", "rowan-discharge-pathway/length_of_stay")

ENDS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "sys.exit(0)": (["print(1)", "import sys\nsys.exit(0)", "print(2)"], {}),
    "an error": (["print(1)", "1 / 0", "print(2)"], {}),
    "os._exit": (["print(1)", "import os\nos._exit(3)", "print(2)"], {}),
    "a crash": (["import ctypes\nctypes.string_at(0)", "print(2)"], {}),
    "too long": (["print(1)", "import time\ntime.sleep(60)", "print(2)"], {"timeout": 3}),
    "too large": (["print(1)", "bytearray(16 << 30)", "print(2)"], {"memory": 8000}),
}

Ended = tuple[str, nbformat.NotebookNode]
Ends = dict[str, dict[str, Ended]]


def example(name: str) -> tuple[nbformat.NotebookNode, dict[str, Any]]:
    """A real notebook of ours, and what it runs with."""
    (item,) = plan([f"params/closing-the-gap/{name}.yml"], ROOT).items
    environment = {**environment_of(Settings(), ROOT), "QIEVAL_WORKSPACE": str(ROOT)}
    options = {"parameters": item.file.injected, "root": ROOT, "environment": environment}
    return nbformat.read(item.notebook, as_version=4), options


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Ends:
    """Every notebook of this file through every engine."""
    notebooks = {name: (notebook(cells), options) for name, (cells, options) in ENDS.items()}
    notebooks["everyday"] = (notebook(EVERYDAY, goes_on=True), {})
    notebooks |= {name: example(name) for name in EXAMPLES}
    folder = tmp_path_factory.mktemp("ends")
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.delenv("PYTEST_CURRENT_TEST")  # ipykernel would not read what C code prints
        running = {
            (name, engine): pool.submit(run, engine, made, folder / str(number), **options)
            for number, (name, (made, options)) in enumerate(notebooks.items())
            for engine in (*OURS, "papermill")
        }
        return {
            name: {engine: running[name, engine].result() for engine in (*OURS, "papermill")}
            for name in notebooks
        }


def different(ours: nbformat.NotebookNode, reference: nbformat.NotebookNode) -> list[Any]:
    """Cells (and at the end the metadata) that differ."""
    cells = list(zip(comparable(ours), comparable(reference), strict=True))
    for here, there in cells:
        if not there.get("outputs"):
            # A real kernel that dies at once may not have sent that the cell began.
            here.pop("count", None), there.pop("count", None)
    return [pair for pair in cells if pair[0] != pair[1]]


def outputs(left: nbformat.NotebookNode) -> str:
    return json.dumps([cell.get("outputs") for cell in left.cells])


@pytest.mark.parametrize("engine", OURS)
def test_every_cell_of_everyday_work_comes_out_alike(engine: str, ends: Ends) -> None:
    ours, reference = ends["everyday"][engine], ends["everyday"]["papermill"]
    assert different(ours[1], reference[1]) == []
    assert ours[0] == reference[0]
    printed = outputs(ours[1])
    for words in ("from a process", "from the system", "from below", "from a fork", "image/png"):
        assert words in printed


@pytest.mark.parametrize("engine", OURS)
@pytest.mark.parametrize("name", ENDS)
def test_every_end_is_the_same_end(name: str, engine: str, ends: Ends) -> None:
    ours, reference = ends[name][engine], ends[name]["papermill"]
    assert ours[0] == reference[0]
    assert different(ours[1], reference[1]) == []
    assert "print(2)" not in str([c.source for c in ours[1].cells if c.get("outputs")])


@pytest.mark.parametrize("engine", OURS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_our_own_notebooks_come_out_alike(name: str, engine: str, ends: Ends) -> None:
    ours, reference = ends[name][engine], ends[name]["papermill"]
    assert ours[0] == reference[0] == ""
    assert different(ours[1], reference[1]) == []
    assert "<svg" in outputs(ours[1])
