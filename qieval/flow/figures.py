"""What stays can be counted as, by period: bed days, admissions, occupancy and others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import pandas as pd

from qieval.core.errors import ParameterError
from qieval.core.periods import Frequency, days_in, noun, start_of
from qieval.flow.admissions import admissions
from qieval.flow.bed_days import bed_days
from qieval.flow.groups import ALL
from qieval.flow.lengths import lengths_of_stay, median_of
from qieval.flow.nights import Rule
from qieval.flow.occupancy import with_beds
from qieval.flow.readmissions import discharges_followed, readmitted
from qieval.intake.reading import Passport, read

Figures = Literal["bed_days", "admissions", "occupancy", "length_of_stay", "readmissions"]

ON_EVERY_DAY = ("bed_days", "admissions", "occupancy")
"""Figures that have a value in every period, 0 included."""


def figures_of(
    spells: pd.DataFrame,
    figures: Figures,
    *,
    by: list[str],
    every: Frequency,
    rule: Rule,
    extract_date: date | str | None,
    leave: pd.DataFrame | None,
    beds: pd.DataFrame | str | None,
    window: int,
    died: Sequence[str],
) -> tuple[pd.DataFrame, list[str]]:
    """One row a period (and group) with the figures, and what was decided.

    Raises ParameterError if beds are lacking, or given for figures that need none.
    """
    if (beds is not None) != (figures == "occupancy"):
        raise ParameterError(
            "Occupancy needs a table of beds."
            if beds is None
            else f"Beds are for `figures: occupancy`, not for `{figures}`.",
            remedy="Give `beds`, the path of a table with `period` and `beds`."
            if beds is None
            else "Leave out `beds`, or set `figures: occupancy`.",
            where="beds",
        )
    if leave is not None and figures not in ON_EVERY_DAY:
        raise ParameterError(f"Leave is not taken off for `figures: {figures}`.", where="leave")
    if figures == "length_of_stay":
        return _lengths(spells, by, every, extract_date)
    if figures == "readmissions":
        return _readmissions(spells, by, every, extract_date, window, died)
    counted = bed_days(
        spells, by=by, period=every, rule=rule, extract_date=extract_date, leave=leave
    )
    out, notes = counted, list(counted.attrs["notes"])
    if figures != "bed_days":
        moved = admissions(spells, by=by, period=every, extract_date=extract_date)
        out = out.merge(moved, how="left", on=[*by, "period"])
        names = ["admissions", "discharges"]
        out[names] = out[names].fillna(0).astype("int64")
        notes += moved.attrs["notes"]
    if figures == "occupancy":
        table, said = _beds(beds)
        out, more = with_beds(out, table, spells, by=by, every=every)
        notes += [*said, *more]
    return out, notes


def _beds(beds: pd.DataFrame | str | None) -> tuple[pd.DataFrame, list[str]]:
    if isinstance(beds, pd.DataFrame):
        return beds, []
    loaded = read(str(beds), "beds")
    return loaded.table, read_beside("Beds", loaded.passport)


def read_beside(what: str, passport: Passport) -> list[str]:
    """What was decided in reading a table beside the stays, and from where it came."""
    rows = f"{passport.rows_kept:,} of {passport.rows_read:,} rows of {what.lower()}"
    return [f"{what}: {rows} read from {passport.source}.", *passport.decisions]


def _lengths(
    spells: pd.DataFrame, by: list[str], every: Frequency, extract_date: date | str | None
) -> tuple[pd.DataFrame, list[str]]:
    """Lengths of the stays that ended in each period: number, median and mean of nights."""
    counted = lengths_of_stay(spells, by=by, extract_date=extract_date, discharged_in=every)
    rows = counted.counts.assign(period=start_of(counted.counts["period"], every).to_numpy())
    out = []
    for (group, period), one in rows.groupby(["group", "period"], sort=True):
        nights = one.groupby("nights", sort=True)["spells"].sum()
        out.append(
            {
                "group": group,
                "period": period,
                "discharges": int(nights.sum()),
                "median_nights": median_of(nights),
                "mean_nights": float((nights.index * nights).sum() / nights.sum()),
            }
        )
    table = _with_groups(pd.DataFrame(out), by, every)
    return table, [
        *counted.notes,
        f"Nights of the stays that ended in each {noun(every)}. People still in are not among "
        f"them, and a {noun(every)} in which long stays end looks long: the notebook "
        "`length_of_stay` uses both.",
    ]


def _readmissions(
    spells: pd.DataFrame,
    by: list[str],
    every: Frequency,
    extract_date: date | str | None,
    window: int,
    died: Sequence[str],
) -> tuple[pd.DataFrame, list[str]]:
    """Live discharges of each period and how many came back within the window."""
    if extract_date is None:
        raise ParameterError(
            "`extract_date` is needed for `figures: readmissions`.",
            remedy="Say up to which date the data reach, for instance `extract_date: 2024-03-31`.",
            where="extract_date",
        )
    counted = discharges_followed(
        spells, window=window, extract_date=extract_date, by=by, every=every, died=died
    )
    rows = readmitted(counted, window)
    kept = rows[rows["whole"] & (rows["discharges"] > 0)]
    table = _with_groups(kept.drop(columns="whole").reset_index(drop=True), by, every)
    notes = list(counted.notes)
    if not counted.endings_told:
        notes.append("The table does not say who died; the dead count as discharged.")
    left_out = len(rows) - len(kept)
    if left_out:
        notes.append(
            f"{noun(every, 2).capitalize()} whose discharges were not all followed for "
            f"{window - 1} days are left out."
        )
    notes.append(f"Readmitted: the next admission of the person on day 0 to {window - 1}.")
    return table, notes


def _with_groups(table: pd.DataFrame, by: list[str], every: Frequency) -> pd.DataFrame:
    """The table with the columns of `by` in place of the names of groups."""
    if not by:
        assert set(table["group"]) <= {ALL}
        out = table.drop(columns="group")
    elif len(by) == 1:
        out = table.rename(columns={"group": by[0]})
    else:
        raise ParameterError("These figures take one column in `by`.", where="by")
    out["days_in_period"] = days_in(out["period"], every)
    return out
