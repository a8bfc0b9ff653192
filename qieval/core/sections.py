"""Sections of an answer that has more to say than one figure and one table."""

from __future__ import annotations

from dataclasses import dataclass

from qieval.core.tables import Table


@dataclass(frozen=True)
class Section:
    """A section of a result, below its answer.

    Attributes
    ----------
    name : str
        Its name among the sections of the result.
    title : str
        Its heading.
    words : str
        A sentence or two.
    table : Table or None
        Its table.
    view : str
        View of the result that is drawn above the table; "": none.
    in_brief : bool
        Whether its table stands with the finding in brief, which has its words as a point.
    """

    name: str
    title: str
    words: str
    table: Table | None = None
    view: str = ""
    in_brief: bool = False
