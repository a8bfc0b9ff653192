"""Logs of cycles for the tests: short, with every field said or left blank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

EXAMPLE = Path(__file__).resolve().parents[3] / "data" / "closing-the-gap" / "pdsa.csv"


def cycle(name: str, follows: str | None = None, **said: Any) -> dict[str, Any]:
    """A cycle with everything recorded; `said` changes or blanks fields."""
    whole: dict[str, Any] = {
        "cycle": name,
        "follows": follows,
        "started": f"2018-{3 + len(name):02d}-01",
        "ended": None,
        "change": "Secret change",
        "prediction": "Secret prediction",
        "size": 2.0,
        "whole": 20.0,
        "data_points": 3.0,
        "learning": "Secret learning",
        "decision": "adapt",
        "measure": "Days to plan",
    }
    return whole | said


def log(*cycles: dict[str, Any]) -> pd.DataFrame:
    """A log of these cycles."""
    return pd.DataFrame(list(cycles))


def ramp(count: int = 3, **said: Any) -> pd.DataFrame:
    """A chain of so many cycles, a month apart."""
    starts = pd.date_range("2018-01-01", periods=count, freq="MS").strftime("%Y-%m-%d")
    return log(
        *(
            cycle(str(n), str(n - 1) if n > 1 else None, **{"started": start} | said)
            for n, start in enumerate(starts, start=1)
        )
    )


def example(project: str | None = None) -> pd.DataFrame:
    """The simulated programme's log, or one project's part of it."""
    table = pd.read_csv(EXAMPLE, parse_dates=["started", "ended"], dtype={"cycle": str})
    return table if project is None else table[table["project"] == project]
