"""Readmissions, counted: discharges by how long they were followed and when somebody came back.

The database hands back one row for each group × period × days until the next admission × days
followed: both are capped, so the table is small however many spells there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from qieval.core.errors import CannotEvaluate, ParameterError
from qieval.core.late import BaseBackend, ibis, ir
from qieval.core.periods import Frequency, start_of
from qieval.core.words import many
from qieval.flow.groups import (
    Groups,
    Window,
    blank_groups_note,
    groups_of,
    unit_start,
)
from qieval.flow.lengths import joined_words
from qieval.flow.nights import unit_of
from qieval.flow.sources import Intervals, opened
from qieval.flow.stays import ENDED_TO, check_died, check_gap, died_of, spells_of, ward_stays

USUAL = (28, 30)
"""Windows in use, in days from the day of discharge, counted as 0: Scotland's and England's."""


@dataclass(frozen=True)
class Discharges:
    """Discharges, counted.

    Attributes
    ----------
    counts : DataFrame
        ``group, period, gap, followed, discharges``: live discharges by period of discharge, days
        to the next admission (the longest: none seen) and days that they could be followed.
    groups : Groups
        How they are split.
    deaths, open, left_out, joined : int
        Spells that ended in death; that had not ended; that ended before `count_from`; stays that
        were joined with the one before.
    endings_told : bool
        Whether any stay says how it ended.
    notes : tuple of str
        What was decided, one plain sentence each.
    """

    counts: pd.DataFrame
    groups: Groups
    deaths: int
    open: int
    left_out: int
    joined: int
    endings_told: bool
    notes: tuple[str, ...]


def discharges_followed(
    spells: pd.DataFrame | ir.Table | str | Path,
    *,
    window: int,
    extract_date: date | str,
    by: str | Sequence[str] = (),
    every: Frequency = "month",
    count_from: date | str | None = None,
    intervention: date | str | None = None,
    join_gap: int = 0,
    died: Sequence[str] = ("died",),
    backend: str | BaseBackend | None = None,
) -> Discharges:
    """Live discharges, counted by when somebody came back.

    Parameters are those of :func:`qieval.readmissions`, and this.

    Parameters
    ----------
    backend : str or ibis backend, optional
        Address of a database. Default: DuckDB inside this process.

    Raises
    ------
    CannotEvaluate
        If there is no live discharge.
    DataError
        If a stay cannot be; with row numbers.
    ParameterError
        If a parameter is unknown or has no meaning.
    """
    check_gap(join_gap)
    check_died(died)
    if isinstance(window, bool) or not isinstance(window, int) or window <= join_gap:
        raise ParameterError(
            "`window` is a whole number of days, above `join_gap`.",
            found=repr(window),
            remedy="Write `window: 30` (England: days 0 to 29) or `window: 28` (Scotland).",
            where="window",
        )
    groups = groups_of(by, intervention)
    data = Window.of(extract_date, count_from)
    extract = data.extract
    if extract is None:
        raise ParameterError(
            "`extract_date` is needed: without it nobody knows how long people were followed.",
            where="extract_date",
        )
    cap = max(window, *USUAL)
    with opened(spells, backend) as database:
        stays = ward_stays(spells, database, groups.by, extract)
        counted = database.to_pandas(
            _counts(stays, groups, extract, data, every, join_gap, died, cap)
        )
    alive = counted[(counted["early"] == 0) & (counted["died"] == 0) & (counted["open"] == 0)]
    joined = stays.count - int(counted["discharges"].sum())
    sums = {
        name: int(counted.loc[counted[name] == 1, "discharges"].sum()) for name in ("died", "open")
    }
    left_out = int(counted.loc[counted["early"] == 1, "discharges"].sum())
    if alive.empty:
        raise CannotEvaluate(
            "There is no discharge of somebody alive.",
            found=f"{many(sums['died'], 'death')}, {many(sums['open'], 'open stay')}",
            remedy="Set `count_from` to an earlier day, or check `died`.",
        )
    named = groups.named(alive.drop(columns=["early", "died", "open", "told"]))
    named["period"] = start_of(named["period"], every)
    keys = ["group", "period", "gap", "followed"]
    counts = named.groupby(keys, sort=True)["discharges"].sum().reset_index()
    return Discharges(
        counts=counts,
        groups=groups,
        deaths=sums["died"],
        open=sums["open"],
        left_out=left_out,
        joined=joined,
        endings_told=bool(counted["told"].sum()),
        notes=tuple(_notes(stays, joined, join_gap, data, left_out, groups)),
    )


def _counts(
    stays: Intervals,
    groups: Groups,
    extract: pd.Timestamp,
    data: Window,
    every: Frequency,
    join_gap: int,
    died: Sequence[str],
    cap: int,
) -> ibis.Table:
    spells = spells_of(stays, groups.columns, extract_date=extract, join_gap=join_gap, within=False)
    in_order = ibis.window(group_by="person", order_by=[spells["start"], spells["past"]])
    spells = spells.mutate(coming=spells["start"].lead().over(in_order))
    day = ibis.date(extract.date())
    end = spells["end"].fill_null(day)
    gap = spells["coming"].delta(end, unit="day").fill_null(cap)
    keys = {
        **groups.keys(end),
        "period": unit_start(end, unit_of(every)),
        "early": data.early(end, end),
        "died": died_of(spells, died).ifelse(1, 0),
        "open": spells["end"].isnull().ifelse(1, 0),  # noqa: PD003 (a column of ibis)
        "gap": ibis.least(gap, cap),
        "followed": ibis.least(day.delta(end, unit="day"), cap),
    }
    counted = spells.mutate(**keys)
    return counted.group_by(*groups.columns, *keys).aggregate(
        discharges=counted.count(), told=counted[ENDED_TO].count()
    )


def readmitted(counted: Discharges, window: int) -> pd.DataFrame:
    """Discharges with a whole window before the extract, and how many of them came back in it.

    Out: ``group, period, discharges, readmitted, whole``; ``whole`` says whether every discharge of
    the period had a whole window. A discharge has at most one readmission: the next admission.
    """
    rows = counted.counts
    last = window - 1
    seen = rows["followed"] >= last
    came_back = seen & (rows["gap"] <= last)
    table = rows.assign(
        discharges=rows["discharges"].where(seen, 0),
        readmitted=rows["discharges"].where(came_back, 0),
        not_seen=rows["discharges"].where(~seen, 0),
    )
    figures = ["discharges", "readmitted", "not_seen"]
    out = table.groupby(["group", "period"], as_index=False, sort=True)[figures].sum()
    out["whole"] = out["not_seen"] == 0
    return out.drop(columns="not_seen")


def _notes(
    stays: Intervals,
    joined: int,
    join_gap: int,
    data: Window,
    left_out: int,
    groups: Groups,
) -> list[str]:
    notes = []
    if joined:
        notes.append(joined_words(joined, join_gap, ()))
    notes += data.notes("discharges", left_out)
    return [*notes, *blank_groups_note(stays.blank_groups, "stay", groups.by)]
