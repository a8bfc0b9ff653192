"""A block bound to the result that it shows: it shows itself, and carries itself as data.

What a block shows is computed by :func:`content_of`, which every kind of block teaches what it is.
So the same block can be shown for another result, such as one that has been released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, singledispatch
from typing import Any

from qieval.core.blocks import BLOCK_MIME, Block
from qieval.core.errors import DataError
from qieval.intake.origin import Origin
from qieval.report.elements import Drawn, Element, html_of, text_of
from qieval.report.figure import MimeBundle


@singledispatch
def content_of(block: Block, result: Any, origin: Origin | None) -> tuple[Element, ...]:
    """What a block shows of a result: the elements of its content, in their order."""
    raise DataError(f"A block of kind `{block.kind}` cannot be shown.")


@dataclass(frozen=True, eq=False)
class View:
    """A block of a page, bound to its result.

    Attributes
    ----------
    block : Block
        What is shown, as data.
    result : Result or other
        What it is shown of; None if the block holds all that it says.
    origin : Origin or None
        Where the data are from.
    data : mapping
        Further MIME types of its output, for programs.
    """

    block: Block
    result: Any = None
    origin: Origin | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def content(self) -> tuple[Element, ...]:
        """The elements of its content."""
        return content_of(self.block, self.result, self.origin)

    @cached_property
    def html(self) -> str:
        """For the page."""
        return html_of(self.content)

    @cached_property
    def text(self) -> str:
        """The same in plain text; what golden notebooks compare."""
        return text_of(self.content)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, Any] | MimeBundle:
        block = self.block.to_dict()
        bundle = {"text/html": self.html, "text/plain": self.text, BLOCK_MIME: block, **self.data}
        drawn = [element for element in self.content if isinstance(element, Drawn)]
        if not drawn:
            return bundle
        image, about = drawn[0].picture
        return {**bundle, **image}, about

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def show(block: Block, result: Any = None, origin: Origin | None = None) -> View:
    """A block as shown for a result: the one that it was made for, or a released one.

    Parameters
    ----------
    block : Block
        What is to be shown.
    result : Result, optional
        What it is to be shown of.
    origin : Origin, optional
        Where the data are from.
    """
    return View(block, result, origin)
