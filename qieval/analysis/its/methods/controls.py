"""Controls: series that share what else happened but not the intervention.

The headline of a controlled series is the difference from the control, fitted by the same engine.
Beside it stand the ratio, the stacked model and, with several controls, a synthetic one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import optimize

from qieval.analysis.its.methods import METHODS, Model, Settings
from qieval.analysis.its.methods.design import make_design
from qieval.analysis.its.methods.effects import Units
from qieval.analysis.its.methods.model import Specification, estimates_table, fit
from qieval.analysis.its.methods.refusals import ROUNDING
from qieval.analysis.its.methods.series import Array, Phases, Series
from qieval.core import periods
from qieval.core.checks import Check
from qieval.core.errors import CannotEvaluate, listed
from qieval.core.result import rows_of

TERMS = ("level_change", "average_effect")
COLUMNS = ["comparison", "term", "estimate", "ci_low", "ci_high", "unit", "left_out"]

_APART = 100_000.0
"""Calendar distance put between stacked groups: no correlation reaches over it."""


@dataclass(frozen=True)
class Controlled:
    """A series and its controls on the same calendar.

    Attributes
    ----------
    own : Series
        The series of interest, by itself.
    controls : (n, k)
        The controls, a unit of the same denominator.
    names : list of str
        Their names.
    """

    own: Series
    controls: Array
    names: list[str]

    @property
    def control(self) -> Array:
        """The plain mean of the controls."""
        return self.controls.mean(axis=1)

    def difference(self) -> Series:
        """The series less its control."""
        d = self.own.denominator
        return replace(self.own, total=(self.own.y - self.control) * d)

    def log_ratio(self) -> Series:
        """Logarithm of the series over its control.

        Raises
        ------
        CannotEvaluate
            If a value of either is zero or less: it has no logarithm, and without it only the
            periods with higher values would be left.
        """
        known = np.isfinite(self.own.y) & np.isfinite(self.control)
        none = known & ((self.own.y <= 0) | (self.control <= 0))
        if none.any():
            raise CannotEvaluate(
                f"A ratio needs values above zero, and {int(none.sum())} of {int(known.sum())} "
                "periods have none: left out, only the higher ones would remain.",
                found=f"zero or less in {self.own.name_of(none)}",
            )
        ratio = np.log(self.own.y / self.control)
        return replace(self.own, total=ratio * self.own.denominator)

    def refuse_identical(self) -> None:
        """Refuse a control that is the series itself.

        Raises
        ------
        CannotEvaluate
            If they differ by the same in every period.
        """
        gap = (self.own.y - self.control)[np.isfinite(self.own.y) & np.isfinite(self.control)]
        largest = float(np.nanmax(np.abs(self.own.y), initial=0.0))
        if len(gap) and np.ptp(gap) <= ROUNDING * largest:
            same = np.abs(gap).max() <= ROUNDING * largest
            raise CannotEvaluate(
                "The control is the same as the series: their difference is zero in every period."
                if same
                else "The control is the same as the series but for a constant: their difference "
                f"is {gap[0]:g} in every period.",
                found=f"{listed(self.names)}",
                remedy="Give the series of a place that did not have the change.",
            )


def comparisons(
    pair: Controlled,
    phases: Phases,
    specification: Specification,
    horizons: list[int] | None,
    units: Units,
    confidence: float,
) -> pd.DataFrame:
    """Level change and average effect by every way of using the controls, and without them.

    Returns
    -------
    DataFrame
        ``comparison, term, estimate, ci_low, ci_high, unit, left_out``. The ratio's estimates are
        logarithms of ratios: exp(-0.1) is 10 % lower.
    """
    ratio = Units("logarithm of a ratio", "logarithm of a ratio", has_ratio=False)
    ways: dict[str, tuple[Callable[[], Series], Units]] = {
        "without a control": (lambda: pair.own, units),
        "difference from the control": (pair.difference, units),
        "ratio to the control (logarithm)": (pair.log_ratio, ratio),
    }
    rows: list[dict[str, object]] = []
    for name, (make, unit) in ways.items():
        try:
            found = _estimates(make(), phases, specification, horizons, unit, confidence)
        except CannotEvaluate as error:
            rows += [{"comparison": name, "term": t, "left_out": error.problem} for t in TERMS]
            continue
        rows += [{"comparison": name, **row} for row in found]
    rows += _stacked(pair, phases, specification, units, confidence)
    if pair.controls.shape[1] > 1:
        rows += _synthetic_rows(pair, phases, specification, horizons, units, confidence)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(
        left_out=table["left_out"].astype(object).where(table["left_out"].notna(), "")
    )


def _estimates(
    series: Series,
    phases: Phases,
    specification: Specification,
    horizons: list[int] | None,
    units: Units,
    confidence: float,
) -> list[dict[str, object]]:
    fitted = fit(series, phases, specification)
    rows = [q for q in fitted.quantities(series, phases, horizons, units) if q.term in TERMS]
    table = estimates_table(rows, fitted.fit, confidence)
    return [
        {
            "term": row.term,
            "estimate": row.estimate,
            "ci_low": row.ci_low,
            "ci_high": row.ci_high,
            "unit": row.unit,
        }
        for row in rows_of(table.reset_index())
    ]


def _stacked(
    pair: Controlled,
    phases: Phases,
    specification: Specification,
    units: Units,
    confidence: float,
) -> list[dict[str, object]]:
    """Both series in one model, each with its own lines; the change is the interaction.

    One autocorrelation and one variance for both. Only the level change is read from it.
    """
    design = make_design(
        pair.own,
        phases,
        slope=specification.slope,
        season=specification.season,
        shrunk=specification.shrinks,
    )
    control = replace(pair.own, total=pair.control * pair.own.denominator)
    used = design.used & np.isfinite(control.y)
    x, seasonal = design.x[used], design.seasonal
    times = pair.own.number[used]
    stacked_x = np.block([[x, x], [x, np.zeros_like(x)]])
    model = Model(
        np.concatenate([times, times + _APART]),
        stacked_x,
        np.concatenate([pair.own.y[used], control.y[used]]),
        np.ones(2 * len(times)),
        np.concatenate([seasonal, seasonal]) if specification.shrinks else None,
    )
    # An ARIMA state space would have to step through the distance between the groups.
    method = "integrated" if specification.method == "arima" else specification.method
    found = METHODS[method](model, specification.settings)
    column = x.shape[1] + design.names.index("level_change")
    gradient = np.eye(stacked_x.shape[1])[[column]]
    estimate = gradient @ found.beta
    known = found.infer(estimate, gradient, confidence)
    return [
        {
            "comparison": "stacked model (group by time)",
            "term": "level_change",
            "estimate": float(estimate[0]),
            "ci_low": float(known.ci_low[0]),
            "ci_high": float(known.ci_high[0]),
            "unit": units.value,
        }
    ]


def trends_agree(pair: Controlled, phases: Phases, confidence: float) -> Check:
    """Did series and control run in parallel before the intervention?

    The slope of their difference before the intervention, by the default method.
    """
    name = "The control beforehand"
    stop = phases.first_after[0] - phases.transition - phases.lag
    difference = pair.difference()
    used = difference.present[:stop]
    times = difference.number[:stop][used]
    y = difference.y[:stop][used]
    if len(y) < 5:
        why = "Too few points before the intervention to compare the two trends."
        return Check("control_trend", name, "warn", why)
    x = np.column_stack([np.ones_like(times), times - times[0]])
    model = Model(times, x, y, np.ones_like(y))
    found = METHODS["integrated"](model, Settings())
    gradient = np.array([[0.0, 1.0]])
    slope = gradient @ found.beta
    known = found.infer(slope, gradient, confidence)
    low, high = float(known.ci_low[0]), float(known.ci_high[0])
    word = periods.noun(difference.every)
    difference_words = (
        f"their difference changed by {slope[0]:.3g} per {word} ({low:.3g} to {high:.3g})"
    )
    if low > 0 or high < 0:
        return Check(
            "control_trend",
            name,
            "warn",
            f"It did not: before the intervention {difference_words}.",
        )
    return Check(
        "control_trend",
        name,
        "pass",
        f"No difference in trend was found: before the intervention {difference_words}. That both "
        "ran in parallel is not thereby shown if the interval is wide.",
    )


# ---- synthetic control -------------------------------------------------------------------------


def synthetic_weights(target: Array, donors: Array) -> Array:
    """Convex weights (k,) of the donors (n × k) that come nearest to `target` (n,).

    Abadie, Diamond and Hainmueller 2010, J Am Stat Assoc 105:493, without covariates: non-negative
    weights that sum to one, least squares before the intervention.
    """
    scale = float(np.abs(donors).max()) or 1.0
    heavy = 1e4 * scale * np.sqrt(len(target))  # a row that holds the sum at one
    rows = np.vstack([donors, np.full(donors.shape[1], heavy)])
    weights, _ = optimize.nnls(rows, np.append(target, heavy))
    return weights / weights.sum()


def synthetic_control(
    values: Array, donors: Array, before: np.ndarray, after: np.ndarray
) -> tuple[Array, float, Array]:
    """A synthetic control and its placebo distribution.

    Returns
    -------
    weights : (k,)
    effect : float
        Mean difference from the synthetic control after, less that before.
    placebo : (k,)
        The same for each donor, made from the other donors.
    """

    def effect(target: Array, others: Array) -> tuple[Array, float]:
        weights = synthetic_weights(target[before], others[before])
        gap = target - others @ weights
        return weights, float(gap[after].mean() - gap[before].mean())

    weights, found = effect(values, donors)
    k = donors.shape[1]
    placebo = (
        [effect(donors[:, j], np.delete(donors, j, axis=1))[1] for j in range(k)] if k > 1 else []
    )
    return weights, found, np.array(placebo)


def _synthetic_rows(
    pair: Controlled,
    phases: Phases,
    specification: Specification,
    horizons: list[int] | None,
    units: Units,
    confidence: float,
) -> list[dict[str, object]]:
    """The difference from the synthetic control, fitted like the others, and its placebo rank."""
    usable = pair.own.present & np.isfinite(pair.controls).all(axis=1) & ~phases.washed_out
    index = np.arange(len(usable))
    start = phases.first_after[0]
    before, after = usable & (index < start), usable & (index >= start)
    weights, found, placebo = synthetic_control(pair.own.y, pair.controls, before, after)
    made = pair.controls @ weights
    series = replace(pair.own, total=(pair.own.y - made) * pair.own.denominator)
    try:
        rows = _estimates(series, phases, specification, horizons, units, confidence)
    except CannotEvaluate as error:
        return [
            {"comparison": "synthetic control", "term": t, "left_out": error.problem} for t in TERMS
        ]
    shares = ", ".join(
        f"{100 * w:.0f}% {n}" for n, w in zip(pair.names, weights, strict=True) if w >= 0.005
    )
    name = f"synthetic control ({shares})"
    rank = 1 + int((np.abs(placebo) >= abs(found)).sum())
    last = {
        "comparison": f"{name}: rank {rank} of {len(placebo) + 1} among placebos",
        "term": "average_effect",
        "estimate": found,
        "unit": units.value,
        "left_out": "rank 1 of few placebos is weak evidence",
    }
    return [*({"comparison": name, **row} for row in rows), last]
