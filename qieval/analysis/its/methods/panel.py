"""The same interrupted time series for any number of units at once.

Units that have the same periods share a design; those that are no counts of events are fitted
together, over units and nodes at once (:mod:`.methods.integrated`). Counts of events, whose weights
differ from unit to unit, go through the single fit one by one. The numbers, and the refusals, are
those of the single fit; a unit that cannot be evaluated has its reason and loses no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from qieval.analysis.its import checks
from qieval.analysis.its.methods import Settings, model, refusals
from qieval.analysis.its.methods.ar1 import AR1Fit, fit_ar1
from qieval.analysis.its.methods.design import Design, Season, make_design, suffix
from qieval.analysis.its.methods.effects import Units
from qieval.analysis.its.methods.families import NO_COUNTS_WORDS, counts_events, no_counts
from qieval.analysis.its.methods.fit import Inference, t_below, t_quantile
from qieval.analysis.its.methods.integrated import integrate
from qieval.analysis.its.methods.model import Specification
from qieval.analysis.its.methods.options import horizons_of, require_options
from qieval.analysis.its.methods.series import (
    Array,
    Phases,
    Series,
    make_phases,
    moments,
)
from qieval.core import columns, overlap, periods
from qieval.core.config import CONFIDENCE
from qieval.core.counts import Counts, declared
from qieval.core.desk import progress
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, require_one_of
from qieval.core.signatures import public

PanelMethod = Literal["integrated", "reml"]
PanelFamily = Literal["auto", "gaussian", "events"]
COLUMNS = ["estimate", "se", "ci_low", "ci_high", "p_value", "df", "n", "rho", "method", "reason"]
_CHUNK = 256
"""Units fitted at a time: bounds the memory, and keeps what is worked on near the processor."""


@dataclass(frozen=True)
class Choices:
    """What was asked for, the same for every unit."""

    when: list[pd.Timestamp]
    transition: int
    lag: int
    slope: bool
    season: Season
    counts: Counts | None
    family: PanelFamily
    method: PanelMethod
    overlapping: bool | None
    horizon: int | None
    confidence: float


@public
def interrupted_time_series_panel(
    data: pd.DataFrame,
    *,
    unit: str,
    value: str,
    time: str = "period",
    intervention: date | str | Sequence[date | str],
    transition: int = 0,
    lag: int = 0,
    slope: bool = True,
    denominator: str | None = None,
    season: Season = "auto",
    counts: Counts | None = None,
    family: PanelFamily = "auto",
    method: PanelMethod = "integrated",
    overlapping: bool | None = None,
    horizon: int | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Fit the default interrupted time series to every unit.

    Parameters
    ----------
    data : DataFrame
        One row a unit and period. It is not changed.
    unit : str
        Column that names the unit (ward, team, area)
    value, time, intervention, transition, lag, slope, denominator, season, counts
        As in :func:`interrupted_time_series`; the same for every unit
    overlapping, confidence
        As in :func:`interrupted_time_series`; the same for every unit
    family : {"auto", "gaussian", "events"}
        Distribution of the value; auto decides for each unit as the single function does
    method : {"integrated", "reml"}
        The default, or REML with Satterthwaite degrees of freedom
    horizon : int, optional
        Period after the change up to which effects are taken; nothing means each unit's last

    Returns
    -------
    DataFrame
        Index ``unit, term``; columns ``estimate, se, ci_low, ci_high, p_value, df, n, rho, method,
        reason``. The effect at the horizon is the term ``effect_at_horizon``. A unit that cannot be
        evaluated has one row, term ``not_evaluated``, with its reason.

    Raises
    ------
    DataError
        If columns are missing or hold no numbers or dates.
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    Same engine and, to eight figures, the same numbers as the single function. Cost: a few matrix
    products a distinct pattern of periods; counts of events take some milliseconds each.
    """
    if method not in ("reml", "integrated"):
        raise ParameterError(
            "`method` must be `reml` or `integrated` for a panel.", found=repr(method)
        )
    require_one_of("family", family, ("auto", "gaussian", "events"))
    require_options(confidence, counts, transition, lag)
    if len(horizons_of(horizon)) > 1:
        raise ParameterError("`horizon` must be one number for a panel.", found=repr(horizon))
    choices = Choices(
        moments(intervention),
        transition,
        lag,
        slope,
        season,
        declared(data, value, counts),
        family,
        method,
        overlapping,
        horizon,
        confidence,
    )
    panel = _make_panel(data, unit, value, time, denominator)
    found = [_not_evaluated(panel, np.array([at]), why) for at, why in panel.unusable.items()]
    for group in _groups(panel):
        try:
            shape = _shape(panel, group, choices)
        except CannotEvaluate as error:
            found.append(_not_evaluated(panel, group.units, error.problem))
            continue
        for first in progress(range(0, len(group.units), _CHUNK), "Units evaluated"):
            chunk = replace(group, units=group.units[first : first + _CHUNK])
            found += _fit(panel, chunk, shape, choices)
    table = pd.concat(found)
    order = {name: place for place, name in enumerate(panel.names)}
    units = table.index.get_level_values(0).map(order)
    return table.iloc[np.argsort(units, kind="stable")]


