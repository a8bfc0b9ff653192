"""The parts of an answer below its figure: each with its words, its own figure, and its table."""

from __future__ import annotations

from html import escape

from qieval.core.parts import HasParts
from qieval.core.result import Result
from qieval.intake.origin import Origin
from qieval.report.figure import figure
from qieval.report.shown import Shown, folded, section, table, table_html, text_table

_MOST_OPEN = 12
"""Tables with more rows than this are folded."""


def parts(result: HasParts, origin: Origin | None = None) -> Shown:
    """Every part that the result has something to say about, in its order."""
    html, text = [], []
    if isinstance(result, Result) and result.sections():
        return _sections(result, origin)
    for name in result.part_names:
        part = result.part(name)
        body, said = [f"<p>{escape(part.words)}</p>"], [part.title, part.words]
        if part.view:
            assert isinstance(result, Result)
            picture = figure(result, origin, view=part.view)
            body.append(picture.html)
            said.append(picture.text)
        if len(part.table):
            rows = table(part.table, part.caption, numbers=part.numbers)
            long = len(part.table) > _MOST_OPEN
            body.append(folded(part.caption, rows) if long else rows)
            said += [part.caption, text_table(part.table)]
        html.append(section(part.title, "".join(body), f"qi-{name}"))
        text.append("\n".join(said))
    return Shown("".join(html), "\n\n".join(text))


def _sections(result: Result, origin: Origin | None) -> Shown:
    html, text = [], []
    for part in result.sections():
        body, said = [f"<p>{escape(part.words)}</p>"], [part.title, part.words]
        if part.view:
            picture = figure(result, origin, view=part.view)
            body.append(picture.html)
            said.append(picture.text)
        if part.table is not None and len(part.table):
            rows = table_html(part.table)
            long = len(part.table) > _MOST_OPEN
            body.append(folded(part.table.caption, rows) if long else rows)
            said += [part.table.caption, part.table.to_text()]
        html.append(section(part.title, "".join(body), f"qi-{part.name}"))
        text.append("\n".join(said))
    return Shown("".join(html), "\n\n".join(text))
