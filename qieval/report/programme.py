"""The page of a programme: key findings with their rows, averages, projects, evidence, SQUIRE."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from qieval.analysis.programme import ProgrammeResult
from qieval.analysis.synthesis import PooledResult
from qieval.core.result import rows_of
from qieval.core.tables import Table
from qieval.intake.origin import Origin
from qieval.report.figure import figure
from qieval.report.shown import Shown, folded, section, table_html

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
    choices = _choices(result, measure)
    estimates, other = pooled.table("estimates"), pooled.table("sensitivity")
    details = folded("Estimates and other methods", table_html(estimates) + table_html(other))
    html = (
        f"<h3>{escape(measure)}</h3>{picture.html}"
        f'<p class="qi-summary">{escape(pooled.summary())}</p>{choices.html}{details}'
    )
    text = "\n".join(filter(None, [measure, picture.text, pooled.summary(), choices.text]))
    return Shown(html, text)


def _choices(result: ProgrammeResult, measure: str) -> Shown:
    """The average with and without the projects that have another change near."""
    rows = result.table("sensitivity")
    rows = replace(rows, rows=rows.rows[rows.rows["measure"] == measure])
    if not len(rows):
        return Shown("", "")
    return Shown(table_html(rows), f"{rows.caption}\n{rows.to_text()}")


def project_table(result: ProgrammeResult) -> Shown:
    """One row a project: what was found, whether the aim was reached, how the work went."""
    return _long("Every project", result.table("projects"), "qi-projects")


def evidence_table(result: ProgrammeResult) -> Shown:
    """Every evaluation with its number, its finding and a link to its page."""
    return _long("The evidence", result.table("evidence"), "qi-evidence")


def squire_checklist(result: ProgrammeResult) -> Shown:
    """The 18 items of SQUIRE 2.0: what this page reports for each, or that it does not."""
    items = result.table("squire")
    missing = int((result.squire["source"] == "").sum())
    words = (
        f"{len(items) - missing} of {len(items)} items are filled; {missing} are not reported. "
        "What results cannot tell is given by the parameter <code>squire</code>."
    )
    body = f"<p>{words}</p>{folded(items.caption, table_html(items))}"
    plain = words.replace("<code>", "`").replace("</code>", "`")
    return Shown(
        section("Reporting: SQUIRE 2.0", body, "qi-squire"),
        f"{plain}\n{items.caption}\n{items.to_text()}",
    )


def _long(title: str, rows: Table, css: str) -> Shown:
    html = table_html(rows)
    html = folded(f"{rows.caption} ({len(rows)} rows)", html) if len(rows) > _MOST_OPEN else html
    return Shown(section(title, html, css), f"{title}\n{rows.caption}\n{rows.to_text()}")