# ---- from table to matrices --------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """All units on one calendar.

    Attributes
    ----------
    names : Index
        Units, in the order of their first rows.
    starts : DatetimeIndex
        Every period from the first to the last of any unit.
    total, denominator : (T, N)
        NaN where a unit has no row; denominators of one where there is none.
    value : str
        Name of the value's column.
    unusable : dict
        Places of units whose own rows cannot be used, with the reason.
    """

    names: pd.Index
    starts: pd.DatetimeIndex
    every: str
    total: Array
    denominator: Array
    value: str
    unusable: dict[int, str]


@dataclass(frozen=True)
class Group:
    """Units with values in the same periods.

    Attributes
    ----------
    units : (k,)
        Their places in the panel.
    present : (T,)
        The periods.
    """

    units: np.ndarray
    present: np.ndarray


def _make_panel(
    data: pd.DataFrame, unit: str, value: str, time: str, denominator: str | None
) -> Panel:
    wanted = [unit, time, value, *([denominator] if denominator else [])]
    columns.require(data, wanted)
    if data[unit].isna().any():
        raise DataError(f"Column `{unit}` has blank cells.", remedy="Name the unit of every row.")
    dates = columns.dates(data[time], time)
    codes, names = pd.factorize(data[unit])
    every = periods.infer_frequency(pd.Series(pd.unique(dates)))
    unique, place = np.unique(dates.to_numpy(), return_inverse=True)
    starts = periods.start_of(pd.DatetimeIndex(unique), every)
    calendar = periods.span(starts.min(), starts.max(), every)
    rows = np.searchsorted(calendar, starts)[place]
    unusable: dict[int, str] = {}

    def refuse(wrong: np.ndarray, why: str) -> None:
        for code in np.unique(codes[wrong]):
            unusable.setdefault(int(code), why)

    below_one = np.ones(len(data))
    if denominator:
        below_one = _finite(data[denominator], denominator, refuse)
    values = _finite(data[value], value, refuse)
    cell = rows.astype(np.int64) * len(names) + codes
    twice = pd.Series(cell).duplicated().to_numpy()
    refuse(twice, f"It has more than one row for the same {periods.noun(every)}.")
    refuse(np.isfinite(values) & (below_one <= 0), f"`{denominator}` is not above zero.")
    total = np.full((len(calendar), len(names)), np.nan)
    below = np.full_like(total, np.nan) if denominator else np.ones_like(total)
    total.flat[cell] = values
    below.flat[cell] = below_one
    return Panel(pd.Index(names), calendar, every, total, below, value, unusable)


def _finite(column: pd.Series, name: str, refuse: Callable[[np.ndarray, str], None]) -> Array:
    """The numbers of a column; a unit with an infinite one is refused, not the table."""
    if not pd.api.types.is_numeric_dtype(column):
        return columns.numbers(column, name)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    infinite, extreme = np.isinf(values), columns.extreme(values)
    refuse(infinite, f"Column `{name}` holds infinite values.")
    refuse(extreme, f"Column `{name}` {columns.EXTREME_WORDS}.")
    return columns.numbers(column.mask(infinite | extreme), name)


def _groups(panel: Panel) -> list[Group]:
    """Units grouped by the periods for which they have a value."""
    usable = np.setdiff1d(np.arange(len(panel.names)), list(panel.unusable))
    present = np.isfinite(panel.total) & np.isfinite(panel.denominator)
    patterns, which = np.unique(
        np.packbits(present[:, usable], axis=0), axis=1, return_inverse=True
    )
    order = np.argsort(which.ravel(), kind="stable")
    edges = np.searchsorted(which.ravel()[order], np.arange(patterns.shape[1] + 1))
    groups = [usable[order[low:high]] for low, high in pairwise(edges)]
    return [Group(units, present[:, units[0]]) for units in groups]


@dataclass(frozen=True)
class Shape:
    """What units of a group share: their calendar, phases and design."""

    first: int
    last: int
    series: Series
    phases: Phases
    design: Design
    horizons: list[int]


def _shape(panel: Panel, group: Group, choices: Choices) -> Shape:
    """Phases and design of a group; a reason if its periods cannot carry them."""
    at = np.flatnonzero(group.present)
    if len(at) < 2:
        raise CannotEvaluate("There are fewer than two periods with data.")
    first, last = int(at[0]), int(at[-1]) + 1
    starts = panel.starts[first:last]
    filler = np.where(group.present[first:last], 1.0, np.nan)
    series = Series(
        starts,
        panel.every,
        periods.number_of(starts, panel.every).astype(float),
        filler,
        np.ones(len(starts)),
        pd.DataFrame(index=starts),
        panel.value,
    )
    try:
        phases, _ = make_phases(series, choices.when, choices.transition, choices.lag)
    except ParameterError as error:
        raise CannotEvaluate(error.problem, found=error.found) from error
    design = make_design(
        series,
        phases,
        slope=choices.slope,
        season=choices.season,
        shrunk=choices.method == "integrated",
    )
    horizons, horizon = [], choices.horizon
    for which in range(len(choices.when)):
        available = len(range(*phases.after(which).indices(len(starts))))
        if horizon is not None and not 1 <= horizon <= available:
            raise CannotEvaluate(f"`horizon` lies beyond the data: {available} periods after it.")
        horizons.append(available if horizon is None else horizon)
    return Shape(first, last, series, phases, design, horizons)


# ---- fitting -----------------------------------------------------------------------------------


def _fit(panel: Panel, group: Group, shape: Shape, choices: Choices) -> list[pd.DataFrame]:
    """The tables of a group's units: refused, counted one by one, or fitted together."""
    window = slice(shape.first, shape.last)
    used = shape.design.used
    total, below = (part[window][:, group.units] for part in (panel.total, panel.denominator))
    y = total / below
    found, left = [], np.ones(len(group.units), dtype=bool)

    def refuse(wrong: np.ndarray, why: str) -> None:
        if (wrong & left).any():
            found.append(_not_evaluated(panel, group.units[wrong & left], why))
        left[wrong] = False

    if choices.overlapping:
        refuse(left, refusals.OVERLAPPING_WORDS)
    if choices.overlapping is None:
        running = overlap.is_running_total(total[group.present[window]])
        refuse(running, refusals.RUNNING_WORDS)
    refuse(refusals.is_flat(y[used]), refusals.FLAT_WORDS)
    if choices.counts == "events":
        refuse(np.any(no_counts(total[used]), axis=0), NO_COUNTS_WORDS)
    events = np.array([_is_events(column, panel.value, choices) for column in total[used].T])
    for at in np.flatnonzero(left & events):
        unit = replace(group, units=group.units[[at]])
        try:
            found.append(_alone(panel, unit, shape, total[:, at], below[:, at], choices))
        except (CannotEvaluate, DataError) as error:
            found.append(_not_evaluated(panel, unit.units, error.problem))
    together = ~events
    x = shape.design.x[used]
    lines = x if x.shape[0] > x.shape[1] else x[:, ~shape.design.seasonal]
    refuse(together & refusals.is_exact(lines, y[used]), refusals.EXACT_WORDS)
    if choices.overlapping is None:
        rolling = refusals.rolling_totals(y, shape.design, panel.every)
        for length in periods.rolling_lengths(panel.every):
            words = refusals.rolling_words(length, periods.noun(panel.every, 2))
            sure = (rolling.ratio > overlap.SURE) & (rolling.length == length)
            refuse(together & sure, f"{words}.")
    good = left & together
    if good.any():
        chosen = replace(group, units=group.units[good])
        found.append(_estimates(panel, chosen, shape, y[used][:, good], below[:, good], choices))
    return found


