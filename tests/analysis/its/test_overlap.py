"""Rolling totals hide the moment of a change: refused beyond doubt, warned of before that."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from tests.analysis.its.simulated import ar1_errors


def table(values: np.ndarray) -> pd.DataFrame:
    dates = pd.date_range("2012-01-01", periods=len(values), freq="MS")
    return pd.DataFrame({"period": dates, "value": values})


def evaluate(values: np.ndarray, **more):
    middle = table(values)["period"][len(values) // 2]
    return qi.interrupted_time_series(
        table(values), value="value", intervention=middle, season=None, **more
    )


def outcome(values: np.ndarray) -> str:
    try:
        found = evaluate(values)
    except qi.CannotEvaluate as error:
        return "refused" if "rolling totals" in str(error) else "refused for another reason"
    return "warned" if "overlapping_values" in set(found.checks["id"]) else "clean"


@pytest.mark.parametrize("window", [3, 12])
def test_rolling_totals_of_a_long_series_are_refused_or_warned_of(window):
    e = ar1_errors(120 + window - 1, 0.4, np.random.default_rng(1), 20)
    rolled = [np.convolve(e[:, i], np.ones(window), "valid") for i in range(20)]
    found = [outcome(50 + one) for one in rolled]
    assert found.count("refused") >= 16


@pytest.mark.parametrize("rho", [0, 0.4, 0.8])
def test_single_values_are_hardly_ever_refused(rho):
    e = ar1_errors(60, rho, np.random.default_rng(2), 30)
    found = [outcome(50 + e[:, i]) for i in range(30)]
    assert found.count("refused") <= 1
    assert found.count("warned") <= 3


def with_gaps(values: np.ndarray, which: int) -> np.ndarray:
    """One month in ten is missing, never the first or the last."""
    gaps = np.random.default_rng(which).choice(np.arange(1, len(values) - 1), len(values) // 10)
    values = values.copy()
    values[gaps] = np.nan
    return values


@pytest.mark.parametrize("window", [3, 12])
def test_rolling_totals_are_seen_over_gaps(window):
    e = ar1_errors(120 + window - 1, 0.4, np.random.default_rng(3), 20)
    rolled = [np.convolve(e[:, i], np.ones(window), "valid") for i in range(20)]
    found = [outcome(with_gaps(50 + one, which)) for which, one in enumerate(rolled)]
    assert found.count("refused") + found.count("warned") >= 16
    assert found.count("refused") >= 14


def test_single_values_with_gaps_are_hardly_ever_refused():
    e = ar1_errors(60, 0.4, np.random.default_rng(4), 30)
    found = [outcome(with_gaps(50 + e[:, i], i)) for i in range(30)]
    assert found.count("refused") <= 1
    assert found.count("warned") <= 3


def test_a_rise_that_may_be_a_running_total_is_asked_about_and_a_running_total_refused():
    rng = np.random.default_rng(5)
    rise = 2.0 * np.arange(1, 37) + rng.normal(0, 0.5, 36)
    assert outcome(rise) == "warned"
    assert outcome(100 + rise) == "clean"  # starts far from one step
    with pytest.raises(qi.CannotEvaluate, match="look like a running total"):
        evaluate(rng.poisson(20, 36).cumsum().astype(float))


def test_what_the_user_says_stands():
    e = ar1_errors(131, 0.4, np.random.default_rng(1), 1)[:, 0]
    rolled = 50 + np.convolve(e, np.ones(12), "valid")
    with pytest.raises(qi.CannotEvaluate, match="overlapping: false"):
        evaluate(rolled)
    evaluate(rolled, overlapping=False)
    with pytest.raises(qi.CannotEvaluate, match="rolling or running total"):
        evaluate(50 + e, overlapping=True)


def test_strong_waves_that_the_model_holds_are_not_taken_for_totals():
    t = np.arange(72)
    e = ar1_errors(72, 0.3, np.random.default_rng(4), 1)[:, 0]
    for period in (6, 12):
        values = 50 + e + 6 * np.sin(2 * np.pi * t / period)
        middle = table(values)["period"][36]
        found = qi.interrupted_time_series(table(values), value="value", intervention=middle)
        assert "overlapping_values" not in set(found.checks["id"])
