"""CUSUM and VLAD: known answers, a simulated truth, what must hold for any cases, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

import qieval as qi
from qieval.analysis.risk_adjusted.methods.scores import run_length, sums, threshold_for, weights
from qieval.core.checks import status_of
from tests.analysis import house_rules


def cases(odds: float = 1.0, *, count: int = 1200, since: str = "2019-01-01", seed: int = 1):
    """Two years of cases whose odds are as expected, and multiplied by `odds` since a day."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2018-01-01", "2019-12-31", periods=count).normalize()
    risk = 1 / (1 + np.exp(-rng.normal(-2, 0.8, count)))
    true = np.where(days >= pd.Timestamp(since), odds * risk / (1 + (odds - 1) * risk), risk)
    return pd.DataFrame({"date": days, "event": 1 * (rng.random(count) < true), "risk": risk})


# ---- known answers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("odds_ratio", "published"),
    [(2, [-0.024, 0.669, -0.433, 0.260]), (1 / 2, [0.012, -0.681, 0.316, -0.377])],
)
def test_weights_are_those_of_steiner_2014(odds_ratio, published):
    """Steiner 2014, page 234: Parsonnet scores 0 and 50, survived and died (as tested in vlad)."""
    risk = 1 / (1 + np.exp(3.68 - 0.077 * np.array([0, 0, 50, 50])))
    found = weights(np.array([0.0, 1, 0, 1]), risk, odds_ratio)
    assert found.round(3).tolist() == pytest.approx(published)


def test_a_weight_is_that_of_rigdon_and_fricker():
    """Monitoring the Health of Populations by Tracking Disease Outbreaks, pages 225 and 226."""
    risk = 1 / (1 + np.exp(3.67 - 0.077 * np.array([19])))
    assert weights(np.zeros(1), risk, 1 / 2)[0] == pytest.approx(0.05083, abs=5e-6)
    assert sums(weights(np.zeros(1), risk, 2), 4.5).height.tolist() == [0.0]


@pytest.mark.parametrize(("odds_ratio", "published"), [(2, 4485.203), (1 / 2, 5731.772)])
def test_run_lengths_are_those_of_the_package_vlad(odds_ratio, published):
    """R package vlad, racusum_beta_arl_int (piecewise collocation, N = 70), its own tests.

    Threshold 4.5; the score has a Beta(1, 3) distribution, the log odds are -3.6798 + 0.0768·71
    times it.
    """
    score = beta(1, 3).ppf((np.arange(1000) + 0.5) / 1000)
    risk = 1 / (1 + np.exp(3.6798 - 0.0768 * 71 * score))
    assert run_length(risk, odds_ratio, 4.5) == pytest.approx(published, rel=0.002)


def test_a_run_length_can_be_counted_by_hand():
    """Without an event the sum stays at 0; one event in a case of chance p is enough to signal."""
    risk = np.full(10, 0.05)
    assert run_length(risk, 2, 0.01) == pytest.approx(1 / 0.05, rel=1e-6)
    assert run_length(risk, 2, 0.01, truth=2) == pytest.approx(1 / (0.1 / 1.05), rel=1e-6)


def test_run_lengths_are_those_of_simulated_series():
    rng = np.random.default_rng(7)
    risk = np.array([0.05, 0.1, 0.3])
    lengths = []
    for _ in range(600):
        p = rng.choice(risk, 4000)
        signal = sums(weights(1.0 * (rng.random(4000) < p), p, 2), 2.5).signal
        lengths.append(np.argmax(signal) + 1)
    mean, error = np.mean(lengths), np.std(lengths) / np.sqrt(len(lengths))
    assert abs(run_length(risk, 2, 2.5) - mean) < 4 * error


def test_a_threshold_gives_the_run_length_that_was_asked():
    risk = cases()["risk"].to_numpy()
    for odds_ratio in (2, 0.5):
        threshold = threshold_for(risk, odds_ratio, 5000)
        assert run_length(risk, odds_ratio, threshold) == pytest.approx(5000, rel=0.02)


def test_a_vlad_adds_up_observed_minus_expected():
    table = pd.DataFrame(
        {
            "date": ["2020-01-05", "2020-01-20", "2020-03-02", "2020-03-01"],
            "event": [1, 0, 1, 0],
            "risk": [0.2, 0.1, 0.5, 0.4],
        }
    )
    points = qi.vlad(table).points
    assert points["cases"].tolist() == [2, 0, 2]
    assert points["difference"].tolist() == pytest.approx([0.7, 0.7, 0.8])
    assert points["highest"].iloc[-1] == pytest.approx(
        1.959964 * np.sqrt(0.16 + 0.09 + 0.25 + 0.24)
    )


# ---- a simulated truth -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("odds", "direction", "kind"),
    [
        (3, "lower", "worse"),
        (3, "higher", "improved"),
        (1 / 3, "lower", "improved"),
        (3, "neutral", "changed"),
        (1, "lower", "no clear change"),
    ],
)
def test_a_change_of_the_odds_is_signalled_and_none_is_not(odds, direction, kind):
    result = qi.cusum(cases(odds), direction=direction, intervention="2019-01-01")
    assert result.verdict.kind == kind
    house_rules.check(result)
    if odds != 1:
        side = "higher" if odds > 1 else "lower"
        first = result.signals(side)[0]
        assert pd.Timestamp("2019-01-01") <= first < pd.Timestamp("2019-10-01")