def _is_events(counts: Array, name: str, choices: Choices) -> bool:
    if choices.family != "auto":
        return choices.family == "events"
    return choices.method == "integrated" and counts_events(counts, name, choices.counts)


def _alone(
    panel: Panel, group: Group, shape: Shape, total: Array, below: Array, choices: Choices
) -> pd.DataFrame:
    """One unit through the single fit: counts of events."""
    series = replace(shape.series, total=total, denominator=below)
    wanted = Specification("integrated", Settings(), choices.slope, choices.season, "events")
    fitted = model.fit(series, shape.phases, wanted)
    checks.overlap_suspected(series, fitted.design, choices.overlapping)
    horizons = None if choices.horizon is None else [choices.horizon]
    rows = fitted.quantities(series, shape.phases, horizons, Units(panel.value, panel.value))
    table = model.estimates_table(rows, fitted.fit, choices.confidence)
    if checks.points_a_side(series, shape.phases) < checks.TESTED_FROM:
        table["p_value"] = np.nan
    at_horizon = {
        f"effect_at_{k}{suffix(which)}": f"effect_at_horizon{suffix(which)}"
        for which, k in enumerate(shape.horizons)
    }
    terms = [at_horizon.get(str(term), str(term)) for term in table.index]
    index = pd.MultiIndex.from_product([panel.names[group.units], terms], names=["unit", "term"])
    rho = np.nan if fitted.fit.rho is None else fitted.fit.rho
    kept = table[COLUMNS[:7]].set_axis(index)
    return kept.assign(rho=rho, method="events", reason="")


