"""An executed notebook as one self-contained, accessible page, composed from its blocks.

Nothing from elsewhere, one h1, headings in order, code behind a closed door, and never a traceback.
The finding is the heading of the page, with its verdict and what became of the aim. One composer
makes the internal page, beside the notebook, and the page of a released result in a site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, TypeVar

from nbformat import NotebookNode

from qieval.batch.records import Record
from qieval.core.blocks import (
    Block,
    Checklist,
    Checks,
    Figure,
    Finding,
    Fit,
    Limits,
    Measured,
    Narrative,
    Opening,
    OtherChoices,
    Own,
    Passport,
    Plan,
    Prose,
    Provenance,
    ResultsRead,
    Squire,
    TableView,
)
from qieval.core.result import Result
from qieval.intake.origin import Origin
from qieval.share.audience import Audience, attribution_of, shown_to
from qieval.share.contents import Piece, contents_of
from qieval.share.frame import Frame, Link, Site, different, made_on, rendered
from qieval.share.own import Outline, narrative_html, own_html, title_of

if TYPE_CHECKING:
    from qieval.report.elements import Element

B = TypeVar("B", bound=Block)
Draw = Callable[[Block, Result | None, Origin | None], str]

_HEAD = (Opening.kind, Finding.kind)
"""Blocks that make the head of the page."""

_LATER = {
    Checks.kind: 1,
    Limits.kind: 2,
    **dict.fromkeys((OtherChoices.kind, Fit.kind, Plan.kind, Checklist.kind), 3),
    Provenance.kind: 4,
}
"""Order of a shared page: figure, words and tables, then checks, limits, method and origin."""


_APART = (TableView("projects"), TableView("evidence"), Squire())
"""Tables of a roll-up that grow with the programme: in a site they have a page of their own."""

_BY_THEMSELVES = (Passport, Measured, ResultsRead, Provenance)
"""Blocks that can be shown without a result."""


@dataclass(frozen=True)
class Shared:
    """What the page of a released result has beside the internal one.

    The internal page takes what the notebook showed: whoever leads a run needs neither charts nor
    statistics, and begins two seconds sooner without them. So a shared page is handed what it draws
    with, and this module imports none of it.

    Attributes
    ----------
    site : Site
        The site in which it stands.
    draw : callable
        Shows a block of a result; pages with the same figure may draw it once.
    points : tuple of Element
        What changed, how sure that is, and what else happened.
    audience : "stakeholder" or "analyst"
        Who reads it.
    own : bool
        Whether what the evaluator's own cells show was looked at, so that it may be shown.
    origin : Origin or None
        What the captions of its figures say of the data.
    crumbs, siblings : tuple of Link
        The pages above this one, and the other evaluations of its project.
    files : tuple of Link
        The tables of the result as files; the first one holds the data behind the figure.
    apart : Link, optional
        Of a roll-up, the page on which its long tables stand.
    """

    site: Site
    draw: Draw
    points: tuple[Element, ...] = ()
    audience: Audience = "stakeholder"
    own: bool = False
    origin: Origin | None = None
    crumbs: tuple[Link, ...] = ()
    siblings: tuple[Link, ...] = ()
    files: tuple[Link, ...] = ()
    apart: Link | None = None


def page(
    notebook: NotebookNode,
    record: Record,
    result: Result | None = None,
    shared: Shared | None = None,
) -> str:
    """The page of one evaluation.

    Verdict, finding and aim come first, then what the notebook shows in its order; what it marks as
    background comes at the end, after what the project set out to do. All code is behind one closed
    door at the very end.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook, empty if it was never written. It is not changed.
    record : Record
        What is known of the run.
    result : Result, optional
        Of a shared page the released result, which its blocks are shown of instead of what they
        showed in the notebook.
    shared : Shared, optional
        How the page stands in a site; without it, it is the internal page.

    Returns
    -------
    str
        One HTML document.
    """
    contents = contents_of(notebook, stopped=record.status != "done")
    general_title, pieces = _without_title(contents.pieces)
    opening = _first(pieces, Opening) or Opening(general_title or record.title)
    finding = _first(pieces, Finding) or Finding()
    whence = _first(pieces, Provenance)
    apart = shared.apart if shared else None
    pieces = [p for p in pieces if p.kind not in _HEAD and not (apart and p.block in _APART)]
    below = [*_rests_on(finding, shared), *_data_of_the_figure(shared)]
    shown = _Shown(result, shared, below)
    front = shown.html([piece for piece in pieces if not piece.background])
    headline = result.headline() if result else record.headline
    asked, *project = (opening.question, opening.aim, opening.place, opening.background)
    about = [line for line in ([asked] if headline else []) + project if line]
    if about:
        shown.outline.level(2)
    more = {
        "eyebrow": " · ".join(filter(None, [record.network, record.project, record.title])),
        "title": opening.title,
        "question": asked,
        "headline": headline,
        "verdict": result.verdict if result else record.verdict,
        "front": _with_tables_apart([*front, *below], apart),  # without a figure, below at the end
        "about": about,
        "background": shown.html([piece for piece in pieces if piece.background]),
        "code": contents.code if shown.to_analysts else (),
        "shared": shared,
        "as_text": _as_text(opening.title, record, result, shared) if shared and result else "",
    }
    credit = attribution_of(whence) if shared and whence else record.attribution
    frame = Frame(
        title=headline or opening.title,
        tab_title=f"{record.project}: {record.title}",
        up=f"{shared.site.root if shared else '../'}index.html",
        up_name=record.programme_name or record.programme,
        simulated=record.simulated,
        attributions=different([credit]),
        made=made_on(record.finished),
        site=shared.site if shared else None,
        more=more,
    )
    return rendered("evaluation.html.j2", frame, record=record)


def tables_page(notebook: NotebookNode, record: Record, result: Result, shared: Shared) -> str:
    """The long tables of a roll-up; its findings lead to their rows.

    Parameters
    ----------
    notebook, record, result
        As of :func:`page`.
    shared : Shared
        As of the roll-up's own page, with the way back to it among `crumbs`.

    Returns
    -------
    str
        One HTML document.
    """
    pieces = [piece for piece in contents_of(notebook).pieces if piece.block in _APART]
    front = _Shown(result, shared, []).html(pieces)
    title = shared.apart.name if shared.apart else record.title
    frame = Frame(
        title=title,
        tab_title=f"{record.project}: {title}",
        up=f"{shared.site.root}index.html",
        up_name=record.programme_name or record.programme,
        simulated=record.simulated,
        attributions=different([record.attribution]),
        made=made_on(record.finished),
        site=shared.site,
        more={"title": title, "front": front, "shared": shared},
    )
    return rendered("evaluation.html.j2", frame, record=record)


def _with_tables_apart(front: list[str], apart: Link | None) -> list[str]:
    """What stands on a roll-up's page, with links to the rows of the tables on another one."""
    if apart is None:
        return front
    address, name = escape(apart.href), escape(apart.name)
    led = [html.replace('href="#qi-row-', f'href="{address}#qi-row-') for html in front]
    return [*led, f'<p class="qi-files"><a href="{address}">{name}</a></p>']


