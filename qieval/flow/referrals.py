"""Referrals as expressions, whatever they come as, checked before anything is counted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from qieval.core.errors import DataError, ParameterError, listed, require_one_of
from qieval.core.late import BaseBackend, ibis, ir
from qieval.core.words import many
from qieval.flow.groups import Groups
from qieval.flow.sources import any_of, blank, checked, expression, group_text, rows_where
from qieval.intake.backends import FILE_ROW
from qieval.intake.tables import RowRule
from qieval.intake.tables.faults import row_numbers
from qieval.intake.tables.rules import not_before

Clock = Literal["days", "hours"]

OUTCOMES = ("here", "elsewhere", "refused", "withdrawn")
"""What a referral can have come to; blank: still waiting or, with a start, started here."""

WHAT = "waits"


def referrals_table(
    referrals: pd.DataFrame | ir.Table | str | Path, database: BaseBackend, groups: Groups
) -> ir.Table:
    """``referred, started, closed, outcome, file_row, g0, g1, …``: moments, text, row numbers."""
    dates = ("referred", "started", "closed")
    table = expression(
        referrals,
        database,
        WHAT,
        ("referred", "started", *groups.by),
        optional=("outcome", "closed"),
        dates=dates,
    )
    for name in dates:
        kind = table[name].type()
        if not (kind.is_date() or kind.is_timestamp() or (name == "closed" and kind.is_string())):
            raise DataError(
                f"`{name}` does not hold dates.",
                remedy=f"Read the file with `qi.read(…, 'waits')`, or make `{name}` dates first.",
                where=WHAT,
            )
    return table.select(
        *[name for name in [FILE_ROW] if name in table.columns],
        **{name: table[name].cast("timestamp") for name in dates},
        outcome=table["outcome"].cast("string"),
        **{f"g{place}": group_text(table[name]) for place, name in enumerate(groups.by)},
        blank_group=any_of([blank(table[name]) for name in groups.by]),
    )


def outcome_of(
    table: ir.Table, database: BaseBackend, outcomes: Mapping[str, str]
) -> ir.StringValue:
    """The outcome in our words; blank stays blank.

    Raises DataError if the table has other words, with the parameter that maps them; ParameterError
    if they are mapped to something else.
    """
    for word in outcomes.values():
        require_one_of("outcomes", word, OUTCOMES)
    plain = table["outcome"].strip().lower()
    plain = plain.nullif("")
    known = {str(word).strip().lower(): meaning for word, meaning in outcomes.items()}
    known = {**{word: word for word in OUTCOMES}, **known}
    words = database.to_pandas(table.select(word=plain).distinct())["word"].dropna()
    unknown = sorted(set(words) - set(known))
    if unknown:
        rows = rows_where(database, table, plain.isin(unknown))
        raise DataError(
            "`outcome` holds words that are not known.",
            found=f"{many(len(unknown), 'different word')}"
            + (f" in {row_numbers(rows, most=6)}" if rows else ""),
            remedy="Say what each means, as in `outcomes: {as in the file: refused}`; known are "
            f"{listed(OUTCOMES)}.",
            where=WHAT,
        )
    return plain.substitute(known)


def checked_totals(
    table: ir.Table, database: BaseBackend, extract: pd.Timestamp | None, clock: Clock
) -> pd.Series:
    """What has to be known beforehand, in one pass; rows that cannot be are refused."""
    waiting = blank(table["started"]) & blank(table["outcome"])
    totals = {
        "waiting": waiting.sum(),
        "not_started": blank(table["started"]).sum(),
        "blank_groups": table["blank_group"].sum(),
        "timed": (table["referred"] != table["referred"].truncate("D")).sum(),
        "timed_starts": (table["started"] != table["started"].truncate("D")).sum(),
    }
    totals_known = checked(database, table, _rules(extract), totals, WHAT).fillna(0)
    if totals_known["waiting"] and extract is None:
        rows = rows_where(database, table, waiting)
        raise ParameterError(
            f"`extract_date` is needed: {int(totals_known['waiting']):,} still waiting.",
            found=row_numbers(rows, most=5) if rows else None,
            remedy="Say up to which date the data reach, for instance `extract_date: 2024-03-31`. "
            "It is never taken to be today.",
            where="extract_date",
        )
    started = int(totals_known["rows"] - totals_known["not_started"])
    if clock == "hours" and not (
        totals_known["timed"] and (totals_known["timed_starts"] or not started)
    ):
        raise ParameterError(
            "`clock: hours` needs times of day, and the table has dates only.",
            remedy="Leave `clock` out, and waits are counted in days.",
            where="clock",
        )
    return totals_known


def _rules(extract: pd.Timestamp | None) -> list[RowRule]:

    def closed_and_started(table: ir.Table) -> ir.BooleanValue:
        return table["outcome"].isin(["refused", "withdrawn"]) & ~blank(table["started"])

    rules = [
        RowRule("referred", "is blank", lambda table: blank(table["referred"])),
        not_before("started", "referred", "the wait is negative: care started before the referral"),
        not_before("closed", "referred", "was closed before the referral"),
        RowRule("outcome", "is refused or withdrawn, and yet care started", closed_and_started),
        RowRule(
            "outcome",
            "is here, and yet there is no start",
            lambda table: (table["outcome"] == "here") & blank(table["started"]),
        ),
    ]
    if extract is None:
        return rules
    next_day = ibis.timestamp((extract + pd.Timedelta(days=1)).to_pydatetime())

    def not_after(name: str) -> RowRule:
        return RowRule(name, "is after the extract date", lambda table: table[name] >= next_day)

    return [*rules, *map(not_after, ("referred", "started", "closed"))]
