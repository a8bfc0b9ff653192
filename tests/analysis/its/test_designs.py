"""Designs: temporary effects, several interventions, covariates, events, calendars, controls."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.its.methods.controls import synthetic_control, synthetic_weights
from tests.analysis.its.simulated import ar1_errors, monthly, start


def its(data, at=24, **more):
    more.setdefault("overlapping", False)  # series without noise look like anything (test_overlap)
    return qi.interrupted_time_series(
        data, value="bed_days", intervention=more.pop("intervention", start(at)), **more
    )


def check_of(result, name):
    return result.checks.set_index("id").loc[name]


def noise(n, seed=1, sd=1e-6):
    return sd * np.random.default_rng(seed).normal(size=n)


# ---- temporary effects -------------------------------------------------------------------------


def temporary(n=60, at=20, end=40, sd=1e-6):
    """5 down and 0.3 a month further while it lasts; then back on the old line."""
    t = np.arange(n)
    force = (t >= at) & (t < end)
    y = 50 + 0.1 * t + np.where(force, -5 - 0.3 * (t - at), 0) + noise(n, sd=sd)
    return monthly(n=n).assign(bed_days=y)


def test_a_temporary_effect_is_recovered_as_noise_vanishes():
    result = its(temporary(), at=20, intervention_end=start(40), season=None)
    e = result.estimates["estimate"]
    assert e["level_change"] == pytest.approx(-5, abs=1e-4)
    assert e["slope_change"] == pytest.approx(-0.3, abs=1e-5)
    assert e["effect_at_20"] == pytest.approx(-5 - 19 * 0.3, abs=1e-4)
    assert result.estimates.loc["cumulative_effect", "n"] == 20
    assert e["cumulative_effect"] == pytest.approx(20 * -5 - 0.3 * 190, abs=1e-3)


def test_after_a_temporary_intervention_no_effect_is_modelled():
    points = its(temporary(), at=20, intervention_end=start(40), season=None).points
    assert list(points["phase"].unique()) == ["before", "after", "ended"]
    ended = points[points["phase"] == "ended"]
    assert len(ended) == 20
    assert ended["fitted"].to_numpy() == pytest.approx(ended["counterfactual"].to_numpy())


def test_a_temporary_effect_taken_for_a_lasting_one_is_wrong():
    lasting = its(temporary(sd=0.1), at=20, season=None, method="ols").estimates
    assert abs(lasting.loc["effect_at_40", "estimate"] - 0) < 8  # it cannot come back at once
    assert lasting.loc["slope_change", "estimate"] > 0  # the return is read as a slope


# ---- several interventions ---------------------------------------------------------------------


def test_three_interventions_each_read_against_those_before():
    n, starts = 80, (20, 40, 60)
    t = np.arange(n)
    y = 50 + 0.1 * t + noise(n)
    for at, level, slope in zip(starts, (-5, 3, -2), (-0.2, 0.1, 0.4), strict=True):
        y = y + np.where(t >= at, level + slope * (t - at), 0)
    data = monthly(n=n).assign(bed_days=y)
    result = its(data, intervention=[start(at) for at in reversed(starts)], season=None)
    e = result.estimates["estimate"]
    for tail, level, slope in zip(("", "_2", "_3"), (-5, 3, -2), (-0.2, 0.1, 0.4), strict=True):
        assert e[f"level_change{tail}"] == pytest.approx(level, abs=1e-4)
        assert e[f"slope_change{tail}"] == pytest.approx(slope, abs=1e-5)
        assert e[f"effect_at_20{tail}"] == pytest.approx(level + 19 * slope, abs=1e-4)
        assert e[f"average_effect{tail}"] == pytest.approx(level + 9.5 * slope, abs=1e-4)
        assert result.estimates.loc[f"cumulative_effect{tail}", "n"] == 20
    # what was expected is the line before the first intervention
    expected = result.points["counterfactual"].to_numpy()
    assert expected == pytest.approx(50 + 0.1 * t, abs=1e-4)


def test_several_interventions_too_near_one_another_are_refused():
    with pytest.raises(qi.CannotEvaluate, match="too few months after the intervention of"):
        its(monthly(n=60), intervention=[start(20), start(22)], season=None)


def test_a_wash_out_follows_every_intervention():
    result = its(monthly(n=60), intervention=[start(20), start(40)], transition=2, season=None)
    washed = result.points.index[result.points["phase"] == "transition"]
    assert list(washed) == [20, 21, 40, 41]
    assert not result.points.loc[washed, "used"].any()


# ---- covariates and events ---------------------------------------------------------------------


def test_a_covariate_is_estimated_and_taken_out():
    data = monthly(sd=1e-6)
    data["beds"] = 20 + np.random.default_rng(2).integers(-3, 4, 48)
    data["bed_days"] += 1.5 * data["beds"]
    result = its(data, covariates=["beds"], season=None)
    e = result.estimates["estimate"]
    assert e["beds"] == pytest.approx(1.5, abs=1e-5)
    assert e["level_change"] == pytest.approx(-5, abs=1e-4)
    assert list(result.vcov.columns)[-1] == "beds"


def test_a_period_without_its_covariate_is_left_out():
    data = monthly()
    data["beds"] = np.random.default_rng(2).normal(size=48)
    data.loc[[3, 40], "beds"] = np.nan
    result = its(data, covariates=["beds"], season=None)
    assert result.points["used"].sum() == 46
    assert not result.points.loc[[3, 40], "used"].any()


def with_events(places=(10, 36)):
    """Steps of 4 and -6 at two other events."""
    data = monthly(sd=0.02, seed=8)
    for place, size in zip(places, (4, -6), strict=True):
        data.loc[place:, "bed_days"] += size
    return data


EVENTS = [
    {"date": start(10), "event": "Ward enlarged"},
    {"date": start(36), "event": "New records system"},
]


def average_of(spread):
    rows = spread[spread["term"] == "average_effect"]
    return rows.set_index("model")["estimate"]


TRUTH = -5 - 0.2 * 11.5  # the average effect of these series


def test_events_are_steps_in_the_spread_with_and_without():
    """Only with both steps is the truth recovered."""
    spread = its(with_events(), events=EVENTS, season=None).spread
    average = average_of(spread)
    assert average["with a step for every listed event"] == pytest.approx(TRUTH, abs=0.1)
    for event in EVENTS:
        assert abs(average[f"with a step for “{event['event']}”"] - TRUTH) > 0.5
    headline = average_of(spread[spread["headline"]])
    assert abs(headline.iloc[0] - TRUTH) > 0.5


def test_of_three_events_each_is_left_out_once():
    events = [*EVENTS, {"date": start(42), "event": "Strike"}]
    spread = its(with_events(), events=events, season=None).spread
    rows = average_of(spread)
    left_out = [name for name in rows.index if name.startswith("with steps for all events but")]
    assert len(left_out) == 3
    assert rows["with steps for all events but “Strike”"] == pytest.approx(TRUTH, abs=0.1)
    assert abs(rows["with steps for all events but “Ward enlarged”"] - TRUTH) > 0.5


def test_an_event_at_the_intervention_is_no_step_but_a_warning():
    events = [{"date": start(24), "event": "Two wards merged"}]
    result = its(monthly(), events=events, season=None)
    assert not result.spread["model"].str.contains("with a step").any()
    assert check_of(result, "other_events")["status"] == "fail"


# ---- calendars ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frequency", "every", "n", "at"),
    [("QS", "quarter", 40, 20), ("W-MON", "week", 120, 60), ("D", "day", 200, 100),
     ("YS", "year", 30, 15), ("YS-APR", "financial_year", 30, 15)],
)  # fmt: skip
def test_other_periods_are_recovered_as_noise_vanishes(frequency, every, n, at):
    dates = pd.date_range("2001-01-01", periods=n, freq=frequency)
    t = np.arange(n)
    y = 50 + 0.1 * t + np.where(t >= at, -5 - 0.2 * (t - at), 0) + noise(n)
    data = pd.DataFrame({"period": dates, "bed_days": y})
    result = its(data, intervention=f"{dates[at]:%Y-%m-%d}", season=None)
    assert result.span.every == every
    assert result.estimates.loc["level_change", "estimate"] == pytest.approx(-5, abs=1e-4)
    assert result.estimates.loc["slope_change", "estimate"] == pytest.approx(-0.2, abs=1e-5)


@pytest.mark.parametrize(
    ("frequency", "n", "at", "pairs"),
    [("MS", 17, 9, 0), ("MS", 18, 9, 1), ("MS", 35, 9, 1), ("MS", 36, 9, 2), ("QS", 17, 8, 0),
     ("QS", 18, 8, 1), ("QS", 36, 8, 2), ("W-MON", 78, 40, 0), ("W-MON", 79, 40, 1),
     ("W-MON", 160, 40, 2), ("YS", 60, 40, 0)],
)  # fmt: skip
def test_the_rule_for_the_season(frequency, n, at, pairs):
    """One pair from 18 points over a year and a half, two from 36 over three years."""
    dates = pd.date_range("1960-01-04", periods=n, freq=frequency)
    data = pd.DataFrame({"period": dates, "bed_days": 50 + noise(n, sd=1)})
    result = its(data, intervention=f"{dates[at]:%Y-%m-%d}")
    assert result.span.harmonic_pairs == pairs


@pytest.mark.parametrize(("frequency", "per_year"), [("MS", 12), ("QS", 4)])
def test_a_season_is_removed_whole(frequency, per_year):
    """A pure wave of the year's length leaves nothing behind."""
    dates = pd.date_range("2001-01-01", periods=60, freq=frequency)
    t = np.arange(60)
    wave = 3 * np.sin(2 * np.pi * t / per_year + 0.7)
    data = pd.DataFrame({"period": dates, "bed_days": 50 + wave - 5 * (t >= 40) + noise(60)})
    asked = {"intervention": f"{dates[40]:%Y-%m-%d}", "season": 1}
    result = its(data, method="reml", **asked)
    assert result.estimates.loc["level_change", "estimate"] == pytest.approx(-5, abs=1e-4)
    # shrunk, a wave far beyond all noise loses a little of its size
    assert its(data, **asked).estimates.loc["level_change", "estimate"] == pytest.approx(
        -5, abs=0.02
    )


