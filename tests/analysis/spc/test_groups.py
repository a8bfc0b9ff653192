"""Targets, baselines, rephases, exclusions and benchmarks of groups, of phases, and over time."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from qieval import draw
from qieval.analysis.spc import control_chart, run_chart
from qieval.core.errors import DataError, ParameterError
from qieval.core.result import Result, to_json
from qieval.report.measures import icon_table
from tests.analysis.spc.published import monthly

RNG = np.random.default_rng(21)
A, B = (list(RNG.normal(level, 3, 36).round(1)) for level in (50, 80))
B = [*B[:18], *(value - 20 for value in B[18:])]
WARDS = pd.concat([monthly(A, ward="A"), monthly(B, ward="B")])


def chart(**more):
    return control_chart(WARDS, kind="i", value="x", by="ward", direction="lower", **more)


def of(result, ward):
    return result.points[result.points["ward"] == ward].reset_index(drop=True)


OWN = {
    "target": {"A": 40, "B": {"2018-01-01": 70, "2019-07-01": 50}},
    "rephase": {"B": {"2019-07-01": "New rota"}},
    "baseline": {"A": 12, "B": [12, 13]},
    "exclude": {"A": {"2018-03-01": "strike"}},
}


@pytest.mark.parametrize("make", [chart, lambda **o: run_chart(WARDS, value="x", by="ward", **o)])
def test_each_group_has_its_own(make):
    result = make(**OWN)
    a, b = of(result, "A"), of(result, "B")
    assert set(a["phase"]) == {1}
    assert list(b["phase"]) == [1] * 18 + [2] * 18
    assert set(a["target"]) == {40}
    assert list(b["target"]) == [70] * 18 + [50] * 18
    assert list(np.flatnonzero(a["excluded"])) == [2]
    assert not b["excluded"].any()
    assert a["baseline"].sum() == 12
    assert list(np.flatnonzero(b["baseline"])) == [*range(12), *range(18, 31)]
    marks = result.marks[result.marks["kind"] == "rephase"]
    assert marks[["event", "group"]].to_numpy().tolist() == [["New rota", "B"]]
    assert result.dates_of_change == ((pd.Timestamp("2019-07-01"),) * 2,)
    again = Result.from_dict(json.loads(to_json(result)))
    assert again.summary() == result.summary()


def test_a_group_with_its_own_is_the_chart_of_that_group_alone():
    result = chart(**OWN)
    for ward in "AB":
        own = {name: given.get(ward) or () for name, given in OWN.items()}
        own["target"], own["baseline"] = OWN["target"][ward], OWN["baseline"][ward]
        alone = control_chart(
            WARDS[WARDS["ward"] == ward], kind="i", value="x", direction="lower", **own
        )
        columns = [name for name in alone.points if name != "ward"]
        pd.testing.assert_frame_equal(of(result, ward)[columns], alone.points[columns])


def test_a_freeze_inside_a_later_phase():
    result = control_chart(
        monthly(B), kind="i", value="x", rephase={"2019-07-01": "rota"}, baseline=[None, 12]
    )
    assert result.estimates["centre"].tolist() == pytest.approx(
        [np.mean(B[:18]), np.mean(B[18:30])]
    )
    detail = result.checks.set_index("id").loc["baseline", "detail"]
    assert detail == "Lines of the second phase rest on the first 12 points."


def test_a_step_of_the_target_is_told_and_judged_by_its_latest():
    result = control_chart(
        monthly(A),
        kind="i",
        value="x",
        direction="lower",
        target={"2018-01-01": 70, "2019-01-01": 5},
    )
    assert "The target is 70 from January 2018 and 5 from January 2019" in result.details()
    assert result.estimates["assurance"].tolist() == ["fail"]
    assert "the target of 5 will not be met unless the process changes" in result.headline()


@pytest.mark.parametrize("kind", ["i", "c"])
def test_a_benchmark_sets_the_lines(kind):
    counts = monthly([float(round(value)) for value in A])
    own = control_chart(counts, kind=kind, value="x")
    result = control_chart(counts, kind=kind, value="x", benchmark=60)
    assert set(result.points["centre"]) == {60}
    half = (
        3 * np.sqrt(60)
        if kind == "c"
        else float(own.points["upper"].iloc[0] - own.points["centre"].iloc[0])
    )
    assert result.points["upper"].iloc[0] == pytest.approx(60 + half)
    given = control_chart(
        counts, kind=kind, value="x", benchmark={"centre": 60, "lower": 48, "upper": 66}
    )
    row = given.points.iloc[0]
    assert (row["lower"], row["upper"]) == (48, 66)
    assert (row["lower_1s"], row["upper_2s"]) == (56, 64)
    assert "benchmark" in given.details()


def test_benchmarks_of_groups():
    result = chart(benchmark={"A": 45, "B": {"centre": 70, "upper": 90}})
    assert set(of(result, "A")["centre"]) == {45}
    assert set(of(result, "B")["upper"]) == {90}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"target": {"C": 5}}, r"`target` names a group that the data do not have"),
        ({"rephase": {"C": ["2019-01-01"]}}, r"`rephase` names a group"),
        ({"exclude": {"A": ["2030-01-01"]}}, r"no point to exclude on this date in A"),
        ({"rephase": {"A": ["2030-01-01"]}}, r"outside the data in A"),
        ({"baseline": {"A": 99}}, r"first phase of A has 36 points"),
        ({"baseline": {"A": [12, 12]}}, r"more entries than there are phases in A"),
        ({"benchmark": -5, "lower_bound": 0}, r"lies below 0"),
        ({"benchmark": {"centre": 50, "upper": 40}}, r"between its limits"),
        ({"benchmark": {"centre": 50, "top": 60}}, r"takes a centre line"),
        ({"benchmark": 50, "baseline": 12}, r"sets the lines of the whole chart"),
        ({"target": {"2018-01-01": "low"}}, r"`target` must be a number"),
        ({"target": {"soon": 4}}, r"`target` names a group"),
        ({"rephase": {"2019-01-01": 5}}, r"takes a reason in words"),
    ],
)
def test_what_cannot_be_is_refused(more, words):
    with pytest.raises(ParameterError, match=words):
        chart(**more)


def test_a_rephase_in_a_gap_starts_at_the_next_point():
    table = monthly(A).drop(index=[17, 18])
    result = control_chart(table, kind="i", value="x", rephase={"2019-06-01": "rota"})
    assert result.estimates["start"].iloc[-1] == pd.Timestamp("2019-08-01")
    assert result.estimates["n"].tolist() == [17, 17]


def test_duplicate_group_periods_and_mixed_frequencies_are_refused():
    with pytest.raises(DataError, match="more than one row for the same month"):
        control_chart(pd.concat([WARDS, WARDS.head(1)]), kind="i", value="x", by="ward")
    weeks = pd.date_range("2021-01-04", periods=10, freq="W-MON")
    mixed = pd.concat([monthly(A[:12]), pd.DataFrame({"period": weeks, "x": 5.0})])
    with pytest.raises(DataError, match="not evenly spaced"):
        run_chart(mixed, value="x")


def test_groups_of_different_calendars_are_refused_as_such():
    weeks = pd.date_range("2018-01-01", periods=24, freq="W-MON")
    weekly = pd.DataFrame({"period": weeks, "x": A[:24], "ward": "B"})
    table = pd.concat([monthly(A[:24], ward="A"), weekly])
    words = r"different calendars.*\n.*one row a month and one row a week"
    with pytest.raises(DataError, match=words):
        control_chart(table, kind="i", value="x", by="ward")
    # The same months in another order, and one month short, are one calendar.
    short = pd.concat([monthly(A[:24], ward="A"), monthly(A[1:24], ward="B").iloc[::-1]])
    assert run_chart(short, value="x", by="ward").setup.every == "month"


def test_a_group_without_any_value_is_told_and_loses_no_other():
    """Its columns may be called anything, blanks included."""
    parts = [monthly(x, **{"Ward name": ward}) for ward, x in (("A", A), ("B", [np.nan] * 36))]
    result = control_chart(pd.concat(parts), kind="i", value="x", by="Ward name", target=20)
    assert result.headline() == "X: none of 1 chart shows a special cause; 1 has no values."
    assert icon_table({"Falls": result}).rows["measure"].tolist() == ["Falls: A"]
    draw(result)
