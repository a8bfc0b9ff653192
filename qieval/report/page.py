"""The words and tables of a page, in the order in which they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from qieval.core.periods import noun
from qieval.core.result import Result, rows_of
from qieval.core.words import many, sentence
from qieval.intake.programmes import project_at
from qieval.intake.reading.passport import Passport
from qieval.report.figure import figure
from qieval.report.shown import Shown, folded, section, table_html

STATUS = {
    "pass": ("✓", "Fine"),
    "warn": ("!", "Mind this"),
    "fail": ("✕", "Problem"),
    "info": ("i", "Note"),
}
_GRAVEST = ("fail", "warn", "info", "pass")
_OF_FIGURES = ("series", "units", "beds", "audit")
"""Kinds in which a blank cell is a figure that is missing; in others it may be an answer."""
_WHERE = "(`where`)"
"""How the passport ends the reason of rows that were not asked for."""


def opening(
    *, title: str | None = None, question: str | None = None, project: str | None = None
) -> Shown:
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
    lines = [("qi-question", question or "")]
    if about:
        place = ", ".join(part for part in (about.team, about.network) if part)
        lines += [("qi-aim", f"Aim: {about.aim}" if about.aim else ""), ("qi-place", place)]
        lines += [("qi-background", about.background)]
    said = [(css, sentence(text)) for css, text in lines if text]
    html = "".join(f'<p class="{css}">{escape(text)}</p>' for css, text in said)
    return Shown(
        f'<header class="qi-opening"><h1>{escape(title)}</h1>{html}</header>',
        "\n".join([title, *(text for _, text in said)]),
    )


def headline(result: Result, passport: Passport | None = None) -> Shown:
    """The finding in one sentence, and beside it how complete the data are that it rests on."""
    text = result.headline()
    html = f'<p class="qi-headline">{escape(text)}</p>'
    if passport is None:
        return Shown(html, text)
    rests_on = f"Rests on {how_complete(passport)}"
    return Shown(f'{html}<p class="qi-completeness">{escape(rests_on)}</p>', f"{text}\n{rests_on}")


def how_complete(passport: Passport) -> str:
    """What came of what there should be, in one sentence."""
    parts = []
    kept, read = passport.rows_kept, passport.rows_read
    if passport.every is not None and passport.periods_expected:
        expected, present = passport.periods_expected, passport.periods_present or 0
        parts.append(f"{present:,} of {expected:,} {noun(passport.every, expected)}")
    else:
        read -= _of_others(passport)
        parts.append(f"{kept:,} of {many(read, 'row')}" if kept < read else many(kept, "row"))
    if missing := len(passport.periods_missing):
        parts.append(f"{missing:,} missing")
    if passport.suppressed:
        parts.append(f"{many(passport.suppressed, 'figure')} suppressed")
    if passport.blank and passport.kind in _OF_FIGURES:
        parts.append(f"{many(passport.blank, 'figure')} blank")
    if passport.gaps:
        parts.append(f"gaps in {many(len(passport.gaps), 'unit')}")
    some = len(parts) > 1
    return f"{', '.join(parts)}{' (never counted as zero)' if some else ''}."


def _of_others(passport: Passport) -> int:
    """Rows of the file that are about something else: those that `where` did not choose."""
    reasons = passport.dropped["reason"].astype(str)
    return int(passport.dropped.loc[reasons.str.endswith(_WHERE), "rows"].sum())


def summary(result: Result) -> Shown:
    """What the finding means, in a few sentences."""
    text = result.details()
    return Shown(
        section("What this means", f'<p class="qi-summary">{escape(text)}</p>', "qi-words"), text
    )


def estimates(result: Result) -> Shown:
    """The estimates, each with its interval, under plain names."""
    rows = result.table("estimates")
    html = table_html(rows)
    return Shown(
        section("How large, and how sure", html, "qi-estimates"),
        f"{rows.caption}\n{rows.to_text()}",
    )


def sensitivity(result: Result) -> Shown:
    """The same question asked with other defensible choices: a figure and its table."""
    rows = result.table("sensitivity")
    html = table_html(rows)
    picture = figure(result, view="spread")
    _, words = result.view_words("spread")
    body = (
        f"<p>{escape(words)}</p>{folded('Figure and table of these choices', picture.html + html)}"
    )
    shown = section("Would other choices have given another answer?", body, "qi-spread")
    return Shown(shown, f"{words}\n{rows.caption}\n{rows.to_text()}")


def comparisons(result: Result) -> Shown:
    """With a control series: the answer by each way of using it. Nothing to show without one."""
    if not result.params.get("control"):
        return Shown("", "No control series was given.")
    rows = result.table("comparisons")
    html = table_html(rows)
    shown = section("Compared with places that had no such project", html, "qi-comparisons")
    return Shown(shown, f"{rows.caption}\n{rows.to_text()}")


def fit(result: Result) -> Shown:
    """How well the model fits: what is left over, placebo dates, single points."""
    title, words = result.view_words("diagnostics")
    picture = figure(result, view="diagnostics")
    body = f"<p>{escape(words)}</p>{folded('Figure of the fit', picture.html)}"
    return Shown(section(title, body, "qi-fit"), words)


def checks(result: Result) -> Shown:
    """What to mind before believing it, the gravest first; status as a word and a shape."""
    items, lines = [], []
    for row in sorted(rows_of(result.checks), key=lambda row: _GRAVEST.index(row.status)):
        shape, word = STATUS[row.status]
        items.append(
            f'<li class="qi-check qi-{row.status}"><span class="qi-status">'
            f'<span aria-hidden="true">{shape}</span> {word}</span> '
            f"<strong>{escape(row.check)}.</strong> {_code(row.detail)}</li>"
        )
        lines.append(f"{word}: {row.check}. {row.detail}")
    html = f'<ul class="qi-checks">{"".join(items)}</ul>'
    return Shown(section("What was checked", html, "qi-checked"), "\n".join(lines))


def _code(text: str) -> str:
    """Text with names in backticks set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def limits(result: Result, *, limits: Sequence[str] = ()) -> Shown:
    """What this evaluation cannot tell: what the team says, and what holds for every such design.

    Parameters
    ----------
    result : Result
        What the analysis returned.
    limits : list of str
        What the reader must mind, one sentence each
    """
    said = [sentence(text) for text in [*limits, *result.limits]]
    items = "".join(f"<li>{escape(text)}</li>" for text in said)
    return Shown(
        section("What this cannot tell", f"<ul>{items}</ul>", "qi-limits"), "\n".join(said)
    )
