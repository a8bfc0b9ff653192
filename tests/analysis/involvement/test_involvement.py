"""Involvement: stages by level as recorded, no score, "not recorded" told plainly."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.involvement.analysis import LEVELS, STAGES
from qieval.analysis.involvement.tables import NOT_RECORDED
from qieval.core.result import Result

DATA = Path(__file__).resolve().parents[3] / "data" / "closing-the-gap"
LOG = pd.read_csv(DATA / "involvement.csv", parse_dates=["date"])
TRUTH = yaml.safe_load((DATA / "TRUTH.yml").read_text(encoding="utf-8"))["projects"]
INVOLVED = {name: said["involvement"] for name, said in TRUTH.items() if "involvement" in said}


def log(*rows):
    """Rows of (stage, level) or of all six columns."""
    names = ["stage", "level", "date", "who", "people", "paid"]
    return pd.DataFrame([dict(zip(names, row, strict=False)) for row in rows])


@pytest.mark.parametrize("project", INVOLVED)
def test_the_simulated_truth_is_found(project):
    result = qi.involvement(LOG[LOG["project"] == project])
    assert result.not_recorded() == INVOLVED[project]["not_recorded"]
    known = result.occasions[result.occasions["level"] != NOT_RECORDED]
    assert known["level"].value_counts().to_dict() == INVOLVED[project]["levels"]


def test_every_stage_and_level_is_a_point():
    result = qi.involvement(log(("testing", "led", "2018-01-01", "members", 4, "yes")))
    assert len(result.points) == len(STAGES) * (len(LEVELS) + 1)
    filled = result.points[result.points["occasions"] > 0]
    assert filled[["stage", "level", "occasions", "people"]].values.tolist() == [
        ["testing", "led", 1, 4]
    ]


def test_none_and_not_recorded_are_two_things():
    result = qi.involvement(log(("testing", "none"), ("measuring", None)))
    assert result.headline() == (
        "People took part in 0 of 7 stages; in 1 nobody did; 6 are not recorded."
    )
    assert "measuring" in result.not_recorded()
    by_head = {column.head: column.cells for column in result.table("points").shown}
    rows = dict(zip(by_head["Stage"], zip(*list(by_head.values())[1:], strict=True), strict=True))
    assert rows["testing"][0] == "none"
    assert rows["spreading"] == (NOT_RECORDED,) * 5


def test_a_log_of_blanks_says_so():
    result = qi.involvement(log(("testing", None)))
    assert result.headline() == "How people took part is not recorded for any of 7 stages."


def test_people_of_a_cell_are_known_only_if_all_are():
    rows = [("testing", "led", None, None, 4, None), ("testing", "led", None, None, 2, None)]
    cell = ("testing", "led")
    both = qi.involvement(log(*rows)).points.set_index(["stage", "level"])["people"]
    assert both[cell] == 6
    rows[1] = ("testing", "led", "2018-01-01", None, None, None)
    one = qi.involvement(log(*rows)).points.set_index(["stage", "level"])["people"]
    assert pd.isna(one[cell])


def test_stages_and_levels_of_ones_own_in_their_order():
    result = qi.involvement(
        log(("b", "full"), ("a", "no")),
        stages={"a": "First", "b": "Second"},
        levels=["no", "part", "full"],
    )
    assert (result.stages, result.levels) == (["First", "Second"], ["no", "part", "full"])
    assert result.occasions["stage"].tolist() == ["First", "Second"]
    assert "Full: Second." in result.details()


def test_other_spellings_are_mapped():
    result = qi.involvement(
        log(("Testing", "co-produced", None, None, None, "ja")),
        codes={"co-produced": "co-designed", "Ja": "yes"},
    )
    row = result.occasions.iloc[0]
    assert (row["stage"], row["level"], row["paid"]) == ("testing", "co-designed", "yes")


def test_it_only_describes():
    told = qi.involvement(LOG[LOG["project"] == "saffron-crisis-plans"]).summary().lower()
    judging = ("score", "rank", "best", "worst", "poor", "should", "good")
    assert not [word for word in judging if word in told]


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(random):
    table = LOG[LOG["project"] == "rowan-discharge-pathway"]
    order = list(range(len(table)))
    random.shuffle(order)
    one, other = qi.involvement(table), qi.involvement(table.iloc[order])
    pd.testing.assert_frame_equal(one.points, other.points)
    pd.testing.assert_frame_equal(one.occasions, other.occasions)


def test_a_result_file_holds_it_all():
    result = qi.involvement(LOG[LOG["project"] == "rowan-discharge-pathway"])
    again = Result.from_dict(result.to_dict())
    assert again.summary() == result.summary()
    assert again.alt_text() == result.alt_text()
    assert again.table("points").to_text() == result.table("points").to_text()
    assert again.verdict == result.verdict


@pytest.mark.parametrize(
    ("table", "more", "error", "says"),
    [
        (log(("testing", "led")).iloc[:0], {}, qi.CannotEvaluate, "One row an occasion is needed"),
        (log(("testing", "codesign")), {}, qi.DataError, "one text in rows 1"),
        (
            log(("tests", "led")),
            {},
            qi.DataError,
            "or add it to `stages`",
        ),
        (log(("testing", "led", None, None, 2, "perhaps")), {}, qi.DataError, "one text in rows 1"),
        (log(("testing", "led", None, None, -2)), {}, qi.DataError, "is less than 0"),
        (log(("testing", "led"), ("testing", "led")), {}, qi.DataError, "row 2, column `stage`"),
        (log((None, "led")), {}, qi.DataError, "`stage`: is blank"),
        (
            log(("testing", "led")).drop(columns="level"),
            {"levels": ["a"]},
            qi.ParameterError,
            "two",
        ),
        (log(("testing", "led")), {"stages": ["a", "a"]}, qi.ParameterError, "each once"),
        (log(("testing", "led")), {"codes": {"x": "test"}}, qi.ParameterError, "mean `testing`"),
    ],
)
def test_what_cannot_be_is_refused(table, more, error, says):
    with pytest.raises(error) as caught:
        qi.involvement(table, **more)
    assert says in str(caught.value)
