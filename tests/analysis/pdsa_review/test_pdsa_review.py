"""The review of a log: ramps, marks, words, texts that stay hidden, and what is refused."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml

import qieval as qi
from qieval.core.checks import check_of
from qieval.core.result import Result
from qieval.core.workspace import shipped
from tests.analysis.pdsa_review.logs import cycle, example, log, ramp
from tests.shown import shown, undeclared

TRUTH = yaml.safe_load(shipped("data/closing-the-gap/TRUTH.yml").read_text(encoding="utf-8"))
WITH_CYCLES = {name: said["pdsa"] for name, said in TRUTH["projects"].items() if "pdsa" in said}


@pytest.mark.parametrize("project", WITH_CYCLES)
def test_the_simulated_truth_is_found(project):
    result = qi.pdsa_review(example(project))
    names = {
        "cycles": "cycles",
        "linked": "linked",
        "predicted": "with_prediction",
        "small": "smaller_than_whole",
        "measured": "three_or_more_data_points",
    }
    found = {said: result.estimates["estimate"][term] for term, said in names.items()}
    assert found == WITH_CYCLES[project]


def test_several_projects_at_once_are_those_one_by_one():
    together = qi.pdsa_review(example()).projects.set_index("project")
    for project in WITH_CYCLES:
        alone = qi.pdsa_review(example(project)).projects.set_index("project")
        pd.testing.assert_series_equal(
            together.loc[project].drop("ramps"), alone.loc[project].drop("ramps")
        )
    assert together["cycles"].sum() == sum(said["cycles"] for said in WITH_CYCLES.values())


# ---- ramps -------------------------------------------------------------------------------------


def ramps_of(table):
    return qi.pdsa_review(table).ramps["cycles"].tolist()


def test_a_chain_is_one_ramp_and_loose_cycles_one_each():
    assert ramps_of(ramp(4)) == ["1 → 2 → 3 → 4"]
    assert ramps_of(ramp(3).assign(follows=None)) == ["1", "2", "3"]


def test_a_branch_begins_a_ramp_of_its_own():
    table = log(
        cycle("1", started="2018-01-01"),
        cycle("2", "1", started="2018-02-01"),
        cycle("3", "1", started="2018-03-01"),
        cycle("4", "3", started="2018-04-01"),
        cycle("5", "2", started="2018-05-01"),
    )
    assert ramps_of(table) == ["1 → 2 → 5", "3 → 4"]


def test_ramps_hold_together_where_dates_are_missing():
    table = ramp(3)
    table.loc[0, "started"] = None
    result = qi.pdsa_review(table)
    assert set(result.points["ramp"]) == {1}
    assert "1 cycle without the day" in check_of(result.checks, "dates").detail


def test_the_scale_of_a_ramp_in_words():
    def scale(*sizes):
        return qi.pdsa_review(ramp(len(sizes)).assign(size=list(sizes))).ramps["scale"][0]

    assert scale(1, 8, 20) == "grew from 1 of 20 to 20 of 20"
    assert scale(8) == "8 of 20"
    assert scale(8, 8) == "from 8 of 20 to 8 of 20"
    assert scale(20, 20) == "20 of 20 throughout"
    assert scale(1, np.nan) == "not recorded for every cycle"


# ---- marks on other charts ---------------------------------------------------------------------


def series(months=24):
    period = pd.date_range("2017-01-01", periods=months, freq="MS")
    return pd.DataFrame({"period": period, "beds": np.random.default_rng(1).normal(20, 1, months)})


def test_marks_are_what_charts_take():
    result = qi.pdsa_review(ramp(3))
    assert [mark["date"] for mark in result.marks] == list(
        pd.date_range("2018-01-01", periods=3, freq="MS")
    )
    assert {mark["kind"] for mark in result.marks} == {"pdsa"}
    assert result.marks[0]["event"] == "Cycle 1 (2 of 20)"
    charts = (
        qi.run_chart(series(), value="beds", events=result.marks),
        qi.control_chart(series(), kind="i", value="beds", events=result.marks),
    )
    for chart in charts:
        assert [event["event"] for event in chart.params["events"]] == [
            mark["event"] for mark in result.marks
        ]
        assert qi.draw(chart).figure is not None


def test_marks_survive_the_result_file():
    result = qi.pdsa_review(ramp(3))
    again = Result.from_dict(json.loads(json.dumps(result.to_dict())))
    assert again.marks == result.marks
    assert again.summary() == result.summary()
    assert again.alt_text() == result.alt_text()


@pytest.mark.parametrize(
    ("table", "more"),
    [(ramp(3), {}), (ramp(3), {"text_checked": True}), (example(), {})],
    ids=["one", "texts", "several"],
)
def test_every_column_is_declared_and_the_verdict_only_describes(table, more):
    result = qi.pdsa_review(table, **more)
    assert undeclared(result) == {}
    assert (result.verdict.kind, result.verdict.certainty) == ("described", "not tested")
    if len(result.projects) == 1:
        assert result.verdict.words == f"{result.projects['met'][0]} of 4 features"
    else:
        assert result.verdict.words == f"{len(result.points)} cycles"


def test_every_figure_of_the_headline_is_one_that_was_counted():
    result = qi.pdsa_review(example())
    figures = [int(figure) for figure in re.findall(r"\d+", result.headline())]
    terms = ["cycles", "ramps", "linked", "predicted", "small", "measured"]
    counted = [int(result.term(term).value) for term in terms]
    assert figures == [counted[0], len(result.projects), *counted[1:]]
    assert shown(result, "estimates")["Found"].tolist()[:6] == [f"{n:,}" for n in counted]


# ---- texts stay hidden -------------------------------------------------------------------------


def everything(result):
    """All that a page, a result file or a chart could show."""
    sections = result.sections()
    tables = [table.to_text() for table in result.tables()]
    tables += [section.table.to_text() for section in sections]
    words = [result.summary(), result.alt_text(), json.dumps(result.to_dict()), str(result.marks)]
    for size in ("page", "phone"):
        figure = qi.draw(result, size=size).get_figure(root=True)
        words += [text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text"))]
    return " ".join([*tables, *words, *(section.words for section in sections)])


def test_no_text_is_told_unless_it_has_been_checked():
    assert "Secret" not in everything(qi.pdsa_review(ramp(3)))
    told = qi.pdsa_review(ramp(3), text_checked=True)
    for word in ("Secret change", "Secret prediction", "Secret learning"):
        assert word in told.table("points").to_text()
    assert told.marks[0]["event"] == "Cycle 1: Secret change (2 of 20)"


def test_a_sentence_in_place_of_a_code_is_counted_not_shown():
    long = "Mrs Smith did not like it at all and went home"
    with pytest.raises(qi.DataError, match="`decision` holds codes") as caught:
        qi.pdsa_review(ramp(2).assign(decision=["adapt", long]))
    assert "Smith" not in str(caught.value)
    assert "1 longer than a code" in str(caught.value)


# ---- words -------------------------------------------------------------------------------------


def test_words_are_for_learning_with_the_published_line():
    result = qi.pdsa_review(ramp(3))
    assert result.headline() == (
        "3 cycles in 1 ramp: 2 build on an earlier one, 3 have a prediction, 3 are smaller than "
        "the whole and 3 have three or more measurements in a row."
    )
    assert "of 120 published projects 98%" in result.details()
    assert "BMC Health Services Research 19:683" in result.details()
    assert "Their fourth feature was a stated theory" in result.details()


def test_nothing_recorded_is_told_without_blame():
    bare = log({"cycle": "1", "started": "2018-02-12", "change": "x"})
    result = qi.pdsa_review(bare)
    assert result.headline() == "One cycle; the log shows none of the four key features."
    told = result.summary().lower()
    assert not [
        word for word in ("fail", "failed", "poor", "bad", "wrong", "blame") if word in told.split()
    ]
    assert "It may have been done all the same" in check_of(result.checks, "recorded").detail


# ---- what is refused ---------------------------------------------------------------------------


def test_an_empty_log_is_a_refusal_that_says_what_is_needed():
    with pytest.raises(qi.CannotEvaluate, match="holds no cycle") as caught:
        qi.pdsa_review(log(cycle("1")).iloc[:0])
    assert "`follows`" in str(caught.value)


BAD = {
    "unknown cycle": (
        ramp(2).assign(follows=[None, "7"]),
        "row 2, column `follows`: follows a cycle that is not in the log",
    ),
    "circle": (
        ramp(3).assign(follows=["3", "1", "2"], started="2018-01-01"),
        "the cycles go round in a circle",
    ),
    "itself": (ramp(2).assign(follows=[None, "2"]), "the cycle follows itself"),
    "a later one": (
        ramp(2).assign(follows=["2", None]),
        "row 1, column `follows`: starts before the cycle that it follows",
    ),
    "ends before it starts": (
        ramp(1).assign(ended="2017-12-31"),
        "the cycle ends before it starts",
    ),
    "the same row twice": (pd.concat([ramp(1), ramp(1)]), "row 2, column `cycle`: repeats row 1"),
    "twice with other cells": (
        pd.concat([ramp(1), ramp(1, size=5)]),
        "the same cycle (and project) as row 1",
    ),
    "larger than the whole": (ramp(1, size=21), "the test is larger than the whole"),
    "less than nobody": (ramp(1, size=-1), "column `size`: is less than 0"),
    "half a measurement": (ramp(1, data_points=2.5), "is not a whole number"),
    "no name": (ramp(2).assign(cycle=["1", None], follows=None), "row 2, column `cycle`: is blank"),
    "unknown decision": (
        ramp(1, decision="carry on"),
        "Say what each means: `decision_codes: {carry on: adopt}`",
    ),
    "unknown score": (
        ramp(1).assign(reviewer="A", documentation="9"),
        "Say what each means: `score_codes: {9: 0}`",
    ),
    "size in words": (ramp(1, size="two"), "Column `size` does not hold numbers"),
    "date in words": (ramp(1, started="spring"), "Column `started` does not hold dates"),
    "reviewers' rows differ": (
        pd.concat([ramp(1).assign(reviewer=who, size=n) for who, n in (("A", 2), ("B", 3))]),
        "Rows of one cycle say different things in `size`",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_refused_with_its_rows(name):
    table, says = BAD[name]
    with pytest.raises(qi.DataError) as caught:
        qi.pdsa_review(table)
    assert says in str(caught.value)
    assert "Secret" not in str(caught.value)


def test_without_a_column_of_cycles_the_nearest_is_named():
    with pytest.raises(qi.DataError, match="no column `cycle`") as caught:
        qi.pdsa_review(ramp(1).rename(columns={"cycle": "cycles"}))
    assert "Did you mean `cycles`" in str(caught.value)


def test_own_codes_are_mapped():
    table = ramp(2, decision="carry on").assign(reviewer="A", documentation="gut")
    found = qi.pdsa_review(
        table, decision_codes={"Carry on": "adopt"}, score_codes={"gut": "2"}
    ).points
    assert found["decision"].tolist() == ["adopt"] * 2
    assert found["documentation"].tolist() == ["2"] * 2
    with pytest.raises(qi.ParameterError, match="`adopt`"):
        qi.pdsa_review(table, decision_codes={"carry on": "adop"})


def test_spellings_that_mean_the_same():
    table = ramp(3).assign(decision=["Adapted", " ADOPT ", None], cycle=[1, 2, 3])
    table["follows"] = [None, 1.0, 2.0]
    points = qi.pdsa_review(table).points
    assert points["decision"].tolist() == ["adapt", "adopt", ""]
    assert points["follows"].tolist() == ["", "1", "2"]


def test_the_caller_s_table_is_not_changed():
    table = example("rowan-discharge-pathway")
    before = table.copy(deep=True)
    qi.pdsa_review(table)
    pd.testing.assert_frame_equal(table, before)


def test_one_project_s_cycles_are_not_another_s():
    one, other = ramp(2).assign(project="Elm"), ramp(2).assign(project="Oak")
    result = qi.pdsa_review(pd.concat([one, other]))
    assert len(result.ramps) == 2
    assert result.points["name"].tolist() == ["Elm: 1", "Elm: 2", "Oak: 1", "Oak: 2"]
    assert "Projects with each key feature" in result.details()
    crossing = pd.concat([one.iloc[:1], other.iloc[1:]])
    with pytest.raises(qi.DataError, match="not in the log"):
        qi.pdsa_review(crossing)
