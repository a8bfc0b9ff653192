"""A new project: its folder with parameter files that explain themselves, proposed from a file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from qieval.batch.new_texts import parameters_text, project_text
from qieval.batch.starter import EXAMPLE
from qieval.catalogue import EVALUATIONS
from qieval.core.errors import ParameterError, WorkspaceError, listed
from qieval.core.workspace import relative
from qieval.intake.backends import is_address, shown
from qieval.intake.opendata import PREFIX
from qieval.intake.proposals import Proposal, propose
from qieval.params import evaluation

OWN_PROGRAMME = "my-programme"
"""Where a project goes if nobody names a programme and the workspace has none of its own."""

NOT_OWN = (EXAMPLE, "open-data")

NOTEBOOKS = {
    "spells": "run_chart",
    "series": "run_chart",
    "units": "funnel",
    "audit": "audit",
    "responses": "survey",
    "waits": "waits",
    "pdsa": "pdsa_review",
    "returns": "completeness",
    "events": "context",
    "involvement": "involvement",
}
"""Kind of table → the evaluation to begin with; for other kinds the passport of the file."""

FIRST_LOOK = "data_passport"


@dataclass(frozen=True)
class New:
    """What was made.

    Attributes
    ----------
    files : tuple of Path
        New files.
    kept : tuple of Path
        Files that were there already, and stay as they are.
    evaluation : Path
        The parameter file of the evaluation.
    told : tuple of str
        What the file seems to be.
    to_fill_in : tuple of str
        Names that only somebody who knows the project can fill in.
    """

    files: tuple[Path, ...]
    kept: tuple[Path, ...]
    evaluation: Path
    told: tuple[str, ...]
    to_fill_in: tuple[str, ...]


def new_project(
    name: str,
    root: Path,
    *,
    source: str | None = None,
    kind: str | None = None,
    sheet: str | None = None,
    notebook: str | None = None,
) -> New:
    """Make a project's folder with ``project.yml`` and one parameter file. Nothing is overwritten.

    Parameters
    ----------
    name : str
        The project, or ``programme/project``.
    root : Path
        The workspace.
    source : str, optional
        A file to look at: path (from here or from the workspace), or ``open-data:<name>``.
    kind, sheet : str, optional
        What the table is and where, if the look at it must be helped.
    notebook : str, optional
        The evaluation. Default: one that suits the table.

    Raises
    ------
    QievalError
        If the name cannot be a folder's, the file cannot be read, or the parameter file is there
        already. Nothing is written then.
    """
    folder = _folder(name, root)
    asked = evaluation(notebook) if notebook else None
    proposal = propose(_within(source, root), kind=kind, sheet=sheet) if source else None
    row = asked or EVALUATIONS[_notebook_of(proposal)]
    file, project = folder / f"{row.name}.yml", folder / "project.yml"
    if file.exists():
        raise WorkspaceError(
            "This parameter file is there already; it stays as it is.",
            where=relative(file, root),
            remedy="Give the project another name, or another evaluation with `--notebook`.",
        )
    text, to_fill_in = parameters_text(row, proposal, project=relative(project, root))
    made = [file]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not project.exists():
            title = name.replace("\\", "/").rpartition("/")[2].replace("-", " ").replace("_", " ")
            project.write_text(project_text(title[:1].upper() + title[1:]), encoding="utf-8")
            made.insert(0, project)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise WorkspaceError(
            "The project's files cannot be written.",
            found=error.strerror,
            where=relative(folder, root),
        ) from error
    kept = () if project in made else (project,)
    return New(tuple(made), kept, file, tuple(_told(proposal)), tuple(to_fill_in))


def _folder(name: str, root: Path) -> Path:
    parts = [part for part in re.split(r"[/\\]", name.strip()) if part]
    parts = parts[1:] if parts[:1] == ["params"] else parts
    slugs = [re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts]
    if not 1 <= len(slugs) <= 2 or not all(slugs):
        raise ParameterError(
            "A project is named `<project>`, or `<programme>/<project>`.",
            found=f"`{Path(name).name if Path(name).is_absolute() else name}`",
            remedy="For instance `qieval new discharge-pathway`.",
        )
    if len(slugs) == 1:
        own = sorted(
            path.name
            for path in (root / "params").iterdir()
            if path.is_dir() and path.name not in NOT_OWN and not path.name.startswith(".")
        )
        slugs = [own[0] if len(own) == 1 else OWN_PROGRAMME, *slugs]
    return root / "params" / slugs[0] / slugs[1]


def _within(source: str, root: Path) -> str:
    """The source as parameters name it: from the workspace, wherever the command was given."""
    if source.startswith(PREFIX):
        return source
    there = [path for start in (Path.cwd(), root) if (path := start / source).exists()]
    if not there:
        return source  # reading says what is missing, and what is near
    path = there[0].resolve()
    if not path.is_relative_to(root.resolve()):
        raise ParameterError(
            "This file lies outside the workspace.",
            found=f"`{path.name}`",
            remedy="Copy it into the workspace's `data/` first: paths in parameter files start "
            "from the workspace, so that they mean the same on every computer.",
            where="--from",
        )
    return Path(os.path.relpath(path, root.resolve())).as_posix()


def _notebook_of(proposal: Proposal | None) -> str:
    if proposal is None:
        return "run_chart"
    wanted = NOTEBOOKS.get(proposal.kind.name, FIRST_LOOK) if proposal.kind else FIRST_LOOK
    return wanted if wanted in EVALUATIONS else FIRST_LOOK


def _told(proposal: Proposal | None) -> list[str]:
    if proposal is None:
        return []
    source = shown(proposal.source) if is_address(proposal.source) else proposal.source
    if proposal.kind is None:
        return [
            f"{source}: what the table is cannot be told from its headings "
            f"({listed(proposal.headings, most=12)}). Say it with `--kind`."
        ]
    told = [
        f"{source} seems to be a table of {proposal.kind.name}: one row is {proposal.kind.row}."
    ]
    told += [f"`{heading}` is taken as `{name}`." for name, heading in proposal.renamed.items()]
    return told
