"""Run charts: every shape can be read, medians by phase, marks that do not collide."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.dates import date2num

from qieval.charts import draw
from qieval.charts.spc_points import POINT_STYLES
from qieval.charts.style import DARK_BLUE, GREY, INK, QUIET
from tests.charts.reading import (
    PALETTE,
    all_colours,
    assert_no_words_on_points,
    assert_readable,
    axes_of,
    box_of,
    colours_of_marks,
    contrast,
    drawn,
    points_in,
)
from tests.charts.spc_series import CYCLE, SHAPES, TWELVE, cycles, month, run, shape, values

SOURCE = "SIMULATED DATA, not real patients. Source: a test"


def caption(ax) -> str:
    return ax.get_figure(root=True).texts[-1].get_text().replace("\n", " ")


def lines_of(ax, colour):
    return [line for line in ax.lines if to_hex(line.get_color()) == colour.lower()]


def marks_of(ax, look):
    """Places of the points drawn in that look."""
    (found,) = [
        mark
        for mark in ax.collections
        if mark.get_sizes().size
        and mark.get_sizes()[0] == look.size
        and to_hex(mark.get_facecolor()[0]) == to_hex(look.face)
    ]
    return np.asarray(found.get_offsets(), dtype=float)


def numbers_below(ax):
    """The numbered marks under the axis, without those of the list."""
    return [
        text for text in ax.texts if text.get_text().isdigit() and isinstance(text.xycoords, tuple)
    ]


# ---- every shape at every size -----------------------------------------------------------------


@pytest.mark.parametrize("size", ["page", "phone"])
@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_can_be_read(name, size):
    result = shape(name)
    ax = draw(result, size=size, source=SOURCE)
    figure = drawn(ax)
    assert_readable(figure)
    seen = result.points[result.points["value"].notna()]
    if result.by:
        panels = axes_of(figure)[1:]
        assert len(panels) == min(30, result.setup.charts)
        assert sum(len(points_in(panel)) for panel in panels) == min(len(seen), 30 * 36)
        assert {panel.get_ylim() for panel in panels} == {panels[0].get_ylim()}
        assert ("The first 30 of 40" in caption(ax)) == (name == "i, 40 wards")
    else:
        assert_no_words_on_points(ax)
        found = points_in(ax)
        across = date2num(seen["time"])
        if result.setup.every == "event":
            across = np.flatnonzero(result.points["value"].notna()) + 1.0
        expected = np.column_stack([across, seen["value"]])
        np.testing.assert_allclose(found[found[:, 0].argsort()], expected)
        low, high = ax.get_ylim()
        assert low < found[:, 1].min()
        assert found[:, 1].max() < high
        assert (low <= 0 <= high) != ("does not start at zero" in caption(ax))
    assert result.setup.rules_title in caption(ax)
    assert all_colours(figure) <= PALETTE | {"#ffffff"}
    faint = [colour for colour in colours_of_marks(figure) if contrast(colour) < 3]
    assert not faint, f"too faint on white: {faint}"


# ---- lines and points --------------------------------------------------------------------------


def test_a_gap_breaks_the_line_of_the_values_and_is_named():
    ax = draw(run(values().drop(index=[3, 4, 20])))
    joined = next(line for line in lines_of(ax, GREY) if len(line.get_xdata()) == 36)
    assert list(np.flatnonzero(np.isnan(joined.get_ydata()))) == [3, 4, 20]
    assert "Gaps: no value for April 2017, May 2017 and September 2018." in caption(ax)


def test_the_median_is_drawn_by_phase_and_starts_anew_between_two_points():
    result = run(rephase={month(18): "discharge pathway began"})
    ax = draw(result)
    medians = [line for line in lines_of(ax, INK) if len(line.get_xdata()) > 2]
    heights = [sorted(set(line.get_ydata()[np.isfinite(line.get_ydata())])) for line in medians]
    assert heights == [[pytest.approx(v)] for v in result.estimates["centre"]]
    edge = (date2num(pd.Timestamp(month(17))) + date2num(pd.Timestamp(month(18)))) / 2
    (upright,) = [line for line in lines_of(ax, INK) if len(line.get_xdata()) == 2]
    assert upright.get_xdata()[0] == pytest.approx(edge)
    assert np.nanmax(medians[0].get_xdata()) == pytest.approx(edge)
    shown = [text.get_text().replace("\n", " ") for text in ax.texts]
    assert "Discharge pathway began, July 2018" in shown


def test_a_frozen_median_goes_on_broken():
    ax = draw(shape("run, frozen"))
    styles = [line.get_linestyle() for line in lines_of(ax, INK) if len(line.get_xdata()) > 2]
    assert styles == ["-", "--", "-"]
    assert "rest on the first 18 points" in caption(ax)


def test_points_of_the_signal_are_told_by_shape_and_colour():
    result = run()
    ax = draw(result)
    flagged = result.points[result.points["special_cause"]]
    assert len(flagged)
    for kind in flagged["point_type"].unique():
        here = flagged[flagged["point_type"] == kind]
        found = marks_of(ax, POINT_STYLES[kind])
        np.testing.assert_allclose(found[:, 1], here["value"])
    styles = {(style.marker, style.face, style.edge) for style in POINT_STYLES.values()}
    assert len(styles) == len(POINT_STYLES)
    names = ("common_cause", "improvement", "concern", "neutral")
    special = [POINT_STYLES[name].marker for name in names]
    assert len(set(special)) == 4


def test_a_chart_of_common_cause_only_needs_no_key():
    table = values(shift=0, seed=8)
    assert not run(table).points["special_cause"].any()
    assert "Usual variation" not in [text.get_text() for text in draw(run(table)).texts]


def test_excluded_points_are_hollow():
    ax = draw(run(exclude={month(4): "flood"}))
    assert len(marks_of(ax, POINT_STYLES["excluded"])) == 1


def test_the_target_is_drawn_across_and_labelled():
    ax = draw(run(target=20))
    assert "Target\n20" in [text.get_text() for text in ax.texts]
    (line,) = [line for line in lines_of(ax, DARK_BLUE) if line.get_linestyle() == "--"]
    drawn = np.asarray(line.get_ydata(), dtype=float)
    assert set(drawn[~np.isnan(drawn)]) == {20}


# ---- events ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["page", "phone"])
@pytest.mark.parametrize("places", [TWELVE, list(range(24)), [7] * 3])
def test_marks_of_events_stand_at_their_date_and_never_collide(places, size):
    ax = draw(run(events=cycles(places, CYCLE)), size=size)
    assert_readable(drawn(ax))
    marks = numbers_below(ax)
    assert [int(mark.get_text()) for mark in marks] == list(range(1, len(places) + 1))
    for mark, place in zip(marks, places, strict=True):
        at = ax.transData.transform((date2num(pd.Timestamp(month(place))), 0))[0]
        box = box_of(mark)
        assert (box.x0 + box.x1) / 2 == pytest.approx(at, abs=1.5)


def test_cycles_differ_from_other_events_by_shape_and_colour_and_all_are_listed():
    ax = draw(run(events=cycles([3, 9, 15], CYCLE)))
    looks = [
        (type(mark.get_bbox_patch().get_boxstyle()).__name__, mark.get_bbox_patch().get_facecolor())
        for mark in numbers_below(ax)
    ]
    assert [name for name, _ in looks] == ["Round", "Round", "Square"]
    assert [to_hex(face) for _, face in looks] == [DARK_BLUE.lower()] * 2 + [QUIET.lower()]
    listed = " ".join(text.get_text().replace("\n", " ") for text in ax.texts)
    for number, name in ((1, "April 2017"), (2, "October 2017"), (3, "April 2018")):
        assert f"{CYCLE.format(number)}, {name}" in listed


def test_events_outside_the_data_are_not_drawn():
    ax = draw(run(events=[*cycles([3]), {"date": "2030-01-01", "event": "Later"}]))
    assert [mark.get_text() for mark in numbers_below(ax)] == ["1"]


def test_a_chart_on_axes_of_the_caller_keeps_the_figure():
    figure, axes = plt.subplots(1, 2, figsize=(12, 5))
    plt.close(figure)
    result = run(target=20, events=cycles(TWELVE))
    assert result.plot(axes[0]) is axes[0]
    assert tuple(figure.get_size_inches()) == (12, 5)
