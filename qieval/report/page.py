"""The words, figures and tables of a page, in the order in which they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qieval.core.blocks import (
    Checks,
    Completeness,
    Figure,
    Finding,
    Fit,
    Limits,
    Opening,
    OtherChoices,
    Prose,
    TableView,
)
from qieval.core.checks import GRAVEST_FIRST
from qieval.core.desk import LOOK
from qieval.core.result import Result, rows_of
from qieval.core.words import sentence
from qieval.intake.origin import Origin
from qieval.intake.programmes import project_at
from qieval.intake.reading.passport import Passport
from qieval.report.elements import (
    Drawn,
    Element,
    Entries,
    Entry,
    Folded,
    Headed,
    NotShown,
    Tabled,
    Words,
    html_of,
    lines_listed,
    text_of,
)
from qieval.report.figure import MimeBundle
from qieval.report.views import View, content_of

_OF_FIGURES = ("series", "units", "beds", "audit")
"""Kinds in which a blank cell is a figure that is missing; in others it may be an answer."""
_WHERE = "(`where`)"
"""How the passport ends the reason of rows that were not asked for."""

TABLES = {
    "estimates": "How large, and how sure",
    "comparisons": "Compared with places that had no such project",
    "projects": "Every project",
    "evidence": "The evidence",
}
"""Headings of tables that stand by themselves."""
_MOST_OPEN = 60
"""Such a table with more rows than this is folded."""


# ---- what a notebook calls ---------------------------------------------------------------------


def opening(
    *, title: str | None = None, question: str | None = None, project: str | None = None
) -> View:
    """Title and question of the page, and what the project set out to do.

    Parameters
    ----------
    title : str, optional
        Title of the page
    question : str, optional
        The question in one sentence, as the team would ask it
    project : str, optional
        Path of the project's project.yml, for its name, network, aim and background
    """
    about = project_at(project)[0] if project else None
    title = title or (about.name if about else "Evaluation of an improvement project")
    if about is None:
        return View(Opening(title, sentence(question or "")))
    return View(
        Opening(
            title,
            sentence(question or ""),
            sentence(f"Aim: {about.aim}") if about.aim else "",
            sentence(", ".join(part for part in (about.team, about.network) if part)),
            sentence(about.background),
        )
    )


def headline(result: Result, passport: Passport | None = None) -> View:
    """The finding in one sentence, and beside it how complete the data are that it rests on."""
    return View(Finding(completeness_of(passport) if passport else None), result)


def figure(result: Result, origin: Origin | None = None, *, view: str | None = None) -> View:
    """The result's chart with its description and the data behind it.

    Parameters
    ----------
    result : Result
        What an analysis returned.
    origin : Origin, optional
        Where the data are from; simulated data are labelled at the figure itself.
    view : str, optional
        Another view than the main chart; its numbers stand in the page's tables.
    """
    return View(Figure(view or ""), result, origin)


def summary(result: Result) -> View:
    """What the finding means, in a few sentences."""
    return View(Prose(), result)


def estimates(result: Result) -> View:
    """The estimates, each with its interval, under plain names."""
    return View(TableView("estimates"), result)


def comparisons(result: Result) -> View:
    """With a control series: the answer by each way of using it. Nothing to show without one."""
    return View(TableView("comparisons"), result)


def sensitivity(result: Result) -> View:
    """The same question asked with other defensible choices: a figure and its table."""
    return View(OtherChoices(), result)


def fit(result: Result) -> View:
    """How well the model fits: what is left over, placebo dates, single points."""
    return View(Fit(), result)


def checks(result: Result) -> View:
    """What to mind before believing it, the gravest first; status as a word and a shape."""
    return View(Checks(), result)


def limits(result: Result, *, limits: Sequence[str] = ()) -> View:
    """What this evaluation cannot tell: what the team says, and what holds for every such design.

    Parameters
    ----------
    result : Result
        What the analysis returned.
    limits : list of str
        What the reader must mind, one sentence each
    """
    return View(Limits(tuple(sentence(text) for text in limits)), result)


def shown(result: Result) -> MimeBundle:
    """What a result that ends a cell shows: finding, figure, estimates and checks.

    It is no block, because a page is about the one result that its notebook hands on.

    Returns
    -------
    (dict, dict)
        Its output by MIME type, and metadata with the description of the figure.
    """
    drawn = Drawn(result)
    after = (Prose(), TableView("estimates"), Checks())
    elements: list[Element] = [*content_of(Finding(), result, None), drawn]
    elements += [element for block in after for element in content_of(block, result, None)]
    html = f'<div class="qi-desk"><style>{LOOK}</style>{html_of(elements)}</div>'
    image, about = drawn.picture
    return {"text/html": html, "text/plain": text_of(elements), **image}, about


# ---- how complete the data are -----------------------------------------------------------------


def completeness_of(passport: Passport) -> Completeness:
    """What came of what there should be, as figures."""
    periods = bool(passport.every is not None and passport.periods_expected)
    return Completeness(
        every=passport.every if periods else None,
        expected=(passport.periods_expected or 0)
        if periods
        else passport.rows_read - _of_others(passport),
        present=(passport.periods_present or 0) if periods else passport.rows_kept,
        missing=len(passport.periods_missing),
        suppressed=passport.suppressed,
        blank=passport.blank if passport.kind in _OF_FIGURES else 0,
        gaps=len(passport.gaps),
    )


def _of_others(passport: Passport) -> int:
    """Rows of the file that are about something else: those that `where` did not choose."""
    reasons = passport.dropped["reason"].astype(str)
    return int(passport.dropped.loc[reasons.str.endswith(_WHERE), "rows"].sum())


# ---- what the blocks show ----------------------------------------------------------------------


@content_of.register
def _opening(block: Opening, result: Any, origin: Origin | None) -> tuple[Element, ...]:
    lines = {
        "qi-question": block.question,
        "qi-aim": block.aim,
        "qi-place": block.place,
        "qi-background": block.background,
    }
    words = (Words(text, css) for css, text in lines.items() if text)
    return (Headed(block.title, tuple(words), "qi-opening", level=1),)


@content_of.register
def _finding(block: Finding, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    finding = Words(result.headline(), "qi-headline")
    if block.rests_on is None:
        return (finding,)
    return finding, Words(f"Rests on {block.rests_on.words}", "qi-completeness")


@content_of.register
def _figure(block: Figure, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    return (Drawn(result, origin, block.view),)


@content_of.register
def _prose(block: Prose, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    details = result.details()
    sections = [section for section in result.sections() if section.in_brief]
    told = [result.verdict.sustained.words, *(one.words for one in sections if one.name == "worth")]
    more = [Words(text) for text in told if text and text not in details]
    tables = [Folded(one.title, (Tabled(one.table),)) for one in sections if one.table is not None]
    parts: tuple[Element, ...] = (Words(details, "qi-summary"), *more, *tables)
    return (Headed("What this means", parts, "qi-words"),)


@content_of.register
def _table(block: TableView, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    if block.name == "comparisons" and not result.params.get("control"):
        return (NotShown("No control series was given."),)
    table = result.table(block.name)
    rows: Element = Tabled(table)
    if len(table) > _MOST_OPEN:
        rows = Folded(f"{table.caption} ({len(table)} rows)", (rows,))
    return (Headed(TABLES.get(block.name, table.caption), (rows,), f"qi-{block.name}"),)


@content_of.register
def _other_choices(
    block: OtherChoices, result: Result, origin: Origin | None
) -> tuple[Element, ...]:
    _, words = result.view_words("spread")
    table = Tabled(result.table("sensitivity"))
    behind = Folded("Figure and table of these choices", (Drawn(result, view="spread"), table))
    title = "Would other choices have given another answer?"
    return (Headed(title, (Words(words), behind), "qi-spread"),)


@content_of.register
def _fit(block: Fit, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    title, words = result.view_words("diagnostics")
    picture = Folded("Figure of the fit", (Drawn(result, view="diagnostics"),))
    return (Headed(title, (Words(words), picture), "qi-fit"),)


@content_of.register
def _checks(block: Checks, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    rows = sorted(rows_of(result.checks), key=lambda row: GRAVEST_FIRST.index(row.status))
    entries = tuple(Entry(row.detail, row.check, row.status) for row in rows)
    return (Headed("What was checked", (Entries(entries, "qi-checks"),), "qi-checked"),)


@content_of.register
def _limits(block: Limits, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    lines = [*block.stated, *(sentence(text) for text in result.limits)]
    return (Headed("What this cannot tell", (lines_listed(lines),), "qi-limits"),)
