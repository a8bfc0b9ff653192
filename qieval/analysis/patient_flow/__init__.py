"""Patient flow: beds occupied and available, admissions and discharges of a ward over time.

Descriptive: it shows what happened, side by side. Whether something changed is for a run chart, and
whether a project changed it for an interrupted time series.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.patient_flow.checks import checks_of
from qieval.analysis.patient_flow.result import PatientFlowResult
from qieval.core import columns
from qieval.core.checks import checks_table
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.periods import PER_YEAR, Frequency, days_in, infer_frequency, span
from qieval.flow.occupancy import bed_changes

__all__ = ["PatientFlowResult", "patient_flow"]

FIGURES = ("bed_days", "admissions", "discharges", "available_bed_days")


def patient_flow(
    data: pd.DataFrame,
    *,
    time: str = "period",
    population: float | None = None,
    target_occupancy: float | None = None,
    setting: str = "",
) -> PatientFlowResult:
    """Occupied and available beds, occupancy, admissions and discharges of one ward over time.

    Parameters
    ----------
    data : DataFrame
        One row a period, as `qi.measure` makes it of spells (``figures: occupancy`` or
        ``admissions``), or a series: ``bed_days`` and, if known, ``beds``, ``admissions``,
        ``discharges``. It is not changed.
    time : str
        Column with the dates of the periods
    population : float, optional
        People in the area served: bed days are then also given for each 100,000 of them a year
    target_occupancy : float, optional
        Occupancy in percent to be drawn, such as 85
    setting : str
        For whom or where, in plain words

    Returns
    -------
    PatientFlowResult
        In ``points`` the figures of each period; estimates over the whole time: ``occupied_beds,
        occupancy, admissions, discharges, bed_days_per_1000_admissions, admissions_per_bed,
        bed_days_per_100000``, as far as known.

    Raises
    ------
    CannotEvaluate
        If there is no period with bed days.
    DataError
        If a column is missing or holds no numbers, or a period comes twice (several wards).
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    Occupied beds are bed days per day; occupancy is the sum of bed days over the sum of available
    bed days (beds times days). No intervals are given: these are counts of everybody, not a sample.
    """
    if population is not None and not population > 0:
        raise ParameterError("`population` must be above 0.", found=repr(population))
    if target_occupancy is not None and not 0 < target_occupancy <= 200:
        raise ParameterError(
            "`target_occupancy` is in percent: above 0, such as 85.", found=repr(target_occupancy)
        )
    points, every = _points(data, time)
    result = PatientFlowResult(
        params={
            "time": time,
            "population": population,
            "target_occupancy": target_occupancy,
            "setting": setting,
            "outcome": "Beds, admissions and discharges",
        },
        points=points,
        estimates=_estimates(points, every, population),
        checks=checks_table([]),
        facts={"every": every, **_facts(points, every)},
    )
    return replace(result, checks=checks_table(checks_of(result)))


def _points(data: pd.DataFrame, time: str) -> tuple[pd.DataFrame, Frequency]:
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
    whole = span(table["period"].min(), table["period"].max(), every)
    table = pd.DataFrame({"period": whole}).merge(table, how="left", on="period")
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
    names = ["period", *FIGURES, "beds", "days_in_period", "occupied_beds", "occupancy"]
    return table[names], every


def _estimates(points: pd.DataFrame, every: Frequency, population: float | None) -> pd.DataFrame:
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
            rows[name] = (known[name].mean(), f"a {every.replace('_', ' ')}", len(moved))
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
    table = pd.DataFrame(
        [
            {
                "term": term,
                "estimate": float(value),
                **dict.fromkeys(("se", "ci_low", "ci_high", "p_value", "df"), np.nan),
                "unit": unit,
                "n": number,
                "method": "counted",
            }
            for term, (value, unit, number) in rows.items()
        ]
    )
    return table.set_index("term")[ESTIMATE_COLUMNS]


def _facts(points: pd.DataFrame, every: Frequency) -> dict[str, Any]:
    """Changes in the number of beds, and the first and last year beside each other."""
    year = round(PER_YEAR[every])
    facts: dict[str, Any] = {
        "bed_changes": [
            {"period": period, "from": before, "to": after}
            for period, before, after in bed_changes(points)
        ],
        "years": [],
    }
    if len(points) >= 2 * year:
        facts["years"] = [_of_a_year(points.iloc[:year]), _of_a_year(points.iloc[-year:])]
    return facts


def _of_a_year(rows: pd.DataFrame) -> dict[str, float | None]:
    known = rows[rows["bed_days"].notna()]
    both = known[known["available_bed_days"].notna()]
    available = float(both["available_bed_days"].sum())
    return {
        "occupied_beds": float(known["bed_days"].sum() / known["days_in_period"].sum())
        if len(known)
        else None,
        "occupancy": 100 * float(both["bed_days"].sum()) / available if available else None,
        "periods": len(known),
    }
