"""Before a roll-out: how large must its effect be to be found, with these starts?

Months like those before are simulated for the planned starts and put through the very test that
will be used. Period effects fall out of the comparison, so that only what units do not share
matters: its standard deviation and autocorrelation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from qieval.analysis.its.methods.families import counts_events, refuse_no_counts
from qieval.analysis.its.methods.options import require_options
from qieval.analysis.roll_out.methods.fitted import fit, refuse_no_test
from qieval.analysis.roll_out.methods.permutations import Question, invert, statistics
from qieval.analysis.roll_out.methods.scales import Scaled, scale_for
from qieval.analysis.roll_out.methods.units import Units, comparable, make_units
from qieval.analysis.roll_out.methods.weights import Array, treated_cells
from qieval.core import columns, periods
from qieval.core.checks import About
from qieval.core.config import CONFIDENCE, SEED
from qieval.core.counts import Counts, declared
from qieval.core.desk import progress
from qieval.core.errors import CannotEvaluate, ParameterError, require_one_of
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.recorded import recorded
from qieval.core.result import Result
from qieval.core.signatures import public
from qieval.core.tables import ESTIMATES, Column, Declaration, Table
from qieval.core.words import many, number, sentence

FEWEST_BEFORE = 6
"""Periods with a value in every unit without which months like them cannot be simulated."""


@dataclass(frozen=True, eq=False, repr=False)
class RollOutPowerResult(Result):
    """Result of :func:`qieval.roll_out_power`.

    Attributes
    ----------
    points : DataFrame
        ``effect`` (its size) and ``power``.
    estimates : DataFrame
        Terms ``smallest_effect``, found with the wanted power, ``smallest_relative`` and
        ``chance_of_wanted``.
    every, unit : str
        Kind of period, and unit of the effect.
    size : int
        Units.
    cells, treated : int
        Unit-periods after a start that will be compared, and how many there will be.
    sd, rho, level : float
        Standard deviation and autocorrelation of what units do not share, and the mean.
    """

    every: str
    unit: str
    size: int
    cells: int
    treated: int
    sd: float
    rho: float
    level: float

    kind: ClassVar[str] = "roll_out_power"
    limits: ClassVar[tuple[str, ...]] = ("This says what could be found, not what will happen.",)
    declared: ClassVar[tuple[Declaration, ...]] = (
        Declaration(
            "points",
            (Column("effect", "Effect", "estimate"), Column("power", "Chance", "estimate")),
        ),
        ESTIMATES,
    )

    @property
    def _way(self) -> str:
        return "rise" if self.params["direction"] == "higher" else "fall"

    @property
    def smallest(self) -> float:
        """The smallest effect that would be found as often as wanted; nan if none would."""
        return self.term("smallest_effect").value

    def headline(self) -> str:
        """The smallest effect that these starts can find."""
        odds = f"{100 * self.params['power']:.0f} times in 100"
        over = f"With {self.size} {self.params['called']} and these starts"
        if not np.isfinite(self.smallest):
            return sentence(f"{over}, no {self._way} would be found {odds}")
        size, *shares = self.table("estimates").shown[1].cells
        share = f" ({shares[0]}%)" if self.level > 0 else ""
        return sentence(f"{over}, a {self._way} of {size} {self.unit}{share} would be found {odds}")

    def details(self) -> str:
        """What it rests on, and the chance of what is hoped for."""
        noun = periods.noun(self.every, 2)
        parts = []
        if self.params["wanted"]:
            chance = self.term("chance_of_wanted").value
            parts.append(
                f"The {self._way} hoped for ({number(self.params['wanted'])} {self.unit}) would be "
                f"found {100 * chance:.0f} times in 100."
            )
        parts.append(
            f"{self.cells:,} of {self.treated:,} {noun} after a start will have one of the "
            f"{self.params['called']} beside it that has not started; only these count. This rests "
            f"on how much the {self.params['called']} varied by themselves so far (autocorrelation "
            f"{self.rho:.2f}), and on an effect that is there at once and stays."
        )
        return " ".join(parts)

    def alt_text(self) -> str:
        """What the curve shows."""
        return (
            f"{self.headline()} A curve rises from the chance of a false claim to certainty: the "
            "chance of finding the effect against its size. A dot marks the size that is found as "
            "often as wanted."
        )

    def tables(self) -> tuple[Table, ...]:
        """The smallest effect, and the curve."""
        names = {
            "smallest_effect": f"Smallest {self._way} found {100 * self.params['power']:.0f} times "
            "in 100",
            "smallest_relative": "The same as a share of the mean so far",
            "chance_of_wanted": f"Chance of finding a {self._way} of "
            f"{number(self.params['wanted'] or 0)} {self.unit}",
        }
        rows = self.estimates.reset_index()
        rows["what"] = rows["term"].map(names)
        share = rows["unit"] == "share"
        rows["estimate"] = rows["estimate"].where(~share, 100 * rows["estimate"])
        rows["unit"] = rows["unit"].where(~share, "%")
        shown = (
            Column("what", "What", "label"),
            Column("estimate", "Value", "estimate"),
            Column("unit", "Unit", "text"),
        )
        curve = (
            Column("effect", f"{self._way.capitalize()}, {self.unit}", "estimate"),
            Column("power", "Chance of finding it", "estimate", "0%"),
        )
        return (
            Table(
                "estimates",
                f"With {self.size} {self.params['called']}",
                shown,
                rows,
                missing="none",
            ),
            Table("points", "The curve", curve, self.points),
        )


@public
def roll_out_power(
    data: pd.DataFrame,
    *,
    unit: str = "unit",
    value: str,
    time: str = "period",
    start: str | None = "started",
    starts: Mapping[str, date | str | None] | None = None,
    until: date | str | None = None,
    network: str | None = None,
    denominator: str | None = None,
    per: float = 1,
    counts: Counts | None = None,
    wanted: float | None = None,
    power: float = 0.8,
    confidence: float = CONFIDENCE,
    simulations: int = 500,
    seed: int = SEED,
    outcome: str | None = None,
    measured_in: str | None = None,
    setting: str = "",
    called: str = "units",
    direction: Literal["lower", "higher", "neutral"] = "neutral",
) -> RollOutPowerResult:
    """How large an effect a planned roll-out could find.

    Parameters
    ----------
    data : DataFrame
        One row a unit and period, as far as there are any. It is not changed.
    unit : str
        Column that names the unit (ward, team, area)
    value : str
        Column with what is measured
    time : str
        Column with the dates of the periods
    start : str, optional
        Column with the day on which the unit of the row is to start; blank for one that will not
    starts : mapping, optional
        The day on which each unit is to start, by its name, instead of that column; null for one
        that will not
    until : date, optional
        A day in the last period that will be evaluated; nothing means half a year after the last
        start
    network : str, optional
        Column that names the unit's network: units are then compared within their network only
    denominator : str, optional
        Column that the value is divided by, such as days_in_period
    per : float
        Units of the denominator that a rate is given for, such as 100000 people
    counts : str, optional
        What the value counts: events (falls, admissions), or an amount (bed days, waits, scores).
        Nothing: as it was counted by `measure`; of other tables whole numbers are taken for events.
    wanted : float, optional
        Size of the effect hoped for, in the unit of the value
    power : float
        Chance with which an effect should be found
    confidence : float
        Confidence level of the intervals that will be used
    simulations : int
        Roll-outs simulated
    seed : int
        Seed of the simulation
    outcome : str, optional
        What is measured, in plain words
    measured_in : str, optional
        Unit of the plotted value, in plain words
    setting : str
        For whom or where, in plain words
    called : str
        What the units are called, in the plural, such as wards
    direction : str
        Which way is better: a rise is looked for if higher is, else a fall

    Returns
    -------
    RollOutPowerResult
        Estimates ``smallest_effect`` and, with `wanted`, ``chance_of_wanted``.

    Raises
    ------
    DataError
        As :func:`roll_out`.
    ParameterError
        If a parameter has no meaning.
    CannotEvaluate
        If these starts could never be tested, or there are too few periods before them.

    Notes
    -----
    What is left of the untreated months after unit and period effects has a standard deviation and
    a lag-one autocorrelation (corrected for its bias in short series, between 0 and .9); AR(1)
    series with these are drawn for the planned calendar. An effect is found where 0 lies outside
    the interval of :func:`roll_out`: the smallest of each series follows from one inversion.
    """
    asked = recorded(roll_out_power, locals())
    require_options(confidence, counts)
    require_one_of("direction", direction, ("lower", "higher", "neutral"))
    for name, given in (("power", power), ("wanted", wanted), ("per", per)):
        if given is not None and (not columns.is_number(given) or given <= 0):
            raise ParameterError(f"`{name}` must be above zero.", found=repr(given))
    if power >= 1:
        raise ParameterError("`power` must lie between 0 and 1.", found=repr(power))
    if not columns.is_number(simulations, whole=True) or simulations < 100:
        raise ParameterError("`simulations` must be 100 or more.", found=repr(simulations))
    so_far = make_units(
        data, unit=unit, value=value, time=time, start=start, starts=starts, network=network,
        denominator=denominator, per=per,
    )  # fmt: skip
    known, of_events = so_far.total[np.isfinite(so_far.total)], declared(data, value, counts)
    refuse_no_counts(known, value, of_events)
    scale = scale_for(so_far.total, counts_events(known, value, of_events))
    scaled = Scaled.of(so_far.total, so_far.denominator, scale)
    sd, rho, level = _varies(so_far, scaled)
    planned = comparable(_planned(so_far, until))
    fitted = fit(planned, Scaled("rate", planned.total, 1.0), confidence)
    treated = treated_cells(fitted.split.grid, planned.starts).astype(float)
    drawn = _draw(planned.total.shape, sd, rho, simulations, seed)
    values = np.concatenate([drawn, treated[:, :, None]], axis=2)
    under = statistics(fitted.split, fitted.assignments, [Question()], values)[:, 0]
    found = [
        invert(under[:, [at, simulations]], confidence)
        for at in progress(range(simulations), "Roll-outs tested")
    ]
    refuse_no_test(found[0], confidence)
    # A rise is found if it is more than the lower end lies below nought, a fall likewise; where
    # chance alone shows it already, any size is.
    ends = np.concatenate([[-one.low for one in found], [one.high for one in found]])
    least = np.sort(np.maximum(ends, 0.0))
    side = 1.0 if direction == "higher" else -1.0
    sizes = np.abs(scaled.difference(side * least, level))
    smallest = float(np.quantile(sizes, power)) if np.isfinite(sizes).mean() > power else np.nan
    rows = [
        estimate_row(
            "smallest_effect", smallest, unit=(words := measured_in or value.replace("_", " ")),
            n=simulations, method="simulation with the permutation test",
        )
    ]  # fmt: skip
    if level > 0:
        rows.append(
            estimate_row(
                "smallest_relative",
                smallest / level,
                unit="share",
                n=simulations,
                method="the same",
            )
        )
    if wanted:
        chance = float((sizes < wanted).mean())
        rows.append(
            estimate_row("chance_of_wanted", chance, unit="share", n=simulations, method="the same")
        )
    top = 1.6 * (smallest if np.isfinite(smallest) else float(np.median(sizes)))
    grid = np.linspace(0, max(top, 1.1 * (wanted or 0)), 41)
    result = RollOutPowerResult(
        params={**asked, "outcome": outcome or value.replace("_", " ").capitalize()},
        points=pd.DataFrame(
            {"effect": grid, "power": [float((sizes <= one).mean()) for one in grid]}
        ),
        estimates=estimates_table(rows),
        every=planned.every,
        unit=words,
        size=len(planned.names),
        cells=int(fitted.used.sum()),
        treated=int(treated.sum()),
        sd=sd,
        rho=rho,
        level=level,
    )
    before = int(
        (so_far.present & (np.arange(len(so_far.calendar)) < so_far.starts[:, None])).sum()
    )
    return result.with_checks(
        [
            About("simulation", "How it was found").informs(
                f"{simulations:,} roll-outs were simulated, each tested against "
                f"{len(fitted.assignments):,} ways to hand out the starts."
            ),
            About("assumption", "What it stands on").informs(
                f"Standard deviation and autocorrelation come from {before:,} "
                f"{periods.noun(planned.every, 2)} before the starts and are taken as known."
            ),
        ]
    )


def _planned(so_far: Units, until: date | str | None) -> Units:
    """The units on the calendar of the plan, with a value in every cell."""
    every, first = so_far.every, so_far.calendar[0]
    days = [day for day in so_far.days if not pd.isna(day)]
    if not days:
        raise CannotEvaluate(
            "No unit is to start.", remedy="Give the planned days as `starts`, or in a column."
        )
    half_a_year = max(1, round(periods.per_year(every) / 2))
    last = periods.shift(max(days), half_a_year, every)
    if until is not None:
        last = columns.moment(until, "until")
    calendar = periods.span(first, max(last, so_far.calendar[-1]), every)
    number_ = periods.number_of(calendar[:1], every)[0]
    starts = [
        len(calendar)
        if pd.isna(day)
        else min(len(calendar), periods.number_of(pd.DatetimeIndex([day]), every)[0] - number_)
        for day in so_far.days
    ]
    shape = (len(so_far.names), len(calendar))
    return Units(
        names=so_far.names,
        network=so_far.network,
        networks=so_far.networks,
        calendar=calendar,
        every=every,
        starts=np.array(starts, dtype=np.int64),
        days=so_far.days,
        total=np.zeros(shape),
        denominator=np.ones(shape),
        left_out={},
    )


def _varies(units: Units, scaled: Scaled) -> tuple[float, float, float]:
    """SD and autocorrelation of what units do not share on the scale, and the mean rate.

    Raises
    ------
    CannotEvaluate
        If there are too few untreated periods, or nothing varies.
    """
    untreated = units.present & (np.arange(len(units.calendar)) < units.starts[:, None])
    if untreated.sum(axis=1).min() < FEWEST_BEFORE:
        raise CannotEvaluate(
            f"There are too few {periods.noun(units.every, 2)} before the starts to tell how much "
            "units vary.",
            found=f"{untreated.sum(axis=1).min()} in one of them; {FEWEST_BEFORE} are needed",
            remedy="Add earlier data.",
        )
    rest = np.where(untreated, scaled.values, np.nan)
    rest = rest[:, untreated.any(axis=0)]
    groups = [np.flatnonzero(units.network == one) for one in np.unique(units.network)]
    for _ in range(200):  # unit and period means in turn: least squares, whatever is missing
        rest = rest - np.nanmean(rest, axis=1, keepdims=True)
        for rows in groups:
            with np.errstate(invalid="ignore"):
                count = np.isfinite(rest[rows]).sum(axis=0)
                rest[rows] -= np.nansum(rest[rows], axis=0) / np.maximum(count, 1)
    present = np.isfinite(rest)
    spent = len(rest) + sum(int(present[rows].any(axis=0).sum()) - 1 for rows in groups)
    df = int(present.sum()) - spent
    squares = float(np.nansum(rest**2))
    if df < 1 or squares <= 0:
        raise CannotEvaluate(
            "What the units do not share does not vary, or cannot be told apart.",
            found=many(int(present.sum()), "value"),
            remedy="More units or periods before the starts are needed.",
        )
    pairs = present[:, 1:] & present[:, :-1]
    length = float(present.sum(axis=1).mean())
    lagged = float((rest[:, 1:] * rest[:, :-1])[pairs].sum()) / squares * length / (length - 1)
    rho = float(np.clip((lagged * length + 1) / max(length - 3, 1), 0.0, 0.9))
    level = float(units.rate[untreated].mean())
    return float(np.sqrt(squares / df)), rho, level


def _draw(shape: tuple[int, int], sd: float, rho: float, simulations: int, seed: int) -> Array:
    """(W, T, s) AR(1) series of these units."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(0, sd, (*shape, simulations))
    for at in range(1, shape[1]):
        drawn[:, at] = rho * drawn[:, at - 1] + np.sqrt(1 - rho**2) * drawn[:, at]
    return np.asarray(drawn)
