"""What a flow function hands on: a table ready for an analysis, and what was decided on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from qieval.core import hooks
from qieval.core.blocks import Measured


@dataclass(frozen=True, eq=False, repr=False)
class Prepared:
    """A table ready for an analysis.

    Attributes
    ----------
    table : DataFrame
        The rows.
    notes : tuple of str
        What was decided, one plain sentence each.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]

    def headline(self) -> str:
        """What the table holds, in one line; never its rows."""
        return f"{len(self.table):,} rows"

    def __str__(self) -> str:
        return "\n".join([self.headline(), *(f"- {note}" for note in self.notes)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        block = Measured(self.headline(), self.notes)
        return {**hooks.show(block), "text/plain": str(self)}
