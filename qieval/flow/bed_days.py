"""`qi.bed_days`: stays to bed days by period and group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from qieval.core.late import BaseBackend, ir
from qieval.core.periods import Frequency, days_in, shift, span
from qieval.core.signatures import public
from qieval.core.words import many
from qieval.flow.days import as_day, in_words
from qieval.flow.groups import blank_groups_note, check_by
from qieval.flow.nights import (
    RULES,
    Rule,
    check_rule,
    counted_once,
    days_by_period,
    on_leave,
    summed,
    unit_of,
)
from qieval.flow.sources import Intervals, intervals, opened, refuse_other_codes

OUT = ("period", "bed_days", "leave_days", "bed_days_net", "days_in_period")


@public
def bed_days(
    spells: pd.DataFrame | ir.Table | str | Path,
    *,
    by: str | Sequence[str] = (),
    period: Frequency = "month",
    rule: Rule = "mhsds",
    extract_date: date | str | None = None,
    leave: pd.DataFrame | ir.Table | str | Path | None = None,
    backend: str | BaseBackend | None = None,
) -> pd.DataFrame:
    """Bed days in every period, for every group.

    Parameters
    ----------
    spells : DataFrame, ibis table or path of a Parquet file
        One row a stay: ``person, start, end`` (blank: still in) and the columns of `by`. Dates
        only; times of day are cut off.
    by : str or sequence of str, optional
        Columns that name the groups, such as ``ward``.
    period : str, optional
        Kind of period: day, week, month, quarter, year, financial_year.
    rule : "mhsds" or "phs", optional
        ``mhsds``: the nights, from the day of admission to the day before discharge. ``phs``: the
        days after admission, up to and with the day of discharge. Same total, other months.
    extract_date : date, optional
        The date up to which the data reach. Needed when a stay is open: it counts up to and with
        that date.
    leave : DataFrame, ibis table or path of a Parquet file, optional
        One row a leave: ``person, start, end``. Overlapping leave is taken off once, and only
        within a stay.
    backend : str or ibis backend, optional
        Address of a database. Default: DuckDB inside this process.

    Returns
    -------
    DataFrame
        ``*by, period, bed_days, leave_days, bed_days_net, days_in_period``: every group × every
        period from the first to the last that a stay touches; a zero is a real zero. What was
        decided stands in ``attrs["notes"]``, one plain sentence each.

    Raises
    ------
    DataError
        If a stay cannot be (an end before its start, a date after the extract); with row numbers.
    ParameterError
        If `extract_date` is needed, or a parameter is unknown.

    Notes
    -----
    A day that overlapping or nested stays of one person cover counts once, for the stay that
    started first; of those that started together, for the longest.
    """
    names = [by] if isinstance(by, str) else list(by)
    check_names(names)
    check_rule(rule)
    extract = as_day(extract_date, "extract_date")
    with opened(spells, backend) as database:
        refuse_other_codes(spells, leave)
        stays = intervals(spells, database, what="stays", by=names, extract_date=extract)
        starts = span(stays.first, shift(stays.last, 1, period), period)
        unit = unit_of(period)
        groups = [f"g{place}" for place in range(len(names))]
        ranges = counted_once(stays, rule, extract, groups)
        sums = database.to_pandas(summed(ranges, groups, unit))
        table = _groups(sums, groups)
        days = days_by_period(sums, _codes(sums, table, groups), len(table), starts)

        away = np.zeros_like(days)
        notes = _notes(stays, sums, rule, extract, names)
        if leave is not None:
            absent = intervals(leave, database, what="leave", extract_date=extract)
            once = counted_once(absent, rule, extract, [])
            off = database.to_pandas(summed(on_leave(ranges, once, groups), groups, unit))
            away = days_by_period(off, _codes(off, table, groups), len(table), starts)
            total = database.to_pandas(summed(once, [], "M"))
            notes.append(_leave_note(int(away.sum()), total, absent, extract))

    periods = starts[:-1]
    out = table.loc[table.index.repeat(len(periods))].set_axis(names, axis=1).reset_index(drop=True)
    out["period"] = np.tile(periods.to_numpy(), len(table)).astype("datetime64[us]")
    out["bed_days"] = days.ravel()
    out["leave_days"] = away.ravel()
    out["bed_days_net"] = (days - away).ravel()
    out["days_in_period"] = np.tile(days_in(periods, period), len(table))
    out.attrs["notes"] = notes
    return out


def check_names(names: list[str], out: Sequence[str] = OUT) -> None:
    """Refuse groups named twice, or as columns of the answer are."""
    check_by(names, (*out, "person", "start", "end"))


def _groups(sums: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    """Each group once, in order; without groups, one row without columns."""
    if not groups:
        return pd.DataFrame(index=[0])
    return sums[groups].drop_duplicates().sort_values(groups, ignore_index=True)


def _codes(sums: pd.DataFrame, table: pd.DataFrame, groups: list[str]) -> np.ndarray:
    """The place in `table` of each row's group."""
    if not groups:
        return np.zeros(len(sums), dtype=np.int64)
    places = table.assign(place=np.arange(len(table)))
    return sums[groups].merge(places, how="left", on=groups)["place"].to_numpy(dtype=np.int64)


def _notes(
    stays: Intervals,
    sums: pd.DataFrame,
    rule: Rule,
    extract: pd.Timestamp | None,
    by: list[str],
) -> list[str]:
    notes = [RULES[rule]]
    if stays.open and extract is not None:
        notes.append(
            f"{many(stays.open, 'stay')} without an end: counted up to and with the extract "
            f"date, {in_words(extract)}."
        )
    if stays.same_day:
        notes.append(f"{many(stays.same_day, 'stay')} began and ended on one day: 0 bed days.")
    if shortened := int(sums["shortened"].sum()):
        notes.append(
            f"{many(shortened, 'stay')} overlap an earlier stay of the same person: "
            f"{many(int(sums['lost'].sum()), 'bed day')} counted once, for the stay that started "
            "first."
        )
    return [*notes, *blank_groups_note(stays.blank_groups, "stay", by)]


def _leave_note(
    taken_off: int, total: pd.DataFrame, leave: Intervals, extract: pd.Timestamp | None
) -> str:
    once = int(total["past_days"].sum() - total["first_days"].sum())
    note = f"Leave: {many(taken_off, 'day')} taken off, overlapping leave once."
    if outside := once - taken_off:
        note += f" {many(outside, 'day')} of leave lie outside any stay and were not taken off."
    if leave.open and extract is not None:
        note += f" {leave.open:,} without an end: up to and with {in_words(extract)}."
    return note
