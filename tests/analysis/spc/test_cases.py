"""Small inputs with what is right for them, each for a whole kind; sources in the docstrings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qieval import draw
from qieval.analysis.spc import control_chart, run_chart
from qieval.charts.drawing import caption_of
from qieval.core.errors import CannotEvaluate, DataError, ParameterError


def months(values, **more):
    at = pd.date_range("2022-01-01", periods=len(values), freq="MS")
    return pd.DataFrame({"period": at, "y": values, **more})


def chart(values, **more):
    return control_chart(months(values), kind="i", value="y", **more)


def check(result, name):
    return result.checks.set_index("id").loc[name]


def has(result, name):
    return name in set(result.checks["id"])


def words_of(result):
    return [text.get_text() for text in draw(result).texts]


ENDS = [50, 52, 48, 51, 49, 53, 47, 50, 52, 48, 51, 49]


# ---- rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", ["making_data_count_2021", "making_data_count_2024"])
def test_all_three_of_two_in_three_lie_on_one_side(rules):
    """NHSRplotthedots issue 194: "all three points still need to be on the same side"."""
    apart = [*ENDS, 59, 49, 59, *ENDS[:9]]
    assert not chart(apart, rules=rules).points["two_of_three"].any()
    together = [*ENDS, 59, 51, 59, *ENDS[:9]]
    flagged = chart(together, rules=rules).points["two_of_three"]
    assert list(np.flatnonzero(flagged)) == [12, 14]


@pytest.mark.parametrize(
    ("direction", "kind"), [("higher", "improvement"), ("lower", "improvement")]
)
def test_improvement_wins_where_a_trend_and_a_side_disagree(direction, kind):
    """NHSRplotthedots issue 194: on a conflict NHS England's single chart shows improvement."""
    high = [54, 58, 51, 56, 60, 53, 57, 52, 59, 55, 61, 54, 58, 52, 57, 55, 60, 53]
    rising_below = [*high, 50, 50.5, 51, 51.5, 52, 52.5, 53]
    result = chart(rising_below, direction=direction)
    assert result.estimates["variation"].tolist() == [kind]
    assert ("(rising)" if direction == "higher" else "(low)") in result.headline()


def test_shift_and_trend_have_lengths_of_their_own():
    """NHSRplotthedots issues 195 and 202: NHS England's workbook takes 6 or 7 for either."""
    y = [50, 53, 48, 52, 49, 54, 47, 51, 53, 48, 45, 47, 49, 51, 53, 55, 50, 48, 52, 49, 51, 47, 53]
    assert chart(y, shift_length=6).points["trend"].sum() == 0
    assert chart(y, trend_length=6).points["trend"].sum() == 6
    assert "trend of 6" in chart(y, trend_length=6).setup.rules_title
    with pytest.raises(ParameterError, match="`trend_length` must be one of"):
        chart(y, trend_length=5)
    with pytest.raises(ParameterError, match="`trend_length` belongs to"):
        chart(y, rules="nelson", trend_length=6)


# ---- rolling and running totals ----------------------------------------------------------------


def rolling(width, points, seed):
    noise = pd.Series(np.random.default_rng(seed).normal(50, 5, points + width - 1))
    return noise.rolling(width).mean().dropna().to_numpy()


def told(values):
    try:
        return has(chart(values), "neighbours_alike")
    except CannotEvaluate as refusal:
        return "share data" in refusal.problem


@pytest.mark.parametrize("width", [3, 12, 24, 60])
def test_rolling_means_of_noise_are_refused_or_asked_about(width):
    assert sum(told(rolling(width, 36, seed)) for seed in range(20)) >= 18


@pytest.mark.parametrize("slope", [0.5, 2])
def test_a_steady_rise_is_no_running_total(slope):
    for seed in range(20):
        y = slope * np.arange(1, 25) + np.random.default_rng(seed).normal(0, 0.6, 24)
        result = chart(y)
        assert result.points["special_cause"].any()
        assert not has(result, "neighbours_alike")


def test_a_running_total_is_refused():
    for seed in range(20):
        counts = np.random.default_rng(seed).poisson(20, 36)
        assert told(np.cumsum(counts).astype(float))


