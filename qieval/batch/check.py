"""Look at what a plan would read, without running anything."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from qieval.batch.plan import Item
from qieval.catalogue import EVALUATIONS
from qieval.core.errors import QievalError
from qieval.intake.reading import read


@dataclass(frozen=True)
class Checked:
    """One evaluation's data, looked at.

    Attributes
    ----------
    name : str
        The evaluation.
    data : str
        The source's name, as shown.
    rows : str
        How many rows are used: "83 of 96".
    error : QievalError or None
        Why the data cannot be used.
    """

    name: str
    data: str = ""
    rows: str = ""
    error: QievalError | None = None


def check(item: Item) -> Checked:
    """Read the data of one evaluation as its notebook would."""
    if not any(function is read for function in EVALUATIONS[item.file.notebook].functions()):
        return Checked(item.name, "none")
    known = inspect.signature(read).parameters
    given = {key: value for key, value in item.file.parameters.items() if key in known}
    try:
        passport = read(**given).passport
    except QievalError as error:
        return Checked(item.name, str(given.get("source", "")), error=error)
    rows = f"{passport.rows_kept:,} of {passport.rows_read:,}"
    return Checked(item.name, passport.source, rows)
