"""How often charts see a signal where there is none: `python benchmarks/spc_false_alarms.py`.

Series of independent normal values, 10 to 100 points long, in which nothing changes, go through the
very rules of the package, with centre line and limits from the values themselves. The share with at
least one signal is written to ``false_alarms.csv`` of the methods of spc, which results quote.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qieval.analysis.spc.methods import limits, rules, signals, steps  # noqa: E402
from qieval.analysis.spc.methods.false_alarms import name_of  # noqa: E402
from qieval.analysis.spc.methods.phases import Phases, make_phases  # noqa: E402
from qieval.analysis.spc.methods.series import Series  # noqa: E402
from qieval.core.config import SEED  # noqa: E402

RUN = [
    "anhoej",
    "ihi",
    *(f"making_data_count_{year}" for year in (2021, 2024)),
    "western_electric",
    "nelson",
]
METHODS = ROOT / "qieval" / "analysis" / "spc" / "methods"
TABLE, STEPS = METHODS / "false_alarms.csv", METHODS / "steps.csv"
CLAIMS = METHODS / "false_claims.csv"
CLAIM_LENGTHS = (10, 12, 14, 16, 18, 20, 24, 30, 36, 48, 60, 80, 100)
STEP_LENGTHS = (12, 13, 14, 16, 18, 20, 24, 30, 36, 48, 60, 80, 100, 150, 200, 300)
LENGTHS = range(10, 101)
CONTROL = {
    "shewhart": rules.rule_set("shewhart"),
    "anhoej": rules.rule_set("anhoej"),
    **{
        name_of(f"making_data_count_{year}", shift, trend): rules.rule_set(
            f"making_data_count_{year}", shift, trend
        )
        for year in (2021, 2024)
        for shift in rules.LENGTHS
        for trend in rules.LENGTHS
    },
    "western_electric": rules.rule_set("western_electric"),
    "nelson": rules.rule_set("nelson"),
}


def simulated(points: int, count: int) -> tuple[Series, Phases]:
    """That many series of that length in which nothing happens."""
    y = np.random.default_rng([SEED, points]).normal(size=(count, points))
    blank, ones = np.full(y.shape, np.nan), np.ones(y.shape)
    days = np.arange(points).astype("datetime64[D]").astype("datetime64[us]")
    shown = np.ones(y.shape, dtype=bool)
    units = pd.DataFrame(index=range(count))
    times = np.broadcast_to(days, y.shape)
    series = Series(units, "day", times, y, ones, y, blank, ones, shown)
    return series, make_phases(series, None, (), ())


def shares(points: int, count: int) -> dict[tuple[str, str], float]:
    """Share of series with a signal, by chart and rules."""
    series, phases = simulated(points, count)
    found = {}
    centre = limits.medians(series, phases)
    for name in RUN:
        run = signals.find(series.y, centre, [], [], phases, rules.run_rule_set(name))
        signal, (of,) = run.special.any(axis=1), run.runs
        if name == "anhoej":
            signal |= of.few_crossings
        if name == "ihi":
            found["run", "ihi_shift_or_trend"] = signal.mean()
            signal = signal | of.few_runs | of.many_runs
        found["run", name] = signal.mean()
    for name, chosen in CONTROL.items():
        wheeler = name.startswith("making_data_count")
        lines = limits.control_limits(series, phases, "i", screen=True, wheeler=wheeler, per=1)
        seen = signals.find(series.y, lines.centre, lines.lower, lines.upper, phases, chosen)
        signal = seen.special.any(axis=1)
        if name == "anhoej":
            signal |= seen.runs[0].few_crossings
        found["control", name] = signal.mean()
    return {key: float(value) for key, value in found.items()}


def claims(points: int, count: int) -> dict[tuple[str, str], float]:
    """Share of series of which a control chart's verdict claims a change, by rules.

    The verdict goes by the latest point and, by the Anhøj rules, by the runs; where lines were
    restarted, by the difference of two phases of so many points each (chart "restart").
    """
    series, phases = simulated(points, count)
    found = {}
    for name, chosen in CONTROL.items():
        wheeler = name.startswith("making_data_count")
        lines = limits.control_limits(series, phases, "i", screen=True, wheeler=wheeler, per=1)
        seen = signals.find(series.y, lines.centre, lines.lower, lines.upper, phases, chosen)
        signal = seen.special[:, -1]
        if name == "anhoej":
            signal = signal | seen.runs[0].few_crossings | seen.runs[0].long
        found["control", name] = float(signal.mean())
    both, _ = simulated(2 * points, count)
    halves = make_phases(both, None, [pd.Timestamp(both.times[0, points])], ())
    step = steps.between_phases(both, halves, "i", 1)
    found["restart", "any"] = float((np.abs(step) > steps.CLEAR).mean())
    return found


def step_thresholds(points: int, count: int) -> list[float]:
    """Largest differences of a split in series without a step: one a chance of the proposals."""
    series, _ = simulated(points, count)
    _, z = steps.best_split(series.y, series.denominator, series.present)
    return [float(np.quantile(np.abs(z), 1 - chance)) for chance in steps.CHANCES]


def write_claims(count: int) -> None:
    """``false_claims.csv``."""
    table = pd.DataFrame({n: claims(n, count) for n in CLAIM_LENGTHS}).round(5)
    head = f"# Verdicts that claim a change: {count} such series of each length, seed {SEED}"
    text = table.to_csv(index_label=["chart", "rules"], lineterminator="\n")
    CLAIMS.write_text(f"{head}\n{text}", encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--series", type=int, default=20_000, help="series of each length")
    options.add_argument("--lengths", type=int, nargs="*", help="show these; write nothing")
    options.add_argument("--claims", action="store_true", help="write the verdicts' claims alone")
    chosen = options.parse_args()
    begin = time.perf_counter()
    if not chosen.lengths:
        write_claims(chosen.series)
    if chosen.claims:
        return
    by_length = {n: shares(n, chosen.series) for n in chosen.lengths or LENGTHS}
    if chosen.lengths:
        shown = pd.DataFrame(by_length)
        print((100 * shown).round(1).to_string())
        return
    lines = [
        f"# Chance of one false signal or more: {chosen.series} independent normal series of each "
        f"length, seed {SEED}; benchmarks/spc_false_alarms.py",
        ",".join(["chart", "rules", *map(str, by_length)]),
    ]
    for chart, name in next(iter(by_length.values())):
        chances = [f"{share[chart, name]:.5f}" for share in by_length.values()]
        lines.append(",".join([chart, name, *chances]))
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    heads = [f"{chance:g}" for chance in steps.CHANCES]
    table = pd.DataFrame(
        {n: step_thresholds(n, 5 * chosen.series) for n in STEP_LENGTHS}, index=heads
    ).T
    head = f"# Largest difference of a split, {5 * chosen.series} such series of each length"
    STEPS.write_text(
        f"{head}\n{table.round(4).to_csv(index_label='points', lineterminator=chr(10))}",
        encoding="utf-8",
    )
    print(f"{len(lines) - 2} rows of chances in {time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
