"""Further views of an interrupted time series: other choices, and how well the model fits."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from qieval.charts import draw
from qieval.charts.style import BLUE, PURPLE
from tests.analysis.its.simulated import monthly
from tests.charts.reading import (
    PALETTE,
    all_colours,
    assert_readable,
    colours_of_marks,
    contrast,
    drawn,
)
from tests.charts.series import its, shape

SHAPES = ["60 months", "described", "two and five events", "counts", "long names", "huge"]


@pytest.mark.parametrize("view", ["spread", "diagnostics"])
@pytest.mark.parametrize("size", ["page", "phone"])
@pytest.mark.parametrize("name", SHAPES)
def test_every_view_can_be_read(name, size, view):
    ax = draw(shape(name), size=size, view=view, source="A test")
    figure = drawn(ax)
    assert_readable(figure)
    assert all_colours(figure) <= PALETTE | {"#ffffff"}
    assert all(contrast(colour) >= 3 for colour in colours_of_marks(figure))
    title, words = shape(name).view_words(view)
    shown = [text.get_text().replace("\n", " ") for text in figure.texts]
    assert shown[0] == title
    assert words in shown[-1]


# ---- other choices -----------------------------------------------------------------------------


def intervals(ax):
    """Rows from top to bottom: place, both ends, colour."""
    bars = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_marker() == "None"]
    rows = [
        (line.get_ydata()[0], *line.get_xdata(), to_hex(line.get_color()))
        for line in bars
        if line.get_ydata()[0] == line.get_ydata()[1]
    ]
    return sorted(rows, reverse=True)


@pytest.mark.parametrize("name", ["60 months", "counts"])
def test_each_choice_has_its_row_and_the_reported_one_stands_out_by_shape_too(name):
    result = shape(name)
    rows = result.spread_at_once()
    ax = draw(result, view="spread")
    shown = intervals(ax)
    assert len(shown) == len(rows)
    ends = np.array([row[1:3] for row in shown])
    assert ends == pytest.approx(rows[["ci_low", "ci_high"]].to_numpy())
    assert [row[3] == PURPLE.lower() for row in shown] == rows["headline"].tolist()
    diamonds = [line for line in ax.lines if line.get_marker() == "D"]
    reported = rows.loc[rows["headline"], "estimate"].iloc[0]
    assert [line.get_xdata()[0] for line in diamonds] == [reported]
    assert {to_hex(line.get_color()) for line in ax.lines if line.get_marker() == "o"} == {
        BLUE.lower()
    }


def test_zero_is_on_the_scale_and_the_unit_below_it():
    ax = draw(shape("60 months"), view="spread")
    low, high = ax.get_xlim()
    assert low < 0 < high
    assert ax.get_xlabel() == "Change at once, bed days a day"


def test_a_method_is_named_once_and_a_model_by_what_differs():
    ax = draw(shape("60 months"), view="spread")
    names = [text.get_text() for text in ax.texts]
    method = shape("60 months").spread["method"].iloc[0]
    assert names[0].startswith(f"As reported: {method}, level and slope change")
    assert {"Ordinary least squares", "Newey-West", "Prais-Winsten"} <= set(names)
    assert len(names) == len(set(names))
    assert all(name[0].isupper() for name in names)


# ---- the fit -----------------------------------------------------------------------------------


def test_the_four_panels_show_what_the_result_holds():
    result = shape("60 months")
    panels = draw(result, view="diagnostics").child_axes
    assert len(panels) == 4
    left, auto, placebo, single = panels
    assert len(left.collections[0].get_offsets()) == len(result.residuals)
    found = result.autocorrelations()
    heights = [path.vertices[1, 1] for path in auto.collections[-1].get_paths()]
    assert heights == pytest.approx(found["autocorrelation"].to_numpy())
    assert len(placebo.collections[0].get_paths()) == len(result.placebo)
    assert len(single.collections[0].get_paths()) == len(result.influence)


def test_the_real_change_is_drawn_beside_the_placebo_dates():
    result = shape("60 months")
    placebo = draw(result, view="diagnostics").child_axes[2]
    dashed = [line for line in placebo.lines if line.get_linestyle() == "--"]
    assert [line.get_ydata()[0] for line in dashed] == [
        result.estimates.loc["level_change", "estimate"]
    ]


def test_too_few_periods_for_placebo_dates_is_said():
    placebo = draw(shape("described"), view="diagnostics").child_axes[2]
    assert [text.get_text() for text in placebo.texts] == ["Too few periods beforehand to try."]


def test_a_single_placebo_date_can_be_drawn():
    """The scale of dates needs two ends."""
    results = (its(monthly(n=2 * at, at=at), at) for at in range(12, 30))
    result = next(r for r in results if len(r.placebo) == 1)
    drawn(draw(result, view="diagnostics"))


@pytest.mark.parametrize("size", ["page", "phone"])
@pytest.mark.parametrize("name", ["60 months", "huge", "tiny"])
def test_zero_and_another_number_stand_at_the_scale(name, size):
    ax = draw(shape(name), view="spread", size=size)
    assert 0 in ax.get_xticks()
    assert len(ax.get_xticks()) > 1
