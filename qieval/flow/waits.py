"""Waits, counted: referrals by how long they waited and what became of them.

The database hands back one row for each group × period of referral × wait × fate: a small table,
from which every statistic follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from qieval.core.errors import CannotEvaluate, ParameterError, require_one_of
from qieval.core.late import BaseBackend, ibis, ir
from qieval.core.periods import Frequency, start_of
from qieval.core.words import many
from qieval.flow.days import in_words
from qieval.flow.groups import (
    Groups,
    Window,
    blank_groups_note,
    groups_of,
    unit_start,
)
from qieval.flow.nights import unit_of
from qieval.flow.referrals import OUTCOMES, Clock, checked_totals, outcome_of, referrals_table
from qieval.flow.sources import blank, opened

__all__ = ["OUTCOMES", "Clock", "Waits", "waits_counted"]


@dataclass(frozen=True)
class Waits:
    """Referrals, counted.

    Attributes
    ----------
    counts : DataFrame
        ``group, period, wait, fate, old, entered, referrals``. ``wait`` is in days or hours, until
        care started, the referral was closed, or the extract. ``fate``: "here", "elsewhere",
        "refused", "withdrawn" or "waiting". ``old``: referred so long before the extract that the
        target has passed. ``entered``: how long it had waited when it was first observed.
    groups : Groups
        How they are split.
    undated : int
        Referrals refused or withdrawn without a date: counted, but on no curve (blank ``wait``).
    notes : tuple of str
        What was decided, one plain sentence each.
    """

    counts: pd.DataFrame
    groups: Groups
    undated: int
    notes: tuple[str, ...]


def waits_counted(
    referrals: pd.DataFrame | ir.Table | str | Path,
    *,
    target_days: float,
    by: str | Sequence[str] = (),
    extract_date: date | str | None = None,
    every: Frequency = "month",
    count_from: date | str | None = None,
    observed_from: date | str | None = None,
    intervention: date | str | None = None,
    clock: Clock = "days",
    outcomes: Mapping[str, str] | None = None,
    complete: bool = False,
    backend: str | BaseBackend | None = None,
) -> Waits:
    """Referrals counted by how long they waited and what became of them.

    Parameters are those of :func:`qieval.waits`, and this.

    Parameters
    ----------
    backend : str or ibis backend, optional
        Address of a database. Default: DuckDB inside this process.

    Raises
    ------
    CannotEvaluate
        If only referrals that started are in the table, and nobody declared that these are all.
    DataError
        If a wait is negative, dates and outcome contradict one another, or an outcome is unknown.
    ParameterError
        If `extract_date` is needed, or a parameter has no meaning.
    """
    require_one_of("clock", clock, ["days", "hours"])
    if isinstance(target_days, bool) or not target_days > 0:
        raise ParameterError(
            "`target_days` must be above 0.", found=repr(target_days), where="target_days"
        )
    groups = groups_of(by, intervention)
    window = Window.of(extract_date, count_from, observed_from)
    with opened(referrals, backend) as database:
        table = referrals_table(referrals, database, groups)
        table = table.mutate(outcome=outcome_of(table, database, outcomes or {}))
        totals = checked_totals(table, database, window.extract, clock)
        if not totals["not_started"] and not complete:
            raise CannotEvaluate(
                "The table holds only referrals that were seen; nobody waits, was refused or "
                "withdrew. Waits of those seen alone are too short.",
                found=f"{many(int(totals['rows']), 'referral')}, each with a start",
                remedy="Add the people still waiting (blank `started`) and those refused or "
                "withdrawn (`outcome`); or, if there truly were none, say so: `complete: true`.",
            )
        counts = database.to_pandas(_counts(table, groups, window, every, clock, target_days))
    early = counts["early"] == 1
    left_out = int(counts.loc[early, "referrals"].sum())
    counts = counts[~early]
    if counts.empty:
        raise CannotEvaluate(
            "No referral is left to count.",
            found=window.left_out_in_words("referral", left_out),
            remedy="Begin the window on an earlier day.",
        )
    named = groups.named(counts.drop(columns="early"))
    named["period"] = start_of(named["period"], every)
    if clock == "hours":
        named[["wait", "entered"]] = named[["wait", "entered"]] / 60
    keys = ["group", "period", "fate", "old", "entered", "wait"]
    out = named.groupby(keys, sort=True, dropna=False)["referrals"].sum().reset_index()
    undated = int(out.loc[out["wait"].isna(), "referrals"].sum())
    late = int(out.loc[out["entered"] > 0, "referrals"].sum())
    notes = _notes(totals, groups, window, left_out, late, undated, clock)
    return Waits(out, groups, undated, tuple(notes))


def _counts(
    table: ir.Table,
    groups: Groups,
    window: Window,
    every: Frequency,
    clock: Clock,
    target_days: float,
) -> ir.Table:
    extract = window.extract
    referred = table["referred"]
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
        "early": window.early(day, until.cast("date")),
        "entered": _before(referred, window, clock),
        "fate": fate,
        "old": old,
        "wait": ibis.greatest(_between(referred, until, clock), 0),
    }
    # `greatest` passes over blanks: a closing without a date must stay without a wait.
    keys["wait"] = ibis.ifelse(blank(until), ibis.null("int64"), keys["wait"])
    counted = table.mutate(**keys)
    return counted.group_by(*groups.columns, *keys).aggregate(referrals=counted.count())


def _before(referred: ir.TimestampValue, window: Window, clock: Clock) -> ir.IntegerValue:
    """How long a referral had waited when observation began; 0 where it came later."""
    if window.observed is None:
        return ibis.literal(0)
    began = ibis.timestamp(window.observed.to_pydatetime())
    return ibis.greatest(_between(referred, began, clock), 0)


def _between(first: ir.TimestampValue, then: ir.TimestampValue, clock: Clock) -> ir.IntegerValue:
    """Whole days from date to date, or whole minutes by the clock."""
    if clock == "days":
        return then.cast("date").delta(first.cast("date"), unit="day")
    return ((then.epoch_seconds() - first.epoch_seconds()) / 60).floor().cast("int64")


def _notes(
    totals: pd.Series,
    groups: Groups,
    window: Window,
    left_out: int,
    under_way: int,
    undated: int,
    clock: Clock,
) -> list[str]:
    notes = [
        "Waits are calendar days from the date of referral."
        if clock == "days"
        else "Waits are hours by the clock from the referral."
    ]
    if window.extract is not None and totals["waiting"]:
        notes.append(
            f"{int(totals['waiting']):,} still waiting on the extract date, "
            f"{in_words(window.extract)}: they count for as long as they have waited."
        )
    notes += window.notes("referrals", left_out, under_way)
    if window.observed is not None:
        notes.append("Shares within target and outcomes are of referrals made since then.")
    if undated:
        notes.append(
            f"{many(undated, 'referral')} closed without a date: counted, but on no curve, because "
            "nobody knows how long they waited."
        )
    return [*notes, *blank_groups_note(int(totals["blank_groups"]), "referral", groups.by)]
