"""The same interrupted time series for any number of units at once.

Units that have the same periods share a design; they are fitted together, over units and
autocorrelations at once (:mod:`.methods.ar1`). The numbers are those of the single fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from qieval.analysis.its import checks
from qieval.analysis.its.methods.ar1 import AR1Fit, fit_ar1
from qieval.analysis.its.methods.design import Design, Season, make_design, suffix
from qieval.analysis.its.methods.fit import Inference, t_below, t_quantile
from qieval.analysis.its.methods.integrated import integrate
from qieval.analysis.its.methods.model import INTEGRATED_UNDER
from qieval.analysis.its.methods.names import EDGE
from qieval.analysis.its.methods.series import (
    Array,
    Phases,
    Series,
    make_phases,
    moments,
)
from qieval.core import columns, periods
from qieval.core.config import CONFIDENCE
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.periods import Frequency

PanelMethod = Literal["reml", "integrated"]
COLUMNS = ["estimate", "se", "ci_low", "ci_high", "p_value", "df", "n", "rho", "method", "reason"]
_CHUNK = 20_000
"""Units fitted at a time: bounds the memory, whatever the number of units."""


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
    method: PanelMethod = "reml",
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
    value, time, intervention, transition, lag, slope, denominator, season, confidence
        As in :func:`interrupted_time_series`; the same for every unit
    method : {"reml", "integrated"}
        The default's rule applies to each unit by itself: the integrated interval under 24 points
        or above an autocorrelation of 0.9
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
        If columns are missing or no numbers, or a unit has two rows for a period.
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    Gaussian outcomes. Same engine and, to eight figures, the same numbers as the single function.
    Cost: one matrix product a distinct pattern of periods, then a few vectorised Newton steps.
    """
    if method not in ("reml", "integrated"):
        raise ParameterError(
            "`method` must be `reml` or `integrated` for a panel.", found=repr(method)
        )
    panel = _make_panel(data, unit, value, time, denominator)
    when = moments(intervention)
    found: list[pd.DataFrame] = []
    for group in _groups(panel):
        try:
            shape = _shape(panel, group, when, transition, lag, slope, season, horizon)
        except CannotEvaluate as error:
            found.append(_not_evaluated(panel, group.units, error.problem))
            continue
        for first in range(0, len(group.units), _CHUNK):
            chunk = replace(group, units=group.units[first : first + _CHUNK])
            found += _fit(panel, chunk, shape, method, confidence)
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
    """

    names: pd.Index
    starts: pd.DatetimeIndex
    every: Frequency
    total: Array
    denominator: Array


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
    cell = rows.astype(np.int64) * len(names) + codes
    if len(np.unique(cell)) < len(cell):
        twice = pd.Series(cell).duplicated().to_numpy().argmax()
        raise DataError(
            f"A unit has more than one row for the same {periods.noun(every)}.",
            found=f"{names[codes[twice]]}, {periods.label(calendar[rows[twice]], every)}",
            remedy="Keep one row a unit and period.",
        )
    total = np.full((len(calendar), len(names)), np.nan)
    total.flat[cell] = columns.numbers(data[value], value)
    below = np.ones_like(total)
    if denominator:
        below = np.full_like(total, np.nan)
        below.flat[cell] = columns.numbers(data[denominator], denominator)
        if (below[np.isfinite(total)] <= 0).any():
            raise DataError(f"`{denominator}` must be above zero wherever there is a value.")
    return Panel(pd.Index(names), calendar, every, total, below)


def _groups(panel: Panel) -> list[Group]:
    """Units grouped by the periods for which they have a value."""
    present = np.isfinite(panel.total) & np.isfinite(panel.denominator)
    patterns, which = np.unique(np.packbits(present, axis=0), axis=1, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    edges = np.searchsorted(which.ravel()[order], np.arange(patterns.shape[1] + 1))
    groups = [order[low:high] for low, high in pairwise(edges)]
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


def _shape(
    panel: Panel,
    group: Group,
    when: list[pd.Timestamp],
    transition: int,
    lag: int,
    slope: bool,
    season: Season,
    horizon: int | None,
) -> Shape:
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
    )
    try:
        phases, _ = make_phases(series, when, transition, lag)
    except ParameterError as error:
        raise CannotEvaluate(error.problem, found=error.found) from error
    design = make_design(series, phases, slope=slope, season=season)
    horizons = []
    for which in range(len(when)):
        available = len(range(*phases.after(which).indices(len(starts))))
        if horizon is not None and not 1 <= horizon <= available:
            raise CannotEvaluate(f"`horizon` lies beyond the data: {available} periods after it.")
        horizons.append(available if horizon is None else horizon)
    return Shape(first, last, series, phases, design, horizons)


# ---- fitting -----------------------------------------------------------------------------------


def _fit(
    panel: Panel, group: Group, shape: Shape, method: PanelMethod, confidence: float
) -> list[pd.DataFrame]:
    used = shape.design.used
    window = slice(shape.first, shape.last)
    below = panel.denominator[window][:, group.units]
    y = (panel.total[window][:, group.units] / below)[used]
    flat = np.ptp(y, axis=0) <= 1e-12 * np.maximum(1, np.abs(y).max(axis=0))
    exact = ~flat & _exact(shape.design.x[used], y)
    out = []
    for units, why in [
        (group.units[flat], "Every value is the same."),
        (group.units[exact], "The points lie exactly on straight lines."),
    ]:
        if len(units):
            out.append(_not_evaluated(panel, units, why))
    good = ~(flat | exact)
    if good.any():
        chosen = replace(group, units=group.units[good])
        rest = _estimates(panel, chosen, shape, y[:, good], below[:, good], method, confidence)
        out.append(rest)
    return out


def _exact(x: Array, y: Array) -> np.ndarray:
    basis, _ = np.linalg.qr(x)
    residual = y - basis @ (basis.T @ y)
    return np.abs(residual).max(axis=0) <= 1e-9 * np.maximum(1e-300, np.abs(y).max(axis=0))


def _estimates(
    panel: Panel,
    group: Group,
    shape: Shape,
    y: Array,
    below: Array,
    method: PanelMethod,
    confidence: float,
) -> pd.DataFrame:
    """Every term of every unit: REML where its autocorrelation can be trusted, else integrated."""
    used = shape.design.used
    x, times = shape.design.x[used], shape.series.number[used]
    fit = fit_ar1(times, x, y)
    switch = (fit.rho > EDGE) | (len(times) < INTEGRATED_UNDER) | (method == "integrated")
    mixture = integrate(times, x, y[:, switch]) if switch.any() else None
    beta = fit.beta.copy()
    if mixture is not None:
        beta[switch] = mixture.beta
    terms, counts, values, gradients = _quantities(shape, beta, below)
    rows = {name: np.empty(values.shape) for name in COLUMNS[1:6]}

    def keep(units: np.ndarray, found: Inference) -> None:
        for name, part in zip(
            rows,
            (found.se, found.ci_low, found.ci_high, found.p_value, found.df),
            strict=True,
        ):
            rows[name][units] = part

    by_t = np.flatnonzero(~switch)
    if len(by_t):
        keep(by_t, _by_t(fit, by_t, values[by_t], gradients[by_t], confidence))
    if mixture is not None:
        keep(switch, mixture.infer(values[switch], gradients[switch], confidence))
    if checks.points_a_side(shape.series, shape.phases) < checks.TESTED_FROM:
        rows["p_value"][:] = np.nan
    index = pd.MultiIndex.from_product([panel.names[group.units], terms], names=["unit", "term"])
    m = len(terms)
    return pd.DataFrame(
        {
            "estimate": values.ravel(),
            **{name: part.ravel() for name, part in rows.items()},
            "n": np.tile(counts, len(values)),
            "rho": np.repeat(fit.rho, m),
            "method": np.repeat(np.where(switch, "integrated", "reml"), m),
            "reason": "",
        },
        index=index,
    )


def _quantities(
    shape: Shape, beta: Array, below: Array
) -> tuple[list[str], list[int], Array, Array]:
    """Terms, how many periods each rests on, values (N, m) and gradients (N, m, p)."""
    design, units = shape.design, len(beta)
    shown = [c for c, name in enumerate(design.names) if not name.startswith("season_")]
    terms = [design.names[c] for c in shown]
    counts = [int(design.used.sum())] * len(shown)
    eye = np.eye(beta.shape[1])[shown]
    gradients = [np.broadcast_to(eye, (units, *eye.shape))]
    values = [beta[:, shown]]
    for which, k in enumerate(shape.horizons):
        start = shape.phases.first_after[which]
        inside = np.arange(start, start + k)
        counted = inside[design.used[inside]]
        without = design.without(which)
        last = design.x[inside[-1]] - without[inside[-1]]
        weight = below[counted].T
        total_by = weight @ (design.x[counted] - without[counted])
        expected_by = weight @ without[counted]
        days = weight.sum(axis=1, keepdims=True)
        total = (total_by * beta).sum(1)
        expected = (expected_by * beta).sum(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(expected > 0, total / expected, np.nan)
            share_by = (total_by - share[:, None] * expected_by) / expected[:, None]
        block = [np.broadcast_to(last, total_by.shape), total_by / days, total_by, share_by]
        gradients.append(np.stack(block, axis=1))
        values.append(np.stack([beta @ last, total / days[:, 0], total, share], axis=1))
        stems = ("effect_at_horizon", "average_effect", "cumulative_effect", "relative_effect")
        terms += [stem + suffix(which) for stem in stems]
        counts += [1, *[len(counted)] * 3]
    return terms, counts, np.concatenate(values, axis=1), np.concatenate(gradients, axis=1)


def _by_t(
    fit: AR1Fit, units: np.ndarray, values: Array, gradients: Array, confidence: float
) -> Inference:
    """Student's t with Satterthwaite degrees of freedom."""
    part = fit.of(units)
    se = np.sqrt(np.einsum("nmi,nij,nmj->nm", gradients, part.vcov, gradients, optimize=True))
    df = part.satterthwaite(gradients)
    reach = t_quantile(df, 0.5 + confidence / 2) * se
    p_value = 2 * t_below(df, -np.abs(values) / se)
    return Inference(se, values - reach, values + reach, p_value, df)


def _not_evaluated(panel: Panel, units: np.ndarray, why: str) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [panel.names[units], ["not_evaluated"]], names=["unit", "term"]
    )
    blank = dict.fromkeys(COLUMNS[:6], np.nan)
    return pd.DataFrame({**blank, "n": 0, "rho": np.nan, "method": "", "reason": why}, index=index)