def test_chance_alone_signals_about_as_often_as_it_says():
    quiet = [
        qi.cusum(cases(count=300, seed=seed), threshold=3.2).signals("higher") for seed in range(60)
    ]
    share = np.mean([bool(days) for days in quiet])
    told = qi.cusum(cases(count=300), threshold=3.2).alarm_chance("higher")
    assert abs(share - told) < 3 * np.sqrt(told * (1 - told) / 60)


def test_a_signal_before_the_change_is_not_its_doing():
    result = qi.cusum(cases(3, since="2018-02-01"), intervention="2019-12-30", direction="lower")
    assert result.signals("higher")
    assert result.verdict.certainty == "with reservations"
    assert "before the change" in result.headline()
    assert status_of(result.checks, "risk_fits") == "warn"


def test_one_chance_for_all_is_the_plain_bernoulli_cusum():
    table = cases()
    result = qi.cusum(table.drop(columns="risk"), risk=0.1)
    same = qi.cusum(table.assign(risk=0.1))
    pd.testing.assert_frame_equal(result.points, same.points)


def test_a_vlad_describes_and_does_not_judge():
    result = qi.vlad(cases(3), intervention="2019-01-01", direction="lower")
    assert result.verdict.kind == "described"
    assert "more events than expected, more than chance" in result.headline()
    house_rules.check(result)
    assert "no more than chance" in qi.vlad(cases()).headline()


# ---- what holds for any cases ------------------------------------------------------------------

OUTCOMES = st.lists(st.tuples(st.integers(0, 1), st.floats(0.02, 0.9)), min_size=3, max_size=60)


@given(OUTCOMES)
def test_sums_never_lie_below_zero_and_start_anew_after_a_signal(outcomes):
    event, risk = np.array(outcomes).T
    weight = weights(event, risk, 2)
    found = sums(weight, 1.0)
    assert (found.height >= 0).all()
    after = np.flatnonzero(found.signal[:-1]) + 1
    assert found.height[after] == pytest.approx(np.maximum(weight[after], 0))


@given(OUTCOMES)
def test_scores_expect_no_change_when_chances_hold(outcomes):
    """The likelihood ratio has mean 1 under the chances as expected."""
    _, risk = np.array(outcomes).T
    one, none = (np.exp(weights(np.full(len(risk), y), risk, 2)) for y in (1.0, 0.0))
    assert risk * one + (1 - risk) * none == pytest.approx(np.ones(len(risk)))


@given(OUTCOMES)
def test_no_table_of_a_result_has_a_row_a_case(outcomes):
    """Case by case a line tells who had the event: only periods are kept."""
    event, risk = np.array(outcomes).T
    table = pd.DataFrame({"date": "2020-01-15", "event": event, "risk": risk})
    for result in (qi.cusum(table, threshold=2.0), qi.vlad(table)):
        assert len(result.points) == 1
        assert result.points["events"].tolist() == [event.sum()]


def test_the_order_of_rows_says_nothing_where_days_differ():
    table = cases(2, count=300).assign(date=pd.date_range("2018-01-01", periods=300))
    shuffled = table.sample(frac=1, random_state=1)
    for function in (qi.vlad, qi.cusum):
        pd.testing.assert_frame_equal(function(table).points, function(shuffled).points)


# ---- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [qi.cusum, qi.vlad])
@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("risk", -0.1, r"`risk` must hold a chance from 0 to 1.*\n.*rows 3"),
        ("risk", 7.5, r"`risk` must hold a chance from 0 to 1.*\n.*rows 3"),
        ("risk", np.nan, r"`risk` must hold a chance from 0 to 1.*\n.*rows 3"),
        ("event", 2, r"`event` must be 1 where the event happened.*\n.*rows 3"),
        ("event", np.nan, r"`event` must be 1 where the event happened.*\n.*rows 3"),
        ("date", None, r"`date` has rows without a date.*\n.*rows 3"),
    ],
)
def test_a_case_that_cannot_be_is_refused_by_its_row(function, column, value, words):
    table = cases(count=20).astype({"event": float})
    table.loc[2, column] = value
    with pytest.raises(qi.DataError, match=words) as caught:
        function(table)
    assert "7.5" not in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"risk": 1.2}, "one chance between 0 and 1"),
        ({"odds_ratio": 1}, "more than 1"),
        ({"false_alarms": 0}, "between 0 and 1"),
        ({"threshold": -2}, "more than 0"),
        ({"direction": "up"}, "direction"),
        ({"every": "moon"}, "kind of period"),
        ({"intervention": "soon"}, "not a date"),
    ],
)
def test_a_parameter_without_a_meaning_is_refused(asked, words):
    with pytest.raises(qi.ParameterError, match=words):
        qi.cusum(cases(count=20), **asked)


def test_chances_that_are_all_0_or_missing_are_refused():
    with pytest.raises(qi.CannotEvaluate, match="expected chance of 0"):
        qi.cusum(cases(count=20).assign(risk=0.0))
    with pytest.raises(qi.DataError, match="no column `risk`"):
        qi.cusum(cases(count=20).drop(columns="risk"))


def test_few_events_and_sure_chances_are_warned_of():
    table = cases(count=30)
    table.loc[0, ["risk", "event"]] = 0.0, 1
    result = qi.cusum(table, threshold=2.0)
    assert status_of(result.checks, "enough_events") == "warn"
    assert status_of(result.checks, "risk_extremes") == "warn"
