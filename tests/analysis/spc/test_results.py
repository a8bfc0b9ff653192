"""Phases, checks, and what a reader is told."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from qieval.analysis.spc import ControlChartResult, control_chart, run_chart
from qieval.core.errors import ParameterError
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.result import Result
from tests.analysis.spc.published import monthly
from tests.shown import bundle_of

RNG = np.random.default_rng(11)
QUIET = [float(v) for v in RNG.normal(50, 3, 24).round(1)]
LOWER = [float(v) for v in RNG.normal(41, 3, 16).round(1)]


def check(result, name):
    return result.checks.set_index("id").loc[name]


RUN_POINTS = ["time", "value", "centre", "phase", "useful", "shift", "trend"]
RUN_ESTIMATES = ["centre", "n_useful", "longest_run", "longest_run_max", "n_crossings"]
RUN_ESTIMATES += ["n_crossings_min", "signal"]
CONTROL_POINTS = ["time", "value", "centre", "lower", "upper", "lower_2s", "upper_2s", "phase"]
CONTROL_POINTS += ["lower_1s", "upper_1s", "outside_limits", "shift", "trend", "two_of_three"]
CONTROL_POINTS += ["special_cause", "point_type", "excluded", "reason", "denominator"]
CONTROL_ESTIMATES = ["centre", "lower", "upper", "sigma_z", "variation", "assurance"]


def charts(table, **more):
    """A run chart and a control chart of it."""
    return (
        run_chart(table, value="x", **more),
        control_chart(table, kind="i", value="x", **more),
    )


@pytest.mark.parametrize("rephase", [(), ["2019-01-01"]])
@pytest.mark.parametrize("by", [(), "ward", ["site", "ward"]])
def test_the_contract_of_the_tables(by, rephase):
    """DESIGN 4: estimates have a row a phase (and chart), the general columns first."""
    wards = [monthly(QUIET[::way], ward=name, site="N") for name, way in [("A", 1), ("B", -1)]]
    run, chart = charts(pd.concat(wards) if by else wards[0], by=by, rephase=rephase)
    phases, units = 1 + len(rephase), 2 if by else 1
    for result, points, columns in (
        (run, RUN_POINTS, RUN_ESTIMATES),
        (chart, CONTROL_POINTS, CONTROL_ESTIMATES),
    ):
        table, names = result.estimates, result.by
        assert set(points) <= set(result.points)
        assert list(table.columns)[: len(ESTIMATE_COLUMNS)] == ESTIMATE_COLUMNS
        assert set(columns) <= set(table)
        assert table.index.name == "term"
        assert list(table.index) == ["centre", "centre_2"][:phases] * units
        assert list(table["phase"]) == [1, 2][:phases] * units
        assert list(table["estimate"]) == list(table["centre"])
        groups = result.points.groupby([*names, "phase"], sort=False)
        assert list(table["n"]) == list(groups["value"].count())
        assert list(table["centre"]) == list(groups["centre"].first())
        assert list(table["start"]) == list(groups["time"].first())
        assert list(result.last["phase"]) == [phases] * units


def test_a_row_of_the_estimates_is_read_by_its_columns():
    (run, chart), e = charts(monthly(QUIET)), "centre"
    assert run.estimates.loc[e, "n_useful"] == run.points["useful"].sum() == 24
    assert run.estimates.loc[e, "longest_run_max"] == 8
    assert run.estimates.loc[e, "n_crossings_min"] == 8
    assert not run.estimates.loc[e, "signal"]
    assert run.term(e).value == np.median(QUIET)
    for limit in ("lower", "upper"):
        assert chart.estimates.loc[e, limit] == chart.points[limit].iloc[-1]
    assert np.isnan(chart.estimates.loc[e, "sigma_z"])  # of p' and u' charts only
    assert chart.estimates.loc[e, ["variation", "assurance"]].tolist() == ["common_cause", ""]


def test_a_notebook_shows_the_estimates_in_words():
    run, _ = charts(monthly(QUIET), outcome="Falls & slips")
    shown = bundle_of(run)["text/html"]
    assert "Falls &amp; slips: no signal" in shown
    assert "Crossings" in shown


def test_a_group_column_may_be_called_unit():
    table = pd.concat([monthly(QUIET, unit="A"), monthly(QUIET[::-1], unit="B")])
    for result in charts(table, by="unit"):
        assert list(result.estimates["unit"]) == ["A", "B"]
        assert list(result.points["unit"].unique()) == ["A", "B"]
        assert result.setup.unit == "x"
        again = Result.from_dict(json.loads(json.dumps(result.to_dict(), allow_nan=False)))
        assert again.summary() == result.summary()


@pytest.mark.parametrize("name", ["n", "phase", "value", "centre", "term", "reason"])
def test_a_group_column_with_the_name_of_a_column_of_the_result_is_refused(name):
    table = pd.concat([monthly(QUIET), monthly(QUIET[::-1])])
    table[name] = ["A"] * 24 + ["B"] * 24
    with pytest.raises(ParameterError, match=rf"name of a column of the result.*\n.*`{name}`"):
        run_chart(table, value="x", by=name)


@pytest.mark.parametrize("by", [(), "ward", ["site", "ward"]])
def test_a_result_survives_its_json(by):
    table = pd.concat(
        [
            monthly(QUIET, ward="A", site="N"),
            monthly(QUIET[::-1], ward="B", site="N"),
        ]
    )
    table = table if by else table[table["ward"] == "A"]
    events = [{"date": "2018-06-01", "event": "New ward"}]
    start = {"2019-01-01": "new rota"}
    ask = {"value": "x", "by": by, "rephase": start, "events": events, "target": 60}
    for result in (
        run_chart(table, **ask),
        control_chart(table, kind="i", direction="lower", **ask),
    ):
        again = Result.from_dict(json.loads(json.dumps(result.to_dict(), allow_nan=False)))
        assert type(again) is type(result)
        assert again.summary() == result.summary()
        assert again.alt_text() == result.alt_text()
        pd.testing.assert_frame_equal(again.points, result.points, check_dtype=False)
        pd.testing.assert_frame_equal(again.estimates, result.estimates, check_dtype=False)
        for words in (again.headline(), again.details(), again.alt_text()):
            assert "nan" not in words.lower().split()
        assert len(again.table("estimates")) == len(result.estimates)
        assert len(again.table("points")) == len(result.points)
        marks = again.marks.assign(date=again.marks["date"].astype(str))
        assert marks.to_numpy().tolist() == [
            ["2018-06-01", "New ward", "event", ""],
            ["2019-01-01", "New rota", "rephase", ""],
        ]


def test_no_signal_is_not_called_no_change():
    run = run_chart(monthly(QUIET), value="x", outcome="Falls")
    assert run.headline() == "Falls: no signal of a change in 24 months."
    assert "No signal is not proof that nothing changed" in run.summary()
    chart = control_chart(monthly(QUIET), kind="i", value="x", outcome="Falls")
    assert chart.headline() == "Falls: only the variation to be expected; no special cause."
    assert "No signal is not proof that nothing changed" in chart.summary()
    assert "p value" not in run.summary() + chart.summary()


def test_the_false_alarms_of_this_very_chart_are_told():
    words = control_chart(monthly(QUIET), kind="i", value="x").summary()
    assert "Even if nothing had changed, 18 in 100 charts of 24 points" in words
    assert "3 in 100 charts of 24 points" in run_chart(monthly(QUIET), value="x").summary()
    short = run_chart(monthly(QUIET[:8]), value="x")
    assert "is not known for fewer than 10 points" in short.summary()


def test_baseline_and_rephase_work_together():
    values = QUIET + LOWER
    result = control_chart(
        monthly(values), kind="i", value="x", baseline=12, rephase={"2020-01-01": "huddles"}
    )
    e = result.estimates["estimate"]
    assert e["centre"] == pytest.approx(np.mean(QUIET[:12]))
    assert e["centre_2"] == pytest.approx(np.mean(LOWER))
    assert check(result, "baseline")["detail"].endswith("rest on the first 12 points.")
    assert "January 2020 (huddles)" in check(result, "phases")["detail"]
    by_date = control_chart(
        monthly(values), kind="i", value="x", baseline="2018-12-15", rephase=["2020-01-01"]
    )
    assert by_date.estimates.loc["centre", "estimate"] == e["centre"]
    assert check(by_date, "phases")["status"] == "warn"  # no reason was given


def test_gaps_are_listed_and_no_moving_range_crosses_them():
    x = [10.0, 12, 11, 30, 31, 29, 30]
    table = monthly(x)
    table["period"] = table["period"].where(
        table.index < 3, table["period"] + pd.DateOffset(months=2)
    )
    result = control_chart(table, kind="i", value="x", rules="shewhart", screen_moving_ranges=False)
    assert "April 2018, May 2018" in check(result, "missing_periods")["detail"]
    sigma = np.mean([2, 1, 1, 2, 1]) / 1.128
    assert result.points["upper"].iloc[0] == pytest.approx(np.mean(x) + 3 * sigma)
    assert len(result.points) == 9


def test_a_rephase_some_way_from_the_change_is_warned_of():
    values = QUIET + LOWER
    right = control_chart(monthly(values), kind="i", value="x", rephase=["2020-01-01"])
    late = control_chart(monthly(values), kind="i", value="x", rephase=["2020-06-01"])
    assert "rephase_date" not in set(right.checks["id"])
    assert "about 5 months before June 2020" in check(late, "rephase_date")["detail"]


def test_a_step_is_offered_and_not_taken():
    result = run_chart(monthly(QUIET + LOWER), value="x", baseline=24)
    row = check(result, "step_changes")
    assert row["status"] == "info"
    assert "`rephase: {2020-01-01: the cause}`" in row["detail"]
    assert set(result.points["phase"]) == {1}
    none = run_chart(monthly(QUIET), value="x")
    assert "step_changes" not in set(none.checks["id"])


@pytest.mark.parametrize(
    ("target", "direction", "expected"),
    [
        (80, "lower", "pass"),
        (80, "higher", "fail"),
        (20, "higher", "pass"),
        (20, "lower", "fail"),
        (50, "lower", "hit_or_miss"),
        (50, "neutral", ""),
        (None, "lower", ""),
    ],
)
def test_assurance(target, direction, expected):
    result = control_chart(monthly(QUIET), kind="i", value="x", target=target, direction=direction)
    assert result.estimates["assurance"].tolist() == [expected]
    assert ("target_direction" in set(result.checks["id"])) == (direction == "neutral")


def test_variation_is_that_of_the_latest_point_and_says_why():
    result = control_chart(
        monthly(QUIET + LOWER), kind="i", value="x", baseline=24, direction="lower"
    )
    assert result.headline().startswith(
        "X: signal of improvement (special cause); the latest point is part"
    )
    assert "7 or more in a row on one side" in result.estimates["variation_reason"].iloc[0]


def test_p_limits_that_are_absurdly_tight_are_called_so():
    n = np.full(24, 100_000)
    x = (n * np.clip(np.random.default_rng(1).normal(0.7, 0.02, 24), 0, 1)).round()
    table = monthly(list(x), n=n)
    tight = control_chart(table, kind="p", numerator="x", denominator="n")
    row = check(tight, "dispersion")
    assert row["status"] == "warn"
    assert "Use `kind: pp`" in row["detail"]
    assert "Use `kind: pp`" in tight.summary()
    assert "Even if nothing had changed" not in tight.summary()
    better = control_chart(table, kind="pp", numerator="x", denominator="n")
    assert better.points["outside_limits"].sum() == 0


def test_groups_are_counted_in_the_headline():
    table = pd.concat(
        [monthly([*QUIET, float(20 + 60 * k)], ward=name) for k, name in enumerate(["low", "high"])]
        + [monthly(QUIET[::-1], ward="quiet")]
    )
    result = control_chart(
        table, kind="i", value="x", by="ward", direction="lower", outcome="Waits"
    )
    assert result.headline() == (
        "Waits: 2 of 3 charts show a special cause: high (concern) and low (improvement)."
    )
    assert "low (signal of improvement (special cause))" in result.details()
    assert isinstance(result, ControlChartResult)
    assert result.estimates.set_index("ward")["variation"].to_dict() == {
        "high": "concern",
        "low": "improvement",
        "quiet": "common_cause",
    }


def test_subgroups_of_different_sizes_are_pooled():
    days = pd.date_range("2020-01-01", periods=8, freq="D")
    rng = np.random.default_rng(1)
    rows = [(day, v) for k, day in enumerate(days) for v in rng.normal(10, 2, 3 + k % 3)]
    table = pd.DataFrame(rows, columns=["period", "x"])
    groups = table.groupby("period")["x"]
    weights = groups.size() - 1
    pooled = np.sqrt((weights * groups.var()).sum() / weights.sum())
    spread = control_chart(table, kind="s", value="x", rules="shewhart").points
    assert spread["centre"].to_numpy() == pytest.approx(pooled)
    means = control_chart(table, kind="xbar", value="x", rules="shewhart")
    assert means.points["centre"].iloc[0] == pytest.approx(table["x"].mean())
    assert means.setup.step_limits
