"""A released programme as a folder of pages that opens by double-click: no server, no network.

:func:`write_site` takes results that have been released already, and writes what may be read of
them: the programme's page, a page a network, a project and an evaluation, a list to search, the
figures as CSV files. Every number on a page is that of a result, never that of a notebook's output.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from qieval.analysis.programme import ProgrammeResult
from qieval.core.blocks import Block, Figure
from qieval.core.result import Result
from qieval.core.tables import Table
from qieval.core.words import many
from qieval.core.workspace import write_whole
from qieval.intake.origin import Origin
from qieval.intake.programmes import Programme
from qieval.report import show
from qieval.share import overview
from qieval.share.audience import Audience, checked_audience, is_for, without_file_names
from qieval.share.frame import Link, Site, without_controls
from qieval.share.pages import Draw, Shared, page
from qieval.share.published import Project, Published, Whole, href, root_of


def write_site(
    to: Path,
    programme: Programme,
    published: Sequence[Published],
    *,
    audience: Audience = "stakeholder",
    stamp: str = "",
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

    Returns
    -------
    list of Path
        Every file that was written, the programme's page first.
    """
    written = []
    for address, text in pages(programme, published, audience=audience, stamp=stamp):
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
) -> Iterable[tuple[str, str]]:
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
    for project in whole.projects:
        if not project.evaluations:
            continue
        draw = _drawn_once()
        yield project.address, overview.project_page(whole, project, stamp, audience, draw)
        for one in project.evaluations:
            yield one.address, _evaluation(whole, project, one, audience, stamp, draw)
            for file, table in one.files.items():
                yield file, csv_text(table)


def csv_text(table: Table) -> str:
    """A table as a CSV file that spreadsheets read as UTF-8."""
    return f"\ufeff{without_controls(table.to_csv())}"


def _drawn_once() -> Draw:
    """Shows blocks; a figure that stands on two pages of a project is drawn once."""
    drawn: dict[tuple[int, Block], str] = {}

    def draw(block: Block, result: Result, origin: Origin | None) -> str:
        if not isinstance(block, Figure):
            return show(block, result, origin).html
        name = (id(result), block)
        if name not in drawn:
            drawn[name] = show(block, result, origin).html
        return drawn[name]

    return draw


def _evaluation(
    whole: Whole, project: Project, one: Published, audience: Audience, stamp: str, draw: Draw
) -> str:
    root = root_of(one.address)
    own = Link(project.name, href(root, project.address))
    shared = Shared(
        site=Site(root, stamp),
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
        draw=draw,
    )
    simulated = one.record.simulated or whole.programme.simulated
    return page(one.notebook, replace(one.record, simulated=simulated), one.result, shared)


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
