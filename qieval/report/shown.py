"""Something that shows itself: as HTML on a page, as plain text in a test or a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd


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


def table(rows: pd.DataFrame, caption: str, *, numbers: tuple[str, ...] = (), css: str = "") -> str:
    """An accessible HTML table: a caption, scopes, numbers aligned right.

    The first column is the row's head. A scrolling box around it keeps a phone from being widened.
    """
    head = "".join(
        f'<th scope="col"{_aligned(name, numbers)}>{escape(str(name))}</th>'
        for name in rows.columns
    )
    body = []
    for record in rows.itertuples(index=False):
        cells = [f'<th scope="row">{escape(str(record[0]))}</th>']
        cells += [
            f"<td{_aligned(name, numbers)}>{escape(str(cell))}</td>"
            for name, cell in zip(rows.columns[1:], record[1:], strict=True)
        ]
        body.append(f"<tr>{''.join(cells)}</tr>")
    label = escape(caption, quote=True)
    return (
        f'<div class="qi-table-box" tabindex="0" role="region" aria-label="{label}">'
        f'<table class="qi-table {css}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


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
