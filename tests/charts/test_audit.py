"""The dots of an audit: every point there, words that hide nothing, no ranking, no key."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from qieval.charts import draw
from tests.analysis.audit.audits import CHECKS, audit, counts, simulated, tallied
from tests.charts.reading import (
    PALETTE,
    all_colours,
    assert_no_words_on_points,
    assert_readable,
    colours_of_marks,
    contrast,
    drawn,
    points_in,
)

SIZES = ["page", "phone"]
LONG = {name: f"{name} is measured and discussed with the person every year" for name in CHECKS}


def two_waves(**more):
    return audit(simulated(2), team="team", **more)


def three_waves():
    table = simulated(2)
    middle = table[table["wave"] == "2018"].assign(wave="2018/19")
    first = table[table["wave"] == "2018"].assign(wave="2017/18")
    return audit(pd.concat([first, middle, table[table["wave"] == "2019"].assign(wave="2019/20")]))


def bounds_only():
    table = tallied(simulated(2))
    return counts(table[table["standard"] != "all four"], team="team")


CASES = {
    "two waves": two_waves,
    "three waves": three_waves,
    "long names": lambda: two_waves(standards=LONG, setting="Eight teams of one network"),
    "one wave": lambda: audit(simulated(2)[lambda t: t["wave"] == "2018"]),
    "bounds": bounds_only,
    "all met": lambda: audit(simulated(1).assign(result="met")),
    "none met": lambda: audit(simulated(1).assign(result="not met")),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_words_hide_nothing_and_stay_inside(case, size):
    ax = draw(CASES[case](), size=size, source="A test")
    figure = drawn(ax)
    assert_readable(figure)
    assert_no_words_on_points(ax)
    assert all_colours(figure) <= PALETTE | {"#ffffff"}
    assert min(map(contrast, colours_of_marks(figure))) >= 3 or case == "bounds"


@pytest.mark.parametrize("size", SIZES)
def test_every_share_is_a_mark_with_its_interval(size):
    found = two_waves()
    ax = draw(found, size=size)
    values = sorted(points_in(ax)[:, 0])
    assert values == pytest.approx(sorted(found.points["share"]))
    lines = {tuple(np.round(line.get_xdata(), 6)) for line in ax.lines}
    for low, high in found.points[["low", "high"]].to_numpy():
        assert (round(low, 6), round(high, 6)) in lines


def test_the_first_row_names_the_waves_and_every_mark_its_value():
    found = two_waves()
    words = [text.get_text() for text in draw(found).texts]
    for wave in found.waves:
        assert sum(wave in text for text in words) == 1
    values = [found.percent(value) for value in found.points["share"]]
    assert all(any(text.startswith(value) for text in words) for value in values)


def test_standards_stand_in_the_order_of_the_audit_with_all_of_them_last():
    found = two_waves(standards=["Glucose", "Weight", "Lipids", "Pressure"])
    names = {text.get_text(): text.get_position()[1] for text in draw(found).texts}
    order = sorted([*CHECKS, "All four"], key=lambda name: names[name])
    assert order == ["Glucose", "Weight", "Lipids", "Pressure", "All four"]


def test_waves_differ_by_filling_and_all_of_them_by_shape():
    found = two_waves()
    marks = draw(found).collections
    assert len({mark.get_facecolor().tobytes() for mark in marks}) == 2
    assert len({len(mark.get_paths()[0].vertices) for mark in marks}) == 2
    caption = draw(found).get_figure(root=True).texts[-1].get_text().replace("\n", " ")
    assert "open 2018 and filled 2019" in caption
    assert "Diamond: all four together." in caption


def test_the_scale_is_whole():
    ax = draw(two_waves())
    assert ax.get_xlim()[0] <= 0
    assert ax.get_xlim()[1] >= 1


def test_bounds_are_bars_and_no_dots():
    found = bounds_only()
    ax = draw(found)
    assert len(points_in(ax)) == 2 * len(CHECKS)
    point = found.point("2019", "all of them")
    wide = [line for line in ax.lines if line.get_linewidth() > 3]
    assert [point["low"], point["high"]] == pytest.approx(list(wide[1].get_xdata()))


def test_beside_other_charts_it_draws_where_it_is_told():
    figure, (left, _) = plt.subplots(1, 2, figsize=(12, 4))
    try:
        assert two_waves().plot(left) is left
        assert figure.get_size_inches().tolist() == [12, 4]
    finally:
        plt.close(figure)
