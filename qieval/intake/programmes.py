"""What a programme and its projects say of themselves: ``programme.yml`` and ``project.yml``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from qieval.core.errors import ParameterError, listed, nearest
from qieval.core.workspace import relative, resolve
from qieval.core.yaml_files import read_yaml
from qieval.intake.plans import Plan, make_plan
from qieval.intake.theory import Theory, make_theory


@dataclass(frozen=True)
class Project:
    """A project of a programme (``project.yml``).

    `theory` is its theory of change: aim, drivers with their change ideas, measures.
    """

    name: str
    network: str = ""
    team: str = ""
    aim: str = ""
    simulated: bool = False
    background: str = ""
    plan: Plan | None = None
    theory: Theory | None = None


@dataclass(frozen=True)
class Programme:
    """A programme (``programme.yml``)."""

    name: str
    aim: str = ""
    simulated: bool = False
    networks: tuple[str, ...] = ()


def _read_record(path: Path, root: Path, kind: type) -> Any:
    values, lines = read_yaml(path, root)
    known = [field.name for field in fields(kind)]
    for name in values:
        if name not in known:
            guess = nearest(name, known)
            raise ParameterError(
                f"`{name}` is not known here.",
                remedy=f"Did you mean `{guess}`?" if guess else f"Known: {listed(known)}.",
                where=f"{relative(path, root)}, line {lines[name]}",
            )
    if not values.get("name"):
        raise ParameterError("`name` is missing.", where=relative(path, root))
    if isinstance(values.get("networks"), list):
        values["networks"] = tuple(str(network) for network in values["networks"])
    if "theory" in values:
        values["theory"] = make_theory(values["theory"], path, root)
    if "plan" in values:
        values["plan"] = make_plan(values["plan"], path, root)
    return kind(**values)


def read_project(folder: Path, root: Path) -> Project:
    """The project whose folder this is; named after the folder if it has no ``project.yml``."""
    file = folder / "project.yml"
    return _read_record(file, root, Project) if file.is_file() else Project(folder.name)


def project_at(path: str) -> tuple[Project, Path, Path]:
    """The project of a ``project.yml`` that parameters name, its folder and its workspace root.

    Raises
    ------
    ParameterError
        If there is no such file, or it cannot be used.
    """
    file = resolve(path)
    if not file.is_file():
        raise ParameterError(
            "`project` is not a file.",
            found=relative(file),
            remedy="Give the path of a project.yml from the workspace root, or leave it out.",
        )
    root = file.parents[min(3, len(file.parents) - 1)]
    return read_project(file.parent, root), file.parent, root


def project_folder(given: Path | str, root: Path) -> Path:
    """The folder of a project, or of its ``project.yml``.

    Relative ones are looked for from the current folder, then from the workspace root, then in its
    ``params/``.

    Raises
    ------
    ParameterError
        If there is none; with the nearest.
    """
    params = (root / "params").resolve()
    for start in (Path.cwd(), root, params):
        path = (start / given).resolve()
        folder = path.parent if path.name == "project.yml" else path
        if folder.is_dir() and folder.parent.parent == params:
            return folder
    shown = Path(given).as_posix() if not Path(given).is_absolute() else Path(given).name
    known = [
        folder.relative_to(params).as_posix() for folder in params.glob("*/*") if folder.is_dir()
    ]
    guess = nearest(shown.removeprefix("params/"), known)
    raise ParameterError(
        "This is not a project's folder.",
        found=f"`{shown}`",
        remedy=f"Did you mean `params/{guess}`?"
        if guess
        else "Give a folder params/<programme>/<project> of this workspace.",
    )


def read_programme(folder: Path, root: Path) -> Programme:
    """The programme whose folder this is; named after the folder if it has no ``programme.yml``."""
    file = folder / "programme.yml"
    return _read_record(file, root, Programme) if file.is_file() else Programme(folder.name)
