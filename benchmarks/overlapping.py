"""Rolling and running totals told from single values: `python benchmarks/overlapping.py`.

Series of both kinds through the detector (:mod:`qieval.core.overlap`), with the columns of a chart
(a trend, a yearly wave) and of a model (level and slope change in the middle, the season as by
default). Writes docs/methods/overlapping.md. Option: ``--series 2000``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import sys
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from its_calibration import layout
from its_headline import Errors, ar1, ar2, ma1, nugget, walk, wave

from qieval.analysis.its.methods.ar1 import Array
from qieval.analysis.spc.methods.overlap import FEWEST, SMOOTH, course
from qieval.core import overlap, periods
from qieval.core.config import SEED

OUT = Path(__file__).resolve().parents[1] / "docs" / "methods" / "overlapping.md"
LENGTHS = (16, 24, 36, 60, 120)


def rolling(width: int, rho: float = 0.0) -> Errors:
    def draw(n: int, rng: np.random.Generator, series: int) -> Array:
        total = ar1(rho)(n + width - 1, rng, series).cumsum(axis=0)
        return total[width - 1 :] - np.pad(total[:-width], ((1, 0), (0, 0)))

    return draw


def running(n: int, rng: np.random.Generator, series: int) -> Array:
    return rng.poisson(20, (n, series)).cumsum(axis=0).astype(float)


def to_date(n: int, rng: np.random.Generator, series: int) -> Array:
    counts = rng.poisson(20, (n, series))
    return np.vstack([counts[at : at + 12].cumsum(axis=0) for at in range(0, n, 12)]).astype(float)


def rare(n: int, rng: np.random.Generator, series: int) -> Array:
    return rng.poisson(0.5, (n, series)).astype(float)


def steady(n: int, rng: np.random.Generator, series: int) -> Array:
    return 2.0 * np.arange(1, n + 1)[:, None] + rng.normal(0, 0.6, (n, series))


def stepped(n: int, rng: np.random.Generator, series: int) -> Array:
    return 3.0 * (np.arange(n) >= n // 2)[:, None] + ar1(0.4)(n, rng, series)


TOTALS: dict[str, Errors] = {
    "rolling, 3 months": rolling(3),
    "rolling, 3 months, of AR(1) .4": rolling(3, 0.4),
    "rolling, 12 months": rolling(12),
    "rolling, 12 months, of AR(1) .4": rolling(12, 0.4),
    "rolling, 6 months": rolling(6),
    "rolling, 24 months": rolling(24),
    "running total of counts": running,
    "total of the year to date": to_date,
}
SINGLE: dict[str, Errors] = {
    **{f"AR(1) {rho:g}": ar1(rho) for rho in (0.0, 0.2, 0.4, 0.6, 0.8, 0.9)},
    "random walk": walk,
    "AR(2) .3, .3": ar2(0.3, 0.3),
    "MA(1) .6": ma1,
    "AR(1) .8 and as much white noise": nugget,
    "a yearly wave of 1 SD": wave(0.0),
    "a steady rise, 0.3 steps of noise": steady,
    "AR(1) .4, a step of 3 SD in the middle": stepped,
    "counts of mean 0.5": rare,
}


def cell(errors: Errors, n: int, series: int) -> str:
    """Refused and asked about, in 100: on a chart, and by a model."""
    y = errors(n, np.random.default_rng([SEED, n, 11]), series)
    at = np.arange(float(n))
    runs, may_run = overlap.is_running_total(y), overlap.is_running_total(y, steady=np.inf)
    alike = (overlap.smoothness(y) < SMOOTH) & (n >= FEWEST)
    pairs = sum(n >= 18 * k for k in (1, 2))
    shown = []
    for x, more in ((course(at, "month"), alike), (layout(n, pairs).x, may_run)):
        ratio = overlap.rolling_ratios(y, x, at, periods.rolling_lengths("month")).max(axis=0)
        refused = runs | (ratio > overlap.SURE)
        asked = ~refused & ((ratio > overlap.ASKED) | more)
        shown.append(f"{100 * refused.mean():.0f} + {100 * asked.mean():.0f}")
    return " / ".join(shown)


def table(kinds: dict[str, Errors], series: int) -> list[str]:
    lines = ["| series | " + " | ".join(f"n {n}" for n in LENGTHS) + " |"]
    lines.append("|---|" + "---|" * len(LENGTHS))
    for name, errors in kinds.items():
        lines.append(f"| {name} | " + " | ".join(cell(errors, n, series) for n in LENGTHS) + " |")
    return lines


def page(series: int) -> str:
    return "\n".join(
        [
            "# Rolling and running totals: how they are told from single values",
            "",
            "Written by `python benchmarks/overlapping.py`; do not edit by hand.",
            "",
            "Points of a rolling or running total share data with their neighbours: limits and "
            "intervals from them are far too narrow. They are declared (`overlapping`) or found, "
            "by one detector for charts and models (`qieval.core.overlap`).",
            "",
            "- Rolling totals of k periods have the correlation 1 − lag/k. Their likelihood (REML, "
            "about the columns of the chart or the model) is held against that of the best AR(1) "
            f"of {len(overlap.CORRELATIONS)} correlations from {overlap.CORRELATIONS[0]} to "
            f"{overlap.CORRELATIONS[-1]}. Refused from a log ratio of {overlap.SURE:g} on, asked "
            f"about from {overlap.ASKED:g} on. Lengths looked for in months: "
            f"{' and '.join(map(str, periods.rolling_lengths('month')))}; of others a chart asks.",
            "- A running total never falls, starts from 0.2 to 5 of its mean steps, and its errors "
            "add up: variance of the steps by that of the points about a line (von Neumann 1941; 2 "
            f"for noise about a line) under {overlap.STEADY:g}. A model asks where only the last "
            "does not hold. A total to date falls to about one step at equal distances of "
            f"{overlap.RESTARTS_FROM} points or more, and at no other time.",
            "- A chart asks also where that ratio is under "
            f"{SMOOTH:g}, whatever the reason: its rules take points for independent. A model "
            "allows for memory, so it does not.",
            "",
            f"In 100 of {series:,} series of so many months: refused + asked about, on a chart / "
            f"by a model with its change in the middle. Seed {SEED}, {date.today():%d %B %Y}.",
            "",
            "## Totals: to be found",
            "",
            *table(TOTALS, series),
            "",
            "Rolling totals need several of their lengths of data: of 12 months at 24 points two "
            "in five pass a model unseen, and of 6 or 24 months most, so say `overlapping: true` "
            "where values are totals.",
            "",
            "## Single values: to be left alone",
            "",
            *table(SINGLE, series),
            "",
        ]
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--series", type=int, default=2000)
    text = page(options.parse_args().series)
    OUT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
