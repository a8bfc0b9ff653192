"""Charts of patient flow: words where they can be read, and the result's own numbers drawn."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from qieval.charts import draw
from tests.charts import flow_results as made
from tests.charts.reading import (
    PALETTE,
    all_colours,
    assert_readable,
    axes_of,
    colours_of_marks,
    contrast,
    drawn,
    points_in,
)

SIZES = ["page", "phone"]
CHANGE = {"intervention": "2023-01-01"}
CASES = {
    "stay": (made.length_of_stay, {}, None),
    "stay, few": (made.length_of_stay, {"number": 15}, None),
    "stay, change": (made.length_of_stay, CHANGE, None),
    "stay, 3 wards": (made.length_of_stay, {"wards": 3, "by": "ward"}, None),
    "stay, 12 wards": (made.length_of_stay, {"wards": 12, "by": "ward"}, None),
    "readmissions": (made.readmissions, {}, None),
    "readmissions, change": (made.readmissions, {**CHANGE, "every": "quarter"}, None),
    "readmissions, 3 wards": (made.readmissions, {"wards": 3, "by": "ward"}, None),
    "readmissions, 25 wards": (made.readmissions, {"wards": 25, "by": "ward"}, None),
    "waits": (made.waits, {}, None),
    "waits, change": (made.waits, {**CHANGE, "care": "a first appointment"}, None),
    "waits, teams": (made.waits, {"teams": 3, "by": "team"}, None),
    "waits, periods": (made.waits, {}, "periods"),
    "waits, periods, change": (made.waits, CHANGE, "periods"),
    "flow": (made.patient_flow, {"target_occupancy": 85}, None),
    "flow, 5 years": (made.patient_flow, {"months": 60}, None),
    "flow, sums alone": (made.patient_flow, {"beds": False, "moved": False}, None),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_words_can_be_read_and_colours_are_ours(case, size):
    make, more, view = CASES[case]
    ax = draw(make(**more), size=size, source="A test", view=view)
    figure = drawn(ax)
    assert_readable(figure)
    assert all_colours(figure) <= PALETTE | {"#ffffff"}
    assert min(map(contrast, colours_of_marks(figure))) >= 3


def line_of(ax, colour_number: int = 0):
    """The first, second … curve that is drawn thick."""
    return [line for line in ax.lines if line.get_linewidth() > 2][colour_number]


def test_the_curve_is_the_result_as_long_as_enough_are_seen():
    found = made.length_of_stay()
    line = line_of(draw(found))
    rows = found.points
    seen = rows[(rows["at_risk"] >= 10) & (rows["share"] >= 0.01)]
    drawn_at, drawn_share = (
        np.asarray(values)[1:] for values in (line.get_xdata(), line.get_ydata())
    )
    share = pd.Series(100 * seen["share"].to_numpy(), index=seen["nights"].to_numpy())
    assert drawn_share == pytest.approx(share[drawn_at].to_numpy())
    assert drawn_at[-1] == share.index[-1]
    # Steps too small to be seen are drawn as one: never a percent beside the curve.
    latest = drawn_share[np.searchsorted(drawn_at, share.index, side="right") - 1]
    assert np.abs(latest - share).max() <= 1
    assert line.get_ydata()[0] == 100


def test_half_and_nine_in_ten_are_marked_on_the_curve():
    found = made.length_of_stay()
    ax = draw(found)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    places = [float(dot.get_xdata()[0]) for dot in dots]
    assert places == [found.term("median").value, found.term("p90").value]
    heights = [float(dot.get_ydata()[0]) for dot in dots]
    assert heights[0] <= 50
    assert heights[1] <= 10


def test_every_group_of_few_is_named_and_of_many_only_all_stand_out():
    few = draw(made.length_of_stay(wards=3, by="ward"))
    names = {text.get_text() for text in few.texts}
    assert {"All together", "Ward 1", "Ward 2", "Ward 3"} <= names
    styles = {line.get_linestyle() for line in few.lines if line.get_linewidth() > 2}
    assert len(styles) > 1  # told apart by more than colour
    many = draw(made.length_of_stay(wards=12, by="ward"))
    assert len([line for line in many.lines if line.get_linewidth() > 2]) == 1
    assert len([line for line in many.lines if line.get_linewidth() < 1]) == 12


def test_the_target_of_waits_is_a_line():
    ax = draw(made.waits())
    assert any(list(line.get_xdata()) == [28, 28] for line in ax.lines)
    assert "Target: 28 days" in {text.get_text() for text in ax.texts}


@pytest.mark.parametrize("size", SIZES)
def test_every_whole_period_of_readmissions_is_a_point(size):
    found = made.readmissions()
    points = points_in(draw(found, size=size))
    assert points[:, 1] == pytest.approx(100 * found.points["share"].to_numpy())


def test_groups_stand_in_their_order_not_by_size():
    found = made.readmissions(wards=5, by="ward")
    ax = draw(found)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(found.groups[1:])
    points = points_in(ax)
    shares = [
        100 * found.term(found.term_of("readmitted", group)).value for group in found.groups[1:]
    ]
    assert points[:, 0] == pytest.approx(np.array(shares))
    assert "no ranking" in drawn(ax).texts[-1].get_text().replace("\n", " ")


def test_periods_in_which_the_target_had_not_passed_are_not_drawn():
    found = made.waits()
    rows = found.periods[found.periods["too_early"] == 0]
    points = points_in(draw(found, view="periods"))
    assert len(points) == len(rows) < len(found.periods)
    assert points[:, 1] == pytest.approx(100 * rows["share"].to_numpy())


def test_flow_shows_beds_and_marks_a_change_in_size():
    ax = draw(made.patient_flow())
    panels = axes_of(drawn(ax))[1:]
    assert len(panels) == 3
    for panel in panels:
        assert any(len(set(line.get_xdata())) == 1 for line in panel.lines)
        assert panel.get_ylim()[0] == 0
    assert "Beds available" in {text.get_text() for text in panels[0].texts}
    assert len(axes_of(drawn(draw(made.patient_flow(beds=False, moved=False))))) == 2


def test_beside_other_charts_they_draw_where_they_are_told():
    figure, axes = plt.subplots(1, 4, figsize=(20, 4))
    try:
        for make, ax in zip(
            [made.length_of_stay, made.readmissions, made.waits, made.patient_flow],
            axes,
            strict=True,
        ):
            assert make().plot(ax) is ax
        assert figure.get_size_inches().tolist() == [20, 4]
    finally:
        plt.close(figure)
