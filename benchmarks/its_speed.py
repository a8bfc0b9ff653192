"""How fast the interrupted time series is: `python benchmarks/its_speed.py`.

Everything is measured in one run, side by side, so that the ratios mean something on any machine:
our single fit with all of its tables, our panel (both by the default estimator, the autocorrelation
integrated out), statsmodels in a loop (formula, ordinary least
squares, HAC errors) and, with ``--causalpy PYTHON`` (a Python that has CausalPy), CausalPy's
ordinary-least-squares interrupted time series. Times are processor times of one core, medians, so
that what else runs on the machine does not count. Memory is that of a fresh process.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

MONTHS, MIDDLE = 60, "2020-07-01"

CAUSALPY = """
import sys, time, warnings
warnings.filterwarnings("ignore")
import causalpy as cp, numpy as np, pandas as pd
from sklearn.linear_model import LinearRegression
taken = []
rng = np.random.default_rng(1)
for _ in range(int(sys.argv[1]) + 1):
    t = np.arange(48)
    frame = pd.DataFrame({"t": t, "y": 50 + 0.1 * t - 5 * (t >= 24) + rng.normal(size=48)})
    frame.index = pd.date_range("2018-01-01", periods=48, freq="MS")
    start = time.process_time()
    result = cp.InterruptedTimeSeries(
        frame, pd.Timestamp("2020-01-01"), formula="y ~ 1 + t", model=LinearRegression())
    taken.append(time.process_time() - start)
print(cp.__version__, sorted(taken[1:])[len(taken) // 2])
"""


def errors(n: int, series: int, seed: int = 1) -> np.ndarray:
    """AR(1) errors, autocorrelation 0.3 (n × series)."""
    e = np.random.default_rng(seed).normal(size=(n, series))
    for t in range(1, n):
        e[t] += 0.3 * e[t - 1]
    return e


def one_series(n: int, seed: int = 1) -> pd.DataFrame:
    t = np.arange(n)
    y = 50 + 0.1 * t - 5 * (t >= n // 2) + errors(n, 1, seed)[:, 0]
    months = pd.date_range("2018-01-01", periods=n, freq="MS")
    return pd.DataFrame({"period": months, "bed_days": y})


def panel(series: int) -> pd.DataFrame:
    """A long table, one row a ward and month."""
    t = np.arange(MONTHS)[:, None]
    y = 50 + 0.1 * t - 2 * (t >= MONTHS // 2) + errors(MONTHS, series)
    return pd.DataFrame(
        {
            "ward": np.repeat(np.arange(series), MONTHS),
            "period": np.tile(pd.date_range("2018-01-01", periods=MONTHS, freq="MS"), series),
            "bed_days": y.T.ravel(),
        }
    )


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Median of `rounds` after one that does not count."""
    work()
    taken = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)


def ours(data: pd.DataFrame, **more: object) -> object:
    import qieval as qi

    return qi.interrupted_time_series(
        data, value="bed_days", intervention="2020-01-01", season=None, **more
    )


def our_panel(data: pd.DataFrame, method: str = "integrated") -> pd.DataFrame:
    import qieval as qi

    return qi.interrupted_time_series_panel(
        data, unit="ward", value="bed_days", intervention=MIDDLE, season=None, method=method
    )


def with_statsmodels(data: pd.DataFrame, at: int) -> object:
    """What an analyst writes: a formula, ordinary least squares, HAC errors with one lag."""
    import statsmodels.formula.api as smf

    t = np.arange(len(data))
    frame = data.assign(t=t, post=(t >= at) * 1, ramp=np.maximum(t - at, 0))
    fit = smf.ols("bed_days ~ t + post + ramp", frame).fit(cov_type="HAC", cov_kwds={"maxlags": 1})
    return fit.params, fit.conf_int(), fit.pvalues


def loop(data: pd.DataFrame) -> None:
    for _, part in data.groupby("ward"):
        with_statsmodels(part, MONTHS // 2)


def peak(series: int) -> float:
    """Gigabytes at the peak of a fresh process that makes and fits a panel of that size."""
    command = [sys.executable, __file__, "--memory-of", str(series)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return float(done.stdout.split()[-1])


def causalpy(python: str, rounds: int = 10) -> tuple[str, float]:
    """Version, and median seconds of one CausalPy OLS interrupted time series."""
    done = subprocess.run(
        [python, "-c", CAUSALPY, str(rounds)], check=True, capture_output=True, text=True
    )
    version, median = done.stdout.split()[-2:]
    return version, float(median)


def line(what: str, each: float, beside: float) -> None:
    ratio = beside / each
    said = f"{ratio:,.1f} times faster" if ratio > 1 else f"{1 / ratio:,.1f} times slower"
    said = "beside" if each == beside else said
    print(f"{what:<62}{1000 * each:>10.3f} ms{1 / each:>12,.0f} /s   {said}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--series", type=int, default=10_000)
    options.add_argument("--causalpy", metavar="PYTHON", help="a Python that has CausalPy")
    options.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.memory_of:
        our_panel(panel(chosen.memory_of))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2)
        return

    single, alone, rule = one_series(48), panel(1), "-" * 110
    beside = seconds(lambda: with_statsmodels(single, 24), 20)
    print("Processor time of one core, median. Beside: a statsmodels formula + OLS + HAC fit.\n")
    print(f"One series of 48 months, level and slope change\n{rule}")
    line("statsmodels: formula, OLS, HAC (coefficients, intervals)", beside, beside)
    line("ours: all tables (spread, placebo, checks …)", seconds(lambda: ours(single), 10), beside)
    line("ours: a panel of one (estimates)", seconds(lambda: our_panel(alone), 10), beside)
    if chosen.causalpy:
        version, median = causalpy(chosen.causalpy)
        line(f"CausalPy {version}: OLS interrupted time series", median, beside)
    else:
        print("CausalPy: not measured; give `--causalpy PYTHON`, a Python that has it")

    count, tenth = chosen.series, max(1, chosen.series // 10)
    many = panel(count)
    fewer, sample = many[many["ward"] < tenth], many[many["ward"] < 200]
    each = seconds(lambda: loop(sample), 1) / 200
    ours_each = seconds(lambda: our_panel(many), 1) / count
    reml = seconds(lambda: our_panel(fewer, "reml"), 3) / tenth
    print(f"\nMany series of {MONTHS} months: time a series\n{rule}")
    line("statsmodels in a loop (200 series)", each, each)
    line(f"ours: the default ({count:,} series)", ours_each, each)
    line(f"ours, by name: REML + Satterthwaite ({tenth:,} series)", reml, each)
    size = 10 * count
    print(f"\nMemory at the peak, {size:,} series × {MONTHS} months: {peak(size):.2f} GB")


if __name__ == "__main__":
    main()
