"""Figures that others published (sources: published.py)."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from qieval.analysis.spc import control_chart, run_chart
from qieval.analysis.spc.methods.limits import c4_of
from qieval.analysis.spc.methods.runs import anhoej_limits, runs_limits
from tests.analysis.spc import published
from tests.analysis.spc.published import monthly


def lines(result, at=0):
    return tuple(result.points.loc[at, ["centre", "lower", "upper"]])


def test_p_chart_of_orange_juice_cans():
    table = monthly(published.ORANGE_JUICE, n=50)
    result = control_chart(
        table, kind="p", numerator="x", denominator="n", baseline=30, rules="shewhart"
    )
    assert lines(result) == pytest.approx((0.2313333, 0.05242755, 0.4102391), rel=1e-6)
    outside = result.points["outside_limits"]
    assert list(outside[outside].index[:2] + 1) == [15, 23]  # the two samples that Montgomery names
    assert lines(result, 53) == lines(result)  # frozen


def test_p_chart_of_orange_juice_cans_without_the_two_explained_samples():
    """As Montgomery goes on: 15 (raw material) and 23 (operator) left out, then 21 is outside."""
    table = monthly(published.ORANGE_JUICE[:30], n=50)
    why = {table["period"][14]: "new raw material", table["period"][22]: "new operator"}
    result = control_chart(
        table, kind="p", numerator="x", denominator="n", exclude=why, rules="shewhart"
    )
    assert lines(result) == pytest.approx((0.215, 0.04070284, 0.3892972), rel=1e-6)
    assert list(np.flatnonzero(result.points["special_cause"]) + 1) == [21]


def test_p_chart_of_orange_juice_cans_after_the_adjustment():
    table = monthly(published.ORANGE_JUICE, n=50)
    result = control_chart(
        table,
        kind="p",
        numerator="x",
        denominator="n",
        rephase={table["period"][30]: "machine adjusted"},
        rules="shewhart",
    )
    assert lines(result, 53) == pytest.approx((0.1108333, 0, 0.2440207), rel=1e-6)
    second = result.estimates.loc["centre_2", ["centre", "lower", "upper"]]
    assert list(second) == pytest.approx([0.1108333, 0, 0.2440207], rel=1e-6)
    assert not result.points["special_cause"][30:].any()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (published.VISCOSITY, (33.52333, 32.24484, 34.80183)),
        (published.ANTIFREEZE, (2.569706, 2.031344, 3.108068)),
    ],
)
def test_i_charts_of_viscosity_and_of_antifreeze(values, expected):
    result = control_chart(
        monthly(values), kind="i", value="x", rules="shewhart", screen_moving_ranges=False
    )
    assert lines(result) == pytest.approx(expected, abs=5e-6)
    assert not result.points["special_cause"].any()


def test_c_chart_of_circuit_boards():
    result = control_chart(monthly(published.CIRCUITS), kind="c", value="x", rules="shewhart")
    assert lines(result) == pytest.approx((19.84615, 6.481447, 33.21086), rel=1e-6)
    outside = result.points["outside_limits"]
    assert list(outside[outside].index + 1) == [6, 20]


def test_u_chart_of_dyed_cloth():
    table = monthly(published.CLOTH, n=published.CLOTH_UNITS)
    result = control_chart(table, kind="u", numerator="x", denominator="n", rules="shewhart")
    assert result.points["centre"].to_numpy() == pytest.approx(1.40367, rel=1e-5)
    # Step limits: each point's own number of units.
    steps = 1.40367 + 3 * np.sqrt(1.40367 / np.array(published.CLOTH_UNITS))
    assert result.points["upper"].to_numpy() == pytest.approx(steps, rel=1e-5)
    assert result.setup.step_limits


def test_i_and_mr_charts_of_flow_rates():
    table = monthly(published.FLOW)
    single = control_chart(table, kind="i", value="x", rules="shewhart")
    assert lines(single) == pytest.approx((50.81, 45.8159, 55.8041), abs=1e-4)
    ranges = control_chart(table, kind="mr", value="x", rules="shewhart")
    assert lines(ranges, 1) == pytest.approx((1.8778, 0, 6.1349), abs=4e-4)
    assert np.isnan(ranges.points.loc[0, "value"])


def test_c_chart_of_wafers():
    result = control_chart(monthly(published.WAFERS), kind="c", value="x", rules="shewhart")
    assert lines(result) == pytest.approx((16, 4, 28), abs=0.05)
    assert list(np.flatnonzero(result.points["outside_limits"]) + 1) == [24]


@pytest.mark.parametrize(
    ("n", "c4", "a3", "b3", "b4"),
    [(5, 0.9400, 1.427, 0, 2.089), (10, 0.9727, 0.975, 0.284, 1.716)],
)
def test_constants_of_subgroups(n, c4, a3, b3, b4):
    """ASTM E2587, table 1."""
    found = float(c4_of(np.array([n]))[0])
    width = 3 * np.sqrt(1 - found**2) / found
    assert found == pytest.approx(c4, abs=5e-5)
    assert 3 / (found * np.sqrt(n)) == pytest.approx(a3, abs=5e-4)
    assert max(0, 1 - width) == pytest.approx(b3, abs=5e-4)
    assert 1 + width == pytest.approx(b4, abs=5e-4)


def test_xbar_and_s_charts_of_piston_rings():
    """Figures of qcc: S chart, and the standard deviation that it draws from the S chart."""
    means = control_chart(published.rings(), kind="xbar", value="x", rules="shewhart")
    spreads = control_chart(published.rings(), kind="s", value="x", rules="shewhart")
    assert lines(spreads) == pytest.approx((0.009240037, 0, 0.019302416), rel=1e-6)
    reach = 3 * 0.009829977 / np.sqrt(5)
    assert lines(means) == pytest.approx((74.00118, 74.00118 - reach, 74.00118 + reach), abs=5e-6)
    assert not means.points["special_cause"].any()


@pytest.mark.parametrize(
    ("n", "longest", "crossings"),
    [(10, 6, 2), (12, 7, 3), (20, 7, 6), (24, 8, 8), (36, 8, 13), (60, 9, 23), (100, 10, 41)],
)
def test_anhoej_limits(n, longest, crossings):
    """Anhøj and Olesen 2014, table 1 (METHODS 2.2)."""
    assert anhoej_limits(n) == (longest, crossings)


@pytest.mark.parametrize(
    ("each", "fewest", "most"),
    [(5, 3, 9), (8, 5, 13), (10, 7, 15), (12, 8, 18), (15, 11, 21), (20, 15, 27)],
)
def test_runs_limits(each, fewest, most):
    """Swed and Eisenhart 1943: the critical values lie one outside (5 and 5 points: 2 and 10)."""
    assert runs_limits(each, each) == (fewest, most)


@pytest.mark.parametrize(("above", "below"), [(3, 4), (5, 5), (2, 8), (6, 3)])
def test_runs_limits_against_every_arrangement(above, below):
    n = above + below
    runs = Counter()
    for chosen in itertools.combinations(range(n), above):
        side = [place in chosen for place in range(n)]
        runs[1 + sum(a != b for a, b in itertools.pairwise(side))] += 1
    whole = sum(runs.values())
    low, high = runs_limits(above, below)
    few = [r for r in range(n + 1) if sum(runs[k] for k in range(r + 1)) / whole <= 0.025]
    many = [r for r in range(n + 1) if sum(runs[k] for k in range(r, n + 1)) / whole <= 0.025]
    assert low == max(few, default=-1) + 1
    assert high == min(many, default=n + 1) - 1


def test_a_run_chart_by_hand():
    """24 points: 12 low, then 12 high: one run of 12 (8 allowed), one crossing (8 needed)."""
    table = monthly([10 + k % 3 for k in range(12)] + [20 + k % 3 for k in range(12)])
    result = run_chart(table, value="x")
    e = result.estimates.loc["centre"]
    assert (e["centre"], e["n_useful"]) == (16, 24)
    assert (e["longest_run"], e["longest_run_max"]) == (12, 8)
    assert (e["n_crossings"], e["n_crossings_min"]) == (1, 8)
    assert e["signal"]
    assert result.points["shift"].all()


def test_p_prime_by_hand():
    """Laney 2002: z, their moving range, and limits stretched by sigma z."""
    x, n = np.array([480, 520, 455, 530, 470, 510]), np.array([1000, 1000, 900, 1100, 1000, 980])
    table = monthly(list(x), n=n)
    result = control_chart(
        table, kind="pp", numerator="x", denominator="n", screen_moving_ranges=False
    )
    p = x.sum() / n.sum()
    sigma = np.sqrt(p * (1 - p) / n)
    z = (x / n - p) / sigma
    sigma_z = np.abs(np.diff(z)).mean() / 1.128
    assert result.estimates.loc["centre", "sigma_z"] == pytest.approx(sigma_z)
    assert result.points["upper"].to_numpy() == pytest.approx(p + 3 * sigma * sigma_z)


def test_i_prime_by_hand_is_an_i_chart_where_denominators_are_equal():
    x = [12.0, 14, 11, 15, 13, 12, 16, 13]
    table = monthly(x, n=10)
    with_denominator = control_chart(
        table, kind="ip", numerator="x", denominator="n", screen_moving_ranges=False
    )
    s = np.sqrt(np.pi / 2) * np.abs(np.diff(x)).mean() / 10 / np.sqrt(0.2)
    assert lines(with_denominator)[2] == pytest.approx(np.mean(x) / 10 + 3 * s / np.sqrt(10))


def test_g_and_t_charts_by_hand():
    gaps = [12, 3, 30, 7, 18, 9, 25, 4, 16, 11]
    dates = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.cumsum([0, *gaps]), unit="D")
    table = pd.DataFrame({"period": dates})
    g = control_chart(table, kind="g", rules="shewhart")
    m = np.mean(gaps)
    assert list(g.points["value"]) == gaps
    assert lines(g) == pytest.approx((np.median(gaps), 0, m + 3 * np.sqrt(m * (m + 1))))
    t = control_chart(table, kind="t", rules="shewhart")
    y = np.array(gaps) ** (1 / 3.6)
    sigma = np.abs(np.diff(y)).mean() / 1.128
    expected = (y.mean() ** 3.6, max(0, y.mean() - 3 * sigma) ** 3.6, (y.mean() + 3 * sigma) ** 3.6)
    assert lines(t) == pytest.approx(expected)


def test_screening_leaves_out_a_moving_range_that_is_far_too_large():
    """Provost and Murray, The Health Care Data Guide, appendix 5.1: removed once, not again."""
    x = [10.0, 11, 10, 12, 11, 10, 12, 11, 40, 41, 40, 42, 41, 40, 41, 42]
    ranges = np.abs(np.diff(x))
    kept = ranges[ranges < 3.267 * ranges.mean()]
    assert len(kept) == len(ranges) - 1
    screened = control_chart(monthly(x), kind="i", value="x", rules="shewhart")
    whole = control_chart(
        monthly(x), kind="i", value="x", rules="shewhart", screen_moving_ranges=False
    )
    assert lines(screened)[2] == pytest.approx(np.mean(x) + 3 * kept.mean() / 1.128)
    assert lines(whole)[2] == pytest.approx(np.mean(x) + 3 * ranges.mean() / 1.128)


def test_making_data_count_takes_two_point_six_six_mean_moving_ranges():
    result = control_chart(monthly(published.FLOW), kind="i", value="x")
    ranges = np.abs(np.diff(published.FLOW))
    assert lines(result)[2] == pytest.approx(50.81 + 2.66 * ranges.mean())
