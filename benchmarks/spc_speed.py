"""How fast the charts are, beside other Python packages: `python benchmarks/spc_speed.py`.

The other packages live in an environment of their own, made once from the package index::

    uv venv outputs/peers
    uv pip install --python outputs/peers clinical-qikit abspc controlchartspy

(or name its Python with ``--peers``). Without it, or without one of them, the benchmark says so and
measures the rest. Everything is measured in one run, side by side, so that the ratios mean
something on any machine: p charts of 200 units of 60 months, data only; and rules alone, on 10,000
series of 60 points, beside the same rules in a loop over pandas groups (200 series, scaled up).
Then the icon table of ten measures on fifty wards: charts, page, CSV and Excel file.
Times are processor times of one core, medians. The limits of all are compared too: a fast wrong
answer does not count.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qieval.analysis.family_of_measures import FamilyResult, family_of_measures  # noqa: E402
from qieval.analysis.spc import control_chart  # noqa: E402
from qieval.analysis.spc.methods import limits, rules, signals  # noqa: E402
from qieval.analysis.spc.methods.phases import make_phases  # noqa: E402
from qieval.analysis.spc.methods.series import make_series  # noqa: E402
from qieval.charts import draw  # noqa: E402
from qieval.report import export, measures_table  # noqa: E402

MONTHS, UNITS, MANY = 60, 200, 10_000

PEERS = ROOT / "outputs" / "peers" / "bin" / "python"
PACKAGES = ("clinical-qikit", "abspc", "controlchartspy")


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


def peers(python: Path, data: pd.DataFrame) -> list[dict[str, Any]]:
    """What ``peers/p_charts.py`` found with that Python."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.csv"
        data.to_csv(file, index=False)
        script = Path(__file__).parent / "peers" / "p_charts.py"
        done = subprocess.run(
            [str(python), str(script), str(file)], check=True, stdout=subprocess.PIPE, text=True
        )
    return [json.loads(row) for row in done.stdout.splitlines()]


def same_limits(found: dict[str, list[float]], points: pd.DataFrame) -> str:
    """Whether another package's limits are ours."""
    shares = [np.abs(np.array(found[name]) - points[name]).max() for name in found]
    worst = max(shares)
    return "same limits" if worst < 1e-9 else f"limits differ by up to {worst:.2g}"


def beside_peers(python: Path, data: pd.DataFrame, own: float) -> None:
    """The other packages, and how many times faster we are than the fastest of them."""
    if not python.is_file():
        print(f"\nNot measured: {', '.join(PACKAGES)}.")
        print("Install them as the head of this file says, or name their Python with `--peers`.")
        return
    points = ours(data)
    fastest, who = np.inf, ""
    for row in peers(python, data):
        if row.get("missing"):
            print(f"{row['name']}: not installed, so not measured")
            continue
        for way, found in row["ways"].items():
            what = f"{row['name']} {row['version']}, {way}"
            if "failed" in found:
                print(f"{what}: failed with {found['failed']}")
                continue
            line(f"{what} ({same_limits(found['limits'], points)})", found["seconds"], own)
            if found["seconds"] < fastest:
                fastest, who = found["seconds"], what
    if who:
        print(f"\nOurs, rules and words included, beside the fastest ({who}): ", end="")
        print(f"{fastest / own:.1f} times faster")


def icon_table(measures: int = 10, wards: int = 50) -> None:
    """The icon table of many measures and wards: how long each step takes, and the page's size."""
    data, rule = table(wards), "-" * 104
    one = {"numerator": "num", "denominator": "den", "chart": "p", "target": 0.2}
    one |= {"role": "outcome", "direction": "lower"}
    every: Any = [{"name": f"Measure {number}", **one} for number in range(measures)]

    def charts() -> FamilyResult:
        return family_of_measures(data, measures=every, by="unit")

    made = charts()
    print(f"\nIcon table of {measures} measures × {wards} wards × {MONTHS} months\n{rule}")
    with tempfile.TemporaryDirectory() as folder:
        steps: dict[str, Callable[[], object]] = {
            "charts": charts,
            "words and figure": lambda: (made.summary(), made.alt_text(), draw(made)),
            "page": lambda: measures_table(made.charts).html,
            "CSV file": lambda: export(made, Path(folder) / "icons.csv"),
            "Excel file": lambda: export(made, Path(folder) / "icons.xlsx"),
        }
        for name, work in steps.items():
            print(f"{f'qieval: {name}':<74}{1000 * seconds(work, 3):>10.1f} ms")
    size = len(measures_table(made.charts).html.encode())
    print(f"{'size of the page':<74}{size / 1000:>10.0f} kB")


def line(what: str, taken: float, own: float) -> None:
    """A row of the table: a time, and how many times ours it is."""
    times = f"{taken / own:,.1f} times ours" if taken != own else "ours"
    print(f"{what:<74}{1000 * taken:>10.1f} ms   {times}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--peers", metavar="PYTHON", type=Path, default=PEERS, help="a Python that has the others"
    )
    chosen = options.parse_args()
    few, many, rule = table(UNITS), table(MANY), "-" * 104
    own, loop = seconds(lambda: ours(few), 9), seconds(lambda: in_a_loop(few), 3)

    print("Processor time of one core, median.\n")
    print(f"P charts of {UNITS} units × {MONTHS} months, data only\n{rule}")
    line("qieval: limits, rules, estimates, checks, words", own, own)
    line("a loop over pandas groups: limits, rules", loop, own)
    beside_peers(chosen.peers, few, own)

    print(f"\nRules alone, {MANY:,} series × {MONTHS} points\n{rule}")
    for name in ("making_data_count_2024", "western_electric", "nelson", "anhoej"):
        taken = seconds(rules_alone(many, name), 3)
        print(f"{f'qieval: {name}':<74}{1000 * taken:>10.1f} ms")
    taken = seconds(lambda: ours(many), 3)
    print(f"{'qieval: the whole p chart result':<74}{1000 * taken:>10.1f} ms")
    scaled = 1000 * loop * MANY / UNITS
    print(f"{f'a loop over pandas groups ({UNITS} series, scaled up)':<74}{scaled:>10.1f} ms")
    icon_table()


if __name__ == "__main__":
    main()
