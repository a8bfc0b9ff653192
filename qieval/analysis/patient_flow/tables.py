"""From a ward's periods to the figures of each, of the whole time and of a year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qieval.core import columns
from qieval.core.errors import CannotEvaluate, DataError
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.periods import days_in, infer_frequency, noun, span
from qieval.core.tables import ESTIMATES, Column, Declaration, names_of

FIGURES = ("bed_days", "admissions", "discharges", "available_bed_days")

POINTS = (
    Column("period", "Period", "period"),
    Column("bed_days", "Bed days", "count"),
    Column("admissions", "Admissions", "count"),
    Column("discharges", "Discharges", "count"),
    Column("available_bed_days", "Available bed days", "number"),
    Column("beds", "Beds", "estimate", "1"),
    Column("days_in_period", "Days", "number"),
    Column("occupied_beds", "Occupied beds a day", "estimate", "1", of="bed_days"),
    Column("occupancy", "Occupancy, %", "estimate", "0", of="bed_days"),
)
SHOWN = ("bed_days", "occupied_beds", "beds", "occupancy", "admissions", "discharges")
"""Columns of the points that the page shows after their period, where they are known."""

DECLARED = (
    Declaration(
        "points", POINTS, by=("period",), model=True, running=("occupied_beds", "occupancy")
    ),
    ESTIMATES,
)

OVER_THE_WHOLE_TIME = (
    Column("what", "What", "label"),
    Column("estimate", "Value", "estimate"),
    Column("unit", "Unit", "text"),
    Column("n", "Periods", "number"),
)


def points_table(data: pd.DataFrame, time: str) -> tuple[pd.DataFrame, str]:
    """One row a period, in order, with what is known of it."""
    columns.require(data, [time, "bed_days"])
    when = columns.dates(data[time], time)
    if when.duplicated().any():
        raise DataError(
            "A period comes more than once.",
            found=columns.rows(when.duplicated().to_numpy()),
            remedy="Choose one ward with `where`, or leave out `by`, so that all are counted "
            "together.",
        )
    table = pd.DataFrame({"period": when.to_numpy().astype("datetime64[us]")})
    for name in (*FIGURES, "beds", "leave_days", "days_in_period"):
        if name in data:
            table[name] = columns.numbers(data[name], name)
    table = table.sort_values("period", ignore_index=True)
    if not (table["bed_days"].notna()).any():
        raise CannotEvaluate("There is no period with bed days.")
    every = infer_frequency(table["period"]) if len(table) > 1 else "month"
    # A period that is not there is a gap on the chart, not a line across it.
    periods = span(table["period"].min(), table["period"].max(), every)
    table = pd.DataFrame({"period": periods}).merge(table, how="left", on="period")
    days = pd.Series(days_in(table["period"], every), dtype=float)
    table["days_in_period"] = table.get("days_in_period", days).fillna(days)
    if "beds" in table and "available_bed_days" not in table:
        table["available_bed_days"] = table["beds"] * table["days_in_period"]
    for name in (*FIGURES, "beds"):
        if name not in table:
            table[name] = np.nan
        wrong = table[name] < 0
        if wrong.any():
            raise DataError(f"`{name}` is below 0.", found=columns.rows(wrong.to_numpy()))
    table["occupied_beds"] = table["bed_days"] / table["days_in_period"]
    available = table["available_bed_days"].where(table["available_bed_days"] > 0)
    table["occupancy"] = 100 * table["bed_days"] / available
    return table[names_of(POINTS)], every


def flow_estimates(points: pd.DataFrame, every: str, population: float | None) -> pd.DataFrame:
    """Each figure over the whole time: sums over sums, never means of rates."""
    known = points[points["bed_days"].notna()]
    days = float(known["days_in_period"].sum())
    both = known[known["available_bed_days"].notna()]
    moved = known[known["admissions"].notna()]
    rows = {"occupied_beds": (known["bed_days"].sum() / days, "beds on an average day", len(known))}
    if len(both) and both["available_bed_days"].sum() > 0:
        share = 100 * both["bed_days"].sum() / both["available_bed_days"].sum()
        rows["occupancy"] = (share, "% of available bed days", len(both))
    for name in ("admissions", "discharges"):
        if known[name].notna().any():
            rows[name] = (known[name].mean(), f"a {noun(every)}", len(moved))
    admitted = float(moved["admissions"].sum())
    if admitted:
        rate = 1000 * moved["bed_days"].sum() / admitted
        rows["bed_days_per_1000_admissions"] = (rate, "bed days per 1,000 admissions", len(moved))
        if len(both):
            here = both[both["admissions"].notna()]
            beds = here["available_bed_days"].sum() / 365.25
            rate = here["admissions"].sum() / beds if beds > 0 else np.nan
            rows["admissions_per_bed"] = (rate, "admissions per available bed a year", len(here))
    if population is not None:
        rate = 100_000 * known["bed_days"].sum() / days * 365.25 / population
        words = "bed days per 100,000 people a year"
        rows["bed_days_per_100000"] = (rate, words, len(known))
    return estimates_table(
        estimate_row(term, value, unit=unit, n=count, method="counted")
        for term, (value, unit, count) in rows.items()
    )


@dataclass(frozen=True)
class Year:
    """Occupied beds of a year, and the percentage of the available ones; nan if not known."""

    occupied_beds: float
    occupancy: float


def year_of(rows: pd.DataFrame) -> Year:
    """The figures of the periods of a year."""
    known = rows[rows["bed_days"].notna()]
    both = known[known["available_bed_days"].notna()]
    available = float(both["available_bed_days"].sum())
    return Year(
        float(known["bed_days"].sum() / known["days_in_period"].sum()) if len(known) else np.nan,
        100 * float(both["bed_days"].sum()) / available if available else np.nan,
    )
