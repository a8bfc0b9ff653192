"""Row rules that several kinds share. Each asks a table in memory and one in a database alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from qieval.intake.tables.kind import RowRule

FIRST_YEAR, LAST_YEAR = 1900, 2299
"""Years outside are no dates of care: 1899 is Excel's zero, 9999 some systems' "still in"."""

_FIRST_DAY = pd.Timestamp(FIRST_YEAR, 1, 1)
_LAST_MOMENT = pd.Timestamp(LAST_YEAR, 12, 31, 23, 59, 59)


def date_of(moments: Any) -> Any:
    """Dates without times of day; also of a column in a database."""
    return moments.dt.normalize() if isinstance(moments, pd.Series) else moments.cast("date")


def possible_years(name: str, called: str = "", *, blank: str = "") -> RowRule:
    """The year of a date must be possible. `blank` says what to do instead: "leave it blank"."""
    says = f"the year of the {called or name} is outside {FIRST_YEAR} to {LAST_YEAR}"
    return RowRule(
        name,
        f"{says}; {blank}" if blank else says,
        lambda table: (table[name] < _FIRST_DAY) | (table[name] > _LAST_MOMENT),
    )


def not_before(later: str, earlier: str, says: str) -> RowRule:
    """A date must not lie before another. A date without a time of day is the whole day."""

    def broken(table: Any) -> Any:
        first, then = table[earlier], table[later]
        whole_day = (then == date_of(then)) & (then == date_of(first))
        return (then < first) & ~whole_day

    return RowRule(later, says, broken, needs=(earlier,))


def not_negative(name: str) -> RowRule:
    """A count or an amount."""
    return RowRule(name, "is less than 0", lambda table: table[name] < 0)


def whole_number(name: str) -> RowRule:
    """A count of people, checks or the like has no decimals."""
    return RowRule(name, "is not a whole number", lambda table: table[name] % 1 > 0)


def not_more_than(part: str, whole: str, says: str) -> RowRule:
    """A part cannot be more than its whole."""
    return RowRule(part, says, lambda table: table[part] > table[whole], needs=(whole,))


def no_copies(column: str) -> RowRule:
    """A row must not stand there twice; where `column` is blank it is passed over."""
    return RowRule(
        column, "repeats {other}, every cell the same", key=lambda table: list(table.columns)
    )


def no_repeats(
    column: str,
    key: Sequence[str] | Callable[[Any], list[str]],
    *,
    what: str,
    differs: str = "figures",
    hint: str,
) -> tuple[RowRule, RowRule]:
    """The two rules about rows with one key: copies may go, contradictions must be settled.

    A row in which `column` is blank is passed over. `what`: what the two rows share, as in "the
    same period (and unit)"; `differs`: what else their cells hold, as in "answers".
    """
    rule = RowRule(
        column,
        f"{what} as {{other}}, with other {differs}",
        key=key,
        contradiction=True,
        droppable=False,  # nobody but the owner can say which of the two is right
        hint=hint,
    )
    return (
        RowRule(
            column,
            "repeats {other}, every cell the same",
            key=lambda table: list(table.columns) if rule.compared(table) else [],
        ),
        rule,
    )
