"""Parts of an answer that has more to say than one figure and one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pandas as pd


@dataclass(frozen=True)
class Part:
    """A part of the answer.

    Attributes
    ----------
    title : str
        Its heading.
    words : str
        A sentence or two.
    table : DataFrame
        Its table, with plain heads; empty: there is none.
    caption : str
        The table's caption.
    numbers : tuple of str
        Columns of the table that are aligned as numbers.
    view : str
        View of the result that is drawn above the table; "": none.
    """

    title: str
    words: str
    table: pd.DataFrame
    caption: str
    numbers: tuple[str, ...] = ()
    view: str = ""


class HasParts(Protocol):
    """A result that tells parts."""

    @property
    def part_names(self) -> list[str]:
        """The parts that these data have something to say about."""

    def part(self, name: str) -> Part:
        """The part of that name."""
