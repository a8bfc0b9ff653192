"""What must hold for any series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qieval.analysis.spc import control_chart, run_chart
from tests.analysis.spc.published import monthly

FLAGS = ["outside_limits", "shift", "trend", "two_of_three", "special_cause"]
RUNS = ["n_useful", "longest_run", "longest_run_max", "n_crossings", "n_crossings_min", "signal"]
RUN_SETS = ["anhoej", "ihi", "making_data_count", "western_electric", "nelson"]
SERIES = st.lists(st.integers(0, 12).map(float), min_size=12, max_size=40)
SETS = st.sampled_from(["making_data_count", "western_electric", "nelson", "shewhart", "anhoej"])


def control(table, rules, **more):
    return control_chart(table, kind="i", value="x", rules=rules, overlapping=False, **more)


@given(SERIES, SETS, st.integers(-1000, 1000))
def test_a_shift_of_all_values_leaves_signals_alone(values, rules, by):
    if np.ptp(values) == 0:
        return
    here = control(monthly(values), rules).points
    there = control(monthly([v + by for v in values]), rules).points
    pd.testing.assert_frame_equal(here[FLAGS], there[FLAGS])
    assert there["upper"].to_numpy() == pytest.approx(here["upper"].to_numpy() + by)


@given(SERIES, SETS)
def test_rules_look_the_same_from_the_end(values, rules):
    if np.ptp(values) == 0:
        return
    forward = control(monthly(values), rules).points[FLAGS]
    back = control(monthly(values[::-1]), rules).points[FLAGS]
    pd.testing.assert_frame_equal(forward, back.iloc[::-1].reset_index(drop=True))


@given(SERIES, SETS)
def test_upside_down_is_the_same_upside_down(values, rules):
    if np.ptp(values) == 0:
        return
    up = control(monthly(values), rules, direction="higher").points
    down = control(monthly([-v for v in values]), rules, direction="lower").points
    pd.testing.assert_frame_equal(up[FLAGS], down[FLAGS])
    assert list(up["point_type"]) == list(down["point_type"])


@given(SERIES, st.sampled_from(RUN_SETS))
def test_run_charts_look_the_same_from_the_end_and_shifted(values, rules):
    here = run_chart(monthly(values), value="x", rules=rules, overlapping=False)
    back = run_chart(monthly(values[::-1]), value="x", rules=rules, overlapping=False)
    more = run_chart(monthly([v + 7 for v in values]), value="x", rules=rules, overlapping=False)
    names = ["shift", "trend", "special_cause"]
    flags = here.points[names]
    pd.testing.assert_frame_equal(flags, back.points[names].iloc[::-1].reset_index(drop=True))
    pd.testing.assert_frame_equal(flags, more.points[names])
    for other in (back, more):
        pd.testing.assert_frame_equal(here.estimates[RUNS], other.estimates[RUNS])


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(random):
    rng = np.random.default_rng(2)
    table = monthly(list(rng.binomial(200, 0.3, 30)), n=rng.integers(180, 240, 30))
    order = list(range(30))
    random.shuffle(order)
    ask = {"kind": "pp", "numerator": "x", "denominator": "n"}
    here, there = control_chart(table, **ask), control_chart(table.iloc[order], **ask)
    pd.testing.assert_frame_equal(here.points, there.points)
    assert here.summary() == there.summary()


def test_the_table_of_the_caller_is_not_changed():
    table = monthly([3.0, 1, 2, 5, 4])
    before = table.copy()
    control(table, "nelson")
    run_chart(table, value="x")
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("kind", ["p", "u", "pp", "up", "ip"])
def test_per_changes_the_scale_only(kind):
    rng = np.random.default_rng(4)
    table = monthly(list(rng.binomial(200, 0.3, 30)), n=rng.integers(180, 240, 30))
    ask = {"kind": kind, "numerator": "x", "denominator": "n"}
    one, many = control_chart(table, **ask), control_chart(table, per=100, **ask)
    for name in ("value", "centre", "lower", "upper", "upper_1s"):
        assert many.points[name].to_numpy() == pytest.approx(100 * one.points[name].to_numpy())
    pd.testing.assert_frame_equal(one.points[FLAGS], many.points[FLAGS])


def test_laney_limits_are_those_of_p_where_chance_is_all_there_is():
    rng = np.random.default_rng(5)
    n = rng.integers(200, 400, 2000)
    days = pd.date_range("2010-01-01", periods=2000, freq="D")
    table = pd.DataFrame({"period": days, "x": rng.binomial(n, 0.3), "n": n})
    result = control_chart(table, kind="pp", numerator="x", denominator="n")
    assert result.estimates.loc["centre", "sigma_z"] == pytest.approx(1, abs=0.05)


def test_sigma_z_is_recovered_where_chance_is_not_all():
    rng = np.random.default_rng(6)
    n = np.full(2000, 1000)
    p = np.clip(rng.normal(0.3, 0.03, 2000), 0, 1)
    days = pd.date_range("2010-01-01", periods=2000, freq="D")
    table = pd.DataFrame({"period": days, "x": rng.binomial(n, p), "n": n})
    result = control_chart(table, kind="pp", numerator="x", denominator="n")
    truth = np.sqrt(1 + 0.03**2 * 1000 / 0.21)
    assert result.estimates.loc["centre", "sigma_z"] == pytest.approx(truth, rel=0.06)


def test_a_known_shift_is_found_where_it_began():
    rng = np.random.default_rng(7)
    values = list(rng.normal(50, 2, 24)) + list(rng.normal(43, 2, 24))
    result = control_chart(monthly(values), kind="i", value="x", baseline=24, direction="lower")
    improving = np.flatnonzero(result.points["point_type"] == "improvement")
    assert set(range(24, 48)) - set(improving) == set()
    assert result.shifts["start"].iloc[0] == pd.Timestamp("2020-01-01")
    assert result.estimates["variation"].tolist() == ["improvement"]
