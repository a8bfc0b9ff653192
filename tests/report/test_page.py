"""The words and tables of a page: each shows itself, says its status in a word, and is escaped."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from qieval import report
from qieval.core.checks import Check, checks_table
from qieval.core.errors import ParameterError
from qieval.core.workspace import ROOT_VARIABLE
from qieval.intake.origin import Origin
from qieval.intake.reading.passport import Passport
from qieval.report.elements import STATUS
from qieval.report.page import completeness_of
from tests.analysis.its.simulated import monthly
from tests.charts.series import EVENTS, its, shape
from tests.report.parsed import Parsed, rows_of_table
from tests.shown import bundle_of

RESULTS = ["60 months", "described", "counts", "two and five events", "missing months", "control"]
PARTS = [
    report.headline,
    report.summary,
    report.estimates,
    report.sensitivity,
    report.comparisons,
    report.fit,
    report.checks,
    report.epoc_checklist,
    report.figure,
    report.plan,
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
@pytest.mark.parametrize("name", ["described", "control"])
def test_every_part_shows_itself_and_the_same_text_each_time(part, name):
    shown, again = part(shape(name)), part(shape(name))
    assert shown.text.strip()
    assert shown.text == again.text
    assert shown.html == again.html
    Parsed(shown.html)  # well formed
    bundle = bundle_of(shown)
    assert bundle["text/plain"] == shown.text
    assert bundle["text/html"] == shown.html
    assert "nan" not in shown.text.lower().split()


# ---- opening -----------------------------------------------------------------------------------

PROJECT = """\
name: Alder & Ash
network: Hill network
team: Alder ward
aim: Fewer people wait <longer> than they need
simulated: true
background: A weekly review of long stays began. It is led by the team
"""


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    folder = tmp_path / "params" / "small" / "alder"
    folder.mkdir(parents=True)
    (folder / "project.yml").write_text(PROJECT, encoding="utf-8")
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    return tmp_path


def test_the_opening_holds_title_question_and_what_the_project_set_out_to_do(workspace):
    shown = report.opening(
        title="Did stays fall?",
        question="did bed days fall after the review?",
        project="params/small/alder/project.yml",
    )
    parsed = Parsed(shown.html)
    assert parsed.one("h1").text == "Did stays fall?"
    said = {tag.css[0]: tag.text for tag in parsed.all("p")}
    assert said == {
        "qi-question": "Did bed days fall after the review?",
        "qi-aim": "Aim: Fewer people wait <longer> than they need.",
        "qi-place": "Alder ward, Hill network.",
        "qi-background": "A weekly review of long stays began. It is led by the team.",
    }
    assert shown.text.splitlines() == ["Did stays fall?", *said.values()]


def test_without_a_title_the_project_names_the_page(workspace):
    shown = report.opening(project="params/small/alder/project.yml")
    assert Parsed(shown.html).one("h1").text == "Alder & Ash"


def test_without_anything_the_page_still_has_a_title():
    parsed = Parsed(report.opening().html)
    assert parsed.one("h1").text == "Evaluation of an improvement project"
    assert not parsed.all("p")


def test_a_project_with_only_a_name(workspace):
    (workspace / "params/small/alder/project.yml").write_text("name: Alder\n", encoding="utf-8")
    assert report.opening(project="params/small/alder/project.yml").text == "Alder"


def test_a_missing_project_file_is_told_without_an_absolute_path(workspace):
    with pytest.raises(ParameterError) as caught:
        report.opening(project="params/small/ash/project.yml")
    assert "`project` is not a file" in str(caught.value)
    assert "params/small/ash/project.yml" in str(caught.value)
    assert str(workspace) not in str(caught.value)


def test_a_project_with_an_unknown_name_says_where(workspace):
    file = workspace / "params/small/alder/project.yml"
    file.write_text("name: Alder\naims: Fewer\n", encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        report.opening(project="params/small/alder/project.yml")
    assert "Did you mean `aim`?" in str(caught.value)
    assert "params/small/alder/project.yml, line 2" in str(caught.value)


# ---- finding and tables ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({"every": "month", "periods_expected": 60, "periods_present": 60}, "60 of 60 months."),
        (
            {
                "every": "month",
                "periods_expected": 60,
                "periods_present": 58,
                "periods_missing": (pd.Timestamp("2020-01-01"),) * 2,
                "suppressed": 1,
                "blank": 3,
                "gaps": ("Ward A: May 2020",),
            },
            "58 of 60 months, 2 missing, 1 figure suppressed, 3 figures blank, gaps in 1 unit "
            "(never counted as zero).",
        ),
        ({}, "90 of 100 rows."),
        (
            {
                "rows_read": 500,
                "dropped": pd.DataFrame(
                    {
                        "reason": ["`ward` is not Alder (`where`)", "no start"],
                        "rows": [400, 10],
                        "row_numbers": ["", "rows 3 to 12"],
                    }
                ),
            },
            "90 of 100 rows.",
        ),
        ({"kind": "waits", "rows_kept": 100, "blank": 7}, "100 rows."),
        ({"rows_kept": 100}, "100 rows."),
    ],
)
def test_how_complete_the_data_are_stands_beside_the_finding(known, says):
    none = pd.DataFrame(columns=["reason", "rows"])
    facts = {"kind": "series", "rows_read": 100, "rows_kept": 90, "dropped": none, **known}
    passport = Passport(
        source="a.csv",
        row="a month",
        digest="0" * 64,
        decisions=(),
        origin=Origin("a"),
        **facts,
    )
    assert completeness_of(passport).words == says
    shown = report.headline(shape("described"), passport)
    assert shown.text.endswith(f"Rests on {says}")
    assert f'<p class="qi-completeness">Rests on {says}</p>' in shown.html


@pytest.mark.parametrize("name", RESULTS)
def test_headline_and_summary_are_those_of_the_result(name):
    result = shape(name)
    assert report.headline(result).text == result.headline()
    assert Parsed(report.headline(result).html).one("p").text == result.headline()
    assert report.summary(result).text.startswith(f"What this means\n{result.details()}")
    assert result.verdict.sustained.words in report.summary(result).text
    parsed = Parsed(report.summary(result).html)
    assert parsed.one("h2").text == "What this means"
    assert parsed.all("p")[0].text == result.details()


@pytest.mark.parametrize("name", RESULTS)
def test_the_estimates_are_a_table_with_its_caption(name):
    table = shape(name).table("estimates")
    parsed = Parsed(report.estimates(shape(name)).html)
    assert parsed.one("caption").text == table.caption
    assert rows_of_table(parsed)[0] == [column.head for column in table.shown]
    assert rows_of_table(parsed)[1:] == [
        list(cells) for cells in zip(*(column.cells for column in table.shown), strict=True)
    ]


@pytest.mark.parametrize("name", ["60 months", "described", "counts"])
def test_other_choices_are_a_sentence_with_figure_and_table_behind_a_door(name):
    result = shape(name)
    parsed = Parsed(report.sensitivity(result).html)
    table = result.table("sensitivity")
    assert parsed.one("h2").text == "Would other choices have given another answer?"
    assert parsed.one("p").text == result.view_words("spread")[1]
    assert len(parsed.all("figure")) == 1
    assert parsed.one("caption").text == table.caption
    assert len(rows_of_table(parsed)) == len(table) + 1
    assert parsed.one("table").parents[1] == "details"


def test_the_fit_is_a_sentence_and_a_figure():
    title, words = shape("60 months").view_words("diagnostics")
    parsed = Parsed(report.fit(shape("60 months")).html)
    assert parsed.one("h2").text == title
    assert parsed.one("p").text == words
    (chart,) = [tag for tag in parsed.tags if tag.attributes.get("role") == "img"]
    assert chart["aria-label"] == f"{title} {words}"


def test_comparisons_are_shown_only_with_a_control():
    assert report.comparisons(shape("60 months")).html == ""
    parsed = Parsed(report.comparisons(shape("control")).html)
    table = shape("control").table("comparisons")
    assert parsed.one("caption").text == table.caption
    assert len(parsed.all("tr")) == len(table) + 1


# ---- checks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RESULTS)
def test_each_check_has_its_status_as_a_word_and_a_shape(name):
    result = shape(name)
    shown = report.checks(result)
    parsed = Parsed(shown.html)
    items = parsed.all("li")
    assert len(items) == len(result.checks)
    title, *lines = shown.text.splitlines()
    assert title == parsed.one("h2").text
    gravest = ["fail", "warn", "info", "pass"]
    rows = [row for status in gravest for row in result.checks.itertuples() if row.status == status]
    for item, row, line in zip(items, rows, lines, strict=True):
        mark, word = STATUS[row.status]
        assert item.css == ["qi-check", f"qi-{row.status}"]
        assert item.text == f"{mark} {word} {row.check}. {row.detail.replace('`', '')}"
        assert line == f"{word}: {row.check}. {row.detail}"
    hidden = [tag for tag in parsed.all("span") if tag.attributes.get("aria-hidden") == "true"]
    assert len(hidden) == len(items)  # the shape is not read out; the word is


def test_the_words_and_shapes_are_all_different():
    assert set(STATUS) == {"pass", "warn", "fail", "info"}
    assert len({mark for mark, _ in STATUS.values()}) == 4
    assert len({word for _, word in STATUS.values()}) == 4


def test_names_in_backticks_are_code_and_the_rest_is_escaped():
    rows = [Check("a_check", "A <check>", "warn", "Use `family` & <b>not</b> `<i>`.")]
    result = replace(shape("60 months"), checks=checks_table(rows))
    parsed = Parsed(report.checks(result).html)
    assert [tag.text for tag in parsed.all("code")] == ["family", "<i>"]
    assert not parsed.all("b")
    assert parsed.one("strong").text == "A <check>."


# ---- limits ------------------------------------------------------------------------------------


def test_the_limits_of_the_design_are_always_said():
    result = its(monthly())
    assert report.limits(result).text.splitlines()[1:] == list(result.limits)
    shown = report.limits(result, limits=["one ward only", "Coding changed & <b>moved</b>."])
    items = [tag.text for tag in Parsed(shown.html).all("li")]
    assert items == ["One ward only.", "Coding changed & <b>moved</b>.", *result.limits]
    assert shown.text.splitlines()[1:] == items


# ---- the whole ---------------------------------------------------------------------------------


def test_a_page_holds_no_words_twice_in_its_headings():
    result = its(monthly(), events=EVENTS)
    parts = [part(result) for part in PARTS if part is not report.headline]
    parts.append(report.limits(result))
    heads = [tag.text for part in parts for tag in Parsed(part.html or "<p></p>").all("h2")]
    assert len(heads) == len(set(heads))
    assert pd.Series(heads).str.len().max() < 60
