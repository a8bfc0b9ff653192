"""Dates at which nothing happened: many that look like a change are a warning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.its import checks


def series(before):
    values = np.r_[before, np.random.default_rng(2).normal(0, 1, 24)] + 50
    months = pd.date_range("2014-01-01", periods=len(values), freq="MS")
    return pd.DataFrame({"period": months, "y": values})


def placebo_row(before):
    result = qi.interrupted_time_series(
        series(before), value="y", intervention="2017-01-01", season=None
    )
    return result.checks.set_index("id").loc["placebo_dates"]


def test_a_series_that_turned_before_the_intervention_is_a_warning():
    noise = np.random.default_rng(4).normal(0, 0.5, 36)
    moved = placebo_row(noise - 0.5 * np.abs(np.arange(36) - 18))  # it rose, then fell
    assert moved["status"] == "warn"
    assert "moves by itself" in moved["detail"]
    assert placebo_row(noise)["status"] == "pass"


@pytest.mark.parametrize(
    ("clear", "status"),
    [
        ([], "info"),
        ([0] * 12, "pass"),
        ([1, 1, *[0] * 10], "pass"),
        ([1, 1, 1, *[0] * 9], "warn"),
        ([1, 0, 0], "pass"),
        ([1, 1, 0], "warn"),
    ],
)
def test_a_quarter_of_the_dates_and_at_least_two_make_it_a_warning(clear, status):
    table = pd.DataFrame({"clear": np.array(clear, dtype=bool)})
    assert checks.placebo_dates(table).status == status
