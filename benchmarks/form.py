"""How long a step of the form takes, and with what: `python benchmarks/form.py`.

Measured in this process, where the form computes as it would in a kernel; the aim is under 300 ms
a step. What JupyterLab needs to show the picture comes on top. Processor times, medians.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import qieval as qi
from qieval.params import form as module

PROJECT = "params/closing-the-gap/rowan-discharge-pathway"

MOVES = {
    "interrupted_time_series": ("intervention", [f"2017-{month:02d}-01" for month in range(1, 7)]),
    "run_chart": ("rules", ["ihi", "making_data_count", "western_electric", "nelson"]),
    "control_chart": ("rules", ["nelson", "western_electric", "making_data_count"]),
}
"""Evaluation → what is moved, and where to; never twice, since results are remembered."""

PARTS = ("evaluating", "drawing", "plan")


def timed(function: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """The same function, its processor seconds added to a list."""

    def measured(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent.append(time.process_time() - began)

    return measured


def main() -> None:
    """Print the median step of each form, its fastest, and the medians of its parts."""
    print(
        f"{'milliseconds':<26}{'a step':>10}{'fastest':>10}"
        + "".join(f"{part:>12}" for part in PARTS)
    )
    draw, compare = module.picture_of, module.compare
    for name, (moved, values) in MOVES.items():
        form = qi.form(PROJECT, "bed_days", name)
        spent: dict[str, list[float]] = {part: [] for part in PARTS}
        form._evaluate = timed(form._evaluate, spent["evaluating"])
        module.picture_of = timed(draw, spent["drawing"])
        module.compare = timed(compare, spent["plan"])
        step: list[float] = []
        for value in values:
            timed(setattr, step)(form.controls[moved], "value", value)
        print(f"{name:<26}{1000 * statistics.median(step):>10.0f}{1000 * min(step):>10.0f}", end="")
        print("".join(f"{1000 * statistics.median(each):>12.0f}" for each in spent.values()))


if __name__ == "__main__":
    main()