def _estimates(
    panel: Panel, group: Group, shape: Shape, y: Array, below: Array, choices: Choices
) -> pd.DataFrame:
    """Every term of every unit of a group that is no count of events."""
    used = shape.design.used
    x, times = shape.design.x[used], shape.series.number[used]
    if choices.method == "integrated":
        mixture = integrate(times, x, y, shape.design.seasonal)
        quantities = _quantities(shape, x, mixture.beta, below)
        known = mixture.infer(quantities.values, quantities.gradients, choices.confidence)
        rho = mixture.rho
    else:
        fit = fit_ar1(times, x, y)
        quantities = _quantities(shape, x, fit.beta, below)
        known = _by_t(fit, quantities.values, quantities.gradients, choices.confidence)
        rho = fit.rho
    low, high = quantities.shown(known.ci_low), quantities.shown(known.ci_high)
    shares = quantities.shares
    unknown = shares & ~(np.isfinite(low) & np.isfinite(high))
    rows = {
        "estimate": quantities.shown(quantities.values),
        "se": known.se * quantities.rate,
        "ci_low": low,
        "ci_high": high,
        "p_value": known.p_value,
        "df": known.df,
    }
    if checks.points_a_side(shape.series, shape.phases) < checks.TESTED_FROM:
        rows["p_value"] = np.full_like(low, np.nan)
    rows = {name: np.where(unknown, np.nan, part) for name, part in rows.items()}
    units, m = low.shape
    index = pd.MultiIndex.from_product(
        [panel.names[group.units], quantities.terms], names=["unit", "term"]
    )
    return pd.DataFrame(
        {
            **{name: part.ravel() for name, part in rows.items()},
            "n": np.tile(quantities.counts, units),
            "rho": np.repeat(rho, m),
            "method": choices.method,
            "reason": "",
        },
        index=index,
    )


