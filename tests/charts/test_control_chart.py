"""Control charts: limits as steps by phase, labels, many phases, grids. Legibility of every shape
is tested with run charts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import qieval as qi
from qieval import params
from qieval.charts import draw
from qieval.charts.style import GREY, INK, QUIET
from tests.charts.reading import assert_readable, axes_of, drawn
from tests.charts.spc_series import (
    FOUR,
    control,
    cycles,
    falls,
    month,
    run,
    shape,
    values,
    wards,
)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def caption(ax) -> str:
    return ax.get_figure(root=True).texts[-1].get_text().replace("\n", " ")


def steps_of(ax, colour):
    """Heights of each step line of that colour, without its gaps."""
    found = [
        np.asarray(line.get_ydata(), dtype=float)
        for line in ax.lines
        if to_hex(line.get_color()) == colour.lower() and line.get_linestyle() == "--"
    ]
    return [y[np.isfinite(y)] for y in found]


def test_limits_that_follow_denominators_are_steps_at_every_point():
    result = shape("p, target")
    ax = draw(result)
    lower, upper = steps_of(ax, QUIET)
    for heights, column in ((lower, "lower"), (upper, "upper")):
        corners = heights.reshape(-1, 3) if len(heights) % 3 == 0 else None
        wanted = result.points[column].to_numpy()
        if corners is None:  # the last corner is the gap after the line
            heights = np.append(heights, heights[-1])
            corners = heights.reshape(-1, 3)
        np.testing.assert_allclose(corners[:, 0], wanted)
        np.testing.assert_allclose(corners[:, 1], wanted)
    assert "Limits follow the denominators." in caption(ax)


def test_limits_start_anew_with_each_phase():
    result = control(rephase={month(18): "pathway"})
    lower_first, lower_second, upper_first, upper_second = steps_of(draw(result), QUIET)
    for heights, phase, column in (
        (lower_first, 1, "lower"),
        (upper_first, 1, "upper"),
        (lower_second, 2, "lower"),
        (upper_second, 2, "upper"),
    ):
        here = result.points.loc[result.points["phase"] == phase, column]
        assert heights == pytest.approx(here.iloc[0])


def test_lines_are_labelled_with_what_they_are_and_their_value():
    result = control(target=20)
    row = result.points.iloc[-1]
    shown = texts(draw(result))
    assert f"Mean\n{row['centre']:.0f}" in shown
    assert f"Upper limit\n{row['upper']:.0f}" in shown
    assert f"Lower limit\n{row['lower']:.0f}" in shown
    assert "Target\n20" in shown


def test_the_mean_of_an_earlier_phase_stands_at_its_line():
    result = control(rephase={month(18): "pathway"})
    first = f"{result.estimates['centre'].iloc[0]:.0f}"
    assert first in texts(draw(result))


def test_the_2_sigma_lines_are_light_and_the_limits_are_not():
    ax = draw(control())
    thin = [line for line in ax.lines if to_hex(line.get_color()) == GREY.lower()]
    widths = sorted(line.get_linewidth() for line in thin)
    assert widths[:2] == [0.7, 0.7]


def test_a_g_chart_has_a_median_and_one_point_after_another():
    ax = draw(shape("g"))
    assert any(text.startswith("Median\n") for text in texts(ax))
    assert "Each point is one event." in caption(ax)
    assert "Solid line: the median" in caption(ax)


def test_more_phases_than_fit_above_are_numbered_and_listed():
    ax = draw(control(rephase=FOUR, events=cycles([6, 12])))
    listed = [text.replace("\n", " ") for text in texts(ax)]
    assert "One, July 2017" in listed
    assert "Lines start anew, September 2018" in listed
    assert "Cycle 1, July 2017" in listed
    upright = [
        line
        for line in ax.lines
        if len(line.get_xdata()) == 2 and to_hex(line.get_color()) == INK.lower()
    ]
    assert len(upright) == 4


def test_the_caption_says_rules_version_and_false_alarms():
    said = caption(draw(control()))
    assert "Making Data Count rules (2024)" in said
    assert "in 100 charts" in said
    assert "2021" in caption(draw(control(rules="making_data_count_2021")))


def test_two_points_make_a_chart_without_a_crash():
    assert draw(control(values(2, at=1))) is not None


def test_a_grid_names_each_unit_and_has_dates_below_each_column():
    figure = drawn(draw(shape("run, wards")))
    panels = axes_of(figure)[1:]
    assert [panel.get_title(loc="left")[:6] for panel in panels] == [f"Ward {k}" for k in range(7)]
    with_dates = [
        any(tick.label1.get_visible() for tick in panel.xaxis.get_major_ticks()) for panel in panels
    ]
    assert with_dates == [False] * 4 + [True] * 3


def test_units_of_very_different_size_have_scales_of_their_own_and_the_figure_says_so():
    parts = [values(seed=k).assign(ward=f"Ward {k}") for k in range(3)]
    parts[2]["bed_days"] *= 40
    ax = draw(control(pd.concat(parts), by="ward"))
    panels = axes_of(drawn(ax))[1:]
    assert len({panel.get_ylim() for panel in panels}) == 3
    assert "each panel has its own scale" in " ".join(texts(ax))


@pytest.mark.parametrize("chart", [control, run])
@pytest.mark.parametrize(
    ("scales", "different"), [("auto", False), ("shared", False), ("free", True)]
)
def test_scales_are_shared_or_free_on_request(chart, scales, different):
    ax = draw(chart(wards(3), by="ward", scales=scales))
    limits = {panel.get_ylim() for panel in axes_of(drawn(ax))[1:]}
    assert len(limits) == (3 if different else 1)
    assert ("each panel has its own scale" in " ".join(texts(ax))) == different


def test_shared_scales_hold_the_values_of_units_of_very_different_size():
    parts = [values(seed=k).assign(ward=f"Ward {k}") for k in range(3)]
    parts[2]["bed_days"] *= 40
    panels = axes_of(drawn(draw(control(pd.concat(parts), by="ward", scales="shared"))))[1:]
    ((low, high),) = {panel.get_ylim() for panel in panels}
    assert low <= 0
    assert high > parts[2]["bed_days"].max()


def by_two(wards_, sexes):
    return pd.concat(
        [
            values(seed=10 * i + j).assign(ward=f"Ward {ward}", sex=sex)
            for i, ward in enumerate(wards_)
            for j, sex in enumerate(sexes)
        ]
    )


def places_of(ax):
    """Title → (column, row) of each panel, from its place on the page."""
    panels = axes_of(drawn(ax))[1:]
    boxes = {panel.get_title(loc="left"): panel.get_window_extent() for panel in panels}
    across = sorted({round(box.x0) for box in boxes.values()})
    down = sorted({round(box.y0) for box in boxes.values()}, reverse=True)
    return {
        name: (across.index(round(box.x0)), down.index(round(box.y0)))
        for name, box in boxes.items()
    }


def test_a_grid_of_two_columns_has_a_row_a_group_of_one_and_names_both():
    table = by_two("ABCD", ["f", "m"])
    table = table[~((table["ward"] == "Ward B") & (table["sex"] == "f"))]
    ax = draw(control(table, by=["ward", "sex"]))
    found = places_of(ax)
    expected = {f"Ward {w}, {s}": (k, i) for i, w in enumerate("ABCD") for k, s in enumerate("fm")}
    expected.pop("Ward B, f")  # no data: its place stays empty
    assert found == expected
    panels = {panel.get_title(loc="left"): panel for panel in axes_of(drawn(ax))[1:]}
    dated = [
        name
        for name, panel in panels.items()
        if any(tick.label1.get_visible() for tick in panel.xaxis.get_major_ticks())
    ]
    assert dated == ["Ward A, f", "Ward D, f", "Ward D, m"]  # nothing below them


def test_a_grid_is_turned_where_only_the_first_column_fits_side_by_side():
    found = places_of(draw(control(by_two("AB", ["a", "b", "c", "d"]), by=["ward", "sex"])))
    assert found["Ward A, c"] == (0, 2)
    assert found["Ward B, a"] == (1, 0)


def test_a_grid_on_a_phone_is_one_column():
    ax = draw(control(by_two("AB", ["f", "m"]), by=["ward", "sex"]), size="phone")
    assert {column for column, _ in places_of(ax).values()} == {0}
    assert_readable(drawn(ax))


def test_events_on_a_grid_are_lines_and_their_words_are_in_the_caption():
    ax = draw(control(wards(2), by="ward", events=cycles([4, 9])))
    assert "Dotted upright lines: Cycle 1 (May 2017) and Cycle 2 (October 2017)." in caption(ax)
    for panel in axes_of(drawn(ax))[1:]:
        dotted = [line for line in panel.lines if len(line.get_xdata()) == 2]
        assert len(dotted) == 2


def test_a_grid_of_rare_events_can_be_drawn():
    table = pd.concat([falls(12).assign(ward="A"), falls(20).assign(ward="B")])
    ax = draw(control(table, kind="g", value=None, by="ward"), size="phone")
    assert_readable(drawn(ax))


def test_what_the_example_of_open_data_says_of_p_charts_is_so():
    root = Path(__file__).resolve().parents[2]
    file = params.read_evaluation(
        root / "params" / "open-data" / "nhs-ae-attendances" / "control_chart.yml", root
    )
    asked = params.Parameters("control_chart", file.parameters)
    table = qi.measure(qi.read(**asked.of(qi.read)).table, **asked.of(qi.measure)).table
    given = asked.of(qi.control_chart)
    plain = qi.control_chart(table, **{**given, "kind": "p"})
    laney = qi.control_chart(table, **given)
    assert (plain.points["outside_limits"].sum(), len(plain.points)) == (30, 36)
    assert laney.estimates.loc["centre", "sigma_z"] == pytest.approx(7.5, abs=0.05)
    assert laney.points["outside_limits"].sum() < 10
    assert_readable(drawn(draw(laney, size="phone")))
