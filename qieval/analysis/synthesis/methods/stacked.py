"""The series of all units below one another, each on the clock of its own intervention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qieval.core import columns, periods
from qieval.core.errors import CannotEvaluate, DataError, listed

FEWEST_UNITS, FEWEST_POINTS = 3, 3


def stack(
    panel: pd.DataFrame, unit: str, value: str, time: str, denominator: str | None
) -> tuple[pd.DataFrame, str]:
    """Rows ``unit, number`` (of the period), ``y``, without those that have no value; their kind.

    Raises
    ------
    DataError
        Columns that are not there, hold no numbers, no dates or no names; a period given twice.
    """
    below_name = [denominator] if denominator else []
    columns.require(panel, [unit, value, time, *below_name])
    for name in (value, *below_name):
        columns.numbers(panel[name], name)
    dates = columns.dates(panel[time], time)
    if panel[unit].isna().any():
        raise DataError(f"Column `{unit}` does not name a unit in every row.")
    below = panel[denominator] if denominator else pd.Series(1.0, index=panel.index)
    if (below[panel[value].notna()] <= 0).any():
        raise DataError(f"`{denominator}` must be above zero wherever there is a value.")
    every = periods.infer_frequency(dates)
    rows = pd.DataFrame(
        {
            "unit": panel[unit].astype(str).to_numpy(),
            "number": periods.number_of(dates, every),
            "y": (panel[value] / below).to_numpy(dtype=float),
        }
    )
    twice = rows[rows.duplicated(["unit", "number"])]
    if len(twice):
        raise DataError(
            f"Some units have more than one row for the same {periods.noun(every)}.",
            found=f"units {listed(twice['unit'].unique(), 6)}",
            remedy="Add the rows up first, or keep one series a unit.",
        )
    return rows.dropna(subset="y"), every


def place(rows: pd.DataFrame, every: str, intervention: Any) -> tuple[pd.DataFrame, list[str]]:
    """Columns ``t`` (periods since the unit's own intervention), ``post`` and ``ramp`` added.

    Returns
    -------
    DataFrame
        The rows of the units that have enough points on both sides.
    list of str
        The units left out.

    Raises
    ------
    DataError
        If a unit has no date of its intervention.
    CannotEvaluate
        If fewer than three units have enough points.
    """
    names = sorted(rows["unit"].unique())
    given = (
        {str(name): day for name, day in intervention.items()}
        if isinstance(intervention, Mapping)
        else dict.fromkeys(names, intervention)
    )
    missing = [name for name in names if name not in given]
    if missing:
        raise DataError(
            "Some units have no date of their intervention.",
            found=f"units {listed(missing, 6)}",
            remedy="Give `intervention` as one date for all, or a date for each unit.",
        )
    starts = pd.DatetimeIndex([columns.moment(given[name], "intervention") for name in names])
    number_at = dict(zip(names, periods.number_of(starts, every), strict=True))
    placed = rows.assign(t=rows["number"] - rows["unit"].map(number_at))
    placed["post"] = (placed["t"] >= 0).astype(float)
    placed["ramp"] = placed["t"].clip(lower=0).astype(float)
    counts = placed.groupby("unit")["post"].agg(after="sum", points="size")
    enough = (counts["after"] >= FEWEST_POINTS) & (
        counts["points"] - counts["after"] >= FEWEST_POINTS
    )
    kept = placed[placed["unit"].map(enough)]
    if int(enough.sum()) < FEWEST_UNITS:
        raise CannotEvaluate(
            f"A mixed model needs at least {FEWEST_UNITS} units with {FEWEST_POINTS} points on "
            "each side of their intervention.",
            found=f"{int(enough.sum())} of {len(names)} units",
            remedy="Read each unit's own result instead.",
        )
    return kept, [str(name) for name in counts.index[~enough]]
