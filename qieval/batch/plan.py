"""What a run will do: every parameter file found and checked before any notebook starts.

A path may be a parameter file, a project folder, a programme folder or the workspace::

    params/<programme>/programme.yml
    params/<programme>/<project>/project.yml
    params/<programme>/<project>/<notebook>[.<label>].yml
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from qieval.catalogue import EVALUATIONS
from qieval.core.errors import ParameterError, QievalError, WorkspaceError, did_you_mean, listed
from qieval.core.workspace import notebook, relative
from qieval.intake.packs import SENDERS
from qieval.intake.programmes import Programme, Project, read_programme, read_project
from qieval.params import EvaluationFile, read_evaluation

DESCRIPTIONS = {"programme.yml": 2, SENDERS: 2, "project.yml": 3, "plan.lock.yml": 3}
"""Files that describe a programme or a project, and how deep below ``params/`` they lie; every
other ``.yml`` is an evaluation (``programme.yml`` in a project folder: the roll-up)."""


@dataclass(frozen=True)
class Item:
    """One evaluation to run: its checked parameters, its notebook of so many steps, whose it is."""

    file: EvaluationFile
    notebook: Path
    steps: int
    programme: Programme
    project: Project

    @property
    def name(self) -> str:
        """``programme/project/notebook[.label]``, unique within the workspace."""
        return f"{self.file.programme}/{self.file.name}"

    @property
    def title(self) -> str:
        """The evaluation in plain words, with its label: "Interrupted time series (female)"."""
        title = EVALUATIONS[self.file.notebook].title
        return f"{title} ({self.file.label})" if self.file.label else title

    @property
    def reads_results(self) -> bool:
        """Whether it reads the results of other evaluations, and so comes after them."""
        return EVALUATIONS[self.file.notebook].reads_results

    @property
    def simulated(self) -> bool:
        """Whether its programme or project is made up."""
        return self.programme.simulated or self.project.simulated


@dataclass(frozen=True)
class Problem:
    """Why something in the plan cannot be run."""

    name: str
    error: QievalError


@dataclass(frozen=True)
class Plan:
    """Evaluations that can run, and what stands in the way of the others."""

    root: Path
    items: tuple[Item, ...]
    problems: tuple[Problem, ...]

    @cached_property
    def programmes(self) -> tuple[str, ...]:
        """Folder names of the programmes that the plan touches, in its order."""
        touched = [item.file.programme for item in self.items]
        touched += [problem.name.partition("/")[0] for problem in self.problems]
        return tuple(
            name for name in dict.fromkeys(touched) if (self.root / "params" / name).is_dir()
        )


def plan(paths: Sequence[Path | str], root: Path) -> Plan:
    """Find and check every evaluation below `paths`.

    Parameters
    ----------
    paths : sequence of paths
        Files or folders; relative ones are looked for from the current folder, then from the
        workspace root, then in its ``params/``.
    root : Path
        The workspace root.

    Returns
    -------
    Plan
        All problems are in ``problems``; nothing is raised for a bad file.
    """
    items: dict[Path, Item] = {}
    problems: list[Problem] = []
    for given in paths:
        try:
            files = _files(_locate(given, root), root)
        except QievalError as error:
            problems.append(Problem(Path(given).name or str(given), error))
            continue
        for file in files:
            if file in items:
                continue
            try:
                items[file] = _item(file, root)
            except QievalError as error:
                name = file.relative_to(root / "params").with_suffix("").as_posix()
                problems.append(Problem(name, error))
    unique = {(problem.name, str(problem.error)): problem for problem in problems}
    return Plan(root, tuple(items.values()), tuple(unique.values()))


def _locate(given: Path | str, root: Path) -> Path:
    """The file or folder meant, as an absolute path below the workspace's ``params/``."""
    params = _params(root)
    there = [
        path for start in (Path.cwd(), root, params) if (path := (start / given).resolve()).exists()
    ]
    for path in there:
        if path == root.resolve():
            return params
        if path == params or params in path.parents:
            return path
    if not there:
        raise _not_there(Path(given), params)
    raise ParameterError(
        "This lies outside the workspace's `params/`.",
        where=relative(there[0], root),
        remedy="Give a parameter file, or a project or programme folder, of this workspace.",
    )


