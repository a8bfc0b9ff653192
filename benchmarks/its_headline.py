"""What the headline claims where the model is wrong: `python benchmarks/its_headline.py`.

Series with nothing changed, put through the default with its season and through the decision table:
a claim is the average's at 95 %, or the level's at 99 %. Longer memories, random walks, measurement
noise, seasons, missing months, changes late in the series, counts. Writes
docs/methods/its_headline.md. Options: ``--series 1000 --counts 300 --quick``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import scipy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import qieval
from qieval.analysis.its.methods import Model, Settings, fit_events
from qieval.analysis.its.methods.ar1 import Array
from qieval.analysis.its.methods.decision import AT_ONCE_CONFIDENCE
from qieval.analysis.its.methods.integrated import integrate
from qieval.core.config import SEED

OUT = Path(__file__).resolve().parents[1] / "docs" / "methods" / "its_headline.md"
LENGTHS = (18, 24, 36, 60)
RHOS = (0.0, 0.4, 0.8)
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


def design(n: int, start: int, pairs: int) -> tuple[Array, Array]:
    """Columns, and which of them are the season's."""
    t = np.arange(float(n))
    post = (t >= start) * 1.0
    x = [np.ones(n), t, post, post * (t - start)]
    for k in range(1, pairs + 1):
        x += [np.sin(2 * np.pi * k * t / 12), np.cos(2 * np.pi * k * t / 12)]
    return np.column_stack(x), np.arange(4 + 2 * pairs) >= 4


def out(low: Array, high: Array) -> Array:
    return (low > 0) | (high < 0)


def alarms(errors: Errors, n: int, series: int, start: int, missing: float = 0.0) -> list[float]:
    """Level, slope, average, end, claims: percentage clear of zero."""
    rng = np.random.default_rng([SEED, n, start, 7])
    y = errors(n, rng, series)
    x, shrunk = design(n, start, int(n >= 18) + int(n >= 36))
    kept = np.ones(n, dtype=bool)
    if missing:
        inside = np.setdiff1d(np.arange(1, n - 1), [start])
        kept[rng.choice(inside, int(missing * n), replace=False)] = False
    after = x[(np.arange(n) >= start) & kept]
    terms = [np.eye(x.shape[1])[2], np.eye(x.shape[1])[3], after.mean(0), after[-1]]
    contrasts = np.array(terms) * (np.arange(x.shape[1]) >= 2) * ~shrunk
    parts = []
    for first in range(0, series, 128):
        part = y[kept, first : first + 128]
        found = integrate(np.arange(float(n))[kept], x[kept], part, shrunk)
        gradients = np.broadcast_to(contrasts, (part.shape[1], *contrasts.shape))
        values = found.beta @ contrasts.T
        known = found.infer(values, gradients, 0.95)
        strict = found.infer(values[:, :1], gradients[:, :1], AT_ONCE_CONFIDENCE)
        clear = out(known.ci_low, known.ci_high)
        claim = clear[:, [2]] | out(strict.ci_low, strict.ci_high)
        parts.append(np.column_stack([clear, claim]))
    return list(100 * np.concatenate(parts).mean(0))


def count_alarms(n: int, mean: float, rho: float, sd: float, series: int) -> tuple[float, float]:
    """Claims and misses of the average of counts whose log rate is AR(1), nothing changed."""
    rng = np.random.default_rng([SEED, n, int(mean), int(10 * rho)])
    rate = mean * np.exp(sd * ar1(rho)(n, rng, series) - sd**2 / 2)
    counts = rng.poisson(rate).astype(float)
    x, _ = design(n, n // 2, 0)
    claims = missed = tried = 0
    for y in counts.T:
        if min(y[: n // 2].sum(), y[n // 2 :].sum()) < 5:
            continue
        tried += 1
        fit = fit_events(Model(np.arange(float(n)), x, y, np.ones(n)), Settings())
        with_, without = x[n // 2 :], x[n // 2 :].copy()
        without[:, 2:] = 0
        a, b = fit.mean(with_), fit.mean(without)
        theta = np.log(a.sum() / b.sum())
        gradient = np.array([a @ with_ / a.sum() - b @ without / b.sum(), np.eye(4)[2]])
        values = np.array([theta, fit.beta[2]])
        known, strict = fit.infer(values, gradient, 0.95), fit.infer(values, gradient, 0.99)
        average = out(known.ci_low[0], known.ci_high[0])
        missed += bool(average)
        claims += bool(average | out(strict.ci_low[1], strict.ci_high[1]))
    return 100 * claims / max(tried, 1), 100 * missed / max(tried, 1)


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
        for mean in (2, 4, 8, 15, 40):
            cells = []
            for rho, sd in ((0.0, 0.0), (0.3, 0.35), (0.6, 0.4), (0.8, 0.5)):
                claims, missed = count_alarms(n, mean, rho, sd, series)
                cells.append(f"{claims:.0f} / {missed:.0f}")
            found.append(f"| {n} | {mean} | " + " | ".join(cells) + " |")
        print("counts", n, file=sys.stderr, flush=True)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--series", type=int, default=1000)
    options.add_argument("--counts", type=int, default=300)
    options.add_argument("--quick", action="store_true", help="100 series, two lengths, no page")
    chosen = options.parse_args()
    series, few = (100, 20) if chosen.quick else (chosen.series, chosen.counts)
    lengths = (18, 36) if chosen.quick else LENGTHS
    begin = time.perf_counter()
    lines = [
        "# The headline under other series",
        "",
        "Written by `python benchmarks/its_headline.py`; do not edit by hand.",
        "",
        f"Nothing changed in any of them. {series:,} series a cell (counts {few:,}), seed {SEED}, "
        f"{date.today():%d %B %Y}; qieval {qieval.__version__}, numpy {np.__version__}, scipy "
        f"{scipy.__version__}. The default, its shrunk season included (one pair from 18 points, "
        "two from 36), change in the middle unless said. In 100: intervals that leave zero out, "
        f"and headlines that claim a change. Standard error of 5 %: "
        f"{100 * np.sqrt(0.05 * 0.95 / series):.1f} (counts "
        f"{100 * np.sqrt(0.05 * 0.95 / few):.1f}).",
        "",
        "| errors | n | level | slope | average | end | **claims** |",
        "|---|---|---|---|---|---|---|",
        *rows(series, lengths),
        "",
        "## Counts of events",
        "",
        "Claims / averages clear of zero, in 100, by the log rate's autocorrelation and standard "
        "deviation. No season. Series with fewer than five events on a side are left out: they are "
        "told by an exact rate ratio.",
        "",
        "| n | mean | (0, 0) | (.3, .35) | (.6, .4) | (.8, .5) |",
        "|---|---|---|---|---|---|",
        *counts(few, tuple(n for n in lengths if n > 18) or lengths),
        "",
    ]
    text = "\n".join(lines)
    if not chosen.quick:
        OUT.write_text(text, encoding="utf-8")
    print(text)
    print(f"{time.perf_counter() - begin:.0f} seconds", file=sys.stderr)


if __name__ == "__main__":
    main()
