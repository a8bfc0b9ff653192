"""What an executed notebook shows, as one list of blocks in their order.

Every document is made from this list: its narrative, our blocks (taken from the JSON that their
outputs carry) and whatever else a cell shows, which is :class:`~qieval.core.blocks.Own`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nbformat import NotebookNode

from qieval.batch.executed import without_colours
from qieval.core.blocks import BLOCK_MIME, PAGE_MIME, RESULT_MIME, Block, Narrative, Own
from qieval.core.desk import ASIDE

IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
SHOWN = ("text/html", "text/markdown", *IMAGES, "text/plain")
"""Kinds of output that a page can show, the best first; others are left out."""

ANALYST = "analyst"
"""Tag of cells that speak to the person at the notebook."""

BACKGROUND = "background"
"""Tag of cells that a reader wants after the finding."""


@dataclass(frozen=True)
class Piece:
    """A block in its place.

    Attributes
    ----------
    kind : str
        Kind of the block.
    data : dict or Block
        The block; as its JSON where the notebook carries it.
    html : str
        How the block showed itself in the notebook; "" for narrative and what is not ours.
    background : bool
        Whether it belongs after the finding.
    """

    kind: str
    data: dict[str, Any] | Block
    html: str = ""
    background: bool = False

    @cached_property
    def block(self) -> Block:
        """The block itself; most of a page is made without it."""
        return self.data if isinstance(self.data, Block) else Block.from_dict(self.data)


@dataclass(frozen=True)
class Contents:
    """What an executed notebook shows.

    Attributes
    ----------
    pieces : tuple of Piece
        In the order of the notebook.
    code : tuple of str
        The code of every cell that ran.
    """

    pieces: tuple[Piece, ...]
    code: tuple[str, ...]


def contents_of(notebook: NotebookNode, *, stopped: bool = False) -> Contents:
    """What a notebook shows to a reader.

    A notebook says with tags what is for whom: cells tagged ``analyst`` speak to the person at the
    notebook and are left out (their code is not); those tagged ``background`` are marked. Warnings
    and errors are for the log.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook. It is not changed.
    stopped : bool
        Whether it stopped before its end: what was to come next would promise what is not there.
    """
    cells = _up_to_the_stop(notebook.cells) if stopped else notebook.cells
    code = [cell.source.strip() for cell in cells if cell.get("execution_count")]
    pieces = [piece for cell in cells if ANALYST not in _tags(cell) for piece in _pieces(cell)]
    behind = [piece for piece in pieces if piece.background]
    if all(piece.kind == Narrative.kind for piece in behind):
        # It stopped before there was any: headings alone promise what is not there.
        pieces = [piece for piece in pieces if not piece.background]
    return Contents(tuple(pieces), tuple(source for source in code if source))


def _up_to_the_stop(cells: list[NotebookNode]) -> list[NotebookNode]:
    ran = [number for number, cell in enumerate(cells) if cell.get("execution_count")]
    return cells[: ran[-1] + 1] if ran else []


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", ()))


def _pieces(cell: NotebookNode) -> Iterator[Piece]:
    background = BACKGROUND in _tags(cell)
    if cell.cell_type == "markdown" and cell.source.strip():
        yield Piece(Narrative.kind, Narrative(cell.source), background=background)
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if BLOCK_MIME in data:
            block = data[BLOCK_MIME]
            yield Piece(block.get("kind", ""), block, data.get("text/html", ""), background)
        else:
            for own in _own(output, cell):
                yield Piece(Own.kind, own, background=background)


def _own(output: NotebookNode, cell: NotebookNode) -> Iterator[Own]:
    """What a cell shows that is no block of ours, as far as it is for a reader."""
    if output.output_type == "stream":
        printed = without_colours(output.text) if output.name == "stdout" else ""
        if printed.strip():
            yield Own("text/plain", printed)
        return
    if output.output_type == "error":
        return  # the page says at its top, in words, what happened
    if ASIDE.items() <= output.metadata.items():
        return  # for whoever is at the notebook
    if RESULT_MIME in output.data or PAGE_MIME in output.data:
        return  # for programs
    kinds = [kind for kind in SHOWN if kind in output.data][:1]
    picture = "image/svg+xml"
    if kinds == ["text/html"] and picture in output.data and "<svg" in output.data["text/html"]:
        kinds.append(picture)  # drawings within HTML are left out, pictures are not
    for kind in kinds:
        content = without_colours("".join(output.data[kind]))
        about = output.metadata.get(kind, {})
        alt = about.get("alt") or output.metadata.get("alt") or cell.metadata.get("alt") or ""
        yield Own(kind, content, str(alt))
