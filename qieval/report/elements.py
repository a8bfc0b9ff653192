"""What the content of a block is made of; each element shows itself as HTML and as plain text.

Both are made from the same words and the same table, so that neither holds a figure that the other
lacks: what a golden notebook compares is what its page shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Protocol

from qieval.charts.drawing import alt_text
from qieval.core.checks import Status
from qieval.core.result import Result
from qieval.core.tables import Table
from qieval.intake.origin import Origin
from qieval.report.figure import Drawing, MimeBundle, caption, drawing_of, figure_html

STATUS: dict[Status, tuple[str, str]] = {
    "pass": ("✓", "Fine"),
    "warn": ("!", "Mind this"),
    "fail": ("✕", "Problem"),
    "info": ("i", "Note"),
}
"""Shape and word of a check."""

MOST_POINTS = 400
"""More points are not repeated as a table on the page: it would weigh more than all else."""

MOST_ROWS_NAMED = 12
"""A longer list of rows is cut."""


class Element(Protocol):
    """A piece of a page."""

    @property
    def html(self) -> str:
        """The piece as accessible HTML."""

    @property
    def text(self) -> str:
        """The piece as plain text; with every figure that the HTML has."""


def html_of(elements: Sequence[Element]) -> str:
    """Elements as HTML, in their order."""
    return "".join(element.html for element in elements)


def text_of(elements: Sequence[Element]) -> str:
    """Elements as plain text, in their order."""
    return "\n".join(filter(None, (element.text for element in elements)))


@dataclass(frozen=True)
class Words:
    """A paragraph; what stands in backticks is code."""

    text: str
    css: str = ""

    @property
    def html(self) -> str:
        """The paragraph."""
        return f"<p{_class(self.css)}>{with_code(self.text)}</p>"


@dataclass(frozen=True)
class NotShown:
    """What only the notebook says: that there is nothing to show on the page."""

    text: str
    html: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry of a list.

    Attributes
    ----------
    text : str
    lead : str
        What stands before it in bold.
    status : str or None
        Status of a check; it gives the entry its shape and colour.
    word : str
        The word of that status; "": its usual one.
    rows : tuple of int
        Rows of the evidence table that it rests on, to which it links.
    """

    text: str
    lead: str = ""
    status: Status | None = None
    word: str = ""
    rows: tuple[int, ...] = ()

    def to_html(self) -> str:
        """The entry as an item of an HTML list."""
        css, badge = "", ""
        if self.status:
            shape, word = STATUS[self.status]
            css = f"qi-check qi-{self.status}"
            badge = (
                f'<span class="qi-status"><span aria-hidden="true">{shape}</span> '
                f"{escape(self.word or word)}</span> "
            )
        lead = f"<strong>{escape(self.lead)}.</strong> " if self.lead else ""
        links = [f'<a href="#qi-row-{row}">{row}</a>' for row in self.rows[:MOST_ROWS_NAMED]]
        source = f" <small>{self._source(links)}</small>" if links else ""
        return f"<li{_class(css)}>{badge}{lead}{with_code(self.text)}{source}</li>"

    def to_text(self) -> str:
        """The entry as a line."""
        badge = f"{self.word or STATUS[self.status][1]}: " if self.status else ""
        rows = [str(row) for row in self.rows[:MOST_ROWS_NAMED]]
        source = f" {self._source(rows)}" if rows else ""
        return f"{badge}{f'{self.lead}. ' if self.lead else ''}{self.text}{source}"

    def _source(self, rows: Sequence[str]) -> str:
        more = len(self.rows) - len(rows)
        return f"(rows {', '.join(rows)}{f' and {more} more' if more else ''})"


@dataclass(frozen=True)
class Entries:
    """A list."""

    entries: tuple[Entry, ...]
    css: str = ""

    @property
    def html(self) -> str:
        """The list."""
        return f"<ul{_class(self.css)}>{''.join(entry.to_html() for entry in self.entries)}</ul>"

    @property
    def text(self) -> str:
        """A line an entry."""
        return "\n".join(entry.to_text() for entry in self.entries)


def lines_listed(lines: Sequence[str]) -> Entries:
    """A plain list of lines."""
    return Entries(tuple(Entry(line) for line in lines))


@dataclass(frozen=True)
class Tabled:
    """A table with its caption; pictures may stand beside the words of its cells."""

    table: Table
    css: str = ""
    pictures: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def html(self) -> str:
        """The table."""
        return table_html(self.table, self.css, self.pictures)

    @property
    def text(self) -> str:
        """The caption, and the rows below it."""
        return f"{self.table.caption}\n{self.table.to_text()}"


