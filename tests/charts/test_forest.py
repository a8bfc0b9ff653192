"""The forest plot: every row there, nothing on top of anything else, marks where they belong."""

from __future__ import annotations

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon

import qieval.charts.forest  # noqa: F401  (registers its chart)
from qieval.analysis.synthesis import pool
from qieval.charts import draw
from qieval.charts.forest import MOST_NAMED
from qieval.charts.style import DARK_BLUE

SIZES = ["page", "phone"]


def result(k, *, missing=0, mean=-4.0, tau=2.0, seed=1, names="Ward {}", **more):
    rng = np.random.default_rng(seed)
    se = rng.uniform(0.6, 3, k)
    table = pd.DataFrame(
        {"estimate": mean + tau * rng.normal(size=k) + se * rng.normal(size=k), "se": se},
        index=[names.format(number) for number in range(1, k + 1)],
    ).assign(reason="")
    for row in range(missing):
        table.iloc[1 + 3 * row, :2] = np.nan
        table.iloc[1 + 3 * row, 2] = "too few months"
    words = {"unit": "occupied beds", "outcome": "Occupied beds", "team": "ward"}
    return pool(table, **{**words, **more})


def texts(ax):
    return [text.get_text() for text in ax.texts]


LONG = "{} community inpatient rehabilitation unit and day hospital of the North"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("k", "more"),
    [
        (2, {}),
        (3, {}),
        (7, {"missing": 2, "direction": "lower"}),
        (7, {"mean": 30.0}),
        (7, {"names": LONG, "unit": "occupied bed days per 100,000 adults registered, a month"}),
        (25, {"missing": 2}),
        (40, {}),
        (MOST_NAMED + 20, {}),
    ],
)
def test_no_words_lie_on_one_another_or_leave_the_figure(k, more, size):
    ax = draw(result(k, **more), size=size, source="A test")
    figure = ax.get_figure(root=True)
    figure.canvas.draw()
    written = [*ax.texts, *figure.texts, *(t for t in ax.get_xticklabels() if t.get_text())]
    boxes = [
        (text.get_text(), text.get_tightbbox().shrunk(1.0, 0.8))
        for text in written
        if text.get_text()
    ]
    for (one, box), (other, beside) in combinations(boxes, 2):
        assert not box.overlaps(beside), f"{one!r} lies on {other!r}"
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.x1 <= width, text
        assert box.y0 >= 0, text
        assert box.y1 <= height, text


@pytest.mark.parametrize("size", SIZES)
def test_every_team_is_there_with_its_numbers(size):
    found = result(7, missing=2)
    shown = texts(draw(found, size=size))
    assert [f"Ward {number}" for number in range(1, 8)] == shown[-18:-4:2]
    assert shown.count("not evaluated") == 2
    numbers = [text for text in found.team_numbers() if text != "not evaluated"]
    assert set(numbers) <= set(shown)
    assert shown[-4:] == [
        "Average",
        shown[-3],
        "A new ward",
        shown[-1],
    ]
    assert "No difference" in shown


def test_squares_grow_with_weight_and_are_filled_where_clear():
    found = result(7, missing=1, seed=4)
    ax = draw(found)
    used = found.points[found.points["reason"] == ""]
    squares = [mark for mark in ax.collections if isinstance(mark, PathCollection)]
    assert len(squares) == len(used)
    sizes = [mark.get_sizes()[0] for mark in squares]
    assert np.argsort(sizes).tolist() == np.argsort(used["weight"].to_numpy()).tolist()
    filled = [to_hex(mark.get_facecolor()[0]) == DARK_BLUE.lower() for mark in squares]
    assert filled == used["clear"].tolist()
    assert True in filled
    assert False in filled


def test_the_diamond_is_the_average_with_its_interval():
    found = result(7)
    (diamond,) = [patch for patch in draw(found).patches if isinstance(patch, Polygon)]
    estimate, low, high = found.figures("pooled")
    across = diamond.get_xy()[:, 0]
    assert [across.min(), across.max()] == pytest.approx([low, high])
    assert estimate in across


def test_zero_is_always_on_the_scale_and_ticks_stay_on_it():
    ax = draw(result(7, mean=30.0))
    low, high = ax.spines["bottom"].get_bounds()
    assert low < 0 < high
    assert all(low <= tick <= high for tick in ax.get_xticks())


def test_a_line_that_goes_on_ends_in_an_arrow_and_the_caption_says_so():
    """Three teams: the range for a new one is many times as wide as anything else."""
    found = result(3)
    ax = draw(found)
    low = ax.spines["bottom"].get_bounds()[0]
    assert found.figures("prediction")[1] < low
    assert {line.get_marker() for line in ax.lines} >= {"<", ">"}
    caption = ax.get_figure(root=True).texts[-1].get_text().replace("\n", " ")
    assert "An arrow: the line goes on." in caption
    calm = draw(result(7, tau=0.2)).get_figure(root=True).texts[-1].get_text()
    assert "arrow" not in calm


def test_shares_are_drawn_as_per_cent():
    found = result(6, seed=2, mean=-0.2, tau=0.01, unit="share of what was expected")
    ax = draw(found)
    assert ax.spines["bottom"].get_bounds()[0] < -100
    assert "Per cent of what was expected" in texts(ax)


def test_very_many_teams_are_lines_in_order_of_size_without_names():
    found = result(MOST_NAMED + 240, missing=3)
    ax = draw(found)
    assert "Ward 1" not in texts(ax)
    assert "Average" in texts(ax)
    squares = [mark for mark in ax.collections if isinstance(mark, PathCollection)]
    middles = [mark.get_offsets()[0][0] for mark in squares]
    assert middles == sorted(middles)
    assert ax.get_figure(root=True).get_figheight() < 16
    caption = ax.get_figure(root=True).texts[-1].get_text().replace("\n", " ")
    assert "in order of size" in caption
    assert "3 could not be evaluated" in caption


def test_a_figure_with_other_charts_keeps_its_size():
    figure, (left, _) = plt.subplots(1, 2, figsize=(12, 4))
    try:
        assert result(7).plot(left) is left
        assert figure.get_size_inches().tolist() == [12, 4]
    finally:
        plt.close(figure)
