"""Waits: one row a referral. A blank start means: not started, still waiting or closed."""

from __future__ import annotations

import pandas as pd

from qieval.intake.tables.kind import Kind, RowRule, column, first_row_of
from qieval.intake.tables.rules import (
    date_of,
    if_there,
    not_before,
    not_negative,
    possible_years,
    present,
)


def _same_referral(table: pd.DataFrame) -> list[str]:
    return present(table, ("person", "referred", "started", "closed", "team", "ward"))


def _repeated(table: pd.DataFrame) -> pd.Series:
    known = table["person"].notna() & table["referred"].notna()
    return table.duplicated(_same_referral(table), keep="first") & known


def _started_when_closed(table: pd.DataFrame) -> pd.Series:
    return date_of(table["started"]) > table["closed"]


WAITS = Kind(
    name="waits",
    row="a referral",
    columns={
        "referred": column("moment", "date, or date and time, of the referral"),
        "started": column(
            "moment", "date, or date and time, at which care started; blank: not", blank=True
        ),
        "person": column(
            "text",
            "who was referred; any code, never shown",
            required=False,
            blank=True,
            identifies=True,
        ),
        "outcome": column(
            "text",
            "what became of it: here, elsewhere, refused, withdrawn; blank: still waiting, or "
            "started",
            required=False,
            blank=True,
        ),
        "closed": column(
            "date", "date of refusal or withdrawal; blank: none", required=False, blank=True
        ),
        "team": column("text", "team", required=False, blank=True),
        "ward": column("text", "ward", required=False, blank=True),
        "distance_km": column("number", "distance from home", required=False, blank=True),
    },
    rules=(
        possible_years("referred", "referral"),
        possible_years("started", "start", blank="for somebody still waiting, leave it blank"),
        possible_years("closed", "closing", blank="where nothing was closed, leave it blank"),
        not_before("started", "referred", "care started before the referral"),
        not_before("closed", "referred", "was closed before the referral"),
        RowRule(
            column="started",
            says="care started after the referral was closed",
            broken=if_there(["closed"], _started_when_closed),
        ),
        not_negative("distance_km"),
        RowRule(
            column="person",
            says="repeats {other} (same person, dates and team)",
            broken=if_there(["person"], _repeated),
            earlier=lambda table: first_row_of(table, _same_referral(table)),
            alike=_same_referral,
        ),
    ),
)
