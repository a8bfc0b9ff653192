"""The model in columns: trend, level and slope change, season, covariates.

``value = intercept + trend·t + level_change·post + slope_change·ramp + season + covariates``, with
the ramp at 0 in the first period after the intervention, so that the level change is read there
(Xiao, Augusto and Wagenaar 2021, Int J Epidemiol 50:1011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.its.methods.series import Array, Phases, Series
from qieval.core import periods
from qieval.core.errors import CannotEvaluate, ParameterError, listed

Season = Literal["auto"] | int | None


@dataclass(frozen=True)
class Design:
    """Columns of the model for every calendar period of a series.

    Attributes
    ----------
    names : list of str
        Names of the columns, those of the contract first.
    x : (n, p)
        The columns; rows of periods without data included.
    used : (n,) bool
        Rows that enter the fit.
    pairs : int
        Harmonic pairs of the season.
    """

    names: list[str]
    x: Array
    used: NDArray[np.bool_]
    pairs: int

    @property
    def seasonal(self) -> NDArray[np.bool_]:
        """Which columns are the season's."""
        return np.array([name.startswith("season_") for name in self.names], dtype=bool)

    def without(self, which: int = 0) -> Array:
        """The columns without intervention `which` and all later ones: the counterfactual."""
        x0 = self.x.copy()
        for column, name in enumerate(self.names):
            if _order(name) is not None and _order(name) >= which:  # type: ignore[operator]
                x0[:, column] = 0
        return x0


def suffix(which: int) -> str:
    """Nothing for the first intervention, "_2", "_3" for later ones."""
    return f"_{which + 1}" if which else ""


def _order(name: str) -> int | None:
    """Which intervention a column belongs to, or None."""
    for stem in ("level_change", "slope_change"):
        if name == stem:
            return 0
        if name.startswith(stem + "_"):
            return int(name.rsplit("_", 1)[1]) - 1
    return None


def harmonic_pairs(season: Season, series: Series, phases: Phases) -> int:
    """How many harmonic pairs: as told, or by the rule for "auto".

    "auto": one pair from 18 points over a year and a half, two from 36 over three years; none under
    that, where a yearly wave cannot be told from a change.
    """
    per_year = periods.per_year(series.every)
    most = round(per_year) // 2
    if season is None or per_year < 2:
        return 0
    if season == "auto":
        points = int((series.present & ~phases.washed_out).sum())
        return min(most, sum(points >= max(18 * k, 1.5 * k * per_year) for k in (1, 2)))
    if isinstance(season, bool) or not isinstance(season, int) or not 0 <= season <= most:
        raise ParameterError(
            "`season` must be auto, nothing, or a number of harmonic pairs.",
            found=repr(season),
            remedy=f"With this kind of period at most {most} pairs can be told apart.",
        )
    return season


def make_design(
    series: Series,
    phases: Phases,
    *,
    slope: bool,
    season: Season,
    steps: Sequence[int] = (),
    shrunk: bool = False,
) -> Design:
    """The design of a series; refuses columns that cannot be told apart.

    `steps` are the places of other events that are given a lasting step of their own; a season that
    is `shrunk` is no coefficient that the data must tell from others.

    Raises
    ------
    CannotEvaluate
        If there are too few points for the columns, or columns that the data cannot tell apart.
    """
    index = np.arange(len(series.starts), dtype=float)
    columns: dict[str, Array] = {"intercept": np.ones_like(index), "trend": index}
    for which, (start, end) in enumerate(zip(phases.first_after, phases.ended, strict=True)):
        in_force = (index >= start) & (index < (len(index) if end is None else end))
        columns["level_change" + suffix(which)] = in_force.astype(float)
        if slope:
            columns["slope_change" + suffix(which)] = np.where(in_force, index - start, 0)
    pairs = harmonic_pairs(season, series, phases)
    columns |= season_columns(series.starts, series.every, pairs)
    for step in steps:
        columns[f"step_{step}"] = (index >= step).astype(float)
    for name in series.covariates:
        columns[str(name)] = series.covariates[name].to_numpy(dtype=float)
    used = series.present & ~phases.washed_out
    x = np.column_stack(list(columns.values()))
    design = Design(list(columns), x, used, pairs)
    told_apart = ~design.seasonal if shrunk else np.ones(len(columns), dtype=bool)
    names = [name for name, counts in zip(columns, told_apart, strict=True) if counts]
    _refuse_singular(names, x[np.ix_(used, told_apart)])
    return design


def season_columns(starts: pd.DatetimeIndex, every: str, pairs: int) -> dict[str, Array]:
    """Sine and cosine of so many yearly waves, by the calendar."""
    angle = 2 * np.pi * periods.year_position(starts, every)
    columns: dict[str, Array] = {}
    for k in range(1, pairs + 1):
        columns[f"season_sin_{k}"] = np.sin(k * angle)
        columns[f"season_cos_{k}"] = np.cos(k * angle)
        if abs(2 * k - periods.per_year(every)) < 1e-9:  # the sine is zero at every period
            del columns[f"season_sin_{k}"]
    return columns


def _refuse_singular(names: list[str], x: Array) -> None:
    n, p = x.shape
    if n <= p:
        raise CannotEvaluate(
            "There are too few points for this model.",
            found=f"{n} points, {p} coefficients ({listed(names)})",
            remedy="Leave out the season (`season: null`), the slope change (`slope: false`) or "
            "covariates, or wait for more data.",
        )
    scaled = x / np.maximum(np.linalg.norm(x, axis=0), 1e-300)
    _, values, rows = np.linalg.svd(scaled, full_matrices=False)
    if values[-1] < 1e-9 * values[0]:
        involved = [name for name, part in zip(names, np.abs(rows[-1]), strict=True) if part > 1e-6]
        raise CannotEvaluate(
            "Some parts of the model cannot be told apart with these data.",
            found=f"columns {listed(involved)}",
            remedy="Leave one of them out: a covariate that only changes at the intervention, a "
            "second intervention too near the first, or a season without a whole year of data.",
        )
