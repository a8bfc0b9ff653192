"""What the headline claims where the model is wrong; a part of `its_calibration.py`, which runs it.

Series with nothing changed, put through the default with its season and through the decision table:
a claim is the average's at 95 %, or the level's at 99 %. Longer memories, random walks, measurement
noise, seasons, missing months, changes late in the series, counts. Writes
docs/methods/its_headline.md.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import qieval
from qieval.analysis.its.methods.ar1 import Array
from qieval.analysis.its.methods.decision import AT_ONCE_CONFIDENCE
from qieval.core.config import SEED

OUT = Path(__file__).resolve().parents[1] / "docs" / "methods" / "its_headline.md"
LENGTHS = (18, 24, 36, 60)
RHOS = (0.0, 0.4, 0.8)
TERMS = ("level_change", "slope_change", "average_effect", "effect_at_horizon")
Errors = Callable[[int, np.random.Generator, int], Array]


def ar1(rho: float) -> Errors:
    def draw(n: int, rng: np.random.Generator, series: int) -> Array:
        e = rng.normal(size=(n, series))
        for t in range(1, n):
            e[t] = rho * e[t - 1] + np.sqrt(1 - rho**2) * e[t]
        return e

    return draw


def ar2(first: float, second: float) -> Errors:
    def draw(n: int, rng: np.random.Generator, series: int) -> Array:
        e = rng.normal(size=(n + 200, series))
        for t in range(2, n + 200):
            e[t] += first * e[t - 1] + second * e[t - 2]
        return e[200:]

    return draw


def ma1(n: int, rng: np.random.Generator, series: int) -> Array:
    u = rng.normal(size=(n + 1, series))
    return u[1:] + 0.6 * u[:-1]


def nugget(n: int, rng: np.random.Generator, series: int) -> Array:
    return ar1(0.8)(n, rng, series) + rng.normal(size=(n, series))


def walk(n: int, rng: np.random.Generator, series: int) -> Array:
    return rng.normal(size=(n, series)).cumsum(0)


def wave(rho: float) -> Errors:
    def draw(n: int, rng: np.random.Generator, series: int) -> Array:
        phase = rng.uniform(0, 2 * np.pi, series)
        yearly = np.sqrt(2) * np.sin(2 * np.pi * np.arange(n)[:, None] / 12 + phase)
        return yearly + ar1(rho)(n, rng, series)

    return draw


def by_the_panel(
    y: Array, start: int, *, season: Any = "auto", counts: str = "amount"
) -> tuple[Array, Array]:
    """Lower and upper limits (series, 5): level, slope, average, end at 95 %, level at 99 %.

    By the public panel, its rule for the season included. Periods without values are left out; a
    series that is refused has no limits.
    """
    n, series = y.shape
    months = pd.date_range("2000-01-01", periods=n, freq="MS")
    table = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(series), n),
            "period": np.tile(months, series),
            "y": y.T.ravel(),
        }
    ).dropna()
    ends = []
    for confidence, terms in ((0.95, TERMS), (AT_ONCE_CONFIDENCE, TERMS[:1])):
        found = qieval.interrupted_time_series_panel(
            table,
            unit="unit",
            value="y",
            intervention=months[start],
            season=season,
            counts=counts,
            overlapping=False,
            confidence=confidence,
        )
        ends += [_side(found, "ci_low", terms, series), _side(found, "ci_high", terms, series)]
    low, high, strict_low, strict_high = ends
    return np.column_stack([low, strict_low]), np.column_stack([high, strict_high])


def _side(found: pd.DataFrame, end: str, terms: tuple[str, ...], series: int) -> Array:
    wide = found[end].unstack("term").reindex(index=range(series), columns=list(terms))
    return wide.to_numpy(dtype=float)


def out(low: Array, high: Array) -> Array:
    return (low > 0) | (high < 0)


def share_clear(low: Array, high: Array) -> list[float]:
    """Level, slope, average, end, claims: percentage clear of zero."""
    clear = out(low, high)
    claims = clear[:, [2]] | clear[:, [4]]
    return list(100 * np.column_stack([clear[:, :4], claims]).mean(0))


def alarms(errors: Errors, n: int, series: int, start: int, missing: float = 0.0) -> list[float]:
    rng = np.random.default_rng([SEED, n, start, 7])
    y = errors(n, rng, series)
    if missing:
        inside = np.setdiff1d(np.arange(1, n - 1), [start])
        y[rng.choice(inside, int(missing * n), replace=False)] = np.nan
    return share_clear(*by_the_panel(y, start))


def count_alarms(n: int, mean: float, rho: float, sd: float, series: int) -> tuple[float, float]:
    """Claims and misses of the average of counts whose log rate is AR(1), nothing changed."""
    rng = np.random.default_rng([SEED, n, int(10 * mean), int(10 * rho)])
    rate = mean * np.exp(sd * ar1(rho)(n, rng, series) - sd**2 / 2)
    counts = rng.poisson(rate).astype(float)
    found = share_clear(*by_the_panel(counts, n // 2, season=None, counts="events"))
    return found[4], found[2]


def rows(series: int, lengths: tuple[int, ...]) -> list[str]:
    kinds: dict[str, tuple[Errors, Callable[[int], int], float]] = {}

    def middle(n: int) -> int:
        return n // 2

    for rho in RHOS:
        kinds[f"AR(1) {rho:g}, no wave"] = (ar1(rho), middle, 0.0)
        kinds[f"AR(1) {rho:g}, a yearly wave of 1 SD"] = (wave(rho), middle, 0.0)
    kinds |= {
        "AR(1) .4, change 8 months before the end": (ar1(0.4), lambda n: n - 8, 0.0),
        "AR(1) .4, a sixth of the months missing": (ar1(0.4), middle, 1 / 6),
        "AR(1) .9": (ar1(0.9), middle, 0.0),
        "random walk": (walk, middle, 0.0),
        "AR(2) .3, .3": (ar2(0.3, 0.3), middle, 0.0),
        "AR(2) .6, -.3": (ar2(0.6, -0.3), middle, 0.0),
        "MA(1) .6": (ma1, middle, 0.0),
        "AR(1) .8 and as much white noise": (nugget, middle, 0.0),
    }
    found = []
    for kind, (errors, start, missing) in kinds.items():
        for n in lengths:
            cell = alarms(errors, n, series, start(n), missing)
            found.append(f"| {kind} | {n} | " + " | ".join(f"{v:.1f}" for v in cell) + " |")
        print(kind, file=sys.stderr, flush=True)
    return found


def counts(series: int, lengths: tuple[int, ...]) -> list[str]:
    found = []
    for n in lengths:
        for mean in (0.4, 2, 4, 8, 15, 40):
            cells = []
            for rho, sd in ((0.0, 0.0), (0.3, 0.35), (0.6, 0.4), (0.8, 0.5)):
                claims, missed = count_alarms(n, mean, rho, sd, series)
                cells.append(f"{claims:.0f} / {missed:.0f}")
            found.append(f"| {n} | {mean} | " + " | ".join(cells) + " |")
        print("counts", n, file=sys.stderr, flush=True)
    return found


def write(series: int, few: int, lengths: tuple[int, ...], save: bool) -> str:
    """The page of the headline under other series."""
    lines = [
        "# The headline under other series",
        "",
        "Written by `python benchmarks/its_calibration.py`; do not edit by hand.",
        "",
        f"Nothing changed in any of them. {series:,} series a cell (counts {few:,}), seed {SEED}, "
        f"{date.today():%d %B %Y}; qieval {qieval.__version__}, numpy {np.__version__}, scipy "
        f"{scipy.__version__}. The default by `qi.interrupted_time_series_panel`, its shrunk "
        "season included (one pair from 18 points, two from 36), change in the middle unless said. "
        "In 100: intervals that leave zero out, and headlines that claim a change. Standard error "
        f"of 5 %: {100 * np.sqrt(0.05 * 0.95 / series):.1f} (counts "
        f"{100 * np.sqrt(0.05 * 0.95 / few):.1f}).",
        "",
        "| errors | n | level | slope | average | end | **claims** |",
        "|---|---|---|---|---|---|---|",
        *rows(series, lengths),
        "",
        "## Counts of events",
        "",
        "Claims / averages clear of zero, in 100, by the log rate's autocorrelation and standard "
        "deviation. No season. With fewer than five events on a side an exact rate ratio stands "
        "for the model.",
        "",
        "| n | mean | (0, 0) | (.3, .35) | (.6, .4) | (.8, .5) |",
        "|---|---|---|---|---|---|",
        *counts(few, tuple(n for n in lengths if n > 18) or lengths),
        "",
    ]
    text = "\n".join(lines)
    if save:
        OUT.write_text(text, encoding="utf-8")
    return text
