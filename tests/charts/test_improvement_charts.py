"""Charts of how the improvement went: cycles, involvement, driver diagrams."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

import qieval as qi
from tests.analysis.pdsa_review.logs import cycle, example, log, ramp
from tests.analysis.theory_of_change.test_theory_of_change import CYCLES, THEORY
from tests.charts.reading import (
    PALETTE,
    all_colours,
    assert_readable,
    colours_of_marks,
    contrast,
    drawn,
    points_in,
)

SIZES = ["page", "phone"]


def branched():
    return log(
        cycle("1", started="2018-01-01", ended="2018-01-20", size=1),
        cycle("2", "1", started="2018-02-01", size=None, decision=None),
        cycle("3", "1", started="2018-03-01", size=20, decision="abandon"),
        cycle("A cycle with a long name of its own", "3", started=None, decision="adopt"),
    )


def crowded(count=40):
    """Many cycles in short time, some of them in one day."""
    table = ramp(count, decision="adopt")
    days = pd.Timestamp("2018-01-01") + pd.to_timedelta(np.arange(count) // 2, unit="D")
    return table.assign(started=days, ended=days + pd.Timedelta(days=3))


LOGS = {
    "one": ramp(1),
    "three": ramp(3),
    "branch": branched(),
    "one day": ramp(2, started="2018-01-01"),
    "no dates": ramp(3, started=None),
    "40": crowded(),
    "41": crowded(41),
    "all projects": example(),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", LOGS)
def test_cycles_can_be_read_and_colours_are_ours(case, size):
    figure = drawn(qi.draw(qi.pdsa_review(LOGS[case]), size=size, source="A test"))
    assert_readable(figure)
    assert all_colours(figure) <= PALETTE | {"#ffffff"}
    assert min(map(contrast, colours_of_marks(figure) - {"#ffffff"})) >= 3


@pytest.mark.parametrize("size", SIZES)
def test_every_dated_cycle_is_a_mark_at_its_day(size):
    result = qi.pdsa_review(branched())
    ax = qi.draw(result, size=size)
    days = points_in(ax)[:, 0]
    expected = pd.to_datetime(["2018-01-01", "2018-02-01", "2018-03-01"])
    assert [pd.Timestamp("1970-01-01") + pd.Timedelta(days=day) for day in days] == list(expected)
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None) is not None]
    assert len(arrows) == 2  # to 2 and to 3; the last has no date
    words = " ".join(text.get_text() for text in ax.texts)
    assert "1: 1 of 20" in words
    assert "2: size not recorded" in words


def test_decisions_differ_by_shape_and_colour_and_scale_by_size():
    ax = qi.draw(qi.pdsa_review(branched().assign(size=[1, 10, 20, 20])))
    marks = [mark for mark in ax.collections if isinstance(mark, PathCollection)]
    assert len({mark.get_paths()[0].vertices.tobytes() for mark in marks}) == 3
    assert len({tuple(mark.get_facecolor()[0]) for mark in marks}) == 3
    sizes = [mark.get_sizes()[0] for mark in marks]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[1] < sizes[2]


def occasions(*rows):
    return pd.DataFrame(rows, columns=["stage", "level", "people"])


INVOLVED = {
    "one": (occasions(("testing", "led", 4)), {}),
    "blank": (occasions(("testing", None, None), ("measuring", "none", 0)), {}),
    "long names": (
        occasions(("a", "x", 1234)),
        {
            "stages": {"a": "Making sense of what was found together with everybody", "b": "B"},
            "levels": {"w": "nobody was asked", "x": "extraordinarily-co-produced", "y": "y"},
        },
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", INVOLVED)
def test_involvement_can_be_read(case, size):
    table, more = INVOLVED[case]
    figure = drawn(qi.draw(qi.involvement(table, **more), size=size, source="A test"))
    assert_readable(figure)
    assert all_colours(figure) <= PALETTE | {"#ffffff"}


def test_a_stage_without_a_row_has_a_diamond_and_no_square():
    ax = qi.draw(qi.involvement(occasions(("testing", "led", 4))))
    marks = [(m.get_sizes()[0], place) for m in ax.collections for place in m.get_offsets()]
    squares = [place for size, place in marks if size > 200]
    diamonds = [place for size, place in marks if 30 < size < 100]
    assert (len(squares), len(diamonds)) == (1, 6)
    assert {float(across) for across, _ in diamonds} == {5.5}


LONG = "A very long name of something that somebody wants to change in the whole of the hospital"
THEORIES = {
    "small": THEORY,
    "aim alone": {"aim": {"what": "Falls"}},
    "driver alone": {"aim": {"what": "Falls"}, "drivers": [{"name": "Risk is known"}]},
    "long": {
        "aim": dict.fromkeys(("what", "how_much", "by_when", "for_whom"), LONG),
        "drivers": [
            {
                "name": f"{LONG} {n}",
                "because": LONG,
                "secondary": [
                    {"name": f"{m}", "ideas": [LONG, "B"] if m else []} for m in range(n + 1)
                ],
            }
            for n in range(4)
        ],
    },
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", THEORIES)
def test_driver_diagrams_can_be_read_and_no_box_lies_on_another(case, size):
    cycles = CYCLES if case == "small" else None
    ax = qi.draw(qi.theory_of_change(THEORIES[case], cycles), size=size, source="A test")
    figure = drawn(ax)
    assert_readable(figure)
    assert all_colours(figure) <= PALETTE | {"#ffffff"}
    boxes = [p.get_bbox() for p in ax.patches if isinstance(p, Rectangle)]
    boxes = [Bbox.from_extents(b.x0 + 0.01, b.y0 + 0.01, b.x1 - 0.01, b.y1 - 0.01) for b in boxes]
    overlaps = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
    assert not overlaps


@pytest.mark.parametrize("size", SIZES)
def test_words_stand_inside_their_boxes(size):
    ax = qi.draw(qi.theory_of_change(THEORIES["long"]), size=size)
    drawn(ax)
    boxes = [patch.get_window_extent() for patch in ax.patches]
    heads = {"Aim", "Primary drivers", "Secondary drivers", "Ideas, measures, cycles"}
    for text in ax.texts:
        if text.get_text() in heads:
            continue
        here = text.get_window_extent()
        holding = [b for b in boxes if b.x0 <= here.x0 and here.x1 <= b.x1 and b.y0 <= here.y0 + 2
                   and here.y1 - 2 <= b.y1]  # fmt: skip
        assert holding, text.get_text()


def test_the_diagram_shows_measures_and_cycles_at_its_leaves():
    ax = qi.draw(qi.theory_of_change(THEORY, CYCLES))
    words = " ".join(text.get_text() for text in ax.texts)
    for said in ("Idea: Bell", "Measure: Falls (outcome)", "Cycles: 1 (adapt), 2", "Floors"):
        assert said in words
