"""The bars of a survey: every answer there, words that hide nothing, no ranking, no red."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

import qieval as qi
from qieval.charts import draw
from qieval.charts.style import INK, ink_on
from tests.analysis.survey.made import ORDER, expanded, responses
from tests.charts.reading import assert_readable, contrast, drawn, words_in

SIZES = ["page", "phone"]
SEVEN = [f"level {number}" for number in range(7)]
LONG = "How satisfied are you with what there is to do on the ward {} and at weekends and holidays?"


def result(people: int = 40, **more):
    asked = {
        "items": {"food": "Food", "garden": "Garden"},
        "order": ORDER,
        "wave": "wave",
        "by": "ward",
    }
    return qi.survey(responses(people, shift=0.6), **(asked | more))


def with_little_answered():
    table = responses(40)
    table.loc[table.index[7:], "garden"] = None
    table.loc[table.index[:9], "food"] = "don't know"
    return qi.survey(
        table, items={"food": "Food", "garden": "Garden"}, order=ORDER, wave="wave", by="ward"
    )


CASES = {
    "two waves": result,
    "one wave": lambda: qi.survey(
        responses(40, waves=["2019"]), items=["food", "garden"], order=ORDER, by="ward"
    ),
    "long names": lambda: result(
        items={"food": LONG.format("in the morning"), "garden": LONG.format("at night")},
        setting="Four in-patient units for children and adolescents of the whole region",
    ),
    "few answers": with_little_answered,
    "all the same": lambda: qi.survey(
        expanded({"1": (0, 0, 40, 0), "2": (0, 0, 0, 40)}, ORDER),
        items=["item"], order=ORDER, wave="wave",
    ),
    "seven levels": lambda: qi.survey(
        expanded({"1": [20] * 7, "2": [5, 10, 15, 20, 30, 40, 60]}, SEVEN),
        items=["item"], order=SEVEN, wave="wave",
    ),
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_words_hide_nothing_and_stay_inside(case, size):
    assert_readable(drawn(draw(CASES[case](), size=size, source="A test")))


@pytest.mark.parametrize("size", SIZES)
def test_the_view_by_wards_hides_nothing(size):
    figure = drawn(draw(result(), size=size, view="groups", source="A test"))
    assert_readable(figure)
    said = " ".join(text.get_text() for text in words_in(figure))
    places = [said.index(name) for name in ("Ash", "Beech", "Cedar")]
    assert places == sorted(places)  # by name, not by figures


def bars(ax):
    """Rows of the stacked bars: height → (start, width) of each level, left to right."""
    found: dict[float, list[tuple[float, float]]] = {}
    for patch in ax.patches:
        if isinstance(patch, Rectangle) and patch.get_transform().contains_branch(ax.transData):
            found.setdefault(round(patch.get_y(), 3), []).append((patch.get_x(), patch.get_width()))
    return [sorted(parts) for _, parts in sorted(found.items())]


def test_the_bars_are_the_shares_around_the_middle():
    order = ("bad", "neither", "good")
    table = expanded({"1": (20, 40, 40), "2": (10, 20, 70)}, order)
    found = qi.survey(table, items=["item"], order=order, wave="wave")
    rows = [row for row in bars(draw(found)) if len(row) == 3 and sum(w for _, w in row) > 99]
    assert np.array(rows[0]) == pytest.approx(np.array([(-40, 20), (-20, 40), (20, 40)]))
    assert np.array(rows[1]) == pytest.approx(np.array([(-20, 10), (-10, 20), (10, 70)]))


def test_dont_know_and_blank_stand_beside_the_bars():
    table = responses(40)
    table.loc[:2, "food"] = "don't know"
    table.loc[3:4, "food"] = None
    found = qi.survey(table, items=["food", "garden"], order=ORDER, wave="wave")
    for size in SIZES:
        said = " ".join(text.get_text() for text in words_in(drawn(draw(found, size=size))))
        assert "3 don't know, 2 blank" in said
        assert "115" in said


def test_what_is_not_shown_is_in_no_figure():
    said = [text.get_text() for text in words_in(drawn(draw(with_little_answered())))]
    assert any("fewer than 10 answers: not shown" in text for text in said)


@pytest.mark.parametrize("share", np.linspace(0, 1, 11))
def test_words_on_an_area_can_be_read(share):
    colour = tuple(share * np.array(to_rgb(INK)) + (1 - share))
    against_white = contrast(colour)
    assert max(against_white, 21 / against_white) >= 4.5
    wanted = "white" if against_white > 21 / against_white else "black"
    assert ink_on(colour) == wanted


def test_beside_other_charts_it_draws_where_it_is_told():
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4))
    assert draw(result(), left) is left
    assert not right.patches
    plt.close(figure)


def test_every_bar_is_in_the_alt_text():
    found = result()
    text = found.alt_text()
    for item in found.items:
        for wave in found.waves:
            assert f"{item}, {wave}: " in text
    assert len(found.table("points")) == len(found.items) * len(found.waves)
