"""Roll-out: how often a change is found where there is none, and where there is one; and speed.

``python -m benchmarks.roll_out calibration [SERIES]``: the tables of docs/methods/roll_out.md;
``python -m benchmarks.roll_out speed`` times 500 units of 60 months, complete and with holes.

A unit's months are a level, what all units share in a month (SD .7), and AR(1) errors of SD 1 and
autocorrelation .4, unless a scenario says otherwise. Starts are spread evenly from a third of the
months to three before the end; every unit starts. Rates are in percent; 2,000 series a cell have a
standard error of .5 points at 5 %.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

import qieval as qi
from qieval.analysis.roll_out.methods.in_turn import before_the_starts, share_kept
from qieval.analysis.roll_out.methods.permutations import (
    Question,
    Split,
    assignments_of,
    invert,
    statistics,
    usable,
)
from qieval.analysis.roll_out.methods.scales import Scaled
from qieval.analysis.roll_out.methods.weights import Grid
from qieval.analysis.synthesis.methods.random_effects import average
from qieval.core.config import CONFIDENCE

SEED = 31_415
ASSIGNMENTS = 2_000
"""Fewer than in use (10,000), so that the tables take minutes: it costs a little power."""

UNITS = (4, 5, 6, 8, 12, 24)


@dataclass(frozen=True)
class Scenario:
    """How the months of the units come about."""

    name: str
    rho: float = 0.4
    shared: float = 0.7
    trends: float = 0.0  # SD of a unit's own slope over all months
    unequal: bool = False  # SDs of the units from 0.5 to 2
    counts: float = 0.0  # mean of Poisson counts; 0: none
    holes: float = 0.0  # share of values that are missing


SCENARIOS = (
    Scenario("as above"),
    Scenario("rho .2", rho=0.2),
    Scenario("rho .8", rho=0.8),
    Scenario("nothing shared", shared=0.0),
    Scenario("much shared (1.5)", shared=1.5),
    Scenario("units with trends of their own", trends=1.0),
    Scenario("unequal SDs (.5 to 2)", unequal=True),
    Scenario("counts of mean 3", counts=3.0),
    Scenario("counts of mean 8", counts=8.0),
    Scenario("5 % of values missing", holes=0.05),
)


def starts_of(units: int, months: int) -> np.ndarray:
    """Starts spread evenly from a third of the months to three before the end."""
    return np.linspace(months // 3, months - 3, units).round().astype(np.int64)


def draw(scenario: Scenario, units: int, months: int, series: int, rng: np.random.Generator):
    """(W, T, series) Values without any effect; on their scale where they are counts."""
    shape = (units, months, series)
    error = rng.normal(size=shape)
    for month in range(1, months):
        fresh = np.sqrt(1 - scenario.rho**2) * error[:, month]
        error[:, month] = scenario.rho * error[:, month - 1] + fresh
    if scenario.unequal:
        sds = np.geomspace(0.5, 2, units)
        error *= rng.permuted(np.tile(sds, (series, 1)), axis=1).T[:, None, :]
    slope = scenario.trends * rng.normal(size=(units, 1, series))
    error += slope * np.linspace(0, 1, months)[None, :, None]
    error += scenario.shared * rng.normal(size=(1, months, series))
    if not scenario.counts:
        return error
    counts = rng.poisson(scenario.counts * np.exp(0.3 * error - 0.045))
    scale = "log" if scenario.counts >= 5 else "root"
    exposure = np.ones(counts.shape[:2])
    each = [Scaled.of(counts[:, :, at], exposure, scale).values for at in range(series)]
    return np.stack(each, axis=2)


def answers_to(values: np.ndarray, starts: np.ndarray, present: np.ndarray | None = None) -> list:
    """The average effect of every series."""
    units, months, series = values.shape
    grid = Grid(np.ones((units, months), dtype=bool) if present is None else present)
    split = Split(grid, np.zeros(units, dtype=np.int64))
    some = assignments_of(starts, split.network, most=ASSIGNMENTS if grid.complete else 500, seed=1)
    treated = (np.arange(months) >= starts[:, None]).astype(float)
    both = np.concatenate([values, treated[:, :, None]], axis=2)
    under = statistics(split, some, [Question()], both)[:, 0]
    return [invert(under[:, [at, series]], CONFIDENCE) for at in range(series)]


def percent(share: float) -> str:
    """A share as a percentage with one decimal."""
    return f"{100 * share:.1f}"


def found(answers: list) -> float:
    """Share of answers that are clear."""
    return float(np.mean([one.p_value <= 1 - CONFIDENCE + 1e-9 for one in answers]))


def holds(answers: list, truth: np.ndarray | float) -> float:
    """Share of intervals that hold the truth."""
    low, high = (np.array([getattr(one, end) for one in answers]) for end in ("low", "high"))
    return float(np.mean((low <= truth) & (truth <= high)))


def type_one(series: int) -> None:
    """False claims by scenario, number of units and length."""
    print("\n| months | scenario | " + " | ".join(f"{n} units" for n in UNITS) + " |")
    print("|---|---|" + "---|" * len(UNITS))
    for months in (24, 36):
        for scenario in SCENARIOS:
            rng = np.random.default_rng([SEED, months, SCENARIOS.index(scenario)])
            cells = []
            for units in UNITS:
                present, many = None, series
                if scenario.holes:
                    present, many = rng.uniform(size=(units, months)) >= scenario.holes, series // 5
                values = draw(scenario, units, months, many, rng)
                answers = answers_to(values, starts_of(units, months), present)
                cells.append(percent(found(answers)))
            print(f"| {months} | {scenario.name} | {' | '.join(cells)} |", flush=True)


def coverage_and_power(series: int) -> None:
    """Coverage of the mean over cells, and power, by the size of the effect."""
    print("\n| months | what | " + " | ".join(f"{n} units" for n in UNITS) + " |")
    print("|---|---|" + "---|" * len(UNITS))
    for months in (24, 36):
        rng = np.random.default_rng([SEED, months, 99])
        rows: dict[str, list[str]] = {}
        for units in UNITS:
            starts = starts_of(units, months)
            since = np.arange(months) - starts[:, None]
            treated = (since >= 0).astype(float)
            values = draw(Scenario("as above"), units, months, series, rng)
            cells = usable(
                Split(Grid(np.ones(treated.shape, dtype=bool)), np.zeros(units, dtype=np.int64)),
                starts,
            )
            varying = 1 + 0.7 * rng.normal(size=(units, 1, series))
            ramp = (np.clip((since + 1) / 6, 0, 1) * treated)[:, :, None]
            effects = {
                "coverage, effect of 1 SD, the same in all": np.broadcast_to(
                    treated[:, :, None], values.shape
                ),
                "coverage, effects that vary between units (SD .7)": varying * treated[:, :, None],
                "coverage, effects that grow over six months": np.broadcast_to(ramp, values.shape),
            }
            for name, effect in effects.items():
                truth = effect[cells].mean(axis=0)
                answers = answers_to(values + effect, starts)
                rows.setdefault(name, []).append(percent(holds(answers, truth)))
            for size in (0.5, 1.0, 1.5):
                answers = answers_to(values + size * treated[:, :, None], starts)
                rows.setdefault(f"power, {size:g} SD", []).append(f"{100 * found(answers):.0f}")
        for name, cells_ in rows.items():
            print(f"| {months} | {name} | {' | '.join(cells_)} |", flush=True)


def other_intervals(series: int) -> None:
    """The check of the time before, and the share kept: jackknife intervals."""
    print("\n| months | what | " + " | ".join(f"{n} units" for n in UNITS) + " |")
    print("|---|---|" + "---|" * len(UNITS))
    few = max(100, series // 4)
    for months in (24, 36):
        rng = np.random.default_rng([SEED, months, 7])
        before, kept, given = [], [], []
        for units in UNITS:
            starts = starts_of(units, months)
            since = np.arange(months) - starts[:, None]
            split = Split(Grid(np.ones(since.shape, dtype=bool)), np.zeros(units, dtype=np.int64))
            cells = usable(split, starts)
            early, late = cells & (since >= 0) & (since < 6), cells & (since >= 12)
            values = draw(Scenario("as above"), units, months, few, rng)
            effect = np.where(since >= 0, np.where(since < 6, -3.0, -2.0), 0.0)
            false, inside = [], []
            for at in range(few):
                one = values[:, :, at]
                mean = before_the_starts(split, starts, starts < months, one, 3, CONFIDENCE)
                if mean is not None:
                    false.append(mean[0].low > 0 or mean[0].high < 0)
                if late.any():
                    share = share_kept(split, starts, one + effect, early, late, CONFIDENCE)
                    if share is not None:
                        inside.append(share.low <= 2 / 3 <= share.high)
            before.append(percent(np.mean(false)) if false else "–")
            kept.append(percent(np.mean(inside)) if len(inside) >= 50 else "–")
            given.append(f"{100 * len(inside) / few:.0f}")
        print(f"| {months} | drift before, seen where there is none | {' | '.join(before)} |")
        print(f"| {months} | share kept (3 SD, then 2): coverage | {' | '.join(kept)} |")
        print(f"| {months} | share kept: an interval is given | {' | '.join(given)} |", flush=True)


def pooled(series: int) -> None:
    """False claims of the average of single series, which stands beside the answer."""
    print("\n| months | what | " + " | ".join(f"{n} units" for n in UNITS) + " |")
    print("|---|---|" + "---|" * len(UNITS))
    few = max(100, series // 4)
    for months in (24, 36):
        calendar = pd.date_range("2015-01-01", periods=months, freq="MS")
        rng = np.random.default_rng([SEED, months, 11])
        cells = []
        for units in UNITS:
            values = draw(Scenario("as above"), units, months, few, rng)
            y, v = np.empty((2, few, units))
            for at, start in enumerate(starts_of(units, months)):
                table = pd.DataFrame(
                    {
                        "series": np.repeat(np.arange(few), months),
                        "period": np.tile(calendar, few),
                        "score": values[at].T.ravel(),
                    }
                )
                panel = qi.interrupted_time_series_panel(
                    table, unit="series", value="score", intervention=calendar[start],
                    counts="amount", overlapping=False,
                ).xs("average_effect", level=1)  # fmt: skip
                y[:, at], v[:, at] = panel["estimate"], panel["se"] ** 2
            clear = [
                one.ci_low > 0 or one.ci_high < 0
                for one in (
                    average(y[at], v[at], "reml", "hartung_knapp", CONFIDENCE) for at in range(few)
                )
            ]
            cells.append(percent(np.mean(clear)))
        print(
            f"| {months} | average of single series, false claims | {' | '.join(cells)} |",
            flush=True,
        )


def speed() -> None:
    """500 units of 60 months through the whole analysis, permutations included."""
    rng = np.random.default_rng(SEED)
    months = pd.date_range("2015-01-01", periods=60, freq="MS")
    starts = rng.integers(12, 54, size=500)
    values = rng.normal(size=(500, 60)).round(3)
    table = pd.DataFrame(
        {
            "unit": np.repeat([f"Unit {at}" for at in range(500)], 60),
            "period": np.tile(months, 500),
            "score": values.ravel(),
            "started": np.repeat(months[starts], 60),
        }
    )
    for name, holes in (("complete", 0.0), ("3 % of values missing", 0.03)):
        part = table[rng.uniform(size=len(table)) >= holes]
        began = time.perf_counter()
        result = qi.roll_out(part, value="score", counts="amount")
        took = time.perf_counter() - began
        print(f"{name}: {took:.1f} s, {result.span.tried:,} assignments", flush=True)


def main() -> None:
    """Write the tables, or time the whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["calibration", "speed"])
    parser.add_argument("series", nargs="?", type=int, default=2_000)
    asked = parser.parse_args()
    if asked.what == "speed":
        speed()
        return
    type_one(asked.series)
    coverage_and_power(asked.series)
    other_intervals(asked.series)
    pooled(asked.series)


if __name__ == "__main__":
    main()
