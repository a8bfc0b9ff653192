"""The tables of a roll-out: how they are computed, and what their columns are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qieval.analysis.roll_out.methods.fitted import Fitted, Shown
from qieval.analysis.roll_out.methods.permutations import Question
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.tables import ESTIMATE, ESTIMATES, Column, Declaration

SHARE = "share of what was expected"
METHOD = "imputation by generalised least squares, permutation of the start dates"


@dataclass(frozen=True)
class Span:
    """What the roll-out is made of.

    Attributes
    ----------
    every : str
        Kind of period.
    unit : str
        Unit of the value, in words.
    scale : str
        Scale of the comparison: rate, log or root.
    first, last : Timestamp
        First days of the first and the last period.
    cells, treated : int
        Unit-periods after a start that the effect rests on, and how many there are.
    possible, tried : int
        Ways to hand out the starts, and how many of them were gone through.
    least_p : float
        The smallest p value that these can give.
    complete : bool
        Whether every unit has a value in every period.
    of_networks : bool
        Whether the units are whole networks.
    ahead : int
        Periods before the starts that the check of the time before is about; 0: it could not be
        made.
    year : int
        Periods in a year.
    told_from : Timestamp or None
        The first day on which the first unit that started will have been at it for a year; None if
        the data reach beyond that.
    """

    every: str
    unit: str
    scale: str
    first: pd.Timestamp
    last: pd.Timestamp
    cells: int
    treated: int
    possible: int
    tried: int
    least_p: float
    complete: bool
    of_networks: bool
    ahead: int
    year: int
    told_from: pd.Timestamp | None


def estimates(
    whole: Shown,
    year_on: Shown | None,
    kept: tuple[float, float, float] | None,
    unit: str,
    days: float = np.nan,
) -> pd.DataFrame:
    """The effect, the effect from a year on, and the share of the first effect that was kept.

    `days` is what the average is multiplied by for a number of bed days; nan of other measures.
    """
    rows = [
        estimate_row(
            "average_effect", *whole[:3], unit=unit, n=whole.cells, method=METHOD,
            p_value=whole.p_value,
        )
    ]  # fmt: skip
    if np.isfinite(days):
        ends = [one * days for one in whole[:3]]
        rows.append(
            estimate_row(
                "cumulative_effect", *ends, unit="bed days", n=whole.cells, method=METHOD,
                p_value=whole.p_value,
            )
        )  # fmt: skip
    if whole.expected > 0:
        ends = [one / whole.expected for one in whole[:3]]
        rows.append(
            estimate_row(
                "relative_effect", *ends, unit=SHARE, n=whole.cells, method=METHOD,
                p_value=whole.p_value,
            )
        )  # fmt: skip
    if year_on is not None:
        rows.append(
            estimate_row(
                "effect_a_year_on", *year_on[:3], unit=unit, n=year_on.cells, method=METHOD,
                p_value=year_on.p_value,
            )
        )  # fmt: skip
    if kept is not None and year_on is not None:
        way = "Fieller's interval, units left out in turn"
        rows.append(
            estimate_row(
                "share_kept", *kept, unit="share of the first effect", n=year_on.units, method=way
            )
        )
    return estimates_table(rows)


def points(fitted: Fitted) -> pd.DataFrame:
    """A row a unit and period, units by their start: seen, predicted and the difference."""
    units, predicted = fitted.units, fitted.predicted
    order = np.argsort(units.starts, kind="stable")
    periods = len(units.calendar)
    rate, denominator = (
        np.where(units.present, part, np.nan) for part in (units.rate, units.denominator)
    )
    seen = fitted.scaled.rate(fitted.scaled.values)
    since = fitted.since[order].ravel()
    begun = np.repeat(units.begun[order], periods)
    return pd.DataFrame(
        {
            "unit": np.repeat([units.names[at] for at in order], periods),
            "time": np.tile(units.calendar, len(order)),
            "since": np.where(begun, since.astype(float), np.nan),
            "phase": np.where(begun & (since >= 0), "after", "before"),
            "value": rate[order].ravel(),
            "denominator": denominator[order].ravel(),
            "predicted": predicted[order].ravel(),
            "difference": np.where(fitted.used, seen - predicted, np.nan)[order].ravel(),
        }
    )


def by_unit(fitted: Fitted, single: pd.DataFrame, without: np.ndarray | None) -> pd.DataFrame:
    """A row a unit, by start: its own mean difference, and its interrupted time series by itself.

    `without` is the effect without each unit, on the scale of the comparison.
    """
    units, rows = fitted.units, []
    known = single.set_index("study")
    everything = Question()
    for at in np.argsort(units.starts, kind="stable"):
        name, used = units.names[at], fitted.used[at]
        apart = fitted.apart[at][used]
        predicted = fitted.predicted[at][used]
        seen = fitted.scaled.rate(fitted.scaled.values[at])[used]
        own = known.loc[name] if name in known.index else pd.Series(dtype=object)
        left = np.nan
        if without is not None:
            cells = fitted.used & everything.wanted(units.starts, len(units.calendar))
            expected = float(fitted.predicted[cells].mean())
            left = float(fitted.scaled.difference(np.array([without[at]]), expected)[0])
        rows.append(
            {
                "unit": name,
                "network": units.networks[units.network[at]] if units.networks else "",
                "start": units.days[at] if units.begun[at] else pd.NaT,
                "before": int((units.present[at] & (fitted.since[at] < 0)).sum()),
                "after": int((units.present[at] & (fitted.since[at] >= 0)).sum()),
                "used": int(used.sum()),
                "difference": float((seen - predicted).mean()) if len(apart) else np.nan,
                "single": float(own.get("estimate", np.nan)),
                "single_low": float(own.get("ci_low", np.nan)),
                "single_high": float(own.get("ci_high", np.nan)),
                "why": "" if own.get("reason") is None else str(own.get("reason")),
                "without": left,
            }
        )
    return pd.DataFrame(rows)


def profile(fitted: Fitted, answers: list[tuple[Question, Shown]]) -> pd.DataFrame:
    """The effect by time since the start, with what each part rests on."""
    rows = [
        {
            "since": question.first,
            "up_to": np.nan if question.last is None else question.last - 1,
            "estimate": shown.value,
            "ci_low": shown.low,
            "ci_high": shown.high,
            "units": shown.units,
            "cells": shown.cells,
        }
        for question, shown in answers
    ]
    return pd.DataFrame(rows)


def networks(found: list[tuple[str, Shown]]) -> pd.DataFrame:
    """The effect by network."""
    rows = [(name, one.value, one.low, one.high, one.units, one.cells) for name, one in found]
    names = ["network", "estimate", "ci_low", "ci_high", "units", "cells"]
    return pd.DataFrame(rows, columns=names)


def sensitivity(rows: list[tuple[str, float, float, float, int]]) -> pd.DataFrame:
    """The same question asked in other ways: key of the way, figures, and how many units."""
    return pd.DataFrame(rows, columns=["way", "estimate", "ci_low", "ci_high", "units"])


# ---- what the columns are ----------------------------------------------------------------------

_UNIT = Column("unit", "Unit", "label")
_NUMBERS = (Column("units", "Units", "number"), Column("cells", "Unit-periods", "number"))
_INTERVAL = Column("estimate", "Difference", "estimate").with_interval("", "ci_low", "ci_high")

ESTIMATES_SHOWN = (Column("what", "What", "label"), *ESTIMATE)
POINTS = (
    _UNIT,
    Column("time", "Period", "period"),
    Column("since", "Since its start", "number"),
    Column("phase", "Phase", "label"),
    Column("value", "Value", "count", of="denominator"),
    Column("denominator", "Divided by", "denominator"),
    Column("predicted", "Expected without it", "estimate"),
    Column("difference", "Seen less expected", "estimate", of="value"),
)
BY_UNIT = (
    _UNIT,
    Column("network", "Network", "label"),
    Column("start", "Start", "period"),
    Column("before", "Before", "number"),
    Column("after", "After", "number"),
    Column("used", "Compared", "number"),
    Column("difference", "Seen less expected", "estimate"),
    *Column("single", "By itself, as an interrupted time series", "estimate").with_interval(
        "", "single_low", "single_high"
    ),
    Column("why", "Why not by itself", "text"),
    Column("without", "Effect without it", "estimate"),
)
PROFILE = (
    Column("since", "From", "number"),
    Column("up_to", "To", "number"),
    *_INTERVAL,
    *_NUMBERS,
)
NETWORKS = (Column("network", "Network", "label"), *_INTERVAL, *_NUMBERS)
SENSITIVITY = (Column("way", "Way", "label"), *_INTERVAL, _NUMBERS[0])
DECLARED = (
    Declaration("points", POINTS, by=("unit",), model=True),
    ESTIMATES,
    Declaration("by_unit", BY_UNIT),
    Declaration("profile", PROFILE),
    Declaration("networks", NETWORKS),
    Declaration("sensitivity", SENSITIVITY),
)