def test_the_most_harmonics_fill_the_year_and_no_more():
    data = monthly(n=72)
    months = {month: 5 * value for month, value in enumerate(noise(12, sd=1), start=1)}
    wavy = data.assign(bed_days=data["period"].dt.month.map(months) + noise(72))
    flat = its(wavy, season=6, method="reml")
    assert abs(flat.estimates.loc["level_change", "estimate"]) < 1e-4
    with pytest.raises(qi.ParameterError, match="at most 6 pairs"):
        its(data, season=7)


# ---- denominators ------------------------------------------------------------------------------


def test_denominators_weigh_the_average_and_give_totals_in_the_numerators_unit():
    data = monthly(sd=1e-6, slope=-0.2)
    data["beds"] = np.where(np.arange(48) < 36, 20.0, 40.0)
    data["bed_days"] *= data["beds"]
    e = its(data, denominator="beds", season=None).estimates
    effect = -5 - 0.2 * np.arange(24)
    beds = data["beds"].to_numpy()[24:]
    assert e.loc["cumulative_effect", "estimate"] == pytest.approx(beds @ effect, rel=1e-5)
    assert e.loc["average_effect", "estimate"] == pytest.approx(
        beds @ effect / beds.sum(), rel=1e-5
    )
    expected = beds @ (50 + 0.1 * np.arange(24, 48))
    assert e.loc["relative_effect", "estimate"] == pytest.approx(beds @ effect / expected, rel=1e-5)