def _as_text(title: str, record: Record, result: Result, shared: Shared) -> str:
    """The finding as plain text, to be copied into a letter or a paper."""
    points = (point.text for point in shared.points)
    lines = [title, result.headline(), result.verdict.aim.words, *points]
    named = ", ".join(filter(None, [record.project, record.network, record.programme_name]))
    simulated = "Simulated data: nothing here describes a real service." if record.simulated else ""
    return "\n".join(filter(None, [*lines, named, simulated]))


def _rests_on(finding: Finding, shared: Shared | None) -> Iterator[str]:
    seen = shown_to(finding, shared.audience) if shared else finding
    if isinstance(seen, Finding) and seen.rests_on:
        yield f'<p class="qi-completeness">Rests on {escape(seen.rests_on.words)}</p>'


def _data_of_the_figure(shared: Shared | None) -> Iterator[str]:
    if shared and shared.files:
        address, name = (escape(text) for text in (shared.files[0].href, shared.files[0].name))
        yield f'<p class="qi-files"><a href="{address}">{name}</a></p>'


def _without_title(pieces: Iterable[Piece]) -> tuple[str, list[Piece]]:
    """The notebook's general title, and the pieces without it: the page shows one title."""
    title, kept = "", []
    for piece in pieces:
        if not title and isinstance(piece.data, Narrative):
            title, block = title_of(piece.data)
            piece = replace(piece, data=block)
            if not block.source:
                continue
        kept.append(piece)
    return title, kept


def _first(pieces: Iterable[Piece], kind: type[B]) -> B | None:
    block = next((piece.block for piece in pieces if piece.kind == kind.kind), None)
    return block if isinstance(block, kind) else None


class _Shown:
    """Shows the pieces of one page: as they showed themselves, or anew for a result."""

    def __init__(
        self,
        result: Result | None,
        shared: Shared | None,
        below_figure: list[str],
    ) -> None:
        self.result, self.shared = result, shared
        self.below_figure = below_figure
        self.outline = Outline()
        self.to_analysts = shared is None or shared.audience == "analyst"

    def html(self, pieces: list[Piece]) -> list[str]:
        """Each piece as HTML, in the order of the page; what shows nothing is left out."""
        if self.shared is not None:
            pieces = list(self._to_share(pieces, self.shared))
        return list(filter(None, map(self._piece, pieces)))

    def _to_share(self, pieces: list[Piece], shared: Shared) -> Iterator[Piece]:
        """What the audience may see, in its order; words stay behind the block they follow."""
        placed, rank = [], 0
        for piece in pieces:
            if piece.kind not in (Narrative.kind, Own.kind):
                main_figure = piece.block == Figure()
                rank = -1 if main_figure else _LATER.get(piece.kind, 0)
            block = shown_to(piece.block, shared.audience, own=shared.own)
            if block is not None and (self.to_analysts or not piece.background):
                placed.append((rank, replace(piece, data=block, html="")))
        yield from (piece for _, piece in sorted(placed, key=lambda item: item[0]))

    def _piece(self, piece: Piece) -> str:
        if isinstance(piece.data, Narrative):
            return narrative_html(piece.data, self.outline)
        if isinstance(piece.data, Own):
            return own_html(piece.data, self.outline, shared=self.shared is not None)
        html = self._ours(piece)
        self.outline.depth = 2 if "<h2>" in html else self.outline.depth
        if piece.kind == Figure.kind:
            html += "".join(self.below_figure)
            self.below_figure.clear()
        return f'<div class="qi-output">{html}</div>' if html else ""

    def _ours(self, piece: Piece) -> str:
        if self.shared is None:
            return piece.html
        block = piece.block
        if self.result is None and not isinstance(block, _BY_THEMSELVES):
            return ""
        if isinstance(block, Prose):
            return "".join(point.html for point in self.shared.points)
        return self.shared.draw(block, self.result, self.shared.origin)
