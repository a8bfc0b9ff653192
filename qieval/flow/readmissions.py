"""Readmissions, counted: discharges by how long they were followed and when somebody came back.

The database hands back one row for each group × period × days until the next admission × days
followed: both are capped, so the table is small however many spells there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from qieval.core.errors import CannotEvaluate, ParameterError
from qieval.core.periods import Frequency, start_of
from qieval.core.words import many
from qieval.flow.groups import Groups, groups_of, unit_start
from qieval.flow.lengths import joined_words
from qieval.flow.nights import unit_of
from qieval.flow.sources import Table, opened
from qieval.flow.stays import ENDED_TO, check_died, check_gap, died_of, spells_of, ward_stays

USUAL = (28, 30)
"""Windows in use, in days from the day of discharge, counted as 0: Scotland's and England's."""


@dataclass(frozen=True)
class Discharges:
    """Discharges, counted."""

    # ``group, period, gap, followed, discharges``: live discharges by period of discharge, days to
    # the next admission (``cap`` or more: none seen) and days that they could be followed.
    counts: pd.DataFrame
    groups: Groups  # how they are split
    # Spells that ended in death; that had not ended; that ended before `count_from`; stays that
    # were joined with the one before.
    deaths: int
    open: int
    left_out: int
    joined: int
    endings_told: bool  # whether any stay says how it ended
    notes: tuple[str, ...]  # what was decided, one plain sentence each


def discharges_followed(
    spells: Table,
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

    Parameters are those of :func:`qieval.readmissions`. A discharge belongs to the group of the
    stay that ended last; `count_from` and `intervention` are about the day of discharge. `backend`:
    address of a database; DuckDB inside this process otherwise.

    Raises CannotEvaluate if there is no live discharge; DataError, with row numbers, if a stay
    cannot be; ParameterError if a parameter is unknown or has no meaning.
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
    groups = groups_of(by, intervention, extract_date, count_from)
    if groups.extract is None:
        raise ParameterError(
            "`extract_date` is needed: without it nobody knows how long people were followed.",
            where="extract_date",
        )
    cap = max(window, *USUAL)
    with opened(spells, backend) as database:
        stays = ward_stays(spells, database, groups)
        spells = spells_of(
            stays, groups.columns, extract_date=groups.extract, join_gap=join_gap, within=False
        )
        counted = database.to_pandas(_counts(spells, groups, groups.extract, every, died, cap))
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
        notes=(
            *([joined_words(joined, join_gap, ())] if joined else []),
            *groups.notes("discharges", "stay", left_out, stays.blank_groups),
        ),
    )


def _counts(
    spells: ir.Table,
    groups: Groups,
    extract: pd.Timestamp,
    every: Frequency,
    died: Sequence[str],
    cap: int,
) -> ir.Table:
    in_order = ibis.window(group_by="person", order_by=[spells["start"], spells["past"]])
    spells = spells.mutate(coming=spells["start"].lead().over(in_order))
    day = ibis.date(extract.date())
    end = spells["end"].fill_null(day)
    gap = spells["coming"].delta(end, unit="day").fill_null(cap)
    keys = {
        **groups.keys(end),
        "period": unit_start(end, unit_of(every)),
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
