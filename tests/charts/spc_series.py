"""Run charts and control charts of many shapes, for the tests of their figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import qieval as qi
from qieval.analysis.spc import ControlChartResult, RunChartResult

WORDS = {
    "outcome": "Occupied bed days",
    "unit": "bed days a day",
    "setting": "Alder ward",
    "direction": "lower",
}
CYCLE = "Cycle {}: discharge planned in the first week with the family and the community team"
LONG = {
    "outcome": "Occupied bed days of people with a stay of more than fifty days on acute wards",
    "unit": "occupied bed days per 100,000 adults registered with a general practice, a month",
    "setting": "the Northern and Eastern Integrated Community Rehabilitation Partnership",
}
Chart = RunChartResult | ControlChartResult


def month(k: int) -> str:
    return f"{pd.Timestamp('2017-01-01') + pd.DateOffset(months=k):%Y-%m-%d}"


def values(n: int = 36, shift: float = -5, at: int = 18, seed: int = 2) -> pd.DataFrame:
    """Independent values with a shift."""
    rng = np.random.default_rng(seed)
    y = 24 + rng.normal(0, 2, n) + np.where(np.arange(n) >= at, shift, 0)
    return pd.DataFrame(
        {"period": pd.date_range("2017-01-01", periods=n, freq="MS"), "bed_days": y}
    )


def cycles(places: list[int], words: str = "Cycle {}") -> list[dict[str, Any]]:
    """Tests of change, every third an event of another kind."""
    return [
        {"date": month(k), "event": words.format(i), "kind": "pdsa" if i % 3 else "policy"}
        for i, k in enumerate(places, start=1)
    ]


def run(data: pd.DataFrame | None = None, **more: Any) -> RunChartResult:
    table = values() if data is None else data
    return qi.run_chart(table, **{"value": "bed_days", **WORDS, **more})


def control(data: pd.DataFrame | None = None, **more: Any) -> ControlChartResult:
    table = values() if data is None else data
    return qi.control_chart(table, **{"kind": "i", "value": "bed_days", **WORDS, **more})


def shares(n: int = 36, size: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    below = size + rng.integers(0, size, n)
    return values(n).assign(late=rng.binomial(below, 0.2), seen=below)


def falls(n: int = 30) -> pd.DataFrame:
    days = np.cumsum(np.random.default_rng(5).integers(1, 40, n))
    return pd.DataFrame({"period": pd.Timestamp("2018-01-01") + pd.to_timedelta(days, unit="D")})


def wards(count: int) -> pd.DataFrame:
    parts = [values(seed=k).assign(ward=f"Ward {k}, the northern network") for k in range(count)]
    return pd.concat(parts, ignore_index=True)


TWELVE = [2, 3, 4, 5, 12, 13, 14, 20, 21, 22, 30, 33]
REASON = "discharge pathway began"
FOUR = {month(6): "one", month(12): "two", month(20): "", month(28): "four"}
SHAPES: dict[str, Callable[[], Chart]] = {
    "run": run,
    "run, 12 points": lambda: run(values(12, at=6)),
    "run, target and 12 events": lambda: run(target=20, events=cycles(TWELVE, CYCLE)),
    "run, ihi": lambda: run(rules="ihi", direction="neutral"),
    "run, frozen": lambda: run(baseline=18, rephase={month(30): REASON}),
    "run, gaps": lambda: run(values().drop(index=[3, 4, 20])),
    "run, 150 weeks": lambda: run(
        values(150, at=80).assign(period=pd.date_range("2017-01-02", periods=150, freq="W-MON"))
    ),
    "run, wards": lambda: run(wards(7), by="ward"),
    "i": control,
    "i, everything": lambda: control(
        values().drop(index=[10]),
        target=20,
        rephase={month(18): REASON},
        baseline=12,
        exclude={month(4): "flood"},
        events=cycles(TWELVE, CYCLE),
    ),
    "i, 12 events in a row": lambda: control(events=cycles(list(range(12)))),
    "i, three phases": lambda: control(rephase={month(18): REASON, month(24): "another"}),
    "i, five phases": lambda: control(rephase=FOUR, events=cycles([6, 12])),
    "i, flat": lambda: control(values().assign(bed_days=7.0)),
    "i, negative": lambda: control(values().assign(bed_days=lambda d: -d["bed_days"])),
    "i, huge": lambda: control(values().assign(bed_days=lambda d: 1e7 * d["bed_days"])),
    "i, long names": lambda: control(events=cycles([4, 9]), **LONG),
    "i, two points": lambda: control(values(2, at=1)),
    "p, target": lambda: control(
        shares(),
        kind="p",
        value=None,
        numerator="late",
        denominator="seen",
        per=100,
        unit="%",
        target=12.5,
    ),
    "pp": lambda: control(
        shares(), kind="pp", value=None, numerator="late", denominator="seen", direction="neutral"
    ),
    "g": lambda: control(falls(), kind="g", value=None, unit="days", events=cycles([14, 16, 17])),
    "t": lambda: control(falls(), kind="t", value=None, unit="days"),
    "i, wards": lambda: control(wards(2), by="ward"),
    "i, 40 wards": lambda: control(wards(40), by="ward"),
}


@cache
def shape(name: str) -> Chart:
    """A result of that shape."""
    return SHAPES[name]()