@pytest.mark.parametrize("rho", [0.0, 0.2])
def test_ordinary_series_are_seldom_asked_about(rho):
    rng, asked = np.random.default_rng(3), 0
    for _ in range(60):
        y = [rng.normal()]
        for _ in range(35):
            y.append(rho * y[-1] + rng.normal())
        asked += told(50 + np.array(y))
    assert asked <= 4


# ---- spread, bounds, units, subgroups ----------------------------------------------------------


def test_far_less_spread_than_chance_is_a_warning():
    """Laney 2002: a sigma z well under 1 is as much a reason for p' limits as one above it."""
    a = 600 + np.array(
        [1, -2, 0, 3, -1, 2, 0, -3, 1, 0, 2, -1, -2, 1, 3, 0, -1, 2, -3, 1, 0, 1, -1, 2]
    )
    for kind in ("p", "pp"):
        result = control_chart(
            months(a, n=3000), kind=kind, numerator="y", denominator="n", direction="lower"
        )
        assert check(result, "dispersion")["status"] == "warn"
        assert "far less" in check(result, "dispersion")["detail"]


@pytest.mark.parametrize(
    ("y", "more", "lower", "upper"),
    [
        (
            [97, 99, 98, 100, 96, 99, 100, 98, 97, 99, 100, 98, 99, 97, 100],
            {"unit": "%"},
            None,
            100,
        ),
        ([3, 0, 1, 2, 0, 4, 1, 0, 2, 5, 0, 1, 3, 0, 2], {}, 0, None),
        ([0.2, 3.1, 0.4, 2.2, 0.9, 3.0, 0.1, 2.8], {"lower_bound": 0}, 0, None),
        ([0.9, 0.99, 0.91, 1.0, 0.92, 0.98, 0.9, 1.0], {"upper_bound": 1}, None, 1),
    ],
)
def test_limits_end_where_values_end(y, more, lower, upper):
    result = chart([float(value) for value in y], **more)
    row = result.estimates.iloc[0]
    assert lower is None or row["lower"] == lower
    assert upper is None or row["upper"] == upper
    assert any("none can lie" in note for note in caption_of(result))


def test_values_that_may_be_negative_or_above_100_percent_have_no_bounds():
    change = chart([-2.0, 1, -1, 3, 0, -3, 2, -1], unit="% change")
    assert change.estimates["lower"].iloc[0] < -3
    over = chart([95.0, 103, 99, 101, 97, 104, 98, 102], unit="% of funded beds")
    assert over.estimates["upper"].iloc[0] > 104
    assert not over.setup.cut


@pytest.mark.parametrize(
    ("bounds", "error", "words"),
    [
        ({"lower_bound": 5, "upper_bound": 5}, ParameterError, "must be below"),
        ({"lower_bound": "none"}, ParameterError, "must be a number"),
        ({"upper_bound": 50}, DataError, "where none can lie"),
    ],
)
def test_bounds_that_cannot_be(bounds, error, words):
    with pytest.raises(error, match=words):
        chart(ENDS, **bounds)


@pytest.mark.parametrize(("per", "target"), [(100, 0.95), (1, 95), (100, 950)])
def test_a_target_in_another_unit_is_refused(per, target):
    """The same trap in another tool: PowerBI-SPC issue 176."""
    rng = np.random.default_rng(1)
    n = rng.integers(250, 420, 24)
    table = months(rng.binomial(n, 0.86), n=n)
    with pytest.raises(ParameterError, match=r"The target (lies|is not in the unit)"):
        control_chart(table, kind="p", numerator="y", denominator="n", per=per, target=target)
    right = control_chart(table, kind="p", numerator="y", denominator="n", per=100, target=95)
    assert right.points["target"].eq(95).all()


def test_a_share_beside_percentages_is_refused_on_any_chart():
    with pytest.raises(ParameterError, match="one is a share"):
        run_chart(months([0.81, 0.84, 0.79, 0.85, 0.8]), value="y", target=80)
    far = run_chart(months([81.0, 84, 79, 85, 80]), value="y", target=8000)
    assert check(far, "target_far")["status"] == "warn"


