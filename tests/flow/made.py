"""Small tables of stays and referrals for tests."""

from __future__ import annotations

import pandas as pd


def stays(*rows: tuple, ward: str = "Elm") -> pd.DataFrame:
    """Stays of (person, start, end[, ward[, discharged_to]])."""
    full = [(*row, *(ward, None)[len(row) - 3 :]) for row in rows]
    table = pd.DataFrame(full, columns=["person", "start", "end", "ward", "discharged_to"])
    return table.assign(start=pd.to_datetime(table["start"]), end=pd.to_datetime(table["end"]))


def referrals(*rows: tuple, team: str = "Elm") -> pd.DataFrame:
    """Referrals of (referred, started[, outcome[, closed[, team]]])."""
    full = [(*row, *(None, None, team)[len(row) - 2 :]) for row in rows]
    table = pd.DataFrame(full, columns=["referred", "started", "outcome", "closed", "team"])
    dates = {
        name: pd.to_datetime(table[name], format="ISO8601")
        for name in ("referred", "started", "closed")
    }
    return table.assign(**dates)
