"""The page of a programme: key findings with their rows, averages, projects, evidence, SQUIRE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from qieval.analysis.programme import ProgrammeResult
from qieval.analysis.programme.methods.luck import luck_limits
from qieval.analysis.synthesis import PooledResult
from qieval.core.blocks import Averages, KeyFindings, Squire, TableView
from qieval.core.result import rows_of
from qieval.intake.origin import Origin
from qieval.report.elements import Drawn, Element, Entries, Entry, Folded, Headed, Tabled, Words
from qieval.report.views import View, content_of


def key_findings(result: ProgrammeResult) -> View:
    """The key findings, each with links to the rows of evidence that it rests on."""
    return View(KeyFindings(), result)


def averages(result: ProgrammeResult, origin: Origin | None = None) -> View:
    """A forest plot for every measure that several projects share; nothing is mixed."""
    return View(Averages(), result, origin)


def project_table(result: ProgrammeResult) -> View:
    """One row a project: what was found, whether the aim was reached, how the work went."""
    return View(TableView("projects"), result)


def evidence_table(result: ProgrammeResult) -> View:
    """Every evaluation with its number, its finding and a link to its page."""
    return View(TableView("evidence"), result)


def squire_checklist(result: ProgrammeResult) -> View:
    """The 18 items of SQUIRE 2.0: what this page reports for each, or that it does not."""
    return View(Squire(), result)


@content_of.register
def _key_findings(
    block: KeyFindings, result: ProgrammeResult, origin: Origin | None
) -> tuple[Element, ...]:
    entries = tuple(
        Entry(row.finding, row.about, rows=tuple(row.rows)) for row in rows_of(result.findings)
    )
    listed = Entries(entries, "qi-key-findings")
    luck = result.table("luck")
    limits = tuple(Words(text) for text in luck_limits(result.luck))
    tables = (Folded(luck.caption, (Tabled(luck), *limits)),) if len(luck) else ()
    return (Headed("Key findings", (listed, *tables), "qi-findings"),)


@content_of.register
def _averages(
    block: Averages, result: ProgrammeResult, origin: Origin | None
) -> tuple[Element, ...]:
    intro = (
        "Changes are averaged only where outcome, unit and definition agree. Projects stand in the "
        "order of the programme."
        if result.pooled
        else "No two projects have measured the same thing in the same way; nothing is averaged."
    )
    measures = (
        Headed(measure, tuple(_average(measure, pooled, result, origin)), level=3)
        for measure, pooled in result.pooled.items()
    )
    return (Headed("Averages by measure", (Words(intro), *measures), "qi-averages"),)


def _average(
    measure: str, pooled: PooledResult, result: ProgrammeResult, origin: Origin | None
) -> Iterator[Element]:
    yield Drawn(pooled, origin)
    yield Words(pooled.summary(), "qi-summary")
    # With and without the projects that have another change near.
    choices = result.table("sensitivity")
    choices = replace(choices, rows=choices.rows[choices.rows["measure"] == measure])
    if len(choices):
        yield Tabled(choices)
    tables = (Tabled(pooled.table(name)) for name in ("estimates", "sensitivity"))
    yield Folded("Estimates and other methods", tuple(tables))


@content_of.register
def _squire(block: Squire, result: ProgrammeResult, origin: Origin | None) -> tuple[Element, ...]:
    items = result.table("squire")
    missing = int((result.squire["source"] == "").sum())
    words = (
        f"{len(items) - missing} of {len(items)} items are filled; {missing} are not reported. "
        "What results cannot tell is given by the parameter `squire`."
    )
    table = Folded(items.caption, (Tabled(items),))
    return (Headed("Reporting: SQUIRE 2.0", (Words(words), table), "qi-squire"),)
