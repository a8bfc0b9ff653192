"""Notebooks in git are thin and carry no outputs: an output may hold people's data."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_LINES = 12


def faults(notebook: NotebookNode) -> list[str]:
    """Everything that a notebook in git must not be, in words."""
    found = []
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append("its kernel is not python3")
    if set(notebook.metadata) - {"kernelspec", "language_info"}:
        found.append("it carries metadata of a run")
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            found += [f"cell {number} {fault}" for fault in _code_faults(cell)]
    if not any("parameters" in cell.metadata.get("tags", []) for cell in notebook.cells):
        found.append("no cell is tagged `parameters`")
    if notebook.cells[0].cell_type != "markdown" or not notebook.cells[0].source.startswith("# "):
        found.append("its first cell is no title")
    return found


def _code_faults(cell: NotebookNode) -> list[str]:
    found = []
    if cell.outputs:
        found.append("has outputs")
    if cell.execution_count is not None:
        found.append("has an execution count")
    if "execution" in cell.metadata or "papermill" in cell.metadata:
        found.append("carries metadata of a run")
    is_parameters = "parameters" in cell.metadata.get("tags", [])
    if len(cell.source.splitlines()) > MOST_LINES and not is_parameters:
        found.append(f"has more than {MOST_LINES} lines")
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            found.append("defines a function or class: its place is the package")
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if any(name.partition(".")[0] in {"matplotlib", "seaborn", "pylab"} for name in names):
            found.append("draws by itself: its place is a chart of the package")
    return found


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_clean(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert faults(notebook) == []


def clean() -> NotebookNode:
    parameters = nbformat.v4.new_code_cell("x = 1  # type: int", metadata={"tags": ["parameters"]})
    cells = [nbformat.v4.new_markdown_cell("# Title"), parameters, nbformat.v4.new_code_cell("x")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


def _outputs(notebook: NotebookNode) -> None:
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="1")]


def _count(notebook: NotebookNode) -> None:
    notebook.cells[2].execution_count = 3


def _function(notebook: NotebookNode) -> None:
    notebook.cells[2].source = "def f():\n    pass"


def _draws(notebook: NotebookNode) -> None:
    notebook.cells[2].source = "from matplotlib import pyplot"


def _long(notebook: NotebookNode) -> None:
    notebook.cells[2].source = "x\n" * (MOST_LINES + 1)


def _kernel(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec.name = "my-env"


def _run(notebook: NotebookNode) -> None:
    notebook.metadata["papermill"] = {"parameters": {}}


def test_a_clean_notebook_is_let_be() -> None:
    notebook = clean()
    notebook.cells[1].source = "\n".join(f"x{i} = 1  # type: int" for i in range(MOST_LINES + 5))
    assert faults(notebook) == []


@pytest.mark.parametrize("spoil", [_outputs, _count, _function, _draws, _long, _kernel, _run])
def test_a_spoilt_notebook_is_found(spoil: Callable[[NotebookNode], None]) -> None:
    notebook = copy.deepcopy(clean())
    spoil(notebook)
    assert len(faults(notebook)) == 1
