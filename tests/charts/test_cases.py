"""Charts of cases (CUSUM, VLAD) and of reasons (Pareto): words that nothing lies on."""

from __future__ import annotations

import numpy as np
import pytest

import qieval as qi
from qieval.charts import draw
from tests.analysis.pareto.test_pareto import FALLS, events
from tests.analysis.risk_adjusted.test_risk_adjusted import cases
from tests.charts.reading import PALETTE, all_colours, assert_readable, drawn

LONG = {"during a transfer between wards, with somebody from an agency": 7, **FALLS}
RESULTS = {
    "signals": lambda: qi.cusum(cases(3), intervention="2019-01-01", direction="lower"),
    "no signal": lambda: qi.cusum(cases(count=300), threshold=5.0, called="admissions"),
    "both ways": lambda: qi.cusum(cases(count=500), threshold=1.0),
    "vlad": lambda: qi.vlad(cases(3), intervention="2019-01-01"),
    "vlad near 0": lambda: qi.vlad(cases(count=200)),
    "pareto": lambda: qi.pareto(events(LONG, blank=4), called="falls", setting="Laurel ward"),
    "no few": lambda: qi.pareto(events(dict.fromkeys("abcdefghijklmn", 5))),
}


@pytest.mark.parametrize("size", ["page", "phone"])
@pytest.mark.parametrize("name", RESULTS)
def test_no_words_lie_on_one_another_or_leave_the_figure(name, size):
    figure = drawn(draw(RESULTS[name](), size=size, source="A test"))
    assert_readable(figure)
    assert all_colours(figure) <= PALETTE


def test_both_sums_are_drawn_up_and_down_with_their_signals():
    result = RESULTS["both ways"]()
    ax = draw(result)
    upper, lower = (line.get_ydata() for line in ax.lines if len(line.get_xdata()) > 2)
    assert np.asarray(upper) == pytest.approx(result.points["higher"].to_numpy())
    assert np.asarray(lower) == pytest.approx(-result.points["lower"].to_numpy())
    marks = [
        len(one.get_offsets())
        for one in ax.collections
        if hasattr(one, "get_sizes") and len(one.get_sizes())
    ]
    assert marks == [len(result.signals("higher")), len(result.signals("lower"))]


def test_bars_and_line_of_a_pareto_share_one_scale():
    result = RESULTS["pareto"]()
    ax = draw(result)
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(100 * result.points["share"])
    assert ax.lines[0].get_xdata() == pytest.approx(100 * result.points["so_far"].to_numpy())
    assert ax.get_xlim() == (0, 100)
