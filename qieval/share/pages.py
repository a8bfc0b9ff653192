"""An executed notebook as one self-contained, accessible page, composed from its blocks.

No script, nothing from elsewhere, one h1, headings in order, code behind a closed door, and never a
traceback. The finding stands at the top with its verdict and what became of the aim.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from nbformat import NotebookNode

from qieval.batch.records import Record
from qieval.core.blocks import Block, Finding, Narrative, Opening, Own
from qieval.core.result import Result
from qieval.core.verdict import Verdict
from qieval.report import show
from qieval.report.page import how_complete
from qieval.share.contents import Piece, contents_of
from qieval.share.frame import Frame, different, made_on, rendered
from qieval.share.own import Outline, narrative_html, own_html, title_of

B = TypeVar("B", bound=Block)

_HEAD = (Opening.kind, Finding.kind)
"""Blocks that make the head of the page."""


def page(notebook: NotebookNode, record: Record, result: Result | None = None) -> str:
    """The page of one evaluation.

    Title, question, verdict and finding come first, then what the notebook shows in its order; what
    it marks as background comes at the end, after what the project set out to do. All code is
    behind one closed door at the very end.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook, empty if it was never written. It is not changed.
    record : Record
        What is known of the run.
    result : Result, optional
        A result that the blocks are shown of instead of what they showed in the notebook, such as
        one that has been released.

    Returns
    -------
    str
        One HTML document.
    """
    contents = contents_of(notebook, stopped=record.status != "done")
    general_title, pieces = _without_title(contents.pieces)
    opening = _first(pieces, Opening) or Opening(general_title or record.title)
    finding = _first(pieces, Finding) or Finding()
    pieces = [piece for piece in pieces if piece.kind not in _HEAD]
    outline = Outline()
    front = _html([piece for piece in pieces if not piece.background], outline, result)
    about = [line for line in (opening.aim, opening.place, opening.background) if line]
    if about:
        outline.level(2)
    more = {
        "eyebrow": " · ".join(filter(None, [record.network, record.project, record.title])),
        "question": opening.question,
        "headline": result.headline() if result else record.headline,
        "verdict": _verdict(record, result),
        "completeness": f"Rests on {how_complete(finding.rests_on)}" if finding.rests_on else "",
        "front": front,
        "about": about,
        "background": _html([piece for piece in pieces if piece.background], outline, result),
        "code": contents.code,
    }
    frame = Frame(
        title=opening.title,
        tab_title=f"{record.project}: {record.title}",
        up="../index.html",
        up_name=record.programme_name or record.programme,
        simulated=record.simulated,
        attributions=different([record.attribution]),
        made=made_on(record.finished),
        more=more,
    )
    return rendered("evaluation.html.j2", frame, record=record)


def _verdict(record: Record, result: Result | None) -> Verdict | None:
    return result.verdict if result else record.verdict


def _without_title(pieces: Iterable[Piece]) -> tuple[str, list[Piece]]:
    """The notebook's general title, and the pieces without it: the page shows one, as its h1."""
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


def _html(pieces: Iterable[Piece], outline: Outline, result: Result | None) -> list[str]:
    """Each piece as HTML; our own blocks as they showed themselves, or anew for a result."""
    shown = []
    for piece in pieces:
        if isinstance(piece.data, Narrative):
            shown.append(narrative_html(piece.data, outline))
        elif isinstance(piece.data, Own):
            shown.append(own_html(piece.data, outline))
        else:
            html = piece.html if result is None else show(piece.block, result).html
            outline.depth = 2 if "<h2>" in html else outline.depth
            shown.append(f'<div class="qi-output">{html}</div>' if html else "")
    return list(filter(None, shown))
