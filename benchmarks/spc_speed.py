"""How fast the charts are: `python benchmarks/spc_speed.py [--qikit PYTHON]`.

Everything is measured in one run, side by side, so that the ratios mean something on any machine.
Rules alone, on 10,000 series of 60 points, beside the same rules in a loop over pandas groups (200
series, scaled up); and p charts of 200 units of 60 months, data only, beside that loop and, with
``--qikit PYTHON`` (a Python that has clinical-qikit), beside the fastest of its ways. Times are
processor times of one core, medians.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qieval.analysis.spc import control_chart, limits, rules, signals  # noqa: E402
from qieval.analysis.spc.phases import make_phases  # noqa: E402
from qieval.analysis.spc.series import make_series  # noqa: E402

MONTHS, UNITS, MANY = 60, 200, 10_000

QIKIT = """
import sys, time, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from importlib.metadata import version
from qikit import qic
data = pd.read_csv(sys.argv[1], parse_dates=["period"])
def facets():
    return qic(x="period", y="num", n="den", data=data, chart="p", facets="unit").data
def loop():
    return [qic(x=part["period"], y=part["num"], n=part["den"], chart="p").data
            for _, part in data.groupby("unit")]
best = []
for way in (facets, loop):
    try:
        way()
    except Exception as error:
        print(f"{way.__name__} failed: {error!r}", file=sys.stderr)
        continue
    taken = []
    for _ in range(5):
        start = time.process_time()
        way()
        taken.append(time.process_time() - start)
    best.append((sorted(taken)[2], way.__name__))
print(version("clinical-qikit"), *min(best))
"""


def table(units: int) -> pd.DataFrame:
    """Counts and denominators, one row a unit and month."""
    rng = np.random.default_rng(1)
    n = rng.integers(50, 500, units * MONTHS)
    return pd.DataFrame(
        {
            "unit": np.repeat([f"unit {number:05d}" for number in range(units)], MONTHS),
            "period": np.tile(pd.date_range("2019-01-01", periods=MONTHS, freq="MS"), units),
            "num": rng.binomial(n, 0.2),
            "den": n,
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


def rules_alone(data: pd.DataFrame, name: str) -> Callable[[], object]:
    """The rules, on centre lines and limits that are there already."""
    series = make_series(data, kind="i", value="num", denominator=None, time="period", by=["unit"])
    phases, chosen = make_phases(series, None, (), ()), rules.rule_set(name)
    lines = limits.control_limits(series, phases, "i", screen=True, wheeler=True, per=1)
    return lambda: (
        signals.find(series.y, lines.centre, lines.lower, lines.upper, phases, chosen).special
    )


def one_group(part: pd.DataFrame) -> pd.DataFrame:
    """What an analyst writes for one unit: p chart limits, and the Making Data Count rules."""
    value = part["num"] / part["den"]
    centre = part["num"].sum() / part["den"].sum()
    sigma = np.sqrt(centre * (1 - centre) / part["den"])
    side = np.sign(value - centre)
    run = (side != side.shift()).cumsum()
    steps = np.sign(value.diff())
    way = (steps != steps.shift()).cumsum()
    trend = steps.groupby(way).transform("size") >= 6
    near = (value - centre).abs() > 2 * sigma
    pairs = sum(((near & (side == s)).rolling(3).sum() >= 2) for s in (1, -1)) > 0
    return part.assign(
        value=value,
        centre=centre,
        lower=(centre - 3 * sigma).clip(lower=0),
        upper=(centre + 3 * sigma).clip(upper=1),
        outside_limits=(value - centre).abs() > 3 * sigma,
        shift=side.groupby(run).transform("size") >= 7,
        trend=trend | trend.shift(-1, fill_value=False),
        two_of_three=near & (pairs | pairs.shift(-1) | pairs.shift(-2)),
    )


def in_a_loop(data: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([one_group(part) for _, part in data.groupby("unit")])


def ours(data: pd.DataFrame) -> pd.DataFrame:
    return control_chart(data, kind="p", numerator="num", denominator="den", by="unit").points


def qikit(python: str, data: pd.DataFrame) -> tuple[str, float, str]:
    """Version, median seconds and name of clinical-qikit's fastest way."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.csv"
        data.to_csv(file, index=False)
        done = subprocess.run(
            [python, "-c", QIKIT, str(file)], check=True, capture_output=True, text=True
        )
    version, median, way = done.stdout.split()[-3:]
    return version, float(median), way


def line(what: str, taken: float, beside: float) -> None:
    ratio = beside / taken
    said = f"{ratio:,.1f} times faster" if ratio > 1 else f"{1 / ratio:,.1f} times slower"
    print(f"{what:<66}{1000 * taken:>10.1f} ms   {'beside' if taken == beside else said}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--qikit", metavar="PYTHON", help="a Python that has clinical-qikit")
    chosen = options.parse_args()
    few, many, rule = table(UNITS), table(MANY), "-" * 102
    beside = seconds(lambda: in_a_loop(few), 3)

    print("Processor time of one core, median.\n")
    print(f"P charts of {UNITS} units × {MONTHS} months: limits, rules, points, data only\n{rule}")
    line("a loop over pandas groups", beside, beside)
    line(
        "ours: the whole result (estimates, checks, words too)",
        seconds(lambda: ours(few), 9),
        beside,
    )
    if chosen.qikit:
        version, median, way = qikit(chosen.qikit, few)
        line(f"clinical-qikit {version} ({way}; no Making Data Count rules)", median, beside)
    else:
        print("clinical-qikit: not measured; give `--qikit PYTHON`, a Python that has it")

    print(f"\nRules alone, {MANY:,} series × {MONTHS} points\n{rule}")
    scaled = beside * MANY / UNITS
    line(f"a loop over pandas groups, with limits ({UNITS} series, scaled up)", scaled, scaled)
    for name in ("making_data_count_2024", "western_electric", "nelson", "anhoej"):
        line(f"ours: {name}", seconds(rules_alone(many, name), 3), scaled)
    line("ours: the whole p chart result", seconds(lambda: ours(many), 3), scaled)


if __name__ == "__main__":
    main()
