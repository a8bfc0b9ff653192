"""Lengths of stay, counted: how many spells of each length, by group and by how they ended.

The database hands back one row for each group × number of nights × ending: a small table, however
many spells there are, from which every statistic follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis.backends import BaseBackend

from qieval.core.errors import CannotEvaluate
from qieval.core.periods import Frequency
from qieval.core.words import many
from qieval.flow.days import in_words
from qieval.flow.groups import Groups, groups_of, unit_start
from qieval.flow.nights import unit_of
from qieval.flow.sources import Intervals, Table, opened
from qieval.flow.stays import ENDED_TO, check_died, check_gap, died_of, spells_of, ward_stays

ENDINGS = {0: "still in", 1: "discharged", 2: "died"}
"""How a spell ended, as the database counts it."""


@dataclass(frozen=True)
class Lengths:
    """Spells counted by length."""

    # ``group, nights, ending, spells``: ending is "still in", "discharged" or "died".
    counts: pd.DataFrame
    groups: Groups  # how they are split
    notes: tuple[str, ...]  # what was decided, one plain sentence each
    left_out: int  # spells that began before `count_from`
    endings_told: bool  # whether any stay says how it ended


def lengths_of_stay(
    spells: Table,
    *,
    by: str | Sequence[str] = (),
    extract_date: date | str | None = None,
    count_from: date | str | None = None,
    intervention: date | str | None = None,
    join_gap: int = 0,
    died: Sequence[str] = ("died",),
    discharged_in: Frequency | None = None,
    backend: str | BaseBackend | None = None,
) -> Lengths:
    """Spells counted by group, nights and how they ended.

    Parameters are those of :func:`qieval.length_of_stay`. `join_gap`: stays of one person and group
    are joined. `discharged_in`, a kind of period: then only ended spells are counted, by the period
    of discharge as well. `backend`: address of a database; DuckDB inside this process otherwise.

    Raises CannotEvaluate if no spell is left to count; DataError, with row numbers, if a stay
    cannot be; ParameterError if `extract_date` is needed, or a parameter is unknown.
    """
    check_gap(join_gap)
    check_died(died)
    groups = groups_of(by, intervention, extract_date, count_from)
    with opened(spells, backend) as database:
        stays = ward_stays(spells, database, groups)
        by_length = database.to_pandas(_counts(stays, groups, join_gap, died, discharged_in))
    early = by_length["early"].astype(bool)
    left_out = int(by_length.loc[early, "spells"].sum())
    notes = _notes(stays, by_length, groups, join_gap, left_out)
    counted = by_length[~early]
    if discharged_in is not None:
        counted = counted[counted["ending"] != 0]
    if counted.empty:
        raise CannotEvaluate(
            "There is no spell to count.",
            found=f"{many(left_out, 'spell')} that began before {in_words(groups.first)}"
            if groups.first is not None
            else f"{many(stays.count, 'stay')}, none of them ended",
            remedy="Set `count_from` to an earlier day, or ask again when more people have left.",
        )
    named = groups.named(counted.drop(columns=["early", "stays", "told"]))
    named["ending"] = named["ending"].map(ENDINGS)
    in_order = ["group", *(["period"] if discharged_in else []), "nights", "ending"]
    return Lengths(
        named.sort_values(in_order, ignore_index=True)[[*in_order, "spells"]],
        groups,
        tuple(notes),
        left_out,
        bool(by_length["told"].sum()),
    )


def _counts(
    stays: Intervals,
    groups: Groups,
    join_gap: int,
    died: Sequence[str],
    discharged_in: Frequency | None,
) -> ibis.Table:
    extract = groups.extract
    spells = spells_of(stays, groups.columns, extract_date=extract, join_gap=join_gap, within=True)
    still_in = spells["end"].isnull()  # noqa: PD003 (a column of ibis, not of pandas)
    # Somebody still in on the extract date has stayed at least until then.
    until = spells["end"] if extract is None else spells["end"].fill_null(ibis.date(extract.date()))
    keys = {
        **groups.keys(spells["start"]),
        "nights": until.delta(spells["start"], unit="day"),
        "ending": ibis.ifelse(still_in, 0, ibis.ifelse(died_of(spells, died), 2, 1)),
    }
    if discharged_in is not None:
        keys["period"] = unit_start(spells["end"], unit_of(discharged_in))
    counted = spells.mutate(**keys)
    return counted.group_by(*groups.columns, *keys).aggregate(
        spells=counted.count(),
        stays=counted["stays"].sum(),
        told=counted[ENDED_TO].count(),
    )


def _notes(
    stays: Intervals, by_length: pd.DataFrame, groups: Groups, join_gap: int, left_out: int
) -> list[str]:
    notes = ["A night is counted for each date from admission to the day before discharge."]
    joined = stays.count - int(by_length["spells"].sum())
    if joined:
        notes.append(joined_words(joined, join_gap, groups.by))
    if stays.open and groups.extract is not None:
        notes.append(
            f"{many(stays.open, 'stay')} without an end: still in on the extract date, "
            f"{in_words(groups.extract)}."
        )
    return [*notes, *groups.notes("stays that began", "stay", left_out, stays.blank_groups)]


def joined_words(joined: int, join_gap: int, by: Sequence[str]) -> str:
    """What was joined, by which rule."""
    rules = {-1: "began while the same person was in"}
    rules[0] = f"{rules[-1]}, or on the day they had left"
    within = f"{rules[-1]}, or within {many(join_gap, 'day')} of their leaving"
    rule = rules.get(join_gap, within)
    where = f" (the same {' and '.join(by)})" if by else ""
    return f"{many(joined, 'stay')} {rule}{where}: a transfer, joined with the stay before."


def median_of(spells: pd.Series) -> float:
    """The middle number of nights, of numbers of spells by nights in order.

    If two are in the middle, it is halfway between them.
    """
    upto, half = spells.cumsum().to_numpy(), float(spells.sum()) / 2
    nights = spells.index.to_numpy(dtype=float)
    lower, upper = (nights[np.searchsorted(upto, half, side=side)] for side in ("left", "right"))
    return float((lower + upper) / 2)
