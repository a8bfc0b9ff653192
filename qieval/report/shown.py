"""Something that shows itself: as HTML on a page, as plain text in a test or a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from qieval.core.tables import Table


@dataclass(frozen=True)
class Shown:
    """Output of a report function.

    Attributes
    ----------
    html : str
        For the page.
    text : str
        The same in plain text; what nbval compares.
    data : mapping
        Further MIME types, for programs.
    """

    html: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/html": self.html, "text/plain": self.text, **self.data}

    def __str__(self) -> str:
        return self.text


def table(
    rows: pd.DataFrame,
    caption: str,
    *,
    numbers: tuple[str, ...] = (),
    css: str = "",
    links: Mapping[str, Sequence[str]] | None = None,
    ids: Sequence[str] = (),
) -> str:
    """An accessible HTML table: a caption, scopes, numbers aligned right, words left.

    Columns that read as figures are found; `numbers` names others. The first column is the row's
    head. A scrolling box around it keeps a phone from being widened.
    `links` are addresses by column, one a row ("": none); `ids` name rows, so that text can point
    to them.
    """
    numbers = (*numbers, *(name for name in rows.columns[1:] if _reads_as_figures(rows[name])))
    head = "".join(
        f'<th scope="col"{_aligned(name, numbers)}>{escape(str(name))}</th>'
        for name in rows.columns
    )
    body = []
    to = {name: list(addresses) for name, addresses in (links or {}).items()}
    for place, record in enumerate(rows.itertuples(index=False)):
        shown = [
            _linked(str(cell), to[name][place] if name in to else "")
            for name, cell in zip(rows.columns, record, strict=True)
        ]
        cells = [f'<th scope="row">{shown[0]}</th>']
        cells += [
            f"<td{_aligned(name, numbers)}>{_together(cell) if name in numbers else cell}</td>"
            for name, cell in zip(rows.columns[1:], shown[1:], strict=True)
        ]
        named = f' id="{escape(ids[place], quote=True)}"' if len(ids) else ""
        body.append(f"<tr{named}>{''.join(cells)}</tr>")
    label = escape(caption, quote=True)
    return (
        f'<div class="qi-table-box" tabindex="0" role="region" aria-label="{label}">'
        f'<table class="qi-table {css}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _linked(text: str, address: str) -> str:
    words = escape(text)
    return f'<a href="{escape(address, quote=True)}">{words}</a>' if address else words


def table_html(shown: Table, css: str = "") -> str:
    """A table of a result as accessible HTML: a caption, scopes, numbers aligned right.

    The first column is the row's head. A scrolling box around it keeps a phone from being widened.
    """
    columns = shown.shown
    aligned = ['class="qi-number"' if column.numeric else "" for column in columns]
    head = "".join(
        f'<th scope="col" {align}>{escape(column.head)}</th>'
        for column, align in zip(columns, aligned, strict=True)
    )
    ids = shown.rows[shown.ids] if shown.ids else []
    body = []
    for place in range(len(shown)):
        cells = []
        for number, (column, align) in enumerate(zip(columns, aligned, strict=True)):
            words = _linked(column.cells[place], column.links[place] if column.links else "")
            words = _kept_together(words) if column.numeric else words
            kind = "td" if number else 'th scope="row"'
            cells.append(f"<{kind} {align}>{words}</{kind[:2]}>")
        named = f' id="{escape(str(ids.iloc[place]), quote=True)}"' if len(ids) else ""
        body.append(f"<tr{named}>{''.join(cells)}</tr>")
    label = escape(shown.caption, quote=True)
    return (
        f'<div class="qi-table-box" tabindex="0" role="region" aria-label="{label}">'
        f'<table class="qi-table {css}"><caption>{escape(shown.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _kept_together(cell: str) -> str:
    """A figure whose interval does not break over lines; the line may break before it."""
    figure, opening, ends = cell.partition(" (")
    return f'{figure} <span class="qi-ends">({ends}</span>' if opening else cell


_BLANK = re.compile(r"(|–|none|few|too few|no (value|interval)|not [a-z]+.*)")
_FIGURE = re.compile(r"[+−(]*\d[\d\s,.%()+−]*")
_BETWEEN = re.compile(r"\b(to|of|or|more|times)\b")
_YEAR = re.compile(r"(19|20)\d\d")


def _reads_as_figures(column: pd.Series) -> bool:
    """Whether every cell is a figure, such as "12 (3 to 21)" or "62%"; years are names."""
    cells = [str(cell).strip() for cell in column]
    figures = [cell for cell in cells if not _BLANK.fullmatch(cell)]
    if not figures or all(_YEAR.fullmatch(cell) for cell in figures):
        return False
    return all(_FIGURE.fullmatch(_BETWEEN.sub("", cell)) for cell in figures)


def _together(cell: str) -> str:
    """A figure whose interval does not break over lines; the line may break before it."""
    return re.sub(r"\([^()]*\)|^[^()<]+ to [^()<]+$", r'<span class="qi-ends">\g<0></span>', cell)


def _aligned(name: object, numbers: tuple[str, ...]) -> str:
    return ' class="qi-number"' if name in numbers else ""


def text_table(rows: pd.DataFrame) -> str:
    """The same rows as aligned plain text."""
    return rows.to_string(index=False, justify="left", max_colwidth=None)


def section(title: str, body: str, css: str) -> str:
    """A section of the page with its heading."""
    return f'<section class="{css}"><h2>{escape(title)}</h2>{body}</section>'


def folded(title: str, body: str, css: str = "") -> str:
    """Something that a reader opens when they want it."""
    return f'<details class="{css}"><summary>{escape(title)}</summary>{body}</details>'
