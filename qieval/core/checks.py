"""Checks of an evaluation: what to mind before believing it, each with an id that does not change.

Programs look a check up by its id; its name and its detail are words for people.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import pandas as pd

from qieval.core.errors import DataError, listed
from qieval.core.verdict import Certainty

CHECK_COLUMNS = ["id", "check", "status", "detail"]

Status = Literal["pass", "warn", "fail", "info"]

GRAVEST_FIRST: tuple[Status, ...] = ("fail", "warn", "info", "pass")


class Check(NamedTuple):
    """One thing that was checked.

    Attributes
    ----------
    id : str
        Short name in lower case with underscores, such as ``missing_periods``; unique in a result
        unless the same check is made of several groups.
    check : str
        What was checked, in a few words.
    status : "pass", "warn", "fail" or "info"
    detail : str
        What was seen, in one or two sentences.
    """

    id: str
    check: str
    status: Status
    detail: str


class About(NamedTuple):
    """What a check is about; the check itself says how it came out."""

    id: str
    check: str

    def passes(self, detail: str) -> Check:
        """Nothing to mind."""
        return Check(*self, "pass", detail)

    def warns(self, detail: str) -> Check:
        """To be minded before believing the result."""
        return Check(*self, "warn", detail)

    def informs(self, detail: str) -> Check:
        """To be known."""
        return Check(*self, "info", detail)


def checks_table(rows: Iterable[Check]) -> pd.DataFrame:
    """A checks table (``id, check, status, detail``) from :class:`Check` rows."""
    return pd.DataFrame(list(rows), columns=CHECK_COLUMNS)


def check_of(checks: pd.DataFrame, name: str) -> Check:
    """The check with this id.

    Raises
    ------
    DataError
        If no such check was made.
    """
    rows = checks[checks["id"] == name]
    if rows.empty:
        raise DataError(
            f"There is no check `{name}` in this result.", found=listed(checks["id"].unique())
        )
    return Check(*rows.iloc[0][CHECK_COLUMNS])


def status_of(checks: pd.DataFrame, name: str) -> Status | None:
    """The gravest status of the checks with this id; None if no such check was made."""
    pairs = zip(checks["id"].tolist(), checks["status"].tolist(), strict=True)
    seen = {status for known, status in pairs if known == name}
    return next((status for status in GRAVEST_FIRST if status in seen), None)


def certainty_of(checks: pd.DataFrame, bearing: Iterable[str]) -> Certainty:
    """How certain a tested answer is: with reservations if a check that bears on it warns or fails.

    Parameters
    ----------
    checks : DataFrame
        The checks of the result.
    bearing : iterable of str
        Ids of the checks that bear on the answer.
    """
    grave = checks.loc[checks["status"].isin(["warn", "fail"]), "id"]
    return "with reservations" if set(bearing) & set(grave) else "clear"
