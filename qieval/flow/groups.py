"""Who is counted apart: groups by columns, or people before and since a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from qieval.core.errors import ParameterError, listed
from qieval.core.grouped import ALL, everybody_first
from qieval.core.late import ibis, ir
from qieval.core.words import many
from qieval.flow.days import as_day, in_words

__all__ = ["ALL", "Groups", "groups_of", "together"]

NOT_RECORDED = "not recorded"
"""The group of stays whose ward (or other text) is blank."""

TAKEN = ("person", "start", "end", "period", "group")


@dataclass(frozen=True)
class Groups:
    """How counts are split.

    Attributes
    ----------
    by : tuple of str
        Columns of the caller's table that name the groups.
    since : Timestamp or None
        The day of a change: people are counted before it and since.
    """

    by: tuple[str, ...]
    since: pd.Timestamp | None

    @property
    def columns(self) -> list[str]:
        """Names of the group columns in the database."""
        return [f"g{place}" for place in range(len(self.by))]

    def keys(self, day: ir.DateColumn) -> dict[str, ir.Value]:
        """What the database groups by, beside columns: whether a day is since the change."""
        if self.since is None:
            return {}
        return {"since": (day >= ibis.date(self.since.date())).ifelse(1, 0)}

    def named(self, counts: pd.DataFrame) -> pd.DataFrame:
        """Counts with a column ``group`` in place of those of the database."""
        if self.since is not None:
            names = counts["since"].map({0: self.labels[0], 1: self.labels[1]})
            return counts.drop(columns="since").assign(group=names.astype("str"))
        if not self.by:
            return counts.assign(group=ALL)
        names = counts[self.columns].astype("str").agg(", ".join, axis=1)
        return counts.drop(columns=self.columns).assign(group=names)

    @property
    def labels(self) -> tuple[str, str]:
        """Before and since the change, in words."""
        if self.since is None:
            raise ParameterError("There is no day of a change.", where="intervention")
        day = in_words(self.since)
        return f"Before {day}", f"Since {day}"

    def order(self, counts: pd.DataFrame) -> list[str]:
        """Names of the groups in a fixed order: time, or the alphabet after all together.

        They are never ordered by their figures.
        """
        names = set(counts["group"])
        if self.since is not None:
            return [name for name in self.labels if name in names]
        return everybody_first(sorted(names))


def check_by(names: Sequence[str], reserved: Sequence[str]) -> None:
    """Refuse groups named twice, or under a name that is taken.

    Raises
    ------
    ParameterError
        With the names.
    """
    taken = [name for name in names if name in reserved]
    if taken or len(set(names)) < len(names):
        raise ParameterError(
            "`by` names columns of groups, each once.",
            found=listed(names),
            remedy=f"Leave out or rename {listed(taken)}." if taken else None,
            where="by",
        )


def unit_start(day: ir.DateColumn, unit: str) -> ir.DateColumn:
    """The first day of the month or week of a day ("D": the day itself)."""
    return day if unit == "D" else day.truncate(unit)


@dataclass(frozen=True)
class Window:
    """From when on is counted, and up to when the data reach.

    Attributes
    ----------
    extract : Timestamp or None
        The date up to which the data reach.
    since : Timestamp or None
        Only what began on or after this day is counted.
    observed : Timestamp or None
        What was under way on this day is counted from then on; what had ended before was not seen.
    """

    extract: pd.Timestamp | None
    since: pd.Timestamp | None
    observed: pd.Timestamp | None

    @classmethod
    def of(
        cls,
        extract_date: date | str | None,
        count_from: date | str | None,
        observed_from: date | str | None = None,
    ) -> Window:
        """The window that was asked for.

        Raises
        ------
        ParameterError
            If both ways to begin are given, or the window ends before it begins.
        """
        extract, since = as_day(extract_date, "extract_date"), as_day(count_from, "count_from")
        observed = as_day(observed_from, "observed_from")
        if since is not None and observed is not None:
            raise ParameterError(
                "`count_from` and `observed_from` do not go together.",
                remedy="`count_from` leaves out what was under way on that day; `observed_from` "
                "counts it from then on. Give one of them.",
                where="observed_from",
            )
        if observed is not None and extract is not None and observed > extract:
            raise ParameterError(
                "`observed_from` is later than `extract_date`.",
                found=f"{in_words(observed)} and {in_words(extract)}",
                where="observed_from",
            )
        return cls(extract, since, observed)

    def early(self, start: ir.DateColumn, end: ir.DateValue) -> ir.Value:
        """1 where something lies before the window, otherwise 0; `end` is blank where not known."""
        if self.since is not None:
            return (start < ibis.date(self.since.date())).ifelse(1, 0)
        if self.observed is not None:
            return (end.fill_null(start) < ibis.date(self.observed.date())).ifelse(1, 0)
        return ibis.literal(0)

    def days_before(self, start: ir.DateColumn) -> ir.IntegerValue:
        """How many days something had lasted on the day when observation began; 0: not yet."""
        if self.observed is None:
            return ibis.literal(0)
        return ibis.greatest(ibis.date(self.observed.date()).delta(start, unit="day"), 0)

    def notes(self, what: str, left_out: int, under_way: int = 0) -> list[str]:
        """Notes on what was left out, and on what was under way when observation began."""
        if self.since is not None:
            earlier = many(left_out, "earlier one")
            return [f"Only {what} from {in_words(self.since)} on: {earlier} left out."]
        if self.observed is None:
            return []
        return [
            f"Observed from {in_words(self.observed)} on: {under_way:,} under way then count from "
            f"that day on (delayed entry); {left_out:,} that had ended before are left out."
        ]

    def left_out_in_words(self, what: str, left_out: int) -> str | None:
        """What lies before the window, for a refusal: "3 spells that began before 1 May 2024"."""
        if self.since is not None:
            return f"{many(left_out, what)} that began before {in_words(self.since)}"
        if self.observed is not None:
            return f"{many(left_out, what)} that ended before {in_words(self.observed)}"
        return None


def blank_groups_note(count: int, noun: str, by: Sequence[str]) -> list[str]:
    """A note on rows whose group is blank, where there are any."""
    if not count:
        return []
    return [f"{many(count, noun)} with a blank in {listed(by)}: shown as `{NOT_RECORDED}`."]


def groups_of(by: str | Sequence[str], intervention: date | str | None) -> Groups:
    """The groups that were asked for.

    Raises
    ------
    ParameterError
        If both a change and columns are given, or a column twice or under a name that is taken.
    """
    names = [by] if isinstance(by, str) else list(by)
    if names and intervention is not None:
        raise ParameterError(
            "`by` and `intervention` do not go together.",
            remedy="Choose one ward or team with `where` and give `intervention`, or leave out "
            "`intervention`.",
            where="by",
        )
    check_by(names, TAKEN)
    return Groups(tuple(names), as_day(intervention, "intervention"))


def together(counts: pd.DataFrame, groups: Groups, keys: Sequence[str]) -> pd.DataFrame:
    """Counts with those of everybody added, where groups split them."""
    if not groups.by:
        return counts
    figures = [name for name in counts.columns if name not in (*keys, "group")]
    everybody = counts.groupby(list(keys), as_index=False, sort=True)[figures].sum()
    return pd.concat([everybody.assign(group=ALL), counts], ignore_index=True)
