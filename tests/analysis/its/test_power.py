"""Power: published sizes, order, and the very estimator that will be used."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.its.methods.simulated import event_rate
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.result import Result, to_json
from tests.analysis.its.simulated import ar1_errors, monthly, start
from tests.shown import shown, undeclared


def smallest(result) -> pd.Series:
    return result.estimates["estimate"].rename(lambda term: int(term.rsplit("_", 1)[1]))


def before_only(n: int = 30, **more) -> pd.DataFrame:
    """A series without a change."""
    return monthly(**{"n": n, "at": n - 1, "level": 0, "slope": 0, "sd": 2.0, **more})


# ---- known answers -----------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "step", "found"), [(24, 3.0, 61), (36, 2.5, 60), (60, 2.0, 65)])
def test_the_chances_are_those_of_the_methods_page(n, step, found):
    """A lasting step, in standard deviations, rho .4, change at the middle (METHODS-2, B)."""
    result = qi.its_power((1.0, 0.4), before=n // 2, after=[n // 2], season=None)
    chance = np.interp(step, result.points["change"], result.points["power"])
    assert 100 * chance == pytest.approx(found, abs=4)


@pytest.mark.parametrize(("before", "after", "rho"), [(24, 24, 0.3), (12, 8, 0.2), (30, 12, 0.0)])
def test_the_stated_change_is_found_as_often_as_stated(before, after, rho):
    """400 series with that change, by the function that will evaluate them; 80 % within 3 SE."""
    sd, n = 3.0, before + after
    change = smallest(qi.its_power((sd, rho), before=before, after=[after]))[after]
    errors = sd * ar1_errors(n, rho, np.random.default_rng(77), 400)
    y = 50 + 0.1 * np.arange(n)[:, None] - change * (np.arange(n) >= before)[:, None] + errors
    table = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(400), n),
            "period": np.tile(monthly(n=n)["period"].to_numpy(), 400),
            "beds": y.T.ravel(),
        }
    )
    claimed = np.zeros(400, dtype=bool)
    for term, confidence in [("average_effect", 0.95), ("level_change", 0.99)]:
        rows = qi.interrupted_time_series_panel(
            table, unit="unit", value="beds", intervention=start(before), confidence=confidence
        )
        claimed |= (rows.xs(term, level="term")["ci_high"] < 0).to_numpy()
    assert claimed.mean() == pytest.approx(0.8, abs=0.06)


def test_without_a_slope_change_a_short_wait_finds_smaller_changes():
    both = [
        smallest(qi.its_power((1, 0.2), before=24, after=[8], slope=slope))[8]
        for slope in (True, False)
    ]
    assert both[1] < 0.95 * both[0]


# ---- order -------------------------------------------------------------------------------------


def test_longer_waits_find_smaller_changes_and_larger_changes_are_found_more_often():
    """Of a level alone; where the slope may change too, a longer average is no better known."""
    asked = {"before": 24, "slope": False, "season": None, "simulations": 800}
    result = qi.its_power((1, 0.2), after=[48, 9, 12, 24], **asked)
    sizes = smallest(result)
    assert sizes.index.tolist() == [9, 12, 24, 48]
    assert sizes.is_monotonic_decreasing
    for after, rows in result.points.groupby("after"):
        assert rows["change"].is_monotonic_increasing
        assert rows["power"].is_monotonic_increasing
        assert rows["power"].iloc[0] < 0.08  # no change: half of 5 %, and what rough methods add
        reached = np.interp(0.8, rows["power"], rows["change"])
        assert reached == pytest.approx(sizes[after], rel=0.05)
    assert (result.estimates["ci_low"] <= result.estimates["estimate"]).all()
    assert (result.estimates["estimate"] <= result.estimates["ci_high"]).all()


def test_more_power_more_confidence_and_a_shorter_past_ask_for_larger_changes():
    def change(**more):
        asked = {"before": 24, "after": [12], "simulations": 1000, **more}
        return smallest(qi.its_power((1, 0.2), **asked))[12]

    plain = change()
    assert change(power=0.9) > plain
    assert change(confidence=0.99) > plain
    assert change(before=12) > plain


def test_the_size_goes_with_the_standard_deviation():
    one, five = (qi.its_power((sd, 0.2), before=24, after=[12], simulations=300) for sd in (1, 5))
    assert smallest(five)[12] == pytest.approx(5 * smallest(one)[12])


# ---- from data ---------------------------------------------------------------------------------


def test_only_what_came_before_the_change_is_used():
    data = monthly(n=48, at=24, level=-30, slope=-2, seed=3)
    asked = {"value": "bed_days", "intervention": start(24), "simulations": 200}
    whole = qi.its_power(data, **asked)
    past = qi.its_power(data.iloc[:24], value="bed_days", simulations=200)
    pd.testing.assert_frame_equal(whole.estimates, past.estimates)
    assert whole.before == 24
    assert whole.sd == pytest.approx(1, rel=0.5)


def test_a_date_inside_a_month_falls_in_that_month():
    asked = {"value": "bed_days", "simulations": 100, "after": [12]}
    first, inside = (
        qi.its_power(before_only(), intervention=day, **asked)
        for day in ("2019-09-01", "2019-09-17")
    )
    assert first.before == inside.before == 20


def test_data_and_the_two_figures_agree():
    data = before_only(sd=2.0)
    of_data = qi.its_power(data, value="bed_days", simulations=300, season=None, after=[12, 24])
    known = (of_data.sd, of_data.rho)
    of_figures = qi.its_power(known, before=30, simulations=300, season=None, after=[12, 24])
    np.testing.assert_allclose(smallest(of_data), smallest(of_figures), rtol=1e-12)
    # they are those of the model that will be fitted: a trend with AR(1) errors, by REML
    n, t = 30, np.arange(30.0)
    x = np.column_stack([np.ones(n), t])
    lag = np.abs(t[:, None] - t)
    weight = np.linalg.inv(known[1] ** lag) if known[1] > 0 else np.eye(n)
    inverse = np.linalg.inv(x.T @ weight @ x)
    y = data["bed_days"].to_numpy()
    rest = y - x @ inverse @ x.T @ weight @ y
    assert known[0] == pytest.approx(np.sqrt(rest @ weight @ rest / (n - 2)), rel=1e-6)


def test_missing_months_are_no_periods():
    data = before_only().drop(index=[3, 4, 20])
    result = qi.its_power(data, value="bed_days", simulations=100, after=[12])
    assert result.before == 27


def test_a_denominator_gives_rates():
    data = before_only()
    plain = qi.its_power(data, value="bed_days", simulations=100, after=[12])
    data["days"] = 30
    data["bed_days"] *= 30
    rate = qi.its_power(data, value="bed_days", denominator="days", simulations=100, after=[12])
    np.testing.assert_allclose(smallest(rate), smallest(plain), rtol=1e-9)


def test_the_past_may_be_reckoned_as_longer_than_it_is():
    short, longer = (
        qi.its_power(before_only(n=12), value="bed_days", before=before, after=[12])
        for before in (None, 36)
    )
    assert short.before == 12
    assert longer.before == 36
    assert smallest(longer)[12] < smallest(short)[12]


def test_the_same_seed_gives_the_same_answer_and_another_seed_nearly_so():
    first, again, other = (
        qi.its_power((1, 0.2), before=24, after=[12], seed=seed) for seed in (5, 5, 6)
    )
    assert to_json(first) == to_json(again)
    assert to_json(first) != to_json(other)
    assert smallest(other)[12] == pytest.approx(smallest(first)[12], rel=0.06)


def test_the_callers_table_is_not_changed():
    data = before_only()
    copy = data.copy(deep=True)
    qi.its_power(data, value="bed_days", simulations=100, after=[12])
    pd.testing.assert_frame_equal(data, copy)


# ---- counts of events --------------------------------------------------------------------------


def falls(mean: float, n: int = 24, **more) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame({"period": monthly(n=n)["period"], "falls": rng.poisson(mean, n)} | more)


def power_of(data, **more):
    asked = {
        "value": "falls",
        "after": [12],
        "simulations": 100,
        "season": None,
        "counts": "events",
    }
    return qi.its_power(data, **asked | more)


@pytest.mark.parametrize(("mean", "low", "high"), [(8, 25, 50), (40, 75, 100)])
def test_the_chance_of_a_fall_in_events_is_that_of_the_methods_page(mean, low, high):
    """METHODS-2, D: n = 24, Poisson, a fall to 0.4, by the average: 32 % at a mean of 8, 82 at 40.

    Here the change at once may claim as well, which finds somewhat more.
    """
    counts = np.tile([mean - 2, mean + 2], 6)  # about as much spread as chance gives
    data = pd.DataFrame({"period": monthly(n=12)["period"], "falls": counts})
    found = power_of(data)
    chance = 100 * np.interp(0.6 * mean, found.points["change"], found.points["power"])
    assert low <= chance <= high


def test_events_are_simulated_as_events_and_amounts_as_amounts():
    data = falls(12)
    events, amount = power_of(data), power_of(data, counts="amount")
    assert (events.of_events, amount.of_events) == (True, False)
    assert "a fall at once of" in events.headline()
    assert smallest(events)[12] > smallest(amount)[12]  # which took chance for smaller than it is
    assert smallest(events)[12] < data["falls"].mean()


def test_where_no_fall_can_be_found_it_is_said():
    result = power_of(falls(0.3))
    assert result.estimates["estimate"].isna().all()
    assert "not even a fall to almost none would be found 80 times in 100" in result.headline()
    assert "none" in result.alt_text()
    assert shown(result, "estimates")["Smallest change"].tolist() == ["none"]
    assert "too small to be found" in power_of(falls(0.3), wanted=0.2).headline()
    again = Result.from_dict(json.loads(to_json(result)))
    assert again.headline() == result.headline()


def test_a_rate_that_wanders_asks_for_larger_falls():
    """The memory of the rate is told from chance by moments (Zeger 1988)."""
    rng = np.random.default_rng(8)
    e = 0.5 * ar1_errors(4000, 0.6, rng, 1)[:, 0]
    x, exposure = np.ones((4000, 1)), np.full(4000, 2.0)
    counts = rng.poisson(2 * 15 * np.exp(e - 0.125)).astype(float)
    rate, beta = event_rate(counts, exposure, x)
    assert rate.rate == pytest.approx(15, rel=0.05)
    assert beta[0] == pytest.approx(np.log(15), abs=0.05)
    assert rate.sd == pytest.approx(0.5, abs=0.05)
    assert rate.rho == pytest.approx(0.6, abs=0.05)
    calm, _ = event_rate(rng.poisson(30, 4000).astype(float), exposure, x)
    assert calm.sd < 0.05


def test_a_rate_for_so_many_is_told_for_so_many():
    data = falls(12, n=12, people=500)
    thousand = power_of(data, denominator="people", per=1000)
    assert thousand.level == pytest.approx(1000 * data["falls"].mean() / 500)
    assert 0.3 * thousand.level < smallest(thousand)[12] < thousand.level


def test_the_primary_quantity_is_that_of_the_analysis():
    """A change at once alone, at 95 %: better known than the average where the slope may change."""
    asked = {"before": 24, "after": [24], "season": None, "simulations": 400}
    average, level = (
        smallest(qi.its_power((1, 0.4), primary=primary, **asked))[24]
        for primary in ("average_effect", "level_change")
    )
    assert level < 0.95 * average


@pytest.mark.parametrize(
    "given", [((1, 0.4), {"before": 30}), (None, {"value": "falls", "counts": "events"})]
)
def test_the_horizon_is_that_of_the_analysis(given):
    """A lasting step is better known from the first year than from all that comes after it."""
    data, more = given
    if data is None:
        falls = np.random.default_rng(2).poisson(30, 30)
        data = pd.DataFrame({"period": monthly(30)["period"], "falls": falls})
    asked = {"season": None, "simulations": 200, **more}
    whole = smallest(qi.its_power(data, after=[12, 30], **asked))
    result = qi.its_power(data, after=[8, 12, 30], horizon=12, **asked)
    first = smallest(result)
    assert first.index.tolist() == [12, 30]  # after 8 months there is no average over 12
    assert first[12] == whole[12]
    assert first[30] < whole[30]
    assert "the average over the first 12 months" in result.details()


# ---- words -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hoped():
    words = {"outcome": "Occupied bed days", "unit": "beds", "setting": "Alder ward"}
    return qi.its_power(
        before_only(), value="bed_days", wanted=4.2, after=[8, 12, 36], simulations=500, **words
    )


def test_the_headline_answers_how_long_and_the_details_how_large(hoped):
    """A size hoped for was given: the question is how long."""
    needed, size = hoped.needed, smallest(hoped)[36]
    assert needed in (8, 12, 36)
    assert hoped.headline() == (
        f"The change hoped for (4.20 beds) needs about {needed} months after it."
    )
    assert f"With 30 months before and 36 after, a change at once of {size:.2f} beds (" in (
        hoped.details()
    )
    assert f"({100 * size / before_only()['bed_days'].mean():.0f}%)" in hoped.details()


def test_without_a_size_the_headline_answers_how_large():
    result = qi.its_power(before_only(), value="bed_days", after=[36], simulations=300)
    assert f"a change at once of {smallest(result)[36]:.2f}" in result.headline()
    assert result.headline().endswith("%) would be found 80 times in 100.")


def test_the_details_say_what_it_rests_on(hoped):
    assert f"After 8 months it would have to be {smallest(hoped)[8]:.2f} beds." in hoped.details()
    assert f"autocorrelation {hoped.rho:.2f}" in hoped.details()
    assert "would not be told from chance" in hoped.summary()


def test_a_wish_out_of_reach_is_said_with_its_chance():
    result = qi.its_power(
        before_only(), value="bed_days", wanted=1.0, after=[8, 12], simulations=500
    )
    assert result.needed is None
    last = result.points[result.points["after"] == 12]
    chance = np.interp(1.0, last["change"], last["power"])
    assert (
        f"too small to be found even after 12 months; its chance then is {100 * chance:.0f} in 100"
        in result.headline()
    )


def test_figures_alone_are_told_in_standard_deviations():
    result = qi.its_power((1, 0.2), before=24, after=[12], simulations=200)
    assert "standard deviations would be found" in result.headline()
    assert "%" not in result.headline()
    assert "(autocorrelation 0.20)" in result.details()
    assert "Share of the level" not in shown(result, "estimates").columns
    assert undeclared(result) == {}


def test_the_tables_and_the_alt_text_hold_the_same_numbers(hoped):
    table, caption = shown(hoped, "estimates"), hoped.table("estimates").caption
    assert table["After the change"].tolist() == ["8 months", "12 months", "36 months"]
    assert table["Smallest change"].tolist() == [f"{size:.2f}" for size in smallest(hoped)]
    assert caption == "The smallest change at once that would be found 80 times in 100"
    for size in table["Smallest change"]:
        assert size in hoped.alt_text()
    assert hoped.alt_text().startswith(hoped.headline())
    points = shown(hoped, "points")
    assert list(points.columns) == ["Change (beds)"] + [f"After {k} months" for k in (8, 12, 36)]
    assert points.iloc[:, 1].str.fullmatch(r"\d{1,3}%").all()


def test_other_kinds_of_period_are_named():
    data = before_only(n=16).assign(period=pd.date_range("2018-01-01", periods=16, freq="QS"))
    result = qi.its_power(data, value="bed_days", after=[8], simulations=100)
    assert result.headline().startswith("With 16 quarters before and 8 after")


def test_a_short_past_is_a_warning():
    def status(n):
        result = qi.its_power(before_only(n=n), value="bed_days", after=[12], simulations=100)
        return result.checks.set_index("id").loc["periods_before", "status"]

    assert [status(n) for n in (8, 11, 12, 30)] == ["warn", "warn", "pass", "pass"]


def test_a_result_survives_its_json_form(hoped):
    again = Result.from_dict(json.loads(to_json(hoped)))
    assert again.summary() == hoped.summary()
    assert again.alt_text() == hoped.alt_text()
    assert to_json(again) == to_json(hoped)


# ---- refusals ----------------------------------------------------------------------------------

DATA = before_only()


@pytest.mark.parametrize(
    ("given", "more", "error", "says"),
    [
        (DATA.iloc[:7], {"value": "bed_days"}, CannotEvaluate, "at least 8"),
        (DATA, {"value": "bed_days", "intervention": start(7)}, CannotEvaluate, "at least 8"),
        (DATA, {}, ParameterError, "`value` is missing"),
        (DATA, {"value": "beds"}, DataError, "Did you mean `bed_days`"),
        (DATA, {"value": "bed_days", "intervention": "soon"}, ParameterError, "2020-03-01"),
        (DATA, {"value": "bed_days", "after": []}, ParameterError, "`after`"),
        (DATA, {"value": "bed_days", "after": [2]}, ParameterError, "at least 3"),
        (DATA, {"value": "bed_days", "after": [6.5]}, ParameterError, "`after`"),
        (DATA, {"value": "bed_days", "power": 1.0}, ParameterError, "`power`"),
        (DATA, {"value": "bed_days", "power": 80}, ParameterError, "`power`"),
        (DATA, {"value": "bed_days", "confidence": 0.3}, ParameterError, "`confidence`"),
        (DATA, {"value": "bed_days", "simulations": 10}, ParameterError, "at least 100"),
        (DATA, {"value": "bed_days", "wanted": -2.0}, ParameterError, "above zero"),
        (DATA, {"value": "bed_days", "wanted": 0.0}, ParameterError, "above zero"),
        ((1, 0.2), {}, ParameterError, "`before` is missing"),
        ((1, 0.2), {"before": 2}, ParameterError, "`before`"),
        ((0, 0.2), {"before": 24}, ParameterError, "above 0"),
        ((1, 1.0), {"before": 24}, ParameterError, "between -1 and 1"),
        ((1, 2, 3), {"before": 24}, ParameterError, "two figures"),
        ("1, 0.2", {"before": 24}, ParameterError, "two figures"),
        ((np.nan, 0.2), {"before": 24}, ParameterError, "above 0"),
        ((np.inf, 0.2), {"before": 24}, ParameterError, "above 0"),
        ((1, 0.2), {"before": 24.5}, ParameterError, "`before`"),
        (DATA, {"value": "bed_days", "after": 12}, ParameterError, "`after`"),
        (DATA, {"value": "bed_days", "wanted": np.nan}, ParameterError, "above zero"),
        (DATA, {"value": "bed_days", "horizon": 0}, ParameterError, "`horizon`"),
        (DATA, {"value": "bed_days", "after": [9], "horizon": 12}, CannotEvaluate, "`horizon`"),
        (DATA, {"value": "bed_days", "wanted": "5"}, ParameterError, "above zero"),
        (DATA, {"value": "bed_days", "counts": "event"}, ParameterError, "`counts`"),
    ],
)
def test_what_has_no_meaning_is_refused_with_a_reason(given, more, error, says):
    with pytest.raises(error) as caught:
        qi.its_power(given, **more)
    assert says in str(caught.value)


@pytest.mark.parametrize("values", [7.0, 0.0, np.arange(30.0)])
def test_a_past_without_variation_is_refused(values):
    with pytest.raises(CannotEvaluate):
        qi.its_power(DATA.assign(bed_days=values), value="bed_days", simulations=100, after=[12])


@pytest.mark.parametrize("years", [1, 12])
def test_what_the_analysis_would_refuse_is_refused_before_it(years):
    """A running total; totals of the year up to each month."""
    y = np.random.default_rng(1).normal(100, 10, 95)
    total = y[:84].cumsum() if years == 1 else np.convolve(y, np.ones(12), mode="valid")
    data = pd.DataFrame({"period": pd.date_range(start(0), periods=84, freq="MS"), "y": total})
    with pytest.raises(CannotEvaluate, match="look like"):
        qi.its_power(data, value="y", after=[12], simulations=100, season=None)


def test_no_more_events_can_be_hoped_to_go_than_there_are():
    data = pd.DataFrame(
        {
            "period": pd.date_range(start(0), periods=36, freq="MS"),
            "falls": np.random.default_rng(4).poisson(1.0, 36),
        }
    )
    with pytest.raises(ParameterError, match="larger fall than there are"):
        qi.its_power(data, value="falls", after=[12], wanted=5)