def _not_there(given: Path, params: Path) -> ParameterError:
    known = [path.relative_to(params).as_posix() for path in sorted(params.rglob("*"))]
    below = given.parts[1:] if given.parts[:1] == ("params",) else given.parts
    programmes = sorted(path.name for path in params.iterdir() if path.is_dir())
    return ParameterError(
        "There is no such file or folder.",
        where=given.name if given.is_absolute() else given.as_posix(),
        remedy=did_you_mean(
            "" if given.is_absolute() else "/".join(below),
            known,
            f"Programmes in `params/`: {listed(programmes)}.",
            spelt="params/{}",
        ),
    )


def _files(path: Path, root: Path) -> list[Path]:
    """Parameter files at or below `path`, sorted, checked for their place in the house."""
    if path.is_file():
        _check_place(path, root)
        return [path]
    found = [file for file in sorted(_walk(path)) if file.suffix in (".yml", ".yaml")]
    files = [file for file in found if not _describes(file, root)]
    if not files:
        raise ParameterError(
            "There is nothing to evaluate in this folder.",
            where=relative(path, root),
            remedy="Put a file `<notebook>.yml` in a project folder: "
            "params/<programme>/<project>/<notebook>[.<label>].yml. "
            f"Notebooks: {listed(EVALUATIONS)}.",
        )
    return files


def _walk(folder: Path) -> Iterable[Path]:
    """Files below `folder`; hidden files and folders are nobody's evaluation."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place) / name for name in names if not name.startswith("."))


def _describes(file: Path, root: Path) -> bool:
    """Whether a file describes a programme or project and is no evaluation."""
    return DESCRIPTIONS.get(file.name) == _depth(file, root)


def _depth(file: Path, root: Path) -> int:
    """How deep below ``params/`` a file lies: 3 in a project folder."""
    return len(file.relative_to(_params(root)).parts)


@lru_cache(maxsize=8)
def _params(root: Path) -> Path:
    return (root / "params").resolve()


def _check_place(file: Path, root: Path) -> None:
    where = relative(file, root)
    if _describes(file, root):
        raise ParameterError(
            "This file describes a programme or project; it is not an evaluation.",
            where=where,
            remedy="Give its folder, to run everything in it.",
        )
    if file.suffix != ".yml":
        raise ParameterError(
            "A parameter file ends in `.yml`.",
            found=f"`{file.name}`",
            where=where,
            remedy=f"Rename it to `{file.stem}.yml`." if file.suffix == ".yaml" else None,
        )
    if _depth(file, root) != 3:
        raise ParameterError(
            "This parameter file does not lie in a project folder.",
            where=where,
            remedy="Put it at params/<programme>/<project>/<notebook>[.<label>].yml.",
        )


def _item(file: Path, root: Path) -> Item:
    _check_place(file, root)
    evaluation = read_evaluation(file, root)
    try:
        path = _notebook(evaluation.notebook, root)
    except WorkspaceError as error:
        raise error.at(relative(file, root)) from error
    programme, project = file.parent.parent, file.parent
    return Item(
        evaluation,
        path,
        _steps(path, root),
        read_programme(programme, root),
        read_project(project, root),
    )


def _notebook(name: str, root: Path) -> Path:
    """The notebook of an evaluation; the workspace's own may still have an earlier name."""
    for earlier in EVALUATIONS[name].formerly:
        own = [root / "notebooks" / f"{each}.ipynb" for each in (name, earlier)]
        if own[1].is_file() and not own[0].is_file():
            return own[1]
    return notebook(name, root)


def _steps(path: Path, root: Path) -> int:
    """How many code cells the notebook has: the progress bar counts them."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return sum(cell["cell_type"] == "code" for cell in cells)
    except (ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            "This notebook cannot be read.",
            where=relative(path, root),
            remedy="Open and save it in JupyterLab, or take it away: qieval's own is used then.",
        ) from error
