"""The words that pivot tables leave on a sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qieval.intake.reading.raw import Cell, as_text

BLANK = "(blank)"
"""What a pivot table writes where a label is missing."""

LABELS = ("row labels", "column labels")
"""What it writes above labels, in small letters."""

_OF = r"(sum|count|average|max|min|product|std ?dev|var)p? of .+"
_FIGURE = re.compile(_OF, re.IGNORECASE)
GRAND_TOTAL = re.compile(rf"grand total|total {_OF}", re.IGNORECASE)
"""The heading of a column that adds up the others."""


def names_the_figure(cells: Sequence[Cell]) -> bool:
    """Whether the filled cells of a row are what a pivot table writes above its headings.

    That is `Sum of Bed days` and the name of the field whose values stand below as headings.
    """
    texts = [as_text(cell) or "" for cell in cells]
    if any(text.casefold() == LABELS[1] for text in texts):
        return True
    two = len(texts) == 2 and not _FIGURE.fullmatch(texts[1])
    return two and bool(_FIGURE.fullmatch(texts[0]))
