"""From ward stays to spells: stays of one person that abut or overlap are one. Expressions only.

Nothing is spread out to a row a night, and no table is read into memory as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from qieval.core.errors import ParameterError
from qieval.core.late import BaseBackend, ibis, ir
from qieval.flow.sources import Intervals, intervals

ENDED_TO = "discharged_to"
"""The column that says how a stay ended; a table may lack it."""


def ward_stays(
    spells: pd.DataFrame | ir.Table | str | Path,
    database: BaseBackend,
    by: Sequence[str],
    extract: pd.Timestamp | None,
) -> Intervals:
    """The stays of a table, checked, with how each ended."""
    return intervals(spells, database, what="stays", by=by, keep=[ENDED_TO], extract_date=extract)


def spells_of(
    rows: Intervals,
    groups: Sequence[str],
    *,
    extract_date: pd.Timestamp | None,
    join_gap: int,
    within: bool,
) -> ir.Table:
    """One row a spell: ``person, *groups, start, end, past, stays, discharged_to``.

    A stay that begins at most `join_gap` days after all earlier ones of the person have ended
    belongs to the same spell. ``end`` is blank for somebody still in; ``past`` is then the day
    after the extract date. Groups and ``discharged_to`` are those of the stay that ended last.

    Parameters
    ----------
    rows : Intervals
        Ward stays, with ``discharged_to`` kept.
    groups : sequence of str
        Columns to keep beside the dates.
    extract_date : Timestamp or None
        The day up to which the data reach.
    join_gap : int
        Most days between two stays of one spell.
    within : bool
        Whether only stays of one group are joined, so that a transfer between groups ends a spell.
    """
    stays = rows.table.mutate(past=rows.table["end"])
    if extract_date is not None:
        after = ibis.date((extract_date + pd.Timedelta(days=1)).date())
        stays = stays.mutate(past=stays["end"].fill_null(after))
    key = ["person", *(groups if within else [])]
    told_apart = [*groups, ENDED_TO]  # stays alike in all of these are one as good as another
    in_order = [stays["start"], stays["past"].desc(), *(stays[name] for name in told_apart)]
    earlier = ibis.window(group_by=key, order_by=in_order, rows=(None, -1))
    stays = stays.mutate(reached=stays["past"].max().over(earlier))
    # The first stay has nothing before it: a blank comparison, which counts as a beginning.
    goes_on = stays["start"].delta(stays["reached"], unit="day") <= join_gap
    stays = stays.mutate(begins=goes_on.fill_null(False).ifelse(0, 1))
    so_far = ibis.window(group_by=key, order_by=in_order, rows=(None, 0))
    stays = stays.mutate(spell=stays["begins"].sum().over(so_far))
    last_first = [
        stays["past"].desc(),
        stays["start"].desc(),
        *(stays[name] for name in told_apart),
    ]
    whole_spell = ibis.window(group_by=[*key, "spell"])
    stays = stays.mutate(
        first=stays["start"].min().over(whole_spell),
        stays=stays.count().over(whole_spell),
        place=ibis.row_number().over(ibis.window(group_by=[*key, "spell"], order_by=last_first)),
    )
    last = stays.filter(stays["place"] == 0)
    return last.select("person", *groups, "end", "past", "stays", ENDED_TO, start=last["first"])


def died_of(spells: ir.Table, died: Sequence[str]) -> ir.BooleanValue:
    """Where a spell ended in death, by the words that say so."""
    words = [str(word).strip().lower() for word in died]
    return spells[ENDED_TO].strip().lower().isin(words).fill_null(False)


def check_gap(join_gap: int) -> None:
    """Refuse a gap that has no meaning."""
    if isinstance(join_gap, bool) or not isinstance(join_gap, int) or join_gap < -1:
        raise ParameterError(
            "`join_gap` is a whole number of days, at least -1.",
            found=repr(join_gap),
            remedy="0 joins two stays if the second begins on the day the first one ended; -1 "
            "joins them only if they overlap.",
            where="join_gap",
        )


def check_died(died: Sequence[str]) -> None:
    """Refuse words for death that are no list of words."""
    if isinstance(died, str) or not all(str(word).strip() for word in died):
        raise ParameterError(
            "`died` lists the words that mean death.",
            found=repr(died),
            remedy="Write for instance `died: [died, deceased]`.",
            where="died",
        )
