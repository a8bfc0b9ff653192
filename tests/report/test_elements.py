"""Tables that everyone can read, lists, doors; HTML and text hold the same."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.core.tables import Column, Table
from qieval.report.elements import (
    Entries,
    Entry,
    Folded,
    Headed,
    Tabled,
    Words,
    table_html,
    with_code,
)
from tests.conftest import REPOSITORY
from tests.report.parsed import Parsed, rows_of_table

ROWS = Table(
    "wards",
    "Wards & beds",
    (
        Column("ward", "Ward", "label"),
        Column("beds", "Beds", "estimate"),
        Column("low", "", "ci_low", of="beds"),
        Column("high", "", "ci_high", of="beds"),
        Column("words", "In words", "text"),
    ),
    pd.DataFrame(
        {
            "ward": ["Alder & Ash", "<b>Birch</b>"],
            "beds": [12.0, -5.0],
            "low": [3.0, -16.0],
            "high": [21.0, 6.0],
            "words": ['"no"', "it's"],
        }
    ),
)


def words_table(rows: pd.DataFrame, caption: str) -> Table:
    columns = tuple(Column(name, name, "text") for name in rows.columns)
    return Table("words", caption, columns, rows)


def test_a_table_has_a_caption_and_scopes():
    parsed = Parsed(table_html(ROWS))
    assert parsed.one("caption").text == "Wards & beds"
    heads = parsed.all("th")
    assert [head["scope"] for head in heads] == ["col"] * 3 + ["row"] * 2
    assert [head.text for head in heads][3:] == ["Alder & Ash", "<b>Birch</b>"]
    assert len([head for head in heads if "thead" in head.parents]) == 3


def test_columns_of_numbers_are_named_and_intervals_keep_together():
    parsed = Parsed(table_html(ROWS))
    numbers = [place for place, column in enumerate(ROWS.shown, 1) if column.numeric]
    assert parsed.one("table").css == ["qi-table", *(f"qi-n{place}" for place in numbers)]
    assert numbers
    assert {tag.text for tag in parsed.all("span")} == {"(3 to 21)", "(−16 to 6)"}


def test_every_column_that_is_shown_can_be_aligned():
    css = (REPOSITORY / "qieval/share/templates/style.css").read_text(encoding="utf-8")
    known = [int(place) for place in re.findall(r"\.qi-n(\d+) :is", css)]
    assert known == list(range(1, 17))
    for place in known:
        assert f".qi-n{place} :is(th,td):nth-child({place})" in css


def test_cells_heads_and_caption_are_escaped():
    rows = pd.DataFrame({"<i>Head</i>": ["<script>alert(1)</script>"], "b": ['" onclick="x']})
    parsed = Parsed(table_html(words_table(rows, 'A "caption" <b>')))
    assert not parsed.all("script")
    assert not parsed.all("i")
    assert not parsed.all("b")
    assert parsed.all("td")[0].attributes == {}
    assert parsed.one("div")["aria-label"] == 'A "caption" <b>'


def test_a_wide_table_scrolls_in_a_box_that_the_keyboard_reaches():
    box = Parsed(table_html(ROWS, "qi-checklist")).one("div")
    assert box.attributes == {
        "class": "qi-table-box",
        "tabindex": "0",
        "role": "group",
        "aria-label": "Wards & beds",
    }
    assert box.children == ["table"]
    assert Parsed(table_html(ROWS, "qi-own")).one("table").css == ["qi-table", "qi-own", "qi-n2"]


def test_pictures_stand_beside_the_words_of_their_cells():
    pictures = {"In words": ["<svg></svg>", ""]}
    cells = Parsed(table_html(ROWS, pictures=pictures)).all("td")
    assert cells[1].children == ["span"]
    assert cells[1].text == '"no"'


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(cells=st.lists(st.tuples(words, words), max_size=4), caption=words)
def test_whatever_the_cells_hold_they_come_out_as_they_went_in(cells, caption):
    rows = pd.DataFrame(cells, columns=["<a>", "&b"])
    parsed = Parsed(table_html(words_table(rows, caption)))
    assert rows_of_table(parsed) == [["<a>", "&b"], *map(list, cells)]
    assert parsed.one("caption").text == caption


def test_the_text_holds_every_cell_in_full():
    rows = pd.DataFrame({"What": ["short", "long"], "Because": ["yes", "word " * 60]})
    text = Tabled(words_table(rows, "A table")).text
    assert ("word " * 60).strip() in text
    assert len(text.splitlines()) == 4


def test_sections_and_doors_have_escaped_titles():
    door = Folded("More & <b>", (Words("x"),))
    section = Headed("A & <b>", (Words("body"), door), "qi-x")
    parsed = Parsed(section.html)
    assert parsed.one("h2").text == "A & <b>"
    assert parsed.one("summary").text == "More & <b>"
    assert "open" not in parsed.one("details").attributes
    assert not parsed.all("b")
    assert section.text == "A & <b>\nbody\nMore & <b>\nx"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Use `family` & <b>", "Use <code>family</code> &amp; &lt;b&gt;"),
        ("one ` alone", "one ` alone"),
        ("", ""),
    ],
)
def test_names_in_backticks_are_code(text, html):
    assert with_code(text) == html


def test_an_entry_names_its_first_rows_and_how_many_more():
    entry = Entry("Three fell.", "Beds", rows=tuple(range(1, 16)))
    assert entry.to_text().endswith("(rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 3 more)")
    parsed = Parsed(Entries((entry,)).html)
    assert [tag["href"] for tag in parsed.all("a")] == [f"#qi-row-{row}" for row in range(1, 13)]
    assert parsed.one("li").text == entry.to_text()
