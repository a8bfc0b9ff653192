"""Charts of access in a crisis: dots, waits, and the week; words that hide nothing."""

from __future__ import annotations

import numpy as np
import pytest

from qieval.charts import draw
from qieval.core.errors import ParameterError
from tests.analysis.crisis_access.test_crisis_access import access, requests
from tests.charts.reading import (
    assert_no_words_on_points,
    assert_readable,
    colours_of_marks,
    contrast,
    drawn,
    points_in,
    words_in,
)

SIZES = ["page", "phone"]
LONG = "Community crisis resolution and home treatment service of the {}"


def long_names():
    table = requests()
    table["team"] = table["team"].map(LONG.format)
    return access(table, by="team")


CASES = {
    "together": lambda: access(requests(waiting=5)),
    "before and since": lambda: access(requests(), intervention="2024-01-01"),
    "teams": lambda: access(requests(), by="team"),
    "long names": long_names,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_words_hide_nothing_and_stay_inside(case, size):
    ax = draw(CASES[case](), size=size, source="A test")
    figure = drawn(ax)
    assert_readable(figure)
    assert_no_words_on_points(ax)
    assert min(map(contrast, colours_of_marks(figure) - {"#ffffff", "#d8dde0"})) >= 3


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", ["waits", "demand"])
def test_the_views_hide_nothing(view, size):
    assert_readable(drawn(draw(access(requests(500)), size=size, view=view, source="A test")))


def test_every_share_is_a_dot():
    found = access(requests(), intervention="2024-01-01")
    places = points_in(draw(found))[:, 0]
    assert sorted(places) == pytest.approx(sorted(100 * found.points["share"]))


def test_few_requests_are_in_no_cell():
    found = access(requests(300))
    hidden = int(found.demand["rate"].isna().sum())
    said = [text.get_text() for text in words_in(drawn(draw(found, view="demand")))]
    assert hidden
    assert said.count("few") == hidden
    for rate in found.demand["rate"].dropna():
        assert f"{np.round(rate, 1):.1f}" in said


def test_a_view_that_is_not_there_is_named():
    with pytest.raises(ParameterError, match="no view `weeks`"):
        draw(access(requests()), view="weeks")
