"""Words are measured, folded and placed so that none lies on another."""

from __future__ import annotations

from itertools import combinations, pairwise

import matplotlib.pyplot as plt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.charts.lettering import BESIDE, apart, fold, line_labels, shorten, width_of

TEXT = "Each point is one month. Shaded: 95% band of what was expected without the change."


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("size", [8, 8.5, 12.5])
def test_a_text_is_no_wider_in_a_figure_than_measured(size, bold):
    figure = plt.figure(figsize=(8, 2), dpi=200)
    try:
        text = figure.text(
            0, 0, TEXT, fontsize=size, fontweight="bold" if bold else "normal", family="DejaVu Sans"
        )
        found = text.get_window_extent().width / 200
    finally:
        plt.close(figure)
    measured = width_of(TEXT, size, bold=bold)
    assert found <= measured
    assert found > 0.9 * measured


def test_the_widest_line_counts():
    assert width_of("a\nlonger\nb", 8) == width_of("longer", 8)


words = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=40)


@given(words=st.lists(words, min_size=1, max_size=12), inches=st.floats(0.5, 6))
def test_folded_lines_fit_and_lose_no_letter(words, inches):
    lines = fold(" ".join(words), 8.5, inches)
    assert "".join(lines).replace(" ", "") == "".join(words)
    assert all(width_of(line, 8.5) <= inches for line in lines)


def test_nothing_folds_to_nothing():
    assert fold("", 8, 3) == []


def test_words_are_not_broken_where_they_fit():
    lines = fold(TEXT, 8, 2)
    assert " ".join(lines) == TEXT
    assert len(lines) > 1


def test_a_text_is_shortened_only_where_it_must_be():
    assert shorten(TEXT, 8, 20) == TEXT
    short = shorten(TEXT, 8, 2)
    assert short.endswith(" …")
    assert TEXT.startswith(short.removesuffix(" …"))
    assert width_of(short, 8) <= 2


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
