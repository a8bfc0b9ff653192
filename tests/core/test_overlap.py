"""Rolling and running totals: the likelihood by hand, what must not matter, and what is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.core.overlap import CORRELATIONS, is_running_total, rolling_ratios, smoothness

N = 40
AT = np.arange(float(N))
LINE = np.column_stack([np.ones(N), AT])


def by_hand(y, x, correlation):
    """Restricted log likelihood, scale profiled out (Diggle et al. 2002, ch. 4), by its formula."""
    inverse = np.linalg.inv(correlation)
    information = x.T @ inverse @ x
    rest = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    free = len(x) - x.shape[1]
    determinants = np.linalg.slogdet(correlation)[1] + np.linalg.slogdet(information)[1]
    return -0.5 * (free * np.log(rest @ inverse @ rest / free) + determinants)


def rolled(width, points, seed):
    total = np.random.default_rng(seed).normal(50, 5, points + width).cumsum()
    return total[width:] - total[:-width]


def test_the_ratio_is_that_of_the_formula_over_gaps_too():
    kept = np.delete(np.arange(N), [3, 4, 11, 20, 33])
    y, x, at = rolled(12, N, 1)[kept], LINE[kept], AT[kept]
    lag = np.abs(np.subtract.outer(at, at))
    totals = by_hand(y, x, np.maximum(1 - lag / 12, 0) + 0.005 * np.eye(len(at)))
    single = max(
        by_hand(y, x, np.where(lag % 2, np.sign(r), 1) * abs(r) ** lag) for r in CORRELATIONS
    )
    (ratio,) = rolling_ratios(y[:, None], x, at, (12,))[:, 0]
    assert ratio == pytest.approx(totals - single, abs=1e-8)


@given(st.integers(0, 999), st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_neither_unit_nor_origin_nor_trend_matters(seed, origin, unit, trend):
    y = np.random.default_rng(seed).normal(0, 1, (N, 1)).cumsum(axis=0)
    moved = origin + unit * (y + trend * AT[:, None])
    for one in (lambda v: rolling_ratios(v, LINE, AT, (3, 12)), lambda v: smoothness(v)):
        np.testing.assert_allclose(one(moved), one(y), rtol=1e-4, atol=1e-4)


def test_columns_that_are_one_another_do_no_harm():
    """In the latest points a level change before them is the same as the intercept."""
    y, x = rolled(12, N, 2)[:, None], np.column_stack([LINE, np.ones(N)])
    np.testing.assert_allclose(
        rolling_ratios(y, x, AT, (3, 12)), rolling_ratios(y, LINE, AT, (3, 12)), atol=1e-8
    )


def test_too_few_points_are_no_evidence():
    y = np.random.default_rng(3).normal(size=(6, 2))
    assert np.isneginf(rolling_ratios(y, LINE[:6], AT[:6], (3, 12))).all()


KINDS = [
    ("total", True),
    ("to date", True),
    ("rise", False),
    ("flat", False),
    ("few", False),
    ("rare", False),
]


@pytest.mark.parametrize(("values", "running"), KINDS)
def test_errors_of_a_running_total_add_up_those_about_a_line_do_not(values, running):
    rng, found = np.random.default_rng(4), 0
    for _ in range(20):
        y = {
            "total": rng.poisson(20, 36).cumsum().astype(float),
            "to date": np.hstack([rng.poisson(5, m).cumsum() for m in (9, 12, 12, 3)]).astype(
                float
            ),
            "rare": rng.poisson(0.2, 24).astype(float),
            "few": rng.poisson(1, 36).astype(float),
            "rise": 2.0 * np.arange(1, 37) + rng.normal(0, 0.5, 36),
            "flat": rng.poisson(20, 36).astype(float),
        }[values]
        found += bool(is_running_total(y[:, None])[0])
    assert found >= 18 if running else found <= 2
