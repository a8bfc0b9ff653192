"""Plain papermill takes our notebooks and parameter files as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from qieval.core.result import Result
from qieval.report.provenance import RESULT_MIME

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
