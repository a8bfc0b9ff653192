"""`qi.measure`: from a table of any kind to one row a period, ready for an analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

import pandas as pd

from qieval.core.columns import all_there
from qieval.core.counts import declare
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, require_one_of
from qieval.core.late import ir
from qieval.core.periods import Frequency, days_in, label, noun, shift, span, start_of
from qieval.core.signatures import public
from qieval.core.words import some_of
from qieval.flow.days import as_day, in_words
from qieval.flow.figures import ON_EVERY_DAY, Figures, figures_of, read_beside
from qieval.flow.nights import Rule
from qieval.flow.occupancy import kind_of
from qieval.flow.prepared import Prepared
from qieval.flow.sums import over_units, with_sums
from qieval.intake.reading import read
from qieval.intake.reading.database.remote import read_there
from qieval.intake.reading.request import Request
from qieval.intake.tables import kind_named
from qieval.intake.tables.series import unit_columns

Window = tuple[pd.Timestamp | None, pd.Timestamp | None]

MEASURED = ("spells", "series")
"""Kinds of table that are measured by period."""


@dataclass(frozen=True, eq=False, repr=False)
class Measured(Prepared):
    """One row a period (and group), ready for an analysis.

    Attributes
    ----------
    table : DataFrame
        ``period`` (first day), the figures, ``days_in_period``.
    notes : tuple of str
        What was decided, one plain sentence each.
    every : str
        The kind of period.
    """

    every: str

    def headline(self) -> str:
        """How many periods there are, and the first and last."""
        periods = self.table["period"]
        count = periods.nunique()
        first, last = label(periods.min(), self.every), label(periods.max(), self.every)
        reach = first if count == 1 else f"{first} to {last}"
        return f"{count:,} {noun(self.every, count)}: {reach}"


@public
def measure(
    table: pd.DataFrame | ir.Table,
    kind: str,
    *,
    every: Frequency = "month",
    rule: Rule = "mhsds",
    extract_date: date | str | None = None,
    by: str | Sequence[str] = (),
    leave: pd.DataFrame | str | None = None,
    count_from: date | str | None = None,
    count_to: date | str | None = None,
    sums: Mapping[str, list[str]] | None = None,
    total: bool = False,
    figures: Figures = "bed_days",
    beds: pd.DataFrame | str | None = None,
    window: int = 30,
    died: Sequence[str] = ("died",),
) -> Measured:
    """One row a period (and group), with the days of the period.

    Parameters
    ----------
    table : DataFrame or ibis table
        A table of `qi.read`, in memory or in a database. It is not changed.
    kind : str
        What it is: ``spells`` (counted by period) or ``series`` (sorted, days added).
    every : str, optional
        Kind of period to count spells by. A series keeps its own.
    rule : "mhsds" or "phs", optional
        Which days of a spell count; see `bed_days`.
    extract_date : date, optional
        The date up to which spells reach; needed when one is open.
    by : str or sequence of str, optional
        Columns that name the groups.
    leave : DataFrame or path, optional
        Leave of the people in the spells (person, start, end), taken off once
    count_from, count_to : date, optional
        Keep only periods that lie wholly in this window. A stay that began before data collection
        is not in the table, so the first months without `count_from` may be too low.
    sums : mapping, optional
        New figures of a series, each with the columns that it is the sum of.
    total : bool, optional
        Whether the figures of all units of a series are added up, one row a period.
    figures : str, optional
        What spells are counted as: bed_days; admissions (and discharges); occupancy (needs beds);
        length_of_stay (of those discharged); readmissions
    beds : DataFrame or path, optional
        With occupancy: beds open and staffed (period, beds and, for several, ward)
    window : int, optional
        With readmissions: days in which one counts, the day of discharge being day 0; 30 means days
        0 to 29
    died : sequence of str, optional
        With readmissions: words in discharged_to that mean death

    Returns
    -------
    Measured
        ``table`` and ``notes``.

    Raises
    ------
    CannotEvaluate
        If no whole period lies in the window.
    DataError
        If the table has no periods, or a spell cannot be.
    ParameterError
        If a parameter is unknown or does not suit the kind.
    """
    kind_named(kind)
    if kind not in MEASURED:
        raise ParameterError(
            f"A table of {kind} cannot be measured by period.",
            remedy=f"Give a table of {listed(MEASURED)}.",
            where="kind",
        )
    edges = as_day(count_from, "count_from"), as_day(count_to, "count_to")
    groups = [by] if isinstance(by, str) else list(by)
    step: str = every
    if kind == "spells":
        if sums or total:
            raise ParameterError(
                "Spells are counted, not added up.",
                remedy="Leave out `sums` and `total`; `by` names the groups to count by.",
                where="sums" if sums else "total",
            )
        away, notes = _leave(leave, table)
        require_one_of("figures", figures, get_args(Figures))
        out, more = figures_of(
            table,
            figures,
            by=groups,
            every=every,
            rule=rule,
            extract_date=extract_date,
            leave=away,
            beds=beds,
            window=window,
            died=died,
        )
        notes += more
        if figures in ON_EVERY_DAY:
            notes += _unfinished(table, out, every, as_day(extract_date, "extract_date"), edges)
    else:
        if leave is not None:
            raise ParameterError("A series has no leave to take off.", where="leave")
        if figures != "bed_days" or beds is not None:
            raise ParameterError(
                "A series holds figures already; they are not counted.",
                remedy="Leave out `figures` and `beds`; `value` names the column.",
                where="figures",
            )
        out, step, notes = _series(table, groups, every, sums or {}, total)
    out, more = _within(out, step, edges)
    if kind == "spells":
        declare(out, out.select_dtypes("number").columns)
    return Measured(out, (*notes, *more), step)


def _leave(
    leave: pd.DataFrame | str | None, stays: pd.DataFrame | ir.Table
) -> tuple[pd.DataFrame | ir.Table | None, list[str]]:
    """The leave table, read if it was named by its file; and what was decided in reading it."""
    if not isinstance(leave, str):
        return leave, []
    there = isinstance(stays, ir.Table)
    # Where stays keep their codes in the database, leave must keep them too, however small it is.
    loaded = read_there(leave, Request(kind_named("leave"))) if there else read(leave, "leave")
    if not there and loaded.table.attrs["pseudonyms"] != stays.attrs.get("pseudonyms"):
        raise DataError(
            "The people in this table of leave cannot be found among those of the stays.",
            found="codes of people that were replaced with another key, or not at all",
            remedy="Read both files with `qi.read`, from one folder; or give both as tables.",
            where=loaded.passport.source,
        )
    return loaded.table, read_beside("Leave", loaded.passport)


def _series(
    table: pd.DataFrame,
    by: list[str],
    fallback: Frequency,
    sums: Mapping[str, list[str]],
    total: bool,
) -> tuple[pd.DataFrame, str, list[str]]:
    """A series in order, dated by first days, with the days of each period."""
    all_there(["period", *by], table.columns)
    if not pd.api.types.is_datetime64_any_dtype(table["period"]):
        raise DataError(
            "`period` does not hold dates.", remedy="Read the file with `qi.read(…, 'series')`."
        )
    if table.empty or table["period"].isna().any():
        raise DataError("The series has no rows, or a row without a period.")
    every = kind_of(table, fallback)
    out, notes = with_sums(table.assign(period=start_of(table["period"], every).to_numpy()), sums)
    if total:
        out, more = over_units(out, by, every)
        notes += more
    order = list(dict.fromkeys(["period", *by, *unit_columns(out)]))
    out = out.sort_values(order, kind="stable", ignore_index=True)
    if "days_in_period" in out:
        return out, every, [*notes, "The days of each period are those of the file."]
    out["days_in_period"] = days_in(out["period"], every)
    return out, every, notes


def _within(table: pd.DataFrame, every: str, window: Window) -> tuple[pd.DataFrame, list[str]]:
    """Only periods that lie wholly in the window."""
    since, until = window
    if since is None and until is None:
        return table, []
    last_day = table["period"] + pd.to_timedelta(days_in(table["period"], every) - 1, unit="D")
    whole = pd.Series(True, index=table.index)
    if since is not None:
        whole &= table["period"] >= since
    if until is not None:
        whole &= last_day <= until
    edges = [f"from {in_words(since)}"] if since is not None else []
    edges += [f"to {in_words(until)}"] if until is not None else []
    reach = " ".join(edges)
    if not whole.any():
        first, last = table["period"].min(), table["period"].max()
        raise CannotEvaluate(
            f"No whole {noun(every)} lies in the window {reach}.",
            found=f"{noun(every, 2)} from {label(first, every)} to {label(last, every)}",
            remedy="Change `count_from` or `count_to`.",
        )
    out = table[whole].reset_index(drop=True)
    left_out = table["period"].nunique() - out["period"].nunique()
    note = f"Only whole {noun(every, 2)} {reach} are counted"
    notes = [f"{note}: {left_out:,} {noun(every, left_out)} left out."]
    return out, [*notes, *_beyond(out, every, window)]


def _beyond(table: pd.DataFrame, every: str, window: Window) -> list[str]:
    """What to say of periods of the window that no row touches."""
    since, until = window
    first, last = table["period"].min(), table["period"].max()
    # The last period that ends in the window is the one before that of the day after it.
    ends = None if until is None else shift(until + pd.Timedelta(days=1), -1, every)
    begins = first if since is None else shift(since - pd.Timedelta(days=1), 1, every)
    wanted = span(min(begins, first), last if ends is None else max(ends, last), every)
    lacking = wanted[(wanted < first) | (wanted > last)]
    if not len(lacking):
        return []
    shown = some_of([label(start, every) for start in lacking])
    return [f"No data for {shown}, although the window has them: not shown, not taken as 0."]


def _last_end(spells: pd.DataFrame | ir.Table) -> pd.Timestamp:
    """The last discharge, in memory or in a database."""
    if isinstance(spells, ir.Table):
        return pd.Timestamp(spells.get_backend().to_pandas(spells["end"].max()))
    return pd.to_datetime(spells["end"]).max()


def _unfinished(
    spells: pd.DataFrame | ir.Table,
    table: pd.DataFrame,
    every: str,
    extract: pd.Timestamp | None,
    window: Window,
) -> list[str]:
    """What to say of a first and a last period that the data do not wholly cover."""
    since, until = window
    first, last = table["period"].min(), table["period"].max()
    notes = []
    if since is None:
        notes.append(
            f"{label(first, every)} and the {noun(every, 2)} after it may be too low: people "
            "admitted before data collection are not in the table. `count_from` leaves them out."
        )
    reached = extract if extract is not None else _last_end(spells)
    end = shift(last, 1, every)
    if until is None and pd.notna(reached) and reached.normalize() < end - pd.Timedelta(days=1):
        what = "extract date" if extract is not None else "last discharge"
        notes.append(
            f"{label(last, every)} may be incomplete: the {what} is {in_words(reached)}. "
            "`count_to` leaves it out."
        )
    return notes
