"""Power curves: one a waiting time, each with its words, nothing on anything else."""

from __future__ import annotations

from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

import qieval as qi
from qieval.analysis.its import PowerResult
from qieval.charts import draw
from qieval.charts.style import INK
from tests.analysis.its.simulated import monthly
from tests.charts.reading import (
    PALETTE,
    all_colours,
    assert_readable,
    colours_of_marks,
    contrast,
    drawn,
)
from tests.charts.series import LONG

SHAPES = {
    "data": {"value": "bed_days", "wanted": 1.5, "unit": "bed days a day", "setting": "Alder ward"},
    "out of reach": {"value": "bed_days", "wanted": 0.05, "after": [8, 12]},
    "far beyond": {"value": "bed_days", "wanted": 30.0, "after": [12]},
    "one wait": {"value": "bed_days", "after": [12]},
    "eight waits": {"value": "bed_days", "after": [8, 9, 12, 15, 18, 24, 30, 36]},
    "long names": {"value": "bed_days", "after": [8, 12], "wanted": 2.0, **LONG},
    "huge": {"value": "bed_days", "after": [8, 12], "factor": 1e8},
    "tiny": {"value": "bed_days", "after": [8, 12], "factor": 1e-6},
}


@cache
def shape(name: str) -> PowerResult:
    asked = dict(SHAPES[name])
    data = monthly(n=24, at=23, level=0, slope=0)
    data["bed_days"] *= asked.pop("factor", 1)
    return qi.its_power(data, simulations=200, **asked)


@pytest.mark.parametrize("size", ["page", "phone"])
@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_can_be_read(name, size):
    figure = drawn(draw(shape(name), size=size, source="A test"))
    assert_readable(figure)
    assert all_colours(figure) <= PALETTE | {"#ffffff"}
    assert all(contrast(colour) >= 3 for colour in colours_of_marks(figure))


def curves(ax):
    return [line for line in ax.lines if len(line.get_xdata()) > 2]


def test_each_waiting_time_has_its_curve_and_a_dot_at_the_smallest_change():
    result = shape("eight waits")
    ax = draw(result)
    shown = curves(ax)
    assert len(shown) == 8
    for after, line in zip(result.after, shown, strict=True):
        rows = result.points[result.points["after"] == after]
        assert line.get_ydata() == pytest.approx(rows["power"].to_numpy())
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert dots == pytest.approx(result.estimates["estimate"].to_numpy())
    looks = {(to_hex(line.get_color()), line.get_linestyle()) for line in shown}
    assert len(looks) == 8  # no two alike


def test_each_label_stands_on_its_own_curve():
    result = shape("eight waits")
    ax = draw(result)
    labels = [text for text in ax.texts if text.get_text().split()[0].isdigit()]
    assert [text.get_text().split()[0] for text in labels] == [str(k) for k in result.after]
    assert labels[0].get_text() == "8 months"
    for text, line in zip(labels, curves(ax), strict=True):
        x, y = text.xy
        assert np.interp(x, line.get_xdata(), line.get_ydata()) == pytest.approx(y, abs=1e-9)


@pytest.mark.parametrize("name", ["data", "far beyond", "out of reach"])
def test_the_change_hoped_for_is_on_the_scale_and_named(name):
    ax = draw(shape(name))
    wanted = SHAPES[name]["wanted"]
    dashed = [
        line
        for line in ax.lines
        if to_hex(line.get_color()) == INK.lower() and line.get_linestyle() == "--"
    ]
    assert [line.get_xdata()[0] for line in dashed] == [wanted]
    assert ax.get_xlim()[0] <= wanted <= ax.get_xlim()[1]
    assert "Hoped for" in [text.get_text() for text in ax.texts]


def test_without_one_nothing_is_hoped_for():
    assert "Hoped for" not in [text.get_text() for text in draw(shape("one wait")).texts]


def test_a_callers_axes_keeps_its_figure():
    figure, ax = plt.subplots(figsize=(6, 4))
    try:
        assert draw(shape("data"), ax) is ax
        assert figure.get_size_inches().tolist() == [6, 4]
        assert not figure.texts
    finally:
        plt.close(figure)
