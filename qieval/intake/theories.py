"""`qi.read_theory`: a project's theory of change, and the log of its cycles if it names one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from qieval.core import blocks, hooks
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed
from qieval.core.words import many
from qieval.core.workspace import digest_of, relative
from qieval.intake.origin import Origin
from qieval.intake.programmes import project_at
from qieval.intake.reading import read
from qieval.intake.theory import CycleLog, Theory


@dataclass(frozen=True)
class TheoryPassport:
    """Where a theory was read from: file, digest, origin, and the log of cycles in words."""

    source: str
    digest: str
    origin: Origin
    log: str

    def __str__(self) -> str:
        return "\n".join(f"{name}: {said}" for name, said in self.lines())

    def __repr__(self) -> str:
        return str(self)

    def block(self) -> blocks.Passport:
        """What was read, as a page shows it."""
        return blocks.Passport("What was read", tuple(self.lines()))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {**hooks.show(self.block()), "text/plain": str(self)}

    def lines(self) -> list[tuple[str, str]]:
        """What was read: label and text."""
        return [
            ("Theory of change", self.source),
            ("Digest of the file", f"sha256 {self.digest[:16]}…"),
            ("Log of PDSA cycles", self.log),
        ]


@dataclass(frozen=True, eq=False)
class LoadedTheory:
    """A theory of change, the rows of its log of cycles (None: it names none), its passport."""

    theory: Theory
    cycles: pd.DataFrame | None
    passport: TheoryPassport


def read_theory(*, project: str | None = None) -> LoadedTheory:
    """The theory of change in a project's ``project.yml``, with the cycles that it points to.

    Parameters
    ----------
    project : str, optional
        Path of the project's project.yml, for its name, network, aim and background

    Raises
    ------
    ParameterError
        If no project is given, or its file cannot be used; with file and line.
    CannotEvaluate
        If the project has written down no theory of change.
    DataError
        If the log of cycles cannot be read, or has no row of this project.
    """
    if not project:
        raise ParameterError(
            "`project` is missing: the theory of change stands in its file.",
            remedy="Add a line `project: params/<programme>/<project>/project.yml`.",
            where="project",
        )
    about, folder, root = project_at(project)
    file = folder / "project.yml"
    shown = relative(file, root)
    theory = about.theory
    if theory is None:
        raise CannotEvaluate(
            "The project has written down no theory of change.",
            remedy="Write one below `theory:` in its project.yml: `aim` (what, how_much, by_when, "
            "for_whom), `drivers` with their ideas, and `measures` with their definitions.",
            where=shown,
        )
    cycles, log = None, "none named"
    if theory.pdsa is not None:
        cycles = _log_of(theory.pdsa, {folder.name, about.name}, theory.place("pdsa"))
        log = f"{theory.pdsa.source}, {many(len(cycles), 'row')} of this project"
    origin = Origin(title=f"Theory of change: {about.name}", simulated=about.simulated)
    return LoadedTheory(theory, cycles, TheoryPassport(shown, digest_of(file), origin, log))


def _log_of(log: CycleLog, names: set[str], where: str) -> pd.DataFrame:
    """The rows of this project; a log of several is told apart by its column ``project``."""
    # Cycles are listed, never added up: `size` and the like have no totals.
    asked: dict[str, Any] = {"sheet": log.sheet, "columns": log.columns, "where": log.where}
    table = read(log.source, "pdsa", **asked).table
    assert isinstance(table, pd.DataFrame)
    if log.where is not None or "project" not in table or table["project"].nunique() < 2:
        return table
    own = table[table["project"].isin(names)]
    if own.empty:
        raise DataError(
            "The log of cycles has no row of this project.",
            found=f"rows of {listed(table['project'].dropna().unique(), 12)}",
            remedy="Say which rows are its own: `pdsa: {source: …, where: {project: …}}`.",
            where=where,
        )
    return own
