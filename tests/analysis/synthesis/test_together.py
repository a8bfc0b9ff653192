"""Wards that start together: what they share is measured, and their sum is one series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.synthesis import pool
from qieval.analysis.synthesis.methods.together import (
    add_up,
    may_claim,
    mean_correlation,
    residuals_of,
)
from qieval.core.errors import DataError

NAME = "What the wards share"


def shocks(shared: float, wards: int = 8, n: int = 36, seed: int = 1) -> pd.DataFrame:
    """Noise of standard deviation 1 a ward, and shocks of `shared` that hit all of them."""
    rng = np.random.default_rng(seed)
    common = shared * rng.normal(size=(n, 1))
    months = pd.date_range("2018-01-01", periods=n, freq="MS")
    names = [f"Ward {k}" for k in range(wards)]
    return pd.DataFrame(common + rng.normal(size=(n, wards)), index=months, columns=names)


@pytest.mark.parametrize("shared", [0.0, 0.35, 0.7, 1.5])
def test_the_mean_correlation_is_the_share_of_the_variance_that_is_common(shared):
    found = np.mean([mean_correlation(shocks(shared, seed=seed)) for seed in range(20)])
    assert found == pytest.approx(shared**2 / (1 + shared**2), abs=0.06)


def test_pairs_with_few_periods_in_common_do_not_count():
    table = shocks(0.7)
    table.iloc[:-5, 0] = np.nan
    assert mean_correlation(table) == pytest.approx(mean_correlation(table.iloc[:, 1:]))
    assert np.isnan(mean_correlation(table.iloc[:5]))
    assert np.isnan(mean_correlation(table.iloc[:, :1]))


@pytest.mark.parametrize(
    ("correlation", "teams", "claims"),
    [(None, 3, True), (0.04, 8, True), (0.06, 8, False), (-0.2, 3, True), (0.0, 2, False),
     (None, 2, False), (float("nan"), 8, False)],
)  # fmt: skip
def test_an_average_claims_only_over_three_or_more_separate_wards(correlation, teams, claims):
    assert may_claim(correlation, teams) == claims


def pooled(shared: float, **more):
    residuals = shocks(shared)
    rng = np.random.default_rng(2)
    estimates = pd.DataFrame(
        {"estimate": rng.normal(-3, 0.5, 8), "se": 1.0}, index=list(residuals.columns)
    )
    return pool(estimates, team="ward", residuals=residuals, **more)


def test_the_average_says_what_the_wards_share():
    apart, together = pooled(0.0), pooled(0.7)
    assert apart.may_claim
    assert not together.may_claim
    assert together.residual_correlation == pytest.approx(mean_correlation(shocks(0.7)), rel=1e-12)
    statuses = [one.checks.set_index("check").loc[NAME, "status"] for one in (apart, together)]
    assert statuses == ["pass", "fail"]
    pd.testing.assert_frame_equal(apart.estimates, together.estimates)


def test_the_verdict_and_the_words_follow_whether_the_average_may_claim():
    apart, together = pooled(0.0, direction="lower"), pooled(0.7, direction="lower")
    assert (apart.finding, together.finding) == ("lower", "described")
    assert (apart.verdict.kind, apart.verdict.certainty) == ("improved", "clear")
    assert (together.verdict.kind, together.verdict.certainty) == ("described", "not tested")
    assert together.verdict.size == apart.verdict.size
    known = f"{together.residual_correlation:.2f}"
    assert known in together.summary()
    for text in (together.headline(), together.alt_text()):
        assert "shows no change by itself" in text
    assert "direction hoped for" not in together.summary()


def test_two_wards_are_described_whatever_is_known_of_them():
    pair = pd.DataFrame({"estimate": [-3.0, -3.1], "se": 0.1}, index=["a", "b"])
    found = pool(pair, interval="wald", direction="lower")
    assert found.verdict.kind == "described"
    assert "too few" in found.summary()


def test_wards_without_a_common_period_are_separate_evidence():
    table = shocks(1.5, wards=3)
    for k in range(3):
        table.iloc[12 * k : 12 * k + 12, [j for j in range(3) if j != k]] = np.nan
    estimates = pd.DataFrame({"estimate": [-3.0, -3.2, -2.9], "se": 0.3}, index=table.columns)
    found = pool(estimates, residuals=table)
    assert found.residual_correlation is None
    assert found.finding == "lower"


def test_without_residuals_nothing_is_said_of_them():
    estimates = pd.DataFrame({"estimate": [1.0, 2, 3], "se": 1.0}, index=["a", "b", "c"])
    assert pool(estimates).residual_correlation is None


def test_residuals_of_results_are_those_of_their_points():
    table = 50 + shocks(0.7, wards=3)
    results = {
        ward: qi.interrupted_time_series(
            pd.DataFrame({"period": table.index, "beds": table[ward]}),
            value="beds",
            intervention="2019-07-01",
        )
        for ward in table
    }
    residuals = residuals_of({ward: result.points for ward, result in results.items()})
    assert list(residuals.columns) == list(table.columns)
    first = results["Ward 0"].points.set_index("time")["residual"]
    pd.testing.assert_series_equal(residuals["Ward 0"], first, check_names=False, check_freq=False)


def test_wards_are_added_up_where_all_have_a_value():
    months = pd.date_range("2018-01-01", periods=3, freq="MS")
    panel = pd.DataFrame(
        {
            "ward": ["A", "A", "A", "B", "B", "B"],
            "period": [*months, *months],
            "falls": [1.0, 2, 3, 10, np.nan, 30],
            "days": [100.0, 100, 100, 200, 200, 200],
        }
    )
    found = add_up(panel, unit="ward", value="falls", denominator="days")
    assert found["period"].tolist() == [months[0], months[2]]
    assert found["falls"].tolist() == [11, 33]
    assert found["days"].tolist() == [300, 300]
    with pytest.raises(DataError, match="more than one row"):
        add_up(pd.concat([panel, panel.iloc[[0]]]), unit="ward", value="falls", denominator=None)
    with pytest.raises(DataError, match="no period"):
        add_up(panel.drop(index=[3, 5]), unit="ward", value="falls", denominator=None)


@pytest.mark.parametrize(
    ("residuals", "says"),
    [
        (pd.DataFrame(np.eye(6)[:, :3], columns=list("abc")), "no column `d`"),
        (pd.DataFrame(dict.fromkeys("abcd", ["x"] * 6)), "does not hold numbers"),
        ([1, 2], "`residuals` must be a table"),
    ],
)
def test_residuals_that_are_none_are_refused_in_words(residuals, says):
    teams = pd.DataFrame({"estimate": [-5.0, -6, -4, -5], "se": 0.5}, index=list("abcd"))
    with pytest.raises(qi.QievalError, match=says):
        qi.pool(teams, residuals=residuals)
