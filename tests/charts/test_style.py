"""The one look: colours that can be seen, scales that can be read."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.charts import style
from qieval.charts.style import Numbers, cut_scale, date_axis, new_canvas, value_axis
from tests.charts.reading import contrast

plt.switch_backend("agg")


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


# ---- colours -----------------------------------------------------------------------------------


def test_contrast_is_that_of_wcag():
    assert contrast("black") == pytest.approx(21)
    assert contrast("white") == pytest.approx(1)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)  # WCAG's well-known lightest grey


def test_lines_and_marks_stand_out_and_words_even_more():
    for name in ("BLUE", "DARK_BLUE", "GREY", "PURPLE", "INK"):
        assert contrast(getattr(style, name)) >= 3, name
    for name in ("BLUE", "DARK_BLUE", "PURPLE", "INK", "QUIET"):
        assert contrast(getattr(style, name)) >= 4.5, name


# ---- numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticks", "names"),
    [
        ([0, 20, 40], ["0", "20", "40"]),
        ([42.5, 45, 47.5], ["42.5", "45.0", "47.5"]),
        ([-10, 0, 10], ["−10", "0", "10"]),
        ([0, 50_000, 100_000], ["0", "50,000", "100,000"]),
        ([-0.0, 0.05, 0.1], ["0.00", "0.05", "0.10"]),
        ([0.30000000000000004, 0.4], ["0.3", "0.4"]),
        ([1e-9, 2e-9], ["1e−09", "2e−09"]),
        ([], []),
    ],
)
def test_ticks_have_the_same_decimals_and_a_true_minus(ticks, names):
    assert Numbers().format_ticks(ticks) == names


# ---- the vertical scale ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "cut"),
    [
        ([50, 60], True),
        ([10, 60], False),
        ([-60, -50], True),
        ([-60, -10], False),
        ([-1, 60], False),
        ([0, 0.1], False),
        ([7, 7], True),
        ([50, np.nan, 60], True),
    ],
)
def test_the_scale_leaves_zero_out_only_where_it_would_squeeze_the_pattern(ax, values, cut):
    values = np.array(values, dtype=float)
    assert cut_scale(values) == cut
    value_axis(ax, values)
    low, high = ax.get_ylim()
    assert (low <= 0 <= high) != cut
    assert low < np.nanmin(values)
    assert np.nanmax(values) < high


def test_a_scale_from_zero_begins_at_zero(ax):
    value_axis(ax, np.array([10.0, 60.0]))
    assert ax.get_ylim()[0] == 0


@given(
    values=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30),
    band=st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=4),
)
def test_any_values_fit_their_scale_whatever_the_band(values, band):
    figure, ax = plt.subplots()
    try:
        value_axis(ax, np.array(values), np.array(band))
        low, high = ax.get_ylim()
        assert low < high
        assert low <= min(values)
        assert max(values) <= high
        if not cut_scale(np.array(values)):
            assert low <= 0 <= high
    finally:
        plt.close(figure)


# ---- the calendar ------------------------------------------------------------------------------

SPANS = [("D", 10), ("D", 60), ("W-MON", 8), ("W-MON", 40), ("MS", 6), ("MS", 13), ("MS", 30)]
SPANS += [("MS", 61), ("QS", 20), ("YS", 12), ("YS", 80)]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(("freq", "n"), SPANS)
def test_dates_are_few_enough_to_read_evenly_set_and_inside(ax, freq, n, narrow):
    times = pd.Series(pd.date_range("2019-04-01", periods=n, freq=freq))
    date_axis(ax, times, narrow)
    places, names = ax.get_xticks(), [label.get_text() for label in ax.get_xticklabels()]
    low, high = ax.get_xlim()
    assert 2 <= len(places) <= (6 if narrow else 10)
    assert len(places) == len(names)
    assert all(low <= place <= high for place in places)
    steps = [b - a for a, b in pairwise(places)]
    assert max(steps) <= 1.2 * min(steps)
    assert any("20" in name for name in names)  # the year is said
    assert all(label.get_rotation() == 0 for label in ax.get_xticklabels())


# ---- the canvas --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["page", "phone"])
def test_long_words_lengthen_the_figure_and_leave_the_chart_its_height(size):
    def tall(words):
        canvas = new_canvas(size)
        with plt.rc_context(style.STYLE):
            canvas.dress("Title", "Subtitle", words)
        return canvas.figure.get_figheight() * canvas.ax.get_position().height

    few, many, more = (tall("A sentence for the caption. " * count) for count in (5, 30, 60))
    assert more == pytest.approx(many)
    assert few == pytest.approx(many)


def test_room_is_what_there_is():
    """What a chart reckons with before the figure is dressed is what it gets."""
    canvas = new_canvas()
    canvas.margins = (1.0, 1.5)
    wide, tall = canvas.wide, canvas.tall
    canvas.dress("A finding", "A measure", "A caption")
    box, (width, height) = canvas.ax.get_position(), canvas.figure.get_size_inches()
    assert box.width * width == pytest.approx(wide)
    assert box.height * height == pytest.approx(tall)
