"""The page of a programme: key findings with their rows, averages, projects, evidence, SQUIRE."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd

from qieval.analysis.programme import ProgrammeResult
from qieval.analysis.programme.projects import NOT_RECORDED
from qieval.analysis.synthesis import PooledResult
from qieval.core.result import rows_of
from qieval.core.words import in_a_row, interval, number, places_of
from qieval.intake.origin import Origin
from qieval.report.figure import figure
from qieval.report.shown import Shown, folded, section, table, text_table

_MOST_OPEN = 60
"""Tables with more rows than this are folded, and lists of rows cut."""
_MOST_ROWS_NAMED = 12


def key_findings(result: ProgrammeResult) -> Shown:
    """The key findings, each with links to the rows of evidence that it rests on."""
    items, lines = [], []
    for row in rows_of(result.findings):
        links = ", ".join(
            f'<a href="#qi-row-{number_of}">{number_of}</a>'
            for number_of in row.rows[:_MOST_ROWS_NAMED]
        )
        more = len(row.rows) - _MOST_ROWS_NAMED
        rest = f" and {more} more" if more > 0 else ""
        source = f" <small>(rows {links}{rest})</small>" if row.rows else ""
        items.append(
            f"<li><strong>{escape(row.about)}.</strong> {escape(row.finding)}{source}</li>"
        )
        named = ", ".join(str(one) for one in row.rows[:_MOST_ROWS_NAMED])
        lines.append(f"{row.about}. {row.finding} (rows {named}{rest})")
    body = f'<ul class="qi-key-findings">{"".join(items)}</ul>'
    return Shown(section("Key findings", body, "qi-findings"), "\n".join(lines))


def averages(result: ProgrammeResult, origin: Origin | None = None) -> Shown:
    """A forest plot for every measure that several projects share; nothing is mixed."""
    if not result.pooled:
        text = "No two projects have measured the same thing in the same way; nothing is averaged."
        return Shown(section("Averages by measure", f"<p>{text}</p>", "qi-averages"), text)
    html, lines = [], []
    for measure, pooled in result.pooled.items():
        shown = _average(measure, pooled, result, origin)
        html.append(shown.html)
        lines.append(shown.text)
    intro = (
        "<p>Changes are averaged only where outcome, unit and definition agree. Projects stand in "
        "the order of the programme.</p>"
    )
    body = section("Averages by measure", intro + "".join(html), "qi-averages")
    return Shown(body, "\n\n".join(lines))


def _average(
    measure: str, pooled: PooledResult, result: ProgrammeResult, origin: Origin | None
) -> Shown:
    picture = figure(pooled, origin)
    rows, caption = pooled.estimates_in_words()
    estimates = table(rows, caption, numbers=tuple(rows.columns[1:2]))
    other, other_caption = pooled.sensitivity_in_words()
    choices = _choices(result.sensitivity[result.sensitivity["measure"] == measure])
    details = folded("Estimates and other methods", estimates + table(other, other_caption))
    html = (
        f"<h3>{escape(measure)}</h3>{picture.html}"
        f'<p class="qi-summary">{escape(pooled.summary())}</p>{choices.html}{details}'
    )
    text = "\n".join(filter(None, [measure, picture.text, pooled.summary(), choices.text]))
    return Shown(html, text)


def _choices(rows: pd.DataFrame) -> Shown:
    """The average with and without the projects that have another change near."""
    if rows.empty:
        return Shown("", "")
    shown = pd.DataFrame(
        {
            "Projects": rows["choice"].str.capitalize(),
            "How many": rows["projects"].astype("str"),
            "Average (interval)": [
                f"{number(row.estimate, places_of(row.ci_low, row.ci_high))} "
                f"({interval(row.ci_low, row.ci_high)})"
                for row in rows_of(rows)
            ],
            "Unit": rows["unit"],
        }
    )
    caption = "With and without the projects near which something else changed"
    numbers = ("How many", "Average (interval)")
    return Shown(table(shown, caption, numbers=numbers), f"{caption}\n{text_table(shown)}")


def project_table(result: ProgrammeResult) -> Shown:
    """One row a project: what was found, and how the work went beside it."""
    projects = result.projects
    rows = pd.DataFrame(
        {
            "Project": projects["called"],
            "Network and team": projects["network"] + ": " + projects["team"],
            "What was found": projects["found"],
            "How the work went": [_work(row) for row in rows_of(projects)],
            "Not evaluated: why": projects["why_not"].replace("", "–"),
        }
    )
    return _long(
        "Every project",
        "Projects in the order of the programme; nobody is ranked",
        rows,
        "qi-projects",
    )


def _work(project: Any) -> str:
    """Returns, cycles, involvement, theory and other changes: what is known, and what is not."""
    told = {
        "returns": project.returns,
        "PDSA cycles": project.pdsa,
        "involvement": project.involvement,
        "theory of change": project.theory,
        "other changes": project.context,
    }
    known = [f"{name}: {words}" for name, words in told.items() if words != NOT_RECORDED]
    blank = [name for name, words in told.items() if words == NOT_RECORDED]
    return "; ".join([*known, *([f"not recorded: {in_a_row(blank)}"] if blank else [])])


def evidence_table(result: ProgrammeResult) -> Shown:
    """Every evaluation with its number, its finding and a link to its page."""
    evidence = result.evidence
    rows = pd.DataFrame(
        {
            "Row": evidence["number"].astype("str"),
            "Project": evidence["called"],
            "Evaluation": evidence["title"].replace("", "none"),
            "In a word": evidence["words"],
            "Finding, or why there is none": evidence["headline"],
        }
    )
    pages = [
        f"../../{quote(row.programme)}/{quote(row.page)}" if row.page else ""
        for row in rows_of(evidence)
    ]
    return _long(
        "The evidence",
        "Every evaluation, numbered; findings above name these rows",
        rows,
        "qi-evidence",
        pages=pages,
        ids=[f"qi-row-{one}" for one in evidence["number"]],
    )


def squire_checklist(result: ProgrammeResult) -> Shown:
    """The 18 items of SQUIRE 2.0: what this page reports for each, or that it does not."""
    items = result.squire
    missing = int((items["source"] == "").sum())
    rows = pd.DataFrame(
        {
            "Item": items["number"].astype("str") + ". " + items["item"],
            "What it asks": items["asks"],
            "What is reported": items["said"],
            "From": items["source"].replace("", "–"),
        }
    )
    words = (
        f"{len(items) - missing} of {len(items)} items are filled; {missing} are not reported. "
        "What results cannot tell is given by the parameter <code>squire</code>."
    )
    caption = "SQUIRE 2.0 (Ogrinc et al. 2016, BMJ Quality & Safety 25:986)"
    body = f"<p>{words}</p>{folded(caption, table(rows, caption))}"
    plain = words.replace("<code>", "`").replace("</code>", "`")
    return Shown(
        section("Reporting: SQUIRE 2.0", body, "qi-squire"),
        f"{plain}\n{caption}\n{text_table(rows)}",
    )


def _long(
    title: str,
    caption: str,
    rows: pd.DataFrame,
    css: str,
    *,
    pages: Sequence[str] = (),
    ids: Sequence[str] = (),
) -> Shown:
    links = {"Evaluation": pages} if pages else None
    html = table(rows, caption, links=links, ids=ids)
    html = folded(f"{caption} ({len(rows)} rows)", html) if len(rows) > _MOST_OPEN else html
    return Shown(section(title, html, css), f"{title}\n{caption}\n{text_table(rows)}")
