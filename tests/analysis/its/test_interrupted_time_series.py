"""Known truth, known shape, refusals and warnings of ``qi.interrupted_time_series``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from tests.analysis.its.simulated import monthly, start


def its(data, at=24, **more):
    return qi.interrupted_time_series(
        data, value="bed_days", intervention=more.pop("intervention", start(at)), **more
    )


def status_of(result, check):
    return result.checks.set_index("id").loc[check, "status"]


# ---- known answers -----------------------------------------------------------------------------


def test_recovers_the_truth_as_noise_vanishes():
    result = its(monthly(sd=1e-6), season=None)
    e = result.estimates["estimate"]
    assert e["intercept"] == pytest.approx(50, abs=1e-4)
    assert e["trend"] == pytest.approx(0.1, abs=1e-5)
    assert e["level_change"] == pytest.approx(-5, abs=1e-4)
    assert e["slope_change"] == pytest.approx(-0.2, abs=1e-5)
    assert e["effect_at_24"] == pytest.approx(-5 - 23 * 0.2, abs=1e-4)
    assert e["average_effect"] == pytest.approx(-5 - 0.2 * 11.5, abs=1e-4)
    assert e["cumulative_effect"] == pytest.approx(24 * (-5 - 0.2 * 11.5), abs=1e-3)
    expected = 50 + 0.1 * np.arange(24, 48)
    assert e["relative_effect"] == pytest.approx(24 * (-5 - 2.3) / expected.sum(), abs=1e-5)


TRUTH = {"level_change": -5, "slope_change": -0.2, "cumulative_effect": 24 * -7.3}


@pytest.mark.parametrize("method", ["reml", "integrated"])
def test_intervals_hold_the_truth_about_as_often_as_they_say(method):
    """200 series, 95 %: between 90 % and 99 % for every effect."""
    series = pd.concat([monthly(seed=seed).assign(ward=seed) for seed in range(200)])
    given = {"unit": "ward", "value": "bed_days", "intervention": start(24), "season": None}
    estimates = qi.interrupted_time_series_panel(series, method=method, **given)
    for term, value in TRUTH.items():
        of_all = estimates.xs(term, level="term")
        hits = ((of_all["ci_low"] <= value) & (value <= of_all["ci_high"])).sum()
        assert 180 <= hits <= 199, term


def test_intervals_by_maximum_likelihood_are_too_narrow_but_not_wild():
    """A sensitivity row; 40 series."""
    hits = dict.fromkeys(TRUTH, 0)
    for seed in range(40):
        e = its(monthly(seed=seed), season=None, method="ml").estimates
        for term, value in TRUTH.items():
            hits[term] += e.loc[term, "ci_low"] <= value <= e.loc[term, "ci_high"]
    assert all(count >= 30 for count in hits.values()), hits


def test_ols_is_ordinary_least_squares():
    data = monthly()
    result = its(data, method="ols", season=None)
    t = np.arange(48)
    x = np.column_stack([np.ones(48), t, t >= 24, np.maximum(t - 24, 0)])
    reference = sm.OLS(data["bed_days"], x).fit()
    terms = ["intercept", "trend", "level_change", "slope_change"]
    found = result.estimates.loc[terms]
    assert found["estimate"].to_numpy() == pytest.approx(reference.params.to_numpy())
    assert found["se"].to_numpy() == pytest.approx(reference.bse.to_numpy())
    assert found["p_value"].to_numpy() == pytest.approx(reference.pvalues.to_numpy())
    assert result.vcov.to_numpy() == pytest.approx(reference.cov_params().to_numpy())


def test_effects_come_from_the_full_covariance():
    """se of the average effect = sqrt(c'Vc), computed here by hand."""
    result = its(monthly(), season=None)
    c = np.array([0, 0, 1, np.arange(24).mean()])
    assert result.estimates.loc["average_effect", "se"] == pytest.approx(
        np.sqrt(c @ result.vcov.to_numpy() @ c)
    )


def test_a_denominator_gives_rates_and_totals():
    data = monthly()
    data["days_in_period"] = data["period"].dt.days_in_month
    data["bed_days"] *= data["days_in_period"]
    result = its(data, denominator="days_in_period", season=None)
    plain = its(monthly(), season=None)
    e = result.estimates
    assert e.loc["level_change", "estimate"] == pytest.approx(
        plain.estimates.loc["level_change", "estimate"]
    )
    days = data["days_in_period"].iloc[24:].sum()
    assert e.loc["cumulative_effect", "estimate"] == pytest.approx(
        e.loc["average_effect", "estimate"] * days
    )
    assert e.loc["cumulative_effect", "unit"] == "bed days"
    assert e.loc["level_change", "unit"] == "bed days a day"


def test_horizons_choose_the_periods():
    e = its(monthly(), season=None, horizon=[6, 12]).estimates
    assert {"effect_at_6", "effect_at_12"} <= set(e.index)
    assert e.loc["cumulative_effect", "n"] == 12
    level, slope = e.loc["level_change", "estimate"], e.loc["slope_change", "estimate"]
    assert e.loc["effect_at_6", "estimate"] == pytest.approx(level + 5 * slope)


def test_missing_months_keep_their_place():
    data = monthly(sd=1e-6).drop(index=[5, 6, 30])
    result = its(data, season=None)
    assert result.estimates.loc["slope_change", "estimate"] == pytest.approx(-0.2, abs=1e-5)
    assert len(result.points) == 48
    assert result.points["value"].isna().sum() == 3
    assert status_of(result, "missing_periods") == "warn"
    detail = result.checks.set_index("id").loc["missing_periods", "detail"]
    assert "3 of 48 months" in detail
    assert "June 2018" in detail


def test_wash_out_is_left_out_and_the_level_read_after_it():
    data = monthly(sd=1e-6)
    data.loc[24:25, "bed_days"] += 100  # chaos while the change is brought in
    result = its(data, transition=2, season=None)
    assert list(result.points["phase"][23:27]) == ["before", "transition", "transition", "after"]
    assert result.estimates.loc["level_change", "estimate"] == pytest.approx(-5.4, abs=1e-4)


def test_a_lag_moves_the_start():
    result = its(monthly(at=27, sd=1e-6), at=24, lag=3, season=None)
    assert result.estimates.loc["level_change", "estimate"] == pytest.approx(-5, abs=1e-4)


def test_two_interventions_each_have_their_effect():
    data = monthly(n=60, at=20, level=-5, slope=0, sd=1e-6)
    data.loc[40:, "bed_days"] += 3
    result = its(data, intervention=[start(20), start(40)], season=None)
    e = result.estimates["estimate"]
    assert e["level_change"] == pytest.approx(-5, abs=1e-4)
    assert e["level_change_2"] == pytest.approx(3, abs=1e-4)
    assert e["average_effect"] == pytest.approx(-5, abs=1e-4)
    assert e["average_effect_2"] == pytest.approx(3, abs=1e-4)


def test_season_is_taken_by_rule_and_removed():
    data = monthly(n=72, at=36, sd=0.01)
    data["bed_days"] += 4 * np.sin(2 * np.pi * data["period"].dt.month / 12)
    result = its(data, at=36)
    assert result.span.harmonic_pairs == 2
    assert result.estimates.loc["level_change", "estimate"] == pytest.approx(-5, abs=0.1)
    assert its(monthly(n=30, at=12), at=12).span.harmonic_pairs == 1
    assert its(monthly(n=17, at=9), at=9).span.harmonic_pairs == 0


def test_quarters_work():
    data = monthly(n=24, at=12).assign(period=pd.date_range("2018-01-01", periods=24, freq="QS"))
    result = qi.interrupted_time_series(data, value="bed_days", intervention="2021-01-01")
    assert result.span.every == "quarter"
    assert "quarters" in " ".join(result.checks["detail"])


# ---- the default's own rules -------------------------------------------------------------------


@pytest.mark.parametrize("n", [12, 20, 24, 48])
def test_one_method_is_the_headlines_whatever_the_length_and_the_memory(n):
    walk = monthly(n=n, at=n // 2)
    walk["bed_days"] = 50 + np.random.default_rng(3).normal(size=n).cumsum()
    for data in (monthly(n=n, at=n // 2), walk):
        assert "integrated out" in its(data, at=n // 2).estimates["method"].iloc[0]


def test_rho_at_its_edge_is_said():
    data = monthly(n=40, at=20)
    data["bed_days"] = 50 + np.random.default_rng(3).normal(size=40).cumsum()
    result = its(data, at=20)
    assert result.rho > 0.9
    assert status_of(result, "autocorrelation") == "warn"
    assert "integrated" in result.estimates["method"].iloc[0]


def test_under_8_a_side_nothing_is_tested():
    result = its(monthly(n=14, at=7), at=7)
    assert result.estimates["p_value"].isna().all()
    assert status_of(result, "points_a_side") == "fail"
    assert "no test was made" in result.summary()
    assert "too few months to test" in result.headline()


def test_under_12_a_side_warns():
    result = its(monthly(n=30, at=20), at=20)
    assert status_of(result, "points_a_side") == "warn"


def test_an_event_at_the_same_time_fails_the_check_and_stands_in_the_words():
    events = [{"date": start(25), "event": "Two wards merged"}]
    result = its(monthly(), events=events)
    assert status_of(result, "other_events") == "fail"
    assert "Two wards merged" in result.summary()
    assert result.verdict.alone is False
    later = its(monthly(), events=[{"date": start(40), "event": "New roof"}])
    assert status_of(later, "other_events") == "info"  # the change was there before it
    assert later.verdict.alone is True
    before = its(monthly(), events=[{"date": start(10), "event": "New roof"}])
    assert status_of(before, "other_events") == "pass"
    assert before.verdict.alone is True
    beyond = its(monthly(), events=[{"date": start(40), "event": "New roof"}], horizon=12)
    assert status_of(beyond, "other_events") == "pass"
    assert its(monthly()).verdict.alone is None


def test_an_unclear_result_is_never_called_no_effect():
    result = its(monthly(level=0, slope=0, seed=5))
    assert result.finding == "unclear"
    assert "neither shown nor ruled out" in result.headline()
    assert "no effect" not in result.summary().lower()
    assert "does not show that nothing changed" in result.summary()


def test_the_spread_holds_every_method_and_marks_the_headline():
    spread = its(monthly(seed=2)).spread
    assert {"REML", "Newey-West", "Prais-Winsten"} <= set(spread["method"])
    assert spread["headline"].sum() == 2
    named = spread.loc[spread["headline"], "method"].unique().tolist()
    assert named == ["REML, autocorrelation integrated out"]


# ---- properties --------------------------------------------------------------------------------


@settings(max_examples=25)
@given(
    shift=st.floats(-1e4, 1e4),
    scale=st.floats(1e-3, 1e3),
    seed=st.integers(0, 10_000),
    order=st.randoms(use_true_random=False),
)
def test_units_origin_and_row_order_do_not_matter(shift, scale, seed, order):
    data = monthly(n=30, at=15, seed=seed)
    base = its(data, at=15, season=None).estimates
    rows = list(range(30))
    order.shuffle(rows)
    moved = data.assign(bed_days=shift + scale * data["bed_days"]).iloc[rows]
    other = its(moved, at=15, season=None).estimates
    for term in ("level_change", "slope_change", "average_effect"):
        for column in ("estimate", "ci_low", "ci_high"):
            assert other.loc[term, column] == pytest.approx(
                scale * base.loc[term, column], rel=1e-5, abs=1e-6 * scale
            )


def test_the_counterfactual_is_the_fit_before_the_intervention():
    points = its(monthly()).points
    before = points[points["phase"] == "before"]
    assert before["counterfactual"].to_numpy() == pytest.approx(before["fitted"].to_numpy())


def test_the_callers_table_is_not_changed():
    data = monthly()
    copy = data.copy(deep=True)
    its(data)
    pd.testing.assert_frame_equal(data, copy)


def test_a_result_survives_its_json_form():
    from qieval.core.result import Result, to_json

    result = its(monthly(), events=[{"date": start(25), "event": "Two wards merged"}])
    import json

    again = Result.from_dict(json.loads(to_json(result)))
    assert again.summary() == result.summary()
    assert again.alt_text() == result.alt_text()
    pd.testing.assert_frame_equal(again.estimates, result.estimates, check_dtype=False)
    assert to_json(again) == to_json(result)


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "more", "error", "says"),
    [
        (monthly(n=24, at=22), {"at": 22}, qi.CannotEvaluate, "too few months after the"),
        (monthly(n=24, at=2), {"at": 2}, qi.CannotEvaluate, "too few months before"),
        (monthly(), {"intervention": "2030-01-01"}, qi.ParameterError, "outside the data"),
        (monthly(), {"intervention": "2018-01-01"}, qi.ParameterError, "outside the data"),
        (monthly(), {"intervention": "31/01/2020"}, qi.ParameterError, "2020-03-01"),
        (monthly().assign(bed_days=7.0), {}, qi.CannotEvaluate, "Every value is the same"),
        (monthly().assign(bed_days=0), {}, qi.CannotEvaluate, "all zeros"),
        (monthly(sd=0), {"season": None}, qi.CannotEvaluate, "exactly on straight lines"),
        (monthly(), {"overlapping": True}, qi.CannotEvaluate, "rolling or running total"),
        (
            monthly().assign(bed_days=lambda d: (20 + d["bed_days"]).cumsum()),
            {},
            qi.CannotEvaluate,
            "running total",
        ),
        (
            pd.concat([monthly(), monthly().iloc[[3]]]),
            {},
            qi.DataError,
            "more than one row for the same month",
        ),
        (monthly().assign(bed_days=np.inf), {}, qi.DataError, "infinite"),
        (monthly().assign(bed_days="7"), {}, qi.DataError, "does not hold numbers"),
        (monthly().rename(columns={"bed_days": "beddays"}), {}, qi.DataError, "`beddays`"),
        (monthly(), {"horizon": 99}, qi.ParameterError, "beyond the data"),
        (monthly(), {"method": "remle"}, qi.ParameterError, "Did you mean `reml`?"),
        (monthly(), {"denominator": "days"}, qi.DataError, "no column `days`"),
        (
            monthly().assign(days=0),
            {"denominator": "days"},
            qi.DataError,
            "must be above zero",
        ),
        (
            monthly().assign(flag=lambda d: (d["period"] >= start(24)) * 1.0),
            {"covariates": ["flag"]},
            qi.CannotEvaluate,
            "`level_change`, `flag`",
        ),
        (
            monthly(n=9, at=5),
            {"at": 5, "season": 3, "method": "reml"},
            qi.CannotEvaluate,
            "too few points",
        ),
        (monthly(), {"events": [{"date": "2019-01-01"}]}, qi.ParameterError, "Event number 1"),
        (monthly(), {"horizon": "6"}, qi.ParameterError, "`horizon`"),
        (monthly(), {"horizon": True}, qi.ParameterError, "`horizon`"),
        (monthly(), {"horizon": [6.5]}, qi.ParameterError, "`horizon`"),
        (monthly(), {"confidence": "95"}, qi.ParameterError, "`confidence`"),
        (monthly(), {"per": "100"}, qi.ParameterError, "`per`"),
        (monthly(), {"smallest": True}, qi.ParameterError, "`smallest`"),
        (monthly(), {"counts": "event"}, qi.ParameterError, "Did you mean `events`?"),
    ],
)
def test_bad_input_is_refused_with_a_reason(data, more, error, says):
    with pytest.raises(error) as caught:
        its(data, **more)
    assert says in str(caught.value)


def test_a_date_inside_a_month_is_said_not_guessed():
    result = its(monthly(), intervention="2020-01-17")
    row = result.checks.set_index("id").loc["intervention_date", "detail"]
    assert "falls in January 2020" in row


def test_numbers_of_numpy_are_numbers():
    plain = its(monthly(), horizon=6, smallest=3)
    found = its(monthly(), horizon=np.int64(6), smallest=np.int64(3))
    pd.testing.assert_frame_equal(found.estimates, plain.estimates)


def test_the_change_at_once_claims_at_the_confidence_asked_for_where_that_is_more():
    y = monthly(n=36, at=18, level=0, slope=0, sd=3)
    y["bed_days"] -= 40 * np.r_[np.zeros(18), np.exp(-np.arange(18) / 2)]
    result = its(y, at=18, confidence=0.995)
    assert result.finding == "at_once"
    assert "(99.5% interval" in result.headline()
    assert "Change at once, 99.5% interval" in set(result.tables()[0].rows["what"])
