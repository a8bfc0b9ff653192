"""P charts by other Python packages, timed: `PYTHON benchmarks/peers/p_charts.py DATA.csv`.

For ``benchmarks/spc_speed.py``, which starts it with a Python that has the packages. Data only, no
figures. One JSON line a package: what it is, its version, and for each way of calling it the median
processor time of five calls (after one that does not count) and the limits, unit by unit. A package
that is not installed says so; one that fails says how.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd

ROUNDS = 5
LIMITS = ["centre", "lower", "upper"]


def qikit(data: pd.DataFrame) -> dict[str, Callable[[], pd.DataFrame]]:
    """Centre line and limits; runs by the Anhøj rules."""
    qic = import_module("qikit").qic

    def facets() -> pd.DataFrame:
        return qic(x="period", y="num", n="den", data=data, chart="p", facets="unit").data

    def loop() -> pd.DataFrame:
        parts = [
            qic(x=part["period"], y=part["num"], n=part["den"], chart="p").data
            for _, part in data.groupby("unit")
        ]
        return pd.concat(parts)

    return {"facets": facets, "a loop": loop}


def abspc(data: pd.DataFrame) -> dict[str, Callable[[], pd.DataFrame]]:
    """Limits; rules of Making Data Count by a second call."""
    package = import_module("abspc")

    def limits(part: pd.DataFrame) -> pd.DataFrame:
        shares = part.assign(value=part["num"] / part["den"])
        return package.calculate_control_limits(shares, "p", subgroup_col="den")

    def loop() -> pd.DataFrame:
        return pd.concat([limits(part) for _, part in data.groupby("unit")])

    def with_rules() -> pd.DataFrame:
        parts = [package.detect_special_causes(limits(part)) for _, part in data.groupby("unit")]
        return pd.concat(parts)

    return {"a loop": loop, "a loop, with rules": with_rules}


def controlchartspy(data: pd.DataFrame) -> dict[str, Callable[[], pd.DataFrame]]:
    """Limits, and rules where they are asked for."""
    spc = import_module("controlchartspy").spc
    rules = dict.fromkeys(("astronomical", "shift", "trend", "two_in_three"), True)

    def charts(**more: Any) -> pd.DataFrame:
        found = spc(
            data,
            keys="period",
            numerators="num",
            denominators="den",
            indicators="unit",
            spc_settings={"chart_type": "p"},
            return_objs="limits",
            **more,
        )
        return pd.DataFrame(found.limits)

    return {
        "indicators": charts,
        "indicators, with rules": lambda: charts(outlier_settings=rules),
    }


PACKAGES: dict[str, tuple[Callable[[pd.DataFrame], dict[str, Callable]], list[str], float]] = {
    "clinical-qikit": (qikit, ["cl", "lcl", "ucl"], 1),
    "abspc": (abspc, ["mean", "lcl", "ucl"], 1),
    "controlchartspy": (controlchartspy, ["target", "ll99", "ul99"], 100),
}
"""Name on the package index → its ways, its names of our columns, and what it takes as a whole."""


def timed(way: Callable[[], pd.DataFrame], names: list[str], whole: float) -> dict[str, Any]:
    """Median seconds of a way, and the limits that it gives."""
    found = way()
    taken = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        way()
        taken.append(time.process_time() - begin)
    numbers = found[names].to_numpy(dtype=float) / whole
    limits = dict(zip(LIMITS, numbers.T.tolist(), strict=True))
    return {"seconds": sorted(taken)[ROUNDS // 2], "limits": limits}


def main() -> None:
    warnings.filterwarnings("ignore")
    data = pd.read_csv(sys.argv[1], parse_dates=["period"])
    for name, (make, columns, whole) in PACKAGES.items():
        try:
            row: dict[str, Any] = {"name": name, "version": version(name), "ways": {}}
        except PackageNotFoundError:
            print(json.dumps({"name": name, "missing": True}))
            continue
        for way, call in make(data).items():
            try:
                row["ways"][way] = timed(call, columns, whole)
            except Exception as error:  # another package's fault is a finding, and is printed
                row["ways"][way] = {"failed": repr(error)}
        print(json.dumps(row))


if __name__ == "__main__":
    main()
