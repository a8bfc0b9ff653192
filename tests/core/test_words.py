"""Numbers and lists as people read them."""

import pytest

from qieval.core import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1452.3, "1,452"),
        (12.34, "12.3"),
        (0.0454, "0.045"),
        (-0.0001, "0.000"),
        (0, "0.0"),
        (float("nan"), "not known"),
        (-7.39e53, "−7.4 × 10^53"),
    ],
)
def test_numbers(value, text):
    assert words.number(value) == text


def test_an_interval_has_the_decimals_of_its_width():
    assert words.interval(-1051.11, -715.81) == "−1,051 to −716"
    assert words.interval(3.38, 5.58) == "3.4 to 5.6"
    assert words.interval(0.0171, 0.115) == "0.017 to 0.115"


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((-4.2, -6.3, -2.1), "4.2 lower (2.1 to 6.3 lower)"),
        ((4.2, 2.1, 6.3), "4.2 higher (2.1 to 6.3 higher)"),
        ((-0.5, -3.1, 2.0), "anything from 3.1 lower to 2.0 higher"),
        ((1.0, 0.0, 2.0), "anything from 0.0 lower to 2.0 higher"),  # as the side of an estimate
    ],
)
def test_differences_in_words(numbers, text):
    assert words.lower_or_higher(*numbers) == text


def test_rows_and_sentences():
    assert words.in_a_row(["a", "b", "c"]) == "a, b and c"
    assert words.in_a_row(["a"]) == "a"
    assert words.in_a_row([]) == ""
    assert words.sentence(" it rained ") == "It rained."
    assert words.sentence("Did it?") == "Did it?"


def test_one_percentage_point_is_not_points():
    text = words.lower_or_higher(12.5, -1, 26, "percentage points")
    assert text == "anything from 1 percentage point lower to 26 percentage points higher"
