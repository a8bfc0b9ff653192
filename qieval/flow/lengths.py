"""Lengths of stay, counted: how many spells of each length, by group and by how they ended.

The database hands back one row for each group × number of nights × ending: a small table, however
many spells there are, from which every statistic follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from qieval.core.errors import CannotEvaluate
from qieval.core.late import BaseBackend, ibis, ir
from qieval.core.periods import Frequency
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
from qieval.flow.sources import Intervals, opened
from qieval.flow.stays import ENDED_TO, check_died, check_gap, died_of, spells_of, ward_stays

ENDINGS = {0: "still in", 1: "discharged", 2: "died"}
"""How a spell ended, as the database counts it."""


@dataclass(frozen=True)
class Lengths:
    """Spells counted by length.

    Attributes
    ----------
    counts : DataFrame
        ``group, nights, ending, entered, spells``: ending is "still in", "discharged" or "died";
        ``entered`` is how many nights a spell had lasted when it was first observed.
    groups : Groups
        How they are split.
    notes : tuple of str
        What was decided, one plain sentence each.
    left_out : int
        Spells that began before `count_from`, or had ended before `observed_from`.
    endings_told : bool
        Whether any stay says how it ended.
    """

    counts: pd.DataFrame
    groups: Groups
    notes: tuple[str, ...]
    left_out: int
    endings_told: bool


def lengths_of_stay(
    spells: pd.DataFrame | ir.Table | str | Path,
    *,
    by: str | Sequence[str] = (),
    extract_date: date | str | None = None,
    count_from: date | str | None = None,
    observed_from: date | str | None = None,
    intervention: date | str | None = None,
    join_gap: int = 0,
    died: Sequence[str] = ("died",),
    discharged_in: Frequency | None = None,
    backend: str | BaseBackend | None = None,
) -> Lengths:
    """Spells counted by group, nights and how they ended.

    Parameters are those of :func:`qieval.length_of_stay`, and these.

    Parameters
    ----------
    discharged_in : str, optional
        Kind of period: then only ended spells are counted, by the period of discharge as well.
    backend : str or ibis backend, optional
        Address of a database. Default: DuckDB inside this process.

    Raises
    ------
    CannotEvaluate
        If no spell is left to count.
    DataError
        If a stay cannot be; with row numbers.
    ParameterError
        If `extract_date` is needed, or a parameter is unknown.
    """
    check_gap(join_gap)
    check_died(died)
    groups = groups_of(by, intervention)
    window = Window.of(extract_date, count_from, observed_from)
    with opened(spells, backend) as database:
        stays = ward_stays(spells, database, groups.by, window.extract)
        by_length = database.to_pandas(
            _counts(stays, groups, window, join_gap, died, discharged_in)
        )
    early = by_length["early"].astype(bool)
    left_out = int(by_length.loc[early, "spells"].sum())
    notes = _notes(stays, by_length, groups, window, join_gap, left_out)
    counted = by_length[~early]
    if discharged_in is not None:
        counted = counted[counted["ending"] != 0]
    if counted.empty:
        raise CannotEvaluate(
            "There is no spell to count.",
            found=window.left_out_in_words("spell", left_out)
            or f"{many(stays.count, 'stay')}, none of them ended",
            remedy="Begin the window on an earlier day, or ask again when more people have left.",
        )
    named = groups.named(counted.drop(columns=["early", "stays", "told"]))
    named["ending"] = named["ending"].map(ENDINGS)
    in_order = ["group", *(["period"] if discharged_in else []), "nights", "ending", "entered"]
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
    window: Window,
    join_gap: int,
    died: Sequence[str],
    discharged_in: Frequency | None,
) -> ibis.Table:
    extract = window.extract
    spells = spells_of(stays, groups.columns, extract_date=extract, join_gap=join_gap, within=True)
    still_in = spells["end"].isnull()  # noqa: PD003 (a column of ibis, not of pandas)
    # Somebody still in on the extract date has stayed at least until then.
    until = spells["end"] if extract is None else spells["end"].fill_null(ibis.date(extract.date()))
    keys = {
        **groups.keys(spells["start"]),
        "early": window.early(spells["start"], until),
        "entered": window.days_before(spells["start"]),
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
    stays: Intervals,
    by_length: pd.DataFrame,
    groups: Groups,
    window: Window,
    join_gap: int,
    left_out: int,
) -> list[str]:
    notes = ["A night is counted for each date from admission to the day before discharge."]
    joined = stays.count - int(by_length["spells"].sum())
    if joined:
        notes.append(joined_words(joined, join_gap, groups.by))
    if stays.open and window.extract is not None:
        notes.append(
            f"{many(stays.open, 'stay')} without an end: still in on the extract date, "
            f"{in_words(window.extract)}."
        )
    late = (by_length["entered"] > 0) & ~by_length["early"].astype(bool)
    under_way = int(by_length.loc[late, "spells"].sum())
    notes += window.notes("stays that began", left_out, under_way)
    return [*notes, *blank_groups_note(stays.blank_groups, "stay", groups.by)]


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
