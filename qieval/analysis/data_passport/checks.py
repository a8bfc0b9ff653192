"""What a reader must know about a file before using it: one row a check."""

from __future__ import annotations

from qieval.core.checks import Check
from qieval.core.periods import label
from qieval.core.words import many, some_of
from qieval.intake.reading.passport import Passport

_MOST_LISTED = 12


def checks_of(passport: Passport) -> list[Check]:
    """All checks of a passport."""
    rows = [_rows_left_out(passport)]
    if passport.every is not None and passport.periods_expected is not None:
        rows.append(_periods(passport, passport.every))
    for gap in passport.gaps:
        rows.append(Check("gaps", "Periods that others have", "warn", f"Missing for {gap}."))
    for decision in passport.doubtful:
        rows.append(Check("doubtful", "Doubtful, and decided by proposal", "warn", decision))
    for total in passport.totals:
        rows.append(Check("totals", "Totals", "info", f"{total.rstrip('.')}."))
    for place in passport.unread:
        rows.append(Check("not_read", "Not read", "info", f"{place.rstrip('.')}."))
    decisions = many(len(passport.decisions), "decision")
    text = f"{decisions}, listed in the passport." if passport.decisions else "None to be made."
    return [*rows, Check("decisions", "Decisions", "info", text), *_identifiers(passport)]


def _rows_left_out(passport: Passport) -> Check:
    identity, left_out = ("left_out", "Rows left out"), int(passport.dropped["rows"].sum())
    if not left_out:
        return Check(*identity, "pass", "None.")
    if all("(`where`)" in str(reason) for reason in passport.dropped["reason"]):
        return Check(*identity, "pass", f"{many(left_out, 'row')}, all as asked by `where`.")
    return Check(*identity, "warn", f"{many(left_out, 'row')}; the passport says why.")


def _periods(passport: Passport, every: str) -> Check:
    lacking = [label(start, every) for start in passport.periods_missing]
    if not lacking:
        text = f"All {passport.periods_expected:,} are there."
        return Check("missing_periods", "Periods", "pass", text)
    text = f"Without any row: {some_of(lacking, _MOST_LISTED)}."
    return Check("missing_periods", "Periods", "warn", text)


def _identifiers(passport: Passport) -> list[Check]:
    identity = "identifiers", "Identifiers"
    if passport.identifiers.empty:
        return [Check(*identity, "pass", "None found by heading or content.")]
    return [
        Check(*identity, "info", f"`{column}`: {holds}, {many(cells, 'cell')}; {done}.")
        for column, holds, cells, done in passport.identifiers.to_numpy()
    ]
