"""Row rules that several kinds share. A rule about a column that a table lacks breaks no row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from qieval.intake.tables.kind import RowRule, first_row_of

FIRST_YEAR, LAST_YEAR = 1900, 2299
"""Years outside are no dates of care: 1899 is Excel's zero, 9999 some systems' "still in"."""

_FIRST_DAY = pd.Timestamp(FIRST_YEAR, 1, 1)
_LAST_MOMENT = pd.Timestamp(LAST_YEAR, 12, 31, 23, 59, 59)


def present(table: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Those of the columns that a table has."""
    return [name for name in names if name in table]


def no_row(table: pd.DataFrame) -> Any:
    """False for every row; of a table in a database, one False."""
    return pd.Series(False, index=table.index) if isinstance(table, pd.DataFrame) else False


def date_of(moments: pd.Series) -> pd.Series:
    """Dates without times of day; also of a column in a database."""
    return moments.dt.normalize() if isinstance(moments, pd.Series) else moments.cast("date")


def if_there(
    needed: Sequence[str], broken: Callable[[pd.DataFrame], pd.Series]
) -> Callable[[pd.DataFrame], pd.Series]:
    """The test of a rule, for tables that have every column it needs; else no row breaks it."""
    return lambda table: broken(table) if set(needed) <= set(table.columns) else no_row(table)


def possible_years(name: str, called: str = "", *, blank: str = "") -> RowRule:
    """The year of a date must be possible. `blank` says what to do instead: "leave it blank"."""
    says = f"the year of the {called or name} is outside {FIRST_YEAR} to {LAST_YEAR}"
    return RowRule(
        column=name,
        says=f"{says}; {blank}" if blank else says,
        broken=if_there(
            [name],
            lambda table: (table[name] < _FIRST_DAY) | (table[name] > _LAST_MOMENT),
        ),
    )


def not_before(later: str, earlier: str, says: str) -> RowRule:
    """A date must not lie before another. A date without a time of day is the whole day."""

    def broken(table: pd.DataFrame) -> pd.Series:
        first, then = table[earlier], table[later]
        whole_day = (then == date_of(then)) & (then == date_of(first))
        return (then < first) & ~whole_day

    return RowRule(column=later, says=says, broken=if_there([later, earlier], broken))


def not_negative(name: str, says: str = "is less than 0") -> RowRule:
    """A count or an amount."""
    return RowRule(column=name, says=says, broken=if_there([name], lambda table: table[name] < 0))


def whole_number(name: str) -> RowRule:
    """A count of people, checks or the like has no decimals."""
    return RowRule(
        column=name,
        says="is not a whole number",
        broken=if_there([name], lambda table: table[name].mod(1).gt(0)),
    )


def not_more_than(part: str, whole: str, says: str) -> RowRule:
    """A part cannot be more than its whole."""
    return RowRule(
        column=part,
        says=says,
        broken=if_there([part, whole], lambda table: table[part] > table[whole]),
    )


def no_copies(column: str) -> RowRule:
    """A row must not stand there twice; where `column` is blank it is passed over."""
    return RowRule(
        column=column,
        says="repeats {other}, every cell the same",
        broken=if_there(
            [column], lambda table: table[column].notna() & table.duplicated(keep="first")
        ),
        earlier=lambda table: first_row_of(table, list(table.columns)),
    )


def no_repeats(
    column: str,
    key: Callable[[pd.DataFrame], list[str]],
    *,
    what: str,
    differs: str = "figures",
    hint: str,
) -> tuple[RowRule, RowRule]:
    """The two rules about rows with one key: copies may go, contradictions must be settled.

    Parameters
    ----------
    column : str
        The column to look at; a row in which it is blank is passed over.
    key : callable
        Table → the columns that together come once; none: rows cannot be told apart, and may be
        alike.
    what : str
        What the two rows share: "the same period (and unit)".
    differs : str
        What else the cells hold: "answers".
    hint : str
        What to do about a contradiction.
    """
    copies = no_copies(column)

    def copy(table: pd.DataFrame) -> pd.Series:
        return copies.broken(table) if key(table) else no_row(table)

    def contradiction(table: pd.DataFrame) -> pd.Series:
        names = key(table)
        if not names or column not in table:
            return no_row(table)
        return table[column].notna() & table.duplicated(names, keep="first") & ~copy(table)

    return (
        replace(copies, broken=copy),
        RowRule(
            column=column,
            says=f"{what} as {{other}}, with other {differs}",
            broken=contradiction,
            droppable=False,  # nobody but the owner can say which of the two is right
            earlier=lambda table: first_row_of(table, key(table)),
            hint=hint,
        ),
    )
