"""The series of all units below one another, each on the clock of its own intervention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from qieval.core import periods
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, nearest
from qieval.core.periods import Frequency

FEWEST_UNITS, FEWEST_POINTS = 3, 3


def stack(
    panel: pd.DataFrame, unit: str, value: str, time: str, denominator: str | None
) -> tuple[pd.DataFrame, Frequency]:
    """Rows ``unit, number`` (of the period), ``y``, without those that have no value; their kind.

    Raises
    ------
    DataError
        Columns that are not there, hold no numbers, no dates or no names; a period given twice.
    """
    for name in [unit, value, time, *([denominator] if denominator else [])]:
        if name not in panel.columns:
            guess = nearest(name, map(str, panel.columns))
            raise DataError(
                f"There is no column `{name}` in the table.",
                found=f"columns {listed(panel.columns)}",
                remedy=f"Did you mean `{guess}`?" if guess else "Name one of these columns.",
            )
    for name in [value, *([denominator] if denominator else [])]:
        if not pd.api.types.is_numeric_dtype(panel[name]) or np.isinf(panel[name]).any():
            raise DataError(f"Column `{name}` does not hold finite numbers.")
    if not pd.api.types.is_datetime64_any_dtype(panel[time]) or panel[time].isna().any():
        raise DataError(
            f"Column `{time}` does not hold a date in every row.",
            remedy="Read the file with `qi.read`, or convert the column with `pd.to_datetime`.",
        )
    if panel[unit].isna().any():
        raise DataError(f"Column `{unit}` does not name a unit in every row.")
    below = panel[denominator] if denominator else pd.Series(1.0, index=panel.index)
    if (below[panel[value].notna()] <= 0).any():
        raise DataError(f"`{denominator}` must be above zero wherever there is a value.")
    every = periods.infer_frequency(panel[time])
    rows = pd.DataFrame(
        {
            "unit": panel[unit].astype(str).to_numpy(),
            "number": periods.number_of(panel[time], every),
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


def place(
    rows: pd.DataFrame, every: Frequency, intervention: Any
) -> tuple[pd.DataFrame, list[str]]:
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
    starts = pd.DatetimeIndex([_moment(given[name]) for name in names])
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


def _moment(day: Any) -> pd.Timestamp:
    try:
        moment = (
            pd.to_datetime(day, format="ISO8601") if isinstance(day, str) else pd.Timestamp(day)
        )
    except (ValueError, TypeError) as error:
        raise ParameterError(
            "`intervention` is not a date.",
            found=repr(day),
            remedy="Write it as year-month-day: 2020-03-01.",
        ) from error
    if pd.isna(moment):
        raise ParameterError("`intervention` needs a date.", found=repr(day))
    return moment
