"""From a passport to counts, rows left out, identifiers, and the grid of what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.periods import noun, span, start_of
from qieval.core.tables import ESTIMATES_OF_PEOPLE, Column, Declaration
from qieval.intake.backends import FILE_ROW
from qieval.intake.reading.passport import Loaded, Passport

COMPLETE, CELLS_MISSING = "with rows", "with rows, but missing numbers"
SOME, NONE = "with a part of the rows", "without rows"
STATUSES = (COMPLETE, CELLS_MISSING, SOME, NONE)

DATED = ("period", "start", "referred", "started", "date")
"""Columns that say when a row is, in the order in which they are looked for."""
GROUPS = ("ward", "team", "unit", "site", "project", "network", "group", "locality")
"""Columns that name the lines of the grid, in the order in which they are looked for."""
_MOST_GROUPS, _MOST_PERIODS = 30, 120
_LADDER: tuple[str, ...] = ("day", "week", "month", "quarter", "year")

COUNTS = (
    Column("what", "What", "label"),
    Column("estimate", "Value", "estimate", "0"),
    Column("unit", "Unit", "text"),
)
DECLARED = (
    Declaration(
        "points",
        (
            Column("unit", "Unit", "label"),
            Column("when", "When", "label"),
            Column("status", "What is there", "label"),
        ),
    ),
    ESTIMATES_OF_PEOPLE,
    Declaration(
        "dropped", (Column("reason", "Why", "label"), Column("rows", "Rows left out", "count"))
    ),
    Declaration(
        "identifiers",
        (
            Column("column", "Column", "label"),
            Column("holds", "What it holds", "label"),
            Column("cells", "Cells", "count"),
            Column("done", "What was done", "text"),
        ),
    ),
)


def passport_counts(loaded: Loaded, passport: Passport) -> pd.DataFrame:
    """What was counted while reading."""
    counts = {
        "rows_read": (passport.rows_read, "rows"),
        "rows_kept": (passport.rows_kept, "rows"),
        "columns": (sum(name != FILE_ROW for name in loaded.table.columns), "columns"),
        "blank": (passport.blank, "cells"),
        "suppressed": (passport.suppressed, "cells"),
        "identifiers": (int(passport.identifiers["cells"].sum()), "cells"),
    }
    if passport.every is not None and passport.periods_expected is not None:
        periods = noun(passport.every, 2)
        expected, present = passport.periods_expected, passport.periods_present or 0
        counts["periods_expected"] = (expected, periods)
        counts["periods_present"] = (present, periods)
        counts["periods_missing"] = (expected - present, periods)
    return estimates_table(
        estimate_row(term, count, unit=unit, n=passport.rows_read, method="counted")
        for term, (count, unit) in counts.items()
    )


def dropped_rows(passport: Passport) -> pd.DataFrame:
    """Why rows were left out, and how many: ``reason, rows``."""
    return passport.dropped[["reason", "rows"]].reset_index(drop=True)


def identifiers_found(passport: Passport) -> pd.DataFrame:
    """Columns with identifiers: ``column, holds, cells, done``."""
    names = ["column", "holds", "cells", "done"]
    return passport.identifiers.iloc[:, :4].set_axis(names, axis="columns").reset_index(drop=True)


# ---- the grid ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Times:
    """When the rows of a table are: each row's own time, all there should be, how they are shown.

    Attributes
    ----------
    own : Series
        A time for each row: first day of a period, or a text.
    every_own : list
        All times, in order.
    shown : dict
        Own time → label of the figure's column (several periods may share one).
    across : str
        What the columns are.
    """

    own: pd.Series
    every_own: list[Any]
    shown: dict[Any, str]
    across: str


def _times(table: pd.DataFrame, every: str | None) -> _Times:
    name = next((name for name in DATED if name in table and table[name].notna().any()), None)
    if name is None and "wave" in table:
        waves = [str(wave) for wave in table["wave"].dropna().unique()]
        return _Times(table["wave"], waves, dict(zip(waves, waves, strict=True)), "waves")
    if name is None:
        return _Times(pd.Series("file", table.index), ["file"], {"file": "file"}, "the whole file")
    own_step = every or _coarser(table[name], "month")
    known = table[name].dropna()
    own = pd.Series(start_of(known, own_step), index=known.index).reindex(table.index)
    all_own = span(own.min(), own.max(), own_step)
    step = _coarser(own, own_step)
    shown = {
        start: f"{first:%Y-%m-%d}"
        for start, first in zip(all_own, start_of(all_own, step), strict=True)
    }
    across = noun(step, 2) if every else f"{noun(step, 2)} ({name})"
    return _Times(own, list(all_own), shown, across)


def _coarser(days: pd.Series, every: str) -> str:
    """The finest kind of period, from this one on, of which a figure can show all."""
    if every not in _LADDER:
        return every
    for step in _LADDER[_LADDER.index(every) :]:
        if len(span(days.min(), days.max(), step)) <= _MOST_PERIODS:
            return step
    return _LADDER[-1]


def grid_of(table: pd.DataFrame, every: str | None) -> tuple[pd.DataFrame, str, str]:
    """One row a line and column of the figure with its status; what lines and columns are."""
    times = _times(table, every)
    group = next((name for name in GROUPS if name in table), None)
    units = table[group].fillna("not recorded") if group else pd.Series("all rows", table.index)
    cells = pd.DataFrame(
        {
            "unit": units,
            "own": times.own,
            "missing": table.select_dtypes("number").isna().any(axis=1),
        }
    )
    here = cells.dropna(subset=["own"]).groupby(["unit", "own"])["missing"].any()
    names = list(units.drop_duplicates())
    asked = pd.MultiIndex.from_product([names, times.every_own], names=["unit", "own"])
    full = pd.DataFrame({"present": asked.isin(here.index)}, index=asked)
    full["missing"] = here.reindex(asked).eq(True)
    full = full.reset_index()
    lines = group or "all rows"
    if len(names) > _MOST_GROUPS:
        full["unit"], lines = f"{len(names):,} together", f"{group}s"
    full["when"] = full["own"].map(times.shown)
    by_cell = full.groupby(["unit", "when"], sort=False)
    sums = by_cell.agg(rows=("present", "sum"), of=("present", "size"), missing=("missing", "any"))
    sums["status"] = np.select(
        [sums["rows"] == 0, sums["rows"] < sums["of"], sums["missing"]],
        [NONE, SOME, CELLS_MISSING],
        default=COMPLETE,
    )
    return sums.reset_index()[["unit", "when", "status"]], lines, times.across
