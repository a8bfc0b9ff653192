"""Verdict, aim, tables and declarations of run charts and control charts."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from qieval.analysis.spc import control_chart, run_chart
from qieval.charts.drawing import caption_of
from qieval.core.result import Result, to_json
from tests.analysis.spc.published import monthly
from tests.shown import shown, undeclared

RNG = np.random.default_rng(2)
QUIET = list(RNG.normal(50, 2, 24).round(1))
FALLEN = [*QUIET[:12], *(value - 12 for value in QUIET[12:])]


@pytest.mark.parametrize(
    ("values", "direction", "kind", "words"),
    [
        (QUIET, "lower", "no clear change", "no signal"),
        (FALLEN, "lower", "improved", "signal, better"),
        (FALLEN, "higher", "worse", "signal, worse"),
        (FALLEN, "neutral", "changed", "signal"),
        ([50.0] * 24, "lower", "cannot tell", "not judged"),
    ],
)
def test_a_run_chart_is_judged_by_its_latest_phase(values, direction, kind, words):
    verdict = run_chart(monthly(values), value="x", direction=direction, rules="ihi").verdict
    assert (verdict.kind, verdict.words) == (kind, words)


@pytest.mark.parametrize(
    ("values", "direction", "kind", "words"),
    [
        (QUIET, "lower", "no clear change", "usual variation"),
        ([*QUIET, 20], "lower", "improved", "special cause, better"),
        ([*QUIET, 20], "higher", "worse", "special cause, concern"),
        ([*QUIET, 20], "neutral", "changed", "special cause"),
        ([50.0] * 24, "lower", "cannot tell", "not judged"),
    ],
)
def test_a_control_chart_is_judged_by_its_latest_point(values, direction, kind, words):
    verdict = control_chart(monthly(values), kind="i", value="x", direction=direction).verdict
    assert (verdict.kind, verdict.words) == (kind, words)


def test_what_makes_a_chart_doubtful_is_in_the_verdict():
    assert run_chart(monthly(QUIET), value="x").verdict.certainty == "clear"
    assert run_chart(monthly(QUIET[:9]), value="x").verdict.certainty == "with reservations"


def test_charts_of_groups_are_counted_and_not_judged_as_one():
    table = pd.concat([monthly(QUIET, ward="A"), monthly(FALLEN, ward="B")])
    run = run_chart(table, value="x", by="ward", rules="ihi", aim="10% less", direction="lower")
    assert run.verdict.kind == "described"
    assert run.verdict.words == "1 of 2 signal"
    assert run.verdict.aim.status == "cannot tell"
    chart = control_chart(table, kind="i", value="x", by="ward", direction="lower")
    assert chart.verdict.words.endswith("of 2 better")


@pytest.mark.parametrize(
    ("aim", "status"),
    [
        ("at most 45 by December 2019", "reached"),
        ("at most 30 by December 2019", "not reached"),
        ("15% less by December 2019", "reached"),
        ("half of it by December 2019", "not reached"),
        ("15% less by June 2020", "cannot tell"),
        (None, "none"),
    ],
)
def test_the_aim_is_judged_by_the_latest_points_against_the_baseline(aim, status):
    table = monthly(FALLEN)
    run = run_chart(table, value="x", baseline=12, direction="lower", aim=aim)
    chart = control_chart(table, kind="i", value="x", baseline=12, direction="lower", aim=aim)
    assert run.verdict.aim.status == chart.verdict.aim.status == status
    if status != "none":
        assert run.verdict.aim.seen == pytest.approx(np.median(FALLEN[12:]))
        assert chart.verdict.aim.seen == pytest.approx(np.mean(FALLEN[12:]))
    if aim == "15% less by December 2019":
        assert run.verdict.aim.wanted == pytest.approx(0.85 * np.median(FALLEN[:12]))
        again = run_chart(table, value="x", rephase=["2019-01-01"], direction="lower", aim=aim)
        assert again.verdict.aim == run.verdict.aim


def test_without_a_baseline_nothing_is_known_of_before():
    run = run_chart(monthly(FALLEN), value="x", direction="lower", aim="15% less")
    assert run.verdict.aim.status == "cannot tell"
    assert "baseline" in run.verdict.aim.because


def test_what_came_after_the_day_of_the_aim_does_not_count():
    run = run_chart(
        monthly(FALLEN), value="x", baseline=12, direction="lower", aim="15% less by March 2019"
    )
    assert run.verdict.aim.seen == pytest.approx(np.median(FALLEN[12:15]))


@pytest.mark.parametrize("rules", ["anhoej", "ihi", "western_electric"])
@pytest.mark.parametrize("by", [(), ("ward",)])
def test_tables_hold_the_numbers_of_the_words_and_survive_json(rules, by):
    table = pd.concat([monthly(QUIET, ward="A"), monthly(FALLEN, ward="B")])
    table = table if by else table[table["ward"] == "B"]
    results: list[Result] = [run_chart(table, value="x", by=by, rules=rules)]
    if rules != "ihi":
        results.append(control_chart(table, kind="i", value="x", by=by, rules=rules))
    for result in results:
        assert undeclared(result) == {}
        again = Result.from_dict(json.loads(to_json(result)))
        assert again.verdict == result.verdict
        assert [one.to_csv() for one in again.tables()] == [one.to_csv() for one in result.tables()]
        cells = " ".join(shown(result, "estimates").to_numpy().astype(str).ravel())
        if not by:
            line = re.search(r"The (?:median|centre line) is ([\d.]+) ", result.details())
            assert line
            assert line[1] in cells


@pytest.mark.parametrize("rules", ["anhoej", "ihi", "making_data_count"])
def test_a_signal_after_a_step_begins_with_the_step_though_both_sides_are_flagged(rules):
    """Twelve above and twelve below: all 24 points are flagged, the shift began with the 13th."""
    change = {"date": monthly(FALLEN)["period"].iloc[10], "event": "Huddles", "kind": "project"}
    result = run_chart(monthly(FALLEN), value="x", rules=rules, direction="lower", events=[change])
    assert result.points["special_cause"].all()
    assert result.estimates["since"].iloc[0] == monthly(FALLEN)["period"].iloc[12]
    assert "; that is 2 months after “Huddles”" in result.headline()


# ---- a known change at which lines were not restarted ------------------------------------------

RISEN = [*QUIET[:12], *(value + 12 for value in QUIET[12:])]


def types_of(values, direction="lower", **asked):
    result = control_chart(monthly(values), kind="i", value="x", direction=direction, **asked)
    return result, result.points["point_type"].tolist()


def test_months_since_a_known_change_are_no_concern_but_the_change_is_told():
    """The lines mix both levels: where they were not restarted a restart is proposed."""
    change = {"date": monthly(RISEN)["period"].iloc[12], "event": "A ward moved in"}
    unknown, painted = types_of(RISEN)
    assert set(painted[12:]) == {"concern"}
    known, types = types_of(RISEN, events=[change])
    assert set(types[12:]) == {"neutral"}
    assert known.points["special_cause"].equals(unknown.points["special_cause"])
    assert types[:12] == painted[:12]
    assert (known.verdict.kind, unknown.verdict.kind) == ("worse", "worse")
    assert (
        "which is worse, near “A ward moved in”, and lines were not restarted" in known.headline()
    )
    (detail,) = known.checks.loc[known.checks["id"] == "step_changes", "detail"]
    assert "`rephase: {" in detail
    assert "without concern" in detail
    assert "Squares: signals without concern" in " ".join(caption_of(known))
    assert "Squares" not in " ".join(caption_of(unknown))


def test_months_between_a_restart_and_a_later_step_for_the_better_are_no_concern():
    values = [*RISEN, *(value - 12 for value in QUIET[:12])]
    start = str(monthly(values)["period"].iloc[12])[:10]
    assert set(types_of(values[12:])[1][:12]) == {"concern"}  # no known change: as before
    _, types = types_of(values, rephase={start: "A ward moved in"})
    assert "concern" not in types[12:]
    assert set(types[24:]) <= {"improvement", "common_cause"}


def test_concern_that_no_known_change_explains_stays():
    far = {"date": monthly(RISEN)["period"].iloc[2], "event": "Long ago"}
    assert set(types_of(RISEN, events=[far])[1][12:]) == {"concern"}
    near = {"date": monthly(FALLEN)["period"].iloc[12], "event": "A change"}
    assert set(types_of(FALLEN, events=[near])[1][12:]) == {"improvement"}
    out = [*RISEN[:20], 20.0, *RISEN[21:]]
    _, types = types_of(out, "higher", events=[near])
    assert types[20] == "concern"  # one point, no step


def test_what_the_projects_own_change_made_worse_stays_a_concern():
    """Decision 0015: that the change itself did harm is never painted over."""
    start = monthly(RISEN)["period"].iloc[12]
    own = {"date": start, "event": "Huddles began", "kind": "project"}
    result, types = types_of(RISEN, events=[own])
    assert types == types_of(RISEN)[1]
    assert result.verdict.kind == "worse"
    assert "which is worse, near “Huddles began”" in result.headline()
    other = {"date": start, "event": "A ward moved in", "kind": "organisation"}
    assert types_of(RISEN, events=[own, other])[1] == types


def test_a_point_outside_limits_about_its_own_level_stays_a_concern():
    """Decision 0015: a known event explains the level, not a point far above it."""
    change = {"date": monthly(RISEN)["period"].iloc[12], "event": "A ward moved in"}
    far = [*RISEN[:20], RISEN[20] + 8, *RISEN[21:]]
    _, types = types_of(far, events=[change])
    assert types[20] == "concern"
    assert "concern" not in types[:20] + types[21:]


def test_each_of_several_charts_has_its_own_steps():
    start = monthly(QUIET)["period"].iloc[12]
    table = pd.concat([monthly(RISEN, ward="A"), monthly(QUIET, ward="B")])
    events = [{"date": start, "event": "A ward moved in"}]
    asked = {"kind": "i", "value": "x", "by": "ward", "direction": "lower", "events": events}
    points = control_chart(table, **asked).points
    assert set(points.loc[points["ward"] == "A", "point_type"].iloc[12:]) == {"neutral"}
    alone = control_chart(monthly(QUIET), **{**asked, "by": ()}).points["point_type"]
    assert points.loc[points["ward"] == "B", "point_type"].tolist() == alone.tolist()
