"""`qi.project`: a project opened by the path of its file, its data and measures ready to use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from qieval.core.errors import ParameterError
from qieval.core.late import ir
from qieval.core.signatures import parameters_in
from qieval.core.workspace import find_root
from qieval.flow.measures import MEASURED, measure
from qieval.flow.recipes import Meaning, check_measures, measure_said
from qieval.intake.programmes import Project as ProjectFile
from qieval.intake.programmes import project_at, project_folder
from qieval.intake.reading import Loaded, read
from qieval.intake.reading.passport import Passport
from qieval.intake.recipes import Said


@dataclass(frozen=True)
class ProjectMeasure:
    """A measure of a project: its table, and what it means.

    Attributes
    ----------
    name : str
        Its name in the project.
    table : DataFrame or ibis table
        One row a period, as :func:`qieval.measure` gives it; where the data hold no figures by
        period (an audit, a survey, waits), the table as it was read.
    meaning : Meaning
        Title, unit, direction, type, target, and the columns with the figures.
    passport : Passport
        What was read.
    notes : tuple of str
        What was decided in measuring.
    """

    name: str
    table: pd.DataFrame | ir.Table
    meaning: Meaning
    passport: Passport
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project(ProjectFile):
    """A project, opened: all that its ``project.yml`` says, its data and measures ready to use."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of its data."""
        return tuple(self.recipes.names("data"))

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of its measures."""
        return tuple(self.recipes.names("measures"))

    def table(self, name: str) -> Loaded:
        """The table of that name, read.

        Raises
        ------
        ParameterError
            If the project has no such data.
        DataError
            If they cannot be read.
        """
        said = self.recipes.data(name)
        return read(**_for(read, said, f"data: {name}"))

    def measure(self, name: str) -> ProjectMeasure:
        """The measure of that name: its table, measured, with its meaning.

        Raises
        ------
        ParameterError
            If the project has no such measure, or its data have another kind.
        DataError, CannotEvaluate
            If the data cannot be read or measured.
        """
        said = measure_said(self.recipes, name)
        loaded = read(**_for(read, said, f"measures: {name}"))
        meaning = Meaning(**_for(Meaning, said, f"measures: {name}"))
        if said["kind"].value not in MEASURED:
            return ProjectMeasure(name, loaded.table, meaning, loaded.passport)
        counted = measure(loaded.table, **_for(measure, said, f"measures: {name}"))
        return ProjectMeasure(name, counted.table, meaning, loaded.passport, counted.notes)


def _for(function: Any, said: Mapping[str, Said], where: str) -> dict[str, Any]:
    """The values that a function takes."""
    known = parameters_in(function)
    lacking = [p.name for p in known.values() if p.required and p.name not in said]
    if lacking:
        raise ParameterError(
            f"`{lacking[0]}` is missing.",
            remedy=f"Add a line `{lacking[0]}: …` to the data: {known[lacking[0]].help}.",
            where=where,
        )
    return {name: said[name].value for name in known if name in said}


def project(path: Path | str) -> Project:
    """A project by the path of its ``project.yml``, or of its folder.

    Parameters
    ----------
    path : path
        ``params/<programme>/<project>/project.yml``, from the workspace's folder.

    Returns
    -------
    Project
        ``.table(name)``, ``.measure(name)``, ``.events``, ``.change``, ``.aim``.

    Raises
    ------
    ParameterError
        If there is no such project, or its file cannot be used; with file and line.
    """
    root = find_root()
    about, _, _ = project_at(str(project_folder(path, root) / "project.yml"))
    check_measures(about.recipes)
    return Project(**{field.name: getattr(about, field.name) for field in fields(about)})
