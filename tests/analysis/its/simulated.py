"""Series with a known truth, for tests."""

from __future__ import annotations

import numpy as np
import pandas as pd


def ar1_errors(n: int, rho: float, rng: np.random.Generator, series: int = 1) -> np.ndarray:
    """AR(1) errors with variance 1, stationary from the start (n × series)."""
    e = rng.normal(size=(n, series))
    for t in range(1, n):
        e[t] = rho * e[t - 1] + np.sqrt(1 - rho**2) * e[t]
    return e


def monthly(
    n: int = 48,
    at: int = 24,
    level: float = -5.0,
    slope: float = -0.2,
    rho: float = 0.3,
    sd: float = 1.0,
    seed: int = 1,
) -> pd.DataFrame:
    """A monthly table with a level change and a slope change at month `at`."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    mean = 50 + 0.1 * t + level * (t >= at) + slope * np.maximum(t - at, 0)
    return pd.DataFrame(
        {
            "period": pd.date_range("2018-01-01", periods=n, freq="MS"),
            "bed_days": mean + sd * ar1_errors(n, rho, rng)[:, 0],
        }
    )


def start(at: int) -> str:
    """Date of month number `at` of such a table."""
    return f"{pd.date_range('2018-01-01', periods=at + 1, freq='MS')[at]:%Y-%m-%d}"
