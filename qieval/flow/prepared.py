"""What a flow function hands on: a table ready for an analysis, and what was decided on the way."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd


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

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        head = f"<p><strong>{escape(self.headline())}</strong></p>"
        return f'<div class="qi-measured">{head}{f"<ul>{notes}</ul>" if notes else ""}</div>'
