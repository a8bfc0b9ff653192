"""Look at what a plan would read, without running anything."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qieval.batch.plan import Item
from qieval.catalogue import EVALUATIONS
from qieval.core.errors import QievalError
from qieval.intake.reading import read
from qieval.intake.theories import read_theory


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
    doubtful : tuple of str
        What reading proposed and nobody has confirmed.
    """

    name: str
    data: str = ""
    rows: str = ""
    error: QievalError | None = None
    doubtful: tuple[str, ...] = ()


def check(item: Item) -> Checked:
    """Read the data of one evaluation as its notebook would."""
    functions = EVALUATIONS[item.file.notebook].functions()
    try:
        if read_theory in functions:
            told = read_theory(**_given(item, read_theory))
            rows = "none" if told.cycles is None else f"{len(told.cycles):,} of its cycles"
            return Checked(item.name, told.passport.source, rows)
        if read not in functions:
            return Checked(item.name, "none")
        passport = read(**_given(item, read)).passport
    except QievalError as error:
        asked = item.file.parameters
        return Checked(item.name, str(asked.get("source") or asked.get("project")), error=error)
    rows = f"{passport.rows_kept:,} of {passport.rows_read:,}"
    return Checked(item.name, passport.source, rows, doubtful=tuple(passport.doubtful))


def _given(item: Item, function: Callable[..., Any]) -> dict[str, Any]:
    known = inspect.signature(function).parameters
    return {key: value for key, value in item.file.parameters.items() if key in known}
