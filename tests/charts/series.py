"""Interrupted time series of many shapes, for the tests of charts and pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

import qieval as qi
from qieval.analysis.its import ITSResult
from tests.analysis.its.simulated import ar1_errors, monthly, start

WORDS = {
    "outcome": "Occupied bed days",
    "unit": "bed days a day",
    "setting": "Alder ward",
    "change": "the weekly review",
}
EVENTS = [
    {"date": start(8), "event": "New building"},
    {"date": start(22), "event": "Two wards merged"},
    {"date": start(24), "event": "New records system"},
    {"date": start(25), "event": "Winter funds"},
    {"date": start(35), "event": "The consultant left"},
]
LONG = {
    "outcome": "Occupied bed days of people with a stay of more than fifty days on acute wards",
    "unit": "occupied bed days per 100,000 adults registered with a general practice, a month",
    "setting": "the Northern and Eastern Integrated Community Rehabilitation Partnership",
    "change": "the introduction of a weekly multidisciplinary review of every stay over 50 days",
}
UNBROKEN = {"change": "the " + "Rehabilitationskoordinatorenbesprechung" * 2, "outcome": "A" * 90}


def its(data: pd.DataFrame, at: int = 24, **more: object) -> ITSResult:
    given = {"value": "bed_days", "intervention": start(at), **WORDS, **more}
    return qi.interrupted_time_series(data, **given)  # type: ignore[arg-type]


def spaced(freq: str, n: int, at: int, **more: object) -> ITSResult:
    """A series with another kind of period."""
    data = monthly(n=n, at=at, level=-4, slope=0, seed=4)
    data["period"] = pd.date_range("2001-01-01", periods=n, freq=freq)
    return its(data, intervention=f"{data['period'][at]:%Y-%m-%d}", **more)


def counted(n: int = 40, at: int = 20) -> pd.DataFrame:
    mean = np.where(np.arange(n) < at, 6, 2.5)
    return monthly(n=n).assign(bed_days=np.random.default_rng(3).poisson(mean))


def times(factor: float) -> pd.DataFrame:
    return monthly(n=40, at=24).assign(bed_days=lambda data: factor * data["bed_days"])


SHAPES: dict[str, Callable[[], ITSResult]] = {
    "eight a side": lambda: its(monthly(n=16, at=8), 8),
    "60 months": lambda: its(monthly(n=60, at=30), 30),
    "150 weeks": lambda: spaced("W-MON", 150, 80),
    "60 days": lambda: spaced("D", 60, 30, season=None),
    "24 quarters": lambda: spaced("QS", 24, 12),
    "30 years": lambda: spaced("YS", 30, 15),
    "described": lambda: its(monthly(n=14, at=7), 7),
    "described, wash-out": lambda: its(monthly(n=14, at=6), 6, transition=1),
    "wash-out": lambda: its(monthly(), transition=3, events=EVENTS[:1]),
    "missing months": lambda: its(monthly().drop(index=[4, 5, 30]), events=EVENTS[:4]),
    "two and five events": lambda: its(
        monthly(n=60, at=20), intervention=[start(20), start(40)], events=EVENTS, transition=2
    ),
    "three close": lambda: its(
        monthly(n=60), intervention=[start(24), start(28), start(33)], season=None
    ),
    "three late": lambda: its(
        monthly(n=60), intervention=[start(48), start(52), start(56)], season=None
    ),
    "temporary": lambda: its(
        monthly(n=60, at=20), 20, intervention_end=start(32), events=EVENTS, season=None
    ),
    "early": lambda: its(monthly(n=60, at=9), 9),
    "late": lambda: its(monthly(n=60, at=50), 50, transition=1),
    "counts": lambda: its(counted(), 20, outcome="Falls", unit="falls a month"),
    "long names": lambda: its(
        monthly(), events=[{**event, "event": LONG["change"]} for event in EVENTS], **LONG
    ),
    "no place to break": lambda: its(monthly(), **UNBROKEN),
    "negative": lambda: its(times(-1).assign(bed_days=lambda d: d["bed_days"] - 5)),
    "both signs": lambda: its(times(1).assign(bed_days=lambda d: d["bed_days"] - 50)),
    "huge": lambda: its(times(1e8)),
    "tiny": lambda: its(times(1e-6)),
    "money": lambda: its(monthly(), unit="$ a day ($1 to $9)", change="the $5 plan & <b>"),
    "fifteen events": lambda: its(
        monthly(),
        events=[{"date": start(k), "event": f"Event {k}"} for k in range(8, 23)],
    ),
    "control": lambda: its(
        monthly().assign(other=50 + ar1_errors(48, 0.3, np.random.default_rng(7))[:, 0]),
        control="other",
    ),
}


@cache
def shape(name: str) -> ITSResult:
    """A result of that shape."""
    return SHAPES[name]()
