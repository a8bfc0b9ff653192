"""Who is counted apart: groups by columns, or people before and since a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from qieval.core.errors import ParameterError, listed
from qieval.core.grouped import ALL, everybody_first
from qieval.core.words import many
from qieval.flow.days import as_day, in_words

__all__ = ["ALL", "Groups", "groups_of", "together"]

NOT_RECORDED = "not recorded"
"""The group of stays whose ward (or other text) is blank."""

TAKEN = ("person", "start", "end", "period", "group")


@dataclass(frozen=True)
class Groups:
    """How counts are split."""

    by: tuple[str, ...]  # columns of the caller's table that name the groups
    since: pd.Timestamp | None  # the day of a change: people are counted before it and since
    extract: pd.Timestamp | None = None  # the day up to which the data reach
    first: pd.Timestamp | None = None  # the day from which on is counted

    @property
    def columns(self) -> list[str]:
        """Names of the group columns in the database."""
        return [f"g{place}" for place in range(len(self.by))]

    def keys(self, day: ir.DateColumn) -> dict[str, ir.Value]:
        """What the database groups by, beside columns: too early to count, since the change."""
        early = ibis.literal(0)
        if self.first is not None:
            early = (day < ibis.date(self.first.date())).ifelse(1, 0)
        if self.since is None:
            return {"early": early}
        return {"since": (day >= ibis.date(self.since.date())).ifelse(1, 0), "early": early}

    def notes(self, what: str, noun: str, early: int, blank: int) -> list[str]:
        """Notes on what was left out for lying too early, and on rows whose group is blank."""
        if self.first is None:
            return blank_groups_note(blank, noun, self.by)
        left_out = f"{many(early, 'earlier one')} left out"
        note = f"Only {what} from {in_words(self.first)} on: {left_out}."
        return [note, *blank_groups_note(blank, noun, self.by)]

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
    """Refuse groups named twice, or under a name that is taken."""
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


def blank_groups_note(count: int, noun: str, by: Sequence[str]) -> list[str]:
    """A note on rows whose group is blank, where there are any."""
    if not count:
        return []
    return [f"{many(count, noun)} with a blank in {listed(by)}: shown as `{NOT_RECORDED}`."]


def groups_of(
    by: str | Sequence[str],
    intervention: date | str | None,
    extract_date: date | str | None = None,
    count_from: date | str | None = None,
) -> Groups:
    """The groups that were asked for, and the days between which is counted.

    Raises ParameterError if both a change and columns are given, or a column twice or under a name
    that is taken.
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
    return Groups(
        tuple(names),
        as_day(intervention, "intervention"),
        as_day(extract_date, "extract_date"),
        as_day(count_from, "count_from"),
    )


def together(counts: pd.DataFrame, groups: Groups, keys: Sequence[str]) -> pd.DataFrame:
    """Counts with those of everybody added, where groups split them."""
    if not groups.by:
        return counts
    figures = [name for name in counts.columns if name not in (*keys, "group")]
    everybody = counts.groupby(list(keys), as_index=False, sort=True)[figures].sum()
    return pd.concat([everybody.assign(group=ALL), counts], ignore_index=True)
