"""A released programme as a folder of pages that opens by double-click: no server, no network.

:func:`write_site` takes results that have been released already, and writes what may be read of
them: the programme's page, a page a network, a project and an evaluation, a list to search, the
figures as CSV files. Every number on a page is that of a result, never that of a notebook's output.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from qieval.analysis.programme import ProgrammeResult
from qieval.batch.records import Record
from qieval.core.blocks import Block, Figure
from qieval.core.result import Result
from qieval.core.tables import Table
from qieval.core.words import many
from qieval.core.workspace import write_whole
from qieval.intake.origin import Origin
from qieval.intake.programmes import Programme
from qieval.report import show
from qieval.report.brief import brief
from qieval.share import overview
from qieval.share.audience import Audience, checked_audience, is_for, without_file_names
from qieval.share.frame import Link, Site, without_controls
from qieval.share.pages import Draw, Shared, page, tables_page
from qieval.share.published import ROLL_UP, Project, Published, Whole, href, root_of
from qieval.share.workers import ALONE, Workers

Page = tuple[str, str]
"""The address of a file of the site, and its text."""

_TABLES = "Every project, every evaluation, and SQUIRE 2.0: the tables"
"""The name of a roll-up's second page."""


def write_site(
    to: Path,
    programme: Programme,
    published: Sequence[Published],
    *,
    audience: Audience = "stakeholder",
    stamp: str = "",
    workers: Workers = ALONE,
) -> list[Path]:
    """Write the site of a programme.

    Parameters
    ----------
    to : Path
        Its folder; files of the same names are replaced.
    programme : Programme
        Name and aim of the programme, the order of its networks, whether it is simulated.
    published : sequence of Published
        What is published, each with its released result.
    audience : "stakeholder" or "analyst"
        Stakeholders see no code, no parameters and nothing of files and rows.
    stamp : str
        One sentence on the release, for the footer of every page.
    workers : Workers
        Who composes and draws: a project's pages are one piece of work.

    Returns
    -------
    list of Path
        Every file that was written, the programme's page first.
    """
    written = []
    made = pages(programme, published, audience=audience, stamp=stamp, workers=workers)
    for address, text in made:
        file = to.joinpath(*PurePosixPath(address).parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)
        written.append(file)
    return written


def pages(
    programme: Programme,
    published: Sequence[Published],
    *,
    audience: Audience = "stakeholder",
    stamp: str = "",
    workers: Workers = ALONE,
) -> Iterable[Page]:
    """Every file of the site: its address and its text. See :func:`write_site`."""
    checked_audience(audience)
    published = [one for one in published if is_for(one.kind, audience)]
    addresses = {one.address for one in published}
    known = tuple(
        replace(one, result=_shown(one.result, addresses, audience)) if one.result else one
        for one in published
    )
    whole = Whole(programme, known)
    yield overview.INDEX, overview.programme_page(whole, stamp)
    yield overview.ALL, overview.evaluations_page(whole, stamp)
    yield overview.ACCESSIBILITY, overview.accessibility_page(whole, stamp)
    for name, address in whole.network_addresses.items():
        yield address, overview.network_page(whole, name, stamp)
    numbers = [place for place, one in enumerate(whole.projects) if one.evaluations]
    for own in workers.map(partial(_pages_of_project, whole, audience, stamp), numbers):
        yield from own


def _pages_of_project(whole: Whole, audience: Audience, stamp: str, number: int) -> list[Page]:
    """The page of a project, and the pages and files of its evaluations."""
    project, draw = whole.projects[number], _drawn_once()
    made = [(project.address, overview.project_page(whole, project, stamp, audience, draw))]
    for one in project.evaluations:
        about = _about(one, whole)
        shared = _shared(whole, project, one, audience, stamp, draw)
        made.append((one.address, page(one.notebook, about, one.result, shared)))
        if shared.apart and one.result:
            back = (*shared.crumbs, Link(one.record.title, PurePosixPath(one.address).name))
            tables = replace(shared, crumbs=back, files=(), siblings=())
            text = tables_page(one.notebook, about, one.result, tables)
            made.append((_beside(one.address, shared.apart.href), text))
        made += [(file, csv_text(table)) for file, table in one.files.items()]
    return made


def csv_text(table: Table) -> str:
    """A table as a CSV file that spreadsheets read as UTF-8."""
    return f"\ufeff{without_controls(table.to_csv())}"


def _drawn_once() -> Draw:
    """Shows blocks; a figure that stands on two pages of a project is drawn once."""
    drawn: dict[tuple[int, Block], str] = {}

    def draw(block: Block, result: Result | None, origin: Origin | None) -> str:
        if not isinstance(block, Figure):
            return show(block, result, origin).html
        name = (id(result), block)
        if name not in drawn:
            drawn[name] = show(block, result, origin).html
        return drawn[name]

    return draw


def _about(one: Published, whole: Whole) -> Record:
    """What is known of a run; of a simulated programme everything is simulated."""
    return replace(one.record, simulated=one.record.simulated or whole.programme.simulated)


def _beside(address: str, name: str) -> str:
    """The address of a file in the same folder."""
    return str(PurePosixPath(address).with_name(name))


def _shared(
    whole: Whole, project: Project, one: Published, audience: Audience, stamp: str, draw: Draw
) -> Shared:
    """How the page of an evaluation stands in the site."""
    root = root_of(one.address)
    own = Link(project.name, href(root, project.address))
    return Shared(
        site=Site(root, stamp),
        draw=draw,
        points=brief(one.result) if one.result else (),
        audience=audience,
        own=one.own,
        origin=one.origin,
        crumbs=(*overview.crumbs(whole, project, root), own),
        siblings=tuple(
            Link(other.finding, href(root, other.address))
            for other in project.evaluations
            if other is not one
        ),
        files=tuple(
            Link(f"{table.caption} (CSV, {many(len(table), 'row')})", href(root, file))
            for file, table in one.files.items()
        ),
        apart=Link(_TABLES, f"{PurePosixPath(one.address).stem}.tables.html")
        if one.kind == ROLL_UP and one.result
        else None,
    )


def _shown(result: Result, addresses: set[str], audience: Audience) -> Result:
    """A result as the site shows it: links lead to its pages, stakeholders see no file names."""
    own = _linked(result, addresses)
    return own if audience == "analyst" else without_file_names(own)


def _linked(result: Result, addresses: set[str]) -> Result:
    """A roll-up whose evidence leads to pages of the site alone."""
    if not isinstance(result, ProgrammeResult):
        return result
    there = [
        address if f"{programme}/{address}" in addresses else ""
        for programme, address in zip(
            result.evidence["programme"],
            result.evidence["evaluation"] + ".html",
            strict=True,
        )
    ]
    return replace(result, evidence=result.evidence.assign(page=there))