@dataclass(frozen=True)
class Drawn:
    """A chart of a result, described, with the data behind it."""

    result: Result
    origin: Origin | None = None
    view: str = ""

    @cached_property
    def _data(self) -> Tabled | Words | None:
        """The points of the chart; those of another view stand in the tables of the page."""
        if self.view:
            return None
        table = self.result.table("points")
        if self.result.figure_table != table.name:
            said = self.result.table(self.result.figure_table).caption
            return Words(f"What the figure shows, a table says: “{said}”.")
        if len(table) <= MOST_POINTS:
            return Tabled(table)
        return Words(
            f"The figure shows {len(table):,} points, too many for a table on this page. They are "
            "in the file of the result, and in the file of figures beside a shared page."
        )

    @property
    def html(self) -> str:
        """The figure."""
        data = Folded("The data behind this figure", (self._data,)).html if self._data else ""
        return figure_html(self.result, self.origin, self.view, data, self._drawing)

    @cached_property
    def _drawing(self) -> Drawing:
        return drawing_of(self.result, self.view)

    @property
    def picture(self) -> MimeBundle:
        """The figure as a picture, for viewers that show no HTML: by MIME type, and its words."""
        kind = "image/svg+xml"
        return {kind: self._drawing.svg}, {kind: {"alt": self._drawing.alt}}

    @property
    def text(self) -> str:
        """What the figure shows, in words and in figures."""
        return "\n".join(
            [
                f"Figure: {alt_text(self.result, self.view)}",
                *filter(None, [caption(self.result, self.origin, self.view)]),
                *([self._data.text] if self._data else []),
            ]
        )


@dataclass(frozen=True)
class Folded:
    """Something that a reader opens when they want it."""

    title: str
    elements: tuple[Element, ...]

    @property
    def html(self) -> str:
        """A closed door."""
        body = html_of(self.elements)
        return f"<details><summary>{escape(self.title)}</summary>{body}</details>"

    @property
    def text(self) -> str:
        """What is behind the door, below its title."""
        return f"{self.title}\n{text_of(self.elements)}"


@dataclass(frozen=True)
class Headed:
    """A section with its heading; a part of a section has a heading one level down."""

    title: str
    elements: tuple[Element, ...]
    css: str = ""
    level: int = 2

    @property
    def html(self) -> str:
        """The section."""
        head = f"<h{self.level}>{escape(self.title)}</h{self.level}>"
        return f"<section{_class(self.css)}>{head}{html_of(self.elements)}</section>"

    @property
    def text(self) -> str:
        """Its heading, and what stands below it."""
        return "\n".join(filter(None, [self.title, text_of(self.elements)]))


# ---- HTML --------------------------------------------------------------------------------------


def table_html(
    table: Table, css: str = "", pictures: Mapping[str, Sequence[str]] | None = None
) -> str:
    """A table as accessible HTML: a caption, scopes, numbers aligned right.

    The first column is the row's head. A scrolling box around it keeps a phone from being widened.

    Parameters
    ----------
    table : Table
    css : str
        A class of its own.
    pictures : mapping
        Head of a column → a picture (SVG) a row, which stands beside the words of the cell.
    """
    columns = table.shown
    numbers = [f"qi-n{place}" for place, column in enumerate(columns, 1) if column.numeric]
    beside = [(pictures or {}).get(column.head, ()) for column in columns]
    head = "".join(f'<th scope="col">{escape(column.head)}</th>' for column in columns)
    ids = table.rows[table.ids].tolist() if table.ids else []
    body = []
    for row in range(len(table)):
        cells = []
        for place, column in enumerate(columns):
            words = _linked(column.cells[row], column.links[row] if column.links else "")
            words = _kept_together(words) if column.numeric else words
            if len(beside[place]):
                words = f'<span class="qi-pictured">{beside[place][row]}<span>{words}</span></span>'
            kind = "td" if place else 'th scope="row"'
            cells.append(f"<{kind}>{words}</{kind[:2]}>")
        name = f' id="{escape(str(ids[row]), quote=True)}"' if ids else ""
        body.append(f"<tr{name}>{''.join(cells)}</tr>")
    label = escape(table.caption, quote=True)
    own = _class(" ".join(["qi-table", *([css] if css else []), *numbers]))
    return (
        f'<div class="qi-table-box" tabindex="0" role="group" aria-label="{label}">'
        f"<table{own}><caption>{escape(table.caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _linked(text: str, address: str) -> str:
    words = escape(text)
    return f'<a href="{escape(address, quote=True)}">{words}</a>' if address else words


def _kept_together(cell: str) -> str:
    """A figure whose interval does not break over lines; the line may break before it."""
    figure, opening, ends = cell.partition(" (")
    return f'{figure} <span class="qi-ends">({ends}</span>' if opening else cell


def with_code(text: str) -> str:
    """Text as HTML, with what stands in backticks as code."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:  # a backtick without a partner
        return escape(text)
    return "".join(
        f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces)
    )


def _class(css: str) -> str:
    return f' class="{css.strip()}"' if css.strip() else ""
