"""Words are placed so that none lies on another."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from qieval.charts.label_places import BESIDE, apart, line_labels


@given(
    wanted=st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=6),
    half=st.floats(0.01, 0.08),
)
def test_labels_at_the_side_keep_their_order_their_distance_and_inside(wanted, half):
    placed = apart(sorted(wanted), [half] * len(wanted))
    assert placed == sorted(placed)
    assert all(b - a >= 2 * half - 1e-9 for a, b in pairwise(placed))
    assert placed[0] >= half - 1e-9
    assert placed[-1] <= 1 - half + 1e-9


def test_labels_that_are_apart_stay_where_they_are():
    assert apart([0.2, 0.5, 0.8], [0.05] * 3) == [0.2, 0.5, 0.8]


def test_words_stand_at_the_side_with_more_room():
    (label,) = line_labels([1.0], ["Weekly review, July 2020"], -0.5, 7.5)
    assert (label.left, label.up, len(label.lines)) == (False, 0, 1)
    (label,) = line_labels([6.5], ["Weekly review, July 2020"], -0.5, 7.5)
    assert label.left


@given(
    gaps=st.lists(st.floats(0.15, 2), min_size=1, max_size=5),
    start=st.floats(0, 1),
    text=st.sampled_from(["{}: May 2020", "{}: week from 19 July 2021", "{}: April to June 2019"]),
)
def test_words_at_lines_never_meet_and_stay_between_the_edges(gaps, start, text):
    places = [start]
    for gap in gaps:
        places.append(places[-1] + gap)
    end = max(4.0, places[-1] + 0.4)
    texts = [text.format(number) for number in range(1, len(places) + 1)]
    labels = line_labels(places, texts, -0.4, end)
    assert [label.at for label in labels] == places
    for one, other in combinations(labels, 2):
        assert not one.meets(other)
    for label, whole in zip(labels, texts, strict=True):
        assert " ".join(label.lines) == whole  # nothing is cut here
        low, high = label.reach
        assert low >= -0.4 - BESIDE
        assert high <= end + BESIDE


def test_where_nothing_else_fits_the_numbers_remain():
    texts = [f"{n}: Multidisziplinär 2020" for n in (1, 2, 3)]
    labels = line_labels([0.2, 0.4, 0.6], texts, 0.0, 0.8)
    assert [label.lines for label in labels] == [["1"], ["2"], ["3"]]
