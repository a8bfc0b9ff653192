"""What figures count: events, which vary at least as much as chance makes them, or amounts.

Falls, restraints, incidents and admissions are events. Bed days, waits, scores and costs are
amounts, whole numbers or not. A measure declares it, or the step that counted the figures knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import pandas as pd

Counts = Literal["events", "amount"]

EVENTS = frozenset({"admissions", "discharges", "readmitted"})
"""What is counted of spells that is an event; all else that is made of them is an amount."""


def declare(table: pd.DataFrame, figures: Iterable[str]) -> None:
    """Note with a table what its figures, counted from spells, are."""
    table.attrs["counts"] = {name: "events" if name in EVENTS else "amount" for name in figures}


def declared(table: pd.DataFrame, value: str, counts: Counts | None) -> Counts | None:
    """What a column counts: as the measure says, else as it was counted, else nothing is known."""
    known: dict[str, Counts] = table.attrs.get("counts", {})
    return counts or known.get(value)
