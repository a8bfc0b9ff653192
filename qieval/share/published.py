"""What is published of a programme: evaluations with their released results, by project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import nbformat
from nbformat import NotebookNode, v4

from qieval.analysis.programme import ProgrammeResult
from qieval.batch.manifest import Manifest
from qieval.batch.records import Record
from qieval.catalogue import read_result, result_in, row_of
from qieval.core.blocks import BLOCK_MIME, Block, Narrative, Opening, Provenance
from qieval.core.errors import DataError, QievalError
from qieval.core.result import Result, rows_of
from qieval.core.tables import Table
from qieval.core.verdict import Verdict
from qieval.intake.origin import Origin
from qieval.intake.packs import (
    Kept,
    PackedEvaluation,
    PackedProject,
    received,
    record_here,
)
from qieval.intake.programmes import Programme, project_at
from qieval.share.audience import attribution_of, shown_to
from qieval.share.contents import Contents, contents_of
from qieval.share.matrix import Mark, MeasureType, Row, marks_of, row_for

B = TypeVar("B", bound=Block)

ROLL_UP = "programme"
"""The evaluation that sums up the others; its project is the home of what concerns all."""


@dataclass(frozen=True)
class Published:
    """One evaluation that is to be published.

    Attributes
    ----------
    record : Record
        What is known of the run.
    notebook : NotebookNode
        The executed notebook; of its outputs only the blocks are read.
    result : Result or None
        The result as it was released; None if the evaluation was refused or failed.
    measure_type : str
        Type of the measure that it looks at: outcome, process or balancing; "" if nobody says.
    own : bool
        Whether what the evaluator's own cells show was looked at, so that it may be published.
    """

    record: Record
    notebook: NotebookNode
    result: Result | None = None
    measure_type: str = ""
    own: bool = False

    @property
    def address(self) -> str:
        """Address of its page in the site."""
        return f"{self.record.programme}/{self.record.evaluation}.html"

    @property
    def kind(self) -> str:
        """Name of the evaluation in the catalogue, without its label."""
        name = self.record.evaluation.rpartition("/")[2].partition(".")[0]
        row = row_of(name)
        return row.name if row else name

    @cached_property
    def verdict(self) -> Verdict | None:
        """The verdict of the released result."""
        return self.result.verdict if self.result else None

    @property
    def state(self) -> str:
        """State of its verdict; its status where there is none."""
        return self.verdict.state if self.verdict else self.record.status

    @cached_property
    def marks(self) -> dict[MeasureType, list[Mark]]:
        """What it says in the matrix; empty if it tells nothing of what changed."""
        return marks_of(self.record, self.result, self.measure_type, self.address)

    @cached_property
    def finding(self) -> str:
        """The headline of the released result, or in a sentence why there is none."""
        if self.result is not None:
            return self.result.headline()
        reason = self.record.reason
        if self.record.status == "not evaluated" and reason is not None:
            return reason.first_line
        return "This evaluation failed, so there is no result."

    @cached_property
    def contents(self) -> Contents:
        """What its notebook shows."""
        return contents_of(self.notebook, stopped=self.record.status != "done")

    def block(self, kind: type[B]) -> B | None:
        """The first block of a kind that its notebook shows."""
        pieces = (piece for piece in self.contents.pieces if piece.kind == kind.kind)
        block = next((piece.block for piece in pieces), None)
        return block if isinstance(block, kind) else None

    @property
    def attribution(self) -> str:
        """Whose data it rests on; "" if their origin is not known, or it rests on other results."""
        if self.record.roll_up:
            return ""
        whence = self.block(Provenance)
        return attribution_of(whence) if whence else ""

    @property
    def origin(self) -> Origin | None:
        """What the caption of a figure says of its data; None if their origin is not known."""
        record, credit = self.record, self.attribution
        if not credit:
            return None
        return Origin(record.programme_name, attribution=credit, simulated=record.simulated)

    @cached_property
    def files(self) -> dict[str, Table]:
        """The tables that go with its page as files, by address; those behind the figure first."""
        if self.result is None:
            return {}
        parts = [part.table for part in self.result.sections() if part.table is not None]
        tables = {table.name: table for table in (*self.result.tables(), *parts) if len(table)}
        ordered = sorted(tables.values(), key=lambda table: table.name != "points")
        stem = self.address.removesuffix(".html")
        return {f"{stem}.{table.name}.csv": table for table in ordered}


@dataclass(frozen=True)
class Project:
    """A project and what is published of it.

    Attributes
    ----------
    folder, name, network, team, aim : str
        As its ``project.yml`` gives them.
    evaluations : tuple of Published
        In the order of the matrix's columns; none if nothing was set up.
    whole_programme : bool
        Whether it is the home of what concerns all projects.
    """

    folder: str
    name: str
    network: str = ""
    team: str = ""
    aim: str = ""
    evaluations: tuple[Published, ...] = ()
    whole_programme: bool = False

    @property
    def address(self) -> str:
        """Address of its page in the site; "" if it has none."""
        if not self.evaluations:
            return ""
        return f"{self.evaluations[0].record.programme}/{self.folder}/index.html"

    @cached_property
    def row(self) -> Row:
        """Its row of the matrix, with addresses from the folder of the site."""
        marks = (one.marks for one in self.evaluations)
        return row_for(self.name, self.network, self.address, marks)

    @property
    def background(self) -> str:
        """Why it was begun, as its pages say it."""
        told = (one.block(Opening) for one in self.evaluations)
        return next((opening.background for opening in told if opening), "")

    def of(self, *kinds: str) -> list[Published]:
        """Its evaluations of some kinds that have a result."""
        return [one for one in self.evaluations if one.kind in kinds and one.result is not None]


@dataclass(frozen=True)
class Whole:
    """A programme as it is published."""

    programme: Programme
    published: tuple[Published, ...]

    @cached_property
    def projects(self) -> tuple[Project, ...]:
        """Every project in the order of the programme; what concerns all of them comes last."""
        by_folder: dict[str, list[Published]] = {}
        for one in self.published:
            by_folder.setdefault(one.record.project_folder, []).append(one)
        wide = {one.record.project_folder for one in self.published if one.kind == ROLL_UP}
        projects = [_project(folder, own, folder in wide) for folder, own in by_folder.items()]
        projects += self._bare(set(by_folder))
        place = {network: number for number, network in enumerate(self.programme.networks)}

        def order(project: Project) -> tuple[object, ...]:
            at = place.get(project.network, len(place))
            return (project.whole_programme, at, project.network, project.folder)

        return tuple(sorted(projects, key=order))

    def _bare(self, known: set[str]) -> Iterator[Project]:
        """Projects of which the roll-up knows that nothing was set up to evaluate them."""
        if self.result is None:
            return
        for row in rows_of(self.result.projects):
            if row.project not in known and not row.evaluations:
                yield Project(row.project, row.called, row.network, row.team, row.aim)

    @property
    def own_projects(self) -> list[Project]:
        """The projects, without the home of what concerns all of them."""
        return [project for project in self.projects if not project.whole_programme]

    @cached_property
    def networks(self) -> dict[str, list[Project]]:
        """The projects of each network, in the order of the programme."""
        networks: dict[str, list[Project]] = {}
        for project in self.own_projects:
            networks.setdefault(project.network, []).append(project)
        return networks

    @cached_property
    def network_addresses(self) -> dict[str, str]:
        """Network → address of its page; projects without one have none."""
        addresses: dict[str, str] = {}
        for number, network in enumerate(filter(None, self.networks), start=1):
            words = "".join(c if c.isascii() and c.isalnum() else " " for c in network.lower())
            addresses[network] = f"networks/{number:02}-{'-'.join(words.split())}.html"
        return addresses

    @cached_property
    def roll_up(self) -> Published | None:
        """The evaluation that sums up the others."""
        rolled = (one for one in self.published if isinstance(one.result, ProgrammeResult))
        return next(rolled, None)

    @property
    def result(self) -> ProgrammeResult | None:
        """What the roll-up found."""
        result = self.roll_up.result if self.roll_up else None
        return result if isinstance(result, ProgrammeResult) else None


def _project(folder: str, own: Iterable[Published], whole_programme: bool) -> Project:
    evaluations = sorted(own, key=_place)
    about = evaluations[0].record
    return Project(
        folder,
        about.project,
        about.network,
        about.team,
        about.aim,
        tuple(evaluations),
        whole_programme,
    )


_FIRST = (ROLL_UP, "interrupted_time_series")


def _place(one: Published) -> tuple[object, ...]:
    """What tells of a change comes first; refusals and failures last."""
    lead = _FIRST.index(one.kind) if one.kind in _FIRST else len(_FIRST)
    return (one.result is None, lead, not one.marks, one.record.evaluation)


def href(root: str, address: str) -> str:
    """A link from a page to an address of the site."""
    return root + quote(address)


def root_of(address: str) -> str:
    """The way from a page back to the folder of the site."""
    return "../" * address.count("/")


# ---- from an output folder ---------------------------------------------------------------------


def published_of(outputs: Path, manifest: Manifest) -> list[Published]:
    """Every evaluation of an output folder with its exact result, before anything is released.

    Parameters
    ----------
    outputs : Path
        The programme's folder in `outputs/`.
    manifest : Manifest
        Its manifest.
    """
    found = []
    for name in sorted(manifest.records):
        record = manifest.records[name]
        file, stored = (record.files.get(kind) for kind in ("notebook", "result"))
        exists = file and (outputs / file).is_file()
        notebook = nbformat.read(outputs / str(file), 4) if exists else v4.new_notebook()
        result = read_result(outputs / stored) if stored else None
        found.append(Published(record, notebook, result, measure_type_of(notebook)))
    return found


def published_from_packs(home: Path, root: Path) -> list[Published]:
    """Every evaluation that was received in a pack, with its result as its sender released it.

    Parameters
    ----------
    home : Path
        The programme's folder in `params/`.
    root : Path
        The workspace.
    """
    return [
        published_from(kept, project, one, home.name)
        for kept, project in received(home, root)
        for one in project.evaluations
        if one.was_run
    ]


def published_from(
    kept: Kept, project: PackedProject, one: PackedEvaluation, programme: str
) -> Published:
    """One evaluation of a pack, under the names that it has here.

    Raises
    ------
    DataError
        If its record, its result or one of its blocks cannot be read.
    """
    try:
        record = Record.from_dict({"seconds": 0, **record_here(kept, project, one, programme)})
        notebook = notebook_of(one.blocks)
    except DataError as error:
        raise DataError(
            "An evaluation in this pack cannot be read.",
            found=error.problem,
            remedy="Ask its sender for a new pack, made with the qieval that you use.",
            where=f"{kept.file.name}, {one.name}",
        ) from error
    return Published(record, notebook, result_in(one, kept), one.measure_type)


def blocks_of(one: Published) -> tuple[dict[str, Any], ...]:
    """The blocks of an evaluation's page as plain values, as stakeholders may see them."""
    pieces = (piece for piece in one.contents.pieces if not piece.background)
    shown = (shown_to(piece.block, "stakeholder") for piece in pieces)
    return tuple(block.to_dict() for block in shown if block is not None)


def notebook_of(blocks: Iterable[dict[str, Any]]) -> NotebookNode:
    """A notebook that shows these blocks and nothing else, for whoever has no other."""
    cells = []
    for data in blocks:
        block = Block.from_dict(data)
        if isinstance(block, Narrative):
            cells.append(v4.new_markdown_cell(block.source))
        else:
            shows = v4.new_output("display_data", {BLOCK_MIME: data})
            cells.append(v4.new_code_cell("", outputs=[shows], execution_count=1))
    return v4.new_notebook(cells=cells)


def asked_of(notebook: NotebookNode) -> dict[str, Any]:
    """The parameters that papermill handed to an executed notebook."""
    asked: dict[str, Any] = notebook.metadata.get("papermill", {}).get("parameters", {})
    return asked


def measure_type_of(notebook: NotebookNode) -> str:
    """The type that the project gives to the measure of an evaluation; "" if it gives none."""
    asked = asked_of(notebook)
    if not asked.get("measure") or not asked.get("project"):
        return ""
    try:
        recipes = project_at(asked["project"])[0].recipes
        given = recipes.find("measures", asked["measure"]).given
    except QievalError:
        return ""
    return str(given.get("type", ""))
