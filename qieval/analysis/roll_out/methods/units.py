"""From a table, one row a unit and period, to units by periods with each unit's own start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qieval.analysis.roll_out.methods.weights import Array, Starts
from qieval.core import columns, periods
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed, nearest
from qieval.core.words import many

FEWEST_BEFORE = 3
"""Periods with a value before its start without which a unit cannot be compared with its past."""

FEWEST_UNITS = 4
FEWEST_WAYS = 20
"""Units, and ways to hand out the starts, without which no test can be made."""


@dataclass(frozen=True)
class Units:
    """Units by periods.

    Attributes
    ----------
    names : list of str
        The units, in the order of their first rows.
    network : (W,)
        Each unit's network, a number; nought for all where no networks are given.
    networks : list of str
        Their names; empty where none are given.
    calendar : DatetimeIndex
        First days of the periods.
    every : str
        Kind of period.
    starts : (W,)
        Place of each unit's first treated period; the number of periods where there is none.
    days : list of Timestamp or NaT
        The start as it was given; NaT for a unit that never starts.
    total, denominator : (W, T)
        What was counted or measured, and what it is divided by; nan where there is no value.
    left_out : dict of str to str
        Units that cannot be compared, and why.
    of_networks : bool
        Whether the units are whole networks, their wards added up or averaged.
    """

    names: list[str]
    network: Starts
    networks: list[str]
    calendar: pd.DatetimeIndex
    every: str
    starts: Starts
    days: list[Any]
    total: Array
    denominator: Array
    left_out: dict[str, str]
    of_networks: bool = False

    @property
    def present(self) -> np.ndarray:
        """(W, T) bool Cells that have a value."""
        return np.isfinite(self.total) & np.isfinite(self.denominator)

    @property
    def rate(self) -> Array:
        """(W, T) What was counted, a unit of what it is divided by."""
        return self.total / self.denominator

    @property
    def begun(self) -> np.ndarray:
        """(W,) bool Units that start inside the data."""
        return np.asarray(self.starts < len(self.calendar))

    def only(self, rows: np.ndarray, **changed: Any) -> Units:
        """The same with these units alone."""
        kept = {name: getattr(self, name)[rows] for name in ("network", "starts")}
        kept |= {name: getattr(self, name)[rows] for name in ("total", "denominator")}
        places = np.flatnonzero(rows)
        names = [self.names[at] for at in places]
        days = [self.days[at] for at in places]
        return replace(self, names=names, days=days, **{**kept, **changed})


def make_units(
    data: pd.DataFrame,
    *,
    unit: str,
    value: str,
    time: str,
    start: str | None,
    starts: Mapping[str, Any] | None,
    network: str | None,
    denominator: str | None,
    per: float,
) -> Units:
    """The units of a table, checked.

    Raises
    ------
    DataError
        Columns that are not there or hold no numbers or dates; a period twice in a unit; a unit
        with two starts or in two networks; denominators of zero or less.
    ParameterError
        If `starts` names a unit that is not there, or lacks one that is.
    """
    wanted = [unit, time, value, *filter(None, (denominator, network))]
    columns.require(data, [*wanted, *([start] if starts is None and start else [])])
    for name in filter(None, (unit, network)):
        _refuse_names(data[name], name)
    dates = columns.dates(data[time], time)
    every = periods.infer_frequency(pd.Series(pd.unique(dates)))
    code, names = pd.factorize(data[unit].astype(str))
    first = periods.number_of(pd.DatetimeIndex(dates), every)
    place = first - first.min()
    _refuse_repeats(code, place, every)
    total, below = columns.numbers(data[value], value), np.ones(len(data))
    if denominator:
        below = columns.numbers(data[denominator], denominator) / per
        if (wrong := np.isfinite(total) & (below <= 0)).any():
            raise DataError(
                f"`{denominator}` must be above zero wherever there is a value.",
                found=f"zero or less in {columns.rows(wrong)}",
                remedy="If nothing was returned for these rows, leave the value blank.",
            )
    calendar = periods.span(dates.min(), dates.max(), every)
    grid = np.full((2, len(names), len(calendar)), np.nan)
    grid[:, code, place] = total, below
    of_unit = _starts_given(data, code, list(names), start, starts)
    network_code, network_names = _networks(data, code, len(names), network)
    return Units(
        names=list(names),
        network=network_code,
        networks=network_names,
        calendar=calendar,
        every=every,
        starts=_places(of_unit, calendar, every),
        days=of_unit,
        total=grid[0],
        denominator=grid[1],
        left_out={},
    )


def _refuse_names(names: pd.Series, column: str) -> None:
    """Refuse blanks, and one name written in several ways."""
    written = names.astype(str)
    if (blank := (names.isna() | (written.str.strip() == "")).to_numpy()).any():
        raise DataError(f"Column `{column}` has blank cells.", found=columns.rows(blank))
    columns.written_alike(written.unique(), column)


def _refuse_repeats(code: np.ndarray, place: np.ndarray, every: str) -> None:
    twice = pd.DataFrame({"unit": code, "place": place}).duplicated().to_numpy()
    if twice.any():
        raise DataError(
            f"Some units have more than one row for the same {periods.noun(every)}.",
            found=columns.rows(twice),
            remedy="Add the rows up first, or keep one series a unit.",
        )


def _starts_given(
    data: pd.DataFrame,
    code: np.ndarray,
    names: list[str],
    start: str | None,
    starts: Mapping[str, Any] | None,
) -> list[Any]:
    """The day on which each unit started; NaT for one that never did."""
    if starts is not None:
        given = {str(name): day for name, day in starts.items()}
        if unknown := [name for name in given if name not in names]:
            raise ParameterError(
                f"`starts` names units that are not in the table: {listed(unknown, 6)}.",
                remedy=f"Did you mean `{guess}`?"
                if (guess := nearest(unknown[0], names))
                else None,
            )
        if missing := [name for name in names if name not in given]:
            raise ParameterError(
                f"`starts` lacks units of the table: {listed(missing, 6)}.",
                remedy="Give every unit its date; write null for one that has not started.",
            )
        days = [given[name] for name in names]
        return [pd.NaT if one is None else columns.moment(one, "starts") for one in days]
    if start is None:
        raise ParameterError(
            "When did each unit start?",
            found="neither `start` nor `starts`",
            remedy="Name the column with the dates as `start`, or give them as `starts`.",
        )
    known = data[start].notna().to_numpy() & (data[start].astype(str).str.strip() != "").to_numpy()
    if not known.any():
        raise DataError(f"Column `{start}` has no date.", found="blanks in every row")
    day = columns.dates(data.loc[known, start], start)
    by_unit = pd.Series(day.to_numpy()).groupby(code[known])
    several = by_unit.nunique()
    if (several > 1).any():
        wrong = np.isin(code, several[several > 1].index)
        raise DataError(
            f"{many(int((several > 1).sum()), 'unit')} of the table start more than once.",
            found=f"different dates in `{start}`, {columns.rows(wrong)}",
            remedy="Give each unit one date: that of the change that is evaluated.",
        )
    first = by_unit.first()
    return [first.get(at, pd.NaT) for at in range(len(names))]


def _networks(
    data: pd.DataFrame, code: np.ndarray, count: int, network: str | None
) -> tuple[Starts, list[str]]:
    if network is None:
        return np.zeros(count, dtype=np.int64), []
    number, names = pd.factorize(data[network].astype(str))
    pairs = pd.DataFrame({"unit": code, "network": number}).drop_duplicates()
    if pairs["unit"].duplicated().any():
        wrong = np.isin(code, pairs.loc[pairs["unit"].duplicated(), "unit"])
        raise DataError(
            "Some units stand in more than one network.",
            found=f"different names in `{network}`, {columns.rows(wrong)}",
            remedy="Give each unit one network, or two units different names.",
        )
    return pairs.sort_values("unit")["network"].to_numpy(dtype=np.int64), list(names)


def _places(days: list[Any], calendar: pd.DatetimeIndex, every: str) -> Starts:
    """Place of the period in which each start lies; below nought before the data begin."""
    first = periods.number_of(calendar[:1], every)[0]
    places = [
        len(calendar)
        if pd.isna(day)
        else periods.number_of(pd.DatetimeIndex([day]), every)[0] - first
        for day in days
    ]
    return np.minimum(np.array(places, dtype=np.int64), len(calendar))


# ---- who can be compared ------------------------------------------------------------------------


def comparable(units: Units) -> Units:
    """The units that can be compared; whole networks where these started together.

    Raises
    ------
    CannotEvaluate
        If there are too few units, or no period with a treated and an untreated one: what would be
        needed is said.
    """
    units = _with_a_past(units)
    units = _whole_networks(units)
    word, count = "networks" if units.of_networks else "units", len(units.names)
    if count < 2:
        raise CannotEvaluate(
            f"There is {'one unit' if count else 'no unit that can be compared'}: a roll-out "
            "compares units that have started with others that have not yet.",
            found=_left_out_words(units),
            remedy="Evaluate a single unit as an interrupted time series, best with a control.",
        )
    if not units.begun.any():
        raise CannotEvaluate(
            "No unit starts inside the data.",
            found=_reach(units),
            remedy="Check the dates of the starts, or wait for later data.",
        )
    if len(np.unique(units.starts)) < 2:
        raise CannotEvaluate(
            f"All {word} started in the same {periods.noun(units.every)}: nothing tells the change "
            "from whatever else happened to all of them.",
            found=many(count, word.removesuffix("s")),
            remedy="Add the units up and evaluate one series as an interrupted time series; or "
            "add units that start later, or never.",
        )
    if count < FEWEST_UNITS:
        raise CannotEvaluate(
            f"With {count} {word} chance cannot be told from a change.",
            found=_left_out_words(units),
            remedy=f"At least {FEWEST_UNITS} {word} with starts of their own are needed, 8 or more "
            "to find any but large changes. Evaluate each by itself as an interrupted time series.",
        )
    return units


def _with_a_past(units: Units) -> Units:
    """Without the units that have too few values before their start, or none at all."""
    before = units.present & (np.arange(len(units.calendar)) < units.starts[:, None])
    enough = before.sum(axis=1) >= FEWEST_BEFORE
    noun = periods.noun(units.every, 2)
    why = f"fewer than {FEWEST_BEFORE} {noun} with a value before its start"
    left_out = {
        name: why if units.present[at].any() else "no value at all"
        for at, name in enumerate(units.names)
        if not enough[at]
    }
    return units.only(enough, left_out=left_out)


def _whole_networks(units: Units) -> Units:
    """Networks as units, where the wards of each start together and networks do not."""
    if not units.networks:
        return units
    alike = [
        len(np.unique(units.starts[units.network == one])) == 1
        for one in range(len(units.networks))
    ]
    if not all(alike):
        return units
    rows = [np.flatnonzero(units.network == one) for one in range(len(units.networks))]
    rows = [group for group in rows if len(group)]
    summed = []
    for group in rows:
        # Only periods in which every ward of the network has a value: a sum over fewer is no less.
        whole = units.present[group].all(axis=0)
        summed.append(
            [
                np.where(whole, part[group].sum(axis=0), np.nan)
                for part in (units.total, units.denominator)
            ]
        )
    total, denominator = np.array(summed).swapaxes(0, 1)
    return replace(
        units,
        names=[units.networks[units.network[group[0]]] for group in rows],
        network=np.zeros(len(rows), dtype=np.int64),
        networks=[],
        starts=units.starts[[group[0] for group in rows]],
        days=[units.days[group[0]] for group in rows],
        total=total,
        denominator=denominator,
        of_networks=True,
    )


def _left_out_words(units: Units) -> str:
    count = len(units.names)
    words = many(count, "unit that can be compared", "units that can be compared")
    if not units.left_out:
        return words
    why = sorted(set(units.left_out.values()))
    return f"{words}; {len(units.left_out)} left out ({'; '.join(why)})"


def _reach(units: Units) -> str:
    first, last = (periods.label(units.calendar[at], units.every) for at in (0, -1))
    return f"data from {first} to {last}"
