"""Further sections of an answer, below its figure: words, a figure, a table each."""

from __future__ import annotations

from collections.abc import Iterator

from qieval.core.blocks import Sections
from qieval.core.result import Result
from qieval.core.sections import Section
from qieval.intake.origin import Origin
from qieval.report.elements import Drawn, Element, Folded, Headed, Tabled, Words
from qieval.report.views import View, content_of

_MOST_OPEN = 12
"""Tables with more rows than this are folded."""


def parts(result: Result, origin: Origin | None = None) -> View:
    """Every section that the result has something to say in, in their order."""
    return View(Sections(), result, origin)


@content_of.register
def _sections(block: Sections, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    sections = result.sections()
    wanted = block.names or [section.name for section in sections if not section.in_brief]
    return tuple(
        Headed(section.title, tuple(_elements(section, result, origin)), f"qi-{section.name}")
        for section in sections
        if section.name in wanted
    )


def _elements(section: Section, result: Result, origin: Origin | None) -> Iterator[Element]:
    yield Words(section.words)
    if section.view:
        yield Drawn(result, origin, section.view)
    if section.table is not None and len(section.table):
        rows = Tabled(section.table)
        long = len(section.table) > _MOST_OPEN
        yield Folded(section.table.caption, (rows,)) if long else rows
