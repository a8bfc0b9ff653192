"""Working copies of notebooks for JupyterLab, with a project's parameters filled in.

They lie in ``lab/``, which no version control sees, so that the notebooks of the workspace and of
the package stay clean. A copy knows what it was made from: one that nobody changed is made anew
when the notebook or the parameter file has changed, one that somebody changed is kept, and that is
said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nbformat
from nbformat import NotebookNode

from qieval.catalogue import EVALUATIONS
from qieval.core.errors import ParameterError, WorkspaceError
from qieval.core.workspace import PACKAGE, digest_of, notebook, relative, write_whole
from qieval.intake.programmes import project_folder
from qieval.params import EvaluationFile, cell, read_evaluation

FOLDER = "lab"

JUPYTER = PACKAGE / "batch" / "jupyter"
"""What JupyterLab is told: no news from the network, and no cell left blank outside the view."""

_CHECKING = re.compile(r'qi\.parameters\(("\w+"), globals\(\)\)')
_SHORT = 12

State = Literal["made", "made again", "kept", "changed by you"]


@dataclass(frozen=True)
class WorkingCopy:
    """A working copy.

    Attributes
    ----------
    file : Path
    state : str
        Whether it was made now; "changed by you" if it should have been, and was kept for that.
    """

    file: Path
    state: State


def working_copies(root: Path, of: Path | None = None) -> list[WorkingCopy]:
    """Make the working copies of a project's notebooks, or of every notebook with its example.

    Parameters
    ----------
    root : Path
        The workspace.
    of : Path, optional
        A project's folder or its ``project.yml``, or one of its parameter files.

    Raises
    ------
    ParameterError
        If it is no project, has no evaluation, or a parameter file is wrong.
    WorkspaceError
        If the copies cannot be written.
    """
    wanted = list(_of_project(root, of) if of else _of_all(root))
    try:
        (root / FOLDER).mkdir(exist_ok=True)
        write_whole(root / FOLDER / ".gitignore", "*\n")  # outputs may hold people's data
        return [_copied(file, copy) for file, copy in wanted]
    except OSError as error:
        raise WorkspaceError(
            "The working copies cannot be written.",
            found=error.strerror,
            remedy="Use a workspace in which you may write, or close the notebooks elsewhere.",
            where=f"{FOLDER}/",
        ) from error


def _of_all(root: Path) -> Iterator[tuple[Path, NotebookNode]]:
    for name in EVALUATIONS:
        yield root / FOLDER / f"{name}.ipynb", _copy_of(name, root)


def _of_project(root: Path, of: Path) -> Iterator[tuple[Path, NotebookNode]]:
    given = [start / of for start in (Path.cwd(), root) if (start / of).is_file()]
    if given and given[0].name != "project.yml":
        files, folder = [given[0].resolve()], given[0].resolve().parent
    else:
        folder = project_folder(of, root)
        files = [
            file
            for file in sorted(folder.glob("*.yml"))
            if file.name.partition(".")[0] in EVALUATIONS
        ]
    if not files:
        raise ParameterError(
            "This project has no evaluation yet.",
            where=relative(folder, root),
            remedy="Make one: `qieval new <project> --from <file>`.",
        )
    for file in files:
        read = read_evaluation(file, root)
        copy = root / FOLDER / read.programme / read.project / f"{file.stem}.ipynb"
        yield copy, _copy_of(read.notebook, root, read)


def _copy_of(name: str, root: Path, read: EvaluationFile | None = None) -> NotebookNode:
    """A notebook as it is to be worked with."""
    source = notebook(name, root)
    copy = nbformat.read(source, as_version=4)
    from_what = digest_of(source)[:_SHORT]
    file = f'file="{relative(read.path, root)}", ' if read else ""
    for one in copy.cells:
        if read and "parameters" in one.metadata.get("tags", ()):
            one.source = cell(name, read.given)
        elif one.cell_type == "code":
            told = rf'qi.parameters(\n    \1, globals(), {file}copied_from="{from_what}"\n)'
            one.source = _CHECKING.sub(told, one.source)
    copy.metadata["qieval"] = {"copied_from": from_what, "as_made": _words(copy)}
    return copy


def _copied(file: Path, copy: NotebookNode) -> WorkingCopy:
    """Write a copy where none is, or one that nobody has changed."""
    state: State = "made"
    if file.is_file():
        there = nbformat.read(file, as_version=4)
        about = there.metadata.get("qieval", {})
        if _words(there) == _words(copy):
            return WorkingCopy(file, "kept")
        if _words(there) != about.get("as_made"):
            same = about.get("copied_from") == copy.metadata["qieval"]["copied_from"]
            return WorkingCopy(file, "kept" if same else "changed by you")
        state = "made again"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, nbformat.writes(copy))
    return WorkingCopy(file, state)


def _words(of: NotebookNode) -> str:
    """What the cells of a notebook say, as one digest; outputs are no part of it."""
    said = "\0".join(f"{one.cell_type}\0{one.source}" for one in of.cells)
    return hashlib.sha256(said.encode()).hexdigest()
