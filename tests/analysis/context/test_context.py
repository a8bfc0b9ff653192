"""What else happened beside the results: a warning where it was near, never a proof."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.checks import check_of, status_of
from tests.analysis import house_rules
from tests.analysis.programme.made import BEGAN, evaluated, refused, series

ALDER = series("alder")  # its change came in January 2018, without a transition


def event(date, what="Two teams merged", **more):
    return {"date": date, "event": what, "kind": "organisation", **more}


def near(events, results=(ALDER,), **asked):
    found = qi.context(pd.DataFrame(events), list(results), **asked)
    return found.near["event"].tolist()


@pytest.mark.parametrize(
    ("date", "inside"),
    [
        ("2017-09-30", False),
        ("2017-10-01", True),
        ("2018-04-30", True),
        ("2018-05-01", False),
    ],
)
def test_the_window_is_whole_months_on_both_sides(date, inside):
    assert bool(near([event(date)])) is inside


def test_the_window_grows_with_its_parameter():
    assert near([event("2017-06-15")]) == []
    assert near([event("2017-06-15")], window=7) == ["Two teams merged"]
    assert near([event("2018-02-01")], window=0) == []


@cache
def with_transition():
    rng = np.random.default_rng(3)
    months = pd.date_range("2016-01-01", periods=48, freq="MS")
    data = pd.DataFrame({"period": months, "beds": 20 + rng.normal(0, 1, 48)})
    result = qi.interrupted_time_series(
        data,
        value="beds",
        intervention=BEGAN,
        transition=3,
        events=[{"date": "2018-07-01", "event": "Beds closed"}],
    )
    return evaluated("alder", result)


def test_the_window_reaches_beyond_the_transition():
    assert near([event("2018-07-01")], [with_transition()]) == ["Two teams merged"]
    assert near([event("2018-08-01")], [with_transition()]) == []


def test_only_what_concerns_the_project_counts():
    events = [
        event("2018-01-01", "Of alder", project="alder"),
        event("2018-02-01", "Of birch", project="birch"),
        event("2018-03-01", "Of everybody", project=""),
    ]
    assert near(events) == ["Of alder", "Of everybody"]
    found = qi.context(pd.DataFrame(events), [ALDER, series("birch")])
    own = found.near.groupby("project")["event"].apply(list).to_dict()
    assert own == {"alder": ["Of alder", "Of everybody"], "birch": ["Of birch", "Of everybody"]}


def test_the_project_itself_is_no_other_change():
    events = [event("2018-01-01", "The project began", kind="project", project="alder")]
    found = qi.context(pd.DataFrame(events), [ALDER])
    assert found.near.empty
    assert found.others.empty
    house_rules.check(found)
    assert near(events, own_kinds=[]) == ["The project began"]


def test_a_result_with_an_event_in_its_window_has_a_warning():
    found = qi.context(pd.DataFrame([event("2018-02-01")]), [ALDER])
    check = check_of(found.checks, "other_events")
    assert check.status == "warn"
    assert check.check.startswith("Alder, Occupied beds")
    assert "Two teams merged (February 2018)" in check.detail
    assert found.verdict.words == "1 of 1 with another event"
    house_rules.check(found)
    far = qi.context(pd.DataFrame([event("2019-06-01")]), [ALDER])
    assert status_of(far.checks, "other_events") == "pass"
    assert far.verdict.words == "0 of 1 with another event"
    house_rules.check(far)


def test_an_event_that_the_estimate_does_not_know_is_told():
    found = qi.context(pd.DataFrame([event("2018-02-01")]), [ALDER])
    assert status_of(found.checks, "unknown_to_estimate") == "warn"
    known = series("alder", events=[{"date": pd.Timestamp("2018-02-01"), "event": "A merger"}])
    found = qi.context(pd.DataFrame([event("2018-02-01")]), [known])
    assert status_of(found.checks, "unknown_to_estimate") is None


def test_with_and_without_are_the_results_own_rows():
    item = with_transition()
    found = qi.context(pd.DataFrame([event("2018-07-01", "Beds closed")]), [item])
    spread = item.result.spread
    average = spread[spread["term"] == "average_effect"]
    reported = average.loc[average["headline"].astype(bool), "estimate"].item()
    stepped = average.loc[average["model"] == "with a step for “Beds closed”", "estimate"].item()
    assert found.with_without["estimate"].tolist() == [reported, stepped]
    assert found.with_without["model"].tolist()[0] == "as reported"
    assert [part.name for part in found.sections()] == ["windows", "with_without"]
    house_rules.check(found)


def test_what_came_in_the_very_month_cannot_be_told_apart():
    found = qi.context(pd.DataFrame([event("2018-01-20")]), [ALDER])
    assert found.near["same"].tolist() == [True]
    assert "In the very month of the change: Two teams merged" in found.details()


def test_a_chart_takes_the_date_of_its_change_from_the_log():
    months = pd.date_range("2016-01-01", periods=30, freq="MS")
    data = pd.DataFrame({"period": months, "beds": np.arange(30.0) % 7})
    chart = evaluated("alder", qi.run_chart(data, value="beds"), notebook="run_chart")
    log = pd.DataFrame(
        [
            event("2017-06-01", "Project began", kind="project", project="alder"),
            event("2017-07-01"),
        ]
    )
    found = qi.context(log, [chart])
    assert found.windows["rests_on"].tolist() == ["log"]
    assert found.near["event"].tolist() == ["Two teams merged"]
    without = qi.context(log.iloc[1:], [chart])
    assert without.near.empty
    assert status_of(without.checks, "no_change_date") == "info"
    house_rules.check(without)


def test_refused_evaluations_have_no_window_and_do_no_harm():
    found = qi.context(pd.DataFrame([event("2018-02-01")]), [ALDER, refused("birch")])
    assert set(found.windows["project"]) == {"alder"}
    alone = qi.context(pd.DataFrame([event("2018-02-01")]), [refused("birch")])
    assert alone.windows.empty
    assert "1 other event is recorded" in alone.headline()


@given(st.permutations(range(5)))
def test_the_order_of_events_changes_nothing(order):
    log = pd.DataFrame([event(f"2018-0{n + 1}-01", f"Event {n}") for n in range(5)])
    mine = qi.context(log.iloc[list(order)], [ALDER])
    theirs = qi.context(log, [ALDER])
    pd.testing.assert_frame_equal(mine.near, theirs.near)
    assert mine.headline() == theirs.headline()


STAFF = pd.DataFrame(
    {
        "period": pd.date_range("2017-01-01", periods=24, freq="MS"),
        "project": "alder",
        "team": "Alder ward",
        "vacancy": [10.0] * 12 + [20.0] * 11 + [32.0],
    }
)


def test_staffing_before_the_change_and_since():
    log = pd.DataFrame([event("2018-02-01")])
    found = qi.context(log, [ALDER], staffing=STAFF, staffing_words={"vacancy": "vacancy (%)"})
    row = found.staffing_change.iloc[0]
    assert row["before"] == 10
    assert row["since"] == pytest.approx(21)
    assert (row["highest"], row["when"]) == (32, pd.Timestamp("2018-12-01"))
    table = next(part.table for part in found.sections() if part.name == "staffing")
    figures = {column.head: column.cells[0] for column in table.shown}
    assert figures == {
        "Team": "Alder ward",
        "Figure": "vacancy (%)",
        "Year before the change": "10.0",
        "Since": "21.0",
        "Highest": "32.0",
        "Month of the highest": "December 2018",
    }
    assert "10.0 before, 21.0 since" in found.details()


def test_a_result_file_holds_it_all():
    found = qi.context(pd.DataFrame([event("2018-02-01")]), [ALDER], staffing=STAFF)
    house_rules.check(found)
    again = house_rules.it_travels(found)
    pd.testing.assert_frame_equal(again.near, found.near, check_dtype=False)


@pytest.mark.parametrize(
    ("events", "asked", "error", "says"),
    [
        ([], {}, qi.CannotEvaluate, "none recorded, which is not the same as none happened"),
        ([event("2018-01-01", project="birch")], {}, qi.CannotEvaluate, "No event is recorded"),
        ([{"date": "2018-01-01", "evnt": "x"}], {}, qi.DataError, "no column `event`"),
        ([event("soon")], {}, qi.DataError, "does not hold dates"),
        ([event("2018-01-01")], {"window": -1}, qi.ParameterError, "`window`"),
        (
            [event("2018-01-01")],
            {"staffing": STAFF, "staffing_words": {"vacancys": "x"}},
            qi.ParameterError,
            "Did you mean `vacancy`",
        ),
        (
            [event("2018-01-01")],
            {"staffing": STAFF.assign(project="birch")},
            qi.DataError,
            "no row of these projects",
        ),
        (
            [event("2018-01-01")],
            {"staffing": STAFF.drop(columns="vacancy")},
            qi.DataError,
            "holds no figures",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(events, asked, error, says):
    with pytest.raises(error, match=says):
        qi.context(pd.DataFrame(events), [ALDER], **asked)
