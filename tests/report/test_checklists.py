"""EPOC's checklist: what nobody stated says so, and data come before statements."""

from __future__ import annotations

import pytest
import yaml

from qieval.core.errors import ParameterError
from qieval.report import epoc_checklist
from qieval.report.checklists import ANSWERS, EPOC
from tests.charts.series import shape
from tests.report.parsed import Parsed, rows_of_table


def filled(name="60 months", **epoc) -> dict[str, tuple[str, str]]:
    """Answer and reason by item."""
    parsed = Parsed(epoc_checklist(shape(name), epoc=epoc or None).html)
    rows = rows_of_table(parsed)
    assert rows[0] == ["Item", "Answer", "Because"]
    assert [row[0] for row in rows[1:]] == [f"{n}. {item.text}" for n, item in enumerate(EPOC, 1)]
    return {item.key: (row[1], row[2]) for item, row in zip(EPOC, rows[1:], strict=True)}


def test_there_are_seven_items_in_epocs_order():
    assert [item.key for item in EPOC] == [
        "independent_of_other_changes",
        "shape_specified",
        "data_collection_unaffected",
        "allocation_unknown",
        "incomplete_data_addressed",
        "no_selective_reporting",
        "no_other_bias",
    ]


def test_what_nobody_stated_is_not_stated():
    found = filled()
    unknown = [key for key in found if key != "incomplete_data_addressed"]
    for key in unknown:
        assert found[key] == ("Not stated", "Nobody stated this in the parameters.")


@pytest.mark.parametrize("answer", ["yes", "no", "unclear"])
def test_a_stated_answer_stands_with_its_reason(answer):
    stated = {"answer": answer, "because": "the ward knew"}
    assert filled(allocation_unknown=stated)["allocation_unknown"] == (
        ANSWERS[answer],
        "The ward knew.",
    )


def test_an_answer_without_a_reason_says_so():
    found = filled(allocation_unknown="unclear", no_other_bias={"answer": "yes"})
    assert found["allocation_unknown"] == ("Unclear", "No reason was stated.")
    assert found["no_other_bias"] == ("Yes: met", "No reason was stated.")


@pytest.mark.parametrize(("text", "answer"), [("yes", "Yes: met"), ("no", "No: not met")])
def test_a_bare_yes_or_no_of_yaml_is_understood(text, answer):
    """YAML reads it as true or false."""
    epoc = yaml.safe_load(f"no_other_bias: {text}\nallocation_unknown: {{answer: {text}}}")
    found = filled(**epoc)
    assert found["no_other_bias"][0] == answer
    assert found["allocation_unknown"][0] == answer


# ---- data before statements --------------------------------------------------------------------


def test_an_event_at_the_same_time_fails_the_first_item_whatever_is_stated():
    assert filled("missing months")["independent_of_other_changes"][0] == "No: not met"
    stated = {"answer": "yes", "because": "we know of none"}
    answer, because = filled("missing months", independent_of_other_changes=stated)[
        "independent_of_other_changes"
    ]
    assert answer == "No: not met"
    assert "Two wards merged (November 2019)" in because
    assert because.endswith("Stated: We know of none.")


def test_without_such_an_event_the_statement_stands():
    stated = {"answer": "yes", "because": "we know of none"}
    assert filled(independent_of_other_changes=stated)["independent_of_other_changes"] == (
        "Yes: met",
        "We know of none.",
    )


def test_missing_months_are_seen_in_the_data():
    assert filled()["incomplete_data_addressed"] == ("Yes: met", "All 60 months have a value.")
    answer, because = filled("missing months", incomplete_data_addressed="yes")[
        "incomplete_data_addressed"
    ]
    assert answer == "Unclear"
    assert "3 of 48 months have no value" in because


# ---- mistakes ----------------------------------------------------------------------------------


def test_an_unknown_item_is_refused_with_the_nearest():
    with pytest.raises(ParameterError) as caught:
        epoc_checklist(shape("60 months"), epoc={"shape_specifid": "yes"})
    assert "`shape_specifid` is not an item of the EPOC checklist" in str(caught.value)
    assert "Did you mean `shape_specified`?" in str(caught.value)


@pytest.mark.parametrize("answer", ["perhaps", "", None, 1, {"because": "so"}, {"answer": "Yes!"}])
def test_an_unknown_answer_is_refused_with_what_can_be_said(answer):
    with pytest.raises(ParameterError) as caught:
        epoc_checklist(shape("60 months"), epoc={"no_other_bias": answer})
    assert "The answer to `no_other_bias` must be yes, no or unclear." in str(caught.value)
    assert "{answer: unclear, because:" in str(caught.value)


# ---- form --------------------------------------------------------------------------------------


def test_reasons_are_escaped_and_the_text_holds_the_same():
    epoc = {"no_other_bias": {"answer": "no", "because": "<script> & more"}}
    shown = epoc_checklist(shape("60 months"), epoc=epoc)
    parsed = Parsed(shown.html)
    assert not parsed.all("script")
    assert "<script> & more." in shown.text
    assert parsed.one("h2").text == "How far this design can be trusted"
    assert parsed.one("caption").text in shown.text
    assert [head["scope"] for head in parsed.all("th")] == ["col"] * 3 + ["row"] * 7
