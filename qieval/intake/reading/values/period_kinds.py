"""The kind of period of a column: as spelt, as spaced, or as the parameters say."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pandas as pd

from qieval.core.errors import DataError, listed
from qieval.core.periods import Frequency, infer_frequency, noun, start_of
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.cells import Column
from qieval.intake.reading.values.period_readings import Reading
from qieval.intake.reading.values.period_words import edge_in, week_of


def one_kind(
    column: Column,
    readings: dict[int, Reading],
    full_dates: dict[int, dt.date],
    period: Frequency | None,
) -> tuple[set[Frequency], dict[int, str]]:
    """The kind of period of the column, and why cells of another kind cannot be used."""
    counts: Counter[Frequency] = Counter()
    for code, reading in readings.items():
        counts[reading.every] += column.count([code])
    usual = counts.most_common(1)[0][0] if counts else None
    dated = _kind_of_dates(full_dates) if counts and len(full_dates) > 1 else None
    # Full dates say no kind, but a year among the first days of months is no month.
    if dated and column.count(list(full_dates)) > sum(counts.values()):
        usual = dated
    kept = period if period in counts else usual
    others = {code: said.every for code, said in readings.items() if said.every != kept}
    if not others or (len(counts) == 1 and usual in counts):
        return set(counts), {}
    reasons = {
        code: f"is a {noun(every)} among {noun(kept, 2)}" for code, every in others.items() if kept
    }
    return {kept} & set(counts) if kept else set(), reasons


def _kind_of_dates(days: dict[int, dt.date]) -> Frequency | None:
    try:
        return infer_frequency(pd.DatetimeIndex(list(days.values())))
    except DataError:
        return None  # they say nothing about it; :func:`settle` asks


def settle(
    days: pd.Series, kinds: set[Frequency], request: Request, heading: str
) -> tuple[pd.Series, Frequency, list[str]]:
    """First days of the periods, the kind of period that they are, and what to note.

    Parameters
    ----------
    days : Series
        A day in each period; may have missing values.
    kinds : set of Frequency
        What the spellings say.
    request : Request
        What the parameters say.
    heading : str
        The column's heading in the file.

    Raises
    ------
    DataError
        If the kind of period cannot be told, or the spellings are of another kind.
    """
    known = days.dropna()
    if kinds:
        every = _spelt_kind(kinds, request, heading)
    else:
        every = request.period or _spaced_kind(known, heading, request.where)
    first_days = pd.Series(start_of(known, every), index=known.index, dtype="datetime64[us]")
    edge = edge_in(heading)
    if every == "week" and edge is not None:
        mondays = [week_of(day.date(), edge) for day in known]
        first_days = pd.Series(mondays, index=known.index, dtype="datetime64[us]")
    notes = []
    if moved := int((first_days != known).sum()):
        notes.append(
            f"`{heading}`: {moved:,} dates stand for the {noun(every)} in which they lie "
            f"and were set to its first day."
        )
    return first_days.reindex(days.index), every, notes


def _spelt_kind(kinds: set[Frequency], request: Request, heading: str) -> Frequency:
    every, period = min(kinds), request.period
    if len(kinds) == 1 and period in (None, every):
        return every
    raise DataError(
        f"`{heading}` does not hold {noun(period or every, 2)} only.",
        found=f"periods spelt as {listed(sorted(noun(kind, 2) for kind in kinds))}",
        remedy=f"Set `period: {every}`." if len(kinds) == 1 else "Keep one kind of period a file.",
        where=request.where,
    )


def _spaced_kind(days: pd.Series, heading: str, where: str) -> Frequency:
    try:
        return infer_frequency(days)
    except DataError as error:
        raise DataError(
            f"The kind of period cannot be told from the dates in `{heading}`: {error.problem}",
            found=error.found,
            remedy="Say it, for instance `period: month`.",
            where=where,
        ) from error
