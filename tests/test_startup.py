"""Heavy packages wait until they are needed, so that `import qieval` and `--help` are quick.

What is loaded is checked, not how long it took: benchmarks/startup.py measures that.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import openpyxl
import pytest

import qieval

ROOT = Path(__file__).resolve().parents[1]

HEAVY = {
    "duckdb",
    "ibis",
    "IPython",
    "jinja2",
    "jupyterlab",
    "matplotlib",
    "nbconvert",
    "nbformat",
    "numpy",
    "pandas",
    "pandera",
    "papermill",
    "pooch",
    "pyarrow",
    "scipy",
    "seaborn",
    "statsmodels",
}

REPORT = (
    "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
)

HELP = f"""
import sys
from qieval.cli import main
sys.argv = ["qieval", "--help"]
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
{REPORT}
"""


def loaded(code: str) -> set[str]:
    """Top-level modules that a fresh Python holds after `code`."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_qieval_loads_nothing_heavy() -> None:
    names = loaded(f"import qieval; qieval.__version__; dir(qieval)\n{REPORT}")
    assert names & HEAVY == set()
    assert names & {"typer", "rich", "pydantic", "yaml"} == set()


def test_help_loads_nothing_heavy() -> None:
    names = loaded(HELP)
    assert names & HEAVY == set()
    assert "typer" in names


@pytest.mark.parametrize("command", [["check"], ["run", "--explain"], ["status"]])
def test_what_runs_no_notebook_loads_nothing_that_runs_or_renders_one(command: list[str]) -> None:
    asked = [*command, "params/closing-the-gap/heron-employment"]
    names = loaded(HELP.replace('"--help"', ", ".join(map(repr, asked))))
    assert names & {"papermill", "nbconvert", "nbformat", "nbclient", "jupyter_client"} == set()
    assert names & {"matplotlib", "statsmodels", "seaborn", "pandera", "cryptography"} == set()
    assert "pandas" in names


def test_whoever_leads_a_run_loads_no_statistics_and_no_charts() -> None:
    """The notebooks' own process does; the page takes what they showed."""
    names = loaded(f"import qieval.batch.run, qieval.share.pages, qieval.share.index\n{REPORT}")
    assert names & {"matplotlib", "scipy", "statsmodels", "seaborn", "IPython"} == set()
    assert "papermill" in names


def test_a_process_is_begun_before_anything_heavy_is_loaded() -> None:
    names = loaded(f"import qieval.batch.preparing\n{REPORT}")
    assert names & HEAVY == set()


def test_a_project_begun_from_a_workbook_loads_no_database(tmp_path: Path) -> None:
    (tmp_path / "params").mkdir()
    book = openpyxl.Workbook()
    for row in [["Month", "Falls"], ["2024-01", 3], ["2024-02", 5], ["2024-03", 4]]:
        book.active.append(row)
    book.save(tmp_path / "falls.xlsx")
    asked = ["new", "params/unit/falls", "--from", "falls.xlsx", "--no-ask"]
    code = HELP.replace('"--help"', ", ".join(map(repr, asked)))
    names = loaded(f"import os; os.environ['QIEVAL_WORKSPACE'] = {str(tmp_path)!r}\n{code}")
    assert (tmp_path / "params/unit/falls/project.yml").is_file()
    assert names & {"ibis", "duckdb", "scipy", "statsmodels", "matplotlib"} == set()


@pytest.mark.parametrize("name", sorted(HEAVY))
def test_every_heavy_package_is_one_we_have(name: str) -> None:
    """A name misspelt above would never be found loaded."""
    assert find_spec(name)


@pytest.mark.parametrize("name", qieval.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Names wait until they are used, so one that is misspelt would not be noticed on import."""
    assert getattr(qieval, name) is not None
