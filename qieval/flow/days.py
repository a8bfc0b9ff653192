"""Dates of parameters: read from text or date, and written in words."""

from __future__ import annotations

from datetime import date

import pandas as pd

from qieval.core.errors import ParameterError


def as_day(day: date | str | None, name: str) -> pd.Timestamp | None:
    """A date of a parameter, without time of day; None stays None."""
    if day is None:
        return None
    try:
        read = date.fromisoformat(day) if isinstance(day, str) else day
        return pd.Timestamp(read).tz_localize(None).normalize().as_unit("us")
    except (TypeError, ValueError):
        raise ParameterError(
            "This is not a date.", found=repr(day), remedy="Write it as `2024-03-31`.", where=name
        ) from None


def in_words(day: pd.Timestamp | str) -> str:
    """A date in words: 31 March 2024."""
    day = pd.Timestamp(day)
    return f"{day.day} {day:%B %Y}"