@dataclass(frozen=True)
class Quantities:
    """What is estimated of N units: m terms, values (N, m) and gradients (N, m, p).

    ``shares`` marks the relative effects, inferred as total effects; ``seen`` (N, m) is the level
    seen that such an effect is read against (:mod:`.effects`).
    """

    terms: list[str]
    counts: list[int]
    values: Array
    gradients: Array
    shares: np.ndarray
    seen: Array

    def shown(self, values: Array) -> Array:
        """Numbers on the scale on which they are read; infinite where a share has no meaning."""
        expected = self.seen - values
        possible = self.shares & (self.seen > 0) & (expected > 0)
        none = np.where(self.shares, np.inf, values)
        return np.divide(values, expected, out=none, where=possible)

    @property
    def rate(self) -> Array:
        """Derivative of that scale."""
        expected = np.where(self.shares, self.seen - self.values, 1.0)
        with np.errstate(divide="ignore"):
            return np.where(self.shares, self.seen / expected**2, 1.0)


def _quantities(shape: Shape, x: Array, beta: Array, below: Array) -> Quantities:
    """Terms, how many periods each rests on, values and gradients."""
    design, units = shape.design, len(beta)
    shown = [c for c, name in enumerate(design.names) if not name.startswith("season_")]
    terms = [design.names[c] for c in shown]
    counts = [int(design.used.sum())] * len(shown)
    eye = np.eye(beta.shape[1])[shown]
    gradients = [np.broadcast_to(eye, (units, *eye.shape))]
    values = [beta[:, shown]]
    shares = [False] * len(shown)
    seen = [np.zeros((units, len(shown)))]
    for which, k in enumerate(shape.horizons):
        start = shape.phases.first_after[which]
        inside = np.arange(start, start + k)
        counted = inside[design.used[inside]]
        without = design.without(which)
        last = design.x[inside[-1]] - without[inside[-1]]
        weight = below[counted].T
        total_by = weight @ (design.x[counted] - without[counted])
        days = weight.sum(axis=1, keepdims=True)
        total = (total_by * beta).sum(1)
        fitted = ((weight @ design.x[counted]) * beta).sum(1)
        block = [np.broadcast_to(last, total_by.shape), total_by / days, total_by, total_by]
        gradients.append(np.stack(block, axis=1))
        values.append(np.stack([beta @ last, total / days[:, 0], total, total], axis=1))
        seen.append(np.column_stack([np.zeros((units, 3)), fitted]))
        stems = ("effect_at_horizon", "average_effect", "cumulative_effect", "relative_effect")
        terms += [stem + suffix(which) for stem in stems]
        counts += [1, *[len(counted)] * 3]
        shares += [False, False, False, True]
    return Quantities(
        terms,
        counts,
        np.concatenate(values, axis=1),
        np.concatenate(gradients, axis=1),
        np.array(shares),
        np.concatenate(seen, axis=1),
    )


def _by_t(fit: AR1Fit, values: Array, gradients: Array, confidence: float) -> Inference:
    """Student's t with Satterthwaite degrees of freedom."""
    se = np.sqrt(np.einsum("nmi,nij,nmj->nm", gradients, fit.vcov, gradients, optimize=True))
    df = fit.satterthwaite(gradients)
    reach = t_quantile(df, 0.5 + confidence / 2) * se
    p_value = 2 * t_below(df, -np.abs(values) / se)
    return Inference(se, values - reach, values + reach, p_value, df)


def _not_evaluated(panel: Panel, units: np.ndarray, why: str) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [panel.names[units], ["not_evaluated"]], names=["unit", "term"]
    )
    blank = dict.fromkeys(COLUMNS[:6], np.nan)
    return pd.DataFrame({**blank, "n": 0, "rho": np.nan, "method": "", "reason": why}, index=index)
