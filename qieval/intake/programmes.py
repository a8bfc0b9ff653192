"""What a programme and its projects say of themselves: ``programme.yml`` and ``project.yml``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from qieval.core.errors import ParameterError, listed, nearest
from qieval.core.workspace import relative
from qieval.core.yaml_files import read_yaml


@dataclass(frozen=True)
class Project:
    """A project of a programme (``project.yml``)."""

    name: str
    network: str = ""
    team: str = ""
    aim: str = ""
    simulated: bool = False
    background: str = ""


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
    return kind(**values)


def read_project(folder: Path, root: Path) -> Project:
    """The project whose folder this is; named after the folder if it has no ``project.yml``."""
    file = folder / "project.yml"
    return _read_record(file, root, Project) if file.is_file() else Project(folder.name)


def read_programme(folder: Path, root: Path) -> Programme:
    """The programme whose folder this is; named after the folder if it has no ``programme.yml``."""
    file = folder / "programme.yml"
    return _read_record(file, root, Programme) if file.is_file() else Programme(folder.name)
