"""Evaluations of the example programme find the truth that was built in, or say why they cannot.

Every project goes the whole way that its notebook goes: its parameter file, `qi.read`,
`qi.measure`, `qi.interrupted_time_series`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import qieval as qi
from qieval.params import Parameters, read_evaluation
from simulation import simulate
from simulation.drawing import days_in
from simulation.wards import WARDS, Ward

ROOT = Path(__file__).resolve().parents[2]
TRUTH = yaml.safe_load((ROOT / "data/closing-the-gap/TRUTH.yml").read_text(encoding="utf-8"))
BY_PROJECT = {ward.project: ward for ward in WARDS if ward.expect != "describe"}
RECOVER = [name for name, ward in BY_PROJECT.items() if ward.expect == "recover"]
WARN = [name for name, ward in BY_PROJECT.items() if ward.expect == "warn"]
REFUSE = [name for name, ward in BY_PROJECT.items() if ward.expect == "refuse"]
TERMS = ("level_change", "slope_change", "average_effect")
SEEDS = 100


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def asked_of(project: str) -> dict[str, Any]:
    file = ROOT / "params" / "closing-the-gap" / project / "interrupted_time_series.yml"
    return read_evaluation(file, ROOT).parameters


def taken(function: Callable[..., Any], asked: dict[str, Any]) -> dict[str, Any]:
    return Parameters("interrupted_time_series", asked).of(function)


def measured(project: str) -> pd.DataFrame:
    asked = asked_of(project)
    loaded = qi.read(**taken(qi.read, asked))
    assert loaded.passport.origin.simulated
    return qi.measure(loaded.table, **taken(qi.measure, asked)).table


def evaluated(project: str) -> Any:
    asked = asked_of(project)
    return qi.interrupted_time_series(measured(project), **taken(qi.interrupted_time_series, asked))


def covers(result: Any, term: str, figure: float) -> bool:
    estimate = result.estimates.loc[term]
    return bool(estimate["ci_low"] <= figure <= estimate["ci_high"])


def check(result: Any, name: str) -> pd.Series:
    return result.checks.set_index("id").loc[name]


@pytest.mark.parametrize("project", list(BY_PROJECT))
def test_bed_days_of_the_file_are_those_simulated(project: str) -> None:
    ward = BY_PROJECT[project]
    table = measured(project).set_index("period")
    simulated = {
        pd.Timestamp(month): total
        for month, total in simulate.bed_days(ward).items()
        if month not in ward.missing
    }
    found = table["bed_days"].dropna()
    assert found.astype(int).to_dict() == simulated
    days = {month: days_in(month.date()) for month in table.index}
    assert table["days_in_period"].astype(int).to_dict() == days


@pytest.mark.parametrize("project", RECOVER)
def test_the_interval_holds_the_truth(project: str) -> None:
    result, said = evaluated(project), TRUTH["projects"][project]
    missed = [term for term in TERMS if not covers(result, term, said[term])]
    assert missed == []
    events = asked_of(project).get("events") or []
    assert len(result.near) == len(events)
    could = ("warn", "fail") if result.near["explains"].any() else ("info", "pass")
    assert check(result, "other_events")["status"] in could


@pytest.mark.parametrize(
    "project",
    [
        "rowan-discharge-pathway",
        "linden-housing-panel",
        "maple-home-treatment",
        "plane-home-leave",
    ],
)
def test_a_real_fall_is_seen(project: str) -> None:
    assert evaluated(project).estimates.loc["level_change", "ci_high"] < 0


@pytest.mark.parametrize("project", ["alder-weekly-review", "bracken-move-on"])
def test_where_there_is_no_effect_none_is_claimed(project: str) -> None:
    result = evaluated(project)
    assert covers(result, "level_change", 0)
    assert covers(result, "average_effect", 0)
    assert "no effect" not in result.summary().lower()


def test_the_wash_out_is_left_out_of_the_fit() -> None:
    points = evaluated("linden-housing-panel").points.set_index("time")
    months = ["2017-05-01", "2017-06-01", "2017-07-01"]
    assert set(points.loc[months, "phase"]) == {"transition"}
    assert points["used"].sum() == 57


def test_missing_returns_stay_gaps() -> None:
    ward = BY_PROJECT["maple-home-treatment"]
    points = evaluated(ward.project).points.set_index("time")
    blank = points.index[points["value"].isna()]
    assert [month.date() for month in blank] == list(ward.missing)


def test_a_short_series_is_warned_of() -> None:
    row = check(evaluated("aspen-discharge-coordinator"), "points_a_side")
    assert row["status"] == "warn"
    assert "8 months" in row["detail"]


@pytest.mark.parametrize("project", WARN)
def test_another_change_is_warned_of_and_never_called_the_projects_effect(project: str) -> None:
    result, said = evaluated(project), TRUTH["projects"][project]
    (event,) = asked_of(project)["events"]
    row = check(result, "other_events")
    assert row["status"] == "fail"
    assert event["event"] in row["detail"]
    assert event["event"] in result.summary()
    # What the series can show is the project and the other change together ...
    assert covers(result, "average_effect", said["seen_average_change"])
    # ... and that is not the project: what is claimed is never said of the project alone.
    if result.verdict.kind in ("improved", "worse", "changed"):
        assert result.verdict.alone is False
        assert not covers(result, "average_effect", said["average_effect"])


def test_ten_months_are_described_and_not_tested() -> None:
    ward = next(ward for ward in WARDS if ward.project == "cowslip-reablement")
    months = simulate.bed_days(ward)
    table = pd.DataFrame({"period": pd.to_datetime(list(months)), "bed_days": months.values()})
    table["days"] = table["period"].dt.days_in_month
    result = qi.interrupted_time_series(
        table, value="bed_days", denominator="days", intervention=ward.intervention
    )
    assert "no test was made" in result.summary()


def test_leave_is_taken_off_once_where_entries_overlap() -> None:
    """Net bed days fall further than gross ones: there is more leave since the project began."""
    file = ROOT / "params/closing-the-gap/plane-home-leave/run_chart.yml"
    asked = read_evaluation(file, ROOT).parameters
    loaded = qi.read(**taken(qi.read, asked))
    table = qi.measure(loaded.table, **taken(qi.measure, asked)).table.set_index("period")
    leave = pd.read_csv(ROOT / asked["leave"], parse_dates=["start", "end"])
    leave["end"] = leave["end"].fillna(pd.Timestamp("2020-01-01"))
    nights = {
        (row.person, night)
        for row in leave[leave["ward"] == "Plane unit"].itertuples()
        for night in pd.date_range(row.start, row.end, inclusive="left")
        if pd.Timestamp("2015-01-01") <= night < pd.Timestamp("2020-01-01")
    }
    entered = (leave["end"] - leave["start"]).dt.days[leave["ward"] == "Plane unit"].sum()
    assert table["leave_days"].sum() == len(nights) < entered
    share = table["leave_days"] / table["bed_days"]
    assert share["2017-09":].mean() > 1.6 * share[:"2017-08"].mean()


@pytest.mark.parametrize("project", REFUSE)
def test_too_short_a_series_is_refused(project: str) -> None:
    with pytest.raises(qi.CannotEvaluate) as caught:
        evaluated(project)
    assert "too few months after" in str(caught.value)
    assert "2 with data" in str(caught.value)
    assert "Wait for more months" in str(caught.value)


@pytest.mark.parametrize("project", ["lavender-peer-mentors", "myrtle-night-line"])
def test_a_team_that_stopped_is_refused_and_not_judged(project: str) -> None:
    assert TRUTH["projects"][project]["expect"] == "refuse"
    with pytest.raises(qi.CannotEvaluate, match="too few months before"):
        evaluated(project)


def test_over_many_seeds_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """One seed may be lucky. Of 100 others, a 95 % interval should hold the truth in about 95."""
    ward: Ward = BY_PROJECT["rowan-discharge-pathway"]
    series = []
    for seed in range(SEEDS):
        months = simulate.bed_days(ward, seed)
        table = pd.DataFrame({"period": pd.to_datetime(list(months)), "bed_days": months.values()})
        series.append(table.assign(days=table["period"].dt.days_in_month, seed=seed))
    rows = qi.interrupted_time_series_panel(
        pd.concat(series),
        unit="seed",
        value="bed_days",
        denominator="days",
        intervention=ward.intervention,
    )
    for term in ("level_change", "slope_change"):
        ends, truth = rows.xs(term, level="term"), getattr(ward, term)
        assert len(ends) == SEEDS
        held = ends["ci_low"].le(truth) & ends["ci_high"].ge(truth)
        assert held.sum() >= 88, term  # a true 95 % falls below that once in 600 times


@pytest.mark.parametrize("project", RECOVER)
def test_whether_a_change_lasted_is_recovered(project: str) -> None:
    result, said = evaluated(project), TRUTH["projects"][project]
    rows = result.lasting.set_index("term")
    for term in {"first_effect", "later_effect"} & {*rows.index} & {*said}:
        assert rows.at[term, "ci_low"] <= said[term] <= rows.at[term, "ci_high"]
    if abs(said.get("later_effect", 0)) >= abs(said["first_effect"]):
        assert result.verdict.sustained.status != "faded"
