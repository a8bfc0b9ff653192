"""The figure in the words of an aim."""

from __future__ import annotations

from datetime import date

import pytest

from qieval.core.aim import Aim, Amount, amount_in, in_words


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("2 beds fewer", Amount("by", -2)),
        ("1.5 occupied beds fewer", Amount("by", -1.5)),
        ("three more visits a week", Amount("by", 3)),
        ("Fewer occupied bed days, by 2 beds", Amount("by", -2)),
        ("15 % fewer", Amount("by_share", -0.15)),
        ("20 per cent more contacts", Amount("by_share", 0.2)),
        ("lower by 15%", Amount("by_share", -0.15)),
        ("Half as many falls", Amount("by_share", -0.5)),
        ("a third fewer", Amount("by_share", -1 / 3)),
        ("From 6.5 to 5 for every 1,000 occupied bed days", Amount("to", 5)),
        ("From 4% to 50%", Amount("to", 0.5, share=True)),
        ("From one in three young people satisfied to one in two", Amount("to", 0.5, share=True)),
        ("Three in four", Amount("to", 0.75, share=True)),
        ("five of six checks", Amount("to", 5 / 6, share=True)),
        ("Half of the people seen", Amount("to", 0.5, share=True)),
        ("at least 1,200 a year", Amount("to", 1200)),
        ("90%", Amount("to", 0.9, share=True)),
    ],
)
def test_figures_in_words(words: str, amount: Amount) -> None:
    found = amount_in(words)
    assert found is not None
    assert (found.how, found.share) == (amount.how, amount.share)
    assert found.value == pytest.approx(amount.value)


@pytest.mark.parametrize("words", ["", "as few as possible", "fewer long stays", "before summer"])
def test_words_without_a_figure_stay_words(words: str) -> None:
    assert amount_in(words) is None
    assert Aim(words, how_much=words).amount is None


def test_a_target_wins_over_words() -> None:
    assert Aim("x", target=24, how_much="2 fewer").amount == Amount("to", 24)
    assert Aim("Fewer falls").amount is None


def test_an_aim_as_a_phrase() -> None:
    day = date(2018, 8, 31)
    said = in_words("Occupied bed days", None, "2 beds fewer", day, "Adults on Maple ward")
    assert said == "Occupied bed days: 2 beds fewer by 31 August 2018, for adults on Maple ward"
    assert in_words("Falls", 5.0, "", "June", "") == "Falls: 5 by June"
    assert in_words("Falls", None, "", "", "") == "Falls"
