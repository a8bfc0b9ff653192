"""Small workspaces with a small notebook, for tests of plans, runs and pages.

The workspace's own notebook wins over qieval's of the same name; this one does what the parameter
`question` tells it: go well, refuse, raise, sleep, show no result, end its own Python.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import nbformat
from nbformat import v4

NAME = "interrupted_time_series"

PARAMETERS = """\
source: data/series.csv
kind: series
value: bed_days
intervention: 2020-03-01
question: {question}
"""

BEHAVE = """
import os, sys, time, warnings
from pathlib import Path
from qieval.core.errors import CannotEvaluate, DataError

warnings.warn("a warning for the log")
print("The step began.")
if question == "raise":
    1 / 0
if question == "refuse":
    raise CannotEvaluate(
        "There are too few months before the change.",
        found="2 months",
        remedy="Give at least 3 months on each side.",
    )
if question == "bad data":
    raise DataError("The column `bed_days` is missing.", found="`beddays`", remedy="Rename it.")
if question == "say where":
    raise ValueError(f"cannot use {os.getcwd()} or {sys.prefix}")
if question == "end":
    os._exit(1)
if question == "exit":
    sys.exit(0)
while question == "sleep":
    with Path("heartbeat").open("a") as heart:
        heart.write(".")
    time.sleep(0.05)
"""

SHOW = """
from IPython.display import HTML, display

display(HTML("<table><caption>Estimates</caption><tr><th scope='col'>Term</th></tr></table>"))
"""

RESULT = """
headline = f"{question}: {Path.cwd().name}, {os.environ['QIEVAL_WORKSPACE'] == str(Path.cwd())}"
if question != "show nothing": display({
    "application/vnd.qieval.result+json": {"qieval_result": 1, "kind": "small"},
    "application/vnd.qieval.page+json": {
        "headline": headline,
        "setting": sys.executable if question == "which python" else "Alder ward",
        "attribution": "Made for a test.",
        "simulated": False,
    },
    "text/plain": "for programs",
}, raw=True)
"""


def notebook() -> nbformat.NotebookNode:
    """The small notebook."""
    parameters = v4.new_code_cell("question = None  # type: str what to do")
    parameters.metadata["tags"] = ["parameters"]
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# A small evaluation\n\nWhat happened?"),
            parameters,
            v4.new_markdown_cell("## Read the data"),
            v4.new_code_cell(dedent(BEHAVE).strip()),
            v4.new_markdown_cell("## What came out"),
            v4.new_code_cell(dedent(SHOW).strip()),
            v4.new_code_cell(dedent(RESULT).strip()),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
    )


READ = """
import json, os
from qieval.core.config import load_settings
from qieval.core.workspace import resolve

manifest = resolve(load_settings().outputs) / programme / "manifest.json"
seen = [entry["evaluation"] for entry in json.loads(manifest.read_text())["evaluations"]]
display({
    "application/vnd.qieval.result+json": {"qieval_result": 1, "kind": "small"},
    "application/vnd.qieval.page+json": {"headline": ", ".join(seen)},
    "text/plain": "for programs",
}, raw=True)
"""


def roll_up() -> nbformat.NotebookNode:
    """A notebook that says which evaluations it found in the manifest when it ran."""
    parameters = v4.new_code_cell("programme = None  # type: str whose results")
    parameters.metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "P", "language": "python"}
    cells = [parameters, v4.new_code_cell(dedent(READ).strip())]
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def workspace(root: Path, questions: dict[str, str]) -> Path:
    """A workspace; `questions` says what each ``programme/project/notebook[.label]`` is to do."""
    (root / "notebooks").mkdir(parents=True)
    (root / "params").mkdir()
    nbformat.write(notebook(), root / "notebooks" / f"{NAME}.ipynb")
    nbformat.write(roll_up(), root / "notebooks" / "programme.ipynb")
    for name, question in questions.items():
        add(root, name, question)
    return root


def add(root: Path, name: str, question: str) -> Path:
    """One more parameter file."""
    file = root / "params" / f"{name}.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PARAMETERS.format(question=question), encoding="utf-8")
    return file


def evaluation(label: str = "", project: str = "alder", programme: str = "small") -> str:
    """``small/alder/interrupted_time_series[.label]``."""
    return f"{programme}/{project}/{NAME}{label and '.'}{label}"
