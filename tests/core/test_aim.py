"""What an aim's words give as a figure, and whether it was reached."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.core.aim import Aim, amount_in, date_in, in_words, judge_aim, read_aim
from qieval.core.errors import ParameterError


@pytest.mark.parametrize(
    ("words", "how", "value", "side"),
    [
        ("15% fewer", "share_of_before", 0.85, -1),
        ("15 % fewer bed days by July 2018", "share_of_before", 0.85, -1),
        ("20 per cent more contacts", "share_of_before", 1.2, 1),
        ("lower by 15%", "share_of_before", 0.85, -1),
        ("halve the number of falls", "share_of_before", 0.5, -1),
        ("Half as many falls", "share_of_before", 0.5, -1),
        ("half of before", "share_of_before", 0.5, -1),
        ("a third fewer", "share_of_before", 2 / 3, -1),
        ("double the contacts", "share_of_before", 2, 1),
        ("half of the people seen", "portion", 0.5, 0),
        ("2 beds fewer", "difference", -2, -1),
        ("1.5 occupied beds fewer", "difference", -1.5, -1),
        ("two fewer falls", "difference", -2, -1),
        ("Fewer occupied bed days, by 2 beds", "difference", -2, -1),
        ("10 more people", "difference", 10, 1),
        ("10 percentage points more", "points", 0.1, 1),
        ("reduce by 10 percentage points", "points", -0.1, -1),
        ("five of six checks", "share", 5 / 6, 1),
        ("Three in four", "share", 0.75, 1),
        ("From one in three young people satisfied to one in two", "share", 0.5, 1),
        ("at least 90%", "share", 0.9, 1),
        ("at least 75% within two weeks", "share", 0.75, 1),
        ("90%", "share", 0.9, 0),
        ("reduce to 15%", "share", 0.15, -1),
        ("From 4% to 50%", "share", 0.5, 1),
        ("every patient", "share", 1, 1),
        ("From 6.5 to 5 for every 1,000 occupied bed days", "target", 5, -1),
        ("at least 1,200 a year", "target", 1200, 1),
        ("below 20", "target", 20, -1),
        ("everyone seen within 14 days", "target", 14, -1),
        ("no falls", "target", 0, -1),
    ],
)
def test_figures_in_words(words, how, value, side):
    amount = amount_in(words)
    assert (amount.how, amount.side) == (how, side)
    assert amount.value == pytest.approx(value)


@pytest.mark.parametrize(
    "words",
    ["", "as few as possible", "fewer long stays", "Fewer occupied bed days from July 2017"],
)
def test_words_without_a_figure_stay_words(words):
    assert amount_in(words).how is None
    aim = Aim(words or "Better care")
    judged = judge_aim(aim, before=10, seen=5, on=date(2019, 1, 1))
    assert (judged.status, judged.aim) == ("cannot tell", aim.text)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("15% fewer by July 2018", date(2018, 7, 31)),
        ("by 31 August 2018", date(2018, 8, 31)),
        ("20% lower by 2018", date(2018, 12, 31)),
        ("before 2018-03-01", date(2018, 3, 1)),
        ("fewer bed days from July 2017", None),
    ],
)
def test_the_last_day_in_words(words, day):
    assert date_in(words) == day


def test_a_target_wins_over_words():
    assert Aim("x", target=24, how_much="2 fewer").amount.wanted(10) == 24


def test_an_aim_as_a_phrase():
    day = date(2018, 8, 31)
    phrase = in_words("Occupied bed days", None, "2 beds fewer", day, "Adults on Maple ward")
    assert phrase == "Occupied bed days: 2 beds fewer by 31 August 2018, for adults on Maple ward"
    assert in_words("Falls", 5.0, "", "June", "") == "Falls: 5 by June"
    assert in_words("Falls", None, "", "", "") == "Falls"


def test_an_unknown_part_is_named_with_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean `measure`"):
        read_aim({"mesure": "falls"})


@pytest.mark.parametrize(
    ("how_much", "before", "seen", "status", "wanted"),
    [
        ("15% fewer", 40, 34, "reached", 34),  # equal counts as reached
        ("15% fewer", 40, 34.1, "not reached", 34),
        ("2 beds fewer", 20, 17.9, "reached", 18),
        ("half of", 8, 4, "cannot tell", 4),  # the words do not say which side
        ("at least 90%", np.nan, 91.0, "reached", 90),
        ("below 20", np.nan, np.nan, "cannot tell", 20),
        ("15% fewer", np.nan, 3, "cannot tell", np.nan),
    ],
)
def test_reached_or_not(how_much, before, seen, status, wanted):
    judged = judge_aim(
        read_aim({"how_much": how_much}), before=before, seen=seen, on=date(2019, 1, 1)
    )
    assert judged.status == status
    assert judged.wanted == pytest.approx(wanted, nan_ok=True)


def test_a_share_is_read_as_the_measure_has_it():
    aim = read_aim({"how_much": "five of six checks"})
    as_share = judge_aim(aim, before=np.nan, seen=0.84, on=None, share=True)
    in_percent = judge_aim(aim, before=np.nan, seen=83.0, on=None, unit="%")
    assert (as_share.status, in_percent.status) == ("reached", "not reached")
    assert in_percent.wanted == pytest.approx(500 / 6)


def test_data_that_end_too_early_cannot_tell():
    aim = read_aim({"target": 20, "how_much": "", "by": date(2020, 3, 31)})
    early = judge_aim(aim, before=30, seen=10, on=date(2020, 2, 29), direction="lower")
    late = judge_aim(aim, before=30, seen=10, on=date(2020, 3, 31), direction="lower")
    assert (early.status, late.status) == ("cannot tell", "reached")


def test_no_aim_is_no_verdict():
    assert judge_aim(Aim(), before=1, seen=1, on=None).words == ""


FIGURES = st.floats(0.1, 1e6)


@given(before=FIGURES, seen=FIGURES, share=st.integers(1, 99))
def test_reversing_the_way_reverses_the_verdict(before, seen, share):
    wanted = before * (1 - share / 100)
    aim = read_aim({"how_much": f"{share}% fewer"})
    judged = judge_aim(aim, before=before, seen=seen, on=None)
    if abs(seen - wanted) > 1e-6 * wanted:
        assert judged.status == ("reached" if seen < wanted else "not reached")


@given(before=FIGURES, seen=FIGURES, scale=st.floats(0.001, 1000))
def test_the_unit_of_measurement_makes_no_difference(before, seen, scale):
    aim = read_aim({"how_much": "20% more"})
    if abs(seen - 1.2 * before) > 1e-6 * before:
        one = judge_aim(aim, before=before, seen=seen, on=None)
        other = judge_aim(aim, before=scale * before, seen=scale * seen, on=None)
        assert one.status == other.status
