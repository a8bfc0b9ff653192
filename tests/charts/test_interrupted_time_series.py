"""The chart of an interrupted time series: every point, honest scale, nothing on anything else."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.dates import date2num, num2date

from qieval.charts import draw
from qieval.charts.style import BLUE, DARK_BLUE, INK, PURPLE
from qieval.core.errors import ParameterError
from tests.analysis.its.simulated import monthly, start
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
from tests.charts.series import EVENTS, SHAPES, its, shape

SOURCE = "SIMULATED DATA, not real patients. Source: a test"


def caption(ax) -> str:
    return ax.get_figure(root=True).texts[-1].get_text().replace("\n", " ")


def lines_of(ax, colour, style=None):
    return [
        line
        for line in ax.lines
        if to_hex(line.get_color()) == colour.lower()
        and (style is None or line.get_linestyle() == style)
    ]


def upright(ax) -> list[pd.Timestamp]:
    """Dates of the upright lines."""
    found = [line.get_xdata() for line in lines_of(ax, INK)]
    return [day(x[0]) for x in found if x[0] == x[1]]


def day(place: float) -> pd.Timestamp:
    """The day at a place of the time axis."""
    return pd.Timestamp(num2date(place).replace(tzinfo=None))


# ---- every shape at every size -----------------------------------------------------------------


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_shape_can_be_read(name, size):
    result = shape(name)
    ax = draw(result, size=size, source=SOURCE)
    figure = drawn(ax)
    assert_readable(figure)
    assert_no_words_on_points(ax)

    # every point with a value is there, once, and inside the scale
    seen = result.points[result.points["value"].notna()]
    expected = np.column_stack([date2num(seen["time"]), seen["value"]])
    found = points_in(ax)
    np.testing.assert_allclose(found[found[:, 0].argsort()], expected)
    for (low, high), place in zip((ax.get_xlim(), ax.get_ylim()), (0, 1), strict=True):
        assert low < found[:, place].min()
        assert found[:, place].max() < high

    # the scale holds zero, or the caption says that it does not
    low, high = ax.get_ylim()
    assert (low <= 0 <= high) != ("does not start at zero" in caption(ax))

    assert all_colours(figure) <= PALETTE | {"#ffffff"}
    faint = [colour for colour in colours_of_marks(figure) if contrast(colour) < 3]
    assert not faint, f"too faint on white: {faint}"


# ---- the marks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["60 months", "three close", "temporary", "24 quarters"])
def test_a_line_stands_at_each_intervention(name):
    result = shape(name)
    dates = list(result.span.given)
    if result.params["intervention_end"]:
        dates.append(pd.Timestamp(result.params["intervention_end"]))
    assert upright(draw(result)) == dates


def test_the_line_stands_at_the_period_of_a_date_inside_it():
    assert upright(draw(its(monthly(), intervention="2020-01-17"))) == [pd.Timestamp("2020-01-01")]


def test_fitted_lines_are_solid_and_broken_at_each_change():
    result = shape("two and five events")
    solid = lines_of(draw(result), BLUE, "-")
    spans = [line.get_xdata() for line in solid]
    assert [len(x) for x in spans] == [20, 2, 18, 2, 18]  # the wash-outs hold no line
    shown = [np.isfinite(line.get_ydata()).all() for line in solid]
    assert shown == [True, False, True, False, True]
    assert pd.Timestamp(spans[2][0]) == pd.Timestamp(start(22))


def test_two_changes_without_wash_out_break_the_line_too():
    result = its(monthly(n=60), intervention=[start(24), start(40)], season=None)
    spans = [line.get_xdata() for line in lines_of(draw(result), BLUE, "-")]
    assert [pd.Timestamp(x[0]) for x in spans] == [pd.Timestamp(start(k)) for k in (0, 24, 40)]


def test_what_was_expected_is_dashed_after_the_change_only_with_its_band():
    result = shape("60 months")
    ax = draw(result)
    (expected,) = [line for line in lines_of(ax, PURPLE) if line.get_linestyle() == "--"]
    after = result.points[result.points["period_after"] > 0]
    assert pd.Timestamp(expected.get_xdata()[0]) == after["time"].iloc[0]
    assert expected.get_ydata() == pytest.approx(after["counterfactual"].to_numpy())
    (band,) = [mark for mark in ax.collections if mark.get_alpha() == 0.10]
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(after["counterfactual_low"].min())
    assert heights.max() == pytest.approx(after["counterfactual_high"].max())
    shown = [text.get_text() for text in ax.texts]
    assert {"Model", "Expected\nwithout\nthe change"} <= set(shown)


def test_points_left_out_of_the_model_are_hollow_and_hatched():
    result = shape("wash-out")
    ax = draw(result)
    full, hollow = [group for group in ax.collections if isinstance(group, PathCollection)]
    assert len(full.get_offsets()) == 45
    assert len(hollow.get_offsets()) == 3
    assert to_hex(hollow.get_facecolor()[0]) == "#ffffff"
    assert to_hex(hollow.get_edgecolor()[0]) == DARK_BLUE.lower()
    (hatched,) = [patch for patch in ax.patches if patch.get_hatch()]
    edges = hatched.get_x(), hatched.get_x() + hatched.get_width()
    assert edges == pytest.approx([date2num(pd.Timestamp(start(k))) for k in (24, 27)])
    assert "Hatched and hollow: bringing-in period" in caption(ax)


def test_each_wash_out_is_hatched_by_itself():
    ax = draw(shape("two and five events"))
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    edges = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in hatched]
    dates = [[date2num(pd.Timestamp(start(k))) for k in pair] for pair in ((20, 22), (40, 42))]
    assert np.array(edges) == pytest.approx(np.array(dates))


def test_a_described_series_shows_middle_values_and_no_model():
    result = shape("described")
    ax = draw(result)
    levels = [line.get_ydata()[0] for line in lines_of(ax, BLUE)]
    assert levels == pytest.approx(result.medians)
    assert "Middle\nvalue" in [text.get_text() for text in ax.texts]
    assert not lines_of(ax, PURPLE)
    assert "Model" not in caption(ax)


def test_events_are_numbered_in_order_at_their_dates_and_named_in_the_caption():
    result = its(monthly(), events=[*reversed(EVENTS), {"date": "2030-01-01", "event": "Later"}])
    ax = draw(result)
    numbered = [text for text in ax.texts if text.get_text().isdigit()]
    assert [text.get_text() for text in numbered] == ["1", "2", "3", "4", "5"]
    assert [day(text.xy[0]) for text in numbered] == [pd.Timestamp(e["date"]) for e in EVENTS]
    for number, event in enumerate(EVENTS, start=1):
        assert f"({number}) {event['event']}, " in caption(ax)
    assert "Later" not in caption(ax)


def test_missing_months_are_counted_in_the_caption():
    assert "3 months missing." in caption(draw(shape("missing months")))
    one = its(monthly().drop(index=5))
    assert "1 month missing." in caption(draw(one))
    assert "missing" not in caption(draw(shape("60 months")))


def test_the_title_is_the_finding_and_the_caption_holds_method_and_source():
    result = shape("60 months")
    ax = draw(result, source=SOURCE)
    title, subtitle, _ = (text.get_text() for text in ax.get_figure(root=True).texts)
    assert title.replace("\n", " ") == result.headline()
    assert subtitle == "Occupied bed days, Alder ward"
    assert SOURCE in caption(ax)
    assert "95% band" in caption(ax)
    assert result.estimates["method"].iloc[0] in caption(ax)


def test_a_far_wider_band_is_cut_off_rather_than_squeezing_the_points():
    result = shape("missing months")
    ax = draw(result)
    values = result.points["value"].dropna()
    low, high = ax.get_ylim()
    assert result.points["counterfactual_high"].max() > high
    assert np.ptp(values) > 0.3 * (high - low)


# ---- on the caller's own Axes ------------------------------------------------------------------


@pytest.mark.parametrize("view", [None, "spread", "diagnostics"])
def test_a_callers_axes_is_drawn_on_and_the_figure_keeps_its_size(view):
    figure, ax = plt.subplots(figsize=(7, 4))
    try:
        place = ax.get_position().bounds
        assert draw(shape("60 months"), ax, view=view) is ax
        drawn(ax)
        assert figure.get_size_inches().tolist() == [7, 4]
        assert ax.get_position().bounds == place
        assert not figure.texts  # title and caption are the caller's
    finally:
        plt.close(figure)


def test_plot_is_draw():
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4))
    try:
        assert shape("60 months").plot(left) is left
        assert left.collections
        assert not right.collections
    finally:
        plt.close(figure)


def test_a_new_figure_is_not_shown_a_second_time():
    """pyplot keeps no hold of it: a notebook would show it again, without its alt text."""
    before = plt.get_fignums()
    draw(shape("60 months"))
    assert plt.get_fignums() == before


def test_the_style_does_not_leak():
    before = dict(plt.rcParams)
    draw(shape("60 months"))
    assert dict(plt.rcParams) == before


# ---- asking for what there is not --------------------------------------------------------------


def test_an_unknown_view_names_those_there_are():
    with pytest.raises(ParameterError, match="`spread`, `diagnostics`"):
        draw(shape("60 months"), view="sprad")


def test_an_unknown_size_names_those_there_are():
    with pytest.raises(ParameterError, match="`page`, `phone`"):
        draw(shape("60 months"), size="poster")
