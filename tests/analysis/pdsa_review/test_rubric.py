"""Every threshold of the rubric, edge by edge; a blank is "not recorded" and never helps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.pdsa_review.methods.rubric import KEY, NOT_RECORDED
from qieval.intake.tables.pdsa import FEATURES
from tests.analysis.pdsa_review.logs import cycle, log, ramp


def only(**said):
    """The one point of a log of one cycle."""
    return qi.pdsa_review(log(cycle("1", **said))).points.iloc[0]


# Knudsen 2019, table 1: "three or more consecutive data points".
@pytest.mark.parametrize(
    ("points", "score", "measured"),
    [
        (None, NOT_RECORDED, NOT_RECORDED),
        (0, "0", "no"),
        (1, "1", "no"),
        (2, "1", "no"),
        (3, "2", "yes"),
        (12, "2", "yes"),
    ],
)
def test_measurements_in_a_row(points, score, measured):
    found = only(data_points=points)
    assert (found["data_over_time"], found["measured"]) == (score, measured)


# Knudsen 2019, table 1: "smaller than an entire department or treatment unit".
@pytest.mark.parametrize(
    ("size", "whole", "score", "small"),
    [
        (1, 20, "2", "yes"),
        (5, 20, "2", "yes"),
        (6, 20, "1", "yes"),
        (19, 20, "1", "yes"),
        (20, 20, "0", "no"),
        (None, 20, NOT_RECORDED, NOT_RECORDED),
        (5, None, NOT_RECORDED, NOT_RECORDED),
    ],
)
def test_the_scale_of_a_test(size, whole, score, small):
    found = only(size=size, whole=whole)
    assert (found["small_scale"], found["small"]) == (score, small)


def test_a_small_share_of_ones_own():
    table = log(cycle("1", size=3, whole=30))
    scored = [
        qi.pdsa_review(table, small_share=share).points["small_scale"][0] for share in (0.1, 0.09)
    ]
    assert scored == ["2", "1"]
    with pytest.raises(qi.ParameterError, match="share of the whole"):
        qi.pdsa_review(table, small_share=25)


# Taylor 2014, table 2: linked to one another; or, of isolated cycles, were next actions said?
def test_building_on_another_cycle():
    table = log(
        cycle("1", decision=None),
        cycle("2", "1", started="2018-06-01", decision=None),
        cycle("3", started="2018-07-01", decision=None),
        cycle("4", started="2018-08-01", decision="abandon"),
    )
    points = qi.pdsa_review(table).points.set_index("cycle")
    assert points["iterative"].to_dict() == {"1": "1", "2": "2", "3": "0", "4": "1"}
    assert points["linked"].to_dict() == {"1": "no", "2": "yes", "3": "no", "4": "no"}


def test_without_a_column_for_links_nobody_knows():
    points = qi.pdsa_review(log(cycle("1")).drop(columns="follows")).points
    assert points[["iterative", "linked"]].iloc[0].tolist() == [NOT_RECORDED] * 2


def test_a_prediction_is_scored_by_its_readers():
    assert only()["prediction_score"] == "1"  # written, read by nobody
    for given_, score in [("0", "0"), ("2", "2"), ("cannot tell", "cannot tell"), (None, "1")]:
        assert only(prediction_score=given_, reviewer="A")["prediction_score"] == score
    found = only(prediction=None, prediction_score="2", reviewer="A")
    assert (found["prediction_score"], found["predicted"]) == (NOT_RECORDED, NOT_RECORDED)


@pytest.mark.parametrize(
    ("blank", "score"),
    [
        ((), "2"),
        (("learning",), "1"),
        (("learning", "decision"), "1"),
        (("learning", "decision", "prediction"), "0"),
        (("learning", "decision", "prediction", "change"), "0"),
    ],
)
def test_what_is_written_down(blank, score):
    said = dict.fromkeys(blank)
    assert only(**said)["documentation"] == score
    assert only(**said, documentation="1", reviewer="A")["documentation"] == "1"


def test_the_lower_of_two_scores_counts():
    table = log(
        cycle("1", reviewer="A", prediction_score="2", documentation="cannot tell"),
        cycle("1", reviewer="B", prediction_score="1", documentation="2"),
    )
    point = qi.pdsa_review(table).points.iloc[0]
    assert (point["prediction_score"], point["documentation"]) == ("1", "2")


# ---- key features of a project -----------------------------------------------------------------


def key_features(table):
    return qi.pdsa_review(table).projects.iloc[0][list(KEY)].to_dict()


def test_two_linked_cycles_are_enough_and_one_is_not():
    assert key_features(ramp(2))["linked"] == "yes"
    assert key_features(ramp(1))["linked"] == "no"
    apart = ramp(2).assign(follows=None)
    assert key_features(apart)["linked"] == "no"


def test_it_is_the_first_test_that_must_be_small():
    table = ramp(3)
    table["size"] = [20, 2, 2]
    assert key_features(table)["small"] == "no"
    table["size"] = [2, 20, 20]
    assert key_features(table)["small"] == "yes"
    table["size"] = [np.nan, 2, 2]
    assert key_features(table)["small"] == NOT_RECORDED


def test_the_first_of_two_ramps_is_the_one_that_began_first():
    first, second = cycle("1", size=20), cycle("2", started="2018-09-01", size=2)
    assert key_features(log(second, first))["small"] == "no"
    assert key_features(log(second, first | {"started": None}))["small"] == NOT_RECORDED
    alone = log(first | {"started": None, "size": 2})
    assert key_features(alone)["small"] == "yes"


def test_all_four_and_none():
    assert set(key_features(ramp(2)).values()) == {"yes"}
    blank = ramp(2, prediction=None, size=None, data_points=None).assign(follows=None)
    assert set(key_features(blank).values()) == {"no", NOT_RECORDED}
    assert qi.pdsa_review(blank).estimates["estimate"]["key_features"] == 0


# ---- properties --------------------------------------------------------------------------------

FIELDS = ["follows", "prediction", "size", "whole", "data_points", "learning", "decision", "change"]
NUMBER = st.none() | st.integers(0, 20).map(float)
CYCLES = st.lists(
    st.fixed_dictionaries(
        {
            "linked": st.booleans(),
            "size": NUMBER,
            "whole": st.sampled_from([None, 20.0, 40.0]),
            "data_points": st.none() | st.integers(0, 5).map(float),
            "prediction": st.sampled_from([None, "x"]),
            "learning": st.sampled_from([None, "x"]),
            "change": st.sampled_from([None, "x"]),
            "decision": st.sampled_from([None, "adopt", "adapt", "abandon"]),
            "prediction_score": st.sampled_from([None, "0", "1", "2", "cannot tell"]),
            "documentation": st.sampled_from([None, "0", "1", "2", "cannot tell"]),
        }
    ),
    min_size=1,
    max_size=5,
)


def made(cycles):
    starts = pd.date_range("2018-01-01", periods=len(cycles), freq="MS").strftime("%Y-%m-%d")
    rows = []
    for at, (fields, start) in enumerate(zip(cycles, starts, strict=True), start=1):
        fields = dict(fields)
        follows = str(at - 1) if fields.pop("linked") and at > 1 else None
        rows.append(cycle(str(at), follows, started=start, reviewer="A", **fields))
    return log(*rows)


def as_number(score):
    return int(score) if score in ("0", "1", "2") else -1


@given(CYCLES, st.sampled_from(FIELDS), st.integers(0, 4))
def test_no_score_rises_when_a_field_is_blanked(cycles, field, at):
    table = made(cycles)
    at = at % len(table)
    before = qi.pdsa_review(table)
    blanked = table.astype(object)
    blanked.loc[at, field] = None
    after = qi.pdsa_review(blanked)
    for feature in FEATURES:
        pairs = zip(after.points[feature], before.points[feature], strict=True)
        assert all(as_number(now) <= as_number(then) for now, then in pairs), feature
    for name in KEY:
        assert not (after.projects[name][0] == "yes" and before.projects[name][0] != "yes"), name


@settings(max_examples=25)
@given(CYCLES, st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(cycles, random):
    table = made(cycles)
    order = list(range(len(table)))
    random.shuffle(order)
    one, other = qi.pdsa_review(table), qi.pdsa_review(table.iloc[order])
    pd.testing.assert_frame_equal(one.points, other.points)
    pd.testing.assert_frame_equal(one.estimates, other.estimates)
    assert one.summary() == other.summary()
