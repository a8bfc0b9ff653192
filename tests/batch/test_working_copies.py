"""Working copies: a project's parameters in them, ours clean, and no old copy without a word."""

from __future__ import annotations

import shutil

import nbformat
import pytest
import yaml
from nbclient import NotebookClient

import qieval as qi
from qieval.batch.working_copies import FOLDER, working_copies
from qieval.catalogue import EVALUATIONS
from qieval.core.workspace import shipped
from qieval.params.notebook import EARLIER
from tests.conftest import REPOSITORY

PROJECT = "params/closing-the-gap/rowan-discharge-pathway"
NAME = "run_chart"


@pytest.fixture
def root(tmp_path, monkeypatch):
    for part in ("params/closing-the-gap", "data/closing-the-gap", "notebooks"):
        shutil.copytree(REPOSITORY / part, tmp_path / part)
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def copy_of(root, name=NAME):
    copies = working_copies(root, root / PROJECT)
    return next(copy for copy in copies if copy.file.stem == name)


def edit(file, change):
    notebook = nbformat.read(file, as_version=4)
    change(notebook)
    nbformat.write(notebook, file)


def test_a_copy_says_what_the_project_says_runs_and_saves_back(root):
    parameters = root / PROJECT / f"{NAME}.yml"
    copy = copy_of(root)
    assert copy.state == "made"
    assert (
        copy.file == root / FOLDER / "closing-the-gap" / "rowan-discharge-pathway" / f"{NAME}.ipynb"
    )
    notebook = nbformat.read(copy.file, as_version=4)
    title = yaml.safe_load(parameters.read_text(encoding="utf-8"))["title"]
    cell = next(one for one in notebook.cells if "parameters" in one.metadata.get("tags", ()))
    assert f"title = {title!r}" in cell.source
    cell.source = cell.source.replace(repr(title), "'Another title'")
    notebook.cells.append(nbformat.v4.new_code_cell("qi.save_parameters()"))
    NotebookClient(notebook, timeout=120).execute()
    said = notebook.cells[-1].outputs[0].data["text/plain"]
    assert said.startswith(f"Written to {PROJECT}/{NAME}.yml:\n  title: 'Another title' (was")
    assert "title: Another title" in parameters.read_text(encoding="utf-8")
    top = next(c for c in notebook.cells if "qi.parameters" in c.source).outputs[0]
    assert "earlier notebook" not in top.data["text/plain"]
    ours = shipped("notebooks", f"{NAME}.ipynb").read_bytes()
    assert (root / "notebooks" / f"{NAME}.ipynb").read_bytes() == ours


def test_what_nobody_changed_is_made_again_when_the_notebook_or_the_file_changes(root):
    copy_of(root)
    assert copy_of(root).state == "kept"
    edit(root / "notebooks" / f"{NAME}.ipynb", lambda n: n.cells.pop())
    assert copy_of(root).state == "made again"
    parameters = root / PROJECT / f"{NAME}.yml"
    parameters.write_text(parameters.read_text(encoding="utf-8") + "time: period\n", "utf-8")
    assert copy_of(root).state in ("made again", "kept")
    assert copy_of(root).state == "kept"


def test_what_somebody_changed_is_kept_and_an_old_copy_says_so(root, monkeypatch):
    file = copy_of(root).file
    edit(file, lambda n: n.cells.append(nbformat.v4.new_code_cell("# mine")))
    assert copy_of(root).state == "kept"
    edit(root / "notebooks" / f"{NAME}.ipynb", lambda n: n.cells.pop())
    assert copy_of(root).state == "changed by you"
    notebook = nbformat.read(file, as_version=4)
    assert notebook.cells[-1].source == "# mine"
    checking = next(one.source for one in notebook.cells if "qi.parameters" in one.source)
    namespace = {"qi": qi}
    exec(checking.removesuffix("p"), namespace)  # the cell of the copy, as its kernel runs it
    assert EARLIER in repr(namespace["p"])


def test_without_a_project_every_notebook_is_there_with_its_example(root):
    copies = working_copies(root)
    assert {copy.file.stem for copy in copies} == set(EVALUATIONS)
    ours = nbformat.read(shipped("notebooks", f"{NAME}.ipynb"), as_version=4)
    theirs = nbformat.read(root / FOLDER / f"{NAME}.ipynb", as_version=4)
    assert len(theirs.cells) == len(ours.cells)
    assert theirs.cells[1].source == ours.cells[1].source


def test_a_project_without_evaluations_says_what_to_do(root):
    for file in (root / PROJECT).glob("*.yml"):
        if file.name != "project.yml":
            file.unlink()
    with pytest.raises(qi.ParameterError, match="has no evaluation yet"):
        working_copies(root, root / PROJECT)