def test_a_constant_denominator_changes_units_only():
    data = monthly()
    per = its(data.assign(people=100_000.0), denominator="people", season=None).estimates
    plain = its(data, season=None).estimates
    for column in ("estimate", "ci_low", "ci_high"):
        assert per.loc["level_change", column] * 1e5 == pytest.approx(
            plain.loc["level_change", column]
        )
        for term in ("cumulative_effect", "relative_effect"):
            assert per.loc[term, column] == pytest.approx(plain.loc[term, column])


# ---- controls ----------------------------------------------------------------------------------


def controlled(n=48, at=24, effect=-5.0, sd=0.3, seed=1, shock=6.0):
    """A ward and its control: a shared wave and a shared shock at the intervention."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    shared = 50 + 0.1 * t + 3 * np.sin(t / 5) + shock * (t >= at)
    return pd.DataFrame(
        {
            "period": pd.date_range("2018-01-01", periods=n, freq="MS"),
            "bed_days": shared + effect * (t >= at) + sd * ar1_errors(n, 0.3, rng)[:, 0],
            "other": shared + sd * ar1_errors(n, 0.3, rng)[:, 0],
        }
    )


def level_of(table, comparison):
    rows = table[(table["comparison"] == comparison) & (table["term"] == "level_change")]
    return rows.iloc[0]


DIFFERENCE = "difference from the control"
STACKED = "stacked model (group by time)"
RATIO = "ratio to the control (logarithm)"


def test_the_difference_recovers_the_truth_when_a_shared_shock_hides_it():
    data = controlled()
    alone = its(data, season=None).estimates.loc["level_change"]
    assert alone["ci_high"] > -2  # the shock hides the fall
    found = its(data, control="other", season=None).estimates.loc["level_change"]
    assert found["ci_low"] < -5 < found["ci_high"]
    assert found["estimate"] == pytest.approx(-5, abs=1)


def test_a_controlled_series_is_the_series_of_differences():
    data = controlled()
    found = its(data, control="other", season=None).estimates
    plain = its(data.assign(bed_days=data["bed_days"] - data["other"]), season=None).estimates
    terms = ["level_change", "slope_change", "average_effect", "cumulative_effect"]
    columns = ["estimate", "se", "ci_low", "ci_high", "p_value"]
    assert found.loc[terms, columns].to_numpy() == pytest.approx(
        plain.loc[terms, columns].to_numpy()
    )


def test_a_controlled_series_has_no_relative_effect():
    """A share of a difference has no meaning."""
    assert "relative_effect" in its(controlled(), season=None).estimates.index
    assert "relative_effect" not in its(controlled(), control="other", season=None).estimates.index


def test_a_control_is_divided_like_the_value():
    data = controlled()
    days = data["period"].dt.days_in_month
    totals = data.assign(bed_days=data["bed_days"] * days, other=data["other"] * days, days=days)
    per_day = its(totals, control="other", denominator="days", season=None).estimates
    plain = its(data, control="other", season=None).estimates
    assert per_day.loc["level_change", "estimate"] == pytest.approx(
        plain.loc["level_change", "estimate"]
    )


def test_the_comparisons_are_near_the_truth():
    """Means over 40 pairs, within three Monte Carlo standard errors."""
    found = {DIFFERENCE: [], STACKED: [], RATIO: []}
    truth = {DIFFERENCE: -5, STACKED: -5}
    for seed in range(40):
        table = its(controlled(seed=seed, sd=1), control="other", season=None).comparisons
        for name in found:
            found[name].append(level_of(table, name)["estimate"])
    for name, value in truth.items():
        error = np.std(found[name], ddof=1) / np.sqrt(40)
        assert np.mean(found[name]) == pytest.approx(value, abs=3 * error), name
    at = 50 + 0.1 * 24 + 3 * np.sin(24 / 5) + 6
    error = np.std(found[RATIO], ddof=1) / np.sqrt(40)
    assert np.mean(found[RATIO]) == pytest.approx(np.log((at - 5) / at), abs=3 * error + 0.01)


def test_every_comparison_has_a_row_and_the_headline_is_among_them():
    result = its(controlled(), control="other", season=None)
    table = result.comparisons
    assert set(table["comparison"]) == {"without a control", DIFFERENCE, RATIO, STACKED}
    row = level_of(table, DIFFERENCE)
    headline = result.estimates.loc["level_change"]
    for column in ("estimate", "ci_low", "ci_high"):
        assert row[column] == pytest.approx(headline[column])
    assert its(controlled(), season=None).comparisons.empty


def test_the_least_squares_stacked_model_is_the_difference_exactly():
    """The interaction of a fully stacked OLS is the difference of two OLS fits."""
    table = its(controlled(), control="other", season=None, method="ols").comparisons
    assert level_of(table, STACKED)["estimate"] == pytest.approx(
        level_of(table, DIFFERENCE)["estimate"]
    )


def test_a_ratio_that_cannot_be_had_says_so():
    data = controlled()
    data["other"] -= 200
    table = its(data, control="other", season=None).comparisons
    assert level_of(table, RATIO)["left_out"] != ""
    assert np.isfinite(level_of(table, DIFFERENCE)["estimate"])


def test_trends_before_are_compared():
    name = "control_trend"
    together = its(controlled(), control="other", season=None)
    assert check_of(together, name)["status"] == "pass"
    data = controlled()
    data["other"] += 0.5 * np.arange(48)
    apart = check_of(its(data, control="other", season=None), name)
    assert apart["status"] == "warn"
    assert "-0.5" in apart["detail"]


def test_several_controls_are_averaged():
    data = controlled()
    data["third"] = data["other"] + 4 + noise(48, seed=3, sd=0.3)
    mean = data.assign(mean=(data["other"] + data["third"]) / 2)
    both = its(data, control=["other", "third"], season=None).estimates
    one = its(mean, control="mean", season=None).estimates
    assert both.loc["level_change", "estimate"] == pytest.approx(
        one.loc["level_change", "estimate"]
    )


def test_a_gap_in_the_control_is_a_gap_in_the_pair():
    data = controlled()
    data.loc[[4, 30], "other"] = np.nan
    result = its(data, control="other", season=None)
    assert result.points["used"].sum() == 46
    assert result.comparisons["estimate"].notna().all()


def test_a_family_of_counts_is_refused_with_a_control():
    with pytest.raises(qi.ParameterError, match="no count"):
        its(controlled(), control="other", family="poisson")


# ---- synthetic control -------------------------------------------------------------------------


def donors(n=60, k=6, seed=5):
    rng = np.random.default_rng(seed)
    return 50 + rng.normal(size=(n, k)).cumsum(0)


def test_a_known_convex_combination_is_found():
    others = donors()
    truth = np.array([0.5, 0, 0.3, 0, 0.2, 0])
    assert synthetic_weights(others @ truth, others) == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_weights_are_convex_and_least_squares(seed):
    """Non-negative, sum one, and no other convex weights come nearer to the target."""
    rng = np.random.default_rng(seed)
    others, target = donors(40, 5, seed), 60 + 3 * rng.normal(size=40)
    weights = synthetic_weights(target, others)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)
    best = ((target - others @ weights) ** 2).sum()
    for other in rng.dirichlet(np.ones(5), 500):
        assert ((target - others @ other) ** 2).sum() >= best - 1e-6 * best


def test_a_synthetic_control_finds_the_effect_and_its_rank():
    others = donors(60, 19) + noise(60, sd=0.1)[:, None]
    after = np.arange(60) >= 40
    target = others[:, :3].mean(axis=1) - 8 * after
    weights, effect, placebo = synthetic_control(target, others, ~after, after)
    assert effect == pytest.approx(-8, abs=1e-4)
    assert weights[:3] == pytest.approx([1 / 3] * 3, abs=1e-4)
    assert len(placebo) == 19


def test_several_controls_give_a_synthetic_row_with_weights_and_rank():
    data = monthly(n=60, at=40, sd=0)
    others = donors(60, 4)
    names = ["a", "b", "c", "d"]
    for name, column in zip(names, others.T, strict=True):
        data[name] = column
    t = np.arange(60)
    data["bed_days"] = others @ [0.6, 0.4, 0, 0] - 7 * (t >= 40) + noise(60, sd=0.01)
    table = its(data, at=40, control=names, season=None).comparisons
    rows = table[table["comparison"].str.startswith("synthetic control")]
    assert rows["comparison"].str.contains("60% a, 40% b").all()
    level = rows[rows["term"] == "level_change"].iloc[0]
    assert level["estimate"] == pytest.approx(-7, abs=0.1)
    ranked = rows[rows["comparison"].str.contains("rank")].iloc[0]
    assert ranked["estimate"] == pytest.approx(-7, abs=0.1)
    assert "of 5 among placebos" in ranked["comparison"]


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"intervention_end": start(20)}, qi.ParameterError, "must lie after the intervention"),
        ({"intervention_end": start(24)}, qi.ParameterError, "must lie after the intervention"),
        (
            {"intervention_end": start(26), "transition": 3},
            qi.ParameterError,
            "its lag and its wash-out",
        ),
        ({"intervention_end": "2035-01-01"}, qi.ParameterError, "outside the data"),
        ({"intervention_end": "soon"}, qi.ParameterError, "not a date"),
        ({"method": "arima", "order": [1, 0]}, qi.ParameterError, "3 whole numbers"),
        ({"method": "arima", "order": [1, 0, -1]}, qi.ParameterError, "3 whole numbers"),
        ({"seasonal_order": [1, 0, 0]}, qi.ParameterError, "4 whole numbers"),
        ({"season": 7}, qi.ParameterError, "at most 6 pairs"),
        ({"season": "yes"}, qi.ParameterError, "number of harmonic pairs"),
        ({"transition": -1}, qi.ParameterError, "whole number of periods"),
        ({"lag": 0.5}, qi.ParameterError, "whole number of periods"),
        ({"transition": 23}, qi.CannotEvaluate, "too few months after the intervention"),
        ({"confidence": 95}, qi.ParameterError, "between 0.5 and 1"),
        ({"family": "binomial"}, qi.ParameterError, "`family` must be one of"),
        ({"df": "satterthwait"}, qi.ParameterError, "Did you mean `satterthwaite`?"),
        ({"control": "nothing"}, qi.DataError, "no column `nothing`"),
        ({"covariates": ["beds"]}, qi.DataError, "no column `beds`"),
        ({"horizon": [3, 30]}, qi.ParameterError, "beyond the data"),
        ({"horizon": 0}, qi.ParameterError, "beyond the data"),
    ],
)
def test_a_design_that_has_no_meaning_is_refused_with_a_reason(more, error, says):
    with pytest.raises(error) as caught:
        its(monthly(), **more)
    assert says in str(caught.value)


def test_an_end_too_soon_after_the_start_is_refused():
    with pytest.raises(qi.CannotEvaluate, match="too few months"):
        qi.interrupted_time_series(
            monthly(),
            value="bed_days",
            intervention=start(24),
            intervention_end=start(26),
            overlapping=False,
        )


def test_each_of_several_interventions_has_its_own_end():
    data = monthly(n=60, at=20, level=-5, slope=0, sd=1e-6)
    data.loc[30:, "bed_days"] += 5  # the first one ended
    data.loc[40:, "bed_days"] += 3
    both = {"value": "bed_days", "intervention": [start(20), start(40)], "season": None}
    with pytest.raises(qi.ParameterError, match="one entry for each intervention"):
        qi.interrupted_time_series(data, **both, intervention_end=start(30))
    found = qi.interrupted_time_series(
        data, **both, intervention_end=[start(30), None], overlapping=False
    )
    assert found.estimates.loc["level_change", "estimate"] == pytest.approx(-5, abs=1e-4)
    assert found.estimates.loc["level_change_2", "estimate"] == pytest.approx(3, abs=1e-4)
    assert found.estimates.loc["average_effect", "n"] == 10


def test_a_point_of_its_own_in_the_model_is_named():
    data = monthly().assign(odd=lambda d: (d["period"] == start(30)) * 1.0)
    found = qi.interrupted_time_series(
        data, value="bed_days", intervention=start(24), covariates=["odd"], overlapping=False
    )
    row = found.checks.set_index("id").loc["single_points"]
    assert row["status"] == "warn"
    assert "July 2020" in row["detail"]
