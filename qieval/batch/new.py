"""A new project: its folder with parameter files that explain themselves, proposed from a file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from qieval.batch.asking import Terminal
from qieval.batch.new_texts import evaluation_text, is_of_measure, project_text
from qieval.batch.starter import EXAMPLE
from qieval.catalogue import EVALUATIONS, Evaluation, evaluation
from qieval.core.errors import ParameterError, WorkspaceError, listed
from qieval.core.workspace import relative
from qieval.intake.backends import is_address, shown
from qieval.intake.opendata import PREFIX
from qieval.intake.programmes import read_project
from qieval.intake.proposals import Proposal, propose

OWN_PROGRAMME = "my-programme"
"""Where a project goes if nobody names a programme and the workspace has none of its own."""

RESERVED = {
    *("con", "prn", "aux", "nul"),
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}
"""Names that no file or folder can have on Windows."""

NOT_OWN = (EXAMPLE, "open-data")

FIRST_LOOK = "data_passport"
"""The evaluation to begin with for a table of another kind: what is in the file."""


@dataclass(frozen=True)
class New:
    """What was made."""

    files: tuple[Path, ...]  # new files
    kept: tuple[Path, ...]  # files that were there already, and stay as they are
    evaluation: Path  # the parameter file of the evaluation
    told: tuple[str, ...]  # what the file seems to be
    # File → names in it that only somebody who knows the project can fill in.
    to_fill_in: dict[Path, tuple[str, ...]]


def new_project(
    name: str,
    root: Path,
    *,
    source: str | None = None,
    kind: str | None = None,
    sheet: str | None = None,
    notebook: str | None = None,
    terminal: Terminal | None = None,
) -> New:
    """Make a project's folder: ``project.yml`` with its data and measures, and one evaluation.

    Nothing is overwritten. What ``project.yml`` says already is used; where it was there and does
    not name the file, the evaluation describes the data itself.

    Raises QievalError if the name cannot be a folder's, the file cannot be read, or the parameter
    file is there already. Nothing is written then.

    Parameters
    ----------
    name : str
        The project, or ``programme/project``.
    source : str, optional
        A file to look at: path (from here or from the workspace), or ``open-data:<name>``.
    kind, sheet : str, optional
        What the table is and where, if the look at it must be helped.
    notebook : str, optional
        The evaluation. Default: one that suits the table.
    terminal : Terminal, optional
        Who can be asked what is not known; else it is left to fill in.
    """
    folder = _folder(name, root)
    asked = evaluation(notebook) if notebook else None

    def proposed(source: str) -> Proposal:
        return propose(_within(source, root), kind=kind, sheet=sheet)

    if source is None and terminal is not None and not (folder / "project.yml").exists():
        words = "Which file holds the data? A path, such as data/falls.xlsx. Enter: none yet."
        proposal = terminal.ask_until(words, proposed)
    else:
        proposal = proposed(source) if source else None
    kind_of_table = proposal.kind.name if proposal and proposal.kind else ""
    fitting = [row for row in EVALUATIONS.values() if kind_of_table in row.proposed_for]
    row = asked or next(iter(fitting), EVALUATIONS[FIRST_LOOK if proposal else "run_chart"])
    file, project = folder / f"{row.name}.yml", folder / "project.yml"
    if file.exists():
        raise WorkspaceError(
            "This parameter file is there already; it stays as it is.",
            where=relative(file, root),
            remedy="Give the project another name, or another evaluation with `--notebook`.",
        )
    texts: dict[Path, str] = {}
    to_fill_in: dict[Path, list[str]] = {}
    if project.exists():
        named = _named_already(row, proposal, folder, root)
    else:
        title = name.replace("\\", "/").rpartition("/")[2].replace("-", " ").replace("_", " ")
        title = title[:1].upper() + title[1:]
        texts[project], named, to_fill_in[project] = project_text(title, row, proposal, terminal)
    texts[file], to_fill_in[file] = evaluation_text(
        row, proposal, project=relative(project, root), named=named, terminal=terminal
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as stream:
                stream.write(text)
    except OSError as error:
        raise WorkspaceError(
            "The project's files cannot be written.",
            found=error.strerror,
            where=relative(folder, root),
        ) from error
    kept = () if project in texts else (project,)
    left = {path: tuple(names) for path, names in to_fill_in.items() if names}
    return New(tuple(texts), kept, file, tuple(_told(proposal)), left)


def _named_already(
    row: Evaluation, proposal: Proposal | None, folder: Path, root: Path
) -> str | None:
    """What a project that is there already calls the data of a file, or a measure of them."""
    recipes = read_project(folder, root).recipes
    if proposal is None:
        return None
    for name in recipes.names("data"):
        said = recipes.data(name)
        same_sheet = "sheet" not in said or said["sheet"].value == proposal.sheet
        other_table = "table" in said and said["table"].value != proposal.given.get("table")
        same_source = "source" in said and said["source"].value == proposal.source
        if not same_source or not same_sheet or other_table:
            continue
        if not is_of_measure(row):
            return f"data: {name}"
        for measure in recipes.all_of("measures"):
            if measure.base == name:
                return f"measure: {measure.name}"
    return None


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
    if kept := [slug for slug in slugs if slug in RESERVED]:
        raise ParameterError(
            "Windows keeps this name for itself: no folder can have it there.",
            found=f"`{kept[0]}`",
            remedy="Give the project another name.",
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
    if proposal.others:
        told.append(
            f"The file holds {len(proposal.others) + 1} tables that can be used: each has an entry "
            "below `data:`, and the evaluation takes the first. `qi.tables` shows them all."
        )
    return told
