"""The timeline of what else happened: every event numbered, none on another, bars with windows."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.dates import date2num

import qieval as qi
from qieval.charts import draw
from qieval.charts.style import LIGHT_BLUE
from tests.analysis.context.test_context import STAFF
from tests.analysis.programme.made import series
from tests.charts.reading import (
    PALETTE,
    all_colours,
    assert_readable,
    axes_of,
    colours_of_marks,
    contrast,
    drawn,
    words_in,
)

SIZES = ["page", "phone"]
ALDER = series("alder", events=[{"date": pd.Timestamp("2018-02-01"), "event": "A merger"}])


def log(dates, kinds=("organisation",)):
    return pd.DataFrame(
        {
            "date": dates,
            "event": [f"Something with a long description, number {n}" for n in range(len(dates))],
            "kind": [kinds[n % len(kinds)] for n in range(len(dates))],
            "planned": [["yes", "no", ""][n % 3] for n in range(len(dates))],
        }
    )


KINDS = ("organisation", "staffing", "policy", "data system")
CASES = {
    "one event": lambda: qi.context(log(["2018-02-01"]), [ALDER]),
    "twelve in one month": lambda: qi.context(log(["2018-02-01"] * 12), [ALDER], staffing=STAFF),
    "fourteen of four kinds": lambda: qi.context(
        log([f"{2016 + n // 5}-{1 + 2 * (n % 5):02}-15" for n in range(14)], KINDS),
        [ALDER, series("birch", outcome="Falls for every 1,000 occupied bed days of all wards")],
        staffing=STAFF,
    ),
    "several projects": lambda: qi.context(
        log(["2018-02-01", "2017-11-01", "2019-05-01"], KINDS),
        [series(f"ward {n}") for n in range(6)],
        staffing=pd.concat([STAFF.assign(project=f"ward {n}", team=f"{n}") for n in range(6)]),
    ),
    "no results": lambda: qi.context(log(["2018-02-01", "2018-02-01"]), []),
    "only the project itself": lambda: qi.context(
        log(["2018-01-01"]).assign(kind="project"), [ALDER]
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_words_hide_nothing_and_stay_inside(case, size):
    figure = drawn(draw(CASES[case](), size=size, source="A test"))
    assert_readable(figure)


@pytest.mark.parametrize("size", SIZES)
def test_every_event_has_its_number_twice_on_the_lane_and_in_the_list(size):
    result = CASES["fourteen of four kinds"]()
    words = [text.get_text() for text in words_in(drawn(draw(result, size=size)))]
    for number in range(1, 15):
        assert words.count(str(number)) == 2
    for kind in KINDS:
        assert kind.capitalize() in words


def test_the_window_is_drawn_where_it_lies():
    ax = draw(CASES["one event"]())
    bars = [mark for mark in ax.collections if LIGHT_BLUE.lower() in _colours(mark)]
    (window,) = [bar.get_paths()[0].vertices[:, 0] for bar in bars]
    expected = [date2num(pd.Timestamp("2017-10-01")), date2num(pd.Timestamp("2018-05-01"))]
    assert window.tolist() == expected


def _colours(mark):
    return {to_hex(colour) for colour in mark.get_edgecolor()}


def test_staffing_stands_on_the_same_months():
    ax = draw(CASES["twelve in one month"]())
    (panel,) = [each for each in axes_of(drawn(ax)) if each is not ax]
    assert panel.get_xlim() == ax.get_xlim()
    assert panel.get_ylim()[0] == 0
    assert len(panel.lines) == 1


def test_colours_are_the_palettes_and_marks_can_be_seen():
    figure = drawn(draw(CASES["several projects"]()))
    assert all_colours(figure) <= PALETTE | {"#ffffff", "#000000"}
    weak = {c for c in colours_of_marks(figure) if contrast(c) < 3}
    assert weak <= {"#d8dde0", "#41b6e6"}  # areas: covered months, and windows
