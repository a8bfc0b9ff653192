"""Whether a change lasted, against truth: `python benchmarks/lasting.py`.

Series with a change that lasts, grows or fades go through the model behind "Did it last?" and
through the headline's decision; charts of independent values through the chart's own rule. The
shares are written to ``docs/methods/lasting_calibration.md``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

# The matrices are small: more threads than one only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import qieval as qi  # noqa: E402
from qieval.analysis.its.methods import Settings, model  # noqa: E402
from qieval.analysis.its.methods.decision import decide  # noqa: E402
from qieval.analysis.its.methods.effects import Units  # noqa: E402
from qieval.analysis.its.methods.lasting import lasting  # noqa: E402
from qieval.analysis.its.methods.model import Specification, estimates_table  # noqa: E402
from qieval.analysis.its.methods.series import make_phases, make_series  # noqa: E402
from qieval.core.sustained import sustained_of  # noqa: E402

SEED = 20_261_129
BEFORE = 24
AFTER, RHO = (18, 36), (0.0, 0.4, 0.8)
STEP = 4.0  # standard deviations of a month
SHAPES = {
    "stays": lambda since: np.full(len(since), STEP),
    "grows by 1 in 10 a month": lambda since: STEP * (1 + 0.1 * since) / 2,
    "fades in a line to nothing in a year": lambda since: STEP * np.maximum(0, 1 - since / 12),
    "halves every 3 months": lambda since: STEP * 0.5 ** (since / 3),
    "gone after half a year": lambda since: STEP * (since < 6),
    "falls to half after half a year": lambda since: STEP * np.where(since < 6, 1, 0.5),
}
ASKED = Specification("integrated", Settings(), True, "auto")
UNITS = Units("beds", "bed days")
STATUSES = ("lasted", "faded", "cannot tell")
TARGET = ROOT / "docs" / "methods" / "lasting_calibration.md"


def noise(count: int, length: int, rho: float, rng: np.random.Generator) -> np.ndarray:
    """AR(1) errors of standard deviation 1 (count, length)."""
    y = np.empty((count, length))
    y[:, 0] = rng.normal(size=count)
    for at in range(1, length):
        y[:, at] = rho * y[:, at - 1] + np.sqrt(1 - rho**2) * rng.normal(size=count)
    return y


def table_of(values: np.ndarray) -> pd.DataFrame:
    """A series as a table, by month."""
    start = pd.date_range("2018-01-01", periods=len(values), freq="MS")
    return pd.DataFrame({"period": start, "value": values})


def of_series(values: np.ndarray, effect: np.ndarray) -> tuple[str | None, dict[str, bool | None]]:
    """The status where the headline claims a change, and which intervals hold the truth."""
    series = make_series(
        table_of(values), value="value", time="period", denominator=None, covariates=[], per=1
    )
    change = series.starts[BEFORE]
    phases, _ = make_phases(series, [change], 0, 0, [None])
    known = lasting(series, phases, ASKED, UNITS, 0.95)
    rows = known.set_index("term")
    first, later = float(effect[:6].mean()), float(effect[12:].mean())
    truths = {"first_effect": first, "later_effect": later, "share_kept": later / first}
    held = {
        term: bool(rows.loc[term, "ci_low"] <= truth <= rows.loc[term, "ci_high"])
        if term in rows.index
        else None
        for term, truth in truths.items()
    }
    fitted = model.fit(series, phases, ASKED)
    quantities = fitted.quantities(series, phases, None, UNITS)
    table = estimates_table(quantities, fitted.fit, 0.95)
    surer = model.level_interval(quantities, fitted.fit, "level_change", 0.99)
    average = tuple(table.loc["average_effect", ["ci_low", "ci_high"]])
    finding = decide(average, surer, (-np.inf, np.inf))
    if finding == "unclear":
        return None, held
    clear = average if finding.startswith("average") else surer
    side = int(clear[0] > 0) - int(clear[1] < 0)
    told = sustained_of(
        known, side, change, series.starts[-1], "month", may_last=finding.startswith("average")
    )
    return told.status, held


def of_charts(
    shape: str, after: int, count: int, rng: np.random.Generator
) -> tuple[Counter[str], list[bool]]:
    """How often a chart with lines restarted at the change says what; later intervals that hold."""
    effect = SHAPES[shape](np.arange(after))
    told: Counter[str] = Counter()
    held: list[bool] = []
    for row in noise(count, BEFORE + after, 0.0, rng):
        row[BEFORE:] += effect
        table = table_of(row)
        when = str(table["period"].iloc[BEFORE].date())
        asked = {"kind": "i", "value": "value", "overlapping": False}
        result = qi.control_chart(table, rephase=[when], **asked)
        told[result.verdict.sustained.status] += 1
        later = result.lasting[result.lasting["term"] == "later_effect"]
        if len(later):
            low, high = later[["ci_low", "ci_high"]].to_numpy()[0]
            held.append(bool(low <= effect[12:].mean() <= high))
    return told, held


def in_100(held: list[bool]) -> str:
    """How many of 100 intervals held the truth; a dash where there was none."""
    return f"{100 * np.mean(held):.0f}" if held else "–"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--series", type=int, default=300, help="series a cell")
    count = options.parse_args().series
    lines = [
        "# Did it last: against truth",
        "",
        "Written by `python benchmarks/lasting.py`; do not edit by hand.",
        "",
        f"{count} series a cell, seed {SEED}. {BEFORE} months before the change, AR(1) errors of "
        f"standard deviation 1, a first effect of {STEP:g} (of the one that grows, half of it). "
        "In 100. Coverage: intervals of 95 % that hold the true mean effect of the first "
        "half-year, of a year on and more, and the true share (where one is given). Said: of "
        "series of which the headline claims a change, how many are said to have lasted, faded, or "
        "cannot be told. "
        f"Standard error of 95 %: {100 * np.sqrt(0.95 * 0.05 / count):.1f}.",
        "",
        "| effect | months after | rho | true share | claimed | first | later | share | given "
        "| lasted | faded | cannot tell |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for place, (shape, effect_of) in enumerate(SHAPES.items()):
        for after in AFTER:
            effect = effect_of(np.arange(after))
            for rho in RHO:
                rng = np.random.default_rng([SEED, place, after, int(10 * rho)])
                told: Counter[str | None] = Counter()
                held: dict[str, list[bool]] = {}
                for row in noise(count, BEFORE + after, rho, rng):
                    row[BEFORE:] += effect
                    status, own = of_series(row, effect)
                    told[status] += 1
                    for term, one in own.items():
                        held.setdefault(term, []).extend([] if one is None else [one])
                claimed = count - told[None]
                cover = [in_100(one) for one in held.values()]
                said = [f"{100 * told[s] / max(1, claimed):.0f}" for s in STATUSES]
                share = effect[12:].mean() / effect[:6].mean()
                given = f"{100 * len(held['share_kept']) / count:.0f}"
                cells = [shape, after, rho, f"{share:.2f}", f"{100 * claimed / count:.0f}"]
                lines.append(f"| {' | '.join(map(str, [*cells, *cover, given, *said]))} |")
                print(lines[-1], flush=True)
    lines += [
        "",
        "## Charts",
        "",
        f"Independent values, an individuals chart whose lines were restarted at the change; "
        f"{count} a cell. Coverage of the later difference from the old level; no change seen: the "
        "restart is no clear step.",
        "",
        "| effect | months after | later | lasted | faded | cannot tell | no change seen |",
        "|---|---|---|---|---|---|---|",
    ]
    for place, shape in enumerate(SHAPES):
        for after in AFTER:
            rng = np.random.default_rng([SEED, 100 + place, after])
            by_status, held_later = of_charts(shape, after, count, rng)
            said = [f"{100 * by_status[s] / count:.0f}" for s in (*STATUSES, "none")]
            cells = [shape, after, in_100(held_later), *said]
            lines.append(f"| {' | '.join(map(str, cells))} |")
            print(lines[-1], flush=True)
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
