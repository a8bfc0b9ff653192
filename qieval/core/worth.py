"""What bed days are worth: a sourced range of what one costs times the bed days freed.

Beds freed are not cash: the ward still stands, and its nurses are still paid. Nothing is said
without a source. The cost is a range somebody states, no sample, so it has no distribution that
could be combined with the interval of the effect: the ends of both are multiplied, and the widest
of the products are shown. If the cost lies in its range, such an interval holds the truth at least
as often as that of the effect does, whatever the two have to do with one another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from qieval.core.errors import ParameterError, did_you_mean, listed
from qieval.core.estimates import Estimate
from qieval.core.sections import Section
from qieval.core.tables import ESTIMATE, Column, Table
from qieval.core.words import number

PARTS = ("low", "high", "source", "price_year")
_YEAR = re.compile(r"(19|20)\d\d(/\d\d)?")


@dataclass(frozen=True)
class UnitCost:
    """What one bed day costs, as a source gives it.

    Attributes
    ----------
    low, high : float
        Range, in pounds.
    source : str
        Where the range is from.
    price_year : str
        Year of the prices: "2023" or "2022/23".
    """

    low: float
    high: float
    source: str
    price_year: str


def read_unit_cost(given: Mapping[str, Any] | None) -> UnitCost | None:
    """A unit cost as a project file, or an analysis, is given it; None if none is given.

    Parameters
    ----------
    given : mapping
        ``low, high`` (pounds, above zero), ``source`` (in words) and ``price_year``.

    Raises
    ------
    ParameterError
        If a part is missing, unknown or makes no sense.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise _refused("A unit cost is a range with its source.", found=type(given).__name__)
    unknown = [str(name) for name in given if name not in PARTS]
    if unknown:
        raise ParameterError(
            f"`{unknown[0]}` is not a part of a unit cost.",
            remedy=did_you_mean(unknown[0], list(PARTS), f"Known: {listed(PARTS)}."),
            where="unit_cost",
        )
    if not str(given.get("source") or "").strip():
        raise _refused("A unit cost needs its source: without one nothing is said of worth.")
    low, high = (_pounds(given.get(name), name) for name in ("low", "high"))
    if low > high:
        raise _refused("The range of a unit cost is the wrong way round.", found=f"{low} to {high}")
    year = str(given.get("price_year") or "").strip()
    is_year = _YEAR.fullmatch(year) and int(year[:4]) <= date.today().year
    if not is_year or year[5:] not in ("", f"{(int(year[:4]) + 1) % 100:02d}"):
        raise _refused(
            "A unit cost needs the year of its prices: `2023` or `2022/23`, none to come.",
            found=repr(given.get("price_year")),
        )
    return UnitCost(low, high, str(given["source"]).strip().rstrip("."), year)


def _pounds(given: Any, name: str) -> float:
    usable = isinstance(given, int | float) and not isinstance(given, bool)
    if not usable or not math.isfinite(given) or given <= 0:
        found = "nothing" if given is None else repr(given)
        raise _refused(f"`{name}` of a unit cost is a number of pounds above zero.", found=found)
    return float(given)


def _refused(problem: str, found: str | None = None) -> ParameterError:
    return ParameterError(
        problem,
        found=found,
        remedy="Write `unit_cost: {low: 300, high: 500, source: where it is from, price_year: "
        "2022/23}`, with numbers alone, or leave it out.",
        where="unit_cost",
    )


def refuse_other_units(cost: UnitCost | None, in_bed_days: bool, unit: str) -> None:
    """Refuse a unit cost of a measure that is not bed days.

    Raises
    ------
    ParameterError
        If there is one.
    """
    if cost is not None and not in_bed_days:
        raise ParameterError(
            "A unit cost is that of a bed day, and this measure is not of bed days.",
            found=f"a measure in {unit}",
            remedy="Leave out `unit_cost`, or give it to the measure of bed days.",
            where="unit_cost",
        )


def is_of_bed_days(value: str, denominator: str | None, per: float) -> bool:
    """Whether the sum over periods of a measure's effect is a number of bed days."""
    return "bed_days" in value and denominator in (None, "days_in_period") and per == 1


# ---- what is shown -----------------------------------------------------------------------------


def worth_rows(change: Estimate, cost: UnitCost) -> pd.DataFrame:
    """Bed days freed, and what they are worth: ``term, what, estimate, ci_low, ci_high, unit``.

    Parameters
    ----------
    change : Estimate
        Difference in bed days, summed over periods; below zero where they were freed.
    cost : UnitCost
        Range of what one costs.
    """
    freed, low, high = -change.value, -change.high, -change.low
    products = [end * price for end in (low, high) for price in (cost.low, cost.high)]
    middle = (cost.low + cost.high) / 2
    rows = [("freed", "Bed days freed", freed, low, high, "bed days")]
    for term, end, price in (("low", "lower", cost.low), ("high", "upper", cost.high)):
        what = f"At the {end} cost, £{number(price)} a bed day"
        rows.append((term, what, freed * price, low * price, high * price, "£"))
    both = "At the middle of both costs, both ranges together"
    rows.append(("both", both, freed * middle, min(products), max(products), "£"))
    names = ["term", "what", "estimate", "ci_low", "ci_high", "unit"]
    return pd.DataFrame(rows, columns=names)


def worth_section(change: Estimate | None, cost: UnitCost | None) -> tuple[Section, ...]:
    """The section of a page on what bed days are worth; none without a cost."""
    if change is None or cost is None or not math.isfinite(change.value):
        return ()
    rows = worth_rows(change, cost)
    caption = (
        f"Minus means more bed days. Cost of a bed day: {cost.source}, prices of {cost.price_year}"
    )
    columns = (Column("what", "What", "label"), *ESTIMATE)
    # In thousands, so that no figure looks surer than it is.
    scale = rows["unit"].map({"£": 1e-3}).fillna(1.0)
    shown = rows.assign(unit=rows["unit"].replace("£", "£ thousand"))
    for name in ("estimate", "ci_low", "ci_high"):
        shown[name] = rows[name] * scale
    table = Table("worth", caption, columns, shown, ids="term")
    return (Section("worth", "Worth", _words(change, cost, rows), table, in_brief=True),)


def _words(change: Estimate, cost: UnitCost, rows: pd.DataFrame) -> str:
    known = rows.set_index("term")
    low, high = (float(known[name].loc["both"]) for name in ("ci_low", "ci_high"))
    price = f"£{number(cost.low)} to £{number(cost.high)} a bed day"
    where = f"({cost.source}, prices of {cost.price_year})"
    if not change.side:
        return (
            f"Whether bed days were freed cannot be told, and so not what they are worth: at "
            f"{price} {where}, anything from {_money(-low)} of bed days more to {_money(high)} "
            "fewer fits these data."
        )
    far, near = (high, low) if change.value < 0 else (-low, -high)
    which = "freed" if change.value < 0 else "added"
    return (
        f"The bed days {which} are worth {_money(near)} to {_money(far)}, at {price} {where} and "
        "with the interval of the bed days. These are beds freed, not cash: money is saved only "
        "if a bed is closed."
    )


def _money(pounds: float) -> str:
    """Pounds to three figures: "£1.24 million", "£87,300"."""
    if pounds == 0:
        return "£0"
    if not math.isfinite(pounds):
        return "an amount without limit"
    if abs(pounds) >= 999_500:
        millions = pounds / 1e6
        return f"£{number(millions, max(0, 2 - int(math.log10(abs(millions)))))} million"
    step = 10 ** max(0, int(math.log10(abs(pounds))) - 2)
    return f"£{number(round(pounds / step) * step, 0)}"
