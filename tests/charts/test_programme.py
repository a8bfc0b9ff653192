"""The programme at a glance: every project there, in order, a word beside every mark."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.programme.tables import FINDINGS, KINDS_OF_EVIDENCE, WORK
from qieval.charts import draw
from qieval.charts.drawing import caption_of
from tests.analysis.programme.made import refused, series
from tests.charts.reading import (
    PALETTE,
    all_colours,
    assert_readable,
    colours_of_marks,
    contrast,
    drawn,
    words_in,
)

SIZES = ["page", "phone"]


def few():
    return qi.programme(
        [
            series("alder", -3.0),
            series("birch with a name that is far longer than a line of its column", 3.0),
            series(
                "cedar", 0.1, network="A network of crisis and home treatment teams of a region"
            ),
            series("elm", -4.0, near=True, network="Coast"),
            refused("fir", network="Coast"),
        ]
    )


def every_kind():
    """A project with all kinds of evidence, each with the longest word of its own."""
    result = few()
    words = ["special cause, concern", "not evaluated", "usual variation", "described", "improved"]
    rows = [
        ("alder", "Alder", "Hill", column, "described", words[n % len(words)], [1])
        for n, column in enumerate(KINDS_OF_EVIDENCE)
    ]
    return replace(result, points=pd.DataFrame(rows, columns=result.points.columns))


CASES = {
    "every kind": every_kind,
    "few": few,
    "one": lambda: qi.programme([series("alder")]),
    "all alone": lambda: qi.programme([series("alder"), *[refused(f"p{n}") for n in range(20)]]),
    "many": lambda: qi.programme(
        [series(f"p{n:03}", n % 7 - 3.0, network=f"Network number {n % 12}") for n in range(120)]
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_words_hide_nothing_and_stay_inside(case, size):
    assert_readable(drawn(draw(CASES[case](), size=size, source="A test")))


@pytest.mark.parametrize("size", SIZES)
def test_projects_stand_in_their_order_with_a_word_for_what_was_found(size):
    figure = drawn(draw(few(), size=size))
    words = {text.get_text(): text.get_window_extent().y0 for text in words_in(figure)}
    heights = [words[name] for name in ("Alder", "Cedar", "Elm", "Fir")]
    assert heights == sorted(heights, reverse=True)
    said = " ".join(words)
    for word in ("improved", "worse", "no clear change", "changed", "not alone", "evaluated"):
        assert word in said


@pytest.mark.parametrize("size", SIZES)
def test_no_word_is_broken_however_many_kinds_of_evidence_there_are(size):
    figure = drawn(draw(every_kind(), size=size))
    said = " ".join(text.get_text() for text in words_in(figure))
    for word in ("special", "concern", "evaluated", "variation", "described", "improved"):
        assert word in said
    assert all(kind in said for kind in FINDINGS)


@pytest.mark.parametrize("size", SIZES)
def test_how_the_work_went_stands_in_the_table_and_not_in_the_figure(size):
    """A figure with it is as long as two printed pages, and most of it is words."""
    result = every_kind()
    said = " ".join(text.get_text() for text in words_in(drawn(draw(result, size=size))))
    for column in WORK:
        assert column not in said
        assert column.lower() not in result.alt_text().partition("Grid of")[2]
    assert "table of projects" in " ".join(caption_of(result))
    only_work = replace(result, points=result.points[result.points["column"].isin(WORK)])
    said = " ".join(text.get_text() for text in words_in(drawn(draw(only_work, size=size))))
    assert "Involvement" in said


def test_with_many_projects_a_row_is_a_network():
    figure = drawn(draw(CASES["many"]()))
    words = [text.get_text() for text in words_in(figure)]
    assert "Network number 3 (10)" in words
    assert not [word for word in words if word.startswith("P0")]
    assert any(word.endswith(("improved", "worse")) for word in words)


def test_colours_are_the_palettes_and_no_team_is_red():
    figure = drawn(draw(few()))
    assert all_colours(figure) <= PALETTE | {"#ffffff", "#000000"}
    weak = {c for c in colours_of_marks(figure) if contrast(c) < 3}
    assert weak <= {"#d8dde0", "#f0f4f5"}  # rules between rows and the bands of columns
