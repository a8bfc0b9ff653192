"""The Axes of our figures: what is left out of them is nothing that anybody sees."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes

from qieval.catalogue import EVALUATIONS
from qieval.charts import style
from qieval.charts.style import new_canvas
from qieval.report.figure import drawing_of
from tests.example_results import ROOT, result_of


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("run_chart", ""),
        ("interrupted_time_series", "diagnostics"),
        ("family_of_measures", ""),
        ("survey", "groups"),
        ("pareto", ""),
    ],
)
def test_a_figure_is_what_it_is_with_the_axes_of_matplotlib(
    name: str, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = result_of(ROOT / "params" / EVALUATIONS[name].example)
    ours = drawing_of(result, view)
    monkeypatch.setattr(style, "Panel", Axes)
    monkeypatch.setitem(style.STYLE, "axes.titley", None)
    assert drawing_of(result, view) == ours


def test_minor_ticks_are_there_once_they_are_asked_for() -> None:
    ax = new_canvas().ax
    assert len(ax.xaxis.minorTicks) == 0
    ax.plot([0, 1], [0, 1])
    ax.minorticks_on()
    ax.tick_params(which="minor", length=7)
    ax.figure.draw_without_rendering()
    assert len(ax.xaxis.minorTicks) > 3
    assert {tick.tick1line.get_markersize() for tick in ax.xaxis.minorTicks} == {7}


def test_axes_inside_of_others_are_of_the_same_kind() -> None:
    ax = new_canvas().ax
    assert type(ax.inset_axes((0, 0, 1, 1))) is type(ax)
