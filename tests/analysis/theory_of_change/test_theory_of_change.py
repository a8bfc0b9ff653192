"""Theory of change: the aim part by part, the tree, the measures, and what is left open."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import qieval as qi
from qieval.core.result import Result
from qieval.example.programme import CHALLENGES
from qieval.intake.programmes import read_project

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = sorted(path.parent for path in ROOT.glob("params/closing-the-gap/*/project.yml"))

MEASURE = {
    "name": "Falls",
    "type": "outcome",
    "definition": "Falls on the ward",
    "numerator": "Falls",
    "denominator": "Bed days",
    "direction": "lower",
    "source": "Incident log",
    "frequency": "monthly",
}
THEORY = {
    "aim": {
        "what": "Falls",
        "how_much": "A quarter fewer",
        "by_when": "June 2019",
        "for_whom": "People on Laurel ward",
    },
    "drivers": [
        {
            "name": "Risk is known",
            "because": "Nobody knew.",
            "secondary": [
                {
                    "name": "Huddle",
                    "ideas": ["Bell", "Board"],
                    "measures": ["Falls"],
                    "cycles": ["1", "2"],
                },
                {"name": "Floors"},
            ],
        }
    ],
    "measures": [MEASURE],
}
CYCLES = pd.DataFrame({"cycle": [1, 2], "decision": ["Adapt", "a sentence about Mrs Smith"]})


def with_aim(**said):
    return THEORY | {"aim": THEORY["aim"] | said}


def status(theory):
    return qi.theory_of_change(theory).aim.set_index("part")["status"]


@pytest.mark.parametrize(
    ("part", "text", "expected"),
    [
        ("what", "Falls", "there"),
        ("what", "Days from referral to a first visit", "there"),
        ("what", "A better transition", "vague"),
        ("what", "Improved quality of care", "vague"),
        ("what", None, "missing"),
        ("how_much", "15% fewer", "there"),
        ("how_much", "From 32 to 24", "there"),
        ("how_much", "Half as many", "there"),
        ("how_much", "As few as possible", "vague"),
        ("how_much", "", "missing"),
        ("by_when", "2019-06-30", "there"),
        ("by_when", pd.Timestamp("2019-06-30").date(), "there"),
        ("by_when", "end of June 2019", "there"),
        ("by_when", "30/6/19", "there"),
        ("by_when", "soon", "vague"),
        ("by_when", "within 6 months", "vague"),
        ("by_when", None, "missing"),
        ("for_whom", "Adults on Rowan ward", "there"),
        ("for_whom", "all patients", "vague"),
        ("for_whom", "Everyone", "vague"),
        ("for_whom", None, "missing"),
    ],
)
def test_each_part_of_an_aim_is_there_vague_or_missing(part, text, expected):
    found = status(with_aim(**{part: text}))
    assert found[part] == expected
    assert (found.drop(part) == "there").all()


def test_a_word_that_names_a_measure_is_not_vague():
    named = with_aim(what="Quality of sleep") | {
        "measures": [MEASURE, MEASURE | {"name": "Quality of sleep"}]
    }
    assert status(named)["what"] == "there"


def test_what_is_open_is_told_in_words():
    result = qi.theory_of_change({"aim": {"what": "Better care", "for_whom": "Adults on Elm ward"}})
    assert result.headline() == (
        "The aim says for whom and what only vaguely, but not how much or by when; "
        "0 primary drivers, 0 change ideas, no measure."
    )
    for said in ("“better”", "does not say by how much", "does not say by when", "No measure"):
        assert said in result.details()
    told = result.checks.set_index("check")
    assert told.loc["Measures", "status"] == told.loc["Drivers", "status"] == "warn"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_vague_aims_of_the_example_are_the_ones_built_in(folder):
    project = read_project(folder, ROOT)
    if project.theory is None:
        return
    whole = (qi.theory_of_change(project.theory).aim["status"] == "there").all()
    assert whole == (folder.name not in CHALLENGES["vague aim"])


def test_the_tree_has_a_row_an_idea_and_one_for_a_driver_without():
    points = qi.theory_of_change(THEORY, CYCLES).points
    assert points[["secondary", "idea"]].values.tolist() == [
        ["Huddle", "Bell"],
        ["Huddle", "Board"],
        ["Floors", ""],
    ]
    assert points["measures"].tolist() == ["Falls (outcome)", "", ""]


def test_decisions_of_cycles_are_told_and_sentences_are_not():
    result = qi.theory_of_change(THEORY, CYCLES)
    assert result.points["cycles"][0] == "1 (adapt), 2"
    assert "Smith" not in f"{result.to_dict()} {result.alt_text()}"


def test_the_alt_text_lists_the_tree():
    said = qi.theory_of_change(THEORY, CYCLES).alt_text()
    for word in ("Aim: Falls", "how much: A quarter fewer", "Driver 1: Risk is known", "Huddle"):
        assert word in said
    assert "ideas Bell and Board; measures Falls (outcome); cycles 1 (adapt), 2" in said


def checks(theory, cycles=None):
    return qi.theory_of_change(theory, cycles).checks.set_index("check")


def test_missing_kinds_of_measures_are_told():
    told = checks(THEORY)
    assert "no process or balancing measure" in told.loc["Other measures", "detail"]
    process = THEORY | {"measures": [MEASURE | {"type": "process"}]}
    assert checks(process).loc["Outcome measure", "status"] == "warn"
    assert "no outcome measure" in qi.theory_of_change(process).details()
    every = [MEASURE | {"name": kind, "type": kind} for kind in ("process", "balancing")]
    whole = checks(THEORY | {"measures": [MEASURE, *every]})
    assert whole.loc["Measures", "status"] == "pass"


def test_a_process_measure_that_no_driver_names_is_told():
    alone = THEORY | {"measures": [MEASURE, MEASURE | {"name": "Bells", "type": "process"}]}
    assert "Bells" in checks(alone).loc["Measures without a driver", "detail"]
    balancing = THEORY | {"measures": [MEASURE, MEASURE | {"name": "Bells", "type": "balancing"}]}
    assert "Measures without a driver" not in checks(balancing).index


def test_incomplete_definitions_are_told():
    bare = THEORY | {"measures": [{"name": "Falls", "type": "outcome", "numerator": "Falls"}]}
    result = qi.theory_of_change(bare)
    assert result.measures["lacking"][0] == "definition, denominator, direction, source, frequency"
    assert "Not complete: Falls" in result.checks["detail"].str.cat()
    assert result.count("measures_defined") == 0
    assert "not said" in result.part("measures").table.to_string()


def test_open_ends_of_drivers_and_cycles_are_told():
    told = checks(THEORY, CYCLES)
    for said in ("without a change idea (Floors)", "without a measure (Floors)", "not yet tested"):
        assert said in told.loc["Drivers", "detail"]
    assert told.loc["Cycles", "status"] == "pass"
    third = pd.DataFrame({"cycle": ["1", "2", "3"]})
    assert "1 cycle of the log belong" in checks(THEORY, third).loc["Cycles", "detail"]


def test_counts_and_the_result_file():
    result = qi.theory_of_change(THEORY, CYCLES)
    assert result.estimates["estimate"].to_dict() == {
        "aim_parts": 4,
        "primary_drivers": 1,
        "secondary_drivers": 2,
        "ideas": 2,
        "measures": 1,
        "measures_defined": 1,
        "cycles": 2,
    }
    again = Result.from_dict(result.to_dict())
    assert again.summary() == result.summary()
    assert again.alt_text() == result.alt_text()


def test_a_cycle_that_is_not_in_the_log_is_refused():
    with pytest.raises(qi.ParameterError, match="not in the log") as caught:
        qi.theory_of_change(THEORY, CYCLES.iloc[:1])
    assert "`2`; the log holds `1`" in str(caught.value)


def test_nothing_at_all_is_a_refusal():
    with pytest.raises(qi.CannotEvaluate, match="neither an aim nor a driver") as caught:
        qi.theory_of_change({"measures": [MEASURE]})
    assert "aim: {what: …}" in str(caught.value)
