"""Parameter files: ``params/<programme>/<project>/<notebook>[.<label>].yml``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qieval.catalogue import evaluation
from qieval.core.errors import ParameterError
from qieval.core.recorded import plain
from qieval.core.workspace import relative, resolve
from qieval.core.yaml_files import Places, read_yaml_places
from qieval.intake.identifiers import refuse_in
from qieval.intake.programmes import Project, read_project
from qieval.intake.within import refuse_outside
from qieval.params.known import RECIPES
from qieval.params.settled import settle


@dataclass(frozen=True)
class EvaluationFile:
    """A checked parameter file."""

    path: Path  # the file
    # Folder names.
    programme: str
    project: str
    notebook: str  # name of the evaluation
    label: str | None  # what tells it apart from others of the same kind in its project
    parameters: dict[str, Any]  # every parameter, checked: the file's own, its project's, defaults
    origins: dict[str, str] = field(default_factory=dict)  # where each of them came from, in words
    # What the file says itself, and where its project is; plain values.
    given: dict[str, Any] = field(default_factory=dict)
    # File and line of each value, in this file or the project's.
    places: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``project/notebook[.label]``, unique within the programme."""
        return f"{self.project}/{self.path.stem}"

    @property
    def injected(self) -> dict[str, Any]:
        """What a notebook is told: it finds the rest in the project's file, as a check does."""
        return self.given if self.given.get("project") else self.parameters

    @property
    def is_flat(self) -> bool:
        """Whether it says itself what is read, as all files did before projects could."""
        return "source" in self.given and not any(name in self.given for name in RECIPES)


def read_evaluation(path: Path, root: Path) -> EvaluationFile:
    """A parameter file, checked against the signatures of its evaluation and its project's file.

    Raises ParameterError if the file's name is no evaluation's, or a parameter is unknown, missing
    or wrong.
    """
    path = path.resolve()
    named, _, label = path.stem.partition(".")
    try:
        notebook = evaluation(named).name
    except ParameterError as error:
        raise error.at(relative(path, root)) from error
    values, places = read_yaml_places(path, root)
    refuse_in(values, places)
    refuse_outside(values, places, root)
    about, home = _project(values.get("project"), path.parent, places, root)
    settled = settle(notebook, values, about, places)
    given = {name: plain(value, name) for name, value in values.items()}
    if home is not None:
        settled.values["project"] = given["project"] = home
    return EvaluationFile(
        path,
        path.parent.parent.name,
        path.parent.name,
        notebook,
        label or None,
        settled.values,
        settled.origins,
        given,
        settled.places,
    )


def _project(named: Any, folder: Path, places: Places, root: Path) -> tuple[Project, str | None]:
    """The project of a parameter file, and its file: the one that is named, or that beside it."""
    if named is None:
        file = folder / "project.yml"
        return read_project(folder, root), relative(file, root) if file.is_file() else None
    file = resolve(str(named), root)
    if not file.is_file():
        raise ParameterError(
            "`project` is not a file.",
            found=relative(file, root),
            remedy="Give the path of a project.yml from the workspace root, or leave it out: the "
            "one beside this file is taken.",
            where=places.of("project"),
        )
    return read_project(file.parent, root), str(named)
