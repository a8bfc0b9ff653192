"""Waits, counted: referrals by how long they waited and what became of them.

The database hands back one row for each group × period of referral × wait × fate: a small table,
from which every statistic follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from qieval.core.errors import CannotEvaluate, ParameterError, require_one_of
from qieval.core.periods import Frequency, start_of
from qieval.core.words import many
from qieval.flow.days import in_words
from qieval.flow.groups import Groups, groups_of, unit_start
from qieval.flow.nights import unit_of
from qieval.flow.referrals import OUTCOMES, Clock, checked_totals, outcome_of, referrals_table
from qieval.flow.sources import Table, blank, opened

__all__ = ["OUTCOMES", "Clock", "Waits", "waits_counted"]


@dataclass(frozen=True)
class Waits:
    """Referrals, counted."""

    # ``group, period, wait, fate, old, referrals``. ``wait`` is in days or hours, until care
    # started, the referral was closed, or the extract. ``fate``: "here", "elsewhere", "refused",
    # "withdrawn" or "waiting". ``old``: referred so long before the extract that the target has
    # passed.
    counts: pd.DataFrame
    groups: Groups  # how they are split
    # Referrals refused or withdrawn without a date: counted, but on no curve (blank ``wait``).
    undated: int
    notes: tuple[str, ...]  # what was decided, one plain sentence each


def waits_counted(
    referrals: Table,
    *,
    target_days: float,
    by: str | Sequence[str] = (),
    extract_date: date | str | None = None,
    every: Frequency = "month",
    count_from: date | str | None = None,
    intervention: date | str | None = None,
    clock: Clock = "days",
    outcomes: Mapping[str, str] | None = None,
    complete: bool = False,
    backend: str | BaseBackend | None = None,
) -> Waits:
    """Referrals counted by how long they waited and what became of them.

    Parameters are those of :func:`qieval.waits`. `backend`: address of a database; DuckDB inside
    this process otherwise.

    Raises CannotEvaluate if only referrals that started are in the table, and nobody declared that
    these are all; DataError if a wait is negative, dates and outcome contradict one another, or an
    outcome is unknown; ParameterError if `extract_date` is needed, or a parameter has no meaning.
    """
    require_one_of("clock", clock, ["days", "hours"])
    if isinstance(target_days, bool) or not target_days > 0:
        raise ParameterError(
            "`target_days` must be above 0.", found=repr(target_days), where="target_days"
        )
    groups = groups_of(by, intervention, extract_date, count_from)
    with opened(referrals, backend) as database:
        table = referrals_table(referrals, database, groups)
        table = table.mutate(outcome=outcome_of(table, database, outcomes or {}))
        totals = checked_totals(table, database, groups.extract, clock)
        if not totals["not_started"] and not complete:
            raise CannotEvaluate(
                "The table holds only referrals that were seen; nobody waits, was refused or "
                "withdrew. Waits of those seen alone are too short.",
                found=f"{many(int(totals['rows']), 'referral')}, each with a start",
                remedy="Add the people still waiting (blank `started`) and those refused or "
                "withdrawn (`outcome`); or, if there truly were none, say so: `complete: true`.",
            )
        counts = database.to_pandas(_counts(table, groups, every, clock, target_days))
    early = counts["early"] == 1
    left_out = int(counts.loc[early, "referrals"].sum())
    counts = counts[~early]
    if counts.empty:
        raise CannotEvaluate(
            "No referral is left to count.",
            found=f"{many(left_out, 'referral')} before {in_words(groups.first)}"
            if groups.first is not None
            else None,
            remedy="Set `count_from` to an earlier day.",
        )
    named = groups.named(counts.drop(columns="early"))
    named["period"] = start_of(named["period"], every)
    if clock == "hours":
        named["wait"] = named["wait"] / 60
    keys = ["group", "period", "fate", "old", "wait"]
    out = named.groupby(keys, sort=True, dropna=False)["referrals"].sum().reset_index()
    undated = int(out.loc[out["wait"].isna(), "referrals"].sum())
    notes = _notes(totals, groups, left_out, undated, clock)
    return Waits(out, groups, undated, tuple(notes))


def _counts(
    table: ir.Table, groups: Groups, every: Frequency, clock: Clock, target_days: float
) -> ir.Table:
    extract, referred = groups.extract, table["referred"]
    day = referred.cast("date")
    fate = ibis.ifelse(
        blank(table["started"]),
        table["outcome"].fill_null("waiting"),
        ibis.ifelse(table["outcome"] == "elsewhere", "elsewhere", "here").fill_null("here"),
    )
    until = ibis.coalesce(table["started"], table["closed"])
    old = ibis.literal(1)
    if extract is not None:
        # Somebody still waiting on the extract date has waited at least until then.
        day_after = extract + pd.Timedelta(days=1) if clock == "hours" else extract
        end = ibis.timestamp(day_after.to_pydatetime())
        until = ibis.ifelse(fate == "waiting", end, until)
        seen = _between(referred, end, clock)
        old = (seen >= target_days * (24 * 60 if clock == "hours" else 1)).ifelse(1, 0)
    keys = {
        **groups.keys(day),
        "period": unit_start(day, unit_of(every)),
        "fate": fate,
        "old": old,
        "wait": ibis.greatest(_between(referred, until, clock), 0),
    }
    # `greatest` passes over blanks: a closing without a date must stay without a wait.
    keys["wait"] = ibis.ifelse(blank(until), ibis.null("int64"), keys["wait"])
    counted = table.mutate(**keys)
    return counted.group_by(*groups.columns, *keys).aggregate(referrals=counted.count())


def _between(first: ir.TimestampValue, then: ir.TimestampValue, clock: Clock) -> ir.IntegerValue:
    """Whole days from date to date, or whole minutes by the clock."""
    if clock == "days":
        return then.cast("date").delta(first.cast("date"), unit="day")
    return ((then.epoch_seconds() - first.epoch_seconds()) / 60).floor().cast("int64")


def _notes(
    totals: pd.Series, groups: Groups, left_out: int, undated: int, clock: Clock
) -> list[str]:
    notes = [
        "Waits are calendar days from the date of referral."
        if clock == "days"
        else "Waits are hours by the clock from the referral."
    ]
    if groups.extract is not None and totals["waiting"]:
        notes.append(
            f"{int(totals['waiting']):,} still waiting on the extract date, "
            f"{in_words(groups.extract)}: they count for as long as they have waited."
        )
    if undated:
        notes.append(
            f"{many(undated, 'referral')} closed without a date: counted, but on no curve, because "
            "nobody knows how long they waited."
        )
    return [*notes, *groups.notes("referrals", "referral", left_out, int(totals["blank_groups"]))]
