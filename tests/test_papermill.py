"""Plain papermill takes our notebooks and parameter files as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from qieval.core.blocks import RESULT_MIME
from qieval.core.result import Result

ROOT = Path(__file__).resolve().parents[1]


def papermill(tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "papermill", "notebooks/interrupted_time_series.ipynb"]
    return subprocess.run(
        [*command, str(tmp_path / "out.ipynb"), "-k", "python3", "--no-progress-bar", *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_parameter_file_of_ours_works_as_it_is(tmp_path):
    file = "params/closing-the-gap/alder-weekly-review/interrupted_time_series.yml"
    done = papermill(tmp_path, "-f", file)
    assert done.returncode == 0, done.stderr
    assert "Passed unknown parameter" not in done.stderr
    notebook = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    (found,) = [o.data[RESULT_MIME] for o in outputs if RESULT_MIME in o.get("data", {})]
    assert "Alder" in Result.from_dict(json.loads(found)).params["setting"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("interventon", "2017-01-01"), "Did you mean `intervention`?"),
        (("direction", "down"), "Use one of `lower`"),
    ],
)
def test_a_wrong_parameter_stops_the_notebook_too(tmp_path, given, says):
    file = "params/closing-the-gap/alder-weekly-review/interrupted_time_series.yml"
    done = papermill(tmp_path, "-f", file, "-p", *given)
    assert done.returncode != 0
    assert says in done.stderr


def test_nothing_of_the_example_is_left_in_anothers_evaluation_whatever_cells_stand_between(
    tmp_path,
):
    """The trap of a cell that shows values: Cowslip ward names no baseline, the example does."""
    notebook = nbformat.read(ROOT / "notebooks" / "run_chart.ipynb", as_version=4)
    own = [nbformat.v4.new_code_cell(f"print('own {at}')\nown_{at} = {at}") for at in range(3)]
    (at,) = [i for i, c in enumerate(notebook.cells) if "parameters" in c.metadata.get("tags", [])]
    notebook.cells[at + 1 : at + 1] = [own[1]]
    notebook.cells = [own[0], *notebook.cells, own[2]]
    nbformat.write(notebook, tmp_path / "own.ipynb")
    file = "params/closing-the-gap/cowslip-reablement/run_chart.yml"
    command = [sys.executable, "-m", "papermill", str(tmp_path / "own.ipynb")]
    done = subprocess.run(
        [*command, str(tmp_path / "out.ipynb"), "-k", "python3", "--no-progress-bar", "-f", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    (found,) = [o.data[RESULT_MIME] for o in outputs if RESULT_MIME in o.get("data", {})]
    params = Result.from_dict(json.loads(found)).params
    assert (params["setting"], params["baseline"]) == ("Cowslip ward", None)