def test_the_line_of_a_t_chart_is_called_no_mean():
    """Nelson 1994: the mean of y^(1/3.6) turned back lies between median and mean."""
    gaps = np.random.default_rng(5).exponential(17, 40).round() + 1
    dates = pd.Timestamp("2021-01-03") + pd.to_timedelta(np.cumsum(gaps), unit="D")
    result = control_chart(pd.DataFrame({"period": dates}), kind="t")
    assert not any("Mean" in text for text in words_of(result))
    assert "turned back" in caption_of(result)[1]


def test_limits_of_an_xbar_chart_follow_the_size_of_subgroups():
    table = pd.DataFrame(
        {
            "period": np.repeat(pd.date_range("2022-01-01", periods=14, freq="MS"), [3, 5] * 7),
            "y": np.arange(56) % 7 + 20.0,
        }
    )
    (caption,) = [
        n for n in caption_of(control_chart(table, kind="xbar", value="y")) if "follow" in n
    ]
    assert "size of the subgroups" in caption
    assert "denominators" not in caption


def test_one_value_far_away_is_flagged_and_does_not_make_the_others_special():
    y = np.random.default_rng(2).normal(50, 5, 60)
    table = pd.DataFrame(
        {"period": np.repeat(pd.date_range("2022-01-01", periods=20, freq="MS"), 3), "y": y}
    ).drop(index=[4, 5])
    table.loc[3, "y"] = 500
    result = control_chart(table, kind="xbar", value="y")
    flagged = set(result.points.loc[result.points["special_cause"], "time"])
    without = control_chart(table.drop(index=3), kind="xbar", value="y").points
    others = set(without.loc[without["special_cause"], "time"])
    assert flagged - others == {pd.Timestamp("2022-02-01")}
    assert "January" not in check(result, "subgroups")["detail"]
    assert "February 2022" in check(result, "subgroups")["detail"]


def test_a_g_chart_of_fractions_is_warned_of():
    y = [3.5, 1.2, 4, 5, 2, 6, 7, 8, 1, 2, 3, 4, 2]
    result = control_chart(months(y), kind="g", value="y")
    assert check(result, "whole_numbers")["status"] == "warn"


# ---- phases, events, targets on the figure -----------------------------------------------------


def test_the_lines_of_a_last_phase_of_one_point_are_its_own():
    result = chart([*ENDS, *ENDS[:11], 40], rephase={"2023-12-01": "merger"})
    labels = [text for text in words_of(result) if "\n" in text]
    assert any("Mean" in label for label in labels)
    assert not any("limit" in label for label in labels)


def test_an_event_outside_the_series_is_named():
    event = [{"date": "2032-05-01", "event": "Bundle introduced"}]
    for result in (chart(ENDS, events=event), run_chart(months(ENDS), value="y", events=event)):
        assert "Bundle introduced (1 May 2032)" in check(result, "events_outside")["detail"]
    inside = chart(ENDS, events=[{"date": "2022-12-20", "event": "Bundle introduced"}])
    assert not has(inside, "events_outside")


def test_small_charts_name_the_target_that_they_draw():
    table = pd.concat([months(ENDS, ward=ward) for ward in "AB"])
    result = control_chart(table, kind="i", value="y", by="ward", direction="lower", target=45)
    assert any("target" in note for note in caption_of(result))


def test_a_target_out_of_reach_is_told():
    result = chart(ENDS, target=80, direction="higher")
    assert "the target of 80 will not be met unless the process changes" in result.headline()
    assert "will not be met unless the process changes" in result.alt_text()


def test_special_causes_before_the_last_point_of_groups_are_told():
    y = [*ENDS[:10], 80, *ENDS[:12]]
    table = pd.concat([months(y, ward="A"), months([v + 1 for v in y], ward="B")])
    result = control_chart(table, kind="i", value="y", by="ward", direction="lower")
    assert "2 of 2 charts show a special cause: A (1 of 23 points" in result.headline()


def test_a_baseline_longer_than_a_unit_is_refused_with_its_name():
    table = pd.concat([months(ENDS, w="A"), months(ENDS[:8], w="B")])
    with pytest.raises(ParameterError, match="first phase of B has 8 points"):
        control_chart(table, kind="i", value="y", by="w", baseline=10)
    result = control_chart(table, kind="i", value="y", by="w", baseline={"A": 10})
    assert "Lines of the first phase in A rest on the first 10 points." in set(
        result.checks["detail"]
    )
    assert "12 months" not in check(result, "missing_periods")["detail"]  # B has 8
