"""Further sections of an answer, below its figure: words, a figure, a table each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qieval.core.blocks import Sections
from qieval.core.parts import HasParts
from qieval.core.result import Result
from qieval.core.sections import Section
from qieval.core.tables import Column, Table
from qieval.intake.origin import Origin
from qieval.report.elements import Drawn, Element, Folded, Headed, Tabled, Words
from qieval.report.views import View, content_of

_MOST_OPEN = 12
"""Tables with more rows than this are folded."""


def parts(result: Result | HasParts, origin: Origin | None = None) -> View:
    """Every section that the result has something to say in, in their order."""
    return View(Sections(), result, origin)


@content_of.register
def _sections(block: Sections, result: Result, origin: Origin | None) -> tuple[Element, ...]:
    sections = result.sections() or _from_parts(result)
    wanted = block.names or [section.name for section in sections]
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


def _from_parts(result: Any) -> tuple[Section, ...]:
    """Until every result declares its sections: those that it gives as parts."""
    made = []
    for name in getattr(result, "part_names", ()):
        part = result.part(name)
        columns = tuple(
            Column(str(head), str(head), "label" if not at else "text")
            for at, head in enumerate(part.table.columns)
        )
        table = Table(name, part.caption, columns, part.table) if len(part.table) else None
        made.append(Section(name, part.title, part.words, table, part.view))
    return tuple(made)
