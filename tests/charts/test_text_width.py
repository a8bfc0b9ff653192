"""Words are measured, and folded or shortened to fit."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.charts import text_width
from qieval.charts.text_width import FONTS, _letter, fold, line_width, shorten, width_of

TEXT = "Each point is one month. Shaded: 95% band of what was expected without the change."


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("size", [8, 8.5, 12.5])
def test_a_text_is_no_wider_in_a_figure_than_measured(size, bold):
    figure = plt.figure(figsize=(8, 2), dpi=200)
    try:
        text = figure.text(
            0, 0, TEXT, fontsize=size, fontweight="bold" if bold else "normal", family=FONTS
        )
        found = text.get_window_extent().width / 200
    finally:
        plt.close(figure)
    measured = width_of(TEXT, size, bold=bold)
    assert found <= measured
    assert found > 0.85 * measured


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


@pytest.mark.parametrize("text", ["x" * 3000, "x " * 1500])
def test_a_text_of_3000_letters_is_folded_in_linear_time(text, monkeypatch):
    measured = []
    monkeypatch.setattr(text_width, "_letter", lambda letter, bold: measured.append(letter) or 0.5)
    text_width.line_width.cache_clear()
    lines = fold(text, 8.5, 1)
    text_width.line_width.cache_clear()  # of letters that are not so wide
    assert len(lines) > 100
    assert len(measured) < 30 * len(text)


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


ARIAL = {"a": 1139, "H": 1479, "0": 1139, " ": 569, "−": 1196, "ł": 455}
"""Widths of Arial's letters in 2048ths of its size, as its table of horizontal metrics has them."""


@pytest.mark.parametrize("letter", ARIAL)
def test_letters_are_as_wide_as_arials(letter):
    assert line_width(letter, 2048) == pytest.approx(ARIAL[letter], abs=1)


@pytest.mark.parametrize("text", ["Müller", "Łódź", "ward ≤ 3 → 4", "مريض", "日本", ""])
def test_letters_of_any_alphabet_have_a_width(text):
    assert (line_width(text, 9) > 0) == bool(text)


def test_a_word_without_end_is_folded_in_linear_time():
    """Every look at a letter is counted by the cache of its width."""
    word = "Wi" * 10_000
    before = _letter.cache_info()
    lines = fold(word, 8, 2)
    after = _letter.cache_info()
    looked_at = after.hits + after.misses - before.hits - before.misses
    assert looked_at < 4 * len(word)
    assert "".join(lines) == word
    assert all(width_of(line, 8) <= 2 for line in lines)
