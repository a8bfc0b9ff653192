"""Tables that everyone can read, and outputs that show themselves."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from qieval.report.shown import Shown, folded, section, table, text_table
from tests.report.parsed import Parsed, rows_of_table

ROWS = pd.DataFrame(
    {"Ward": ["Alder & Ash", "<b>Birch</b>"], "Beds": ["1,234", "−5"], "Said": ['"no"', "it's"]}
)


def test_a_table_has_a_caption_and_scopes():
    parsed = Parsed(table(ROWS, "Wards & beds", numbers=("Beds",)))
    assert parsed.one("caption").text == "Wards & beds"
    heads = parsed.all("th")
    assert [head["scope"] for head in heads] == ["col"] * 3 + ["row"] * 2
    assert [head.text for head in heads] == ["Ward", "Beds", "Said", "Alder & Ash", "<b>Birch</b>"]
    in_head = [head for head in heads if "thead" in head.parents]
    assert len(in_head) == 3


def test_numbers_are_aligned_in_head_and_cells():
    parsed = Parsed(table(ROWS, "Wards", numbers=("Beds",)))
    aligned = [tag.text for tag in parsed.tags if "qi-number" in tag.css]
    assert aligned == ["Beds", "1,234", "−5"]


def test_columns_of_figures_are_found_and_words_and_years_are_not():
    rows = pd.DataFrame(
        {
            "What": ["a", "b"],
            "Share": ["62%", "not shown"],
            "With interval": ["12 (3 to 21)", "1.10 times (0.99 to 1.22)"],
            "Change": ["+12 (+7 to +17)", "−3 (−16 to +9)"],
            "Of": ["10 of 12 (83%)", "–"],
            "Who": ["Before 1 October 2018", "Since 1 October 2018"],
            "When": ["1 May 2018", "2 May 2018"],
            "Wave": ["2017", "2019"],
            "From": ["0:00", "3:00"],
            "Empty": ["", "none"],
        }
    )
    parsed = Parsed(table(rows, "A table"))
    aligned = [head.text for head in parsed.all("th") if "qi-number" in head.css]
    assert aligned == ["Share", "With interval", "Change", "Of"]
    # an interval does not break over lines
    assert {tag.text for tag in parsed.all("span")} >= {"(3 to 21)", "(−16 to +9)"}
    assert rows_of_table(parsed)[1] == rows.iloc[0].tolist()


def test_cells_heads_and_caption_are_escaped():
    rows = pd.DataFrame({"<i>Head</i>": ["<script>alert(1)</script>"], "b": ['" onclick="x']})
    html = table(rows, 'A "caption" <b>')
    parsed = Parsed(html)
    assert not parsed.all("script")
    assert not parsed.all("i")
    assert not parsed.all("b")
    assert parsed.all("td")[0].attributes == {}
    assert parsed.one("div")["aria-label"] == 'A "caption" <b>'


def test_a_wide_table_scrolls_in_a_box_that_the_keyboard_reaches():
    box = Parsed(table(ROWS, "Wards")).one("div")
    assert box.attributes == {
        "class": "qi-table-box",
        "tabindex": "0",
        "role": "region",
        "aria-label": "Wards",
    }
    assert box.children == ["table"]


def test_a_class_of_ones_own():
    assert Parsed(table(ROWS, "Wards", css="qi-checklist")).one("table").css == [
        "qi-table",
        "qi-checklist",
    ]


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(cells=st.lists(st.tuples(words, words), max_size=4), caption=words)
def test_whatever_the_cells_hold_they_come_out_as_they_went_in(cells, caption):
    rows = pd.DataFrame(cells, columns=["<a>", "&b"])
    parsed = Parsed(table(rows, caption))
    assert rows_of_table(parsed) == [["<a>", "&b"], *map(list, cells)]
    assert parsed.one("caption").text == caption


def test_the_text_holds_every_cell_in_full():
    rows = pd.DataFrame({"What": ["short", "long"], "Because": ["yes", "word " * 60]})
    text = text_table(rows)
    assert ("word " * 60).strip() in text
    assert len(text.splitlines()) == 3


def test_sections_and_doors_have_escaped_titles():
    parsed = Parsed(section("A & <b>", "<p>body</p>", "qi-x") + folded("More & <b>", "<p>x</p>"))
    assert parsed.one("h2").text == "A & <b>"
    assert parsed.one("summary").text == "More & <b>"
    assert "open" not in parsed.one("details").attributes
    assert not parsed.all("b")


def test_a_shown_object_shows_itself_as_html_and_as_text():
    shown = Shown("<p>html</p>", "text", {"application/x": {"a": 1}})
    assert shown._repr_mimebundle_() == {
        "text/html": "<p>html</p>",
        "text/plain": "text",
        "application/x": {"a": 1},
    }
    assert str(shown) == "text"
